"""The vectorised lanes of numbers, amounts and moments give what the scalars give."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.config.regions import load_region_book
from crmmigrate.standardize.dates import read_dates_by_shape
from crmmigrate.standardize.kinds import KINDS
from crmmigrate.standardize.money import read_amounts_by_shape, standardize_money
from crmmigrate.standardize.numbers import read_numbers_by_shape
from crmmigrate.standardize.outcomes import outcome_frame
from crmmigrate.values.dates import read_datetime
from crmmigrate.values.money import read_money
from crmmigrate.values.numbers import read_number

PLAIN = st.from_regex(r"-?[0-9]{0,4}(?:[.,][0-9]{1,4}){0,3}", fullmatch=True)
AROUND = st.sampled_from(
    ["{} lei", "kr {}", "-{}", "({})", "{}-", "{} k", "{}%", "${}", "-$ {}", "{} CR", "1{}", "๑{}",
     "{} EUR incl. VAT", "{} XYZW", "{},-", "'{}", "{}e5", "{} - {}", "12 345,{}", "1'234.{}", "~{}",
     "minus {}", "{} neg", "{} (-)", "$ {} USD", "$ {} CAD", "{}B", "（{}）"]
)  # fmt: skip
WRITTEN = st.builds(lambda form, number: form.replace("{}", number), AROUND, PLAIN)
TEXTS = st.lists(PLAIN | WRITTEN, min_size=1)
REGIONS = st.sampled_from(["RO", "US", "TH", "CH", None])


def _frame(texts, region):
    texts = [text for text in texts if text] or ["0"]
    schema = {"text": pl.String, "_region": pl.String}
    return pl.DataFrame({"text": texts, "_region": [region] * len(texts)}, schema=schema)


@settings(max_examples=200, deadline=None)
@given(texts=TEXTS, region=REGIONS)
def test_numbers_and_amounts_are_read_alike(texts, region):
    book = load_region_book()
    rules, frame = book.get(region), _frame(texts, region)
    known = rules is not book.default
    numbers = outcome_frame(
        [
            read_number(t, rules.number, known=known, languages=rules.languages)
            for t in frame["text"]
        ]
    )
    assert read_numbers_by_shape(frame, book, {}).equals(numbers)
    amounts = outcome_frame([read_money(t, rules) for t in frame["text"]], ("amount", "currency"))
    assert read_amounts_by_shape(frame, book, {}).equals(amounts)


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(
        st.from_regex(r"(18|19|20)\d\d-[01]\d-[0-3]\d [0-2]\d:[0-6]\d:[0-6]\d", fullmatch=True)
    ),
    region=REGIONS,
)
def test_moments_are_read_alike(texts, region):
    book = load_region_book()
    frame = _frame([t for t in texts if t.isascii()] or ["2024-02-29 23:59:59"], region)
    scalar = outcome_frame([read_datetime(t, book.get(region), None) for t in frame["text"]])
    assert read_dates_by_shape(frame, book, {}, moments=True).equals(scalar)


AMOUNTS = [
    "1\u202f111\u202f111,11 €", "11 111,1", "111.111", "1.23456789", "1234567", "0123456.50", "012.345", "0.345", "1,11,111",
    "111,11,111.00", "12 - 13", "about 7 of 9", "n/a 5", "٥٬٠٠٠٫٥٠", "7" * 50, "7" * 70, "5 EUR / 6 USD", "(1.234)", "-0,00",
    "12k", "1.5k", "0.5k", "-12,5k", "12.345 mio", "7 bn", "1e5", "12e3", "1.25e+10", "120e-1", "1.234,5 k", "03k",
    "#DIV/0!", "$50", "12 kr", "50p", "5p", "150p", "1.000 TEUR", "$2K", "1,5 Mio. €", "5 billion", "2,345 lei", "100 lei/luna", "50 bani",
    "¢ 7", "12345 øre", "1万円", "5 ล้านบาท", "2 mil", "٥٠ p", "05p", "1,2345 k", "012 kr", "٥٠ kr", None, "",
]  # fmt: skip


@pytest.mark.parametrize("region", ["DE", "US", "IN", "FR", "GB", "NO", "ES", None])
def test_a_column_of_amounts_is_read_as_each_cell(book, region):
    schema = {"text": pl.String, "_region": pl.String}
    frame = pl.DataFrame({"text": AMOUNTS, "_region": [region] * len(AMOUNTS)}, schema=schema)
    each = [read_money(text, book.get(region)) for text in AMOUNTS]
    expected = outcome_frame(each, ("amount", "currency"))
    assert read_amounts_by_shape(frame, book, {}).rows() == expected.rows()


@pytest.mark.parametrize("kernel", [standardize_money, read_amounts_by_shape])
def test_a_currency_beside_the_amount_counts(book, kernel):
    frame = pl.DataFrame(
        {"text": ["5.00", "6.00"], "currency": ["EUR", None], "_region": ["RO"] * 2}
    )
    assert kernel(frame, book, {})["value"].to_list() == ["5.00 EUR", "6.00"]


def test_spoilt_signs_are_repaired_whatever_the_digits(book):
    texts = [
        f"{whole} {sign}"
        for whole in ("1.234", "7.891", "12")
        for sign in ("€", "â‚¬", "&#8364;", "&#163;")
    ]
    frame = pl.DataFrame({"text": texts, "_region": ["DE"] * len(texts)})
    alone = [KINDS["money"].standardize(frame[at : at + 1], book, {}) for at in range(len(texts))]
    done = KINDS["money"].standardize(frame, book, {})
    assert done.equals(pl.concat(alone))
    assert done["value"][:4].to_list() == ["1234 EUR", "1234 EUR", "1234 EUR", "1234 GBP"]
