"""The field policies of a project, applied by plan and, to what the plan left, by verify."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from crmmigrate.changes.compare import column_kinds
from crmmigrate.changes.policies import MODIFIED, OURS, apply_policies
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.findings import FINDING_FRAME
from crmmigrate.model.operations import Action
from crmmigrate.model.policies import ALL_FIELDS, Policy
from crmmigrate.stages.books import severities
from crmmigrate.stages.context import StageContext
from crmmigrate.store.artifacts import UnitWriter, has_unit, parts

__all__ = ["FieldPolicies", "column_policies", "guarded_columns", "spare_kept"]

_CODE = "PLN520"
_OPERATION = pl.Schema(
    {"external_id": pl.String(), "action": pl.String(), "changed": pl.List(pl.String())}
)


def column_policies(ctx: StageContext, object_type: ObjectType) -> dict[str, Policy]:
    """Return column → policy of an object, where it is not simply overwritten."""
    found = _policies(ctx, object_type)
    return {c: policy for c, policy in found.items() if policy not in OURS}


def guarded_columns(ctx: StageContext, object_type: ObjectType) -> frozenset[str]:
    """Return the columns in which what both sides have changed waits for a decision."""
    found = _policies(ctx, object_type)
    return frozenset(c for c, policy in found.items() if policy is Policy.HOLD)


def _policies(ctx: StageContext, object_type: ObjectType) -> dict[str, Policy]:
    told = ctx.project.migration.policies.get(object_type.name, {})
    return {
        column: told.get(f.name, told.get(ALL_FIELDS, Policy.HOLD))
        for f in object_type.fields.values()
        for column in f.columns
    }


@dataclass
class FieldPolicies:
    """Applies the policies while a plan is made, and counts what they kept.

    Attributes:
        ctx: The stage.
        kept: Object → cells in which the target keeps its value.
    """

    ctx: StageContext
    kept: dict[str, int] = field(default_factory=dict)

    def apply(
        self,
        object_type: ObjectType,
        wanted: pl.DataFrame,
        current: pl.DataFrame,
        writer: UnitWriter,
    ) -> pl.DataFrame:
        """Return desired records as the policies allow them; write a finding for every kept cell."""
        policies = column_policies(self.ctx, object_type)
        if not policies:
            return wanted.drop(MODIFIED, strict=False)
        allowed, kept = apply_policies(wanted, current, column_kinds(object_type), policies)
        if kept.height:
            name = object_type.name
            self.kept[name] = self.kept.get(name, 0) + kept.height
            writer.write("findings", self._findings(kept, policies))
        return allowed.drop(MODIFIED, strict=False)

    def _findings(self, kept: pl.DataFrame, policies: Mapping[str, Policy]) -> pl.DataFrame:
        names = {c: policy.value for c, policy in policies.items()}
        told = kept.with_columns(
            pl.col("external_id").alias("_key"),
            pl.lit(_CODE).alias("code"),
            pl.col("field").replace(names).alias("message"),
            pl.lit("flagged").alias("action"),
        )
        joined = told.join(severities(self.ctx.project.rules), on="code", how="left")
        return joined.select(FINDING_FRAME.names()).cast(FINDING_FRAME)

    @property
    def codes(self) -> dict[str, int]:
        """Findings by code."""
        return {_CODE: sum(self.kept.values())} if self.kept else {}

    def notes(self) -> Iterator[str]:
        """Tell how many values the policies kept."""
        if self.kept:
            each = ", ".join(f"{o} {cells:,}" for o, cells in self.kept.items())
            yield f"the target keeps values by policy: {each}"

    def facts(self) -> dict[str, object]:
        """Return the counts by object."""
        return {"kept": dict(self.kept)}


def spare_kept(
    ctx: StageContext, object_type: ObjectType, wanted: pl.DataFrame, current: pl.DataFrame
) -> pl.DataFrame:
    """Return desired records with the target's value in cells that a policy keeps.

    What the plan of the run has written is expected as it was written, whatever the policy.
    """
    policies = column_policies(ctx, object_type)
    if not policies:
        return wanted
    allowed, _ = apply_policies(wanted, current, column_kinds(object_type), policies)
    written = _written(ctx, object_type.name, wanted["external_id"])
    ours = [c for c in wanted.columns if c in policies]
    joined = allowed.join(written, on="external_id", how="left", maintain_order="left").join(
        wanted.select("external_id", *(pl.col(c).alias(f"ours.{c}") for c in ours)),
        on="external_id",
        how="left",
        maintain_order="left",
    )
    return joined.with_columns(
        pl.when(pl.col("created").fill_null(value=False) | pl.col("written").list.contains(c))
        .then(pl.col(f"ours.{c}"))
        .otherwise(pl.col(c))
        .alias(c)
        for c in ours
    ).select(wanted.columns)


def _written(ctx: StageContext, object_: str, keys: pl.Series) -> pl.DataFrame:
    """Return `external_id, created, written` of what the plan writes of some records."""
    found = [_OPERATION.to_frame()]
    if has_unit(ctx.run.dir, "plan", object_):
        for channel in ("operations", "deferred"):
            for part in parts(ctx.run.dir, "plan", object_, channel, _OPERATION.names()):
                wanted = pl.col("external_id").is_in(keys.implode())
                found.append(part.filter(wanted & (pl.col("action") != Action.UNCHANGED.value)))
    return (
        pl.concat(found)
        .group_by("external_id")
        .agg(
            (pl.col("action") == Action.CREATE.value).any().alias("created"),
            pl.col("changed").explode().drop_nulls().alias("written"),
        )
    )
