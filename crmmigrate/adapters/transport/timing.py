"""The clock and the time-outs of a transport; tests hand in a clock of their own."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

__all__ = ["TimeOuts", "Timekeeper"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Timekeeper:
    """Tells the time and waits.

    Attributes:
        now: The time of day, with a zone; for dates in headers.
        elapsed: Seconds that only ever grow; for durations.
        sleep: Waits so many seconds.
    """

    now: Callable[[], datetime] = _utc_now
    elapsed: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class TimeOuts:
    """How long is waited for the other side, in seconds.

    Attributes:
        connect: For a connection.
        read: For the next bytes of an answer; writes of a CRM run its automations first.
        write: For the next bytes of a request to be taken.
    """

    connect: float = 10.0
    read: float = 120.0
    write: float = 60.0

    def as_httpx(self) -> httpx.Timeout:
        """Return them as httpx takes them; waiting for a free connection has no limit."""
        return httpx.Timeout(connect=self.connect, read=self.read, write=self.write, pool=None)
