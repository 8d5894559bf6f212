"""The scribe: turns a sighting into the cells of a row, with the mess of the place."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from maker.facts import Address, Company
from maker.invent import ascii_fold
from maker.sight import Sighting
from maker.spellings import (
    NOTHING,
    blanks,
    cedilla,
    country_name,
    local_date,
    mojibake,
    organization,
    phone,
    respell,
    typo,
)
from maker.words import Words

__all__ = ["AddressCells", "Scribe"]

_BETWEEN = (" / ", "/", "; ", ", ", " sau ", " or ")


@dataclass(frozen=True)
class AddressCells:
    """An address in columns."""

    street: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""


@dataclass
class Scribe:
    """Someone who types records into a system of code page `codec`."""

    words: dict[str, Words]
    rng: Random
    codec: str = "cp1252"

    def chance(self, probability: float) -> bool:
        """Return True in that share of cases."""
        return self.rng.random() < probability

    def smudge(self, texts: list[str], code: str) -> list[str]:
        """Damage texts of one row in one way, or, mostly, in none."""
        lot, at = self.rng.random(), self.rng.randrange(len(texts))
        kinds: list[tuple[float, Callable[[str], str]]] = [
            (0.06, str.upper),
            (0.075, str.lower),
            (0.15, ascii_fold),
            (0.25, cedilla if code == "RO" else str),
            (0.27, lambda text: mojibake(text, self.codec)),
        ]
        for limit, damage in kinds:
            if lot < limit:
                return [damage(text) for text in texts]
        if lot < 0.31 and texts[at]:
            texts = [*texts[:at], blanks(texts[at], self.rng), *texts[at + 1 :]]
        return texts

    def names(self, seen: Sighting) -> tuple[str, str]:
        """Write first and last name; now and then in the other's column, or both in one."""
        given = f"{seen.given} {seen.middle}".strip()
        family = f"{seen.family} {seen.person.suffix}".strip()
        given, family = self.smudge([given, family], seen.person.code)
        if seen.person.guarded:
            return given, family
        lot = self.rng.random()
        if lot < 0.025:
            return family, given
        if lot < 0.05:
            return "", f"{family} {given}"
        return given, family

    def whole_name(self, seen: Sighting, *, titles: bool = True) -> str:
        """Write the name into one cell, in either order."""
        given = f"{seen.given} {seen.middle}".strip()
        family = f"{seen.family} {seen.person.suffix}".strip()
        given, family = self.smudge([given, family], seen.person.code)
        lot = self.rng.random()
        if seen.script == "native" and seen.person.code == "JP":
            return f"{family} {given}" if lot < 0.7 else f"{family}{given}"
        if lot < 0.13:
            return f"{family}, {given}"
        if lot < 0.3:
            return f"{family} {given}"
        prefix = seen.person.prefix.of(seen.script) if titles else ""
        return f"{prefix} {given} {family}".strip()

    def organization(self, company: Company, script: str) -> str:
        """Write a company's name."""
        guarded = company.guarded
        written = organization(company, script, self.rng, plain=not guarded and self.chance(0.1))
        if not guarded and self.chance(0.05):
            first, _, rest = written.partition(" ")
            written = f"{typo(first, self.rng)} {rest}".strip()
        return self.smudge([written], company.code)[0]

    def phones(self, seen: Sighting, *, abroad: bool = False) -> tuple[str, str]:
        """Write what is known into a cell for land lines and one for mobiles."""
        mobile = self.mobile(seen, abroad=abroad)
        landline = self.landline(seen, abroad=abroad)
        if landline and mobile and self.chance(0.08):
            pair = [landline, mobile] if self.chance(0.6) else [mobile, landline]
            return self.rng.choice(_BETWEEN).join(pair), ""
        return landline, mobile

    def one_phone(self, seen: Sighting, *, abroad: bool = False) -> str:
        """Write what is known into a single cell."""
        mobile = self.mobile(seen, abroad=abroad)
        landline = self.landline(seen, abroad=abroad)
        if mobile and landline and self.chance(0.35):
            return f"{mobile}{self.rng.choice(_BETWEEN)}{landline}"
        return mobile or landline

    def mobile(self, seen: Sighting, *, abroad: bool = False) -> str:
        """Write the mobile number, now and then with a label."""
        if seen.mobile is None:
            return ""
        written = phone(seen.mobile, self.rng, abroad=abroad)
        if self.chance(0.06):
            return self.words[seen.person.code].one("mobile_labels", self.rng).format(written)
        return written

    def landline(self, seen: Sighting, *, abroad: bool = False) -> str:
        """Write the land line or the switchboard, now and then with an extension."""
        company = seen.company
        if seen.switchboard and company is not None:
            written = phone(company.phone, self.rng, abroad=abroad)
            if self.chance(0.5):
                word = self.words[company.code].one("extensions", self.rng)
                return f"{written} {word.format(seen.person.extension)}"
            return written
        return phone(seen.landline, self.rng, abroad=abroad) if seen.landline else ""

    def address(self, address: Address | None, code: str, script: str) -> AddressCells:
        """Write an address into columns; at home (RO) the country is missing now and then."""
        words = self.words[code]
        country = country_name(words, self.rng)
        if code == "RO" and self.chance(0.07):
            country = ""
        if address is None:
            return AddressCells(country=country)
        street = respell(address.street_line(script), words, self.rng)
        texts = [street, address.city.of(script), address.region.of(script)]
        street, city, region = self.smudge(texts, code)
        postcode = address.postcode
        if self.chance(0.05):
            postcode = postcode.replace(" ", "").lower()
        return AddressCells(street, city, region, postcode, country)

    def birth(self, seen: Sighting) -> str:
        """Write the date of birth as the country does."""
        if seen.birth is None:
            return self.rng.choice(["0000-00-00", "n/a", "01.01.1900"]) if self.chance(0.05) else ""
        return local_date(seen.birth, self.words[seen.person.code], self.rng)

    def email(self, seen: Sighting) -> str:
        """Write the e-mail address."""
        if not seen.email:
            return (
                self.rng.choice(["n/a", "-", "noemail@noemail.example"])
                if self.chance(0.15)
                else ""
            )
        lot = self.rng.random()
        if lot < 0.03:
            return seen.email.upper()
        return f"{seen.email} " if lot < 0.05 else seen.email

    def nothing(self, text: str, probability: float = 0.05) -> str:
        """Put a placeholder into an empty cell now and then."""
        return self.rng.choice(NOTHING) if not text and self.chance(probability) else text
