"""Pieces at the end of a street: directions behind a comma (`M Street, NW`) and buildings."""

import re

from crmmigrate.values.address_draft import Draft, Item

__all__ = ["join_directions", "part_buildings"]


def join_directions(draft: Draft) -> None:
    """Join `NW` behind a comma with the street before it."""
    if not draft.rules.address.directions:
        return
    for index in reversed(range(1, len(draft.items))):
        item, before = draft.items[index], draft.items[index - 1]
        match = _DIRECTION.match(item.text) if item.kind in {"text", "locality"} else None
        if match is None or before.kind != "text" or item.line == before.line:
            continue
        rest = item.text[match.end() :].strip(" ,.")
        letters = re.sub(r"[^A-Z]", "", match[0].upper())
        if (len(letters) == 1 and rest) or not (rest or match[0].isupper() or len(letters) > 1):
            continue
        new = [Item("text", f"{before.text} {letters}", before.line)]
        new += [Item(item.kind, rest, item.line)] if rest else []
        draft.items[index - 1 : index + 1] = new


_DIRECTION = re.compile(r"(?:[NS]\.?\s?[EW]|[NSEW])(?![^\W_])\.?", re.IGNORECASE)


_BUILDING = re.compile(
    r"(?P<b>(?:\S+\s+){1,3}(?:bldg|building|twr|tower|lvl|level)\.?)\s+(?P<town>[^\W\d_].*)",
    re.IGNORECASE,
)


def part_buildings(draft: Draft) -> None:
    """Part `Dorrance Bldg Camden` behind a unit: a building, and the town that follows it."""
    if not draft.rules.address.directions:
        return
    for index in reversed(range(1, len(draft.items))):
        item, before = draft.items[index], draft.items[index - 1]
        match = _BUILDING.fullmatch(item.text) if item.kind == "text" else None
        if match and before.kind in {"unit", "po_box"} and not any(c.isdigit() for c in item.text):
            draft.items[index : index + 1] = [
                Item("text", match["b"], before.line - 1),
                Item("text", match["town"], item.line),
            ]
