"""Name clusters, and choose the golden record of each."""

from hashlib import sha256

import numpy as np
import polars as pl

from crmmigrate.dedupe.loops import LEAST_PAIRS

__all__ = ["CLUSTERS", "name_clusters"]

CLUSTERS = pl.Schema({"_key": pl.String, "cluster_id": pl.String, "golden": pl.Boolean})
"""One row a record, in the order of the input; exactly one record of a cluster is golden."""


def name_clusters(frame: pl.DataFrame, labels: pl.Series) -> pl.DataFrame:
    """Name clusters after their smallest key, and choose the fullest record as golden.

    Args:
        frame: `_key` and the columns of every record.
        labels: Smallest row number of each record's cluster.

    Returns:
        Rows of CLUSTERS.
    """
    label = labels.to_numpy()
    firsts = np.flatnonzero(label == np.arange(len(label)))
    several = np.flatnonzero(np.bincount(label, minlength=len(label))[label] > 1)
    rows = pl.Series("row", several, dtype=pl.UInt32)
    best = _best(_fullness(frame)[rows].with_columns(rows, labels.gather(rows).alias("label")))
    names = frame["_key"].clone().scatter(best["label"], best["smallest"]).gather(firsts)
    place = np.cumsum(label == np.arange(len(label))) - 1
    golden = np.ones(len(label), np.bool_)
    golden[several] = False
    golden[best["golden"].to_numpy()] = True
    return pl.DataFrame([
        frame["_key"], _ids(names).gather(place[label]),
        pl.Series("golden", golden),
    ])  # fmt: skip


def _ids(names: pl.Series) -> pl.Series:
    """Return an id made of each name, the same one in every run."""
    if len(names) >= LEAST_PAIRS:
        from crmmigrate.compiled.columns import text_column, text_series
        from crmmigrate.compiled.digests import digest_texts

        column = text_column(names)
        ends = 16 * np.arange(len(names) + 1, dtype=np.int64)
        digits = text_series("cluster_id", digest_texts(column.data, column.offsets), ends)
        return digits.to_frame().select("c" + pl.col("cluster_id")).to_series().rename("cluster_id")
    ids = ["c" + sha256(key).hexdigest()[:16] for key in names.cast(pl.Binary).to_list()]
    return pl.Series("cluster_id", ids, dtype=pl.String)


def _fullness(frame: pl.DataFrame) -> pl.DataFrame:
    """Return `_key`, and how many columns are filled with how many characters."""
    shown = [pl.col(c).cast(pl.String) for c in frame.columns if not c.startswith("_")]
    filled = pl.sum_horizontal(c.is_not_null() & (c != "") for c in shown)
    length = pl.sum_horizontal(c.str.len_chars() for c in shown)
    return frame.select("_key", filled=filled, length=length)


def _best(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `label`, `smallest` key and `golden` row of clusters, of all rows of these."""
    return rows.group_by("label").agg(
        pl.col("_key").min().alias("smallest"),
        pl.col("row").sort_by("filled", "length", "_key", descending=[True, True, False])
        .first().alias("golden"),
    )  # fmt: skip
