"""Plain addresses: what one pattern of the region says from end to end.

Most addresses are written as their country's post wants them. For them a region's rules give a few
patterns, made from its order of parts, its postcode, and its words. A text that one of them covers
is read by it, here and in the vectorised lane, and everything else by the parser. The patterns use
only what Python's and Rust's engines understand alike: letters are given as ranges.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from crmmigrate.model.regions import AddressRules, RegionRules
from crmmigrate.values.address_case import spell_case
from crmmigrate.values.address_grammar import grammar_of
from crmmigrate.values.address_outcome import AddressReading
from crmmigrate.values.address_places import spell_locality
from crmmigrate.values.address_streets import order_units, spell_number, spell_street, spell_unit
from crmmigrate.values.address_towns import SURE_TYPES
from crmmigrate.values.countries import country_code
from crmmigrate.values.folding import fold
from crmmigrate.values.postcodes import SIGNS

__all__ = [
    "GROUPS",
    "JOINED",
    "LETTERS",
    "SEPARATORS",
    "UNIT_GROUPS",
    "Plain",
    "group_postcode",
    "plain_of",
    "read_plain",
]

LETTERS = "A-Za-zÀ-ÖØ-öø-ɏḀ-ỿͰ-ϿЀ-ӿ"
SEPARATORS, JOINED = r" *[,\n][ ,\n]*", ", "
"""Line breaks and commas part an address alike."""


_NAME = rf"[{LETTERS}](?:[{LETTERS}'’.\- ]*?[{LETTERS}.])?"
_NUMBER = r"[0-9]{1,6}[A-Za-z]?(?:[-/][0-9]{1,5}[A-Za-z]?)?"
_VALUE = r"[0-9]{1,4}[A-Za-z]?|[A-Z]"
_UNITS = 4
UNIT_GROUPS = tuple((f"u{i}", f"v{i}") for i in range(1, _UNITS + 1))
GROUPS = (
    "house_number",
    "street",
    "dependent_locality",
    "locality",
    "region",
    "postal_code",
    "sign",
    "country",
    *(name for pair in UNIT_GROUPS for name in pair),
)
_FORBIDDEN = re.compile(r"\(\?[=!<]|\\[bBk1-9pPwWsS]")
_SIMPLE_CODE = re.compile(r"[A-Z]{2,3}")


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """The patterns of one region.

    Attributes:
        patterns: Regular expressions with named groups: parts, and u1 to u4, v1 to v4 for the
            words and values of units.
        guard: Words that make a street or town more than a name.
        postcode: What a postcode must match as a whole.
    """

    patterns: tuple[str, ...]
    guard: str
    postcode: str


@lru_cache(maxsize=1024)
def plain_of(rules: RegionRules) -> Plain | None:
    """Return the plain patterns of a region; None where its rules do not give any."""
    address = rules.address
    code = _code_pattern(address)
    if (
        code is None
        or "%C" not in address.format
        or address.large_to_small
        or rules.code in _whole(address.postcode_pattern)
    ):
        return None
    return Plain(tuple(_patterns(rules, code)), _guard(address), _whole(address.postcode_pattern))


def _whole(pattern: str) -> str:
    sets = re.sub(r"\[[^\]]*\]", lambda m: m[0].replace(r"\d", "0-9"), pattern)
    return re.sub(r"\((?!\?)", "(?:", sets.replace(r"\d", "[0-9]"))


def _code_pattern(address: AddressRules) -> str | None:
    """Return the pattern of a postcode in its canonical grouping or in none."""
    pattern = _whole(address.postcode_pattern).replace(" ?", "")
    if not pattern or _FORBIDDEN.search(pattern):
        return None
    shape = re.fullmatch(r"(\d+)([ -])(\d+)", address.postcode_format)
    if shape and int(shape[1]) == address.postcode_width:
        return f"[0-9]{{{shape[1]}}}(?:-[0-9]{{{shape[3]}}})?"
    if shape:
        return f"[0-9A-Z]{{{shape[1]}}}{shape[2]}?[0-9A-Z]{{{shape[3]}}}"
    if address.postcode_format.startswith("-"):
        return f"[A-Z][0-9A-Z]{{1,3}} ?[0-9A-Z]{{{address.postcode_format[1:]}}}"
    return None if " " in pattern or address.postcode_format else pattern


def group_postcode(text: str, address: AddressRules) -> str:
    """Write a postcode that the pattern has matched in its canonical grouping."""
    if address.postcode_format.startswith("-"):
        behind = int(address.postcode_format[1:])
        compact = text.replace(" ", "")
        return f"{compact[:-behind]} {compact[-behind:]}"
    shape = re.fullmatch(r"(\d+)([ -])(\d+)", address.postcode_format)
    if shape is None or int(shape[1]) == address.postcode_width:
        return text
    return f"{text[: int(shape[1])]}{shape[2]}{text[-int(shape[3]) :]}"


def _either(words: Iterable[str]) -> str:
    found = sorted({w.strip() for w in words if w.strip()}, key=lambda w: (-len(w), w))
    return "|".join(re.escape(w).replace(r"\ ", " ") for w in found)


def _units(address: AddressRules, *, first: bool = False) -> str:
    """Return up to four units, each with its word, behind the number or at the beginning."""
    words = _either(w for w in address.unit_words if w[0].isalpha() and len(w) > 1)
    if not words:
        return ""
    if first:
        return rf"(?P<u1>(?i:{words}))[. ] ?(?P<v1>{_VALUE}),? "
    pattern = ""
    for word, value in reversed(UNIT_GROUPS):
        pattern = rf"(?:,? (?P<{word}>(?i:{words}))[. ] ?(?P<{value}>{_VALUE}){pattern})?"
    return pattern


_TAIL = rf"(?:, (?P<country>[{LETTERS}.]{{2,}}(?: [{LETTERS}.]+)*))?$"
_STREET, _TOWN = f"(?P<street>{_NAME})", f"(?P<locality>{_NAME})"
_QUARTER = f"(?P<dependent_locality>{_NAME})"
_STATE = "(?P<region>[A-Za-z]{2,3})"


def _patterns(rules: RegionRules, code: str) -> Iterable[str]:
    address = rules.address
    words = _either(address.number_words)
    number = (rf"(?:(?i:{words})\.? ?)?" if words else "") + f"(?P<house_number>{_NUMBER})"
    sign = SIGNS.get(rules.code, rules.code)
    post, units = f"(?P<sign>(?:{sign}|{rules.code})-)?(?P<postal_code>{code})", _units(address)
    if not address.number_first:
        yield from _numbers_behind(address, number, units, post)
    elif address.postcode_first:
        yield f"^{number},? {_STREET}{units},? {post},? {_TOWN}{_TAIL}"
        yield f"^{_typed(address)}{units}, {post},? {_TOWN}{_TAIL}"
    elif address.province_style == "code":
        yield f"^{number},? {_STREET}{units}, {_TOWN},? {_STATE},? {post}{_TAIL}"
        yield f"^{number} {_ended(address)}{units},? {_TOWN},? {_STATE},? {post}{_TAIL}"
        before = _units(address, first=True)
        yield f"^{before}{number} {_STREET}, {_TOWN},? {_STATE},? {post}{_TAIL}"
    else:
        before = _units(address, first=True)
        yield f"^{number},? {_STREET}, {_TOWN}(?:, | - |-| ){post}{_TAIL}"
        yield f"^{number} {_ended(address)},? {_TOWN}(?:, | - |-| ){post}{_TAIL}"
        if before:
            yield f"^{before}{number},? {_STREET}, {_TOWN}, {post}{_TAIL}"
            yield f"^{before}{_STREET}, {_TOWN}, {post}{_TAIL}"


def _numbers_behind(address: AddressRules, number: str, units: str, post: str) -> Iterable[str]:
    """Return patterns of regions that write the number behind the street."""
    street = f"{_STREET},? {number}{units}"
    if address.province_style == "code" and address.street_position == "before":
        yield f"^{street}(?:, | - ){_QUARTER}, {_TOWN}(?: - | / |/){_STATE}, {post}{_TAIL}"
        yield f"^{street}, (?:{_QUARTER}, )?{post} {_TOWN}(?: - | / |/){_STATE}{_TAIL}"
    bracket = r"(?: \((?P<region>[A-Z]{2})\))?" if address.province_list else ""
    yield f"^{street},? {post},? {_TOWN}{bracket}{_TAIL}"
    yield f"^{street},? {_TOWN},? {post}{_TAIL}"
    if address.street_position == "before":
        yield f"^{_typed(address)}{units}, {_TOWN}, {post}{_TAIL}"


def _typed(address: AddressRules) -> str:
    """Match a street without a number, which must begin with its type."""
    types = _either(w for w in address.street_types if len(w) > 1)
    return f"(?P<street>(?i:{types})[. ] ?{_NAME})"


def _ended(address: AddressRules) -> str:
    """Match a street that its type and a direction end, so that no comma need follow."""
    types = _either(w for w in address.street_types if w in SURE_TYPES and w != "st")
    way = _either(w for w in address.directions if len(w) < 3 and w.isalpha())
    behind = f"(?: (?i:{way}))?" if way else ""
    kind = f"(?i:{types or '!'})\\.?"
    return f"(?P<street>{_NAME} {kind}(?: {kind})?{behind})"


def _guard(address: AddressRules) -> str:
    """Return a pattern of words that announce something within a name."""
    words = [
        *address.unit_words, *address.building_words, *address.no_number, *address.dependent_words,
        *address.locality_words, *address.province_words, *address.po_box_words, *address.care_of_words,
        *address.number_words,
    ]  # fmt: skip
    types = {w.rstrip(".") for w in address.street_types}
    named = {w.rstrip(".:") for w in words if w[:1].isalpha() and w.rstrip(".:") not in types}
    behind = ""
    if address.street_position == "after":
        sure = _either(w for w in address.street_types if w in SURE_TYPES)
        behind = rf"|[{LETTERS}] (?:{sure})\.? .*[{LETTERS}]{{3,}} [{LETTERS}]{{3,}}"
    if address.street_position == "before":
        long = _either(w for w in address.street_types if len(w) > 3 or w.endswith("."))
        behind = rf"|[{LETTERS}]{{3,}} [{LETTERS}]{{3,}} (?:{long or '!'}) [{LETTERS}]"
    if address.street_position == "before" and address.province_style == "name":
        spelled = {s for w in address.provinces if len(w) > 3 for s in (w, fold(w))}
        behind += rf"|[{LETTERS}] (?:{_either(spelled) or '!'})$"
    either = _either(named) or "!"
    return rf"(?i:(?:^|[^{LETTERS}])(?:{either})(?:[^{LETTERS}]|$){behind})|[a-zà-ÿ] [A-Z]{{2,3}}$"


@lru_cache(maxsize=1024)
def _compiled(
    rules: RegionRules,
) -> tuple[tuple[re.Pattern[str], ...], re.Pattern[str], re.Pattern[str]] | None:
    plain = plain_of(rules)
    if plain is None:
        return None
    patterns = tuple(re.compile(pattern) for pattern in plain.patterns)
    return patterns, re.compile(plain.guard), re.compile(plain.postcode)


def read_plain(text: str, rules: RegionRules) -> AddressReading | None:
    """Read an address that one of the region's patterns covers; None for every other.

    Args:
        text: A tidied text.
        rules: Its region.
    """
    found = _matched(re.sub(SEPARATORS, JOINED, text), rules)
    if found is None:
        return None
    units = _spelled_units(found, rules)
    if units is None:
        return None
    parts = {
        "house_number": spell_number(found.get("house_number", "")),
        "street": spell_street(found["street"], rules),
        "unit": units,
        "dependent_locality": spell_case(found.get("dependent_locality", "")),
        "locality": spell_locality(found["locality"], rules),
        "postal_code": group_postcode(found["postal_code"], rules.address),
    }
    if "region" in found:
        province = grammar_of(rules).provinces.get(found["region"].lower())
        if province is None:
            return None
        parts["region"] = province
    if "country" in found:
        if country_code(found["country"], rules.languages) != rules.code:
            return None
        parts["country"] = rules.code
    regrouped = "sign" in found or parts["postal_code"] != found["postal_code"]
    codes = ("STD321",) if regrouped else ()
    return AddressReading({part: text for part, text in parts.items() if text}, codes, rules)


def _matched(joined: str, rules: RegionRules) -> dict[str, str] | None:
    """Return the groups of the first pattern that covers a text."""
    compiled = _compiled(rules)
    if compiled is None:
        return None
    patterns, guard, postcode = compiled
    match = next((m for pattern in patterns if (m := pattern.match(joined))), None)
    if match is None:
        return None
    found = {name: value for name, value in match.groupdict().items() if value}
    found["postal_code"] = found["postal_code"].upper()
    if not postcode.fullmatch(group_postcode(found["postal_code"], rules.address)):
        return None
    names = (found["street"], found["locality"], found.get("dependent_locality", ""))
    return None if any(guard.search(name) for name in names) else found


def _spelled_units(found: Mapping[str, str], rules: RegionRules) -> str | None:
    """Write the units; None if one word comes twice."""
    pairs = [(found[word], found[value]) for word, value in UNIT_GROUPS if word in found]
    words = [spell_unit(word, "", rules) for word, _ in pairs]
    if len(set(words)) < len(words):
        return None
    return order_units([spell_unit(word, value.upper(), rules) for word, value in pairs], rules)
