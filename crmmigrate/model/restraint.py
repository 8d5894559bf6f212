"""Which changes of standardizing are not wanted."""

from dataclasses import dataclass

__all__ = ["KEEP_ALL", "Restraint"]


@dataclass(frozen=True, slots=True)
class Restraint:
    """Which standardized values are not wanted: the raw one stays instead.

    Attributes:
        undo_rules: Codes; a value that one of them changed stays as it was.
        min_confidence: A value changed with less confidence stays as it was.
    """

    undo_rules: frozenset[str] = frozenset()
    min_confidence: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.undo_rules) or self.min_confidence > 0


KEEP_ALL = Restraint()
"""Nothing is undone."""
