"""Amounts of many regions, currencies and spellings, dirty ones among them, beside price-parser."""

import random

import polars as pl
from price_parser import Price

from crmmigrate.model.semantic import SemanticType

__all__ = ["KERNEL", "PEER", "TARGET", "make", "peer"]

KERNEL, PEER, TARGET = SemanticType.MONEY, "price-parser", 10

_HABITS = (
    ("RO", ".", ",", ("{} lei", "{} RON", "{}")), ("NO", " ", ",", ("kr {}", "{} kr", "NOK {}", "{},-")),
    ("TH", ",", ".", ("฿{}", "{} บาท", "THB {}")), ("US", ",", ".", ("${}", "{}", "USD {}", "$ {}")),
    ("GB", ",", ".", ("£{}", "{} GBP", "£ {}")), ("DE", ".", ",", ("{} €", "EUR {}", "€ {}")),
    ("FR", "\u202f", ",", ("{}\u00a0€", "{} EUR", "{} €")), ("CH", "’", ".", ("CHF {}", "Fr. {}")),
    ("SE", "\u00a0", ",", ("{} kr", "{} SEK")), ("BR", ".", ",", ("R$ {}", "R${}")),
    ("IN", ",", ".", ("₹{}", "Rs. {}", "INR {}")), ("JP", ",", "", ("￥{}", "{}円", "¥{}")),
    ("PL", " ", ",", ("{} zł", "{} PLN")), ("CZ", " ", ",", ("{} Kč", "{} CZK")),
)  # fmt: skip
_SIGNS = ("{}",) * 17 + ("-{}", "({})", "−{}", "{}-")
_DIRTY = (
    "n/a {n}",
    "approx. {n}",
    "{n} - {m}",
    "{n} EUR / {m} USD",
    "{n} XYZW",
    " {n} ",
    "{n} incl. VAT",
    "~{n}",
    "{n}k",
)


def make(count: int, rng: random.Random) -> pl.DataFrame:
    """Return amounts as exports hold them, 3 in 100 of them dirty."""
    rows: dict[tuple[str, str], None] = {}
    while len(rows) < count:
        region, group, decimal, spellings = rng.choice(_HABITS)
        if rng.random() < 0.03:
            n, m = rng.randrange(10**6), rng.randrange(10**6)
            rows[rng.choice(_DIRTY).format(n=n, m=m), region] = None
            continue
        size = 10 ** rng.randrange(1, 8)
        number = f"{rng.randrange(size):,}".replace(",", group if rng.random() < 0.8 else "")
        if decimal and rng.random() < 0.75:
            number += f"{decimal}{rng.randrange(100):02}"
        text = rng.choice(spellings)
        sign = rng.choice(_SIGNS)
        filled = (
            text.format(sign.format(number))
            if rng.random() < 0.5
            else sign.format(text.format(number))
        )
        rows[filled, region] = None
    return pl.DataFrame(list(rows), schema=["text", "_region"], orient="row")


def peer(text: str, region: str | None) -> object:
    """Read one amount with price-parser, told the region's decimal sign."""
    sign = {habit[0]: habit[2] for habit in _HABITS}.get(region or "") or None
    return Price.fromstring(text, decimal_separator=sign)
