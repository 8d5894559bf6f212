"""Values that too many records share to say anything: a default telephone, `Test`, 1 January 1970."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from crmmigrate.model.matching import MatchRules
from crmmigrate.model.semantic import SemanticType

__all__ = ["CROWDED", "Crowd", "find_crowds"]

CROWDED = "DUP223"

_TELLING = frozenset(
    {
        SemanticType.PERSON_NAME,
        SemanticType.ORGANIZATION,
        SemanticType.PHONE,
        SemanticType.EMAIL,
        SemanticType.IDENTIFIER,
        SemanticType.DATE,
    }
)
"""Types whose values belong to few; towns and web domains belong to many."""

_FEWEST = 100
_SHARE = 0.01
"""A value of more records, and of a larger share of them, is no mark of anyone."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """A value that many records share.

    Attributes:
        field: Canonical field.
        records: Records that have the value.
        filled: Records that have any.
    """

    field: str
    records: int
    filled: int

    def __str__(self) -> str:
        """Say it, without the value."""
        return (
            f"{self.field}: one value stands in {self.records:,} of {self.filled:,} records; "
            "it tells nobody apart"
        )


def find_crowds(frame: pl.DataFrame, rules: MatchRules) -> Iterator[Crowd]:
    """Yield the commonest value of each compared field, where it is no mark of anyone.

    Args:
        frame: Canonical columns.
        rules: Match rules of the object.
    """
    fields = [name for f in rules.features if f.type in _TELLING for name in f.fields]
    for name in dict.fromkeys(fields):
        if name not in frame.columns:
            continue
        filled = frame.height - frame[name].null_count()
        if filled <= _FEWEST:
            continue
        most = int(frame[name].drop_nulls().unique_counts().max() or 0)  # type: ignore[arg-type]
        if most > max(_FEWEST, _SHARE * filled):
            yield Crowd(name, most, filled)
