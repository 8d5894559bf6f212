"""Dates of CLDR and ICU in every style, with the region known."""

import csv
from collections.abc import Iterator
from pathlib import Path

from dateutil import parser as dateutil_parser
from line import Line

from crmmigrate.model.regions import RegionBook
from crmmigrate.values.dates import read_date

__all__ = ["measure"]


def measure(folder: Path, book: RegionBook) -> Iterator[Line]:
    """Yield a line a source; the peer is dateutil with the day first outside the United States."""
    for name in ("cldr_dates", "icu_calendars"):
        with (folder / "date" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        wrong, peer = [], 0
        for row in rows:
            outcome = read_date(row["input"], book.get(row["region"]))
            if outcome.value != row["expected"]:
                wrong.append(
                    f"{row['input']!r} {row['locale']} {row['style']}: {outcome.value}, not {row['expected']}"
                )
            peer += _peer(row["input"], row["region"]) == row["expected"]
        yield Line(name, len(rows) - len(wrong), len(rows), 99.0, peer, wrong)


def _peer(text: str, region: str) -> str | None:
    try:
        return dateutil_parser.parse(text, dayfirst=region != "US").date().isoformat()
    except (ValueError, OverflowError):
        return None
