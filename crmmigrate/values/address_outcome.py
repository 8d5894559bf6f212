"""What is said about an address once its parts are known."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.address_lines import display_line
from crmmigrate.values.address_validity import misplaced
from crmmigrate.values.countries import country_cell, read_country
from crmmigrate.values.outcome import Outcome
from crmmigrate.values.postcodes import read_postcode

__all__ = ["AddressReading", "beside_raw", "doubt_country", "settled", "tell"]

_TELLING = ("street", "po_box", "locality", "postal_code", "region", "country")
_NO_COUNTRY = frozenset({"STD503", "STD504", "STD505"})


@dataclass(frozen=True, slots=True)
class AddressReading:
    """Parts of an address and the rules that fired."""

    parts: Mapping[str, str]
    codes: tuple[str, ...]
    rules: RegionRules


def tell(reading: AddressReading, owner: str | None = None) -> Outcome:
    """Return the outcome of a reading, as if its line were not what was written.

    Args:
        reading: Parts and rules that fired.
        owner: Province that the postcode belongs to, where the caller knows that it is another.
    """
    parts, codes = reading.parts, list(reading.codes)
    line = display_line(parts, reading.rules)
    message = None
    if parts.get("unparsed"):
        codes.append("STD308")
        message = f"'{parts['unparsed'][:60]}' could not be placed"
    missing = [p for p in reading.rules.address.required if not _has(parts, p)]
    placed = any(p in parts for p in _TELLING)
    if not placed or (len(parts) == 2 and "unparsed" in parts):
        return Outcome(None, "invalid", ("STD309",), "is no address", {}, 0.0)
    if missing:
        codes.append("STD315" if _is_reached(parts, missing, reading) else "STD307")
        message = message or f"{', '.join(missing)} missing"
    postcode, province = parts.get("postal_code", ""), parts.get("region", "")
    owner = owner or misplaced(postcode, province, reading.rules)
    if owner:
        codes.append("STD313")
        message = message or f"{postcode} is a postcode of {owner}, not of {province}"
    nowhere = any(c in _NO_COUNTRY for c in codes)
    if nowhere:
        message = message or f"'{parts.get('country', '')[:40]}' is no single country"
    repaired = any(c in {"STD322", "STD323"} for c in codes)
    doubtful = nowhere or any(c in {"STD306", "STD308", "STD313"} for c in codes)
    status = "repaired" if repaired else "normalised"
    confidence = 0.5 if doubtful else 0.8 if missing or "STD314" in codes else 1.0
    return Outcome(line, status, ("STD301", *dict.fromkeys(codes)), message, parts, confidence)


def doubt_country(country: str | None, rules: RegionRules) -> tuple[str, ...]:
    """Return the code of what is wrong with the country of an address, if anything is."""
    if not country or country_cell(country, rules.languages) is not None:
        return ()
    return read_country(country, rules.languages).codes[:1]


def beside_raw(outcome: Outcome, raw: str | None) -> Outcome:
    """Complete an outcome by what was written: raw text stays, and nothing may be changed."""
    if outcome.status == "invalid":
        return replace(outcome, value=raw, parts={"unparsed": raw})
    if outcome.value == raw:
        return replace(outcome, status="unchanged", codes=outcome.codes[1:])
    return outcome


def settled(given: Mapping[str, str | None], rules: RegionRules) -> Outcome | None:
    """Give an address back that was standardized before: its text says what its parts say."""
    text = given.get("text")
    if not text:
        return None
    parts = {name: value for name, value in given.items() if value and name != "text"}
    if not parts or "street2" in parts:
        return None
    line = display_line(parts, rules)
    if text == line:
        odd = ("STD324",) if _odd(parts.get("postal_code"), rules) else ()
        codes = (*odd, *doubt_country(parts.get("country"), rules))
        told = tell(AddressReading(parts, codes, rules))
        kept = Outcome(text, "unchanged", parts=parts)
        return beside_raw(told, text) if told.status != "invalid" else kept
    if text.startswith(f"{line}, "):
        left = text.removeprefix(f"{line}, ")
        outcome = Outcome(text, "unchanged", ("STD308",), f"'{left[:60]}' could not be placed",
                          {**parts, "unparsed": left}, 0.5)  # fmt: skip
        return outcome if len(parts) > 1 else None
    return None


def _odd(postcode: str | None, rules: RegionRules) -> bool:
    shaped = bool(postcode and rules.address.postcode_pattern)
    return shaped and read_postcode(postcode, rules.address, rules.code) is None


def _is_reached(parts: Mapping[str, str], missing: list[str], reading: AddressReading) -> bool:
    """Tell whether only the town is missing, and a sound postcode names the street it is in."""
    told = {"house_number", "street", "postal_code"} <= parts.keys() and missing == ["locality"]
    reach = reading.rules.address.postcode_reach
    return told and reach == "street" and "STD324" not in reading.codes


def _has(parts: Mapping[str, str], part: str) -> bool:
    if part == "street":
        return any(p in parts for p in ("street", "po_box", "house_number", "unit"))
    return part in parts
