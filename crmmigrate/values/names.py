"""Names of people: from a whole text, or from the parts a source holds, to parts and display form."""

from collections.abc import Mapping
from dataclasses import replace

from crmmigrate.model.regions import NameRules
from crmmigrate.values.alphabets import script_of
from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.name_couples import cut_spouses, split_couple
from crmmigrate.values.name_notes import cut_notes, has_digits
from crmmigrate.values.name_order import (
    are_swapped,
    capital_run,
    ends_with_initial,
    family_start,
    given_and_middle,
    is_particle,
)
from crmmigrate.values.name_tokens import (
    are_letters_behind,
    cut_attached,
    cut_glued_titles,
    cut_nicknames,
    cut_suffixes,
    cut_titles,
    is_organization_name,
    may_be_organization,
)
from crmmigrate.values.name_turned import NameReading, read_turned, usual_order
from crmmigrate.values.name_words import NameWords, bare_word, name_words
from crmmigrate.values.patronymics import is_patronymic
from crmmigrate.values.person import UNSPACED, PersonName, cased_name, display_name
from crmmigrate.values.placeholders import is_placeholder

__all__ = [
    "NameReading",
    "PersonName",
    "read_name",
    "read_parts",
]


LONGEST = 200
"""Characters of a name; what is longer is a text."""
_DEFAULT = name_words(None, NameRules())


def read_name(
    text: str, words: NameWords = _DEFAULT, *, evidence: float | None = None
) -> NameReading:
    """Read a whole name.

    Args:
        text: The cell, already repaired as text.
        words: What is known about names of the region.
        evidence: How sure it is that given and family name stand in each other's place, as
            `order_evidence` tells, 0 for the usual order; None asks the words.
    """
    cell = " ".join(text.split()).strip(" ,;")
    refused = _refusal(cell)
    if refused:
        return NameReading(text, PersonName(), *refused)
    name, notes = cut_notes(cell)
    spouses = cut_spouses(name, words)
    if spouses:
        name, notes = spouses[1], (*notes, spouses[0])
    if is_organization_name(name):
        message = "looks like an organization"
        return NameReading(text, PersonName(), "left_alone", ("STD207",), message, 0.8)
    if may_be_organization(name, words):
        message = "may be an organization: its last word is a legal form"
        return NameReading(text, PersonName(), "ambiguous", ("STD207",), message, 0.5)
    name = cut_glued_titles(name, words)
    couple = split_couple(name, words)
    if couple:
        return _noted(_read_couple(couple, words, evidence), notes)
    several = _several(name, words)
    if several:
        message = "may be two people"
        return NameReading(text, PersonName(), "ambiguous", ("STD204",), message, 0.5, several)
    return _noted(_read_one(text, name, words, evidence), notes)


def _several(name: str, words: NameWords) -> tuple[str, ...]:
    """Return the readings of `John Smith, Jane Smith`, which may be two people; empty if it is one."""
    if ";" in name:
        pieces = [piece.strip() for piece in name.split(";") if any(map(str.isalpha, piece))]
        return tuple(pieces) if len(pieces) > 1 else ()
    if "," not in name:
        return ()
    head, *tail = (piece.strip() for piece in name.split(","))
    if len(tail) != 1 or "." in name or _is_behind(head, tail, words):
        return ()
    titles, ones = cut_titles(head.split(), words)
    others = cut_titles(tail[0].split(), words, alone=True)[1]
    full = [
        [w for w in ws if len(w) > 1 and w[0] not in _SIGNS and not is_particle(w, words)]
        for ws in (ones, others)
    ]
    # Two family names before a comma are usual in some regions, three are not.
    if titles or len(full[0]) < (3 if words.two_families else 2) or len(full[1]) < 2:
        return ()
    return (_parse_one_value(name, words), head, tail[0])


_SIGNS = frozenset("\"'“„«‘([{")


def _parse_one_value(name: str, words: NameWords) -> str:
    return display_name(cased_name(_parse(name, words)[0], words), words)


def _refusal(cell: str) -> tuple[str, tuple[str, ...], str, float] | None:
    """Return status, codes, message and confidence if a cell holds no name at all."""
    if _is_nothing(cell):
        return "invalid", ("STD208",), "a placeholder, not a name", 1.0
    if len(cell) > LONGEST:
        return "left_alone", ("STD209",), "too long for a name", 0.5
    if cell.replace(" ", "").isalpha():
        return None
    return _other_than_name(cell)


