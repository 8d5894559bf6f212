"""The numbering plans of the world as one table: digit by digit to what the library would say.

Built from the metadata of the installed `phonenumbers` (Apache-2.0, The Libphonenumber Authors). A
state stands for all beginnings of a number that the rest of the number treats alike, its length
included, so that the last state of a number tells type, region, possibility and the way it is
written. The library itself is asked once for each such outcome.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import phonenumbers
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    PhoneNumberFormat,
    PhoneNumberType,
    phonenumberutil,
)
from phonenumbers.phonemetadata import PhoneMetadata

from crmmigrate.values.digit_patterns import DEAD, Automaton, compile_pattern

__all__ = ["LONGEST", "Plans", "Verdict", "build_plans", "metadata_of"]

LONGEST = 17
"""Most digits behind a country code that the library reads."""

_KINDS = (
    *("general_desc", "premium_rate", "toll_free", "shared_cost", "voip", "personal_number"),
    *("pager", "uan", "voicemail", "fixed_line", "mobile"),
)
_TYPES = {
    value: name.lower() for name, value in vars(PhoneNumberType).items() if isinstance(value, int)
}
_REASONS = {
    value: name.lower()
    for name, value in vars(phonenumbers.ValidationResult).items()
    if isinstance(value, int)
}
Key = tuple[str, bool]
"""A pattern, and whether it has to match only the beginning."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said about every number that ends in a state.

    Attributes:
        code: Country code.
        region: Region of the number, '' where the library knows none.
        type: Type in lower case, 'unknown' where no such number is given out.
        reason: Whether it is possible, as the library names it, e.g. `too_short`.
        general: Bits of the code's regions whose general pattern matches.
        fits: Bits of the regions for which the number is long enough without its prefix.
        long: Bits of the regions for which it is too long.
        national, international: How it is written, digits as the letters `a` to `q`.
    """

    code: int
    region: str = ""
    type: str = "unknown"
    reason: str = ""
    general: int = 0
    fits: int = 0
    long: int = 0
    national: str = ""
    international: str = ""


@dataclass(slots=True)
class Plans:
    """All numbering plans.

    Attributes:
        steps: Ten following states for each state; state 0 is for what cannot be a number.
        verdict_of: Index in `verdicts` for each state.
        verdicts: What is said; number 0 is for states within a country code.
        starts: Country code → state behind it.
        root: State behind a plus sign.
    """

    steps: list[int] = field(default_factory=lambda: [0] * 10)
    verdict_of: list[int] = field(default_factory=lambda: [0])
    verdicts: list[Verdict] = field(default_factory=lambda: [Verdict(0)])
    starts: dict[int, int] = field(default_factory=dict)
    root: int = 0


def metadata_of(region: str, code: int) -> PhoneMetadata:
    """Return the metadata of a region, or of a code that is no country's (region `001`)."""
    known = (
        PhoneMetadata.metadata_for_nongeo_region(code)
        if region == "001"
        else PhoneMetadata.metadata_for_region(region)
    )
    if known is None:
        message = f"phonenumbers has no metadata of {region}, +{code}"
        raise LookupError(message)
    return known


def build_plans() -> Plans:
    """Build the table from the metadata of the installed library, in about a second."""
    plans = Plans()
    automata: dict[Key, Automaton] = {}
    for code in sorted(COUNTRY_CODE_TO_REGION_CODE):
        _Country(code, automata, plans).add()
    _add_codes(plans)
    return plans


def _add_codes(plans: Plans) -> None:
    """Add the states that read a country code; no code is the beginning of another."""

    def state(read: str) -> int:
        if read and int(read) in plans.starts:
            return plans.starts[int(read)]
        if len(read) == 3:
            return 0
        row = [0 if not read and not digit else state(f"{read}{digit}") for digit in range(10)]
        plans.steps.extend(row)
        plans.verdict_of.append(0)
        return len(plans.verdict_of) - 1

    plans.root = state("")


