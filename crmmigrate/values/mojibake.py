"""Undo the reading of text in a wrong encoding.

UTF-8 that was read in a single-byte code page is repaired by ftfy, and by strict decoding for the
code pages that ftfy does not try. A mix-up of two single-byte code pages cannot be seen in the text
alone; it is repaired only if the region's alphabet is known, the text has characters outside of it,
and one of the region's code pages turns all of them into the likeliest words.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from ftfy.badness import is_bad

from crmmigrate.values.alphabets import Alphabet, doubt, is_plausible, script_of
from crmmigrate.values.misread_utf8 import fix_encoding, pages_of_utf8

__all__ = ["fix_code_page", "fix_surely", "fix_utf8", "is_sound", "mixes_scripts"]

_MISREAD = re.compile("[^\x00-\x7f][^\x00-\x7f]|[^\x00-\x7f][?\x1a]|[\x80-\x9f]|[À-ßĀ-ž├┬à]\\s")
"""A letter of UTF-8 is two signs beyond ASCII, unless a blank or a question mark replaced one."""


_ALONE = re.compile("(?<![^\x00-\x7f])[^\x00-\x7f](?![^\x00-\x7f])")
"""One sign beyond ASCII between others: no code page makes UTF-8 of it."""


def fix_utf8(text: str, alphabet: Alphabet | None) -> str:
    """Return text whose UTF-8 bytes were read in a code page as it was meant.

    Where the text as a whole was not, a word may be: cells are pasted together from several.
    """
    if not _MISREAD.search(text):
        return text
    fixed = _fix_whole(text, alphabet)
    if fixed != text or alphabet is None or " " not in text:
        return fixed
    words = text.split(" ")
    return " ".join(_fix_word(word, alphabet) if _PAIR.search(word) else word for word in words)


_PAIR = re.compile("[^\x00-\x7f]{2}")


@lru_cache(maxsize=1 << 16)
def _fix_word(word: str, alphabet: Alphabet) -> str:
    return _fix_whole(word, alphabet)


def _fix_whole(text: str, alphabet: Alphabet | None) -> str:
    fixed = fix_surely(text)
    if fixed != text or _ALONE.search(text):
        return fixed
    for page in pages_of_utf8(text):
        try:
            candidate = text.encode(page).decode("utf-8")
        except UnicodeError:
            continue
        if candidate != text and _is_likely(candidate, text, alphabet):
            return text if mixes_scripts(candidate) else candidate
    return text


_LETTERS = re.compile(r"[^\W\d_]+")


def mixes_scripts(text: str) -> bool:
    """Tell whether one word has letters of two of the scripts that no language mixes."""
    if len(_APART.intersection(map(script_of, set(text)))) <= 1:
        return False
    words = _LETTERS.findall(text)
    return any(len(_APART.intersection(map(script_of, word))) > 1 for word in words)


_APART = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "HEBREW", "ARABIC", "THAI"})


_USUAL_PAGES = ("latin-1", "sloppy-windows-1252")
"""What ftfy tries first, too."""


@lru_cache(maxsize=8)
def fix_surely(text: str) -> str:
    """Return what `ftfy.fix_encoding` does; at once where the whole text is UTF-8 misread once."""
    if not is_bad(text):
        return text
    for page in _USUAL_PAGES:
        try:
            candidate = text.encode(page).decode("utf-8")
        except UnicodeError:
            continue
        if not is_bad(candidate):
            return candidate
    fixed = fix_encoding(text)
    chance = fixed != text and _lost(text, fixed) <= _PAIRS and mixes_scripts(fixed)
    return text if chance else fixed


@lru_cache(maxsize=1 << 17)
def is_sound(word: str, alphabet: Alphabet | None) -> bool:
    """Tell whether a word without blanks is surely no misread one, whatever stands beside it.

    A text of sound words needs no look at the whole: UTF-8 never spans a blank.
    """
    if alphabet is not None and alphabet.is_strange(word) and _is_odd(word):
        return False
    last = word[-1]
    if alphabet is not None and last in alphabet.letters and last.islower():
        return _is_written(f"{word}.")
    return _is_written(word)


@lru_cache(maxsize=1 << 17)
def _is_odd(word: str) -> bool:
    return doubt(word) > 0


@lru_cache(maxsize=1 << 17)
def _is_written(word: str) -> bool:
    """Tell whether a word is no UTF-8 that was misread, in any code page."""
    if not _MISREAD.search(word):
        return word[-1] not in _LEADS
    if is_bad(word):
        return False
    if _ALONE.search(word):
        return True
    return not any(_is_utf8(word, page) for page in pages_of_utf8(word))


_LEADS = frozenset("├┬à") | {chr(code) for code in (*range(0xC0, 0xE0), *range(0x100, 0x17F))}
"""First bytes of a letter in UTF-8 whose second one became a blank."""


def _is_utf8(word: str, page: str) -> bool:
    try:
        return word.encode(page).decode("utf-8") != word
    except UnicodeError:
        return False


def _is_likely(candidate: str, text: str, alphabet: Alphabet | None) -> bool:
    """Tell whether a text is so unlikely as it stands, and so likely decoded, that it was misread."""
    if any(0x80 <= ord(character) < 0xA0 for character in candidate) or doubt(candidate) == _BROKEN:
        return False
    stranger = alphabet is not None and alphabet.is_strange(text)
    if alphabet is not None and not alphabet.is_strange(candidate):
        return stranger or _lost(text, candidate) >= _PAIRS
    if is_plausible(text):
        return False
    return _lost(text, candidate) >= (2 * _PAIRS if stranger else _PAIRS)


_BROKEN = 2
_PAIRS = 2
"""So many bytes too much are no coincidence."""


def _lost(text: str, candidate: str) -> int:
    return _count_beyond(text) - _count_beyond(candidate)


def _count_beyond(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def fix_code_page(text: str, alphabet: Alphabet) -> tuple[str, bool]:
    """Undo a mix-up of two single-byte code pages.

    Returns:
        The text, repaired if there is one likely repair; and whether several were likely.
    """
    doubtful = doubt(text) if alphabet.is_strange(text) and not _UNPAGED.search(text) else 0
    if not doubtful:
        return text, False
    least = _LIKELY if doubtful == _BROKEN else _SURE
    found: dict[str, tuple[float, int, int]] = {}
    likely = {text: 0.0}
    for far, order, page, written in _ways_of(text, alphabet):
        if (far or order) and any(score == _BEST for score in found.values()):
            break  # no other way can be as likely
        if far and least == _SURE and not _has_signs(text):
            continue
        # A page may lack a control character that is in the text, so this may be nothing.
        candidate = _decode(_encode(text, page), written)
        if not candidate:
            continue
        if candidate not in likely:
            likely[candidate] = _likelihood(candidate, alphabet)
        if likely[candidate] >= _MAYBE:
            score = (likely[candidate], -far, -order)
            found[candidate] = max(found.get(candidate, score), score)
    return _best(text, found, least)


_UNPAGED = re.compile(
    "[\u0300-\u036f\u0400-\u0500\u05d0-\u06ff\u0e00-\u0e7f\u200b-\u200f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]"
)
"""Characters that no code page of `_MISTAKEN` has: text with them was not read in one."""

_BEST = (1.0, 0, 0)
_WESTERN = "cp1252"
_MULTIBYTE = frozenset({"cp932", "euc_jp", "gb18030", "big5", "cp949"})
_OLD = frozenset({"cp437", "cp850", "cp852", "cp866", "koi8-r", "koi8-u"})
_MISTAKEN = (
    "sloppy-windows-1252",
    "latin-1",
    "sloppy-windows-1250",
    "iso8859-2",
    "mac_roman",
    "cp437",
    "cp850",
)
"""Code pages that programs fall back to; the others are chosen by somebody who looks at the text."""


_Way = tuple[int, int, str, str]
"""How unusual it is, place of the second page among those of the region, read as, written in."""


def _ways_of(text: str, alphabet: Alphabet) -> Iterator[_Way]:
    """Yield the ways in which usual characters may have become those of a text, the usual ways first."""
    common, known = -1, _known_ways(alphabet)
    for character in set(text):
        if character > "\x7f":
            common &= known[character]
    return (way for bit, way in enumerate(_all_ways(alphabet)) if common >> bit & 1)


def _has_signs(text: str) -> bool:
    return any(c > "\x7f" and not c.isalpha() for c in text)


@cache
def _all_ways(alphabet: Alphabet) -> tuple[_Way, ...]:
    pages = (*alphabet.encodings, _WESTERN)
    every = {
        (_remoteness(page, written), pages.index(written), page, written)
        for page in _MISTAKEN
        for written in pages
    }
    return tuple(sorted(every))


class _Ways(dict[str, int]):
    """Character → the ways that may have made it from a usual one, a bit each, as far as it was asked."""

    def __init__(self, alphabet: Alphabet) -> None:
        super().__init__()
        self._alphabet = alphabet

    def __missing__(self, character: str) -> int:
        ways = 0
        for bit, (_, _, page, written) in enumerate(_all_ways(self._alphabet)):
            raw = _bytes_of(page).get(character)
            if not raw or (written in _OLD and page not in _MISTAKEN[:2]):
                continue
            if written in _MULTIBYTE or _is_own(_meaning(raw, written), self._alphabet):
                ways |= 1 << bit
        self[character] = ways
        return ways


@cache
def _known_ways(alphabet: Alphabet) -> _Ways:
    return _Ways(alphabet)


@cache
def _meaning(raw: bytes, page: str) -> str | None:
    return _decode(raw, page)


@cache
def _is_own(meant: str | None, alphabet: Alphabet) -> bool:
    return bool(meant) and not alphabet.is_strange(f" {meant} ")


@cache
def _bytes_of(page: str) -> dict[str, bytes]:
    """Return the byte of each character beyond ASCII that a code page of single bytes has."""
    characters = bytes(range(0x80, 0x100)).decode(page, "ignore")
    return {character: character.encode(page) for character in characters}


def _encode(text: str, page: str) -> bytes:
    try:
        return text.encode(page)
    except UnicodeError:
        return b""


def _remoteness(page: str, written: str) -> int:
    """Tell how unusual it is to take one code page for another; pages of one system are near."""
    return _STEPS.get(page, 0) + (written in _OLD)


_STEPS = {"mac_roman": 1, "cp437": 2, "cp850": 2}


def _decode(raw: bytes, page: str) -> str | None:
    try:
        return raw.decode(page)
    except (UnicodeError, LookupError):
        return None


def _likelihood(candidate: str, alphabet: Alphabet) -> float:
    """Tell how likely a repaired text is of the region; 0 if it cannot be."""
    if not candidate.isprintable() or alphabet.is_strange(candidate):
        return 0.0
    if not any(c > "\x7f" and c.isalpha() for c in candidate):
        return 0.0
    return alphabet.likelihood(candidate)


_MAYBE = 0.5
"""Share of known pairs of letters that makes a text the rival of a likelier one."""

_LIKELY = 0.51
"""Share of known pairs of letters that every repaired word needs."""

_SURE = 1.0
"""The same, where the text as it is may be a word of another language."""


def _best(text: str, found: dict[str, tuple[float, int, int]], least: float) -> tuple[str, bool]:
    """Return the likeliest text; with whatever else is possible if a rare mix-up was needed."""
    best = max(found.values(), default=(0.0, 0, 0))
    if best[0] < least:
        return text, False
    rivals = [
        candidate
        for candidate, score in found.items()
        if score == best or (best[1] < 0 and score[1] >= best[1])
    ]
    return (rivals[0], False) if len(rivals) == 1 else (text, True)
