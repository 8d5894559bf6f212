"""Similarities of two pieces of ASCII, measured letter by letter as rapidfuzz measures them."""

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.columns import Bytes
from crmmigrate.compiled.compiler import compiled

__all__ = ["LONGEST", "ROOM", "count_edits", "measure_ratio", "measure_winkler", "same_bytes"]

LONGEST = 64
"""Longer texts are not measured here: marks of letters fit in one number."""
ROOM = 3 * (LONGEST + 2)
"""Size of the scratch array that measuring writes to."""
_ONE = np.uint64(1)


@compiled
def same_bytes(data: Bytes, one: int, other: int, length: int) -> bool:
    """Whether as many bytes are the same from two places on."""
    for at in range(length):
        if data[one + at] != data[other + at]:
            return False
    return True


@compiled
def measure_winkler(data: Bytes, a: int, behind_a: int, b: int, behind_b: int) -> np.float32:
    """Return the Jaro-Winkler similarity (0 to 1) of two pieces of at most `LONGEST` bytes."""
    long, other = behind_a - a, behind_b - b
    if long == 0 or other == 0:
        return np.float32(1.0) if long == other else np.float32(0.0)
    reach = max(max(long, other) // 2 - 1, 0)
    marked_a, marked_b, common = np.uint64(0), np.uint64(0), 0
    for at in range(long):
        first, last = max(at - reach, 0), min(at + reach + 1, other)
        for there in range(first, last):
            bit = _ONE << np.uint64(there)
            if marked_b & bit == 0 and data[b + there] == data[a + at]:
                marked_b |= bit
                marked_a |= _ONE << np.uint64(at)
                common += 1
                break
    if common == 0:
        return np.float32(0.0)
    moved, there = 0, 0
    for at in range(long):
        if marked_a >> np.uint64(at) & _ONE:
            while marked_b >> np.uint64(there) & _ONE == 0:
                there += 1
            moved += data[a + at] != data[b + there]
            there += 1
    alike = (common / long + common / other + (common - moved // 2) / common) / 3.0
    begin = 0
    while begin < min(4, long, other) and data[a + begin] == data[b + begin]:
        begin += 1
    if alike > 0.7:
        alike += begin * 0.1 * (1.0 - alike)
    return np.float32(min(alike, 1.0))


@compiled
def count_edits(
    data: Bytes, a: int, behind_a: int, b: int, behind_b: int, most: int, room: NDArray[np.int32]
) -> int:
    """Return the letters inserted, deleted, replaced or swapped (OSA); `most + 1` if more.

    The texts have at most `LONGEST` bytes, `room` has `ROOM` numbers to write on.
    """
    while a < behind_a and b < behind_b and data[a] == data[b]:
        a, b = a + 1, b + 1
    while a < behind_a and b < behind_b and data[behind_a - 1] == data[behind_b - 1]:
        behind_a, behind_b = behind_a - 1, behind_b - 1
    long, other, far = behind_a - a, behind_b - b, most + 1
    if abs(long - other) > most:
        return far
    width = LONGEST + 2
    before, last, row = 0, width, 2 * width
    for there in range(other + 1):
        room[last + there] = there
    for at in range(1, long + 1):
        first, behind = max(1, at - most), min(other, at + most)
        room[row + first - 1] = at if first == 1 else far
        least = room[row + first - 1]
        for there in range(first, behind + 1):
            same = data[a + at - 1] == data[b + there - 1]
            cost = room[last + there - 1] + (0 if same else 1)
            if there < at + most:
                cost = min(cost, room[last + there] + 1)
            cost = min(cost, room[row + there - 1] + 1)
            if (
                at > 1 and there > 1 and there - 2 >= at - 2 - most
                and data[a + at - 1] == data[b + there - 2]
                and data[a + at - 2] == data[b + there - 1]
            ):  # fmt: skip
                cost = min(cost, room[before + there - 2] + 1)
            room[row + there] = cost
            least = min(least, cost)
        if least > most and at > 1:
            return far
        before, last, row = last, row, before
    return int(min(room[last + other], far))


@compiled
def measure_ratio(
    data: Bytes, a: int, behind_a: int, b: int, behind_b: int, room: NDArray[np.int32]
) -> np.float32:
    """Return the share (0 to 100) of letters that two words have in common in one order."""
    long, other = behind_a - a, behind_b - b
    for there in range(other + 1):
        room[there] = 0
    for at in range(long):
        corner = 0
        for there in range(1, other + 1):
            above = room[there]
            if data[a + at] == data[b + there - 1]:
                room[there] = corner + 1
            else:
                room[there] = max(above, room[there - 1])
            corner = above
    both = long + other
    return np.float32((1.0 - (both - 2 * room[other]) / both) * 100.0)
