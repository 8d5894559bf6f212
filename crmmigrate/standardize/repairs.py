"""Which cells of a column need a repair of their text, and what it gives: columns at a time.

Compiled loops find the cells that are surely clean; blanks, control characters and markup of ASCII
text are taken out by expressions, and misread UTF-8 is decoded and told by the same loop whether it
came out clean; what is left is repaired one by one by `values.text`.
"""

import html
from collections.abc import Mapping, Sequence
from html.entities import html5

import polars as pl

from crmmigrate.compiled import LEAST_ROWS
from crmmigrate.compiled.columns import text_column, viewed_column
from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.distinct import number_texts
from crmmigrate.standardize.rule_lists import listed
from crmmigrate.values.alphabets import Alphabet, alphabet_of
from crmmigrate.values.text import BREAK, TAG, repair_text

__all__ = ["CONTROLS", "REPAIRS", "SUSPECT", "Suspects", "may_hold_controls", "repairs_of"]

Writing = tuple[Alphabet | None, Mapping[str, str]]
"""What a region is written with: its alphabet, and wrong letters with the right ones."""

Suspects = tuple[pl.Series, pl.Series]
"""Rows that a repair may change: those of ASCII, and those beyond."""

REPAIRS = pl.Schema(
    {"_at": pl.UInt32(), "value": pl.String(), "codes": pl.List(pl.String), "doubt": pl.Float64()}
)
"""One row a changed cell: its row number, new text, rules, and how sure the repair is."""

CONTROLS = r"[\x00-\x08\x0e-\x1f\x7f]"
"""Control characters that nobody writes."""

SUSPECT = r"[^\x20-\x7e]|^ | $|  |&#?\w{2,31};|</?[\w:]+[ />]"
"""Only text with one of these can need a repair; `<ion@firma.ro>` is no tag."""

_UNSEEN = r"\x{200b}\x{feff}"
"""Signs without width that no script needs."""

_WIDE = r"\x{a0}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}"
"""Blanks beyond ASCII."""

_CONTROLS = rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f{_UNSEEN}]"
_STRANGE = rf"[^\x00-\x7f{_UNSEEN}{_WIDE}]"
_BEYOND = r"[^\x00-\x7f]"
_MARKUP = r"&#?\w+;|</?[a-zA-Z]"


def may_hold_controls(column: pl.Series) -> bool:
    """Tell whether any text may hold a control character: one look at all bytes together."""
    texts = text_column(column)
    data = texts.data[texts.offsets[0] : texts.offsets[-1]]
    return bool(len(data)) and bool(data.min() < _FIRST_SIGN or (data == _DELETE).any())


_FIRST_SIGN, _DELETE = 0x20, 0x7F

_FEW = 500
"""So few texts of one alphabet are repaired faster one by one."""


def repairs_of(
    column: pl.Series,
    regions: pl.Series,
    book: RegionBook,
    *,
    lines: bool,
    suspects: Suspects | None = None,
) -> pl.DataFrame:
    """Return the repairs of a column in the order of its rows, only of texts that change.

    Args:
        column: Texts.
        regions: The region of each.
        book: Rules of all regions: alphabets, code pages and letter repairs.
        lines: Keep the line breaks and tabs of a text of several lines.
        suspects: What `find_suspects` says of the column, where it is known.

    Returns:
        Rows of `REPAIRS`.
    """
    if len(column) >= LEAST_ROWS:
        from crmmigrate.standardize.suspect_loops import find_suspects

        known = suspects or find_suspects(viewed_column(column))
        return _by_columns(column, known, regions, book, lines=lines)
    rows = column.str.contains(SUSPECT).fill_null(value=False).arg_true()
    return _one_by_one(*_suspects(column, regions, rows, book), lines=lines)


def _by_columns(
    column: pl.Series, suspects: Suspects, regions: pl.Series, book: RegionBook, *, lines: bool
) -> pl.DataFrame:
    from crmmigrate.standardize.clean_loops import find_clean_rows
    from crmmigrate.standardize.misreads import decode_texts, recode_texts
    from crmmigrate.standardize.undressing import undress_texts

    plain, beyond = suspects
    which, writings = _writings_of(regions.gather(pl.concat([plain, beyond])), book)
    if which.is_empty():
        return REPAIRS.to_frame()
    wild = which[len(plain) :]
    unclean = ~find_clean_rows(viewed_column(column), beyond, wild, writings)
    ascii_ = _rows_of(column, plain, which[: len(plain)])
    odd = _rows_of(column, beyond.filter(unclean), wild.filter(unclean))
    if lines:
        ascii_, odd = (_without_clean_lines(some, writings) for some in (ascii_, odd))
    near = ~odd["text"].str.contains(_STRANGE)
    tidy, left = _tidied(pl.concat([ascii_, odd.filter(near)]), lines=lines)
    odd, found = pl.concat([odd.filter(~near), left]), [tidy]
    for step in (_spaced, decode_texts, undress_texts, recode_texts):
        done = step(odd, writings)
        odd = odd.filter(~pl.col("_at").is_in(done["_at"].implode()))
        found.append(done)
    return pl.concat([*found, _one_by_one(odd, writings, lines=lines)]).sort("_at")


def _without_clean_lines(some: pl.DataFrame, writings: Sequence[Writing]) -> pl.DataFrame:
    """Drop texts whose lines are clean: a blank in the place of a line break needs no repair, either."""
    from crmmigrate.standardize.clean_loops import find_clean

    rows = some["text"].str.contains("\n", literal=True).arg_true()
    flat = some["text"].gather(rows).str.replace_all("\n", " ", literal=True)
    clean = rows.filter(find_clean(flat, some["which"].gather(rows), writings))
    return some.filter(~pl.int_range(some.height, eager=True).is_in(clean.implode()))


