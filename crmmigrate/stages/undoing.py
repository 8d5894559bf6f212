"""Undo one batch of operations: look once more, write ahead, call the target, record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from crmmigrate.changes.compare import column_kinds
from crmmigrate.changes.invert import EDITED, GONE, INTACT, invert, judge_current
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.operations import OUTCOME, Action, Status, after_column
from crmmigrate.stages.carrying import carry_out
from crmmigrate.stages.survey import SPARED
from crmmigrate.stages.target import Crm, unresolved
from crmmigrate.store.crosswalk import CROSSWALK
from crmmigrate.store.ledger import PlanEntry

__all__ = ["UndoSender"]

_OP = ["op_id", "object", "action", "pass", "external_id", "target_id"]
_PREFIX = "undo."


@dataclass(frozen=True)
class UndoSender:
    """Undoes operations of one object.

    Attributes:
        crm: Target and ledger.
        entry: The rollback in the ledger.
        load: The load that is undone.
        object_type: The object.
        clock: Gives the time of what is recorded.
    """

    crm: Crm
    entry: PlanEntry
    load: PlanEntry
    object_type: ObjectType
    clock: Callable[[], datetime]

    def undo(self, operations: pl.DataFrame) -> pl.DataFrame:
        """Undo operations of one pass; return SPARED rows of what was left after all.

        An operation whose effect is gone already is recorded as undone without a call.
        """
        if operations.is_empty():
            return SPARED.to_frame()
        kinds = column_kinds(self.object_type)
        current = self.crm.current(self.object_type, operations["external_id"])
        # The reply of a lost call never told the id, so the record itself does.
        ids = current.select(external_id="_external_id", now_id="_id")
        filled = self.crm.filled(self.object_type)
        states = judge_current(operations, current, kinds, filled=filled)
        told = (
            operations.join(states, on="external_id", maintain_order="left")
            .join(ids, on="external_id", how="left", maintain_order="left")
            .with_columns(target_id=pl.coalesce("now_id", "target_id"))
            .drop("now_id")
        )
        edited = told.filter(pl.col("state") == EDITED)
        intact = told.filter(pl.col("state") == INTACT)
        over = told.filter(~pl.col("state").is_in([EDITED, INTACT]))
        inverse = self._inverse(intact)
        outcomes = self._sent(inverse)
        self._record(told, over, inverse, outcomes)
        return pl.concat([_spared_edited(edited), _spared_refused(inverse, outcomes)])

    def _inverse(self, intact: pl.DataFrame) -> pl.DataFrame:
        """Return the operations that undo, ready to be sent."""
        swapped = invert(intact, column_kinds(self.object_type))
        links = [
            f.name for f in self.object_type.references if after_column(f.name) in swapped.columns
        ]
        resolved = self.crm.with_target_ids(
            self._unmerged(swapped, links), [after_column(n) for n in links]
        )
        lost = [pl.when(unresolved(pl.col(after_column(n)))).then(pl.lit(n)) for n in links]
        absent = pl.concat_list(lost).list.drop_nulls() if lost else pl.lit([], pl.List(pl.String))
        return resolved.with_columns(
            pl.concat_str(pl.lit(_PREFIX), "op_id").alias("op_id"),
            pl.col("changed").list.set_difference(absent),
        )

    def _unmerged(self, swapped: pl.DataFrame, links: Sequence[str]) -> pl.DataFrame:
        """Point references to the records that bear the keys, not to what these were merged into.

        The load of a merge has taught the crosswalk that the key of a merged record means the
        record it was merged into; a before-image means the record itself.
        """
        if not links or swapped.is_empty():
            return swapped
        columns = [after_column(name) for name in links]
        keys = pl.concat([swapped[c].alias("key") for c in columns]).drop_nulls().unique()
        known = self.crm.ledger.crosswalk.by_source(self.crm.name, keys)
        merged = known.filter(pl.col("source_key") != pl.col("golden_key"))["source_key"]
        if merged.is_empty():
            return swapped
        found: dict[str, str] = {}
        targets = {o for name in links for o in self.object_type.fields[name].references}
        for object_ in (o for o in sorted(targets) if self.crm.has_place(o)):
            for batch in self.crm.target.fetch(object_, merged, "external_id", ()):
                frame = pl.DataFrame(pl.from_arrow(batch))
                ids = pl.format(f"{object_}:{{}}", "_id")
                found |= dict(frame.select("_external_id", ids.alias("link")).iter_rows())
        return swapped.with_columns(pl.col(c).replace(found) for c in columns)

    def _sent(self, inverse: pl.DataFrame) -> pl.DataFrame:
        found = [OUTCOME.to_frame()]
        if inverse.height:
            self.crm.ledger.mark_sent(self.entry, inverse.select(_OP))
        for piece in inverse.partition_by("action", maintain_order=True):
            outcomes = carry_out(
                self.crm.target, self.object_type.name, str(piece["action"][0]), piece
            )
            found.append(outcomes.select(OUTCOME.names()).cast(OUTCOME))
        return pl.concat(found)

    def _record(
        self, told: pl.DataFrame, over: pl.DataFrame, inverse: pl.DataFrame, outcomes: pl.DataFrame
    ) -> None:
        good = outcomes.filter(pl.col("status") == Status.SUCCEEDED.value)["op_id"]
        undone = told.filter(
            pl.col("op_id").is_in(over["op_id"].implode())
            | pl.concat_str(pl.lit(_PREFIX), "op_id").is_in(good.implode())
        )
        keyed = pl.col("action").is_in([Action.CREATE.value, Action.LINK.value])
        vanished = (pl.col("state") == GONE) | keyed
        rows = undone.select(
            pl.lit(self.load.number).alias("plan"),
            "op_id",
            "object",
            pl.when(vanished).then("target_id").alias("target_id"),
        )
        self.crm.ledger.record_undone(
            self.entry, inverse.select(_OP), outcomes, rows, self.clock(), _back(inverse, outcomes)
        )


def _back(inverse: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    """Return CROSSWALK rows of records that were deleted and are there again."""
    created = inverse.filter(pl.col("action") == Action.CREATE.value)
    done = outcomes.filter(pl.col("status") == Status.SUCCEEDED.value).drop_nulls("target_id")
    return (
        created.select("op_id", "object", source_key="external_id", golden_key="external_id")
        .join(done.select("op_id", "target_id"), on="op_id")
        .select(CROSSWALK.names())
    )


def _spared_edited(edited: pl.DataFrame) -> pl.DataFrame:
    return edited.select(
        "external_id",
        pl.lit("RBK701").alias("code"),
        pl.col("edited").list.join(", ").alias("fields"),
    )


def _spared_refused(inverse: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    refused = outcomes.filter(pl.col("status") != Status.SUCCEEDED.value)
    needed = pl.col("error_code") == "STILL_REFERENCED"
    return (
        inverse.select("op_id", "external_id")
        .join(refused, on="op_id")
        .select(
            "external_id",
            pl.when(needed).then(pl.lit("RBK703")).otherwise(pl.lit("RBK704")).alias("code"),
            pl.col("error_field").fill_null("").alias("fields"),
        )
    )
