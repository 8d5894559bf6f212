"""Cut what announces itself out of an address: country, box, units, postcode, province."""

import re
from functools import lru_cache

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.address_case import spell_case
from crmmigrate.values.address_draft import Draft, Item
from crmmigrate.values.address_grammar import grammar_of
from crmmigrate.values.address_thai import THAI, split_thai
from crmmigrate.values.countries import country_code
from crmmigrate.values.folding import fold
from crmmigrate.values.postcodes import find_postcodes

__all__ = ["cut_boxes", "cut_care", "cut_country", "cut_markers"]


def cut_country(draft: Draft) -> None:
    """Take a country at the end or at the beginning."""
    if not draft.items:
        return
    last, first = len(draft.items) - 1, 0
    while last > 1 and draft.items[last].kind == "postal_code":
        last -= 1
    for index in dict.fromkeys((last, first)):
        text = draft.items[index].text
        code = _country(text, draft) or (index == last and _coded(text, draft)) or None
        if code and (index == last or len(draft.items) > 1) and not _town_so(draft, index, code):
            draft.take(index, "country", code)
            _take_territory(draft, index - 1, code)
            return
    words = draft.items[last].text.split()
    for size in (4, 3, 2, 1):
        if len(words) > size:
            tail = " ".join(words[-size:])
            code = _country(tail, draft)
            coded = len(words) - size == 1 or draft.rules.address.postcode_first
            sure = draft.rules.code in {code, "ZZ"} or (
                words[-size - 1][-1:].isdigit() and not coded
            )
            if (
                code
                and sure
                and (len(tail) > 3 or tail.isupper())
                and not _named_so(words[:-size], tail, draft)
            ):
                start = draft.items[last].text.rfind(tail)
                draft.cut(last, start, start + len(tail), "country", code)
                return


_SOVEREIGNS = frozenset({"AU", "CN", "DK", "FR", "GB", "NL", "NO", "NZ", "US"})
"""States with territories that have a code of their own in ISO 3166."""


def _coded(text: str, draft: Draft) -> str | None:
    """Return the ISO code that stands last and alone, as our own lines write countries."""
    if len(text) != 2 or not text.isupper() or draft.grammar.provinces.get(text.casefold()):
        return None
    if text.casefold() in draft.rules.address.directions:
        return None
    if len(draft.items) < 3 and not _ASCII_DIGIT.search(draft.items[0].text):
        return None
    return country_code(text, draft.rules.languages)


def _take_territory(draft: Draft, index: int, sovereign: str) -> None:
    """Take `Falkland Islands` before `United Kingdom`: the record's own region, but no state."""
    if index < 1 or draft.items[index].kind != "text":
        return
    code = _country(draft.items[index].text, draft)
    if code and code != sovereign and sovereign in _SOVEREIGNS:
        draft.take(index, "region")


def _town_so(draft: Draft, index: int, code: str) -> bool:
    """Tell the town behind its postcode from a country: `729 68 Libáň`, in Czech no Lebanon."""
    if not index or draft.rules.code in {code, "ZZ"}:
        return False
    before, item = draft.items[index - 1], draft.items[index]
    return before.kind == "postal_code" and before.line == item.line


def _named_so(before: list[str], tail: str, draft: Draft) -> bool:
    """Tell `Rue de France` and `Calle Mexico 5` from a country at the end."""
    if (
        len(before) == 1
        and draft.rules.code != "ZZ"
        and not any(c.isdigit() for c in before[0])
        and len(draft.items) == 1
    ):
        return True
    return fold(before[-1]) in _LEADING_TO_A_NAME or tail.islower()


_LEADING_TO_A_NAME = frozenset(
    "de du la di of van von do din da des the rue via calle strada str.".split()  # noqa: SIM905
)


def _country(text: str, draft: Draft) -> str | None:
    """Return the country a text names, unless the text rather is a province of the region."""
    if len(text) < 2 or _ASCII_DIGIT.search(text):
        return None
    return _country_of(text, draft.rules)


_ASCII_DIGIT = re.compile("[0-9]")


@lru_cache(maxsize=16384)
def _country_of(text: str, rules: RegionRules) -> str | None:
    if any(c.isdigit() for c in text) or text.casefold() in rules.address.directions:
        return None
    if fold(text) in grammar_of(rules).provinces and fold(text) != "usa":
        return None
    if len(text) == 3 and not text.isupper():
        return None
    if len(text) == 2 and not (text.isupper() and rules.code in {text, "ZZ"}):
        return (text == "UK" and "GB") or None
    return country_code(text, rules.languages)


