"""Cells with two numbers, where the cut cannot be doubted, and those that seem to have two."""

from crmmigrate.compiled.compiler import inlined, inner
from crmmigrate.standardize.phone_arrays import (
    CAPTURED_AT,
    HOME_LENGTH,
    LONGEST_TRUNK,
    MAIN,
    VALID,
    Plan,
    known,
    told,
)
from crmmigrate.standardize.phone_desk import (
    FIRST,
    FIRST_FOUND,
    FOUND,
    INSERTED,
    NO,
    NUMBER,
    OTHER_FOUND,
    OTHER_NUMBER,
    RAW,
    YES,
    Desk,
)
from crmmigrate.standardize.phone_desk import ZERO as NOTHING
from crmmigrate.standardize.phone_digits import begins_with_code, measure_abroad, read_dialled
from crmmigrate.standardize.phone_runs import Sides, count_digits, may_hold_numbers, stripped
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
from crmmigrate.standardize.phone_spelling import (
    AMBIGUOUS,
    FOREIGN,
    LEFT,
    LOST,
    READ,
    REFUSED,
    SAME,
    STRANGE,
    WRONG,
    ZERO,
    are_same,
    dialled_prefix,
    keep_number,
    read_digits,
    read_number,
    read_other,
    read_piece,
)
from crmmigrate.values.phone_plans import LONGEST

__all__ = [
    "HALF",
    "NONE",
    "REST",
    "SPLIT",
    "TWICE",
    "Sides",
    "read_lonely",
    "read_text",
    "read_together",
    "read_two",
]

SPLIT, TWICE, HALF, REST, NONE = range(9, 14)
"""Two numbers; one number twice; a number and something unread behind it, or before it; no number."""

_FEWEST = 5
"""A second piece with fewer digits replaces the last digits of the first, or is an extension."""
_TWO_NUMBERS = 12
_CODED = 7
"""So many digits tell the country code."""
_TOO_MANY = 20
"""So many digits are no number, whatever prefix for abroad is before them."""


@inlined
def _is_valid(kind: int) -> bool:
    return kind in (SAME, READ, ZERO, FOREIGN, AMBIGUOUS)


@inlined
def _is_invalid(kind: int) -> bool:
    return kind in (WRONG, LOST)


@inner
def _read_sides(plan: Plan, desk: Desk, sides: Sides, row: int, one_each: bool) -> tuple[int, int]:
    """Read both pieces; the first number is `number` then, and the second `other`.

    `one_each` tells that neither can hold two numbers again.
    """
    a, b = stripped(desk, sides[0], sides[1])
    one = read_piece(plan, desk, a, b, row, one_each, NO)
    keep_number(desk, FOUND, FIRST_FOUND, FIRST)
    a, b = stripped(desk, sides[2], sides[3])
    two = read_piece(plan, desk, a, b, row, one_each, NO)
    keep_number(desk, FOUND, OTHER_FOUND, OTHER_NUMBER)
    keep_number(desk, FIRST_FOUND, FOUND, NUMBER)
    return one, two


@inlined
def _read_pieces(plan: Plan, desk: Desk, sides: Sides, row: int) -> tuple[int, int]:
    """Read both pieces as `_read_sides` does, and those that only seem to hold two numbers again."""
    one, two = _read_sides(plan, desk, sides, row, NO)
    if LEFT not in (one, two):
        return one, two
    if one == LEFT:
        a, b = stripped(desk, sides[0], sides[1])
        one, _ = _read_blanks(plan, desk, a, b, row, NO)
    if two == LEFT:
        a, b = stripped(desk, sides[2], sides[3])
        two, _ = _read_blanks(plan, desk, a, b, row, NO)
    _read_sides(plan, desk, sides, row, NO)
    return one, two


@inner
def read_together(plan: Plan, desk: Desk, sides: Sides, row: int) -> int:
    """Read the digits of both pieces as one number that is none, as the library does."""
    count, plus = _gather(desk, sides), desk[sides[0]] == PLUS
    if read_digits(plan, desk, count, row, plus) or desk[FOUND] == 0:
        return LEFT
    if plus:
        return WRONG
    since = dialled_prefix(desk, sides[0], sides[1])
    if not read_other(plan, desk, count, since):
        return WRONG
    return LOST if since == 0 else LEFT


