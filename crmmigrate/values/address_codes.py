"""Cut the postcode and the province out of an address."""

import re

from crmmigrate.values.address_draft import Draft
from crmmigrate.values.address_glued import part_glued
from crmmigrate.values.address_streets import cut_number
from crmmigrate.values.address_towns import is_surely_typed, is_typed, split_town
from crmmigrate.values.folding import fold
from crmmigrate.values.postcodes import find_postcodes, label_start, read_postcode

__all__ = ["cut_postcode", "cut_province", "take_level"]


_NUMBERED = re.compile(r"(?i)(?:\bn[ro°º]\.?|#|\bkm\.?|\bbox|\bno\.?)\s*$")
_BRACKET = re.compile(r"[(\[]\s*([^)\]]{2,30})\s*[)\]]\s*$")
_DIGIT = re.compile(r"\d")


def cut_postcode(draft: Draft) -> None:
    """Take the postcode: the most likely of what has its shape."""
    part_glued(draft)
    best: tuple[float, int, re.Match[str]] | None = None
    texts = draft.texts()
    for index in texts:
        text = draft.items[index].text
        for match in find_postcodes(text, draft.rules.address, draft.rules.code):
            score = _postcode_score(draft, index, match, index == texts[-1])
            if score > 0 and (best is None or score >= best[0]):
                best = (score, index, match)
    if best is None:
        _odd_postcode(draft)
        return
    _, index, match = best
    postcode = read_postcode(match["code"], draft.rules.address, draft.rules.code)
    if postcode:
        if postcode.code:
            draft.codes.append(postcode.code)
        start = label_start(draft.items[index].text[: match.start()])
        draft.cut(index, start, match.end(), "postal_code", postcode.value)


_ODD = re.compile(r"(?<![\w/-])\d{4,8}(?![\w/-])")


def _odd_postcode(draft: Draft) -> None:
    """Take a number of four to eight digits at the end, though it has not the region's shape."""
    texts = draft.texts()
    if not draft.rules.address.postcode_pattern or not texts:
        return
    text = draft.items[texts[-1]].text
    if _short_postcode(draft, texts[-1]) or _short_code(draft, texts):
        return
    least = max(draft.rules.address.postcode_width, 4)
    for match in _ODD.finditer(text):
        coded = text[: match.start()].split()[-1:]
        short = len(match[0]) == draft.rules.address.postcode_width - 1 > 3 and coded
        after_code = short and coded[0].isupper() and fold(coded[0]) in draft.grammar.provinces
        if after_code and match.end() == len(text):
            draft.codes.append("STD324")
            draft.cut(texts[-1], match.start(), match.end(), "postal_code", match[0])
            return
        if len(match[0]) < least or (draft.grammar.unit and draft.grammar.unit.search(text)):
            continue
        before, after = text[: match.start()].strip(), text[match.end() :].strip()
        beside = bool(before) != bool(after) and not any(c.isdigit() for c in before + after)
        between = (
            before and after and any(c.isdigit() for c in before) and not re.search(r"\d", after)
        )
        if (beside and len(texts) > 1) or between or not (before or after):
            draft.codes.append("STD324")
            draft.cut(texts[-1], match.start(), match.end(), "postal_code", match[0])
            return


_SHORT = re.compile(r"(?P<a>\d{1,3})\s+[^\W\d_].*|[^\W\d_][^\d]*\s(?P<b>\d{3})")


def _short_code(draft: Draft, texts: list[int]) -> bool:
    """Take `504 Tegucigalpa` and `Thimphu 810`: a delivery district before or behind the town."""
    if len(texts) < 3:
        return False
    text = draft.items[texts[-1]].text
    match = _SHORT.fullmatch(text)
    if match is None or is_typed(text, draft.rules):
        return False
    group = "a" if match["a"] else "b"
    if group == "a" and draft.rules.address.number_first and not draft.rules.address.postcode_first:
        return False
    draft.codes.append("STD324")
    draft.cut(texts[-1], match.start(group), match.end(group), "postal_code", match[group])
    return True


def _short_postcode(draft: Draft, index: int) -> bool:
    """Take a postcode before the town that has lost its leading zero: `562 OSLO`."""
    address = draft.rules.address
    text = draft.items[index].text
    match = re.match(r"(\d{3,})\s+(?=[^\W\d_]{2,})", text)
    if match is None and address.postcode_first and not address.number_first:
        return _short_between(draft, index)
    if (
        match is None
        or not address.postcode_first
        or len(match[1]) != address.postcode_width - 1
        or index == 0
    ):
        return False
    postcode = read_postcode(match[1], address, draft.rules.code)
    if postcode is None:
        return False
    draft.codes.append("STD323")
    draft.cut(index, 0, match.end(1), "postal_code", postcode.value)
    return True


_BETWEEN = re.compile(r"[^\W\d_]{3,}[\s.]*\d+[A-Za-z]?[\s]+(\d{3,})\s+(?=[^\d]{2,}$)")


