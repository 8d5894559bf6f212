"""plan.json: what binds the operations of a plan together, and proves that they are unchanged."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from crmmigrate.errors import CorruptError, UsageError
from crmmigrate.model.catalog import Catalog
from crmmigrate.model.operations import Action
from crmmigrate.store.artifacts import unit_dir
from crmmigrate.store.exchange import settle_folder
from crmmigrate.store.files import read_json, write_json

__all__ = [
    "PLAN_FILE",
    "WRITING",
    "PlanDocument",
    "file_hashes",
    "read_plan",
    "schema_fingerprint",
    "settle_plan",
    "settled_plan",
    "write_plan",
]

PLAN_FILE = "plan.json"
WRITING = (Action.CREATE.value, Action.UPDATE.value, Action.LINK.value)
"""Actions of a plan that change a record of the target."""
_BLOCK = 1 << 20


@dataclass(frozen=True)
class PlanDocument:
    """The frozen facts of a plan.

    Attributes:
        plan_id: Hash over everything else.
        run: The run it belongs to.
        created_at: UTC.
        target: Name of the target.
        config: Fingerprint of the configuration it was made under.
        schema: Fingerprint of the target's objects and fields.
        rows: Records of each object in the target when the plan was made.
        order: Objects in the order of writing.
        deferred: Object → references written in the second pass.
        counts: Object → records by action; also `held`, `second_pass`, `merged`, `vanished`.
        files: Path below the plan → SHA-256.
        replans: The plan of which this one has planned drifted records anew; else empty.
    """

    plan_id: str
    run: str
    created_at: str
    target: str
    config: str
    schema: str
    rows: Mapping[str, int]
    order: tuple[str, ...]
    deferred: Mapping[str, tuple[str, ...]]
    counts: Mapping[str, Mapping[str, int]]
    files: Mapping[str, str]
    replans: str = ""

    def writes(self, object_: str) -> int:
        """Return how many records of an object the first pass writes."""
        counts = self.counts[object_]
        return sum(counts[action] for action in WRITING)

    def deletes(self, object_: str) -> int:
        """Return how many records of an object are to be deleted."""
        return self.counts[object_].get(Action.DELETE.value, 0)

    def records(self, object_: str) -> int:
        """Return how many records of an object the plan has decided about."""
        return self.writes(object_) + self.counts[object_][Action.UNCHANGED.value]


def write_plan(run_dir: Path, document: PlanDocument, folder: str = "plan") -> PlanDocument:
    """Write plan.json last of all; return the document with its id.

    Args:
        run_dir: The run.
        document: Without an id.
        folder: Where the plan is written; a name beside `plan` while an exchange is prepared.
    """
    facts = {**asdict(document), "plan_id": ""}
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    facts["plan_id"] = digest[:16]
    write_json(run_dir / folder / PLAN_FILE, {"version": 1, **facts})
    return read_plan(run_dir, folder)


def settle_plan(run_dir: Path) -> None:
    """Put right what a crash has left while a plan was exchanged for a new one."""
    settle_folder(run_dir / "plan")


def settled_plan(run_dir: Path) -> PlanDocument:
    """Read plan.json after `settle_plan`; raises as `read_plan` does."""
    settle_plan(run_dir)
    return read_plan(run_dir)


def read_plan(run_dir: Path, folder: str = "plan") -> PlanDocument:
    """Read plan.json.

    Raises:
        UsageError: there is no plan.
        CorruptError: it is damaged.
    """
    path = run_dir / folder / PLAN_FILE
    if not path.exists():
        raise UsageError(
            "this run has no complete plan", where=str(path), hint="run `crmmigrate plan`"
        )
    facts = read_json(path)
    facts.pop("version", None)
    try:
        facts["order"] = tuple(facts["order"])
        facts["counts"] = {
            o: {**dict.fromkeys((*WRITING, Action.UNCHANGED.value), 0), **counts}
            for o, counts in facts["counts"].items()
        }
        facts["deferred"] = {o: tuple(names) for o, names in facts["deferred"].items()}
        return PlanDocument(**facts)
    except (KeyError, TypeError, AttributeError) as exc:
        raise CorruptError(
            f"damaged: no plan ({exc})", where=str(path), hint="run `crmmigrate plan`"
        ) from None


def check_files(run_dir: Path, document: PlanDocument) -> None:
    """Make sure that the plan is what was written.

    Raises:
        CorruptError: a file is missing, damaged or was changed.
    """
    found = file_hashes(run_dir, document.order)
    wrong = sorted(
        name for name in {*document.files, *found} if document.files.get(name) != found.get(name)
    )
    if wrong:
        raise CorruptError(
            "the plan was changed or damaged since it was made",
            where=str(run_dir / "plan" / wrong[0]),
            causes=wrong[1:5],
            hint="make a new plan with `crmmigrate plan`",
        )


def file_hashes(run_dir: Path, objects: tuple[str, ...], stage: str = "plan") -> dict[str, str]:
    """Return the SHA-256 of every parquet file of the plan by its path below it."""
    found: dict[str, str] = {}
    for object_ in objects:
        folder = unit_dir(run_dir, stage, object_)
        for path in sorted(folder.glob("*.parquet")):
            found[f"{folder.name}/{path.name}"] = _hash(path)
    return found


def schema_fingerprint(catalog: Catalog) -> str:
    """Return a hash over objects, fields and their constraints, not over the data."""
    shape = [(d.name, [asdict(c) for c in d.columns]) for d in catalog.datasets]
    return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:16]


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
