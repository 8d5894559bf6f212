"""Plan anew the records that have drifted since a plan was made, and only these."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from crmmigrate.changes.compare import column_kinds, comparable, differs
from crmmigrate.changes.diff import defer, payload_columns
from crmmigrate.errors import RefusedError
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.counting import counted
from crmmigrate.model.operations import Action, after_column, before_column
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.desired import merged_keys
from crmmigrate.stages.drift import check_surroundings, drifted_records, row_counts
from crmmigrate.stages.plan_file import WRITING, PlanDocument, file_hashes, write_plan
from crmmigrate.stages.target import Crm
from crmmigrate.store.artifacts import UnitWriter, manifest, parts
from crmmigrate.store.crosswalk import CROSSWALK
from crmmigrate.store.exchange import copy_beside, exchange_folder, stage_beside
from crmmigrate.store.ledger import PlanEntry

__all__ = ["replan"]

_FRESH = stage_beside("plan")
_CREATE = pl.col("action") == Action.CREATE.value


def replan(
    ctx: StageContext, crm: Crm, plan: PlanDocument, entry: PlanEntry
) -> tuple[PlanDocument, list[str]]:
    """Return the plan with drifted records planned anew, and what was done about them.

    Of a record that was changed since, the fields that the plan wants changed are compared with
    what is there now; other fields stay as somebody has set them. A record that is gone is
    created again; one that has come to be is updated where we have a value.

    Raises:
        RefusedError: the configuration or the fields of the target have changed, or the load
            has begun already: what it has written follows the plan as it was.
    """
    catalog = check_surroundings(ctx, crm, plan)
    counts, notes = dict(plan.counts), list[str]()
    found: dict[str, list[pl.DataFrame]] = {}
    for object_, frame in drifted_records(ctx, crm, plan, entry, catalog):
        if frame.height:
            found.setdefault(object_, []).append(frame)
    if not found:
        return plan, []
    if not crm.ledger.counts(entry).is_empty():
        raise RefusedError(
            "records have changed since this load began, so they cannot be planned anew in it",
            hint="make a new plan with `crmmigrate plan`; it compares everything again",
        )
    _refuse_links(found)
    copy_beside(ctx.run.dir / "plan")
    for object_, frames in found.items():
        piece = _Replanning(ctx, crm, ctx.project.model.objects[object_], pl.concat(frames))
        counts[object_] = {**counts[object_], **piece.write(plan.deferred.get(object_, ()))}
        notes += piece.notes()
    fresh = replace(
        plan,
        created_at=ctx.clock().isoformat(),
        rows={o: row_counts(catalog).get(o, 0) for o in plan.order},
        counts=counts,
        replans=plan.replans or plan.plan_id,
    )
    return _exchange(ctx, fresh), notes


def _exchange(ctx: StageContext, fresh: PlanDocument) -> PlanDocument:
    """Put the plan that was made beside the old one in its place: all of it, or nothing."""
    files = file_hashes(ctx.run.dir, fresh.order, _FRESH)
    written = write_plan(ctx.run.dir, replace(fresh, files=files), _FRESH)
    exchange_folder(ctx.run.dir / "plan")
    return written


def _refuse_links(found: dict[str, list[pl.DataFrame]]) -> None:
    """Refuse where a record to be taken over or deleted has drifted: look at it again first."""
    drifted = [frame for frames in found.values() for frame in frames]
    grave = pl.col("action").is_in([Action.LINK.value, Action.DELETE.value])
    links = [frame.filter(grave) for frame in drifted]
    if any(frame.height for frame in links):
        raise RefusedError(
            "records that were to be taken over or deleted have changed since the plan was made",
            causes=[f"changed: {told}" for frame in links for told in frame["told"].head(2)],
            hint="make a new plan with `crmmigrate plan`; it looks for them again",
        )


@dataclass(frozen=True)
class _Replanning:
    """The drifted records of one object: `external_id, action, found, told`."""

    ctx: StageContext
    crm: Crm
    object_type: ObjectType
    drifted: pl.DataFrame

    def notes(self) -> Iterator[str]:
        """Tell how many records were planned anew, and why."""
        name = self.object_type.name
        update = pl.col("action") == Action.UPDATE.value
        for condition, words in (
            (update & pl.col("found"), "changed since the plan; compared again"),
            (update & ~pl.col("found"), "gone since the plan; to be created again"),
            (_CREATE, "there by now; updated, not created"),
        ):
            keys = self.drifted.filter(condition)["external_id"]
            if keys.len():
                some = ", ".join(keys.head(2))
                yield f"{name}: {counted(keys.len(), 'record')} {words} ({some})"

    def write(self, deferred: tuple[str, ...]) -> dict[str, int]:
        """Write the unit anew, beside the old one; return its new counts."""
        run_dir, name = self.ctx.run.dir, self.object_type.name
        keys = self.drifted["external_id"]
        now = self.crm.current(self.object_type, keys)
        gone = self.drifted.filter(~pl.col("found"))["external_id"]
        counts = dict.fromkeys((*WRITING, Action.UNCHANGED.value), 0)
        old = manifest(run_dir, "plan", name)
        with UnitWriter(run_dir, _FRESH, name) as writer:
            again, lost, links = [], [], []
            for part in parts(run_dir, "plan", name, "operations"):
                hit = part.filter(pl.col("external_id").is_in(keys.implode()))
                rest = part.filter(~pl.col("external_id").is_in(keys.implode()))
                lost.append(hit.filter(pl.col("external_id").is_in(gone.implode()))["target_id"])
                first, second = defer(self._created(hit, gone), deferred)
                met = self._met(hit, now)
                links.append(self._links(met))
                again.append(_renumbered(second))
                whole = pl.concat([rest, first.select(part.columns), met.select(part.columns)])
                whole = whole.sort("op_id")
                for action, rows in whole.group_by("action").len().iter_rows():
                    counts[action] += rows
                writer.write("operations", whole)
            if deferred:
                self._write_deferred(writer, now, again)
            self._write_rest(writer, old["channels"], pl.concat(lost).drop_nulls(), links)
            second_pass = writer.rows("deferred")
            facts = {**old["counts"], **counts, "second_pass": second_pass}
            writer.finish(**facts)
        return {**counts, "second_pass": second_pass}

    def _created(self, hit: pl.DataFrame, gone: pl.Series) -> pl.DataFrame:
        """Turn updates of records that are gone into creates."""
        lost = hit.filter(pl.col("external_id").is_in(gone.implode()))
        names = payload_columns(lost)
        return lost.with_columns(
            pl.lit(Action.CREATE.value).alias("action"),
            pl.lit(None, pl.String).alias("target_id"),
            pl.lit([], dtype=pl.List(pl.String)).alias("changed"),
            *(pl.lit(None, lost.schema[before_column(c)]).alias(before_column(c)) for c in names),
        )

    def _met(self, hit: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
        """Compare operations again with records as they are now; those without one are left out."""
        kinds = column_kinds(self.object_type)
        names = [c for c in payload_columns(hit) if c in kinds]
        there = now.select(
            pl.col("_external_id").alias("external_id"),
            pl.col("_id").alias("now_id"),
            *(pl.col(c).alias(f"now.{c}") for c in names),
        )
        joined = hit.join(there, on="external_id", how="inner", maintain_order="left")
        flags = []
        for c in names:
            to, is_now = pl.col(after_column(c)), pl.col(f"now.{c}")
            meant = pl.when(_CREATE).then(comparable(to, kinds[c]).is_not_null())
            asked = meant.otherwise(pl.col("changed").list.contains(c))
            flags.append(pl.when(asked & differs(to, is_now, kinds[c])).then(pl.lit(c)))
        judged = joined.with_columns(changed=pl.concat_list(flags).list.drop_nulls())
        some = pl.col("changed").list.len() > 0
        update = pl.lit(Action.UPDATE.value)
        return judged.with_columns(
            pl.when(some | (pl.col("pass") == 2))
            .then(update)
            .otherwise(pl.lit(Action.UNCHANGED.value))
            .alias("action"),
            pl.col("now_id").alias("target_id"),
            *(
                pl.when(pl.col("changed").list.contains(c))
                .then(after_column(c))
                .when(some)
                .then(f"now.{c}")
                .alias(after_column(c))
                for c in names
            ),
            *(pl.when(some).then(f"now.{c}").alias(before_column(c)) for c in names),
        )

    def _write_deferred(
        self, writer: UnitWriter, now: pl.DataFrame, again: list[pl.DataFrame]
    ) -> None:
        keys = self.drifted["external_id"].implode()
        for part in parts(self.ctx.run.dir, "plan", self.object_type.name, "deferred"):
            hit = part.filter(pl.col("external_id").is_in(keys))
            met = self._met(hit, now).filter(pl.col("changed").list.len() > 0)
            rest = part.filter(~pl.col("external_id").is_in(keys))
            new = [f.select(part.columns) for f in again if f.height]
            again.clear()
            writer.write("deferred", pl.concat([rest, met.select(part.columns), *new]))

    def _links(self, met: pl.DataFrame) -> pl.DataFrame:
        """Return what the crosswalk has to learn of records that came to be since."""
        if met.is_empty():
            return CROSSWALK.to_frame()
        own = met.select("golden_key", "external_id", "target_id")
        merged = merged_keys(self.ctx, self.object_type.name).join(own, on="golden_key")
        sources = [
            own.with_columns(source_key="external_id"),
            own.with_columns(source_key="golden_key"),
            merged.with_columns(source_key="_key"),
        ]
        named = [
            s.select(
                "source_key",
                pl.col("external_id").alias("golden_key"),
                pl.lit(self.object_type.name).alias("object"),
                "target_id",
            )
            for s in sources
        ]
        return pl.concat(named).unique("source_key").select(CROSSWALK.names())

    def _write_rest(
        self,
        writer: UnitWriter,
        channels: dict[str, object],
        lost: pl.Series,
        links: list[pl.DataFrame],
    ) -> None:
        run_dir, name = self.ctx.run.dir, self.object_type.name
        for channel in channels:
            if channel in {"operations", "deferred"}:
                continue
            for part in parts(run_dir, "plan", name, channel):
                known = channel == "links"
                keep = ~pl.col("target_id").is_in(lost.implode()) if known else pl.lit(value=True)
                writer.write(channel, part.filter(keep))
        writer.write("links", pl.concat(links))
        writer.write("stale", lost.alias("target_id").to_frame())


def _renumbered(second: pl.DataFrame) -> pl.DataFrame:
    """Give new operations of the second pass the number of their first, marked as added."""
    return second.with_columns(pl.col("op_id").str.replace(".1.", ".2.r", literal=True))
