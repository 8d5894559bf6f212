"""Words of two names aligned one to one, in compiled code.

The levels are those of `crmmigrate.dedupe.name_words`, the reference.
"""

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes
from crmmigrate.compiled.compiler import inner
from crmmigrate.dedupe.loops.letters import LONGEST, count_edits, measure_winkler, same_bytes

__all__ = ["ENDINGS", "MOST", "WHOLE", "compare_several", "is_gendered", "judge_spellings"]

_SIMILAR, _CLASH, _MANGLED, _INITIAL, _TYPO, _NICKNAME, _PARTIAL = range(1, 8)
_F_SIMILAR, _F_MANGLED, _F_TYPO, _F_PARTIAL = range(1, 5)
ENDINGS = ("a", "e", "o", "i", "u", "ia", "ea", "ina", "ine", "ana", "ela", "le", "la", "ette")
"""Endings of forms for a man or a woman."""
WHOLE = -3
"""No word of the names tells anything: they are compared as a whole."""
MOST = LONGEST // 2 + 1
"""Words that a name of `LONGEST` bytes can have."""
_GLUED = 6
_BEGIN, _END, _TAKEN = range(3)


@inner
def compare_several(
    a: int, behind_a: int, b: int, behind_b: int, given: bool, nick: bool, settled: bool,
    data: Bytes, endings: NDArray[np.int64], particles: NDArray[np.int64],
    room: NDArray[np.int32], spots: NDArray[np.int64],
) -> int:  # fmt: skip
    """Return the level of two names of which one has several words, or `WHOLE`.

    Args:
        a: First byte of the one; `behind_a` is the byte behind it.
        behind_a: See `a`.
        b: First byte of the other.
        behind_b: See `b`.
        given: They are given names.
        nick: Their first words are short forms of one name.
        settled: Both are too common for a slip.
        data: Bytes.
        endings: `ENDINGS` as numbers of their letters.
        particles: Words that say nothing beside others, as numbers of their letters, in order.
        room: Scratch, see `count_edits`.
        spots: Scratch, (2, `MOST`, 3).
    """
    here, there = _cut(a, behind_a, data, spots, 0), _cut(b, behind_b, data, spots, 1)
    if _is_glued(a, behind_a, here, b, behind_b, there, data):
        return _PARTIAL if given else _F_PARTIAL
    longest, initial, short, slip, left_a, left_b = _align(
        here, there, given, nick, data, endings, particles, room, spots
    )
    if left_a and left_b:
        if longest > 2 or initial or short:
            return _CLASH if given else _F_SIMILAR
        if left_a == 1 == left_b:
            damaged = not settled and _damaged(here, there, data, room, spots)
            return damaged * (_MANGLED if given else _F_MANGLED)
        return WHOLE
    if slip:
        typo, similar = (_TYPO, _SIMILAR) if given else (_F_TYPO, _F_SIMILAR)
        return similar if settled else typo
    if given:
        return _PARTIAL if longest > 1 else (_NICKNAME if short and not initial else _INITIAL)
    return _F_PARTIAL if longest > 2 else WHOLE


@inner
def _damaged(
    here: int, there: int, data: Bytes, room: NDArray[np.int32], spots: NDArray[np.int64]
) -> bool:
    """Whether the first words left of both names are one, damaged."""
    x, y = _first_left(here, spots, 0), _first_left(there, spots, 1)
    a, behind_a = spots[0, x, _BEGIN], spots[0, x, _END]
    b, behind_b = spots[1, y, _BEGIN], spots[1, y, _END]
    return judge_spellings(a, behind_a, b, behind_b, False, data, room) > 0


@inner
def _cut(begin: int, end: int, data: Bytes, spots: NDArray[np.int64], side: int) -> int:
    """Write down where the words of a name begin and end; return how many there are."""
    words = 0
    spots[side, 0, _BEGIN], spots[side, 0, _TAKEN] = begin, 0
    for at in range(begin, end):
        if data[at] == 32:
            spots[side, words, _END] = at
            words += 1
            spots[side, words, _BEGIN], spots[side, words, _TAKEN] = at + 1, 0
    spots[side, words, _END] = end
    return words + 1


