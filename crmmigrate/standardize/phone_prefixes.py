"""What is dialled before a number, as one small automaton: prefixes for abroad and within a country.

Metadata name them as patterns, nearly all of which stand for a few short rows of digits. The two or
three that do not are left to a regular expression.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from crmmigrate.standardize.digit_walks import step_table, walk_digits
from crmmigrate.values.digit_patterns import DEAD, Automaton, compile_pattern

__all__ = ["Prefixes", "prefix_table", "split_trunk"]

_LOCAL = re.compile(r"\(((?:[^()]|\(\?:[^()]*\))*)\)\$(?:\|(.*))?")
_ADDED = re.compile(r"([0-9]*)\$1")


@dataclass(frozen=True, slots=True, eq=False)
class Prefixes:
    """Patterns side by side.

    Attributes:
        steps: From `step_table`; 0 is dead.
        lengths: State → length of the longest match before it.
        starts: Pattern → its first state.
        longest_of: Pattern → digits of its longest match.
        longest: Digits of the longest match of all.
    """

    steps: pl.Series
    lengths: pl.Series
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
        ends = walk_digits(
            self.steps, digits.str.head(self.longest), start.fill_null(0), self.longest
        )
        length = self.lengths.gather(ends)
        return length.zip_with(length == digits.str.len_bytes(), _NOTHING) if whole else length


_NOTHING = pl.Series([0], dtype=pl.UInt32)


def prefix_table(patterns: Iterable[str]) -> Prefixes:
    """Put patterns of few digits into one table; the empty pattern matches nothing."""
    states, starts, longest = _States(), {"": 0}, {"": 0}
    for pattern in sorted(set(patterns) - {""}):
        automaton = compile_pattern(pattern)
        starts[pattern] = states.add(automaton, automaton.start, 0, 0)
        longest[pattern] = _depth(automaton.steps, automaton.start)
    most = max(1, *longest.values())
    lengths = pl.Series(states.lengths, dtype=pl.UInt32)
    return Prefixes(step_table(states.steps), lengths, starts, longest, most)


@dataclass(slots=True)
class _States:
    """States that remember how long the longest match was."""

    steps: list[list[int]] = field(default_factory=lambda: [[0] * 10])
    lengths: list[int] = field(default_factory=lambda: [0])
    known: dict[tuple[Automaton | None, int, int, int], int] = field(default_factory=dict)

    def add(self, automaton: Automaton, state: int, depth: int, length: int) -> int:
        """Add a state with all that follow; return its number."""
        if state != DEAD and automaton.accepts[state]:
            length = depth
        if state == DEAD and not length:
            return 0
        key = (automaton, state, depth, length) if state != DEAD else (None, DEAD, 0, length)
        if key not in self.known:
            number = self.known[key] = len(self.steps)
            self.steps.append([number] * 10)
            self.lengths.append(length)
            if state != DEAD:
                following = automaton.steps[state]
                self.steps[number] = [
                    self.add(automaton, to, depth + 1, length) for to in following
                ]
        return self.known[key]


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
