"""Read postal addresses of any country into parts."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.address_american import is_doubtful, second_reading
from crmmigrate.values.address_case import spell_case
from crmmigrate.values.address_codes import cut_postcode, cut_province
from crmmigrate.values.address_contacts import cut_contacts
from crmmigrate.values.address_cuts import (
    cut_boxes,
    cut_care,
    cut_country,
    cut_markers,
)
from crmmigrate.values.address_draft import Draft, Item, split_lines
from crmmigrate.values.address_east import read_eastern
from crmmigrate.values.address_elsewhere import refers_elsewhere
from crmmigrate.values.address_joining import PLACE_PARTS, join_parts
from crmmigrate.values.address_memory import recalled
from crmmigrate.values.address_outcome import (
    AddressReading,
    beside_raw,
    doubt_country,
    settled,
    tell,
)
from crmmigrate.values.address_parts import spell_parts
from crmmigrate.values.address_places import place_items, spell_locality
from crmmigrate.values.address_plain import read_plain
from crmmigrate.values.address_region import as_written, region_of, region_of_shape
from crmmigrate.values.address_streets import order_units, spell_number
from crmmigrate.values.address_units import cut_units
from crmmigrate.values.address_voices import explains_more, find_address, is_clean, speaks_of
from crmmigrate.values.countries import country_cell, country_code
from crmmigrate.values.folding import fold, to_ascii_digits
from crmmigrate.values.outcome import BLANK, Outcome, tidy
from crmmigrate.values.placeholders import is_placeholder
from crmmigrate.values.postcodes import read_postcode

__all__ = ["read_address", "read_cell"]

_LINE_ENDS = re.compile(r"[\r\n]+")
_WIDE_HYPHEN = re.compile(r"(?<=[0-9])[－‐‑−](?=[0-9])")
_LONGEST = 600
_WHOLE = frozenset({"text", "country"})
_STREET_PARTS = ("street", "street2", "house_number", "unit", "po_box", "care_of", "recipient")


def read_address(
    given: Mapping[str, str | None],
    region: str | None,
    rules_of: Callable[[str | None], RegionRules],
) -> Outcome:
    """Read one address from its text, from columns with its parts, or from both.

    Args:
        given: `text` and any part of INPUT_PARTS.
        region: Region of the record; the address's own country goes first.
        rules_of: Gives the rules of a region.

    Returns:
        The value is the address on one line; what cannot be placed stands in `unparsed`.
    """
    filled = {name: value for name, raw in given.items() if (value := _clean(raw))}
    if not filled:
        return BLANK
    text = given.get("text")
    raw = text if filled.get("text") else ", ".join(filled.values())
    filled = {name: value for name, value in filled.items() if not _says_nothing(value)}
    if not any(c.isalnum() for v in filled.values() for c in v):
        return Outcome(raw, "invalid", ("STD309",), "is no address", {}, 0.0)
    if sum(map(len, filled.values())) > _LONGEST:
        return Outcome(raw, "invalid", ("STD309",), "is too long for an address", {}, 0.0)
    rules = rules_of(region_of(filled, region, rules_of))
    shape = region_of_shape(filled.get("text", ""), rules, rules_of)
    known = settled(given, rules) or (settled(given, rules_of(shape)) if shape else None)
    if known is not None:
        return known
    if filled.keys() == {"text"}:
        outcome = _alone(filled, rules, rules_of)
    elif filled.keys() <= _WHOLE:
        outcome = _remembered(filled, rules)
    else:
        outcome = tell(_read(filled, rules))
    return beside_raw(outcome, raw)


def _alone(
    filled: Mapping[str, str], rules: RegionRules, rules_of: Callable[[str | None], RegionRules]
) -> Outcome:
    """Read an address with no column beside it: by a pattern, as another region's, or in pieces."""
    text = filled["text"]
    plain = read_plain(text, rules)
    if plain is not None:
        return tell(plain)
    shape = region_of_shape(text, rules, rules_of)
    if shape is None:
        return _remembered(filled, rules)
    reading = _read(filled, as_written(rules_of(shape)))
    return tell(AddressReading(reading.parts, (*reading.codes, "STD312"), reading.rules))


def _remembered(filled: Mapping[str, str], rules: RegionRules) -> Outcome:
    """Read a text in pieces, or as one of its pattern was read before."""
    numbered = {name: value for name, value in filled.items() if name == "text"}
    beside = (filled.get("country"),)
    seen: list[AddressReading] = []
    outcome = recalled(numbered, beside, rules, lambda: _plain(filled, rules, seen))
    if outcome:
        return outcome
    reading = seen[0] if seen else _read(filled, rules)
    return tell(_heard(filled, reading) or _within(filled, rules, reading))


