"""Semantic types of fields, and the parts that composite types fall into."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

__all__ = ["INPUT_PARTS", "PARTS", "SemanticType", "part_column"]


class SemanticType(StrEnum):
    """What a field means; it drives standardizing, comparing, masking and validating."""

    PERSON_NAME = "person_name"
    PHONE = "phone"
    EMAIL = "email"
    POSTAL_ADDRESS = "postal_address"
    ORGANIZATION = "organization"
    DATE = "date"
    DATETIME = "datetime"
    MONEY = "money"
    COUNTRY = "country"
    SUBDIVISION = "subdivision"
    POSTAL_CODE = "postal_code"
    LANGUAGE = "language"
    URL = "url"
    CHOICE = "choice"
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    IDENTIFIER = "identifier"
    EXTERNAL_ID = "external_id"
    REFERENCE = "reference"
    BINARY = "binary"


PARTS: Mapping[SemanticType, tuple[str, ...]] = MappingProxyType(
    {
        SemanticType.PERSON_NAME: ("prefix", "given", "middle", "family", "suffix", "nickname"),
        SemanticType.PHONE: (
            "e164",
            "national",
            "international",
            "type",
            "region",
            "extension",
            "valid",
            "possible",
            "note",
        ),
        SemanticType.EMAIL: ("domain", "role", "provider", "valid"),
        SemanticType.POSTAL_ADDRESS: (
            "recipient",
            "care_of",
            "house_number",
            "street",
            "unit",
            "po_box",
            "dependent_locality",
            "locality",
            "region",
            "postal_code",
            "country",
            "unparsed",
            "validity",
        ),
        SemanticType.ORGANIZATION: ("base_name", "legal_form", "legal_form_code"),
        SemanticType.MONEY: ("amount", "currency"),
        SemanticType.IDENTIFIER: ("kind", "valid"),
    }
)
"""Parts that standardizing gives for each composite type, in display order."""

INPUT_PARTS: Mapping[SemanticType, tuple[str, ...]] = MappingProxyType(
    {
        SemanticType.PERSON_NAME: PARTS[SemanticType.PERSON_NAME],
        SemanticType.POSTAL_ADDRESS: (*PARTS[SemanticType.POSTAL_ADDRESS][:-2], "street2"),
        SemanticType.MONEY: PARTS[SemanticType.MONEY],
        SemanticType.PHONE: ("number", "extension", "note"),
        SemanticType.ORGANIZATION: ("base_name", "legal_form"),
    }
)
"""Parts a source may hold in columns of their own, e.g. `person_name.given`."""


def part_column(field: str, part: str) -> str:
    """Return the column that holds one part of a composite field."""
    return f"{field}_{part}"
