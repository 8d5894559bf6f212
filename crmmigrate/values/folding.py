"""Fold text for looking words up: case, Latin, Greek and Cyrillic accents, signs and blanks gone.

Marks that carry meaning in other scripts (Thai vowels and tones, Indic vowel signs, Japanese
voicing) stay.
"""

import re
import unicodedata
from functools import lru_cache
from types import MappingProxyType

__all__ = ["ACCENTS", "LETTERS", "fold", "fold_key", "to_ascii_digits"]

ACCENTS = frozenset({1, 202, 214, 216, 220, 230, 234, 240})
"""Canonical combining classes of accents on alphabetic letters."""

LETTERS = MappingProxyType(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h"}
)
"""Letters that Unicode does not take apart, and what they are looked up as."""

_FIRST_MARK = "\u0300"
"""No sign before it combines with another."""
_TRANSLATION = str.maketrans(dict(LETTERS))
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
_SIGNS = re.compile(r"[^\w]+|_")


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Return the lookup form of a text: `fold("Côte d'Ivoire") == "cote d ivoire"`."""
    if text.isascii():
        plain = text.casefold()
    else:
        marks = unicodedata.normalize("NFKD", text.casefold())
        kept = "".join([c for c in marks if c < _FIRST_MARK or _keep(c)])
        plain = unicodedata.normalize("NFKC", kept).translate(_TRANSLATION)
    joined = plain.replace("&", " and ").replace("'", " ").replace("’", " ")
    return " ".join(_words(joined))


def fold_key(text: str) -> str:
    """Return `fold` without blanks, for words that are written together or apart."""
    return fold(text).replace(" ", "")


def to_ascii_digits(text: str) -> str:
    """Write every decimal digit of any script as 0-9."""
    if text.isascii() or not _FOREIGN_DIGIT.search(text):
        return text
    return "".join(
        str(unicodedata.digit(c)) if c.isdecimal() and not c.isascii() else c for c in text
    )


def _keep(char: str) -> bool:
    return unicodedata.combining(char) not in ACCENTS


def _words(text: str) -> list[str]:
    """Split at everything that is neither letter, digit nor mark."""
    if text.isascii():
        return _SIGNS.sub(" ", text).split()
    spaced = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in text)
    return spaced.split()
