"""What sets of words share, weighed in one loop over pairs.

The sums are those of `crmmigrate.dedupe.words.overlap`, the reference.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, text_column
from crmmigrate.compiled.compiler import compiled, inner
from crmmigrate.dedupe.evidence import Encoded
from crmmigrate.dedupe.loops.letters import LONGEST, ROOM, measure_ratio, measure_winkler
from crmmigrate.dedupe.loops.results import NOT_PLAIN, UNKNOWN, Codes, pair_codes, prepared

__all__ = ["overlap_words"]

_MOST = 64
"""Pairs of words that slips are looked for among."""
_SLOTS = 1 << 18
_ALPHA, _LONG = 1, 2


@dataclass(frozen=True, slots=True)
class _Words:
    """Sets of words as arrays.

    Attributes:
        sets: Set of each value, -1 without words.
        firsts: Number of the first word of each set.
        words: Words of the sets, by their number.
        totals: Weight of each set.
        data: Bytes of all words.
        offsets: Where each begins.
        weights: Of each word.
        kinds: Of each word: `_ALPHA` for four letters and more, `_LONG` for what is not measured.
    """

    sets: Codes
    firsts: NDArray[np.int64]
    words: Codes
    totals: NDArray[np.float32]
    data: Bytes
    offsets: Offsets
    weights: NDArray[np.float32]
    kinds: NDArray[np.int8]


def _words(encoded: Encoded) -> _Words:
    sets, weights = encoded.tables["sets"], encoded.tables["weights"]
    places = pl.DataFrame({"word": sets["words"].explode()}).join(
        weights.select("word", pl.int_range(pl.len(), dtype=pl.Int32).alias("at")),
        on="word", how="left", maintain_order="left",
    )  # fmt: skip
    text = text_column(weights["word"])
    alpha = weights["word"].str.contains(r"^[a-z]{4,}$")
    long = weights["word"].str.len_bytes() > LONGEST
    kinds = alpha.cast(pl.Int8) * _ALPHA + (alpha & long).cast(pl.Int8) * _LONG
    sizes = sets["words"].list.len().to_numpy()
    return _Words(
        (encoded.values["set"].cast(pl.Int32) - 1).fill_null(UNKNOWN).to_numpy().copy(),
        np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)]),
        places["at"].to_numpy().copy(), np.array(sets["total"], np.float32), text.data,
        text.offsets, np.array(weights["weight"], np.float32), np.array(kinds, np.int8),
    )  # fmt: skip


def overlap_words(
    encoded: Encoded, pairs: pl.DataFrame
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return what pairs of values share, what only the one, and only the other has, (3, pairs).

    Returns also which pairs are left to the reference.
    """
    known = prepared(encoded, _words)
    one, other = pair_codes(pairs)
    found = np.empty((3, len(one)), np.float32)
    keys, sums = np.full(_SLOTS, -1, np.int64), np.empty((3, _SLOTS), np.float32)
    _overlap(
        known.sets[one], known.sets[other], known.firsts, known.words, known.totals, known.data,
        known.offsets, known.weights, known.kinds, keys, sums, found,
    )  # fmt: skip
    return found, found[0] == NOT_PLAIN


@compiled
def _overlap(
    one: Codes, other: Codes, firsts: NDArray[np.int64], words: Codes,
    totals: NDArray[np.float32], data: Bytes, offsets: Offsets, weights: NDArray[np.float32],
    kinds: NDArray[np.int8], keys: NDArray[np.int64], sums: NDArray[np.float32],
    found: NDArray[np.float32],
) -> None:  # fmt: skip
    room, ratios = np.empty(ROOM, np.int32), np.empty(_MOST, np.float32)
    rest, sides = np.empty((2, _MOST), np.int32), np.empty(2, np.int64)
    for pair in range(len(one)):
        x, y = one[pair], other[pair]
        found[0, pair], found[1, pair], found[2, pair] = 0.0, 0.0, 0.0
        if x < 0 or y < 0:
            continue
        if x == y:
            found[0, pair] = totals[x]
            continue
        key = np.int64(x) << 32 | np.int64(y)
        slot = (key * 0x9E3779B97F4A7C1 >> 20) & (_SLOTS - 1)
        if keys[slot] != key:
            keys[slot] = key
            for side in range(3):
                sums[side, slot] = 0.0
            if firsts[x + 1] - firsts[x] > _MOST or firsts[y + 1] - firsts[y] > _MOST:
                sums[0, slot] = NOT_PLAIN
            else:
                _split(x, y, firsts, words, weights, rest, sides, sums, slot)
                if 0 < sides[0] * sides[1] <= _MOST:
                    _match_slips(
                        data, offsets, weights, kinds, rest, sides, ratios, room, sums, slot
                    )
                _add_rest(rest, sides, weights, sums, slot)
        for side in range(3):
            found[side, pair] = sums[side, slot]


