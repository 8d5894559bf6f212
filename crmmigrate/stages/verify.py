"""Stage verify: read the target back on three levels, and explain every difference.

Counts: is every record there? Fields: does each hold what it should, compared by meaning?
References: does each point to the record it should?
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from dataclasses import fields as fields_of

import polars as pl

from crmmigrate.adapters.base import Linked
from crmmigrate.changes.compare import column_kinds
from crmmigrate.changes.reconcile import DIFFERENCE, differences
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.counting import counted
from crmmigrate.model.findings import FINDING_FRAME
from crmmigrate.model.runs import BookLine, GateResult, StageReport
from crmmigrate.stages.books import Tally, severities
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.desired import Desired, desired_objects, unfed_columns
from crmmigrate.stages.doubles import held_records
from crmmigrate.stages.drift import UNKNOWN, row_counts
from crmmigrate.stages.explaining import (
    explain_conflicts,
    explain_differences,
    explain_missing,
    kept_by_policy,
)
from crmmigrate.stages.field_policies import spare_kept
from crmmigrate.stages.plan_file import PLAN_FILE, read_plan, settle_plan
from crmmigrate.stages.reconciliation import write_reconciliation
from crmmigrate.stages.sampling import sample_keys, share_at_most
from crmmigrate.stages.target import Crm, open_crm
from crmmigrate.store.artifacts import UnitWriter
from crmmigrate.store.ledger import PlanEntry

__all__ = ["run"]

_ERRORS = (
    *("VER601", "VER603", "VER606", "VER611", "VER612", "VER613", "VER616", "VER619"),
    *("VER621", "VER622"),
)
_COUNTS, _LINKS = "VER60", "VER62"
"""How codes of records, and of references, begin; all others are of fields."""


@dataclass
class _Result:
    """What verifying one object has shown.

    Attributes:
        records: Records that should be there.
        expected: Of these, the ones that were looked for: all, or a sample.
        values: Values of fields that were compared and are not blank.
        links: The same of references.
    """

    records: int = 0
    expected: int = 0
    found: int = 0
    matched: int = 0
    differing: int = 0
    missing: int = 0
    extra: int = 0
    others: int = 0
    values: int = 0
    links: int = 0
    tally: Tally = field(default_factory=lambda: Tally(""))


def run(ctx: StageContext) -> StageReport:
    """Compare counts, fields and references of all objects; the target is only read.

    Options: `sample`, how many records of each object are read back (else all); `signed_by`, who
    has looked at the result.

    Memory: one part of an object with its current records, and the external ids of one object.
    """
    with open_crm(ctx) as crm:
        desired = Desired(ctx, crm)
        entry = _entry(ctx, crm)
        objects = desired_objects(ctx, crm)
        rows = row_counts(crm.target.describe()) if _sample(ctx) else {}
        results = {
            o: _verify_object(ctx, crm, desired, entry, o, rows.get(o, UNKNOWN)) for o in objects
        }
    ctx.progress.finish()
    findings = Tally.sum_codes([r.tally for r in results.values()], ctx.project.rules)
    wrong = sum(r.tally.codes.get(code, 0) for r in results.values() for code in _ERRORS)
    gate = GateResult("differences", wrong == 0, "0", str(wrong))
    levels = _levels(results)
    report = StageReport(
        stage="verify",
        run_id=ctx.run.id,
        books=tuple(_line(o, r) for o, r in results.items()),
        findings=findings,
        gates=(gate,),
        notes=tuple(_notes(results, levels, _sample(ctx))),
        artifacts=str(ctx.run.dir / "verify"),
        next_command="crmmigrate report" if gate.passed else "crmmigrate plan",
        facts={
            "objects": {o: _facts(r) for o, r in results.items()},
            "target": crm.name,
            "sample": _sample(ctx),
            "levels": levels,
            "codes": {o: dict(r.tally.codes) for o, r in results.items()},
        },
    )
    return write_reconciliation(ctx, report, entry)


def _sample(ctx: StageContext) -> int:
    """Return how many records of an object are read back; 0 for all."""
    return int(str(ctx.options.get("sample") or 0))


def _verify_object(
    ctx: StageContext,
    crm: Crm,
    desired: Desired,
    entry: PlanEntry | None,
    object_: str,
    counted: int,
) -> _Result:
    object_type = ctx.project.model.objects[object_]
    result = _Result(tally=Tally(object_))
    keys: list[pl.Series] = []
    unfed = unfed_columns(ctx, crm, object_type) | crm.filled(object_type)
    size = _sample(ctx)
    chosen, result.records = sample_keys(ctx.run, object_, size) if size else (None, 0)
    ctx.progress.start(f"verify {object_}", None)
    with UnitWriter(ctx.run.dir, "verify", object_) as writer:
        for frame in desired.frames(object_type):
            wanted = frame
            if chosen is not None:
                wanted = frame.filter(pl.col("golden_key").is_in(chosen.implode()))
            told = _compare_part(ctx, crm, object_type, wanted, entry, result, unfed)
            _write(ctx, writer, told, result)
            keys.append(wanted["external_id"])
            ctx.progress.advance(wanted.height)
        if chosen is None:
            result.records = result.expected
            for extra in _extra(crm, object_type, keys, result):
                _write(ctx, writer, extra, result)
        else:
            wanted_there = result.records - held_records(ctx, object_).len()
            _write(ctx, writer, _too_few(crm, entry, object_, wanted_there, counted), result)
        writer.finish(**_facts(result))
    return result


def _compare_part(
    ctx: StageContext,
    crm: Crm,
    object_type: ObjectType,
    asked: pl.DataFrame,
    entry: PlanEntry | None,
    result: _Result,
    unfed: set[str],
) -> pl.DataFrame:
    """Compare one part; a blank that nothing feeds, or that the target fills, asks for nothing."""
    if asked.is_empty():
        return _LINKED.to_frame()
    current = crm.current(object_type, asked["external_id"])
    wanted = spare_kept(ctx, object_type, asked, current)
    missing = wanted.join(current, left_on="external_id", right_on="_external_id", how="anti")
    wrong = differences(wanted, current, column_kinds(object_type)).filter(
        ~(pl.col("field").is_in(list(unfed)) & pl.col("expected").is_null())
    )
    wrong = explain_differences(crm, object_type, wrong, current, entry)
    wrong = explain_conflicts(ctx, object_type.name, wrong)
    kept = kept_by_policy(ctx, object_type, asked, wanted, current)
    result.expected += wanted.height
    result.found += current.height
    result.missing += missing.height
    result.differing += wrong["external_id"].n_unique()
    result.matched += current.height - wrong["external_id"].n_unique()
    there = wanted.join(current, left_on="external_id", right_on="_external_id", how="semi")
    _count_values(object_type, there, result)
    held = held_records(ctx, object_type.name)
    gone = explain_missing(crm, missing["external_id"], entry, held)
    told = pl.concat([gone, wrong, kept])
    ids = current.select(external_id="_external_id", target_id="_id")
    return _linked(crm, object_type.name, told, ids)


def _count_values(object_type: ObjectType, there: pl.DataFrame, result: _Result) -> None:
    """Count what was compared: values of records that are there."""
    filled = {c: there.height - there[c].null_count() for c in column_kinds(object_type)}
    links = sum(filled[f.name] for f in object_type.references)
    result.links += links
    result.values += sum(filled.values()) - links


def _linked(crm: Crm, object_: str, told: pl.DataFrame, ids: pl.DataFrame) -> pl.DataFrame:
    """Add the id and the page of each record that is there."""
    named = told.join(ids, on="external_id", how="left", maintain_order="left")
    target = crm.target
    pages: dict[str, str | None] = {}
    if isinstance(target, Linked):
        pages = {i: target.record_url(object_, i) for i in named["target_id"].drop_nulls().unique()}
    page = pl.col("target_id").replace_strict(pages, default=None, return_dtype=pl.String)
    return named.with_columns(page.alias("page")).select(_LINKED.names())


def _too_few(
    crm: Crm, entry: PlanEntry | None, object_: str, records: int, counted: int
) -> pl.DataFrame:
    """Return a difference if the target counts fewer records than it should have, refused ones aside."""
    refused = 0
    if entry is not None:
        told = crm.ledger.counts(entry)
        mine = (pl.col("object") == object_) & (pl.col("pass") == 1)
        refused = int(told.filter(mine & (pl.col("status") == "rejected"))["rows"].sum())
    if counted == UNKNOWN or counted >= records - refused:
        return _LINKED.to_frame()
    row = {
        "external_id": object_, "expected": str(records - refused), "actual": str(counted),
        "code": "VER606",
    }  # fmt: skip
    return pl.DataFrame([{c: row.get(c) for c in _LINKED.names()}], schema=_LINKED)


def _extra(
    crm: Crm, object_type: ObjectType, keys: list[pl.Series], result: _Result
) -> Iterator[pl.DataFrame]:
    """Yield records under our external ids that nothing asks for; count those of others."""
    asked = pl.concat([pl.Series("external_id", [], dtype=pl.String), *keys]).to_frame()
    for batch in crm.target.fetch(object_type.name, None, "id", ()):
        frame = pl.DataFrame(pl.from_arrow(batch)).select(
            external_id=pl.col("_external_id").cast(pl.String),
            target_id=pl.col("_id").cast(pl.String),
        )
        result.others += frame["external_id"].null_count()
        left = frame.drop_nulls("external_id").join(asked, on="external_id", how="anti")
        if left.is_empty():
            continue
        known = crm.ledger.crosswalk.by_source(crm.name, left["external_id"])["source_key"]
        ours = left.filter(pl.col("external_id").is_in(known.implode()))
        result.extra += ours.height
        result.others += left.height - ours.height
        nothing = (pl.lit(None, pl.String).alias(c) for c in ("field", "expected", "actual"))
        told = ours.select("external_id", *nothing, pl.lit("VER604").alias("code"))
        yield _linked(crm, object_type.name, told, frame)


def _write(ctx: StageContext, writer: UnitWriter, told: pl.DataFrame, result: _Result) -> None:
    writer.write("differences", told)
    found = told.select(
        pl.col("external_id").alias("_key"),
        "code",
        "field",
        pl.col("expected").alias("before"),
        pl.col("actual").alias("after"),
        pl.lit(None, pl.String).alias("message"),
        pl.lit("flagged").alias("action"),
    ).join(severities(ctx.project.rules), on="code", how="left", maintain_order="left")
    findings = found.select(FINDING_FRAME.names()).cast(FINDING_FRAME)
    writer.write("findings", findings)
    result.tally.add_findings(findings)


def _entry(ctx: StageContext, crm: Crm) -> PlanEntry | None:
    """Return the plan of this run in the ledger, if its load has begun."""
    settle_plan(ctx.run.dir)
    if not (ctx.run.dir / "plan" / PLAN_FILE).exists():
        return None
    plan_id = read_plan(ctx.run.dir).plan_id
    return next((e for e in crm.ledger.plans(ctx.run.id) if e.plan_id == plan_id), None)


def _facts(result: _Result) -> dict[str, int]:
    names = (f.name for f in fields_of(result) if f.name != "tally")
    return {name: getattr(result, name) for name in names}


def _line(object_: str, result: _Result) -> BookLine:
    return BookLine(
        object_,
        result.expected,
        result.found,
        flagged=result.differing,
        rejected=result.missing,
    )


def _levels(results: Mapping[str, _Result]) -> dict[str, dict[str, int]]:
    """Return for each level how much was looked at, how much differs, and how much is a fault."""
    looked = {
        "counts": sum(r.expected for r in results.values()),
        "fields": sum(r.values for r in results.values()),
        "references": sum(r.links for r in results.values()),
    }
    found = {name: {"checked": n, "differ": 0, "wrong": 0} for name, n in looked.items()}
    for result in results.values():
        for code, rows in result.tally.codes.items():
            name = (
                "counts" if code.startswith(_COUNTS)
                else "references" if code.startswith(_LINKS)
                else "fields"
            )  # fmt: skip
            found[name]["differ"] += rows
            found[name]["wrong"] += rows if code in _ERRORS else 0
    return found


def _notes(
    results: Mapping[str, _Result], levels: Mapping[str, Mapping[str, int]], sample: int
) -> Iterator[str]:
    matched = sum(r.matched for r in results.values())
    expected = sum(r.expected for r in results.values())
    records = sum(r.records for r in results.values())
    of = f"{expected:,} sampled" if sample else f"{expected:,}"
    are = "record is" if expected == 1 else "records are"
    yield f"{matched:,} of {of} {are} in the target exactly as they should be"
    if sample and expected:
        most = share_at_most(expected - matched, expected)
        yield (
            f"sample: {expected:,} of {records:,} records; of all, at most {100 * most:.2g} % differ "
            "(with 95 % confidence)"
        )
    missing = sum(r.missing for r in results.values())
    yield f"counts: {expected - missing:,} of {expected:,} {are} there"
    for name, things in (("fields", "values"), ("references", "references")):
        told = levels[name]
        yield (
            f"{name}: {told['checked']:,} {things} compared, {told['differ']:,} differ, "
            f"{told['wrong']:,} of them wrong"
        )
    extra = sum(r.extra for r in results.values())
    if extra:
        one, many = "record of earlier loads is", "records of earlier loads are"
        yield f"{counted(extra, one, many)} in no source any more"


_LINKED = pl.Schema([*DIFFERENCE.items(), ("target_id", pl.String()), ("page", pl.String())])
"""DIFFERENCE rows with the record's id and the address of its page, where there is one."""
