"""Bring candidate pairs together: equi-joins on hashed keys, oversized blocks refined."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from crmmigrate.dedupe.evidence import Encoded
from crmmigrate.dedupe.keys import key_frame, mixed, part_hashes
from crmmigrate.dedupe.loops import LEAST_PAIRS
from crmmigrate.model.matching import MatchRules

__all__ = ["Candidates", "across", "all_pairs", "candidate_pairs", "packed_pairs", "unpacked"]

_WINDOW = 3
"""Neighbours that a record of an oversized block is paired with; one where there are many."""
_PAIRS_PER_RECORD = 0.3
"""Pairs a record that one key may give; its larger blocks are refined beyond that."""
_REFINED_PER_RECORD = 0.1
"""Pairs a record that one refinement of a key may give beyond that."""
_PAIRS_ALWAYS = 50_000
"""Pairs that a key may give however few the records are."""


@dataclass(frozen=True)
class Candidates:
    """Pairs worth comparing.

    Attributes:
        pairs: Packed pairs of row numbers (UInt64, the smaller in the high half), sorted, unique.
        by_key: Blocking key → pairs it gave, before those of other keys are removed.
    """

    pairs: pl.Series
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
        found = [across(p, side) for p in _block(keyed, refine, rules.block_size)]
        packed.append(_unique(found))
        by_key[key.name] = len(packed[-1])
    return Candidates(_unique(packed), by_key)


def _unique(pairs: Sequence[pl.Series]) -> pl.Series:
    """Return all distinct packed pairs, sorted."""
    if not pairs:
        return pl.Series("pair", [], dtype=pl.UInt64)
    every = np.sort(pl.concat(pairs).to_numpy())
    first = np.ones(len(every), np.bool_)
    first[1:] = every[1:] != every[:-1]
    return pl.Series("pair", every[first])


def all_pairs(labels: pl.Series, most: int) -> pl.Series:
    """Return the packed pairs of records with the same label, for labels of at most `most` records."""
    rows = pl.DataFrame([labels.cast(pl.UInt64).alias("key") * 2**32, pl.int_range(len(labels), dtype=pl.UInt32, eager=True).alias("row")])  # fmt: skip
    found = list(_paired(_runs(rows), most))
    return pl.concat(found) if found else pl.Series("pair", [], dtype=pl.UInt64)


def unpacked(pairs: pl.Series) -> pl.DataFrame:
    """Return `a` and `b` (UInt32) of packed pairs."""
    return pl.DataFrame([pairs.alias("pair")]).select(
        a=(pl.col("pair") // 2**32).cast(pl.UInt32), b=(pl.col("pair") % 2**32).cast(pl.UInt32)
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
    return pl.DataFrame([*hashes.select(scalar), order])


def _order(encoded: Mapping[str, Encoded]) -> pl.Series:
    """Place of every record in the order of its first feature that is ordered by words."""
    height = next(iter(encoded.values())).ids.len()
    rows = pl.int_range(height, dtype=pl.UInt32, eager=True)
    for one in encoded.values():
        if "sorted" in one.values.columns:
            rank = one.values["sorted"].rank("dense").cast(pl.UInt64) * 2**32
            places = (rank.gather(one.ids).fill_null(0) + rows).to_numpy().argsort()
            order = np.empty(height, np.uint32)
            order[places] = np.arange(height, dtype=np.uint32)
            return pl.Series("_order", order)
    return rows.alias("_order")


def _block(keyed: pl.DataFrame, refine: pl.DataFrame, size: int) -> Iterator[pl.Series]:
    pairs, large = _small_blocks(keyed, size, _PAIRS_PER_RECORD * refine.height)
    yield pairs
    if large.height == 0:
        return
    for part in [c for c in refine.columns if c != "_order"]:
        finer = large.with_columns(part=refine[part].gather(large["row"])).drop_nulls("part")
        finer = finer.select(mixed("key", "part").alias("key"), "row")
        yield _small_blocks(finer, size, _REFINED_PER_RECORD * refine.height)[0]
    yield _neighbours(large.with_columns(_order=refine["_order"].gather(large["row"])))


def _small_blocks(keyed: pl.DataFrame, size: int, pairs: float) -> tuple[pl.Series, pl.DataFrame]:
    """Return the pairs of blocks that can be compared whole, and `key`, `row` of the others."""
    budget = max(pairs, _PAIRS_ALWAYS)
    if keyed.height >= LEAST_PAIRS:
        from crmmigrate.dedupe.loops.blocks import pair_blocks

        return pair_blocks(keyed, size, budget)
    blocks = _runs(keyed)
    most = _affordable(blocks["n"], size, budget)
    large = blocks.filter(pl.col("n") > most).select("key", "row")
    found = list(_paired(blocks, most))
    return pl.concat(found) if found else pl.Series("pair", [], dtype=pl.UInt64), large


def _runs(keyed: pl.DataFrame) -> pl.DataFrame:
    """Return the records of blocks of two and more, block by block.

    Adds `n`, the size of the block, and `left`, how many of its records come behind this one.
    """
    half = 2**32
    packed = keyed.select(pl.col("key") // half * half + pl.col("row")).to_series().sort()
    ordered = pl.DataFrame([packed.alias("packed")]).select(
        key=(pl.col("packed") // half).cast(pl.UInt32),
        row=(pl.col("packed") % half).cast(pl.UInt32),
    )
    beside = (pl.col("key") == pl.col("key").shift()) | (pl.col("key") == pl.col("key").shift(-1))
    ordered = ordered.filter(beside)
    sizes = ordered["key"].rle().struct.field("len")
    runs = pl.DataFrame([sizes.alias("n"), sizes.cum_sum().alias("end")])
    repeated = runs.select(pl.all().repeat_by("n").explode())
    at = pl.int_range(1, ordered.height + 1, dtype=pl.UInt32, eager=True)
    return ordered.hstack([repeated["n"], (repeated["end"].cast(pl.UInt32) - at).alias("left")])


def _affordable(sizes: pl.Series, size: int, budget: float) -> int:
    """Return the largest block that is compared whole, so that pairs grow with the records only.

    Args:
        sizes: Size of the block of every record.
        size: Most records that any block may have.
        budget: Pairs that the key may give.
    """
    counts = sizes.value_counts(name="records").sort("n").with_columns(
        (pl.col("records").cast(pl.Int64) * (pl.col("n").cast(pl.Int64) - 1) // 2).cum_sum().alias("pairs")
    )  # fmt: skip
    fitting = counts.filter((pl.col("pairs") <= budget) & (pl.col("n") <= size))
    return int(fitting["n"].max() or 1)  # type: ignore[arg-type]


def _paired(blocks: pl.DataFrame, most: int) -> Iterator[pl.Series]:
    """All pairs of each block of at most so many records: every record with those behind it."""
    small = blocks.filter(pl.col("n") <= most)
    rows, left = small["row"], small["left"]
    at = pl.int_range(small.height, dtype=pl.UInt32, eager=True)
    for step in range(1, most):
        at = at.filter(left.gather(at) >= step)
        if at.is_empty():
            return
        yield packed_pairs(rows.gather(at), rows.gather(at + step))


def _neighbours(blocks: pl.DataFrame) -> pl.Series:
    """Pairs of near neighbours within each block, in the order of their texts."""
    half = np.uint64(2**32)
    keys, order = (blocks[c].cast(pl.UInt64).to_numpy() for c in ("key", "_order"))
    row = np.empty(int(order.max()) + 1, np.uint64)
    row[order] = blocks["row"].to_numpy()
    packed = np.sort(keys * half + order)
    keys, rows = packed // half, row[packed % half]
    found = []
    window = _WINDOW if blocks.height * _WINDOW <= 2 * _PAIRS_ALWAYS else 1
    for step in range(1, window + 1):
        one, other = rows[:-step], rows[step:]
        near = (keys[:-step] == keys[step:]) & (one != other)
        one, other = one[near], other[near]
        found.append(np.minimum(one, other) * half + np.maximum(one, other))
    return pl.Series("pair", np.concatenate(found))


def packed_pairs(one: pl.Series, other: pl.Series) -> pl.Series:
    """Return each pair of row numbers as one number, the smaller row in the high half."""
    rows = pl.DataFrame([one.alias("one"), other.alias("other")])
    low = pl.min_horizontal("one", "other").cast(pl.UInt64)
    high = pl.max_horizontal("one", "other").cast(pl.UInt64)
    return rows.filter(pl.col("one") != pl.col("other")).select((low * 2**32 + high).alias("pair"))[
        "pair"
    ]


def across(pairs: pl.Series, side: pl.Series | None) -> pl.Series:
    """Return the packed pairs whose records have different sides; all if there are none."""
    if side is None or pairs.is_empty():
        return pairs
    left = side.gather((pairs // 2**32).cast(pl.UInt32))
    right = side.gather((pairs % 2**32).cast(pl.UInt32))
    return pairs.filter(left != right)
