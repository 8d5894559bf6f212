"""Choose records at random, the same ones every time: those whose hashed keys are the least."""

import hashlib
import math

import polars as pl

from crmmigrate.store.artifacts import parts
from crmmigrate.store.workspace import Run

__all__ = ["sample_keys", "share_at_most"]

_DOUBT = 0.05
_HALVINGS = 40
_CHOSEN = pl.Schema({"golden_key": pl.String, "hash": pl.UInt64})


def sample_keys(run: Run, object_: str, size: int) -> tuple[pl.Series, int]:
    """Return golden keys of so many records of an object, and how many records there are.

    Each record is as likely as any other; the same run gives the same sample.

    Memory: the sample and the keys of one part.
    """
    seed = int.from_bytes(hashlib.sha256(f"{run.id} {object_}".encode()).digest()[:8])
    chosen, total = _CHOSEN.to_frame(), 0
    for part in parts(run.dir, "validate", object_, "rows", ["_key"]):
        keys = part.select(golden_key="_key").with_columns(hash=pl.col("golden_key").hash(seed))
        total += part.height
        chosen = pl.concat([chosen, keys]).bottom_k(size, by="hash")
    return chosen["golden_key"], total


def share_at_most(found: int, size: int) -> float:
    """Return the share of all records below which the true one lies in 95 of 100 samples.

    The upper limit of Clopper and Pearson for `found` cases in a sample of `size`.
    """
    if found >= size:
        return 1.0
    low, high = max(found / size, 1e-12), 1.0 - 1e-12
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _chance_of_so_few(found, size, middle) > _DOUBT:
            low = middle
        else:
            high = middle
    return high


def _chance_of_so_few(found: int, size: int, share: float) -> float:
    """Return how likely a sample has at most `found` cases, by the binomial distribution."""
    yes, no = math.log(share), math.log1p(-share)
    ways = (
        math.lgamma(size + 1) - math.lgamma(i + 1) - math.lgamma(size - i + 1)
        for i in range(found + 1)
    )
    return sum(math.exp(w + i * yes + (size - i) * no) for i, w in enumerate(ways))
