"""What reading one value gave: the scalar twin of a row that a kernel returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["BLANK", "Outcome", "tidy"]

_EMPTY: Mapping[str, str | None] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Outcome:
    """One value after standardizing.

    Attributes:
        value: Canonical spelling, the raw text where there is none, None for a blank.
        status: unchanged, normalised, repaired, split, ambiguous, invalid or left_alone.
        codes: Rules that fired, in order.
        message: What a person should know, in one clause.
        parts: Parts of a composite type.
        confidence: 1.0 for certain, 0.0 for nothing understood.
        alternatives: Other readings or further values of the field.
    """

    value: str | None
    status: str
    codes: tuple[str, ...] = ()
    message: str | None = None
    parts: Mapping[str, str | None] = field(default_factory=lambda: _EMPTY)
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()


BLANK = Outcome(None, "unchanged")
"""Outcome of null and of blank text."""

_INVISIBLE = dict.fromkeys(
    map(
        ord,
        "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u061c\u00ad\x00",
    )
)
_INVISIBLE |= dict.fromkeys(
    map(ord, "\xa0\u2007\u202f\u2009\u200a\u2002\u2003\u3000\t\r\n\x0b\x0c"), " "
)


def tidy(text: str | None) -> str:
    """Return one line without invisible signs, doubled blanks and blanks at the ends."""
    if not text:
        return ""
    if text.isascii():
        return " ".join(text.replace("\x00", "").split())
    return " ".join(text.translate(_INVISIBLE).split())
