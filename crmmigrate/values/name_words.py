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

_PORTUGUESE = frozenset({"BR", "PT", "AO", "MZ", "CV"})


@lru_cache(maxsize=1 << 16)
def bare_word(word: str) -> str:
    """Return a word as it stands in the word lists: lower case, without dots and commas."""
    return word.replace("İ", "i").lower().replace(".", " ").strip(" ,").replace("  ", " ")


@dataclass(frozen=True, slots=True)
class NameWords:
    """What is known about names of a region.

    Attributes:
        region: The region's code.
        family_first: Whether names in the region's own writing start with the family name.
        two_families: Whether two family names are usual.
        titles: Words before a name.
        doubtful: Titles that are names as well.
        suffixes: Words behind a name.
        doubtful_suffixes: Suffixes that are names or initials as well.
        particles: Words that belong to the family name behind them.
    """

    region: str | None
    family_first: bool
    two_families: bool
    titles: frozenset[str]
    doubtful: frozenset[str]
    suffixes: frozenset[str]
    doubtful_suffixes: frozenset[str]
    particles: frozenset[str]


@cache
def name_words(region: str | None, rules: NameRules) -> NameWords:
    """Compile the words of a region together with those known everywhere."""
    known = load_knowledge("name_words")
    titles, doubtful = _sorted_out((*known["titles"], *rules.titles))
    suffixes, doubtful_suffixes = _sorted_out((*known["suffixes"], *rules.suffixes))
    return NameWords(
        region,
        rules.order == "family_first" or region in _FAMILY_FIRST,
        region in _TWO_FAMILIES,
        titles,
        doubtful,
        suffixes,
        doubtful_suffixes,
        frozenset(bare_word(word) for word in (*known["particles"], *rules.particles))
        - ({"y*"} if region in _PORTUGUESE else set()),
    )


def _sorted_out(words: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    plain = frozenset(bare_word(word) for word in words if not word.endswith("*"))
    return plain, frozenset(bare_word(word[:-1]) for word in words if word.endswith("*")) - plain
