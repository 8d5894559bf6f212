"""Directions behind a comma that belong to the street before it: `M Street, NW`."""

import re

from crmmigrate.values.address_draft import Draft, Item

__all__ = ["join_directions"]


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
