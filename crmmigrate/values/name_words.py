"""The words around names, compiled for a region."""

from dataclasses import dataclass
from functools import cache, lru_cache

from crmmigrate.model.regions import NameRules
from crmmigrate.values.knowledge import load_knowledge

__all__ = ["NameWords", "bare_word", "name_words"]

_FAMILY_FIRST = frozenset({"HU", "CN", "JP", "KR", "KP", "TW", "HK", "MO", "VN", "KH", "MN", "SG"})
"""Regions whose own names put the family first, where no rules say otherwise (CLDR person names)."""

_TWO_FAMILIES = frozenset(
    "ES MX AR CL CO PE VE EC GT CU BO DO HN PY SV NI CR PA UY PR".split()  # noqa: SIM905
)
"""Regions where a name ends with the family names of both parents (Registro Civil practice)."""

_MIDDLE_NAMES = frozenset("US CA GB IE AU NZ ZA PH NG KE GH JM IN NO DK SE NL BE RU UA BY".split())  # noqa: SIM905
"""Regions where what stands between given and family name is called a middle name or patronymic."""

_ONE_FAMILY = frozenset({"AR"})
"""Regions that write Spanish names with one family name as a rule (Código Civil y Comercial, art. 64)."""

_INITIALS_LAST = frozenset({"IN", "LK", "MY", "SG"})
"""Regions where an initial behind a given name stands for the father's name (CLDR person names)."""

_WAYS = {region: region for region in ("TR", "NL", "FR", "VN", "JP")}
_WAYS |= {"AZ": "TR", "BE": "FR", "CH": "FR", "LU": "FR", "MC": "FR"}
"""Regions whose letters, signs or lone words are read or written in a way of their own, or another's."""

_PATRONYMICS = frozenset({"RU", "UA", "BY", "KZ", "KG"})

_ALL_CAPITALS = frozenset({"BE", "IT", "SM"})
"""Regions whose civil registers write `De Luca` and `Van den Broeck`."""
_IRISH = frozenset({"ó", "ní", "nic", "uí", "mhic", "mac", "mag"})
_FRENCH = frozenset({"FR", "LU", "MC", "CH", "CA"})
_ARTICLES = frozenset({"le", "la", "les", "du", "des"})
"""French articles are part of the name, `de` is not: Le Goff, Du Bois, but de Gaulle."""


@lru_cache(maxsize=1 << 16)
def bare_word(word: str) -> str:
    """Return a word as it stands in the word lists: lower case, without dots and commas."""
    return word.replace("İ", "i").lower().replace(".", " ").strip(" ,").replace("  ", " ")


@dataclass(frozen=True, slots=True)
class NameWords:
    """What is known about names of a region.

    Attributes:
        region: The region whose way of reading and writing is followed, None where there is nothing special.
        family_first: Whether names in the region's own writing start with the family name.
        two_families: Whether two family names are usual.
        one_family: Whether one family name is more usual all the same.
        initials_last: Whether an initial at the end stands for the father's name.
        middle_names: Whether what stands between given and family name has a name of its own.
        patronymics: Whether people have patronymics, so that romanized ones are known as such.
        titles: Words before a name.
        doubtful: Titles that are names as well.
        suffixes: Words behind a name.
        doubtful_suffixes: Suffixes that are names or initials as well.
        particles: Words that belong to the family name behind them.
        capitals: Particles that have a capital at the start of a family name.
    """

    region: str | None
    family_first: bool
    two_families: bool
    one_family: bool
    initials_last: bool
    middle_names: bool
    patronymics: bool
    titles: frozenset[str]
    doubtful: frozenset[str]
    suffixes: frozenset[str]
    doubtful_suffixes: frozenset[str]
    particles: frozenset[str]
    capitals: frozenset[str]


@cache
def name_words(region: str | None, rules: NameRules) -> NameWords:
    """Compile the words of a region together with those known everywhere."""
    known = load_knowledge("name_words")
    titles, doubtful = _sorted_out((*known["titles"], *rules.titles))
    suffixes, doubtful_suffixes = _sorted_out((*known["suffixes"], *rules.suffixes))
    particles = frozenset(bare_word(word) for word in (*known["particles"], *rules.particles))
    always = particles if region in _ALL_CAPITALS else frozenset[str]()
    return NameWords(
        _WAYS.get(region or ""),
        rules.order == "family_first" or region in _FAMILY_FIRST,
        region in _TWO_FAMILIES,
        region in _ONE_FAMILY,
        region in _INITIALS_LAST,
        region is None or region in _MIDDLE_NAMES,
        region in _PATRONYMICS,
        titles,
        doubtful,
        suffixes,
        doubtful_suffixes,
        particles,
        always | _IRISH | (_ARTICLES if region in _FRENCH else frozenset[str]()),
    )


def _sorted_out(words: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    plain = frozenset(bare_word(word) for word in words if not word.endswith("*"))
    return plain, frozenset(bare_word(word[:-1]) for word in words if word.endswith("*")) - plain
