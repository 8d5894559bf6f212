"""Legal forms of organizations: every spelling as a key, with its canonical spelling and ELF code."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from crmmigrate.model.regions import LegalForm
from crmmigrate.values.knowledge import load_knowledge, word_table

__all__ = ["FOLDED", "FormBook", "FormEntry", "form_book", "form_key"]


@dataclass(frozen=True, slots=True)
class FormEntry:
    """One legal form: canonical spelling, ISO 20275 code if there is exactly one, and its weight.

    Attributes:
        canonical: Spelling to write.
        code: ELF code, or empty.
        short: An abbreviation, not a phrase of whole words.
    """

    canonical: str
    code: str = ""
    short: bool = True


@dataclass(frozen=True, slots=True)
class FormBook:
    """The legal forms known in a region.

    Attributes:
        own: Key → form of the region itself.
        foreign: Key → form known everywhere.
        within: Keys that are also recognised in the middle of a name.
        noise: Keys of words before a name that are dropped.
        longest: Most words that a form has.
    """

    own: Mapping[str, FormEntry]
    foreign: Mapping[str, FormEntry]
    within: frozenset[str]
    noise: frozenset[str]
    longest: int

    def find(self, key: str) -> FormEntry | None:
        """Return the form of a key, the region's own first."""
        return self.own.get(key) or self.foreign.get(key)


FOLDED = {"ł": "l", "Ł": "l", "ø": "o", "ß": "ss", "đ": "d", "ı": "i", "æ": "ae"}
"""Letters that no normal form takes apart."""

_FOLD = str.maketrans(FOLDED)
_DROPPED = re.compile(r"[\s\u200b.,'’`\"“”„«»()\[\]\-–_·;:]+")


@cache
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
            listed[key] = _respelt(listed[key], entry, listed)
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
    everywhere = foreign if region else {**_everywhere(), **foreign}
    within = {form_key(word) for word in words["within"]}
    noise = {form_key(w.split(" ", 1)[1]) for w in words["noise"] if w.split(" ", 1)[0] == region}
    return FormBook(listed, everywhere, frozenset(within), frozenset(noise), 12)


def _respelt(form: FormEntry, usual: FormEntry, listed: Mapping[str, FormEntry]) -> FormEntry:
    """Write a form as the region writes it, or as everybody does where the list has no capitals."""
    shared = listed.get(form_key(usual.canonical))
    spelling = shared.canonical if shared and shared.canonical.lower() != shared.canonical else ""
    return FormEntry(spelling or usual.canonical, form.code, form.short)


@cache
def _everywhere() -> Mapping[str, FormEntry]:
    """Return the official forms of all regions, for a name whose region is not known."""
    merged: dict[str, FormEntry] = {}
    for forms in _official().values():
        for key, entry in forms.items():
            if len(key) > 3 or entry.short:
                merged.setdefault(key, FormEntry(entry.canonical, "", entry.short))
    return {k: v for k, v in merged.items() if not (v.short and len(k) < 2)}


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
    best = active[0]
    return FormEntry(best.canonical, best.code if len(codes) == 1 else "", best.short)
