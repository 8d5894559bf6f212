"""What should be in the target: golden records under the external id they have there."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from crmmigrate.changes.policies import MODIFIED
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.semantic import SemanticType
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.target import Crm
from crmmigrate.store.artifacts import has_unit, parts, scan, units

__all__ = ["Desired", "desired_objects", "merged_keys", "merged_rows", "unfed_columns"]

_ROWS = 50_000
_MERGED = pl.Schema({"_key": pl.String, "golden_key": pl.String})
_ALIAS = pl.Schema({"golden_key": pl.String, "external_id": pl.String})
_CLAIM = pl.Schema({"golden_key": pl.String, "external_id": pl.String, "held": pl.Boolean})


def desired_objects(ctx: StageContext, crm: Crm) -> tuple[str, ...]:
    """Return the objects that validate wrote and the target has a place for, in load order."""
    present = set(units(ctx.run.dir, "validate"))
    return tuple(o for o in ctx.project.model.load_order if o in present and crm.has_place(o))


def merged_keys(ctx: StageContext, object_: str) -> pl.DataFrame:
    """Return the source keys that were merged into another record: `_key, golden_key`."""
    return merged_rows(ctx.run.dir, object_)


def merged_rows(run_dir: Path, object_: str) -> pl.DataFrame:
    """Return the same for a run's folder."""
    if not has_unit(run_dir, "dedupe", object_):
        return _MERGED.to_frame()
    members = scan(run_dir, "dedupe", object_, "members")
    if members is None:
        return _MERGED.to_frame()
    merged = members.filter(pl.col("_key") != pl.col("golden_key"))
    return merged.select(_MERGED.names()).collect(engine="streaming")


def unfed_columns(ctx: StageContext, crm: Crm, object_type: ObjectType) -> set[str]:
    """Return columns of fields that no mapping fills: a blank there asks for nothing.

    What the target makes of other columns is filled by them: a name to sign in with by the name.
    """
    fed = {f.field for m in ctx.project.mappings if m.object == object_type.name for f in m.fields}
    unfed = {c for f in object_type.fields.values() if f.name not in fed for c in f.columns}
    return unfed - {c for c, made_of in crm.made_of(object_type.name).items() if made_of - unfed}


