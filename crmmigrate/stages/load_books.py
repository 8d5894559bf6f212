"""The books of a load, from the ledger: outcomes, dead letters, remarks and gates."""

from collections.abc import Iterator, Mapping

import polars as pl

from crmmigrate.changes.diff import payload_columns
from crmmigrate.errors import BooksError
from crmmigrate.model.findings import FINDING_FRAME
from crmmigrate.model.operations import Action, Status, after_column
from crmmigrate.model.runs import BookLine, GateResult, StageReport
from crmmigrate.quality.gates import check_gates
from crmmigrate.stages.books import Tally, severities
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.plan_file import PlanDocument
from crmmigrate.stages.target import Crm
from crmmigrate.store.artifacts import UnitWriter, parts
from crmmigrate.store.ledger import PlanEntry

__all__ = ["load_report", "open_passes"]

_CODES = {
    "LOD501": "LOD501",
    "LOD502": "LOD502",
    "LOD503": "LOD503",
    "LOD520": "LOD520",
    "REQUIRED_FIELD_MISSING": "LOD511",
    "NOT_IN_PICKLIST": "LOD512",
    "TOO_LONG": "LOD513",
    "INVALID_DATE": "LOD514",
    "INVALID_DATETIME": "LOD514",
    "INVALID_NUMBER": "LOD514",
    "INVALID_BOOLEAN": "LOD514",
    "INVALID_LINK": "LOD514",
    "INVALID_VALUE": "LOD514",
    "INVALID_EMAIL": "LOD514",
    "INVALID_PHONE": "LOD514",
    "STORED_DIFFERENTLY": "LOD504",
    "DUPLICATE_VALUE": "LOD515",
    "LINKED_RECORD_MISSING": "LOD516",
    "RECORD_MISSING": "LOD517",
    "STILL_REFERENCED": "LOD518",
}
"""What adapters call a refusal → our documented code; everything else is LOD510."""


def load_report(
    ctx: StageContext, crm: Crm, plan: PlanDocument, entry: PlanEntry, stopped: str
) -> StageReport:
    """Write the artifacts of the load and return its report.

    Raises:
        BooksError: the ledger does not account for every record of the plan.
    """
    counts = crm.ledger.counts(entry)
    tallies = [_write_object(ctx, crm, entry, o) for o in plan.order]
    facts = {o: _object_facts(o, plan, counts) for o in plan.order}
    books = tuple(_line(o, facts[o], tally) for o, tally in zip(plan.order, tallies, strict=True))
    findings = Tally.sum_codes(tallies, ctx.project.rules)
    pending = sum(f["pending"] for f in facts.values()) + open_passes(plan, counts)
    gates = [
        *check_gates(ctx.project.migration.gates.gates(), books, findings),
        *_own_gates(ctx, books, facts, stopped or _still_open(pending)),
    ]
    return StageReport(
        stage="load",
        run_id=ctx.run.id,
        books=books,
        findings=findings,
        gates=tuple(gates),
        notes=tuple(_notes(facts, stopped)),
        artifacts=str(ctx.run.dir / "load"),
        next_command=_next(stopped, pending, facts),
        facts={"plan_id": plan.plan_id, "objects": facts, "pending": pending, "target": crm.name},
    )


def _next(stopped: str, pending: int, facts: Mapping[str, Mapping[str, int]]) -> str:
    """Return the next step; a load that was stopped by refusals is looked into before it goes on."""
    if stopped and any(f["rejected"] for f in facts.values()):
        return "crmmigrate failed"
    return "crmmigrate load" if pending else "crmmigrate verify"


def _still_open(pending: int) -> str:
    """Tell of operations whose outcome the target never told: the load is not finished."""
    return f"{pending:,} pending; run `crmmigrate load` again" if pending else ""


def open_passes(plan: PlanDocument, counts: pl.DataFrame) -> int:
    """Return how many references of the second pass and deletions are not decided yet."""
    final = pl.col("status").is_in([Status.SUCCEEDED.value, Status.REJECTED.value])
    decided = counts.filter((pl.col("pass") > 1) & final)["rows"].sum()
    wanted = sum(plan.counts[o]["second_pass"] + plan.deletes(o) for o in plan.order)
    return wanted - int(decided)


def _write_object(ctx: StageContext, crm: Crm, entry: PlanEntry, object_: str) -> Tally:
    """Write outcomes, dead letters and findings of one object."""
    reasons = crm.ledger.reasons(entry, object_)
    tally = Tally(object_)
    with UnitWriter(ctx.run.dir, "load", object_) as writer:
        for done in crm.ledger.operations(entry, object_):
            told = reasons.select("op_id", "error_code", "error_field", "message")
            writer.write("outcomes", done.join(told, on="op_id", how="left", maintain_order="left"))
        lost = _dead(reasons)
        for raw in _raw_rows(ctx, object_, lost):
            writer.write("rejected", raw)
        found = _findings(ctx, reasons)
        writer.write("findings", found)
        tally.add_findings(found)
        writer.finish(rejected=lost.height)
    return tally


def _dead(reasons: pl.DataFrame) -> pl.DataFrame:
    """Return refusals, one an operation; second-pass ones of refused records say nothing new."""
    echo = (pl.col("error_code") == "LOD501") & pl.col("error_field").is_null()
    return reasons.filter((pl.col("status") == Status.REJECTED.value) & ~echo)


