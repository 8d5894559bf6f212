"""What the cases of each source say, in our parts, and when a reading is the same."""

import re
from collections.abc import Mapping

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.address_places import spell_locality
from crmmigrate.values.address_streets import spell_number, spell_street
from crmmigrate.values.folding import fold_key

Parts = dict[str, str]
_COMPOSED = {
    "street_name": "street", "building_number": "house_number", "postcode": "postal_code", "postalcode": "postal_code",
    "city": "locality", "amphoe": "locality", "province": "region", "state_abbr": "region", "province_abbr": "region",
    "military_state": "region", "metropolitan_city": "region", "borough": "locality", "state": "region",
}  # fmt: skip
_NUMBER_WORD = re.compile(r"(?i)^(?:nr|no|nº|n°|№|h\.no)\.?\s*")


def sought(truth: Parts) -> list[str]:
    """Return the parts of a case that are compared."""
    return [part for part in truth if not part.startswith("_")]


def same(part: str, truth: Parts, got: Mapping[str, str], rules: RegionRules | None) -> bool:
    """Tell whether a part was read right, whatever its capitals, accents, blanks and abbreviations."""
    wanted, found = truth.get(part, ""), got.get(part) or ""
    if "_anywhere" in truth and part in {"street", "house_number", "locality"}:
        return fold_key(truth["_anywhere"]) in fold_key(" ".join(got.values()))
    if part == "locality" and not wanted and truth.get("_quarter"):
        quarter = fold_key(truth["_quarter"])
        return quarter in fold_key(found) or quarter in fold_key(got.get("dependent_locality", ""))
    if fold_key(wanted) == fold_key(found):
        return True
    if rules is None or not wanted or not found:
        return False
    return fold_key(found) in {fold_key(x) for x in _spellings(part, wanted, rules)}


def _spellings(part: str, wanted: str, rules: RegionRules) -> set[str]:
    """Return what the conventions of the parts make of what is written."""
    if part == "street":
        return {spell_street(wanted, rules)}
    if part == "house_number":
        return {spell_number(wanted)}
    if part == "region":
        return {rules.address.provinces.get(wanted.casefold(), wanted)}
    if part == "locality":
        named = spell_locality(wanted, rules)
        return {named, *(word + named for word in rules.address.locality_words)}
    return {wanted}


def composed_truth(row: Mapping[str, object]) -> Parts:
    """Return the parts that Faker put together."""
    truth: Parts = {}
    given: list[list[str]] = row["parts"]  # type: ignore[assignment]
    named = dict(given)
    for name, value in given:
        part = _COMPOSED.get(name)
        if part and value:
            truth[part] = f"{truth[part]} {value}" if part in truth else value
    if "house_number" in truth:
        truth["house_number"] = _NUMBER_WORD.sub("", truth["house_number"])
    region = str(row["region"])
    if region == "KR":
        street, _, number = named["road"].rpartition(" ")
        truth |= {"street": street, "house_number": number}
    if region == "TH":
        truth["house_number"] = re.sub(r"\s*หมู่\s*\d+", "", truth["house_number"])
        truth.setdefault("_quarter", named.get("tambon", ""))
    if region == "TW":
        truth["street"] = "".join(
            named.get(k, "") for k in ("street_name", "street_name_suffix", "section_number")
        )
        if named.get("secondary_address", "").startswith("之"):
            truth["house_number"] += named["secondary_address"]
    if "postcode_city_province" in named:
        found = re.fullmatch(r"(\d+),? (.+?) \((\w+)\)", named["postcode_city_province"])
        assert found, named
        truth |= {"postal_code": found[1], "locality": found[2], "region": found[3]}
    box = [v for k, v in given if k in {"military_apo", "military_dpo", "military_ship"}]
    if box:
        truth["_anywhere"] = box[0]
    return truth


_LABELS = {"AddressNumber": "house_number", "AddressNumberPrefix": "house_number", "AddressNumberSuffix": "house_number", "PlaceName": "locality", "StateName": "region", "ZipCode": "postal_code"}  # fmt: skip


def labelled_truth(row: Mapping[str, object]) -> Parts:
    """Return street, number, place, state and zip of a labelled address."""
    truth: Parts = {}
    tokens: list[list[str]] = row["tokens"]  # type: ignore[assignment]
    labels = {label for _, label in tokens}
    if "IntersectionSeparator" in labels:
        return {}
    for token, label in tokens:
        part = _LABELS.get(label) or ("street" if label.startswith("StreetName") else "")
        if part:
            plain = (
                token.strip(",;").replace(".", "") if "Directional" in label else token.strip(",;")
            )
            truth[part] = f"{truth.get(part, '')} {plain}".strip()
    return {part: value.strip(" ,.;()") for part, value in truth.items()}


_CAGE = {"house_number": "house_number", "postcode": "postal_code"}
_TOWNS = ("city", "town", "village", "hamlet", "municipality")


def backward_truth(row: Mapping[str, object]) -> Parts:
    """Return number, street, postcode and town of the components that stand in the text."""
    given: Mapping[str, str] = row["components"]  # type: ignore[assignment]
    text = fold_key(str(row["input"]))
    truth = {part: str(given[k]) for k, part in _CAGE.items() if k in given}
    road = next((given[k] for k in ("road", "pedestrian", "footway", "street") if k in given), None)
    town = next((given[k] for k in _TOWNS if k in given), None)
    if str(town).endswith(("특별시", "광역시")):
        truth["region"], town = str(town), None
    if road:
        truth["street"] = road
    if town:
        truth["locality"] = town
    return {part: v for part, v in truth.items() if v and fold_key(v) in text}


def forward_parts(row: Mapping[str, object]) -> tuple[Parts, list[str]]:
    """Return parts and the lines they make, as far as our parts can say them."""
    given: Mapping[str, str] = row["components"]  # type: ignore[assignment]
    lines: list[str] = list(row["lines"])  # type: ignore[call-overload]
    parts = backward_truth(row)
    region = next((given[k] for k in ("state_code", "state", "province") if k in given and fold_key(given[k]) in {fold_key(w) for w in re.split(r"[\n,\s]\s*", "\n".join(lines))} | {fold_key(x) for x in lines}), None)  # fmt: skip
    if region:
        parts["region"] = region
    country = given.get("country", "")
    parts = {part: v for part, v in parts.items() if fold_key(v) != fold_key(country)}
    said = [" ".join(line.split()) for line in lines if fold_key(line) != fold_key(country)]
    rest = fold_key("".join(said))
    for value in sorted(parts.values(), key=len, reverse=True):
        rest = rest.replace(fold_key(value), "", 1)
    name = said[0] if said and fold_key(said[0]) == rest and len(said) > 1 else ""
    if name:
        parts["recipient"], rest = name, ""
    return (parts, said) if not rest and "street" in parts else ({}, [])


_POSTAL = {"house_number": "house_number", "road": "street", "postcode": "postal_code", "city": "locality", "state": "region"}  # fmt: skip


def libpostal_truth(row: Mapping[str, object]) -> Parts:
    """Return the parts of a libpostal test that ours have as well."""
    truth: Parts = {}
    for label, value in row["components"]:  # type: ignore[attr-defined]
        if label in _POSTAL and _POSTAL[label] not in truth:
            truth[_POSTAL[label]] = (
                _NUMBER_WORD.sub("", value) if label == "house_number" else value
            )
    return truth
