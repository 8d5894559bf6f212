"""Part what is glued together in an address: a province and its code, a unit and a number, a postcode and a town."""

import re

from crmmigrate.values.address_draft import Draft, Item
from crmmigrate.values.folding import fold

__all__ = ["part_glued"]

_GLUED_CODE = re.compile(r"(?<![^\W_])([A-Z]{2})(?=\d{5}(?:-\d{4})?$)")


_UNIT_OF = re.compile(r"^([A-Za-z]+\.?\s*\d+[A-Za-z]?)\s?/\s?(\d+[A-Za-z]?\s.*)$")


_CIVIC = re.compile(r"^#\s?(\d+[A-Za-z]?)\s?[-–]\s?(\d+[A-Za-z]?\s.*)$")
"""Unit and civic number as Canada Post writes them: `#200 - 555 Hastings St`."""


def part_glued(draft: Draft) -> None:
    """Part `TX78217`, province and postcode, and `Unit 5/12 George St`, unit and house number."""
    for index in draft.texts() if draft.rules.code in {"AU", "NZ", "CA"} else ():
        item = draft.items[index]
        if draft.rules.code == "CA" and (match := _CIVIC.match(item.text)):
            unit = f"Unit {match[1].upper()}"
            draft.units.append(unit)
            draft.items[index : index + 1] = [
                Item("unit", unit, item.line), Item("text", match[2], item.line),
            ]  # fmt: skip
            break
        if match := _UNIT_OF.match(item.text):
            draft.items[index : index + 1] = [Item("text", match[at], item.line) for at in (1, 2)]
            break
    _part_town(draft)
    if draft.rules.address.province_style != "code":
        return
    for index in draft.texts():
        item = draft.items[index]
        match = _GLUED_CODE.search(item.text)
        if match and fold(match[1]) in draft.grammar.provinces:
            text = f"{item.text[: match.end()]} {item.text[match.end() :]}"
            draft.items[index] = Item("text", text, item.line)


_GLUED_TOWN = re.compile(r"(?<![\w/-])(\d{4,6})(?=[^\W\d_]{3,}$)")


def _part_town(draft: Draft) -> None:
    """Part `0184oslo`, a postcode and the town behind it."""
    address = draft.rules.address
    if not address.postcode_first or not address.postcode_pattern:
        return
    for index in draft.texts():
        item = draft.items[index]
        match = _GLUED_TOWN.search(item.text)
        if match and re.fullmatch(address.postcode_pattern, match[1]):
            text = f"{item.text[: match.end()]} {item.text[match.end() :]}"
            draft.items[index] = Item("text", text, item.line)
