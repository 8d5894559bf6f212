"""Phone numbers beside phonenumbers with its pattern cache on."""

import random

import phonenumbers
import polars as pl
from phonenumbers import re_util

from crmmigrate.model.semantic import SemanticType

KERNEL, PEER, TARGET = SemanticType.PHONE, "phonenumbers", 20
SPELLINGS = ("07{} {} {}", "+40 7{}{}{}", "07{}.{}.{}", "0040-7{}-{}-{}")
re_util.enable_pattern_cache()


def make(count: int, rng: random.Random) -> pl.DataFrame:
    """Return Romanian mobile numbers in four spellings."""

    def one() -> str:
        digits = (
            f"{rng.randrange(20, 80)}",
            f"{rng.randrange(1000):03d}",
            f"{rng.randrange(1000):03d}",
        )
        return rng.choice(SPELLINGS).format(*digits)

    return pl.DataFrame({"text": [one() for _ in range(count)]}).with_columns(_region=pl.lit("RO"))


def peer(text: str, region: str | None) -> object:
    """Read one number with phonenumbers."""
    number = phonenumbers.parse(text, region)
    return phonenumbers.format_number(number, 0), phonenumbers.is_valid_number(number)
