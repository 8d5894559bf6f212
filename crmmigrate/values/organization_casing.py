"""Casing of organizations' names: only where a whole cell is in one case; initials stay."""

from functools import cache, lru_cache

from crmmigrate.values.casing import case_name, is_one_case
from crmmigrate.values.knowledge import load_knowledge

__all__ = ["VOWELS", "case_organization", "case_organization_word", "listed_words"]


def case_organization(base: str, region: str | None = None) -> str:
    """Write a name as names of organizations are written: `OMV PETROM` is `OMV Petrom`.

    Args:
        base: A name without its legal form, out of a cell in one case.
        region: Its letters are followed (Turkish I and İ).
    """
    words = base.split(" ")
    if len(words) == 1 and len(base) <= _BRAND and base.isupper():
        return base
    return " ".join(
        case_organization_word(word, region, inner=0 < at < len(words) - 1)
        for at, word in enumerate(words)
    )


_BRAND = 4
"""A single word up to this length in capitals is taken for initials or a brand: `IKEA`."""

_INITIALS = 3
VOWELS = frozenset("aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýăāąēęėīįıōőūůűąаеёиоуыэюяіїєαεηιουωάέήίόύώ")


@lru_cache(maxsize=1 << 16)
def case_organization_word(word: str, region: str | None, *, inner: bool) -> str:
    """Write one word of a name; `inner` words may be small ones such as `of`.

    Words in mixed case or without case come back as they are.
    """
    if not (word.isupper() or word.islower()):
        return word
    bare = word.strip(".,;:()\"'“”„«»‘’&-/").lower()
    if inner and bare in _words("small") and word.strip(",") == word:
        return word.lower()
    if _is_initials(bare, word, inner=inner):
        return word.upper() if len(word.upper()) == len(word) else word
    if "/" in word or any(c.isdigit() for c in bare):
        return word
    at = next((n for n, c in enumerate(word) if c.upper() != c.lower()), 0)
    if not is_one_case(word[at:]):
        return word[:at] + word[at:].upper() if len(word[at:].upper()) == len(word[at:]) else word
    cased = case_name(word[at:], region)
    return word[:at] + (cased if inner else cased[:1].upper() + cased[1:])


def _is_initials(bare: str, word: str, *, inner: bool) -> bool:
    if bare in _words("acronyms") or len(bare) == 1:
        return True
    letters = [c for c in bare if c.isalpha()]
    if bare in _words("words") or bare in _words("small") or not letters:
        return False
    if "&" in bare or ("." in bare and len(letters) * 2 <= len(bare) + 1):
        return True
    if not VOWELS.intersection(letters) and len(letters) <= _MUTE:
        return inner or word.isupper()
    return word.isupper() and len(letters) <= _INITIALS


_MUTE = 5
"""Letters up to which a word without a vowel is initials."""


@cache
def listed_words() -> frozenset[str]:
    """Return all words whose casing is known, in lower case."""
    return _words("acronyms") | _words("words") | _words("small")


@cache
def _words(section: str) -> frozenset[str]:
    return frozenset(load_knowledge("organization_words")[section])
