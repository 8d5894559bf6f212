"""Decide what the rest of an address is: street, town, part of a town, recipient."""

import re
from functools import lru_cache

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.address_case import spell_case
from crmmigrate.values.address_codes import take_level
from crmmigrate.values.address_directions import join_directions, part_buildings
from crmmigrate.values.address_draft import Draft, Item
from crmmigrate.values.address_grammar import grammar_of
from crmmigrate.values.address_leftovers import collect, name_rest
from crmmigrate.values.address_numbers import ONLY_NUMBER, cut_bare_unit, join_numbers, read_spelled
from crmmigrate.values.address_recipients import split_recipient
from crmmigrate.values.address_streets import cut_number
from crmmigrate.values.address_towns import (
    is_surely_typed,
    is_typed,
    split_town,
)
from crmmigrate.values.folding import fold

__all__ = ["place_items", "spell_locality"]

_THREE_DIGITS = re.compile(r"\d{3,}")
_FLOOR = re.compile(
    r"^(?:\d{1,2}\s?[º°ª]?\s?[A-Za-z]?|[A-Z]|(?:izq|dcha|dta|esq|dto)\.?|\d{1,3}[º°ª].*)$",
    re.IGNORECASE,
)


@lru_cache(maxsize=16384)
def spell_locality(text: str, rules: RegionRules) -> str:
    """Write a town in usual case, by its own name where another is written."""
    plain = " ".join(text.split()).strip(" ,;-").lstrip(".")
    if plain.count(".") < 2:
        plain = plain.rstrip(" .")
    known = grammar_of(rules).cities.get(fold(plain))
    if not known and len(plain) == 2 and plain.isupper() and not plain.isascii():
        return plain.capitalize()
    return known or spell_case(plain)


def place_items(draft: Draft, *, has_locality: bool, street_only: bool = False) -> None:
    """Give every remaining text a part; what fits nowhere goes to `unparsed`.

    Args:
        draft: The address, cut as far as words announce parts.
        has_locality: The town is known already.
        street_only: The text stood in a column of streets, so that it names no other town.
    """
    if not has_locality and draft.find("locality") is None:
        part_buildings(draft)
        take_level(draft)
        _find_locality(draft)
    _join_boxes(draft)
    _part_recipients(draft)
    join_directions(draft)
    join_numbers(draft)
    _find_street(draft, placed=street_only)
    name_rest(draft, has_locality=street_only)
    collect(draft)


def _find_locality(draft: Draft) -> None:
    postcode, province = draft.find("postal_code"), draft.find("region")
    anchor = postcode if postcode is not None else province
    if anchor is None:
        _last_as_locality(draft)
        return
    before = next((i for i in range(anchor - 1, -1, -1) if draft.items[i].kind == "text"), None)
    after = next(
        (i for i in range(anchor + 1, len(draft.items)) if draft.items[i].kind == "text"), None
    )
    chosen = _choose(draft, anchor, before, after)
    if chosen is None:
        return
    named = chosen == before and len(draft.texts()) < 3 and _named_town(draft, chosen)
    if chosen == before and not named and not _street_elsewhere(draft, chosen):
        _split_off_locality(draft, chosen)
        return
    if chosen == after and _part_behind(draft, chosen):
        return
    draft.take(chosen, "locality")


def _part_behind(draft: Draft, index: int) -> bool:
    """Part `Drammen Havnegata 2`, the town behind its postcode and the street behind the town."""
    item = draft.items[index]
    words = item.text.split()
    for size in range(min(3, len(words) - 1), 0, -1):
        town, street = " ".join(words[:size]), " ".join(words[size:])
        known = fold(town) in draft.grammar.towns
        if (
            known
            and cut_number(street, draft.rules)[1]
            and is_typed(cut_number(street, draft.rules)[0], draft.rules)
        ):
            draft.items[index : index + 1] = [
                Item("locality", town, item.line), Item("text", street, item.line),
            ]  # fmt: skip
            return True
    return False


