"""Records of the target whose source was merged into another one since: where their keys lead now."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from crmmigrate.changes.diff import payload_columns
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.counting import counted
from crmmigrate.model.findings import FINDING_FRAME
from crmmigrate.model.operations import OPERATION, Action, after_column, before_column
from crmmigrate.stages.books import severities
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.desired import Desired
from crmmigrate.store.artifacts import UnitWriter

__all__ = ["Redirects"]

LEADS_TO = "leads_to"
"""The one thing that a redirect changes: the record that a key leads to."""
_CODE = "PLN506"
_ROWS = 20_000
_MOST_LISTED = 1_000
"""Merged records whose children the report tells one by one."""
_FOUND = pl.Schema(dict.fromkeys(("external_id", "target_id", "into"), pl.String()))


@dataclass
class Redirects:
    """Finds merges of records that the target holds apart, and counts what is re-pointed.

    The load makes the crosswalk lead the keys of a merged record to the one it was merged into, and
    writes references of children anew as ordinary updates; the record itself stays, unless
    `deletes` says otherwise.

    Attributes:
        ctx: The run.
        desired: What should be in the target.
        told: Object → records that are told.
        children: Object → key of a merged record → reference → records that pointed to it.
    """

    ctx: StageContext
    desired: Desired
    told: Counter[str] = field(default_factory=Counter)
    children: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    _found: dict[str, pl.DataFrame] = field(default_factory=dict)

    def look(self, objects: Sequence[str]) -> None:
        """Find the merged records of all objects, before anything is planned."""
        for object_ in objects:
            found = pl.concat([_FOUND.to_frame(), *self._merged(object_)])
            if found.height:
                self._found[object_] = found

    def keys(self, object_: str) -> pl.Series:
        """Return the external ids of the merged records of an object."""
        return self._found.get(object_, _FOUND.to_frame())["external_id"]

    def note(self, object_type: ObjectType, operations: pl.DataFrame) -> None:
        """Count operations that re-point a reference from a merged record to its heir."""
        names = set(payload_columns(operations))
        for link in (f for f in object_type.references if f.name in names):
            for object_ in (o for o in link.references if o in self._found):
                heirs = self._found[object_].select("external_id", "into")
                moved = (
                    operations.filter(pl.col("changed").list.contains(link.name))
                    .select(was=before_column(link.name), to=after_column(link.name))
                    .join(heirs, left_on=["was", "to"], right_on=["external_id", "into"])
                )
                of_object = self.children.setdefault(object_, {})
                for key, rows in moved.group_by("was").len().iter_rows():
                    counts = of_object.setdefault(key, Counter())
                    counts[f"{object_type.name}.{link.name}"] += rows

    def write(self, object_type: ObjectType, writer: UnitWriter, seen: list[pl.Series]) -> None:
        """Write the redirects of one object whose heirs are planned, and findings of them."""
        name = object_type.name
        asked = pl.concat([_FOUND.to_frame()["into"], *(keys.alias("into") for keys in seen)])
        found = self._found.get(name, _FOUND.to_frame())
        found = found.filter(pl.col("into").is_in(asked.implode()))
        if found.is_empty():
            return
        self.told[name] = found.height
        writer.write("redirects", _operations(found, name))
        writer.write("findings", self._findings(found))

    def _merged(self, object_: str) -> Iterator[pl.DataFrame]:
        """Yield `external_id, target_id, into` of records that the target holds under own keys."""
        crm = self.desired.crm
        if crm.ledger.crosswalk.is_empty(crm.name, object_):
            return
        alias = self.desired.aliases[object_]
        named = alias.select("golden_key", _key="golden_key").select("_key", "golden_key")
        sources = pl.concat([self.desired.merged[object_], named]).join(
            alias, on="golden_key", how="left"
        )
        into = pl.coalesce("external_id", "golden_key").alias("into")
        losers = sources.select("_key", into).filter(pl.col("_key") != pl.col("into"))
        object_type = self.ctx.project.model.objects[object_]
        for piece in losers.iter_slices(_ROWS):
            known = crm.ledger.crosswalk.by_source(crm.name, piece["_key"])
            own = known.filter(
                (pl.col("source_key") == pl.col("golden_key")) & (pl.col("object") == object_)
            )
            there = crm.current(object_type, own["source_key"], ()).select(
                external_id="_external_id", target_id="_id"
            )
            yield there.join(piece.rename({"_key": "external_id"}), on="external_id").select(
                _FOUND.names()
            )

    def _findings(self, found: pl.DataFrame) -> pl.DataFrame:
        nothing = pl.lit(None, pl.String)
        told = found.select(
            pl.col("external_id").alias("_key"),
            pl.lit(_CODE).alias("code"),
            nothing.alias("field"),
            pl.col("target_id").alias("before"),
            pl.col("into").alias("after"),
            nothing.alias("message"),
            pl.lit("flagged").alias("action"),
        )
        joined = told.join(severities(self.ctx.project.rules), on="code", how="left")
        return joined.select(FINDING_FRAME.names()).cast(FINDING_FRAME)

    @property
    def codes(self) -> dict[str, int]:
        """Findings by code."""
        return {_CODE: self.told.total()} if self.told else {}

    def notes(self) -> Iterator[str]:
        """Yield a line for each object of which loaded records were merged."""
        for object_, rows in self.told.items():
            moved = Counter[str]()
            for counts in self.children.get(object_, {}).values():
                moved += counts
            each = ", ".join(f"{name} of {n:,}" for name, n in moved.items())
            records = counted(
                rows,
                "record that was loaded has been merged into another",
                "records that were loaded have been merged into others",
            )
            yield f"{object_}: {records} since (PLN506); re-pointed: {each or 'nothing'}"

    def facts(self) -> dict[str, object]:
        """Return which references are re-pointed, by object and merged record."""
        listed = {
            o: {key: dict(counts) for key, counts in list(of.items())[:_MOST_LISTED]}
            for o, of in self.children.items()
            if of
        }
        return {"redirected": listed} if self.told else {}


def _operations(found: pl.DataFrame, object_: str) -> pl.DataFrame:
    """Return redirects as operations that are never sent: the crosswalk learns of them."""
    number = pl.int_range(1, 1 + pl.len(), dtype=pl.Int64).cast(pl.String).str.zfill(9)
    return found.select(
        pl.concat_str(pl.lit(f"{object_}.r."), number).alias("op_id"),
        pl.lit(object_).alias("object"),
        pl.lit(Action.REDIRECT.value).alias("action"),
        pl.lit(1, pl.Int8).alias("pass"),
        "external_id",
        "target_id",
        pl.lit([LEADS_TO], dtype=pl.List(pl.String)).alias("changed"),
        pl.col("external_id").alias("golden_key"),
        pl.format(f"{object_}:{{}}", "target_id").alias(before_column(LEADS_TO)),
        pl.col("into").alias(after_column(LEADS_TO)),
    ).select(*OPERATION.names(), "golden_key", before_column(LEADS_TO), after_column(LEADS_TO))
