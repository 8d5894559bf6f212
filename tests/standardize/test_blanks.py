"""The loop that looks for placeholders finds all of them, and passes over most other text."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.compiled.columns import viewed_column
from crmmigrate.standardize.blank_loops import find_blanks
from crmmigrate.standardize.suspect_loops import find_suspects
from crmmigrate.standardize.text import standardize_texts
from crmmigrate.values.placeholders import is_placeholder, placeholder_words


def found_in(cells):
    """Return the rows that may say nothing."""
    column = viewed_column(pl.Series("text", cells, dtype=pl.String))
    return pl.concat(find_blanks(column, find_suspects(column)[1])).sort().to_list()


WORDS = [w for word in sorted(placeholder_words()) for w in (word, word.upper(), word.title())]
MARKS = st.text("-–—_.?*/#,;:=~+ \t\u00a0\u3000\u2009", max_size=5)
CELLS = st.lists(st.sampled_from(WORDS) | MARKS | st.text(max_size=12) | st.none(), max_size=30)


@settings(max_examples=300, deadline=None)
@given(CELLS)
def test_every_placeholder_is_found(cells):
    found = set(found_in(cells))
    for row, cell in enumerate(cells):
        if cell is not None and (cell == "" or (cell == cell.strip() and is_placeholder(cell))):
            assert row in found
        if cell is None:
            assert row not in found


def test_plain_text_is_passed_over():
    cells = ["Ana Pop", "n/a", "NULL", "nullable", "Main Street 12, Springfield", "—", "Ștefan cel Mare 12, Iași"]  # fmt: skip
    assert found_in(cells) == [1, 2, 5]


def test_a_long_column_says_what_a_short_one_says(book):
    cells = [*WORDS, "", None, "Ana", " n/a ", "<p>-</p>", "…", "👍", "Strada  Mare"]
    short = pl.DataFrame({"text": cells, "_region": ["RO"] * len(cells)})
    told = standardize_texts(short, book, {})
    many = pl.concat([short] * (2_500 // len(cells) + 1))
    assert standardize_texts(many, book, {}).head(len(cells)).equals(told)