def _raw_rows(ctx: StageContext, object_: str, lost: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield dead letters `_key, code, message, raw` with the values that were to be written."""
    code = pl.col("error_code").replace_strict(_CODES, default="LOD510")
    says = pl.concat_str("error_field", "message", separator=": ", ignore_nulls=True)
    named = lost.select("op_id", _key="external_id", code=code, message=says)
    for channel in ("operations", "deferred"):
        for part in parts(ctx.run.dir, "plan", object_, channel):
            mine = part.join(named, on="op_id")
            text = [c for c in payload_columns(mine) if mine.schema[after_column(c)] == pl.String]
            values = pl.struct(pl.col(after_column(c)).alias(c) for c in text)
            yield mine.select("_key", "code", "message", raw=values.struct.json_encode())


def _findings(ctx: StageContext, reasons: pl.DataFrame) -> pl.DataFrame:
    dead = pl.col("status") == Status.REJECTED.value
    echo = (pl.col("error_code") == "LOD501") & pl.col("error_field").is_null()
    told = reasons.filter((dead & ~echo) | (pl.col("status") == Status.SUCCEEDED.value)).select(
        pl.col("external_id").alias("_key"),
        pl.col("error_code").replace_strict(_CODES, default="LOD510").alias("code"),
        pl.col("error_field").alias("field"),
        pl.lit(None, pl.String).alias("before"),
        pl.lit(None, pl.String).alias("after"),
        pl.col("message"),
        pl.when(dead).then(pl.lit("rejected")).otherwise(pl.lit("flagged")).alias("action"),
    )
    joined = told.join(severities(ctx.project.rules), on="code", how="left", maintain_order="left")
    return joined.select(FINDING_FRAME.names()).cast(FINDING_FRAME)


def _object_facts(object_: str, plan: PlanDocument, counts: pl.DataFrame) -> dict[str, int]:
    """Count the records of an object by what became of them; they must add up."""
    first = counts.filter((pl.col("object") == object_) & (pl.col("pass") == 1))

    def rows(action: str, status: str) -> int:
        chosen = first.filter((pl.col("action") == action) & (pl.col("status") == status))
        return int(chosen["rows"].sum())

    planned = plan.counts[object_]
    created = rows(Action.CREATE.value, Status.SUCCEEDED.value)
    updated = rows(Action.UPDATE.value, Status.SUCCEEDED.value)
    linked = rows(Action.LINK.value, Status.SUCCEEDED.value)
    rejected = int(first.filter(pl.col("status") == Status.REJECTED.value)["rows"].sum())
    golden = plan.records(object_)
    pending = golden - created - updated - linked - planned["unchanged"] - rejected
    done = {Action.CREATE.value: created, Action.UPDATE.value: updated, Action.LINK.value: linked}
    if pending < 0 or any(rows > planned[action] for action, rows in done.items()):
        raise BooksError(
            f"the ledger knows more operations of {object_} than the plan has",
            causes=[
                f"plan: {dict(planned)}",
                f"ledger: {done}, rejected {rejected}",
            ],
        )
    return {
        "rows_in": golden + planned["merged"],
        "golden": golden,
        "created": created,
        "updated": updated,
        "linked": linked,
        **_deleted(object_, counts),
        "unchanged": planned["unchanged"],
        "merged": planned["merged"],
        "rejected": rejected,
        "pending": pending,
    }


def _deleted(object_: str, counts: pl.DataFrame) -> dict[str, int]:
    """Count the deletions of an object, and those that the target has refused."""
    third = counts.filter((pl.col("object") == object_) & (pl.col("pass") == 3))
    names = {"deleted": Status.SUCCEEDED, "not_deleted": Status.REJECTED}
    return {
        name: int(third.filter(pl.col("status") == status.value)["rows"].sum())
        for name, status in names.items()
    }


def _line(object_: str, facts: dict[str, int], tally: Tally) -> BookLine:
    """Return the books of what has been decided; what is pending is told apart."""
    written = facts["created"] + facts["updated"] + facts["linked"]
    done = written + facts["unchanged"]
    line = BookLine(
        object_,
        facts["golden"] - facts["pending"],
        done,
        changed=written,
        flagged=tally.flagged,
        rejected=facts["rejected"],
    )
    if not line.balanced:
        raise BooksError(f"the books of {object_} do not balance: {line}")
    return line


def _own_gates(
    ctx: StageContext,
    books: tuple[BookLine, ...],
    facts: Mapping[str, Mapping[str, int]],
    stopped: str,
) -> Iterator[GateResult]:
    gates = ctx.project.migration.gates.gates()
    if not any(g.measure == "rejected" for g in gates):
        lost = sum(line.rejected for line in books)
        yield GateResult("dead_letters", lost == 0, "0", str(lost))
    if refused := sum(f["not_deleted"] for f in facts.values()):
        yield GateResult("deletions", passed=False, limit="0", actual=f"{refused:,} refused")
    if stopped:
        yield GateResult("finished", passed=False, limit="all records", actual=stopped)


def _notes(facts: dict[str, dict[str, int]], stopped: str) -> Iterator[str]:
    total = {
        k: sum(f[k] for f in facts.values())
        for k in ("created", "updated", "linked", "deleted", "unchanged", "rejected", "pending")
    }
    told = {
        name: count for name, count in total.items() if count or name not in {"linked", "deleted"}
    }
    yield ", ".join(f"{count:,} {name}" for name, count in told.items())
    if stopped:
        yield f"stopped: {stopped}; `load` goes on"
