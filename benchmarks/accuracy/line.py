"""One line of the table of accuracy."""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Line"]


@dataclass(frozen=True)
class Line:
    """How many cases of one sort were read right.

    Attributes:
        name: What the cases have in common.
        right: Cases read right.
        total: All cases.
        target: Share in percent that is to be reached, None where none is set.
        peer: Cases that the best peer library reads right, None where none is measured.
        wrong: Wrong cases as text, for a person to look at.
    """

    name: str
    right: int
    total: int
    target: float | None = None
    peer: int | None = None
    wrong: Sequence[str] = ()
