"""Take the name of an organization apart: legal forms at the front, within and behind it."""

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from crmmigrate.values.casing import is_roman
from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.legal_forms import FormBook, FormEntry, form_key, joined_words
from crmmigrate.values.organization_gluing import before_forms, part_glued

__all__ = [
    "NameParse",
    "front_starts",
    "front_words",
    "parse_organization",
    "trade_words",
]


@dataclass(frozen=True, slots=True)
class NameParse:
    """A name taken apart; `lead + shown + tail` is the whole name as it is written.

    Attributes:
        base: The name without its legal forms.
        lead: Legal form before the name, with the blank behind it.
        shown: The name, with the forms that stand in the middle of it.
        tail: Legal forms behind the name, with the blank before them.
        legal_form: Canonical spelling of all forms.
        code: ISO 20275 code, if there is exactly one.
        other: The base name in another reading, where a word such as Bank may be form or name.
        shared: The form is one that several countries write differently, and no region is known.
    """

    base: str
    lead: str = ""
    shown: str = ""
    tail: str = ""
    legal_form: str = ""
    code: str = ""
    other: str = ""
    shared: bool = False

    @property
    def value(self) -> str:
        """The whole name."""
        return self.lead + self.shown + self.tail


_ROUNDS = 5


def parse_organization(cell: str, book: FormBook) -> NameParse:
    """Read until writing the name changes nothing, so that a second run finds nothing to do.

    Args:
        cell: A name on one line, without blanks at its ends.
        book: Legal forms of the region.
    """
    shown = cell
    for _ in range(_ROUNDS):
        parse = _parse_once(shown, book)
        if parse.value == shown:
            return parse
        shown = parse.value
    return NameParse(cell, shown=cell)


@lru_cache(maxsize=1 << 14)  # many spellings of one form come out as the same name
def _parse_once(cell: str, book: FormBook) -> NameParse:
    words = part_glued(cell, book).split()
    front, words, before = _cut_front(words, book)
    words, behind, other = _cut_back(words, book)
    name_words, inside = _cut_within(_without_noise(words, book), book)
    base = _tidy(" ".join(name_words))
    if not base:
        return NameParse(cell, shown=cell)
    shown = _tidy(" ".join(_without_noise(words, book))) if inside else base
    entries = [*front, *inside, *behind]
    if not entries:
        return NameParse(base, shown=shown, other=other)
    lead = (
        "".join(before)
        if front and before and before[0].startswith(before_forms())
        else " ".join(entry.canonical for entry in front)
    )
    tail = " ".join(entry.canonical for entry in behind)
    glued = lead and cell.startswith(lead + shown[:1])
    unspaced = tail and min(shown[-1], tail[0]) > "\u2e80" and f"{shown} " not in cell
    joined = tail and (unspaced or cell.endswith(shown[-1:] + tail))
    return NameParse(
        base,
        lead if glued or not lead else f"{lead} ",
        shown,
        tail if joined or not tail else f" {tail}",
        " ".join(dict.fromkeys(entry.canonical for entry in entries)),
        next((entry.code for entry in entries if entry.code), ""),
        "" if front or inside else other,
        any(entry.shared for entry in entries),
    )


def _cut_front(words: list[str], book: FormBook) -> tuple[list[FormEntry], list[str], list[str]]:
    """Cut a form at the start; it needs a name behind it."""
    if not words or form_key(words[0]) not in front_starts(book):
        return [], words, []
    first = front_words(book)
    most = next((n for n, word in enumerate(words) if form_key(word) not in first), len(words))
    for width in range(min(most, len(words) - 1), 0, -1):
        head = words[:width]
        entry = _front_entry(head, words[width:], book)
        if entry is not None and not head[-1].endswith(","):
            return [entry], words[width:], head
    return [], words, []


def _front_entry(head: list[str], rest: list[str], book: FormBook) -> FormEntry | None:
    text = " ".join(head)
    key = form_key(text)
    if key in _before_keys() or key in book.noise:
        return None if key in book.noise else book.find(key) or FormEntry(text)
    entry = book.own.get(key)
    if entry is not None and not entry.short and _is_phrase(head, key):
        return None if _ends_with_form(rest, book) else entry
    local = entry is not None or book.region is None or key in _OF_REGION.get(book.region, ())
    usual = key in _FRONT and (local or key in _ANYWHERE)
    entry = book.find(key) if usual else entry
    if entry is None or not entry.short or len(key) < 2 or not _looks_like_form(text, key):
        return None
    alone = not _ends_with_form(rest, book)
    if usual and (key in _ANYWHERE or alone):
        return entry.as_written(text)
    distinct = alone and text.isupper() and len(key) >= _DISTINCT
    return FormEntry(text, entry.code) if "." in text or distinct else None


