"""Amounts of CLDR with the region known, and those of price-parser's own tests without one."""

import csv
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

from line import Line
from price_parser import Price

from crmmigrate.model.regions import RegionBook
from crmmigrate.values.money import read_money

__all__ = ["measure"]


def measure(folder: Path, book: RegionBook) -> Iterator[Line]:
    """Yield a line for amount and sign, and one for the currency."""
    with (folder / "money" / "cldr_amounts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wrong, other, peer = [], [], 0
    for row in rows:
        parts = read_money(row["input"], book.get(row["region"])).parts
        if _decimal(parts.get("amount")) != Decimal(row["amount"]):
            wrong.append(f"{row['input']!r} {row['locale']}: {parts}, not {row['amount']}")
        if parts.get("currency") != row["currency"]:
            other.append(f"{row['input']!r} {row['locale']}: {parts}, not {row['currency']}")
        peer += Price.fromstring(row["input"]).amount == Decimal(row["amount"])
    total = len(rows)
    yield Line("cldr_amounts: amount and sign", total - len(wrong), total, 99.5, peer, wrong)
    yield Line("cldr_amounts: currency", total - len(other), total, 99.5, None, other)


def _decimal(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None