def _other_than_name(cell: str) -> tuple[str, tuple[str, ...], str, float] | None:
    if cell[1:4].lower() == "/o " and cell[0] in "sSdDwW":
        return "left_alone", ("STD209",), "names only a parent or spouse", 0.5
    if not any(map(str.isalpha, cell)):
        return "invalid", ("STD209",), "holds no letters", 1.0
    if "@" in cell or has_digits(_without_notes(cell)):
        return "invalid", ("STD209",), "not a person's name", 1.0
    return None


def _without_notes(cell: str) -> str:
    """Return a cell without its notes where digits stand in them alone."""
    return cut_notes(cell)[0] if any(map(str.isdigit, cell)) else cell


def _noted(reading: NameReading, notes: tuple[str, ...]) -> NameReading:
    if not notes:
        return reading
    status = "normalised" if reading.status == "unchanged" else reading.status
    told = [reading.message] if reading.message else []
    message = "; ".join([*told, f"cut off: {'; '.join(notes)}"])
    codes = tuple(code for code in reading.codes if code != "STD201")
    return replace(reading, status=status, codes=(*codes, "STD211"), message=message)


def _is_nothing(text: str) -> bool:
    """Tell whether every word is a placeholder; `Nan` and `Test` in title case are names."""
    if is_placeholder(text, tests=True):
        return " " in text or not text.istitle()
    return all(is_placeholder(word, tests=True) and not word.istitle() for word in text.split())


def _read_couple(couple: tuple[str, str], words: NameWords, evidence: float | None) -> NameReading:
    first, second = (_parse(person, words)[0] for person in couple)
    if _is_lone(first) and second.family:
        first = usual_order(_joined(first, second, words), words, evidence)
    else:
        shared = _is_lone(second) and first.family and not _is_lone(first)
        first = usual_order(first, words, evidence)
        second = _joined(second, first, words) if shared else second
    persons = [cased_name(person, words) for person in (first, second)]
    values = [display_name(person, words) for person in persons]
    message = f"two people; the other is {values[1]}"
    return NameReading(
        values[0], persons[0], "split", ("STD206",), message, 0.7, (values[1],)
    )  # fmt: skip


def _is_lone(name: PersonName) -> bool:
    """Tell whether a name is one word or only titles."""
    core = " ".join(filter(None, (name.given, name.middle, name.family)))
    return " " not in core


def _joined(lone: PersonName, whole: PersonName, words: NameWords) -> PersonName:
    """Give a lone given name, or a lone title, the family name of the other."""
    word = lone.given or lone.family
    if not lone.prefix and bare_word(word) in words.titles:
        return PersonName(prefix=word, given=whole.given, family=whole.family)
    return replace(lone, given=word, family=whole.family)


def _read_one(text: str, cell: str, words: NameWords, evidence: float | None) -> NameReading:
    name, doubt = _parse(cell, words)
    doubt = doubt or _doubt(cell, words)
    cased = cased_name(name, words)
    turned = None if doubt else read_turned(text, name, cased, cell, words, evidence)
    if turned:
        return turned
    value = display_name(cased, words)
    codes = []
    if cased != name:
        codes.append("STD202")
    if "," in cell or (value != cell and _plain(value) != _plain(cell)):
        codes.append("STD203")
    if doubt:
        codes.append("STD204")
    if value != text and not codes:
        codes.append("STD201")
    status = "ambiguous" if doubt else "normalised" if value != text else "unchanged"
    codes = codes if value != text or doubt else []
    others = (cell,) if doubt == _FAMILY_OR_GIVEN and cell != value else ()
    return NameReading(value, cased, status, tuple(codes), doubt, 0.6 if doubt else 1.0, others)


def _doubt(cell: str, words: NameWords) -> str | None:
    """Tell what is doubtful about a name as a whole."""
    tokens = cell.split()
    if len(tokens) > 1 and any(map(_stands_for_nothing, tokens)):
        return "one of its words stands for nothing"
    joint = len(tokens) > 3 and bare_word(tokens[1]) in _AND
    if joint and " ".join(map(bare_word, tokens[:3])) in words.titles:
        return "two people, of whom one has no given name"
    return None


_AND = frozenset({"and", "&", "et", "und"})


