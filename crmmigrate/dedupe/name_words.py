"""Levels of two given names, or two family names; names of several words are aligned one to one.

What one name leaves out is no contradiction (`Hans`, `Hans Joachim`), what differs beside a word they
share is one (`Hans Joachim`, `Hans Otto`).
"""

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from anyascii import anyascii
from rapidfuzz.distance import OSA, JaroWinkler

from crmmigrate.values.knowledge import load_knowledge

__all__ = ["Spelt", "family_level", "given_level", "name_particles"]

_DIFFERENT, _SIMILAR, _CLASH, _MANGLED, _INITIAL, _TYPO, _NICKNAME, _PARTIAL, _EXACT = range(9)
_F_SIMILAR, _F_MANGLED, _F_TYPO, _F_PARTIAL, _F_EXACT = range(1, 6)
_ENDING = re.compile(r"a|e|o|i|u|ia|ea|ina|ine|ana|ela|le|la|ette")
_WOMAN = re.compile(r"(a|ine|ette|elle|[^aeiou]e)$")
_GLUED = 6
"""Letters from which one word may be the first or last words of the other name: Jeanmarie."""


@cache
def name_particles() -> frozenset[str]:
    """Return words such as `de`, `von` and `bin`, folded: beside other words they say nothing."""
    words = (anyascii(word).lower() for word in load_knowledge("name_words")["particles"])
    return frozenset(word for word in words if re.fullmatch(r"[a-z]{2,8}", word))


@dataclass(frozen=True, slots=True)
class Spelt:
    """What is known of a given or family name.

    Attributes:
        text: Folded words with one blank between.
        nick: Representative of its first word, see `Vocabulary.nicknames`.
        sound: Rough sound of it.
        holders: Records that have it.
    """

    text: str
    nick: str | None
    sound: str | None
    holders: int


@dataclass(slots=True)
class _Aligned:
    """Words of two names, one to one: what is left of each, and what the others agree by."""

    left: list[str]
    right: list[str]
    longest: int = 0
    initial: bool = False
    nick: bool = False
    slip: bool = False


def given_level(x: Spelt, y: Spelt) -> int:
    """Return the level of two given names, see `crmmigrate.dedupe.names.GIVEN_LEVELS`."""
    if x.text.replace(" ", "") == y.text.replace(" ", ""):
        return _EXACT
    first, other = x.text.split(" ")[0], y.text.split(" ")[0]
    if " " in x.text or " " in y.text:
        level = _several_given(x, y)
        if level is not None:
            return level
    elif min(len(first), len(other)) == 1 and first[0] == other[0]:
        return _INITIAL
    same = x.nick is not None and x.nick == y.nick
    if not same and _gendered(first, other):
        return _SIMILAR
    if same or _begins(first, other):
        return _NICKNAME
    return (_DIFFERENT, _SIMILAR, _MANGLED, _TYPO)[_distance(x, y)]


def family_level(x: Spelt, y: Spelt) -> int:
    """Return the level of two family names, see `crmmigrate.dedupe.names.FAMILY_LEVELS`."""
    if x.text.replace(" ", "") == y.text.replace(" ", ""):
        return _F_EXACT
    short, long = sorted((x.text, y.text), key=len)
    if long in {f"{short}a", f"{short}ova"}:
        return _F_TYPO
    if " " in x.text or " " in y.text:
        level = _several_family(x, y)
        if level is not None:
            return level
    return (_DIFFERENT, _F_SIMILAR, _F_MANGLED, _F_TYPO)[_distance(x, y)]


def _several_given(x: Spelt, y: Spelt) -> int | None:
    """Return the level of given names of which one has several words; None if no word tells."""
    one, other = x.text.split(" "), y.text.split(" ")
    if _glued(one, other):
        return _PARTIAL
    found = _align(one, other, given=True, nick=x.nick is not None and x.nick == y.nick)
    agree = found.longest > 2 or found.initial or found.nick
    if found.left and found.right:
        return _CLASH if agree else (_DIFFERENT, _MANGLED, None)[_clash(x, y, found)]
    if found.slip:
        return _SIMILAR if _settled(x, y) else _TYPO
    if found.longest > 1:
        return _PARTIAL
    return _NICKNAME if found.nick and not found.initial else _INITIAL


def _several_family(x: Spelt, y: Spelt) -> int | None:
    """Return the level of family names of which one has several words; None if no word tells."""
    one, other = x.text.split(" "), y.text.split(" ")
    if _glued(one, other):
        return _F_PARTIAL
    found = _align(one, other, given=False, nick=False)
    if found.left and found.right:
        agree = found.longest > 2
        return _F_SIMILAR if agree else (_DIFFERENT, _F_MANGLED, None)[_clash(x, y, found)]
    if found.slip:
        return _F_SIMILAR if _settled(x, y) else _F_TYPO
    return _F_PARTIAL if found.longest > 2 else None


