"""Two people in one name cell."""

import re

from crmmigrate.values.name_order import is_particle
from crmmigrate.values.name_tokens import cut_titles
from crmmigrate.values.name_words import NameWords, bare_word

__all__ = ["cut_spouses", "split_couple"]

_SIGNS = frozenset("&+/")
_WORDS = frozenset("and und og och oraz és și şi agus и та και και และ".split())  # noqa: SIM905
_WEAK = frozenset("si et i en ja ve dan ir un e y a u".split())  # noqa: SIM905
"""Words for `and` that are names or initials as well: only in lower case among other words."""
_NAMES_IN_ONE_CASE = frozenset("en ja ve dan ir un".split())  # noqa: SIM905


def split_couple(text: str, words: NameWords) -> tuple[str, str] | None:
    """Return two pieces of text if two people stand in it.

    `Popescu, Ion & Maria` gives both the name before the comma; a family name that only one of two
    pieces has is not given to the other here.
    """
    spaced = re.sub(r"\s*([&+/])\s*", r" \1 ", text) if _SIGNS & set(text) else text
    pieces = [piece.strip(" ,") for piece in spaced.split(";")]
    if len(pieces) == 2 and all(len(piece.split()) > 1 for piece in pieces):
        return pieces[0], pieces[1]
    head, comma, tail = spaced.partition(",")
    if comma:
        shared = _split(tail.split(), tail, words) if len(head.split()) <= 2 else None
        return (f"{head}, {shared[0]}", f"{head}, {shared[1]}") if shared else None
    return _split(spaced.split(), spaced, words)


def _split(tokens: list[str], text: str, words: NameWords) -> tuple[str, str] | None:
    joints = [at for at in range(1, len(tokens) - 1) if _is_joint(tokens, at, text, words)]
    if len(joints) != 1:
        return None
    first, second = tokens[: joints[0]], tokens[joints[0] + 1 :]
    if not all(_may_be_person(piece, words) for piece in (first, second)):
        return None
    if " ".join(map(bare_word, tokens[: joints[0] + 2])) in words.titles and len(second) > 2:
        return None
    return " ".join(first), " ".join(second)


def _may_be_person(tokens: list[str], words: NameWords) -> bool:
    text = " ".join(tokens)
    return sum(c.isalpha() for c in text) > 1 or bare_word(text) in words.titles


def _is_joint(tokens: list[str], at: int, text: str, words: NameWords) -> bool:
    token = tokens[at]
    low = token.lower()
    if low in _SIGNS or low in _WORDS:
        return not all(is_particle(tokens[beside], words) for beside in (at - 1, at + 1))
    if token == "u.":  # noqa: S105
        return not text.islower()
    if low not in _WEAK or words.region == "VN":
        return False
    mixed = token.islower() and not text.islower()
    if len(low) > 1:
        return mixed or (low not in _NAMES_IN_ONE_CASE and (text.islower() or text.isupper()))
    first = cut_titles(tokens[:at], words, alone=True)[1]
    return mixed and len(tokens) - at > 2 and len(first) <= (1 if words.two_families else 2)


_SPOUSES = frozenset({"eheleute", "ehepaar", "familie", "familia", "famille"})


def cut_spouses(text: str, words: NameWords) -> tuple[str, str] | None:
    """Return `Eheleute` and the two people of `Eheleute Hans und Anna Müller`, None otherwise."""
    head, _, rest = text.partition(" ")
    if bare_word(head) not in _SPOUSES or split_couple(rest, words) is None:
        return None
    return head, rest
