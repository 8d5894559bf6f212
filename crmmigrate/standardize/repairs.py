"""Which cells of a column need a repair of their text, and what it gives: columns at a time.

Plain cells are decided by patterns, blanks and control characters of ASCII text are taken out by
expressions, and text beyond ASCII is judged by its distinct words; what is left is repaired one by
one by `values.text`.
"""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from crmmigrate.compiled.columns import text_column
from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.misreads import (
    BEYOND,
    PERHAPS,
    REPAIRS,
    decode_columns,
    sound_texts,
    without_markup,
)
from crmmigrate.values.alphabets import Alphabet, alphabet_of
from crmmigrate.values.text import repair_text

__all__ = ["CONTROLS", "REPAIRS", "SUSPECT", "may_hold_controls", "repairs_of"]

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
    column: pl.Series, regions: pl.Series, book: RegionBook, *, lines: bool
) -> pl.DataFrame:
    """Return the repairs of a column in the order of its rows, only of texts that change.

    Args:
        column: Texts.
        regions: The region of each.
        book: Rules of all regions: alphabets, code pages and letter repairs.
        lines: Keep the line breaks and tabs of a text of several lines.

    Returns:
        Rows of `REPAIRS`.
    """
    rows = _suspects(column)
    if rows.is_empty():
        return REPAIRS.to_frame()
    suspects = pl.DataFrame({"_at": rows, "text": column[rows], "region": regions[rows]})
    several = pl.col("text").str.contains(r"[\r\n]|<(?i:br|/p|/div|/li|/tr)") & lines
    plain = ~pl.col("text").str.contains(_STRANGE) & ~several
    tidy, left = _tidied(suspects.filter(plain))
    found = [tidy]
    left = pl.concat([suspects.filter(~plain), left])
    for (alphabet, letters), group in _by_letters(left, book):
        if group.height < _FEW:
            found.append(_one_by_one(group, alphabet, letters, lines=lines))
            continue
        odd = _odd(group, alphabet, letters)
        spaced, odd = _spaced(odd, alphabet, letters)
        decoded = decode_columns(odd, alphabet) if alphabet is not None else REPAIRS.to_frame()
        if letters:
            decoded = decoded.filter(~pl.col("value").str.contains_any(list(letters)))
        odd = odd.filter(~pl.col("_at").is_in(decoded["_at"].implode()))
        found += [spaced, decoded, _one_by_one(odd, alphabet, letters, lines=lines)]
    return pl.concat(found).sort("_at")


def _suspects(column: pl.Series) -> pl.Series:
    from crmmigrate.compiled.compiler import LEAST_ROWS

    if len(column) < LEAST_ROWS:
        return column.str.contains(SUSPECT).fill_null(value=False).arg_true()
    from crmmigrate.standardize.suspect_loops import find_suspects

    return find_suspects(column)


