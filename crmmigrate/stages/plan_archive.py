"""A plan as one file, to be kept, looked at by others, and loaded as it is.

A zip of the plan's operations, of what they were made under, and of the keys that were merged; it is
readable by its owner only, for it holds values.
"""

import hashlib
import io
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from crmmigrate.errors import CorruptError, RefusedError, UsageError
from crmmigrate.stages.desired import merged_rows
from crmmigrate.stages.plan_file import PLAN_FILE, read_plan, settle_plan
from crmmigrate.store.artifacts import UnitWriter
from crmmigrate.store.files import PRIVATE_DIR, PRIVATE_FILE, read_json, storage_errors, write_json
from crmmigrate.store.workspace import RUN_FILE, Run, Workspace

__all__ = ["admit_plan", "pack_plan"]

_VERSION = 1
_HEAD = "crmmigrate-plan.json"
_PLACE = re.compile(r"plan/(?:[^/\\.][^/\\]*/)?[^/\\.][^/\\]*")
"""Paths that may stand in the file: nothing leads out of the run's folder."""
_MERGED = re.compile(r"merged/([^/\\.][^/\\]*)\.parquet")


def pack_plan(run: Run, path: Path) -> None:
    """Write the plan of a run into one file, whole or not at all.

    Raises:
        UsageError: the run has no plan, or the path is a folder.
        StorageError: the file cannot be written.
    """
    plan = read_plan(run.dir)
    if path.is_dir():
        raise UsageError("this is a folder, not a file", where=str(path), hint="name a file in it")
    if not path.parent.is_dir():
        raise UsageError("no such folder", where=str(path.parent), hint="make the folder first")
    part = path.with_name(f".{path.name}.part")
    with storage_errors(path):
        try:
            handle = os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, PRIVATE_FILE)
            with os.fdopen(handle, "wb") as stream, zipfile.ZipFile(stream, "w") as archive:
                for name, content in _contents(run, plan.plan_id, plan.order):
                    archive.writestr(name, content)
            part.chmod(PRIVATE_FILE)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def _contents(run: Run, plan_id: str, objects: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    record = run.record()
    told = {
        "version": _VERSION,
        "plan_id": plan_id,
        "run": run.id,
        "inputs": (run.stage("extract") or {}).get("fingerprint"),
        "record": {**record, "stages": {"plan": run.stage("plan") or {}}},
    }
    yield _HEAD, json.dumps(told).encode()
    folder = run.dir / "plan"
    for found in sorted(folder.rglob("*")):
        if found.is_file():
            yield f"plan/{found.relative_to(folder).as_posix()}", found.read_bytes()
    for object_ in objects:
        merged = merged_rows(run.dir, object_)
        if merged.height:
            content = io.BytesIO()
            merged.write_parquet(content)
            yield f"merged/{object_}.parquet", content.getvalue()


def admit_plan(workspace: Workspace, path: Path) -> Run:
    """Return the run of a plan file; one that this workspace does not know is taken in.

    Raises:
        UsageError: the file is no plan.
        CorruptError: it is damaged or was changed.
        RefusedError: the run has another plan by now.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _admitted(workspace, path, archive)
    except FileNotFoundError:
        raise UsageError("no such file", where=str(path), hint="check the path") from None
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError, pl.exceptions.PolarsError):
        raise UsageError(
            "this is no plan",
            where=str(path),
            hint="plans are written by `crmmigrate plan -o FILE`",
        ) from None


def _admitted(workspace: Workspace, path: Path, archive: zipfile.ZipFile) -> Run:
    head = json.loads(archive.read(_HEAD))
    document = json.loads(archive.read(f"plan/{PLAN_FILE}"))
    if head.get("version") != _VERSION:
        raise UsageError(
            f"the plan is of version {head.get('version')}, which this crmmigrate does not know",
            where=str(path),
        )
    if _digest(document) != head["plan_id"] or document.get("plan_id") != head["plan_id"]:
        raise _damaged(path)
    _check_members(path, archive, document)
    known = next((run for run in workspace.runs() if run.id == head["run"]), None)
    if known is None:
        return _taken_in(workspace, head, archive)
    settle_plan(known.dir)
    current = known.dir / "plan" / PLAN_FILE
    now = read_json(current) if current.exists() else {}
    if head["plan_id"] not in {now.get("plan_id"), now.get("replans")}:
        raise RefusedError(
            f"run {known.id} has been planned anew since this file was written",
            where=str(path),
            hint="nothing was written; load the newer plan, or write it with `crmmigrate plan -o FILE`",
        )
    return known


def _check_members(path: Path, archive: zipfile.ZipFile, document: dict[str, Any]) -> None:
    """Make sure that every part of the plan is what was written, whoever has a copy of it."""
    try:
        if archive.testzip() is not None:
            raise _damaged(path)
        for name, digest in document["files"].items():
            if hashlib.sha256(archive.read(f"plan/{name}")).hexdigest() != digest:
                raise _damaged(path)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError):
        raise _damaged(path) from None


def _damaged(path: Path) -> CorruptError:
    return CorruptError(
        "the plan was changed or damaged since it was made",
        where=str(path),
        hint="make a new plan with `crmmigrate plan -o FILE`",
    )


def _digest(document: dict[str, object]) -> str:
    facts = {k: v for k, v in document.items() if k != "version"} | {"plan_id": ""}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _taken_in(workspace: Workspace, head: dict[str, object], archive: zipfile.ZipFile) -> Run:
    """Make the run of a plan that was made elsewhere."""
    workspace.create()
    name = str(head["run"])
    if not re.fullmatch(r"\w[\w-]*", name):
        raise KeyError(name)
    run = Run(name, workspace.home / "runs" / name)
    with storage_errors(run.dir):
        for entry in archive.namelist():
            merged = _MERGED.fullmatch(entry)
            if merged:
                rows = pl.read_parquet(io.BytesIO(archive.read(entry)))
                with UnitWriter(run.dir, "dedupe", merged[1]) as writer:
                    members = rows.with_columns(cluster_id=pl.col("golden_key"))
                    writer.write("members", members)
                    writer.finish()
            elif _PLACE.fullmatch(entry):
                place = run.dir / entry
                place.parent.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
                place.write_bytes(archive.read(entry))
                place.chmod(PRIVATE_FILE)
    record = head["record"]
    write_json(run.dir / RUN_FILE, record)  # last: without it the run is none
    return run
