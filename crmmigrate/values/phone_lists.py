"""Several phone numbers in one cell: where to cut, and what a short piece behind a number means.

Some signs always stand between numbers (`;`, `|`, a line break, "or"). A slash, a blank or a dash
may as well stand within one (`0732/830161`); there the cut is made that leaves least unread.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from crmmigrate.values.phone_cells import (
    PhoneWords,
    cut_cell,
    cut_note,
    joined_halves,
    mark_extensions,
)
from crmmigrate.values.phone_numbers import PhoneNumber

__all__ = ["PhoneList", "has_second_number", "read_list"]

Read = Callable[[str], PhoneNumber | None]
"""Reads a text that should hold one number; None if it is no valid one."""


@dataclass(frozen=True, slots=True)
class PhoneList:
    """The numbers of a cell in order, and the pieces that could not be read."""

    numbers: list[PhoneNumber] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def read_list(text: str, words: PhoneWords, read: Read) -> PhoneList:
    """Read every number of a cell.

    Args:
        text: The cell without its notes.
        words: Words of the region around numbers.
        read: Reads one number of the region.
    """

    def read_one(part: str) -> PhoneNumber | None:
        bare = mark_extensions(cut_note(part, words)[0], words)
        number = read(bare)
        return None if number is None or has_second_number(bare, number, read) else number

    found = PhoneList()
    for piece in cut_cell(text, words):
        for part in _best_cuts(piece, words, read_one):
            if not _read_short(part, words, read, found):
                _read_part(part, read_one, found)
    return found


_LONGEST_EXTENSION = 7
_FULL = 7


def has_second_number(text: str, number: PhoneNumber, read: Read) -> bool:
    """Tell whether what reads as one number is two.

    The library takes the digits behind `;` or `,` for an extension, and in countries where numbers
    have no fixed length it takes two short ones for a long one.
    """
    if number.extension and not _WRITTEN_OUT.search(text):
        bare = _LIST_SIGN.search(text) and not _DIALLED_ON.search(text)
        full = len(number.extension) > (_FULL - 3 if bare else _LONGEST_EXTENSION)
        if full and read(number.extension) is not None:
            return True
    if _OTHER_EXTENSION.search(text):
        return True
    pieces = _OR.split(text)
    if len(pieces) == 1 or not all(_STARTS_ANEW.match(piece) for piece in pieces[1:]):
        return False
    return all(read(piece) is not None for piece in pieces)


_WRITTEN_OUT = re.compile(r";\s*ext=", re.IGNORECASE)
_DIALLED_ON = re.compile(r",\s*,|;\s*;")
_LIST_SIGN = re.compile(r"[;,]\s*\d+\s*$")
_OTHER_EXTENSION = re.compile(r"[/\\] *x *\d", re.IGNORECASE)
"""The library drops it."""

_OR = re.compile(r"[/;,|\\]")
_STARTS_ANEW = re.compile(r"\s*[(]?\s*[+0]")


def _read_short(piece: str, words: PhoneWords, read: Read, found: PhoneList) -> bool:
    """Read a piece that has only the last digits, or a further extension, of the number before."""
    if not found.numbers:
        return False
    last = found.numbers[-1]
    extension = words.further.match(piece)
    tail = _TAIL.match(piece)
    if tail and read(piece) is not None:
        return False
    if extension or (tail and last.extension):
        digits = extension[extension.lastindex or 0] if extension else tail[1] if tail else ""
        if extension and not last.extension:
            found.numbers.pop()
        found.numbers.append(replace(last, extension=digits))
        return True
    other = read(last.e164[: -len(tail[1])] + tail[1]) if tail else None
    if other is not None:
        found.numbers.append(other)
    return other is not None


_TAIL = re.compile(r"^-?\s*(\d{1,4})$")
_WITHIN = re.compile(r"\s*[/\\]\s*|\s+[-–—]\s+(?=[+(0])|-(?=\d{1,2}$)")
_MOST = 10
"""A piece with more parts is no list of phone numbers."""


def _read_part(part: str, read: Read, found: PhoneList) -> None:
    number = read(part)
    numbers = [number] if number is not None else _halves(part, read)
    found.numbers.extend(numbers)
    if not numbers and re.search(r"\w", part):
        found.left.append(part.strip())


def _best_cuts(piece: str, words: PhoneWords, read: Read) -> Sequence[str]:
    """Return the parts of a piece, cut so that least is left unread and no number is swallowed."""
    signs = list(_WITHIN.finditer(piece))
    if not signs or len(signs) > _MOST or read(piece) is not None:
        return [piece]
    starts = [0, *(sign.end() for sign in signs)]
    ends = [*(sign.start() for sign in signs), len(piece)]
    best: list[tuple[tuple[int, int, int], tuple[str, ...]]] = [((0, 0, 0), ())]
    for to in range(1, len(starts) + 1):
        options = []
        for since in range(to):
            part = piece[starts[since] : ends[to - 1]]
            inner = (piece[start:] for start in starts[since + 1 : to])
            cost = _cost(part, words, read, alone=to - since == 1, first=since == 0)
            if cost is not None:
                unread, swallowed, count = best[since][0]
                swallowed += sum(bool(_STARTS_ANEW.match(rest)) for rest in inner)
                total = (unread + cost, swallowed, count + 1)
                options.append((total, (*best[since][1], part)))
        best.append(min(options))
    return best[-1][1]


def _cost(part: str, words: PhoneWords, read: Read, *, alone: bool, first: bool) -> int | None:
    """Return how much of a part is left unread; None if it is better cut further."""
    if read(part) is not None:
        return 0
    if not alone:
        return None
    short = not first and (_TAIL.match(part) or words.further.match(part))
    return 0 if short or _halves(part, read) else 1


def _halves(part: str, read: Read) -> list[PhoneNumber]:
    """Cut at the one blank that leaves a valid number on both sides."""
    found = list(_pairs(part, read))
    return found[0] if len(found) == 1 else []


def _pairs(part: str, read: Read) -> Iterator[list[PhoneNumber]]:
    for first, second in joined_halves(part):
        a = read(first)
        b = None if a is None else read(second)
        if a is not None and b is not None:
            yield [a, b]
