"""What tells that a family name stands first: lists of names, and endings of family names."""

import json
import re
from functools import cache, lru_cache
from importlib.resources import files

from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.name_words import NameWords, bare_word

__all__ = ["family_names", "family_pattern", "given_names", "likely_given_names", "order_evidence"]


@cache
def _listed() -> dict[str, frozenset[str]]:
    """Read the lists of names; source: the package Faker, all locales."""
    text = files("crmmigrate.values").joinpath("data", "name_evidence.json").read_text("utf-8")
    return {kind: frozenset(words.split()) for kind, words in json.loads(text).items()}


@cache
def likely_given_names() -> frozenset[str]:
    """Return words, in lower case, that are rather given than family names."""
    return _listed()["given"] | _listed()["mostly_given"]


@cache
def given_names() -> frozenset[str]:
    """Return words, in lower case, that may well be given names."""
    return _listed()["given"] | _listed()["mostly_given"] | _listed()["both"]


@cache
def family_names() -> frozenset[str]:
    """Return words, in lower case, that are rather family than given names."""
    return _listed()["family"] | _listed()["mostly_family"]


@cache
def family_pattern() -> str:
    """Return a pattern of words in lower case that end as family names do."""
    return f"..(?:{'|'.join(load_knowledge('name_endings')['family_endings'])})$"


@lru_cache(maxsize=1 << 14)
def _ends_as_family(word: str) -> bool:
    return word not in given_names() and re.search(family_pattern(), word) is not None


def order_evidence(given: str, family: str, words: NameWords) -> float:
    """Return how sure it is that the given and the family name stand in each other's place.

    Args:
        given: What was read as given name by its place; one word.
        family: What was read as family name; one word.
        words: What is known about names of the region.

    Returns:
        0.8 if each word is listed as the other, 0.7 if one ends as family names do and nothing
        is known of the other, 0.5 if the order is in doubt, 0 if nothing speaks against it.
    """
    first, second = (bare_word(word).partition("-")[0] for word in (given, family))
    if len(first) < _SHORTEST or len(second) < _SHORTEST or first in given_names():
        return 0.0
    if second in family_names() or _ends_as_family(second):
        return 0.0
    # Chinese given names of two syllables are hyphenated, and each may be a family name.
    whole = "-" not in given and first in family_names()
    if second in given_names() and (whole or _ends_as_family(first)):
        return 0.8
    if _ends_as_family(first):
        return 0.7
    return 0.5 if second in likely_given_names() and not words.family_first else 0.0


_SHORTEST = 2
"""Letters of a word that may be evidence; initials are none."""
