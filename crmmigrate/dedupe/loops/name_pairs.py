"""Names of persons compared by one loop over pairs.

The levels are those of `crmmigrate.dedupe.name_pairs`, the reference.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, text_column
from crmmigrate.compiled.compiler import compiled, inner
from crmmigrate.compiled.cutting import cut_texts
from crmmigrate.dedupe.evidence import Encoded
from crmmigrate.dedupe.fold import squash
from crmmigrate.dedupe.loops.letters import LONGEST, ROOM, count_edits, measure_winkler, same_bytes
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

__all__ = ["compare_names"]

_SIMILAR, _MANGLED, _INITIAL, _TYPO, _NICKNAME, _PARTIAL, _EXACT = range(1, 8)
_F_SIMILAR, _F_MANGLED, _F_TYPO, _F_PARTIAL, _F_EXACT = range(1, 6)
_ENDINGS = ("a", "e", "o", "i", "u", "ia", "ea", "ina", "ine", "ana", "ela", "le", "la", "ette")
_SLOTS = 1 << 20
"""Pairs of texts whose level is remembered."""
_WORDS = 64
"""Names of more words have none here; they are not plain."""
_SQUASHED, _NICK, _SOUND, _SOUND_LETTERS, _FIRST_LETTERS, _HOLDERS, _PLAIN = range(7)


@dataclass(frozen=True, slots=True)
class _Names:
    """Names as arrays.

    Attributes:
        codes: Given and family text, sorted text, suffix and script of each value, (values, 5).
        chance: Chances of given and family name, (values, 2).
        families: Number of the first text of a family name.
        data: Bytes of all texts, given names first.
        offsets: Where each begins.
        facts: Numbers of each text, (texts, 7), see `_SQUASHED` and so on.
        firsts: Number of the first word of each text.
        words: Words of texts.
        long: Which words have three letters or more.
    """

    codes: NDArray[np.int32]
    chance: NDArray[np.float32]
    families: int
    data: Bytes
    offsets: Offsets
    facts: NDArray[np.int64]
    firsts: NDArray[np.int64]
    words: Codes
    long: NDArray[np.bool_]


def _names(encoded: Encoded) -> _Names:
    values, tables = encoded.values, encoded.tables
    every = pl.concat([tables["given"], tables["family"]])
    begin = {"given": 0, "family": tables["given"].height}
    places = [values[f"{r}_code"].cast(pl.Int32) - 1 + begin[r] for r in ("given", "family")]
    others = [values[f"{c}_code"].cast(pl.Int32) for c in ("sorted", "suffix")]
    sides = [*places, *others, values["foreign"].cast(pl.Int32)]
    codes = np.stack([s.fill_null(UNKNOWN).to_numpy() for s in sides], axis=1)
    chance = np.stack(
        [values[c].fill_null(float("nan")).to_numpy() for c in ("given~", "family~")], axis=1
    )
    text = text_column(every["text"])
    cut = cut_texts(every["text"], _WORDS)
    numbers = np.zeros((every.height, 7), np.int64)
    squashed = every.select(squash(pl.col("text"))).to_series()
    for at, texts in ((_SQUASHED, squashed), (_NICK, every["nick"]), (_SOUND, every["sound"])):
        numbers[:, at] = numbered(texts)
    lengths = ((_SOUND_LETTERS, "sound"), (_FIRST_LETTERS, "first"))
    for at, column in lengths:
        numbers[:, at] = every[column].str.len_bytes()
    numbers[:, _HOLDERS] = every["holders"]
    numbers[:, _PLAIN] = every["text"].str.len_bytes() <= LONGEST
    numbers[np.diff(cut.firsts) == 0, _PLAIN] = 0
    long = (cut.distinct.str.len_bytes() > 2).to_numpy()
    return _Names(
        np.ascontiguousarray(codes, np.int32), np.ascontiguousarray(chance, np.float32),
        begin["family"], text.data, text.offsets, numbers, cut.firsts, cut.codes,
        np.ascontiguousarray(long),
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
    _settle(one, other, known.codes, known.chance, straight, crossed, found, chance)
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
        known.facts, known.firsts, known.words, known.long, _endings(), *memory, found,
    )  # fmt: skip
    return found


def _endings() -> NDArray[np.int64]:
    """Return the endings of forms for a man or a woman, each as one number of its letters."""
    return np.array([int.from_bytes(e.encode(), "big") for e in _ENDINGS], np.int64)


@compiled
def _compare(
    one: Codes, other: Codes, families: int, data: Bytes, offsets: Offsets,
    facts: NDArray[np.int64], firsts: NDArray[np.int64], words: Codes, long: NDArray[np.bool_],
    endings: NDArray[np.int64], keys: NDArray[np.int64], known: NDArray[np.int8],
    found: NDArray[np.int8],
) -> None:  # fmt: skip
    """Compare pairs of texts; what two texts gave is remembered until others need the place."""
    room = np.empty(ROOM, np.int32)
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
            elif x < families:
                known[slot] = _given_level(
                    x, y, data, offsets, facts, firsts, words, long, endings, room
                )
            else:
                known[slot] = _family_level(x, y, data, offsets, facts, firsts, words, long, room)
        found[pair] = known[slot]


@compiled
def _settle(
    one: Codes, other: Codes, codes: NDArray[np.int32], chance: NDArray[np.float32],
    straight: NDArray[np.int8], crossed: NDArray[np.int8], found: NDArray[np.int8],
    chances: NDArray[np.float32],
) -> None:  # fmt: skip
    """Tell the levels of pairs in the order of names that fits."""
    for pair in range(len(one)):
        a, b = one[pair], other[pair]
        chances[0, pair] = np.fmin(chance[a, 0], chance[b, 0])
        chances[1, pair] = np.fmin(chance[a, 1], chance[b, 1])
        found[2, pair] = UNKNOWN
        if codes[a, 3] >= 0 and codes[b, 3] >= 0:
            found[2, pair] = codes[a, 3] == codes[b, 3]
        if codes[a, 2] >= 0 and codes[a, 2] == codes[b, 2]:
            found[0, pair], found[1, pair] = _EXACT, _F_EXACT
            continue
        given, family = straight[0, pair], straight[1, pair]
        poor = 0 <= given < _TYPO and family < _F_TYPO
        left = given == NOT_PLAIN or family == NOT_PLAIN
        if poor and not left:
            turned, about = crossed[0, pair], crossed[1, pair]
            left = turned == NOT_PLAIN or about == NOT_PLAIN
            both = turned >= _INITIAL and about >= _F_TYPO
            if both or (turned >= _TYPO and given < _MANGLED):
                given, family = turned, about
            elif about >= _F_TYPO and given < _MANGLED:
                given, family = np.int8(_EXACT), np.int8(0)
        if codes[a, 4] >= 0 and codes[b, 4] >= 0 and codes[a, 4] != codes[b, 4]:
            given = given if given >= _TYPO else np.int8(UNKNOWN)
            family = family if family >= _F_TYPO else np.int8(UNKNOWN)
        if left:
            given, family = np.int8(NOT_PLAIN), np.int8(NOT_PLAIN)
        found[0, pair], found[1, pair] = given, family


@inner
def _shares_word(
    x: int, y: int, firsts: NDArray[np.int64], words: Codes, long: NDArray[np.bool_]
) -> bool:
    for at in range(firsts[x], firsts[x + 1]):
        if long[words[at]]:
            for there in range(firsts[y], firsts[y + 1]):
                if words[at] == words[there]:
                    return True
    return False


@inner
def _distance(
    x: int, y: int, given: bool, data: Bytes, offsets: Offsets, facts: NDArray[np.int64],
    room: NDArray[np.int32],
) -> int:  # fmt: skip
    """Return the level of two spellings that share no word: typo, similar, mangled or different."""
    a, behind_a, b, behind_b = offsets[x], offsets[x + 1], offsets[y], offsets[y + 1]
    longest = max(behind_a - a, behind_b - b)
    alike = measure_winkler(data, a, behind_a, b, behind_b)
    most = max(2, int(0.45 * longest))
    edits = count_edits(data, a, behind_a, b, behind_b, most, room)
    close = (edits <= 1 and longest >= 4) or (alike >= np.float32(0.93) and longest >= 6)
    close = close or (edits <= 2 and (alike >= np.float32(0.9) or longest >= 8))
    heard = facts[x, _SOUND] == facts[y, _SOUND] and facts[x, _SOUND_LETTERS] >= 3
    close = close or (heard and alike >= np.float32(0.75))
    few = min(facts[x, _HOLDERS], facts[y, _HOLDERS])
    settled = few >= 4 and few * 20 >= max(facts[x, _HOLDERS], facts[y, _HOLDERS])
    if close:
        if settled:
            return _SIMILAR if given else _F_SIMILAR
        return _TYPO if given else _F_TYPO
    mangled = alike >= np.float32(0.78) or edits <= 0.45 * longest
    if mangled and longest >= 4 and not settled:
        return _MANGLED if given else _F_MANGLED
    return 0


@inner
def _given_level(
    x: int, y: int, data: Bytes, offsets: Offsets, facts: NDArray[np.int64],
    firsts: NDArray[np.int64], words: Codes, long: NDArray[np.bool_], endings: NDArray[np.int64],
    room: NDArray[np.int32],
) -> int:  # fmt: skip
    if facts[x, _SQUASHED] == facts[y, _SQUASHED]:
        return _EXACT
    a, b = offsets[x], offsets[y]
    here, there = facts[x, _FIRST_LETTERS], facts[y, _FIRST_LETTERS]
    short = min(here, there)
    if short == 1 and data[a] == data[b]:
        return _INITIAL
    if _shares_word(x, y, firsts, words, long):
        return _PARTIAL
    if facts[x, _NICK] == facts[y, _NICK]:
        return _NICKNAME
    if _woman(data, a, here) != _woman(data, b, there) and (
        _adds(data, a, here, b, there, endings) or _adds(data, b, there, a, here, endings)
    ):
        return _SIMILAR
    if short >= 3 and same_bytes(data, a, b, short):
        return _NICKNAME
    return _distance(x, y, True, data, offsets, facts, room)


@inner
def _family_level(
    x: int, y: int, data: Bytes, offsets: Offsets, facts: NDArray[np.int64],
    firsts: NDArray[np.int64], words: Codes, long: NDArray[np.bool_], room: NDArray[np.int32],
) -> int:  # fmt: skip
    if facts[x, _SQUASHED] == facts[y, _SQUASHED]:
        return _F_EXACT
    if _shares_word(x, y, firsts, words, long):
        return _F_PARTIAL
    a, b = offsets[x], offsets[y]
    here, there = offsets[x + 1] - a, offsets[y + 1] - b
    if same_bytes(data, a, b, min(here, there)):
        at = a + there if here > there else b + here
        added = abs(here - there)
        if added == 1 and data[at] == 97:
            return _F_TYPO
        if added == 3 and data[at] == 111 and data[at + 1] == 118 and data[at + 2] == 97:
            return _F_TYPO
    return _distance(x, y, False, data, offsets, facts, room)


@inner
def _vowel(byte: int) -> bool:
    return byte == 97 or byte == 101 or byte == 105 or byte == 111 or byte == 117


@inner
def _woman(data: Bytes, begin: int, letters: int) -> bool:
    """Whether a name ends as many names of women do."""
    end = begin + letters - 1
    if letters < 1:
        return False
    if data[end] == 97:
        return True
    if letters < 2 or data[end] != 101:
        return False
    return not _vowel(data[end - 1])


@inner
def _adds(
    data: Bytes, short: int, letters: int, long: int, others: int, endings: NDArray[np.int64]
) -> bool:
    """Whether the one is the other with an ending: Daniel and Daniela, Andrei and Andreea."""
    stem = letters - 1 if letters and _vowel(data[short + letters - 1]) else letters
    if letters < 4 or stem < 3 or others <= stem or others > stem + 4:
        return False
    if not same_bytes(data, short, long, stem):
        return False
    rest = np.int64(0)
    for at in range(long + stem, long + others):
        rest = rest << 8 | np.int64(data[at])
    for ending in endings:
        if rest == ending:
            return True
    return False