def _is_phrase(head: list[str], key: str) -> bool:
    """Tell a form in words before a name: Общество с ограниченной ответственностью «X», Société anonyme X."""
    society = not key.isascii() or key.startswith("societe")
    return len(head) >= _DISTINCT or (len(head) > 1 and society)


_DISTINCT = 3
"""Letters from which an abbreviation in capitals before a name is a form rather than a word."""


def _ends_with_form(rest: list[str], book: FormBook) -> bool:
    """Tell whether a form stands behind the name, too; then the start is part of the name."""
    entry = book.find(form_key(rest[-1])) if len(rest) > 1 else None
    return entry is not None and form_key(rest[-1]) not in _PAIRED


_PAIRED = frozenset({"ab", "oy", "tbk"})
"""Second halves of forms whose first half stands before the name: `Oy … Ab`, `PT … Tbk`."""


@cache
def _before_keys() -> frozenset[str]:
    return frozenset(map(form_key, before_forms()))


def _keys(words: str) -> frozenset[str]:
    return frozenset(map(form_key, words.split()))


_FRONT = _keys(
    "OY AB UAB SIA AS PT ООО ОАО ЗАО ПАО АО ИП ТОВ ФОП ПП ПАТ ПрАТ OOO OAO ZAO PAO TOV FOP PP ET "
    "ЕТ AD OOD ООД EOOD ЕООД ТОО TOO ХХК MB VŠĮ TNHH S.C.A. SCI SARL SAS SASU EURL SPRL SNC SA PFA KG OHG Ltd GmbH"
)
"""Forms that are written before the name in their country."""

_ANYWHERE = _keys(
    "ООО ОАО ЗАО ПАО АО ТОВ ФОП ПАТ ПрАТ ТОО OOO OAO ZAO PAO TOV UAB OY SARL SASU EURL SPRL"
)
"""Those of them that mean nothing else in other countries."""


_OF_REGION = {"FR": _keys("SCI SNC"), "BE": _keys("SNC"), "LU": _keys("SCI SNC")}
"""Forms before a name that the official list of a region has in whole words only."""


@cache
def front_words(book: FormBook) -> frozenset[str]:
    """Return every key that a word of a form before a name may have."""
    keys = {key for key, entry in book.own.items() if entry.short and len(key) > 1}
    keys |= _FRONT | _before_keys() | book.noise
    phrases = (form for form in book.own.values() if not form.short and " " in form.canonical)
    pieces = {key[a:b] for key in keys for b in range(len(key) + 1) for a in range(b)}
    return frozenset(pieces.union(*(joined_words(form.canonical) for form in phrases)))


@cache
def front_starts(book: FormBook) -> frozenset[str]:
    """Return those of them that the first word of such a form may have."""
    keys = (*book.own, *_FRONT, *_before_keys(), *book.noise)
    starts = {key[:end] for key in keys for end in range(len(key) + 1)}
    return front_words(book) & starts


def _looks_like_form(text: str, key: str) -> bool:
    """Tell an abbreviation from a word: capitals, dots, or no Latin letters at all."""
    return text.isupper() or "." in text or not text.isascii() or key in {"oy", "ltd", "gmbh"}


def _cut_back(words: list[str], book: FormBook) -> tuple[list[str], list[FormEntry], str]:
    """Cut the forms at the end, the longest spelling first; one word always stays.

    Returns:
        What is left, the forms, and the other reading where the last words may be form or name.
    """
    found: list[FormEntry] = []
    other = ""
    while len(words) > 1:
        cut = _longest_behind(words, book, again=bool(found))
        if cut is None:
            break
        width, entry = cut
        kept = _is_of_trade(words, width) and _is_name(words, width)
        if not found and _is_of_trade(words, width):
            other = _tidy(" ".join(words[:-width] if kept else words))
        if kept:
            break
        written = entry.as_written(" ".join(words[-width:]))
        found.insert(0, _capitalized(entry) if _is_of_trade(words, width) else written)
        words = words[:-width]
    return words, found, other if len(found) <= 1 else ""


def _longest_behind(
    words: list[str], book: FormBook, *, again: bool
) -> tuple[int, FormEntry] | None:
    """Return the longest form at the end; words that are rather part of the name as a last resort."""
    if form_key(words[-1]) not in book.ends:
        return None
    keys = _keys_behind(words, book)
    name = None
    for width in range(len(keys), 0, -1):
        key = keys[width - 1]
        entry = book.find(key)
        if entry is None or (again and not entry.short) or not key:
            continue
        if _closes_more(words, width):
            continue
        if is_roman(words[-width].strip(",()")) and _is_numbered(words, width, book, again=again):
            continue
        if key not in book.own and _is_doubtful(" ".join(words[-width:]), key, book):
            continue
        if not (_is_of_trade(words, width) and _is_name(words, width)):
            return width, entry
        name = name or (width, entry)
    return name


