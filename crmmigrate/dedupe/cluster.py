"""Group matching records: connected components, split where they do not hold together."""

import heapq
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import polars as pl

from crmmigrate.dedupe.loops import LEAST_PAIRS

__all__ = ["cluster_records", "components", "connect_by_expressions"]

_UNSEEN = -3.0
"""Score of two records of one component that no blocking key brought together."""
_CLIP = 12.0
_ORDER = 0.01
"""Of ties at the clip, the one with the higher score is the stronger by this share of it."""
_AGAINST = -18.0
"""Tie of two records with a veto between them: other members may overrule it."""
_FORBIDDEN = -1e9


def components(edges: pl.DataFrame, records: int) -> pl.Series:
    """Return the smallest row number that each record is connected to.

    Args:
        edges: UInt32 columns `a`, `b`.
        records: Number of records.
    """
    if records >= LEAST_PAIRS:
        from crmmigrate.dedupe.loops.groups import connect

        found = np.arange(records, dtype=np.uint32)
        connect(np.array(edges["a"], np.uint32), np.array(edges["b"], np.uint32), found)
        return pl.Series("label", found)
    return connect_by_expressions(edges, records)


def connect_by_expressions(edges: pl.DataFrame, records: int) -> pl.Series:
    """Connect few records; the reference of the loop."""
    labels = pl.int_range(records, dtype=pl.UInt32, eager=True).alias("label")
    both = pl.concat(
        [edges.select("a", "b"), edges.select(pl.col("b").alias("a"), pl.col("a").alias("b"))]
    )
    while both.height:
        nearest = (
            both.select("a", labels.gather(both["b"]).alias("n"))
            .group_by("a")
            .agg(pl.col("n").min())
        )
        reached = pl.DataFrame({"a": pl.int_range(records, dtype=pl.UInt32, eager=True), "label": labels}).join(
            nearest, on="a", how="left", maintain_order="left"
        ).select(pl.min_horizontal("label", "n").alias("label"))["label"]  # fmt: skip
        jumped = reached.gather(reached)
        if (jumped == labels).all():
            break
        labels = jumped.alias("label")
    return labels


def cluster_records(scored: pl.DataFrame, threshold: float, records: int) -> pl.Series:
    """Return a cluster label (smallest row number) for every record.

    Args:
        scored: `a`, `b`, `score`, `veto`, `must` (Boolean: a person said so), `hard` (the
            veto holds against all other evidence).
        threshold: Least score of a match.
        records: Number of records.
    """
    linked = pl.col("must") | (pl.col("veto").is_null() & (pl.col("score") >= threshold))
    edges = scored.filter(linked)
    labels = components(edges, records)
    inside = scored.select("a", "b", "score", "veto", "must", "hard").with_columns(
        labels.gather(scored["a"]).alias("la"), labels.gather(scored["b"]).alias("lb")
    ).filter(pl.col("la") == pl.col("lb"))  # fmt: skip
    sizes = labels.value_counts(name="size").rename({"label": "la"})
    good = (pl.col("score") >= threshold) & pl.col("veto").is_null() | pl.col("must")
    doubtful = (
        inside.group_by("la").agg(good.sum().alias("good"), pl.col("veto").is_not_null().any().alias("vetoed"))
        .join(sizes, on="la")
        .filter((pl.col("size") > 2) & ((pl.col("good") * 2 < pl.col("size") * (pl.col("size") - 1)) | pl.col("vetoed")))
    )  # fmt: skip
    if doubtful.height == 0:
        return labels
    rows = inside.filter(pl.col("la").is_in(doubtful["la"].implode())).with_columns(
        pl.when("must").then(1e6).when("hard").then(_FORBIDDEN)
        .when(pl.col("veto").is_not_null()).then(_AGAINST)
        .otherwise((pl.col("score") - threshold).clip(-_CLIP, _CLIP) + _ORDER * pl.col("score")).alias("tie")
    )  # fmt: skip
    moved = _agglomerated(rows.select("a", "b", "tie").iter_rows())
    changes = pl.DataFrame(
        {"row": list(moved), "new": list(moved.values())},
        schema={"row": pl.UInt32, "new": pl.UInt32},
    )
    return labels.clone().scatter(changes["row"], changes["new"])


def _agglomerated(ties: Iterable[tuple[int, int, float]]) -> dict[int, int]:
    """Merge the best-tied clusters first, while the mean tie between two stays in favour."""
    links: dict[int, dict[int, tuple[float, int]]] = defaultdict(dict)
    for a, b, tie in ties:
        links[a][b] = links[b][a] = (tie, 1)
    members = {node: [node] for node in links}
    heap = [
        (-tie, a, b, 1, 1)
        for a, near in links.items()
        for b, (tie, _) in near.items()
        if a < b and tie >= 0
    ]
    heapq.heapify(heap)
    while heap:
        _, a, b, size_a, size_b = heapq.heappop(heap)
        if (
            a not in members
            or b not in members
            or (len(members[a]), len(members[b])) != (size_a, size_b)
        ):
            continue
        if len(links[a]) < len(links[b]):
            a, b = b, a
        _absorb(a, b, links, members)
        for other, (total, seen) in links[a].items():
            mean = _mean(total, seen, len(members[a]) * len(members[other]))
            if mean >= 0:
                low, high = min(a, other), max(a, other)
                heapq.heappush(heap, (-mean, low, high, len(members[low]), len(members[high])))
    return {node: min(group) for group in members.values() for node in group}


def _absorb(
    a: int, b: int, links: dict[int, dict[int, tuple[float, int]]], members: dict[int, list[int]]
) -> None:
    members[a] += members.pop(b)
    for other, (total, seen) in links.pop(b).items():
        links[other].pop(b, None)
        if other == a:
            continue
        mine, count = links[a].get(other, (0.0, 0))
        links[a][other] = links[other][a] = (mine + total, count + seen)
    links[a].pop(b, None)


def _mean(total: float, seen: int, possible: int) -> float:
    return (total + _UNSEEN * (possible - seen)) / possible
