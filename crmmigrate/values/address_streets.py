"""Streets, house numbers and units in the canonical spelling of a region."""

import re
from functools import lru_cache

from crmmigrate.model.regions import AddressRules, RegionRules
from crmmigrate.values.address_case import spell_case
from crmmigrate.values.address_grammar import grammar_of
from crmmigrate.values.folding import fold, to_ascii_digits

__all__ = [
    "MONTHS",
    "cut_number",
    "of_rama",
    "order_units",
    "spell_number",
    "spell_street",
    "spell_unit",
]


@lru_cache(maxsize=16384)
def spell_number(text: str) -> str:
    """Write a house number with its letter or range and without blanks: `12 b` → `12B`."""
    plain = to_ascii_digits(text).strip(" .,#")
    plain = re.sub(r"\s*([-–/+])\s*", r"\1", plain).replace("–", "-")
    plain = re.sub(r"(?<=\d)\s+(?=(?i:bis|ter|quater)\b|1/2)", "\x00", plain)
    plain = re.sub(r"(?<=\d)\s+(?=[A-Za-z](?![A-Za-z]))", "", plain)
    plain = re.sub(r"(?<=\d)([a-z])(?![a-z])", lambda m: m[1].upper(), plain)
    plain = re.sub(r"\x00(BIS|TER|QUATER)\b", lambda m: f"\x00{m[1].lower()}", plain)
    return plain.replace("\x00", " ").strip()


_DIGIT = re.compile(r"\d")
MONTHS = (
    "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie "
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre "
    "enero febrero abril mayo junio julio septiembre octubre noviembre diciembre "
    "janeiro fevereiro março maio junho julho setembro outubro novembro dezembro "
    "janvier février mars avril juin juillet août septembre octobre novembre décembre maja stycznia listopada"
)
_DATE = re.compile(
    rf"(?<!\d)\d{{1,2}}\s+(?:de\s+)?(?:{MONTHS.replace(' ', '|')})(?:\s+(?:de\s+)?(?:1[89]|20)\d\d)?$",
    re.IGNORECASE,
)
"""A day after which a street is named, which is no house number: `22 Decembrie 1989`."""
_TURNED = re.compile(r"(\d\S*)\s([A-Za-z])")
_JOINING = frozenset({"and", "del", "las", "los"})
"""Words behind a letter that is the name of a street, not of a house: `1180 P de Leon Blvd`."""
_NAMING = frozenset({"de", "di", "del", "of", "da"})
"""Words behind a number that is part of a name: `Avenida 5 de Mayo`."""
_ORDINAL = re.compile(r"(?:st|nd|rd|th|\.)\b", re.IGNORECASE)


@lru_cache(maxsize=16384)
def cut_number(text: str, rules: RegionRules) -> tuple[str, str, str]:
    """Cut a street segment in street, house number and what stands behind the number.

    Returns:
        ('Strada Pop', '12B', 'rest'); the number is '' where there is none.
    """
    if (
        rules.address.street_position == "before"
        and text.count(" ") == 1
        and _numbered_type(text, rules)
    ):
        return text, "", ""
    found = (
        of_rama(text, rules)
        or _without_number(text, rules)
        or _leading(text, rules)
        or _announced(text, rules)
        or _dated(text, rules)
        or _trailing(text, rules)
        or _leading(text, rules, anywhere=True)
        or _inner(text, rules)
    )
    return found or (text, "", "")


_RAMA = re.compile(
    r"(?:(?P<n>\d+(?:[/-]\d+)*)[\s,]+)?(?P<s>rama\s+(?:\d{1,2}|[ivx]+)(?:\s+(?:rd|road)\.?)?)(?![^\W_])[\s,]*(?P<r>.*)",
    re.IGNORECASE,
)


def of_rama(text: str, rules: RegionRules) -> tuple[str, str, str] | None:
    """Read `12 Rama 9 Road`: roads of Bangkok that are named by the numbers of kings."""
    match = _RAMA.fullmatch(text) if grammar_of(rules).glued and text.isascii() else None
    if match is None:
        return None
    number, rest = match["n"] or "", match["r"]
    behind = re.match(r"(\d+(?:[/-]\d+)*)[\s,]*", rest)
    if behind and not number:
        number, rest = behind[1], rest[behind.end() :]
    return match["s"], number, rest


def _dated(text: str, rules: RegionRules) -> tuple[str, str, str] | None:
    """Read `Strada 22 Decembrie 1989`, whose year is no house number."""
    return (text, "", "") if not rules.address.number_first and _DATE.search(text) else None


def _numbered_type(text: str, rules: RegionRules) -> bool:
    """Tell `Rue 415`, whose number is its name."""
    word, number = text.split(" ")
    return number.isdigit() and len(word) > 2 and word.casefold() in rules.address.street_types