@inner
def _split(
    x: int, y: int, firsts: NDArray[np.int64], words: Codes, weights: NDArray[np.float32],
    rest: NDArray[np.int32], sides: NDArray[np.int64], sums: NDArray[np.float32], slot: np.int64,
) -> None:  # fmt: skip
    """Add up the words of both sets, and list those of one only."""
    sides[0], sides[1] = 0, 0
    for turn in range(2):
        mine, its = (x, y) if turn == 0 else (y, x)
        for at in range(firsts[mine], firsts[mine + 1]):
            both = False
            for there in range(firsts[its], firsts[its + 1]):
                both = both or words[at] == words[there]
            if not both:
                rest[turn, sides[turn]] = words[at]
                sides[turn] += 1
            elif turn == 0:
                sums[0, slot] += weights[words[at]]


@inner
def _match_slips(
    data: Bytes, offsets: Offsets, weights: NDArray[np.float32], kinds: NDArray[np.int8],
    rest: NDArray[np.int32], sides: NDArray[np.int64], ratios: NDArray[np.float32],
    room: NDArray[np.int32], sums: NDArray[np.float32], slot: np.int64,
) -> None:  # fmt: skip
    """Take words that differ by a slip for shared, the most alike first, and off the lists.

    Each word of the first set has its most alike one of the other; of those that want one and the
    same word, the most alike gets it.
    """
    slipped = np.float32(0.0)
    for at in range(sides[0]):
        best, chosen = np.float32(0.0), -1
        for there in range(sides[1]):
            ratio = _slip(data, offsets, kinds, rest[0, at], rest[1, there], room)
            if ratio == NOT_PLAIN:
                sums[0, slot] = NOT_PLAIN
                return
            if ratio > best:
                best, chosen = ratio, there
        ratios[at], room[ROOM - 1 - at] = best, chosen
    for at in range(sides[0]):
        chosen = room[ROOM - 1 - at]
        for there in range(sides[0]):
            rival = chosen >= 0 and room[ROOM - 1 - there] == chosen
            if rival and (
                ratios[there] > ratios[at] or (ratios[there] == ratios[at] and there < at)
            ):
                chosen = -1
        if chosen >= 0:
            slipped += weights[rest[0, at]]
            rest[1, chosen] = -1 - rest[1, chosen]
            rest[0, at] = -1 - rest[0, at]
    sums[0, slot] += np.float32(0.8) * slipped


@inner
def _slip(
    data: Bytes, offsets: Offsets, kinds: NDArray[np.int8], x: int, y: int, room: NDArray[np.int32]
) -> np.float32:
    """Return how alike two words are that differ by a slip, else 0."""
    if kinds[x] == 0 or kinds[y] == 0:
        return np.float32(0.0)
    if kinds[x] & _LONG or kinds[y] & _LONG:
        return np.float32(NOT_PLAIN)
    a, behind_a, b, behind_b = offsets[x], offsets[x + 1], offsets[y], offsets[y + 1]
    near = data[a] == data[b]
    if not near:
        for at in range(1, 4):
            if data[behind_a - at] != data[behind_b - at]:
                return np.float32(0.0)
    if measure_winkler(data, a, behind_a, b, behind_b) < np.float32(0.88):
        return np.float32(0.0)
    ratio = measure_ratio(data, a, behind_a, b, behind_b, room)
    return ratio if ratio >= np.float32(80.0) else np.float32(0.0)


@inner
def _add_rest(
    rest: NDArray[np.int32], sides: NDArray[np.int64], weights: NDArray[np.float32],
    sums: NDArray[np.float32], slot: np.int64,
) -> None:  # fmt: skip
    for side in range(2):
        for at in range(sides[side]):
            if rest[side, at] >= 0:
                sums[1 + side, slot] += weights[rest[side, at]]