def cut_care(draft: Draft) -> None:
    """Take segments that begin with c/o and its sisters."""
    pattern = draft.grammar.care_of
    if pattern is None:
        return
    for index in draft.texts():
        item = draft.items[index]
        match = pattern.match(item.text)
        if match is None:
            continue
        address = _BEHIND_NAME.search(match["rest"]) if draft.rules.address.number_first else None
        end = match.start("rest") + address.start() if address else len(item.text)
        name = spell_case(item.text[match.start("rest") : end].strip())
        draft.cut(index, 0, end, "care_of", name)


_BEHIND_NAME = re.compile(r"(?<=[^\W\d_])\s+\d+(?:-\d+)?\s+\S+\s+\S+")
"""An address glued behind the name of somebody in care."""


def cut_boxes(draft: Draft) -> None:
    """Take post office boxes."""
    _cut_routes(draft)
    pattern = draft.grammar.po_box
    if pattern is None:
        return
    _take_bare_boxes(draft)
    index = len(draft.items) - 1
    while index >= 0:
        item = draft.items[index]
        match = pattern.search(item.text) if item.kind == "text" else None
        if match is None:
            index -= 1
            continue
        words = draft.rules.address.po_box_words
        word = " ".join(match["word"].casefold().split())
        if len(word) < _BARE_BOX and _is_postcode(match["value"], draft):
            index -= 1
            continue
        canonical = words.get(word) or words.get(word.rstrip(".")) or match["word"]
        value = f"{canonical} {match['value'].upper()}"
        before = len(draft.items)
        draft.cut(index, match.start(), match.end(), "po_box", value)
        index += len(draft.items) - before


_BARE_BOX = 5
"""Letters that the word of a box without a number must have: `cp` and `pb` may be anything."""


def _take_bare_boxes(draft: Draft) -> None:
    """Take `Postfach`, a box that has no number of its own: the postcode is its number."""
    words = draft.rules.address.po_box_words
    for index in draft.texts():
        word = " ".join(draft.items[index].text.casefold().split())
        if len(word) >= _BARE_BOX and word in words and len(draft.items) > 1:
            draft.take(index, "po_box", words[word])


def _is_postcode(value: str, draft: Draft) -> bool:
    """Tell `CP 075100`, where the letters of the box announce a postcode, if no other is written."""
    address = draft.rules.address
    if len(value) != address.postcode_width or len(value) < _LONG_POSTCODE:
        return False
    texts = (draft.items[index].text for index in draft.texts())
    return sum(len(find_postcodes(text, address, draft.rules.code)) for text in texts) == 1


_LONG_POSTCODE = 5
"""Digits of numbers that boxes hardly ever have."""
_SEPARATE = re.compile(r"[\s,.#]+")


def _cut_routes(draft: Draft) -> None:
    """Take boxes on a route and of the military: `rr # 1 box 242` → `RR 1 Box 242`."""
    pattern = draft.grammar.box
    if pattern is None:
        return
    for index in draft.texts():
        item = draft.items[index]
        match = pattern.search(item.text)
        if match is None and index + 1 < len(draft.items):
            match = _over_comma(draft, index, pattern)
        if match:
            words = [w for w in _SEPARATE.split(match[0]) if w]
            said = " ".join("Box" if w.casefold() == "box" else w.upper() for w in words)
            draft.cut(index, match.start(), match.end(), "po_box", said.replace("R R ", "RR "))
            return