def _stands_for_nothing(word: str) -> bool:
    return len(word) > 2 and not word.istitle() and is_placeholder(word, tests=True)


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
    if "@" in whole or has_digits(whole):
        return NameReading(raw, name, "left_alone", ("STD209",), "not a person's name", 0.5)
    cased = cased_name(name, words)
    value = display_name(cased, words)
    codes = ["STD202"] if cased != name else []
    codes += ["STD208"] if empty else []
    if are_swapped(name.given, name.family, words):
        message = "given and family name may stand in each other's column"
        return NameReading(value, cased, "ambiguous", (*codes, "STD212"), message, 0.6)
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
    if nickname and not cut_suffixes(nickname.split(), words, after_comma=True)[0]:
        suffixes, nickname = [nickname], ""
    while tail and _is_behind(head, tail, words):
        suffixes.insert(0, tail.pop())
    while len(tail) > 1 and not cut_suffixes(tail[0].split(), words, after_comma=True)[0]:
        suffixes.append(tail.pop(0))
    if tail:
        name, doubt = _parse_inverted(head, tail, words)
    else:
        name, doubt = _parse_straight(head, words)
    if attached or suffixes or nickname:
        suffix = " ".join(filter(None, (name.suffix, ", ".join(suffixes))))
        prefix = " ".join(filter(None, (attached, name.prefix)))
        name = replace(name, prefix=prefix, suffix=suffix, nickname=nickname)
    return name, doubt


def _is_behind(head: str, tail: list[str], words: NameWords) -> bool:
    """Tell whether all that stands behind the last comma are suffixes."""
    rest, _ = cut_suffixes(tail[-1].split(), words, after_comma=True)
    if not rest:
        return True
    return (len(tail) > 1 or len(head.split()) > 1) and are_letters_behind(head, tail[-1])


def _parse_inverted(head: str, tail: list[str], words: NameWords) -> tuple[PersonName, str | None]:
    """Read `Family, Given Middle`."""
    family_words, behind = cut_suffixes(head.split(), words, after_comma=False)
    titles, family_words = cut_titles(family_words, words)
    before: list[str] = []
    if len(tail) > 1 and all(is_particle(word, words) for word in tail[0].split()):
        before, tail = tail[0].split(), tail[1:]
    more, given_words = cut_titles(" ".join(tail).split(), words, alone=True)
    given_words, suffix = cut_suffixes(given_words, words, after_comma=False)
    trailing: list[str] = []
    while len(given_words) > 1 and is_particle(given_words[-1], words):
        trailing.insert(0, given_words.pop())
    given, middle = given_and_middle(given_words, words)
    return (
        PersonName(
            prefix=" ".join((*titles, *more)),
            given=given,
            middle=middle,
            family=" ".join((*before, *trailing, *family_words)),
            suffix=" ".join((*behind, *suffix)),
        ),
        None,
    )


def _parse_straight(head: str, words: NameWords) -> tuple[PersonName, str | None]:
    tokens = head.split()
    titles, tokens = cut_titles(tokens, words)
    tokens, suffix = cut_suffixes(tokens, words, after_comma=False)
    before, behind = " ".join(titles), " ".join(suffix)
    known = PersonName(prefix=before, suffix=behind)
    if len(tokens) == 1:
        return _parse_single(tokens[0], known, words)
    if ends_with_initial(tokens, words):
        given, middle = given_and_middle(tokens[1:], words)
        return replace(known, given=given, middle=middle, family=tokens[0]), _FAMILY_OR_GIVEN
    capitals = capital_run(tokens)
    if capitals:
        start, end = capitals
        family = " ".join(tokens[start:end])
        given, middle = given_and_middle(tokens[:start] + tokens[end:], words)
        return PersonName(before, given, middle, family, behind), None
    if words.family_first:
        return _parse_family_first(tokens, known, words)
    if len(tokens) == 3 and is_patronymic(tokens[2], words):
        return replace(known, given=tokens[1], middle=tokens[2], family=tokens[0]), None
    at = family_start(tokens, words)
    given, middle = given_and_middle(tokens[:at], words)
    return PersonName(before, given, middle, " ".join(tokens[at:]), behind), None


_FAMILY_OR_GIVEN = "the family name may stand first"


def _parse_family_first(
    tokens: list[str], known: PersonName, words: NameWords
) -> tuple[PersonName, str | None]:
    at = 1
    while at < len(tokens) - 1 and is_particle(tokens[at - 1], words):
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
