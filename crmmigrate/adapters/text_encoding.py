"""Find the encoding of a text file.

A byte order mark decides; else text that is valid UTF-8 is UTF-8; else the code pages that the
region's computers wrote are compared by how plausible the text is that they give. All lines with
letters beyond ASCII count as evidence, wherever in the file they stand, up to a bounded sample.
"""

import codecs
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from crmmigrate.adapters.text_lines import UNDECODABLE
from crmmigrate.errors import UsageError

__all__ = ["FileEncoding", "check_encoding", "find_encoding", "given_encoding"]

_SAMPLE = 256 * 1024
_CHUNK = 4 * 1024 * 1024
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CODE_PAGES = (
    *("cp1252", "cp1250", "cp1251", "cp1254", "cp1253", "cp1257", "cp1255", "cp1256", "cp1258"),
    *("cp874", "cp932", "gb18030", "big5", "cp949", "euc_jp", "koi8_r", "iso8859_2", "mac_roman"),
    *("cp852", "cp850", "cp866"),
)
_EAST_ASIAN = {"cp932", "gb18030", "gbk", "big5", "cp950", "cp949", "euc_kr", "euc_jp", "shift_jis"}
_PRIOR = 0.03
"""Penalty per sign for each step down the list of candidates."""


@dataclass(frozen=True, slots=True)
class FileEncoding:
    """An encoding, by the name Python knows, and how it was found."""

    name: str
    how: str


def check_encoding(name: str) -> str:
    """Return the name of an encoding as Python spells it.

    Raises:
        UsageError: there is no such text encoding.
    """
    try:
        known = codecs.lookup(name).name
        _ = "ab".encode(known).decode(known, UNDECODABLE)
    except (LookupError, UnicodeError):
        raise UsageError(
            f"unknown encoding '{name}'", hint="e.g. utf-8, windows-1250, iso-8859-1, utf-16"
        ) from None
    return known


def given_encoding(path: Path, name: str) -> FileEncoding:
    """Return an encoding that the user names, with the byte order of the file.

    Raises:
        UsageError: there is no such encoding, or the file cannot be in it.
    """
    known = check_encoding(name)
    if known in {"utf-16", "utf-32"}:
        found = find_encoding(path)
        if not found.name.startswith(known):
            raise UsageError(
                f"the file is not in {known}",
                where=str(path),
                hint="leave `encoding` out to detect it",
            )
        known = found.name
    return FileEncoding(known, "given")


def find_encoding(path: Path, candidates: Sequence[str] = ()) -> FileEncoding:
    """Return the encoding of a file.

    Args:
        path: The file.
        candidates: Code pages of the region, the likeliest first; they are preferred.
    """
    with path.open("rb") as stream:
        head = stream.read(4096)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return FileEncoding(name, "byte order mark")
    wide = _wide_encoding(head)
    if wide:
        return FileEncoding(wide, "pattern of NUL bytes")
    lines = _lines_beyond_ascii(path)
    if not lines:
        return FileEncoding("utf-8", "plain ASCII")
    valid = sum(_is_valid(line, "utf-8") for line in lines)
    if valid == len(lines):
        return FileEncoding("utf-8", "valid UTF-8")
    if valid * 2 >= len(lines):
        return FileEncoding("utf-8", f"UTF-8 in {valid} of {len(lines)} sampled lines")
    return _code_page(lines, candidates)


def _wide_encoding(head: bytes) -> str | None:
    """Recognise UTF-16 without a mark by its NUL bytes at every other place."""
    if len(head) < 4:
        return None
    even, odd = head[0::2].count(0) * 2 / len(head), head[1::2].count(0) * 2 / len(head)
    for share, other, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if share > 0.4 and other < 0.1 and "\0" not in head.decode(name, "replace"):
            return name
    return None