def _tidied(plain: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take markup, control and invisible characters and blanks too many out of ASCII text.

    Returns:
        Repairs, and the texts whose markup holds more than this reads.
    """
    marked = plain["text"].str.contains(r"&#?\w|</?[a-zA-Z]")
    bare = plain["text"].scatter(marked.arg_true(), without_markup(plain["text"].filter(marked)))
    visible = pl.col("bare").str.replace_all(_CONTROLS, "")
    texts = plain.with_columns(bare=bare).with_columns(visible=visible)
    deep = pl.col("visible").str.contains(BEYOND)
    deep |= pl.col("bare").str.contains(_MARKUP) | pl.col("visible").str.contains(_MARKUP)
    texts, left = texts.filter(~deep), texts.filter(deep)
    tidy = pl.col("visible").str.replace_all(rf"[ \t\r\n{_WIDE}]+", " ").str.strip_chars(" ")
    texts = texts.with_columns(value=tidy)
    rules = [
        pl.when(pl.col("bare") != pl.col("text")).then(pl.lit("STD903")),
        pl.when(pl.col("visible") != pl.col("bare")).then(pl.lit("STD902")),
        pl.when(pl.col("value") != pl.col("visible")).then(pl.lit("STD901")),
    ]
    repairs = texts.filter(pl.col("value") != pl.col("text")).select(
        pl.col("_at").cast(pl.UInt32), "value",
        codes=pl.concat_list(rules).list.drop_nulls(), doubt=pl.lit(1.0),
    )  # fmt: skip
    return repairs, left.drop("bare", "visible")


def _odd(
    group: pl.DataFrame, alphabet: Alphabet | None, letters: Mapping[str, str]
) -> pl.DataFrame:
    """Leave out the texts of a region that are surely sound: by their letters, or by their words."""
    unclear = ~group["text"].str.contains(_clean_pattern(alphabet, letters))
    unclear |= group["text"].str.contains(_MISREAD)
    group = group.filter(unclear)
    return group.filter(~pl.col("_at").is_in(_sound(group, alphabet, letters).implode()))


def _sound(texts: pl.DataFrame, alphabet: Alphabet | None, letters: Mapping[str, str]) -> pl.Series:
    """Return `_at` of the texts beyond ASCII that surely need no repair."""
    text = pl.col("text")
    wrong = text.str.contains_any(list(letters)) if letters else pl.lit(value=False)
    composed = text == text.str.normalize("NFC")
    fit = text.str.contains(BEYOND) & ~text.str.contains(PERHAPS) & ~wrong & composed
    return sound_texts(texts.filter(fit), alphabet)


def _spaced(
    odd: pl.DataFrame, alphabet: Alphabet | None, letters: Mapping[str, str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take out the blanks that are too many, where nothing else is wrong.

    Returns:
        Repairs, and the texts that more is wrong with.
    """
    spaced = odd.filter(pl.col("text").str.contains("^ | $|  ")).with_columns(
        pl.col("text").str.replace_all(" +", " ").str.strip_chars(" ")
    )
    sure = spaced.filter(pl.col("_at").is_in(_sound(spaced, alphabet, letters).implode()))
    repairs = sure.select(
        pl.col("_at").cast(pl.UInt32), value="text",
        codes=pl.lit(["STD901"], dtype=pl.List(pl.String)), doubt=pl.lit(1.0),
    )  # fmt: skip
    return repairs, odd.filter(~pl.col("_at").is_in(sure["_at"].implode()))


def _one_by_one(
    odd: pl.DataFrame, alphabet: Alphabet | None, letters: Mapping[str, str], *, lines: bool
) -> pl.DataFrame:
    repairs = [
        (row, repair_text(text, alphabet, letters, lines=lines), text)
        for row, text in odd.select("_at", "text").iter_rows()
    ]
    changed = [(row, one) for row, one, text in repairs if one.codes or one.value != text]
    values: dict[str, Sequence[object]] = {
        "_at": [row for row, _ in changed],
        "value": [one.value for _, one in changed],
        "codes": [list(one.codes) for _, one in changed],
        "doubt": [one.confidence for _, one in changed],
    }
    return pl.DataFrame(values, schema=REPAIRS)


_MISREAD = r"(?:เ[ธน].?){2}|(?:[РС].){2}|(?:[ΞΟ].){2}|[a-zà-ÿ][\p{Lu}&&[À-ž]]|^ | $|  |&#?\w{2,31};|<[/a-zA-Z]"
"""Letters of a region that may be something else: UTF-8 misread in its own code page, odd capitals."""

_SCRIPTS = {
    "THAI": r"\x{0e01}-\x{0e5b}",
    "CYRILLIC": r"\x{0401}-\x{045f}\x{0490}-\x{04ff}",
    "GREEK": r"\x{0386}\x{0388}-\x{03ce}",
    "CJK": r"\x{4e00}-\x{9fff}",
    "HIRAGANA": r"\x{3041}-\x{3096}",
    "KATAKANA": r"\x{30a1}-\x{30fe}",
    "HANGUL": r"\x{ac00}-\x{d7a3}",
}
"""Ranges of scripts in which composed text stays composed."""


def _clean_pattern(alphabet: Alphabet | None, letters: Mapping[str, str]) -> str:
    """Return a pattern of texts that are surely clean in a region."""
    if alphabet is None:
        return r"^[\x20-\x7e]*$"
    own = "".join(sorted(alphabet.letters - set(letters) - set("·")))
    scripts = "".join(_SCRIPTS.get(script, "") for script in sorted(alphabet.scripts))
    return rf"^[\x20-\x7e{own}{scripts}]*$"


def _by_letters(
    texts: pl.DataFrame, book: RegionBook
) -> Iterator[tuple[tuple[Alphabet | None, Mapping[str, str]], pl.DataFrame]]:
    """Part texts by what their regions are written with; many regions share it."""
    kinds: dict[object, tuple[int, tuple[Alphabet | None, Mapping[str, str]]]] = {}
    known = {}
    for region in texts["region"].unique().to_list():
        alphabet, letters = _letters_of(region, book)
        key = (id(alphabet), tuple(sorted(letters.items())))
        known[region] = kinds.setdefault(key, (len(kinds), (alphabet, letters)))[0]
    kind = pl.col("region").replace_strict(known, return_dtype=pl.UInt32)
    for (number,), group in texts.with_columns(kind.alias("kind")).group_by("kind"):
        yield next(letters for at, letters in kinds.values() if at == number), group


def _letters_of(region: str | None, book: RegionBook) -> tuple[Alphabet | None, Mapping[str, str]]:
    rules = book.get(region)
    if not rules.languages:
        return None, rules.letter_repairs
    return alphabet_of(rules.languages, rules.encodings), rules.letter_repairs
