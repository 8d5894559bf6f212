"""Stage load: do exactly what the plan says, write ahead, and go on after any interruption."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import polars as pl

from crmmigrate.errors import InterruptedRunError
from crmmigrate.model.counting import counted
from crmmigrate.model.operations import Action, Status
from crmmigrate.model.runs import StageReport
from crmmigrate.model.validation import Limit
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.desired import merged_keys
from crmmigrate.stages.drift import refuse_drift
from crmmigrate.stages.load_books import load_report, open_passes
from crmmigrate.stages.plan_file import PlanDocument, check_files, settled_plan
from crmmigrate.stages.replanning import replan
from crmmigrate.stages.sending import BatchSender, SentBatch
from crmmigrate.stages.target import Crm, open_crm
from crmmigrate.stages.vanished import CHANNEL as DELETIONS
from crmmigrate.store.artifacts import parts
from crmmigrate.store.ledger import PlanEntry

__all__ = ["run"]

_ROUNDS = 3
"""How often the plan is gone through before operations of unknown outcome are left pending."""
_FINAL = (Status.SUCCEEDED.value, Status.REJECTED.value)


@dataclass
class _Budget:
    """How many records the target may refuse before the load stops between two batches."""

    stop_at_first: bool
    limits: list[tuple[str | None, Limit]]
    planned: dict[str, int]
    rejected: dict[str, int] = field(default_factory=dict)

    def count(self, object_: str, batch: SentBatch) -> None:
        """Add what a batch has lost."""
        first = batch.operations.filter(pl.col("pass") == 1).select("op_id")
        lost = batch.outcomes.filter(pl.col("status") == Status.REJECTED.value).join(
            first, on="op_id"
        )
        self.rejected[object_] = self.rejected.get(object_, 0) + lost.height

    def spent(self) -> str:
        """Return the reason to stop, or an empty text."""
        total = sum(self.rejected.values())
        if total and self.stop_at_first:
            return f"the target refused {counted(total, 'record')} and on_error is stop"
        for object_, limit in self.limits:
            lost = self.rejected.get(object_, 0) if object_ else total
            planned = self.planned.get(object_, 0) if object_ else sum(self.planned.values())
            if not limit.allows(lost, planned):
                return f"the target refused {lost:,} of {planned:,} records, more than {limit}"
        return ""


def run(ctx: StageContext) -> StageReport:
    """Load the plan of the run; what is done already is not done again.

    Memory: one part of the plan and the merged keys of one object.

    Raises:
        RefusedError: the target or the configuration has changed since the plan was made.
        CorruptError: the plan is damaged.
        InterruptedRunError: Ctrl-C; tells what was finished.
    """
    wanted = ctx.options.get("run_id")
    run_ = ctx.workspace.run(str(wanted)) if wanted else ctx.run
    ctx = StageContext(ctx.project, ctx.workspace, run_, ctx.clock, ctx.progress, ctx.options)
    plan = settled_plan(run_.dir)
    check_files(run_.dir, plan)
    with open_crm(ctx) as crm:
        plan, entry, notes = _fitting(ctx, crm, plan)
        if any(plan.writes(o) + plan.deletes(o) for o in plan.order):
            run_.update(sealed=True)
        if run_.undone:
            run_.update(undone=None)
        try:
            stopped = _apply_until_settled(ctx, crm, plan, entry)
        except KeyboardInterrupt:
            raise _interrupted(crm, plan, entry) from None
        ctx.progress.finish()
        if not stopped and not open_passes(plan, crm.ledger.counts(entry)):
            crm.ledger.end_plan(entry, ctx.clock())
        report = load_report(ctx, crm, plan, entry, stopped)
        return replace(report, notes=(*notes, *report.notes))


def _fitting(
    ctx: StageContext, crm: Crm, plan: PlanDocument
) -> tuple[PlanDocument, PlanEntry, list[str]]:
    """Return the plan if it fits the target; with `allow_drift`, drifted records planned anew."""
    entry = crm.ledger.open_plan(plan.plan_id, ctx.run.id, "load", crm.name, ctx.clock())
    _end_superseded(ctx, crm, plan)
    if not ctx.options.get("allow_drift"):
        refuse_drift(ctx, crm, plan, entry)
        return plan, entry, []
    fresh, notes = replan(ctx, crm, plan, entry)
    if fresh.plan_id != plan.plan_id:
        crm.ledger.end_plan(entry, ctx.clock())
        entry = crm.ledger.open_plan(fresh.plan_id, ctx.run.id, "load", crm.name, ctx.clock())
    return fresh, entry, notes


def _end_superseded(ctx: StageContext, crm: Crm, plan: PlanDocument) -> None:
    """End the plan that this one stands for, if a crash came before that; nothing of it was sent."""
    for entry in crm.ledger.plans(ctx.run.id) if plan.replans else ():
        other = entry.kind == "load" and not entry.ended and entry.plan_id != plan.plan_id
        if other and crm.ledger.counts(entry).is_empty():
            crm.ledger.end_plan(entry, ctx.clock())


def _apply_until_settled(ctx: StageContext, crm: Crm, plan: PlanDocument, entry: PlanEntry) -> str:
    """Apply the plan; look again at operations whose outcome stayed unknown."""
    budget = _budget(ctx, crm, plan, entry)
    for _ in range(_ROUNDS):
        stopped = _apply(ctx, crm, plan, entry, budget)
        unknown = crm.ledger.counts(entry).filter(~pl.col("status").is_in(_FINAL))
        if stopped or unknown.is_empty():
            break
    return stopped


def _apply(
    ctx: StageContext, crm: Crm, plan: PlanDocument, entry: PlanEntry, budget: _Budget
) -> str:
    """Send everything that is open; return why it stopped early, or an empty text."""
    for object_ in plan.order:
        _learn(ctx, crm, object_)
    waiting: set[str] = set()
    begun = set(crm.ledger.counts(entry)["object"])
    for channel in ("operations", "deferred", DELETIONS):
        # What is deleted goes children first.
        for object_ in reversed(plan.order) if channel == DELETIONS else plan.order:
            object_type = ctx.project.model.objects[object_]
            merged = merged_keys(ctx, object_)
            sender = BatchSender(crm, entry, object_type, merged, ctx.clock, waiting)
            ctx.progress.start(f"load {object_}", _planned(plan, object_, channel))
            for batch, unsettled in _open_batches(
                ctx, crm, entry, object_, channel, begun=object_ in begun
            ):
                if reason := budget.spent():
                    return reason
                budget.count(object_, sender.send(batch, unsettled))
                ctx.progress.advance(batch.height)
    return budget.spent() if budget.stop_at_first else ""


def _learn(ctx: StageContext, crm: Crm, object_: str) -> None:
    """Bring the crosswalk up to what the plan saw in the target."""
    for stale in parts(ctx.run.dir, "plan", object_, "stale"):
        if stale.height:
            crm.ledger.crosswalk.remove(crm.name, object_, stale["target_id"])
    for links in parts(ctx.run.dir, "plan", object_, "links"):
        if links.height:
            crm.ledger.crosswalk.add(crm.name, links)


def _open_batches(
    ctx: StageContext, crm: Crm, entry: PlanEntry, object_: str, channel: str, *, begun: bool
) -> Iterator[tuple[pl.DataFrame, pl.Series]]:
    """Yield batches of operations that are not done, with the ids of the unsettled ones.

    `begun` tells whether the ledger has known any of the object before this round.
    """
    size = max(1, crm.target.capabilities.batch_size)
    nothing = pl.Series("op_id", [], dtype=pl.String)
    for part in parts(ctx.run.dir, "plan", object_, channel):
        todo = part.filter(pl.col("action") != Action.UNCHANGED.value)
        for piece in todo.iter_slices(size):
            if not begun:
                yield piece, nothing
                continue
            known = [
                nothing.to_frame().with_columns(status=pl.lit("")),
                *(
                    f.select("op_id", "status")
                    for f in crm.ledger.operations(entry, op_ids=piece["op_id"])
                ),
            ]
            status = pl.concat(known)
            done = status.filter(pl.col("status").is_in(_FINAL))["op_id"]
            left = piece.filter(~pl.col("op_id").is_in(done.implode()))
            if left.height:
                yield left, status.filter(~pl.col("status").is_in(_FINAL))["op_id"]


def _budget(ctx: StageContext, crm: Crm, plan: PlanDocument, entry: PlanEntry) -> _Budget:
    gates = ctx.project.migration.gates.gates()
    counted = crm.ledger.counts(entry).filter(
        (pl.col("pass") == 1) & (pl.col("status") == Status.REJECTED.value)
    )
    return _Budget(
        stop_at_first=ctx.project.migration.on_error == "stop",
        limits=[(g.object, g.limit) for g in gates if g.measure == "rejected"],
        planned={o: plan.records(o) for o in plan.order},
        rejected=dict(counted.group_by("object").agg(pl.col("rows").sum()).iter_rows()),
    )


def _planned(plan: PlanDocument, object_: str, channel: str) -> int:
    if channel == DELETIONS:
        return plan.deletes(object_)
    deferred = channel == "deferred"
    return plan.counts[object_]["second_pass"] if deferred else plan.writes(object_)


def _interrupted(crm: Crm, plan: PlanDocument, entry: PlanEntry) -> InterruptedRunError:
    done = crm.ledger.counts(entry).filter(pl.col("status").is_in(_FINAL))
    total = sum(
        plan.writes(o) + plan.deletes(o) + plan.counts[o]["second_pass"] for o in plan.order
    )
    by_object = done.group_by("object", maintain_order=True).agg(pl.col("rows").sum())
    return InterruptedRunError(
        f"interrupted after {done['rows'].sum():,} of {total:,} operations",
        causes=[f"{object_}: {rows:,} done" for object_, rows in by_object.iter_rows()],
        hint="run `crmmigrate load` again; it goes on where it stopped, and nothing is written twice",
    )
