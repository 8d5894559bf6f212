"""Everything that is true: companies and persons, with the hard negatives among them."""

from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from maker.facts import Company, Person
from maker.invent import Inventor
from maker.words import COUNTRIES, Text

__all__ = ["World", "build_world"]

_WEIGHTS = (30, 9, 9, 9, 9, 9, 8, 6, 6, 5)


@dataclass
class World:
    """Who exists, and in which source each is known first."""

    companies: list[Company]
    shop_companies: list[Company]
    fair_companies: list[Company]
    staff: list[Person]
    private: list[Person]
    shoppers: list[Person]
    visitors: list[Person]


def build_world(invent: Inventor) -> World:
    """Invent the world; the same seed gives the same one."""
    rng = invent.rng
    companies = _companies(invent, 370)
    shop_companies = [invent.company(_country(rng)) for _ in range(72)]
    fair_companies = [invent.company(_country(rng)) for _ in range(105)]
    staff = _staff(invent, companies, 1110)
    private = [
        *_households(invent, 60),
        *_fathers_and_sons(invent, 12),
        *_twins(invent, 4),
    ]
    private += [invent.person(_country(rng)) for _ in range(500 - len(private))]
    private += _namesakes(invent, rng.sample(staff, 25) + rng.sample(private, 20))
    shoppers = [invent.person(_country(rng)) for _ in range(280)]
    shoppers += _staff(invent, shop_companies, 90)
    visitors = _staff(invent, fair_companies, 150)
    return World(companies, shop_companies, fair_companies, staff, private, shoppers, visitors)


def _country(rng: Random) -> str:
    return rng.choices(COUNTRIES, _WEIGHTS)[0]


def _companies(invent: Inventor, count: int) -> list[Company]:
    """Companies, some with a neighbour in name and some with a branch."""
    made = [invent.company(_country(invent.rng)) for _ in range(count)]
    for company in invent.rng.sample(made, 22):
        extra = Text.parse(invent.words[company.code].facts["extra"])
        base = company.base
        glue = "" if company.code in {"TH", "JP"} else " "
        name = Text(f"{base.native}{glue}{extra.native}", f"{base.latin} {extra.latin}")
        company.guarded = True
        neighbour = invent.company(company.code, name)
        neighbour.form, neighbour.guarded = company.form, True
        made.append(neighbour)
    plain = [c for c in made if not c.guarded]
    for company in invent.rng.sample(plain, 12):
        branch = invent.company(company.code, company.base, company)
        pattern = Text.parse(invent.words[company.code].one("branch", invent.rng))
        city = branch.address.city
        branch.suffix = Text(
            pattern.native.replace("{city}", city.native),
            pattern.latin.replace("{city}", city.latin),
        )
        company.guarded = True
        made.append(branch)
    return made


def _staff(invent: Inventor, companies: list[Company], count: int) -> list[Person]:
    """People of companies: at least one each; the big ones have many on one switchboard."""
    made = [invent.person(company.code, company) for company in companies]
    big = companies[: len(companies) // 2]
    while len(made) < count:
        company = invent.rng.choice(big if invent.rng.random() < 0.8 else companies)
        person = invent.person(company.code, company)
        if invent.rng.random() < 0.05:
            colleague = next((p for p in made if p.company is company), person)
            invent.rename(person, colleague.family)
            person.guarded = colleague.guarded = person.given != colleague.given
        made.append(person)
    return _apart(invent, made)


def _apart(invent: Inventor, people: list[Person]) -> list[Person]:
    """No two colleagues of one company may carry the same full name by accident."""
    seen: set[tuple[str, str, str]] = set()
    for person in people:
        place = person.company.domain if person.company else person.home.street.latin
        while (place, person.given.latin, person.family.latin) in seen:
            invent.rename(person, invent.words[person.code].text("family", invent.rng))
        seen.add((place, person.given.latin, person.family.latin))
    return people


def _share_home(invent: Inventor, person: Person, other: Person) -> None:
    """Let two people live together: same family name, address and land line."""
    invent.rename(other, person.family)
    other.home, other.landline = person.home, person.landline
    person.guarded = other.guarded = True
    person.middle = other.middle = ""


def _households(invent: Inventor, count: int) -> list[Person]:
    made: list[Person] = []
    while len(made) < 2 * count:
        code = _country(invent.rng)
        first, second = invent.person(code), invent.person(code)
        if first.female == second.female or first.given.latin[:3] == second.given.latin[:3]:
            continue
        _share_home(invent, first, second)
        if len(made) < 16:
            domain = invent.words[code].one("mail", invent.rng)
            first.email = second.email = invent.mailbox(f"family.{first.family.latin}", domain)
        made += [first, second]
    return made


def _fathers_and_sons(invent: Inventor, count: int) -> list[Person]:
    made: list[Person] = []
    for index in range(count):
        code = ("RO", "US", "GB", "DE", "FR", "BR")[index % 6]
        father, son = invent.person(code), invent.person(code)
        father.birth, son.birth = invent.birth(1940, 1958), invent.birth(1968, 1986)
        son.given, son.female = father.given, father.female
        _share_home(invent, father, son)
        if code == "US":
            father.suffix, son.suffix = "Sr.", "Jr."
        made += [father, son]
    return made


def _twins(invent: Inventor, count: int) -> list[Person]:
    made: list[Person] = []
    pairs = (("Radu", "Raluca"), ("Andrei", "Andreea"), ("Adrian", "Adriana"), ("Livia", "Liviu"))
    for names in pairs[:count]:
        one, other = invent.person("RO"), invent.person("RO")
        one.given, other.given = Text(names[0], names[0]), Text(names[1], names[1])
        other.birth = one.birth
        invent.rename(one, one.family)
        _share_home(invent, one, other)
        made += [one, other]
    return made


def _namesakes(invent: Inventor, people: list[Person]) -> list[Person]:
    """Other people with the same name: nothing else agrees, at most the city."""
    made = []
    for number, person in enumerate(people):
        other = invent.person(person.code)
        other.given, other.female = person.given, person.female
        invent.rename(other, person.family)
        if number % 4 == 0:
            other.home = replace(other.home, city=person.home.city, region=person.home.region)
        if abs(other.birth - person.birth) < timedelta(days=400):
            other.birth = other.birth.replace(
                year=other.birth.year - 7, day=min(other.birth.day, 28)
            )
        person.guarded = other.guarded = True
        made.append(other)
    return made
