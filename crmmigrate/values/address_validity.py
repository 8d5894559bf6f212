"""Whether an address can be right: its parts against its region, and one status for all findings."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from crmmigrate.model.regions import Province, RegionRules

__all__ = ["KEY_LENGTH", "STATUSES", "misplaced", "owner_of", "validity"]

STATUSES = ("valid", "plausible", "incomplete", "inconsistent", "not_an_address")
"""From sure to none; the first that holds, read from the end, is an address's status."""

KEY_LENGTH = 5
"""Characters of a postcode that tell its province."""

_TOLD_BY: Mapping[str, frozenset[str]] = {
    "not_an_address": frozenset({"STD309"}),
    "inconsistent": frozenset({"STD306", "STD313"}),
    "incomplete": frozenset({"STD307"}),
    "plausible": frozenset(
        {"STD308", "STD310", "STD312", "STD315", "STD323", "STD324", "STD503", "STD504", "STD505"}
    ),
}


def validity(codes: Iterable[str]) -> str:
    """Return one of STATUSES from the rules that fired."""
    fired = frozenset(codes)
    return next((status for status, told in _TOLD_BY.items() if fired & told), "valid")


def misplaced(postcode: str, region: str, rules: RegionRules) -> str | None:
    """Return the province that a postcode belongs to, if it is not the one that is written.

    Args:
        postcode: In canonical spelling, or its first KEY_LENGTH characters.
        region: Province as addresses of the region write it.
        rules: The region.

    Returns:
        None where both agree or where nothing is known.
    """
    return _misplaced(postcode[:KEY_LENGTH], region, rules)


def owner_of(postcode: str, rules: RegionRules) -> str | None:
    """Return the name of the province that a postcode in canonical spelling belongs to."""
    owner = _owner(postcode[:KEY_LENGTH], rules)
    return owner.name if owner is not None else None


@lru_cache(maxsize=65536)
def _misplaced(key: str, region: str, rules: RegionRules) -> str | None:
    province = _provinces(rules).get(region)
    if province is None or not province.postcodes or _fits(key, province.postcodes):
        return None
    owner = _owner(key, rules)
    return _written(owner, rules) if owner is not None else None


@lru_cache(maxsize=512)
def _provinces(rules: RegionRules) -> Mapping[str, Province]:
    found = {_written(p, rules): p for p in rules.address.province_list}
    return {**{p.latin: p for p in rules.address.province_list if p.latin}, **found}


def _written(province: Province, rules: RegionRules) -> str:
    coded = rules.address.province_style == "code" and province.code
    return province.code if coded else province.name


@lru_cache(maxsize=65536)
def _owner(key: str, rules: RegionRules) -> Province | None:
    pattern = _any_beginning(rules)
    match = pattern.match(key) if pattern else None
    if match is None or match.lastgroup is None:
        return None
    return rules.address.province_list[int(match.lastgroup[1:])]


@lru_cache(maxsize=512)
def _any_beginning(rules: RegionRules) -> re.Pattern[str] | None:
    """Return the postcodes of all provinces in one pattern, each in a group with its position."""
    known = [(at, p.postcodes) for at, p in enumerate(rules.address.province_list) if p.postcodes]
    return re.compile("|".join(f"(?P<p{at}>{codes})" for at, codes in known)) if known else None


def _fits(key: str, pattern: str) -> bool:
    return _beginning(pattern).match(key) is not None


@lru_cache(maxsize=4096)
def _beginning(pattern: str) -> re.Pattern[str]:
    return re.compile(f"(?:{pattern})")
