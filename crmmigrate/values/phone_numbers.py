"""One phone number as the library reads it."""

from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

__all__ = ["PhoneNumber", "number_of", "parse_number"]

phonenumbers.re_util.enable_pattern_cache()

_TYPE_NAMES = {
    value: name.lower() for name, value in vars(PhoneNumberType).items() if isinstance(value, int)
}


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """One number as the library parsed it; `valid` tells whether such a number can exist."""

    e164: str
    type: str
    extension: str | None
    valid: bool

    @property
    def written(self) -> str:
        """The number with its extension as RFC 3966 writes it."""
        return self.e164 + (f";ext={self.extension}" if self.extension else "")


def parse_number(text: str, region: str | None) -> PhoneNumber | None:
    """Parse one number exactly as `phonenumbers` does; None where it raises."""
    try:
        parsed = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    return number_of(parsed)


def number_of(parsed: phonenumbers.PhoneNumber) -> PhoneNumber:
    """Return what the library parsed as a frozen value."""
    valid = phonenumbers.is_valid_number(parsed)
    kind = _TYPE_NAMES[phonenumbers.number_type(parsed)] if valid else "unknown"
    e164 = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    return PhoneNumber(e164, kind, parsed.extension or None, valid)
