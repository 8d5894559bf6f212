"""Send one batch: write ahead, call the target, record the outcome. Safe to break off anywhere."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from crmmigrate.changes.compare import column_kinds
from crmmigrate.changes.invert import GONE, INTACT, judge_current
from crmmigrate.errors import InternalError
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.operations import OUTCOME, Action, Status, after_column
from crmmigrate.stages.carrying import carry_out
from crmmigrate.stages.target import Crm, unresolved
from crmmigrate.store.crosswalk import CROSSWALK
from crmmigrate.store.ledger import PlanEntry

__all__ = ["BatchSender", "SentBatch"]

_NO_NAMES = pl.lit([], dtype=pl.List(pl.String))
_OP = ["op_id", "object", "action", "pass", "external_id", "target_id"]


@dataclass(frozen=True)
class SentBatch:
    """A batch with the outcome of each operation, both recorded in the ledger."""

    operations: pl.DataFrame
    outcomes: pl.DataFrame


@dataclass(frozen=True)
class BatchSender:
    """Sends batches of operations of one object under one plan.

    Attributes:
        crm: Target and ledger.
        entry: The plan in the ledger.
        object_type: The object.
        merged: `_key, golden_key` of source keys that were merged into other records.
        clock: Gives the time of what is recorded.
        waiting: External ids of records that were left for a later round; those that need them
            are left, too. Shared by the senders of one round.
    """

    crm: Crm
    entry: PlanEntry
    object_type: ObjectType
    merged: pl.DataFrame
    clock: Callable[[], datetime]
    waiting: set[str] = field(default_factory=set)

    def send(self, operations: pl.DataFrame, unsettled: pl.Series) -> SentBatch:
        """Carry out operations that the ledger does not know as done.

        Those that wait for another record, of which it is not known yet whether it is in the
        target, are left for a later round.

        Args:
            operations: Operations of one pass; creates and updates may be mixed.
            unsettled: Ids of those that were sent before without a recorded outcome: what became
                of them is read back from the target before anything is sent again.
        """
        resolved = self._without_waiting(self._resolved(operations))
        operations = operations.filter(pl.col("op_id").is_in(resolved["op_id"].implode()))
        orphans, rest = self._orphans(resolved)
        idle = (pl.col("action") == Action.UPDATE.value) & (pl.col("changed").list.len() == 0)
        ready = rest.filter(~idle)
        before = self._settled(ready.filter(pl.col("op_id").is_in(unsettled.implode())))
        ready = ready.filter(~pl.col("op_id").is_in(before["op_id"].implode()))
        self.crm.ledger.mark_sent(self.entry, operations.select(_OP))
        known = [orphans, before, _outcomes(rest.filter(idle), Status.SUCCEEDED)]
        outcomes = _with_remarks(pl.concat([*known, *self._written(ready)]), rest)
        self._record(operations, outcomes)
        return SentBatch(operations, outcomes)

    def _resolved(self, operations: pl.DataFrame) -> pl.DataFrame:
        """Point references and the operation itself at target records.

        Adds `absent`, the references meant to be written whose record is not in the target;
        their values stay external ids.
        """
        links = [
            f for f in self.object_type.references if after_column(f.name) in operations.columns
        ]
        frame = self.crm.with_target_ids(operations, [after_column(f.name) for f in links])
        lacking = [
            pl.when(_meant(f.name) & unresolved(pl.col(after_column(f.name)))).then(pl.lit(f.name))
            for f in links
        ]
        absent = pl.concat_list(lacking).list.drop_nulls() if lacking else _NO_NAMES
        return self._with_own_id(frame).with_columns(absent.alias("absent"))

    def _without_waiting(self, resolved: pl.DataFrame) -> pl.DataFrame:
        """Leave out operations that need a record which may yet come to be in the target.

        Loaded now they would lose the reference, or be refused for no reason of their own.
        """
        homeless = (pl.col("action") != Action.CREATE.value) & pl.col("target_id").is_null()
        needs = [
            pl.when(pl.col("absent").list.contains(f.name)).then(pl.col(after_column(f.name)))
            for f in self.object_type.references
            if after_column(f.name) in resolved.columns
        ]
        needed = pl.concat_list(*needs, pl.when(homeless).then("external_id"))
        told = resolved.with_columns(needed=needed.list.drop_nulls())
        keys = told["needed"].explode().drop_nulls().unique()
        if keys.is_empty():
            return resolved
        undecided = {*self.crm.ledger.undecided_among(self.entry, keys)} | {
            key for key in keys if key in self.waiting
        }
        if not undecided:
            return resolved
        waits = pl.col("needed").list.eval(pl.element().is_in(list(undecided))).list.any()
        judged = told.with_columns(waits=waits.fill_null(value=False))
        self.waiting.update(judged.filter("waits")["external_id"])
        return judged.filter(~pl.col("waits")).drop("needed", "waits")

    def _with_own_id(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Give second-pass updates the id of the record that the first pass has created."""
        unknown = (pl.col("action") != Action.CREATE.value) & pl.col("target_id").is_null()
        keys = frame.filter(unknown)["external_id"]
        if keys.is_empty():
            return frame
        found = self.crm.ledger.crosswalk.by_source(self.crm.name, keys)
        names = found.select(external_id="source_key", own_id="target_id")
        joined = frame.join(names, on="external_id", how="left", maintain_order="left")
        filled = pl.when(unknown).then("own_id").otherwise("target_id").alias("target_id")
        return joined.with_columns(filled).drop("own_id")

    def _orphans(self, resolved: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Reject operations that lack what they need; leave optional references out of the rest."""
        needed = [f.name for f in self.object_type.references if f.required]
        stuck = (
            pl.col("absent").list.eval(pl.element().is_in(needed)).list.any().fill_null(value=False)
        )
        homeless = (pl.col("action") != Action.CREATE.value) & pl.col("target_id").is_null()
        links = [after_column(f.name) for f in self.object_type.references]
        rest = resolved.filter(~(stuck | homeless)).with_columns(
            *(
                pl.when(~unresolved(pl.col(name))).then(pl.col(name)).alias(name)
                for name in links
                if name in resolved.columns
            ),
            pl.col("changed").list.set_difference(pl.col("absent")),
        )
        itself = _outcomes(
            resolved.filter(homeless),
            Status.REJECTED,
            pl.lit("LOD501"),
            None,
            pl.lit("the record itself was refused"),
        )
        return pl.concat([self._orphaned(resolved.filter(stuck & ~homeless)), itself]), rest

    def _orphaned(self, orphans: pl.DataFrame) -> pl.DataFrame:
        """Reject operations whose required parent is not in the target, with the reason."""
        if orphans.is_empty():
            return OUTCOME.to_frame()
        first = orphans.with_columns(error_field=pl.col("absent").list.first())
        keys = [
            pl.when(pl.col("error_field") == f.name).then(pl.col(after_column(f.name)))
            for f in self.object_type.references
            if after_column(f.name) in orphans.columns
        ]
        first = first.with_columns(parent=pl.coalesce(keys))
        refused = self.crm.ledger.rejected_among(self.entry, first["parent"])
        was_refused = pl.col("parent").is_in(refused.implode())
        return _outcomes(
            first,
            Status.REJECTED,
            pl.when(was_refused).then(pl.lit("LOD501")).otherwise(pl.lit("LOD502")),
            pl.col("error_field"),
            pl.when(was_refused)
            .then(pl.format("{}: the record pointed to, {}, was refused", "error_field", "parent"))
            .otherwise(
                pl.format(
                    "{}: the record pointed to, {}, is not in the target", "error_field", "parent"
                )
            ),
        )

    def _settled(self, doubtful: pl.DataFrame) -> pl.DataFrame:
        """Find out what became of operations whose reply was lost; skip those to be sent again."""
        if doubtful.is_empty():
            return OUTCOME.to_frame()
        kinds = column_kinds(self.object_type)
        current = self.crm.current(self.object_type, doubtful["external_id"])
        links = [f.name for f in self.object_type.references]
        current = self.crm.with_target_ids(current, links)
        states = judge_current(self._with_link_images(doubtful), current, kinds)
        told = doubtful.join(states, on="external_id").join(
            current.select(external_id="_external_id", found_id="_id"), on="external_id", how="left"
        )
        # Both give a record our key as the last step: one that bears it is done.
        keyed = pl.col("action").is_in([Action.CREATE.value, Action.LINK.value])
        there = pl.col("state") != GONE
        done = told.filter((keyed & there) | (pl.col("state") == INTACT))
        foreign = told.filter(~keyed & (pl.col("state") == "edited"))
        return pl.concat(
            [
                _outcomes(done.with_columns(target_id=pl.col("found_id")), Status.SUCCEEDED),
                _outcomes(
                    foreign,
                    Status.REJECTED,
                    pl.lit("LOD520"),
                    pl.col("edited").list.first(),
                    pl.lit("the record was changed by someone else while the outcome was unknown"),
                ),
            ]
        )

    def _with_link_images(self, operations: pl.DataFrame) -> pl.DataFrame:
        links = [f"was.{f.name}" for f in self.object_type.references]
        return self.crm.with_target_ids(operations, [c for c in links if c in operations.columns])

    def _written(self, ready: pl.DataFrame) -> list[pl.DataFrame]:
        """Hand operations to the target, an action at a time; check that it answers for each."""
        found = []
        alike = ready["action"].n_unique() == 1
        by_action = [ready] if alike else ready.partition_by("action", maintain_order=True)
        for piece in (p.drop("absent") for p in by_action if p.height):
            outcomes = carry_out(
                self.crm.target, self.object_type.name, str(piece["action"][0]), piece
            )
            if not outcomes["op_id"].sort().equals(piece["op_id"].sort()):
                raise InternalError(
                    "the adapter did not give exactly one outcome for each operation",
                    where=self.object_type.name,
                    hint="this is a bug of the adapter; what was written is read back by the next load",
                )
            again = (pl.col("status") == Status.REJECTED.value) & pl.col("retriable")
            unknown = pl.when(again).then(pl.lit(Status.UNKNOWN.value)).otherwise("status")
            found.append(
                outcomes.select(OUTCOME.names()).cast(OUTCOME).with_columns(status=unknown)
            )
        return found

    def _record(self, operations: pl.DataFrame, outcomes: pl.DataFrame) -> None:
        done = outcomes.filter(pl.col("status") == Status.SUCCEEDED.value).drop_nulls("target_id")
        keyed = operations.filter(pl.col("action").is_in([Action.CREATE.value, Action.LINK.value]))
        records = keyed.select("op_id", "external_id", "golden_key").join(
            done.select("op_id", "target_id"), on="op_id"
        )
        golden = records.select("golden_key", "external_id", "target_id")
        sources = [
            golden.select(
                source_key="external_id", golden_key="external_id", target_id="target_id"
            ),
            golden.select(source_key="golden_key", golden_key="external_id", target_id="target_id"),
            self.merged.join(golden, on="golden_key").select(
                source_key="_key", golden_key="external_id", target_id="target_id"
            ),
        ]
        links = (
            pl.concat(sources)
            .unique("source_key")
            .with_columns(object=pl.lit(self.object_type.name))
        )
        self.crm.ledger.record(
            self.entry,
            operations.select(_OP),
            outcomes,
            links.select(CROSSWALK.names()),
            self.clock(),
            _deleted(operations, outcomes),
        )


def _deleted(operations: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    """Return `object, target_id` of records that are gone by our doing."""
    done = outcomes.filter(pl.col("status") == Status.SUCCEEDED.value).select("op_id")
    deletes = operations.filter(pl.col("action") == Action.DELETE.value)
    return deletes.join(done, on="op_id", how="semi").select("object", "target_id")


def _meant(name: str) -> pl.Expr:
    """Return whether an operation means to write a column."""
    return (pl.col("action") == Action.CREATE.value) | pl.col("changed").list.contains(name)


def _with_remarks(outcomes: pl.DataFrame, sent: pl.DataFrame) -> pl.DataFrame:
    """Note on operations that succeeded which references were left out."""
    without = sent.filter(pl.col("absent").list.len() > 0)
    if without.is_empty():
        return outcomes
    remark = without.select("op_id", left_out=pl.col("absent").list.join(","))
    good = (pl.col("status") == Status.SUCCEEDED.value) & pl.col("left_out").is_not_null()
    says = pl.format("{}: the record pointed to is not in the target", "left_out")
    return (
        outcomes.join(remark, on="op_id", how="left", maintain_order="left")
        .with_columns(
            pl.when(good).then(pl.lit("LOD503")).otherwise("error_code").alias("error_code"),
            pl.when(good).then("left_out").otherwise("error_field").alias("error_field"),
            pl.when(good).then(says).otherwise("message").alias("message"),
        )
        .drop("left_out")
    )


def _outcomes(
    operations: pl.DataFrame,
    status: Status,
    code: pl.Expr | None = None,
    field: pl.Expr | None = None,
    message: pl.Expr | None = None,
) -> pl.DataFrame:
    nothing = pl.lit(None, pl.String)
    return operations.select(
        "op_id",
        pl.lit(status.value).alias("status"),
        "target_id",
        (nothing if code is None else code).alias("error_code"),
        (nothing if field is None else field).alias("error_field"),
        (nothing if message is None else message).alias("message"),
        pl.lit(value=False).alias("retriable"),
        pl.lit(1).alias("attempt"),
    ).cast(OUTCOME)
