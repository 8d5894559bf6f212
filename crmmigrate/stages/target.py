"""The target of a project, opened; and its current records in the words of the plan."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from crmmigrate.adapters.base import Target
from crmmigrate.adapters.mapped import FillsBlanks, KeepsOtherwise, MappedTarget
from crmmigrate.adapters.registry import open_target
from crmmigrate.errors import ConfigError
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.operations import Action, after_column
from crmmigrate.model.semantic import SemanticType
from crmmigrate.stages.context import StageContext
from crmmigrate.store.ledger import Ledger

__all__ = ["Crm", "open_crm"]

_LINK = r"^[a-z][a-z0-9_]*:[^:]+$"
"""A record of the target: `object:id`. Record keys have two colons at least."""


@dataclass(frozen=True)
class Crm:
    """An open target with the ledger that knows what we wrote to it.

    Attributes:
        target: The adapter.
        name: Under which the crosswalk knows the target.
        ledger: The open ledger.
    """

    target: Target
    name: str
    ledger: Ledger

    def has_place(self, object_: str) -> bool:
        """Return whether the target can hold records of an object at all."""
        return not isinstance(self.target, MappedTarget) or object_ not in self.homeless

    @cached_property
    def homeless(self) -> dict[str, str]:
        """Objects that the target has no place for, each with the reason."""
        return self.target.homeless() if isinstance(self.target, MappedTarget) else {}

    def left_out(self, object_: str) -> dict[str, str]:
        """Return the fields of an object that the target has no place for, with the reason."""
        return self.target.left_out(object_) if isinstance(self.target, MappedTarget) else {}

    def wordless(self, object_: str) -> dict[str, str]:
        """Return columns that cannot keep some of their values, with the reason."""
        return self.target.wordless(object_) if isinstance(self.target, MappedTarget) else {}

    @cached_property
    def placed(self) -> dict[str, tuple[str, ...]]:
        """Object → columns that have a place, of a target with words of its own; else nothing."""
        if not isinstance(self.target, MappedTarget):
            return {}
        datasets = self.target.describe().datasets
        return {d.name: tuple(c.name for c in d.columns) for d in datasets}

    def as_stored(
        self, object_type: ObjectType, wanted: pl.DataFrame, unfed: Collection[str]
    ) -> pl.DataFrame:
        """Return desired records as they would be read back once they are written.

        A blank that nothing feeds asks for nothing, so it stays blank.
        """
        if not isinstance(self.target, KeepsOtherwise):
            return wanted
        kept = self.target.as_stored(object_type.name, wanted)
        return kept.with_columns(
            pl.when(wanted[c].is_not_null()).then(pl.col(c)).alias(c)
            for c in unfed
            if c in kept.columns
        )

    def made_of(self, object_: str) -> Mapping[str, frozenset[str]]:
        """Return column → the columns its value is made of, of a target with words of its own."""
        return self.target.made_of(object_) if isinstance(self.target, MappedTarget) else {}

    def filled(self, object_type: ObjectType) -> frozenset[str]:
        """Return the columns that the target fills by itself where they are left blank."""
        known = self.target
        return known.filled(object_type.name) if isinstance(known, FillsBlanks) else frozenset()

    def with_presumed(
        self, object_type: ObjectType, operations: pl.DataFrame, unfed: Collection[str]
    ) -> pl.DataFrame:
        """Return operations whose creates say what the target will presume for unfed columns.

        Else it would look, after the load, as if somebody had filled these in.
        """
        if not isinstance(self.target, KeepsOtherwise):
            return operations
        schema = _schema(object_type, list(object_type.columns))
        blank = pl.DataFrame({c: [None] for c in object_type.columns}, schema_overrides=schema)
        kept = self.target.as_stored(object_type.name, blank).row(0, named=True)
        create = pl.col("action") == Action.CREATE.value
        names = {c: after_column(c) for c in unfed if kept.get(c) is not None}
        return operations.with_columns(
            pl.when(create & pl.col(name).is_null())
            .then(pl.lit(kept[c]))
            .otherwise(pl.col(name))
            .alias(name)
            for c, name in names.items()
            if name in operations.columns
        )

    def current(
        self, object_type: ObjectType, external_ids: pl.Series, fields: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """Return records as they are now, with references as external ids.

        Columns `_id, _external_id, _modified_at` and fields. A reference to a record without an
        external id stays `object:id`.
        """
        wanted = list(object_type.columns if fields is None else fields)
        return self._fetched(object_type, external_ids, "external_id", wanted)

    def _fetched(
        self, object_type: ObjectType, keys: pl.Series, by: str, wanted: list[str]
    ) -> pl.DataFrame:
        fetched = self.target.fetch(object_type.name, keys, by, wanted)
        frames = [pl.DataFrame(pl.from_arrow(batch)) for batch in fetched]
        schema = _schema(object_type, wanted)
        if not frames:
            return schema.to_frame()
        found = pl.concat([f.select(schema.names()).cast(schema) for f in frames], rechunk=False)
        links = [f.name for f in object_type.references if f.name in wanted]
        return self.with_external_ids(found, links)

    def taken_over(
        self, object_type: ObjectType, taken: pl.DataFrame, fields: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """Return records that bear no key of ours as if they bore the one they are to get.

        Args:
            object_type: The object.
            taken: `external_id, target_id`.
            fields: As for `current`.

        Returns:
            As `current`, and `_bears`, the external id that a record has by now, else null.
        """
        wanted = list(object_type.columns if fields is None else fields)
        found = self._fetched(object_type, taken["target_id"], "id", wanted)
        named = found.rename({"_external_id": "_bears"}).join(
            taken.rename({"target_id": "_id", "external_id": "_external_id"}), on="_id"
        )
        fixed = [c for c in found.columns if c not in wanted]
        return named.select(*fixed, *wanted, "_bears")

    def with_external_ids(self, frame: pl.DataFrame, links: Sequence[str]) -> pl.DataFrame:
        """Replace `object:id` by the external id of the record, where it has one."""
        if not links or frame.is_empty():
            return frame
        values = pl.concat([frame[name].alias("link") for name in links]).drop_nulls().unique()
        if values.is_empty():
            return frame
        known = pl.concat(
            [
                self._external_ids(str(name), group["id"])
                for (name,), group in _split(values).group_by("object")
            ]
        )
        return _replaced(frame, links, known["link"], known["external_id"])

    def with_target_ids(self, frame: pl.DataFrame, links: Sequence[str]) -> pl.DataFrame:
        """Replace external ids by `object:id`; what the target does not have stays as it is."""
        if not links or frame.is_empty():
            return frame
        values = pl.concat([frame[name].alias("key") for name in links]).drop_nulls().unique()
        keys = values.filter(~values.str.contains(_LINK))
        if keys.is_empty():
            return frame
        found = self.ledger.crosswalk.by_source(self.name, keys)
        targets = found.select(
            "source_key", pl.concat_str("object", pl.lit(":"), "target_id").alias("link")
        )
        return _replaced(frame, links, targets["source_key"], targets["link"])

    def _external_ids(self, object_: str, ids: pl.Series) -> pl.DataFrame:
        """Return (link, external_id) of records, from the crosswalk, else from the target."""
        known = self.ledger.crosswalk.by_id(self.name, object_, ids).select(
            pl.col("target_id").alias("id"), pl.col("golden_key").alias("external_id")
        )
        missing = ids.filter(~ids.is_in(known["id"].implode()))
        frames = [known.unique("id")]
        for batch in self.target.fetch(object_, missing, "id", ()) if missing.len() else ():
            frame = pl.DataFrame(pl.from_arrow(batch))
            frames.append(
                frame.select(
                    id=pl.col("_id").cast(pl.String),
                    external_id=pl.col("_external_id").cast(pl.String),
                )
            )
        found = pl.concat(frames).drop_nulls()
        return found.select(pl.concat_str(pl.lit(f"{object_}:"), "id").alias("link"), "external_id")


def _replaced(
    frame: pl.DataFrame, names: Sequence[str], old: pl.Series, new: pl.Series
) -> pl.DataFrame:
    pairs = pl.DataFrame({"old": old, "new": new}).unique("old", keep="last")
    return frame.with_columns(pl.col(n).replace(pairs["old"], pairs["new"]) for n in names)


def unresolved(value: pl.Expr) -> pl.Expr:
    """Return whether a reference, after `with_target_ids`, still is no record of the target."""
    return value.is_not_null() & ~value.str.contains(_LINK)


@contextmanager
def open_crm(ctx: StageContext) -> Iterator[Crm]:
    """Open the target of the project and the ledger.

    Raises:
        ConfigError: the target has no external ids, without which nothing can be resumed.
    """
    ctx.workspace.create()
    config = ctx.project.migration.target
    options: dict[str, object] = config.reader_options(ctx.project.root)
    given = {
        "adapter": config.adapter,
        "model": ctx.project.model,
        "clock": ctx.clock,
        "journal": ctx.workspace.home / "requests.jsonl",
    }
    target = open_target(options | given, ctx.project.root)
    try:
        if not target.capabilities.external_id:
            raise ConfigError(
                f"the adapter '{config.adapter}' keeps no external ids; it is no target"
            )
        with Ledger(ctx.workspace.ledger_path) as ledger:
            yield Crm(target, f"{config.adapter}:{config.path or config.url or ''}", ledger)
    finally:
        close = getattr(target, "close", None)
        if callable(close):
            close()


def _split(values: pl.Series) -> pl.DataFrame:
    pieces = values.to_frame("link").select(pl.col("link").str.splitn(":", 2)).unnest("link")
    return pieces.rename({"field_0": "object", "field_1": "id"}).drop_nulls()


def _schema(object_type: ObjectType, wanted: Sequence[str]) -> pl.Schema:
    blobs = {f.name for f in object_type.fields.values() if f.type is SemanticType.BINARY}
    fixed = dict.fromkeys(("_id", "_external_id", "_modified_at"), pl.String)
    return pl.Schema({**fixed, **{c: pl.Binary if c in blobs else pl.String for c in wanted}})
