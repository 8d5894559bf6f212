"""The reconciliation: what both sides hold, of which plan, and who has signed it off.

`reconciliation.json` and `.csv` in the folder of the run's stage verify tell the last look at the
target. What somebody signs is kept besides, under the time of the signature, and never rewritten.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from crmmigrate.model.runs import StageReport
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.plan_file import PLAN_FILE, PlanDocument, read_plan
from crmmigrate.store.files import read_json, write_json, write_text
from crmmigrate.store.ledger import PlanEntry

__all__ = ["NAME", "is_intact", "last_signed", "write_reconciliation"]

NAME = "reconciliation"
_SIGNED = "signed-"
_SOURCE_SIDE = ("create", "update", "unchanged", "link", "delete", "conflict", "merged")
_TARGET_SIDE = (
    *("records", "expected", "found", "matched", "differing", "missing", "extra", "others"),
    *("values", "links"),
)


def write_reconciliation(
    ctx: StageContext, report: StageReport, entry: PlanEntry | None
) -> StageReport:
    """Write the files; return the report with their places and hash.

    Args:
        ctx: The stage; option `signed_by` is the name of who signs.
        report: Of stage verify.
        entry: The load in the ledger, if there is one.
    """
    folder = ctx.run.dir / "verify"
    folder.mkdir(mode=0o700, exist_ok=True)
    document = _document(ctx, report, entry)
    names = [NAME]
    if document["signed_by"]:
        names.append(f"{_SIGNED}{ctx.clock():%Y%m%dT%H%M%S%f}Z")
    for name in names:
        write_json(folder / f"{name}.json", document)
        write_text(folder / f"{name}.csv", _table(document).write_csv())
    told = {
        "files": [str(folder / f"{names[-1]}{end}") for end in (".json", ".csv")],
        **{k: document[k] for k in ("sha256", "signed_by", "signed_at")},
    }
    return replace(report, facts={**report.facts, "reconciliation": told})


def last_signed(run_dir: Path) -> dict[str, Any] | None:
    """Return the newest document that somebody has signed; None if nobody has."""
    found = sorted((run_dir / "verify").glob(f"{_SIGNED}*.json"))
    return read_json(found[-1]) if found else None


def is_intact(document: Mapping[str, Any]) -> bool:
    """Return whether a document is what was written: its hash is that of everything else."""
    facts = {name: told for name, told in document.items() if name != "sha256"}
    return document.get("sha256") == _digest(facts)


def _document(ctx: StageContext, report: StageReport, entry: PlanEntry | None) -> dict[str, Any]:
    path = ctx.run.dir / "plan" / PLAN_FILE
    plan = read_plan(ctx.run.dir) if path.exists() else None
    now = ctx.clock().isoformat()
    signer = str(ctx.options.get("signed_by") or "").strip()
    codes: Mapping[str, Mapping[str, int]] = report.facts["codes"]
    rules = ctx.project.rules
    facts: dict[str, Any] = {
        "version": 1,
        "project": ctx.project.migration.name,
        "run": ctx.run.id,
        "target": report.facts["target"],
        "plan_id": plan.plan_id if plan else None,
        "plan_sha256": hashlib.sha256(path.read_bytes()).hexdigest() if plan else None,
        "config": ctx.project.fingerprint("plan"),
        "inputs": (ctx.run.stage("extract") or {}).get("fingerprint"),
        "loaded_at": entry.ended_at if entry else None,
        "verified_at": now,
        "sample": report.facts["sample"] or None,
        "agrees": all(gate.passed for gate in report.gates),
        "levels": report.facts["levels"],
        "objects": [
            _object(name, told, plan, codes[name]) for name, told in report.facts["objects"].items()
        ],
        "explanations": {
            code: rules[code].doc for code in sorted({c for told in codes.values() for c in told})
        },
        "signed_by": signer or None,
        "signed_at": now if signer else None,
    }
    return {**facts, "sha256": _digest(facts)}


def _digest(facts: Mapping[str, Any]) -> str:
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _object(
    name: str, told: Mapping[str, int], plan: PlanDocument | None, codes: Mapping[str, int]
) -> dict[str, Any]:
    planned = plan.counts.get(name, {}) if plan else {}
    merged = planned.get("merged", 0)
    return {
        "object": name,
        "source": {
            "records": told["records"] + merged,
            **{n: planned[n] for n in _SOURCE_SIDE if n in planned},
        },
        "target": {n: told[n] for n in _TARGET_SIDE},
        "differences": dict(codes),
    }


def _table(document: Mapping[str, Any]) -> pl.DataFrame:
    """Return one row an object: both sides, then what it was signed for."""
    fixed = ("plan_id", "plan_sha256", "verified_at", "agrees", "signed_by", "signed_at", "sha256")
    rows = [
        {
            "object": told["object"],
            **{f"source_{n}": told["source"].get(n, 0) for n in ("records", *_SOURCE_SIDE)},
            **{f"target_{n}": told["target"][n] for n in _TARGET_SIDE},
            "differences": " ".join(f"{c}:{n}" for c, n in told["differences"].items()),
            **{n: document[n] for n in fixed},
        }
        for told in document["objects"]
    ]
    return pl.DataFrame(rows, infer_schema_length=None)
