"""Patterns of digits as automata: the few signs that numbering plans are written with.

A numbering plan is a set of regular expressions over the ten digits. As automata of few states
they can be run side by side, one table look-up a digit, however many numbers there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

__all__ = ["DEAD", "Automaton", "compile_pattern"]

DEAD = -1
"""No number can match any more."""

_ANY = frozenset(range(10))
_REPEATS = {"?": (0, 1), "*": (0, None), "+": (1, None)}


@dataclass(frozen=True, slots=True)
class Automaton:
    """A deterministic automaton over digits.

    Attributes:
        accepts: State → whether a number that ends here matches.
        steps: State → ten states that follow, `DEAD` where no match is possible.
        start: First state, `DEAD` if nothing matches.
    """

    accepts: tuple[bool, ...]
    steps: tuple[tuple[int, ...], ...]
    start: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a pattern: can it be empty, and the positions it may begin and end with."""

    empty: bool
    first: frozenset[int]
    last: frozenset[int]


@dataclass(slots=True)
class _Reader:
    """Reads a pattern once; every digit sign gets a position, and each position its followers."""

    pattern: str
    at: int = 0
    digits: list[frozenset[int]] = field(default_factory=list)
    follow: list[set[int]] = field(default_factory=list)

    def read_choice(self) -> _Piece:
        """Read alternatives up to the end or a closing bracket."""
        piece = self._read_row()
        while self.pattern[self.at : self.at + 1] == "|":
            self.at += 1
            other = self._read_row()
            piece = _Piece(
                piece.empty or other.empty, piece.first | other.first, piece.last | other.last
            )
        return piece

    def _read_row(self) -> _Piece:
        piece = _Piece(empty=True, first=frozenset(), last=frozenset())
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            piece = self.join(piece, self._read_repeated())
        return piece

    def join(self, a: _Piece, b: _Piece) -> _Piece:
        """Put one piece behind another."""
        for position in a.last:
            self.follow[position] |= b.first
        return _Piece(
            a.empty and b.empty,
            a.first | b.first if a.empty else a.first,
            a.last | b.last if b.empty else b.last,
        )

    def _read_repeated(self) -> _Piece:
        start = self.at
        piece = self._read_one()
        low, high = self._read_repeat()
        end = self.at
        if (low, high) == (1, 1):
            return piece
        if high is None:
            piece = self._repeat(start, end, piece, low)
        else:
            copies = [piece, *(self._again(start, end) for _ in range(1, high))]
            piece = _Piece(empty=True, first=frozenset(), last=frozenset())
            for count, copy in enumerate(copies):
                if count >= low:
                    copy = _Piece(True, copy.first, copy.last)  # noqa: PLW2901
                piece = self.join(piece, copy)
        self.at = end
        return piece

    def _repeat(self, start: int, end: int, piece: _Piece, low: int) -> _Piece:
        row = _Piece(empty=True, first=frozenset(), last=frozenset())
        for _ in range(1, low):
            row = self.join(row, self._again(start, end))
        for position in piece.last:
            self.follow[position] |= piece.first
        return self.join(row, _Piece(piece.empty or low == 0, piece.first, piece.last))

    def _again(self, start: int, end: int) -> _Piece:
        self.at = start
        piece = self._read_one()
        self.at = end
        return piece

    def _read_repeat(self) -> tuple[int, int | None]:
        sign = self.pattern[self.at : self.at + 1]
        if sign in _REPEATS:
            self.at += 1
            return _REPEATS[sign]
        if sign != "{":
            return 1, 1
        close = self.pattern.index("}", self.at)
        low, _, high = self.pattern[self.at + 1 : close].partition(",")
        exact = "," not in self.pattern[self.at : close]
        self.at = close + 1
        return int(low), int(low) if exact else int(high) if high else None

    def _read_one(self) -> _Piece:
        if self.pattern[self.at] == "(":
            self.at += 3 if self.pattern.startswith("(?:", self.at) else 1
            piece = self.read_choice()
            self.at += 1
            return piece
        return self.place(self._read_digits())

    def place(self, digits: Iterable[int]) -> _Piece:
        """Give a digit sign its position."""
        position = frozenset([len(self.digits)])
        self.digits.append(frozenset(digits))
        self.follow.append(set())
        return _Piece(False, position, position)

    def _read_digits(self) -> frozenset[int]:
        if self.pattern.startswith(r"\d", self.at):
            self.at += 2
            return _ANY
        if self.pattern[self.at] != "[":
            self.at += 1
            return frozenset([int(self.pattern[self.at - 1])])
        close = self.pattern.index("]", self.at)
        signs = self.pattern[self.at + 1 : close].replace(r"\d", "0-9")
        self.at = close + 1
        found: set[int] = set()
        for at, sign in enumerate(signs):
            if sign == "-":
                found.update(range(int(signs[at - 1]), int(signs[at + 1]) + 1))
            else:
                found.add(int(sign))
        return frozenset(found)


def compile_pattern(pattern: str, *, prefix: bool = False) -> Automaton:
    r"""Compile a pattern of digits, groups, choices and repeats.

    Args:
        pattern: E.g. `(?:[2-9]\d|1[1-3])\d{4,6}`.
        prefix: Whether a number matches that only begins so.

    Raises:
        ValueError: The pattern has other signs.
    """
    reader = _Reader(pattern)
    whole = reader.read_choice()
    if reader.at != len(pattern):
        message = f"not a pattern of digits: {pattern}"
        raise ValueError(message)
    if prefix:
        rest = reader.place(_ANY)
        for position in rest.last:
            reader.follow[position] |= rest.first
        whole = reader.join(whole, _Piece(True, rest.first, rest.last))
    return _fewest_states(reader, whole)


def _fewest_states(reader: _Reader, whole: _Piece) -> Automaton:
    """Build the automaton of sets of positions; states that do the same are one."""
    accepts: list[bool] = []
    steps: list[tuple[int, ...]] = []
    known: dict[tuple[bool, tuple[int, ...]], int] = {}
    done: dict[frozenset[int], int] = {}
    itself = -2

    def visit(following: frozenset[int], *, accept: bool, name: frozenset[int]) -> int:
        if name in done:
            return done[name]
        row = []
        for digit in range(10):
            reached = frozenset(p for p in following if digit in reader.digits[p])
            row.append(itself if reached == name and reached else _go(reached))
        key = (accept, tuple(row))
        if not accept and set(row) == {DEAD}:
            done[name] = DEAD
            return DEAD
        if key not in known:
            known[key] = len(steps)
            accepts.append(accept)
            steps.append(tuple(known[key] if to == itself else to for to in row))
        done[name] = known[key]
        return known[key]

    def _go(reached: frozenset[int]) -> int:
        if not reached:
            return DEAD
        following = frozenset[int]().union(*(reader.follow[p] for p in reached))
        return visit(following, accept=not reached.isdisjoint(whole.last), name=reached)

    start = visit(whole.first, accept=whole.empty, name=frozenset([-1]))
    return Automaton(tuple(accepts), tuple(steps), start)
