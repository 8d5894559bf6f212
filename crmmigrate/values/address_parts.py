"""The parts of an address in the spelling of their region."""

from collections.abc import Mapping

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.address_places import spell_locality
from crmmigrate.values.address_streets import spell_number, spell_street

__all__ = ["spell_parts"]


def spell_parts(parts: Mapping[str, str], rules: RegionRules) -> dict[str, str]:
    """Spell street, number and town in the region's way; empty parts are left out."""
    done = {part: value for part, value in parts.items() if value}
    if "street" in done:
        done["street"] = spell_street(done["street"], rules)
    if "house_number" in done:
        done["house_number"] = spell_number(done["house_number"])
    if "locality" in done:
        done["locality"] = spell_locality(done["locality"], rules)
    return {part: value for part, value in done.items() if value}
