"""Stage plan: compare desired records with the target, and freeze what has to be done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from crmmigrate.changes.compare import column_kinds
from crmmigrate.changes.diff import defer, diff
from crmmigrate.changes.ordering import Order, explain_order, order_objects, parents_of
from crmmigrate.errors import ConfigError
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.catalog import Catalog
from crmmigrate.model.counting import counted
from crmmigrate.model.operations import OPERATION, Action
from crmmigrate.model.runs import BookLine, StageReport
from crmmigrate.stages.books import Tally, prove
from crmmigrate.stages.conflicts import Conflicts
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.desired import Desired, desired_objects, unfed_columns
from crmmigrate.stages.doubles import Doubles
from crmmigrate.stages.drift import row_counts
from crmmigrate.stages.field_policies import FieldPolicies
from crmmigrate.stages.forecast import Forecast, forecast
from crmmigrate.stages.places import Places
from crmmigrate.stages.plan_file import (
    WRITING,
    PlanDocument,
    file_hashes,
    schema_fingerprint,
    write_plan,
)
from crmmigrate.stages.plan_view import first_diffs
from crmmigrate.stages.preflight import Preflight
from crmmigrate.stages.redirects import Redirects
from crmmigrate.stages.target import Crm, open_crm
from crmmigrate.stages.vanished import Vanished
from crmmigrate.store.artifacts import UnitWriter
from crmmigrate.store.crosswalk import CROSSWALK

__all__ = ["run"]

_ACTIONS = (*WRITING, Action.UNCHANGED.value)
_KEYS = pl.Schema({"external_id": pl.String})


@dataclass
class _Counts:
    """What the plan of one object adds up to."""

    actions: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_ACTIONS, 0))
    second_pass: int = 0
    vanished: int = 0
    held: int = 0
    conflicts: int = 0
    redirects: int = 0
    deleted: int = 0
    seen: list[pl.Series] = field(default_factory=list)


_Told = Doubles | Preflight | FieldPolicies | Vanished | Conflicts | Redirects | Places


@dataclass(frozen=True)
class _Checks:
    """What is looked for while objects are planned."""

    doubles: Doubles
    preflight: Preflight
    policies: FieldPolicies
    vanished: Vanished
    conflicts: Conflicts
    redirects: Redirects

    def told(self) -> tuple[_Told, ...]:
        """Return what has something to say about the plan, in the order it is said."""
        first = (self.doubles, self.preflight, self.policies)
        return (*first, self.conflicts, self.redirects, self.vanished)


def run(ctx: StageContext) -> StageReport:
    """Plan all objects; nothing is written to the target.

    Memory: one part of an object, its current records, and the external ids of one object.
    """
    with open_crm(ctx) as crm:
        order = _order(ctx, crm)
        catalog = crm.target.describe()
        rows = row_counts(catalog)
        desired = Desired(ctx, crm)
        checks = _checks(ctx, crm, desired, catalog, order)
        counts = {
            o: _plan_object(ctx, desired, checks, order, o, rows.get(o, 0)) for o in order.objects
        }
        document = write_plan(
            ctx.run.dir,
            PlanDocument(
                plan_id="",
                run=ctx.run.id,
                created_at=ctx.clock().isoformat(),
                target=crm.name,
                config=ctx.project.fingerprint("plan"),
                schema=schema_fingerprint(catalog),
                rows={o: rows.get(o, 0) for o in order.objects},
                order=order.objects,
                deferred=order.deferred,
                counts={o: _facts(c, desired.merged[o].height) for o, c in counts.items()},
                files=file_hashes(ctx.run.dir, order.objects),
            ),
        )
        places = Places.of(ctx, crm, desired)
        expected = forecast(crm, document.counts)
    ctx.progress.finish()
    return _report(ctx, document, order, (*checks.told(), places), expected)


def _checks(
    ctx: StageContext, crm: Crm, desired: Desired, catalog: Catalog, order: Order
) -> _Checks:
    redirects = Redirects(ctx, desired)
    if _only(ctx) is None:
        redirects.look(order.objects)
    return _Checks(
        Doubles(ctx, crm),
        Preflight(ctx, crm, catalog),
        FieldPolicies(ctx),
        Vanished(ctx, crm),
        Conflicts(ctx, crm),
        redirects,
    )


def _order(ctx: StageContext, crm: Crm) -> Order:
    order = order_objects(ctx.project.model, desired_objects(ctx, crm))
    if order.impossible:
        raise ConfigError(
            f"required references go round in a circle: {', '.join(order.impossible)}",
            hint="make one of them optional under `objects:` in migration.yaml",
        )
    return order


def _plan_object(
    ctx: StageContext, desired: Desired, checks: _Checks, order: Order, object_: str, present: int
) -> _Counts:
    crm, object_type = desired.crm, ctx.project.model.objects[object_]
    counts = _Counts()
    first_load = present == 0 and crm.ledger.crosswalk.is_empty(crm.name, object_)
    ctx.progress.start(f"plan {object_}", None)
    checks.doubles.look(object_type, desired, present)
    taken = checks.doubles.taken(object_)
    with UnitWriter(ctx.run.dir, "plan", object_) as writer:
        for chosen in _chosen(ctx, object_type, desired.frames(object_type)):
            asked = checks.doubles.hold(object_, chosen, writer)
            keys = asked["external_id"] if present else asked["external_id"].clear()
            current = _current(crm, object_type, keys, taken)
            wanted = checks.policies.apply(object_type, asked, current, writer)
            operations = _diff_part(ctx, crm, object_type, wanted, current, taken)
            operations = checks.conflicts.hold(object_type, operations, current, writer)
            prove(f"plan {object_}", wanted["external_id"], operations["external_id"])
            _write_part(writer, operations, order.deferred.get(object_, ()), object_, counts)
            if not first_load:
                _write_links(writer, crm, desired, object_, operations)
            checks.doubles.note(object_, operations)
            checks.redirects.note(object_type, operations)
            checks.preflight.add(object_type, wanted, operations, writer)
            counts.seen.append(chosen["external_id"])
            ctx.progress.advance(chosen.height)
        if _only(ctx) is None:
            checks.redirects.write(object_type, writer, counts.seen)
            merged = checks.redirects.keys(object_)
            checks.vanished.write(object_type, writer, counts.seen, merged)
            counts.vanished = checks.vanished.kept[object_]
            counts.deleted = checks.vanished.deleted.get(object_, 0)
        checks.doubles.finish(object_type, writer)
        counts.held = checks.doubles.held.get(object_, 0)
        counts.conflicts = checks.conflicts.held[object_]
        counts.redirects = checks.redirects.told[object_]
        checks.preflight.finish(object_type, writer)
        writer.finish(**_facts(counts, desired.merged[object_].height))
    counts.seen.clear()
    return counts


def _only(ctx: StageContext) -> Mapping[str, list[str]] | None:
    """Return object → record keys that alone are planned, where a command asks for some only."""
    only = ctx.options.get("only")
    return only if isinstance(only, Mapping) else None


def _chosen(
    ctx: StageContext, object_type: ObjectType, frames: Iterator[pl.DataFrame]
) -> Iterator[pl.DataFrame]:
    """Yield the records that are to be planned: some only, and what points to them."""
    only = _only(ctx)
    if only is None:
        yield from frames
        return
    keys = {o: pl.Series("key", found, dtype=pl.String).implode() for o, found in only.items()}
    own = keys.get(object_type.name)
    named = [pl.col(c).is_in(own) for c in ("golden_key", "external_id") if own is not None]
    named += [
        pl.col(field.name).is_in(keys[other])
        for field in object_type.references
        for other in field.references
        if other in keys
    ]
    for frame in frames:
        chosen = frame.filter(pl.any_horizontal(named)) if named else frame.clear()
        if chosen.height:
            yield chosen


def _current(
    crm: Crm, object_type: ObjectType, keys: pl.Series, taken: pl.DataFrame
) -> pl.DataFrame:
    """Return records as they are now, those that are to be taken over under our keys."""
    current = crm.current(object_type, keys)
    mine = taken.filter(pl.col("external_id").is_in(keys.implode()))
    if mine.is_empty():
        return current
    return pl.concat([current, crm.taken_over(object_type, mine).select(current.columns)])


def _diff_part(
    ctx: StageContext,
    crm: Crm,
    object_type: ObjectType,
    wanted: pl.DataFrame,
    current: pl.DataFrame,
    taken: pl.DataFrame,
) -> pl.DataFrame:
    kinds = column_kinds(object_type)
    unfed = unfed_columns(ctx, crm, object_type)
    operations = diff(wanted, current, kinds, keep=unfed | crm.filled(object_type))
    operations = crm.with_presumed(object_type, operations, unfed)
    if taken.is_empty():
        return operations
    link = pl.col("external_id").is_in(taken["external_id"].implode())
    action = pl.when(link).then(pl.lit(Action.LINK.value)).otherwise("action")
    return operations.with_columns(action.alias("action"))


def _write_part(
    writer: UnitWriter,
    operations: pl.DataFrame,
    deferred: tuple[str, ...],
    object_: str,
    counts: _Counts,
) -> None:
    """Write what is to be sent; what waits for a decision was written with its reason."""
    sendable = operations.filter(pl.col("action") != Action.CONFLICT.value)
    first, second = defer(sendable, deferred)
    start = writer.rows("operations")
    writer.write("operations", _numbered(first, object_, 1, start))
    if deferred:
        writer.write("deferred", _numbered(second, object_, 2, writer.rows("deferred")))
        counts.second_pass += second.height
    for action, rows in sendable.group_by("action").len().iter_rows():
        counts.actions[action] += rows


def _numbered(operations: pl.DataFrame, object_: str, pass_: int, start: int) -> pl.DataFrame:
    """Give operations their ids, which are unique within the plan and never change."""
    number = pl.int_range(start + 1, start + 1 + pl.len(), dtype=pl.Int64).cast(pl.String)
    op_id = pl.concat_str(pl.lit(f"{object_}.{pass_}."), number.str.zfill(9)).alias("op_id")
    named = operations.with_columns(op_id, pl.lit(object_).alias("object"))
    rest = [c for c in named.columns if c not in OPERATION.names()]
    return named.select(*OPERATION.names(), *rest)


def _write_links(
    writer: UnitWriter, crm: Crm, desired: Desired, object_: str, operations: pl.DataFrame
) -> None:
    """Write what the crosswalk should learn, and what it believes but is no longer true."""
    keys = desired.source_keys(object_, operations.select("golden_key", "external_id"))
    # What is to be taken over is not ours yet: the load tells the crosswalk once it is done.
    ours = pl.when(pl.col("action") != Action.LINK.value).then("target_id").alias("target_id")
    there = operations.select("external_id", ours)
    known = crm.ledger.crosswalk.by_source(crm.name, keys["source_key"])
    wanted = keys.join(there, on="external_id").select(
        "source_key",
        pl.col("external_id").alias("golden_key"),
        pl.lit(object_).alias("object"),
        "target_id",
    )
    new = wanted.drop_nulls("target_id").join(known, on=CROSSWALK.names(), how="anti")
    writer.write("links", new)
    gone = wanted.filter(pl.col("target_id").is_null()).select("source_key")
    writer.write("stale", known.join(gone, on="source_key").select("target_id").unique())


def _facts(counts: _Counts, merged: int) -> dict[str, int]:
    return {
        **counts.actions,
        "held": counts.held,
        Action.CONFLICT.value: counts.conflicts,
        Action.REDIRECT.value: counts.redirects,
        Action.DELETE.value: counts.deleted,
        "second_pass": counts.second_pass,
        "merged": merged,
        "vanished": counts.vanished,
    }


def _report(
    ctx: StageContext,
    document: PlanDocument,
    order: Order,
    told: Sequence[_Told],
    expected: Forecast,
) -> StageReport:
    pending = sum(document.writes(o) + document.deletes(o) for o in document.order)
    first, *rest = _notes(document, pending)
    lines = [_line(o, c) for o, c in document.counts.items()]
    codes = {c: rows for t in told for c, rows in t.codes.items()}
    tally = Tally("all", codes={code: rows for code, rows in codes.items() if rows})
    return StageReport(
        stage="plan",
        run_id=ctx.run.id,
        books=tuple(lines),
        findings=Tally.sum_codes([tally], ctx.project.rules),
        gates=tuple(g for t in told if isinstance(t, Vanished) for g in t.gates()),
        notes=(first, *expected.notes(), *rest, *(n for t in told for n in t.notes())),
        artifacts=str(ctx.run.dir / "plan"),
        next_command=_next(document, pending),
        facts={
            "plan_id": document.plan_id,
            "pending": pending,
            "actions": {o: dict(c) for o, c in document.counts.items()},
            "order": list(document.order),
            "after": parents_of(ctx.project.model, order),
            "order_told": explain_order(
                ctx.project.model,
                order,
                {o: c["second_pass"] for o, c in document.counts.items()},
            ),
            "deferred": {o: list(names) for o, names in document.deferred.items()},
            "target": document.target,
            **{name: fact for t in (*told, expected) for name, fact in t.facts().items()},
            "diffs": first_diffs(ctx.run.dir, document.order),
        },
    )


def _next(document: PlanDocument, pending: int) -> str:
    if pending:
        return "crmmigrate load"
    conflicts = any(counts[Action.CONFLICT.value] for counts in document.counts.values())
    return "crmmigrate review --conflicts" if conflicts else "crmmigrate verify"


def _line(object_: str, counts: Mapping[str, int]) -> BookLine:
    rows = sum(counts[a] for a in _ACTIONS)
    changed, held = sum(counts[a] for a in WRITING), counts["held"] + counts[Action.CONFLICT.value]
    return BookLine(object_, rows + held, rows, changed=changed, excluded=held)


def _notes(document: PlanDocument, pending: int) -> Iterator[str]:
    totals = {a: sum(c[a] for c in document.counts.values()) for a in _ACTIONS}
    conflicts = sum(c[Action.CONFLICT.value] for c in document.counts.values())
    if not pending and conflicts:
        yield (
            f"nothing to load: {counted(conflicts, 'record')} in conflict, "
            f"{totals['unchanged']:,} unchanged"
        )
        return
    if not pending:
        are = counted(totals["unchanged"], "record is", "records are")
        yield f"nothing to do: all {are} in the target as they should be"
        return
    linked = f"{totals['link']:,} to link, " if totals["link"] else ""
    doomed = sum(document.deletes(o) for o in document.order)
    linked += f"{doomed:,} to delete, " if doomed else ""
    linked += f"{conflicts:,} in conflict, " if conflicts else ""
    yield (
        f"plan: {totals['create']:,} to create, {totals['update']:,} to update, "
        f"{linked}{totals['unchanged']:,} unchanged"
    )