def _over_comma(draft: Draft, index: int, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """Find `PSC 2415, Box 9206`, which a comma has parted, and join its items."""
    item, following = draft.items[index : index + 2]
    joined = f"{item.text}, {following.text}"
    match = pattern.search(joined) if following.kind == "text" else None
    if match and match.end() > len(item.text) + 2:
        draft.items[index : index + 2] = [Item("text", joined, item.line)]
        return match
    return None


def cut_markers(draft: Draft) -> None:
    """Take towns, parts of towns and provinces that are announced by a word."""
    if draft.grammar.marker is None:
        return
    for index in draft.texts():
        if THAI.search(draft.items[index].text):
            split_thai(draft)
            break
    for index in draft.texts():
        quarter = draft.grammar.quarters.get(fold(draft.items[index].text))
        if quarter and len(draft.items) > 1:
            draft.take(index, "dependent_locality", quarter)
        elif draft.grammar.quarters:
            _cut_quarter(draft, index)
    index = 0
    while index < len(draft.items):
        item = draft.items[index]
        match = _marker_in(item, draft) if item.kind == "text" else None
        if match is None:
            index += 1
            continue
        end = _province_end(item.text, match, draft) or _name_end(item.text, match.end(), draft)
        kind, value = _announced(match, item.text[match.end() : end], draft)
        if kind == "unit":
            draft.units.append(value)
        draft.cut(index, match.start(), end, kind, value)


_QUARTERED = re.compile(r"(?P<a>[^\W\d_]+)\.?[\s,(-]*(?P<b>[^\W_]+)\)?$")


def _cut_quarter(draft: Draft, index: int) -> None:
    """Cut the quarter beside its town: `Bucuresti S3`, `s2 buc`."""
    match = _QUARTERED.search(draft.items[index].text)
    turned = re.search(r"(?P<b>[^\W_]+)[\s,-]+(?P<a>[^\W\d_]+)\.?$", draft.items[index].text)
    for found in (match, turned):
        quarter = draft.grammar.quarters.get(fold(found["b"])) if found else None
        if found and quarter and fold(found["a"]) in draft.grammar.towns:
            draft.cut(index, found.start("b"), found.end("b"), "dependent_locality", quarter)
            return


def _marker_in(item: Item, draft: Draft) -> re.Match[str] | None:
    pattern = draft.grammar.marker
    if pattern is None or not draft.grammar.heads["marker"].may_stand_in(item.text):
        return None
    for match in pattern.finditer(item.text):
        word = match[0].strip().casefold().rstrip(":")
        following = item.text[match.end() : match.end() + 1]
        if following.isdigit() and draft.grammar.kinds.get(word.rstrip("."), ("",))[0] == "region":
            continue
        capital = following.isdigit() or following != following.lower() or not following.isascii()
        if word.endswith(".") or capital or item.text.islower() or item.text.isupper():
            return match
    return None


_DIGITS = re.compile(r"\d+")
_LONG_NUMBER = re.compile(r"\s+\d{3,}")
_NATIVE_END = re.compile(r"(?<=[\u0e00-\u0eff])\s+(?:\d{3,}|\d+(?:/\d|\s|$)|[A-Za-z])")
"""What ends a Thai name: a long number, one of a house, or Latin letters."""


def _province_end(text: str, match: re.Match[str], draft: Draft) -> int:
    """Return where a known province ends behind its word, whatever follows; 0 for none."""
    word = match[0].strip().casefold().rstrip(":")
    kinds = draft.grammar.kinds
    kind, _ = kinds.get(word) or kinds.get(word.rstrip(".")) or ("", "")
    if kind != "region":
        return 0
    words = list(_NAME_WORD.finditer(text, match.end()))[:3]
    for last in reversed(words):
        if fold(text[match.end() : last.end()]) in draft.grammar.provinces:
            return last.end()
    return 0


_NAME_WORD = re.compile(r"[^\W\d_]+")


def _name_end(text: str, start: int, draft: Draft) -> int:
    """Return where the name behind a marker ends: at the next marker, or after a number."""
    digits = _DIGITS.match(text[start:])
    if digits:
        return start + digits.end()
    pattern = draft.grammar.marker
    following = pattern.search(text, start + 1) if pattern else None
    end = following.start() if following else len(text)
    worded = draft.grammar.announced
    announced = worded.search(text, start + 1, end) if worded else None
    end = announced.start() if announced and text[announced.start() - 1] == " " else end
    native = not text[start : start + 1].isascii()
    number = (_NATIVE_END if native else _LONG_NUMBER).search(text[start:end])
    end = start + number.start() if number else end
    return end if native else start + _without_province(text[start:end], draft)


_LINKING = frozenset({"de", "din", "la", "lui", "pe", "mueang", "muang"})
"""Words before the last word of a town's name, `Curtea de Arges`, `Mueang Phuket`."""


def _without_province(name: str, draft: Draft) -> int:
    """Return where a name ends before the province behind it: `Pak Kret Nonthaburi`."""
    words = name.split()
    if fold(name) in draft.grammar.towns:
        return len(name)
    for size in range(min(3, len(words) - 1), 0, -1):
        tail = " ".join(words[-size:])
        told = len(tail) > _CODE or (tail.isupper() and not name.isupper())
        if (
            told
            and fold(tail) in draft.grammar.provinces
            and fold(words[-size - 1]) not in _LINKING
        ):
            return name.rfind(tail)
    return len(name)


_CODE = 3
"""Letters of the codes of provinces."""


def _announced(match: re.Match[str], name: str, draft: Draft) -> tuple[str, str]:
    word = match[0].strip().casefold().rstrip(":")
    kinds = draft.grammar.kinds
    kind, canonical = (
        kinds.get(word) or kinds.get(word.rstrip(".")) or kinds.get(f"{word}.") or ("text", "")
    )
    plain = spell_case(name.strip(" ,.;"))
    if kind == "region":
        return kind, draft.grammar.provinces.get(fold(plain), plain)
    if not canonical:
        return kind, plain
    if not canonical[0].isascii() and not plain[:1].isascii():
        return kind, f"{canonical}{plain}"
    if not canonical[0].isascii():
        return kind, f"{match[0].strip().rstrip('.').capitalize()} {plain}"
    if draft.rules.languages[:1] == ("tr",):
        return kind, f"{plain} {canonical}"
    return kind, f"{canonical} {plain}"
