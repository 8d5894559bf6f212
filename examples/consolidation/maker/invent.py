"""Invent facts: numbers, addresses, companies and persons that are not alike by accident."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from maker.facts import Address, Company, Number, Person
from maker.words import Text, Words

__all__ = ["Inventor", "ascii_fold"]

_LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ß": "ss", "đ": "d", "ł": "l", "œ": "oe", "’": "'"}
)


def ascii_fold(text: str) -> str:
    """Take the diacritics off Latin letters; other scripts stay."""
    kept = []
    for char in text.translate(_LETTERS):
        base = unicodedata.normalize("NFKD", char)
        kept.append(base[0] if unicodedata.combining(base[-1]) and base[0].isascii() else char)
    return "".join(kept)


@dataclass
class Inventor:
    """Draws facts from the words; what must be unique is drawn again until it is."""

    words: dict[str, Words]
    rng: Random
    used: set[str] = field(default_factory=set)
    persons: int = 0
    companies: int = 0

    def fill(self, pattern: str) -> str:
        """Replace every '#' by a digit and every '@' by a letter of British postcodes."""
        digits = [self.rng.choice("0123456789") if c == "#" else c for c in pattern]
        return "".join(self.rng.choice("ABDEFGHJLNPQRSTUWXYZ") if c == "@" else c for c in digits)

    def fresh(self, kind: str, draw: str) -> bool:
        """Tell whether a value was not drawn before, and remember it."""
        known = f"{kind}:{draw.lower()}" in self.used
        self.used.add(f"{kind}:{draw.lower()}")
        return not known

    def mobile(self, code: str) -> Number:
        """Invent a mobile number."""
        words = self.words[code]
        while True:
            area, rest = self.fill(words.one("mobiles", self.rng)).split(";")
            if self.fresh("phone", f"{code}{area}{rest}"):
                return self._number(words, area, rest, words.groups["mobile"])

    def landline(self, code: str, area: str) -> Number:
        """Invent a land line in an area."""
        words = self.words[code]
        area, _, own = area.partition("=")
        while True:
            rest = self.fill(own or words.facts["landline"])
            if self.fresh("phone", f"{code}{area}{rest}") or code == "US":
                return self._number(words, area, rest, words.groups["landline"])

    def _number(self, words: Words, area: str, rest: str, groups: tuple[int, ...]) -> Number:
        return Number(words.facts["calling"], words.facts["trunk"], area, rest, groups)

    def place(self, code: str) -> tuple[Text, Text, str, str]:
        """Choose city, region, postcode pattern and area code."""
        city, region, postcode, area = self.words[code].one("places", self.rng).split(";")
        return Text.parse(city), Text.parse(region), postcode, area

    def address(self, code: str) -> tuple[Address, str]:
        """Invent an address; also return the area code of its land lines."""
        rng, words = self.rng, self.words[code]
        city, region, postcode, area = self.place(code)
        while True:
            first = rng.randrange(3, 180)
            numbers = {
                "n": first,
                "k": first + 2,
                "m": rng.randrange(1, 29),
                "a": rng.randrange(1, 60),
                "s": rng.randrange(1, 7),
                "f": rng.randrange(1, 9),
                "b": f"{rng.choice('ABCDM')}{rng.randrange(1, 30)}",
                "B": rng.choice("ABCD"),
            }
            house = Text.parse(words.one("house", rng).format(**numbers))
            street = words.text("streets", rng)
            if self.fresh("address", f"{code}{city}{street}{house}"):
                return Address(code, street, house, city, region, self.fill(postcode)), area

    def birth(self, first: int = 1948, last: int = 2002) -> date:
        """Invent a date of birth."""
        start = date(first, 1, 1)
        return start + timedelta(days=self.rng.randrange((date(last, 12, 31) - start).days))

    def mailbox(self, local: str, domain: str) -> str:
        """Make a unique e-mail address."""
        stem = re.sub(r"[^a-z0-9.]", "", ascii_fold(local).lower().replace(" ", "."))
        address, number = f"{stem}@{domain}", 2
        while not self.fresh("mail", address):
            number += self.rng.randrange(1, 30)
            address = f"{stem}{number}@{domain}"
        return address

    def company(
        self, code: str, base: Text | None = None, parent: Company | None = None
    ) -> Company:
        """Invent a company, or a branch of `parent`."""
        rng, words = self.rng, self.words[code]
        while base is None:
            stem, trade = words.text("stems", rng), words.text("trades", rng)
            glue = "" if code in {"TH", "JP"} else " "
            drawn = Text(f"{stem.native}{glue}{trade.native}", f"{stem.latin} {trade.latin}")
            if rng.random() < 0.15 and code not in {"TH", "JP"}:
                family = words.text("family", rng).latin
                drawn = Text(f"{family} {trade.latin}", f"{family} {trade.latin}")
            if self.fresh("company", f"{code}{drawn.latin}"):
                base = drawn
        address, area = self.address(code)
        self.companies += 1
        slug = re.sub(r"[^a-z0-9]", "", ascii_fold(base.latin).lower())
        domain = parent.domain if parent else self._domain(slug, words.facts["tld"])
        return Company(
            id=f"c{self.companies:04}",
            code=code,
            base=base,
            form=parent.form if parent else rng.choice(words.forms),
            domain=domain,
            tax_id=self.tax_id(code),
            phone=self.landline(code, area),
            address=address,
            parent=parent,
            guarded=parent is not None,
        )

    def _domain(self, slug: str, tld: str) -> str:
        for domain in (f"{slug}.example", f"{slug}-{tld}.example", f"{slug}{self.rng.random()}"):
            if self.fresh("domain", domain):
                return domain
        raise AssertionError(slug)

    def _middle(self, words: Words, given: Text, *, female: bool) -> str:
        if words.code in {"TH", "JP", "IN"} or self.rng.random() > 0.1:
            return ""
        middle = words.one("female" if female else "male", self.rng)
        return "" if middle == given.native else middle

    def rename(self, person: Person, family: Text) -> None:
        """Give a person another family name, and mailboxes that go with it."""
        person.family = family
        local = f"{person.given.latin}.{family.latin}"
        person.email = self.mailbox(local, self.words[person.code].one("mail", self.rng))
        if person.company is not None:
            person.work_email = self.mailbox(local, person.company.domain)

    def _title(self, words: Words, *, female: bool) -> Text:
        man, woman, *both = words.lists["titles"]
        choice = self.rng.random()
        if choice < 0.06 and both:
            return Text.parse(self.rng.choice(both))
        return Text.parse(woman if female else man) if choice < 0.25 else Text("", "")

    def tax_id(self, code: str) -> str:
        """Invent a tax number in the country's spelling (never a true one: no check digits)."""
        patterns = {
            "RO": "RO9########",
            "NO": "7######## MVA",
            "US": "00-#######",
            "GB": "GB0########",
            "DE": "DE0########",
            "FR": "FR00#########",
            "BR": "00.###.###/0001-##",
            "IN": "00XXXXX####X1Z#",
            "TH": "9############",
            "JP": "T0############",
        }
        while True:
            drawn = self.fill(patterns[code])
            if self.fresh("tax", drawn):
                return drawn

    def person(self, code: str, company: Company | None = None) -> Person:
        """Invent a person."""
        rng, words = self.rng, self.words[code]
        female = rng.random() < 0.5
        given = words.text("female" if female else "male", rng)
        family = words.text("family", rng)
        home, area = self.address(code)
        self.persons += 1
        local = f"{given.latin}.{family.latin}"
        born = self.birth()
        private = rng.choice([local, f"{given.latin[0]}{family.latin}", f"{local}.{born:%y}"])
        return Person(
            id=f"p{self.persons:05}",
            code=code,
            given=given,
            middle=self._middle(words, given, female=female),
            family=family,
            female=female,
            prefix=self._title(words, female=female),
            birth=born,
            mobile=self.mobile(code),
            landline=self.landline(code, area),
            home=home,
            email=self.mailbox(private, words.one("mail", rng)),
            work_email=self.mailbox(local, company.domain) if company else "",
            company=company,
            job=words.text("jobs", rng) if company else Text("", ""),
            extension=str(rng.randrange(100, 999)) if company else "",
        )
