"""Read numbers as people write them: signs, groups and decimals of a region."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from crmmigrate.model.regions import NumberRules
from crmmigrate.values.folding import to_ascii_digits
from crmmigrate.values.number_scales import read_scale
from crmmigrate.values.outcome import BLANK, Outcome, tidy
from crmmigrate.values.placeholders import is_placeholder

__all__ = [
    "Figure",
    "both_readings",
    "narrow_signs",
    "read_figure",
    "read_number",
    "scaled",
    "settled",
]

_MINUS = "-−–—‒﹣－"
_SIGNS = str.maketrans(
    {
        **dict.fromkeys(_MINUS, "-"),
        "٫": ".",
        "٬": ",",
        "’": "'",
        "ʼ": "'",
        "´": "'",
        "＋": "+",
        "．": ".",
        "，": ",",
        "（": "(",
        "）": ")",
    }
)
_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d{1,2}")
_BODY = re.compile(r"[.,]?\d(?:[\d.,'_ ]*\d)?")
_GROUPED = re.compile(
    r"\d{1,3}(?:{s}\d{3})+|\d{1,2}(?:{s}\d{2})+{s}\d{3}".replace("{s}", "[.,'_ ]")
)
_FLOURISH = re.compile(r"(?<=\d)(?:[.,:]\s?-+|[.,:]$)")
_INSIDE_BRACKETS = re.compile(r"\((.+)\)")
_MINUS_LAST = re.compile(r"\d\s?-$")
_SCALED = re.compile(r"(.*\d)\s?([^\W\d_][^\s\d.,]{0,11}\.?)")
_LOOSE = re.compile(r"\d\s[.,]\s?\d")
_AROUND_SIGN = re.compile(r"\s*([.,'_])\s*")
_NO_DIGIT = re.compile(r"\D")
_THREE_DECIMALS = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as a plain decimal string.

    Attributes:
        number: `-1234.50`; None if there is no single number.
        other: Number with the other meaning of the sign that was in doubt.
        code: Rule that fired; '' for a plain reading.
        why: What is wrong or was decided.
    """

    number: str | None
    other: str | None = None
    code: str = ""
    why: str = ""


def read_number(
    text: str | None, rules: NumberRules, *, known: bool = True, decimal: str | None = None,
    languages: Sequence[str] = (),
) -> Outcome:  # fmt: skip
    """Read one number.

    Args:
        text: The cell.
        rules: Decimal and group signs of the region.
        known: False where the region is unknown: `1.234` then stays ambiguous.
        decimal: The decimal sign that other values of the column prove.
        languages: Languages of the region, for words such as `mio`.
    """
    raw = tidy(text)
    if not raw:
        return BLANK
    if (raw[0] == "#" or not any(c.isdecimal() for c in raw)) and is_placeholder(raw):
        return Outcome(text, "invalid", ("STD454",), "stands for no number", confidence=0.0)
    percent = raw.rstrip("%٪ ") if raw[-1] in "%٪" else raw
    figure = read_figure(percent, rules, known=known, decimal=decimal, languages=languages)
    if figure.number is None:
        alternatives = both_readings(figure)
        status = "ambiguous" if figure.code == "STD453" else "invalid"
        return Outcome(
            text, status, (figure.code or "STD455",), figure.why or f"'{raw[:40]}' is no number",
            confidence=0.0, alternatives=alternatives,
        )  # fmt: skip
    if figure.number == text:
        return Outcome(text, "unchanged")
    codes = (figure.code or "STD451", *(("STD456",) if percent != raw else ()))
    status = "repaired" if figure.code == "STD457" else "normalised"
    others = tuple(x for x in (figure.other,) if x)
    return Outcome(figure.number, status, codes, figure.why or None,
                   confidence=_LIKELY if others else 1.0, alternatives=others)  # fmt: skip


def narrow_signs(text: str) -> str:
    """Write the wide signs of East Asia as the usual ones: `１，２３４．５` has two."""
    return text if text.isascii() else text.translate(_WIDE)


_WIDE = str.maketrans("，．－（）￥＄％＋", ",.-()¥$%+")


def both_readings(figure: Figure) -> tuple[str, ...]:
    """Return what a figure in doubt may be: with decimals, or the sign parting thousands."""
    if figure.other is None:
        return ()
    return tuple(dict.fromkeys((figure.other, figure.other.replace(".", ""))))


_LIKELY = 0.9
"""The region says what the sign means, but no other value of the column proves it."""


