"""Undo one batch of operations: look once more, write ahead, call the target, record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from crmmigrate.changes.compare import column_kinds
from crmmigrate.changes.invert import EDITED, GONE, INTACT, UNDONE, invert, judge_current
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.operations import OUTCOME, Action, Status, after_column, before_column
from crmmigrate.stages.carrying import carry_out
from crmmigrate.stages.survey import SPARED
from crmmigrate.stages.target import Crm, unresolved
from crmmigrate.store.crosswalk import CROSSWALK
from crmmigrate.store.ledger import PlanEntry

__all__ = ["LEFT_BLANK", "UndoSender"]

_OP = ["op_id", "object", "action", "pass", "external_id", "target_id"]
_PREFIX = "undo."
_NO_NAMES = pl.lit([], dtype=pl.List(pl.String))
LEFT_BLANK = "RBK706"
"""Code of a record that was restored but for a reference."""


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

        An operation whose effect is gone already is recorded as undone without a call. A record
        that comes back while one that it points to does not exist yet is not undone before
        `relink` has seen it.
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
        inverse = self._inverse(invert(intact, kinds))
        outcomes = self._sent(inverse)
        back = pl.col("action") == Action.DELETE.value
        over = told.filter(~pl.col("state").is_in([EDITED, INTACT]) & ~back)
        waiting = inverse.filter(
            (pl.col("action") == Action.CREATE.value) & (pl.col("absent").list.len() > 0)
        )
        self._record(told, over, inverse, outcomes, waiting)
        blank = inverse.join(waiting, on="op_id", how="anti")
        return pl.concat(
            [
                _spared_edited(edited),
                _spared_refused(inverse, outcomes),
                _left_blank(blank, outcomes),
            ]
        )

    def relink(self, operations: pl.DataFrame, *, final: bool) -> pl.DataFrame:
        """Give records that are there again the references they had; return SPARED rows.

        Args:
            operations: Deletions that `undo` has seen and not recorded as undone.
            final: All records that could come back are back: what is missing stays missing.
        """
        told = self._there_again(operations)
        links = [f.name for f in self.object_type.references]
        lacking = told.with_columns(
            pl.lit(Action.UPDATE.value).alias("action"),
            _blanks(links).alias("changed"),
            *(pl.col(before_column(n)).alias(after_column(n)) for n in links),
        ).filter(pl.col("changed").list.len() > 0)
        inverse = self._inverse(lacking)
        outcomes = self._sent(inverse.filter(pl.col("changed").list.len() > 0))
        waiting = inverse.filter((pl.col("absent").list.len() > 0) & (not final))
        whole = told.join(lacking, on="op_id", how="anti")
        unable = inverse.filter((pl.col("changed").list.len() == 0) & final)["op_id"]
        over = told.filter(_undo_id().is_in(unable.implode()))
        self._record(told, pl.concat([whole, over]), inverse, outcomes, waiting)
        unseen = operations.join(told, on="op_id", how="anti")
        blank = inverse.join(waiting, on="op_id", how="anti")
        return pl.concat(
            [_unseen(unseen), _spared_refused(inverse, outcomes), _left_blank(blank, None)]
        )

    def _there_again(self, operations: pl.DataFrame) -> pl.DataFrame:
        """Return the deletions whose records are there, with `now.<reference>` and their ids."""
        links = [f.name for f in self.object_type.references]
        current = self.crm.current(self.object_type, operations["external_id"], links)
        now = current.select(
            pl.col("_external_id").alias("external_id"),
            pl.col("_id").alias("now_id"),
            *(pl.col(n).alias(f"now.{n}") for n in links),
        )
        found = operations.join(now, on="external_id", maintain_order="left")
        return found.with_columns(target_id="now_id", state=pl.lit(UNDONE)).drop("now_id")

    def _inverse(self, swapped: pl.DataFrame) -> pl.DataFrame:
        """Return the operations that undo, ready to be sent.

        References whose record is not there are left out and named in `absent`.
        """
        links = [
            f.name for f in self.object_type.references if after_column(f.name) in swapped.columns
        ]
        resolved = self.crm.with_target_ids(
            self._unmerged(swapped, links), [after_column(n) for n in links]
        )
        create = pl.col("action") == Action.CREATE.value
        lost = [
            pl.when(
                unresolved(pl.col(after_column(n))) & (create | pl.col("changed").list.contains(n))
            ).then(pl.lit(n))
            for n in links
        ]
        absent = pl.concat_list(lost).list.drop_nulls() if lost else _NO_NAMES
        return (
            resolved.with_columns(_undo_id(), absent.alias("absent"))
            .with_columns(
                pl.when(~unresolved(pl.col(after_column(n))))
                .then(pl.col(after_column(n)))
                .alias(after_column(n))
                for n in links
            )
            .with_columns(pl.col("changed").list.set_difference(pl.col("absent")))
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
        for piece in inverse.drop("absent").partition_by("action", maintain_order=True):
            outcomes = carry_out(
                self.crm.target, self.object_type.name, str(piece["action"][0]), piece
            )
            found.append(outcomes.select(OUTCOME.names()).cast(OUTCOME))
        return pl.concat(found)

    def _record(
        self,
        told: pl.DataFrame,
        over: pl.DataFrame,
        inverse: pl.DataFrame,
        outcomes: pl.DataFrame,
        waiting: pl.DataFrame,
    ) -> None:
        """Record what came of undoing; what waits for its references is not undone yet."""
        good = outcomes.filter(pl.col("status") == Status.SUCCEEDED.value)
        settled = good.join(waiting, on="op_id", how="anti")["op_id"]
        undone = told.filter(
            pl.col("op_id").is_in(over["op_id"].implode()) | _undo_id().is_in(settled.implode())
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
            self.entry,
            inverse.select(_OP),
            outcomes,
            rows,
            self.clock(),
            _back(told, inverse, outcomes),
        )


def _back(told: pl.DataFrame, inverse: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    """Return CROSSWALK rows of records that were deleted and are there again.

    Those that were there before the call, too: the reply to an earlier one may have been lost.
    """
    found = told.filter(
        (pl.col("action") == Action.DELETE.value) & (pl.col("state") == UNDONE)
    ).select("object", "target_id", source_key="external_id", golden_key="external_id")
    created = inverse.filter(pl.col("action") == Action.CREATE.value)
    done = outcomes.filter(pl.col("status") == Status.SUCCEEDED.value).drop_nulls("target_id")
    made = created.select(
        "op_id", "object", source_key="external_id", golden_key="external_id"
    ).join(done.select("op_id", "target_id"), on="op_id")
    return pl.concat([frame.select(CROSSWALK.names()) for frame in (found, made)])


def _undo_id() -> pl.Expr:
    return pl.concat_str(pl.lit(_PREFIX), "op_id").alias("op_id")


def _left_blank(inverse: pl.DataFrame, outcomes: pl.DataFrame | None) -> pl.DataFrame:
    """Return SPARED rows of references that were not restored, since nothing is there for them."""
    lost = inverse.filter(pl.col("absent").list.len() > 0)
    if outcomes is not None:
        good = outcomes.filter(pl.col("status") == Status.SUCCEEDED.value)
        lost = lost.join(good, on="op_id", how="semi")
    return lost.select(
        "external_id",
        pl.lit(LEFT_BLANK).alias("code"),
        pl.col("absent").list.join(", ").alias("fields"),
        pl.lit("").alias("action"),
    )


def _blanks(links: Sequence[str]) -> pl.Expr:
    """Return the references that a record had and has not got now."""
    names = [
        pl.when(pl.col(before_column(n)).is_not_null() & pl.col(f"now.{n}").is_null()).then(
            pl.lit(n)
        )
        for n in links
    ]
    return pl.concat_list(names).list.drop_nulls() if names else _NO_NAMES


def _unseen(operations: pl.DataFrame) -> pl.DataFrame:
    """Return SPARED rows of records that ought to be there again and are not to be seen yet."""
    return operations.select(
        "external_id",
        pl.lit("RBK704").alias("code"),
        pl.lit("").alias("fields"),
        "action",
    )


def _spared_edited(edited: pl.DataFrame) -> pl.DataFrame:
    return edited.select(
        "external_id",
        pl.lit("RBK701").alias("code"),
        pl.col("edited").list.join(", ").alias("fields"),
        "action",
    )


def _spared_refused(inverse: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    refused = outcomes.filter(pl.col("status") != Status.SUCCEEDED.value)
    needed = pl.col("error_code") == "STILL_REFERENCED"
    return (
        inverse.select("op_id", "external_id", undoes="action")
        .join(refused, on="op_id")
        .select(
            "external_id",
            pl.when(needed).then(pl.lit("RBK703")).otherwise(pl.lit("RBK704")).alias("code"),
            pl.col("error_field").fill_null("").alias("fields"),
            pl.when(pl.col("undoes") == Action.PURGE.value)
            .then(pl.lit(Action.CREATE.value))
            .otherwise(pl.lit(Action.UPDATE.value))
            .alias("action"),
        )
    )
