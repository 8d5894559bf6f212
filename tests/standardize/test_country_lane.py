"""The vectorised lane of countries and its folding say what the scalar readings say."""

import polars as pl
from babel import Locale
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.compiled.words import START, make_table
from crmmigrate.standardize.countries import read_countries, standardize_countries
from crmmigrate.standardize.fold_loops import look_up
from crmmigrate.values.countries import read_country
from crmmigrate.values.folding import fold
from crmmigrate.values.outcome import tidy

LANGUAGES = "en de fr ro nb th ja zh ru el tr ar fa he hi vi pl hu lt is si km chr".split()
NAMES = [n for of in LANGUAGES for n in Locale.parse(of).territories.values()]
ODD = ["NA", "na", "N/A", "uk", "U.S.A.", "642", "4", "840.0", "Kongo", "Kongo (CD)", "Romnia", "USSR", "", "x", "🇷🇴"]  # fmt: skip


CHARACTERS = st.characters(max_codepoint=0x2FFFF, exclude_categories=("Cs", "Cn"))
"""Those that every version of Unicode in use knows."""


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.builds(
            lambda name, change: change(name),
            st.sampled_from(NAMES + ODD * 20),
            st.sampled_from([str, str.upper, str.lower, lambda t: f" {t} ", lambda t: t[:-1]]),
        ),
        min_size=10,
        max_size=10,
    ),
    st.sampled_from(["RO", "NO", "PL", None]),
)
def test_countries(book, texts, region):
    frame = pl.DataFrame(
        {"text": texts, "_region": [region] * len(texts)},
        schema={"text": pl.String, "_region": pl.String},
    )
    outcome = read_countries(frame, book)
    assert outcome.equals(standardize_countries(frame, book, {}))
    for text, row in zip(texts, outcome.iter_rows(named=True), strict=True):
        reading = read_country(text, book.get(region).languages)
        assert (row["value"], row["status"], row["codes"], row["alternatives"], row["message"]) == (
            *(reading.value, reading.status, list(reading.codes)),
            *(list(reading.alternatives), reading.message),
        )


ODD_CHARACTERS = st.sampled_from(
    "\u0301\u0323\u0e48\u0e38\u093c\u094d\u09c7\u09be\u0dd9\u0dcf\u0dca\u200d\u200c\xad &'’-ßſİıæﷺ각\u1112\u1161\u11ab①２か\u3099\x85\x00"
)
"""Marks that compose, change places or fall away, blanks and signs, letters that become several."""


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.text(CHARACTERS, max_size=30),
        st.text(st.one_of(ODD_CHARACTERS, st.characters(max_codepoint=0x17F)), max_size=9),
        st.sampled_from(NAMES),
    )
)
def test_folding(text):
    folded = fold(tidy(text))
    found = look_up(pl.Series([text]), make_table((START, {folded: 7} if folded else {})))
    size, number = found.sizes[0], found.numbers[0]
    assert size == -1 or (size, number) == (len(folded.encode()), 7 if folded else 0)


def test_names_in_all_scripts_are_folded_by_the_loop():
    table = make_table((START, {fold(name): 1 for name in NAMES if fold(name)}))
    found = look_up(pl.Series(NAMES), table)
    assert (found.numbers == 1).mean() > 0.95
    assert look_up(pl.Series(["x" * 1000, None, "", "🇷🇴"]), table).sizes.tolist() == [-1, 0, 0, 0]


def test_large_columns_take_the_loop(book, monkeypatch):
    frame = pl.DataFrame({"text": NAMES * 3}).with_columns(_region=pl.lit("RO"))
    slow = []
    monkeypatch.setattr(
        "crmmigrate.standardize.countries.read_country",
        lambda *given: slow.append(given[0]) or read_country(*given),
    )
    outcome = standardize_countries(frame, book, {})
    assert outcome["status"].is_in(["unchanged", "normalised"]).mean() > 0.8
    assert len(slow) < len(set(NAMES)) / 5  # continents are no countries
