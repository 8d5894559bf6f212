"""Make golden records: for every field the value of one record of the cluster, and whose it was."""

from collections.abc import Iterable, Sequence

import polars as pl

from crmmigrate.model.canonical import RESERVED_COLUMNS
from crmmigrate.model.matching import Strategy, SurvivorshipRules
from crmmigrate.model.semantic import INPUT_PARTS, PARTS

__all__ = ["PROVENANCE", "merge_clusters"]

PROVENANCE = pl.Schema(
    {"golden_key": pl.String, "field": pl.String, "key": pl.String, "rule": pl.String}
)
"""Which record (`key`) gave a field of a golden record, and by which strategies."""
_PARTS = frozenset(p for parts in (*PARTS.values(), *INPUT_PARTS.values()) for p in parts)
_UNION_SEPARATOR = "; "


def merge_clusters(
    frame: pl.DataFrame,
    clusters: pl.DataFrame,
    rules: SurvivorshipRules,
    source_priority: Sequence[str] = (),
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the golden records and the provenance of their fields.

    Args:
        frame: Canonical frame.
        clusters: `_key`, `cluster_id`, `golden` of every record of the frame.
        rules: Strategies by field.
        source_priority: Names of sources, the most trusted first.

    Returns:
        golden: One row a cluster with the columns of `frame`, in the order of the golden rows;
            reserved columns are those of the golden record. `provenance`: rows of `PROVENANCE`
            for clusters of more than one record.
    """
    joined = frame.join(clusters, on="_key", how="left", maintain_order="left").with_row_index(
        "_at"
    )
    grouped = joined.filter(pl.len().over("cluster_id") > 1)
    if grouped.height == 0:
        return frame, pl.DataFrame(schema=PROVENANCE)
    ranked = _ranked(grouped, rules, source_priority)
    chosen = grouped.filter("golden").select("cluster_id", pl.col("_key").alias("golden_key"))
    provenance = []
    for name, columns in _field_groups(frame.columns, rules):
        strategies = rules.fields.get(name, rules.default)
        winners = _winners(ranked, columns, strategies)
        chosen = chosen.join(
            winners.drop("_from"), on="cluster_id", how="left", maintain_order="left"
        )
        provenance.append(_provenance(winners, chosen, name, strategies))
    rows = _golden_rows(joined.filter("golden"), chosen, frame.schema)
    return rows, pl.concat(provenance).sort("golden_key", "field")


def _golden_rows(golden: pl.DataFrame, chosen: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """Put the chosen fields into the golden rows of clusters; others stay as they are."""
    single = golden.join(chosen.select("cluster_id"), on="cluster_id", how="anti")
    merged = golden.drop(_fields(schema.names())).join(
        chosen.drop("golden_key"), on="cluster_id", how="inner", maintain_order="left"
    )
    rows = pl.concat([single.select(merged.columns), merged]).sort("_at")
    return rows.select(schema.names()).cast(schema)


def _fields(columns: Iterable[str]) -> list[str]:
    return [c for c in columns if c not in RESERVED_COLUMNS and not c.startswith("_")]


def _field_groups(
    columns: Sequence[str], rules: SurvivorshipRules
) -> list[tuple[str, tuple[str, ...]]]:
    """Columns that survive together: the parts of a field, and the groups of the rules."""
    fields = _fields(columns)
    owner = {column: column for column in fields}
    for column in fields:
        stem = _stem(column, fields)
        if stem:
            owner[column] = stem
    for group in rules.groups:
        present = [f for f in group if f in fields]
        for column in fields:
            if present and owner[column] in present:
                owner[column] = present[0]
    grouped: dict[str, list[str]] = {}
    for column in fields:
        grouped.setdefault(owner[column], []).append(column)
    return [(name, tuple(members)) for name, members in grouped.items()]


def _stem(column: str, fields: Sequence[str]) -> str | None:
    """Return the field of which a column is a part, e.g. name for name_given."""
    for part in _PARTS:
        stem = column.removesuffix(f"_{part}")
        if stem == column:
            continue
        others = any(other != column and other == f"{stem}_{p}" for other in fields for p in _PARTS)
        if stem in fields or others:
            return stem
    return None


def _ranked(
    grouped: pl.DataFrame, rules: SurvivorshipRules, source_priority: Sequence[str]
) -> pl.DataFrame:
    """Add what strategies sort by."""
    order = {name: place for place, name in enumerate(source_priority)}
    source = (
        pl.col("_source").replace_strict(order, default=len(order), return_dtype=pl.Int32)
        if "_source" in grouped.columns and order
        else pl.lit(0, dtype=pl.Int32)
    )
    stamps = [pl.col(c).cast(pl.String) for c in rules.modified_at if c in grouped.columns]
    stamp = pl.coalesce(stamps) if stamps else pl.lit(None, dtype=pl.String)
    fields = _fields(grouped.drop("_at", "cluster_id", "golden").columns)
    filled = pl.sum_horizontal(pl.col(f).is_not_null() for f in fields)
    return grouped.with_columns(
        source.alias("_rank"), stamp.alias("_stamp"), filled.alias("_filled")
    )


def _winners(
    ranked: pl.DataFrame, columns: tuple[str, ...], strategies: Sequence[Strategy]
) -> pl.DataFrame:
    """Return `cluster_id`, the columns of the winning record and `_from`, its key."""
    main = columns[0]
    text = pl.col(main).cast(pl.String)
    known = pl.any_horizontal(
        pl.col(c).is_not_null() & (pl.col(c).cast(pl.String) != "")
        if ranked.schema[c] != pl.Binary else pl.col(c).is_not_null()
        for c in columns
    )  # fmt: skip
    if ranked.schema[main] == pl.Binary:
        text = pl.lit("x", dtype=pl.String)
    parts = pl.sum_horizontal(pl.col(c).is_not_null() for c in columns)
    live = ranked.filter(known).with_columns(
        text.alias("_text"),
        parts.alias("_parts"),
        _valid(columns, ranked).alias("_valid"),
        _verified(columns).alias("_verified"),
    )
    live = live.with_columns(pl.len().over("cluster_id", "_text").alias("_times"))
    keys: list[pl.Expr] = [pl.col("_valid")]
    down: list[bool] = [True]
    for strategy in strategies:
        expressions, descending = _order(strategy)
        keys += expressions
        down += [descending] * len(expressions)
    keys += [pl.col("golden"), pl.col("_at")]
    down += [True, False]
    ordered = live.sort("cluster_id", *keys, descending=[False, *down], nulls_last=True)
    first = ordered.unique("cluster_id", keep="first", maintain_order=True).select(
        "cluster_id", *columns, pl.col("_key").alias("_from")
    )
    if Strategy.UNION in strategies and len(columns) == 1:
        united = ordered.group_by("cluster_id").agg(
            pl.col("_text").unique(maintain_order=True).str.join(_UNION_SEPARATOR).alias(main)
        )
        return first.drop(main).join(united, on="cluster_id").select("cluster_id", main, "_from")
    return first


def _valid(columns: tuple[str, ...], frame: pl.DataFrame) -> pl.Expr:
    """Values known to be invalid come last whatever the strategy."""
    flag = f"{columns[0]}_valid"
    if flag in columns and flag in frame.columns:
        return (pl.col(flag).cast(pl.String) != "false").fill_null(value=True)
    return pl.lit(value=True)


def _verified(columns: tuple[str, ...]) -> pl.Expr:
    """Values that a check has found right: numbers and mailboxes, and addresses by their region."""
    proofs = {f"{columns[0]}_valid": "true", f"{columns[0]}_validity": "valid"}
    found = [pl.col(c).cast(pl.String) == word for c, word in proofs.items() if c in columns]
    return pl.any_horizontal(found).fill_null(value=False) if found else pl.lit(value=False)


def _order(strategy: Strategy) -> tuple[list[pl.Expr], bool]:
    """Return what to sort by and whether the greatest comes first."""
    number = pl.col("_text").cast(pl.Float64, strict=False)
    orders: dict[Strategy, tuple[list[pl.Expr], bool]] = {
        Strategy.MOST_RECENT: ([pl.col("_stamp")], True),
        Strategy.MOST_FREQUENT: ([pl.col("_times")], True),
        Strategy.MOST_COMPLETE: ([pl.col("_parts"), pl.col("_filled")], True),
        Strategy.LONGEST: ([pl.col("_text").str.len_chars()], True),
        Strategy.SOURCE_PRIORITY: ([pl.col("_rank")], False),
        Strategy.VERIFIED: ([pl.col("_verified")], True),
        Strategy.FIRST_NON_NULL: ([pl.col("_at")], False),
        Strategy.MIN: ([number, pl.col("_text")], False),
        Strategy.MAX: ([number, pl.col("_text")], True),
        Strategy.UNION: ([pl.col("_rank")], False),
    }
    return orders[strategy]


def _provenance(
    winners: pl.DataFrame,
    chosen: pl.DataFrame,
    name: str,
    strategies: Sequence[Strategy],
) -> pl.DataFrame:
    rule = " ".join(strategies)
    return winners.join(chosen.select("cluster_id", "golden_key"), on="cluster_id").select(
        "golden_key",
        pl.lit(name).alias("field"),
        pl.col("_from").alias("key"),
        pl.lit(rule).alias("rule"),
    )
