"""Field policies: whose value counts where the target holds a record already."""

from enum import StrEnum

__all__ = ["ALL_FIELDS", "Existing", "Policy"]

ALL_FIELDS = "*"
"""In the place of a field: all fields of the object that are not named."""


class Policy(StrEnum):
    """What an update may do to a field; a record that is created gets all our values."""

    HOLD = "hold"
    """As overwrite, but what both sides have changed since the last load is a conflict."""
    OVERWRITE = "overwrite"
    """Our value is written, and our blank clears what is there."""
    NEVER_BLANK = "never_blank"
    """Our value is written; our blank leaves what is there."""
    FILL_BLANKS = "fill_blanks"
    """Our value is written only where the target has none."""
    TARGET_WINS = "target_wins"
    """What the target holds stays, a blank too."""
    SOURCE_WINS = "source_wins"
    """What the source holds is written, a blank too: overwrite, by the name of its counterpart."""
    NEWEST = "newest"
    """The side that was changed last: ours by `modified_at` of its dataset, which must be told."""


class Existing(StrEnum):
    """What becomes of records that are in the target already, without a key of ours."""

    LINK = "link"
    """Sure ones are taken over, doubtful ones are held back."""
    HOLD = "hold"
    """All of them are held back until a person has decided."""
    CREATE = "create"
    """They are created all the same, and told."""
