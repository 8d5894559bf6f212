"""What postcodes of a region look like, for compiled loops."""

import re
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from crmmigrate.model.regions import AddressRules, RegionRules
from crmmigrate.values.postcodes import read_postcode

__all__ = ["MOST_SIGNS", "number_kinds", "postcode_shapes"]

MOST_SIGNS = 10
_MOST_SHAPES = 64
_FREE = re.compile(r"(?:\\d|\{\d(?:,\d)?\}|\(\?:|[()? -])*")
_PIECE = re.compile(
    r"(?P<set>\[[^\]]*\]|\\d|[A-Z0-9 -])(?:\{(?P<a>\d)(?:,(?P<b>\d))?\}|(?P<may>\?))?"
)

Signs = frozenset[str]


def postcode_shapes(address: AddressRules) -> NDArray[np.uint8]:
    """Return which sign may stand at which place of a postcode that has letters.

    Returns:
        (shapes, MOST_SIGNS, 128), 1 where an ASCII capital, digit or blank may stand; the length of
        a shape stands in place of NUL at its beginning. No shape for postcodes of digits, or where
        the pattern has more than loops can follow.
    """
    pattern = address.postcode_pattern
    lettered = re.sub(r"\\d", "", pattern)
    found = _expanded(pattern) if re.search("[A-Z]", lettered) else []
    found = [shape for shape in found or [] if 0 < len(shape) < MOST_SIGNS][:_MOST_SHAPES]
    table = np.zeros((len(found), MOST_SIGNS, 128), np.uint8)
    for row, shape in enumerate(found):
        table[row, 0, 0] = len(shape)
        for at, signs in enumerate(shape):
            for sign in signs:
                table[row, at, ord(sign)] = 1
    return table


def _expanded(pattern: str) -> list[tuple[Signs, ...]] | None:
    """Return all ways through a pattern of sets, groups, choices and counts."""
    ways: list[tuple[Signs, ...]] = []
    for choice in _choices(pattern):
        paths: list[tuple[Signs, ...]] = [()]
        at = 0
        while at < len(choice):
            step = _step(choice, at)
            if step is None:
                return None
            at, steps = step
            paths = [(*path, *more) for path in paths for more in steps]
        ways += paths
    return ways


def _step(choice: str, at: int) -> tuple[int, list[tuple[Signs, ...]]] | None:
    """Return the end of one piece of a pattern, and the ways through it."""
    if choice[at] == "(":
        end = _closing(choice, at)
        inner = _expanded(choice[at + 1 : end].removeprefix("?:"))
        if inner is None:
            return None
        may = choice[end + 1 : end + 2] == "?"
        return end + 1 + may, [*inner, *([()] if may else [])]
    match = _PIECE.match(choice, at)
    if match is None:
        return None
    signs = _signs(match["set"])
    low = 0 if match["may"] else int(match["a"] or 1)
    high = 1 if match["may"] else int(match["b"] or match["a"] or 1)
    return match.end(), [(signs,) * count for count in range(low, high + 1)]


def _choices(pattern: str) -> list[str]:
    """Split a pattern at the bars that stand outside of groups."""
    depth, start, found = 0, 0, []
    for at, sign in enumerate(pattern):
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            found.append(pattern[start:at])
            start = at + 1
    return [*found, pattern[start:]]


def _closing(text: str, at: int) -> int:
    depth = 0
    for place in range(at, len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if not depth:
            return place
    return len(text)


@lru_cache(maxsize=256)
def _signs(piece: str) -> Signs:
    pattern = re.compile(piece)
    return frozenset(c for c in map(chr, range(32, 91)) if pattern.fullmatch(c))


_LENGTHS, _BEGINNINGS = 10, 100
_ENDS = ("137", "482", "9")


def number_kinds(rules: RegionRules) -> NDArray[np.uint8]:
    """Return what a run of digits may be as a postcode, by its length and first two digits.

    Returns:
        (10, 100): 0 for all where a postcode of the region may have any digits; else a number for
        each of: none, a postcode, one to be mended. 255 where that depends on further digits.
    """
    kinds = np.zeros((_LENGTHS, _BEGINNINGS), np.uint8)
    pattern = rules.address.postcode_pattern
    if not pattern or _FREE.fullmatch(pattern):
        return kinds
    for length in range(3, _LENGTHS):
        for first in range(_BEGINNINGS):
            told = {_kind(f"{first:02d}", end, length, rules) for end in _ENDS}
            kinds[length, first] = told.pop() if len(told) == 1 else 255
    return kinds


def _kind(first: str, end: str, length: int, rules: RegionRules) -> int:
    text = (first + end * length)[:length]
    found = read_postcode(text, rules.address, rules.code)
    if found is None:
        return 1
    return {"": 2, "STD321": 3, "STD322": 4, "STD323": 5}.get(found.code, 6)