def _suspects(
    column: pl.Series, regions: pl.Series, rows: pl.Series, book: RegionBook
) -> tuple[pl.DataFrame, list[Writing]]:
    """Return `_at`, `text` and `which` of some rows, and what their regions are written with."""
    which, writings = _writings_of(regions.gather(rows), book)
    return _rows_of(column, rows, which), writings


def _rows_of(column: pl.Series, rows: pl.Series, which: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"_at": rows.cast(pl.UInt32), "text": column.gather(rows), "which": which})


def _writings_of(regions: pl.Series, book: RegionBook) -> tuple[pl.Series, list[Writing]]:
    """Return what regions are written with, and the number of that for each; many share one."""
    known, places = number_texts(regions)
    numbers: dict[object, int] = {}
    writings: list[Writing] = []
    own = list[int]()
    for region in known:
        alphabet, letters = _writing_of(region, book)
        number = numbers.setdefault((id(alphabet), tuple(sorted(letters.items()))), len(writings))
        if number == len(writings):
            writings.append((alphabet, letters))
        own.append(number)
    return pl.Series(own, dtype=pl.Int64).gather(places), writings


def _writing_of(region: str | None, book: RegionBook) -> Writing:
    rules = book.get(region)
    if not rules.languages:
        return None, rules.letter_repairs
    return alphabet_of(rules.languages, rules.encodings), rules.letter_repairs


def _tidied(plain: pl.DataFrame, *, lines: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take markup, control and invisible characters and blanks too many out of ASCII text.

    Returns:
        Repairs, and the texts whose markup holds more than this reads or, with `lines`, of several.
    """
    signs = pl.col("text").str.contains("&", literal=True) | pl.col("text").str.contains(
        "<", literal=True
    )
    perhaps = plain.select(signs).to_series().arg_true()
    marked = perhaps.filter(plain["text"].gather(perhaps).str.contains(r"&#?\w|</?[a-zA-Z]"))
    bare = plain["text"].scatter(marked, _without_markup(plain["text"].gather(marked)))
    visible = pl.col("bare").str.replace_all(_CONTROLS, "")
    texts = plain.with_columns(bare=bare).with_columns(visible=visible)
    still = pl.col("bare").str.contains(_MARKUP) | pl.col("visible").str.contains(_MARKUP)
    doubtful = texts.select(pl.col("visible").str.contains(_BEYOND)).to_series()
    deep = doubtful | doubtful.clone().scatter(perhaps, texts[perhaps].select(still).to_series())
    if lines:
        ends = pl.col("visible").str.strip_chars().str.contains(r"[\r\n]")
        deep |= texts.select(ends).to_series()
    texts, left = texts.filter(~deep), texts.filter(deep)
    tidy = pl.col("visible").str.replace_all(rf"[ \t\r\n{_WIDE}]+", " ").str.strip_chars(" ")
    texts = texts.with_columns(value=tidy)
    codes = listed(
        STD903=pl.col("bare") != pl.col("text"),
        STD902=pl.col("visible") != pl.col("bare"),
        STD901=pl.col("value") != pl.col("visible"),
    )
    changed = texts.filter(pl.col("value") != pl.col("text"))
    repairs = changed.select("_at", "value", codes=codes, doubt=pl.lit(1.0))
    return repairs, left.drop("bare", "visible")


def _spaced(odd: pl.DataFrame, writings: Sequence[Writing]) -> pl.DataFrame:
    """Take out the blanks that are too many, where nothing else is wrong."""
    from crmmigrate.standardize.clean_loops import find_clean

    spaced = odd.filter(pl.col("text").str.contains("^ | $|  ")).with_columns(
        value=pl.col("text").str.replace_all(" +", " ").str.strip_chars(" ")
    )
    clean = find_clean(spaced["value"], spaced["which"], writings)
    return spaced.filter(clean).select(
        "_at", "value", codes=pl.lit(["STD901"], dtype=pl.List(pl.String)), doubt=pl.lit(1.0)
    )


def _one_by_one(odd: pl.DataFrame, writings: Sequence[Writing], *, lines: bool) -> pl.DataFrame:
    repairs = [
        (row, repair_text(text, *writings[which], lines=lines), text)
        for row, text, which in odd.select("_at", "text", "which").iter_rows()
    ]
    changed = [(row, one) for row, one, text in repairs if one.codes or one.value != text]
    values: dict[str, Sequence[object]] = {
        "_at": [row for row, _ in changed],
        "value": [one.value for _, one in changed],
        "codes": [list(one.codes) for _, one in changed],
        "doubt": [one.confidence for _, one in changed],
    }
    return pl.DataFrame(values, schema=REPAIRS)


def _without_markup(texts: pl.Series) -> pl.Series:
    """Return texts without tags and with named entities written out; see `values.text`."""
    text = pl.col("text")
    for _ in range(2):
        names = _entities_in(texts)
        signs = [html.unescape(name) for name in names]
        texts = texts.str.replace_many(names, signs) if names else texts
    text = text.str.replace_all(f"(?i){BREAK}", "\n").str.replace_all(f"(?i){TAG}", "")
    return pl.DataFrame({"text": texts}).select(text).to_series()


def _entities_in(texts: pl.Series) -> list[str]:
    """Return the names of signs that texts hold; a search for all that there are takes longer."""
    held = texts.filter(texts.str.contains("&", literal=True)).str.extract_all(r"&\w+;")
    return [name for name in held.explode().drop_nulls().unique() if name[1:] in html5]
