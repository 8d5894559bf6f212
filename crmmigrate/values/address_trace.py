"""Which rule took which token of an address: what `crmmigrate try` shows.

The reading itself is not recorded step by step; a token is looked up where it went, and told with
the group of rules that knows it. What no word of the rules tells was placed by its shape or position.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from crmmigrate.model.regions import AddressRules, RegionRules
from crmmigrate.values.address_region import region_of
from crmmigrate.values.addresses import read_address
from crmmigrate.values.folding import fold, to_ascii_digits

__all__ = ["TokenTrace", "trace_address"]

_TOKEN = re.compile(r"[^\s,;|]+")
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "street": ("street_types", "street_tails", "directions"),
    "house_number": ("number_words", "no_number"),
    "unit": ("unit_words", "building_words"),
    "po_box": ("po_box_words", "box_pattern"),
    "care_of": ("care_of_words",),
    "dependent_locality": ("dependent_words", "quarters"),
    "locality": ("locality_words", "cities"),
    "region": ("province_words", "provinces"),
    "postal_code": ("postcode_pattern",),
}
"""Part → groups of the region's rules that may put a token there."""


@dataclass(frozen=True, slots=True)
class TokenTrace:
    """One token, the part it went to, and what put it there.

    Attributes:
        token: As written.
        part: Its part; `unparsed` for what found no place, '' for a word that only announces.
        rule: `RO.address.street_types`, the id that `explain` knows, or `shape` or `position`.
    """

    token: str
    part: str
    rule: str


def trace_address(
    text: str, region: str | None, rules_of: Callable[[str | None], RegionRules]
) -> list[TokenTrace]:
    """Tell for every token of an address where it went and why.

    Args:
        text: One address.
        region: Region of the record.
        rules_of: Gives the rules of a region.
    """
    parts = {p: t for p, t in read_address({"text": text}, region, rules_of).parts.items() if t}
    rules = rules_of(region_of({"text": text}, region, rules_of))
    found, tokens = [], _TOKEN.findall(text)
    for token in tokens:
        part, group = _announced(token, rules.address, parts)
        if not part:
            part = _holder(token, parts)
            group = "postcode_pattern" if part == "postal_code" else ""
        rule = f"{rules.code}.address.{group}" if group else _placed(token, part)
        found.append(TokenTrace(token, part, rule))
    return found


def _announced(token: str, address: AddressRules, parts: Mapping[str, str]) -> tuple[str, str]:
    """Return part and group of a token that a word list of the region knows."""
    key = token.casefold().rstrip(".,:")
    for part, groups in _GROUPS.items():
        for group in groups if part in parts else ():
            words = getattr(address, group)
            if not isinstance(words, str) and _knows(words, key, token.casefold()):
                return part, group
    return "", ""


def _knows(words: Iterable[str], key: str, written: str) -> bool:
    """Tell whether a word list holds a token, or a word that the token is glued to: `ถ.สุขุมวิท`."""
    if any(word in words for word in (written, key, f"{key}.")):
        return True
    glued = (word for word in words if word and (word.endswith(".") or not word.isascii()))
    return any(written.startswith(word) and len(word) > 1 for word in glued)


def _holder(token: str, parts: Mapping[str, str]) -> str:
    """Return the part whose text holds a token."""
    key = fold(to_ascii_digits(token))
    if not key:
        return ""
    padded = {part: f" {fold(text)} " for part, text in parts.items()}
    whole = next((part for part, text in padded.items() if f" {key} " in text), "")
    joined = {part: text.replace(" ", "") for part, text in padded.items()}
    return whole or next((p for p, t in joined.items() if key.replace(" ", "") in t), "")


def _placed(token: str, part: str) -> str:
    if not part:
        return "dropped_word"
    return "shape" if any(c.isdigit() for c in token) else "position"