def _without_number(text: str, rules: RegionRules) -> tuple[str, str, str] | None:
    """Read `Aleea Rozelor FN`, which says that there is no number."""
    pattern = grammar_of(rules).no_number
    none = pattern.search(text) if pattern else None
    if none is None or not none.start():
        return None
    spellings = rules.address.no_number
    written = spellings.get(none[0].strip(" .").casefold()) or next(iter(spellings.values()))
    return text[: none.start()].strip(" ,"), written, text[none.end() :].strip(" ,.")


def _leading(
    text: str, rules: RegionRules, *, anywhere: bool = False
) -> tuple[str, str, str] | None:
    """Read a number before the street; elsewhere than usual only if nothing else was found."""
    grammar = grammar_of(rules)
    first = grammar.leading.match(text)
    if first is None or _ordinal(text, first.end("n")):
        return None
    rest, number = text[first.end() :].strip(" ,"), first["n"]
    turned = _TURNED.fullmatch(number) if " " in number else None
    if turned and rest and rules.address.number_first and rules.address.directions:
        first_word = rest.split()[0].casefold().rstrip(".,")
        named = len(first_word) < 3 or first_word in _JOINING
        if turned[2] in "NSEWnsew" or named or first_word in rules.address.street_types:
            rest, number = f"{turned[2]} {rest}", turned[1]
    lettered = any(c.isalpha() for c in rest)
    street = grammar.street_before
    if rules.address.number_first and (lettered or not rest):
        return rest, number, ""
    if lettered and (anywhere or (street and street.match(rest))):
        return rest, number, ""
    return None


def _trailing(text: str, rules: RegionRules) -> tuple[str, str, str] | None:
    """Read a number behind the street."""
    grammar = grammar_of(rules)
    last = grammar.trailing.search(text) if _DIGIT.search(text) else None
    if last is None:
        return None
    before = text[: last.start()]
    address = rules.address
    american = address.number_first and address.street_position == "after"
    if american and not (grammar.given and grammar.given.match(last[0])):
        return None
    thai = rules.languages[:1] == ("th",) and last["n"].isdigit()
    if not any(c.isalpha() for c in before) or _route(before, rules):
        return None
    if thai and grammar.street_before and grammar.street_before.match(text):
        return None
    return before.strip(" ,"), last["n"], ""


def _inner(text: str, rules: RegionRules) -> tuple[str, str, str] | None:
    """Read a number between the street and something else: `Storgata 5 Oslo`."""
    if rules.address.number_first:
        return None
    inner = grammar_of(rules).inner.match(text) if _DIGIT.search(text) else None
    if inner is None or inner["r"].split()[0].casefold() in _NAMING:
        return None
    return inner["s"].strip(" ,"), inner["n"], inner["r"]


def _announced(text: str, rules: RegionRules) -> tuple[str, str, str] | None:
    pattern = grammar_of(rules).announced
    match = pattern.search(text) if pattern and _DIGIT.search(text) else None
    if match and _route(text[: match.start()], rules):
        return None
    if match and match.start() and any(c.isalpha() for c in text[: match.start()]):
        return text[: match.start()].strip(" ,.-"), match["n"], text[match.end() :].strip(" ,.")
    return None


def _ordinal(text: str, end: int) -> bool:
    """Tell `5th Avenue` from a house number."""
    return bool(_ORDINAL.match(text[end : end + 3]))


def _route(before: str, rules: RegionRules) -> bool:
    """Tell `Highway 157` and `Calle 8` from a street with a house number."""
    if rules.address.street_position != "after":
        return False
    word = fold(before).split()[-1:] or [""]
    return word[0] in {
        "highway",
        "hwy",
        "route",
        "rte",
        "rt",
        "road",
        "rd",
        "fm",
        "cr",
        "sr",
        "us",
        "box",
        "loop",
        "spur",
        "business",
    }


_GLUED_TYPE = re.compile(r"([^\W\d_]{2,5}\.)(?=[^\W\d_]{2,})")


@lru_cache(maxsize=16384)
def spell_street(text: str, rules: RegionRules) -> str:
    """Write the type of a street as the region writes it and straighten its case."""
    street = " ".join(text.split()).strip(" ,;-")
    if not street:
        return ""
    shouted = street.isupper()
    glued = _GLUED_TYPE.match(street)
    if glued and glued[1].casefold() in rules.address.street_types:
        street = f"{glued[1]} {street[glued.end() :]}"
    street = spell_case(street, street=True)
    address = rules.address
    if address.street_position == "attached":
        return _attached(street, address, shouted=shouted)
    if address.street_position == "after":
        return _after(street, address, shouted=shouted)
    return _before(street, rules)