def _closes_more(words: list[str], width: int) -> bool:
    """Tell whether the last words close a bracket that is opened before: `Acme (formerly Foo Inc.)`."""
    return ")" in words[-1] and " ".join(words[-width:]).count("(") < words[-1].count(")")


def _keys_behind(words: list[str], book: FormBook) -> list[str]:
    """Return the keys of the last word, the last two, and so on: as many as a form may have."""
    keys, whole = list[str](), ""
    for at in range(len(words) - 1, 0, -1):
        key = form_key(words[at])
        if key and key not in book.words:
            break
        whole = key + whole
        keys.append(whole)
    return keys


def _is_numbered(words: list[str], width: int, book: FormBook, *, again: bool) -> bool:
    """Tell whether a form that begins with a numeral stands there: `Acme Fund II Inc.`, `Acme I SRL`."""
    return again if width == 1 else book.find(form_key(" ".join(words[1 - width :]))) is not None


_COMPANY = frozenset({"company", "and", "&", ""})


def _capitalized(entry: FormEntry) -> FormEntry:
    """Write a form of trade words as names have it: the official list has `trust` and `Trust`."""
    words = (w if len(w) < _DISTINCT else w[0].upper() + w[1:] for w in entry.canonical.split(" "))
    return replace(entry, canonical=" ".join(words))


def _is_of_trade(words: list[str], width: int) -> bool:
    """Tell whether a form is made of words that names have as well: Bank, Savings Bank, Trust."""
    trades = trade_words()
    if form_key(words[-1]) not in trades:
        return False
    keys = {form_key(word) for word in words[-width:]}
    return trades.issuperset(keys) and not keys <= _COMPANY


def _is_name(words: list[str], width: int) -> bool:
    """Tell whether words of trades belong to the name: `HSBC Bank`, `First Community Bank`."""
    return len(words) - width == 1 or form_key(words[-width - 1]) in trade_words()


@cache
def trade_words() -> frozenset[str]:
    """Return keys of words that are forms in some country, and parts of names everywhere."""
    return frozenset(map(form_key, load_knowledge("legal_form_words")["trades"]))


def _is_doubtful(text: str, key: str, book: FormBook) -> bool:
    """Tell whether a foreign form is more likely a word, a country or a number: `Text Me`, `Acme UK`."""
    if (text.startswith("(") and len(key) <= _DISTINCT) or is_roman(text):
        return True
    return book.region is not None and key in book.doubtful and "." not in text


def _cut_within(words: list[str], book: FormBook) -> tuple[list[str], list[FormEntry]]:
    """Cut distinctive forms out of the middle: `Acme GmbH Berlin`, `Hello Ab Oy World`."""
    keys = [form_key(word) for word in words]
    if book.within_words.isdisjoint(keys[1:]):
        return words, []
    kept, found = list(words), list[FormEntry]()
    known = [key in book.within_words for key in keys]
    for width in (4, 3, 2, 1):
        at = 1
        while at + width <= len(kept) - (not found):
            key = "".join(keys[at : at + width]) if all(known[at : at + width]) else ""
            entry = book.find(key) if key in book.within else None
            text = " ".join(kept[at : at + width]) if entry is not None else ""
            entry = entry if text.count("(") == text.count(")") else None
            if entry is not None and not (key == "ou" and "ü" not in text.lower()):
                found.append(entry.as_written(text))
                for row in (kept, keys, known):
                    del row[at : at + width]
            else:
                at += 1
    return kept, found


def _without_noise(words: list[str], book: FormBook) -> list[str]:
    """Drop what merchants write before the name: `S.C. Acme S.R.L.` in Romania."""
    for width in (2, 1) if book.noise else ():
        if len(words) > width and form_key(" ".join(words[:width])) in book.noise:
            return words[width:]
    return words


_QUOTED = re.compile(r"^[\"“„«'‘](.+)[\"”“»'’]$")
_OPENING = ('"', "“", "„", "«", "'", "‘")
_QUOTE = re.compile(r"[\"“„«»”]")
_INITIAL = re.compile(r"\b\w\.\w?\.?$")


def _tidy(name: str) -> str:
    bare = name.strip(" ,;-–/&")
    if bare.endswith(".") and not _INITIAL.search(name):
        bare = bare.rstrip(".")
    match = _QUOTED.match(bare) if bare.startswith(_OPENING) else None
    if match and not _QUOTE.search(match[1]):
        return match[1].strip()
    return bare
