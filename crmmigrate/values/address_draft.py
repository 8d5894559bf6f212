"""An address while it is being cut into parts: items in the order they are written."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.address_grammar import Grammar, grammar_of
from crmmigrate.values.outcome import tidy

__all__ = ["Draft", "Item", "split_lines"]

_BREAKS = re.compile(
    r"[\r\n]+|\s*[;|]\s*|\t+|\s*[,،、，]\s*|\s+[–—•·]\s+|\s+-\s+(?=[^\W\d_]|\d{1,2}\s?[º°ª])"
)


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of the address.

    Attributes:
        kind: `text` for what is not understood yet, else the part.
        text: What is written, or the canonical value once it is understood.
        line: Number of the segment (between commas and line breaks) it comes from.
    """

    kind: str
    text: str
    line: int


@dataclass(slots=True)
class Draft:
    """Items of one address, the parts found and the rules that fired."""

    rules: RegionRules
    items: list[Item]
    parts: dict[str, str] = field(default_factory=dict)
    units: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    grammar: Grammar = field(init=False)

    def __post_init__(self) -> None:
        """Take the patterns of the draft's region."""
        self.grammar = grammar_of(self.rules)

    def texts(self) -> list[int]:
        """Return the positions of what is not understood yet."""
        return [index for index, item in enumerate(self.items) if item.kind == "text"]

    def cut(self, index: int, start: int, end: int, kind: str, value: str) -> None:
        """Replace a stretch of an item; what stands around it stays as text."""
        item = self.items[index]
        around = (item.text[:start], item.text[end:])
        pieces = [_trim(piece) for piece in around]
        new = [Item("text", pieces[0], item.line)] if pieces[0] else []
        new.append(Item(kind, value, item.line))
        new += [Item("text", pieces[1], item.line)] if pieces[1] else []
        self.items[index : index + 1] = new

    def take(self, index: int, kind: str, value: str | None = None) -> None:
        """Settle a whole item as a part."""
        item = self.items[index]
        self.items[index] = Item(kind, item.text if value is None else value, item.line)

    def stands_alone(self, kind: str) -> bool:
        """Tell whether the first item of a kind has its segment for itself."""
        at = self.find(kind)
        lines = [item.line for item in self.items]
        return at is not None and lines.count(lines[at]) == 1

    def find(self, kind: str) -> int | None:
        """Return the position of the first item of a kind."""
        for index, item in enumerate(self.items):
            if item.kind == kind:
                return index
        return None


def split_lines(text: str) -> list[Item]:
    """Split a text at line breaks, commas and their sisters."""
    return list(_split(text))


@lru_cache(maxsize=4096)
def _split(text: str) -> tuple[Item, ...]:
    pieces = [_trim(tidy(piece)) for piece in _BREAKS.split(text)]
    return tuple(Item("text", piece, line) for line, piece in enumerate(p for p in pieces if p))


def _trim(text: str) -> str:
    stripped = text.strip(" ,;-–/")
    if stripped.startswith("(") and stripped.endswith(")"):
        return stripped[1:-1].strip()
    return stripped.strip()
