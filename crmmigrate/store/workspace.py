"""The workspace of a project: its runs, its lock and where the ledger lies."""

import os
import secrets
import shutil
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from crmmigrate import __version__
from crmmigrate.errors import CorruptError, LockHeldError, UsageError
from crmmigrate.store.exchange import link_or_copy
from crmmigrate.store.files import PRIVATE_DIR, PRIVATE_FILE, read_json, storage_errors, write_json

__all__ = ["Run", "Workspace"]

HOME = ".crmmigrate"
RUN_FILE = "run.json"


@dataclass(frozen=True, slots=True)
class Run:
    """One run: a folder with the artifacts of its stages and `run.json`."""

    id: str
    dir: Path

    def record(self) -> dict[str, Any]:
        """Return run.json: versions, argv, sealed, and per stage fingerprint and seconds."""
        hint = (
            "restore it from a backup; or move the folder of the run away and run `crmmigrate run`: "
            "what is in the target is found again, but that run can no longer be rolled back"
        )
        facts = read_json(self.dir / RUN_FILE, hint=hint)
        if not isinstance(facts.get("stages"), dict):
            raise CorruptError(
                "damaged: no stages are in it", where=str(self.dir / RUN_FILE), hint=hint
            )
        return facts

    def update(self, **changes: Any) -> None:  # noqa: ANN401 - JSON-ready facts
        """Change top-level keys of run.json."""
        write_json(self.dir / RUN_FILE, {**self.record(), **changes})

    @property
    def sealed(self) -> bool:
        """Whether a load of this run has begun; its artifacts are history from then on."""
        return bool(self.record().get("sealed"))

    def stage(self, name: str) -> dict[str, Any] | None:
        """Return what is recorded of a finished stage, or None."""
        found = self.record().get("stages", {}).get(name)
        return found if isinstance(found, dict) else None

    @property
    def undone(self) -> dict[str, Any] | None:
        """Return when which objects of the load were rolled back, or None."""
        found = self.record().get("undone")
        return found if isinstance(found, dict) else None

    def finish_stage(self, name: str, facts: dict[str, Any]) -> None:
        """Record a stage as finished."""
        stages = {**self.record().get("stages", {}), name: facts}
        self.update(stages=stages)

    def forget_stages(self, names: Sequence[str]) -> None:
        """Drop the records of stages that are about to be written anew."""
        kept = {k: v for k, v in self.record().get("stages", {}).items() if k not in names}
        self.update(stages=kept)


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder `.crmmigrate` of a project."""

    project: Path

    @property
    def home(self) -> Path:
        """The folder that holds everything this tool writes, except reports the user names."""
        return self.project / HOME

    @property
    def ledger_path(self) -> Path:
        """Where the ledger lies."""
        return self.home / "ledger.db"

    def create(self) -> None:
        """Make the folders if they are missing.

        Raises:
            UsageError: the path is no text, so that libraries cannot open what lies there.
        """
        try:
            str(self.home.resolve()).encode()
        except UnicodeEncodeError:
            raise UsageError(
                "the path of the project is not UTF-8",
                where=str(self.project.resolve()),
                hint="rename the folder",
            ) from None
        with storage_errors(self.home):
            self.home.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
            (self.home / "runs").mkdir(mode=PRIVATE_DIR, exist_ok=True)

    def runs(self) -> list[Run]:
        """Return all runs, oldest first."""
        folder = self.home / "runs"
        if not folder.is_dir():
            return []
        return [Run(p.name, p) for p in sorted(folder.iterdir()) if (p / RUN_FILE).exists()]

    def current(self) -> Run | None:
        """Return the newest run."""
        return next(iter(reversed(self.runs())), None)

    def last_undone(self) -> str:
        """Return when a load was rolled back last (ISO 8601); empty if never."""
        found = [""]
        for run in self.runs():
            with suppress(CorruptError):  # told where that run is needed
                found.append(str((run.undone or {}).get("at", "")))
        return max(found)

    def run(self, run_id: str) -> Run:
        """Return the run with this id or unique beginning of an id.

        Raises:
            UsageError: there is none, or more than one.
        """
        found = [r for r in self.runs() if r.id.startswith(run_id)]
        if len(found) != 1:
            known = ", ".join(r.id for r in self.runs()[-5:]) or "none yet"
            problem = "no such run" if not found else "more than one run begins with"
            raise UsageError(f"{problem}: '{run_id}'", hint=f"the newest runs are: {known}")
        return found[0]

    def new_run(self, now: datetime, argv: Sequence[str]) -> Run:
        """Open a run; its id sorts by time."""
        run_id = f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z-{secrets.token_hex(2)}"
        folder = self.home / "runs" / run_id
        with storage_errors(folder):
            folder.mkdir(mode=PRIVATE_DIR, parents=True)
        record = {
            "version": 1,
            "id": run_id,
            "started_at": now.isoformat(),
            "crmmigrate": __version__,
            "argv": list(argv),
            "sealed": False,
            "stages": {},
        }
        write_json(folder / RUN_FILE, record)
        return Run(run_id, folder)

    def carry_over(self, old: Run, new: Run, stages: Sequence[str]) -> None:
        """Give a new run the finished stages of an older one by hard links, and what was asked."""
        new.update(asked=old.record().get("asked", {}))
        for stage in stages:
            facts = old.stage(stage)
            if facts is None:
                continue
            with storage_errors(new.dir):
                shutil.copytree(old.dir / stage, new.dir / stage, copy_function=link_or_copy)
            new.finish_stage(stage, facts)

    @contextmanager
    def locked(self, now: datetime) -> Iterator[None]:
        """Hold the workspace: one writer at a time.

        Raises:
            LockHeldError: another living process holds it.
        """
        self.create()
        path = self.home / "lock"
        lock = FileLock(path, blocking=False, mode=PRIVATE_FILE)
        with storage_errors(path):
            try:
                lock.acquire()
            except Timeout:
                raise _held(path) from None
        try:
            holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": now.isoformat()}
            write_json(path.with_suffix(".json"), holder)
            yield
        finally:
            path.with_suffix(".json").unlink(missing_ok=True)
            lock.release()


def _held(path: Path) -> LockHeldError:
    try:
        holder = read_json(path.with_suffix(".json"))
        who = f"process {holder['pid']} on {holder['host']} since {holder['since']}"
    except (CorruptError, KeyError):
        who = "another process"
    return LockHeldError(
        f"another crmmigrate works in this project: {who}",
        where=str(path),
        hint="wait for it to end, or stop it; the lock goes with the process",
    )
