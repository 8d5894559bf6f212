"""The fault laboratory: disturb loads by seed, and see that they end as if nothing had happened.

`disturbed` makes faults befall the target of a project and the transitions of its ledger;
`load_through` runs a load again and again, as a person would, until nothing is pending.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl
import pyarrow as pa

from crmmigrate.adapters.base import Claimable, Target
from crmmigrate.adapters.outcome_frames import Refusal, refused, unknown
from crmmigrate.adapters.registry import open_target
from crmmigrate.adapters.transport import (
    CredentialsError,
    ThrottledError,
    Timekeeper,
    UnreachableError,
)
from crmmigrate.errors import RemoteError, StorageError
from crmmigrate.model.catalog import Capabilities, Catalog
from crmmigrate.model.runs import StageReport
from crmmigrate.stages.carrying import can_link
from crmmigrate.store.crosswalk import Crosswalk
from crmmigrate.store.ledger import Ledger
from crmmigrate.store.workspace import Run
from crmmigrate.testing.faults import Fault, Schedule
from crmmigrate.testing.worlds import World

__all__ = ["FaultyTarget", "HurriedClock", "Killed", "disturbed", "load_through"]

_RESTARTS = 80
"""More restarts than a schedule has faults mean that a load makes no progress."""
_TRANSITIONS = (
    (Ledger, "open_plan"),
    (Ledger, "mark_sent"),
    (Ledger, "record"),
    (Ledger, "record_undone"),
    (Ledger, "end_plan"),
    (Crosswalk, "add"),
)
Opener = Callable[[Mapping[str, object], Path], Target]


class Killed(BaseException):
    """Stands for the death of the process: nothing in the code may catch it."""


@dataclass
class HurriedClock:
    """A clock on which waiting takes no time."""

    skipped: float = 0.0
    start: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def timekeeper(self) -> Timekeeper:
        """The clock as a transport takes it."""
        return Timekeeper(
            lambda: datetime.now(UTC), lambda: time.monotonic() + self.skipped, self._sleep
        )

    def _sleep(self, seconds: float) -> None:
        self.skipped += seconds


class FaultyTarget:
    """A target whose calls go wrong as a schedule says.

    Args:
        target: The target that does the work.
        schedule: Which fault befalls which call.
    """

    def __init__(self, target: Target, schedule: Schedule) -> None:
        self._target = target
        self._schedule = schedule
        self._fresh: set[str] = set()

    @property
    def capabilities(self) -> Capabilities:
        """As the target says."""
        return self._target.capabilities

    def describe(self) -> Catalog:
        """As the target says."""
        return self._target.describe()

    def read(
        self, dataset: str, fields: Sequence[str] | None = None, since: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """As the target says."""
        return self._target.read(dataset, fields, since)

    def fetch(
        self, object_: str, keys: pl.Series | None, by: str, fields: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield records; a stale read does not show yet what the last write has created."""
        fault = self._schedule.draw(Fault.STALE_READ, Fault.KILLED_BEFORE, Fault.ERROR_500)
        if fault is Fault.KILLED_BEFORE:
            raise Killed
        if fault is Fault.ERROR_500:
            raise UnreachableError("the server fails: HTTP 500")
        for batch in self._target.fetch(object_, keys, by, fields):
            if fault is not Fault.STALE_READ:
                yield batch
                continue
            frame = pl.DataFrame(pl.from_arrow(batch))
            fresh = pl.col("_external_id").is_in(list(self._fresh)).fill_null(value=False)
            yield from _batches(frame.filter(~fresh))

    def write(self, object_: str, action: str, operations: pl.DataFrame) -> pl.DataFrame:
        """Write, or not, or half, and tell the truth, or nothing."""

        def written(sent: pl.DataFrame) -> pl.DataFrame:
            self._fresh = set(sent["external_id"]) if action == "create" else set()
            return self._target.write(object_, action, sent)

        return self._through(operations, written)

    def can_claim(self, object_: str) -> bool:
        """As the target says."""
        return can_link(self._target, object_)

    def claim(self, object_: str, claims: pl.DataFrame) -> pl.DataFrame:
        """Claim as it writes."""
        assert isinstance(self._target, Claimable)  # noqa: S101 - asked by `can_claim`
        claim = self._target.claim
        return self._through(claims, lambda sent: claim(object_, sent))

    def _through(
        self, operations: pl.DataFrame, carried: Callable[[pl.DataFrame], pl.DataFrame]
    ) -> pl.DataFrame:
        fault = self._schedule.draw()
        if fault in _RAISED_BEFORE:
            raised = _RAISED_BEFORE[fault]
            raise raised()
        if fault is Fault.WHOLE_BATCH_REFUSED:
            return _again(operations, "LOCKED", "the batch was rolled back")
        if fault is Fault.LOST_REQUEST:
            return unknown(operations["op_id"].to_list(), "the request was lost")
        sent, kept_back = self._cut(operations, fault)
        outcomes = carried(sent)
        if fault is Fault.DUPLICATE_DELIVERY:
            twice = carried(sent)
            outcomes = self._schedule.random.choice([outcomes, twice])
        return self._told(fault, sent, kept_back, outcomes)

    def close(self) -> None:
        """Close the target, if it can be closed."""
        close = getattr(self._target, "close", None)
        if close is not None:
            close()

    def _cut(
        self, operations: pl.DataFrame, fault: Fault | None
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the operations that get through, and those that do not."""
        if fault not in {Fault.PARTIAL_SUCCESS, Fault.LOCK_CONFLICT}:
            return operations, operations.clear()
        chances = [self._schedule.random.random() < 0.5 for _ in range(operations.height)]
        through = pl.Series(chances, dtype=pl.Boolean)
        return operations.filter(through), operations.filter(~through)

    def _told(
        self,
        fault: Fault | None,
        sent: pl.DataFrame,
        kept_back: pl.DataFrame,
        outcomes: pl.DataFrame,
    ) -> pl.DataFrame:
        if fault is Fault.KILLED_AFTER:
            raise Killed
        if fault is Fault.ERROR_500_AFTER:
            raise UnreachableError("the server fails: HTTP 500")
        if fault is Fault.LOST_REPLY:
            return unknown(sent["op_id"].to_list(), "the reply was lost")
        if fault is Fault.PARTIAL_SUCCESS:
            lost = unknown(kept_back["op_id"].to_list(), "the reply was cut off")
            return pl.concat([outcomes, lost])
        if fault is Fault.LOCK_CONFLICT:
            return pl.concat([outcomes, _again(kept_back, "LOCKED", "unable to lock the parent")])
        if fault is Fault.UNORDERED_RESULTS:
            seed = self._schedule.random.randrange(10**6)
            return outcomes.sample(outcomes.height, shuffle=True, seed=seed)
        return outcomes


def _throttled() -> Exception:
    return ThrottledError("the rate limit is used up")


_RAISED_BEFORE: Mapping[Fault | None, Callable[[], BaseException]] = {
    Fault.KILLED_BEFORE: Killed,
    Fault.THROTTLED: _throttled,
    Fault.ERROR_500: lambda: UnreachableError("the server fails: HTTP 500"),
    Fault.TOKEN_EXPIRED: lambda: CredentialsError("the server does not accept our credentials"),
    Fault.DISK_FULL: lambda: StorageError("no space left on the disk"),
}


@contextmanager
def disturbed(
    schedule: Schedule, opener: Opener | None = None, *, target_too: bool = True
) -> Iterator[HurriedClock]:
    """Make faults befall every target that stages open, and every transition of the ledger.

    Args:
        schedule: Which fault befalls which call.
        opener: Opens the target; the registry by default.
        target_too: Whether the calls of the target itself go wrong; False where its server
            misbehaves already.
    """
    clock = HurriedClock()
    inner = opener or open_target

    def open_faulty(options: Mapping[str, object], root: Path) -> Target:
        target = inner({**options, "timekeeper": clock.timekeeper}, root)
        return FaultyTarget(target, schedule) if target_too else target

    with ExitStack() as stack:
        stack.enter_context(patch("crmmigrate.stages.target.open_target", open_faulty))
        for kind, name in _TRANSITIONS:
            stack.enter_context(patch.object(kind, name, _mortal(getattr(kind, name), schedule)))
        yield clock


def load_through(world: World, run: Run, work: Callable[[Run], StageReport]) -> StageReport:
    """Do a piece of work again after each fault until nothing is pending; return its last report.

    Args:
        world: Where.
        run: Which run.
        work: `world.load` or `world.rollback`.

    Raises:
        AssertionError: it does not come to an end.
    """
    for _ in range(_RESTARTS):
        try:
            report = work(run)
        except (RemoteError, CredentialsError, Killed):
            continue
        if not report.facts.get("pending") and all(gate.passed for gate in report.gates):
            return report
    raise AssertionError(f"{world.root}: the work does not come to an end")


def _mortal(method: Callable[..., Any], schedule: Schedule) -> Callable[..., Any]:
    """Return a method that may die before or after its work, or find the disk full."""

    def transition(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever it takes
        fault = schedule.draw(Fault.KILLED_BEFORE, Fault.KILLED_AFTER, Fault.DISK_FULL)
        if fault is Fault.KILLED_BEFORE:
            raise Killed
        if fault is Fault.DISK_FULL:
            raise StorageError("no space left on the disk")
        result = method(*arguments, **named)
        if fault is Fault.KILLED_AFTER:
            raise Killed
        return result

    return transition


def _again(operations: pl.DataFrame, code: str, says: str) -> pl.DataFrame:
    """Return outcomes of operations that were not carried out and may be tried again."""
    told = Refusal(code, None, says, retriable=True)
    return refused(dict.fromkeys(operations["op_id"].to_list(), told))


def _batches(frame: pl.DataFrame) -> Iterator[pa.RecordBatch]:
    yield from frame.to_arrow().to_batches()
