"""Which letters the words of a region are written with, and whether a text looks like them."""

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise

from crmmigrate.values.knowledge import load_knowledge, word_table

__all__ = ["Alphabet", "alphabet_of", "doubt", "is_plausible", "script_of"]

_WORD_ENDS = re.compile(r"[\s\x21-\x26\x28-\x40\x5b-\x60\x7b-\x7f“”«»–—]+")


@cache
def script_of(character: str) -> str:
    """Return the script of a letter by its Unicode name, e.g. LATIN, THAI or CJK."""
    return unicodedata.name(character, "UNKNOWN").split(" ", 1)[0]


@dataclass(frozen=True, slots=True, eq=False)
class Alphabet:
    """The letters that words of a region are written with; one of `alphabet_of` is made once.

    Attributes:
        letters: Non-ASCII Latin letters, both cases.
        scripts: Scripts other than Latin.
        pairs: Known pairs of neighbouring letters, at least one of them non-ASCII.
        encodings: Code pages that text of these languages was stored in.
    """

    letters: frozenset[str]
    scripts: frozenset[str]
    pairs: frozenset[str]
    encodings: tuple[str, ...]

    def is_strange(self, text: str) -> bool:
        """Tell whether a character stands where no word of the region is written with it."""
        if text.isascii():
            return False
        characters = set(text)
        others = characters - _usual(self.letters)
        if others:
            known, around = _script_members(self.scripts), others & _AROUND_WORDS
            if not all(map(known.__getitem__, others - around)):
                return True
            if any(_is_misplaced(text, sign) for sign in around):
                return True
        if not characters.isdisjoint(_OPENING) and _unclosed(text):
            return True
        return not characters.isdisjoint(_capitals()) and any(map(_odd_case, _words(text)))

    def likelihood(self, text: str) -> float:
        """Tell how much the words with non-ASCII letters are like words of the region: 0 to 1."""
        words = [word for word in _words(text) if not word.isascii()]
        words = [word for word in words if len(word) > 1] or words
        return min((_likely(word, self) for word in words), default=0.0)


@lru_cache(maxsize=1 << 16)
def _likely(word: str, alphabet: Alphabet) -> float:
    """Tell how much a word with non-ASCII letters is like words of a region: 0 to 1."""
    if _odd_case(word):
        return 0.0
    members = _script_members(alphabet.scripts)
    native = [members[c] for c in set(word) - _PLAIN]
    if any(native):
        return float(all(native) and len(word) > 1 and not _PLAIN_LETTER.search(word))
    pairs = [a + b for a, b in pairwise(word.lower()) if not (a + b).isascii()]
    known = sum(pair in alphabet.pairs for pair in pairs)
    return known / len(pairs) if pairs else 0.5


class _Members(dict[str, bool]):
    """Which characters are of some scripts, as far as it was asked."""

    def __init__(self, scripts: frozenset[str]) -> None:
        super().__init__()
        self._scripts = scripts

    def __missing__(self, character: str) -> bool:
        self[character] = script_of(character) in self._scripts
        return self[character]


@cache
def _usual(letters: frozenset[str]) -> frozenset[str]:
    """Return what may stand in a word with some letters beyond ASCII, whatever stands beside it."""
    return letters | _PLAIN


@cache
def _script_members(scripts: frozenset[str]) -> _Members:
    return _Members(scripts)


def _is_misplaced(text: str, sign: str) -> bool:
    """Tell whether a sign that belongs before or behind a word stands on the other side of one."""
    framed = f" {text} "
    behind = sign in "…°¹²³½¼¾ªº×"
    at = framed.find(sign)
    while at >= 0:
        if framed[at + 1 if behind else at - 1].isalpha():
            return True
        at = framed.find(sign, at + 1)
    return False


_ASCII = frozenset(map(chr, range(128)))
_ANYWHERE = frozenset("’‘ʼ“”«»–—•·€£§©®™№、。・「」（）！？：；，．％＆\u00a0\u200c\u200d") - {"·"}
_PLAIN = _ASCII | _ANYWHERE
_PLAIN_LETTER = re.compile("[A-Za-z]")
_OPENING = frozenset("¿¡")
_AROUND_WORDS = frozenset("„‚…°½¼¾¹²³×¿¡ªº·")


