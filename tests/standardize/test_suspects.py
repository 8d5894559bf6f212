"""The loop that looks for texts to repair finds what the pattern finds, and all that change."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.compiled.columns import viewed_column
from crmmigrate.standardize.repairs import SUSPECT
from crmmigrate.standardize.suspect_loops import find_suspects
from crmmigrate.values.text import repair_text

PIECES = ["&", "#", "amp", "x2", ";", "<", "/", "b", "o:p", "br", ">", " ", " ", "@", "\t", "\x00", "\x7f", "~", "é", "A", "_"]  # fmt: skip
TEXTS = st.lists(
    st.lists(st.sampled_from(PIECES), max_size=9).map("".join) | st.text(max_size=9) | st.none(),
    max_size=20,
)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_the_loop_finds_what_the_pattern_finds(texts):
    column = pl.Series("text", texts, dtype=pl.String)
    wanted = column.str.contains(SUSPECT).fill_null(value=False).arg_true()
    plain, beyond = find_suspects(viewed_column(column))
    assert sorted([*plain, *beyond]) == wanted.to_list()
    assert all(not texts[row].isascii() for row in beyond)
    assert all(texts[row].isascii() for row in plain)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_no_other_text_changes(texts):
    plain, beyond = find_suspects(viewed_column(pl.Series("text", texts, dtype=pl.String)))
    suspect = {*plain, *beyond}
    for row, text in enumerate(texts):
        if text is not None and row not in suspect:
            assert repair_text(text).value == text
            assert repair_text(text).codes == ()
