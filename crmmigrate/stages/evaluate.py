"""Measure the duplicates of a run or of a file: expected, against truth, from a judged sample."""

import itertools
import random
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from crmmigrate.adapters.base import EXCLUDED, REJECTED
from crmmigrate.adapters.registry import open_file
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.dedupe.measures import (
    Agreement,
    Estimate,
    against_truth,
    expected,
    from_sample,
)
from crmmigrate.errors import UsageError
from crmmigrate.model.columns import blank_to_null, text_of
from crmmigrate.model.decisions import DECIDED
from crmmigrate.model.matching import Judgement

__all__ = ["TruthReport", "evaluate_sample", "evaluate_truth", "expect", "sample_pairs"]

_EDGES = (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.01)
"""Probabilities between which a stratum of pairs lies."""
_LARGEST = 50
"""Largest entity or cluster whose pairs are counted by kind of error."""
_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class TruthReport:
    """Clusters against truth.

    Attributes:
        records: Records whose entity is known.
        unknown: Records of the clusters of which the truth says nothing.
        agreement: Precision and recall.
        missed: Why true pairs are apart → how many.
        wrong: By which evidence false pairs are together → how many.
        examples: Some pairs of keys for each of them.
    """

    records: int
    unknown: int
    agreement: Agreement
    missed: dict[str, int] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


def evaluate_truth(clusters: pl.DataFrame, pairs: pl.DataFrame, truth: Path) -> TruthReport:
    """Compare clusters with a file that tells the entity of each record.

    Args:
        clusters: `_key` and `cluster_id`.
        pairs: `key_a`, `key_b`, `judgement`, `veto`, and what matching told of them.
        truth: Table with the columns key and entity (or entity_id, cluster_id), or key_a and key_b
            (pairs that are one).

    Raises:
        UsageError: the file has other columns, or none of its keys is in the clusters.
    """
    entities = _entities(truth, clusters["_key"])
    found = clusters.select("_key", "cluster_id").join(entities, on="_key")
    if found.is_empty():
        raise UsageError(
            "no key of this file is in the clusters",
            where=str(truth),
            hint=f"keys look like '{clusters['_key'][0]}'" if clusters.height else None,
        )
    missed = _pairs_within(found, "entity", "cluster_id")
    wrong = _pairs_within(found, "cluster_id", "entity")
    told = pl.concat(
        [pairs, pairs.rename({"key_a": "key_b", "key_b": "key_a"}).select(pairs.columns)]
    )
    missed = missed.join(told, on=["key_a", "key_b"], how="left").with_columns(_why_apart())
    wrong = wrong.join(told, on=["key_a", "key_b"], how="left").with_columns(_why_together())
    return TruthReport(
        records=found.height,
        unknown=clusters.height - found.height,
        agreement=against_truth(found),
        missed=_counts(missed),
        wrong=_counts(wrong),
        examples=_examples(missed) | _examples(wrong),
    )


def _entities(path: Path, keys: pl.Series) -> pl.DataFrame:
    """Return `_key` and `entity` that the file tells."""
    table = _table(path)
    name = next((c for c in ("entity", "entity_id", "cluster_id") if c in table.columns), None)
    key = next((c for c in ("key", "_key", "id") if c in table.columns), None)
    if name and key:
        return table.select(pl.col(key).alias("_key"), pl.col(name).alias("entity")).drop_nulls()
    for a, b in (("key_a", "key_b"), ("id_a", "id_b")):
        if a in table.columns and b in table.columns:
            return _joined(table.select(pl.col(a).alias("a"), pl.col(b).alias("b")), keys)
    raise UsageError(
        "the columns key and entity, or key_a and key_b, are missing",
        where=str(path),
        hint=f"the file has: {', '.join(table.columns[:8])}",
    )


def _joined(pairs: pl.DataFrame, keys: pl.Series) -> pl.DataFrame:
    """Return every record with the smallest key it is connected to."""
    from crmmigrate.dedupe.cluster import components

    rows = pl.DataFrame({"key": keys}).with_row_index("row")
    both = pairs.join(rows, left_on="a", right_on="key").join(
        rows, left_on="b", right_on="key", suffix="_b"
    )
    edges = both.select(
        pl.col("row").cast(pl.UInt32).alias("a"), pl.col("row_b").cast(pl.UInt32).alias("b")
    )
    return pl.DataFrame({"_key": keys, "entity": components(edges, len(keys)).cast(pl.String)})


def _table(path: Path) -> pl.DataFrame:
    source = open_file(path)
    dataset = source.describe().datasets[0]
    names = [column.name for column in dataset.columns]
    frames = []
    for batch in source.read(dataset.name, names):
        frame = pl.DataFrame(batch)
        good = frame.filter(pl.col(REJECTED).is_null() & pl.col(EXCLUDED).is_null())
        frames.append(
            good.select(blank_to_null(text_of(c, good.schema[c])).alias(c) for c in names)
        )
    return pl.concat(frames) if frames else pl.DataFrame(schema=dict.fromkeys(names, pl.String))


