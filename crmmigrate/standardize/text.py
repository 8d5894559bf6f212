"""Text columns, and the repair of text that every other kernel runs behind."""

from collections.abc import Callable, Mapping

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.lanes import fast_frame, in_order
from crmmigrate.standardize.outcomes import outcome_frame
from crmmigrate.values.alphabets import Alphabet, alphabet_of
from crmmigrate.values.outcome import BLANK, Outcome
from crmmigrate.values.placeholders import is_placeholder, placeholder_words
from crmmigrate.values.text import TextRepair, repair_text

__all__ = ["repaired_first", "repaired_where_unread", "standardize_texts"]

Kernel = Callable[[pl.DataFrame, RegionBook, Mapping[str, object]], pl.DataFrame]

_SUSPECT = r"[^\x20-\x7e]|^ | $|  |&#?\w{2,31};|<[/a-zA-Z]"
"""Only text with one of these can need a repair."""


def repaired_first(
    kernel: Kernel,
    distinct: pl.DataFrame,
    book: RegionBook,
    options: Mapping[str, object],
    *,
    lines: bool = False,
) -> pl.DataFrame:
    """Run a kernel on repaired text and tell about the repairs beside what the kernel tells.

    Args:
        kernel: The kernel of a semantic type.
        distinct: `text`, parts and `_region`.
        book: Rules of all regions.
        options: Handed to the kernel.
        lines: Line breaks mean something to the kernel and stay.
    """
    columns = [name for name in distinct.columns if name != "_region"]
    repaired = distinct.with_columns(
        pl.when(pl.col(name).str.len_chars() > 0).then(pl.col(name)).alias(name) for name in columns
    )
    repairs: dict[int, TextRepair] = {}
    for name in columns:
        done = _repair_column(repaired[name], distinct["_region"], book, lines=lines)
        repaired = _with_repaired(repaired, name, done)
        for row, repair in done.items():
            known = repairs.get(row, TextRepair(""))
            codes = tuple(dict.fromkeys((*known.codes, *repair.codes)))
            repairs[row] = TextRepair("", codes, min(known.confidence, repair.confidence))
    outcome = kernel(repaired, book, options)
    return _told(distinct, outcome, repairs)