@dataclass
class Desired:
    """Desired records of all objects.

    A record keeps the external id it was first loaded under, even if another record of its
    cluster represents it now; `aliases` holds these cases. Memory: the aliases and the merged
    keys, both a small part of the records, and one part at a time.

    Attributes:
        lost: Object → field → values that the target has no place for, of what was yielded.
    """

    ctx: StageContext
    crm: Crm
    aliases: dict[str, pl.DataFrame] = field(default_factory=dict)
    merged: dict[str, pl.DataFrame] = field(default_factory=dict)
    lost: dict[str, Counter[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for object_ in desired_objects(self.ctx, self.crm):
            self.merged[object_] = merged_keys(self.ctx, object_)
            self.aliases[object_] = self._aliases(object_)

    def frames(self, object_type: ObjectType, *, counted: bool = True) -> Iterator[pl.DataFrame]:
        """Yield `external_id, golden_key, _modified_at` and target columns.

        References are external ids.

        Values are as the target will give them back, so that comparing them finds real differences.
        Without `counted`, values that find no place are not counted: they are yielded again.
        """
        unfed = unfed_columns(self.ctx, self.crm, object_type)
        columns = [_typed(object_type, c) for c in object_type.columns]
        alias = self.aliases[object_type.name]
        for part in parts(self.ctx.run.dir, "validate", object_type.name, "rows"):
            for piece in part.iter_slices(_ROWS):
                present = set(piece.columns)
                modified = pl.col(MODIFIED) if MODIFIED in present else pl.lit(None, pl.String)
                frame = piece.select(
                    pl.col("_key").alias("golden_key"),
                    modified.alias(MODIFIED),
                    *(
                        e if e.meta.output_name() in present else _absent(e, object_type)
                        for e in columns
                    ),
                )
                named = frame.join(alias, on="golden_key", how="left", maintain_order="left")
                external = pl.coalesce("external_id", "golden_key").alias("external_id")
                wanted = self._repointed(named.with_columns(external), object_type)
                kept = self.crm.as_stored(object_type, wanted, unfed)
                if counted:
                    self._count_lost(object_type, wanted, kept)
                yield kept

    def source_keys(self, object_: str, records: pl.DataFrame) -> pl.DataFrame:
        """Return `source_key, golden_key, external_id` of all sources of some records."""
        own = records.select("golden_key", "external_id")
        merged = self.merged[object_].join(own, on="golden_key").rename({"_key": "source_key"})
        identity = own.with_columns(source_key=pl.col("golden_key"))
        names = ["source_key", "golden_key", "external_id"]
        return pl.concat([identity.select(names), merged.select(names)])

    def _count_lost(
        self, object_type: ObjectType, wanted: pl.DataFrame, kept: pl.DataFrame
    ) -> None:
        """Count values of fields without a place, and values that a place cannot keep."""
        lost = self.lost.setdefault(object_type.name, Counter())
        for name in self.crm.left_out(object_type.name):
            lost[name] += wanted.height - wanted[name].null_count()
        for name in self.crm.placed.get(object_type.name, ()):
            gone = wanted.select((pl.col(name).is_not_null() & kept[name].is_null()).sum()).item()
            lost[name] += int(gone)

    def _repointed(self, frame: pl.DataFrame, object_type: ObjectType) -> pl.DataFrame:
        for reference in object_type.references:
            for object_ in reference.references:
                moved = self.aliases.get(object_)
                if moved is None or moved.is_empty():
                    continue
                names = dict(zip(moved["golden_key"], moved["external_id"], strict=True))
                frame = frame.with_columns(pl.col(reference.name).replace(names))
        return frame

    def _aliases(self, object_: str) -> pl.DataFrame:
        """Return records that are known in the target under another key than their own."""
        crosswalk = self.crm.ledger.crosswalk
        if crosswalk.is_empty(self.crm.name, object_):
            return _ALIAS.to_frame()
        found = [_CLAIM.to_frame()]
        for keys in self._keys(object_):
            known = crosswalk.by_source(self.crm.name, keys["source_key"])
            names = known.select("source_key", pl.col("golden_key").alias("external_id"))
            found.append(_claims(keys.drop("external_id").join(names, on="source_key")))
        claims = pl.concat(found)
        orphaned = claims.filter(~pl.col("held"))
        present = self._present(object_, orphaned["external_id"])
        heirs = orphaned.filter(~pl.col("external_id").is_in(present.implode())).unique(
            "external_id", keep="first", maintain_order=True
        )
        return pl.concat([claims.filter("held"), heirs]).select(_ALIAS.names())

    def _keys(self, object_: str) -> Iterator[pl.DataFrame]:
        for part in parts(self.ctx.run.dir, "validate", object_, "rows", ["_key"]):
            for piece in part.iter_slices(_ROWS):
                yield self.source_keys(object_, piece.select(golden_key="_key", external_id="_key"))

    def _present(self, object_: str, keys: pl.Series) -> pl.Series:
        """Return which keys are sources of a desired record."""
        if keys.is_empty():
            return keys
        wanted = pl.col("source_key").is_in(keys.implode())
        return pl.concat([k.filter(wanted)["source_key"] for k in self._keys(object_)])


def _claims(keys: pl.DataFrame) -> pl.DataFrame:
    """Return records whose sources are known in the target under another external id.

    Args:
        keys: `source_key, golden_key` and `external_id`, the one the source was loaded under.

    Returns:
        `golden_key, external_id, held`: held means that the source the target record is named
        after belongs to this record; otherwise another record may hold it.
    """
    representative = pl.col("external_id") == pl.col("golden_key")
    named_after = pl.col("external_id") == pl.col("source_key")
    best = (
        keys.with_columns(
            rank=pl.when(representative).then(0).when(named_after).then(1).otherwise(2)
        )
        .sort("rank", "external_id")
        .unique("golden_key", keep="first", maintain_order=True)
        .filter(pl.col("external_id") != pl.col("golden_key"))
    )
    return best.select("golden_key", "external_id", (pl.col("rank") == 1).alias("held"))


def _typed(object_type: ObjectType, column: str) -> pl.Expr:
    field_ = object_type.fields.get(column)
    binary = field_ is not None and field_.type is SemanticType.BINARY
    return pl.col(column).cast(pl.Binary if binary else pl.String)


def _absent(expression: pl.Expr, object_type: ObjectType) -> pl.Expr:
    column = expression.meta.output_name()
    field_ = object_type.fields.get(column)
    binary = field_ is not None and field_.type is SemanticType.BINARY
    return pl.lit(None, pl.Binary if binary else pl.String).alias(column)
