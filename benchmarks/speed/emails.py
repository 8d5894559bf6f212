"""E-mail addresses beside email-validator without DNS.

The mix is that of a customer base: big providers and companies' own domains, mailboxes of names
with dots and digits, capitals, roles, typing errors, display names, labels, several addresses,
letters beyond ASCII, and about one cell in twenty that is no address. The lower-cased text given
to the peer is the cell itself; where it refuses, its exception is part of what it costs.
"""

import random
from collections.abc import Callable

import polars as pl
from email_validator import EmailNotValidError, validate_email

from crmmigrate.model.semantic import SemanticType

KERNEL, PEER, TARGET = SemanticType.EMAIL, "email-validator", 20

_GIVEN = [
    "ion",
    "maria",
    "andrei",
    "elena",
    "john",
    "mary",
    "james",
    "anna",
    "ole",
    "kari",
    "hans",
    "petra",
    "luc",
    "marie",
    "somchai",
    "malee",
    "alex",
    "robert",
    "julia",
    "sofia",
    "david",
    "sarah",
    "nils",
    "ingrid",
    "george",
    "ioana",
    "mihai",
    "pierre",
    "claire",
    "karl",
    "heike",
    "paul",
    "emma",
    "oliver",
    "chloe",
    "wei",
    "priya",
    "fatima",
    "ahmed",
]
_FAMILY = [
    "popescu",
    "ionescu",
    "smith",
    "jones",
    "brown",
    "hansen",
    "olsen",
    "mueller",
    "schmidt",
    "martin",
    "bernard",
    "dubois",
    "suksawat",
    "wilson",
    "taylor",
    "garcia",
    "rossi",
    "kowalski",
    "novak",
    "nagy",
    "silva",
    "santos",
    "kim",
    "lee",
    "nguyen",
    "patel",
    "khan",
    "ivanov",
    "andersson",
    "johansen",
    "dumitru",
    "stan",
]
_BIG = [
    "gmail.com",
    "gmail.com",
    "gmail.com",
    "gmail.com",
    "yahoo.com",
    "hotmail.com",
    "outlook.com",
    "icloud.com",
    "aol.com",
    "yahoo.ro",
    "gmx.de",
    "web.de",
    "orange.fr",
    "free.fr",
    "wanadoo.fr",
    "online.no",
    "btinternet.com",
    "hotmail.co.uk",
    "live.com",
    "msn.com",
    "comcast.net",
    "mail.ru",
    "qq.com",
]
_TYPOS = [
    "gmial.com",
    "gmai.com",
    "hotmial.com",
    "yaho.com",
    "gmail.con",
    "outlok.com",
    "gmail.ro",
    "hotmail.con",
    "yahooo.com",
]
_SYLLABLES = [
    "al",
    "be",
    "cor",
    "den",
    "el",
    "fin",
    "gra",
    "hal",
    "in",
    "jo",
    "kan",
    "lum",
    "mar",
    "nor",
    "ox",
    "pra",
    "qui",
    "ros",
    "sol",
    "tek",
    "um",
    "ver",
    "wes",
    "xen",
    "yar",
    "zon",
]
_ENDINGS = [
    "com",
    "com",
    "com",
    "com",
    "ro",
    "no",
    "co.th",
    "co.uk",
    "de",
    "fr",
    "net",
    "org",
    "eu",
    "io",
    "it",
    "es",
    "nl",
    "se",
    "pl",
    "ch",
    "at",
    "dk",
    "fi",
    "biz",
    "info",
]
_ROLES = [
    "info",
    "office",
    "sales",
    "contact",
    "support",
    "post",
    "kontakt",
    "admin",
    "hr",
    "accounts",
    "noreply",
    "billing",
]
_NOTHING = ("n/a", "none", "-", "nu are", "unknown", "no email", "ask later", "see website")


def _company(rng: random.Random) -> str:
    name = "".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4)))
    return f"{name}{rng.choice(('', '', '-group', '24', 'tech'))}.{rng.choice(_ENDINGS)}"


def _mailbox(rng: random.Random) -> str:
    given, family = rng.choice(_GIVEN), rng.choice(_FAMILY)
    number = rng.choice(("", str(rng.randrange(100)), str(rng.randrange(1950, 2010))))
    joined = rng.choice((f"{given}.{family}", f"{given[0]}{family}", f"{given}{family}", f"{given}_{family}", f"{family}.{given[0]}"))  # fmt: skip
    return f"{joined}{number}{rng.choice(('', '', '', '+crm', rng.choice(_SYLLABLES)))}"


def _address(rng: random.Random) -> str:
    domain = rng.choice(_BIG) if rng.random() < 0.45 else _company(rng)
    return f"{_mailbox(rng)}@{domain}"


def _named(rng: random.Random) -> str:
    name = f"{rng.choice(_GIVEN).title()} {rng.choice(_FAMILY).title()}"
    return rng.choice(("{} <{}>", '"{}" <{}>', "{} [{}]")).format(name, _address(rng))


def _broken(rng: random.Random) -> str:
    text = _address(rng)
    at = text.index("@")
    return rng.choice(
        (
            text.replace("@", ""),
            text.replace("@", "@@"),
            text.replace(".", ",", 1),
            text[: at + 1],
            text[:at] + text[at:].replace(".", "", 3),
            f"{text[:at]} {text[at:]}"[:-1],
            text.replace(".", "..", 1),
            f"{text[:3]} {text[3:]}",
            f"www.{text[at + 1 :]}",
            f"{rng.choice(_GIVEN).title()} {rng.choice(_FAMILY).title()}{rng.randrange(10**6)}",
            f"{rng.choice(_NOTHING)} {rng.randrange(10**6)}",
            f"0{rng.randrange(10**8, 10**9)}",
        )
    )


def _capital(rng: random.Random) -> str:
    text = _address(rng)
    return rng.choice((text.upper(), text.title(), text.capitalize()))


def _international(rng: random.Random) -> str:
    mailbox = rng.choice(("jörg", "ștefan", "søren", "zoë", "josé")) + str(rng.randrange(10**5))
    return f"{mailbox}@{rng.choice(('müller.de', 'bücher.com', 'gmail.com', 'blåbær.no', _company(rng)))}"


_MIX: tuple[tuple[int, Callable[[random.Random], str]], ...] = (
    (770, _address),
    (80, _capital),
    (30, lambda rng: f"{rng.choice(_ROLES)}@{_company(rng)}"),
    (10, lambda rng: f"{_mailbox(rng)}@{rng.choice(_TYPOS)}"),
    (25, _named),
    (10, lambda rng: rng.choice(("mailto:{}", "E-mail: {}", "{} ", "<{}>", "{};", "{}.")).format(_address(rng))),
    (15, lambda rng: rng.choice(("; ", ", ", " / ", "\n")).join((_address(rng), _address(rng)))),
    (10, _international),
    (50, _broken),
)  # fmt: skip


def make(count: int, rng: random.Random) -> pl.DataFrame:
    """Return cells of the mix, with no region."""
    kinds = [kind for _, kind in _MIX]
    weights = [weight for weight, _ in _MIX]
    texts = [kind(rng) for kind in rng.choices(kinds, weights, k=count)]
    return pl.DataFrame({"text": texts}).with_columns(_region=pl.lit(None, pl.String))


def peer(text: str, region: str | None) -> object:
    """Read one address with email-validator."""
    del region
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return None
