"""Find what the target holds already of what the sources would create, and say what becomes of it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from crmmigrate.changes.diff import payload_columns
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.counting import counted
from crmmigrate.model.findings import FINDING_FRAME
from crmmigrate.model.operations import Action, after_column
from crmmigrate.model.policies import Existing
from crmmigrate.stages.books import severities
from crmmigrate.stages.carrying import can_link
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.desired import Desired
from crmmigrate.stages.link import (
    LINKS,
    SURE,
    match_columns,
    match_unclaimed,
    target_key,
    unclaimed_records,
)
from crmmigrate.stages.target import Crm
from crmmigrate.store.artifacts import UnitWriter, has_unit, parts

__all__ = ["HELD", "Doubles", "held_records"]

_CODES = {SURE: "PLN504"}
_DOUBTFUL = "PLN505"
HELD = pl.Schema({"_key": pl.String, "code": pl.String, "external_id": pl.String})
"""Records that the plan holds back, with the reason: channel `excluded`."""


def held_records(ctx: StageContext, object_: str) -> pl.Series:
    """Return the external ids of the records that the plan holds back, as the target may have them."""
    found = [HELD.to_frame()]
    if has_unit(ctx.run.dir, "plan", object_):
        found += parts(ctx.run.dir, "plan", object_, "excluded")
    return pl.concat(found).filter(pl.col("code") == _DOUBTFUL)["external_id"]


@dataclass
class Doubles:
    """What the target holds already, object by object.

    Attributes:
        ctx: The run.
        crm: The target.
        found: Object → records that are, or may be, in the target already, by code.
        held: Object → records that are held back until a person has decided.
        blanked: Object → values of records to be taken over that our blanks would clear.
    """

    ctx: StageContext
    crm: Crm
    found: dict[str, Counter[str]] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    blanked: dict[str, int] = field(default_factory=dict)
    _links: pl.DataFrame = field(default_factory=LINKS.to_frame)
    _theirs: pl.DataFrame | None = None

    def look(self, object_type: ObjectType, desired: Desired, present: int) -> None:
        """Compare what would be created with records of the target that bear no key of ours.

        Nothing is read of the target where it holds none but ours.
        """
        self._links, self._theirs = LINKS.to_frame(), None
        name = object_type.name
        columns = match_columns(object_type, self.ctx.project.match_rules.get(name))
        if not present or not columns:
            return
        there = unclaimed_records(self.ctx, self.crm, object_type, columns)
        if there is None:
            return
        wanted = [*self._to_create(object_type, desired, columns)]
        if wanted:
            self._theirs = there
            self._links = match_unclaimed(self.ctx, object_type, pl.concat(wanted), there)

    def taken(self, object_: str) -> pl.DataFrame:
        """Return `external_id, target_id` of the records that are to be taken over."""
        links = self.ctx.project.migration.target.existing is Existing.LINK
        if not links or self._links.is_empty() or not can_link(self.crm.target, object_):
            return self._links.select("external_id", "target_id").clear()
        return self._links.filter(pl.col("verdict") == SURE).select("external_id", "target_id")

    def hold(self, object_: str, asked: pl.DataFrame, writer: UnitWriter) -> pl.DataFrame:
        """Return the records that may go on; the others are kept with their reason."""
        if self.ctx.project.migration.target.existing is Existing.CREATE:
            return asked
        taken = self.taken(object_)["external_id"]
        doubtful = self._links.filter(~pl.col("external_id").is_in(taken.implode()))
        if doubtful.is_empty():
            return asked
        waits = pl.col("external_id").is_in(doubtful["external_id"].unique().implode())
        held = asked.filter(waits)
        writer.write(
            "excluded",
            held.select(
                pl.col("golden_key").alias("_key"),
                pl.lit(_DOUBTFUL).alias("code"),
                "external_id",
            ).cast(HELD),
        )
        self.held[object_] = self.held.get(object_, 0) + held.height
        return asked.filter(~waits)

    def note(self, object_: str, operations: pl.DataFrame) -> None:
        """Count what taking records over would clear."""
        links = operations.filter(pl.col("action") == Action.LINK.value)
        cleared = [
            (pl.col("changed").list.contains(c) & pl.col(after_column(c)).is_null()).sum()
            for c in payload_columns(links)
        ]
        if links.height and cleared:
            lost = int(links.select(pl.sum_horizontal(cleared)).item())
            self.blanked[object_] = self.blanked.get(object_, 0) + lost

    def finish(self, object_type: ObjectType, writer: UnitWriter) -> None:
        """Write `doubles`, the records of the target in them, and findings of the object."""
        links, name = self._links, object_type.name
        if links.is_empty() or self._theirs is None:
            return
        writer.write("doubles", links)
        keys = (target_key(name, "") + links["target_id"]).unique()
        writer.write("theirs", self._theirs.filter(pl.col("_key").is_in(keys.implode())))
        findings = self._findings(name, links)
        writer.write("findings", findings)
        told = findings.unique("_key").group_by("code").len()
        self.found[name] = Counter(dict(told.iter_rows()))

    def _to_create(
        self, object_type: ObjectType, desired: Desired, columns: Sequence[str]
    ) -> Iterator[pl.DataFrame]:
        """Yield `external_id` and columns of desired records that are not in the target."""
        for frame in desired.frames(object_type, counted=False):
            known = self.crm.current(object_type, frame["external_id"], ())["_external_id"]
            fresh = frame.filter(~pl.col("external_id").is_in(known.implode()))
            if fresh.height:
                yield fresh.select("external_id", *columns)

    def _findings(self, object_: str, links: pl.DataFrame) -> pl.DataFrame:
        """Return one finding a record: its likeliest counterpart, and whether that is sure."""
        counts = pl.len().over("external_id")
        best = links.with_columns(others=counts - 1).unique(
            "external_id", keep="first", maintain_order=True
        )
        chance = (pl.col("probability") * 100).round(0).cast(pl.Int64)
        likely = pl.format(
            "{} {} of the target, likely to {} %", pl.lit(object_), "target_id", chance
        )
        more = pl.format("; {} more may be it", "others")
        nothing = pl.lit(None, pl.String)
        told = best.select(
            pl.col("external_id").alias("_key"),
            pl.col("verdict").replace_strict(_CODES, default=_DOUBTFUL).alias("code"),
            nothing.alias("field"),
            nothing.alias("before"),
            pl.col("target_id").alias("after"),
            pl.concat_str(likely, pl.when(pl.col("others") > 0).then(more).otherwise(pl.lit(""))).alias("message"),
            pl.lit("flagged").alias("action"),
        )  # fmt: skip
        levels = severities(self.ctx.project.rules)
        joined = told.join(levels, on="code", how="left", maintain_order="left")
        return joined.select(FINDING_FRAME.names()).cast(FINDING_FRAME)

    @property
    def codes(self) -> dict[str, int]:
        """Findings by code."""
        return dict(sum(self.found.values(), Counter[str]()))

    def notes(self) -> Iterator[str]:
        """Yield a line for each object of which the target seems to hold records already."""
        existing = self.ctx.project.migration.target.existing
        for object_, codes in self.found.items():
            sure, doubtful = codes["PLN504"], codes[_DOUBTFUL]
            if existing is Existing.CREATE:
                yield (
                    f"{object_}: {counted(sure, 'record to create is', 'records to create are')} in "
                    "the target already and "
                    f"{doubtful:,} may be (PLN504, PLN505)"
                )
                continue
            if self.blanked.get(object_):
                yield (
                    f"{object_}: taking records over clears {counted(self.blanked[object_], 'value')} that "
                    "our sources lack; the policy never_blank keeps them"
                )
            if self.held.get(object_):
                yield (
                    f"{object_}: {self.held[object_]:,} held back, since the target may have "
                    "them; decide with `crmmigrate review` (PLN505)"
                )

    def facts(self) -> dict[str, object]:
        """Return the same for programs."""
        told = {
            o: {"sure": c["PLN504"], "doubtful": c[_DOUBTFUL], "held": self.held.get(o, 0)}
            for o, c in self.found.items()
            if c.total()
        }
        return {"doubles": told} if told else {}