@inner
def read_two(plan: Plan, desk: Desk, sides: Sides, row: int, dialled: bool) -> tuple[int, bool]:
    """Read two pieces between which a sign or a word stands.

    Args:
        plan: The plans.
        desk: Holds the signs of both pieces, and the digits of the letters between them.
        sides: Where they are.
        row: Of the region, -1 for none.
        dialled: Whether the second piece may be an extension of the first.

    Returns:
        What came of the cell, that of its first number where the second piece is its extension; and
        where it is `LEFT`, whether neither piece is a valid number, nor the beginning of one.
    """
    few = count_digits(desk, sides[2], sides[3]) < _FEWEST
    if few or _is_whole(plan, desk, sides, row):
        return LEFT, False
    one, two = _read_pieces(plan, desk, sides, row)
    if _is_valid(one) and _is_valid(two):
        return (TWICE if are_same(plan, desk) else SPLIT), False
    if _is_valid(one) and _is_invalid(two):
        extended = READ if one in (SAME, AMBIGUOUS) else one
        return (extended if dialled else HALF), False
    if _is_invalid(one) and _is_valid(two):
        keep_number(desk, OTHER_FOUND, FOUND, NUMBER)
        return REST, False
    if row < 0 or not (_is_invalid(one) and _is_invalid(two)):
        return LEFT, False
    return LEFT, not may_hold_numbers(plan, desk, sides, row)


@inner
def _gather(desk: Desk, sides: Sides) -> int:
    """Put the digits of both pieces on the desk; return how many they are."""
    count = 0
    for at in range(sides[0], sides[1]):
        if desk[at] <= NINE:
            desk[RAW + count] = desk[at]
            count += 1
    for at in range(INSERTED + 1, INSERTED + 1 + desk[INSERTED]):
        desk[RAW + count] = desk[at]
        count += 1
    for at in range(sides[2], sides[3]):
        if desk[at] <= NINE:
            desk[RAW + count] = desk[at]
            count += 1
    return count


@inner
def _is_whole(plan: Plan, desk: Desk, sides: Sides, row: int) -> bool:
    """Tell whether the library would read a valid number in all digits together."""
    count = _gather(desk, sides)
    plus = desk[sides[0]] == PLUS
    return told(plan, read_dialled(plan, desk, RAW, RAW + count, row, plus)[0], VALID) > 0


@inner
def are_too_long(plan: Plan, desk: Desk, sides: Sides, row: int) -> bool:
    """Tell whether the library refuses all digits together, whatever it strips; if in doubt, not."""
    count, plus = _gather(desk, sides), desk[sides[0]] == PLUS
    since = 0 if plus or row < 0 else measure_abroad(plan, row, desk, RAW, RAW + count)
    abroad = plus or (since > 0 and since + _CODED <= count and desk[RAW + since] > 0)
    if since > 0 and not abroad:
        return False
    owner = row
    if abroad:
        begin = RAW + since
        owner = told(plan, read_dialled(plan, desk, begin, begin + _CODED, row, YES)[0], MAIN)
        count = _gather(desk, sides)
    if owner < 0 or count < LONGEST or known(plan, owner, CAPTURED_AT) > 0:
        return False
    if not plus and read_other(plan, desk, count, dialled_prefix(desk, sides[0], sides[1])):
        return False
    coded = abroad or begins_with_code(plan, row, desk, RAW, RAW + count)
    trunks = known(plan, owner, LONGEST_TRUNK) * (1 if abroad else 2)
    return count - since - trunks - coded * known(plan, owner, HOME_LENGTH) > LONGEST


@inner
def read_text(plan: Plan, desk: Desk, a: int, b: int, row: int) -> tuple[int, int]:
    """Read a cell of nothing but signs.

    Returns:
        What came of it, and where it was cut in two.
    """
    kind = read_number(plan, desk, a, b, row, NO, NO)
    if kind != LEFT or b - a < 5:
        return kind, 0
    signs, slashes, at = desk, NOTHING, NOTHING
    for place in range(a, b):
        if signs[place] == SLASH:
            slashes, at = slashes + 1, place
    if slashes == 1:
        return _read_slashed(plan, desk, (a, at, at + 1, b), row), at
    if slashes:
        return LEFT, 0
    kind = _read_tailed(plan, desk, a, b, row)
    return (kind, 0) if kind != LEFT else _read_blanks(plan, desk, a, b, row, NO)


@inner
def read_lonely(plan: Plan, desk: Desk, a: int, b: int, row: int) -> int:
    """Read signs beside a note that seem to hold two numbers; `LEFT` unless they hold no valid one."""
    for at in range(a, b):
        if desk[at] == SLASH:
            return LEFT
    kind = _read_tailed(plan, desk, a, b, row)
    if kind == LEFT:
        kind, _ = _read_blanks(plan, desk, a, b, row, YES)
    return kind if _is_invalid(kind) else LEFT


