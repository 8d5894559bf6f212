"""The circuit breaker: a server that has failed many times in a row is left in peace for a while."""

from dataclasses import dataclass, field
from threading import Lock

__all__ = ["CircuitBreaker"]


@dataclass
class CircuitBreaker:
    """Closed, open or half open.

    Closed lets everything through. After `failures` in a row it opens: nothing is sent for
    `pause` seconds. Then it is half open: one request goes as a probe, the others wait for what
    comes of it. A probe that succeeds closes it, one that fails opens it for twice as long.

    Attributes:
        failures: How many in a row open it.
        pause: Seconds for which it opens first.
        longest: Seconds for which it opens at most.
        patience: Seconds without any success after which it gives up.
    """

    failures: int = 5
    pause: float = 5.0
    longest: float = 60.0
    patience: float = 180.0
    _in_a_row: int = 0
    _opened_at: float | None = None
    _first_failure: float = 0.0
    _current: float = 0.0
    _probing: bool = False
    _lock: Lock = field(default_factory=Lock, repr=False)

    def ask(self, now: float) -> float:
        """Return how many seconds to wait before asking again; 0 means go (perhaps as the probe).

        Args:
            now: Seconds of the clock that only grows.
        """
        with self._lock:
            if self._opened_at is None:
                return 0.0
            left = self._opened_at + self._current - now
            if left > 0:
                return left
            if self._probing:
                return min(1.0, self.pause)
            self._probing = True
            return 0.0

    def gave_up(self, now: float) -> bool:
        """Return whether it is open and nothing has succeeded for too long."""
        with self._lock:
            return self._opened_at is not None and now - self._first_failure >= self.patience

    @property
    def is_open(self) -> bool:
        """Whether requests have to wait."""
        return self._opened_at is not None

    @property
    def failed(self) -> int:
        """How many requests have failed in a row."""
        return self._in_a_row

    def succeeded(self) -> None:
        """Note that the server has answered."""
        with self._lock:
            self._in_a_row = 0
            self._opened_at = None
            self._probing = False
            self._current = 0.0

    def failure(self, now: float) -> None:
        """Note that the server has not answered, or not in its own words."""
        with self._lock:
            if not self._in_a_row:
                self._first_failure = now
            self._in_a_row += 1
            if self._probing:
                self._current = min(self._current * 2, self.longest)
                self._opened_at = now
                self._probing = False
            elif self._opened_at is None and self._in_a_row >= self.failures:
                self._current = self.pause
                self._opened_at = now
