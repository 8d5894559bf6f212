"""The case of names in addresses: capitals and small letters alone become title case."""

import re
from functools import lru_cache

__all__ = ["SMALL", "spell_case"]

SMALL = frozenset(
    [
        "de",
        "la",
        "le",
        "les",
        "du",
        "des",
        "d",
        "l",
        "di",
        "del",
        "della",
        "dello",
        "dei",
        "degli",
        "da",
        "do",
        "dos",
        "das",
        "e",
        "y",
        "el",
        "los",
        "las",
        "van",
        "der",
        "den",
        "het",
        "von",
        "vom",
        "zum",
        "zur",
        "am",
        "im",
        "an",
        "auf",
        "unter",
        "in",
        "of",
        "the",
        "and",
        "und",
        "et",
        "i",
        "și",
        "si",
        "lui",
        "cel",
        "cea",
        "din",
        "al",
        "a",
        "av",
        "og",
        "på",
        "till",
        "ved",
    ]
)
_KEPT = frozenset(
    [
        "NE",
        "NW",
        "SE",
        "SW",
        "N",
        "S",
        "E",
        "W",
        "PO",
        "BP",
        "II",
        "III",
        "IV",
        "VI",
        "VII",
        "VIII",
        "IX",
        "XI",
        "XII",
        "XIII",
        "XIV",
        "XV",
    ]
)


def spell_case(text: str, *, street: bool = False) -> str:
    """Write a text that is all capitals or all small in title case; leave mixed case alone."""
    if text.isascii() and not (text.isupper() or text.islower()):
        return text
    return _straightened(text, street)


@lru_cache(maxsize=16384)
def _straightened(text: str, street: bool) -> str:
    cased = "".join(c for c in text if c.isalpha() and (c.isascii() or c.lower() != c.upper()))
    if not cased:
        return text
    shouted = cased.isupper() and len(cased) > (2 if not street else 1)
    if not shouted and not cased.islower():
        return text
    words = re.split(r"([\s\-/'’.]+)", text)
    return "".join(_word_case(word, index, shouted=shouted) for index, word in enumerate(words))


def _word_case(word: str, index: int, *, shouted: bool) -> str:
    if not word or not any(c.isalpha() for c in word):
        return word
    if shouted and word in _KEPT:
        return word
    if index and word.casefold() in SMALL:
        return word.lower()
    if word[0].isdigit():
        tail = re.fullmatch(r"(\d+)([A-Za-z])", word)
        return f"{tail[1]}{tail[2].upper()}" if tail else word.lower()
    if re.fullmatch(r"(?i)mc[a-z]{3,}", word):
        return f"Mc{word[2:].capitalize()}"
    return word[0].upper() + word[1:].lower()
