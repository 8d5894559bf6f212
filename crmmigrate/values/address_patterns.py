"""The patterns of plain addresses, made from the rules of a region; see `address_plain`.

They use only what Python's and Rust's engines understand alike: letters are given as ranges.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from crmmigrate.model.regions import AddressRules, RegionRules
from crmmigrate.values.address_towns import SURE_TYPES
from crmmigrate.values.countries import country_code, names_of_countries
from crmmigrate.values.folding import fold
from crmmigrate.values.postcodes import SIGNS

__all__ = ["JOINED", "LETTERS", "SEPARATORS", "THAI", "UNIT_GROUPS", "Plain", "plain_of"]

LETTERS = "A-Za-zÀ-ÖØ-öø-ɏḀ-ỿͰ-ϿЀ-ӿ"
THAI = "ก-ฺเ-๎"
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
_NOTHING = "^!$"
_FORBIDDEN = re.compile(r"\(\?[=!<]|\\[bBk1-9pPwWsS]")
_LETTERED = re.compile("[A-Z]")
_SIMPLE_CODE = re.compile(r"[A-Z]{2,3}")


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """The patterns of one region.

    Attributes:
        patterns: Regular expressions with named groups: parts, and u1 to u4, v1 to v4 for the
            words and values of units.
        guard: Words that make a street or town more than a name.
        ending: What a town, or a street without a number, does not end with: a province.
        postcode: What a postcode must match as a whole.
    """

    patterns: tuple[str, ...]
    guard: str
    ending: str
    postcode: str


@lru_cache(maxsize=1024)
def plain_of(rules: RegionRules) -> Plain | None:
    """Return the plain patterns of a region; None where its rules do not give any."""
    address = rules.address
    code = _code_pattern(address)
    if rules.languages[:1] == ("th",):
        guard = _either(address.building_words)
        return Plain(tuple(_thai(address)), guard, _NOTHING, _whole(address.postcode_pattern))
    if (
        code is None
        or "%C" not in address.format
        or address.large_to_small
        or rules.code in _whole(address.postcode_pattern)
    ):
        return None
    guards = _guard(address), _ending(rules)
    return Plain(tuple(_patterns(rules, code)), *guards, _whole(address.postcode_pattern))


def _whole(pattern: str) -> str:
    sets = re.sub(r"\[[^\]]*\]", lambda m: m[0].replace(r"\d", "0-9"), pattern)
    return re.sub(r"\((?!\?)", "(?:", sets.replace(r"\d", "[0-9]"))


def _code_pattern(address: AddressRules) -> str | None:
    """Return the pattern of a postcode in its canonical grouping or in none."""
    pattern = _whole(address.postcode_pattern).replace(" ?", "")
    if not pattern or _FORBIDDEN.search(pattern):
        return None
    if address.postcode_format.isdecimal():
        return f"[0-9]{{{address.postcode_format}}}"
    shape = re.fullmatch(r"(\d+)([ -])(\d+)", address.postcode_format)
    if shape and int(shape[1]) == address.postcode_width:
        return f"[0-9]{{{shape[1]}}}(?:-[0-9]{{{shape[3]}}})?"
    if shape:
        # `Conceição` has the length of a Brazilian postcode, but no postcode there has letters.
        signs = "0-9A-Z" if _LETTERED.search(re.sub(r"\[0-9\]", "", pattern)) else "0-9"
        return f"[{signs}]{{{shape[1]}}}{shape[2]}?[{signs}]{{{shape[3]}}}"
    if address.postcode_format.startswith("-"):
        return f"[A-Z][0-9A-Z]{{1,3}} ?[0-9A-Z]{{{address.postcode_format[1:]}}}"
    return None if " " in pattern or address.postcode_format else pattern


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
_COUNTED_QUARTER = (
    rf"(?P<dependent_locality>[{LETTERS}](?:[{LETTERS}0-9ªº'’.\- ]*[{LETTERS}0-9ª])?)"
)
"""A quarter between signs that part it from everything else: `Vila Real 2ª Seção`, `Tupi B`."""
_STATE = "(?P<region>[A-Za-z]{2,3})"


def _patterns(rules: RegionRules, code: str) -> Iterable[str]:
    address = rules.address
    words = _either(address.number_words)
    none = _either(address.no_number)
    counted = rf"{_NUMBER}|(?i:{none})" if none else _NUMBER
    number = (rf"(?:(?i:{words})\.? ?)?" if words else "") + rf"(?P<house_number>{counted})\.?"
    sign = SIGNS.get(rules.code, rules.code)
    post, units = (
        f"(?P<sign>(?:{sign}|{rules.code})-)?(?P<postal_code>(?i:{code}))",
        _units(address),
    )
    if not address.number_first:
        yield from _numbers_behind(address, number, units, post, _named_province(rules))
    elif address.postcode_first:
        yield f"^{number},? {_STREET}{units},? {post},? {_TOWN}{_TAIL}"
        yield f"^{_typed(address)}{units}, {post},? {_TOWN}{_TAIL}"
    elif address.province_style == "code":
        yield f"^{number},? {_STREET}{units}, {_TOWN},? {_STATE},? {post}{_TAIL}"
        yield f"^{number} {_ended(address)}{units},? {_TOWN},? {_STATE},? {post}{_TAIL}"
        if units:
            yield f"^{number} {_STREET}{units[:-1]},? {_TOWN},? {_STATE},? {post}{_TAIL}"
        before = _units(address, first=True)
        yield f"^{before}{number} {_STREET}, {_TOWN},? {_STATE},? {post}{_TAIL}"
    else:
        before = _units(address, first=True)
        yield f"^{number},? {_STREET}, {_TOWN}(?:, | - |-| ){post}{_TAIL}"
        yield f"^{number} {_ended(address)},? {_TOWN}(?:, | - |-| ){post}{_TAIL}"
        if before:
            yield f"^{before}{number},? {_STREET}, {_TOWN}, {post}{_TAIL}"
            yield f"^{before}{_STREET}, {_TOWN}, {post}{_TAIL}"


def _thai(address: AddressRules) -> Iterable[str]:
    """Return patterns of Thai addresses: levels with their words, or without, the larger last."""

    def native(words: Iterable[str]) -> str:
        return _either(w for w in words if not w[0].isascii())

    def level(part: str, words: Iterable[str], *, bare: bool = False) -> str:
        word = rf"(?P<{part}_word>{native(words)}) ?"
        return rf",? {f'(?:{word})?' if bare else word}(?P<{part}>[{THAI}]+)"

    street = rf"(?P<street>(?:{native(address.street_types)}) ?[{THAI}]+(?: [0-9]{{1,3}})?)"
    number = rf"(?:(?:{native(address.number_words)}) ?)?(?P<house_number>[0-9]{{1,4}}(?:/[0-9]{{1,4}})?)"
    begin = rf"^{number}(?:,? (?P<u1>หมู่ที่|หมู่|ม\.) ?(?P<v1>[0-9]{{1,3}}))?,? {street}"
    province = rf",? (?:(?:{native(address.province_words)}) ?)?(?P<region>[{THAI}]+(?:ฯ|\.)?)"
    end = rf"{province}(?:,? (?P<postal_code>[0-9]{{5}}))?{_TAIL}"
    quarter, town = address.dependent_words, address.locality_words
    yield f"{begin}(?:{level('dependent_locality', quarter)})?(?:{level('locality', town)})?{end}"
    yield (
        f"{begin}(?:{level('dependent_locality', quarter, bare=True)})?"
        f"{level('locality', town, bare=True)}{end}"
    )


def _numbers_behind(
    address: AddressRules, number: str, units: str, post: str, province: str
) -> Iterable[str]:
    """Return patterns of regions that write the number behind the street."""
    street = f"{_STREET},? {number}{units}"
    if address.province_style == "code" and address.street_position == "before":
        yield f"^{street}(?:, | - ){_QUARTER}, {_TOWN}(?: - | / |/){_STATE}, {post}{_TAIL}"
        yield f"^{street}(?:,? {_COUNTED_QUARTER})?,? {post} {_TOWN}(?: - | / |/){_STATE}{_TAIL}"
        yield f"^{_typed(address)}, {_COUNTED_QUARTER}, {post} {_TOWN}(?: - | / |/){_STATE}{_TAIL}"
    if province:
        yield f"^{street},? {post},? {_TOWN}, {province}{_TAIL}"
    bracket = r"(?: \((?P<region>[A-Za-z]{2})\))?" if address.province_list else ""
    yield f"^{street},? {post},? {_TOWN}{bracket}{_TAIL}"
    yield f"^{street},? {_TOWN},? {post}{_TAIL}"
    if province:
        yield f"^{street}, {_TOWN}, {province},? {post}{_TAIL}"
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
    behind = f"(?: (?i:[ns] [ew]|{way}))?" if way else ""
    kind = f"(?i:{types or '!'})\\.?"
    return f"(?P<street>{_NAME} {kind}(?: {kind})?{behind})"


def _named_province(rules: RegionRules) -> str:
    """Match a province by its name, with or without its word; nothing where provinces are codes.

    Names that may mean the country as well, such as MEX, are left to the parser.
    """
    address = rules.address
    if address.province_style != "name":
        return ""
    names = {n for w in address.provinces for n in (w, fold(w)) if re.fullmatch(_NAME, n)}
    names = {n for n in names if country_code(n.upper(), rules.languages) != rules.code}
    words = _either(w.rstrip(".") for w in address.province_words)
    announced = rf"(?:(?i:{words})\.? ?)?" if words else ""
    return f"{announced}(?P<region>(?i:{_either(names)}))" if names else ""


_POSTCODE_WORDS = (
    "cod postal",
    "postal code",
    "postcode",
    "zip code",
    "código postal",
    "code postal",
)


def _guard(address: AddressRules) -> str:
    """Return a pattern of words that announce something within a name."""
    words = [
        *address.unit_words, *address.building_words, *address.no_number, *address.dependent_words,
        *address.locality_words, *address.province_words, *address.po_box_words, *address.care_of_words,
        *address.number_words, *_POSTCODE_WORDS,
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
    either = _either(named) or "!"
    return rf"(?i:(?:^|[^{LETTERS}])(?:{either})(?:[^{LETTERS}]|$){behind})|[a-zà-ÿ] [A-Z]{{2,3}}$|^(?i:bis|ter|quater) "


def _ending(rules: RegionRules) -> str:
    """Return a pattern of provinces, and of the region's own names, that end a name."""
    address = rules.address
    spelled = {n for n in names_of_countries().get(rules.code, ()) if _COUNTRY.fullmatch(n)}
    if address.street_position == "before" and address.province_style == "name":
        spelled |= {s for w in address.provinces if len(w) > 3 for s in (w, fold(w))}
    return rf"[{LETTERS}] (?i:{_either(spelled) or '!'})$"


_COUNTRY = re.compile(r"[a-z]{4,}(?: [a-z]+)*")
