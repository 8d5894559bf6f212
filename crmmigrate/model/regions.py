"""What one region knows: types of `rules/regions/<cc>.yaml`."""

import copyreg
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = [
    "AddressRules",
    "LegalForm",
    "NameRules",
    "NumberRules",
    "PhoneRules",
    "Province",
    "RegionBook",
    "RegionRules",
]


def _read_only(words: dict[str, str]) -> MappingProxyType[str, str]:
    return MappingProxyType(words)


def _reduced(
    words: MappingProxyType[str, str],
) -> tuple[Callable[[dict[str, str]], MappingProxyType[str, str]], tuple[dict[str, str]]]:
    return _read_only, (dict(words),)


copyreg.pickle(MappingProxyType, _reduced)
"""Rules travel to other processes, and read-only maps cannot be pickled by themselves."""


@dataclass(frozen=True, slots=True)
class PhoneRules:
    """Words around phone numbers: before an extension, and labels to strip."""

    extension_words: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Label in lower case → type (mobile, work, home, fax, '')."""


@dataclass(frozen=True, slots=True)
class NameRules:
    """Order of names and the words around them."""

    order: str = "given_first"
    titles: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    particles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LegalForm:
    """One legal form: canonical abbreviation, spellings and ISO 20275 (ELF) code."""

    canonical: str
    variants: tuple[str, ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class NumberRules:
    """Decimal and group signs and the currency."""

    decimal: str = "."
    groups: tuple[str, ...] = (",",)
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Province:
    """One first-level subdivision: state, province, county.

    Attributes:
        name: What is written in addresses of the region, in its own language.
        code: Short code that people write (US, CA, IT) or the ISO 3166-2 suffix.
        latin: Latin spelling where the name is in another script.
        postcodes: Regex of the beginning of its postcodes; empty where unknown.
    """

    name: str
    code: str = ""
    latin: str = ""
    postcodes: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class AddressRules:
    """How addresses are written.

    Compared by identity, so that what was read by them can be remembered.

    Attributes:
        number_first: House number before the street.
        number_joint: What stands between street and house number.
        postcode_pattern: Regex of a standard postcode, without anchors.
        postcode_first: Postcode before the city.
        postcode_format: Lengths of the groups of a postcode with the sign between them (5: no sign),
            e.g. `3 2`, `5-3`, `-3` counts from the end; empty leaves it as it is.
        postcode_width: Number of digits of a purely numeric postcode, 0 if it varies.
        postcode_reach: 'street' where a postcode names a street or a house, so that the town follows from it.
        large_to_small: Addresses begin with the province in the region's own script.
        street_position: Where the street type stands: `before`, `after` or `attached`.
        street_style: Whether the type is written in `full` or `short` (its first abbreviation).
        street_types: Abbreviation in lower case → canonical word.
        street_tails: Ending of a compound street name → canonical ending.
        unit_words: Spelling in lower case → usual abbreviation.
        unit_pattern: Regex of a unit that stands without a word (H0201).
        building_words: Words that announce the name of a building, spelling → canonical word.
        unit_order: Abbreviations of units in the order to write them.
        number_words: Words that announce a house number (nr., no., nº), in lower case.
        no_number: Spellings of "without number" in lower case → what to write.
        dependent_words: Words that announce a part of a town, spelling → canonical word.
        locality_words: Words that announce a town, spelling → canonical word ('' drops it).
        province_words: Words that announce a province, spelling → canonical word ('' drops it).
        directions: Spelling in lower case → abbreviation in street names.
        po_box_words: Spelling in lower case → canonical word.
        box_pattern: Regex of boxes with more than a word and a number (`RR 1 Box 242`).
        care_of_words: c/o and its sisters in lower case.
        provinces: Spelling in lower case → name or code to write.
        province_style: 'name' or 'code'.
        province_list: All first-level subdivisions.
        cities: Other spelling in lower case → city name.
        quarters: Spelling in lower case → part of a town.
        required: Parts an address must have.
        format: Lines as in the Universal Postal Union's systems (Google's %-letters).
        upper: Letters of `format` that the post wants in capitals.
    """

    number_first: bool = False
    number_joint: str = " "
    postcode_pattern: str = ""
    postcode_first: bool = True
    postcode_format: str = ""
    postcode_width: int = 0
    postcode_reach: str = "area"
    large_to_small: bool = False
    street_position: str = "before"
    street_style: str = "full"
    street_types: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    street_tails: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    unit_words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    unit_pattern: str = ""
    building_words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    unit_order: tuple[str, ...] = ()
    number_words: tuple[str, ...] = ()
    no_number: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    dependent_words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    locality_words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    province_words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    directions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    po_box_words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    box_pattern: str = ""
    care_of_words: tuple[str, ...] = ()
    provinces: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    province_style: str = "name"
    province_list: tuple[Province, ...] = ()
    cities: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    quarters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    required: tuple[str, ...] = ()
    format: str = ""
    upper: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class RegionRules:
    """Everything the kernels know about one region (ISO 3166-1 alpha-2).

    Compared by identity, so that what was read by them can be remembered.

    Attributes:
        sources: Where the knowledge was taken from, as the files tell.
        origins: Group of rules (`phone.labels`) → the files it came from, the topmost first.
    """

    code: str
    languages: tuple[str, ...] = ()
    date_orders: tuple[str, ...] = ("dmy",)
    calendar: str = "gregorian"
    encodings: tuple[str, ...] = ()
    letter_repairs: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    phone: PhoneRules = PhoneRules()
    name: NameRules = NameRules()
    number: NumberRules = NumberRules()
    address: AddressRules = AddressRules()
    legal_forms: tuple[LegalForm, ...] = ()
    sources: tuple[str, ...] = ()
    origins: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def rule_id(self, group: str) -> str:
        """Return the id of a group of rules, e.g. `RO.phone.labels` of `phone.labels`."""
        return f"{self.code}.{group}"


@dataclass(frozen=True)
class RegionBook:
    """Rules of all regions, with a default for what is not written."""

    regions: Mapping[str, RegionRules]
    default: RegionRules = RegionRules(code="ZZ")
    version: str = ""

    def get(self, code: str | None) -> RegionRules:
        """Return the rules of a region; the default for None or an unknown code."""
        return self.regions.get(code or "", self.default)
