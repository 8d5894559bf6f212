"""What whole numbers tell of pairs before their texts are compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.dedupe.loops import LEAST_PAIRS

__all__ = ["Look", "checks_of", "look_at", "look_by_arrays", "look_by_loops"]


@dataclass(frozen=True, slots=True)
class Look:
    """One glance, ready to be had.

    Attributes:
        ids: Value of each record, -1 where nothing is known.
        codes: Number of each text looked at, (values, columns), 0 where there is none.
        rarity: Bits that agreeing on a value counts beyond `weights`; empty if none are rare.
        checks: Number of the check, and the two columns it compares, (comparisons, 3), in order.
        weights: Greatest weight of each check, and the one if none holds.
        floors: Least that a check with a rare value counts; NaN where rarity does not matter.
        reached: Level of each check, and the one if none holds.
    """

    ids: NDArray[np.int32]
    codes: NDArray[np.uint32]
    rarity: NDArray[np.float32]
    checks: NDArray[np.int64]
    weights: NDArray[np.float32]
    floors: NDArray[np.float32]
    reached: NDArray[np.int8]


def look_at(pairs: pl.DataFrame, looks: Mapping[str, Look], least: float) -> pl.DataFrame:
    """Return the pairs whose greatest weights together are at least `least`.

    Args:
        pairs: Rows `a`, `b`.
        looks: Evidence → how it is looked at.
        least: Sum of weights.

    Returns:
        `a`, `b`, and for each piece of evidence `…<`, its greatest weight (0 where it is unknown),
        and `…^`, the number of the best level possible (null where it is unknown).
    """
    a, b = (np.ascontiguousarray(pairs[side].rechunk().to_numpy()) for side in ("a", "b"))
    found = look_by_loops(a, b, looks) if len(a) >= LEAST_PAIRS else look_by_arrays(a, b, looks)
    bounds, levels = found
    kept = np.flatnonzero(bounds.sum(axis=0) >= least)
    columns = [pl.Series("a", a[kept]), pl.Series("b", b[kept])]
    for at, evidence in enumerate(looks):
        columns.append(pl.Series(f"{evidence}<", bounds[at][kept]))
        columns.append(pl.Series(f"{evidence}^", levels[at][kept]))
    reached = pl.col([f"{evidence}^" for evidence in looks])
    return pl.DataFrame(columns).with_columns(pl.when(reached >= 0).then(reached).name.keep())


def checks_of(columns: Sequence[str], checks: Sequence[Sequence[str]]) -> NDArray[np.int64]:
    """Return `Look.checks` of checks that name columns."""
    place = {column: at for at, column in enumerate(columns)}
    found = []
    for number, check in enumerate(checks):
        for pair in check:
            left, _, right = pair.partition("/")
            found.append((number, place[left], place[right or left]))
    return np.array(found, np.int64)


Found = tuple[NDArray[np.float32], NDArray[np.int8]]
"""Greatest weights and best levels, (looks, pairs)."""


def look_by_loops(a: NDArray[np.uint32], b: NDArray[np.uint32], looks: Mapping[str, Look]) -> Found:
    """Look at many pairs."""
    from crmmigrate.dedupe.loops.glance import look as fill_in

    bounds = np.zeros((len(looks), len(a)), np.float32)
    levels = np.zeros((len(looks), len(a)), np.int8)
    for at, look in enumerate(looks.values()):
        fill_in(
            a, b, look.ids, look.codes, look.rarity, look.checks, look.weights, look.floors,
            look.reached, bounds[at], levels[at],
        )  # fmt: skip
    return bounds, levels


def look_by_arrays(
    a: NDArray[np.uint32], b: NDArray[np.uint32], looks: Mapping[str, Look]
) -> Found:
    """Look at few pairs; the reference of the loop."""
    bounds = np.zeros((len(looks), len(a)), np.float32)
    levels = np.full((len(looks), len(a)), -1, np.int8)
    for at, look in enumerate(looks.values()):
        first = look.checks[0, 1]
        one, other = look.ids[a], look.ids[b]
        known = (one >= 0) & (other >= 0)
        known &= (look.codes[one, first] != 0) & (look.codes[other, first] != 0)
        holds = np.full(len(a), len(look.weights) - 1)
        for number, left, right in look.checks[::-1]:
            code = look.codes[one, left]
            holds[(code != 0) & (code == look.codes[other, right])] = number
        weights, floors = look.weights[holds], look.floors[holds]
        if len(look.rarity):
            rare = np.fmax(look.rarity[one] + weights, floors)
            weights = np.where(np.isnan(floors), weights, rare)
        bounds[at] = np.where(known, weights, np.float32(0.0))
        levels[at] = np.where(known, look.reached[holds], np.int8(-1))
    return bounds, levels
