"""Digits to numbers, as the library does it: loops over one number's digits.

A number is a part of the desk, from `a` up to `b`. Reading may write before and into that part. Each
reader returns the verdict (0 where the library raises) and the part that is the national number.
"""

from crmmigrate.compiled.compiler import inlined, inner
from crmmigrate.standardize.phone_arrays import (
    ABROAD_AT,
    ADDED,
    ADDED_LENGTH,
    BACK,
    BIT,
    CAPTURED_AT,
    CODE_LENGTH,
    FITS,
    FRONT,
    GENERAL,
    HOME_CODE,
    HOME_LENGTH,
    LOCAL_AT,
    LONG,
    MAIN,
    MAIN_ROW,
    START,
    TOLD,
    TRUNK_AT,
    Plan,
    known,
    root,
    told,
)
from crmmigrate.standardize.phone_desk import COPY, NO, YES, Desk
from crmmigrate.standardize.phone_desk import ZERO as NOTHING
from crmmigrate.values.phone_plans import LONGEST

__all__ = ["Part", "begins_with_code", "measure_abroad", "read_abroad", "read_dialled"]

_SHORTEST_BEHIND_PREFIX = 2

Part = tuple[int, int, int]
"""Verdict, and where the national number begins and ends."""


@inner
def _walk(plan: Plan, state: int, desk: Desk, a: int, b: int) -> int:
    for at in range(a, b):
        state = int(plan[state + desk[at]])
    return state


@inner
def _judge(plan: Plan, state: int, desk: Desk, a: int, b: int) -> int:
    """Return what is told about the digits behind a state."""
    return int(plan[_walk(plan, state, desk, a, b) + TOLD])


@inner
def _measure(plan: Plan, state: int, desk: Desk, a: int, b: int) -> int:
    """Return the length of the longest beginning that matches, 0 where none does."""
    if state == 0:
        return NOTHING
    for at in range(a, b):
        following = int(plan[state + desk[at]])
        if following == state:  # nothing more can match
            break
        state = following
    return int(plan[state + TOLD])


@inner
def begins_with_code(plan: Plan, row: int, desk: Desk, a: int, b: int) -> bool:
    """Tell whether digits begin with the country code of the region in a row."""
    length = known(plan, row, HOME_LENGTH)
    if b - a < length:
        return False
    code = NOTHING
    for at in range(a, a + length):
        code = code * 10 + desk[at]
    return code == known(plan, row, HOME_CODE)


@inner
def _without_trunk(plan: Plan, desk: Desk, part: Part, owner: int, lengths: bool) -> Part:
    """Strip the national prefix where the library does.

    Args:
        plan: The plans.
        desk: Holds the number.
        part: As it was read with its prefix.
        owner: Row of the region whose prefix it is.
        lengths: Whether a prefix stays if the number would be too short without it.
    """
    verdict, a, b = part
    behind = a + _measure(plan, known(plan, owner, TRUNK_AT), desk, a, b)
    start, end, before = behind, behind, NOTHING
    local = _measure(plan, known(plan, owner, LOCAL_AT), desk, a, b)
    kept = _measure(plan, known(plan, owner, CAPTURED_AT), desk, a, b)
    if local > 0 and local == b - a:
        start, end, behind, before = a, b, b, known(plan, owner, ADDED_LENGTH)
    elif kept > 0:
        start, before = behind + known(plan, owner, FRONT), known(plan, owner, ADDED_LENGTH)
        end, behind = a + kept - known(plan, owner, BACK), a + kept
    if behind == a and before == 0:
        return verdict, a, b
    state, bit = known(plan, owner, START), known(plan, owner, BIT)
    for digit in range(before):
        state = int(plan[state + known(plan, owner, ADDED + digit)])
    after = _judge(plan, _walk(plan, state, desk, start, end), desk, behind, b)
    if told(plan, verdict, GENERAL) & bit and not told(plan, after, GENERAL) & bit:
        return verdict, a, b
    if lengths and not told(plan, after, FITS) & bit:
        return verdict, a, b
    return after, _join(plan, desk, (start, end, behind), owner, before), b


@inlined
def _join(plan: Plan, desk: Desk, kept: Part, owner: int, before: int) -> int:
    """Write what is added, and the part kept, right before the rest; return where they begin."""
    start, end, to = kept
    for at in range(end - 1, start - 1, -1):
        to -= 1
        desk[to] = desk[at]
    for at in range(before - 1, -1, -1):
        to -= 1
        desk[to] = known(plan, owner, ADDED + at)
    return to


@inner
def read_abroad(plan: Plan, desk: Desk, a: int, b: int) -> Part:
    """Read digits that begin with a country code."""
    if b - a <= _SHORTEST_BEHIND_PREFIX:
        return NOTHING, a, b
    verdict = _judge(plan, root(plan), desk, a, b)
    owner = told(plan, verdict, MAIN)
    if verdict == 0 or owner < 0:
        return NOTHING, a, b
    part = (verdict, a + told(plan, verdict, CODE_LENGTH), b)
    return _without_trunk(plan, desk, part, owner, YES)


@inlined
def _read_inland(plan: Plan, desk: Desk, a: int, b: int, row: int) -> Part:
    """Read a number as dialled within its region, maybe with its country code before."""
    start = known(plan, row, START)
    part = (_judge(plan, start, desk, a, b), a, b)
    owner = row
    if begins_with_code(plan, row, desk, a, b):
        behind = a + known(plan, row, HOME_LENGTH)
        for at in range(behind, b):
            desk[COPY + at - behind] = desk[at]
        end = COPY + b - behind
        verdict = _judge(plan, start, desk, COPY, end)
        inner = _without_trunk(plan, desk, (verdict, COPY, end), row, NO)
        bit = known(plan, row, BIT)
        fits = told(plan, inner[0], GENERAL) & bit
        general, long = told(plan, part[0], GENERAL) & bit, told(plan, part[0], LONG) & bit
        if (fits and not general) or long:
            part, owner = inner, known(plan, row, MAIN_ROW)
    return _without_trunk(plan, desk, part, owner, YES)


@inner
def measure_abroad(plan: Plan, row: int, desk: Desk, a: int, b: int) -> int:
    """Return the length of the region's prefix for abroad that the digits begin with."""
    return _measure(plan, known(plan, row, ABROAD_AT), desk, a, b)


@inner
def read_dialled(plan: Plan, desk: Desk, a: int, b: int, row: int, plus: bool) -> Part:
    """Read the digits of one number.

    Args:
        plan: The plans.
        desk: Holds the number.
        a: Where it begins.
        b: Where it ends.
        row: Of the region in the plans, -1 for none.
        plus: Whether it is written with a plus sign.
    """
    if plus:
        return read_abroad(plan, desk, a, b)
    if row < 0:
        return NOTHING, a, b
    behind = a + measure_abroad(plan, row, desk, a, b)
    if behind > a and (behind == b or desk[behind] > 0):
        return read_abroad(plan, desk, behind, b)
    if b - a > LONGEST:
        return NOTHING, a, b
    return _read_inland(plan, desk, a, b, row)
