"""Plain addresses: what one pattern of the region says from end to end.

Most addresses are written as their country's post wants them. For them a region's rules give a few
patterns, made from its order of parts, its postcode, and its words. A text that one of them covers
is read by it, here and in the vectorised lane, and everything else by the parser. The patterns use
only what Python's and Rust's engines understand alike: letters are given as ranges.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from crmmigrate.model.regions import AddressRules, RegionRules
from crmmigrate.values.address_case import spell_case
from crmmigrate.values.address_grammar import grammar_of
from crmmigrate.values.address_outcome import AddressReading
from crmmigrate.values.address_patterns import JOINED, SEPARATORS, UNIT_GROUPS, plain_of
from crmmigrate.values.address_places import spell_locality
from crmmigrate.values.address_streets import order_units, spell_number, spell_street, spell_unit
from crmmigrate.values.countries import country_code
from crmmigrate.values.folding import fold

__all__ = ["announce", "group_postcode", "read_plain", "spell_counted"]


def group_postcode(text: str, address: AddressRules) -> str:
    """Write a postcode that the pattern has matched in its canonical grouping."""
    if address.postcode_format.startswith("-"):
        behind = int(address.postcode_format[1:])
        compact = text.replace(" ", "")
        return f"{compact[:-behind]} {compact[-behind:]}"
    shape = re.fullmatch(r"(\d+)([ -])(\d+)", address.postcode_format)
    if shape is None or int(shape[1]) == address.postcode_width:
        return text
    return f"{text[: int(shape[1])]}{shape[2]}{text[-int(shape[3]) :]}"


@lru_cache(maxsize=1024)
def _compiled(
    rules: RegionRules,
) -> tuple[tuple[re.Pattern[str], ...], re.Pattern[str], re.Pattern[str], re.Pattern[str]] | None:
    plain = plain_of(rules)
    if plain is None:
        return None
    patterns = tuple(re.compile(pattern) for pattern in plain.patterns)
    return (
        patterns, re.compile(plain.guard), re.compile(plain.ending), re.compile(plain.postcode)
    )  # fmt: skip


def read_plain(text: str, rules: RegionRules) -> AddressReading | None:
    """Read an address that one of the region's patterns covers; None for every other.

    Args:
        text: A tidied text.
        rules: Its region.
    """
    found = _matched(re.sub(SEPARATORS, JOINED, text), rules)
    if found is None:
        return None
    units = _spelled_units(found, rules)
    if units is None:
        return None
    parts = {
        "house_number": spell_counted(found.get("house_number", ""), rules),
        "street": spell_street(found["street"], rules),
        "unit": units,
        "dependent_locality": spell_case(found.get("dependent_locality", "")),
        "locality": found.get("locality", ""),
        "postal_code": found.get("postal_code", ""),
    }
    for level in LEVELS:
        if f"{level}_word" in found:
            parts[level] = announce(found[f"{level}_word"], rules) + found[level]
    if parts["locality"]:
        parts["locality"] = spell_locality(parts["locality"], rules)
    if "region" in found:
        province = grammar_of(rules).provinces.get(fold(found["region"]))
        if province is None:
            return None
        parts["region"] = province
    if "country" in found:
        if country_code(found["country"], rules.languages) != rules.code:
            return None
        parts["country"] = rules.code
    regrouped = "sign" in found or parts["postal_code"] != found["_written"]
    codes = ("STD321",) if regrouped else ()
    return AddressReading({part: text for part, text in parts.items() if text}, codes, rules)


LEVELS = ("dependent_locality", "locality")
"""Parts that a word may announce."""


def announce(word: str, rules: RegionRules) -> str:
    """Return the canonical word of a level, e.g. `ต.` → `ตำบล`."""
    return grammar_of(rules).kinds[word][1]


def spell_counted(text: str, rules: RegionRules) -> str:
    """Write a house number, or that there is none, as the region writes it."""
    if not text or any(c.isdigit() for c in text):
        return spell_number(text)
    none = rules.address.no_number
    return none.get(text.casefold()) or none.get(text.casefold().strip(" .")) or text


def _matched(joined: str, rules: RegionRules) -> dict[str, str] | None:
    """Return the groups of the first pattern that covers a text."""
    compiled = _compiled(rules)
    if compiled is None:
        return None
    patterns, guard, ending, postcode = compiled
    match = next((m for pattern in patterns if (m := pattern.match(joined))), None)
    if match is None:
        return None
    found = {name: value for name, value in match.groupdict().items() if value}
    found["_written"] = found.get("postal_code", "")
    if found["_written"]:
        found["postal_code"] = group_postcode(found["_written"].upper(), rules.address)
        if not postcode.fullmatch(found["postal_code"]):
            return None
    names = (found[name] for name in ("street", "locality", "dependent_locality") if name in found)
    if any(guard.search(name) for name in names):
        return None
    ends = ("locality", "dependent_locality", *(() if "house_number" in found else ("street",)))
    return None if any(ending.search(found.get(name, "")) for name in ends) else found


def _spelled_units(found: Mapping[str, str], rules: RegionRules) -> str | None:
    """Write the units; None if one word comes twice."""
    pairs = [(found[word], found[value]) for word, value in UNIT_GROUPS if word in found]
    words = [spell_unit(word, "", rules) for word, _ in pairs]
    if len(set(words)) < len(words):
        return None
    return order_units([spell_unit(word, value.upper(), rules) for word, value in pairs], rules)
