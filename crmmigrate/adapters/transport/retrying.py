"""Which answers and failures are worth another try, and how long to wait before it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random

from crmmigrate.adapters.transport.messages import Reply, Request

__all__ = ["RetryPolicy", "Verdict", "judge_reply", "retry_after"]

THROTTLED = frozenset({429})
"""The server says that it has not done what was asked, so even a write may be sent again."""
FAILED_ON_THE_WAY = frozenset({408, 425, 502, 503, 504})
"""Gateways answer so, perhaps after the server behind them has done the work."""
FAILED = frozenset({500})
"""The server itself failed: a fault of the moment, or of the record."""


class Verdict:
    """What to do about an answer."""

    DONE = "done"
    AGAIN = "again"
    THROTTLED = "throttled"
    UNKNOWN = "unknown"


def judge_reply(request: Request, reply: Reply) -> str:
    """Return the verdict on an answer.

    A write that was answered with 500 is handed to the adapter as it is, because it may be the
    record that the server cannot digest; `Reply.status` tells it to read back first.
    """
    if reply.status in THROTTLED:
        return Verdict.THROTTLED
    if reply.status in FAILED_ON_THE_WAY:
        return Verdict.AGAIN if request.may_repeat else Verdict.UNKNOWN
    if reply.status in FAILED and request.may_repeat:
        return Verdict.AGAIN
    return Verdict.DONE


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently is tried again.

    Attributes:
        tries: Most tries of one request.
        throttled_tries: Most tries of one request that the server answers with 429.
        first: Seconds before the second try; doubled for each further one.
        longest: Most seconds that are waited by this rule.
        patience: Most seconds that are waited because the server asks for it.
        random: Spreads the tries of several clients; between half and all of the time.
    """

    tries: int = 6
    throttled_tries: int = 12
    first: float = 1.0
    longest: float = 30.0
    patience: float = 900.0
    random: Random = field(default_factory=Random, repr=False)

    def pause(self, tried: int) -> float:
        """Return how long to wait after so many tries, in seconds."""
        whole = min(self.longest, self.first * 2.0 ** min(tried - 1, 30))
        return whole * self.random.uniform(0.5, 1.0)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that `Retry-After` asks for (RFC 9110 section 10.2.3); None without it.

    Args:
        headers: With names in lower case.
        now: The time by the server's clock, for a date.
    """
    told = headers.get("retry-after", "").strip()
    if not told:
        return None
    try:
        return max(0.0, float(told))
    except ValueError:
        moment = http_date(told)
        return None if moment is None else max(0.0, (moment - now).total_seconds())


def http_date(text: str) -> datetime | None:
    """Return a date of HTTP (RFC 9110 section 5.6.7), or None if it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
