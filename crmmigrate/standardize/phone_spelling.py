"""Texts that hold one phone number and nothing else: the twin of the scalar's plain reading.

A text is a row of signs (see `phone_signs`). What is said here is what the scalar says; texts that the
library refuses to parse are left to it.
"""

from typing import NamedTuple

from crmmigrate.compiled.compiler import inlined, inner
from crmmigrate.standardize.phone_arrays import (
    CODE_LENGTH,
    HOME_LENGTH,
    MAIN,
    UNREAD,
    VALID,
    Plan,
    known,
    told,
)
from crmmigrate.standardize.phone_desk import (
    FOUND,
    NUMBER,
    OTHER_FOUND,
    OTHER_NUMBER,
    RAW,
    Desk,
    loop_numbers,
)
from crmmigrate.standardize.phone_desk import ZERO as NOTHING
from crmmigrate.standardize.phone_digits import begins_with_code, read_abroad, read_dialled
from crmmigrate.standardize.phone_signs import (
    BLANK,
    CLOSE,
    DASH,
    DOT,
    HYPHEN,
    NBSP,
    NINE,
    OPEN,
    PLUS,
    SLASH,
)
from crmmigrate.values.phone_plans import LONGEST

__all__ = [
    "AMBIGUOUS", "FOREIGN", "HOMELESS", "LEFT", "LOST", "READ", "REFUSED", "SAME", "STRANGE", "WRONG", "ZERO",
    "Facts", "are_same", "dialled_prefix", "keep_number", "read_digits", "read_number", "read_other", "read_piece",
]  # fmt: skip

LEFT, SAME, READ, AMBIGUOUS, ZERO, FOREIGN, LOST, WRONG, HOMELESS = range(9)
REFUSED, STRANGE = 15, 14
"""What came of a text: left to the scalar; E.164 already; a number; one of two; `+cc (0) n`; dialled
from abroad; no number but for a plus sign that may be lost; no number; one without a region; or nothing
that the library parses, in whichever way, or only with a plus sign before it."""

_SHORTEST, _MOST = 3, 30
_TWO_NUMBERS = 12
"""From so many digits on, a text with blanks may hold two numbers."""
_BEHIND_CODE = 5
_ELEVEN, _DOUBLE = loop_numbers(1, 2)


class Facts(NamedTuple):
    """What a text looks like.

    A text that is no number at all is not `plain`; `again` tells of a zero behind a slash, where a
    second number may begin.
    """

    plain: bool
    digits: int
    plus: bool
    zero: bool
    opening: bool
    two: bool
    slash: bool
    again: bool
    blank: bool
    run: bool


@inlined
def _is_dash(sign: int) -> bool:
    return sign in (HYPHEN, DASH)


@inlined
def _ends_with_tail(signs: Desk, a: int, b: int) -> bool:
    """Tell whether a hyphen and one or two digits end the text."""
    if b - a < 3 or signs[b - 1] > NINE:
        return False
    one_digit = bool(signs[b - 2] == HYPHEN)
    return one_digit or bool(signs[b - 2] <= NINE and signs[b - 3] == HYPHEN)


@inlined
def _has_bracketed_zero(signs: Desk, a: int, b: int) -> bool:
    found = False
    for at in range(a, b):
        found = found or (signs[at] == OPEN and _behind_zero(signs, at, b) > 0)
    return found


@inner
def _behind_zero(signs: Desk, at: int, b: int) -> int:
    """Return where a bracket that holds zeros ends, 0 if there is none at this place."""
    if at >= b or signs[at] != OPEN:
        return 0
    at = _behind_blanks(signs, at + 1, b)
    first = at
    while at < b and signs[at] == 0:
        at += 1
    zeros = at - first
    at = _behind_blanks(signs, at, b)
    return at + 1 if zeros > 0 and at < b and signs[at] == CLOSE else 0


@inner
def _behind_blanks(signs: Desk, at: int, b: int) -> int:
    while at < b and signs[at] == BLANK:
        at += 1
    return at


@inlined
def _find_facts(desk: Desk, a: int, b: int) -> Facts:
    """Look at the signs from a to b, and put their digits on the desk."""
    signs = desk
    plus = b > a and signs[a] == PLUS
    plain = _SHORTEST <= b - a - plus <= _MOST and (signs[a] <= OPEN)
    digits, run, most, slash, largest = NOTHING, NOTHING, NOTHING, NOTHING, NOTHING
    blank, two, opening, odd, bracket = False, False, signs[a] <= NINE, False, False
    slashed, again = False, False
    for at in range(a + plus, b):
        sign = signs[at]
        if sign <= NINE:
            desk[RAW + digits] = sign
            digits, run = digits + 1, run + 1
            most, largest = max(most, run), max(largest, sign)
            again = again or (slash > 0 and sign == 0)
            slash = 0
            continue
        run = 0
        odd = odd or sign == PLUS or (digits == 0 and not plus and sign in (CLOSE, DOT))
        blank = blank or sign in (BLANK, NBSP)
        bracket = bracket or sign == OPEN
        slash = _slash(slash, sign, digits)
        slashed = slashed or sign == SLASH
        two = (
            two
            or sign == SLASH
            or (
                _is_dash(sign) and at > a and at + 1 < b and signs[at - 1] == BLANK == signs[at + 1]
            )
        )
        opening = opening and sign not in (SLASH, DASH)
    odd = odd or (digits > 0 and desk[RAW] == 0 and (plus or (signs[a] == 0 and largest == 0)))
    two = two or _ends_with_tail(signs, a, b)
    zero = bracket and _has_bracketed_zero(signs, a, b)
    return Facts(
        plain and not odd, digits, plus, zero, opening, two, slashed, again, blank, most >= 3
    )


