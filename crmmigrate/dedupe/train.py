"""Learn weights without labels: chance from random pairs, agreement of matches by EM."""

import dataclasses
import random
from collections.abc import Mapping, Sequence
from math import log2

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.dedupe.block import unpacked
from crmmigrate.dedupe.compare import compare_pairs
from crmmigrate.dedupe.evidence import Encoded, Level
from crmmigrate.dedupe.score import Weights, agrees_on, score_pairs
from crmmigrate.model.matching import MatchRules, Veto

__all__ = ["train"]

_RANDOM_PAIRS = 100_000
_SAMPLE = 150_000
_ROUNDS = 12
_BELIEF_RANDOM = 2_000
"""Pairs' worth of belief in the default chances."""
_LEAST = 0.1
"""Matches a record that are expected at least; who looks for duplicates has some."""
_PROVEN = 20
"""Least number of proven pairs that can discredit a veto."""
_LEFT = 0.3
"""Least part of the random pairs at a level that are taken for no matches."""
_BELIEF_MATCH = 30.0
"""Matches' worth of belief in the default shares."""


def train(
    encoded: Mapping[str, Encoded], pairs: pl.Series, rules: MatchRules, records: int,
    possible: float,
) -> Weights:  # fmt: skip
    """Return weights learnt from the candidates of this data and from random pairs.

    Args:
        encoded: All features.
        pairs: Packed candidate pairs; a sample of them is compared.
        rules: Match rules.
        records: Number of records.
        possible: Number of pairs that could be formed.
    """
    levels, counted = _chances(encoded, records)
    share = min(1.0, _SAMPLE / max(len(pairs), 1))
    drawn = pairs.sample(_SAMPLE, seed=5).sort() if share < 1 else pairs
    sample = compare_pairs(encoded, unpacked(drawn))
    expected = max(1.0, 0.1 * records)
    proven = {v.code: _proven(sample, levels, v, rules) for v in rules.vetoes}
    weights = Weights(levels, log2(expected / possible), _disbelieved(levels, rules, proven))
    places = {name: _places(sample, name) for name in levels}
    for _ in range(_ROUNDS):
        scored = score_pairs(sample, weights, encoded, rules)
        held = pl.when(pl.col("veto").is_null()).then("probability").otherwise(0.0)
        matches = scored.select(held).to_series().to_numpy()
        seen = float(matches.sum(dtype=np.float64)) / share
        expected = max(_LEAST * records, seen, 1.0)
        weights = Weights(
            {
                name: _apart(
                    _shares(places[name], matches, levels[name]), seen / possible, counted[name]
                )
                for name in levels
            },
            log2(min(0.5, expected / possible)),
        )
        weights = dataclasses.replace(
            weights, disbelieved=_disbelieved(weights.levels, rules, proven)
        )
    return dataclasses.replace(weights, notes={"expected_matches": expected})


def _proven(
    sample: pl.DataFrame, levels: Mapping[str, tuple[Level, ...]], veto: Veto, rules: MatchRules
) -> float | None:
    """Return the share of proven pairs that a veto speaks against; None if too few are proven."""
    if veto.trusted >= 1 or not set(veto.when) <= set(levels):
        return None
    proofs = [
        agrees_on({name: wanted}, levels)
        for name, wanted in rules.personal.items()
        if name in levels and name not in veto.when
    ]
    if len(proofs) < 2:
        return None
    known = pl.all_horizontal(pl.col(name).is_not_null() for name in veto.when)
    proven = sample.filter((pl.sum_horizontal(proofs) >= 2) & known)
    if proven.height < _PROVEN:
        return None
    return proven.filter(agrees_on(veto.when, levels)).height / proven.height


def _disbelieved(
    levels: Mapping[str, tuple[Level, ...]], rules: MatchRules, proven: Mapping[str, float | None]
) -> frozenset[str]:
    """Vetoes that too many matches of this very data would break."""
    found = set()
    for veto in rules.vetoes:
        if not set(veto.when) <= set(levels):
            continue
        share = proven[veto.code]
        if share is None:
            learnt = [
                sum(level.match for level in levels[name] if level.name in wanted)
                for name, wanted in veto.when.items()
            ]
            share = min(learnt)
        if share > veto.trusted:
            found.add(veto.code)
    return frozenset(found)


def _chances(
    encoded: Mapping[str, Encoded], records: int
) -> tuple[dict[str, tuple[Level, ...]], dict[str, list[float]]]:
    """Return the shares of random pairs at each level, and what of each is counted, not believed."""
    count = min(_RANDOM_PAIRS, records * (records - 1) // 2)
    pairs = _random_pairs(records, count)
    compared = compare_pairs(encoded, pairs)
    found, counted = {}, {}
    for one in encoded.values():
        for name, levels in one.evidence.items():
            known = compared[name].drop_nulls() if name in compared.columns else pl.Series([])
            counts = dict(known.value_counts().iter_rows()) if known.len() else {}
            total = known.len() + _BELIEF_RANDOM
            counted[name] = [counts.get(i, 0) / total for i in range(len(levels))]
            given = one.feature.shares.get(name, {})
            found[name] = tuple(
                dataclasses.replace(
                    level,
                    match=given.get(level.name, level.match),
                    random=(counts.get(i, 0) + _BELIEF_RANDOM * level.random) / total,
                )
                for i, level in enumerate(levels)
            )
    return found, counted


def _apart(levels: tuple[Level, ...], share: float, counted: Sequence[float]) -> tuple[Level, ...]:
    """Take the matches out of the random pairs, of which they are no small share if records are few.

    Args:
        levels: As learnt.
        share: Matches among all pairs.
        counted: What of the random pairs at each level is counted, not believed.
    """
    known = sum(counted)
    matches = [min(share * known * x.match, n) for x, n in zip(levels, counted, strict=True)]
    left = [max(1 - n / x.random, _LEFT) for x, n in zip(levels, matches, strict=True)]
    return tuple(
        dataclasses.replace(level, random=level.random * part, apart=part)
        for level, part in zip(levels, left, strict=True)
    )


def _random_pairs(records: int, count: int) -> pl.DataFrame:
    """Return at most so many pairs `a`, `b` of different rows, the same ones each time."""
    rng = random.Random(11)  # noqa: S311 - a sample, no secret
    drawn = np.zeros(0, np.int64)
    while len(drawn) < 2 * count:
        some = rng.getrandbits(32 * 4 * count).to_bytes(4 * 4 * count, "little")
        more = np.frombuffer(some, "<u4").astype(np.int64) >> 32 - records.bit_length()
        drawn = np.concatenate([drawn, more[more < records]])
    ends = {"a": drawn[:count], "b": drawn[count : 2 * count]}
    pairs = pl.DataFrame(ends, schema={"a": pl.UInt32, "b": pl.UInt32})
    return pairs.filter(pl.col("a") != pl.col("b"))


def _places(sample: pl.DataFrame, name: str) -> NDArray[np.int64]:
    """Return the level of each pair, counted from 1; 0 where it is unknown."""
    return sample[name].cast(pl.Int64).fill_null(-1).to_numpy() + 1


def _shares(
    places: NDArray[np.int64], matches: NDArray[np.float32], believed: tuple[Level, ...]
) -> tuple[Level, ...]:
    """Shares of matches at each level, drawn towards what is believed."""
    sums = np.bincount(places, matches, len(believed) + 1)[1:].tolist()
    total = sum(sums) + _BELIEF_MATCH
    return tuple(
        dataclasses.replace(level, match=(found + _BELIEF_MATCH * level.match) / total)
        for level, found in zip(believed, sums, strict=True)
    )