def read_figure(
    text: str, rules: NumberRules, *, known: bool = True, money: bool = False,
    decimal: str | None = None, languages: Sequence[str] = (),
) -> Figure:  # fmt: skip
    """Read the one number that a text consists of; `-1.234,50`, `(12)`, `1 234-`, `1.2E+05`.

    Args:
        text: Tidied text without currency or unit.
        rules: Decimal and group signs.
        known: Whether the rules are those of a known region.
        money: Three digits behind a sign that is not the region's decimal sign are a group.
        decimal: The decimal sign that other values of the column prove.
        languages: Languages of the region, for words such as `mio`.
    """
    plain = to_ascii_digits(text).translate(_SIGNS)
    negative, body = _cut_sign(plain)
    if _SCIENTIFIC.fullmatch(body):
        number = _expand(body.replace(",", "."), negative=negative)
        return settled(
            Figure(number, code="STD457", why="written with an exponent"), rules, decimal
        )
    body, scale = _cut_scale(body, languages)
    body = _FLOURISH.sub("", body).strip()
    if not _BODY.fullmatch(body):
        return Figure(None)
    figure = _digits(body, rules, known=known, money=money, decimal=decimal)
    other = _signed(figure.other, negative=negative) if figure.other else None
    if figure.number is None:
        return replace(figure, other=other)
    number = _signed(figure.number, negative=negative)
    if scale:
        return settled(scaled(Figure(number, other), scale), rules, decimal)
    return Figure(number, other, figure.code, figure.why)


def scaled(figure: Figure, power: int) -> Figure:
    """Multiply a figure by a power of ten; exactly, whatever its digits."""
    if figure.number is None or not power:
        return figure
    number = _expand(f"{figure.number}e{power}", negative=False)
    other = _expand(f"{figure.other}e{power}", negative=False) if figure.other else None
    return Figure(number, other, "STD457", "written with a word for its size")


def settled(figure: Figure, rules: NumberRules, decimal: str | None) -> Figure:
    """Ask where a written out number, as `1.234`, would be read as a group the next time."""
    if (
        figure.number
        and (decimal or rules.decimal) != "."
        and _THREE_DECIMALS.fullmatch(figure.number)
    ):
        return Figure(None, figure.number, "STD453", "its decimals would be read as thousands")
    return figure


def _cut_sign(text: str) -> tuple[bool, str]:
    text = text.strip()
    inner = _INSIDE_BRACKETS.fullmatch(text)
    if inner:
        return True, inner[1].strip().lstrip("-").strip()
    if text.startswith(("-", "+")):
        return text[0] == "-", text[1:].strip()
    if text.endswith("-") and _MINUS_LAST.search(text):
        return True, text[:-1].strip()
    return False, text


def _cut_scale(body: str, languages: Sequence[str]) -> tuple[str, int]:
    match = _SCALED.fullmatch(body)
    scale = read_scale(match[2], languages, frozenset()) if match else None
    if match and scale and scale.power and not scale.rest:
        return match[1], scale.power
    return body, 0


def _expand(text: str, *, negative: bool) -> str | None:
    try:
        return _signed(f"{Decimal(text):f}", negative=negative)
    except InvalidOperation:
        return None


def _signed(number: str, *, negative: bool) -> str:
    if negative and number.strip("0.") == "":
        return number
    return f"-{number}" if negative else number


def _digits(
    body: str, rules: NumberRules, *, known: bool, money: bool, decimal: str | None
) -> Figure:
    """Decide which sign is the decimal one."""
    body = _AROUND_SIGN.sub(r"\1", body) if _LOOSE.search(body) else body
    signs = [c for c in body if not c.isdecimal()]
    kinds = list(dict.fromkeys(signs))
    if not kinds:
        return Figure(body)
    last = signs[-1]
    if len(kinds) > 1 and last in ".,":
        return _mixed(body, last)
    if len(kinds) > 1 or last in "'_ " or signs.count(last) > 1:
        whole = _ungroup(body)
        return Figure(whole) if whole else Figure(None)
    before, _, after = body.partition(last)
    if len(after) != 3 or len(before) > 3 or before in {"", "0"} or before.startswith("0"):
        return Figure(f"{before or '0'}.{after}")
    if decimal is None:
        return _thousand_or_decimal(before, after, last, rules, known=known, money=money)
    number = f"{before}.{after}" if last == decimal else before + after
    return Figure(number, None, "STD452", f"other values prove '{decimal}' to be the decimal sign")


def _mixed(body: str, last: str) -> Figure:
    whole, _, after = body.rpartition(last)
    if body.count(last) > 1:
        ungrouped = _ungroup(body)
        return Figure(ungrouped)
    digits = _ungroup(whole)
    return Figure(f"{digits}.{after}") if digits else Figure(None)


def _ungroup(body: str) -> str | None:
    return _NO_DIGIT.sub("", body) if _GROUPED.fullmatch(body) else None


def _thousand_or_decimal(
    before: str, after: str, sign: str, rules: NumberRules, *, known: bool, money: bool
) -> Figure:
    """Settle `1.234` and `1,234` by the region, never silently without one.

    Three digits behind a decimal comma are doubtful anywhere: exports of other programs write
    `1,234` for a thousand. A point is what programs write decimals with.
    """
    group, decimal = before + after, f"{before}.{after}"
    if known and sign == rules.decimal == ".":
        return Figure(decimal, group, "STD452", f"'{sign}' is the decimal sign of the region")
    if known and sign != rules.decimal and (sign in rules.groups or money):
        return Figure(group, decimal, "STD452", f"'{sign}' parts thousands in the region")
    why = f"'{before}{sign}{after}' may be {group} or {decimal}"
    return Figure(None, decimal, "STD453", why)
