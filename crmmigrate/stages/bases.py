"""What our last load left in each record: the base of a three-way comparison."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from crmmigrate.changes.conflict import BASE
from crmmigrate.errors import CorruptError, UsageError
from crmmigrate.model.operations import Status, after_column, base_column
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.plan_file import WRITING, PlanDocument, read_plan
from crmmigrate.stages.target import Crm
from crmmigrate.store.artifacts import has_unit, part_at, parts
from crmmigrate.store.ledger import PlanEntry

__all__ = ["Bases"]

_LEFT_OUT, _STORED = "LOD503", ("LOD504", "STORED_DIFFERENTLY")
_PLACE = pl.Schema({"hash": pl.UInt64, "part": pl.UInt32})
_NO_NAMES = pl.lit([], dtype=pl.List(pl.String))


@dataclass
class Bases:
    """The loads of a target that are in force, asked record by record, the newest first.

    Memory: twelve bytes a record that a load has written, of the object that is asked for, and one
    part of a plan.

    Attributes:
        ctx: The run that is planned.
        crm: The target, and the ledger.
        untold: Records of which no base is known while a load that may have written them cannot be
            read any more.
        unread: Runs of these loads.
    """

    ctx: StageContext
    crm: Crm
    untold: int = 0
    unread: set[str] = field(default_factory=set)
    _object: str = ""
    _loads: list["_Load"] = field(default_factory=list)
    _broken: set[str] = field(default_factory=set)

    def of(self, object_: str, keys: pl.Series, wanted: pl.Schema) -> pl.DataFrame:
        """Return BASE rows with `base.<column>` of the records that we have loaded.

        Args:
            object_: The object; asking object by object is cheap.
            keys: External ids.
            wanted: Columns of which the base is wanted, with their types.
        """
        if object_ != self._object:
            self._object, self._broken = object_, set()
            self._loads = [*self._of_object(object_)]
        schema = pl.Schema({**BASE, **{base_column(c): kind for c, kind in wanted.items()}})
        found, left = [schema.to_frame()], keys
        for load in self._loads:
            if left.is_empty():
                break
            try:
                rows = [piece.cast(schema) for piece in load.rows(left, wanted.names())]
            except CorruptError:
                self._broken.add(load.entry.run)
                continue
            found += rows
            known = pl.concat([left.clear(), *(piece["external_id"] for piece in rows)])
            left = left.filter(~left.is_in(known.implode()))
        if self._broken and left.len():
            self.untold += left.len()
            self.unread |= self._broken
        return pl.concat(found)

    def _of_object(self, object_: str) -> Iterator["_Load"]:
        runs = {run.id: run.dir for run in self.ctx.workspace.runs()}
        entries = [e for e in self.crm.ledger.plans() if e.kind == "load"]
        for entry in reversed(entries):
            if entry.target != self.crm.name:
                continue
            folder = runs.get(entry.run)
            plan = _plan_of(folder, entry)
            if folder is not None and plan is not None and has_unit(folder, "plan", object_):
                yield _Load(self.crm, folder, entry, plan, object_)
            elif (self.crm.ledger.counts(entry)["object"] == object_).any():
                self._broken.add(entry.run)


def _plan_of(folder: Path | None, entry: PlanEntry) -> PlanDocument | None:
    """Return the plan of a load; None if it is damaged or no longer there."""
    try:
        plan = None if folder is None else read_plan(folder)
    except (CorruptError, UsageError):
        return None
    return plan if plan is not None and plan.plan_id == entry.plan_id else None


@dataclass(frozen=True)
class _Load:
    """One load of one object."""

    crm: Crm
    folder: Path
    entry: PlanEntry
    plan: PlanDocument
    object: str

    def rows(self, keys: pl.Series, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Yield bases of the records among some that this load has written."""
        for number in self._numbers("operations", keys):
            fixed = ["external_id", "op_id", "action"]
            part = self._part("operations", number, fixed, columns)
            wanted = pl.col("external_id").is_in(keys.implode())
            done = self._done(part.filter(wanted & pl.col("action").is_in(list(WRITING))))
            if done.height:
                yield self._as_left(done, columns)

    def _part(
        self, channel: str, number: int, fixed: list[str], columns: Sequence[str]
    ) -> pl.DataFrame:
        """Return a part with the wanted values as text under the names of bases."""
        names = [after_column(c) for c in columns]
        part = part_at(self.folder, "plan", self.object, channel, number, [*fixed, *names])
        lacking = [c for c in columns if after_column(c) not in part.columns]
        return part.rename(
            {after_column(c): base_column(c) for c in columns if c not in lacking}
        ).with_columns(
            *(pl.lit(None).alias(base_column(c)) for c in lacking),
            unknown=pl.lit(lacking, dtype=pl.List(pl.String)),
        )

    @cached_property
    def _places(self) -> dict[str, pl.DataFrame]:
        """Channel → in which part each record is, by the hash of its key."""
        found: dict[str, pl.DataFrame] = {}
        for channel in ("operations", "deferred"):
            read = parts(self.folder, "plan", self.object, channel, ["external_id", "action"])
            frames = [
                part.filter(pl.col("action").is_in(list(WRITING))).select(
                    hash=pl.col("external_id").hash(), part=pl.lit(number, dtype=pl.UInt32)
                )
                for number, part in enumerate(read)
            ]
            found[channel] = pl.concat([_PLACE.to_frame(), *frames])
        return found

    def _numbers(self, channel: str, keys: pl.Series) -> list[int]:
        """Return the parts of a channel that hold some of the records."""
        asked = keys.hash().alias("hash").to_frame()
        return self._places[channel].join(asked, on="hash", how="semi")["part"].unique().to_list()

    def _done(self, operations: pl.DataFrame) -> pl.DataFrame:
        """Return operations that have succeeded and were not undone."""
        told = [
            rows.filter(pl.col("status") == Status.SUCCEEDED.value)["op_id"]
            for rows in self.crm.ledger.operations(self.entry, op_ids=operations["op_id"])
        ]
        if not told:
            return operations.clear()
        return operations.filter(pl.col("op_id").is_in(pl.concat(told).implode()))

    @cached_property
    def _remarks(self) -> pl.DataFrame:
        """Return `external_id, left_out, stored_otherwise` of what was written another way."""
        told = self.crm.ledger.reasons(self.entry, self.object).filter(
            (pl.col("status") == Status.SUCCEEDED.value) & pl.col("error_field").is_not_null()
        )
        names = pl.col("error_field").str.split(",")
        out = pl.when(pl.col("error_code") == _LEFT_OUT).then(names)
        odd = pl.when(pl.col("error_code").is_in(_STORED)).then(names)
        return (
            told.select("external_id", left_out=out, odd=odd)
            .group_by("external_id")
            .agg(
                pl.col("left_out").explode().drop_nulls(),
                pl.col("odd").explode().drop_nulls().alias("stored_otherwise"),
            )
        )

    def _as_left(self, done: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
        """Return bases as the load left them: with the second pass, without what was left out."""
        frame = done.drop("op_id", "action").with_columns(
            ended_at=pl.lit(self.entry.ended_at, pl.String)
        )
        late = [c for c in self.plan.deferred.get(self.object, ()) if c in columns]
        if late:
            frame = self._with_second_pass(frame, late)
        joined = frame.join(self._remarks, on="external_id", how="left")
        out = pl.col("left_out").fill_null(_NO_NAMES)
        return joined.select(
            "external_id",
            "ended_at",
            pl.col("stored_otherwise").fill_null(_NO_NAMES),
            "unknown",
            *(
                pl.when(~out.list.contains(c)).then(pl.col(base_column(c))).alias(base_column(c))
                for c in columns
            ),
        )

    def _with_second_pass(self, frame: pl.DataFrame, late: list[str]) -> pl.DataFrame:
        """Put references that the second pass has written over those of the first."""
        keys = frame["external_id"]
        for number in self._numbers("deferred", keys):
            part = self._part("deferred", number, ["external_id", "op_id", "changed"], late)
            done = self._done(part.filter(pl.col("external_id").is_in(keys.implode())))
            more = done.drop("op_id", "unknown").rename({base_column(c): f"late.{c}" for c in late})
            frame = (
                frame.join(more, on="external_id", how="left", maintain_order="left")
                .with_columns(
                    pl.when(pl.col("changed").list.contains(c))
                    .then(pl.col(f"late.{c}"))
                    .otherwise(pl.col(base_column(c)))
                    .alias(base_column(c))
                    for c in late
                )
                .drop("changed", *(f"late.{c}" for c in late))
            )
        return frame
