"""Names of people: from a whole text, or from the parts a source holds, to parts and display form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from crmmigrate.model.regions import NameRules
from crmmigrate.values.alphabets import script_of
from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.name_tokens import (
    are_letters_behind,
    cut_attached,
    cut_nicknames,
    cut_suffixes,
    cut_titles,
    is_organization_name,
    split_couple,
)
from crmmigrate.values.name_words import NameWords, bare_word, name_words
from crmmigrate.values.person import UNSPACED, PersonName, cased_name, display_name
from crmmigrate.values.placeholders import is_placeholder

__all__ = [
    "NameReading",
    "PersonName",
    "has_middle_names",
    "read_name",
    "read_parts",
    "second_given_names",
]


@dataclass(frozen=True, slots=True)
class NameReading:
    """What was read in a name cell; `value` is the display form."""

    value: str
    name: PersonName
    status: str
    codes: tuple[str, ...] = ()
    message: str | None = None
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()


_DEFAULT = name_words(None, NameRules())


def read_name(text: str, words: NameWords = _DEFAULT) -> NameReading:
    """Read a whole name.

    Args:
        text: The cell, already repaired as text.
        words: What is known about names of the region.
    """
    cell = " ".join(text.split()).strip(" ,;")
    if _is_nothing(cell):
        return NameReading(text, PersonName(), "invalid", ("STD208",), "a placeholder, not a name")
    if not any(character.isalpha() for character in cell):
        return NameReading(text, PersonName(), "invalid", ("STD209",), "holds no letters")
    if "@" in cell or re.search(r"\d{3}", cell):
        return NameReading(text, PersonName(), "invalid", ("STD209",), "not a person's name")
    if is_organization_name(cell):
        message = "looks like an organization"
        return NameReading(text, PersonName(), "left_alone", ("STD207",), message, 0.8)
    couple = split_couple(cell)
    if couple:
        return _read_couple(couple, words)
    return _read_one(text, cell, words)


def _is_nothing(text: str) -> bool:
    """Tell whether every word is a placeholder; `Nan` and `Test` in title case are names."""
    if is_placeholder(text, tests=True):
        return not text.istitle()
    return all(is_placeholder(word, tests=True) and not word.istitle() for word in text.split())


def _read_couple(couple: tuple[str, str], words: NameWords) -> NameReading:
    first, second = (_read_one(person, person, words) for person in couple)
    message = f"two people; the other is {second.value}"
    return replace(
        first, status="split", codes=("STD206",), message=message, confidence=0.7,
        alternatives=(second.value,),
    )  # fmt: skip


def _read_one(text: str, cell: str, words: NameWords) -> NameReading:
    name, doubt = _parse(cell, words)
    cased = cased_name(name, words)
    value = display_name(cased, words)
    codes = []
    if cased != name:
        codes.append("STD202")
    if "," in cell or _plain(value) != _plain(cell):
        codes.append("STD203")
    if doubt:
        codes.append("STD204")
    if value != text and not codes:
        codes.append("STD201")
    status = "ambiguous" if doubt else "normalised" if value != text else "unchanged"
    codes = codes if value != text or doubt else []
    return NameReading(value, cased, status, tuple(codes), doubt, 0.6 if doubt else 1.0)


def _plain(text: str) -> str:
    """Return the text without the differences that casing makes, the Turkish ones included."""
    return text.replace("İ", "i").replace("ı", "i").casefold().replace("i\u0307", "i")


def read_parts(parts: Mapping[str, str], words: NameWords = _DEFAULT) -> NameReading:
    """Take the parts a source holds as they are told, but write them as names are written.

    Args:
        parts: Part → text; at least one is not blank.
        words: What is known about names of the region.
    """
    told = {part: " ".join(text.split()).strip(" ,;") for part, text in parts.items()}
    empty = [part for part, value in told.items() if _is_nothing(value)]
    name = PersonName(**{part: text for part, text in told.items() if part not in empty})
    raw = display_name(PersonName(**dict(parts)), words)
    whole = " ".join(filter(None, (name.given, name.middle, name.family)))
    if not whole:
        message = "a placeholder, not a name"
        return NameReading(raw, name, "invalid", ("STD208",), message)
    cased = cased_name(name, words)
    value = display_name(cased, words)
    codes = ["STD202"] if cased != name else []
    codes += ["STD208"] if empty else []
    if is_organization_name(name.given) or (not name.given and is_organization_name(name.family)):
        return NameReading(
            value, cased, "left_alone", (*codes, "STD207"), "looks like an organization", 0.8
        )
    changed = any(getattr(cased, part) != parts[part] for part in parts)
    if changed and not codes:
        codes.append("STD201")
    return NameReading(value, cased, "normalised" if changed else "unchanged", tuple(codes))


def _parse(cell: str, words: NameWords) -> tuple[PersonName, str | None]:
    rest, nickname = cut_nicknames(cell)
    rest, attached = cut_attached(rest.replace("，", ",").replace("،", ","))
    head, *tail = [piece.strip() for piece in rest.split(",") if piece.strip(" .")] or [rest]
    suffixes: list[str] = []
    while tail and _is_behind(head, tail[-1], words):
        suffixes.insert(0, tail.pop())
    if tail:
        name, doubt = _parse_inverted(head, tail, words)
    else:
        name, doubt = _parse_straight(head, words)
    suffix = ", ".join(filter(None, (name.suffix, *suffixes)))
    prefix = " ".join(filter(None, (attached, name.prefix)))
    return replace(name, prefix=prefix, suffix=suffix, nickname=nickname), doubt


def _is_behind(head: str, piece: str, words: NameWords) -> bool:
    """Tell whether all that stands behind a comma are suffixes."""
    rest, _ = cut_suffixes(piece.split(), words, after_comma=True)
    return not rest or are_letters_behind(head, piece)


def _parse_inverted(head: str, tail: list[str], words: NameWords) -> tuple[PersonName, str | None]:
    """Read `Family, Given Middle`."""
    family_words, behind = cut_suffixes(head.split(), words, after_comma=False)
    titles, family_words = cut_titles(family_words, words)
    more, given_words = cut_titles(" ".join(tail).split(), words, alone=True)
    given_words, suffix = cut_suffixes(given_words, words, after_comma=False)
    trailing: list[str] = []
    while (
        len(given_words) > 1
        and bare_word(given_words[-1]) in words.particles
        and len(given_words[-1]) > 1
    ):
        trailing.insert(0, given_words.pop())
    given, middle = _given_and_middle(given_words, words)
    return (
        PersonName(
            prefix=" ".join((*titles, *more)),
            given=given,
            middle=middle,
            family=" ".join((*trailing, *family_words)),
            suffix=" ".join((*behind, *suffix)),
        ),
        None,
    )


def _parse_straight(head: str, words: NameWords) -> tuple[PersonName, str | None]:
    tokens = head.split()
    titles, tokens = cut_titles(tokens, words)
    tokens, suffix = cut_suffixes(tokens, words, after_comma=False)
    known = PersonName(prefix=" ".join(titles), suffix=" ".join(suffix))
    if len(tokens) == 1:
        return _parse_single(tokens[0], known, words)
    capitals = _capital_run(tokens)
    if capitals:
        start, end = capitals
        family = " ".join(tokens[start:end])
        given, middle = _given_and_middle(tokens[:start] + tokens[end:], words)
        return replace(known, given=given, middle=middle, family=family), None
    if words.family_first:
        return _parse_family_first(tokens, known, words)
    at = _family_start(tokens, words)
    given, middle = _given_and_middle(tokens[:at], words)
    return replace(known, given=given, middle=middle, family=" ".join(tokens[at:])), None


def _parse_family_first(
    tokens: list[str], known: PersonName, words: NameWords
) -> tuple[PersonName, str | None]:
    at = 1
    while at < len(tokens) - 1 and bare_word(tokens[at - 1]) in words.particles:
        at += 1
    rest = tokens[at:]
    if words.region == "VN" and len(rest) > 1:
        return replace(known, family=tokens[0], middle=" ".join(rest[:-1]), given=rest[-1]), None
    return replace(known, family=" ".join(tokens[:at]), given=" ".join(rest)), None


def _parse_single(token: str, known: PersonName, words: NameWords) -> tuple[PersonName, str | None]:
    """Read one word: a Chinese or Korean name without a blank, or a mononym."""
    scripts = {script_of(character) for character in token if character.isalpha()}
    if scripts <= UNSPACED and words.family_first and 2 <= len(token) <= 4:
        compound = any(token.startswith(f) for f in load_knowledge("name_words")["compound_family"])
        if words.region == "JP":
            if len(token) == 4:
                return replace(known, family=token[:2], given=token[2:]), "cut in the middle"
            return replace(known, family=token), "family and given name are not told apart"
        at = 2 if compound and len(token) > 2 else 1
        return replace(known, family=token[:at], given=token[at:]), None
    if known.prefix and bare_word(known.prefix) not in _BEFORE_GIVEN:
        return replace(known, family=token), None
    return replace(known, given=token), None


_BEFORE_GIVEN = frozenset({"sir", "dame", "sister", "brother", "คุณ", "khun", "don", "doña"})
"""Titles that stand before a given name."""


def _capital_run(tokens: list[str]) -> tuple[int, int] | None:
    """Find the family name by its capitals: `DUPONT Jean`, `Jean DE LA TOUR`."""
    capital = [len(re.sub(r"[\W\d_]", "", t)) > 1 and t.isupper() and "." not in t for t in tokens]
    if all(capital) or not any(capital):
        return None
    start = capital.index(True)
    end = len(capital) - capital[::-1].index(True)
    if not all(capital[start:end]) or (start > 0 and end < len(tokens)):
        return None
    if all(len(token) < 3 for token in tokens[start:end]):
        return None
    return start, end


def _family_start(tokens: list[str], words: NameWords) -> int:
    """Return where the family name begins in a name whose given names come first."""
    last = len(tokens) - 1
    joints = [at for at in range(1, last) if bare_word(tokens[at]) in {"y", "e", "i"}]
    for at in joints:
        if at > 1 and len(tokens[at]) == 1 and tokens[at].islower():
            return _before_particles(tokens, at - 1, words)
    if words.two_families and last >= 2:
        return _two_families(tokens, words)
    if tokens[0].islower() and _is_particle(tokens[0], words) and not tokens[-1].islower():
        return 0
    for at in range(1, last - 1):
        if bare_word(tokens[at]) in _STRONG and _is_particle(tokens[at], words):
            return at
    return _before_particles(tokens, last, words)


_STRONG = frozenset("van von vom zu de del della da do dos das du af av".split())  # noqa: SIM905
"""Particles that begin the family name even if it has further words."""


def _before_particles(tokens: list[str], at: int, words: NameWords) -> int:
    """Move the start of a family name in front of its particles, but leave one given name."""
    while at > 1 and _is_particle(tokens[at - 1], words):
        at -= 1
    return at


def _is_particle(token: str, words: NameWords) -> bool:
    return bare_word(token) in words.particles and not token.endswith(".")


def _two_families(tokens: list[str], words: NameWords) -> int:
    last = len(tokens) - 1
    second = _before_particles(tokens, last, words)
    if second < 2:
        return second
    start = _before_particles(tokens, second - 1, words)
    if start == 1 and second == 2 and last == 2 and bare_word(tokens[1]) in second_given_names():
        return second
    if (
        start == 1
        and second - start >= 1
        and last >= 3
        and bare_word(tokens[1]) in second_given_names()
    ):
        return start + 1
    return max(start, 1)


@cache
def second_given_names() -> frozenset[str]:
    """Return the second given names of Spanish and Portuguese: `José Luis Pérez`."""
    return frozenset(load_knowledge("name_words")["iberian_second_given"])


def _given_and_middle(tokens: list[str], words: NameWords) -> tuple[str, str]:
    """Tell given from middle names; where middle names are unknown all are given names."""
    if not tokens:
        return "", ""
    bound = load_knowledge("name_words")["bound_given"]
    at = 2 if len(tokens) > 1 and bare_word(tokens[0]) in bound else 1
    if has_middle_names(words):
        return " ".join(tokens[:at]), " ".join(tokens[at:])
    return " ".join(tokens), ""


def has_middle_names(words: NameWords) -> bool:
    """Tell whether what stands between given and family name has a name of its own."""
    return words.region is None or words.region in _MIDDLE_NAMES


_MIDDLE_NAMES = frozenset("US CA GB IE AU NZ ZA PH NG KE GH JM IN NO DK SE NL BE RU UA BY".split())  # noqa: SIM905
"""Regions where what stands between given and family name is called a middle name or patronymic."""
