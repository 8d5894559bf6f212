"""Sets of telephone numbers and e-mail addresses compared by one loop over pairs.

The levels are those of `crmmigrate.dedupe.reach`, the reference.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes, Offsets, text_column
from crmmigrate.compiled.compiler import compiled, inner
from crmmigrate.dedupe.evidence import Encoded
from crmmigrate.dedupe.loops.letters import LONGEST, ROOM, count_edits, measure_winkler, same_bytes
from crmmigrate.dedupe.loops.results import (
    NOT_PLAIN,
    Codes,
    chances,
    levels,
    numbered,
    pair_codes,
    prepared,
)
from crmmigrate.model.semantic import SemanticType

__all__ = ["compare_reach"]

_FEW = 4
_LONG = 6
_TRIED = 4
"""Members of each set of which the spelling is compared."""
_HOSTS, _PHONES, _MAILS = range(3)
_MARKED, _HOLDERS, _TAIL, _PLAIN = range(4)


@dataclass(frozen=True, slots=True)
class _Sets:
    """Sets of members.

    Attributes:
        firsts: Number of the first member of each set.
        members: Members of the sets, in order.
        data: Bytes of the members' texts.
        offsets: Where each begins.
        facts: Numbers of each member, (members, 4), see `_MARKED` and so on.
        letters: Which bytes each member's text holds, one bit for each 64th.
        chance: Of each member.
    """

    firsts: NDArray[np.int64]
    members: Codes
    data: Bytes
    offsets: Offsets
    facts: NDArray[np.int64]
    letters: NDArray[np.uint64]
    chance: NDArray[np.float32]


def _sets(encoded: Encoded) -> _Sets:
    values = encoded.values
    sizes = values["members"].list.len().to_numpy()
    members = values["members"].explode().to_numpy().astype(np.int32)
    facts = encoded.tables["members"]
    text = text_column(facts["text"])
    plain, letters = _read(text.data, text.offsets)
    numbers = [facts[c].cast(pl.Int64).to_numpy() for c in ("mark", "holders")]
    numbers += [numbered(facts["tail"]).astype(np.int64), plain.astype(np.int64)]
    return _Sets(
        np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)]),
        np.ascontiguousarray(members), text.data, text.offsets,
        np.ascontiguousarray(np.stack(numbers, axis=1)), letters,
        np.array(facts["chance"].fill_null(float("nan")).to_numpy(), np.float32),
    )  # fmt: skip


def compare_reach(encoded: Encoded, pairs: pl.DataFrame) -> tuple[pl.DataFrame, NDArray[np.bool_]]:
    """Return what the reference does, and which pairs are left to it."""
    name, known = encoded.feature.name, prepared(encoded, _sets)
    one, other = pair_codes(pairs)
    kind = {SemanticType.PHONE: _PHONES, SemanticType.EMAIL: _MAILS}
    found, chance = np.empty(len(one), np.int8), np.empty(len(one), np.float32)
    _compare(
        one, other, kind.get(encoded.feature.type, _HOSTS), known.firsts, known.members, known.data,
        known.offsets, known.facts, known.letters, known.chance, found, chance,
    )  # fmt: skip
    columns = [pairs["va"], pairs["vb"], levels(name, found), chances(f"{name}~", chance)]
    return pl.DataFrame(columns), found == NOT_PLAIN


@compiled
def _read(data: Bytes, offsets: Offsets) -> tuple[NDArray[np.bool_], NDArray[np.uint64]]:
    """Tell which texts are short ASCII, and which bytes they hold."""
    plain = np.empty(len(offsets) - 1, np.bool_)
    letters = np.zeros(len(offsets) - 1, np.uint64)
    for row in range(len(plain)):
        plain[row] = offsets[row + 1] - offsets[row] <= LONGEST
        for at in range(offsets[row], offsets[row + 1]):
            plain[row] = plain[row] and data[at] < 128
            letters[row] |= np.uint64(1) << np.uint64(data[at] & 63)
    return plain, letters


@compiled
def _compare(
    one: Codes, other: Codes, kind: int, firsts: NDArray[np.int64], members: Codes, data: Bytes,
    offsets: Offsets, facts: NDArray[np.int64], letters: NDArray[np.uint64],
    chance: NDArray[np.float32], found: NDArray[np.int8], chances: NDArray[np.float32],
) -> None:  # fmt: skip
    room = np.empty(ROOM, np.int32)
    for pair in range(len(one)):
        a, behind_a = firsts[one[pair]], firsts[one[pair] + 1]
        b, behind_b = firsts[other[pair]], firsts[other[pair] + 1]
        here, there, shared = a, b, -1
        while here < behind_a and there < behind_b:
            if members[here] == members[there]:
                shared = members[here]
                break
            if members[here] < members[there]:
                here += 1
            else:
                there += 1
        if shared >= 0:
            chances[pair] = chance[shared]
            found[pair] = 1
            if kind == _PHONES:
                own = facts[shared, _MARKED] == 1 and facts[shared, _HOLDERS] <= _FEW
                found[pair] = 3 if own else 2
            elif kind == _MAILS:
                found[pair] = 4 if facts[shared, _MARKED] == 1 else 5
            continue
        chances[pair], found[pair] = np.nan, 0
        if kind == _HOSTS:
            continue
        near = _near(kind, members, a, behind_a, b, behind_b, data, offsets, facts, letters, room)
        if near == NOT_PLAIN:
            found[pair] = NOT_PLAIN
        elif kind == _MAILS and near == 2:
            found[pair] = 3
        elif kind == _MAILS and _shares_tail(members, a, behind_a, b, behind_b, facts):
            found[pair] = 2
        else:
            found[pair] = near


@inner
def _shares_tail(
    members: Codes, a: int, behind_a: int, b: int, behind_b: int, facts: NDArray[np.int64]
) -> bool:
    for x in range(a, behind_a):
        tail = facts[members[x], _TAIL]
        for y in range(b, behind_b):
            if tail >= 0 and tail == facts[members[y], _TAIL]:
                return True
    return False


@inner
def _near(
    kind: int, members: Codes, a: int, behind_a: int, b: int, behind_b: int, data: Bytes,
    offsets: Offsets, facts: NDArray[np.int64], letters: NDArray[np.uint64],
    room: NDArray[np.int32],
) -> int:  # fmt: skip
    """Return 1 if any members differ by a slip, `NOT_PLAIN` if that cannot be told here.

    Return 2 if they are mail addresses with much before the @.
    """
    near = 0
    for x in range(a, min(behind_a, a + _TRIED)):
        for y in range(b, min(behind_b, b + _TRIED)):
            mine, its = members[x], members[y]
            if not (facts[mine, _PLAIN] and facts[its, _PLAIN]):
                return NOT_PLAIN
            if near == (2 if kind == _MAILS else 1) or (
                kind == _MAILS and _spread(letters[mine] ^ letters[its])
            ):
                continue
            begin, end = offsets[mine], offsets[mine + 1]
            start, stop = offsets[its], offsets[its + 1]
            if kind == _PHONES:
                near = 1 if _near_phones(data, begin, end, start, stop, room) else 0
            elif _near_mails(data, begin, end, start, stop, room):
                few = min(_count_letters(data, begin, end), _count_letters(data, start, stop))
                near = max(near, 2 if few >= _LONG else 1)
    return near


@inner
def _count_letters(data: Bytes, begin: int, end: int) -> int:
    """Return the letters and digits before the @."""
    letters = 0
    for at in range(begin, end):
        if data[at] == 64:
            break
        letters += data[at] != 46 and data[at] != 95 and data[at] != 45
    return letters


@inner
def _spread(letters: np.uint64) -> bool:
    """Whether more than six bits are set: three edits change no more."""
    for _ in range(6):
        letters &= letters - np.uint64(1)
        if letters == 0:
            return False
    return bool(letters != 0)


@inner
def _near_phones(
    data: Bytes, a: int, behind_a: int, b: int, behind_b: int, room: NDArray[np.int32]
) -> bool:
    here, there = behind_a - a, behind_b - b
    short = min(here, there)
    if short >= 7 and same_bytes(data, behind_a - 7, behind_b - 7, 7):
        if short <= 10 or same_bytes(data, behind_a - short, behind_b - short, short):
            return True
    elif here == there and short < 7 and same_bytes(data, a, b, short):
        return True
    return count_edits(data, a, behind_a, b, behind_b, 1, room) <= 1


@inner
def _near_mails(
    data: Bytes, a: int, behind_a: int, b: int, behind_b: int, room: NDArray[np.int32]
) -> bool:
    """Tell whether mail addresses differ by a slip, and not in their numbers only."""
    slips = count_edits(data, a, behind_a, b, behind_b, 3, room)
    if slips > 3:
        return False
    if slips > 1:
        if measure_winkler(data, a, behind_a, b, behind_b) < np.float32(0.9):
            return False
        long = min(behind_a - a, behind_b - b) >= 12
        if not (slips <= 2 and long) and not _same_host(data, a, behind_a, b, behind_b):
            return False
    apart = False
    while not apart:
        while a < behind_a and 48 <= data[a] <= 57:
            a += 1
        while b < behind_b and 48 <= data[b] <= 57:
            b += 1
        if a == behind_a or b == behind_b:
            return bool(a != behind_a or b != behind_b)
        apart = data[a] != data[b]
        a, b = a + 1, b + 1
    return True


@inner
def _same_host(data: Bytes, a: int, behind_a: int, b: int, behind_b: int) -> bool:
    """Tell whether what stands before the @ is the same."""
    while a < behind_a and b < behind_b and data[a] == data[b] and data[a] != 64:
        a, b = a + 1, b + 1
    ends_a = a == behind_a or data[a] == 64
    return bool(ends_a and (b == behind_b or data[b] == 64))
