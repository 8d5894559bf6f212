"""Write batches to systems that take a batch whole or not at all, until bad rows are alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import polars as pl

from crmmigrate.adapters.outcome_frames import Refusal, in_order, refused

__all__ = ["WholeRefusal", "write_in_halves"]

_NONE: Mapping[str, Refusal] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class WholeRefusal:
    """The system has refused a batch, and nothing of it was written.

    Attributes:
        reason: What it says; the reason of the row where the batch is but one.
        rows: Reasons of rows that it names, by operation id; they are not sent again.
    """

    reason: Refusal
    rows: Mapping[str, Refusal] = field(default_factory=lambda: _NONE)


def write_in_halves(
    operations: pl.DataFrame, attempt: Callable[[pl.DataFrame], pl.DataFrame | WholeRefusal]
) -> pl.DataFrame:
    """Return one outcome for each operation, refusing only rows that fail alone.

    A refused batch is cut in two. Where the first half goes through, the second holds what was
    refused and is cut again without being tried, unless it is a single row. So k bad rows of n
    take at most 1 + 2 k log2 n calls, about half as many where they stand together.

    Args:
        operations: OPERATION rows of one action, with `op_id`.
        attempt: Writes a batch whole: returns OUTCOME rows of all of it, or why it was refused.
            What it raises ends the writing; the load stage then reads back what became of it.
    """
    halving = _Halving(attempt)
    if operations.height:
        halving.write(operations, surely_bad=False)
    return in_order(operations, halving.outcomes)


@dataclass
class _Halving:
    attempt: Callable[[pl.DataFrame], pl.DataFrame | WholeRefusal]
    outcomes: list[pl.DataFrame] = field(default_factory=list)

    def write(self, batch: pl.DataFrame, *, surely_bad: bool) -> bool:
        """Write a batch and return whether it went through at once."""
        if not surely_bad or batch.height == 1:
            answer = self.attempt(batch)
            if isinstance(answer, pl.DataFrame):
                self.outcomes.append(answer)
                return True
            if self._settle_named(batch, answer):
                return False
        middle = batch.height // 2
        clean = self.write(batch.head(middle), surely_bad=False)
        self.write(batch.tail(batch.height - middle), surely_bad=clean)
        return False

    def _settle_named(self, batch: pl.DataFrame, answer: WholeRefusal) -> bool:
        """Refuse the rows that are known to be bad and write the rest; False if none is known."""
        known = {name: answer.rows[name] for name in batch["op_id"] if name in answer.rows}
        if batch.height == 1 and not known:
            known = {str(batch["op_id"][0]): answer.reason}
        if not known:
            return False
        self.outcomes.append(refused(known))
        rest = batch.filter(~pl.col("op_id").is_in(list(known)))
        if rest.height:
            self.write(rest, surely_bad=False)
        return True