@inner
def _align(
    here: int, there: int, given: bool, nick: bool, data: Bytes, endings: NDArray[np.int64],
    particles: NDArray[np.int64], room: NDArray[np.int32], spots: NDArray[np.int64],
) -> tuple[int, bool, bool, bool, int, int]:  # fmt: skip
    """Take away what agrees: equal words, then initials, then short forms, then one slip.

    Returns the letters of the longest equal word, whether there were initials, a short form and a
    slip, and how many words are left of each name.
    """
    longest = 0
    for x in range(here):
        for y in range(there):
            if spots[1, y, _TAKEN]:
                continue
            length = spots[0, x, _END] - spots[0, x, _BEGIN]
            if length == spots[1, y, _END] - spots[1, y, _BEGIN] and same_bytes(
                data, spots[0, x, _BEGIN], spots[1, y, _BEGIN], length
            ):
                spots[0, x, _TAKEN], spots[1, y, _TAKEN] = 1, 1
                begin = spots[0, x, _BEGIN]
                if min(here, there) == 1 or not _is_particle(begin, length, data, particles):
                    longest = max(longest, length)
                break
    initial, short = False, False
    if given:
        initial = _take_initials(here, there, 0, data, spots)
        initial = _take_initials(there, here, 1, data, spots) or initial
        short = _take_short(nick, data, endings, spots)
    _drop_particles(here, 0, data, particles, spots)
    _drop_particles(there, 1, data, particles, spots)
    left_a, left_b = _count_left(here, spots, 0), _count_left(there, spots, 1)
    slip = False
    if left_a == 1 and left_b >= 1:
        slip = _take_slip(_first_left(here, spots, 0), 0, there, given, data, endings, room, spots)
    elif left_b == 1 and left_a > 1:
        slip = _take_slip(_first_left(there, spots, 1), 1, here, given, data, endings, room, spots)
    return longest, initial, short, slip, left_a - slip, left_b - slip


@inner
def _is_particle(begin: int, length: int, data: Bytes, particles: NDArray[np.int64]) -> bool:
    if length > 8:
        return False
    word = np.int64(0)
    for at in range(begin, begin + length):
        word = word << 8 | np.int64(data[at])
    place = np.searchsorted(particles, word)
    return bool(place < len(particles) and particles[place] == word)


@inner
def _drop_particles(
    words: int, side: int, data: Bytes, particles: NDArray[np.int64], spots: NDArray[np.int64]
) -> None:
    """Take particles for agreed where a name has other words."""
    for at in range(words if words > 1 else 0):
        begin = spots[side, at, _BEGIN]
        if _is_particle(begin, spots[side, at, _END] - begin, data, particles):
            spots[side, at, _TAKEN] = 1


@inner
def _take_initials(mine: int, its: int, side: int, data: Bytes, spots: NDArray[np.int64]) -> bool:
    taken, other = False, 1 - side
    for x in range(mine):
        begin = spots[side, x, _BEGIN]
        if spots[side, x, _TAKEN] or spots[side, x, _END] - begin > 1:
            continue
        for y in range(its):
            if spots[other, y, _TAKEN] == 0 and data[spots[other, y, _BEGIN]] == data[begin]:
                spots[side, x, _TAKEN], spots[other, y, _TAKEN], taken = 1, 1, True
                break
    return taken


@inner
def _take_short(
    nick: bool, data: Bytes, endings: NDArray[np.int64], spots: NDArray[np.int64]
) -> bool:
    """Take the first words if they are short forms of one name."""
    if spots[0, 0, _TAKEN] or spots[1, 0, _TAKEN]:
        return False
    a, b = spots[0, 0, _BEGIN], spots[1, 0, _BEGIN]
    here, there = spots[0, 0, _END] - a, spots[1, 0, _END] - b
    few = min(here, there)
    if not nick:
        if few < 3 or not same_bytes(data, a, b, few):
            return False
        if is_gendered(a, here, b, there, data, endings):
            return False
    spots[0, 0, _TAKEN], spots[1, 0, _TAKEN] = 1, 1
    return True


