"""Repair of text: encodings, invisible and control characters, entities, blanks.

Clean text is not touched; every step that changes something has a rule code.
"""

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from crmmigrate.values.alphabets import Alphabet
from crmmigrate.values.mojibake import fix_code_page, fix_surely, fix_utf8, is_sound

__all__ = ["BREAK", "TAG", "TextRepair", "clean_text", "is_clean", "repair_text"]


@dataclass(frozen=True, slots=True)
class TextRepair:
    """A repaired text and the rules that changed it."""

    value: str
    codes: tuple[str, ...] = ()
    confidence: float = 1.0


def clean_text(text: str) -> str | None:
    """Return the text without what nobody meant to write; None if nothing is left."""
    return repair_text(text).value or None


def repair_text(
    text: str,
    alphabet: Alphabet | None = None,
    letters: Mapping[str, str] | None = None,
    *,
    lines: bool = False,
) -> TextRepair:
    """Repair a text.

    Args:
        text: What the source holds.
        alphabet: Alphabet of the region; without it only unmistakable repairs are made.
        letters: Wrong letter → right letter, such as ş → ș in Romania.
        lines: Keep the line breaks and tabs of a text of several lines.
    """
    if text.isascii():
        if "&" not in text and "<" not in text:
            return _repair_ascii(text, lines=lines)
    elif is_clean(text.replace("\n", " ") if lines else text, alphabet, letters or {}):
        return TextRepair(text)
    else:
        fixed = fix_surely(text)
        if fixed != text and is_clean(fixed, alphabet, letters or {}):
            return TextRepair(fixed, ("STD904",), 0.95)
    value, codes, confidence = text, list[str](), 1.0
    for _ in range(_ROUNDS):
        before = value
        value, sure = _repair_once(before, alphabet, letters or {}, codes, lines=lines)
        confidence = min(confidence, sure)
        if value == before or is_clean(value, alphabet, letters or {}):
            break
    if "\ufffd" in value:
        codes.append("STD908")
    return TextRepair(value, tuple(dict.fromkeys(codes)), confidence)


def _repair_ascii(text: str, *, lines: bool) -> TextRepair:
    """Repair ASCII text without entities and tags: control characters and blanks."""
    codes = list[str]()
    value = _apply(text, _without_invisible(text), "STD902", codes)
    several = lines and ("\n" in value or "\r" in value)
    tidy = _without_blanks(value, lines=True) if several else " ".join(value.split())
    value = _apply(value, tidy, "STD901", codes)
    return TextRepair(value, tuple(codes))


def is_clean(text: str, alphabet: Alphabet | None, letters: Mapping[str, str]) -> bool:
    """Tell at little cost that a text beyond ASCII needs no repair; False is no answer."""
    return (
        text.isprintable()
        and not _PERHAPS.search(text)
        and unicodedata.is_normalized("NFC", text)
        and all(letter not in text for letter in letters)
        and all(is_sound(word, alphabet) for word in text.split(" ") if not word.isascii())
    )


_PERHAPS = re.compile("^ | $|  |[&<\u00a1\u00bf\u115f\u1160\u2800\u3164\ufffd]")
"""Signs that want a closer look: markup, blanks, letters that look like blanks, lost characters."""

_ROUNDS = 5
"""One repair may uncover another: an entity within mojibake, mojibake within mojibake."""


def _repair_once(
    text: str,
    alphabet: Alphabet | None,
    letters: Mapping[str, str],
    codes: list[str],
    *,
    lines: bool,
) -> tuple[str, float]:
    value, confidence = text, 1.0
    if not value.isascii():
        value, confidence = _decode(value, alphabet, codes)
    for code, step in (("STD903", _without_markup), ("STD902", _without_invisible)):
        value = _apply(value, step(value), code, codes)
    value = _apply(value, unicodedata.normalize("NFC", value), "STD906", codes)
    if letters and not value.isascii():
        value = _apply(value, _letters(value, letters, alphabet), "STD907", codes)
    value = _apply(value, _without_blanks(value, lines=lines), "STD901", codes)
    return value, confidence


def _apply(before: str, after: str, code: str, codes: list[str]) -> str:
    if after != before:
        codes.append(code)
    return after


_SURROGATES = re.compile("[\ud800-\udfff]")


def _decode(text: str, alphabet: Alphabet | None, codes: list[str]) -> tuple[str, float]:
    if _SURROGATES.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    fixed = fix_utf8(text, alphabet)
    if alphabet is None or (fixed != text and not alphabet.is_strange(fixed)):
        return _fixed(text, fixed, codes)
    native, several = fix_code_page(text, alphabet)
    if native != text:
        codes.append("STD905")
        return native, 0.85
    if several and fixed == text:
        codes.append("STD909")
        return text, 0.5
    return _fixed(text, fixed, codes)


def _fixed(text: str, fixed: str, codes: list[str]) -> tuple[str, float]:
    if fixed == text:
        return text, 1.0
    codes.append("STD904")
    return fixed, 0.95


_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
BREAK = r"<(?:br|/p|/div|/li|/tr)\s*/?>"
"""Tags that end a line, in any case."""
TAG = (
    r"</?(?:p|div|span|b|i|u|em|strong|small|big|font|a|ul|ol|li|table|tr|td|th|tbody|h[1-6]|sup|sub|img|"
    r"o:p|html|body|head|meta|style|script|center|code|pre|blockquote)(?:\s[^<>]*)?/?>"
)
"""Tags of web pages, in any case; other words in angle brackets are kept."""
_BREAK, _TAG = re.compile(BREAK, re.IGNORECASE), re.compile(TAG, re.IGNORECASE)


def _without_markup(text: str) -> str:
    if "&" in text:
        for _ in range(2):
            text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    if "<" in text:
        text = _TAG.sub("", _BREAK.sub("\n", text))
    return text


_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb]"
)
_JOINERS = re.compile("(?<![^\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f])")


def _without_invisible(text: str) -> str:
    """Drop control and format characters; joiners stay within scripts and emoji that need them."""
    if text.isascii() and text.isprintable():
        return text
    return _JOINERS.sub("", _INVISIBLE.sub("", text))


_BLANKS = re.compile(r"[^\S\r\n]+|[\u3164\u2800\u115f\u1160]+")
_LINE_ENDS = re.compile(r"\r\n?|[\u0085\u2028\u2029]")


def _without_blanks(text: str, *, lines: bool) -> str:
    if not lines:
        return " ".join(_BLANKS.sub(" ", text).split())
    text = _LINE_ENDS.sub("\n", text)
    if "\n" not in text.strip():
        return " ".join(_BLANKS.sub(" ", text).split())
    return "\n".join(line.rstrip() for line in text.strip().split("\n"))


_WORDS = re.compile(r"[^\W\d_]+")


def _letters(text: str, letters: Mapping[str, str], alphabet: Alphabet | None) -> str:
    """Write the region's own letters, unless the word has letters of another language."""
    table = str.maketrans(dict(letters))

    def replaced(match: re.Match[str]) -> str:
        changed = match[0].translate(table)
        return (
            match[0]
            if changed != match[0] and alphabet and alphabet.is_strange(changed)
            else changed
        )

    return _WORDS.sub(replaced, text)
