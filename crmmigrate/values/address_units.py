"""Cut flats, floors, blocks and entrances out of an address."""

import re

from crmmigrate.values.address_draft import Draft, Item
from crmmigrate.values.address_streets import spell_unit
from crmmigrate.values.address_towns import is_route

__all__ = ["cut_units"]


def cut_units(draft: Draft) -> None:
    """Take flats, floors, blocks and entrances wherever they stand."""
    grammar = draft.grammar
    for kind, pattern in (("unit", grammar.unit), ("alone", grammar.alone)):
        if pattern is None:
            continue
        always = kind == "alone" and draft.rules.address.unit_pattern
        heads = None if always else grammar.heads[kind]
        index = 0
        while index < len(draft.items):
            item = draft.items[index]
            may = item.kind == "text" and (heads is None or heads.may_stand_in(item.text))
            match = _unit_in(item, pattern, draft) if may else None
            if match is None:
                index += 1
                continue
            unit = _spelled(match, draft)
            draft.units.append(unit)
            draft.cut(index, match.start(), match.end(), "unit", unit)


def _unit_in(item: Item, pattern: re.Pattern[str], draft: Draft) -> re.Match[str] | None:
    return next((m for m in pattern.finditer(item.text) if _is_unit(m, item, draft)), None)


def _is_unit(match: re.Match[str], item: Item, draft: Draft) -> bool:
    """Tell a unit from words of a street or a town that look like one."""
    groups = match.groupdict()
    before = item.text[: match.start()].strip()
    if groups.get("alone"):
        american = draft.rules.address.street_position == "after"
        followed = american and item.text[match.end() :].strip(" ,.")
        whole = len(item.text) == len(match[0]) or len(match[0]) >= 5
        return not followed and (bool(before) or whole)
    word, value = groups["word"], groups["value"]
    if not word:
        storey = len(groups["value2"]) <= 2 and len(draft.items) > 2
        whole = storey and len(match[0]) == len(item.text)
        return not groups["value2"].isdigit() or whole or _numbered(item, match)
    types = draft.rules.address.street_types
    if draft.rules.address.street_position == "after" and word.casefold() in types:
        return not before or len(value) <= 3
    if _in_street(before, draft) or (word == "#" and _is_road(before, draft)):
        return False
    if word.isalpha() and len(word) == 1 and not word.endswith(".") and match[0][len(word)] == " ":
        return value[0].isdigit() and any(c.isdigit() for c in before)
    return True


_ROAD_WORDS = frozenset("us u.s. united states state st county co farm to market ranch private forest township rural".split())  # noqa: SIM905  # fmt: skip


def _is_road(before: str, draft: Draft) -> bool:
    """Tell the number of `County Road # 2` from the flat of `W Dixie Hwy # 312`."""
    if not is_route(f"{before} 1", draft.rules):
        return False
    named = [w.casefold() for w in before.split()[:-1] if not w[0].isdigit()]
    known = (_ROAD_WORDS, draft.rules.address.directions, draft.grammar.provinces)
    return all(any(w in words for words in known) for w in named)


def _numbered(item: Item, match: re.Match[str]) -> bool:
    return any(c.isdigit() for c in item.text[: match.start()])


def _in_street(before: str, draft: Draft) -> bool:
    """Tell `Calle Trini Puerta 14`, where the word belongs to the street's name."""
    if draft.rules.address.street_position != "before" or not before or before[-1] == ",":
        return False
    pattern = draft.grammar.street_before
    return not any(c.isdigit() for c in before) and bool(pattern and pattern.match(before + " x"))


_SIDE = re.compile(r"(\d{1,2}|st|kl)\.?\s*(?:sal\.?\s*)?,?\s*(t|m)\.?([vhf])\.?", re.IGNORECASE)
"""A storey and a side of Danish stairs: `3. tv`, `st. th`, `1. mf` (Danmarks Adresseregister)."""


def _spelled_alone(text: str) -> str:
    side = _SIDE.fullmatch(text)
    if side:
        return f"{side[1]}. {side[2]}{side[3]}".lower()
    return text.upper() if any(c.isdigit() for c in text) else text


_MOO = 3
"""Letters of the word for a group of houses of a Thai village; `M.` and `Mu` are it, too."""
_ORDINAL_END = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|ère|ème|e|:a|[.°:ºª])+$", re.IGNORECASE)


def _spelled(match: re.Match[str], draft: Draft) -> str:
    groups = match.groupdict()
    if groups.get("alone"):
        words = draft.rules.address.unit_words
        return words.get(groups["alone"].casefold()) or _spelled_alone(groups["alone"])
    word = groups["word"] or groups["word2"]
    value = groups["value"] or _ORDINAL_END.sub("", groups["value2"])
    own = draft.rules.address.unit_pattern
    if own and groups["word"] and re.fullmatch(own, value):
        return value
    canonical = spell_unit(word, value, draft.rules)
    if word.isascii() and not canonical.isascii() and draft.rules.languages[:1] == ("th",):
        written = word.rstrip(".").capitalize()
        return f"{'Moo' if len(written) < _MOO else written} {value}"
    return canonical
