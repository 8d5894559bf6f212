"""Faults by seed: what goes wrong at which call, the same for the same seed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from threading import Lock

__all__ = ["HTTP_FAULTS", "PROXY_FAULTS", "TARGET_FAULTS", "Fault", "Schedule"]


class Fault(StrEnum):
    """What can go wrong with one call."""

    LOST_REQUEST = "lost_request"
    LOST_REPLY = "lost_reply"
    DUPLICATE_DELIVERY = "duplicate_delivery"
    THROTTLED = "throttled"
    THROTTLED_WITH_TIME = "throttled_with_time"
    ERROR_500 = "error_500"
    ERROR_500_AFTER = "error_500_after"
    ERROR_502 = "error_502"
    ERROR_503 = "error_503"
    ERROR_503_SILENT = "error_503_silent"
    ERROR_504 = "error_504"
    ERROR_504_AFTER = "error_504_after"
    PAGE_FOR_PEOPLE = "page_for_people"
    SLOW_REPLY = "slow_reply"
    RESET_IN_REPLY = "reset_in_reply"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - no password
    PARTIAL_SUCCESS = "partial_success"
    UNORDERED_RESULTS = "unordered_results"
    WHOLE_BATCH_REFUSED = "whole_batch_refused"
    LOCK_CONFLICT = "lock_conflict"
    STALE_READ = "stale_read"
    KILLED_BEFORE = "killed_before"
    KILLED_AFTER = "killed_after"
    DISK_FULL = "disk_full"


HTTP_FAULTS: Sequence[Fault] = (
    Fault.LOST_REQUEST,
    Fault.LOST_REPLY,
    Fault.DUPLICATE_DELIVERY,
    Fault.THROTTLED,
    Fault.THROTTLED_WITH_TIME,
    Fault.ERROR_500,
    Fault.ERROR_500_AFTER,
    Fault.ERROR_502,
    Fault.ERROR_503,
    Fault.ERROR_504,
    Fault.ERROR_504_AFTER,
    Fault.PAGE_FOR_PEOPLE,
    Fault.TOKEN_EXPIRED,
)
"""What a server and the way to it can do; slow replies are left out, since they take real time."""
PROXY_FAULTS: Sequence[Fault] = (
    Fault.LOST_REQUEST,
    Fault.LOST_REPLY,
    Fault.DUPLICATE_DELIVERY,
    Fault.THROTTLED,
    Fault.THROTTLED_WITH_TIME,
    Fault.ERROR_502,
    Fault.ERROR_503,
    Fault.ERROR_503_SILENT,
    Fault.ERROR_504,
    Fault.ERROR_504_AFTER,
    Fault.PAGE_FOR_PEOPLE,
    Fault.SLOW_REPLY,
    Fault.RESET_IN_REPLY,
)
"""What the way to a real server can do, whatever the server itself may answer."""
TARGET_FAULTS: Sequence[Fault] = (
    Fault.LOST_REQUEST,
    Fault.LOST_REPLY,
    Fault.DUPLICATE_DELIVERY,
    Fault.THROTTLED,
    Fault.ERROR_500,
    Fault.TOKEN_EXPIRED,
    Fault.PARTIAL_SUCCESS,
    Fault.UNORDERED_RESULTS,
    Fault.WHOLE_BATCH_REFUSED,
    Fault.LOCK_CONFLICT,
    Fault.STALE_READ,
    Fault.KILLED_BEFORE,
    Fault.KILLED_AFTER,
    Fault.DISK_FULL,
)
"""What can befall a call of a target."""


@dataclass
class Schedule:
    """Which fault befalls which call.

    Attributes:
        seed: Of the random numbers.
        kinds: Faults that may be drawn.
        share: Share of calls that one befalls.
        most: How many there are at most; after them all is well, so that every load ends.
        drawn: What was drawn, in order.
    """

    seed: int
    kinds: Sequence[Fault]
    share: float = 0.3
    most: int = 25
    drawn: list[Fault] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)  # noqa: S311 - no secrets here

    @property
    def random(self) -> Random:
        """Random numbers for whatever else a fault has to choose."""
        return self._random

    def draw(self, *among: Fault) -> Fault | None:
        """Return the fault of the next call, or None.

        Args:
            among: Faults that are possible here; all of the schedule if none are given.
        """
        with self._lock:
            possible = [kind for kind in self.kinds if not among or kind in among]
            if len(self.drawn) >= self.most or not possible or self._random.random() >= self.share:
                return None
            fault = self._random.choice(possible)
            self.drawn.append(fault)
            return fault
