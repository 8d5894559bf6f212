"""The example projects by the real command: into a target, verified, planned again, and out of it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.small_project import ACCOUNT, COMPANIES, CONTACT, MIGRATION, PEOPLE, Project

STAGES = ("extract", "map", "standardize", "dedupe", "validate")
BOTH, *SINGLE = (
    pytest.param(n, marks=pytest.mark.shared) for n in ("both", "chinook", "northwind")
)
"""`both` is Chinook and Northwind in one; all three need the development data."""
EXAMPLES = ("consolidation", BOTH)
_DATABASES = {
    "both": ("chinook", "northwind"),
    "chinook": ("chinook",),
    "northwind": ("northwind",),
}
_RUNS = shutil.ignore_patterns(".crmmigrate", "crm.db*")


class Examples:
    """Projects that are ready to be planned: made once, and copied for each target.

    Args:
        root: Folder to make them in.
        repository: Folder of the checkout.
        legacy: Gives the folder of Chinook and Northwind, or skips.
    """

    def __init__(self, root: Path, repository: Path, legacy: Callable[[], Path]) -> None:
        self._root, self._source, self._legacy = root, repository / "examples", legacy
        self._made: set[str] = set()

    def copy(self, name: str, folder: Path, target: dict) -> Project:
        """Return a project with another target, ready to be planned.

        Args:
            name: `consolidation`, `both`, `chinook`, `northwind` or `small`.
            folder: Where to.
            target: The entry `target:`.
        """
        if name not in self._made:
            self._make(name)
            self._made.add(name)
        shutil.copytree(self._root / name, folder, dirs_exist_ok=True)
        project = Project(folder / name)
        retarget(project, target)
        return project

    def _make(self, name: str) -> None:
        project = Project(self._root / name / name)
        if name == "small":
            write_small_project(project)
        else:
            self._copy_example(project.root, name)
        if name in _DATABASES:
            path = project.root / "migration.yaml"
            text = path.read_text(encoding="utf-8")
            for one in _DATABASES[name]:
                if name != one:
                    self._copy_example(project.root.parent / one, one)
                file = self._legacy() / one / f"{one}.sqlite"
                text = text.replace(f"${{env:{one.upper()}_DB:-{one}.sqlite}}", str(file))
            path.write_text(text, encoding="utf-8")
        for stage in STAGES:
            project.cli(stage)

    def _copy_example(self, folder: Path, name: str) -> None:
        shutil.copytree(self._source / name, folder, ignore=_RUNS)


def write_small_project(project: Project) -> None:
    """Write the small project."""
    project.write("migration.yaml", MIGRATION)
    project.write("mappings/company.yaml", ACCOUNT)
    project.write("mappings/person.yaml", CONTACT)
    project.write("data/companies.csv", COMPANIES)
    project.write("data/people.csv", PEOPLE)


def retarget(project: Project, target: dict) -> None:
    """Give a project another target."""
    path = project.root / "migration.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    told = [f"target: {json.dumps(target)}" if n.startswith("target:") else n for n in lines]
    path.write_text("\n".join(told) + "\n", encoding="utf-8")


def migrate_back(folder: Path, source: dict, repository: Path) -> Path:
    """Migrate what a CRM holds into the embedded one, by the packaged mapping; return its file.

    Args:
        folder: For the project.
        source: The entry of the CRM below `sources:`.
        repository: Folder of the checkout.
    """
    project, name = Project(folder), source["adapter"]
    ready = repository / "mappings" / name / "to_canonical.yaml"
    project.write(f"mappings/{name}.yaml", ready.read_bytes())
    head = {"version": 1, "name": "back", "region": "RO", "sources": {name: source}}
    whole = {**head, "target": {"adapter": "sqlite", "path": "crm.db"}}
    project.write("migration.yaml", json.dumps(whole))
    for stage in (*STAGES, "plan", "load", "verify"):
        project.cli(stage)
    return folder / "crm.db"


def runs_of(project: Project) -> list[str]:
    """Return the names of all runs, oldest first."""
    return sorted(p.name for p in (project.root / ".crmmigrate" / "runs").iterdir())


def go_in_and_out(
    project: Project, state: Callable[[], object], between: Callable[[], None] = lambda: None
) -> SimpleNamespace:
    """Load, verify, plan again and roll back; the target must be as it was.

    Args:
        project: Ready to be planned.
        state: Returns what can be seen of the target.
        between: What to do while everything is loaded.

    Returns:
        `plan`, `load`, `verify` and `rollback`: the documents of `--json`.
    """
    before = state()
    told = SimpleNamespace()
    told.plan = json.loads(project.cli("plan", "--json").stdout)
    refused = [f for f in told.plan["findings"] if f["severity"] == "error"]
    assert not refused, (refused, told.plan["notes"])
    told.load = json.loads(project.cli("load", "--json").stdout)
    for line in told.load["books"]:
        outcomes = ("rows_out", "merged", "rejected", "excluded")
        assert line["rows_in"] == sum(line[o] for o in outcomes), line
    objects = told.load["facts"]["objects"]
    outcomes = ("created", "updated", "linked", "unchanged", "merged", "rejected", "pending")
    for name, counts in objects.items():
        assert counts["rows_in"] == sum(counts[o] for o in outcomes), (name, counts)
    assert not any(c["rejected"] + c["pending"] for c in objects.values()), told.load["findings"]
    assert state() != before
    told.verify = json.loads(project.cli("verify", "--full", "--json").stdout)
    verified = told.verify["facts"]["objects"]
    for name, counts in objects.items():
        assert verified[name]["matched"] == verified[name]["expected"] > 0, (name, told.verify)
        assert verified[name]["expected"] == counts["golden"], (name, told.verify)
    assert "nothing to do" in project.cli("plan").stdout
    between()
    told.rollback = json.loads(
        project.cli("rollback", runs_of(project)[0], "--yes", "--json").stdout
    )
    assert not told.rollback["findings"], told.rollback
    assert state() == before, "the target is as it was"
    return told
