"""The vectorised lane of countries and its folding say what the scalar readings say."""

import polars as pl
from babel import Locale
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.standardize.countries import standardize_countries
from crmmigrate.standardize.folding import fold_texts
from crmmigrate.values.countries import read_country
from crmmigrate.values.folding import fold

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
    outcome = standardize_countries(frame, book, {})
    for text, row in zip(texts, outcome.iter_rows(named=True), strict=True):
        reading = read_country(text, book.get(region).languages)
        assert (row["value"], row["status"], row["codes"], row["alternatives"], row["message"]) == (
            *(reading.value, reading.status, list(reading.codes)),
            *(list(reading.alternatives), reading.message),
        )


@settings(deadline=None)
@given(st.one_of(st.text(CHARACTERS, max_size=30), st.sampled_from(NAMES)))
def test_folding(text):
    assert fold_texts(pl.Series([text])).to_list() == [fold(text)]
