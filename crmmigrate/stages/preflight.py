"""Before the first write: what the target would refuse, by what it says of itself now."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from crmmigrate.changes.admission import OBJECTION, object_to, written
from crmmigrate.changes.diff import payload_columns
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.catalog import Catalog, Column
from crmmigrate.model.findings import FINDING_FRAME
from crmmigrate.model.operations import after_column
from crmmigrate.stages.books import severities
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.desired import desired_objects
from crmmigrate.stages.target import Crm, unresolved
from crmmigrate.store.artifacts import UnitWriter

__all__ = ["Preflight"]

_UNKNOWN, _LOST_LINK, _INACTIVE, _TAKEN = "PLN510", "PLN515", "PLN516", "PLN517"
_SAYS: Mapping[str, str] = {
    _UNKNOWN: "values of a field that the target does not have",
    "PLN511": "values of a field that the target does not let us write",
    "PLN512": "records without a value that the target requires",
    "PLN513": "values too long for the target",
    "PLN514": "values that the picklist of the target does not have",
    _LOST_LINK: "references to records that will not be in the target",
    _INACTIVE: "records of owners who are inactive",
    _TAKEN: "values that must be unique and are not",
}
_SHOWN = 12
_VALUE = pl.Schema({"external_id": pl.String, "field": pl.String, "value": pl.String})


@dataclass
class Preflight:
    """Looks at what is planned, object by object, parents first.

    Memory: eight bytes a record for what references point to, and the values of unique fields of
    one object.

    Attributes:
        ctx: The run.
        crm: The target.
        catalog: What the target says of itself.
        found: Object → (code, field) → findings.
    """

    ctx: StageContext
    crm: Crm
    catalog: Catalog
    found: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    _known: dict[str, list[pl.Series]] = field(default_factory=dict)
    _inactive: list[pl.Series] = field(default_factory=list)
    _unique: list[pl.DataFrame] = field(default_factory=list)
    _done: set[str] = field(default_factory=set)

    def add(
        self,
        object_type: ObjectType,
        wanted: pl.DataFrame,
        operations: pl.DataFrame,
        writer: UnitWriter,
    ) -> None:
        """Look at one part.

        Args:
            object_type: The object.
            wanted: Desired records, all of them.
            operations: What is planned for these records.
            writer: Takes the findings.
        """
        name = object_type.name
        self._known.setdefault(name, []).append(operations["external_id"].hash())
        if name == "user" and "active" in wanted.columns:
            self._inactive.append(wanted.filter(pl.col("active") == "false")["external_id"])
        columns = self._columns(object_type)
        self._unique += [_values(operations, c.name) for c in columns if c.unique]
        told = [
            object_to(operations, columns),
            *self._unknown(object_type, operations),
            *self._links(object_type, operations),
        ]
        self._note(name, pl.concat(told), writer)

    def finish(self, object_type: ObjectType, writer: UnitWriter) -> None:
        """Look at what only the whole object shows: values that must be unique."""
        self._done.add(object_type.name)
        values = pl.concat([_VALUE.to_frame(), *self._unique])
        self._unique.clear()
        if values.height:
            self._note(object_type.name, self._taken(object_type, values), writer)

    @property
    def codes(self) -> dict[str, int]:
        """Findings by code."""
        total: Counter[str] = Counter()
        for counts in self.found.values():
            for (code, _), rows in counts.items():
                total[code] += rows
        return dict(total)

    def notes(self) -> Iterator[str]:
        """Yield a line for each object, field and code, the largest first."""
        listed = sorted(self._lines(), key=lambda line: (-line[3], line[0], line[1], line[2]))
        for object_, code, name, rows in listed[:_SHOWN]:
            yield f"{object_}.{name}: {rows:,} {_SAYS[code]} ({code})"
        if len(listed) > _SHOWN:
            yield f"and {len(listed) - _SHOWN} more fields of which the target would refuse values"

    def facts(self) -> dict[str, object]:
        """Return the same for programs."""
        names = ("object", "code", "field", "rows")
        told = [dict(zip(names, line, strict=True)) for line in sorted(self._lines())]
        return {"preflight": told} if told else {}

    def _lines(self) -> Iterator[tuple[str, str, str, int]]:
        for object_, counts in self.found.items():
            for (code, name), rows in counts.items():
                yield object_, code, name, rows

    def _columns(self, object_type: ObjectType) -> list[Column]:
        """Return what the target says of the columns of an object; what it fills is no duty."""
        dataset = self.catalog.dataset(object_type.name)
        filled = self.crm.filled(object_type)
        columns = dataset.columns if dataset else ()
        return [replace(c, nullable=True) if c.name in filled else c for c in columns]

    def _unknown(self, object_type: ObjectType, operations: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """Yield values of fields of which the target has no column; mapped targets leave them out."""
        if object_type.name in self.crm.placed:
            return
        dataset = self.catalog.dataset(object_type.name)
        there = {c.name for c in (dataset.columns if dataset else ())}
        present = set(payload_columns(operations))
        for name, told in object_type.fields.items():
            if name in present and there and there.isdisjoint(told.columns):
                says = "the target has no such field"
                yield _objections(operations.filter(written(name)), name, _UNKNOWN, says)

    def _links(self, object_type: ObjectType, operations: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """Yield references to records that will not be there, and to people who are inactive."""
        if self.ctx.options.get("only") is not None:
            return
        idle = pl.concat(self._inactive).implode() if self._inactive else None
        for link in object_type.references:
            if link.name not in payload_columns(operations):
                continue
            own = operations.filter(
                written(link.name) & pl.col(after_column(link.name)).is_not_null()
            )
            if own.height and self._complete(link.references):
                says = "the record it points to is neither in the target nor in the plan"
                yield _objections(self._dangling(own, link.name, link.references), link.name, _LOST_LINK, says)  # fmt: skip
            if idle is not None and link.references == ("user",):
                says = "the user is inactive; many CRMs refuse such owners"
                theirs = own.filter(pl.col(after_column(link.name)).is_in(idle))
                yield _objections(theirs, link.name, _INACTIVE, says)

    def _complete(self, objects: tuple[str, ...]) -> bool:
        """Return whether all records of some objects have been seen that are planned at all."""
        planned = desired_objects(self.ctx, self.crm)
        return all(o in self._done or o not in planned for o in objects)

    def _dangling(self, own: pl.DataFrame, link: str, objects: tuple[str, ...]) -> pl.DataFrame:
        column = after_column(link)
        known = [s for o in objects for s in self._known.get(o, ())]
        there = pl.concat(known) if known else pl.Series(dtype=pl.UInt64)
        lost = own.filter(~own[column].hash().is_in(there.implode()))
        resolved = self.crm.with_target_ids(lost, [column])
        return lost.filter(resolved.select(unresolved(pl.col(column))).to_series())

    def _taken(self, object_type: ObjectType, values: pl.DataFrame) -> pl.DataFrame:
        """Return values that stand in several records of the plan, or in another of the target."""
        twice = values.filter(pl.len().over("field", "value") > 1)
        names = values["field"].unique().sort().to_list()
        others = [_VALUE.to_frame()]
        for batch in self.crm.target.fetch(object_type.name, None, "id", names):
            frame = pl.DataFrame(pl.from_arrow(batch))
            long = frame.select("_external_id", *names).unpivot(
                names, index="_external_id", variable_name="field", value_name="value"
            )
            named = long.select(external_id="_external_id", field="field", value="value")
            others.append(named.cast(_VALUE).drop_nulls("value"))
        rewritten = values.select("external_id", "field")
        there = pl.concat(others).join(rewritten, on=["external_id", "field"], how="anti")
        taken = values.join(there.select("field", "value").unique(), on=["field", "value"])
        says = "another record has this value, which must be unique"
        both = pl.concat([twice, taken]).unique(maintain_order=True)
        return both.with_columns(
            code=pl.lit(_TAKEN), suggestion=pl.lit(None, pl.String), message=pl.lit(says)
        ).select(OBJECTION.names())

    def _note(self, object_: str, told: pl.DataFrame, writer: UnitWriter) -> None:
        """Count objections, and write them as findings."""
        if told.is_empty():
            return
        counts = self.found.setdefault(object_, Counter())
        for code, name, rows in told.group_by("code", "field").len().iter_rows():
            counts[code, name] += rows
        renamed = told.rename({"external_id": "_key", "value": "before", "suggestion": "after"})
        levels = severities(self.ctx.project.rules)
        joined = renamed.with_columns(action=pl.lit("flagged")).join(
            levels, on="code", how="left", maintain_order="left"
        )
        writer.write("findings", joined.select(FINDING_FRAME.names()).cast(FINDING_FRAME))


def _values(operations: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return the values that are to be written into a unique column."""
    name = after_column(column)
    if name not in operations.columns or operations.schema[name] != pl.String:
        return _VALUE.to_frame()
    own = operations.filter(written(column) & pl.col(name).is_not_null() & (pl.col(name) != ""))
    return own.select("external_id", pl.lit(column).alias("field"), pl.col(name).alias("value"))


def _objections(operations: pl.DataFrame, column: str, code: str, says: str) -> pl.DataFrame:
    value = pl.col(after_column(column))
    text = operations.schema[after_column(column)] == pl.String
    return operations.select(
        "external_id",
        pl.lit(code).alias("code"),
        pl.lit(column).alias("field"),
        (value if text else pl.lit(None, pl.String)).alias("value"),
        pl.lit(None, pl.String).alias("suggestion"),
        pl.lit(says).alias("message"),
    )
