"""Records of a delimited text, one at a time and with care.

This is the reference: the fast path of `csv_blocks` gives the same rows.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from crmmigrate.adapters.header import is_blank
from crmmigrate.adapters.text_lines import LineBlock

__all__ = ["MAX_QUOTED", "Dialect", "Record", "fitting", "split_fields", "take_record"]

MAX_QUOTED = 8 * 1024 * 1024
"""Characters after which an open quote over several lines is given up."""

UNCLOSED = "EXT103"
STRAY = "EXT104"


@dataclass(frozen=True)
class Dialect:
    """How fields are told apart.

    Attributes:
        delimiter: Sign between fields.
        quote: Sign around fields that hold delimiters or line ends; empty for none.
        escape: Sign before a quote that is content; empty where quotes are doubled.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""

    @cached_property
    def quoted(self) -> re.Pattern[str]:
        """A whole quoted field, with the blanks that some writers put around it."""
        q, blanks = _code(self.quote), self._blanks
        if self.escape:
            e = _code(self.escape)
            inner = f"[^{q}{e}]*+(?:(?:{q}{q}|{e}.)[^{q}{e}]*+)*+"
        else:
            inner = f"[^{q}]*+(?:{q}{q}[^{q}]*+)*+"
        return re.compile(f"{blanks}{q}({inner}){q}{blanks}", re.DOTALL)

    @cached_property
    def opening(self) -> re.Pattern[str]:
        """The beginning of a quoted field."""
        return re.compile(self._blanks + _code(self.quote))

    @cached_property
    def escaped(self) -> re.Pattern[str]:
        """An escape with the sign it protects; before any other sign it is content."""
        protected = "".join(_code(s) for s in (self.delimiter, self.quote, self.escape) if s)
        return re.compile(f"{_code(self.escape)}([{protected}])")

    @property
    def _blanks(self) -> str:
        return "[ ]*" if self.delimiter == "\t" else "[ \\t]*"

    def pattern(self, width: int) -> str:
        """Return the regular expression of a plain line: `width` fields, properly quoted."""
        d = _code(self.delimiter)
        if not self.quote:
            return f"^[^{d}]*(?:{d}[^{d}]*){{{width - 1}}}$"
        q = _code(self.quote)
        field = f"(?:{q}(?:[^{q}]|{q}{q})*{q}|[^{q}{d}]*)"
        return f"^{field}(?:{d}{field}){{{width - 1}}}$"

    @cached_property
    def _plain_lines(self) -> dict[int, re.Pattern[str]]:
        return {}

    def is_plain(self, line: str, width: int) -> bool:
        """Tell whether a line is a record of `width` fields by itself."""
        if width not in self._plain_lines:
            self._plain_lines[width] = re.compile(self.pattern(width))
        return self._plain_lines[width].match(line) is not None

    def open_quotes(self, line: str) -> bool:
        """Tell whether a line changes between inside and outside of quotes."""
        if self.escape:
            line = self.escaped.sub("", line)
        return line.count(self.quote) % 2 == 1


