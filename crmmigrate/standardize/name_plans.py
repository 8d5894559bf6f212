"""What the reading of one name says about all names of its shape: templates of words.

A plan is an outcome whose texts name the words of the name by their position and by how they are
written, so that it can be filled with the words of any name of the same shape.
"""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from crmmigrate.values.casing import case_name, lower_word
from crmmigrate.values.outcome import Outcome

__all__ = ["Plan", "Template", "Word", "cut_words", "make_plan"]


class Word(NamedTuple):
    """A word of the name: its position and how it is written (raw, title, upper or lower)."""

    position: int
    writing: str = "raw"


Template = tuple[str | Word, ...]
"""Texts and words in turn; empty for null."""

RAW: Template = (Word(-1),)
"""The whole text as it was."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An outcome with templates in place of texts; two shapes often have the same plan."""

    value: Template
    parts: tuple[Template, ...]
    message: Template
    alternatives: tuple[Template, ...]
    status: str
    codes: tuple[str, ...]
    confidence: float
    region: str | None
    """Region whose casing is followed, None where no word is recased."""


_WORDS = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*\.?")


def make_plan(
    text: str,
    stand_ins: Mapping[int, str],
    outcome: Outcome,
    region: str | None,
    parts: Sequence[str],
) -> Plan | None:
    """Read a plan off the outcome of a name of stand-ins.

    Args:
        text: The name that was read.
        stand_ins: Position → word that stood in.
        outcome: What the reading said.
        region: Region whose casing was followed.
        parts: Names of the parts, in order.

    Returns:
        The plan; None if a stand-in was cut or changed in a way that cannot be followed.
    """
    known = _writings(stand_ins, region)
    glued = _glued(known)
    own = _template(text, known, glued) or ()
    if [piece for piece in own if isinstance(piece, Word)] != [Word(at) for at in stand_ins]:
        # Another word of the name holds a stand-in.
        return None
    texts = (*map(outcome.parts.get, parts), outcome.message, *outcome.alternatives)
    value = RAW if outcome.value == text else _template(outcome.value, known, glued)
    made = [value, *(_template(piece, known, glued) for piece in texts)]
    rare = {letter for form in glued for letter in form}
    if None in made or (rare and any(_holds(template, rare) for template in made if template)):
        return None
    templates = [template or () for template in made]
    at = len(parts) + 1
    recased = any(isinstance(p, Word) and p.writing != "raw" for t in templates for p in t)
    return Plan(
        templates[0], tuple(templates[1:at]), templates[at], tuple(templates[at + 1 :]),
        outcome.status, outcome.codes, outcome.confidence, region if recased else None,
    )  # fmt: skip


def _glued(known: Mapping[str, Word]) -> dict[str, Word]:
    """Return the forms that are found within a word, the longest first."""
    forms = [
        form
        for form in known
        if (not form.isascii() and form.lower() == form.upper()) or any(map(str.isdigit, form))
    ]
    return {form: known[form] for form in sorted(forms, key=len, reverse=True)}


def _holds(template: Template, letters: AbstractSet[str]) -> bool:
    """Tell whether pieces of stand-ins are left."""
    return any(not letters.isdisjoint(piece) for piece in template if isinstance(piece, str))


def _writings(stand_ins: Mapping[int, str], region: str | None) -> dict[str, Word]:
    known: dict[str, Word] = {}
    for position, word in stand_ins.items():
        for form, written in _forms(position, word, region):
            known.setdefault(form, written)
    return known


@lru_cache(maxsize=1 << 13)
def _forms(position: int, word: str, region: str | None) -> tuple[tuple[str, Word], ...]:
    return (
        (word, Word(position)),
        (case_name(word, region), Word(position, "title")),
        (word.upper(), Word(position, "upper")),
        (lower_word(word, region), Word(position, "lower")),
    )


def _template(
    text: str | None, known: Mapping[str, Word], glued: Mapping[str, Word]
) -> Template | None:
    if not text:
        return ()
    if text in known:
        return (known[text],)
    pieces: list[str | Word] = []
    for piece in _unglued(text, glued):
        if isinstance(piece, Word):
            pieces.append(piece)
            continue
        end = 0
        for match in _WORDS.finditer(piece):
            word, rest = known.get(match[0]), ""
            if word is None and match[0].endswith("."):
                word, rest = known.get(match[0][:-1]), "."
            if word is None:
                if _is_spoiled(match[0], tuple(known)):
                    return None
                continue
            pieces += [piece[end : match.start()], word, rest]
            end = match.end()
        pieces.append(piece[end:])
    return _joined(pieces)


def _unglued(text: str, glued: Mapping[str, Word]) -> list[str | Word]:
    """Cut out the words of scripts that write words together."""
    pieces: list[str | Word] = [text]
    for form, word in glued.items():
        cut: list[str | Word] = []
        for piece in pieces:
            if isinstance(piece, Word) or form not in piece:
                cut.append(piece)
                continue
            around = piece.split(form)
            for part in around[:-1]:
                cut += [part, word]
            cut.append(around[-1])
        pieces = cut
    return pieces


def _is_spoiled(found: str, forms: tuple[str, ...]) -> bool:
    """Tell whether a word is a stand-in that was cut or glued."""
    low = found.casefold().strip(".")
    if not found.isascii() and any(form.strip(".") in found for form in forms if form.isascii()):
        return True
    return any(form in low or (len(low) > 1 and low in form) for form in _folded(forms))


@lru_cache(maxsize=1024)
def _folded(forms: tuple[str, ...]) -> tuple[str, ...]:
    return tuple({form.casefold() for form in forms if len(form) > 1 and form[-1] != "."})


def _joined(pieces: Sequence[str | Word]) -> Template:
    """Put neighbouring texts together and drop the empty ones."""
    result: list[str | Word] = []
    for piece in pieces:
        if isinstance(piece, str) and result and isinstance(result[-1], str):
            result[-1] += piece
        elif piece != "":
            result.append(piece)
    return tuple(result)


def cut_words(template: Template) -> list[Template]:
    """Cut a template at its blanks."""
    words: list[list[str | Word]] = [[]]
    for piece in template:
        if isinstance(piece, Word):
            words[-1].append(piece)
            continue
        first, *rest = piece.split(" ")
        words[-1].append(first)
        words += [[text] for text in rest]
    return [word for pieces in words if (word := _joined(pieces))]
