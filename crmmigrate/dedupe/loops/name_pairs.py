"""Names of persons compared by one loop over pairs.

The levels are those of `crmmigrate.dedupe.name_pairs`, the reference.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, text_column
from crmmigrate.compiled.compiler import compiled, inner
from crmmigrate.compiled.cutting import cut_texts
from crmmigrate.dedupe.evidence import Encoded
from crmmigrate.dedupe.fold import squash
from crmmigrate.dedupe.loops.letters import LONGEST, ROOM, same_bytes
from crmmigrate.dedupe.loops.name_words import (
    ENDINGS,
    MOST,
    WHOLE,
    compare_several,
    is_gendered,
    judge_spellings,
)
from crmmigrate.dedupe.loops.results import (
    NOT_PLAIN,
    UNKNOWN,
    Codes,
    chances,
    levels,
    numbered,
    pair_codes,
    prepared,
)
from crmmigrate.dedupe.name_words import name_particles

__all__ = ["compare_names"]

_SIMILAR, _CLASH, _MANGLED, _INITIAL, _TYPO, _NICKNAME, _PARTIAL, _EXACT = range(1, 9)
_F_SIMILAR, _F_MANGLED, _F_TYPO, _F_PARTIAL, _F_EXACT = range(1, 6)
_SLOTS = 1 << 20
"""Pairs of texts whose level is remembered."""
_WORDS = 64
"""Names of more words have none here; they are not plain."""
_SQUASHED, _NICK, _SOUND, _SOUND_LETTERS, _FIRST_LETTERS, _HOLDERS, _PLAIN = range(7)
_GIVEN, _FAMILY, _SORTED, _JOINED, _SUFFIX, _FOREIGN = range(6)


@dataclass(frozen=True, slots=True)
class _Names:
    """Names as arrays.

    Attributes:
        codes: Numbers of each value, (values, 6), see `_GIVEN` and so on.
        chance: Chances of given and family name, (values, 2).
        families: Number of the first text of a family name.
        data: Bytes of all texts, given names first.
        offsets: Where each begins.
        facts: Numbers of each text, (texts, 7), see `_SQUASHED` and so on.
        firsts: Number of the first word of the whole name of each value.
        words: Words of whole names, in order of the alphabet; -1 for a single letter.
    """

    codes: NDArray[np.int32]
    chance: NDArray[np.float32]
    families: int
    data: Bytes
    offsets: Offsets
    facts: NDArray[np.int64]
    firsts: NDArray[np.int64]
    words: Codes


def _names(encoded: Encoded) -> _Names:
    values, tables = encoded.values, encoded.tables
    every = pl.concat([tables["given"], tables["family"]])
    begin = {"given": 0, "family": tables["given"].height}
    places = [values[f"{r}_code"].cast(pl.Int32) - 1 + begin[r] for r in ("given", "family")]
    others = [values[f"{c}_code"].cast(pl.Int32) for c in ("sorted", "joined", "suffix")]
    sides = [*places, *others, values["foreign"].cast(pl.Int32)]
    codes = np.stack([s.fill_null(UNKNOWN).to_numpy() for s in sides], axis=1)
    chance = np.stack(
        [values[c].fill_null(float("nan")).to_numpy() for c in ("given~", "family~")], axis=1
    )
    text = text_column(every["text"])
    cut = cut_texts(values["sorted"].fill_null(""), _WORDS)
    single = (cut.distinct.str.len_bytes() < 2).to_numpy()
    numbers = np.zeros((every.height, 7), np.int64)
    squashed = every.select(squash(pl.col("text"))).to_series()
    for at, texts in ((_SQUASHED, squashed), (_NICK, every["nick"]), (_SOUND, every["sound"])):
        numbers[:, at] = numbered(texts)
    lengths = ((_SOUND_LETTERS, "sound"), (_FIRST_LETTERS, "first"))
    for at, column in lengths:
        numbers[:, at] = every[column].str.len_bytes()
    numbers[:, _HOLDERS] = every["holders"]
    numbers[:, _PLAIN] = every["text"].str.len_bytes() <= LONGEST
    return _Names(
        np.ascontiguousarray(codes, np.int32), np.ascontiguousarray(chance, np.float32),
        begin["family"], text.data, text.offsets, numbers, cut.firsts,
        np.where(single[cut.codes], np.int32(UNKNOWN), cut.codes),
    )  # fmt: skip


def compare_names(encoded: Encoded, pairs: pl.DataFrame) -> tuple[pl.DataFrame, NDArray[np.bool_]]:
    """Return what the reference does, and which pairs are left to it."""
    name, known = encoded.feature.name, prepared(encoded, _names)
    one, other = pair_codes(pairs)
    memory = prepared(encoded, _memory)
    straight, crossed = np.empty((2, len(one)), np.int8), np.empty((2, len(one)), np.int8)
    a, b = known.codes[one], known.codes[other]
    for role in range(2):
        straight[role] = _levels(known, a[:, role], b[:, role], memory)
    poor = np.flatnonzero(
        (straight[0] >= 0) & (straight[0] < _TYPO)
        & (straight[1] < _F_TYPO) & (straight[1] != NOT_PLAIN)
    )  # fmt: skip
    for role in range(2):
        crossed[role, poor] = _levels(known, a[poor, role], b[poor, 1 - role], memory)
    found, chance = np.empty((3, len(one)), np.int8), np.empty((2, len(one)), np.float32)
    _settle(
        one, other, known.codes, known.chance, known.firsts, known.words, straight, crossed, found,
        chance,
    )  # fmt: skip
    columns = [pairs["va"], pairs["vb"]]
    for place, part in enumerate(("given", "family", "suffix")):
        columns.append(levels(f"{name}.{part}", found[place]))
        if part != "suffix":
            columns.append(chances(f"{name}.{part}~", chance[place]))
    return pl.DataFrame(columns), found[0] == NOT_PLAIN


def _memory(encoded: Encoded) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Return room for pairs of texts and their levels, for all comparisons of a feature."""
    del encoded
    return np.full(_SLOTS, -1, np.int64), np.empty(_SLOTS, np.int8)


