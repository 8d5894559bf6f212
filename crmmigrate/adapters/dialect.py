"""Guess the delimiter and the quoting sign of a text table from a sample of its lines.

Every dialect worth considering splits the sample; the best one gives most records the same number
of fields, and many of them. Ties go to the more usual sign.
"""

import math
from collections import Counter
from dataclasses import dataclass

from crmmigrate.adapters.csv_records import Dialect, take_record
from crmmigrate.adapters.header import is_blank
from crmmigrate.adapters.text_lines import LineBlock

__all__ = ["NO_DELIMITER", "GuessedDialect", "SampleRecord", "guess_dialect", "sample_records"]

_DELIMITERS = (",", ";", "\t", "|", "\x1f", "\x01", "^", "~", ":", "¦", "§")
NO_DELIMITER = "\x1e"
"""Stands for no delimiter at all: a sign that text does not hold."""
_UNUSUAL = {":": 0.55, "^": 0.9, "~": 0.9, "¦": 0.9, "§": 0.9}
"""Signs that stand in ordinary text, and how much less their evidence weighs."""
_SAMPLED_RECORDS = 400
_LEAST = 0.3
"""Score below which a sign that the first row lacks separates too irregularly."""


@dataclass(frozen=True, slots=True)
class GuessedDialect:
    """A dialect, and how sure it is.

    Attributes:
        dialect: The best one.
        share: Part of the sampled records with the usual number of fields, 0 to 1.
    """

    dialect: Dialect
    share: float


def guess_dialect(
    sample: LineBlock,
    *,
    delimiter: str | None = None,
    quote: str | None = None,
    escape: str | None = None,
) -> GuessedDialect:
    """Return the dialect that explains a sample best.

    Args:
        sample: The first lines of the file.
        delimiter: The sign, if it is known.
        quote: The sign, if it is known; empty for none.
        escape: The sign, if it is known; empty for none.

    Returns:
        The dialect; its delimiter is NO_DELIMITER for a file of one column.
    """
    quotes = [quote] if quote is not None else _possible_quotes(sample)
    delimiters = [delimiter] if delimiter else _possible_delimiters(sample)
    found: list[tuple[float, float, Dialect]] = []
    for sign in delimiters:
        for mark in quotes:
            for protection in _possible_escapes(sample, mark, escape):
                candidate = Dialect(sign, mark, protection)
                score, share = _score(sample, candidate)
                found.append((score, share, candidate))
    best = max(
        found, key=lambda item: item[0], default=(0.0, 0.0, Dialect(delimiter or NO_DELIMITER))
    )
    if best[0] <= 0 and not delimiter:
        return GuessedDialect(Dialect(NO_DELIMITER, quote if quote is not None else '"'), best[1])
    return GuessedDialect(best[2], best[1])


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """One record of a sample: index of its first line, number of lines, cells, what is wrong."""

    line: int
    lines: int
    cells: list[str]
    problem: str | None


def sample_records(sample: LineBlock, dialect: Dialect) -> list[SampleRecord]:
    """Return the first records of a sample, while the width of the table is not known."""
    records: list[SampleRecord] = []
    index = 0
    while index < len(sample.lines) and len(records) < _SAMPLED_RECORDS:
        record = take_record(sample, index, dialect, 0)
        if record is None:
            break
        records.append(SampleRecord(index, record.lines, list(record.cells), record.problem))
        index += record.lines
    return records


def _possible_delimiters(sample: LineBlock) -> list[str]:
    return [sign for sign in _DELIMITERS if any(sign in line for line in sample.lines)]


def _possible_quotes(sample: LineBlock) -> list[str]:
    """Return `"`, and `'` where fields seem to stand in it."""
    apostrophes = sum(line.startswith("'") or line.endswith("'") for line in sample.lines)
    doubles = sum('"' in line for line in sample.lines)
    return ['"', "'"] if apostrophes > doubles and apostrophes * 2 > len(sample.lines) else ['"']


def _possible_escapes(sample: LineBlock, quote: str, given: str | None) -> list[str]:
    if given is not None:
        return [given]
    return ["", "\\"] if quote and any("\\" + quote in line for line in sample.lines) else [""]


def _score(sample: LineBlock, dialect: Dialect) -> tuple[float, float]:
    """Return a score (0 if the sign separates nothing) and the share of regular records."""
    records = sample_records(sample, dialect)
    broken = sum(record.problem is not None for record in records)
    rows = [r.cells for r in records if not r.problem and not all(map(is_blank, r.cells))]
    widths = Counter(map(len, rows))
    if not widths:
        return 0.0, 0.0
    width, count = max(widths.items(), key=lambda item: (item[1] * math.log(item[0] + 1), item[0]))
    share = count / (len(rows) + broken)
    if width == 1 or _is_running_text(rows):
        return 0.0, share
    weight = _UNUSUAL.get(dialect.delimiter, 1.0) * (1.01 if dialect.quote == '"' else 1.0)
    score = share**2 * math.log(width + 1) * weight
    named = len(rows[0]) > 1
    return (score if named or score >= _LEAST else 0.0), share


def _is_running_text(rows: list[list[str]]) -> bool:
    """Tell whether the sign only stands in the text of a single column, as commas do.

    The column's name has none, and a blank follows nearly every one.
    """
    if not rows or len(rows[0]) > 1:
        return False
    behind = [cell for row in rows for cell in row[1:]]
    spaced = sum(cell.startswith(" ") for cell in behind)
    return spaced * 10 >= len(behind) * 9
