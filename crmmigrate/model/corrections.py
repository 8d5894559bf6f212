"""What people put right by hand in single records."""

from dataclasses import dataclass

__all__ = ["CLEAR", "CORRECTION_COLUMNS", "Correction"]

CORRECTION_COLUMNS = ("key", "field", "value", "why")
"""Header of `corrections/<object>.csv`."""
CLEAR = "<blank>"
"""Written for a value that shall be empty; a blank cell means nothing."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One value that holds in every later run.

    Attributes:
        key: Record key; of a golden record or of any record merged into it.
        field: Canonical field.
        value: The value, in any spelling; CLEAR empties the field.
        why: For whoever reads it later.
    """

    key: str
    field: str
    value: str
    why: str = ""
