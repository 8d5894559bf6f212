"""Legal forms of organizations: every spelling as a key, with its canonical spelling and ELF code."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files

from crmmigrate.model.regions import LegalForm
from crmmigrate.values.knowledge import load_knowledge, word_table

__all__ = ["FOLDED", "FormBook", "FormEntry", "form_book", "form_key", "form_words", "joined_words"]


@dataclass(frozen=True, slots=True)
class FormEntry:
    """One legal form: canonical spelling, ISO 20275 code if there is exactly one, and its weight.

    Attributes:
        canonical: Spelling to write.
        code: ELF code, or empty.
        short: An abbreviation, not a phrase of whole words.
        spellings: All spellings of the key that the official list has, the most usual first.
        shared: Several countries write it, each in its way, and no region tells which one it is.
    """

    canonical: str
    code: str = ""
    short: bool = True
    spellings: tuple[str, ...] = ()
    shared: bool = False

    def as_written(self, text: str) -> "FormEntry":
        """Return the form in the spelling of a name, if no country's can be chosen."""
        written = text.strip(_AROUND) if self.shared else ""
        return replace(self, canonical=written) if written else self


_AROUND = " ,;()[]\"“”„«»'‘’"
"""Signs around a form that are no part of it."""


@dataclass(frozen=True, slots=True, eq=False)
class FormBook:
    """The legal forms known in a region.

    Attributes:
        own: Key → form of the region itself.
        foreign: Key → form known everywhere.
        within: Keys that are also recognised in the middle of a name.
        noise: Keys of words before a name that are dropped.
        region: The region.
        words: Keys that one word of a form behind a name may have.
        ends: Those of them that may be its last.
        within_words: Keys that one word of a form in the middle of a name may have.
        doubtful: Keys of foreign forms that are words as well, such as `me`.
    """

    own: Mapping[str, FormEntry]
    foreign: Mapping[str, FormEntry]
    within: frozenset[str]
    noise: frozenset[str]
    region: str | None
    words: frozenset[str]
    ends: frozenset[str]
    within_words: frozenset[str]
    doubtful: frozenset[str]

    def find(self, key: str) -> FormEntry | None:
        """Return the form of a key, the region's own first."""
        return self.own.get(key) or self.foreign.get(key)


FOLDED = {"ł": "l", "Ł": "l", "ø": "o", "ß": "ss", "đ": "d", "ı": "i", "æ": "ae"}
"""Letters that no normal form takes apart."""

_FOLD = str.maketrans(FOLDED)
_DROPPED = re.compile(r"[\s\u200b.,'’`\"“”„«»()\[\]\-–_·;:]+")


@lru_cache(maxsize=1 << 16)
def form_key(text: str) -> str:
    """Return what the spellings of one form share: `S. R. L.`, `s.r.l` and `SRL` are `srl`."""
    folded = unicodedata.normalize("NFKD", text.replace("İ", "i").lower().translate(_FOLD))
    bare = "".join(c for c in folded if not unicodedata.category(c).startswith("M") or c > "\u0e00")
    return _DROPPED.sub("", bare)


@cache
def form_book(region: str | None, own: tuple[LegalForm, ...] = ()) -> FormBook:
    """Return the forms of a region; its own rules come before the official list."""
    words = load_knowledge("legal_form_words")
    foreign = {form_key(k): FormEntry(v) for k, v in word_table(words["everywhere"]).items()}
    listed = dict(_official().get(region or "", {}))
    codes = word_table(words["codes"])
    for key, entry in foreign.items():
        if key in listed and listed[key].short:
            listed[key] = _respelt(listed[key], entry, listed, region)
    for form in own:
        for spelling in (form.canonical, *form.variants):
            key = form_key(spelling)
            code = form.code or (listed[key].code if key in listed else "")
            listed[key] = FormEntry(form.canonical, code)
    for name, code in codes.items():
        cc, _, spelling = name.partition(" ")
        key = form_key(spelling)
        if cc == region and key in listed:
            listed[key] = FormEntry(listed[key].canonical, code)
    everywhere = foreign if region else _unplaced(foreign)
    within = {form_key(word) for word in words["within"]}
    noise = {form_key(w.split(" ", 1)[1]) for w in words["noise"] if w.split(" ", 1)[0] == region}
    return FormBook(
        listed,
        everywhere,
        frozenset(within),
        frozenset(noise),
        region,
        frozenset(piece for forms in (listed, everywhere) for piece in _pieces(forms)),
        frozenset(key[at:] for key in (*listed, *everywhere) for at in range(max(len(key), 1))),
        frozenset(piece for word in words["within"] for piece in joined_words(word)),
        frozenset(map(form_key, words["doubtful"])),
    )


@cache
def form_words() -> frozenset[str]:
    """Return the words of the forms that are known everywhere, folded as names are for comparing.

    Lower-case ASCII, single letters joined: `s r l` is `srl`. Forms that are ordinary words as well
    are left out.
    """
    from anyascii import anyascii

    words = load_knowledge("legal_form_words")
    doubtful = set(map(form_key, words["doubtful"]))
    forms = {form.partition("=")[2] for form in words["everywhere"]} | set(words["before"])
    keys = (form.partition("=")[0] for form in words["everywhere"])
    forms |= {key for key in keys if len(key) >= _IN_WORDS}
    folded = (re.sub(r"[^a-z0-9]+", " ", anyascii(form).lower()).strip() for form in forms)
    joined = (re.sub(r"\b([a-z]) (?=[a-z]\b)", r"\1", text) for text in folded)
    found = {word for text in joined for word in text.split() if len(word) > 1}
    return frozenset(found - doubtful - _JOINING)


