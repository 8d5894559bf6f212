"""Every cell of a column read by two loops: those with one number, and what may hold two."""

from crmmigrate.compiled.columns import Bytes
from crmmigrate.compiled.compiler import compiled, inlined, inner
from crmmigrate.compiled.views import uncounted
from crmmigrate.standardize import phone_surroundings as near
from crmmigrate.standardize.phone_arrays import VALID, Ints, Plan, told
from crmmigrate.standardize.phone_cores import (
    AROUND,
    BETWEEN,
    END,
    NUMBER_BEGIN,
    NUMBER_END,
    PLAIN,
    QUOTED,
    REGION,
    SECOND,
    SHAPE,
    WORDED,
)
from crmmigrate.standardize.phone_desk import (
    EXTENSION,
    FOUND,
    INSERTED,
    MOST_EXTENSION,
    MOST_SIGNS,
    NO,
    OTHER_FOUND,
    PLACES,
    YES,
    ZERO,
    Desk,
)
from crmmigrate.standardize.phone_runs import Sides, count_digits, ends_like_street
from crmmigrate.standardize.phone_signs import DOT, NINE, OTHER, PLUS, SLASH, read_sign
from crmmigrate.standardize.phone_spelling import (
    AMBIGUOUS,
    FOREIGN,
    HOMELESS,
    LEFT,
    LOST,
    READ,
    SAME,
    WRONG,
    read_number,
)
from crmmigrate.standardize.phone_spelling import ZERO as ZERO_DROPPED
from crmmigrate.standardize.phone_splits import (
    HALF,
    NONE,
    REST,
    SPLIT,
    are_too_long,
    read_lonely,
    read_text,
    read_together,
    read_two,
)

__all__ = [
    "EXTENSION_AT", "EXTENSION_SIZE", "FLOATED", "MOST_DIGITS", "NOTED", "OTHER_AT", "OTHER_SIZE", "OTHER_VERDICT",
    "OUTCOME", "PIECE_BEGIN", "PIECE_END", "SIZE", "VERDICT", "read_one", "read_several",
]  # fmt: skip

FLOATED, NOTED = 16, 32
"""Added to what came of a number that stood as a float, or beside a note."""
(
    OUTCOME, VERDICT, SIZE, OTHER_VERDICT, OTHER_SIZE, PIECE_BEGIN, PIECE_END, EXTENSION_SIZE,
) = range(8)  # fmt: skip
"""Columns of facts: what came of a cell; verdict and digits of its number, and of another one; the piece
that was not read; digits of its extension."""
OTHER_AT, EXTENSION_AT, MOST_DIGITS = 20, 40, 64
"""Columns of digits from which on those of the other number, and of the extension, stand."""
_LONGEST_SIDE = 40
_VANITY = 7
"""Letters behind fewer digits may stand for digits."""


@compiled
def read_one(
    plan: Plan, desk: Desk, data: Bytes, spans: Ints, around: Ints, facts: Ints, digits: Bytes
) -> None:
    """Read the cells that hold one number, and what may stand around it.

    Args:
        plan: The plans.
        desk: Where a cell is worked on.
        data: The cells as bytes.
        spans: Of `Cores`.
        around: Of `Surroundings`.
        facts: Gets what came of each cell, (rows, 8), zeros.
        digits: Gets the digits, (rows, `MOST_DIGITS`), zeros.
    """
    plan, desk, data = uncounted(plan), uncounted(desk), uncounted(data)
    spans, facts, digits = uncounted(spans), uncounted(facts), uncounted(digits)
    around = uncounted(around)
    for row in range(len(spans)):
        desk[FOUND], desk[OTHER_FOUND] = 0, 0
        outcome, size = LEFT, ZERO
        if spans[row, SHAPE] in (PLAIN, QUOTED):
            outcome = _read_plain(plan, desk, data, spans, row)
        elif spans[row, SHAPE] == WORDED and around[spans[row, AROUND], near.KNOWN] > 0:
            outcome, size = _read_worded(plan, desk, data, spans, around, row)
        if outcome != LEFT:
            facts[row, EXTENSION_SIZE] = size
            for at in range(size):
                digits[row, EXTENSION_AT + at] = desk[EXTENSION + at]
            _keep(plan, desk, row, outcome, facts, digits)