def _levels(
    known: _Names, x: NDArray[np.int32], y: NDArray[np.int32],
    memory: tuple[NDArray[np.int64], NDArray[np.int8]],
) -> NDArray[np.int8]:  # fmt: skip
    """Return the level of each pair of texts, as given names if the first one is a given name."""
    found = np.empty(len(x), np.int8)
    _compare(
        np.ascontiguousarray(x), np.ascontiguousarray(y), known.families, known.data, known.offsets,
        known.facts, _numbers(ENDINGS), _numbers(name_particles()), *memory, found,
    )  # fmt: skip
    return found


def _numbers(words: Iterable[str]) -> NDArray[np.int64]:
    """Return short words, each as one number of its letters, in order."""
    return np.array(sorted(int.from_bytes(word.encode(), "big") for word in words), np.int64)


@compiled
def _compare(
    one: Codes, other: Codes, families: int, data: Bytes, offsets: Offsets,
    facts: NDArray[np.int64], endings: NDArray[np.int64], particles: NDArray[np.int64],
    keys: NDArray[np.int64], known: NDArray[np.int8], found: NDArray[np.int8],
) -> None:  # fmt: skip
    """Compare pairs of texts; what two texts gave is remembered until others need the place."""
    room, spots = np.empty(ROOM, np.int32), np.empty((2, MOST, 3), np.int64)
    for pair in range(len(one)):
        x, y = one[pair], other[pair]
        found[pair] = UNKNOWN
        if x < 0 or y < 0:
            continue
        key = np.int64(x) << 32 | np.int64(y)
        slot = (key * 0x9E3779B97F4A7C1 >> 20) & (_SLOTS - 1)
        if keys[slot] != key:
            keys[slot] = key
            if facts[x, _PLAIN] == 0 or facts[y, _PLAIN] == 0:
                known[slot] = NOT_PLAIN
            else:
                known[slot] = _text_level(
                    x, y, x < families, data, offsets, facts, endings, particles, room, spots
                )
        found[pair] = known[slot]


@compiled
def _settle(
    one: Codes, other: Codes, codes: NDArray[np.int32], chance: NDArray[np.float32],
    firsts: NDArray[np.int64], words: Codes, straight: NDArray[np.int8],
    crossed: NDArray[np.int8], found: NDArray[np.int8], chances: NDArray[np.float32],
) -> None:  # fmt: skip
    """Tell the levels of pairs in the order of names that fits."""
    for pair in range(len(one)):
        a, b = one[pair], other[pair]
        chances[0, pair] = np.fmin(chance[a, 0], chance[b, 0])
        chances[1, pair] = np.fmin(chance[a, 1], chance[b, 1])
        found[2, pair] = UNKNOWN
        if codes[a, _SUFFIX] >= 0 and codes[b, _SUFFIX] >= 0:
            found[2, pair] = codes[a, _SUFFIX] == codes[b, _SUFFIX]
        if (codes[a, _SORTED] >= 0 and codes[a, _SORTED] == codes[b, _SORTED]) or (
            codes[a, _JOINED] >= 0 and codes[a, _JOINED] == codes[b, _JOINED]
        ):
            found[0, pair], found[1, pair] = _EXACT, _F_EXACT
            continue
        given, family, swap = _order(
            straight[0, pair], straight[1, pair], crossed[0, pair], crossed[1, pair]
        )
        left = given == NOT_PLAIN
        poor = given >= 0 and family >= 0 and (given < _INITIAL or family < _F_TYPO)
        partly = given == _PARTIAL and family == _F_PARTIAL
        if (poor or partly) and not swap:
            if _held(a, b, firsts, words):
                given, family = max(given, np.int8(_PARTIAL)), max(family, np.int8(_F_PARTIAL))
            elif partly:
                given = np.int8(_CLASH)
        if (
            codes[a, _FOREIGN] >= 0 and codes[b, _FOREIGN] >= 0
            and codes[a, _FOREIGN] != codes[b, _FOREIGN]
        ):  # fmt: skip
            given = given if given >= _TYPO else np.int8(UNKNOWN)
            family = family if family >= _F_TYPO else np.int8(UNKNOWN)
        if left:
            given, family = np.int8(NOT_PLAIN), np.int8(NOT_PLAIN)
        found[0, pair], found[1, pair] = given, family