@inlined
def _slash(state: int, sign: int, digits: int) -> int:
    """Follow a slash behind a digit: 1 behind it and its blanks, 2 behind a bracket, else 0."""
    if sign == SLASH:
        return 1 if digits > 0 else 0
    if state == 1:
        return 2 if sign == OPEN else int(sign in (BLANK, NBSP))
    return 0


@inlined
def _copy(desk: Desk, digits: int, target: int) -> None:
    for at in range(digits):
        desk[target + at] = desk[RAW + at]


@inner
def read_digits(plan: Plan, desk: Desk, digits: int, row: int, plus: bool) -> bool:
    """Read the digits on the desk; tell whether they are a valid number."""
    _copy(desk, digits, NUMBER)
    verdict, a, b = read_dialled(plan, desk, NUMBER, NUMBER + digits, row, plus)
    desk[FOUND], desk[FOUND + 1], desk[FOUND + 2] = verdict, a, b
    return told(plan, verdict, VALID) > 0


@inner
def read_other(plan: Plan, desk: Desk, digits: int, since: int) -> bool:
    """Read the digits as if there were a plus sign; tell whether they are a valid number."""
    _copy(desk, digits, OTHER_NUMBER)
    verdict, a, b = read_abroad(plan, desk, OTHER_NUMBER + since, OTHER_NUMBER + digits)
    desk[OTHER_FOUND], desk[OTHER_FOUND + 1], desk[OTHER_FOUND + 2] = verdict, a, b
    return told(plan, verdict, VALID) > 0


@inner
def are_same(plan: Plan, desk: Desk) -> bool:
    """Tell whether both numbers on the desk are one."""
    a, size = desk[FOUND + 1], desk[FOUND + 2] - desk[FOUND + 1]
    b, other = desk[OTHER_FOUND + 1], desk[OTHER_FOUND + 2] - desk[OTHER_FOUND + 1]
    codes = told(plan, desk[FOUND], MAIN), told(plan, desk[OTHER_FOUND], MAIN)
    if codes[0] != codes[1] or size != other:
        return False
    same = True
    for at in range(size):
        same = same and desk[a + at] == desk[b + at]
    return same


@inner
def read_number(plan: Plan, desk: Desk, a: int, b: int, row: int, one: bool, extended: bool) -> int:
    """Read the signs from a to b as one number; what the library refuses is `LEFT`.

    The arguments, and what is returned, are those of `read_piece`.
    """
    kind = read_piece(plan, desk, a, b, row, one, extended)
    return LEFT if kind in (REFUSED, STRANGE) else kind


@inner
def read_piece(plan: Plan, desk: Desk, a: int, b: int, row: int, one: bool, extended: bool) -> int:
    """Read the signs from a to b as one number.

    Args:
        plan: The plans.
        desk: Holds the signs, and gets what is found.
        a: First sign.
        b: Behind the last one.
        row: Of the region, -1 for none.
        one: Whether the text cannot hold two numbers, so that a long one is no number.
        extended: Whether an extension is behind it.

    Returns:
        What came of it. Where it is `HOMELESS`, `found` has only the other number, if it is valid.
    """
    facts = _find_facts(desk, a, b)
    if not facts.plain or (facts.again and not one) or (row >= 0 and known(plan, row, UNREAD)):
        return LEFT
    if facts.zero:
        return _read_zero(plan, desk, a, b, row, facts)
    valid = read_digits(plan, desk, facts.digits, row, facts.plus)
    if valid:
        return _told_valid(plan, desk, b - a, row, facts, extended)
    two = facts.two or (facts.blank and facts.digits >= _TWO_NUMBERS)
    if row >= 0:
        return _told_invalid(plan, desk, a, b, facts, one or not two, one)
    if facts.plus or not facts.run or (two and not one):
        return LEFT
    read_other(plan, desk, facts.digits, dialled_prefix(desk, a, b))
    return HOMELESS


