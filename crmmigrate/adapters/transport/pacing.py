"""How fast and how many at a time: as fast as the server allows, without running into its limit.

Two things are learned. The **rate**: where the server tells limits in headers, they are kept to;
where it only refuses (429), the rate that it allowed is worked out from what it took between two
refusals, kept to a little below, and raised again very slowly. The **number at a time**: one more
for each round without trouble, half as many after trouble (AIMD, as TCP does).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Condition, Lock

from crmmigrate.adapters.transport.retrying import http_date

__all__ = ["Pacer", "ParallelLimit", "RateHeaders"]

_BELOW = 0.97
"""Share of a rate worked out roughly that is used."""
_FINELY_BELOW = 0.96
"""Share of a rate at which a long steady run was refused that is used."""
_LONG = 50
"""Answers that make a run long: what was saved up before it does not count any more."""
_ROUGH = (1.06, 20)
_FINE = (1.005, 200)
"""By how much a rate is raised, and after how many answers without a refusal."""
_BEYOND = 1.03
"""Above this multiple of what was found out, the limit has been lifted; then as if rough."""
_EPOCH = 1e9
"""A reset above it is a point in time, not a number of seconds."""


@dataclass(frozen=True, slots=True)
class RateHeaders:
    """Names of the headers that tell a limit, in lower case; empty where there is none.

    Attributes:
        remaining: How many requests are left in the window.
        reset: When the window ends: seconds from now, seconds since 1970, or a date.
    """

    remaining: str = ""
    reset: str = ""

    def left(self, headers: Mapping[str, str], now: datetime) -> tuple[float, float] | None:
        """Return how many requests are left for how many seconds, where the server tells both."""
        told = headers.get(self.remaining, ""), headers.get(self.reset, "")
        try:
            remaining = float(told[0])
        except ValueError:
            return None
        try:
            reset = float(told[1])
        except ValueError:
            moment = http_date(told[1])
            return None if moment is None else (remaining, (moment - now).total_seconds())
        return remaining, reset - now.timestamp() if reset > _EPOCH else reset


@dataclass
class Pacer:
    """Says when the next request may go.

    Attributes:
        rate: Requests a second at most; None if no limit is known.
        names: Headers that tell the limit.
        fixed: The given rate is a rule of the server; it is not exceeded to try it out.
    """

    rate: float | None = None
    names: RateHeaders = field(default_factory=RateHeaders)
    fixed: bool = False
    _next: float = 0.0
    _not_before: float = 0.0
    _began: float | None = None
    _taken: int = 0
    _refused: bool = False
    _last_refusal: float = 0.0
    _found: float | None = None
    _rough: bool = True
    _calm: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def book(self, now: float) -> float:
        """Take the next place in the line; return how many seconds to wait for it."""
        with self._lock:
            if self._began is None:
                self._began = now
            start = max(now, self._next, self._not_before)
            self._next = start + (1.0 / self.rate if self.rate else 0.0)
            return start - now

    def hold(self, now: float, seconds: float) -> None:
        """Let nothing go for so many seconds."""
        with self._lock:
            self._not_before = max(self._not_before, now + seconds)

    def answered(self, now: float, headers: Mapping[str, str], today: datetime) -> None:
        """Learn from an answer that was no refusal.

        Args:
            now: Seconds of the clock that only grows.
            headers: With names in lower case.
            today: The time by the server's clock.
        """
        with self._lock:
            if self._refused and now >= self._not_before:
                self._learn(now)
            self._taken += 1
            self._calm += 1
            self._raise()
        told = self.names.left(headers, today) if self.names.remaining else None
        if told is not None:
            self._keep_to(now, *told)

    def refused(self, now: float, asked: float | None) -> None:
        """Learn that the server has refused a request because there were too many.

        Args:
            now: Seconds of the clock that only grows.
            asked: Seconds that the server asks to wait; None if it does not say.
        """
        with self._lock:
            self._refused = True
            self._calm = 0
            self._last_refusal = now + (asked or 0.0)

    def _learn(self, now: float) -> None:
        """Work out which rate the server allows, now that it takes requests again.

        After a long steady run it is the rate that was refused. After a short one it is what was
        taken since the run began, the waiting included: most of it had been saved up before.
        When the server began to take requests again is known only roughly: between its last
        refusal, or the end of the pause it asked for, and now.
        """
        began = now if self._began is None else self._began
        seconds = (min(self._last_refusal, now) + now) / 2 - began
        if self.rate is not None and self._taken >= _LONG:
            self._found, self._rough = self.rate, False
            self.rate *= _FINELY_BELOW
        elif seconds > 0 and self._taken:
            self._found, self._rough = self._taken / seconds, True
            self.rate = min(self._found, self.rate or float("inf")) * _BELOW
        self._began, self._taken, self._refused = now, 0, False

    def _raise(self) -> None:
        """Try a little more than before, once enough answers have come without a refusal."""
        if self.rate is None or self.fixed or self._found is None:
            return
        lifted = self.rate > self._found * _BEYOND
        factor, answers = _ROUGH if self._rough or lifted else _FINE
        if self._calm >= answers:
            self._calm = 0
            self.rate *= factor

    def _keep_to(self, now: float, remaining: float, seconds: float) -> None:
        """Spread what is left over the rest of the window; with nothing left, wait for its end."""
        with self._lock:
            if seconds <= 0:
                return
            if remaining < 1:
                self._not_before = max(self._not_before, now + seconds)
            elif not self.fixed:
                self.rate = remaining / seconds


@dataclass
class ParallelLimit:
    """How many requests are under way at a time.

    Attributes:
        most: Never more than these.
        now: At present; a fraction counts up to the next one.
    """

    most: int = 1
    now: float = 1.0
    _busy: int = 0
    _free: Condition = field(default_factory=Condition, repr=False)

    def enter(self) -> None:
        """Wait for a free place and take it."""
        with self._free:
            while self._busy >= max(1, int(self.now)):
                self._free.wait()
            self._busy += 1

    def leave(self) -> None:
        """Give the place back."""
        with self._free:
            self._busy -= 1
            self._free.notify_all()

    def grow(self) -> None:
        """All went well: one more for each round."""
        with self._free:
            self.now = min(float(self.most), self.now + 1.0 / max(1.0, self.now))
            self._free.notify_all()

    def shrink(self) -> None:
        """There was trouble: half as many."""
        with self._free:
            self.now = max(1.0, self.now / 2.0)