def _choose(draft: Draft, anchor: int, before: int | None, after: int | None) -> int | None:
    """Choose the town among the texts before and behind the postcode."""
    line = draft.items[anchor].line
    behind = after if after is not None and _may_be_town(draft, after) else None
    ahead = before if before is not None and _may_be_town(draft, before) else None
    if before is not None and draft.items[before].line == line:
        if _is_code(draft, before):
            draft.take(before, "region")
            return _choose(draft, anchor, _previous(draft, before), after)
        if ahead is None and _holds_town(draft, before):
            ahead = before
    near_behind = behind if behind is not None and draft.items[behind].line == line else None
    near_ahead = ahead if ahead is not None and draft.items[ahead].line == line else None
    turned = (
        near_ahead is not None
        and near_behind is not None
        and _is_turned(draft, near_ahead, near_behind)
    )
    first = draft.rules.address.postcode_first and not turned
    if near_behind is not None and (near_ahead is None or first):
        return near_behind
    if near_ahead is not None:
        return near_ahead
    return _farther(draft, before, ahead, behind)


def _is_turned(draft: Draft, ahead: int, behind: int) -> bool:
    """Tell `Hamar 2317 Torggata 1`: the street stands behind the postcode, the town before it."""
    town, street = draft.items[ahead].text, draft.items[behind].text
    name, number, rest = cut_number(street, draft.rules)
    if any(c.isdigit() for c in town) or is_typed(town, draft.rules) or rest or not number:
        return False
    return fold(town) in draft.grammar.towns or is_typed(name, draft.rules)


def _farther(draft: Draft, before: int | None, ahead: int | None, behind: int | None) -> int | None:
    """Choose the town among neighbouring segments: one that does not look like a street."""
    if (
        behind is not None
        and draft.rules.address.postcode_first
        and draft.stands_alone("postal_code")
    ):
        return behind
    if ahead is not None and (not _streetish(draft, ahead) or _named_town(draft, ahead)):
        return ahead
    if behind is not None:
        return behind
    if before is not None and len(draft.texts()) == 1 and _holds_town(draft, before):
        return before
    return None


def _named_town(draft: Draft, index: int) -> bool:
    """Tell the town `Western Springs` from a street: another text or a box stands before it."""
    text = draft.items[index].text
    address = draft.rules.address
    if address.street_position != "after" or any(c.isdigit() for c in text):
        return False
    if is_surely_typed(text, draft.rules):
        return False
    before = [i for i, item in enumerate(draft.items[:index]) if item.kind != "unit"]
    return bool(before) or len(draft.texts()) == 1


def _holds_town(draft: Draft, index: int) -> bool:
    return bool(split_town(draft.items[index].text, draft.rules, anchored=True)[1])


def _is_code(draft: Draft, index: int) -> bool:
    """Tell a province's code that the region's table does not have."""
    text = draft.items[index].text
    previous = _previous(draft, index)
    if (
        previous is None
        or not re.fullmatch(r"[A-Z]{2,3}", text)
        or draft.find("region") is not None
    ):
        return False
    return not any(c.isdigit() for c in draft.items[previous].text)


def _previous(draft: Draft, index: int) -> int | None:
    return next((i for i in range(index - 1, -1, -1) if draft.items[i].kind == "text"), None)


def _may_be_town(draft: Draft, index: int) -> bool:
    text = draft.items[index].text
    street = draft.grammar.street_before
    if (
        draft.rules.address.street_position == "before"
        and street
        and street.match(text)
        and _previous(draft, index) is not None
    ):
        return False
    return any(c.isalpha() for c in text) and not _THREE_DIGITS.search(text)


def _streetish(draft: Draft, index: int) -> bool:
    """Tell whether an item looks like a street: a number or a street type in its place."""
    text = draft.items[index].text
    if cut_number(text, draft.rules)[1] or ONLY_NUMBER.match(text):
        return True
    return is_typed(text, draft.rules)


def _street_elsewhere(draft: Draft, chosen: int) -> bool:
    others = [i for i in draft.texts() if i != chosen]
    if any(_streetish(draft, i) for i in others):
        return True
    return bool(others) and not _streetish(draft, chosen)


def _last_as_locality(draft: Draft) -> None:
    texts = draft.texts()
    if not texts:
        return
    last = texts[-1]
    if len(texts) > 1 and not _streetish(draft, last):
        draft.take(last, "locality")
    elif len(texts) == 1:
        _split_off_locality(draft, last)


def _split_off_locality(draft: Draft, index: int) -> None:
    """Split `123 Main St Oakland` and `Storgata 5 Oslo`; without a street all is the town."""
    item = draft.items[index]
    name, text = split_recipient(item.text, draft.rules)
    anchored = draft.find("postal_code") is not None or draft.find("region") is not None
    street, town = split_town(text, draft.rules, anchored=anchored)
    if street and town:
        draft.items[index : index + 1] = [
            *([Item("recipient", spell_case(name), item.line)] if name else []),
            Item("text", street, item.line),
            Item("locality", town, item.line),
        ]
    elif not street:
        draft.take(index, "locality")


