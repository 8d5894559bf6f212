"""A second voice for American addresses: usaddress, a statistical reader.

Our reading goes by the words it knows, and so it has doubts where the sure words are missing, stand
twice or stand elsewhere: `5429 woodlawn chicago` has no type of street, `9100 MLK JR Street North
1001 St Petersburg` a number between street and town. There usaddress is asked, a conditional random
field trained on labelled addresses (Deng, Gregg and others, https://github.com/datamade/usaddress).
Its reading is taken if it accounts for every word, in one stretch for each part, and agrees with us
about province and postcode.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.address_grammar import grammar_of
from crmmigrate.values.address_streets import spell_street
from crmmigrate.values.address_towns import SURE_TYPES, is_route, is_typed
from crmmigrate.values.folding import fold, fold_key

__all__ = ["is_doubtful", "is_military", "second_reading"]

_PARTS = {
    "AddressNumberPrefix": "house_number", "AddressNumber": "house_number",
    "AddressNumberSuffix": "house_number", "PlaceName": "locality", "StateName": "region",
    "ZipCode": "postal_code", "OccupancyType": "unit", "OccupancyIdentifier": "unit",
    "SubaddressType": "unit", "SubaddressIdentifier": "unit", "BuildingName": "name",
    "LandmarkName": "name", "Recipient": "name", "CountryName": "country",
}  # fmt: skip
"""Label of usaddress → our part; `name` is the recipient before the street, a building behind it."""

_TOLD = ("house_number", "street", "locality")
_KEPT = ("care_of", "region", "postal_code", "country")
"""Parts that stay ours."""

_ONCE = frozenset({"house_number", "street", "locality", "region", "postal_code"})
_NUMBERED = re.compile(r"\d+(?:st|nd|rd|th)?", re.IGNORECASE)
_TOWN_WORDS = 3


def is_doubtful(text: str, parts: Mapping[str, str | None], rules: RegionRules) -> bool:
    """Tell whether the reading of an American address leaves doubt about where its parts begin.

    Args:
        text: The address, tidied.
        parts: Our reading of it.
        rules: Its region; the second voice knows the United States only.
    """
    if rules.code != "US":
        return False
    street, town = parts.get("street") or "", parts.get("locality") or ""
    if is_military(parts):
        return False
    if "unparsed" in parts and not _is_behind(text, parts):
        return True
    if "house_number" not in parts and "po_box" not in parts and re.search(r"\d", text):
        return True
    return _is_odd_street(street, rules) or _is_odd_town(text, street, town, rules)


_MILITARY = frozenset({"APO", "FPO", "DPO"})
"""Post offices of the armed forces and embassies (USPS Publication 28, 225)."""


def is_military(parts: Mapping[str, str | None]) -> bool:
    """Tell an address of the armed forces: a ship or unit stands where others have a street."""
    return bool(parts.get("locality") in _MILITARY and parts.get("postal_code"))


def _is_behind(text: str, parts: Mapping[str, str | None]) -> bool:
    """Tell whether what has no place stands behind a whole address, as a note does."""
    rest, postcode = parts.get("unparsed") or "", parts.get("postal_code") or ""
    whole = all(parts.get(part) for part in (*_TOLD, "region", "postal_code"))
    return whole and text.endswith(rest) and postcode in text[: -len(rest)]


def _is_odd_street(street: str, rules: RegionRules) -> bool:
    """Tell a street without a type, with a second one, or with a number that names no route."""
    words = [_bare(word) for word in street.split()]
    if not words:
        return False
    directions = rules.address.directions
    named = [word for word in words if word not in directions]
    if not is_typed(street, rules):
        return not (len(named) == 1 and _NUMBERED.fullmatch(named[0]))
    if is_route(street, rules):
        return False
    last = len(words) - (2 if words[-1] in directions else 1)
    typed = any(word in SURE_TYPES for word in words[1 : last - (last < len(words) - 1)])
    numbers = [word for word in words if any(c.isdigit() for c in word)]
    return typed or len(numbers) > 1 or any(not _NUMBERED.fullmatch(word) for word in numbers)


def _is_odd_town(text: str, street: str, town: str, rules: RegionRules) -> bool:
    """Tell a town with words that may be those of the street or of a unit."""
    words = [_bare(word) for word in town.split()]
    if not words:
        return False
    directions = rules.address.directions
    first = words[0]
    if first in directions or len(first) == 1 or first == "city":
        return True
    if first in grammar_of(rules).provinces and len(words) > 1:
        return True
    if len(words) > _TOWN_WORDS or any(c.isdigit() for c in town):
        return True
    turned = street.split()[-1:]
    pointing = bool(turned) and _bare(turned[0]) in directions
    return (pointing and "," not in text) or any(word in SURE_TYPES for word in words[1:])


def _bare(word: str) -> str:
    return word.casefold().rstrip(".,")


def second_reading(
    text: str, ours: Mapping[str, str], rules: RegionRules
) -> Mapping[str, str] | None:
    """Return the parts that usaddress reads; None if they are no whole reading or contradict ours.

    Args:
        text: A tidied text.
        ours: Our parts, unspelled or spelled.
        rules: The rules of the United States.
    """
    runs = _runs(text.replace("\n", ", "))
    parts: dict[str, str] = {}
    for part, said in runs:
        if part in _ONCE and part in parts:
            return None
        place = part
        if part == "name":
            place = "unit" if "street" in parts else "recipient"
        parts[place] = f"{parts[place]}, {said}" if place in parts else said
    if not {"house_number", "street"} <= parts.keys() or "" in parts:
        return None
    if not _agree(parts, ours, rules) or all(_same(part, parts, ours, rules) for part in _TOLD):
        return None
    return {**parts, **{part: ours[part] for part in _KEPT if ours.get(part)}}


@lru_cache(maxsize=4096)
def _runs(text: str) -> tuple[tuple[str, str], ...]:
    """Return stretches of words of one part; the part is '' where it is none of ours."""
    import usaddress

    runs: list[list[str]] = []
    for token, label in usaddress.parse(text):
        part = _PARTS.get(label) or ("street" if label.startswith("StreetName") else "")
        new = not runs or runs[-1][0] != part or (part == "unit" and label.endswith("Type"))
        if new:
            runs.append([part, token])
        else:
            runs[-1][1] += f" {token}"
    return tuple((part, said.strip(" ,.;()")) for part, said in runs)


def _agree(theirs: Mapping[str, str], ours: Mapping[str, str], rules: RegionRules) -> bool:
    """Tell whether both see the same postcode, province and country, and no box."""
    if ours.get("po_box") or ours.get("care_of"):
        return False
    code = (theirs.get("postal_code", ""), ours.get("postal_code", ""))
    state = theirs.get("region", "")
    named = grammar_of(rules).provinces.get(fold(state), state)
    return (
        fold_key(code[0]) == fold_key(code[1])
        and fold_key(named) == fold_key(ours.get("region", ""))
        and bool(theirs.get("country")) == bool(ours.get("country"))
    )


def _same(
    part: str, theirs: Mapping[str, str], ours: Mapping[str, str], rules: RegionRules
) -> bool:
    said = theirs.get(part, "")
    spelled = spell_street(said, rules) if part == "street" else said
    return fold_key(ours.get(part, "")) in {fold_key(said), fold_key(spelled)}
