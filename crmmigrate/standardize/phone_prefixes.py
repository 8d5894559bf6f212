"""What is dialled before a number, as one small automaton: prefixes for abroad and within a country.

Metadata name them as patterns, nearly all of which stand for a few short rows of digits; two or three
keep a part of what they match.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from crmmigrate.values.digit_patterns import DEAD, Automaton, compile_pattern

__all__ = ["Captured", "Prefixes", "prefix_table", "split_captured", "split_trunk"]

_LOCAL = re.compile(r"\(((?:[^()]|\(\?:[^()]*\))*)\)\$(?:\|(.*))?")
_ADDED = re.compile(r"([0-9]*)\$1")


@dataclass(frozen=True, slots=True, eq=False)
class Prefixes:
    """Patterns side by side.

    Attributes:
        rows: State → ten states that follow; 0 is dead.
        lengths: State → length of the longest match before it.
        starts: Pattern → its first state.
        longest_of: Pattern → digits of its longest match.
    """

    rows: Sequence[Sequence[int]]
    lengths: pl.Series
    starts: Mapping[str, int]
    longest_of: Mapping[str, int]


def prefix_table(patterns: Iterable[str]) -> Prefixes:
    """Put patterns of few digits into one table; the empty pattern matches nothing."""
    states, starts, longest = _States(), {"": 0}, {"": 0}
    for pattern in sorted(set(patterns) - {""}):
        automaton = compile_pattern(pattern)
        starts[pattern] = states.add(automaton, automaton.start, 0, 0)
        longest[pattern] = _depth(automaton.steps, automaton.start)
    lengths = pl.Series(states.lengths, dtype=pl.UInt32)
    return Prefixes(states.steps, lengths, starts, longest)


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


@dataclass(frozen=True, slots=True)
class Captured:
    """A national prefix that keeps a part of what it matches.

    Attributes:
        whole: Pattern of all that matches.
        front: Digits before the part that is kept; without the plain prefix, unless it is needed.
        back: Digits behind that part which go.
        needed: Whether the plain prefix goes only if all matches.
        head: Pattern of the plain prefix.
        added: Digits to write before the part.
    """

    whole: str
    front: int
    back: int
    needed: bool
    head: str = ""
    added: str = ""


_CAPTURED = re.compile(r"(0\??|\(\?:[0-9|]+\))(?:\(\?:(.*)\)\?|(\(.*\)))")


def split_captured(pattern: str, rule: str) -> Captured | None:
    r"""Tell what a prefix such as `0?(?:(11|2[23])15)?` with the rule `9$1` keeps.

    Returns:
        None if the pattern is of another kind.
    """
    added, found = re.fullmatch(r"([0-9]*)\$([12])", rule), _CAPTURED.fullmatch(pattern)
    if added is None or found is None:
        return None
    behind = found[2] or found[3]
    parts = _parts(behind)
    captured = [at for at, part in enumerate(parts) if re.match(r"\((?!\?)", part)]
    if len(captured) != int(added[2]):
        return None
    kept = captured[-1]
    front, back = "".join(parts[:kept]), "".join(parts[kept + 1 :])
    needed = found[2] is None
    before, after = _size(found[1] + front if needed else front), _size(back)
    if before is None or after is None:
        return None
    return Captured(found[1] + behind, before, after, needed, found[1], added[1])


def _parts(pattern: str) -> list[str]:
    """Cut a pattern at its outermost round brackets."""
    parts, depth = [""], 0
    for sign in pattern:
        if sign == "(" and depth == 0:
            parts.append("")
        depth += (sign == "(") - (sign == ")")
        parts[-1] += sign
        if sign == ")" and depth == 0:
            parts.append("")
    return [part for part in parts if part]


def _size(pattern: str) -> int | None:
    """Return how many digits a pattern stands for, None if that is not always the same."""
    if not pattern:
        return 0
    automaton = compile_pattern(pattern)
    depths = {_depth(automaton.steps, automaton.start), _shallow(automaton, automaton.start)}
    return depths.pop() if len(depths) == 1 else None


def _shallow(automaton: Automaton, state: int) -> int:
    if automaton.accepts[state]:
        return 0
    return 1 + min(_shallow(automaton, to) for to in automaton.steps[state] if to != DEAD)