@inner
def _count_left(words: int, spots: NDArray[np.int64], side: int) -> int:
    left = 0
    for at in range(words):
        left += 1 - spots[side, at, _TAKEN]
    return left


@inner
def _first_left(words: int, spots: NDArray[np.int64], side: int) -> int:
    for at in range(words):
        if spots[side, at, _TAKEN] == 0:
            return at
    return 0


@inner
def _take_slip(
    lone: int, side: int, its: int, given: bool, data: Bytes, endings: NDArray[np.int64],
    room: NDArray[np.int32], spots: NDArray[np.int64],
) -> bool:  # fmt: skip
    """Take the only word left of the one name, and the first of the other that it is close to."""
    other = 1 - side
    a, behind_a = spots[side, lone, _BEGIN], spots[side, lone, _END]
    for y in range(its):
        if spots[other, y, _TAKEN]:
            continue
        b, behind_b = spots[other, y, _BEGIN], spots[other, y, _END]
        if judge_spellings(a, behind_a, b, behind_b, False, data, room) < 2:
            continue
        if given and is_gendered(a, behind_a - a, b, behind_b - b, data, endings):
            continue
        spots[side, lone, _TAKEN], spots[other, y, _TAKEN] = 1, 1
        return True
    return False


@inner
def _is_glued(
    a: int, behind_a: int, here: int, b: int, behind_b: int, there: int, data: Bytes
) -> bool:
    """Whether one name is a word that the other one begins or ends with in several."""
    if here == 1:
        return _begins_glued(a, behind_a, b, behind_b, there, data)
    return there == 1 and _begins_glued(b, behind_b, a, behind_a, here, data)


@inner
def _begins_glued(single: int, behind: int, words: int, end: int, count: int, data: Bytes) -> bool:
    if behind - single < _GLUED or count < 3:
        return False
    for backwards in range(2):
        step = 1 if backwards == 0 else -1
        at, there = (single, words) if backwards == 0 else (behind - 1, end - 1)
        blanks = 0
        while single <= at < behind and words <= there < end:
            if data[there] == 32:
                blanks += 1
            elif data[there] == data[at]:
                at += step
            else:
                break
            there += step
        whole = at == behind or at == single - 1
        if whole and blanks and words < there < end - 1 and data[there] == 32:
            return True
    return False


@inner
def judge_spellings(
    a: int, behind_a: int, b: int, behind_b: int, heard: bool, data: Bytes, room: NDArray[np.int32]
) -> int:
    """Return 2 if two spellings differ by a slip, 1 if one is the other, damaged, else 0.

    Words that are `heard` alike may differ by more.
    """
    longest = max(behind_a - a, behind_b - b)
    alike = measure_winkler(data, a, behind_a, b, behind_b)
    if (alike >= np.float32(0.93) and longest >= 6) or (heard and alike >= np.float32(0.75)):
        return 2
    most = max(2, int(0.45 * longest))
    edits = count_edits(data, a, behind_a, b, behind_b, most, room)
    if edits <= 1 and longest >= 4:
        return 2
    if edits <= 2 and (alike >= np.float32(0.9) or longest >= 8):
        return 2
    damaged = alike >= np.float32(0.78) or edits <= 0.45 * longest
    return 1 if damaged and longest >= 4 else 0


@inner
def is_gendered(
    a: int, here: int, b: int, there: int, data: Bytes, endings: NDArray[np.int64]
) -> bool:
    """Whether two words are forms for a man and a woman: Daniel and Daniela."""
    if _woman(data, a, here) == _woman(data, b, there):
        return False
    return _adds(data, a, here, b, there, endings) or _adds(data, b, there, a, here, endings)


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
