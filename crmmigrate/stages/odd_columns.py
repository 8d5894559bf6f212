"""What is said of whole columns: names in the phone column, dates of unknown order."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.changelog import CHANGE_FRAME
from crmmigrate.model.semantic import SemanticType
from crmmigrate.quality.guess import guess_type

__all__ = ["ANOTHER_KIND", "UNDECIDED", "OddColumns", "column_rows", "odd_column"]

ANOTHER_KIND = "STD922"
UNDECIDED = "STD924"
_FEWEST = 10
"""Values below which a column says nothing about itself."""
_SEVERAL = 5
"""Distinct values that must be there: a placeholder in every row is no other kind."""
_SHARE = 0.6
_NOT_READ = ("invalid", "left_alone")
_SAMPLE = 200


@dataclass
class OddColumns:
    """Counts what came of the values of each column, over all parts of a unit."""

    unit: str
    statuses: dict[str, Counter[str]] = field(default_factory=dict)
    doubtful: dict[str, pl.Series] = field(default_factory=dict)

    def add(
        self, statuses: Mapping[str, Mapping[str, int]], doubtful: Mapping[str, pl.Series]
    ) -> None:
        """Add one part: numbers by status and a few values that were not understood."""
        for name, counts in statuses.items():
            self.statuses.setdefault(name, Counter()).update(counts)
        for name, values in doubtful.items():
            known = self.doubtful.get(name, values.clear())
            self.doubtful[name] = pl.concat([known, values]).head(_SAMPLE)

    def changes(self, object_type: ObjectType, questions: Mapping[str, str | None]) -> pl.DataFrame:
        """Return one row of the change log (CHANGE_FRAME) for each odd or undecided column.

        Args:
            object_type: The object of the unit; the unit is the key of the rows.
            questions: Field → what is asked about its column.
        """
        messages = {
            name: odd_column(counts, self.doubtful.get(name), object_type.fields[name].type)
            for name, counts in self.statuses.items()
        }
        key = self.unit.partition("~")[2].replace(".", ":", 1)
        return pl.concat([column_rows(key, messages), column_rows(key, questions, UNDECIDED)])


def column_rows(
    key: str, messages: Mapping[str, str | None], code: str = ANOTHER_KIND
) -> pl.DataFrame:
    """Return one row of the change log (CHANGE_FRAME) for each column that has a message."""
    whole = {
        "_key": key,
        "rule": code,
        "codes": code,
        "status": "ambiguous" if code == UNDECIDED else "left_alone",
        "action": "flagged",
        "confidence": 0.0,
    }
    rows = [{**whole, "field": name, "message": text} for name, text in messages.items() if text]
    return pl.DataFrame(rows, schema=CHANGE_FRAME)


def odd_column(
    counts: Mapping[str, int], doubtful: pl.Series | None, kind: SemanticType
) -> str | None:
    """Say what is odd about a column, or return None.

    Args:
        counts: Its values by status.
        doubtful: A few of the distinct values that were not understood.
        kind: What they should be.
    """
    total = sum(counts.values())
    wrong = sum(counts.get(status, 0) for status in _NOT_READ)
    if doubtful is None or total < _FEWEST or wrong < _SHARE * total:
        return None
    if doubtful.n_unique() < _SEVERAL:
        return None
    told = f"{wrong:,} of {total:,} values are no {str(kind).replace('_', ' ')}"
    seen = _looks_like(doubtful)
    return f"{told}; they look like {seen}" if seen and seen != kind else told


def _looks_like(values: pl.Series) -> str | None:
    if values.dtype != pl.String:
        return None
    counts = values.alias("value").value_counts()
    guessed, _ = guess_type("", counts)
    if guessed is not None:
        return str(guessed).replace("_", " ")
    words = values.str.contains(r"^[\pL'’.,\- ]+$").mean()
    return "words" if isinstance(words, float) and words > _SHARE else None