def _heard(filled: Mapping[str, str], reading: AddressReading) -> AddressReading | None:
    """Return what a second voice makes of an American address that leaves doubt; None if nothing."""
    text, rules = filled.get("text", ""), reading.rules
    if not is_doubtful(text, reading.parts, rules):
        return None
    other = second_reading(text, reading.parts, rules)
    return (
        AddressReading(spell_parts(other, rules), (*reading.codes, "STD314"), rules)
        if other
        else None
    )


def _plain(
    filled: Mapping[str, str], rules: RegionRules, seen: list[AddressReading]
) -> Outcome | None:
    """Read an address that nobody else need look at; None if it may stand in a longer text.

    The reading is left in `seen`.
    """
    reading = _read(filled, rules)
    seen.append(reading)
    if speaks_of(rules.code) and not is_clean(reading.parts):
        return None
    return None if is_doubtful(filled.get("text", ""), reading.parts, rules) else tell(reading)


def _within(filled: Mapping[str, str], rules: RegionRules, whole: AddressReading) -> AddressReading:
    """Read the address within a longer text if that explains more; the rest is kept unparsed."""
    found = find_address(filled.get("text", ""), rules.code)
    if found is None:
        return whole
    text, before, behind = found
    part = _read({**filled, "text": text}, rules)
    if not explains_more(part.parts, whole.parts, before, behind):
        return whole
    country = country_code(behind, rules.languages)
    parts = {**part.parts, **({"country": country} if country else {})}
    named = before and all(word[:1].isupper() for word in before.split())
    if named:
        parts["recipient"] = before
    left = ["" if named else before, "" if country else behind]
    rest = ", ".join(x.replace("\n", ", ") for x in left if x)
    if rest:
        parts["unparsed"] = rest
    return AddressReading(parts, (*part.codes, "STD311"), rules)


@lru_cache(maxsize=16384)
def _clean(raw: str | None) -> str:
    if not raw:
        return ""
    plain = _WIDE_HYPHEN.sub("-", to_ascii_digits(raw))
    if "\n" not in plain and "\r" not in plain:
        return tidy(plain)
    return "\n".join(line for part in _LINE_ENDS.split(plain) if (line := tidy(part)))


@lru_cache(maxsize=16384)
def _says_nothing(value: str) -> bool:
    return is_placeholder(value) or refers_elsewhere(value)


def _read(filled: Mapping[str, str], rules: RegionRules) -> AddressReading:
    known = {n: v for n, v in filled.items() if n not in {"text", "street", "street2"}}
    fixed, codes = _fixed(known, rules)
    body = _body(filled, fixed)
    if not body:
        return AddressReading(spell_parts(fixed, rules), tuple(codes), rules)
    eastern = read_eastern(body, rules, fixed.get("locality", ""))
    if eastern is not None:
        parts, guessed = eastern
        codes += guessed
    else:
        parts = _parsed(body, rules, fixed, codes, street_only="text" not in filled)
    return AddressReading(
        spell_parts(join_parts(fixed, parts, codes, rules), rules), tuple(codes), rules
    )


def _body(filled: Mapping[str, str], fixed: Mapping[str, str]) -> str:
    """Return the text to parse, without what the columns of parts say already."""
    lines = [filled[name] for name in ("street", "street2") if name in filled]
    text = filled.get("text", "")
    if not text or not (lines or fixed):
        return text or "\n".join(lines)
    known = {fold(v) for v in (*filled.values(), *fixed.values()) if v is not text}
    words = set(" ".join(known).split())
    kept = [
        item.text
        for item in split_lines(text)
        if fold(item.text) not in known and not _covered(item.text, words)
    ]
    return "\n".join((*lines, *kept))


def _covered(text: str, words: set[str]) -> bool:
    return all(word in words for word in fold(text).split())


def _parsed(
    body: str,
    rules: RegionRules,
    fixed: Mapping[str, str],
    codes: list[str],
    *,
    street_only: bool,
) -> dict[str, str]:
    known = tuple(part for part in PLACE_PARTS if part in fixed)

    def read() -> Outcome:
        return _parts_of(body, rules, known, street_only=street_only)

    found = recalled({"street": body}, (known,), rules, read) if street_only else read()
    codes += found.codes
    return {part: text for part, text in found.parts.items() if text}


