"""Where the numbers of a date stand and how its years count, as rows for the loops that read dates."""

from collections.abc import Callable, Sequence

from crmmigrate.standardize.date_codes import CODES
from crmmigrate.values.date_plans import Candidate, Group, Structure
from crmmigrate.values.dates import BUDDHIST_YEARS, FIRST_YEAR, LAST_YEAR
from crmmigrate.values.times import Slot

__all__ = [
    "CANDIDATES_AT",
    "CANDIDATE_FIELDS",
    "LAYOUT_FIELDS",
    "NAMED",
    "SLOTS",
    "SLOTS_AT",
    "SPECIAL",
    "plan_numbers",
]

_CANDIDATES = 3
"""Readings that are compared: three numbers of two digits are dmy, mdy or ymd."""

SPECIAL = ("buddhist_short", "persian", "persian_short", "persian_long", "islamic", "islamic_long")
"""Ways to count years that take more than a sum, by number from 1."""

SLOTS, SLOTS_AT, _MOST_SLOTS = 6, 7, 6
CANDIDATES_AT, CANDIDATE_FIELDS = SLOTS_AT + 5 * _MOST_SLOTS, 11
"""Where a row of layouts has how many numbers are read, each of them, and each reading of them."""

NAMED = _MOST_SLOTS
"""Number of the value that is the month named by a word."""

_EVER = 9999
_COUNTED = {
    "gregorian": (0, _EVER, 0, 0),
    "plausible": (FIRST_YEAR, LAST_YEAR, 0, -2 * _EVER),
    "pivot": (0, 49, 2000, 1900),
    "buddhist_long": (BUDDHIST_YEARS.start, BUDDHIST_YEARS.stop - 1, -543, 0),
    "roc_long": (0, 199, 1911, 0),
}
"""What is added to years within a range, and to those beyond it."""

_CODES = {
    "pivot": ("STD406", "STD406"),
    "buddhist_long": ("STD407", ""),
    "roc_long": ("STD407", ""),
}
"""What is told of years within the range, and of those beyond it."""

LAYOUT_FIELDS = CANDIDATES_AT + CANDIDATE_FIELDS * _CANDIDATES
_STATUSES = ("normalised", "repaired")


def plan_numbers(
    structure: Structure, lengths: Sequence[int], number_message: Callable[[str], int]
) -> tuple[int, ...] | None:
    """Return the row of a structure; None where it is to be read in another way.

    Places are counted in digits from the first digit of the text.

    Args:
        structure: Where the numbers of a date stand.
        lengths: Lengths of the runs of digits.
        number_message: Numbers what is to be told.

    Returns:
        How many readings have the first rank, how many there are, whether a habit is told, number of
        the code, of the status, and hundredths of confidence of the second rank, how many
        numbers there are; of each number its first digit and the weights of four; of each
        reading which numbers are year, month and day, a special calendar (0 for none) or the
        range of years, what is added to those within and beyond it, the codes of both, and
        the message.
    """
    first, *later = structure.groups
    every = [c for group in structure.groups for c in group.candidates]
    if len(later) > 1 or len(every) > _CANDIDATES or first.codes:
        return None
    second = later[0] if later else Group(())
    slots = list({slot: None for c in every for slot in (c.year, c.month, c.day) if slot})
    code = CODES.index(second.codes[0] if second.codes else "")
    row = [len(first.candidates), len(every), int(structure.told), code]
    row += [_STATUSES.index(second.status), round(100 * second.confidence), len(slots)]
    row += [number for slot in slots for number in _weights(slot, lengths)]
    row += [0] * (CANDIDATES_AT - len(row))
    for at, candidate in enumerate(every):
        told = second.message.format(order=candidate.order) if at >= len(first.candidates) else ""
        row += [NAMED if s is None else slots.index(s)
                for s in (candidate.year, candidate.month, candidate.day)]  # fmt: skip
        row += [*_counting(candidate), number_message(told)]
    return (*row, *[0] * (LAYOUT_FIELDS - len(row)))


def _counting(candidate: Candidate) -> tuple[int, ...]:
    """Return how years are counted: a special way, or the range and what is added and told."""
    kind = candidate.calendar
    if kind in SPECIAL:
        return (1 + SPECIAL.index(kind), 0, 0, 0, 0, 0, 0)
    shifted = (0, _EVER, candidate.shift, 0) if kind == "shifted" else None
    codes = ("STD407", "") if shifted else _CODES.get(kind, ("", ""))
    return (0, *(shifted or _COUNTED[kind]), *map(CODES.index, codes))


def _weights(slot: Slot, lengths: Sequence[int]) -> tuple[int, ...]:
    """Return which digit a number begins with, and what four digits from there on count.

    A slot at the start of its run may be longer than the run.
    """
    length = min(slot.length, lengths[slot.run] - slot.start)
    weights = [10 ** (length - 1 - place) if place < length else 0 for place in range(4)]
    return sum(lengths[: slot.run]) + slot.start, *weights
