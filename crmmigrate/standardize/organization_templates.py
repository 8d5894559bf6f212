"""What the scalar reading makes of each shape of names, as something to do to all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from crmmigrate.values.legal_forms import FormBook, form_key
from crmmigrate.values.organization_casing import case_organization
from crmmigrate.values.organization_parse import NameParse, front_starts, parse_organization
from crmmigrate.values.organizations import has_more

__all__ = ["Slice", "Weave", "read_shape"]


@dataclass(frozen=True, slots=True)
class Weave:
    """A reading whose name is not one piece of the cell: `Acme GmbH Berlin`.

    Attributes:
        parse: The reading of the made-up cell.
        cell: The made-up cell, cut at its made-up words: what stands between them.
        base: The same of the name, with the numbers of the words in it.
        shown: The same of the name with the forms in the middle of it.
    """

    parse: NameParse
    cell: tuple[str, ...]
    base: tuple[str | int, ...]
    shown: tuple[str | int, ...]

    def apply(self, cell: str) -> NameParse | None:
        """Read a cell of the shape; None where it cannot be told what stands for which word."""
        words = self._cut(cell)
        if words is None:
            return None
        base, shown = (
            "".join(words[piece] if isinstance(piece, int) else piece for piece in pieces)
            for pieces in (self.base, self.shown)
        )
        return replace(self.parse, base=base, shown=shown)

    def _cut(self, cell: str) -> list[str] | None:
        first, *between, last = self.cell
        if not cell.startswith(first) or not cell.endswith(last):
            return None
        rest = cell[len(first) : len(cell) - len(last)]
        words = []
        for sign in between:
            word, found, rest = rest.partition(sign)
            if not found or sign == " ":
                return None
            words.append(word)
        return [*words, rest]


@dataclass(frozen=True, slots=True)
class Slice:
    """A reading whose name is one piece of the cell: `Acme Nord GmbH`.

    Attributes:
        parse: The reading of the made-up cell.
        start: Characters of the cell before the name.
        rest: Characters of the cell behind the name.
        recast: The name is read the same once it is written as names are.
    """

    parse: NameParse
    start: int
    rest: int
    recast: bool


@lru_cache(maxsize=1 << 16)
def read_shape(pieces: tuple[str, ...], book: FormBook) -> Slice | Weave | None:
    """Read a shape once, with made-up words; None if it wants the scalar reading.

    Args:
        pieces: Words of the shape, as `organization_shapes` makes them.
        book: Legal forms of the region.
    """
    cell, made = _made_up(pieces)
    if has_more(cell):
        return None
    parse = parse_organization(cell, book)
    if parse.other or any(word not in parse.base for word in made):
        return None
    start = len(parse.lead) if parse.value == cell else cell.find(parse.base)
    if parse.shown == parse.base and start >= 0:
        rest = len(cell) - start - len(parse.base)
        return Slice(parse, start, rest, _recast(parse, book))
    return _weave(cell, made, parse) if made else None


def _recast(parse: NameParse, book: FormBook) -> bool:
    """Tell whether a name whose first word may be a form is read the same in other case."""
    first = parse.base.split(" ", 1)[0]
    if parse.lead or first == first.title() or form_key(first) not in front_starts(book):
        return False
    base = case_organization(parse.base, book.region)
    cased = replace(parse, base=base, shown=base)
    return parse_organization(cased.value, book) == cased


_MADE_UP = "Qzorvak"
"""The start of words that are no forms, nor parts of one."""


def _made_up(pieces: Sequence[str]) -> tuple[str, list[str]]:
    """Put made-up words where the signs of a shape are; return the cell and the words."""
    made, words = list[str](), list[str]()
    for at, piece in enumerate(pieces):
        word = f"{_MADE_UP}{chr(ord('a') + at)}"
        if "\ue000" in piece or piece == "\ue001":
            made.append(f"{word} {word}" if piece == "\ue001" else word)
        words.append(piece.replace("\ue000", word).replace("\ue001", f"{word} {word}"))
    return " ".join(words), made


def _weave(cell: str, made: list[str], parse: NameParse) -> Weave:
    between = tuple(piece for piece in _pieces(cell, made) if isinstance(piece, str))
    return Weave(parse, between, _pieces(parse.base, made), _pieces(parse.shown, made))


def _pieces(text: str, made: list[str]) -> tuple[str | int, ...]:
    """Cut a text at the made-up words: text, number, text, number, …, text."""
    pieces: list[str | int] = []
    for at, word in enumerate(made):
        before, _, text = text.partition(word)
        pieces += [before, at]
    return (*pieces, text)
