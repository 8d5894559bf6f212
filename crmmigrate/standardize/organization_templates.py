"""What the scalar reading makes of each shape of names, as something to do to all of them."""

import string
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate

from crmmigrate.values.legal_forms import FormBook, form_key
from crmmigrate.values.organization_casing import case_organization
from crmmigrate.values.organization_parse import NameParse, front_starts, parse_organization
from crmmigrate.values.organizations import has_more, parse_whole

__all__ = ["Slice", "read_shape"]


@dataclass(frozen=True, slots=True)
class Slice:
    """A reading whose name is one piece of the cell, but for words in the middle of it.

    Attributes:
        parse: The reading of the made-up cell.
        start: Characters of the cell before the name.
        rest: Characters of the cell behind the name.
        recast: The name is read the same once it is written as names are.
        form: Place of the first word in the shape that is a form in the middle (`Acme GmbH Berlin`);
            0 if none is.
        width: How many words it has.
    """

    parse: NameParse
    start: int
    rest: int
    recast: bool
    form: int = 0
    width: int = 0


@lru_cache(maxsize=1 << 16)
def read_shape(pieces: tuple[str, ...], book: FormBook) -> Slice | None:
    """Read a shape once, with made-up words; None if it wants the scalar reading.

    Args:
        pieces: Words of the shape, as `organization_shapes` makes them.
        book: Legal forms of the region.
    """
    words = _made_up(pieces)
    cell = " ".join(words)
    if has_more(cell):
        return None
    parse = parse_whole(cell, book)
    made = [word for word in words if _MADE_UP in word]
    if parse.other or any(_bare(word) not in parse.base for word in made):
        return None
    start = len(parse.lead) if parse.value == cell else cell.find(parse.shown)
    if start < 0:
        return None
    rest = len(cell) - start - len(parse.shown)
    if parse.shown == parse.base:
        return Slice(parse, start, rest, _recast(parse, book))
    form, width = _form_within(words, cell, start, parse)
    return Slice(parse, start, rest, recast=False, form=form, width=width) if width else None


def _form_within(words: Sequence[str], cell: str, start: int, parse: NameParse) -> tuple[int, int]:
    """Return the place of the words that the name has and its base has not, and their number."""
    ends = list(accumulate(len(word) + 1 for word in words))
    name, stop = parse.base, start + len(parse.shown)
    for first in range(1, len(words) - 1):
        begin = ends[first - 1] - 1
        for last in range(first, len(words) - 1):
            end = ends[last] - 1
            inside = start < begin and end < stop and _MADE_UP not in words[last]
            if not inside:
                break
            if cell[start:begin] + cell[end:stop] == name:
                return first, last - first + 1
    return 0, 0


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


_ONE, _SEVERAL = "\ue000", "\ue001"
"""Signs of a shape: one word, and several."""


def _made_up(pieces: Sequence[str]) -> list[str]:
    """Put made-up words where the signs of a shape are."""
    words = []
    for at, piece in enumerate(pieces):
        if _ONE in piece:
            words.append(piece.replace(_ONE, f"{_MADE_UP}{_LETTERS[at]}"))
        elif piece == _SEVERAL:
            words.append(f"{_MADE_UP}{_LETTERS[at]} {_MADE_UP}{_LETTERS[at]}")
        else:
            words.append(piece)
    return words


_LETTERS = string.ascii_lowercase


def _bare(word: str) -> str:
    """Return a made-up word without the signs around it."""
    at = word.index(_MADE_UP)
    return word[at : at + len(_MADE_UP) + 1] if " " not in word else word