@compiled
def read_several(
    plan: Plan, desk: Desk, data: Bytes, spans: Ints, between: Ints, facts: Ints, digits: Bytes
) -> None:
    """Read the cells that hold two numbers, or seem to; the arguments are as for `read_one`."""
    plan, desk, data = uncounted(plan), uncounted(desk), uncounted(data)
    spans, facts, digits = uncounted(spans), uncounted(facts), uncounted(digits)
    between = uncounted(between)
    for row in range(len(spans)):
        if facts[row, OUTCOME] != LEFT:
            continue
        desk[FOUND], desk[OTHER_FOUND] = 0, 0
        outcome = LEFT
        if spans[row, SHAPE] in (PLAIN, QUOTED):
            outcome = _read_signs(plan, desk, data, spans, row, facts)
        elif between[spans[row, BETWEEN], near.PARTED] > 0:
            outcome = _read_parted(plan, desk, data, spans, between, row, facts)
            for at in range(facts[row, EXTENSION_SIZE]):
                digits[row, EXTENSION_AT + at] = desk[EXTENSION + at]
        if outcome != LEFT:
            _keep(plan, desk, row, outcome, facts, digits)


@inner
def _keep(plan: Plan, desk: Desk, row: int, outcome: int, facts: Ints, digits: Bytes) -> None:
    """Take what came of a cell from the desk."""
    facts[row, OUTCOME], kind = outcome, outcome % FLOATED
    if kind not in (HOMELESS, NONE):
        begin, end = desk[FOUND + 1], desk[FOUND + 2]
        facts[row, VERDICT], facts[row, SIZE] = desk[FOUND], end - begin
        for at in range(end - begin):
            digits[row, at] = desk[begin + at]
    other = told(plan, desk[OTHER_FOUND], VALID) > 0
    if other and kind in (AMBIGUOUS, LOST, SPLIT, HOMELESS):
        begin, end = desk[OTHER_FOUND + 1], desk[OTHER_FOUND + 2]
        facts[row, OTHER_VERDICT], facts[row, OTHER_SIZE] = desk[OTHER_FOUND], end - begin
        for at in range(end - begin):
            digits[row, OTHER_AT + at] = desk[begin + at]


@inner
def _load(data: Bytes, a: int, b: int, desk: Desk, at: int) -> tuple[int, bool]:
    """Put the signs of some bytes on the desk from a place on.

    Returns:
        The place behind them, the place itself if there is no room; and whether all are plain.
    """
    start, plain = at, True
    while a < b:
        if at == MOST_SIGNS:
            return start, False
        kind, width, same = read_sign(data, a)
        desk[at], desk[PLACES + at] = kind, a
        plain = plain and same
        a, at = a + width, at + 1
    return at, plain


@inlined
def _read_plain(plan: Plan, desk: Desk, data: Bytes, spans: Ints, row: int) -> int:
    """Read a cell with nothing but signs."""
    region = spans[row, REGION]
    size, plain = _load(data, spans[row, NUMBER_BEGIN], spans[row, END], desk, ZERO)
    if _is_float(desk, size):
        return _floated(read_number(plan, desk, ZERO, size - 2, region, NO, NO))
    kind = read_number(plan, desk, ZERO, size, region, NO, NO)
    return READ if kind == SAME and not (plain and spans[row, SHAPE] == PLAIN) else kind


@inlined
def _is_float(desk: Desk, size: int) -> bool:
    """Tell whether the first signs are a float as a spreadsheet writes it."""
    if size < 3 or desk[size - 1] != 0 or desk[size - 2] != DOT:
        return False
    return _is_whole(desk, size - 2)


@inner
def _is_whole(desk: Desk, size: int) -> bool:
    """Tell whether the first signs are the digits of a float: 4 to 15, maybe behind a plus sign."""
    a = int(desk[0] == PLUS)
    return 4 <= size - a <= 15 and count_digits(desk, a, size) == size - a


@inlined
def _floated(kind: int) -> int:
    if kind in (LEFT, LOST, WRONG, HOMELESS):
        return kind
    return FLOATED + (READ if kind == SAME else kind)


@inlined
def _read_worded(
    plan: Plan, desk: Desk, data: Bytes, spans: Ints, around: Ints, row: int
) -> tuple[int, int]:
    """Read a cell with one number and what stands around it."""
    number, region = spans[row, AROUND], spans[row, REGION]
    b = spans[row, NUMBER_END] + around[number, near.REST]
    size, _ = _load(data, spans[row, NUMBER_BEGIN], b, desk, ZERO)
    if around[number, near.KNOWN] > 1:
        if not _is_whole(desk, size):
            return LEFT, ZERO
        return _floated(read_number(plan, desk, ZERO, size, region, NO, NO)), ZERO
    extended, noted = around[number, near.EXTENDED] > 0, around[number, near.NOTED] > 0
    kind = read_number(plan, desk, ZERO, size, region, NO, extended)
    vanity = count_digits(desk, ZERO, size) < _VANITY
    if kind == LEFT:
        kind = read_lonely(plan, desk, ZERO, size, region)
    if kind in (LEFT, HOMELESS):
        return LEFT if noted or extended else kind, ZERO
    count = _find_extension(data, b, spans[row, END], desk) if extended else ZERO
    if kind in (LOST, WRONG):
        unsure = vanity and around[number, near.TRAILING] > 0
        unsure = unsure or (noted and ends_like_street(plan, desk, ZERO, size, region))
        return LEFT if unsure else kind, count
    if vanity and around[number, near.TRAILING] > around[number, near.TYPED]:
        return LEFT, ZERO
    if kind == SAME and (extended or not noted):
        kind = READ
    return kind + NOTED * noted, count


