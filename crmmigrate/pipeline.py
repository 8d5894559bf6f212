"""Order of the stages, what is stale, and how many run in a row."""

import hashlib
import importlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import perf_counter

from crmmigrate import __version__
from crmmigrate.config.project import Project
from crmmigrate.errors import CorruptError, InterruptedRunError, UsageError
from crmmigrate.model.runs import StageReport
from crmmigrate.stages.context import Progress, Silent, StageContext
from crmmigrate.stages.inputs import input_fingerprint
from crmmigrate.store.artifacts import unit_dir, units
from crmmigrate.store.files import read_json, write_json
from crmmigrate.store.workspace import Run, Workspace

__all__ = ["ALWAYS_RUN", "STAGES", "Pipeline"]

STAGES = ("extract", "map", "standardize", "dedupe", "validate", "plan", "load", "verify")
ALWAYS_RUN = frozenset({"plan", "load", "verify"})
"""These look at the target, which may have changed, so they are never skipped."""
_ON_LOADED_RUN = frozenset({"load", "verify"})


@dataclass
class Pipeline:
    """Run stages of one project in one workspace; the caller holds the lock."""

    project: Project
    workspace: Workspace
    clock: Callable[[], datetime]
    progress: Progress = field(default_factory=Silent)
    argv: Sequence[str] = ()

    def run(
        self, stage: str, *, force: bool = False, options: Mapping[str, object] | None = None
    ) -> StageReport:
        """Run one stage, or skip it if nothing it depends on has changed.

        Raises:
            UsageError: a stage before it has not run or is out of date.
        """
        wanted = (options or {}).get("run_id")
        run = self.workspace.run(str(wanted)) if wanted else self.workspace.current()
        if not wanted:
            self._require_upstream(stage, run)
        options = _with_asked_before(stage, run, options)
        fingerprint = self.fingerprint(stage, run, _asked(options))
        if (
            run
            and not force
            and stage not in ALWAYS_RUN
            and self._recorded(run, stage) == fingerprint
            and not _missing_units(run, stage)
        ):
            with suppress(CorruptError):  # then the stage runs again
                return self._saved(run, stage)
        _require_whole(stage, run)
        run = self._writable(stage, run)
        if stage not in _ON_LOADED_RUN:
            _clear(run, stage)
        return self._execute(stage, run, fingerprint, options or {})

    def unfinished_load(self) -> Run | None:
        """Return the current run if its load was broken off and nothing upstream changed."""
        run = self.workspace.current()
        if run is None or not run.sealed or run.stage("load") is not None or run.undone:
            return None
        fresh = all(
            self._recorded(run, s) == self.fingerprint(s, run)
            for s in STAGES[: STAGES.index("plan")]
        )
        return run if fresh and run.stage("plan") else None

    def begin_run(self) -> None:
        """Open a run of its own, which takes over what is finished and up to date."""
        old = self.workspace.current()
        if old is not None:
            fresh = self.workspace.new_run(self.clock(), self.argv)
            self.workspace.carry_over(old, fresh, STAGES[: STAGES.index("plan")])

    def fingerprint(
        self, stage: str, run: Run | None, asked: Mapping[str, object] | None = None
    ) -> str | None:
        """Return the hash of all that the stage's result depends on; None if that is unknown.

        Args:
            stage: The stage.
            run: The run it is in.
            asked: What the command asks of stage standardize beside the configuration; by default
                what was asked when it ran.
        """
        position = STAGES.index(stage)
        upstream = (
            input_fingerprint(self.project)
            if position == 0
            else (self._recorded(run, STAGES[position - 1]) if run else None)
        )
        if upstream is None:
            return None
        parts = [__version__, stage, self.project.fingerprint(stage), upstream]
        if stage == "standardize":
            recorded = (run.stage(stage) or {}).get("asked") if run else None
            parts += [json.dumps(asked if asked is not None else recorded or {}, sort_keys=True)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def _execute(
        self, stage: str, run: Run, fingerprint: str | None, options: Mapping[str, object]
    ) -> StageReport:
        module = importlib.import_module(f"crmmigrate.stages.{stage}")
        context = StageContext(
            self.project, self.workspace, run, self.clock, self.progress, dict(options)
        )
        started = perf_counter()
        try:
            report: StageReport = module.run(context)
        except KeyboardInterrupt:
            raise _interrupted(stage, run) from None
        report = replace(report, seconds=round(perf_counter() - started, 3))
        (run.dir / stage).mkdir(mode=0o700, exist_ok=True)
        write_json(run.dir / stage / "report.json", report.to_json())
        if stage == "standardize":
            run.update(asked=_asked(options))
        run.finish_stage(
            stage,
            {
                "fingerprint": fingerprint or f"unknown-{self.clock().isoformat()}",
                "finished_at": self.clock().isoformat(),
                "seconds": report.seconds,
                "units": units(run.dir, stage),
                **({"asked": _asked(options)} if stage == "standardize" else {}),
            },
        )
        return report

    def _writable(self, stage: str, run: Run | None) -> Run:
        """Return a run whose artifacts of this stage may be written."""
        if run is not None and (not run.sealed or stage in _ON_LOADED_RUN):
            return run
        fresh = self.workspace.new_run(self.clock(), self.argv)
        if run is not None:
            self.workspace.carry_over(run, fresh, STAGES[: STAGES.index(stage)])
        return fresh

    def _require_upstream(self, stage: str, run: Run | None) -> None:
        for before in STAGES[: STAGES.index(stage)]:
            recorded = self._recorded(run, before) if run else None
            if recorded is None:
                raise UsageError(
                    f"{stage} needs the stage {before}, which has not run",
                    hint=f"run `crmmigrate {before}`, or `crmmigrate run` for all stages up to the plan",
                )
            if before not in ALWAYS_RUN | {"extract"} and recorded != self.fingerprint(before, run):
                raise UsageError(
                    f"{before} is out of date: its configuration or input has changed",
                    hint=f"run `crmmigrate {before}`, or `crmmigrate run` for all stages up to the plan",
                )

    @staticmethod
    def _recorded(run: Run | None, stage: str) -> str | None:
        facts = run.stage(stage) if run else None
        return str(facts["fingerprint"]) if facts else None

    @staticmethod
    def _saved(run: Run, stage: str) -> StageReport:
        path = run.dir / stage / "report.json"
        try:
            report = StageReport.from_json(read_json(path))
        except (KeyError, TypeError) as exc:
            raise CorruptError(
                f"damaged: no stage report ({exc})",
                where=str(path),
                hint=f"run `crmmigrate {stage} --force` to write it anew",
            ) from None
        return replace(report, skipped=True)


def _asked(options: Mapping[str, object] | None) -> dict[str, object]:
    """Return the options that the result of stage standardize depends on."""
    named = ("undo_rules", "min_confidence")
    return {name: value for name, value in (options or {}).items() if name in named}


def _with_asked_before(
    stage: str, run: Run | None, options: Mapping[str, object] | None
) -> Mapping[str, object]:
    """Add what the run was asked when it was standardized last, where a command wants it so."""
    given = dict(options or {})
    if stage != "standardize" or run is None or not given.pop("as_before", False):
        return given
    before = run.record().get("asked")
    return {**(before if isinstance(before, dict) else {}), **given}


def _missing_units(run: Run, stage: str) -> list[str]:
    """Return what a finished stage has written and is no longer there."""
    listed = (run.stage(stage) or {}).get("units", [])
    return sorted({str(unit) for unit in listed} - set(units(run.dir, stage)))


def _require_whole(stage: str, run: Run | None) -> None:
    """Make sure that nothing of the stages before is missing: a lost unit would go unnoticed.

    Raises:
        CorruptError: something is.
    """
    for before in STAGES[: STAGES.index(stage)] if run else ():
        missing = _missing_units(run, before) if run else []
        if run and missing:
            raise CorruptError(
                "damaged artifact: its manifest is missing",
                where=str(unit_dir(run.dir, before, missing[0])),
                causes=missing[1:5],
                hint=f"run `crmmigrate {before} --force` to write it anew"
                if before not in ALWAYS_RUN
                else f"run `crmmigrate {before}` to write it anew",
            )


def _interrupted(stage: str, run: Run) -> InterruptedRunError:
    done = [name for name in STAGES if run.stage(name)]
    return InterruptedRunError(
        f"interrupted in the stage {stage}",
        causes=[f"finished: {', '.join(done)}"] if done else (),
        hint="nothing is half-written; run the same command again, and it goes on from there",
    )


def _clear(run: Run, stage: str) -> None:
    """Forget what the run knows of this stage and the ones after it."""
    later = STAGES[STAGES.index(stage) :]
    run.forget_stages(later)
    for name in later:
        shutil.rmtree(run.dir / name, ignore_errors=True)
