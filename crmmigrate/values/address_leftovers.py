"""Name what is left of an address when street and town are found, and collect the parts."""

import re

from crmmigrate.values.address_case import spell_case
from crmmigrate.values.address_draft import Draft, Item
from crmmigrate.values.address_streets import spell_street
from crmmigrate.values.folding import fold

__all__ = ["collect", "name_rest"]

_THREE_DIGITS = re.compile(r"\d{3,}")


def name_rest(draft: Draft, *, has_locality: bool) -> None:
    """Name what is left by where it stands: before the street a recipient, behind it a quarter."""
    street = draft.find("street")
    number = draft.find("house_number")
    start = min((x for x in (street, number) if x is not None), default=None)
    for index in draft.texts():
        text = draft.items[index].text
        if not any(c.isalpha() for c in text):
            draft.take(index, "unparsed")
        elif start is not None and index < start:
            order = draft.rules.address.format
            first = -1 < order.find("%C") < order.find("%A")
            known = first or fold(text) in draft.grammar.towns or _alone_with_province(draft, index)
            town = draft.find("locality") is None and known
            draft.take(index, "locality" if town else "recipient")
        elif start is None and index == 0 and len(draft.items) > 1:
            draft.take(index, "recipient")
    _promote_village(draft)
    rest = draft.texts()
    if rest and not has_locality and draft.find("locality") is None:
        draft.take(rest[-1], "locality")
        rest = rest[:-1]
    for place, index in enumerate(rest):
        kind = (
            "dependent_locality"
            if place == len(rest) - 1 and draft.find("dependent_locality") is None
            else "unparsed"
        )
        if _THREE_DIGITS.search(draft.items[index].text) or _is_note(draft, index):
            kind = "unparsed"
        draft.take(index, kind)


def _alone_with_province(draft: Draft, index: int) -> bool:
    """Tell the town of `Sanpetru, str. Lunga 5, jud. Brasov`: one word, and nothing else names one."""
    text = draft.items[index].text
    alone = index == 0 and " " not in text and text.isalpha() and len(draft.texts()) == 1
    return (
        alone
        and draft.find("region") is not None
        and draft.rules.address.street_position != "after"
    )


def _promote_village(draft: Draft) -> None:
    """Take a village for the town where the address names none; parts of towns are none."""
    at = draft.find("dependent_locality")
    if at is None or draft.find("locality") is not None or draft.texts():
        return
    name = draft.items[at].text
    address = draft.rules.address
    words = {word for word in address.dependent_words.values() if word}
    if name not in address.quarters and not any(name.startswith(word) for word in words):
        draft.take(at, "locality")


def _is_note(draft: Draft, index: int) -> bool:
    """Tell `ring twice` behind `Springfield, IL 62701`: small letters behind a town with a capital."""
    town = draft.find("locality")
    if town is None or index < max(town, draft.find("postal_code") or 0):
        return False
    return draft.items[index].text.islower() and draft.items[town].text[:1].isupper()


_BEHIND_ROAD = re.compile(r"(?P<s>ถนน.*[\u0e01-\u0e4e])\s(?P<n>\d{2,4}|\d+(?:/\d+)+)")
_COUNTED = ("พระราม", "สาย", "ซอย")
"""Ends of names that a number belongs to: `ถนนพระราม 4`."""


def _part_behind_road(draft: Draft) -> None:
    """Read `ถ.ราชดำเนิน 45`, a house number behind its road, where no other number is written."""
    at = draft.find("street")
    if at is None or "house_number" in draft.parts or not draft.grammar.glued:
        return
    item = draft.items[at]
    match = _BEHIND_ROAD.fullmatch(spell_street(item.text, draft.rules))
    if match and not match["s"].endswith(_COUNTED):
        draft.items[at] = Item("street", match["s"], item.line)
        draft.parts["house_number"] = match["n"]


def collect(draft: Draft) -> None:
    """Write what the items say into the parts."""
    _part_behind_road(draft)
    for item in draft.items:
        if item.kind in {"unit", "used", "house_number", "text"} or not item.text:
            continue
        old = draft.parts.get(item.kind)
        text = item.text
        if item.kind in {"recipient", "dependent_locality"}:
            text = spell_case(text)
        if item.kind == "street":
            text = spell_street(text, draft.rules)
        thai = item.kind == "recipient" and draft.rules.languages[:1] == ("th",)
        spaced = item.kind == "street" or thai
        joint = " " if spaced and not text[:1].isascii() else ", "
        draft.parts[item.kind] = f"{old}{joint}{text}" if old and old != text else text
