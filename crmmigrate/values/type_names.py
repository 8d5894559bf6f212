"""What types of values are called on the command line: one set of words for all commands."""

from collections.abc import Mapping
from types import MappingProxyType

from crmmigrate.model.semantic import SemanticType

__all__ = ["TYPE_NAMES", "find_type"]

_OTHER_WORDS: Mapping[str, tuple[SemanticType, str]] = MappingProxyType(
    {
        "name": (SemanticType.PERSON_NAME, ""),
        "person": (SemanticType.PERSON_NAME, ""),
        "org": (SemanticType.ORGANIZATION, ""),
        "company": (SemanticType.ORGANIZATION, ""),
        "address": (SemanticType.POSTAL_ADDRESS, ""),
        "postcode": (SemanticType.POSTAL_CODE, ""),
        "zip": (SemanticType.POSTAL_CODE, ""),
        "city": (SemanticType.POSTAL_ADDRESS, "locality"),
        "street": (SemanticType.POSTAL_ADDRESS, "street"),
        "state": (SemanticType.SUBDIVISION, ""),
        "mail": (SemanticType.EMAIL, ""),
        "tel": (SemanticType.PHONE, ""),
        "website": (SemanticType.URL, ""),
    }
)
"""Other words for a type, or for one part of it."""

TYPE_NAMES = tuple(sorted({*map(str, SemanticType), *_OTHER_WORDS} - {SemanticType.BINARY}))
"""All words; binary is not among them: a cell of text holds none."""


def find_type(word: str) -> tuple[SemanticType, str] | None:
    """Return the type that a word means, and the part if it means only that; None for no type."""
    name = word.strip().lower()
    if name in _OTHER_WORDS:
        return _OTHER_WORDS[name]
    return (SemanticType(name), "") if name in TYPE_NAMES else None
