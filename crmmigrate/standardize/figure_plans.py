"""Plan the shapes of a column of numbers or amounts: what the scalar makes of each, whatever its digits.

Which sign parts thousands, what stands for the currency, where the minus is: all of it is seen in
a shape (the text with every digit alike), as long as no digit but the first is asked for being 0.
So the scalar reads one example of each shape, and says what is the same for all its texts.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import add

import polars as pl

from crmmigrate.values.folding import to_ascii_digits
from crmmigrate.values.outcome import Outcome, tidy

__all__ = ["Form", "Kind", "Read", "plan_figures"]

_LONGEST = 60
_EXAMPLE = "123456789" * 7
_FIRST = r"(^|[^1.,'’\s])"
_END = r"(?:$|[^1.,'’\s]|\s[^1])"
_ONE = rf"{_FIRST}1{{2,3}}([.,'’\s]111(?:[^1]|$)|[.,]11{_END})"
_MANY = rf"{_FIRST}1{{5,}}"
"""Before a group or two decimals one, two and three digits are read alike, and so are all from four."""

_WRITTEN = re.compile(r"(-?)(\d*)(?:\.(\d+))?")

Read = Callable[[str, str | None], Outcome]


@dataclass(frozen=True, slots=True)
class Form:
    """How the digits of a text are written as a number.

    Attributes:
        negative: A minus stands before it.
        decimals: Digits behind the decimal point.
        padded: Noughts that are written behind the digits (`12k`).
        leading: A nought is written before the digits (`.5`).
    """

    negative: bool = False
    decimals: int = 0
    padded: int = 0
    leading: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """What all texts of some shapes have in common.

    Attributes:
        form: How the number is written; None where the text stays as it came.
        other: How its other reading is written.
        currency: Code of the currency.
        status: Status of the outcome, and its other columns.
        codes: Rules that fired.
        message: What is told; where `quoted`, behind the text in quotation marks.
        quoted: The text stands before the message.
        confidence: How sure the reading is.
        alternatives: Further readings that are no numbers.
        kept: The text stays, though the number is known.
    """

    form: Form | None
    other: Form | None
    currency: str | None
    status: str
    codes: tuple[str, ...]
    message: str | None
    quoted: bool
    confidence: float
    alternatives: tuple[str, ...]
    kept: bool = False


def plan_figures(
    texts: Sequence[str | None], regions: Sequence[str | None], noughts: Sequence[bool], read: Read
) -> tuple[list[Kind], list[int]]:
    """Plan every shape of a column.

    Args:
        texts: One text of each shape.
        regions: Its region.
        noughts: Whether its first digit is 0.
        read: The scalar reader.

    Returns:
        The kinds there are, and the number of each shape's; -1 where single digits may matter.
    """
    plain = [to_ascii_digits(text or "") for text in texts]
    foreign = [text is not None and text != own for text, own in zip(texts, plain, strict=True)]
    known: dict[tuple[object, ...], Kind | None] = {}
    kinds: dict[Kind, int] = {}
    found = []
    signs = zip(_alike(plain, noughts), regions, noughts, foreign, strict=True)
    for key in signs:
        shape, region, nought, other = key
        if key not in known:
            own = _planned(read, shape, region, nought=nought, foreign=other) if shape else None
            known[key] = own
        kind = known[key]
        found.append(-1 if kind is None else kinds.setdefault(kind, len(kinds)))
    return list(kinds), found


def _alike(plain: Sequence[str], noughts: Sequence[bool]) -> list[str | None]:
    """Return the shape that stands for each text; None for none."""
    shape, nought = pl.col("shape"), pl.col("nought")
    usual = (shape.str.len_bytes() <= _LONGEST) & shape.str.contains("1", literal=True)
    short = shape.str.replace(_ONE, "${1}1${2}").str.replace(_MANY, "${1}1111")
    frame = pl.DataFrame(
        {"shape": plain, "nought": noughts}, schema={"shape": pl.String, "nought": pl.Boolean}
    )
    alike = frame.with_columns(shape.str.replace_all("[0-9]", "1")).select(
        pl.when(usual & nought).then("shape").when(usual).then(short)
    )
    return alike.to_series().to_list()


def _planned(
    read: Read, shape: str, region: str | None, *, nought: bool, foreign: bool
) -> Kind | None:
    """Read an example of a shape; None where single digits may matter."""
    count = shape.count("1")
    digits = (("0" if nought else "") + _EXAMPLE)[:count]
    *before, behind = shape.split("1")
    example = "".join(map(add, before, digits)) + behind
    outcome = read(example, region)
    number = outcome.parts.get("amount") if outcome.parts else outcome.value
    if outcome.confidence == 0:
        return None if foreign or nought else _refused(example, outcome)
    foreign_figure = foreign and (outcome.status == "unchanged" or "STD457" in outcome.codes)
    if number is None or foreign_figure:
        return None
    form = _form_of(number, digits)
    if form is None or _has_digit(outcome.message):
        return None
    forms = [_form_of(text, digits) for text in outcome.alternatives]
    other = forms[0] if forms else None
    words = other is None and not any(map(_has_digit, outcome.alternatives))
    if forms and not words and (other is None or len(forms) > 1):
        return None
    fixed = outcome.alternatives if other is None else ()
    kept = outcome.status == "ambiguous"
    if kept and outcome.value != example:
        return None
    return Kind(form, other, outcome.parts.get("currency"), outcome.status, outcome.codes,
                 outcome.message, False, outcome.confidence, fixed, kept)  # fmt: skip


def _refused(example: str, outcome: Outcome) -> Kind | None:
    """Keep texts of a shape that is no number; None where the reason names single digits."""
    message, raw = outcome.message or "", tidy(example)
    quoted = message.startswith(f"'{raw[:40]}'")
    if quoted:
        message = message[len(raw[:40]) + 1 :]
    if outcome.alternatives or _has_digit(message) or not example.isascii() or raw != example:
        return None
    return Kind(None, None, None, outcome.status, outcome.codes, message, quoted, 0.0, ())


def _has_digit(text: str | None) -> bool:
    return any(sign.isdecimal() for sign in text or "")


_MOST_NOUGHTS = 9
"""Of a billion."""


def _form_of(number: str, digits: str) -> Form | None:
    match = _WRITTEN.fullmatch(number)
    if match is None:
        return None
    whole, decimals = match[2], match[3] or ""
    written = whole + decimals
    for padded in range(len(decimals) + 1 if decimals else _MOST_NOUGHTS + 1):
        for leading in (False, True):
            if written == "0" * leading + digits + "0" * padded and not (
                leading and len(whole) > 1
            ):
                return Form(match[1] == "-", len(decimals), padded, leading)
    return None
