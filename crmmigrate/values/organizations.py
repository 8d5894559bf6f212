"""Names of organizations: the name itself and its legal form, wherever it stands."""

import re
from dataclasses import dataclass, replace
from functools import cache

from crmmigrate.values.casing import is_one_case
from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.legal_forms import FormBook, form_book, form_key
from crmmigrate.values.organization_casing import case_organization
from crmmigrate.values.organization_parse import NameParse, front_starts, parse_organization
from crmmigrate.values.placeholders import is_placeholder

__all__ = [
    "BESIDE_CONFIDENCE",
    "BESIDE_NAME",
    "CASED_CONFIDENCE",
    "SHARED_CONFIDENCE",
    "SHARED_FORM",
    "STATES",
    "OrganizationName",
    "OrganizationReading",
    "branch_keys",
    "cased_parse",
    "civil_titles",
    "has_more",
    "names_branch",
    "parse_whole",
    "read_organization",
]


@dataclass(frozen=True, slots=True)
class OrganizationName:
    """A name without its legal form, the form in canonical spelling, and its ISO 20275 code."""

    base_name: str
    legal_form: str = ""
    legal_form_code: str = ""


@dataclass(frozen=True, slots=True)
class OrganizationReading:
    """What was read in a cell; `value` is the name with its legal form where it stood.

    Attributes:
        value: The whole name.
        name: The name taken apart.
        status: unchanged, normalised, left_alone or invalid.
        codes: Rules that fired.
        message: What a person should know, in one clause.
        confidence: 1.0 for certain.
        alternatives: The name that the organization trades under, or its base name in another reading.
    """

    value: str
    name: OrganizationName
    status: str
    codes: tuple[str, ...] = ()
    message: str | None = None
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()


SHARED_FORM = "countries write this legal form differently, and no region is known"
SHARED_CONFIDENCE = 0.9
"""Confidence in a legal form that is one of several countries'."""

BESIDE_NAME = "an address of mail or web beside the name"
BESIDE_CONFIDENCE = 0.7
"""Confidence in a name that an address stands beside."""

CASED_CONFIDENCE = 0.8
"""Confidence in casing: nobody can know how a brand writes itself."""


def read_organization(
    text: str, book: FormBook | None = None, *, base: str | None = None, form: str | None = None
) -> OrganizationReading:
    """Read the name of an organization.

    Args:
        text: The cell, already repaired as text.
        book: Legal forms of the region; all that are known, if no region is.
        base: Name without its form, if the source tells it.
        form: Legal form, if the source tells it.
    """
    book = book or form_book(None)
    cell = " ".join(text.split()).strip(" ,;")
    if is_placeholder(cell, tests=True) or not any(c.isalnum() for c in cell):
        name = OrganizationName("")
        return OrganizationReading(text, name, "invalid", ("STD256",), "a placeholder, not a name")
    if len(cell) > _LONGEST:
        name = OrganizationName(cell)
        said = "longer than any name of an organization"
        return OrganizationReading(text, name, "left_alone", ("STD259",), said, 0.0)
    if _CONTACT.fullmatch(cell):
        name = OrganizationName(cell)
        said = "an address of mail or web, not a name"
        return OrganizationReading(text, name, "left_alone", ("STD257",), said, 0.2)
    if base:
        entry = book.find(form_key(form)) if form else None
        entry = entry and entry.as_written(form or "")
        known = (entry.canonical, entry.code) if entry else (form or "", "")
        return _told(text, cell, NameParse(base, "", cell, "", *known), cell)
    trade = _trades_as().search(cell)
    if trade:
        return _trading(text, cell, trade, book)
    parse = parse_whole(cell, book)
    loud = is_one_case(cell) or is_one_case(parse.value)
    cased = cased_parse(parse, book) if loud else parse
    loud = cased.base != parse.base
    return _flagged(_told(text, cell, cased, cased.value, cased=loud), cell, shared=parse.shared)


_LONGEST = 1000
"""Characters; the longest company name on record has fewer (Guinness World Records)."""