@lru_cache(maxsize=256)
def _words(text: str) -> list[str]:
    """Return the words of a text; whoever asks again leaves the list as it is."""
    marks = "'’‘„‚…¿¡"
    for mark in _unclosed(text):
        marks = marks.replace(mark, "")
    return [word.strip(marks) for word in _WORD_ENDS.split(text) if word]


def _unclosed(text: str) -> str:
    """Return the opening marks ¿ and ¡ that no mark closes."""
    if "¿" not in text and "¡" not in text:
        return ""
    return "".join(a for a, z in (("¿", "?"), ("¡", "!")) if a in text and z not in text)


@cache
def _capitals() -> frozenset[str]:
    return frozenset(c for c in map(chr, range(0x80, 0x1F000)) if c.isupper())


def _odd_case(word: str) -> bool:
    """Tell whether a non-ASCII capital stands within a word in lower case: `AmÈrique`, `RÈunion`."""
    rest = word[1:]
    if rest == rest.lower() or word.isascii() or word == word.upper():
        return False
    return any(
        b > "\x7f" and b.isupper() and a.isalpha() and (a.islower() or z.islower())
        for a, b, z in zip(word, word[1:], f"{word[2:]} ", strict=False)
    )


def alphabet_of(languages: Iterable[str], encodings: Iterable[str] = ()) -> Alphabet:
    """Return the alphabet of languages (ISO 639 codes), the first being the main one.

    Args:
        languages: Languages of a region; unknown ones are skipped.
        encodings: Code pages the region's own rules name; those of the languages follow.
    """
    return _alphabet(tuple(languages), tuple(encodings))


@cache
def _alphabet(languages: tuple[str, ...], encodings: tuple[str, ...]) -> Alphabet:
    known = load_knowledge("alphabets")
    latin, scripts = word_table(known["latin"]), word_table(known["scripts"])
    pages = word_table(known["encodings"])
    letters = "".join(latin.get(language, "") for language in languages)
    listed = [page for language in languages for page in pages.get(language, "").split()]
    names = " ".join(scripts.get(language, "") for language in languages)
    pairs = [pair for language in languages for pair in _pairs().get(language, "").split(",")]
    return Alphabet(
        frozenset(letters + letters.upper()),
        frozenset(names.split()),
        frozenset(pairs),
        tuple(dict.fromkeys((*encodings, *listed))),
    )


def is_plausible(text: str) -> bool:
    """Tell whether every word of a text may be a word as it stands, in whatever language."""
    return all(_word_doubt(word) == 0 for word in _words(text) if not word.isascii())


def doubt(text: str) -> int:
    """Tell how little a text looks like words of any language.

    Returns:
        0 if every word may stand in some language; 1 if there is a word whose letters are those of
        a language, but nowhere stand like that; 2 if there is one that no language has the letters
        for, that mixes scripts, or with a sign or a capital within.
    """
    most = 0
    for word in _words(text):
        if not word.isascii():
            most = max(most, _word_doubt(word))
            if most == _BEYOND_DOUBT:
                break
    return most


_BEYOND_DOUBT = 2


@lru_cache(maxsize=1 << 16)
def _word_doubt(word: str) -> int:
    """Tell how little one word looks like one of any language; see `doubt`."""
    if _odd_case(word):
        return 2
    scripts = {script_of(c) for c in word if c > "\x7f" and c.isalpha()} - _MARKS
    if not scripts or "LATIN" in scripts:
        return 2 if len(scripts) > 1 else _latin_doubt(word)
    if _SMALL.search(word) or not scripts <= _scripts() | _JAPANESE:
        return 2
    return 0 if len(scripts) == 1 or scripts <= _JAPANESE else 2


_SMALL = re.compile("[a-z]")
_MARKS = frozenset({"MODIFIER", "COMBINING", "FEMININE", "MASCULINE", "MICRO"})
_JAPANESE = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"})


@cache
def _scripts() -> frozenset[str]:
    return frozenset(" ".join(word_table(load_knowledge("alphabets")["scripts"]).values()).split())


