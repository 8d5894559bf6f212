"""What is true about the people and companies: addresses, numbers, persons, companies."""

from dataclasses import dataclass, field
from datetime import date

from maker.words import Text

__all__ = ["Address", "Company", "Number", "Person"]


@dataclass(frozen=True)
class Number:
    """A telephone number: `+<calling> <area> <rest>`."""

    calling: str
    trunk: str
    area: str
    rest: str
    groups: tuple[int, ...]


@dataclass(frozen=True)
class Address:
    """A postal address in both scripts."""

    code: str
    street: Text
    house: Text
    city: Text
    region: Text
    postcode: str

    def street_line(self, script: str) -> str:
        """Write street and house number as the country orders them."""
        street, house = self.street.of(script), self.house.of(script)
        if self.code in {"RO", "NO", "DE"}:
            return f"{street} {house}"
        if self.code == "BR":
            return f"{street}, {house}"
        if self.code == "US":
            number, _, unit = house.partition("~")
            return " ".join(f"{number.strip()} {street} {unit}".split())
        if self.code == "JP" and script == "native":
            return f"{street}{house}"
        return f"{house} {street}"

    def one_line(self, script: str) -> str:
        """Write the whole address in one line."""
        usual = "{line}, {city}, {region} {postcode}"
        pattern = _ONE_LINE.get(f"{self.code} {script}", _ONE_LINE.get(self.code, usual))
        written = pattern.format(
            line=self.street_line(script),
            city=self.city.of(script),
            region=self.region.of(script),
            postcode=self.postcode,
        )
        return written.replace(", , ", ", ")


_ONE_LINE = {
    "NO": "{line}, {postcode} {city}",
    "DE": "{line}, {postcode} {city}",
    "FR": "{line}, {postcode} {city}",
    "RO": "{line}, {postcode} {city}, {region}",
    "GB": "{line}, {city}, {region}, {postcode}",
    "BR": "{line}, {city} - {region}, {postcode}",
    "JP native": "〒{postcode} {region}{city}{line}",
    "TH native": "{line} {city} {region} {postcode}",
}


@dataclass
class Company:
    """A company. `form` is the list of spellings of its legal form, the first is the register's."""

    id: str
    code: str
    base: Text
    form: tuple[str, ...]
    domain: str
    tax_id: str
    phone: Number
    address: Address
    suffix: Text = field(default_factory=lambda: Text("", ""))
    parent: "Company | None" = None
    guarded: bool = False
    """Part of a hard negative: spellings stay mild."""


@dataclass
class Person:
    """A person, alone or at a company."""

    id: str
    code: str
    given: Text
    middle: str
    family: Text
    female: bool
    prefix: Text
    birth: date
    mobile: Number
    landline: Number
    home: Address
    email: str
    work_email: str = ""
    company: Company | None = None
    job: Text = field(default_factory=lambda: Text("", ""))
    extension: str = ""
    suffix: str = ""
    guarded: bool = False
    """Part of a hard negative: spellings stay mild and facts complete."""