def _short_between(draft: Draft, index: int) -> bool:
    """Take `1067` of `Hauptstr. 5 1067 Dresden`, between the house number and the town."""
    match = _BETWEEN.search(draft.items[index].text)
    if match is None or len(match[1]) != draft.rules.address.postcode_width - 1:
        return False
    postcode = read_postcode(match[1], draft.rules.address, draft.rules.code)
    if postcode is None:
        return False
    draft.codes.append("STD323")
    draft.cut(index, match.start(1), match.end(1), "postal_code", postcode.value)
    return True


def _postcode_score(draft: Draft, index: int, match: re.Match[str], final: bool) -> float:
    text = draft.items[index].text
    before, after = text[: match.start()].strip(), text[match.end() :].strip()
    lettered = any(c.isalpha() for c in match["code"])
    if lettered and not _DIGIT.search(match["code"]):
        return 0.0
    score = 2.0 + 2.0 * final + 3.0 * lettered + index / 100
    if not before and not after:
        score += 2
    if before and not after:
        score += 1
    address = draft.rules.address
    begins = index == 0 and not address.number_first and not is_typed(after, draft.rules)
    if after and not before and not address.postcode_first and not lettered and not begins:
        score -= 4
    if before and _NUMBERED.search(before):
        score -= 6
    first = not any(draft.items[i].kind == "text" for i in range(index))
    if not before and _leads_place(draft, index, match["code"], after, first=first):
        score += 6
    if first and not before and after and draft.rules.address.number_first and not lettered:
        score -= 3
    street = draft.grammar.street_before
    if first and not before and after and street and street.match(after):
        score -= 5
    only = len(draft.texts()) == 1 and before and not after
    number_last = not draft.rules.address.number_first and not _DIGIT.search(before)
    if only and number_last and len(match["code"]) <= 4:
        score -= 4
    return score


_LONG_CODE = 5


def _leads_place(draft: Draft, index: int, code: str, after: str, *, first: bool) -> bool:
    """Tell whether a province stands behind a postcode, or the town of the address."""
    if fold(after) in draft.grammar.provinces:
        return True
    return first and bool(after) and _leads_town(draft, index, code, after)


def _leads_town(draft: Draft, index: int, code: str, town: str) -> bool:
    """Tell `69001 Lyon, 8 place Bellecour`: the number and the street stand behind the town."""
    address = draft.rules.address
    if not (address.number_first and address.postcode_first and len(code) >= _LONG_CODE):
        return False
    behind = [draft.items[i].text for i in draft.texts() if i > index]
    cuts = [cut_number(text, draft.rules) for text in behind]
    numbered = any(number and is_typed(street, draft.rules) for street, number, _ in cuts)
    return numbered and not is_typed(town, draft.rules) and not any(c.isdigit() for c in town)


def cut_province(draft: Draft) -> None:
    """Take a province: a whole segment, or the words beside the postcode."""
    provinces = draft.grammar.provinces
    if not provinces or draft.find("region") is not None:
        return
    texts = draft.texts()
    postcode = draft.find("postal_code")
    for index in reversed(texts):
        named = draft.find("locality") is not None
        if len(texts) < 2 and not named:
            break
        key = fold(draft.items[index].text).removesuffix(" province")
        leads = draft.grammar.glued and postcode == index + 1
        placed = index > texts[0] or named or leads
        if key in provinces and placed and _enough(draft, index, texts):
            draft.take(index, "region", provinces[key])
            _take_twin(draft, index, texts)
            return
    for index in reversed(texts):
        near = (
            postcode is None
            or draft.items[index].line == draft.items[postcode].line
            or index == texts[-1]
        )
        if near and not _is_known(draft.items[index].text, draft) and _tail(draft, index, postcode):
            return


def _take_twin(draft: Draft, index: int, texts: list[int]) -> None:
    """Take the name before the code, `Roswell, Georgia, GA`, where a town is named as well."""
    before = [i for i in texts if i < index]
    town = len(before) > 2 and not _DIGIT.search(draft.items[before[-2]].text)
    numbered = any(_DIGIT.search(draft.items[i].text) for i in before[:-2])
    named = len(draft.items[before[-1]].text) > 3 if before else False
    twin = before[-1] if town and numbered and named else None
    name = draft.grammar.provinces.get(fold(draft.items[twin].text)) if twin is not None else None
    if twin is not None and name == draft.items[index].text:
        draft.take(twin, "region", name)


def _points(draft: Draft, index: int) -> bool:
    """Tell the direction `303 Peachtree St, NE` from Nebraska."""
    text, before = draft.items[index].text, draft.items[index - 1].text if index else ""
    known = text.casefold() in draft.rules.address.directions
    if not known or draft.find("postal_code") is not None:
        return False
    return any(c.isdigit() for c in before) and is_surely_typed(before, draft.rules)


def _follows(draft: Draft, index: int, texts: list[int]) -> bool:
    """Tell the town that stands last and right behind its postcode."""
    postcode = draft.find("postal_code")
    if postcode != index - 1 or not draft.rules.address.postcode_first:
        return False
    return draft.items[postcode].line == draft.items[index].line and not any(
        i > index for i in texts
    )


