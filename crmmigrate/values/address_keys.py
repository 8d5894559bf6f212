"""What two spellings of one address have in common: keys for finding duplicates."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from anyascii import anyascii

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.address_grammar import grammar_of
from crmmigrate.values.address_streets import spell_number, spell_street
from crmmigrate.values.folding import fold

__all__ = ["AddressKeys", "address_keys"]

_APART = re.compile(r"[^0-9a-z]+")


@dataclass(frozen=True, slots=True)
class AddressKeys:
    """Folded parts of an address in Latin letters; '' for what it lacks.

    Attributes:
        street: Street with its type written out, without accents and blanks.
        number: House number with its letter.
        unit: Unit, words and numbers.
        postcode: Postcode without signs.
        place: Town by its own name.
        region: Province.
    """

    street: str = ""
    number: str = ""
    unit: str = ""
    postcode: str = ""
    place: str = ""
    region: str = ""


def address_keys(parts: Mapping[str, str | None], rules: RegionRules) -> AddressKeys:
    """Return the keys of an address that was read, or of parts as columns hold them.

    Args:
        parts: Parts of one address.
        rules: Its region, whose abbreviations and other names of towns are resolved.
    """
    given = {part: text for part, text in parts.items() if text}
    town = given.get("locality", "")
    grammar = grammar_of(rules)
    province = given.get("region", "")
    return AddressKeys(
        street=_key(spell_street(given.get("street", ""), rules)),
        number=_key(spell_number(given.get("house_number", ""))),
        unit=_key(given.get("unit", "")),
        postcode=_key(given.get("postal_code", "")),
        place=_key(grammar.cities.get(fold(town), town)),
        region=_key(grammar.provinces.get(fold(province), province)),
    )


def _key(text: str) -> str:
    """Fold first, so that umlauts and their two-letter spellings stay what the region makes of them."""
    return _APART.sub("", anyascii(fold(text)).casefold())