def _parts_of(
    body: str, rules: RegionRules, fixed: tuple[str, ...], *, street_only: bool
) -> Outcome:
    """Cut a text into parts."""
    draft = Draft(rules, split_lines(body))
    cut_contacts(draft)
    cut_country(draft)
    cut_care(draft)
    cut_boxes(draft)
    cut_markers(draft)
    if "postal_code" not in fixed:
        cut_postcode(draft)
    if draft.find("country") is None and draft.find("postal_code") is not None:
        cut_country(draft)
    cut_units(draft)
    if "region" not in fixed:
        cut_province(draft)
    known = "locality" in fixed
    place_items(draft, has_locality=known, street_only=street_only and known)
    if draft.units:
        draft.parts["unit"] = order_units(draft.units, rules)
    return Outcome("", "", tuple(draft.codes), parts=draft.parts)


def _fixed(known: Mapping[str, str], rules: RegionRules) -> tuple[dict[str, str], list[str]]:
    """Standardize the parts that stand in columns of their own."""
    fixed: dict[str, str] = {}
    codes: list[str] = []
    beside = tuple(part for part in PLACE_PARTS if part in known)
    for part, value in known.items():
        found, fired = _fixed_cell(part, value, beside if part == "locality" else (), rules)
        fixed |= found
        codes += fired
    return fixed, codes


@lru_cache(maxsize=32768)
def _fixed_cell(
    part: str, value: str, beside: tuple[str, ...], rules: RegionRules
) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Standardize one column; towns, provinces and countries come back again and again."""
    codes: list[str] = []
    if part == "postal_code":
        return {part: _postcode_cell(value, rules, codes)}, tuple(codes)
    if part == "locality":
        return _locality_cell(value, beside, rules, codes), tuple(codes)
    if part == "country":
        country = country_cell(value, rules.languages)
        if country is None or not country.value:
            return {part: value}, doubt_country(value, rules)
        return {part: country.value}, ("STD502",) if country.status == "repaired" else ()
    return {part: _cell(part, value, rules)}, ()


def read_cell(
    part: str, value: str, beside: tuple[str, ...], rules: RegionRules
) -> tuple[Mapping[str, str], tuple[str, ...]] | None:
    """Read a cell of a column, as `read_address` does.

    Args:
        part: The part its column holds.
        value: Its text.
        beside: Places that other columns of the row name.
        rules: The region.

    Returns:
        Parts and the codes of what was repaired; None for a cell that is not tidy or says nothing.
    """
    if _clean(value) != value or _says_nothing(value) or not any(c.isalnum() for c in value):
        return None
    return _fixed_cell(part, value, beside if part == "locality" else (), rules)


def _postcode_cell(value: str, rules: RegionRules, codes: list[str]) -> str:
    postcode = read_postcode(value, rules.address, rules.code)
    if postcode is None:
        codes += ["STD324"] if rules.address.postcode_pattern else []
        return value
    codes += [postcode.code] if postcode.code else []
    return postcode.value


def _cell(part: str, value: str, rules: RegionRules) -> str:
    """Standardize a part that says one thing only."""
    if part == "region":
        return _province(value, rules)
    if part == "house_number":
        return spell_number(value)
    if part not in {"unit", "po_box"}:
        return spell_case(value.replace("\n", ", "))
    draft = Draft(rules, split_lines(value) if part == "unit" else [Item("text", value, 0)])
    if part == "po_box":
        cut_boxes(draft)
        return " ".join(item.text for item in draft.items)
    cut_units(draft)
    rest = [item.text for item in draft.items if item.kind == "text"]
    return order_units([*draft.units, *rest], rules)


def _locality_cell(
    value: str, known: tuple[str, ...], rules: RegionRules, codes: list[str]
) -> dict[str, str]:
    """Read a city column, which may hold the postcode, the province or a sector as well."""
    draft = Draft(rules, split_lines(value))
    cut_markers(draft)
    if "postal_code" not in known:
        cut_postcode(draft)
    kinds = {kind for kind in PLACE_PARTS if kind == "locality" or kind not in known}
    found = {item.kind: item.text for item in draft.items if item.kind in kinds}
    texts = [item.text for item in draft.items if item.kind == "text"]
    if len(texts) > 1 and "region" not in known and fold(texts[-1]) in draft.grammar.provinces:
        found["region"] = draft.grammar.provinces[fold(texts.pop())]
    if draft.codes:
        codes += draft.codes
    if texts or "locality" not in found:
        found.setdefault("locality", spell_locality(texts[0] if texts else value, rules))
        if len(texts) > 1:
            found.setdefault("dependent_locality", spell_case(", ".join(texts[1:])))
    return found


def _province(value: str, rules: RegionRules) -> str:
    draft = Draft(rules, split_lines(value))
    cut_markers(draft)
    at = draft.find("region")
    if at is not None:
        return draft.items[at].text
    return draft.grammar.provinces.get(fold(value)) or spell_case(value)
