"""A small run, written by hand with the schemas of the artifacts, and its project."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from crmmigrate.config.canonical import load_model
from crmmigrate.config.migration import Migration
from crmmigrate.config.project import Project
from crmmigrate.model.changelog import CHANGE_FRAME
from crmmigrate.model.findings import FINDING_FRAME, Rule, Severity
from crmmigrate.model.mapping import ExcludeRule, FieldMapping, FromColumn, ObjectMapping
from crmmigrate.model.matching import Feature, MatchRules
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.runs import BookLine, FindingCount, GateResult, StageReport
from crmmigrate.model.semantic import SemanticType
from crmmigrate.store.artifacts import UnitWriter, parts
from crmmigrate.store.crosswalk import CROSSWALK
from crmmigrate.store.files import write_json
from crmmigrate.store.ledger import Ledger
from crmmigrate.store.workspace import Run, Workspace

HOSTILE = "<script>alert('x')</script>"
SECRETS = ("+40722123456", "ana@example.com", "Popescu", "0722 123 456", "Kjærstad")

CONTRIBUTION = pl.List(
    pl.Struct(
        {
            "feature": pl.String,
            "value_a": pl.String,
            "value_b": pl.String,
            "level": pl.String,
            "weight": pl.Float64,
        }
    )
)
RULES = {
    "STD101": Rule("STD101", "phone_formatted", Severity.INFO, "Written as E.164."),
    "STD110": Rule("STD110", "phone_invalid", Severity.WARNING, "No such number.", "Ask for it."),
    "VAL401": Rule("VAL401", "required_missing", Severity.ERROR, "A required field is empty."),
    "EXT105": Rule("EXT105", "ragged_row", Severity.ERROR, "The row has too many cells."),
}


@dataclass(frozen=True)
class Made:
    """What the factory made."""

    project: Project
    workspace: Workspace
    run: Run


def finding(key, code, field=None, before=None, after=None, action="changed", message=None):
    return {
        "_key": key,
        "code": code,
        "field": field,
        "before": before,
        "after": after,
        "message": message,
        "action": action,
        "severity": str(RULES[code].severity),
    }


def write_unit(run, stage, unit, **channels):
    with UnitWriter(run.dir, stage, unit) as writer:
        for name, frame in channels.items():
            writer.write(name, frame)
        writer.finish()


def findings(*rows):
    return pl.DataFrame(list(rows), schema=FINDING_FRAME)


def changes(*rows):
    """Return the change log in which these findings stand."""
    told = [{**row, "rule": row["code"], "codes": row["code"]} for row in rows]
    return pl.DataFrame(told, schema=CHANGE_FRAME)


def aside(*rows):
    return pl.DataFrame(
        list(rows),
        schema=dict.fromkeys(("_key", "code", "message", "raw"), pl.String),
        orient="row",
    )


def excluded(*rows):
    return pl.DataFrame(
        list(rows), schema=dict.fromkeys(("_key", "rule", "why", "raw"), pl.String), orient="row"
    )


def contacts(ids, source, names, phones):
    return pl.DataFrame(
        {
            "_key": [f"{source}:contact:people/{i}" for i in ids],
            "_row_key": [f"{source}:people:{i}" for i in ids],
            "_source": [source] * len(ids),
            "name": names,
            "name_given": [n.split(" ")[-1] if n else None for n in names],
            "phone": phones,
        },
        schema_overrides={"name": pl.String, "phone": pl.String},
    )


def save(run, stage, books=(), gates=(), findings=(), notes=(), **facts):
    report = StageReport(
        stage=stage,
        run_id=run.id,
        books=tuple(books),
        gates=tuple(gates),
        findings=tuple(findings),
        notes=tuple(notes),
        seconds=1.5,
        facts=facts,
        artifacts=str(run.dir / stage),
        next_command="crmmigrate next",
    )
    (run.dir / stage).mkdir(exist_ok=True)
    write_json(run.dir / stage / "report.json", report.to_json())
    return report


def make_project(root: Path) -> Project:
    migration = Migration.model_validate(
        {
            "version": 1,
            "name": HOSTILE,
            "sources": {
                "erp": {"adapter": "csv", "datasets": {"people": {"key": ["id"]}, "log": {}}},
                "fair": {
                    "adapter": "csv",
                    "datasets": {"people": {"key": ["id"]}},
                    "ignore": {"badges": "printed once, of no use"},
                },
            },
            "target": {"adapter": "sqlite", "path": "crm.db"},
        }
    )
    mapped = tuple(
        FieldMapping(target, target, None, FromColumn(column))
        for target, column in (("name", "name"), ("phone", "tel"))
    )
    return Project(
        root=root,
        migration=migration,
        model=load_model(),
        mappings=tuple(
            ObjectMapping(
                source=source,
                dataset="people",
                object="contact",
                fields=mapped,
                exclude=(ExcludeRule("totals_row", "id = 'T'", "sum line of the sheet"),),
                ignore={"legacy": "never filled since 2009"},
            )
            for source in ("erp", "fair")
        ),
        match_rules={
            "contact": MatchRules(
                "contact",
                features=(
                    Feature("name", SemanticType.PERSON_NAME, ("name",)),
                    Feature("phone", SemanticType.PHONE, ("phone",)),
                ),
            )
        },
        survivorship={},
        validation={},
        book=RegionBook({}),
        rules=RULES,
    )


def pairs_frame():
    keys = [f"erp:contact:people/{i}" for i in (1, 2, 3)]
    return pl.DataFrame(
        {
            "key_a": [keys[0], keys[0], keys[1]],
            "key_b": ["fair:contact:people/1", keys[1], keys[2]],
            "score": [14.2, 3.0, -6.5],
            "probability": [0.9999, 0.6, 0.01],
            "judgement": ["match", "review", "no_match"],
            "veto": [None, None, "DUP202"],
            "contributions": [
                [
                    {
                        "feature": "name",
                        "value_a": "Popescu Ana",
                        "value_b": "Ana Popescu",
                        "level": "same_words",
                        "weight": 8.0,
                    },
                    {
                        "feature": "phone",
                        "value_a": "+40722123456",
                        "value_b": "+40722123456",
                        "level": "exact",
                        "weight": 6.2,
                    },
                ],
                [],
                [
                    {
                        "feature": HOSTILE,
                        "value_a": HOSTILE,
                        "value_b": None,
                        "level": "else",
                        "weight": -6.5,
                    }
                ],
            ],
        },
        schema_overrides={"contributions": CONTRIBUTION},
    )


def make_extract(run):
    for source, ids in (("erp", "1234"), ("fair", "12")):
        rows = pl.DataFrame(
            {
                "_row_key": [f"{source}:people:{i}" for i in ids],
                "_row": list(range(len(ids))),
                "id": list(ids),
                "name": [f"POPESCU  Ana{i}" for i in ids],
                "tel": ["0722 123 456"] * len(ids),
                "legacy": [None] * len(ids),
            },
            schema_overrides={"legacy": pl.String},
        )
        write_unit(
            run,
            "extract",
            f"{source}.people",
            rows=rows,
            rejected=aside((f"{source}:people:#9", "EXT105", "too many cells", HOSTILE)),
            excluded=excluded((f"{source}:people:#10", "empty_row", "set aside by the reader", "")),
            findings=findings(finding(f"{source}:people:#9", "EXT105", action="rejected")),
        )
    log = pl.DataFrame({"_row_key": ["erp:log:1"], "_row": [1], "text": ["x"]})
    write_unit(run, "extract", "erp.log", rows=log)
    save(run, "extract", [BookLine("erp.people", 6, 4, rejected=1, excluded=1)])


def make_map(run):
    raw = ["POPESCU  Ana", "Ion Kjærstad", "Mia Ek", None]
    write_unit(
        run,
        "map",
        "contact~erp.people",
        rows=contacts("123", "erp", raw[:3], ["0722 123 456", "12", None]),
        excluded=excluded(("erp:contact:people/4", "totals_row", "sum line of the sheet", HOSTILE)),
    )
    write_unit(
        run,
        "map",
        "contact~fair.people",
        rows=contacts("12", "fair", ["Ana Popescu", "Bo Li"], ["+40722123456", None]),
    )
    save(run, "map", [BookLine("contact", 6, 5, excluded=1)], notes=[f"note {HOSTILE}"])


def make_standard(run):
    key = "erp:contact:people"
    write_unit(
        run,
        "standardize",
        "contact~erp.people",
        rows=contacts(
            "123", "erp", ["Ana Popescu", "Ion Kjærstad", "Mia Ek"], ["+40722123456", "12", None]
        ),
        changes=changes(
            finding(f"{key}/1", "STD101", "phone", "0722 123 456", "+40722123456"),
            finding(f"{key}/1", "STD101", "name", "POPESCU  Ana", "Ana Popescu"),
            finding(
                f"{key}/2",
                "STD110",
                "phone",
                "12",
                None,
                "flagged",
                "'12' of 'Ion Kjærstad', ana@example.com",
            ),
        ),
    )
    write_unit(
        run,
        "standardize",
        "contact~fair.people",
        rows=contacts("12", "fair", ["Ana Popescu", "Bo Li"], ["+40722123456", None]),
    )
    save(run, "standardize", [BookLine("contact", 5, 5, changed=1, flagged=1)])


def make_dedupe(run):
    golden = {
        "erp/1": "erp/1",
        "erp/2": "erp/2",
        "erp/3": "erp/3",
        "fair/1": "erp/1",
        "fair/2": "fair/2",
    }

    def key(short):
        return f"{short[:-2]}:contact:people/{short[-1]}"

    members = pl.DataFrame(
        {
            "_key": [key(k) for k in golden],
            "golden_key": [key(v) for v in golden.values()],
            "cluster_id": [key(v) for v in golden.values()],
        }
    )
    provenance = pl.DataFrame(
        {
            "golden_key": [key("erp/1")],
            "field": ["phone"],
            "key": [key("fair/1")],
            "rule": ["source_priority"],
        }
    )
    rows = contacts(
        "123", "erp", ["Ana Popescu", "Ion Kjærstad", "Mia Ek"], ["+40722123456", "12", None]
    )
    rows = pl.concat([rows, contacts("2", "fair", ["Bo Li"], [None])])
    write_unit(
        run,
        "dedupe",
        "contact",
        rows=rows,
        members=members,
        pairs=pairs_frame(),
        provenance=provenance,
    )
    save(run, "dedupe", [BookLine("contact", 5, 4, merged=1)])
    write_unit(
        run,
        "validate",
        "contact",
        rows=rows.filter(pl.col("_key") != key("erp/3")),
        rejected=aside((key("erp/3"), "VAL401", "phone: is missing", HOSTILE)),
        findings=findings(finding(key("erp/3"), "VAL401", "phone", action="rejected")),
    )
    save(
        run,
        "validate",
        [BookLine("contact", 4, 3, rejected=1)],
        [GateResult("max_rejected", passed=True, limit="50%", actual="25%")],
        [FindingCount("VAL401", "required_missing", "error", 1)],
    )


def make_plan(run):
    external = ["erp:contact:people/1", "erp:contact:people/2", "fair:contact:people/2"]
    operations = pl.DataFrame(
        {
            "op_id": ["o1", "o2", "o3"],
            "object": ["contact"] * 3,
            "action": ["create", "create", "unchanged"],
            "pass": pl.Series([1, 1, 1], dtype=pl.Int8),
            "external_id": external,
            "golden_key": external,
            "target_id": [None, None, "77"],
            "changed": [["name"], ["name"], []],
            "to.name": ["Ana Popescu", "Ion Kjærstad", None],
            "was.name": [None, None, "Bo Li"],
        },
        schema_overrides={"was.name": pl.String},
    )
    write_unit(run, "plan", "contact", operations=operations)
    save(run, "plan", [BookLine("contact", 3, 3)])


def make_load(run):
    outcomes = pl.DataFrame(
        {
            "op_id": ["o1", "o2"],
            "status": ["succeeded", "rejected"],
            "target_id": ["501", None],
            "error_code": [None, "LOD501"],
            "error_field": [None, "phone"],
            "message": [None, "'Ion Kjærstad' is not allowed in 'phone'"],
            "retriable": [False, False],
            "attempt": pl.Series([1, 1], dtype=pl.Int32),
        }
    )
    operations = pl.concat(list(parts(run.dir, "plan", "contact", "operations")))
    sent = operations.filter(pl.col("action") == "create")
    now = datetime(2026, 3, 1, 10, tzinfo=UTC)
    with Ledger(run.dir.parents[1] / "ledger.db") as ledger:
        entry = ledger.open_plan("plan-1", run.id, "load", "crm", now)
        ledger.mark_sent(entry, sent)
        ledger.record(entry, sent, outcomes, CROSSWALK.to_frame(), now)
    save(run, "load", [BookLine("contact", 3, 2, rejected=1)])
    objects = {"contact": {"expected": 2, "found": 2, "missing": 0, "differing": 1}}
    save(run, "verify", [BookLine("contact", 2, 2)], objects=objects)


STEPS = (make_extract, make_map, make_standard, make_dedupe, make_plan, make_load)


def build(root: Path, steps: int = len(STEPS)) -> Made:
    """Make a run that went through the first so many steps."""
    workspace = Workspace(root)
    run = Run(
        "20260301T090000000Z-abcd", root / ".crmmigrate" / "runs" / "20260301T090000000Z-abcd"
    )
    run.dir.mkdir(parents=True)
    record = {"id": run.id, "started_at": "2026-03-01T09:00:00+00:00", "stages": {}}
    write_json(run.dir / "run.json", record)
    for step in STEPS[:steps]:
        step(run)
    return Made(make_project(root), workspace, run)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A run that is loaded and verified."""
    return build(tmp_path)


@pytest.fixture
def make(tmp_path: Path):
    """Make a run that stopped after so many steps."""
    return lambda steps: build(tmp_path / str(steps), steps)
