"""What people decided about pairs of records."""

from dataclasses import dataclass

from crmmigrate.model.matching import Judgement

__all__ = ["DECIDED", "DECISION_COLUMNS", "Decision"]

DECIDED = (Judgement.MATCH.value, Judgement.NO_MATCH.value)
"""What can be decided: the two records are one, or they are not."""
DECISION_COLUMNS = ("key_a", "key_b", "judgement", "why")
"""Header of `decisions/<object>.csv`."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A judgement that holds in every later run.

    Attributes:
        key_a: Record key.
        key_b: Record key of the other.
        judgement: `match` or `no_match`.
        why: For whoever reads it later.
    """

    key_a: str
    key_b: str
    judgement: str
    why: str = ""