_CONTACT = re.compile(
    r"(?:mailto:)?[^\s@]+@[^\s@]+\.\w+|(?:(?:https?|ftp)://|www\.)[^\s]+", re.IGNORECASE
)
_WITHIN = re.compile(r"\S@\S+\.\w|https?://|(?:^|[\s(])www\.", re.IGNORECASE)


def cased_parse(parse: NameParse, book: FormBook) -> NameParse:
    """Write a name that was all in one case as names are written.

    Where the first word may be a form, its case may matter, so the name is read again.
    """
    base = case_organization(parse.base, book.region)
    shown = _recased(parse.shown, parse.base, base)
    other = parse.other and case_organization(parse.other, book.region)
    cased = replace(parse, base=base, shown=shown, other=other)
    first = parse.base.split(" ", 1)[0]
    risky = not base.startswith(first) and form_key(first) in front_starts(book)
    return parse if risky and parse_organization(cased.value, book) != cased else cased


def _recased(shown: str, base: str, cased: str) -> str:
    """Write a name with forms in the middle of it as the name without them is written."""
    words = list(zip(base.split(" "), cased.split(" "), strict=True))[::-1]
    return " ".join(
        words.pop()[1] if words and word == words[-1][0] else word for word in shown.split(" ")
    )


def _told(
    text: str, cell: str, parse: NameParse, value: str, *, cased: bool = False
) -> OrganizationReading:
    name = OrganizationName(parse.base, parse.legal_form, parse.code)
    changed = value != text
    codes = []
    if value != cell and (not cased or parse.legal_form):
        codes.append("STD251")
    elif changed and not cased:
        codes.append("STD252")
    if cased:
        codes.append("STD254")
    status = "normalised" if changed else "unchanged"
    sure = CASED_CONFIDENCE if cased else 1.0
    others = (parse.other,) if parse.other else ()
    return OrganizationReading(
        value, name, status, tuple(codes), confidence=sure, alternatives=others
    )


def _flagged(reading: OrganizationReading, cell: str, *, shared: bool) -> OrganizationReading:
    """Tell about a person or an address of mail or web in the cell; nothing is taken away."""
    if _WITHIN.search(cell):
        return _with(reading, "STD257", BESIDE_NAME, BESIDE_CONFIDENCE)
    if reading.alternatives:
        said = "its last words may be a legal form or part of the name"
        reading = _with(reading, "STD260", said, 0.8)
    if shared:
        reading = _with(reading, "STD262", SHARED_FORM, SHARED_CONFIDENCE)
    words = cell.split(" ")
    if names_branch(cell):
        return _with(reading, "STD261", "a branch of an organization", 0.9)
    civil = words[0].lower().rstrip(".") in civil_titles()
    few = 1 < len(words) <= _PERSON and all(word.isalpha() or "-" in word for word in words[1:])
    if civil and few and not reading.name.legal_form:
        return _with(reading, "STD258", "a person with a title, not an organization", 0.6)
    return reading


def _with(
    reading: OrganizationReading, code: str, message: str, confidence: float
) -> OrganizationReading:
    codes = (*reading.codes, code)
    sure = min(reading.confidence, confidence)
    return replace(reading, codes=codes, message=message, confidence=sure)


_PERSON = 4
"""Most words of a person's name with its title."""


def _trading(text: str, cell: str, trade: re.Match[str], book: FormBook) -> OrganizationReading:
    """Read `Legal Name Ltd t/a Trade Name`: the legal name is the name, the other one is told."""
    legal = parse_organization(cell[: trade.start()].strip(" ,;("), book)
    name = OrganizationName(legal.base, legal.legal_form, legal.code)
    other = cell[trade.end() :].strip(" ,;)")
    status = "unchanged" if cell == text else "normalised"
    codes = ("STD255",) if cell == text else ("STD252", "STD255")
    message = "a legal name and the name it trades under"
    return OrganizationReading(cell, name, status, codes, message, 0.9, (other,))