@inner
def _order(
    given: np.int8, family: np.int8, turned: np.int8, about: np.int8
) -> tuple[np.int8, np.int8, bool]:
    """Return both levels in the order that fits, and whether it is the crossed one."""
    nothing = np.int8(NOT_PLAIN)
    if given == NOT_PLAIN or family == NOT_PLAIN:
        return nothing, nothing, False
    if not (0 <= given < _TYPO and family < _F_TYPO):
        return given, family, False
    if turned == NOT_PLAIN or about == NOT_PLAIN:
        return nothing, nothing, False
    if (turned >= _INITIAL and about >= _F_TYPO) or (turned >= _TYPO and given < _CLASH):
        return turned, about, True
    if about >= _F_TYPO and given < _CLASH:
        return np.int8(_EXACT), np.int8(0), True
    return given, family, False


@inner
def _held(a: int, b: int, firsts: NDArray[np.int64], words: Codes) -> bool:
    """Whether a whole name of two words or more stands in the other one; both are in order."""
    here, there, shared, one, other = firsts[a], firsts[b], 0, 0, 0
    behind_a, behind_b = firsts[a + 1], firsts[b + 1]
    for at in range(here, behind_a):
        if words[at] < 0 or (at > here and words[at] == words[at - 1]):
            continue
        one += 1
        for spot in range(there, behind_b):
            if words[spot] == words[at]:
                shared += 1
                break
    for at in range(there, behind_b):
        other += words[at] >= 0 and (at == there or words[at] != words[at - 1])
    return min(one, other) >= 2 and shared == min(one, other)


@inner
def _text_level(
    x: int, y: int, given: bool, data: Bytes, offsets: Offsets, facts: NDArray[np.int64],
    endings: NDArray[np.int64], particles: NDArray[np.int64], room: NDArray[np.int32],
    spots: NDArray[np.int64],
) -> int:  # fmt: skip
    """Return the level of two given names, or two family names."""
    if facts[x, _SQUASHED] == facts[y, _SQUASHED]:
        return _EXACT if given else _F_EXACT
    a, behind_a, b, behind_b = offsets[x], offsets[x + 1], offsets[y], offsets[y + 1]
    if not given and _is_married(a, behind_a, b, behind_b, data):
        return _F_TYPO
    here, there = facts[x, _FIRST_LETTERS], facts[y, _FIRST_LETTERS]
    nick, short = facts[x, _NICK] == facts[y, _NICK], min(here, there)
    few = min(facts[x, _HOLDERS], facts[y, _HOLDERS])
    settled = few >= 4 and few * 20 >= max(facts[x, _HOLDERS], facts[y, _HOLDERS])
    if here < behind_a - a or there < behind_b - b:
        level = compare_several(
            a, behind_a, b, behind_b, given, nick, settled, data, endings, particles, room, spots
        )
        if level != WHOLE:
            return level
    elif given and short == 1 and data[a] == data[b]:
        return _INITIAL
    if given:
        if nick:
            return _NICKNAME
        if is_gendered(a, here, b, there, data, endings):
            return _SIMILAR
        if short >= 3 and same_bytes(data, a, b, short):
            return _NICKNAME
    heard = facts[x, _SOUND] == facts[y, _SOUND] and facts[x, _SOUND_LETTERS] >= 3
    level = judge_spellings(a, behind_a, b, behind_b, heard, data, room)
    if level == 2:
        typo, similar = (_TYPO, _SIMILAR) if given else (_F_TYPO, _F_SIMILAR)
        return similar if settled else typo
    damaged = level == 1 and not settled
    return damaged * (_MANGLED if given else _F_MANGLED)


@inner
def _is_married(a: int, behind_a: int, b: int, behind_b: int, data: Bytes) -> bool:
    """Whether one family name is the other's with the ending of a woman: Ivanov, Ivanova."""
    here, there = behind_a - a, behind_b - b
    if not same_bytes(data, a, b, min(here, there)):
        return False
    at, added = a + there if here > there else b + here, abs(here - there)
    if added == 1:
        return bool(data[at] == 97)
    return bool(added == 3 and data[at] == 111 and data[at + 1] == 118 and data[at + 2] == 97)
