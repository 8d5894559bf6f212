"""Numbers of addresses that are written otherwise: as a word, or with no word before a flat's."""

import re

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.address_towns import is_route, is_typed

__all__ = ["cut_bare_unit", "read_spelled"]

_SPELLED = re.compile(
    r"(One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten)\s+(?=\S+\s+\S)", re.IGNORECASE
)
_BARE_UNIT = re.compile(
    r"^(?P<s>.*[^\W\d_]{3,}\.?)\s+(?:(?:no|nr|#)\.?\s*)?(?P<u>\d{1,5}[A-Z]?)$", re.IGNORECASE
)


def read_spelled(street: str, rules: RegionRules) -> tuple[str, str]:
    """Read `One Baylor Plaza`, where English writes the number as a word."""
    match = _SPELLED.match(street) if rules.address.number_first else None
    if match and is_typed(street, rules):
        return street[match.end() :], match[1]
    return street, ""


def cut_bare_unit(street: str, rules: RegionRules) -> tuple[str, str]:
    """Read `1020 West Bryn Mawr 211`: a second number, with no word, is a flat (USPS: `# 211`)."""
    address = rules.address
    if not address.number_first or not address.directions:
        return street, ""
    match = _BARE_UNIT.match(street)
    if match is None or is_typed(f"{street} x", rules) or is_route(street, rules):
        return street, ""
    return match["s"], f"# {match['u'].upper()}"