def has_more(cell: str) -> bool:
    """Tell whether there is more to say of a cell than its parts: a placeholder or an address."""
    return (
        is_placeholder(cell, tests=True)
        or not any(c.isalnum() for c in cell)
        or _WITHIN.search(cell) is not None
        or _CONTACT.fullmatch(cell) is not None
        or _trades_as().search(cell) is not None
        or cell.strip(" ,;") != cell
        or names_branch(cell)
    )


@cache
def _trades_as() -> re.Pattern[str]:
    words = "|".join(map(re.escape, load_knowledge("organization_words")["trades_as"]))
    return re.compile(rf"(?<=\w[\s.,)(])[\s(]*(?:{words})[\s:]+(?=\S*\w)", re.IGNORECASE)


def names_branch(cell: str) -> bool:
    """Tell whether a cell names a branch: `Acme SRL Sucursala Cluj`, `ธนาคารกรุงเทพ สาขาสีลม`."""
    if not cell.isascii() and _glued_branch().search(cell):
        return True
    return not branch_keys().isdisjoint(map(form_key, cell.split(" ")[1:]))


def parse_whole(cell: str, book: FormBook) -> NameParse:
    """Read a name, also one whose form stands before a branch of it or before a note."""
    parse = parse_organization(cell, book)
    return parse if parse.legal_form else _of_branch(cell, book) or _of_note(cell, book) or parse


def _of_branch(cell: str, book: FormBook) -> NameParse | None:
    """Read the legal form before the word for a branch: `Nordbygg AS avd. Bergen`."""
    words, keys = cell.split(" "), branch_keys()
    at = next((n for n, word in enumerate(words) if n and form_key(word) in keys), 0)
    legal = parse_organization(" ".join(words[:at]).strip(" ,;-–"), book) if at else None
    if legal is None or not legal.legal_form or legal.other:
        return None
    base = " ".join((legal.base, *words[at:]))
    form, code, shared = legal.legal_form, legal.code, legal.shared
    return NameParse(base, shown=cell, legal_form=form, code=code, shared=shared)


def _of_note(cell: str, book: FormBook) -> NameParse | None:
    """Read the legal form before a note: `Nordbygg AS (konkurs)`, `Müller AG i.L.`."""
    match = _NOTE.search(cell)
    if match is None or (cell[-1] == ")" and form_key(cell.rsplit(" ", 1)[-1]) in book.ends):
        return None
    legal = parse_organization(cell[: match.start()].strip(" ,;-–"), book)
    if not legal.tail.startswith(" ") or legal.other:
        return None
    base = f"{legal.base} {match[0].strip(' ,;-–')}"
    form, code, shared = legal.legal_form, legal.code, legal.shared
    return NameParse(base, shown=cell, legal_form=form, code=code, shared=shared)


STATES = (
    "liquidation|administration|faliment|insolven[țţt][ăa]|lichidare|liquidazione|liquidaci[óo]n|likwidacji|"
    "likvidac[ií]|likvidation|konkurs|konkursbehandling|avvikling|redressement"
)
"""Words for the state of an organization that is being wound up, as a pattern."""

_NOTE = re.compile(
    r"(?<=\w\.|\w\w)[\s,;–-]+(?:\([^()]+\)|"
    rf"\b(?:i\. ?[lgi]\.|(?:in|en|în|v|w|i|under) (?:{STATES})))$",
    re.IGNORECASE,
)
"""What is said of an organization behind its name: in brackets, or that it is being wound up."""


@cache
def _glued_branch() -> re.Pattern[str]:
    words = load_knowledge("organization_words")
    before, behind = "|".join(words["branches_before"]), "|".join(words["branches_behind"])
    return re.compile(rf"(?:{before})(?=\w)|(?<=\w)(?:{behind})")


@cache
def branch_keys() -> frozenset[str]:
    """Return the keys of words that name a branch."""
    return frozenset(map(form_key, load_knowledge("organization_words")["branches"]))


@cache
def civil_titles() -> frozenset[str]:
    """Return the words before a person that never stand before a company, in lower case."""
    return frozenset(load_knowledge("organization_words")["civil_titles"])
