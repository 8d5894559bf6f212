"""References: source keys become record keys, and those that lead nowhere are found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from crmmigrate.mapping.expressions import evaluate
from crmmigrate.mapping.keys import key_text
from crmmigrate.model.columns import blank_to_null, text_of
from crmmigrate.model.mapping import FieldMapping, Lookup, ObjectMapping

__all__ = [
    "EXCLUDED_KEYS",
    "INDEX_SCHEMA",
    "Resolved",
    "build_index",
    "needed_indexes",
    "resolve_references",
]

EXCLUDED_KEYS = "!excluded"
"""Suffix in `known_keys` for the keys of rows that an exclude rule of the mapping set aside: a
reference to such a row is left empty without a finding, since the rule's why explains it."""
INDEX_SCHEMA = pl.Schema({"value": pl.String, "_key": pl.String, "many": pl.Boolean})
"""An index by another column: its text, the record key, whether several rows have the text."""


@dataclass(frozen=True)
class Resolved:
    """The outcome of the lookups of one field, for every row.

    Attributes:
        keys: Record key, or null.
        sought: Source key that was looked for, or null.
        dangling: Something was sought and nothing found.
        ambiguous: Several records have what was sought; none is taken.
        rejects: The row is to be rejected for it.
    """

    keys: pl.Series
    sought: pl.Series
    dangling: pl.Series
    ambiguous: pl.Series
    rejects: pl.Series


def needed_indexes(mappings: Iterable[ObjectMapping]) -> dict[str, Lookup]:
    """Return the lookups that are not by key, by the name of the index each needs."""
    found = [lookup for mapping in mappings for _, lookup in mapping.lookups]
    return {lookup.index: lookup for lookup in found if lookup.by is not None}


def build_index(rows: pl.DataFrame, lookup: Lookup) -> pl.DataFrame:
    """Return the index of a lookup by another column.

    Args:
        rows: Source rows of the looked-up dataset, with `_row_key` and the column `lookup.by`.
        lookup: The lookup; see `needed_indexes`.
    """
    by = lookup.by or ""
    prefix = f"{lookup.source}:{lookup.dataset}:"
    id_ = pl.col("_row_key").str.strip_prefix(prefix)
    return (
        rows.select(
            value=blank_to_null(text_of(by, rows.schema[by]).str.strip_chars()),
            _key=pl.concat_str(pl.lit(f"{lookup.target}/"), id_),
        )
        .drop_nulls("value")
        .group_by("value", maintain_order=True)
        .agg(pl.col("_key").first(), many=pl.len() > 1)
        .cast(INDEX_SCHEMA)
    )


def resolve_references(
    frame: pl.DataFrame,
    mapping: ObjectMapping,
    field: FieldMapping,
    lookups: Iterable[Lookup],
    known_keys: Mapping[str, pl.Series],
    indexes: Mapping[str, pl.DataFrame],
) -> Resolved:
    """Resolve the lookups of a field in order; the first that finds a record wins."""
    null = pl.lit(None, dtype=pl.String)
    state = frame.select(
        _key=null,
        sought=null,
        kept=null,
        missing=null,
        many=pl.lit(value=False),
        height=pl.int_range(pl.len()),
    )
    for lookup in lookups:
        state = _one(frame, state, mapping, field, lookup, known_keys, indexes)
    nothing = pl.col("_key").is_null() & pl.col("sought").is_not_null()
    done = state.select(
        keys=pl.coalesce("_key", pl.when(pl.col("missing") == "flag").then(pl.col("kept"))),
        sought=pl.col("sought"),
        dangling=nothing & ~pl.col("many"),
        ambiguous=nothing & pl.col("many"),
        rejects=nothing & (pl.col("missing") == "reject"),
    )
    return Resolved(*(done.get_column(name) for name in done.columns))


def _one(
    frame: pl.DataFrame,
    state: pl.DataFrame,
    mapping: ObjectMapping,
    field: FieldMapping,
    lookup: Lookup,
    known_keys: Mapping[str, pl.Series],
    indexes: Mapping[str, pl.DataFrame],
) -> pl.DataFrame:
    sought = frame.select(key_text(lookup.columns)).to_series()
    if lookup.when is not None:
        key = f"fields.{field.target}"
        applies = evaluate(frame, lookup.when, where=mapping.where(key), key=key).cast(pl.Boolean)
        sought = (
            sought.to_frame("id").select(pl.when(pl.lit(applies)).then(pl.col("id"))).to_series()
        )
    sought = _without_excluded(sought, lookup, known_keys)
    found, many = _find(sought, lookup, known_keys, indexes)
    by_key = pl.concat_str(pl.lit(f"{lookup.target}/"), pl.lit(sought))
    first = pl.col("sought").is_null() & pl.lit(sought).is_not_null()
    return state.with_columns(
        _key=pl.coalesce("_key", pl.lit(found)),
        sought=pl.coalesce("sought", pl.lit(sought)),
        kept=pl.when(first & (lookup.by is None)).then(by_key).otherwise(pl.col("kept")),
        missing=pl.when(first).then(pl.lit(lookup.on_missing)).otherwise(pl.col("missing")),
        many=pl.col("many") | pl.lit(many),
    )


def _without_excluded(
    sought: pl.Series, lookup: Lookup, known_keys: Mapping[str, pl.Series]
) -> pl.Series:
    """Forget what leads to a row set aside on purpose, unless the lookup insists on a record."""
    excluded = known_keys.get(f"{lookup.target}{EXCLUDED_KEYS}")
    if excluded is None or lookup.by is not None or lookup.on_missing == "reject":
        return sought
    keys = pl.concat_str(pl.lit(f"{lookup.target}/"), pl.col("id"))
    aside = keys.is_in(excluded.implode()).fill_null(value=False)
    return sought.to_frame("id").select(pl.when(~aside).then(pl.col("id"))).to_series()


def _find(
    sought: pl.Series,
    lookup: Lookup,
    known_keys: Mapping[str, pl.Series],
    indexes: Mapping[str, pl.DataFrame],
) -> tuple[pl.Series, pl.Series]:
    """Return the record keys found, and where several records have what was sought."""
    frame = sought.alias("value").to_frame()
    if lookup.by is not None:
        index = indexes.get(lookup.index, INDEX_SCHEMA.to_frame())
        joined = frame.join(index, on="value", how="left", maintain_order="left")
        many = pl.col("many").fill_null(value=False)
        done = joined.select(pl.when(~many).then(pl.col("_key")).alias("_key"), many=many)
        return done.get_column("_key"), done.get_column("many")
    keys = frame.select(pl.concat_str(pl.lit(f"{lookup.target}/"), pl.col("value"))).to_series()
    known = known_keys.get(lookup.target)
    if known is not None:
        keys = (
            keys.to_frame("k")
            .select(pl.when(pl.col("k").is_in(known.implode())).then("k"))
            .to_series()
        )
    return keys, pl.repeat(value=False, n=len(keys), eager=True)
