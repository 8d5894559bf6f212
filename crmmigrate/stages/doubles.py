"""Tell before a load which of its new records the target seems to hold already."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.findings import FINDING_FRAME
from crmmigrate.model.operations import Action, after_column
from crmmigrate.stages.books import severities
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.link import SURE, match_columns, match_target
from crmmigrate.stages.target import Crm
from crmmigrate.store.artifacts import UnitWriter

__all__ = ["Doubles"]

_CODES = {SURE: "PLN504"}
_DOUBTFUL = "PLN505"


@dataclass
class Doubles:
    """Collects what is to be created, object by object, and compares it with the target.

    Attributes:
        ctx: The run.
        crm: The target.
        found: Object → records that are in the target already, by code.
    """

    ctx: StageContext
    crm: Crm
    found: dict[str, Counter[str]] = field(default_factory=dict)
    _created: list[pl.DataFrame] = field(default_factory=list)

    def add(self, object_type: ObjectType, operations: pl.DataFrame) -> None:
        """Remember the match columns of records that would be created."""
        rules = self.ctx.project.match_rules.get(object_type.name)
        names = [
            c for c in match_columns(object_type, rules) if after_column(c) in operations.columns
        ]
        if names:
            created = operations.filter(pl.col("action") == Action.CREATE.value)
            self._created.append(
                created.select("external_id", *(pl.col(after_column(c)).alias(c) for c in names))
            )

    def finish(self, object_type: ObjectType, writer: UnitWriter) -> None:
        """Compare what was collected, and write `doubles` and findings of the object."""
        wanted = [frame for frame in self._created if frame.height]
        self._created.clear()
        if not wanted:
            return
        links = match_target(self.ctx, self.crm, object_type, pl.concat(wanted, how="diagonal"))
        writer.write("doubles", links)
        findings = self._findings(object_type.name, links)
        writer.write("findings", findings)
        told = findings.unique("_key").group_by("code").len()
        self.found[object_type.name] = Counter(dict(told.iter_rows()))

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
        for object_, codes in self.found.items():
            if codes.total():
                yield (
                    f"{object_}: {codes['PLN504']:,} records to create are in the target already "
                    f"and {codes[_DOUBTFUL]:,} may be; look at them before you load (PLN504, PLN505)"
                )

    def facts(self) -> dict[str, object]:
        """Return the same for programs."""
        told = {
            o: {"sure": c["PLN504"], "doubtful": c[_DOUBTFUL]}
            for o, c in self.found.items()
            if c.total()
        }
        return {"doubles": told} if told else {}