def _code(sign: str) -> str:
    """Write a sign by its number, which both Python's and polars' expressions understand."""
    number = ord(sign)
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its fields, or the code of what is wrong with it, and how many lines it took."""

    cells: Sequence[str]
    problem: str | None
    lines: int
    text: str


def take_record(block: LineBlock, start: int, dialect: Dialect, width: int) -> Record | None:
    """Read the record that begins at line index `start`.

    Args:
        block: Lines of the file.
        start: Index into `block.lines`.
        dialect: How fields are told apart.
        width: Number of fields of the header; 0 while it is not known.

    Returns:
        The record, or None if it needs more lines than the block has.
    """
    line = block.lines[start]
    cells, problem = split_fields(line, dialect)
    if problem is None:
        return Record(cells, None, 1, line)
    if problem == STRAY:
        plain = split_loosely(line, dialect)
        return Record(plain, None if len(plain) == width else STRAY, 1, line)
    return _take_lines(block, start, dialect, width)


def _take_lines(block: LineBlock, start: int, dialect: Dialect, width: int) -> Record | None:
    """Go on over the next lines until the quote that opened in the first is closed."""
    given_up = Record((), UNCLOSED, 1, block.lines[start])
    parts, size = [block.lines[start]], len(block.lines[start])
    for index in range(start + 1, len(block.lines)):
        parts += [block.ends[index - 1], block.lines[index]]
        size += len(block.lines[index]) + 1
        if size > MAX_QUOTED:
            return given_up
        if not dialect.open_quotes(block.lines[index]):
            continue
        text = "".join(parts)
        cells, problem = split_fields(text, dialect)
        if problem == UNCLOSED:
            continue
        inner = block.lines[start + 1 : index]
        if problem or _swallowed(cells, inner, dialect, width):
            return given_up
        return Record(cells, None, index - start + 1, text)
    return given_up if block.final or size > MAX_QUOTED else None


def _swallowed(cells: Sequence[str], inner: list[str], dialect: Dialect, width: int) -> bool:
    """Tell whether a record over several lines is ragged and has swallowed whole rows."""
    if width < 2 or fitting(cells, width) is not None:
        return False
    return any(dialect.is_plain(line, width) for line in inner)


def fitting(cells: Sequence[str], width: int) -> Sequence[str] | None:
    """Return exactly `width` cells, dropping blank ones at the end; None if that cannot be."""
    if len(cells) == width:
        return cells
    if len(cells) > width and all(is_blank(cell) for cell in cells[width:]):
        return cells[:width]
    return None


def split_fields(text: str, dialect: Dialect) -> tuple[list[str], str | None]:
    """Split a record strictly; the second value tells of an unclosed or stray quote."""
    if not dialect.quote or dialect.quote not in text:
        return _split_plain(text, dialect), None
    cells: list[str] = []
    position, delimiter = 0, dialect.delimiter
    while True:
        if dialect.opening.match(text, position):
            found = dialect.quoted.match(text, position)
            if found is None:
                return cells, UNCLOSED
            end = found.end()
            if end < len(text) and not text.startswith(delimiter, end):
                return cells, STRAY
            cells.append(_unquote(found.group(1), dialect))
        else:
            end = _field_end(text, position, dialect)
            cells.append(_unescape(text[position:end], dialect))
        if end >= len(text):
            return cells, None
        position = end + len(delimiter)


def split_loosely(text: str, dialect: Dialect) -> list[str]:
    """Split a line where text follows closing quotes: such a field is taken as it stands."""
    cells: list[str] = []
    position, delimiter = 0, dialect.delimiter
    while True:
        found = dialect.quoted.match(text, position)
        behind = found.end() if found else position
        end = _field_end(text, behind, dialect)
        if found and end == behind:
            cells.append(_unquote(found.group(1), dialect))
        else:
            cells.append(_without_outer_quotes(text[position:end], dialect))
        if end >= len(text):
            return cells
        position = end + len(delimiter)


def _split_plain(text: str, dialect: Dialect) -> list[str]:
    if not dialect.escape or dialect.escape not in text:
        return text.split(dialect.delimiter)
    cells, position = [], 0
    while True:
        end = _field_end(text, position, dialect)
        cells.append(_unescape(text[position:end], dialect))
        if end >= len(text):
            return cells
        position = end + len(dialect.delimiter)


def _field_end(text: str, position: int, dialect: Dialect) -> int:
    """Return where an unquoted field ends: at the next delimiter that is not escaped."""
    end = text.find(dialect.delimiter, position)
    while dialect.escape and end > 0 and _is_escaped(text, end, position, dialect.escape):
        end = text.find(dialect.delimiter, end + 1)
    return len(text) if end < 0 else end


def _is_escaped(text: str, end: int, start: int, escape: str) -> bool:
    count = 0
    while end - count - 1 >= start and text[end - count - 1] == escape:
        count += 1
    return count % 2 == 1


def _unescape(text: str, dialect: Dialect) -> str:
    return dialect.escaped.sub(r"\1", text) if dialect.escape else text


def _unquote(inner: str, dialect: Dialect) -> str:
    return _unescape(inner.replace(dialect.quote * 2, dialect.quote), dialect)


def _without_outer_quotes(text: str, dialect: Dialect) -> str:
    q = dialect.quote
    inside = len(text) > 1 and text.startswith(q) and text.endswith(q)
    return text[1:-1] if inside else text
