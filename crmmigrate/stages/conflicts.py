"""Hold back what both sides have changed since the last load, and tell whose edits are written over."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from crmmigrate.changes.compare import column_kinds
from crmmigrate.changes.conflict import judge_edits
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.choices import THEIRS
from crmmigrate.model.counting import counted
from crmmigrate.model.findings import FINDING_FRAME
from crmmigrate.model.operations import OPERATION, Action, after_column, base_column, before_column
from crmmigrate.model.semantic import SemanticType
from crmmigrate.stages.bases import Bases
from crmmigrate.stages.books import severities
from crmmigrate.stages.conflict_cells import conflict_cells, fingerprint
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.doubles import HELD
from crmmigrate.stages.field_policies import guarded_columns
from crmmigrate.stages.target import Crm
from crmmigrate.store.artifacts import UnitWriter

__all__ = ["Conflicts"]

_CONFLICT, _WRITTEN_OVER, _KEPT = "PLN521", "PLN522", "PLN523"
_NO_NAMES = pl.lit([], dtype=pl.List(pl.String))


@dataclass
class Conflicts:
    """Compares each update with the last load and the target, while a plan is made.

    Attributes:
        ctx: The run.
        crm: The target.
        held: Object → records in conflict.
        found: Cells by code.
    """

    ctx: StageContext
    crm: Crm
    held: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)

    @cached_property
    def _bases(self) -> Bases:
        return Bases(self.ctx, self.crm)

    def hold(
        self,
        object_type: ObjectType,
        operations: pl.DataFrame,
        current: pl.DataFrame,
        writer: UnitWriter,
    ) -> pl.DataFrame:
        """Return the operations; those in conflict have that action, and are written here.

        What somebody has decided to leave as it is in the target is no longer changed.

        Args:
            object_type: The object.
            operations: Of the first pass; one a record.
            current: The records as they are now.
            writer: Of the unit of the plan.
        """
        judged = self._judged(object_type, operations, current)
        if judged.is_empty():
            return operations
        cells = self._with_choices(object_type.name, conflict_cells(judged))
        kept = cells.filter(pl.col("keep") == THEIRS).drop("keep")
        waiting = cells.filter(pl.col("keep").is_null()).drop("keep")
        conflict = judged.join(waiting, on="external_id", how="semi", maintain_order="left")
        kept = kept.join(conflict, on="external_id", how="anti", maintain_order="left")
        self._write(object_type, writer, conflict, waiting, kept, judged)
        held = pl.col("external_id").is_in(conflict["external_id"].implode())
        action = pl.when(held).then(pl.lit(Action.CONFLICT.value)).otherwise("action")
        return _without_kept(operations.with_columns(action.alias("action")), kept)

    def _judged(
        self, object_type: ObjectType, operations: pl.DataFrame, current: pl.DataFrame
    ) -> pl.DataFrame:
        """Return the updates that would write over an edit, with bases, `edited` and `both`."""
        updates = operations.filter(pl.col("action") == Action.UPDATE.value)
        kinds = column_kinds(object_type)
        changed = {*updates["changed"].explode().drop_nulls()}
        blob = SemanticType.BINARY
        wanted = pl.Schema(
            {c: pl.Binary() if kind is blob else pl.String() for c, kind in kinds.items() if c in changed}
        )  # fmt: skip
        bases = self._bases.of(object_type.name, updates["external_id"], wanted)
        if bases.is_empty():
            return updates.clear()
        stamps = current.select(external_id="_external_id", modified_at="_modified_at")
        guarded = guarded_columns(self.ctx, object_type)
        judged = judge_edits(updates, bases, stamps, kinds, guarded)
        return judged.filter(pl.col("edited").list.len() > 0)

    def _with_choices(self, object_: str, cells: pl.DataFrame) -> pl.DataFrame:
        """Add `keep`, what somebody has decided of a cell while it held these values, else null."""
        choices = {
            (c.key, c.field, c.of): c.keep for c in self.ctx.project.choices.get(object_, ())
        }
        keeps: list[str | None] = [None] * cells.height
        if choices:
            keeps = [
                choices.get((row["external_id"], row["field"], fingerprint(row)))
                for row in cells.iter_rows(named=True)
            ]
        return cells.with_columns(keep=pl.Series(keeps, dtype=pl.String))

    def _write(
        self,
        object_type: ObjectType,
        writer: UnitWriter,
        conflict: pl.DataFrame,
        waiting: pl.DataFrame,
        kept: pl.DataFrame,
        judged: pl.DataFrame,
    ) -> None:
        """Write records in conflict, why they are held back, what stays, and the findings."""
        name, kinds = object_type.name, column_kinds(object_type)
        if conflict.height:
            writer.write("conflicts", _numbered(conflict, name, kinds, writer.rows("conflicts")))
            held = conflict.select(
                pl.col("golden_key").alias("_key"), pl.lit(_CONFLICT).alias("code"), "external_id"
            )
            writer.write("excluded", held.cast(HELD))
            self.held[name] += conflict.height
        if kept.height:
            writer.write("kept", kept)
        rest = judged.join(conflict, on="external_id", how="anti", maintain_order="left")
        over = conflict_cells(rest, "edited").join(kept, on=["external_id", "field"], how="anti")
        told = ((waiting, _CONFLICT), (kept, _KEPT), (over, _WRITTEN_OVER))
        for cells, code in told:
            if cells.height:
                self.found[code] += cells.height
                writer.write("findings", self._findings(cells, code))

    def _findings(self, cells: pl.DataFrame, code: str) -> pl.DataFrame:
        told = cells.select(
            pl.col("external_id").alias("_key"),
            pl.lit(code).alias("code"),
            "field",
            pl.col("theirs").alias("before"),
            pl.col("ours").alias("after"),
            # What was loaded last is in the plan; messages are shown where values are masked.
            pl.lit(None, pl.String).alias("message"),
            pl.lit("flagged").alias("action"),
        )
        joined = told.join(severities(self.ctx.project.rules), on="code", how="left")
        return joined.select(FINDING_FRAME.names()).cast(FINDING_FRAME)

    @property
    def codes(self) -> dict[str, int]:
        """Findings by code."""
        return dict(self.found)

    def notes(self) -> Iterator[str]:
        """Yield a line for each object with records in conflict."""
        for object_, rows in self.held.items():
            yield (
                f"{object_}: {counted(rows, 'record')} in conflict, held back: changed in the target and in the "
                "sources since the last load; decide with `crmmigrate review --conflicts` (PLN521)"
            )

        bases = self._bases
        if bases.untold:
            runs = ", ".join(sorted(bases.unread))
            yield (
                f"{counted(bases.untold, 'record is', 'records are')} updated without knowing what "
                f"was loaded last, since it cannot be read any more (run {runs}): an edit would not "
                "be seen"
            )

    def facts(self) -> dict[str, object]:
        """Return the same for programs."""
        return {"conflicts": dict(self.held)} if self.held else {}


def _numbered(
    conflict: pl.DataFrame, object_: str, kinds: Mapping[str, SemanticType], start: int
) -> pl.DataFrame:
    """Return the records in conflict as operations that are never sent, with all bases."""
    number = pl.int_range(start + 1, start + 1 + pl.len(), dtype=pl.Int64).cast(pl.String)
    bases = [
        (pl.col(base_column(c)) if base_column(c) in conflict.columns else pl.lit(None))
        .cast(pl.Binary if kind is SemanticType.BINARY else pl.String)
        .alias(base_column(c))
        for c, kind in kinds.items()
    ]
    named = conflict.with_columns(
        pl.concat_str(pl.lit(f"{object_}.0."), number.str.zfill(9)).alias("op_id"),
        pl.lit(object_).alias("object"),
        pl.lit(Action.CONFLICT.value).alias("action"),
    )
    payload = [n for c in kinds for n in (after_column(c), before_column(c))]
    return named.select(*OPERATION.names(), "golden_key", "both", *payload, *bases)


def _without_kept(operations: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Return operations that leave decided cells as they are; nothing left to do is unchanged."""
    if kept.is_empty():
        return operations
    names = kept["field"].unique().to_list()
    fields = kept.group_by("external_id").agg(pl.col("field").alias("_kept"))
    joined = operations.join(fields, on="external_id", how="left", maintain_order="left")
    stays = pl.col("_kept").fill_null(_NO_NAMES)
    touched = pl.col("_kept").is_not_null()
    fewer = joined.with_columns(
        *(
            pl.when(stays.list.contains(c))
            .then(before_column(c))
            .otherwise(after_column(c))
            .alias(after_column(c))
            for c in names
        ),
        pl.when(touched)
        .then(pl.col("changed").list.set_difference(stays))
        .otherwise("changed")
        .alias("changed"),
    )
    idle = touched & (pl.col("changed").list.len() == 0)
    payload = [c for c in operations.columns if c.startswith((after_column(""), before_column("")))]
    return fewer.with_columns(
        pl.when(idle).then(pl.lit(Action.UNCHANGED.value)).otherwise("action").alias("action"),
        *(pl.when(~idle).then(pl.col(c)).alias(c) for c in payload),
    ).select(operations.columns)
