import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmmigrate.config.codes import load_rules
from crmmigrate.standardize.addresses import standardize_addresses
from crmmigrate.standardize.booleans import standardize_booleans
from crmmigrate.standardize.choices import standardize_choices
from crmmigrate.standardize.countries import standardize_countries
from crmmigrate.standardize.dates import (
    infer_date_order,
    standardize_dates,
    standardize_datetimes,
)
from crmmigrate.standardize.identifiers import standardize_identifiers
from crmmigrate.standardize.languages import standardize_languages
from crmmigrate.standardize.money import standardize_money
from crmmigrate.standardize.numbers import standardize_numbers
from crmmigrate.values.dates import read_date

KERNELS = {
    "addresses": standardize_addresses,
    "booleans": standardize_booleans,
    "choices": standardize_choices,
    "countries": standardize_countries,
    "dates": standardize_dates,
    "datetimes": standardize_datetimes,
    "identifiers": standardize_identifiers,
    "languages": standardize_languages,
    "money": standardize_money,
    "numbers": standardize_numbers,
}
CONTRACT = ["value", "status", "codes", "message", "confidence", "alternatives"]
STATUSES = {"unchanged", "normalised", "repaired", "split", "ambiguous", "invalid", "left_alone"}
REGIONS = ["RO", "NO", "TH", "US", "GB", "DE", "FR", "CA", "JP", "IN", "BR", "IR", "ZZ", "XX", None]

pieces = st.sampled_from(
    "12 3 2024 03/04/2024 29.02.24 2567 feb. Str. Strada nr. 28 ap. bl. 5C Cluj-Napoca 400114 RO jud. US$ lei 1.234,56 (12) - , \n da Germany "
    "Deutsch กทม. 10110 ถ.สุขุมวิท ต.สุเทพ 東京都 〒100-0005 Main St NY 10001 SW1A 1AA gate 0154 Oslo n/a 0000-00-00 10:05 pm £ kr 1e5 % × \u200f é 😀".split(
        " "
    )
)
texts = st.one_of(
    st.lists(pieces, min_size=1, max_size=7).map(" ".join),
    st.text(max_size=30),
    st.none(),
)
frames = st.lists(st.tuples(texts, st.sampled_from(REGIONS)), max_size=5).map(
    lambda rows: pl.DataFrame(rows, schema={"text": pl.String, "_region": pl.String}, orient="row")
)
relaxed = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("name", KERNELS)
@given(first=frames, second=frames)
@relaxed
def test_a_kernel_is_closed_under_concatenation(book, name, first, second):
    kernel = KERNELS[name]
    together = kernel(pl.concat([first, second]), book, {})
    apart = pl.concat([kernel(first, book, {}), kernel(second, book, {})])
    assert together.equals(apart)
    assert set(CONTRACT) <= set(together.columns)
    assert set(together["status"]) <= STATUSES


@pytest.mark.parametrize("name", KERNELS)
@given(frame=frames)
@relaxed
def test_a_kernel_does_not_change_what_it_gave(book, name, frame):
    kernel = KERNELS[name]
    once = kernel(frame, book, {})
    parts = [c for c in once.columns if c not in {*CONTRACT, "unparsed"}]
    twice = kernel(
        once.select(pl.col("value").alias("text"), *parts).with_columns(frame["_region"]), book, {}
    )
    assert twice["value"].to_list() == once["value"].to_list()
    for part in parts:
        assert twice[part].to_list() == once[part].to_list()


@pytest.mark.parametrize("name", KERNELS)
@given(frame=frames)
@relaxed
def test_a_value_is_only_lost_if_there_was_none(book, name, frame):
    result = KERNELS[name](frame, book, {})
    for text, value, status in zip(frame["text"], result["value"], result["status"], strict=True):
        if value is None:
            assert text is None or not "".join(c for c in text if c.isalnum())
        if status in {"invalid", "ambiguous"}:
            assert value == text


@given(frame=frames)
@relaxed
def test_the_fast_lane_of_dates_agrees_with_the_scalar(book, frame):
    result = standardize_dates(frame, book, {})
    for row, (text, region) in zip(result.iter_rows(named=True), frame.iter_rows(), strict=True):
        scalar = read_date(text, book.get(region))
        assert (row["value"], row["status"], tuple(row["codes"])) == (
            scalar.value,
            scalar.status,
            scalar.codes,
        )


@pytest.mark.parametrize(
    "text", ["2024-02-29", "2023-02-29", "1899-12-30", "1799-01-01", "2024-13-01", "1900-01-00"]
)
def test_iso_dates_go_the_same_way_in_both_lanes(book, text):
    frame = pl.DataFrame({"text": [text], "_region": ["RO"]})
    scalar = read_date(text, book.get("RO"))
    assert standardize_dates(frame, book, {}).row(0)[:2] == (scalar.value, scalar.status)


def test_every_code_that_fires_is_documented(book):
    known = load_rules()
    frame = pl.DataFrame(
        {
            "text": [
                "03/04/2024",
                "12/25/2024",
                "1.234",
                "kr 5",
                "Nga",
                "x y z",
                "Str. X 5, Cluj",
                "n/a",
            ],
            "_region": [None, "RO", None, None, "RO", "RO", "RO", "RO"],
        }
    )
    for kernel in KERNELS.values():
        for codes in kernel(frame, book, {})["codes"]:
            assert set(codes) <= set(known)


def test_the_order_of_a_column_needs_evidence(book):
    rules = book.get("US")
    assert infer_date_order(pl.Series(["03/04/2024", "25/04/2024"]), rules).order == "dmy"
    assert infer_date_order(pl.Series(["03/04/2024", "04/25/2024"]), book.get("RO")).order == "mdy"
    assert infer_date_order(pl.Series(["25/04/2024", "04/25/2024"]), rules).order is None
    assert infer_date_order(pl.Series(["03/04/2024"]), book.get(None)).order is None
    assert infer_date_order(pl.Series(["03/04/2024"]), rules).order == "mdy"


def test_the_amount_and_currency_may_stand_in_columns(book):
    frame = pl.DataFrame(
        {"text": [None], "amount": ["1.234,50"], "currency": ["EUR"], "_region": ["RO"]},
        schema_overrides={"text": pl.String},
    )
    assert standardize_money(frame, book, {}).row(0)[:3] == ("1234.50 EUR", "1234.50", "EUR")
