"""Explain two records of a run: their evidence, whether they were compared, where they ended."""

from dataclasses import dataclass

import polars as pl

from crmmigrate.config.project import Project
from crmmigrate.dedupe.explain import PairEvidence, explain_pair
from crmmigrate.dedupe.learnt import weights_of
from crmmigrate.errors import UsageError
from crmmigrate.model.decisions import Decision
from crmmigrate.stages.references import moved_keys, repoint
from crmmigrate.store.artifacts import manifest, read, units
from crmmigrate.store.workspace import Run

__all__ = ["PairReport", "explain_records", "object_of", "object_of_pair"]


@dataclass(frozen=True, slots=True)
class PairReport:
    """Two records beside each other.

    Attributes:
        object: Their object.
        key_a: Record key.
        key_b: Record key of the other.
        run: Id of the run.
        evidence: What speaks for and against.
        threshold: Score from which pairs match.
        judgement: What the run said of the pair; None if it was not worth telling of.
        golden: Golden record of each.
        decision: What people decided, or None.
    """

    object: str
    key_a: str
    key_b: str
    run: str
    evidence: PairEvidence
    threshold: float
    judgement: str | None
    golden: tuple[str, str]
    decision: Decision | None

    @property
    def merged(self) -> bool:
        """Whether both are one golden record."""
        return self.golden[0] == self.golden[1]


def object_of(key: str) -> str:
    """Return the object of a record key (`source:object:dataset/id`), blank if it is none."""
    return key.split(":")[1] if key.count(":") >= 2 else ""


def object_of_pair(project: Project, key_a: str, key_b: str) -> str:
    """Return the object whose rules judge a pair of record keys, blank if none do.

    A lead and a contact are judged by the rules of leads, which name contacts as their counterpart.
    """
    pair = object_of(key_a), object_of(key_b)
    for name, other in (pair, pair[::-1]):
        rules = project.match_rules.get(name)
        if rules and (other == name or (rules.counterpart and rules.counterpart.object == other)):
            return name
    return ""


def explain_records(run: Run, project: Project, key_a: str, key_b: str) -> PairReport:
    """Weigh two records as stage dedupe of the run did, whether or not it compared them.

    Raises:
        UsageError: they are not two records of one object that was matched.
    """
    name = object_of(key_a)
    if not name or name != object_of(key_b) or key_a == key_b:
        raise UsageError(
            "these are not two records of one object",
            hint="record keys look like source:object:dataset/id; `crmmigrate review` lists them",
        )
    weights = read(run.dir, "dedupe", name, "weights") if name in units(run.dir, "dedupe") else None
    if weights is None or name not in project.match_rules:
        raise UsageError(
            f"run {run.id} has not matched {name}", hint="run `crmmigrate dedupe --force` first"
        )
    frame = _records(run, project, name)
    evidence = explain_pair(frame, project.match_rules[name], weights_of(weights), key_a, key_b)
    return PairReport(
        object=name,
        key_a=key_a,
        key_b=key_b,
        run=run.id,
        evidence=evidence,
        threshold=float(manifest(run.dir, "dedupe", name)["counts"]["threshold"]),
        judgement=_judgement(run, name, key_a, key_b),
        golden=(_golden(run, name, key_a), _golden(run, name, key_b)),
        decision=next(
            (d for d in project.decisions.get(name, ()) if {d.key_a, d.key_b} == {key_a, key_b}),
            None,
        ),
    )


def _records(run: Run, project: Project, name: str) -> pl.DataFrame:
    """Return the records of an object as matching saw them."""
    moved = {}
    for other in project.model.load_order:
        if other == name:
            break
        members = (
            read(run.dir, "dedupe", other, "members") if other in units(run.dir, "dedupe") else None
        )
        if members is not None:
            moved[other] = moved_keys(members)
    found = [
        frame
        for unit in units(run.dir, "standardize")
        if unit.split("~", 1)[0] == name
        and (frame := read(run.dir, "standardize", unit, "rows")) is not None
    ]
    return repoint(pl.concat(found, how="diagonal_relaxed"), project.model.objects[name], moved)


def _judgement(run: Run, name: str, key_a: str, key_b: str) -> str | None:
    pairs = read(run.dir, "dedupe", name, "pairs", ["key_a", "key_b", "judgement"])
    if pairs is None:
        return None
    both = pairs.filter(
        pl.col("key_a").is_in([key_a, key_b]) & pl.col("key_b").is_in([key_a, key_b])
    )
    return both["judgement"][0] if both.height else None


def _golden(run: Run, name: str, key: str) -> str:
    members = read(run.dir, "dedupe", name, "members", ["_key", "golden_key"])
    found = members.filter(pl.col("_key") == key) if members is not None else None
    return str(found["golden_key"][0]) if found is not None and found.height else key
