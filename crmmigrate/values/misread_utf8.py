"""In which code pages text may be UTF-8 that was misread, told by a few of its signs."""

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

import ftfy
import ftfy.bad_codecs
from ftfy.badness import is_bad
from ftfy.chardata import CHARMAP_ENCODINGS, UTF8_DETECTOR_RE
from ftfy.fixes import fix_c1_controls

__all__ = ["READ_AS", "fix_encoding", "pages_of_utf8", "without_pieces"]

READ_AS = (
    "sloppy-windows-1252",
    "latin-1",
    "sloppy-windows-1250",
    "iso8859-2",
    "mac_roman",
    "cp874",
    "cp437",
    "cp850",
    "cp852",
    "sloppy-windows-1251",
    "sloppy-windows-1253",
    "sloppy-windows-1254",
    "sloppy-windows-1257",
    "cp866",
)
"""Code pages that programs read text in by mistake, the usual ones first."""


def fix_encoding(text: str) -> str:
    """Return `ftfy.fix_encoding` of a bad text, without its trials where no code page makes it UTF-8."""
    while "\ufffd" not in text and not _among(text, _SURE_BEGINNINGS, _ftfy_pages(), _DAMAGES):
        before, text = text, without_pieces(text)
        if text == before:
            text = _without_controls(text)
        if text == before or not is_bad(text):
            return text
    return ftfy.fix_encoding(text)


def without_pieces(text: str) -> str:
    """Decode the pieces of a text that are misread UTF-8, as ftfy does where the whole is not."""

    def fixed(found: re.Match[str]) -> str:
        piece = found[0]
        return fix_encoding(piece) if piece != text and is_bad(piece) else piece

    return UTF8_DETECTOR_RE.sub(fixed, text)


def _without_controls(text: str) -> str:
    """Return what ftfy makes of text that no code page makes UTF-8: that of Windows for control characters."""
    if not _CONTROLS.search(text):
        return text
    try:
        return text.encode("latin-1").decode("windows-1252")
    except UnicodeError:
        return fix_c1_controls(text)


_CONTROLS = re.compile("[\x80-\x9f]")


_DAMAGES = " ?\x1a"
"""Signs that may stand in the place of one within a letter of UTF-8; ftfy restores it."""

_BEGINNINGS = re.compile("(?<![^\x00-\x7f])[^\x00-\x7f].?", re.DOTALL)
"""The first sign behind ASCII, which begins a letter of UTF-8, and the next."""

_SURE_BEGINNINGS = re.compile(
    f"(?<![^\x00-\x7f])(?<![^\x00-\x7f][{_DAMAGES}])[^\x00-\x7f].?", re.DOTALL
)
"""The same, but for those behind a sign that may stand within a letter."""

_Masks = dict[str, tuple[int, int, int]]
"""Character → the code pages (a bit each) that have it, in which its byte begins a letter of UTF-8, and in
which it goes on with one."""


def pages_of_utf8(text: str) -> tuple[str, ...]:
    """Return the code pages in which text may be UTF-8 as far as the beginnings of letters tell."""
    return _pages_in(_among(text, _BEGINNINGS, _read_pages(), ""))


@lru_cache(maxsize=1 << 10)
def _pages_in(mask: int) -> tuple[str, ...]:
    return tuple(page for bit, page in enumerate(READ_AS) if mask >> bit & 1)


def _among(text: str, beginnings: re.Pattern[str], masks: _Masks, damaged: str) -> int:
    """Return the code pages in which all sequences of signs beyond ASCII may be UTF-8.

    Args:
        text: Not of ASCII alone.
        beginnings: Finds the first two signs of sequences.
        masks: Of the code pages.
        damaged: Signs of ASCII that may stand in the place of one that goes on.
    """
    found = -1
    for pair in beginnings.findall(text):
        begins = masks.get(pair[0], _IN_NONE)[1]
        if pair[1:] not in damaged:
            begins &= masks.get(pair[1], _IN_NONE)[2]
        elif not pair[1:] or not damaged:
            begins = 0
        found &= begins
        if not found:
            return 0
    for character in set(text):
        if character > "\x7f":
            found &= masks.get(character, _IN_NONE)[0]
    return found


_IN_NONE = (0, 0, 0)


@cache
def _read_pages() -> _Masks:
    return _masks_of(READ_AS, range(0xC2, 0xF5))


@cache
def _ftfy_pages() -> _Masks:
    """Return what counts for ftfy, which reads NUL of two bytes, too."""
    return _masks_of(CHARMAP_ENCODINGS, (0xC0, *range(0xC2, 0xF5)))


def _masks_of(pages: Sequence[str], begins: Iterable[int]) -> _Masks:
    leads, masks = frozenset(begins), _Masks()
    for bit, page in enumerate(pages):
        for character in bytes(range(0x80, 0x100)).decode(page, "ignore"):
            for byte in character.encode(page):
                has, first, further = masks.get(character, _IN_NONE)
                first |= (byte in leads) << bit
                masks[character] = (has | 1 << bit, first, further | (byte < _FIRST_LEAD) << bit)
    return masks


_FIRST_LEAD = 0xC0
