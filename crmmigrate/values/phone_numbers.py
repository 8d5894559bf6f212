"""One phone number as the library reads it."""

from dataclasses import dataclass, field, replace
from functools import lru_cache

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
    parsed: phonenumbers.PhoneNumber = field(repr=False, compare=False)

    @property
    def written(self) -> str:
        """The number with its extension as RFC 3966 writes it."""
        return self.e164 + (f";ext={self.extension}" if self.extension else "")

    @property
    def national(self) -> str:
        """The number as it is written within its country, with its extension."""
        return str(phonenumbers.format_number(self.parsed, PhoneNumberFormat.NATIONAL))

    @property
    def international(self) -> str:
        """The number as it is written abroad, with its extension."""
        return str(phonenumbers.format_number(self.parsed, PhoneNumberFormat.INTERNATIONAL))

    @property
    def region(self) -> str | None:
        """ISO 3166-1 alpha-2 code of the number's region, `001` for a code of no country."""
        return phonenumbers.region_code_for_number(self.parsed) or None

    @property
    def possible(self) -> bool:
        """Whether numbers of this length are given out under its country code."""
        return bool(phonenumbers.is_possible_number(self.parsed))

    @property
    def reason(self) -> str:
        """Why such a number cannot exist."""
        why = phonenumbers.is_possible_number_with_reason(self.parsed)
        if why == phonenumbers.ValidationResult.TOO_SHORT:
            return "too short"
        if why == phonenumbers.ValidationResult.TOO_LONG:
            return "too long"
        return "no such number is given out"

    def with_extension(self, extension: str) -> "PhoneNumber":
        """Return the number with an extension that stood elsewhere."""
        parsed = phonenumbers.PhoneNumber()
        parsed.merge_from(self.parsed)
        parsed.extension = extension
        return replace(self, extension=extension, parsed=parsed)


@lru_cache(maxsize=1024)
def parse_number(text: str, region: str | None) -> PhoneNumber | None:
    """Parse one number exactly as `phonenumbers` does; None where it raises.

    What was parsed last is remembered: a cell that is hard to read is tried in several cuts.
    """
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
    return PhoneNumber(e164, kind, parsed.extension or None, valid, parsed)