def _join_boxes(draft: Draft) -> None:
    """Join the name of the post office with its box: `Postboks 123 Sentrum`."""
    at = draft.find("po_box")
    if at is None or at + 1 >= len(draft.items):
        return
    box, after = draft.items[at], draft.items[at + 1]
    if after.kind == "text" and after.line == box.line and not any(c.isdigit() for c in after.text):
        joined = Item("po_box", f"{box.text} {spell_case(after.text)}", box.line)
        draft.items[at : at + 2] = [joined]


def _needs_town(draft: Draft) -> bool:
    return draft.find("locality") is None and len(draft.texts()) == 1


def _part_recipients(draft: Draft) -> None:
    for index in reversed(draft.texts()):
        item = draft.items[index]
        name, rest = split_recipient(item.text, draft.rules)
        if name:
            town = draft.find("locality") is None and fold(name) in draft.grammar.towns
            kind = "locality" if town or (" " not in name and _needs_town(draft)) else "recipient"
            draft.items[index : index + 1] = [
                Item(kind, spell_case(name), item.line), Item("text", rest, item.line),
            ]  # fmt: skip


def _find_street(draft: Draft, *, placed: bool) -> None:
    texts = draft.texts()
    if not texts:
        return
    scored = [(_street_score(draft, i), -place, i) for place, i in enumerate(texts)]
    best, _, index = max(scored)
    placed = placed or any(
        draft.find(kind) is not None for kind in ("postal_code", "region", "unit")
    )
    town = draft.find("locality")
    if best == 0 and len(texts) > 1 and town is not None and town > texts[1]:
        _settle_street(draft, texts[1])
        return
    if best < 0 or (best <= 0 and not placed and "house_number" not in draft.parts):
        return
    if best <= 0 and "house_number" not in draft.parts and len(texts) > 1:
        index = texts[-1] if town is None or town > texts[-1] else texts[0]
    _settle_street(draft, index)
    for other in draft.texts():
        if _more_street(draft, other, index):
            street, number, rest = cut_number(draft.items[other].text, draft.rules)
            if number and "house_number" not in draft.parts and not rest:
                draft.parts["house_number"] = number
                draft.take(other, "street", street)
            else:
                draft.take(other, "street")


def _more_street(draft: Draft, other: int, index: int) -> bool:
    """Tell whether a further item is a street, too: a lane off a road."""
    if not is_typed(draft.items[other].text, draft.rules) or abs(other - index) > 3:
        return False
    return draft.rules.languages[:1] == ("th",)


def _street_score(draft: Draft, index: int) -> float:
    text = draft.items[index].text
    _, number, _ = cut_number(text, draft.rules)
    letters = any(c.isalpha() for c in text)
    score = 3.0 * bool(number) + 1.5 * is_typed(text, draft.rules)
    score += 0.5 * is_surely_typed(text, draft.rules)
    if not letters:
        score -= 3
    if "house_number" in draft.parts:
        at = draft.find("house_number")
        if at is not None and abs(at - index) == 1:
            score += 1.5
    return score


def _settle_street(draft: Draft, index: int) -> None:
    item = draft.items[index]
    if "house_number" in draft.parts:
        street, number, rest = item.text, "", ""
    else:
        street, number, rest = cut_number(item.text, draft.rules)
    street, number = (street, number) if number else read_spelled(street, draft.rules)
    street, unit = cut_bare_unit(street, draft.rules) if number else (street, "")
    if unit:
        draft.units.append(unit)
    if number:
        draft.parts["house_number"] = number
    if street and draft.find("locality") is not None and not rest:
        street, rest = _cut_tail(street, draft)
    new: list[Item] = [Item("street", street, item.line)] if street else []
    if rest:
        if _FLOOR.match(rest):
            draft.units.append(rest)
        else:
            new.append(Item("text", rest, item.line))
    draft.items[index : index + 1] = new or [Item("used", "", item.line)]


def _cut_tail(street: str, draft: Draft) -> tuple[str, str]:
    """Cut what stands behind the street's type: `Langley Drive Langley Commons`."""
    if draft.rules.address.street_position != "after":
        return street, ""
    head, tail = split_town(f"1 {street}", draft.rules, anchored=False)
    if tail and head != "1" and len(head.split()) > 2:
        return head[2:], tail
    return street, ""
