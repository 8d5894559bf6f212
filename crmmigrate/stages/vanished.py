"""Records that we loaded once and nothing asks for any more: left alone, or deleted by policy."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.findings import FINDING_FRAME
from crmmigrate.model.operations import Action, after_column, before_column
from crmmigrate.model.runs import GateResult
from crmmigrate.stages.books import severities
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.target import Crm
from crmmigrate.store.artifacts import UnitWriter, parts, units

__all__ = ["CHANNEL", "Vanished"]

CHANNEL = "deletions"
"""The operations of a plan that delete; they come last, children before parents."""
_ROWS = 20_000
_ASIDE = ("rejected", "excluded")
_KEPT = "PLN501"
_NO_KEYS = pl.Series("golden_key", [], dtype=pl.String)
_FOUND = pl.Schema({"golden_key": pl.String, "target_id": pl.String, "source_key": pl.String})


@dataclass
class Vanished:
    """Finds, object by object, what is in the target by our doing and is asked for no more.

    Attributes:
        ctx: The run.
        crm: The target.
        kept: Object → records that stay.
        deleted: Object → records that are to be deleted.
        barred: Object → what kept them from being deleted although the policy says so.
    """

    ctx: StageContext
    crm: Crm
    kept: dict[str, int] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)
    barred: dict[str, str] = field(default_factory=dict)

    def write(
        self,
        object_type: ObjectType,
        writer: UnitWriter,
        seen: list[pl.Series],
        merged: pl.Series,
    ) -> None:
        """Write what has vanished of one object, and the operations that delete it.

        Args:
            object_type: The object.
            writer: Of its unit of the plan.
            seen: External ids of all records that something asks for.
            merged: Those of records that were merged into another one; they are told elsewhere.
        """
        name = object_type.name
        asked = pl.concat([_NO_KEYS, *(keys.alias("golden_key") for keys in seen)]).to_frame()
        gone, known = [_FOUND.to_frame()], 0
        for rows in self.crm.ledger.crosswalk.of_object(self.crm.name, name):
            own = rows.filter(pl.col("source_key") == pl.col("golden_key"))
            known += own.height
            gone.append(own.join(asked, on="golden_key", how="anti").select(_FOUND.names()))
        left = pl.concat(gone)
        doomed = self._doomed(name, left, known)
        stay = left.join(doomed, on="golden_key", how="anti")
        stay = stay.filter(~pl.col("golden_key").is_in(merged.implode()))
        if stay.height:
            writer.write("vanished", stay.select(external_id="golden_key", target_id="target_id"))
            writer.write("findings", self._told(stay))
        self.kept[name] = stay.height
        self._delete(object_type, writer, doomed)

    def gates(self) -> Iterator[GateResult]:
        """Yield a failed gate for each object of which more vanished than may be deleted."""
        limit = self.ctx.project.migration.gates.max_deleted
        for name, why in self.barred.items():
            yield GateResult(f"{name}.max_deleted", passed=False, limit=str(limit), actual=why)

    @property
    def codes(self) -> dict[str, int]:
        """Findings by code."""
        return {_KEPT: sum(self.kept.values())}

    def notes(self) -> Iterator[str]:
        """Yield a line for each object whose vanished records stay although the policy says not."""
        for name, why in self.barred.items():
            yield f"{name}: nothing is deleted although the policy says so: {why}"

    def facts(self) -> dict[str, object]:
        """Return the same for programs."""
        return {"barred": dict(self.barred)} if self.barred else {}

    def _doomed(self, name: str, left: pl.DataFrame, known: int) -> pl.DataFrame:
        """Return those that the policy deletes; none where that is not surely meant."""
        if not self._policy(name) or left.is_empty():
            return left.clear()
        doomed = left.join(self._still_there(name).to_frame(), on="golden_key", how="anti")
        unsure = [pl.col("golden_key").str.starts_with(p) for p in self._half_read(name)]
        doomed = doomed.filter(~pl.any_horizontal(pl.lit(value=False), *unsure))
        limit = self.ctx.project.migration.gates.max_deleted
        if not self.crm.target.capabilities.can_delete:
            self.barred[name] = "the target cannot delete"
        elif not limit.allows(doomed.height, known):
            self.barred[name] = f"{doomed.height:,} of {known:,} records have vanished"
        return left.clear() if name in self.barred else doomed

    def _policy(self, name: str) -> bool:
        told = self.ctx.project.migration.deletes
        return told.get(name, told.get("*", "keep")) == "delete"

    def _still_there(self, name: str) -> pl.Series:
        """Return the external ids of records whose rows are in a source but were set aside."""
        found = [_NO_KEYS]
        for stage in ("map", "standardize", "dedupe", "validate"):
            for unit in units(self.ctx.run.dir, stage):
                if unit.split("~", 1)[0] != name:
                    continue
                for channel in _ASIDE:
                    for part in parts(self.ctx.run.dir, stage, unit, channel):
                        keys = part["_key"].cast(pl.String).drop_nulls()
                        rows = self.crm.ledger.crosswalk.by_source(self.crm.name, keys)
                        found += [rows["golden_key"], keys.alias("golden_key")]
        return pl.concat(found).unique()

    def _half_read(self, name: str) -> list[str]:
        """Return how keys of records begin whose dataset has rows that could not even be read."""
        present = set(units(self.ctx.run.dir, "extract"))
        return [
            f"{mapping.source}:{name}:{mapping.dataset}/"
            for mapping in self.ctx.project.mappings
            if mapping.object == name
            and (unit := f"{mapping.source}.{mapping.dataset}") in present
            and any(p.height for p in parts(self.ctx.run.dir, "extract", unit, "rejected"))
        ]

    def _told(self, left: pl.DataFrame) -> pl.DataFrame:
        told = left.select(
            pl.col("golden_key").alias("_key"),
            pl.lit(_KEPT).alias("code"),
            pl.lit("the sources no longer have it; it stays in the target").alias("message"),
            pl.lit("flagged").alias("action"),
            *(pl.lit(None, pl.String).alias(c) for c in ("field", "before", "after")),
        )
        joined = told.join(severities(self.ctx.project.rules), on="code", how="left")
        return joined.select(FINDING_FRAME.names()).cast(FINDING_FRAME)

    def _delete(self, object_type: ObjectType, writer: UnitWriter, doomed: pl.DataFrame) -> None:
        """Write operations with the whole record as its before-image, children first."""
        found = [
            self.crm.current(object_type, piece["golden_key"])
            for piece in doomed.iter_slices(_ROWS)
        ]
        if not found:
            return
        own = [f.name for f in object_type.references if object_type.name in f.references]
        ranked = _children_first(pl.concat(found), own)
        columns = list(object_type.columns)
        frame = ranked.select(
            pl.format(
                f"{object_type.name}.3.{{}}",
                pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(9),
            ).alias("op_id"),
            pl.lit(object_type.name).alias("object"),
            pl.lit(Action.DELETE.value).alias("action"),
            pl.lit(3, pl.Int8).alias("pass"),
            pl.col("_external_id").alias("external_id"),
            pl.col("_id").alias("target_id"),
            pl.lit([], dtype=pl.List(pl.String)).alias("changed"),
            pl.col("_external_id").alias("golden_key"),
            *(pl.lit(None, ranked.schema[c]).alias(after_column(c)) for c in columns),
            *(pl.col(c).alias(before_column(c)) for c in columns),
        )
        for piece in frame.iter_slices(_ROWS):
            writer.write(CHANNEL, piece)
        self.deleted[object_type.name] = frame.height


def _children_first(records: pl.DataFrame, links: list[str]) -> pl.DataFrame:
    """Order records so that one that points to another of them comes before it."""
    place = {key: number for number, key in enumerate(records["_external_id"])}
    depth = [0] * records.height
    for name in links:
        above = [place.get(value or "", -1) for value in records[name]]
        for start in range(records.height):
            at, steps = above[start], 1
            while at >= 0 and at != start and depth[at] < steps <= records.height:
                depth[at] = steps
                at, steps = above[at], steps + 1
    ordered = records.with_columns(_depth=pl.Series(depth, dtype=pl.Int64))
    return ordered.sort("_depth", maintain_order=True).drop("_depth")
