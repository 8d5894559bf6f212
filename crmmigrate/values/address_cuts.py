"""Cut what announces itself out of an address: country, box, units, postcode, province."""

import re
from functools import lru_cache

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.address_case import spell_case
from crmmigrate.values.address_draft import Draft, Item
from crmmigrate.values.address_grammar import grammar_of
from crmmigrate.values.countries import country_code
from crmmigrate.values.folding import fold

__all__ = ["cut_boxes", "cut_care", "cut_contacts", "cut_country", "cut_markers"]

_THAI = re.compile(r"[\u0e00-\u0eff]")
_GLUED = re.compile(r"(?<=[\u0e00-\u0eff])\s+(?=[\u0e00-\u0eff])")


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
    "de du la di of din da des the rue via calle strada str.".split()  # noqa: SIM905
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


def cut_contacts(draft: Draft) -> None:
    """Keep a telephone number that its word announces, or an e-mail, out of the address."""
    pattern = _contact(draft.rules)
    for index in reversed(draft.texts()):
        text = draft.items[index].text
        match = pattern.search(text)
        if match:
            draft.cut(index, match.start(), match.end(), "unparsed", match[0].strip())


@lru_cache(maxsize=512)
def _contact(rules: RegionRules) -> re.Pattern[str]:
    labels = {"tel", "tel.", "phone", "telephone", "mobile", *rules.phone.labels}
    words = "|".join(re.escape(w) for w in sorted(labels, key=len, reverse=True) if len(w) > 2)
    number = r"[+(]?\d(?:[\s().\-]?\d){6,14}"
    return re.compile(
        rf"(?<![^\W_])(?:(?:{words})\s*[:.]?\s*{number}(?![^\W_])|[\w.+-]+@[\w-]+\.[\w.-]+)",
        re.IGNORECASE,
    )


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
        if _THAI.search(draft.items[index].text):
            _split_thai(draft, index)
            break
    for index in draft.texts():
        quarter = draft.grammar.quarters.get(fold(draft.items[index].text))
        if quarter and len(draft.items) > 1:
            draft.take(index, "dependent_locality", quarter)
    index = 0
    while index < len(draft.items):
        item = draft.items[index]
        match = _marker_in(item, draft) if item.kind == "text" else None
        if match is None:
            index += 1
            continue
        end = _name_end(item.text, match.end(), draft)
        kind, value = _announced(match, item.text[match.end() : end], draft)
        if kind == "unit":
            draft.units.append(value)
        draft.cut(index, match.start(), end, kind, value)


def _marker_in(item: Item, draft: Draft) -> re.Match[str] | None:
    pattern = draft.grammar.marker
    if pattern is None or not draft.grammar.heads["marker"].may_stand_in(item.text):
        return None
    for match in pattern.finditer(item.text):
        word = match[0].strip().casefold().rstrip(":")
        following = item.text[match.end() : match.end() + 1]
        capital = following.isdigit() or following != following.lower() or not following.isascii()
        if word.endswith(".") or capital or item.text.islower() or item.text.isupper():
            return match
    return None


_DIGITS = re.compile(r"\d+")
_LONG_NUMBER = re.compile(r"\s+\d{3,}")


def _name_end(text: str, start: int, draft: Draft) -> int:
    """Return where the name behind a marker ends: at the next marker, or after a number."""
    digits = _DIGITS.match(text[start:])
    if digits:
        return start + digits.end()
    pattern = draft.grammar.marker
    following = pattern.search(text, start + 1) if pattern else None
    end = following.start() if following else len(text)
    number = _LONG_NUMBER.search(text[start:end])
    return start + number.start() if number else end


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


def _split_thai(draft: Draft, index: int) -> None:
    """Split Thai text at its blanks; a blank before a number joins (`ซอยสุขุมวิท 21`)."""
    del index
    items: list[Item] = []
    street, joined = _thai_streets(draft.rules), _thai_words(draft.rules)
    for whole in draft.items:
        item = Item(whole.kind, _spaced(whole.text), whole.line)
        if item.kind != "text" or not _THAI.search(item.text):
            items.append(item)
            continue
        text = joined.sub(r"\1", item.text) if joined else item.text
        pieces = _GLUED.split(text)
        if street:
            pieces = [p.strip() for piece in pieces for p in street.split(piece) if p.strip()]
        pieces = [p for piece in pieces for p in _parted(piece, draft)]
        items += [Item("text", piece, item.line) for piece in pieces]
    draft.items = items


_RUN_TOGETHER = re.compile(
    r"(?=ถนน|ซอย|แขวง|เขต|ตำบล|อำเภอ|จังหวัด|กรุงเทพ)|(?<=[\u0e00-\u0eff])(?=\d{5}$)"
)


def _spaced(text: str) -> str:
    """Part an address that is written without any blank at the words of its levels."""
    levels = ("แขวง" in text and "เขต" in text) or ("ตำบล" in text and "อำเภอ" in text)
    return text if " " in text or not levels else " ".join(_RUN_TOGETHER.split(text)).strip()


_NUMBERED = re.compile(r"(?P<name>[^\d]+)\s+(?P<n>\d+(?:/\d+)*)")


def _parted(piece: str, draft: Draft) -> list[str]:
    """Part `ใจดี 45`, a name and a house number; behind a type or unit the number belongs to it."""
    match = _NUMBERED.fullmatch(piece)
    grammar = draft.grammar
    named = (
        grammar.street_before,
        grammar.marker,
        grammar.unit,
        grammar.po_box,
        grammar.number_words,
    )
    if match is None or any(p and (found := p.search(piece)) and found[0] for p in named):
        return [piece]
    return [match["name"], match["n"]]


@lru_cache(maxsize=64)
def _thai_streets(rules: RegionRules) -> re.Pattern[str] | None:
    types = [
        word
        for word in rules.address.street_types
        if (len(word) > 2 or word.endswith(".")) and not word.isascii()
    ]
    if not types:
        return None
    return re.compile(rf"(?<=[\d\s])(?=(?:{'|'.join(map(re.escape, types))}))")


@lru_cache(maxsize=64)
def _thai_words(rules: RegionRules) -> re.Pattern[str] | None:
    """Match a word such as `แขวง` that is parted from its name by a blank."""
    native = [word for word in grammar_of(rules).kinds if not word.isascii()]
    if not native:
        return None
    words = "|".join(map(re.escape, sorted(native, key=len, reverse=True)))
    return re.compile(rf"(?<![^\s])({words})\s+(?=[\u0e00-\u0eff])")
