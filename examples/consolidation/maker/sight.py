"""Sightings: a person or company as one source knows it, before it is spelled out.

A repeated sighting differs from the first one, but always keeps enough clues beside the name
for a careful reader to tell that both are the same.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

from maker.facts import Address, Company, Number, Person
from maker.invent import Inventor, ascii_fold
from maker.spellings import romanize, typo
from maker.words import Text

__all__ = ["Sighting", "clues", "see"]

_NATIVE = {"TH": 0.65, "JP": 0.65, "IN": 0.08}
_BIRTH_KNOWN = {"erp": 0.7, "shop": 0.6, "fair": 0.0}


@dataclass
class Sighting:
    """What one row says about a person."""

    source: str
    person: Person
    script: str
    given: str
    family: str
    middle: str = ""
    email: str = ""
    mobile: Number | None = None
    landline: Number | None = None
    switchboard: bool = False
    address: Address | None = None
    birth: date | None = None
    company: Company | None = None
    complete: bool = False
    """The fair's row tells web and address, because nothing else ties it to other sources."""
    job: Text = field(default_factory=lambda: Text("", ""))
    heavy: bool = False
    """The name is hard to recognise."""


def see(
    person: Person,
    source: str,
    invent: Inventor,
    first: Sighting | None = None,
    *,
    known: bool = False,
) -> Sighting:
    """Say how a source knows a person.

    Args:
        person: Who.
        source: erp, shop or fair.
        invent: Draws chances and new facts.
        first: The first sighting when this one repeats it.
        known: The person will be seen again, so that nothing important may be missing.
    """
    rng = invent.rng
    business = person.company is not None and (source != "shop" or rng.random() < 0.5)
    if person.company and person.email == "":
        business = True
    native = source != "shop" and rng.random() < _NATIVE.get(person.code, 1.0)
    script = "native" if native else "latin"
    full = known or first is not None or person.guarded
    seen = Sighting(
        source=source,
        person=person,
        script=script,
        given=person.given.of(script),
        family=person.family.of(script),
        middle=person.middle,
        email=person.work_email if business else person.email,
        mobile=person.mobile,
        landline=None if business or rng.random() < 0.5 else person.landline,
        switchboard=business and rng.random() < 0.6,
        address=person.company.address if business and person.company else person.home,
        birth=person.birth
        if _birth_known(person, source, full=full, chance=rng.random())
        else None,
        company=person.company if business else None,
        job=person.job if business else Text("", ""),
    )
    if first is not None:
        _vary(seen, first, invent)
    elif not full:
        _forget(seen, rng.random())
    return seen


def _birth_known(person: Person, source: str, *, full: bool, chance: float) -> bool:
    if source == "fair":
        return False
    if person.guarded or (full and person.company is None):
        return True
    return chance < _BIRTH_KNOWN[source] * (0.5 if person.company else 1)


def _forget(seen: Sighting, chance: float) -> None:
    """Leave out one fact of a record that nothing depends on."""
    if chance < 0.12:
        seen.email = ""
    elif chance < 0.28 and not (seen.source == "shop" and seen.email == ""):
        seen.mobile = None
    elif chance < 0.4:
        seen.address = None


def clues(one: Sighting, other: Sighting) -> int:
    """Weigh what two sightings share beside the name."""
    strong = (
        one.mobile is not None and one.mobile == other.mobile,
        one.email != "" and one.email == other.email,
        one.birth is not None and one.birth == other.birth,
    )
    weak = (
        one.landline is not None and one.landline == other.landline,
        one.address is not None and one.address == other.address,
        one.company is not None and one.company is other.company,
    )
    return 2 * sum(strong) + sum(weak)


def _vary(seen: Sighting, first: Sighting, invent: Inventor) -> None:
    rng = invent.rng
    if not seen.person.guarded:
        for change in rng.sample(_NAME_CHANGES, rng.choice([0, 1, 1, 2])):
            change(seen, invent)
    elif rng.random() < 0.5:
        _fold(seen, invent)
    limit = 1 if seen.person.guarded else rng.choice([0, 1, 1, 2, 2])
    for change in rng.sample(_FACT_CHANGES, limit):
        change(seen, invent)
    if seen.script != first.script:
        seen.heavy = True
    _keep_clues(seen, first)