@inlined
def _find_extension(data: Bytes, a: int, b: int, desk: Desk) -> int:
    """Put the first run of digits on the desk; return how many there are."""
    count = ZERO
    while a < b:
        kind, width, _ = read_sign(data, a)
        if kind <= NINE and count < MOST_EXTENSION:
            desk[EXTENSION + count] = kind
            count += 1
        elif count > 0:
            break
        a += width
    return count


@inlined
def _read_signs(plan: Plan, desk: Desk, data: Bytes, spans: Ints, row: int, facts: Ints) -> int:
    """Read a cell with nothing but signs that may hold two numbers."""
    begin, end = spans[row, NUMBER_BEGIN], spans[row, END]
    size, plain = _load(data, begin, end, desk, ZERO)
    if _is_float(desk, size):
        return LEFT
    kind, cut = read_text(plan, desk, ZERO, size, spans[row, REGION])
    if kind in (HALF, REST):
        if not plain:
            return LEFT
        middle = desk[PLACES + cut]
        facts[row, PIECE_BEGIN] = middle + 1 if kind == HALF else begin
        facts[row, PIECE_END] = end if kind == HALF else middle
    return kind


@inner
def _read_parted(
    plan: Plan, desk: Desk, data: Bytes, spans: Ints, between: Ints, row: int, facts: Ints
) -> int:
    """Read a cell with two numbers, between which a sign or a word stands."""
    number, region = spans[row, BETWEEN], spans[row, REGION]
    first, plain = _load(data, spans[row, NUMBER_BEGIN], spans[row, NUMBER_END], desk, ZERO)
    desk[first] = SLASH if between[number, near.PARTED] == near.SLASH else OTHER
    last, also = _load(data, spans[row, SECOND], spans[row, END], desk, first + 1)
    digits = last - first - 1
    if (
        not 3 <= first <= _LONGEST_SIDE
        or not 5 <= digits <= _LONGEST_SIDE
        or _has_slash(desk, first)
    ):
        return LEFT
    for at in range(between[number, near.LETTERS] + 1):
        desk[INSERTED + at] = between[number, near.LETTERS + at]
    parted, sides = between[number, near.PARTED], (ZERO, first, first + 1, last)
    digits = digits if count_digits(desk, first + 1, last) == digits else ZERO
    dialled = 5 <= digits <= _dialled(parted)
    kind, neither = read_two(plan, desk, sides, region, dialled)
    if kind == LEFT and neither:
        kind = _read_neither(plan, desk, sides, region, parted, dialled)
    if kind in (READ, ZERO_DROPPED, FOREIGN) or (dialled and kind in (LOST, WRONG)):
        facts[row, EXTENSION_SIZE] = digits
        for at in range(digits):
            desk[EXTENSION + at] = desk[first + 1 + at]
    if kind in (HALF, REST):
        if not (plain and also):
            return LEFT
        facts[row, PIECE_BEGIN] = spans[row, SECOND if kind == HALF else NUMBER_BEGIN]
        facts[row, PIECE_END] = spans[row, END if kind == HALF else NUMBER_END]
    return kind


@inlined
def _read_neither(
    plan: Plan, desk: Desk, sides: Sides, region: int, parted: int, dialled: bool
) -> int:
    """Read a cell in which neither piece is a valid number."""
    if dialled:
        kind = read_number(plan, desk, sides[0], sides[1], region, NO, YES)
        return kind if kind in (LOST, WRONG) else LEFT
    sure = parted not in (near.WORD, near.SLASH) or desk[sides[2]] == PLUS
    if sure or are_too_long(plan, desk, sides, region):
        return NONE
    return read_together(plan, desk, sides, region) if parted == near.WORD else LEFT


@inlined
def _dialled(parted: int) -> int:
    """Return the most digits of an extension behind a sign."""
    if parted == near.SEMICOLON:
        return 15
    return 9 if parted == near.COMMA else 0


@inlined
def _has_slash(desk: Desk, b: int) -> bool:
    found = False
    for at in range(b):
        found = found or desk[at] == SLASH
    return found
