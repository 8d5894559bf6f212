"""Physical lines of a text file, read a bounded block at a time."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

__all__ = [
    "BLOCK_SIZE",
    "MAX_RECORD",
    "UNDECODABLE",
    "BlockReader",
    "LineBlock",
    "has_undecodable",
    "read_blocks",
    "show_undecodable",
]

BLOCK_SIZE = 4 * 1024 * 1024
"""Bytes read at once."""
MAX_RECORD = 16 * 1024 * 1024
"""Characters of the longest record; a longer line is rejected, a longer quote given up."""

UNDECODABLE = "crmmigrate.mark"
"""Name of the error handler that turns each bad byte 0xNN into the lone surrogate U+DCNN."""

_MARKED = re.compile("[\udc00-\udcff]")
_END = re.compile(r"\r\n|\n|\r")
_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in bad), error.end


codecs.register_error(UNDECODABLE, _mark)


def has_undecodable(text: str) -> bool:
    """Tell whether a text holds bytes that could not be decoded."""
    return not text.isascii() and _MARKED.search(text) is not None


def show_undecodable(text: str) -> str:
    """Write each undecodable byte by its number, so that the text can be stored and shown."""
    shown = _MARKED.sub(lambda m: f"\\x{ord(m.group()) - 0xDC00:02x}", text)
    return shown.encode("utf-8", "backslashreplace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class LineBlock:
    """Some whole lines of a file.

    Attributes:
        first: Number of the first line, from 1.
        lines: Without their ends.
        ends: The end of each line, as it stood; empty for a last line without one.
        final: Nothing follows.
        overlong: The block is the beginning of one line that is longer than a record may be.
    """

    first: int
    lines: list[str]
    ends: list[str]
    final: bool
    overlong: bool = False

    def tail(self, start: int) -> str:
        """Return the text from line index `start` on, to be read again with more lines."""
        pairs = zip(self.lines[start:], self.ends[start:], strict=True)
        return "".join(part for pair in pairs for part in pair)


class BlockReader:
    """Iterate over the blocks of a file; lines given back come again in the next block."""

    def __init__(self, path: Path, encoding: str, size: int) -> None:
        self._path = path
        self._encoding = encoding
        self._size = size
        self._pending = ""
        self._line = 1

    def give_back(self, block: LineBlock, start: int) -> None:
        """Let the lines of a block from index `start` on come again, with more behind them."""
        self._pending = block.tail(start) + self._pending
        self._line -= len(block.lines) - start

    def __iter__(self) -> Iterator[LineBlock]:
        decoder = codecs.getincrementaldecoder(self._encoding)(errors=UNDECODABLE)
        self._pending, self._line = "", 1
        final, started = False, False
        with self._path.open("rb") as stream:
            while not final:
                data = stream.read(self._size)
                final = not data
                text = decoder.decode(data, final)
                if text and not started:
                    text, started = text.removeprefix("\ufeff"), True
                text = self._pending + text
                cut = len(text) if final else _last_line_end(text)
                if not cut and len(text) > MAX_RECORD:
                    self._pending = _rest_of_file_after_line(stream, decoder, self._size)
                    self._line += 1
                    start = text[:MAX_RECORD]
                    yield LineBlock(self._line - 1, [start], ["\n"], final=False, overlong=True)
                    continue
                self._pending = text[cut:]
                if cut:
                    block = _split_lines(text[:cut], self._line, final=final)
                    self._line += len(block.lines)
                    yield block


def read_blocks(path: Path, encoding: str, size: int | None = None) -> BlockReader:
    """Return the blocks of a file, each of about `size` bytes."""
    return BlockReader(path, encoding, size or BLOCK_SIZE)


def _last_line_end(text: str) -> int:
    """Return where the last whole line ends; a carriage return at the very end may go on."""
    return max(text.rfind("\n"), text.rfind("\r", 0, max(len(text) - 1, 0))) + 1


def _split_lines(text: str, first: int, *, final: bool) -> LineBlock:
    """Split at every kind of line end, and at nothing else (form feeds are content)."""
    returns = text.count("\r")
    if not returns or returns == text.count("\r\n") == text.count("\n"):
        end = "\r\n" if returns else "\n"
        lines = text.split(end)
        ends = [end] * (len(lines) - 1) + [""]
        if not lines[-1]:
            del lines[-1], ends[-1]
        return LineBlock(first, lines, ends, final)
    pairs = [m.groups() for m in _LINE.finditer(text) if m.group()]
    return LineBlock(first, [line for line, _ in pairs], [end for _, end in pairs], final)


def _rest_of_file_after_line(
    stream: BufferedReader, decoder: codecs.IncrementalDecoder, size: int
) -> str:
    """Skip to the next line end in bounded memory; return what was read behind it."""
    while data := stream.read(size):
        text = decoder.decode(data)
        found = _END.search(text)
        if found and found.group() == "\r" and found.end() == len(text):
            return decoder.decode(stream.read(size)).removeprefix("\n")
        if found:
            return text[found.end() :]
    return ""
