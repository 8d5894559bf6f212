"""Runs of digits within the pieces of a phone cell: what a search for numbers could find in them."""

from crmmigrate.compiled.compiler import inlined, inner
from crmmigrate.standardize.phone_arrays import SHORTEST, Plan, known
from crmmigrate.standardize.phone_desk import FIRST, FIRST_FOUND, FOUND, NO, NUMBER, RAW, YES, Desk
from crmmigrate.standardize.phone_desk import ZERO as NOTHING
from crmmigrate.standardize.phone_signs import (
    BLANK,
    CLOSE,
    DOT,
    HYPHEN,
    NBSP,
    NINE,
    OPEN,
    OTHER,
    PLUS,
    SLASH,
)
from crmmigrate.standardize.phone_spelling import keep_number, read_digits
from crmmigrate.values.phone_plans import LONGEST

__all__ = ["Sides", "count_digits", "ends_like_street", "may_hold_numbers", "stripped"]

Sides = tuple[int, int, int, int]
"""Where the first piece begins and ends, and the second one."""

_SURE = 7
"""Fewer digits may be part of a number together with some of the other side."""
_UNSURE = 100
_LONGEST_HOUSE = 5
"""Digits before a word that may be a number of a house; the search for numbers leaves them alone."""


@inner
def count_digits(signs: Desk, a: int, b: int) -> int:
    """Return how many of the signs from a to b are digits."""
    count = 0
    for at in range(a, b):
        count += signs[at] <= NINE
    return count


@inner
def stripped(signs: Desk, a: int, b: int) -> tuple[int, int]:
    """Pass over blanks at both ends."""
    while a < b and signs[a] in (BLANK, NBSP):
        a += 1
    while a < b and signs[b - 1] in (BLANK, NBSP):
        b -= 1
    return a, b


@inlined
def may_hold_numbers(plan: Plan, desk: Desk, sides: Sides, row: int) -> bool:
    """Tell whether numbers may be found within two pieces that are no numbers, true if in doubt."""
    most = max(_parted(desk, sides[0], sides[1]), _parted(desk, sides[2], sides[3]))
    if most >= _UNSURE:
        return True
    slashed = desk[sides[1]] == SLASH  # a number may go on behind it
    if slashed or known(plan, row, SHORTEST) * 2 <= most:
        first = _begins_with_number(plan, desk, sides[0], sides[3], row)
        return first or _begins_with_number(plan, desk, sides[2], sides[3], row)
    return False


@inner
def _begins_with_number(plan: Plan, desk: Desk, a: int, b: int, row: int) -> bool:
    """Tell whether the digits from the first one to any sign would be a valid number.

    A number that is found later leaves digits before it, and so is none. No number goes on behind a
    plus sign, or behind what stands for a word or for a sign that parts numbers.
    """
    begin, plus, count = a, False, NOTHING
    while begin < b and desk[begin] > NINE:
        plus = plus or desk[begin] == PLUS
        begin += 1
    for at in range(begin, b):
        if desk[at] in (PLUS, OTHER) or count > LONGEST + 3:
            break
        if desk[at] > NINE:
            continue
        desk[RAW + count] = desk[at]
        count += 1
        ends = at + 1 == b or desk[at + 1] > NINE
        if ends and read_digits(plan, desk, count, row, NO):
            return True
        if ends and plus and read_digits(plan, desk, count, row, YES):
            return True
    return False


@inlined
def ends_like_street(plan: Plan, desk: Desk, a: int, b: int, row: int) -> bool:
    """Tell whether the last digits may be those of a house or a time, and the others are a number."""
    tail = b
    while tail > a and desk[tail - 1] <= NINE:
        tail -= 1
    if tail == a or not 0 < b - tail <= _LONGEST_HOUSE:
        return False
    count = NOTHING
    for at in range(a, tail):
        if desk[at] <= NINE:
            desk[RAW + count] = desk[at]
            count += 1
    keep_number(desk, FOUND, FIRST_FOUND, FIRST)
    found = read_digits(plan, desk, count, row, desk[a] == PLUS)
    keep_number(desk, FIRST_FOUND, FOUND, NUMBER)
    return found


@inlined
def _parted(signs: Desk, a: int, b: int) -> int:
    """Return the digits of an invalid number that may be parted at its signs; many if in doubt."""
    a, b = stripped(signs, a, b)
    digits = count_digits(signs, a, b)
    for at in range(a, b):
        odd = signs[at] > NINE and signs[at] not in (PLUS, BLANK, OPEN, CLOSE, DOT, HYPHEN)
        if odd or (signs[at] == HYPHEN and signs[max(a, at - 1)] == BLANK):
            return _UNSURE
    tail = b - a >= 3 and (signs[b - 2] == HYPHEN or signs[b - 3] == HYPHEN)
    if tail or digits < _SURE:
        return _UNSURE
    return digits if _is_parted(signs, a, b) else 0


@inlined
def _is_parted(signs: Desk, a: int, b: int) -> bool:
    for at in range(a + 1, b - 1):
        if signs[at] > NINE and signs[at - 1] <= NINE:
            return count_digits(signs, at, b) > 0
    return False
