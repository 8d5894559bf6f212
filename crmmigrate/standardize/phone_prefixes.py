"""What is dialled before a number, as one small automaton: prefixes for abroad and within a country.

Metadata name them as patterns, nearly all of which stand for a few short rows of digits. The two or
three that do not are left to a regular expression.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from crmmigrate.values.digit_patterns import DEAD, compile_pattern

__all__ = ["Prefixes", "digit_columns", "prefix_table", "split_trunk"]

_END = ":"
"""The sign behind `9`, for the end of a number."""
_SIGNS = 11
_LOCAL = re.compile(r"\(((?:[^()]|\(\?:[^()]*\))*)\)\$(?:\|(.*))?")
_ADDED = re.compile(r"([0-9]*)\$1")


@dataclass(frozen=True, slots=True, eq=False)
class Prefixes:
    """Patterns side by side.

    Attributes:
        steps: State and sign → following state, times the number of signs; 0 is dead.
        accepts: Whether a pattern ends in a state.
        starts: Pattern → its first state.
        longest_of: Pattern → digits of its longest match.
        longest: Digits of the longest match of all.
    """

    steps: pl.Series
    accepts: pl.Series
    starts: Mapping[str, int]
    longest_of: Mapping[str, int]
    longest: int

    def measure(self, digits: pl.Series, start: pl.Series, *, whole: bool = False) -> pl.Series:
        """Return the length of the longest beginning that matches, 0 where none does.

        Args:
            digits: ASCII digits without anything else.
            start: First state of each row; 0 or null matches nothing.
            whole: Whether only the whole number counts.
        """
        length = pl.repeat(0, len(digits), dtype=pl.UInt32, eager=True)
        state = start.fill_null(0) * _SIGNS
        for at, sign in enumerate(digit_columns(digits.str.head(self.longest), self.longest), 1):
            state = self.steps.gather(state + sign)
            if not state.max():
                break
            length = length.zip_with(~self.accepts.gather(state // _SIGNS), _fixed(at))
        return length.zip_with(length == digits.str.len_bytes(), _fixed(0)) if whole else length


def _fixed(number: int) -> pl.Series:
    return pl.Series([number], dtype=pl.UInt32)


def digit_columns(digits: pl.Series, width: int) -> Iterable[pl.Series]:
    """Yield the numbers' first digits, then their second ones …; 10 behind the last."""
    signs = digits.str.pad_end(width, _END).to_arrow()
    size = len(digits) * width
    flat = pl.Series(pa.Array.from_buffers(pa.uint8(), size, [None, signs.buffers()[2]]))
    for at in range(width):
        yield flat.gather_every(width, at).cast(pl.UInt32) - ord("0")


def prefix_table(patterns: Iterable[str]) -> Prefixes:
    """Put patterns of few digits into one table; the empty pattern matches nothing."""
    steps, accepts, starts, longest = [0] * _SIGNS, [False], {"": 0}, {"": 0}
    for pattern in sorted(set(patterns) - {""}):
        automaton = compile_pattern(pattern)
        first = len(accepts)
        for accept, row in zip(automaton.accepts, automaton.steps, strict=True):
            accepts.append(accept)
            steps += [0 if to == DEAD else (first + to) * _SIGNS for to in row] + [0]
        starts[pattern] = first + automaton.start
        longest[pattern] = _depth(automaton.steps, automaton.start)
    table = pl.Series(steps, dtype=pl.UInt32)
    most = max(1, *longest.values())
    return Prefixes(table, pl.Series(accepts, dtype=pl.Boolean), starts, longest, most)


def _depth(steps: tuple[tuple[int, ...], ...], state: int) -> int:
    following = {to for to in steps[state] if to != DEAD}
    return 1 + max(_depth(steps, to) for to in following) if following else 0


def split_trunk(pattern: str, rule: str) -> tuple[str, str, str] | None:
    r"""Tell what a national prefix and its rule do to a number.

    Args:
        pattern: E.g. `0|80?`, or `([2-9]\d{6})$|1` for numbers dialled without their area code.
        rule: E.g. `268$1`, empty for most.

    Returns:
        The pattern of what is stripped, the pattern of numbers that lack digits, and the digits to
        add to those; None if the pattern cannot be split so.
    """
    if not rule:
        return (pattern, "", "") if not re.search(r"[*+$]|,\}", pattern) else None
    added, found = _ADDED.fullmatch(rule), _LOCAL.fullmatch(pattern)
    if added is None or found is None or re.search(r"[*+$]|,\}", found[2] or ""):
        return None
    return found[2] or "", found[1], added[1]
