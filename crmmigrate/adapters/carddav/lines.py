"""Content lines of vCard 3.0 and 4.0 (RFC 2426 section 4, RFC 6350 section 3).

A line that is not touched is written as it was read, whatever stands in it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Line", "clean_text", "escape", "join_parts", "read_lines", "split_parts", "unescape"]

_OCTETS = 75
"""Longest line without folding (RFC 6350 section 3.2), in octets."""
_NAME = r"[A-Za-z0-9_-]+"
_VALUES = r'(?:"[^"]*"|[^":;,]*)(?:,(?:"[^"]*"|[^":;,]*))*'
_LINE = re.compile(
    rf"(?s)(?:(?P<group>{_NAME})\.)?(?P<name>{_NAME})(?P<params>(?:;{_NAME}(?:={_VALUES})?)*):(?P<value>.*)"
)
_PARAM = re.compile(rf";({_NAME})(?:=({_VALUES}))?")
_PARAM_VALUE = re.compile(r'"([^"]*)"|([^",]+)')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MEANT = {"n": "\n", "N": "\n", "\\": "\\", ",": ",", ";": ";", ":": ":"}
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
"""What has no place in a card (RFC 6350 section 3.3) or in XML 1.0, in which cards are read."""


@dataclass(frozen=True, slots=True)
class Line:
    """One property of a card.

    Attributes:
        name: Name of the property, in capitals; empty for what is no property.
        value: What follows the colon, with its escapes.
        params: Parameters in order, names in capitals; TYPE may stand several times.
        group: What stands before a dot, such as `item1`.
        raw: The line as it was read; empty for one of ours.
    """

    name: str
    value: str
    params: tuple[tuple[str, str], ...] = ()
    group: str = ""
    raw: str = ""

    @property
    def types(self) -> frozenset[str]:
        """Values of TYPE in small letters; bare parameters are such, too (vCard 2.1)."""
        told = [value for name, value in self.params if name == "TYPE"]
        return frozenset(word.strip().lower() for value in told for word in value.split(","))

    @property
    def preference(self) -> int:
        """How much it is preferred: 1 is most, 101 is not at all."""
        given = next((value for name, value in self.params if name == "PREF"), "")
        if given.isdecimal():
            return int(given)
        return 1 if "pref" in self.types else 101

    def param(self, name: str) -> str:
        """Return a parameter, or an empty text."""
        return next((value for n, value in self.params if n == name), "")

    @property
    def text(self) -> str:
        """The line as it is written, without folding."""
        if self.raw:
            return self.raw
        params = "".join(f";{name}={_quoted(value)}" for name, value in self.params)
        return f"{self.group}.{self.name}{params}:{self.value}".removeprefix(".")

    def folded(self) -> Iterator[bytes]:
        """Yield the line in pieces of at most 75 octets; no letter is cut."""
        data, start, room = self.text.encode(), 0, _OCTETS
        while start < len(data):
            end = min(len(data), start + room)
            while end < len(data) and data[end] & 0xC0 == 0x80:
                end -= 1
            yield (b" " if start else b"") + data[start:end]
            start, room = end, _OCTETS - 1


def read_lines(text: str) -> list[Line]:
    """Return the lines of a card, unfolded."""
    plain = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
    return [_line(raw) for raw in plain.split("\n") if raw.strip()]


def _line(raw: str) -> Line:
    found = _LINE.fullmatch(raw)
    if found is None:
        return Line("", "", raw=raw)
    params = tuple(_params(found["params"]))
    return Line(found["name"].upper(), found["value"], params, found["group"] or "", raw)


def _params(text: str) -> Iterator[tuple[str, str]]:
    for name, values in _PARAM.findall(text):
        if not values:
            yield "TYPE", name
        for quoted, plain in _PARAM_VALUE.findall(values):
            yield name.upper(), quoted or plain


def _quoted(value: str) -> str:
    return f'"{value}"' if any(sign in value for sign in ":;,") else value


def escape(text: str) -> str:
    """Return a text as it stands in a card.

    Commas and semicolons are escaped in every property, in addresses of web pages and unknown ones,
    too: Radicale cuts all values at a bare comma, of which RFC 6350 makes lists.
    """
    for sign in ("\\", ",", ";"):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def unescape(value: str) -> str:
    """Return the text that a value means; an escape that means nothing stays."""
    return _ESCAPED.sub(lambda found: _MEANT.get(found[1], found[0]), value)


def split_parts(value: str, separator: str = ";") -> list[str]:
    """Return the parts of a structured value as texts."""
    parts, start, place = [], 0, 0
    while place < len(value):
        if value[place] == "\\":
            place += 1
        elif value[place] == separator:
            parts.append(value[start:place])
            start = place + 1
        place += 1
    return [unescape(part) for part in (*parts, value[start:])]


def join_parts(parts: Sequence[str], separator: str = ";") -> str:
    """Return parts as a structured value."""
    return separator.join(escape(part) for part in parts)


def clean_text(text: str) -> str:
    """Return a text as a card can hold it: line feeds alone, no control characters."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("", plain)
