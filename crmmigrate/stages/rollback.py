"""Stage rollback: undo a load in reverse order, and spare what was edited since."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

import polars as pl

from crmmigrate.errors import CorruptError, InterruptedRunError, RefusedError, UsageError
from crmmigrate.model.counting import counted
from crmmigrate.model.findings import FINDING_FRAME
from crmmigrate.model.operations import Action
from crmmigrate.model.runs import BookLine, GateResult, StageReport
from crmmigrate.stages.books import Tally, severities
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.plan_file import PlanDocument, check_files, settled_plan
from crmmigrate.stages.survey import SPARED, Survey, survey
from crmmigrate.stages.target import Crm, open_crm
from crmmigrate.stages.undoing import LEFT_BLANK, UndoSender
from crmmigrate.stages.vanished import CHANNEL as DELETIONS
from crmmigrate.stages.written import Written
from crmmigrate.store.artifacts import UnitWriter
from crmmigrate.store.ledger import PlanEntry

__all__ = ["run"]

_FROM_BACKUP = "restore the folder of the run from a backup; the before-images are in it"
_LISTED = 100
"""How many spared records of an object the report lists; the artifact lists them all."""


def run(ctx: StageContext) -> StageReport:
    """Undo the load of a run; safe to break off and to repeat.

    Options: `run_id` (else the run of the context), `dry_run` to only tell what would be done,
    `select` to undo one object only.

    Raises:
        UsageError: nothing of the run is in the target, or there is no such object.
        RefusedError: the plan of the run is no longer there.
        InterruptedRunError: Ctrl-C.
    """
    wanted = ctx.options.get("run_id")
    run_ = ctx.workspace.run(str(wanted)) if wanted else ctx.run
    ctx = StageContext(ctx.project, ctx.workspace, run_, ctx.clock, ctx.progress, ctx.options)
    with _irreplaceable(loaded=run_.sealed):
        plan = settled_plan(run_.dir)
    with open_crm(ctx) as crm:
        load = _load_entry(crm, plan, run_.id)
        with _irreplaceable(loaded=run_.sealed):
            check_files(run_.dir, plan)
        objects = _chosen(ctx, plan)
        earlier = [e for e in crm.ledger.plans(run_.id) if e.kind == "rollback"]
        written = Written(ctx, crm, load)
        with _irreplaceable(loaded=run_.sealed):
            found = survey(ctx, crm, [written], objects, resumed=any(not e.ended for e in earlier))
        if ctx.options.get("dry_run"):
            return _report(ctx, found, {}, planned=True)
        entry = _undo_entry(ctx, crm, earlier, run_.id)
        try:
            refused = _undo(ctx, crm, entry, written, objects, found)
        except KeyboardInterrupt:
            raise InterruptedRunError(
                "interrupted while undoing",
                hint=f"run `crmmigrate rollback {run_.id}` again; it goes on where it stopped",
            ) from None
        crm.ledger.end_plan(entry, ctx.clock())
        _mark_undone(ctx, objects, plan.order)
        ctx.progress.finish()
        _write(ctx, found, refused)
        return _report(ctx, found, refused, planned=False)


def _mark_undone(ctx: StageContext, objects: Sequence[str], order: Sequence[str]) -> None:
    """Record in run.json what was undone, so that `status` tells it and a new load plans anew."""
    done = {*(ctx.run.undone or {}).get("objects", []), *objects}
    ctx.run.update(
        undone={
            "at": ctx.clock().isoformat(),
            "objects": sorted(done),
            "whole": set(order) <= done,
        }
    )


@contextmanager
def _irreplaceable(*, loaded: bool) -> Iterator[None]:
    """Give the hint that is true for a plan that was loaded: no new plan can stand in for it."""
    try:
        yield
    except (CorruptError, UsageError) as exc:
        if loaded:
            exc.hint = _FROM_BACKUP
        raise


def _load_entry(crm: Crm, plan: PlanDocument, run_id: str) -> PlanEntry:
    loads = [e for e in crm.ledger.plans(run_id) if e.kind == "load"]
    if not loads:
        raise UsageError(
            f"nothing of run {run_id} was loaded", hint="`crmmigrate status` lists the runs"
        )
    entry = next((e for e in loads if e.plan_id == plan.plan_id), None)
    if entry is None:
        raise RefusedError(
            f"the plan that run {run_id} loaded is no longer there",
            hint=_FROM_BACKUP,
        )
    return entry


def _chosen(ctx: StageContext, plan: PlanDocument) -> list[str]:
    chosen = ctx.options.get("select")
    if chosen and chosen not in plan.order:
        raise UsageError(
            f"the run has no object '{chosen}'", hint=f"it has {', '.join(plan.order)}"
        )
    return [o for o in reversed(plan.order) if not chosen or o == chosen]


def _undo_entry(ctx: StageContext, crm: Crm, earlier: list[PlanEntry], run_id: str) -> PlanEntry:
    """Return the rollback that was broken off, or a new one."""
    open_ = next((e for e in earlier if not e.ended), None)
    if open_ is not None:
        return open_
    name = f"rollback-{run_id}-{len(earlier) + 1}"
    return crm.ledger.open_plan(name, run_id, "rollback", crm.name, ctx.clock())


def _undo(
    ctx: StageContext,
    crm: Crm,
    entry: PlanEntry,
    written: Written,
    objects: Sequence[str],
    found: Survey,
) -> dict[str, pl.DataFrame]:
    """Undo second-pass operations of all objects, then first-pass ones; return what was refused."""
    refused: dict[str, list[pl.DataFrame]] = {o: [SPARED.to_frame()] for o in objects}

    def go_through(channel: str, work: Callable[[UndoSender, pl.DataFrame], pl.DataFrame]) -> None:
        # What was deleted comes back parents first.
        for object_ in reversed(objects) if channel == DELETIONS else objects:
            object_type = ctx.project.model.objects[object_]
            sender = UndoSender(crm, entry, written.entry, object_type, ctx.clock)
            ctx.progress.start(f"undo {object_}", None)
            for frame in written.operations(object_, channel):
                todo = frame.filter(~pl.col("external_id").is_in(found.kept(object_).implode()))
                for piece in todo.reverse().iter_slices(crm.target.capabilities.batch_size):
                    refused[object_].append(work(sender, piece))
                ctx.progress.advance(frame.height)

    go_through(DELETIONS, UndoSender.undo)
    # Then it gets what it pointed to, which may have come back later.
    final = not any(frame.height for frames in refused.values() for frame in frames)
    go_through(DELETIONS, partial(UndoSender.relink, final=final))
    for channel in ("deferred", "operations"):
        go_through(channel, UndoSender.undo)
    return {
        o: pl.concat(frames).unique("external_id", keep="first", maintain_order=True)
        for o, frames in refused.items()
    }


def _write(ctx: StageContext, found: Survey, refused: dict[str, pl.DataFrame]) -> None:
    levels = severities(ctx.project.rules)
    for object_, spared in found.spared.items():
        left = pl.concat([spared, refused.get(object_, SPARED.to_frame())])
        with UnitWriter(ctx.run.dir, "rollback", object_) as writer:
            writer.write("spared", left)
            writer.write("findings", _findings(left, levels))
            writer.finish(**found.counts[object_])


def _findings(left: pl.DataFrame, levels: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.lit(None, pl.String)
    told = left.select(
        pl.col("external_id").alias("_key"),
        "code",
        pl.col("fields").alias("field"),
        nothing.alias("before"),
        nothing.alias("after"),
        nothing.alias("message"),
        pl.lit("flagged").alias("action"),
    )
    joined = told.join(levels, on="code", how="left", maintain_order="left")
    return joined.select(FINDING_FRAME.names()).cast(FINDING_FRAME)


def _report(
    ctx: StageContext, found: Survey, refused: dict[str, pl.DataFrame], *, planned: bool
) -> StageReport:
    levels = severities(ctx.project.rules)
    tallies, facts, listed = [], {}, {}
    for object_, counts in found.counts.items():
        left = pl.concat([found.spared[object_], refused.get(object_, SPARED.to_frame())])
        tally = Tally(object_)
        tally.add_findings(_findings(left, levels))
        tallies.append(tally)
        lost = refused.get(object_, SPARED.to_frame()).filter(pl.col("code") != LEFT_BLANK)
        stay = lost.filter(pl.col("action") == Action.CREATE.value).height
        facts[object_] = {
            **counts,
            "removed": counts["removed"] - stay,
            "restored": counts["restored"] - (lost.height - stay),
            "refused": lost.height,
        }
        listed[object_] = left["external_id"].head(_LISTED).to_list()
    total = {
        k: sum(f[k] for f in facts.values())
        for k in ("removed", "restored", "spared", "gone", "refused")
    }
    gate = GateResult("refused", total["refused"] == 0, "0", str(total["refused"]))
    return StageReport(
        stage="rollback",
        run_id=ctx.run.id,
        books=tuple(_line(o, f) for o, f in facts.items()),
        findings=Tally.sum_codes(tallies, ctx.project.rules),
        gates=() if planned else (gate,),
        notes=tuple(_notes(total, planned=planned)),
        artifacts="" if planned else str(ctx.run.dir / "rollback"),
        next_command=f"crmmigrate rollback {ctx.run.id} --yes" if planned else "crmmigrate plan",
        facts={"objects": facts, "spared": listed, "planned": planned},
    )


def _line(object_: str, facts: Mapping[str, int]) -> BookLine:
    """Return the books of what is undone: each record is undone, gone already or left."""
    done = facts["removed"] + facts["restored"] + facts["gone"]
    left = facts["spared"] + facts["refused"]
    return BookLine(
        object_, done + left, done, changed=facts["removed"] + facts["restored"], excluded=left
    )


def _notes(total: Mapping[str, int], *, planned: bool) -> Iterator[str]:
    verb = "would be" if planned else "were"
    is_was = "would be" if planned else "was"
    removed = counted(total["removed"], f"record {is_was}", f"records {verb}")
    yield f"{removed} removed, {total['restored']:,} restored"
    left = total["spared"] + total["refused"]
    if left:
        yield f"{left:,} {verb} left as they are: edited since, or needed by others"
    if total["gone"]:
        yield f"{total['gone']:,} had nothing left to undo"
