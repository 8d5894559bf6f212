"""Put together what columns say of an address and what is read in its street or text."""

from collections.abc import Mapping

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.address_grammar import grammar_of
from crmmigrate.values.address_places import spell_locality
from crmmigrate.values.folding import fold

__all__ = ["PLACE_PARTS", "join_parts"]

PLACE_PARTS = ("locality", "region", "postal_code", "dependent_locality")


def join_parts(
    fixed: Mapping[str, str], parts: Mapping[str, str], codes: list[str], rules: RegionRules
) -> dict[str, str]:
    """Put column parts and parsed parts together; a contradiction is kept and told."""
    joined = dict(parts)
    for part, value in fixed.items():
        other = joined.get(part)
        if other and part == "locality":
            other = spell_locality(other, rules)
        if other and part == "locality" and _is_province(value, rules):
            joined.setdefault("region", grammar_of(rules).provinces[fold(value)])
            continue
        if other and fold(other) != fold(value):
            codes.append("STD306")
            if part in PLACE_PARTS or part == "country":
                joined["unparsed"] = ", ".join(x for x in (joined.get("unparsed"), other) if x)
            else:
                joined[part] = other if fold(value) in fold(other) else f"{other}, {value}"
                continue
        joined[part] = value
    return _without_repeats(joined, fixed)


def _is_province(town: str, rules: RegionRules) -> bool:
    """Tell whether a column of towns holds a province, where no town bears its name: `กรุงเทพ`."""
    return grammar_of(rules).glued and fold(town) in grammar_of(rules).provinces


def _without_repeats(joined: dict[str, str], fixed: Mapping[str, str]) -> dict[str, str]:
    """Leave out what a street column says again of the columns beside it: its town, its postcode."""
    town, code = fixed.get("locality"), fixed.get("postal_code")
    if town and fold(joined.get("dependent_locality", "")) == fold(town):
        del joined["dependent_locality"]
    if code and code in joined.get("unparsed", "").split(", "):
        left = [said for said in joined.pop("unparsed").split(", ") if said != code]
        joined |= {"unparsed": ", ".join(left)} if left else {}
    return joined