def _lines_beyond_ascii(path: Path) -> list[bytes]:
    """Collect lines with bytes beyond ASCII, from the whole file, up to a bounded sample."""
    found: list[bytes] = []
    size, pending = 0, b""
    with path.open("rb") as stream:
        while size < _SAMPLE and (chunk := stream.read(_CHUNK)):
            if chunk.isascii():
                pending = chunk[chunk.rfind(b"\n") + 1 :][-_SAMPLE:]
                if pending.isascii():
                    continue
            lines = (pending + chunk).replace(b"\r", b"\n").split(b"\n")
            pending = lines.pop()[-_SAMPLE:]
            for line in lines:
                if not line.isascii():
                    found.append(line[:_SAMPLE])
                    size += len(found[-1])
    if pending and not pending.isascii() and size < _SAMPLE:
        found.append(pending)
    return found


def _is_valid(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _code_page(lines: Sequence[bytes], candidates: Sequence[str]) -> FileEncoding:
    """Compare code pages by the plausibility of the text they give."""
    ranked: list[tuple[float, str]] = []
    names = list(
        dict.fromkeys([*map(check_encoding, candidates), *map(check_encoding, _CODE_PAGES)])
    )
    names = [name for name in names if name not in {"utf-8", "ascii"}]
    for place, name in enumerate(names):
        penalty = _implausibility(lines, name)
        preferred = 0.0 if place < len(candidates) else _PRIOR
        ranked.append((penalty + preferred + _PRIOR * min(place, 10) / 3, name))
    ranked.sort()
    how = "most plausible code page"
    if len(ranked) > 1:
        how += f", before {ranked[1][1]}"
    return FileEncoding(ranked[0][1], how)


def _implausibility(lines: Sequence[bytes], encoding: str) -> float:
    """Return the mean penalty of the letters beyond ASCII that an encoding gives."""
    penalty, weight = 0.0, 0
    for line in lines:
        count = len(line) - len(line.decode("ascii", "ignore"))
        weight += count
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError:
            penalty += 3.0 * count
            continue
        bytes_a_sign = 2 if encoding in _EAST_ASIAN else 1
        penalty += bytes_a_sign * sum(
            _oddity(text[i - 1] if i else " ", char, text[i + 1] if i + 1 < len(text) else " ")
            for i, char in enumerate(text)
            if char > "\x7f"
        )
    return penalty / max(weight, 1)


def _oddity(before: str, char: str, after: str) -> float:
    """Return how unlikely a sign is between its neighbours, from 0 to 3."""
    kind, script = _kind(char)
    if kind == "C":
        return 3.0
    if kind in "SPNZ":
        within = before.isalpha() and after.isalpha() and char not in "’'´·‑–-"
        return 1.5 if within else (0.3 if char in _USUAL_SIGNS else 0.8)
    odd = 0.0
    for neighbour in (before, after):
        other = _kind(neighbour)[1] if neighbour.isalpha() else script
        if other != script and {other, script} - _MIXABLE:
            odd += 1.0
        elif script == "LATIN" and neighbour > "\x7f" and neighbour.isalpha():
            odd += 0.4
    if char.isupper() and before.islower():
        odd += 1.0
    return odd + (0.0 if script != "LATIN" or char in _USUAL_LETTERS else 0.3)


_USUAL_SIGNS = frozenset("–—‘’‚“”„«»€£§°·…№´ºª©®™\u00a0")
_MIXABLE = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL"})
_USUAL_LETTERS = frozenset(
    "áàâäãåæçéèêëíìîïñóòôöõøœßúùûüýÿÁÀÂÄÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜ"
    "ăĂșşțţȘŞȚŢąćęłńśźżĄĆĘŁŃŚŹŻčďěňřšťůžČĎĚŇŘŠŤŮŽőűŐŰđĐğĞıİāēģīķļņūėįųŠĽľĺŕ"
)


@lru_cache(maxsize=65536)
def _kind(char: str) -> tuple[str, str]:
    """Return the general category's first letter and the script of a sign."""
    name = unicodedata.name(char, "")
    if not name:
        return "C", ""
    return unicodedata.category(char)[0], name.split(" ", 1)[0].split("-")[0]
