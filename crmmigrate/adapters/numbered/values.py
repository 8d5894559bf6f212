"""Text of our operations as numbers, days, points in time and links; what is none is refused."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation

from crmmigrate.config.suggestions import did_you_mean

__all__ = [
    "BadValueError",
    "Value",
    "boolean",
    "day",
    "finite",
    "link",
    "moment",
    "one_of",
    "plain",
    "split_words",
    "whole",
]

Value = str | bytes | None
_LINK = re.compile(r"([a-z][a-z0-9_.]*):([1-9]\d*)")
_SHOWN = 8
"""Words of a picklist that a message names."""


class BadValueError(ValueError):
    """A value that the CRM could not hold.

    Args:
        code: Our code.
        says: What is wrong, without the field.
    """

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code


def whole(text: str) -> str:
    """Return a whole number of at most ten digits, as both CRMs keep."""
    found = re.sub(r"\.0+$", "", text.strip())
    if not re.fullmatch(r"[+-]?\d{1,10}", found):
        raise BadValueError("INVALID_NUMBER", "is no whole number")
    return found


def finite(text: str) -> Decimal:
    """Return a number that is neither infinite nor undefined."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise BadValueError("INVALID_NUMBER", "is no decimal number")
    return number


def plain(number: Decimal) -> str:
    """Return a number without exponent and without useless zeros."""
    is_whole = number == number.to_integral_value()
    return format(number.to_integral_value() if is_whole else number.normalize(), "f")


def boolean(text: str) -> bool:
    """Return a flag."""
    known = {"true": True, "false": False}.get(text.strip().lower())
    if known is None:
        raise BadValueError("INVALID_BOOLEAN", "is neither true nor false")
    return known


def day(text: str) -> date:
    """Return a day."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadValueError("INVALID_DATE", "is no date of the form YYYY-MM-DD") from None


def moment(text: str, zone: tzinfo) -> datetime:
    """Return a point in time in UTC; one that names no zone is taken for one of `zone`."""
    try:
        told = datetime.fromisoformat(text.strip())
        return (told if told.tzinfo else told.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadValueError("INVALID_DATETIME", "is no point in time in ISO 8601") from None


def one_of(text: str, choices: Sequence[str]) -> str:
    """Return a word of a picklist; of an empty one every word is taken."""
    if choices and text not in choices:
        near = did_you_mean(text, choices)
        raise BadValueError("NOT_IN_PICKLIST", f"is none of {', '.join(choices[:_SHOWN])}{near}")
    return text


def link(text: str, digits: int, models: Sequence[str] = ()) -> tuple[str, int]:
    """Return model and id of `model:id`.

    Args:
        text: The link.
        digits: Most digits of an id.
        models: What it may point to; none for any.
    """
    found = _LINK.fullmatch(text)
    if found is None or len(found[2]) > digits or (models and found[1] not in models):
        of = f" of {models[0]}" if models else ""
        raise BadValueError("INVALID_LINK", f"is no link to a record{of}")
    return found[1], int(found[2])


def split_words(text: str) -> list[str]:
    """Return the words of a list, each once and in order."""
    return sorted({word.strip() for word in text.split(",") if word.strip()})
