"""How many calls a plan takes, and how long: by earlier loads, else by what was measured."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crmmigrate.model.operations import Action
from crmmigrate.stages.target import Crm

__all__ = ["Forecast", "forecast"]

_WRITING = (Action.CREATE.value, Action.UPDATE.value, Action.LINK.value, "second_pass", "delete")


@dataclass(frozen=True)
class Forecast:
    """What a load is expected to take.

    Attributes:
        records: Writes, those of the second pass too.
        calls: Calls that write; reading back and retries come on top.
        seconds: How long, or None where nothing tells.
        by: What tells it.
    """

    records: int
    calls: int
    seconds: float | None
    by: str

    def notes(self) -> Iterator[str]:
        """Yield the line that a plan shows."""
        if not self.records:
            return
        calls = f"about {self.calls:,} calls that write"
        if self.calls == 1:
            calls = "one call that writes"
        if self.seconds is None:
            yield f"forecast: {calls}; how long is known after the first load"
        else:
            yield f"forecast: {calls}, {_duration(self.seconds)} ({self.by})"

    def facts(self) -> dict[str, object]:
        """Return the same for programs."""
        told = {"records": self.records, "calls": self.calls, "by": self.by}
        return {"forecast": {**told, "seconds": self.seconds and round(self.seconds, 1)}}


def forecast(crm: Crm, counts: Mapping[str, Mapping[str, int]]) -> Forecast:
    """Return the forecast for a plan.

    Args:
        crm: The target, and the ledger that remembers earlier loads.
        counts: Object → records by action, and `second_pass`.
    """
    can = crm.target.capabilities
    # Each object and pass begins with a call of its own; a batch may mix creates and updates,
    # which are two calls.
    rows = [c.get(name, 0) for c in counts.values() for name in _WRITING]
    size = max(1, min(can.records_per_call, can.batch_size))
    calls, records = sum(math.ceil(n / size) for n in rows), sum(rows)
    pace, by = crm.ledger.pace(crm.name), "as fast as the last loads into it"
    if pace is None:
        pace, by = can.records_per_second, "at the pace that was measured with such a system"
    if pace is None:
        return Forecast(records, calls, None, "")
    return Forecast(records, calls, records / pace, by)


def _duration(seconds: float) -> str:
    if seconds < 60:
        return "less than a minute"
    minutes = math.ceil(seconds / 60)
    return f"about {minutes:,} minutes" if minutes < 120 else f"about {seconds / 3600:,.0f} hours"