_IN_WORDS = 7
"""Letters from which a spelling is one in words: `limited`, `kabushiki kaisha`."""

_JOINING = frozenset(
    "and und en de ve por is you descendants".split()  # noqa: SIM905
)
"""Words within forms that say nothing of them, or that forms are written like."""

_SHORT = 8
"""Keys up to this length may be taken apart by blanks anywhere: `S. R. L.`, `d.o. o.`."""

_BETWEEN = re.compile(r"[\s.,()/–-]+")


def _pieces(forms: Mapping[str, FormEntry]) -> Iterable[str]:
    """Return all that one word of a form may be, whatever of it is written together."""
    for key, entry in forms.items():
        yield key
        if len(key) <= _SHORT:
            yield from (key[a:b] for b in range(len(key) + 1) for a in range(b))
        yield from joined_words(entry.canonical)


def joined_words(spelling: str) -> Iterable[str]:
    """Yield the keys of the words of a form, and of neighbours written as one."""
    words = [key for word in spelling.split() if (key := form_key(word))]
    yield from words
    parts = [key for word in _BETWEEN.split(spelling) if (key := form_key(word))]
    most = min(len(parts), _TOGETHER) + 1
    yield from ("".join(parts[a : a + n]) for n in range(1, most) for a in range(len(parts)))


_TOGETHER = 5
"""Most words of a form that are looked for written as one."""


def _respelt(
    form: FormEntry, usual: FormEntry, listed: Mapping[str, FormEntry], region: str | None
) -> FormEntry:
    """Write a form as everybody does where the region's list has that spelling, but for capitals."""
    fold = str.casefold if region in _SMALL_LETTERS else str
    if fold(usual.canonical) in map(fold, form.spellings):
        return FormEntry(usual.canonical, form.code, form.short)
    shared = listed.get(form_key(usual.canonical))
    spelling = shared.canonical if shared and shared.canonical.lower() != shared.canonical else ""
    return FormEntry(spelling or usual.canonical, form.code, form.short)


_SMALL_LETTERS = frozenset({"IT", "SM", "CZ", "SK", "PL", "SI", "HR", "BA", "RS", "ME", "HU", "NL"})
"""Regions whose forms are written with small letters (S.p.A., s.r.o., d.o.o.), unlike in the list."""


@cache
def _everywhere() -> Mapping[str, FormEntry]:
    """Return the official forms of all regions, for a name whose region is not known."""
    merged: dict[str, FormEntry] = {}
    for forms in _official().values():
        for key, entry in forms.items():
            if len(key) > 3 or entry.short:
                merged.setdefault(key, FormEntry(entry.canonical, "", entry.short))
    return {k: v for k, v in merged.items() if not (v.short and len(k) < 2)}


def _unplaced(everywhere: Mapping[str, FormEntry]) -> Mapping[str, FormEntry]:
    """Return all forms for names without a region.

    Abbreviations that several countries write, each in its way (SRL, S.R.L., S.r.l.), are marked.
    """
    spellings: dict[str, set[str]] = {}
    for region, listed in _official().items():
        for key, entry in listed.items():
            if entry.short:
                usual = everywhere.get(key)
                own = _respelt(entry, usual, listed, region) if usual else entry
                spellings.setdefault(key, set()).add(own.canonical)
    one_way = set(map(form_key, load_knowledge("legal_form_words")["one_way"]))
    shared = {key for key, several in spellings.items() if len(several) > 1} - one_way
    forms = {**_everywhere(), **everywhere}
    return {key: replace(form, shared=key in shared) for key, form in forms.items()}


@cache
def _official() -> Mapping[str, Mapping[str, FormEntry]]:
    """Read the ISO 20275 list: region → key → form."""
    text = files("crmmigrate.values").joinpath("data", "legal_forms.tsv").read_text("utf-8")
    found: dict[str, dict[str, list[tuple[str, FormEntry]]]] = {}
    for line in text.splitlines():
        region, code, status, names, shorts = line.split("\t")
        forms = found.setdefault(region, {})
        abbreviations = _split(shorts)
        for spelling in (*_split(names), *abbreviations):
            short = spelling in abbreviations and len(spelling) < 16
            entry = FormEntry(_tidy(spelling), code, short)
            forms.setdefault(form_key(spelling), []).append((status, entry))
    return {
        region: {key: _one(entries) for key, entries in forms.items() if key}
        for region, forms in found.items()
    }


def _split(cell: str) -> list[str]:
    return [piece for piece in cell.split("|") if piece]


def _tidy(spelling: str) -> str:
    return " ".join(spelling.split())


def _one(entries: Iterable[tuple[str, FormEntry]]) -> FormEntry:
    """Return the form of a spelling; its code only if no other form in use shares the spelling."""
    listed = list(entries)
    active = [entry for status, entry in listed if status == "A"] or [e for _, e in listed]
    codes = {entry.code for entry in active}
    spellings = Counter(entry.canonical for entry in (*active, *(e for _, e in listed)))
    usual = tuple(spelling for spelling, _ in spellings.most_common())
    code = active[0].code if len(codes) == 1 else ""
    whole = f"{usual[0]}." if "." in usual[0] and f"{usual[0]}." in usual else usual[0]
    return FormEntry(whole, code, active[0].short, usual)