def _before(street: str, rules: RegionRules) -> str:
    pattern = grammar_of(rules).street_before
    match = pattern.match(street) if pattern else None
    if match is None:
        return _typed_behind(street, rules)
    word = (match.groupdict().get("native") or match.groupdict().get("latin") or "").strip()
    types = rules.address.street_types
    canonical = types.get(word.casefold()) or types.get(word.casefold().rstrip("."))
    rest = street[match.end() :].strip()
    if canonical is None or not rest:
        return street
    if match.groupdict().get("native") is not None:
        return f"{canonical}{rest}"
    if _same(word, canonical):
        return (
            f"{word} {rest}" if word.casefold() == canonical.casefold() else f"{canonical} {rest}"
        )
    if not fold(canonical)[0].isascii() and word.isascii():
        return street
    return f"{canonical} {rest}"


def _typed_behind(street: str, rules: RegionRules) -> str:
    """Write out an abbreviated type behind the name: `Komenského nám.` → `Komenského náměstí`."""
    name, _, last = street.rpartition(" ")
    word = last.casefold()
    canonical = rules.address.street_types.get(word) if word.endswith(".") else None
    foreign = rules.address.street_types.get(word.rstrip(".")) if word.isascii() else None
    if name and foreign and foreign.isascii() and grammar_of(rules).glued:
        return f"{name} {foreign}"
    if not name or canonical is None or len(word) < _BEHIND_LETTERS:
        return street
    return f"{name} {canonical}"


_BEHIND_LETTERS = 4
"""Shorter abbreviations at the end of a name are initials."""


def _same(word: str, canonical: str) -> bool:
    return fold(word) == fold(canonical)


def _after(street: str, address: AddressRules, *, shouted: bool) -> str:
    words = street.split()
    out = list(words)
    position = _type_position(words, address)
    if position is not None:
        canonical = address.street_types[_bare(words[position])]
        if _same(words[position], canonical) and not shouted:
            out[position] = words[position].rstrip(".,")
        else:
            out[position] = canonical
    for index in {0, len(words) - 1} - {position}:
        direction = address.directions.get(_bare(words[index])) or address.directions.get(
            words[index].casefold()
        )
        if direction and len(words) > 2:
            out[index] = direction
    return " ".join(out)


def _bare(word: str) -> str:
    return word.casefold().rstrip(".,")


def _type_position(words: list[str], address: AddressRules) -> int | None:
    """Return where the street type stands: last, or before a direction at the end."""
    last = len(words) - 1
    if last >= 2 and (
        _bare(words[last]) in address.directions or words[last].casefold() in address.directions
    ):
        last -= 1
    if last >= 1 and _bare(words[last]) in address.street_types:
        return last
    return None


def _attached(street: str, address: AddressRules, *, shouted: bool) -> str:
    words = street.split()
    last = words[-1]
    for tail in sorted(address.street_tails, key=len, reverse=True):
        canonical = address.street_tails[tail]
        changed = fold(tail) != fold(canonical)
        if last.casefold().endswith(tail) and len(last) > len(tail) + 1 and changed:
            stem = last[: len(last) - len(tail)]
            if stem[-1:] == "-":
                canonical = canonical.capitalize()
            words[-1] = stem + canonical
            return " ".join(words)
    if len(words) > 1:
        types, key = address.street_types, last.casefold()
        word = types.get(key) or types.get(key.rstrip(".")) or last
        if shouted or not _same(last, word):
            words[-1] = word
    return " ".join(words)


def spell_unit(word: str, value: str, rules: RegionRules) -> str:
    """Write one unit: `apartamentul`, `5` → `ap. 5`."""
    words = rules.address.unit_words
    key = " ".join(word.casefold().split())
    canonical = words.get(key) or words.get(key.rstrip(".:")) or words.get(f"{key}.") or word
    written = to_ascii_digits(value).strip()
    written = re.sub(r"(?<=\d)\s+(?=[A-Za-z]$)", "", written)
    written = re.sub(r"(?:(?<=\d)|^)([a-z])$|^[a-z](?=\d+$)", lambda m: m[0].upper(), written)
    return f"{canonical} {written}" if written else canonical


def order_units(units: list[str], rules: RegionRules) -> str:
    """Join units in the region's order; others keep theirs."""
    order = {word: rank for rank, word in enumerate(rules.address.unit_order)}

    def rank(unit: str) -> int:
        return next(
            (r for word, r in order.items() if unit == word or unit.startswith(f"{word} ")),
            len(order),
        )

    return ", ".join(dict.fromkeys(sorted(units, key=rank) if order else units))