@cache
def _latin() -> tuple[str, ...]:
    return tuple(word_table(load_knowledge("alphabets")["latin"]))


@cache
def _lacking(language: str) -> frozenset[str]:
    """Return the letters that a language never has; of all languages if none is named."""
    lacking = word_table(load_knowledge("alphabets")["lacking"])
    return frozenset(lacking.get(language, "") if language else "".join(lacking.values()))


_COMMAS = str.maketrans("şţŞŢ", "șțȘȚ")
"""Romanian letters that older encodings have only with a cedilla."""


def _latin_doubt(word: str) -> int:
    bare = word.replace("·", "")
    languages = _languages_with(c for c in bare if c > "\x7f" and c.isalpha() and c not in _SIGNS)
    if not languages or (not (bare.isalpha() and _SIGNS.isdisjoint(bare)) and _has_odd_signs(bare)):
        return 2
    if "·" in word.lower().replace("l·l", ""):
        return 1
    letters = [c for c in bare.lower() if c.isalpha()]
    pairs = frozenset(pair for pair in map("".join, pairwise(letters)) if not pair.isascii())
    if _never_stand(pairs) and _unlisted().isdisjoint(languages):
        return 1
    foreign = frozenset(letters) & _lacking("")
    return int(not any(_has_pairs(language, pairs, foreign) for language in languages))


def _has_odd_signs(word: str) -> bool:
    """Tell whether a sign of a word stands where none does, whatever its letters are."""
    signs = "".join(c if c in _SIGNS or not c.isalpha() else "a" for c in word)
    return _NO_LETTERS.is_strange(signs)


def _never_stand(pairs: frozenset[str]) -> bool:
    """Tell whether pairs of letters surely stand in no language with a list of them; see `_has_pairs`."""
    new = frozenset(pair.translate(_COMMAS) for pair in pairs - _every_pair()) - _every_pair()
    return len(new) > 1 or any(c.isascii() for pair in new for c in pair)


@cache
def _every_pair() -> frozenset[str]:
    """Return the pairs of all languages, with commas in the place of cedillas, too."""
    pairs = frozenset().union(*(_alphabet((name,), ()).pairs for name in _latin()))
    return pairs | {pair.translate(_COMMAS) for pair in pairs}


@cache
def _unlisted() -> frozenset[str]:
    """Return the languages without a list of pairs."""
    return frozenset(name for name in _latin() if not _pairs().get(name))


_SIGNS = _ANYWHERE | _AROUND_WORDS
_NO_LETTERS = Alphabet(frozenset(), frozenset(), frozenset(), ())


def _languages_with(letters: Iterable[str]) -> tuple[str, ...]:
    """Return the languages that have all of some letters."""
    found, known = -1, _languages_by_letter()
    for letter in letters:
        found &= known.get(letter, 0)
    return _languages_of(found)


@cache
def _languages_by_letter() -> dict[str, int]:
    """Return which languages have each letter, a bit each."""
    known: dict[str, int] = {}
    for bit, name in enumerate(_latin()):
        for letter in _alphabet((name,), ()).letters:
            known[letter] = known.get(letter, 0) | 1 << bit
    return known


@lru_cache(maxsize=1 << 14)
def _languages_of(mask: int) -> tuple[str, ...]:
    return tuple(name for bit, name in enumerate(_latin()) if mask >> bit & 1)


@lru_cache(maxsize=1 << 16)
def _has_pairs(language: str, pairs: frozenset[str], foreign: frozenset[str]) -> bool:
    """Tell whether pairs of letters stand in a language; one of two non-ASCII letters may be new."""
    if not pairs or not _pairs().get(language):
        return True
    if language == "ro":
        pairs = frozenset(pair.translate(_COMMAS) for pair in pairs)
    new = pairs - _alphabet((language,), ()).pairs
    rare = len(new) == 1 and not any(c.isascii() for c in next(iter(new)))
    return (rare or not new) and foreign.isdisjoint(_lacking(language))


@cache
def _pairs() -> dict[str, str]:
    path = files("crmmigrate.values").joinpath("data", "letter_contexts.json")
    loaded: dict[str, str] = json.loads(path.read_text("utf-8"))
    return loaded