def _enough(draft: Draft, index: int, texts: list[int]) -> bool:
    """Leave a name that is town and province at once to the town if no other is written."""
    text = draft.items[index].text
    if _points(draft, index) or (len(text) > 3 and _follows(draft, index, texts)):
        return False
    if len(text) <= 3 and (text.isupper() or draft.rules.address.province_style == "code"):
        return True
    before = [i for i in texts if i < index]
    named = draft.find("locality") is not None or any(i > index for i in texts)
    if named or any(_is_known(draft.items[i].text, draft) for i in before):
        return True
    lines = draft.rules.address.format.split("%n")
    if any("%S" in line and "%Z" in line and "%C" not in line for line in lines):
        return True
    before = [i for i in before if any(c.isalpha() for c in draft.items[i].text)]
    if not before:
        return False
    previous = draft.items[before[-1]].text
    anchored = split_town(previous, draft.rules, anchored=True)
    after = draft.rules.address.street_position == "after"
    typed = is_surely_typed if after else is_typed
    street = any(c.isdigit() for c in previous) or typed(previous, draft.rules)
    return not street or bool(all(anchored))


def _behind_slash(draft: Draft, index: int) -> bool:
    """Take the province of `Rio de Janeiro/RJ` and `Kadıköy/İstanbul`."""
    text, provinces = draft.items[index].text, draft.grammar.provinces
    sign = "/" if "/" in text or draft.rules.address.province_style != "code" else "-"
    town, _, behind = text.rpartition(sign)
    if sign == "-" and not (len(behind.strip()) == 2 and behind.isupper()):
        return False
    if len(town.strip()) < 3 or fold(behind) not in provinces or town.rstrip()[-1:].isdigit():
        return False
    draft.cut(index, len(town), len(text), "region", provinces[fold(behind)])
    return True


def _tail(draft: Draft, index: int, postcode: int | None) -> bool:
    """Take the province at the end of a segment: `Springfield IL`, `Sant'Ambrogio (PA)`."""
    text = draft.items[index].text
    provinces = draft.grammar.provinces
    if _behind_slash(draft, index):
        return True
    bracket = _BRACKET.search(text) if text[-1:] in ")]" else None
    if bracket and fold(bracket[1]) in provinces:
        draft.cut(index, bracket.start(), len(text), "region", provinces[fold(bracket[1])])
        return True
    words = text.split()
    for size in range(min(4, len(words) - 1), 0, -1):
        tail = " ".join(words[-size:])
        key = fold(tail)
        if key not in provinces:
            continue
        code = size == 1 and len(key) <= 3
        styled = (
            draft.rules.address.province_style == "code" or "region" in draft.rules.address.required
        )
        small = text.islower() and index == draft.texts()[-1]
        if code and small and draft.rules.address.province_style == "code":
            start = text.rfind(tail)
            draft.cut(index, start, len(text), "region", provinces[key])
            return True
        if code and not (
            tail.isupper() or (styled and postcode is not None and index == postcode - 1)
        ):
            continue
        known = any(
            _is_known(" ".join(words[at:-size]), draft) for at in {0, *_last(len(words) - size)}
        )
        if not code and not styled and not known:
            continue
        if not code and (_is_street(words, size, draft) or _is_town(words, size, draft)):
            continue
        start = text.rfind(tail)
        draft.cut(index, start, len(text), "region", provinces[key])
        return True
    return False


def _is_known(text: str, draft: Draft) -> bool:
    return fold(text) in draft.grammar.towns


def _last(count: int) -> range:
    """Return where the last three of some words begin, and the last two, and the last."""
    return range(max(count - 3, 0), count)


def _is_town(words: list[str], size: int, draft: Draft) -> bool:
    """Tell `260 5th Ave New York`, where the name of a province is the town."""
    town = fold(" ".join(words[-size:])) in draft.grammar.towns
    if not town or draft.find("postal_code") is not None or not words[0][:1].isdigit():
        return False
    rest = " ".join(words[:-size])
    return is_typed(rest, draft.rules) and not split_town(rest, draft.rules, anchored=True)[1]


def _is_street(words: list[str], size: int, draft: Draft) -> bool:
    return len(words) - size == 1 and words[0].casefold() in draft.rules.address.street_types


_LEVEL = re.compile(
    r".+ (?:Province|County|Governorate|Region|Canton|Oblast|Prefecture)", re.IGNORECASE
)


def take_level(draft: Draft) -> None:
    """Take `Costilla County` behind the town, which English announces by its last word."""
    texts = draft.texts()
    if len(texts) < 2 or not _LEVEL.fullmatch(draft.items[texts[-1]].text):
        return
    before = draft.items[texts[-2]].text
    street = any(c.isdigit() for c in before) or is_typed(before, draft.rules)
    if street and len(texts) < 3:
        return
    known = draft.find("region") is not None
    draft.take(texts[-1], "dependent_locality" if known else "region")