def _clash(x: Spelt, y: Spelt, found: _Aligned) -> int:
    """Return 0 if a word is left of each name, 1 if one is the other, damaged, and 2 if more are."""
    if not len(found.left) == len(found.right) == 1:
        return 2
    return int(_mangled(found.left[0], found.right[0]) and not _settled(x, y))


def _align(one: list[str], other: list[str], *, given: bool, nick: bool) -> _Aligned:
    """Take away what agrees: equal words, then initials, then short forms, then one slip."""
    left: list[str | None] = [*one]
    right: list[str | None] = [*other]
    found = _Aligned([], [])
    for at, word in enumerate(one):
        if word in right:
            left[at], right[right.index(word)] = None, None
            if min(len(one), len(other)) == 1 or word not in name_particles():
                found.longest = max(found.longest, len(word))
    if given:
        for mine, its in ((left, right), (right, left)):
            found.initial = _take_initials(mine, its) or found.initial
        if left[0] and right[0] and (nick or _short_form(left[0], right[0])):
            left[0], right[0], found.nick = None, None, True
    found.left, found.right = _left(left), _left(right)
    if len(found.left) == 1 or len(found.right) == 1:
        _take_slip(found, given=given)
    return found


def _left(words: list[str | None]) -> list[str]:
    several = len(words) > 1
    return [word for word in words if word and not (several and word in name_particles())]


def _take_initials(mine: list[str | None], its: list[str | None]) -> bool:
    taken = False
    for at, word in enumerate(mine):
        if word is None or len(word) > 1:
            continue
        for there, whole in enumerate(its):
            if whole and whole[0] == word:
                mine[at], its[there], taken = None, None, True
                break
    return taken


def _take_slip(found: _Aligned, *, given: bool) -> None:
    """Take the only word left of the one name, and the first of the other that it is close to."""
    few, many = (
        (found.left, found.right) if len(found.left) == 1 else (found.right, found.left)
    )  # fmt: skip
    for at, word in enumerate(many):
        if _close(few[0], word) and not (given and _gendered(few[0], word)):
            few.pop()
            many.pop(at)
            found.slip = True
            return


def _glued(one: list[str], other: list[str]) -> bool:
    """Tell whether one name is a word that the other one begins or ends with in several."""
    single, words = (one[0], other) if len(one) == 1 else (other[0], one)
    if min(len(one), len(other)) > 1 or len(single) < _GLUED:
        return False
    counts = range(2, len(words))
    return any("".join(words[:n]) == single or "".join(words[-n:]) == single for n in counts)


def _short_form(x: str, y: str) -> bool:
    return _begins(x, y) and not _gendered(x, y)


def _begins(x: str, y: str) -> bool:
    return min(len(x), len(y)) >= 3 and (x.startswith(y) or y.startswith(x))


def _distance(x: Spelt, y: Spelt) -> int:
    """Return 3 for a slip, 2 for a mangled spelling, 1 if both are too common for a slip, else 0."""
    heard = x.sound is not None and x.sound == y.sound and len(x.sound) >= 3
    near = heard and _alike(x.text, y.text) >= np.float32(0.75)
    if near or _close(x.text, y.text):
        return 1 if _settled(x, y) else 3
    return 2 if _mangled(x.text, y.text) and not _settled(x, y) else 0


def _alike(x: str, y: str) -> np.float32:
    return np.float32(JaroWinkler.similarity(x, y))


def _close(x: str, y: str) -> bool:
    longest, slips, alike = max(len(x), len(y)), OSA.distance(x, y), _alike(x, y)
    one = slips <= 1 and longest >= 4
    two = slips <= 2 and (alike >= np.float32(0.9) or longest >= 8)
    return bool(one or two or (alike >= np.float32(0.93) and longest >= 6))


def _mangled(x: str, y: str) -> bool:
    """Much alike, but damaged: `aessicj` and `jessica`."""
    longest = max(len(x), len(y))
    damaged = _alike(x, y) >= np.float32(0.78) or OSA.distance(x, y) <= 0.45 * longest
    return bool(damaged and longest >= 4)


def _settled(x: Spelt, y: Spelt) -> bool:
    """Both spellings are common: rather two names than one with a slip."""
    few = min(x.holders, y.holders)
    return few >= 4 and few * 20 >= max(x.holders, y.holders)


def _gendered(x: str, y: str) -> bool:
    """Forms for a man and a woman: Daniel and Daniela, Mario and Maria, Andrei and Andreea."""
    if (_WOMAN.search(x) is None) == (_WOMAN.search(y) is None):
        return False
    for short, long in ((x, y), (y, x)):
        stem = re.sub(r"[aeiou]$", "", short)
        if len(stem) < 3 or len(short) < 4 or not long.startswith(stem):
            continue
        if _ENDING.fullmatch(long[len(stem) :]):
            return True
    return False
