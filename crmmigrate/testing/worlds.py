"""A small world to try targets and the writing stages in: a model, records, and a project.

`World` stands for a project whose first stages have run: it is given golden records, and plans,
loads, verifies and rolls back against a real target and a real ledger.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import polars as pl

from crmmigrate.config.codes import load_rules
from crmmigrate.config.migration import Migration
from crmmigrate.config.project import Project
from crmmigrate.model.canonical import CanonicalModel, Field, ObjectType
from crmmigrate.model.mapping import FieldMapping, FromColumn, ObjectMapping
from crmmigrate.model.matching import MatchRules
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.runs import StageReport
from crmmigrate.model.semantic import SemanticType as Kind
from crmmigrate.stages import load, plan, rollback, verify
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.target import open_crm
from crmmigrate.store.artifacts import UnitWriter
from crmmigrate.store.workspace import Run, Workspace

__all__ = ["Record", "World", "small_model", "utc_now"]

Record = Mapping[str, str | bytes | None]
"""Canonical columns of one record; `_key` is its record key."""


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def small_model() -> CanonicalModel:
    """Return a model with every kind of reference: required, optional, to itself, polymorphic."""
    objects = (
        _object("user", Field("name", Kind.PERSON_NAME, required=True), _link("manager", "user")),
        _object(
            "account",
            Field("name", Kind.ORGANIZATION, required=True, max_length=40),
            Field("kind", Kind.CHOICE, choices=("customer", "supplier")),
            Field("revenue", Kind.MONEY),
            Field("phone", Kind.PHONE),
            _link("parent", "account"),
            _link("owner", "user"),
            _link("main_contact", "contact"),
        ),
        _object(
            "contact",
            Field("name", Kind.PERSON_NAME, required=True),
            Field("email", Kind.EMAIL),
            Field("born", Kind.DATE),
            Field("active", Kind.BOOLEAN),
            Field("seen", Kind.DATETIME),
            _link("account", "account"),
        ),
        _object(
            "invoice", Field("number", Kind.IDENTIFIER), _link("account", "account", required=True)
        ),
        _object(
            "invoice_line",
            Field("quantity", Kind.NUMBER),
            _link("invoice", "invoice", required=True),
        ),
        _object(
            "note", Field("body", Kind.TEXT, required=True), _link("about", "account", "contact")
        ),
        _object("attachment", Field("content", Kind.BINARY), _link("parent", "note", "contact")),
    )
    return CanonicalModel(1, MappingProxyType({o.name: o for o in objects}))


def _object(name: str, *fields: Field) -> ObjectType:
    return ObjectType(
        name, name.capitalize(), f"{name}s", "", MappingProxyType({f.name: f for f in fields})
    )


def _link(name: str, *objects: str, required: bool = False) -> Field:
    return Field(name, Kind.REFERENCE, references=objects, required=required)


@dataclass
class World:
    """A project in a folder, with the runs it has had.

    Attributes:
        root: Folder of the project; the CRM is `crm.db` in it unless `target` says otherwise.
        model: Its canonical model.
        target: The entry `target:` of migration.yaml.
        gates: The entry `gates:`.
        on_error: The entry `on_error:`.
        policies: The entry `policies:`.
        deletes: The entry `deletes:`.
        unfed: `object.field` that no mapping fills.
        match_rules: Object → by which rules it is looked for in the target.
        clock: Gives the time.
    """

    root: Path
    model: CanonicalModel = field(default_factory=small_model)
    target: Mapping[str, object] = field(
        default_factory=lambda: {"adapter": "sqlite", "path": "crm.db"}
    )
    gates: Mapping[str, object] = field(default_factory=dict)
    on_error: str = "dead_letter"
    policies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    deletes: Mapping[str, str] = field(default_factory=dict)
    unfed: frozenset[str] = frozenset()
    match_rules: Mapping[str, MatchRules] = field(default_factory=dict)
    clock: Callable[[], datetime] = utc_now

    @property
    def project(self) -> Project:
        """The project as it would be loaded."""
        document = {
            "version": 1,
            "name": "small",
            "sources": {"legacy": {"adapter": "csv"}},
            "target": dict(self.target),
            "gates": dict(self.gates),
            "on_error": self.on_error,
            "deletes": dict(self.deletes),
            "policies": {o: dict(fields) for o, fields in self.policies.items()},
        }
        return Project(
            root=self.root,
            migration=Migration.model_validate(document),
            model=self.model,
            mappings=tuple(self._mapping(o) for o in self.model.objects.values()),
            match_rules=dict(self.match_rules),
            survivorship={},
            validation={},
            book=RegionBook({}),
            rules=load_rules(),
        )

    def new_run(
        self,
        records: Mapping[str, Sequence[Record]],
        merged: Mapping[str, Mapping[str, str]] | None = None,
    ) -> Run:
        """Open a run in which validate has passed these golden records.

        Args:
            records: Object → golden records.
            merged: Object → source key → golden key, for keys that were merged away.
        """
        workspace = Workspace(self.root)
        workspace.create()
        run = workspace.new_run(self.clock(), ["world"])
        for object_, rows in records.items():
            frame = self._frame(object_, rows)
            with UnitWriter(run.dir, "validate", object_) as writer:
                writer.write("rows", frame)
                writer.finish()
            moved = dict((merged or {}).get(object_, {}))
            keys = frame["_key"].to_list()
            members = {"_key": [*keys, *moved], "golden_key": [*keys, *moved.values()]}
            with UnitWriter(run.dir, "dedupe", object_) as writer:
                schema = pl.Schema({"_key": pl.String, "golden_key": pl.String})
                writer.write("members", pl.DataFrame(members, schema=schema))
                writer.finish()
        return run

    def plan(self, run: Run) -> StageReport:
        """Plan a run."""
        return plan.run(self.context(run))

    def load(self, run: Run) -> StageReport:
        """Load the plan of a run."""
        return load.run(self.context(run))

    def verify(self, run: Run) -> StageReport:
        """Verify a run."""
        return verify.run(self.context(run))

    def rollback(self, run: Run, **options: object) -> StageReport:
        """Roll a run back."""
        return rollback.run(self.context(run, run_id=run.id, **options))

    def bring(self, records: Mapping[str, Sequence[Record]]) -> Run:
        """Plan and load records in a new run."""
        run = self.new_run(records)
        self.plan(run)
        self.load(run)
        return run

    def contents(self) -> dict[str, list[dict[str, object]]]:
        """Return all live records of the target, references as external ids, by external id."""
        run = Run("none", self.root)
        found: dict[str, list[dict[str, object]]] = {}
        with open_crm(self.context(run)) as crm:
            for name, object_type in self.model.objects.items():
                rows: list[dict[str, object]] = []
                for batch in crm.target.fetch(name, None, "id"):
                    frame = pl.DataFrame(pl.from_arrow(batch))
                    named = crm.with_external_ids(frame, [f.name for f in object_type.references])
                    rows += named.drop("_id", "_modified_at").to_dicts()
                found[name] = sorted(rows, key=lambda r: str(r["_external_id"]))
        return found

    def context(self, run: Run, **options: object) -> StageContext:
        """Return what a stage is given."""
        return StageContext(self.project, Workspace(self.root), run, self.clock, options=options)

    def _frame(self, object_: str, rows: Sequence[Record]) -> pl.DataFrame:
        object_type = self.model.objects[object_]
        schema = {"_key": pl.String(), **dict.fromkeys(object_type.columns, pl.String())}
        kinds = {f.name: f.type for f in object_type.fields.values()}
        typed = {c: pl.Binary() if kinds.get(c) is Kind.BINARY else t for c, t in schema.items()}
        return pl.DataFrame(
            [{c: row.get(c) for c in typed} for row in rows], schema=pl.Schema(typed)
        )

    def _mapping(self, object_type: ObjectType) -> ObjectMapping:
        fields = tuple(
            FieldMapping(f.name, f.name, None, FromColumn(f.name))
            for f in object_type.fields.values()
            if f"{object_type.name}.{f.name}" not in self.unfed
        )
        return ObjectMapping("legacy", object_type.name, object_type.name, fields)
