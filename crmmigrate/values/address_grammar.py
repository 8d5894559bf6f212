"""Compile a region's address rules to the patterns that parsing needs."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypedDict

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.folding import fold

__all__ = ["NUMBER", "Grammar", "Heads", "grammar_of"]

NUMBER = (
    r"\d+(?:/\d+){0,3}(?:\s?[A-Za-z](?!['’]?[^\W_]))?"
    r"(?:\s?[-–/+]\s?(?:\d+\s?[A-Za-z]?|[A-Za-z]|I{2,3}|IV|hs)(?!['’]?[^\W_]))*"
    r"(?:\s?(?:bis|ter|quater)\b)?(?:\s1/2\b)?"
)
"""A house number: 12, 12B, 12-14, 99/1, 12/A, 12 bis."""

_GRID = r"[NSEW]\d+[NSEW]?\s?[NSEW]\d+[NSEW]?"
"""A number on a grid: W210 N16570 (USPS Publication 28, appendix D)."""

_GLUED_SCRIPTS = ("th", "lo", "km", "my")
"""Languages that write no blank between a word such as `ตำบล` and the name."""


_RUNS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Heads:
    """What the words of a pattern begin with: runs of letters, and signs where a word has none."""

    runs: frozenset[str]
    signs: tuple[str, ...] = ()

    def may_stand_in(self, text: str) -> bool:
        """Tell cheaply whether a text may hold one of the words."""
        if not self.runs.isdisjoint(_RUNS.findall(text.casefold())):
            return True
        return any(sign in text for sign in self.signs)


@dataclass(frozen=True, slots=True)
class Grammar:
    """Patterns of one region.

    Attributes:
        heads: Runs of letters that a unit, a marker or a word alone begins with: pattern → runs.
        unit: A unit with its word: groups word and value, or value2 and word2.
        alone: Words and patterns of units that need no value.
        po_box: A box with its number.
        box: A box of another shape.
        care_of: Beginning of a segment that names somebody in care.
        number_words: Words before a house number, at the beginning of a text.
        leading: A number (group n) before the street.
        announced: A number behind one of its words.
        given: One of the words behind a street, with a digit.
        given_first: One of the words at the beginning, with a digit.
        trailing: A number at the end.
        inner: Street (s), number and rest (r).
        marker: Words that begin a part of a town, a town or a province.
        street_before: Street type at the beginning of a segment.
        provinces: Folded spelling → what to write.
        cities: Folded other spelling → city.
        towns: Folded spellings of towns.
        quarters: Folded spelling → part of a town.
        glued: Whether the region's own script glues words to names; in Latin letters it writes English.
    """

    heads: Mapping[str, Heads]
    unit: re.Pattern[str] | None
    alone: re.Pattern[str] | None
    po_box: re.Pattern[str] | None
    box: re.Pattern[str] | None
    care_of: re.Pattern[str] | None
    number_words: re.Pattern[str] | None
    leading: re.Pattern[str]
    announced: re.Pattern[str] | None
    given: re.Pattern[str] | None
    given_first: re.Pattern[str] | None
    trailing: re.Pattern[str]
    inner: re.Pattern[str]
    no_number: re.Pattern[str] | None
    marker: re.Pattern[str] | None
    kinds: Mapping[str, tuple[str, str]]
    street_before: re.Pattern[str] | None
    provinces: Mapping[str, str]
    cities: Mapping[str, str]
    towns: frozenset[str]
    quarters: Mapping[str, str]
    glued: bool


@lru_cache(maxsize=1024)
def grammar_of(rules: RegionRules) -> Grammar:
    """Return the compiled rules of a region; built once."""
    return _build(rules)


def _words(spellings: Iterable[str]) -> str:
    """Return an alternation, longest first, in which blanks and final stops are loose."""
    found = {spelling.strip() for spelling in spellings if spelling.strip()}
    escaped = [
        re.escape(word).replace(r"\ ", r"\s*") for word in sorted(found, key=lambda w: (-len(w), w))
    ]
    return "|".join(escaped)


def _build(rules: RegionRules) -> Grammar:
    address = rules.address
    glued = any(language in _GLUED_SCRIPTS for language in rules.languages)
    kinds = {
        **{w.strip(): ("unit", c) for w, c in address.building_words.items()},
        **{w.strip(): ("region", c) for w, c in address.province_words.items()},
        **{w.strip(): ("locality", c) for w, c in address.locality_words.items()},
        **{w.strip(): ("dependent_locality", c) for w, c in address.dependent_words.items()},
    }
    number_words = _words(address.number_words)
    return Grammar(
        heads={
            "unit": _heads(address.unit_words, glued=glued),
            "alone": _heads(address.unit_words, glued=glued),
            "marker": _heads(kinds, glued=glued),
        },
        unit=_unit(address.unit_words),
        alone=_alone(address.unit_words, address.unit_pattern),
        po_box=_valued(address.po_box_words),
        box=re.compile(rf"(?<![^\W_])(?:{address.box_pattern})(?![^\W_])", re.IGNORECASE)
        if address.box_pattern
        else None,
        care_of=_starting(address.care_of_words, r"\s*[:.]?\s*(?P<rest>.+)$"),
        **_numbers(f"(?:(?:{number_words})\\s*[:.]?\\s*)" if number_words else ""),
        no_number=_exact(address.no_number),
        marker=_marker(kinds, glued=glued),
        kinds=kinds,
        street_before=_street_before(address.street_types, glued=glued),
        provinces={fold(w): c for w, c in address.provinces.items() if fold(w)},
        cities={fold(w): c for w, c in address.cities.items()},
        towns=frozenset(fold(w) for pair in address.cities.items() for w in pair),
        quarters={fold(w): c for w, c in address.quarters.items()},
        glued=glued,
    )


def _heads(words: Iterable[str], *, glued: bool) -> Heads:
    """Return the first runs of letters of words, and words that have none.

    Where words are glued to names, any text may hold them: the empty sign stands everywhere.
    """
    if glued:
        return Heads(frozenset(), ("",))
    found, signs = set(), []
    for word in words:
        runs = _RUNS.findall(word.casefold())
        if runs:
            found |= {runs[0], "".join(runs), "".join(runs[:2])}
        elif word.strip():
            signs.append(word.strip())
    return Heads(frozenset(found), tuple(signs))


class _Numbers(TypedDict):
    number_words: re.Pattern[str] | None
    leading: re.Pattern[str]
    announced: re.Pattern[str] | None
    given: re.Pattern[str] | None
    given_first: re.Pattern[str] | None
    trailing: re.Pattern[str]
    inner: re.Pattern[str]


def _numbers(must: str) -> _Numbers:
    """Compile the patterns of house numbers; `must` matches a word that announces one."""
    may = f"{must}?" if must else ""

    def worded(pattern: str) -> re.Pattern[str] | None:
        return re.compile(pattern, re.IGNORECASE) if must else None

    return {
        "number_words": worded(rf"^{may}"),
        "leading": re.compile(rf"^{may}(?P<n>{_GRID}|{NUMBER})(?=[\s,]|$)[\s,]*", re.IGNORECASE),
        "announced": worded(rf"(?<![^\W_]){must}(?P<n>{NUMBER}|[A-Z]\d+)(?![^\W_])"),
        "given": worded(rf"[\s,.]+{must}\d"),
        "given_first": worded(rf"{must}\d"),
        "trailing": re.compile(rf"[\s,.]+{may}(?P<n>{NUMBER})\.?\s*$", re.IGNORECASE),
        "inner": re.compile(
            rf"^(?P<s>\D*?[^\W\d_]{{2,}}\.?)[\s,]+{may}(?P<n>{NUMBER})(?=[\s,])[\s,]+(?P<r>.+)$",
            re.IGNORECASE,
        ),
    }


_VALUE = r"(?:[A-Z]{0,3}-?\d+(?:[-/]\d+)*(?:\s?[A-Za-z])?(?!['’]?[^\W_])|[A-Z]\d*(?![^\W_])(?![.'’])|[IVX]{1,4}(?![^\W_])|[a-z]\d+(?![^\W_])|[a-z](?=\s*$)|(?<=#)[a-z](?![^\W_])|(?<=#\s)[a-z](?![^\W_]))"
_ORDINAL = r"\d{1,3}(?:\.|st|nd|rd|th|er|ère|e|ème|º|ª|°|:a)?"


_NO_SIDE = r"(?!\s*(?:t\.?[vh]|m\.?f)(?![^\W_]))"
"""A storey that a side of the stairs follows is one unit with it: `2. sal tv`."""


def _unit(words: Mapping[str, str]) -> re.Pattern[str] | None:
    named = [w for w in words if w.strip()]
    if not named:
        return None
    alternatives = _words(named)
    strict = _words(w for w in named if len(w.rstrip(".")) > 1)
    return re.compile(
        rf"(?<![^\W_])(?:(?P<word>{alternatives})(?:\s*[:.#]\s*|\s+|(?=\d))"
        rf"(?:(?:nr|no|n[°º]|№)\.?\s*)?(?P<value>(?-i:{_VALUE}))"
        rf"|(?P<value2>{_ORDINAL})\s?(?P<word2>{strict or '(?!)'})(?![^\W_]){_NO_SIDE}(?!\s*[:.#]?\s*(?:\d|[A-Z]{{1,3}}\d|(?-i:[A-Z])\d*[A-Z]?(?![^\W_]))))",
        re.IGNORECASE,
    )


def _alone(words: Mapping[str, str], pattern: str) -> re.Pattern[str] | None:
    alone = {"parter", "mansarda", "mansardă", "demisol", "hinterhaus", "vorderhaus", "seitenflügel",
             "erdgeschoss", "dachgeschoss", "hh", "vh", "eg", "dg", "basement", "bsmt", "penthouse", "ph",
             "rear", "frnt", "lobby", "uppr", "lowr", "upper", "lower", "front", "fondo", "bajo", "hs", "cave", "r/c", "fundos"}  # fmt: skip
    found = _words(w for w in words if w in alone)
    if not found and not pattern:
        return None
    choices = [*([rf"(?:{found})"] if found else []), *([pattern] if pattern else [])]
    return re.compile(rf"(?<![^\W_])(?P<alone>{'|'.join(choices)})(?![^\W_])", re.IGNORECASE)


def _valued(words: Mapping[str, str]) -> re.Pattern[str] | None:
    if not words:
        return None
    return re.compile(
        rf"(?<![^\W_])(?P<word>{_words(words)})(?![^\W\d_])\s*[:.#]?\s*(?:(?:nr|no|n[°º]|№)\.?\s*)?"
        r"(?P<value>\d[\d\s]*\d[A-Z]?|[A-Z]{0,2}\d+|[A-Z](?![^\W_]))(?![^\W_])",
        re.IGNORECASE,
    )


def _starting(words: Iterable[str], rest: str) -> re.Pattern[str] | None:
    found = _words(words)
    return re.compile(rf"^(?:{found})(?![^\W_]){rest}", re.IGNORECASE) if found else None


def _exact(words: Mapping[str, str]) -> re.Pattern[str] | None:
    found = _words(words)
    return re.compile(rf"(?<![^\W_])(?:{found})(?![^\W_])\.?", re.IGNORECASE) if found else None


def _marker(kinds: Mapping[str, tuple[str, str]], *, glued: bool) -> re.Pattern[str] | None:
    """Match a marker word that is followed by a name; before it a segment ends."""
    if not kinds:
        return None
    native = [w for w in kinds if glued and not w[0].isascii()]
    latin = [w for w in kinds if w not in native]
    choices = []
    if native:
        choices.append(rf"(?<![\u0e00-\u0eff])(?:{_words(native)})\s*(?=[^\W\d_])")
    if latin:
        dotted = _words(w for w in latin if w.endswith((".", ":")))
        plain = _words(w for w in latin if not w.endswith((".", ":")))
        if dotted:
            choices.append(rf"(?<![^\W_])(?:{dotted})\s*(?=[^\W_])")
        if plain:
            choices.append(rf"(?<![^\W_])(?:{plain})(?:\s+|\s*[:.]\s*)(?=[^\W_])")
    return re.compile("|".join(f"(?:{c})" for c in choices), re.IGNORECASE)


def _street_before(types: Mapping[str, str], *, glued: bool) -> re.Pattern[str] | None:
    if not types:
        return None
    native = [w for w in types if glued and not w[0].isascii()]
    latin = [w for w in types if w not in native]
    choices = []
    if native:
        choices.append(rf"(?P<native>{_words(native)})\s*(?=[^\W_])")
    if latin:
        # `S.C. Alfa` begins with initials, not with the one letter that stands for a street's type.
        choices.append(
            rf"(?![^\W\d_]\.\s?[^\W\d_]\.)(?P<latin>{_words(latin)})(?:(?<=[./])\s*|\s*[.:]\s*|\s+)(?=[^\W_])"
        )
    return re.compile(rf"^(?:{'|'.join(choices)})", re.IGNORECASE)
