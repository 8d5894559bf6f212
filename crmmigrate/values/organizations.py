"""Names of organizations: the name itself and its legal form, wherever it stands."""

import re
from dataclasses import dataclass
from functools import cache

from crmmigrate.values.casing import is_one_case
from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.legal_forms import FormBook, FormEntry, form_book, form_key
from crmmigrate.values.placeholders import is_placeholder

__all__ = ["OrganizationName", "OrganizationReading", "front_keys", "read_organization"]


@dataclass(frozen=True, slots=True)
class OrganizationName:
    """A name without its legal form, the form in canonical spelling, and its ISO 20275 code."""

    base_name: str
    legal_form: str = ""
    legal_form_code: str = ""


@dataclass(frozen=True, slots=True)
class OrganizationReading:
    """What was read in a cell; `value` is the name with its legal form where it stood."""

    value: str
    name: OrganizationName
    status: str
    codes: tuple[str, ...] = ()
    message: str | None = None
    confidence: float = 1.0


_DEFAULT = form_book(None)


def read_organization(
    text: str, book: FormBook = _DEFAULT, *, base: str | None = None, form: str | None = None
) -> OrganizationReading:
    """Read the name of an organization.

    Args:
        text: The cell, already repaired as text.
        book: Legal forms of the region.
        base: Name without its form, if the source tells it.
        form: Legal form, if the source tells it.
    """
    cell = " ".join(text.split()).strip(" ,;")
    if is_placeholder(cell, tests=True) or not any(c.isalnum() for c in cell):
        name = OrganizationName("")
        return OrganizationReading(text, name, "invalid", ("STD256",), "a placeholder, not a name")
    if base:
        entry = book.find(form_key(form)) if form else None
        known = OrganizationName(
            base, entry.canonical if entry else form or "", entry.code if entry else ""
        )
        return _told(text, cell, cell, known)
    name, value = _settled(cell, book)
    return _told(text, cell, value, name)


_ROUNDS = 5


def _settled(cell: str, book: FormBook) -> tuple[OrganizationName, str]:
    """Read until writing the name changes nothing, so that a second run finds nothing to do."""
    shown = cell
    for _ in range(_ROUNDS):
        name, value = _read_once(shown, book)
        if value == shown:
            return name, value
        shown = value
    return OrganizationName(cell), cell


def _read_once(cell: str, book: FormBook) -> tuple[OrganizationName, str]:
    words = _unglued(cell).split()
    front, words, before = _cut_front(words, book)
    words, behind = _cut_back(words, book)
    name_words, inside = _cut_within(_without_noise(words, book), book)
    base_name = _tidy(" ".join(name_words))
    if not base_name:
        return OrganizationName(cell), cell
    shown = _tidy(" ".join(_without_noise(words, book))) if inside else base_name
    return _compose(cell, (base_name, shown), before, front, inside, behind)


def _compose(
    cell: str,
    names: tuple[str, str],
    before: list[str],
    front: list[FormEntry],
    inside: list[FormEntry],
    behind: list[FormEntry],
) -> tuple[OrganizationName, str]:
    """Put the name together again, each form in canonical spelling where it stood."""
    base_name, shown = names
    entries = [*front, *inside, *behind]
    legal_form = " ".join(dict.fromkeys(entry.canonical for entry in entries))
    code = next((entry.code for entry in entries if entry.code), "")
    name = OrganizationName(base_name, legal_form, code)
    if not entries:
        return name, base_name
    lead = (
        "".join(before)
        if front and before and _is_glued(before[0])
        else " ".join(e.canonical for e in front)
    )
    tail = " ".join(entry.canonical for entry in behind)
    glue = "" if lead and cell.startswith(lead + shown[:1]) else " "
    value = glue.join(filter(None, (lead, shown)))
    value = f"{value} {tail}" if tail else value
    if tail and cell.endswith(shown[-1:] + tail):
        value = value.replace(f" {tail}", tail)
    return name, value


def _told(text: str, cell: str, value: str, name: OrganizationName) -> OrganizationReading:
    changed = value != text
    codes = []
    if value != cell:
        codes.append("STD251")
    elif changed:
        codes.append("STD252")
    if len(name.base_name) > 3 and " " in name.base_name and is_one_case(name.base_name):
        codes.append("STD254")
    return OrganizationReading(value, name, "normalised" if changed else "unchanged", tuple(codes))


def _is_glued(word: str) -> bool:
    return word.startswith(_before())


def _unglued(cell: str) -> str:
    """Put a blank between a name and a form that is written without one, as in 株式会社X."""
    for form in () if cell.isascii() else _before():
        if cell.startswith(form) and len(cell) > len(form):
            return f"{form} {cell[len(form) :].lstrip()}"
        if form[0] > "\u2e80" and cell.endswith(form) and len(cell) > len(form):
            return f"{cell[: -len(form)].rstrip()} {form}"
    match = _CHINESE.search(cell)
    if match and match.start():
        return f"{cell[: match.start()]} {match[0]}"
    match = _THAI.search(cell)
    if match and match.start():
        return f"{cell[: match.start()].rstrip()} {match[0]}"
    return cell