def _pairs_within(found: pl.DataFrame, within: str, but: str) -> pl.DataFrame:
    """Return pairs of keys that have one column the same and the other not."""
    some = found.filter(
        (pl.len().over(within) <= _LARGEST) & (pl.col(but).n_unique().over(within) > 1)
    )
    some = some.select("_key", within, but)
    both = some.join(some, on=within, suffix="_b")
    apart = (pl.col("_key") < pl.col("_key_b")) & (pl.col(but) != pl.col(f"{but}_b"))
    return both.filter(apart).select(key_a="_key", key_b="_key_b")


def _why_apart() -> pl.Expr:
    return (
        pl.when(pl.col("judgement").is_null()).then(pl.lit("never compared, or far from a match"))
        .when(pl.col("veto").is_not_null()).then(pl.concat_str(pl.lit("veto "), "veto"))
        .when(pl.col("judgement") == Judgement.REVIEW.value).then(pl.lit("left for review"))
        .otherwise(pl.lit("evidence too weak")).alias("kind")
    )  # fmt: skip


def _why_together() -> pl.Expr:
    direct = pl.col("judgement").eq_missing(Judgement.MATCH.value)
    return (
        pl.when(direct).then(pl.lit("matched by their own evidence"))
        .otherwise(pl.lit("joined by way of other records")).alias("kind")
    )  # fmt: skip


def _counts(told: pl.DataFrame) -> dict[str, int]:
    counted = told.group_by("kind").len().sort("len", "kind", descending=[True, False])
    return dict(counted.iter_rows())


def _examples(told: pl.DataFrame) -> dict[str, list[tuple[str, str]]]:
    return {
        str(kind): list(part.select("key_a", "key_b").head(_EXAMPLES).iter_rows())
        for (kind,), part in told.partition_by("kind", as_dict=True).items()
    }


def expect(pairs: pl.DataFrame) -> tuple[float, float]:
    """Return the precision and recall that the probabilities of the pairs promise."""
    return expected(pairs.filter(pl.col("veto").is_null() | (pl.col("judgement") == "match")))


def sample_pairs(pairs: pl.DataFrame, count: int, seed: int = 1) -> pl.DataFrame:
    """Draw pairs of all probabilities to be judged, so that a few hundred tell of all.

    Args:
        pairs: `key_a`, `key_b`, `probability`, `judgement` and more.
        count: About how many.
        seed: Same seed, same sample.

    Returns:
        The drawn rows, with `stratum`, `stratum_size` and `matched` (yes or no).
    """
    rng = random.Random(seed)  # noqa: S311 - a sample, no secret
    edges = list(itertools.pairwise(_EDGES))
    chance = pl.col("probability")
    strata = [pairs.filter((chance >= low) & (chance < high)) for low, high in edges]
    strata = [part for part in strata if part.height]
    drawn = []
    left, open_ = count, len(strata)
    for number, part in sorted(enumerate(strata), key=lambda one: one[1].height):
        size = min(part.height, max(1, left // open_))
        left, open_ = left - size, open_ - 1
        rows = sorted(rng.sample(range(part.height), size))
        drawn.append(part[rows].with_columns(
            pl.lit(number).alias("stratum"), pl.lit(part.height).alias("stratum_size"),
            pl.when(pl.col("judgement") == "match").then(pl.lit("yes")).otherwise(pl.lit("no")).alias("matched"),
        ))  # fmt: skip
    return pl.concat(drawn) if drawn else pairs.clear()


def evaluate_sample(path: Path) -> tuple[Estimate, Estimate, int]:
    """Return precision and recall, estimated from a judged sample, and how many pairs it has.

    Raises:
        UsageError: a column is missing, nothing is judged, or a judgement is none.
    """
    table = _table(path)
    for name in ("judgement", "matched", "stratum", "stratum_size"):
        if name not in table.columns:
            raise UsageError(
                f"the column {name} is missing",
                where=str(path),
                hint="fill in a file that `crmmigrate review --sample 200 -o` has written",
            )
    judged: dict[int, list[tuple[bool, bool]]] = defaultdict(list)
    sizes: dict[int, int] = {}
    for row in table.iter_rows(named=True):
        said = (row["judgement"] or "").strip().lower().replace(" ", "_")
        if said and said not in DECIDED:
            raise UsageError(
                f"'{row['judgement']}' is no judgement{did_you_mean(said, DECIDED)}",
                where=str(path),
            )
        if said:
            judged[int(row["stratum"])].append((row["matched"] == "yes", said == "match"))
        sizes[int(row["stratum"])] = int(row["stratum_size"])
    if not judged:
        raise UsageError("no row has a judgement", where=str(path))
    return (*from_sample(judged, sizes), sum(map(len, judged.values())))