def _keep_clues(seen: Sighting, first: Sighting) -> None:
    """Give facts back until the sighting can be told to repeat the first."""
    needed = 4 if seen.heavy or seen.person.guarded else 3
    if clues(seen, first) < needed:
        seen.mobile = first.mobile
    if clues(seen, first) < needed and first.email:
        seen.email = first.email
    if clues(seen, first) < needed and seen.source != "fair":
        seen.birth = first.birth or seen.person.birth
    if clues(seen, first) < needed:
        seen.address = first.address
    if clues(seen, first) < needed:
        raise AssertionError(f"{seen.person.id} cannot be recognised in {seen.source}")


def _nickname(seen: Sighting, invent: Inventor) -> None:
    nickname = invent.words[seen.person.code].nicknames.get(seen.given)
    if nickname:
        seen.given, seen.middle, seen.heavy = nickname, "", True


def _misspell_family(seen: Sighting, invent: Inventor) -> None:
    seen.family = typo(seen.family, invent.rng)


def _misspell_given(seen: Sighting, invent: Inventor) -> None:
    seen.given = typo(seen.given, invent.rng)


def _initial(seen: Sighting, invent: Inventor) -> None:
    if seen.script == "latin" or seen.person.code not in _NATIVE:
        dot = invent.rng.choice([".", ""])
        seen.given, seen.middle, seen.heavy = f"{seen.given[0]}{dot}", "", True


def _fold(seen: Sighting, invent: Inventor) -> None:
    if seen.person.code == "DE" and invent.rng.random() < 0.5:
        pairs = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ö": "Oe", "Ü": "Ue"})
        seen.given, seen.family = seen.given.translate(pairs), seen.family.translate(pairs)
    seen.given, seen.family = ascii_fold(seen.given), ascii_fold(seen.family)


def _romanize(seen: Sighting, invent: Inventor) -> None:
    if seen.person.code in _NATIVE and seen.script == "latin":
        seen.family = romanize(seen.family, invent.rng)


def _drop_middle(seen: Sighting, invent: Inventor) -> None:
    seen.middle = "" if invent.rng.random() < 0.7 else seen.middle[:1]


def _lose_email(seen: Sighting, _: Inventor) -> None:
    seen.email = ""


def _lose_mobile(seen: Sighting, _: Inventor) -> None:
    seen.mobile = None


def _lose_birth(seen: Sighting, _: Inventor) -> None:
    seen.birth = None


def _lose_address(seen: Sighting, _: Inventor) -> None:
    seen.address = None


def _new_mobile(seen: Sighting, invent: Inventor) -> None:
    seen.mobile = invent.mobile(seen.person.code)


def _other_email(seen: Sighting, _: Inventor) -> None:
    person = seen.person
    seen.email = (
        person.email if seen.email == person.work_email else person.work_email or person.email
    )


def _misspell_email(seen: Sighting, invent: Inventor) -> None:
    local, at, domain = seen.email.partition("@")
    seen.email = f"{typo(local, invent.rng)}{at}{domain}"


def _move(seen: Sighting, invent: Inventor) -> None:
    if seen.company is None:
        address, _ = invent.address(seen.person.code)
        stays = seen.person.home
        if invent.rng.random() < 0.5:
            address = replace(
                address, city=stays.city, region=stays.region, postcode=stays.postcode
            )
        seen.address = address


_Change = Callable[[Sighting, Inventor], None]
_NAME_CHANGES: list[_Change] = [
    _nickname, _nickname, _misspell_family, _misspell_given, _initial, _fold, _fold, _romanize,
    _romanize, _drop_middle,
]  # fmt: skip
_FACT_CHANGES: list[_Change] = [
    _lose_email, _lose_mobile, _lose_birth, _lose_address, _new_mobile, _other_email,
    _misspell_email, _move, _move,
]  # fmt: skip
