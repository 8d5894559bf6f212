"""Time each kind of value on distinct values, beside the library that people would call otherwise.

Usage: python benchmarks/clean.py [values]        (default 20,000 of each kind)

Prints CPU microseconds a value for both and their ratio. The peer is called value by value, as
its documentation shows; phonenumbers with its pattern cache on.
"""

import random
import sys
from collections.abc import Callable, Sequence
from time import process_time

import phonenumbers
import polars as pl
from email_validator import EmailNotValidError, validate_email
from phonenumbers import re_util

from crmmigrate.config.regions import load_region_book
from crmmigrate.model.semantic import SemanticType
from crmmigrate.standardize.kinds import KINDS

GIVEN = ("Ioana", "Andrei", "Kari", "Ola", "James", "Mary", "Jürgen", "Hélène", "João", "Priya")
FAMILY = (
    "Popescu",
    "Hansen",
    "Smith",
    "Müller",
    "Lefèvre",
    "Silva",
    "Sharma",
    "O'Neill",
    "McArthur",
)
FORMS = ("SRL", "AS", "Ltd", "GmbH", "SAS", "Ltda", "Inc.", "Pvt Ltd")


def phones(rng: random.Random, count: int) -> list[str]:
    """Return Romanian mobile numbers in four spellings."""
    spellings = ("07{} {} {}", "+40 7{}{}{}", "07{}.{}.{}", "0040-7{}-{}-{}")

    def parts() -> tuple[str, str, str]:
        return (
            f"{rng.randrange(20, 80)}",
            f"{rng.randrange(1000):03d}",
            f"{rng.randrange(1000):03d}",
        )

    return [rng.choice(spellings).format(*parts()) for _ in range(count)]


def emails(rng: random.Random, count: int) -> list[str]:
    """Return addresses with capitals in the domain."""
    return [
        f"{rng.choice(GIVEN)}.{n}@Firma{rng.randrange(999)}.RO".replace("ü", "u")
        for n in range(count)
    ]


def names(rng: random.Random, count: int) -> list[str]:
    """Return names of two words with a number of made-up endings."""
    ends = ("escu", "sen", "son", "ski", "ov", "ez", "ini", "eau")

    def make() -> str:
        return rng.choice(FAMILY) + "".join(
            rng.choice("aeiou") + rng.choice("lnrst") for _ in range(2)
        )

    return [f"{rng.choice(GIVEN)} {make()}{rng.choice(ends)}" for _ in range(count)]


def firms(rng: random.Random, count: int) -> list[str]:
    """Return company names with a legal form."""
    return [
        f"{rng.choice(FAMILY)} {rng.randrange(10**6)} {rng.choice(FORMS)}" for _ in range(count)
    ]


def peer_phone(text: str) -> object:
    """Read one number with phonenumbers."""
    number = phonenumbers.parse(text, "RO")
    return phonenumbers.format_number(number, 0), phonenumbers.is_valid_number(number)


def peer_email(text: str) -> object:
    """Check one address with email-validator, without DNS."""
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return None


Maker = Callable[[random.Random, int], list[str]]
Peer = Callable[[str], object]
CASES: Sequence[tuple[SemanticType, Maker, str, Peer | None]] = (
    (SemanticType.PHONE, phones, "phonenumbers", peer_phone),
    (SemanticType.EMAIL, emails, "email-validator", peer_email),
    (SemanticType.PERSON_NAME, names, "-", None),
    (SemanticType.ORGANIZATION, firms, "-", None),
)


def main() -> None:
    """Print one line a kind."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    book = load_region_book(None)
    re_util.enable_pattern_cache()
    print(f"{'kind':14}{'ours µs':>10}{'peer µs':>10}{'ratio':>8}  peer")
    for kind, make, name, peer in CASES:
        values = make(random.Random(1), count)
        frame = pl.DataFrame({"text": values}).unique(maintain_order=True)
        frame = frame.with_columns(pl.lit("RO").alias("_region"))
        KINDS[kind].standardize(frame.head(200), book, {})
        started = process_time()
        KINDS[kind].standardize(frame, book, {})
        ours = (process_time() - started) / frame.height * 1e6
        theirs = _peer(peer, values) if peer else float("nan")
        print(f"{kind:14}{ours:10.2f}{theirs:10.2f}{theirs / ours:8.1f}  {name}")


def _peer(peer: Peer, values: Sequence[str]) -> float:
    for value in values[:200]:
        peer(value)
    started = process_time()
    for value in values:
        peer(value)
    return (process_time() - started) / len(values) * 1e6


if __name__ == "__main__":
    main()
