"""Templates: a part of an address as fixed signs and slots, learned from how the scalar reads."""

import re
from collections.abc import Mapping, Sequence
from enum import Enum

__all__ = [
    "COPY",
    "FORMS",
    "GROUP",
    "HYPHEN",
    "SMALL",
    "TITLE",
    "UPPER",
    "Glued",
    "Piece",
    "Slot",
    "fill_template",
    "learn_template",
    "title_words",
]

COPY, TITLE, UPPER, GROUP, HYPHEN, SMALL = 0, 1, 2, 3, 10, 20
"""Ways of writing what stands in a slot: as it is, with a capital first, in capitals, as a postcode
with a blank or hyphen before its last n signs (GROUP + n, HYPHEN + n), as a form of its word (SMALL + place in FORMS)."""
FORMS = ("type", "region", "locality")
Piece = str | tuple[int, int]
"""Fixed signs, or number of a slot and way of writing it."""
Slot = Mapping[int, str]
"""What a slot is written as, by way."""


class Glued(Enum):
    """Where letters stand beside a slot without a sign between."""

    APART = 0
    BEHIND = 1
    BOTH = 2


_WORDS = re.compile(r"[^\W\d_]+")
_MAC = re.compile(r"(?i)mc[a-z]{3,}")


def title_words(text: str) -> str:
    """Write every word with a capital first, as `spell_case` does."""
    return _WORDS.sub(lambda m: _titled(m[0]), text)


def _titled(word: str) -> str:
    if _MAC.fullmatch(word):
        return f"Mc{word[2:].capitalize()}"
    return word[0].upper() + word[1:].lower()


def learn_template(
    text: str, slots: Sequence[Slot], *, forms_first: bool, glued: Sequence[Glued]
) -> tuple[Piece, ...]:
    """Find in a text what came from slots.

    Args:
        text: A part, as the scalar has written it.
        slots: What each slot may be written as.
        forms_first: Whether a writing that is a word's own form and the word itself is the form.
        glued: Whether letters stand right behind each slot, or on both its sides.
    """
    meant: dict[str, tuple[int, int]] = {}
    for number, slot in enumerate(slots):
        for way in sorted(slot, reverse=forms_first):
            if slot[way]:
                meant.setdefault(slot[way], (number, way))
    found: list[tuple[int, int, tuple[int, int]]] = []
    for said in sorted((said for said in meant if said in text), key=len, reverse=True):
        at = text.find(said)
        while at >= 0:
            end = at + len(said)
            free = all(end <= begin or at >= stop for begin, stop, _ in found)
            if free and _stands_apart(text, at, end, glued[meant[said][0]]):
                found.append((at, end, meant[said]))
            at = text.find(said, at + 1)
    pieces: list[Piece] = []
    last = 0
    for begin, end, piece in sorted(found):
        pieces += [text[last:begin], piece] if begin > last else [piece]
        last = end
    return (*pieces, text[last:]) if last < len(text) else tuple(pieces)


def _stands_apart(text: str, begin: int, end: int, glued: Glued) -> bool:
    """Tell whether a stretch is no part of a longer word or number."""
    if glued is Glued.BOTH:
        return True
    before, behind = text[begin - 1 : begin], text[end : end + 1]
    if text[begin].isdigit() and before.isdigit():
        return False
    if text[end - 1].isdigit():
        return not behind.isdigit()
    return not before.isalpha() and (glued is Glued.BEHIND or not behind.isalpha())


def fill_template(template: Sequence[Piece], slots: Sequence[Slot]) -> str | None:
    """Write a template with other slots; None if one cannot be written so."""
    written = []
    for piece in template:
        text = piece if isinstance(piece, str) else slots[piece[0]].get(piece[1])
        if text is None:
            return None
        written.append(text)
    return "".join(written)