@inlined
def _read_slashed(plan: Plan, desk: Desk, sides: Sides, row: int) -> int:
    signs = desk
    a, b, c, d = sides
    e, _ = stripped(signs, c, d)
    if b - a < 6 or d - e < 5 or (signs[a] > OPEN) or (signs[e] > OPEN):
        return LEFT
    desk[INSERTED] = 0
    kind, neither = read_two(plan, desk, sides, row, NO)
    if kind != LEFT or not neither:
        return kind
    if are_too_long(plan, desk, sides, row):
        return NONE
    kind = read_number(plan, desk, a, d, row, YES, NO)
    return kind if _is_invalid(kind) else LEFT


@inner
def _read_tailed(plan: Plan, desk: Desk, a: int, b: int, row: int) -> int:
    """Read what is no number, with a tail as if it were the last digits of a second one."""
    signs = desk
    size = 2 if signs[b - 2] == HYPHEN else 3
    if signs[b - size] != HYPHEN or count_digits(signs, b - size, b) != size - 1:
        return LEFT
    blank = False
    for at in range(a, b):
        blank = blank or signs[at] in (BLANK, NBSP)
        dash = signs[at] in (HYPHEN, DASH) and a < at < b - 1
        if dash and signs[at - 1] == BLANK == signs[at + 1]:
            return LEFT
    if blank and count_digits(signs, a, b) >= _TWO_NUMBERS:
        return LEFT
    if not _is_invalid(read_number(plan, desk, a, b - size, row, YES, NO)):
        return LEFT
    kind = read_number(plan, desk, a, b, row, YES, NO)
    return kind if _is_invalid(kind) else LEFT


@inlined
def _may_be_cut(signs: Desk, a: int, b: int) -> bool:
    """Tell whether a text has only signs between which a blank may part two numbers."""
    plus = int(signs[a] == PLUS)
    if not 13 <= b - a - plus <= 30 or (signs[a + plus] > NINE and signs[a + plus] != OPEN):
        return False
    for at in range(a + plus, b):
        sign = signs[at]
        if sign > NINE and sign not in (BLANK, OPEN, CLOSE, DOT, HYPHEN):
            return False
        if sign in (BLANK, HYPHEN) and signs[at - 1] == BLANK:
            return False
    tail = signs[b - 1] <= NINE and (signs[b - 2] == HYPHEN or signs[b - 3] == HYPHEN)
    return not tail


@inner
def _read_blanks(plan: Plan, desk: Desk, a: int, b: int, row: int, lonely: bool) -> tuple[int, int]:
    """Cut at the one blank that leaves a valid number on both sides; without one it is no number.

    Beside words, in which numbers are searched for, not even one side may be valid (`lonely`).
    """
    if not _may_be_cut(desk, a, b) or (row < 0 and desk[a] != PLUS):
        return LEFT, 0
    found, count = NOTHING, 0
    for at in range(a + 1, b - 1):
        if desk[at] != BLANK:
            continue
        one, two = _read_sides(plan, desk, (a, at, at + 1, b), row, YES)
        if _is_unsure(desk, one, a, at) or _is_unsure(desk, two, at + 1, b):
            return LEFT, NOTHING
        if lonely and (_is_valid(one) or _is_valid(two)):
            return LEFT, NOTHING
        if _is_valid(one) and _is_valid(two):
            found, count = at, count + 1
    if count != 1:
        return _read_whole(plan, desk, a, b, row, lonely), NOTHING
    _read_sides(plan, desk, (a, found, found + 1, b), row, YES)
    return (TWICE if are_same(plan, desk) else SPLIT), found


@inlined
def _read_whole(plan: Plan, desk: Desk, a: int, b: int, row: int, lonely: bool) -> int:
    """Read what cannot be cut in two as one number, `LEFT` if it might be a valid one."""
    kind = read_piece(plan, desk, a, b, row, YES, NO)
    if _is_invalid(kind) or lonely:
        return kind if _is_invalid(kind) else LEFT
    desk[INSERTED] = 0
    refused = kind == REFUSED or are_too_long(plan, desk, (a, b, b, b), row)
    return NONE if refused else LEFT


@inlined
def _is_unsure(signs: Desk, kind: int, a: int, b: int) -> bool:
    known = _is_valid(kind) or _is_invalid(kind) or kind in (REFUSED, STRANGE)
    return not known and _FEWEST <= count_digits(signs, a, b) < _TOO_MANY
