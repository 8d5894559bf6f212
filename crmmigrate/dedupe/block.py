"""Bring candidate pairs together: equi-joins on hashed keys, oversized blocks refined."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from crmmigrate.dedupe.evidence import VALUE_ID, Encoded
from crmmigrate.dedupe.keys import key_frame, part_hashes
from crmmigrate.model.matching import MatchRules

__all__ = ["Candidates", "candidate_pairs"]

_WINDOW = 3
_PAIRS_PER_RECORD = 1.0
"""Pairs a record that one key may give; its larger blocks are refined beyond that."""
_REFINED_PER_RECORD = 0.25
"""Pairs a record that one refinement of a key may give beyond that."""
_PAIRS_ALWAYS = 100_000
"""Pairs that a key may give however few the records are."""
_MOST_PAIRS_AT_ONCE = 20_000_000


@dataclass(frozen=True)
class Candidates:
    """Pairs worth comparing.

    Attributes:
        pairs: UInt32 columns `a` < `b` (row numbers), unique.
        by_key: Blocking key → pairs it gave, before those of other keys are removed.
    """

    pairs: pl.DataFrame
    by_key: Mapping[str, int]


def candidate_pairs(
    encoded: Mapping[str, Encoded], rules: MatchRules, side: pl.Series | None = None
) -> Candidates:
    """Return the pairs that share a blocking key.

    Args:
        encoded: All features.
        rules: Blocking keys, refinement parts and block size.
        side: Where given, only pairs across different sides count.
    """
    parts = sorted({p for k in rules.blocking for p in k.parts} | set(rules.refine))
    hashes = part_hashes(encoded, parts)
    refine = _refinement(hashes, rules, encoded)
    packed: list[pl.Series] = []
    by_key: dict[str, int] = {}
    for key in rules.blocking:
        keyed = key_frame(hashes, key) if hashes.width else None
        if keyed is None:
            continue
        found = [_across(p, side) for p in _block(keyed, refine, rules.block_size)]
        pairs = pl.concat(found).unique() if found else pl.Series("pair", [], dtype=pl.UInt64)
        by_key[key.name] = len(pairs)
        packed.append(pairs)
    every = pl.concat(packed).unique().sort() if packed else pl.Series([], dtype=pl.UInt64)
    frame = pl.DataFrame({"pair": every})
    return Candidates(
        frame.select(
            (pl.col("pair") // 2**32).cast(pl.UInt32).alias("a"),
            (pl.col("pair") % 2**32).cast(pl.UInt32).alias("b"),
        ),
        by_key,
    )


def _refinement(
    hashes: pl.DataFrame, rules: MatchRules, encoded: Mapping[str, Encoded]
) -> pl.DataFrame:
    """One scalar hash a record and refinement part, and the order of neighbours."""
    present = [p for p in rules.refine if p in hashes.columns]
    scalar = [
        pl.col(p).list.first() if hashes.schema[p] == pl.List(pl.UInt64) else pl.col(p)
        for p in present
    ]
    order = _order(encoded)
    rows = pl.int_range(len(order), dtype=pl.UInt32, eager=True).alias("row")
    return pl.DataFrame([rows, *hashes.select(scalar), order])


def _order(encoded: Mapping[str, Encoded]) -> pl.Series:
    """Rank of every record by the text of its first feature that is ordered by words."""
    for one in encoded.values():
        if "sorted" in one.values.columns:
            ranked = one.values.select(VALUE_ID, pl.col("sorted").rank("dense").alias("rank"))
            ids = one.ids.alias(VALUE_ID).to_frame()
            return ids.join(ranked, on=VALUE_ID, how="left", maintain_order="left")["rank"].alias(
                "_order"
            )
    height = next(iter(encoded.values())).ids.len()
    return pl.Series("_order", range(height), dtype=pl.UInt32)


def _block(keyed: pl.DataFrame, refine: pl.DataFrame, size: int) -> Iterator[pl.Series]:
    counted = keyed.with_columns(pl.len().over("key").alias("n")).filter(pl.col("n") > 1)
    most = _affordable(counted, size, _PAIRS_PER_RECORD * refine.height)
    yield from _joined(counted.filter(pl.col("n") <= most))
    large = counted.filter(pl.col("n") > most).select("key", "row")
    if large.height == 0:
        return
    large = large.join(refine, on="row")
    for part in [c for c in refine.columns if c not in {"row", "_order"}]:
        finer = large.filter(pl.col(part).is_not_null()).select(
            pl.struct("key", part).hash(13).alias("key"), "row", "_order"
        )
        finer = finer.with_columns(pl.len().over("key").alias("n")).filter(pl.col("n") > 1)
        most = _affordable(finer, size, _REFINED_PER_RECORD * refine.height)
        yield from _joined(finer.filter(pl.col("n") <= most).select("key", "row", "n"))
    yield _neighbours(large)


def _affordable(counted: pl.DataFrame, size: int, pairs: float) -> int:
    """Return the largest block that is compared whole, so that pairs grow with the records only."""
    budget = max(pairs, _PAIRS_ALWAYS)
    sizes = counted.group_by("n").len().sort("n").with_columns(
        (pl.col("len") * (pl.col("n") - 1) // 2).cum_sum().alias("pairs")
    )  # fmt: skip
    fitting = sizes.filter((pl.col("pairs") <= budget) & (pl.col("n") <= size))
    return int(fitting["n"].max() or 1)  # type: ignore[arg-type]


def _joined(blocks: pl.DataFrame) -> Iterator[pl.Series]:
    """All pairs of each block, in chunks that fit memory."""
    if blocks.height == 0:
        return
    total = int(blocks["n"].cast(pl.UInt64).sum())
    chunks = max(1, total // _MOST_PAIRS_AT_ONCE + 1)
    for chunk in range(chunks):
        part = blocks.filter(pl.col("key") % chunks == chunk) if chunks > 1 else blocks
        part = part.select("key", "row")
        pairs = part.join(part, on="key", suffix="_b").filter(pl.col("row") < pl.col("row_b"))
        yield _packed(pairs).unique()


def _neighbours(blocks: pl.DataFrame) -> pl.Series:
    """Pairs of near neighbours within each block, in the order of their texts."""
    ordered = blocks.select("key", "row", "_order").sort("key", "_order", "row")
    found = []
    for step in range(1, _WINDOW + 1):
        shifted = ordered.select(
            "key",
            "row",
            pl.col("key").shift(-step).alias("key_b"),
            pl.col("row").shift(-step).alias("row_b"),
        ).filter(pl.col("key") == pl.col("key_b"))
        found.append(_packed(shifted))
    return pl.concat(found)


def _packed(pairs: pl.DataFrame) -> pl.Series:
    low = pl.min_horizontal("row", "row_b").cast(pl.UInt64)
    high = pl.max_horizontal("row", "row_b").cast(pl.UInt64)
    return pairs.select((low * 2**32 + high).alias("pair"))["pair"]


def _across(pairs: pl.Series, side: pl.Series | None) -> pl.Series:
    if side is None or pairs.is_empty():
        return pairs
    left = side.gather((pairs // 2**32).cast(pl.UInt32))
    right = side.gather((pairs % 2**32).cast(pl.UInt32))
    return pairs.filter(left != right)
