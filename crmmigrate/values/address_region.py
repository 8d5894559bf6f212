"""Which region's rules read an address: its country, its shape, its script.

A record of one country may hold an address of another. Where the text names no country, a state's
code before an American ZIP code tells enough, if the record's own country has neither.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.address_cuts import cut_country
from crmmigrate.values.address_draft import Draft, split_lines
from crmmigrate.values.countries import country_cell
from crmmigrate.values.folding import fold

__all__ = ["as_written", "region_of", "region_of_shape"]

_LONGEST = 600
_SCRIPTS = (
    (r"[\u0e00-\u0e7f]", "TH"),
    (r"[\u3040-\u30ff]", "JP"),
    (r"[\uac00-\ud7af]", "KR"),
    (r"[\u0590-\u05ff]", "IL"),
    (r"[\u0370-\u03ff]", "GR"),
)
_AMERICAN = re.compile(
    r"^(?:\d|PSC|CMR|(?i:Unit)|US[A-Z]{2}).*\s(?P<state>[A-Z]{2}),? \d{5}(?:-\d{4})?$", re.DOTALL
)


def region_of(
    filled: Mapping[str, str], region: str | None, rules_of: Callable[[str | None], RegionRules]
) -> str | None:
    """Return the country that the address names; else the record's, else its script's."""
    if "country" in filled:
        country = country_cell(filled["country"], rules_of(region).languages)
        if country:
            return country.value
    text = filled.get("text")
    if text and len(text) < _LONGEST:
        draft = Draft(rules_of(region), split_lines(text))
        cut_country(draft)
        at = draft.find("country")
        if at is not None:
            return draft.items[at].text
    return region or _by_script(" ".join(filled.values()))


def _by_script(text: str) -> str | None:
    if text.isascii():
        return None
    return next((region for pattern, region in _SCRIPTS if re.search(pattern, text)), None)


def region_of_shape(
    text: str, rules: RegionRules, rules_of: Callable[[str | None], RegionRules]
) -> str | None:
    """Return the country whose shape a text has, if it is not the record's own.

    Args:
        text: An address that names no country.
        rules: Rules of the record's region.
        rules_of: Gives the rules of a region.
    """
    if rules.code in {"US", "ZZ"} or not text[-1:].isdigit() or len(text) > _LONGEST:
        return None
    match = _AMERICAN.match(text)
    if match is None or fold(match["state"]) in _codes(rules):
        return None
    return "US" if fold(match["state"]) in _codes(rules_of("US")) else None


@lru_cache(maxsize=512)
def _codes(rules: RegionRules) -> frozenset[str]:
    return frozenset(word for word in map(fold, rules.address.provinces) if len(word) == 2)


@lru_cache(maxsize=64)
def as_written(rules: RegionRules) -> RegionRules:
    """Return rules that leave the types of streets as they are written.

    A text that only looks like an address of the region is read by them: that it is one is a
    guess, and a guess rewrites no word.
    """
    types = {word: word.capitalize() for word in rules.address.street_types}
    address = replace(
        rules.address, street_types=types, directions=dict.fromkeys(rules.address.directions, "")
    )
    return replace(rules, address=address)
