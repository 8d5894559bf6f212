"""E-mail addresses: what email-validator says of its own tests, and what it makes of cells."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

from line import Line

from crmmigrate.model.regions import RegionBook
from crmmigrate.values.emails import normalize_email, read_email

WRAPPED = (
    "{name} <{mail}>", '"{name}" <{mail}>', "mailto:{mail}", "<{mail}>", "E-mail: {mail}", "{mail};", "{mail}.", " {mail} ",
    "{mail} (work)", "{name} {mail}", "{mailbox} @ {domain}", "{mailbox}(at){domain}", "{mailbox} [at] {domain}",
    "{mail}#mailto:{mail}#", "mailto:{mail}?subject=Hello", "{mail} <mailto:{mail}>", "'{mail}'", "{mail},{mail}",
)  # fmt: skip


def measure(folder: Path, book: RegionBook) -> Iterator[Line]:
    """Yield the lines of the table."""
    del book
    yield _library_tests(folder / "email" / "email_validator_tests.csv")
    yield _wrapped(random.Random())


def _library_tests(path: Path) -> Line:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wrong = [r["input"] for r in rows if normalize_email(r["input"]) != (r["normalized"] or None)]
    return Line("tests of email-validator", len(rows) - len(wrong), len(rows), 100, None, wrong)


def _wrapped(rng: random.Random, count: int = 2_000) -> Line:
    """Wrap addresses of invented people as cells do; another seed each time."""
    from faker import Faker

    makers = [Faker(locale) for locale in ("en_US", "de_DE", "fr_FR", "no_NO", "ro_RO", "es_ES")]
    for maker in makers:
        maker.seed_instance(rng.randrange(2**32))
    wrong = []
    for _ in range(count):
        maker = rng.choice(makers)
        mail = maker.company_email()
        mailbox, _, domain = mail.partition("@")
        shape = rng.choice(WRAPPED)
        cell = shape.format(name=maker.name(), mail=mail, mailbox=mailbox, domain=domain)
        reading = read_email(cell)
        if reading.value != mail or reading.status not in {"repaired", "normalised"}:
            wrong.append(f"{cell!r}: {reading.value!r} {reading.status}, not {mail!r}")
    return Line("addresses in their wrappings", count - len(wrong), count, 99, None, wrong)
