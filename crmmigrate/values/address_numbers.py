"""Numbers of addresses that are written otherwise: as a word, or with no word before a flat's."""

import re

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.address_draft import Draft
from crmmigrate.values.address_grammar import NUMBER, grammar_of
from crmmigrate.values.address_streets import cut_number
from crmmigrate.values.address_towns import is_route, is_typed

__all__ = ["ONLY_NUMBER", "cut_bare_unit", "join_numbers", "read_spelled"]

ONLY_NUMBER = re.compile(rf"^(?:{NUMBER})$|^\d+\s?(?:BIS|TER|QUATER)$")

_SPELLED = re.compile(
    r"(One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten)\s+(?=\S+\s+\S)", re.IGNORECASE
)
_BARE_UNIT = re.compile(
    r"^(?P<s>.*(?:[^\W\d_]{3,}|\s[NSEW])\.?)\s+(?:(?:no|nr|#)\.?\s*)?(?P<u>\d{1,5}[A-Z]?)$",
    re.IGNORECASE,
)


def read_spelled(street: str, rules: RegionRules) -> tuple[str, str]:
    """Read `One Baylor Plaza`, where English writes the number as a word."""
    match = _SPELLED.match(street) if rules.address.number_first else None
    if match and is_typed(street, rules):
        return street[match.end() :], match[1]
    return street, ""


def cut_bare_unit(street: str, rules: RegionRules) -> tuple[str, str]:
    """Read `1020 West Bryn Mawr 211`: a second number, with no word, is a flat (USPS: `# 211`)."""
    address = rules.address
    if not address.number_first or not address.directions or grammar_of(rules).glued:
        return street, ""
    match = _BARE_UNIT.match(street)
    if match is None or is_typed(f"{street} x", rules) or is_route(street, rules):
        return street, ""
    return match["s"], f"# {match['u'].upper()}"


_STOREY = re.compile(r"\d{1,2}\s?[º°ª](?:\s?[A-Za-z]{1,4}\.?)?")


def join_numbers(draft: Draft) -> None:
    """Join a number that stands alone with the street beside it."""
    texts = draft.texts()
    for place, index in enumerate(texts):
        text = draft.items[index].text
        if _STOREY.fullmatch(text) and len(texts) > 1:
            draft.units.append(text)
            draft.take(index, "unit")
        elif place == 0 and len(texts) > 1 and _is_flat(text, texts[1], draft):
            draft.units.append(f"Flat {text}")
            draft.take(index, "unit")
        else:
            _take_none(draft, index)
            _take_number(draft, texts, place)


def _is_flat(text: str, following: int, draft: Draft) -> bool:
    """Tell the Scottish flat of `1/2, 14 Byres Road` (storey and door) from a house number."""
    after = draft.items[following].text
    slashed = "/" in text and bool(ONLY_NUMBER.match(text))
    return slashed and draft.rules.code == "GB" and after[:1].isdigit()


def _take_none(draft: Draft, index: int) -> None:
    """Take a segment that says that there is no number."""
    text, none = draft.items[index].text, draft.grammar.no_number
    if none and none.fullmatch(text) and "house_number" not in draft.parts:
        spellings = draft.rules.address.no_number
        written = spellings.get(text.strip(" .").casefold()) or next(iter(spellings.values()))
        draft.take(index, "house_number", written)
        draft.parts["house_number"] = written


_LETTERED = frozenset({"IN", "PK", "BD", "LK", "NP"})
_PLOT = re.compile(r"[A-Z]{1,2}-?\d+(?:[-/]\d+)*[A-Z]?")
"""A house of a block in South Asia: `A-12`, `C4/12`."""


def _take_number(draft: Draft, texts: list[int], place: int) -> None:
    index, words = texts[place], draft.grammar.number_words
    text = draft.items[index].text
    bare = (words.sub("", text) if words else text).strip()
    plot = place == 0 and draft.rules.code in _LETTERED and bool(_PLOT.fullmatch(bare))
    if not (plot or ONLY_NUMBER.match(bare)) or "house_number" in draft.parts:
        return
    first = draft.rules.address.number_first
    # `bulevardul 21 Decembrie 1989, nr. 77`: the number that a word announces is the house's.
    announced = bare != text and not first and place > 0
    beside = [texts[at] for at in (place - 1, place + 1) if 0 <= at < len(texts)]
    lonely = any(not cut_number(draft.items[i].text, draft.rules)[1] for i in beside)
    leads = place == 0 and first and len(texts) > 1
    if announced or lonely or leads or len(texts) == 1 or draft.find("street") is not None:
        draft.take(index, "house_number", bare)
        draft.parts["house_number"] = bare
