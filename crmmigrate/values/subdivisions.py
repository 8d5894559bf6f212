"""States, provinces and counties of a known country: names, Latin names and ISO 3166-2 codes."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache

from rapidfuzz import fuzz, process

from crmmigrate.model.regions import AddressRules
from crmmigrate.values.folding import fold
from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.outcome import BLANK, Outcome, tidy
from crmmigrate.values.placeholders import is_placeholder

__all__ = ["read_subdivision"]

_SUGGEST = 70.0


def read_subdivision(text: str | None, rules: AddressRules, region: str = "") -> Outcome:
    """Read a subdivision as addresses of its country write it.

    Case, accents, signs, the country's code before it (`RO-CJ`) and words for what it is (`jud.
    Cluj`) do not matter. A name that only resembles one is kept, and the nearest are suggested.

    Args:
        text: The cell.
        rules: How addresses of the country are written, with its subdivisions.
        region: Code of the country; without one nothing but blanks is tidied.
    """
    raw = tidy(text)
    if not raw:
        return BLANK
    names = _names(rules, region)
    if not names:
        return Outcome(raw, "unchanged" if raw == text else "normalised")
    key = fold(raw)
    words = [key, key.removeprefix(f"{region.casefold()} "), *_bare(key, rules)]
    found = next((names[word] for word in words if word in names), ())
    if len(found) == 1:
        if found[0] == text:
            return Outcome(text, "unchanged")
        return Outcome(found[0], "normalised", ("STD521",))
    if found:
        message = f"'{raw}' may be {', '.join(found)}"
        return Outcome(text, "ambiguous", ("STD523",), message, confidence=0.0, alternatives=found)
    return _unknown(text, raw, names, region)


def _unknown(
    text: str | None, raw: str, names: Mapping[str, tuple[str, ...]], region: str
) -> Outcome:
    """Keep what is no subdivision; the nearest names are suggested."""
    if is_placeholder(raw):
        why = "stands for no subdivision"
        return Outcome(text, "invalid", ("STD522",), why, confidence=0.0)
    near = process.extract(
        fold(raw), list(names), scorer=fuzz.ratio, limit=3, score_cutoff=_SUGGEST
    )
    meant = tuple(dict.fromkeys(name for key, _, _ in near for name in names[key]))
    message = f"'{raw[:40]}' is no subdivision of {region}"
    message += f"; did you mean '{meant[0]}'?" if meant else ""
    return Outcome(text, "invalid", ("STD522",), message, confidence=0.0, alternatives=meant)


@lru_cache(maxsize=512)
def _names(rules: AddressRules, region: str) -> Mapping[str, tuple[str, ...]]:
    """Return folded spelling → what may be written for it; a name goes before a code."""
    by_name: dict[str, list[str]] = defaultdict(list)
    by_code: dict[str, list[str]] = defaultdict(list)
    for spelling, written in rules.provinces.items():
        by_name[fold(spelling)].append(written)
    for province in rules.province_list:
        lettered = rules.province_style == "code" and province.code and not province.code.isdigit()
        usual = province.code if lettered else province.name
        by_code[fold(province.code)].append(usual)
        by_name[fold(usual)].append(usual)
    for codes, name, spellings in _listed(region):
        for spelling in (name, _spelt_out(name), *spellings, *map(_spelt_out, spellings)):
            by_name[fold(spelling)].append(name)
        for code in codes:
            by_code[fold(code)].append(name)
    every = {**by_code, **by_name}
    return {key: tuple(dict.fromkeys(found)) for key, found in every.items() if key}


def _listed(region: str) -> Iterator[tuple[list[str], str, list[str]]]:
    """Yield codes, name and further spellings of what no address of the region is written with."""
    for entry in load_knowledge("subdivisions").get(region, ()):
        codes, name, spellings = entry.split("|")
        yield _items(codes), name.strip(), _items(spellings)


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _spelt_out(name: str) -> str:
    """Write letters that foreign keyboards lack with two: `Thueringen`, `Soer-Troendelag`."""
    return name.translate(_TWO_LETTERS)


_TWO_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ö": "Oe", "Ø": "Oe"}
)


def _bare(key: str, rules: AddressRules) -> list[str]:
    """Return the name without a word that says what it is, before or behind it."""
    words = {fold(word) for word in rules.province_words} | _KINDS
    first, _, behind = key.partition(" ")
    before, _, last = key.rpartition(" ")
    glued = (
        word for word in words if not word.isascii() and len(word) > 1 and key.startswith(word)
    )
    return [
        *([behind.removeprefix("of ")] if first in words else []),
        *([before] if last in words else []),
        *(key.removeprefix(word).strip() for word in glued),
    ]


_KINDS = frozenset(
    {
        "state",
        "province",
        "county",
        "region",
        "canton",
        "kanton",
        "land",
        "bundesland",
        "fylke",
        "lan",
        "wojewodztwo",
        "woj",
        "kraj",
        "departement",
        "provincie",
        "provincia",
        "departamento",
        "judet",
        "regiunea",
        "regionen",
        "dept",
        "dpt",
    }
)
"""Words for what it is, folded, before or behind its name."""
