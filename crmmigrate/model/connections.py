"""What trying a connection has shown."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Check", "State"]


class State(StrEnum):
    """How a check went."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What, e.g. "log in".
        state: How it went; a failed one keeps a load from working.
        says: What was found.
        hint: What to do about it; empty if nothing.
    """

    name: str
    state: State
    says: str
    hint: str = ""
