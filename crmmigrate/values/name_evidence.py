"""What tells that a family name stands first: lists of names, and endings of family names."""

import json
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files

from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.name_words import NameWords, bare_word

__all__ = [
    "family_names",
    "family_pattern",
    "given_names",
    "likely_given_names",
    "long_order_evidence",
    "order_evidence",
]


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
        is known of the other or it is an initial, 0.5 if the order is in doubt, 0 if nothing
        speaks against it.
    """
    first, second = map(_piece, (given, family))
    if len(first) < _SHORTEST or first in given_names():
        return 0.0
    if len(second) < _SHORTEST:
        return 0.7 if _is_family(given, first) and _takes_initials(words) else 0.0
    if second in family_names() or _ends_as_family(second):
        return 0.0
    likely = second in likely_given_names()
    if (likely and _is_family(given, first)) or (
        second in given_names() and _ends_as_family(first)
    ):
        return 0.8
    if _ends_as_family(first):
        return 0.7
    listed = second in given_names() and _is_family(given, first)
    return 0.5 if (likely or listed) and not words.family_first else 0.0


def long_order_evidence(words: Sequence[str]) -> float:
    """Return how sure it is that of three words the first is the family name: `Popescu Ion Andrei`.

    Returns:
        0.8 if the first is listed as family name, or ends as they do, and the others are rather
        given names; 0.5 if nothing is known of the first, 0 otherwise.
    """
    first, *others = map(_piece, words)
    if min(map(len, (first, *others))) < _SHORTEST or first in given_names():
        return 0.0
    if any(word in family_names() or _ends_as_family(word) for word in others):
        return 0.0
    likely = [word in likely_given_names() for word in others]
    if not likely[-1] or any(word not in given_names() for word in others):
        return 0.0
    known = _is_family(words[0], first)
    if known and all(likely):
        return 0.8
    return 0.5 if known or all(likely) else 0.0


def _piece(word: str) -> str:
    """Return what is looked up of a word: the part before a hyphen."""
    return bare_word(word).partition("-")[0]


def _is_family(word: str, piece: str) -> bool:
    """Tell whether a word is listed as family name, or ends as they do.

    Chinese given names of two syllables are hyphenated, and each may be a family name.
    """
    return ("-" not in word and piece in family_names()) or _ends_as_family(piece)


def _takes_initials(words: NameWords) -> bool:
    """Tell whether an initial behind a family name stands for the given name."""
    return not (words.initials_last or words.family_first)


_SHORTEST = 2
"""Letters of a word that may be evidence; initials are none."""
