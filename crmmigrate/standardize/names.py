"""Columns of people's names: the vectorised twin of `values.names`."""

from collections.abc import Mapping, Sequence

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import INPUT_PARTS, PARTS, SemanticType
from crmmigrate.standardize.lanes import fast_frame, in_order
from crmmigrate.standardize.name_lane import read_plain_names
from crmmigrate.standardize.outcomes import outcome_frame
from crmmigrate.values.name_words import NameWords, name_words
from crmmigrate.values.names import NameReading, read_name, read_parts
from crmmigrate.values.outcome import BLANK, Outcome

__all__ = ["standardize_names"]

_PARTS = PARTS[SemanticType.PERSON_NAME]
_CORE = ("given", "middle", "family")


def standardize_names(
    distinct: pl.DataFrame, book: RegionBook, options: Mapping[str, object]
) -> pl.DataFrame:
    """Read names of people into parts and a display form.

    Parts that the source holds are kept as they are told; a whole text is read only when there
    are no parts.

    Args:
        distinct: `text`, parts and `_region`.
        book: Rules of regions: order of names, titles, suffixes and particles.
        options: None are known.
    """
    del options
    regions = distinct["_region"].unique()
    words = {region: name_words(region, book.get(region).name) for region in regions}
    given = [part for part in INPUT_PARTS[SemanticType.PERSON_NAME] if part in distinct.columns]
    rows = distinct.with_row_index("_at")
    lone = rows.filter(*(pl.col(part).is_null() for part in given)).drop_nulls("text")
    plain = [
        read_plain_names(group, words[region]) for (region,), group in lone.group_by("_region")
    ]
    if not plain:
        return outcome_frame(
            [_outcome(row, given, words) for row in rows.iter_rows(named=True)], _PARTS
        )
    fast = pl.concat(plain)
    slow = rows.join(fast, on="_at", how="anti", maintain_order="left")
    read = outcome_frame(
        [_outcome(row, given, words) for row in slow.iter_rows(named=True)], _PARTS
    )
    return in_order([(fast["_at"], fast_frame(fast.drop("_at"), _PARTS)), (slow["_at"], read)])


def _outcome(
    row: Mapping[str, str | None], given: Sequence[str], known: Mapping[str | None, NameWords]
) -> Outcome:
    parts = {part: value for part in given if (value := row[part]) and value.strip()}
    return _read(row["text"], parts, known[row["_region"]])


def _read(text: str | None, parts: dict[str, str], words: NameWords) -> Outcome:
    if text is not None and text.strip():
        if not any(part in parts for part in ("given", "family")):
            return _told(text, read_name(text, words))
        if not all(part in parts for part in ("given", "family")):
            return _completed(text, parts, words)
    if not parts:
        return BLANK
    return _told(text, read_parts(parts, words))


def _completed(text: str, parts: dict[str, str], words: NameWords) -> Outcome:
    """Take a missing given or family name from the whole text, if the text agrees on the other."""
    read = read_name(text, words)
    told = {part: getattr(read.name, part) for part in _PARTS if getattr(read.name, part)}
    agree = all(told.get(p, "").casefold() == parts[p].casefold() for p in _CORE if p in parts)
    return _told(text, read_parts({**told, **parts} if agree else parts, words))


def _told(text: str | None, reading: NameReading) -> Outcome:
    parts = {part: getattr(reading.name, part) or None for part in _PARTS}
    return Outcome(
        text if reading.status == "invalid" and text else reading.value,
        reading.status,
        reading.codes,
        reading.message,
        parts,
        reading.confidence,
        reading.alternatives,
    )
