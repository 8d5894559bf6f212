"""What people decided about values that both sides have changed."""

from dataclasses import dataclass

__all__ = ["CHOICE_COLUMNS", "KEEPS", "OURS", "THEIRS", "Choice"]

OURS, THEIRS = "ours", "theirs"
KEEPS = (OURS, THEIRS)
"""What can be kept: the value of the sources, or the one that the target holds."""
CHOICE_COLUMNS = ("key", "field", "keep", "of", "why")
"""Header of `conflicts/<object>.csv`."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Whose value of one field counts, as long as the three sides hold what they held then.

    Attributes:
        key: Key of the record in the target, as the plan names it.
        field: Column of the record.
        keep: `ours` or `theirs`.
        of: Fingerprint of the three values it was made about; another value is another conflict.
        why: For whoever reads it later.
    """

    key: str
    field: str
    keep: str
    of: str
    why: str = ""