_CHINESE = re.compile(r"(?:集团|集團)?(?:股份)?有限(?:责任|責任)?公司$")
_THAI = re.compile(r"จ(?:ำ|ํา)กัด(?:\s*\(มหาชน\))?$")


def _cut_front(words: list[str], book: FormBook) -> tuple[list[FormEntry], list[str], list[str]]:
    """Cut a form at the start; it needs a name behind it."""
    for width in range(min(book.longest, len(words) - 1), 0, -1):
        head = words[:width]
        entry = _front_entry(" ".join(head), book)
        if entry is not None and not head[-1].endswith(","):
            return [entry], words[width:], head
    return [], words, []


def _front_entry(text: str, book: FormBook) -> FormEntry | None:
    key = form_key(text)
    if key in _before_keys():
        return book.find(key) or FormEntry(text)
    if key in book.noise:
        return None
    entry = book.own.get(key)
    if entry is None and key in _FRONT:
        entry = book.find(key)
    if entry is None or not entry.short or len(key) < 2:
        return None
    if not _looks_like_form(text, key):
        return None
    if key in _FRONT:
        return entry
    return FormEntry(text, entry.code) if "." in text else None


@cache
def _before() -> tuple[str, ...]:
    """Return the forms that may stand before a name without a blank, the longest first."""
    return tuple(sorted(load_knowledge("legal_form_words")["before"], key=len, reverse=True))


@cache
def _before_keys() -> frozenset[str]:
    return frozenset(map(form_key, _before()))


_FRONT = frozenset(
    map(
        form_key,
        "OY AB UAB SIA AS PT ООО ОАО ЗАО ПАО АО ИП ТОВ ФОП ПП ПАТ ПрАТ OOO OAO ZAO PAO TOV FOP PP ET ЕТ AD OOD ООД EOOD ЕООД ТОО TOO ХХК MB VŠĮ TNHH S.C.A. SCI SARL SAS EURL SNC SA PFA Ltd GmbH".split(),  # noqa: SIM905
    )
)
"""Forms that are written before the name in their country."""


def front_keys(book: FormBook) -> frozenset[str]:
    """Return the keys of all that is cut off at the start of a name, if it looks like a form."""
    own = {key for key, entry in book.own.items() if entry.short and len(key) > 1}
    return frozenset(own | _FRONT | _before_keys() | book.noise)


def _looks_like_form(text: str, key: str) -> bool:
    """Tell an abbreviation from a word: capitals, dots, or no Latin letters at all."""
    return text.isupper() or "." in text or not text.isascii() or key in {"oy", "ltd", "gmbh"}


def _cut_back(words: list[str], book: FormBook) -> tuple[list[str], list[FormEntry]]:
    """Cut the forms at the end, the longest spelling first; one word always stays."""
    found: list[FormEntry] = []
    while len(words) > 1:
        cut = _longest_behind(words, book, again=bool(found))
        if cut is None:
            break
        width, entry = cut
        found.insert(0, entry)
        words = words[:-width]
    return words, found


def _longest_behind(
    words: list[str], book: FormBook, *, again: bool
) -> tuple[int, FormEntry] | None:
    for width in range(min(book.longest, len(words) - 1), 0, -1):
        text = " ".join(words[-width:])
        key = form_key(text)
        entry = book.find(key)
        if entry is None or (again and not entry.short) or not key:
            continue
        if text.startswith("(") and key not in book.own and len(key) < 4:
            continue
        if entry.short or key in book.own or width > 1 or len(words) > 1:
            return width, entry
    return None


def _cut_within(words: list[str], book: FormBook) -> tuple[list[str], list[FormEntry]]:
    """Cut distinctive forms out of the middle: `Acme GmbH Berlin`, `Hello Ab Oy World`."""
    kept, found = list(words), list[FormEntry]()
    for width in (4, 3, 2, 1):
        at = 1
        while at + width <= len(kept) - (not found):
            key = form_key(" ".join(kept[at : at + width]))
            entry = book.find(key) if key in book.within else None
            if entry is not None:
                found.append(entry)
                del kept[at : at + width]
            else:
                at += 1
    return kept, found


def _without_noise(words: list[str], book: FormBook) -> list[str]:
    """Drop what merchants write before the name: `S.C. Acme S.R.L.` in Romania."""
    for width in (2, 1):
        if len(words) > width and form_key(" ".join(words[:width])) in book.noise:
            return words[width:]
    return words


_QUOTED = re.compile(r"^[\"“„«'‘](.+)[\"”“»'’]$")


def _tidy(name: str) -> str:
    bare = (
        name.strip(" ,;-–/&").rstrip(".")
        if not re.search(r"\b\w\.\w?\.?$", name)
        else name.strip(" ,;-–/&")
    )
    match = _QUOTED.match(bare)
    if match and not re.search(r"[\"“„«»”]", match[1]):
        return match[1].strip()
    return bare
