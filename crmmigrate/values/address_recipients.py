"""Part the name of a person, company or building from the street it is glued to."""

import re

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.address_grammar import grammar_of
from crmmigrate.values.address_streets import of_rama
from crmmigrate.values.address_towns import ROUTES, SURE_TYPES, is_typed, split_town
from crmmigrate.values.folding import fold

__all__ = ["split_recipient"]


def _named_before(text: str, rules: RegionRules) -> tuple[str, str] | None:
    """Part `SC Foo SRL Str. Horea 5`, where the type of the street ends the name before it."""
    pattern = grammar_of(rules).street_before
    words = text.split()
    if pattern is None or pattern.match(text) or len(words) < 4:
        return None
    for at in range(1, len(words) - 1):
        rest = " ".join(words[at:])
        bare = words[at].rstrip(".:")
        town = fold(" ".join(words[:at])) in grammar_of(rules).towns
        sure = len(bare) > 3 - 2 * town or (words[at] != bare and words[at][:1].isalpha())
        before = words[at - 1]
        if sure and (town or words[at] != bare or words[at][:1].isupper()) and pattern.match(rest):
            joined = before.casefold() in _JOINING or any(c.isdigit() for c in before)
            return None if joined else (" ".join(words[:at]).strip(" ,"), rest)
    return None


_JOINING = frozenset(["de", "la", "din", "di", "da", "do", "del", "des", "du", "lui", "e", "y"])
_NAMED = re.compile(r"^(?P<name>[^\d#]{4,}?)\s+(?P<rest>\d+(?:-\d+)?[A-Za-z]?\s+\S.*)$")


def split_recipient(text: str, rules: RegionRules) -> tuple[str, str]:
    """Part a name that is glued before the street: `The Book Club 100 Leonard St`."""
    if text[:1].isdigit() or of_rama(text, rules):
        return "", text
    split = _named_before(text, rules) if rules.address.street_position == "before" else None
    if split is None and rules.address.number_first:
        split = _numbered_behind(text, rules)
    return split or ("", text)


def _numbered_behind(text: str, rules: RegionRules) -> tuple[str, str] | None:
    """Part a name from a street that begins with its number."""
    given = grammar_of(rules).given_first
    match = None if given and given.match(text) else _NAMED.match(text)
    if match is None or fold(match["name"]).split()[-1:] == ["box"]:
        return None
    types, last = rules.address.street_types, fold(match["name"]).split()[-1:]
    if last and last[0] in types and last[0] in SURE_TYPES | ROUTES:
        return None
    words = match["rest"].split()
    street_first = rules.address.street_position == "before"
    if street_first and is_typed(" ".join(words[1:]), rules):
        return match["name"].strip(" ,"), match["rest"]
    if not is_typed(match["rest"], rules):
        street, _ = split_town(match["rest"], rules, anchored=False)
        directed = words[1].casefold() in rules.address.directions and len(words) > 2
        if not directed and not (street and is_typed(street, rules)):
            return None
    return match["name"].strip(" ,"), match["rest"]