@inlined
def _told_valid(plan: Plan, desk: Desk, size: int, row: int, facts: Facts, extended: bool) -> int:
    if not facts.plus:
        if row < 0 or not facts.opening or extended:
            return READ
        enough = facts.digits >= known(plan, row, HOME_LENGTH) + _BEHIND_CODE
        if enough and begins_with_code(plan, row, desk, RAW, RAW + facts.digits):
            other = read_other(plan, desk, facts.digits, NOTHING)
            return AMBIGUOUS if other and not are_same(plan, desk) else READ
        return READ
    number = desk[FOUND + 2] - desk[FOUND + 1] + told(plan, desk[FOUND], CODE_LENGTH)
    whole = size == facts.digits + 1 and number == facts.digits
    return SAME if whole else READ


@inlined
def _told_invalid(
    plan: Plan, desk: Desk, a: int, b: int, facts: Facts, sure: bool, one: bool
) -> int:
    """Tell of digits that are no valid number of the region; `sure` that they are not two numbers."""
    read, refused = desk[FOUND] > 0, facts.digits <= LONGEST
    kind = _read_otherwise(plan, desk, a, b, facts)
    if kind == FOREIGN:
        return kind if (read or refused) and not facts.slash else LEFT
    if read:
        return kind if sure else LEFT
    if not refused or not one:
        return LEFT
    return REFUSED if kind == WRONG else STRANGE


@inlined
def _read_otherwise(plan: Plan, desk: Desk, a: int, b: int, facts: Facts) -> int:
    if facts.plus:
        return WRONG
    since = dialled_prefix(desk, a, b)
    if not read_other(plan, desk, facts.digits, since):
        return WRONG
    if since == 0:
        return LOST
    keep_number(desk, OTHER_FOUND, FOUND, NUMBER)
    return FOREIGN


@inner
def keep_number(desk: Desk, found: int, to_found: int, to_digits: int) -> None:
    """Copy a number to another place of the desk."""
    start, size = desk[found + 1], desk[found + 2] - desk[found + 1]
    for at in range(size):
        desk[to_digits + at] = desk[start + at]
    desk[to_found] = desk[found]
    desk[to_found + 1], desk[to_found + 2] = to_digits, to_digits + size


@inner
def _begins(signs: Desk, at: int, b: int, prefix: int) -> int:
    """Return the length of a usual prefix for abroad at a place: 0011, 011 or 00; 0 for none."""
    if prefix == 0:
        return 4 * (
            at + 4 <= b and signs[at] + signs[at + 1] == 0 and signs[at + 2] == 1 == signs[at + 3]
        )
    if prefix == 1:
        return 3 * (at + 3 <= b and signs[at] == 0 and signs[at + 1] == 1 == signs[at + 2])
    return 2 * (at + 2 <= b and signs[at] + signs[at + 1] == 0)


@inner
def dialled_prefix(signs: Desk, a: int, b: int) -> int:
    """Return how many digits a usual prefix for abroad has, 0 where there is none."""
    start = a + (signs[a] == OPEN)
    longest = 0
    for prefix in range(NOTHING, 3):
        size = _begins(signs, start, b, prefix)
        longest = max(longest, size)
        if size:
            at = start + size
            at += at < b and signs[at] == CLOSE
            while at < b and signs[at] in (BLANK, NBSP, DOT, SLASH, HYPHEN):
                at += 1
            if at < b and (signs[at] == OPEN or 0 < signs[at] <= NINE):
                return longest
    return 0


@inlined
def _trunk_zero(signs: Desk, a: int, b: int) -> tuple[int, int]:
    """Find `(0)` behind a country code: where its bracket begins and ends, (0, 0) for none."""
    size = 1 if signs[a] == PLUS else _begins(signs, a, b, _DOUBLE)
    size = size or _begins(signs, a, b, _ELEVEN)
    at = _behind_blanks(signs, a + size, b)
    at += at < b and signs[at] == OPEN
    first = at
    while at < b and signs[at] <= NINE:
        at += 1
    if size == 0 or not 1 <= at - first <= 3:
        return 0, 0
    at += at < b and signs[at] == CLOSE
    at = _behind_separators(signs, at, b)
    end = _behind_zero(signs, at, b)
    behind = _behind_separators(signs, end, b)
    if end == 0 or behind >= b or signs[behind] > NINE:
        return 0, 0
    return at, end


@inner
def _behind_separators(signs: Desk, at: int, b: int) -> int:
    while at < b and signs[at] in (BLANK, DOT, SLASH, HYPHEN):
        at += 1
    return at


@inlined
def _read_zero(plan: Plan, desk: Desk, a: int, b: int, row: int, facts: Facts) -> int:
    """Take `+cc (0) n` without its zero, unless it is a valid number with it, too."""
    start, end = _trunk_zero(desk, a, b)
    if end == 0:
        return LEFT
    kept = read_digits(plan, desk, facts.digits, row, facts.plus)
    keep_number(desk, FOUND, OTHER_FOUND, OTHER_NUMBER)
    digits = NOTHING
    for at in range(a, b):
        if desk[at] <= NINE and not start <= at < end:
            desk[RAW + digits] = desk[at]
            digits += 1
    if not read_digits(plan, desk, digits, row, facts.plus):
        return LEFT
    return LEFT if kept and not are_same(plan, desk) else ZERO