def repaired_where_unread(
    kernel: Kernel, distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Run a kernel, and once more on repaired text where it could not surely read the text.

    For kinds that pass over blanks and invisible signs by themselves and know every word they
    accept: what they read for certain needs no repair.
    """
    columns = [name for name in distinct.columns if name != "_region"]
    filled = distinct.with_columns(
        pl.when(pl.col(name).str.len_chars() > 0).then(pl.col(name)).alias(name) for name in columns
    )
    outcome = kernel(filled, book, options)
    suspect = pl.any_horizontal(pl.col(name).str.contains(_SUSPECT) for name in columns)
    odd = filled.select(suspect.fill_null(value=False)).to_series() & (outcome["confidence"] < 1)
    if not odd.any():
        return outcome
    again = repaired_first(kernel, distinct.filter(odd), book, options)
    rows = pl.int_range(distinct.height, dtype=pl.UInt32, eager=True)
    return in_order([(rows.filter(~odd), outcome.filter(~odd)), (rows.filter(odd), again)])


def _with_repaired(frame: pl.DataFrame, name: str, done: Mapping[int, TextRepair]) -> pl.DataFrame:
    if not done:
        return frame
    values = [repair.value or None for repair in done.values()]
    column = frame[name].scatter(list(done), pl.Series(values, dtype=pl.String))
    return frame.with_columns(column.alias(name))


def _repair_column(
    column: pl.Series, regions: pl.Series, book: RegionBook, *, lines: bool
) -> dict[int, TextRepair]:
    """Return the repairs of a column by row number, only of texts that were changed."""
    rows = column.str.contains(_SUSPECT).fill_null(value=False).arg_true()
    if rows.is_empty():
        return {}
    suspects = pl.DataFrame({"_at": rows, "text": column[rows], "region": regions[rows]})
    repairs = {}
    for (region,), group in suspects.group_by("region"):
        alphabet, letters = _letters_of(region, book)
        odd = ~group["text"].str.contains(_clean_pattern(alphabet, letters))
        odd |= group["text"].str.contains(_MISREAD)
        for row, text in group.filter(odd).select("_at", "text").iter_rows():
            repair = repair_text(text, alphabet, letters, lines=lines)
            if repair.codes or repair.value != text:
                repairs[row] = repair
    return dict(sorted(repairs.items()))


_MISREAD = (
    r"(?:เ[ธน].?){2}|(?:[РС].){2}|(?:[ΞΟ].){2}|[a-zà-ÿ][À-ÞĀ-ž]|^ | $|  |&#?\w{2,31};|<[/a-zA-Z]"
)
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
    own = "".join(sorted(alphabet.letters - set(letters) - set("ş·")))
    scripts = "".join(_SCRIPTS.get(script, "") for script in sorted(alphabet.scripts))
    return rf"^[\x20-\x7e{own}{scripts}]*$"


def _letters_of(region: str | None, book: RegionBook) -> tuple[Alphabet | None, Mapping[str, str]]:
    rules = book.get(region)
    if not rules.languages:
        return None, rules.letter_repairs
    return alphabet_of(rules.languages, rules.encodings), rules.letter_repairs


def _told(
    distinct: pl.DataFrame, outcome: pl.DataFrame, repairs: Mapping[int, TextRepair]
) -> pl.DataFrame:
    """Add the codes of repairs; a value that stayed invalid keeps its raw text."""
    if not repairs:
        return outcome
    rows = pl.Series("_at", list(repairs), dtype=pl.UInt32)
    codes = pl.Series([list(r.codes) for r in repairs.values()], dtype=pl.List(pl.String))
    doubt = pl.Series([r.confidence for r in repairs.values()], dtype=pl.Float64)
    told = outcome[rows].with_columns(
        distinct["text"][rows].alias("_raw"), codes.alias("_codes"), doubt.alias("_doubt")
    )
    raw, value = pl.col("_raw"), pl.col("value")
    kept = pl.col("status").is_in(["invalid", "left_alone"]) & raw.is_not_null()
    kept &= value.is_not_null() | (raw.str.strip_chars() != "")
    status = (
        pl.when(pl.col("status") != "unchanged")
        .then("status")
        .when(pl.col("_codes") == ["STD901"])
        .then(pl.lit("normalised"))
        .otherwise(pl.lit("repaired"))
    )
    told = told.with_columns(
        pl.when(kept).then(raw).otherwise("value").alias("value"),
        status.alias("status"),
        pl.concat_list("_codes", "codes").alias("codes"),
        pl.min_horizontal("confidence", "_doubt").alias("confidence"),
    )
    behind = pl.int_range(outcome.height, outcome.height + len(rows), dtype=pl.UInt32, eager=True)
    places = pl.int_range(outcome.height, dtype=pl.UInt32, eager=True).scatter(rows, behind)
    return outcome.with_columns(
        *(outcome[name].scatter(rows, told[name]) for name in ("value", "status", "confidence")),
        pl.concat([outcome["codes"], told["codes"]]).gather(places),
    )


def standardize_texts(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Repair free text; line breaks stay.

    Args:
        distinct: `text` and `_region`.
        book: Rules of all regions: alphabets, code pages and letter repairs.
        options: None are known.
    """
    del options
    text = distinct["text"]
    repairs = _repair_column(text, distinct["_region"], book, lines=True)
    slow = {at: _outcome(repair) for at, repair in repairs.items()}
    for at in _perhaps_nothing(text).to_list():
        slow.setdefault(at, _outcome(TextRepair(text[at])))
    told = pl.concat([fast_frame(pl.DataFrame({"value": [""]})), outcome_frame([*slow.values()])])
    rows = pl.Series([*slow], dtype=pl.UInt32)
    which = pl.zeros(text.len(), dtype=pl.UInt32, eager=True)
    which = which.scatter(rows, pl.int_range(1, told.height, dtype=pl.UInt32, eager=True))
    value = text.scatter(rows, told["value"][1:]) if slow else text
    return told[which].with_columns(value.alias("value"))


def _perhaps_nothing(text: pl.Series) -> pl.Series:
    """Return the rows that may hold a placeholder or nothing at all."""
    short = (text.str.len_bytes() <= _LONGEST).arg_true()
    bare = text[short].str.to_lowercase()
    return short.filter(bare.is_in(_NOTHING) | bare.str.contains(r"^[^\pL\pN]*$"))


_NOTHING = sorted(placeholder_words())
_LONGEST = 40 * 4
"""Bytes that the longest text may have which is looked at as a placeholder."""


def _outcome(repair: TextRepair) -> Outcome:
    if not repair.value:
        return BLANK
    if is_placeholder(repair.value):
        return Outcome(repair.value, "left_alone", (*repair.codes, "STD910"))
    if not repair.codes:
        return Outcome(repair.value, "unchanged")
    status = "normalised" if repair.codes == ("STD901",) else "repaired"
    return Outcome(repair.value, status, repair.codes, confidence=repair.confidence)