class _Country:
    """One country code: its patterns side by side."""

    def __init__(self, code: int, automata: dict[Key, Automaton], plans: Plans) -> None:
        self.code = code
        self.plans = plans
        self.regions = COUNTRY_CODE_TO_REGION_CODE[code]
        self.metadata = [metadata_of(region, code) for region in self.regions]
        keys = sorted({key for known in self.metadata for key in _patterns(known)})
        keys = sorted({*keys, *_formats(self.metadata[0])})
        for key in keys:
            if key not in automata:
                automata[key] = compile_pattern(key[0], prefix=key[1])
        self.keys = keys
        self.automata = [automata[key] for key in keys]
        self.known: dict[tuple[object, ...], int] = {}
        self.verdicts: dict[tuple[object, ...], int] = {}

    def add(self) -> None:
        """Add the states of the code; the start is the last."""
        first = tuple((i, a.start) for i, a in enumerate(self.automata) if a.start != DEAD)
        self.plans.starts[self.code] = self._state(first, "", {})

    def _state(
        self, alive: tuple[tuple[int, int], ...], number: str, done: dict[tuple[object, ...], int]
    ) -> int:
        name = (alive, len(number))
        if name not in done:
            row = [0] * 10
            if len(number) < LONGEST:
                for digit in range(10):
                    following = tuple(
                        (i, to)
                        for i, at in alive
                        if (to := self.automata[i].steps[at][digit]) != DEAD
                    )
                    row[digit] = self._state(following, f"{number}{digit}", done)
            done[name] = self._number(tuple(row), alive, number)
        return done[name]

    def _number(self, row: tuple[int, ...], alive: Sequence[tuple[int, int]], number: str) -> int:
        matched = frozenset(i for i, at in alive if self.automata[i].accepts[at])
        accepted = (matched, len(number))
        if accepted not in self.verdicts:
            self.verdicts[accepted] = len(self.plans.verdicts)
            self.plans.verdicts.append(self._judge(number, matched))
        key = (self.verdicts[accepted], row)
        if key not in self.known:
            self.known[key] = len(self.plans.verdict_of)
            self.plans.steps.extend(row)
            self.plans.verdict_of.append(self.verdicts[accepted])
        return self.known[key]

    def _judge(self, nsn: str, matched: frozenset[int]) -> Verdict:
        """Ask the library about one number that stands for all of its state."""
        if len(nsn) < 2:
            return Verdict(self.code)
        zeros = len(nsn) - len(nsn.lstrip("0"))
        number = phonenumbers.PhoneNumber(
            country_code=self.code,
            national_number=int(nsn),
            italian_leading_zero=True if zeros else None,
            number_of_leading_zeros=min(zeros, len(nsn) - 1) if zeros > 1 else None,
        )
        region = phonenumbers.region_code_for_number(number)
        valid = phonenumbers.is_valid_number(number)
        patterns = {self.keys[i] for i in matched}
        return Verdict(
            self.code,
            region or "",
            _TYPES[phonenumbers.number_type(number)] if valid else "unknown",
            _REASONS[phonenumbers.is_possible_number_with_reason(number)],
            _bits(_general(known) in patterns for known in self.metadata),
            _bits(_length(nsn, known) in _LONG_ENOUGH for known in self.metadata),
            _bits(_length(nsn, known) == _TOO_LONG for known in self.metadata),
            _template(nsn, self.metadata[0], PhoneNumberFormat.NATIONAL),
            _template(nsn, self.metadata[0], PhoneNumberFormat.INTERNATIONAL),
        )


def _bits(flags: Iterator[bool]) -> int:
    return sum(1 << at for at, flag in enumerate(flags) if flag)


_TOO_LONG = phonenumbers.ValidationResult.TOO_LONG
_LONG_ENOUGH = (phonenumbers.ValidationResult.IS_POSSIBLE, _TOO_LONG)


def _length(nsn: str, known: PhoneMetadata) -> int:
    """Say whether a number is of a length that the region gives out, as the library does."""
    desc = known.general_desc
    if desc is None or len(nsn) in desc.possible_length_local_only:
        return phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY
    if len(nsn) in desc.possible_length:
        return phonenumbers.ValidationResult.IS_POSSIBLE
    if len(nsn) > desc.possible_length[-1]:
        return _TOO_LONG
    return phonenumbers.ValidationResult.INVALID_LENGTH


def _patterns(known: PhoneMetadata) -> Iterator[Key]:
    for kind in _KINDS:
        desc = getattr(known, kind)
        if desc is not None and desc.national_number_pattern:
            yield desc.national_number_pattern, False
    if known.leading_digits:
        yield known.leading_digits, True


def _formats(known: PhoneMetadata) -> Iterator[Key]:
    for form in (*known.number_format, *known.intl_number_format):
        if form.leading_digits_pattern:
            yield form.leading_digits_pattern[-1], True
        yield form.pattern or "", False


def _template(nsn: str, known: PhoneMetadata, style: int) -> str:
    """Return how a number is written, with the letter of its place for each digit."""
    international = style == PhoneNumberFormat.INTERNATIONAL
    formats = known.intl_number_format if international else ()
    chosen = phonenumberutil._choose_formatting_pattern_for_number(  # noqa: SLF001
        formats or known.number_format, nsn
    )
    letters = "".join(chr(97 + at) for at in range(len(nsn)))
    if chosen is None:
        return letters
    rule = chosen.format or ""
    if not international and chosen.national_prefix_formatting_rule:
        rule = re.sub(r"(\\\d)", chosen.national_prefix_formatting_rule, rule, count=1)
    match = re.fullmatch(chosen.pattern or "", nsn)
    if match is None:
        return letters
    groups = [letters[slice(*span)] for span in match.regs]
    return re.sub(r"\\(\d)", lambda place: groups[int(place[1])], rule)


def _general(known: PhoneMetadata) -> Key:
    desc = known.general_desc
    return (desc.national_number_pattern or "" if desc is not None else "", False)
