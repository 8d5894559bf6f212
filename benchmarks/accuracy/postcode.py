"""Postcodes of every region in five spellings."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from line import Line

from crmmigrate.model.regions import RegionBook
from crmmigrate.values.postcodes import read_postcode


def measure(folder: Path, book: RegionBook) -> Iterator[Line]:
    """Yield one line a spelling."""
    spellings: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    with (folder / "postcode" / "google_examples.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            region = row["region"]
            found = read_postcode(row["input"], book.get(region).address, region)
            told = f"{region}: {row['input']!r} → {found}, is {row['expected']!r}"
            right = found is not None and found.value == row["expected"]
            spellings[row["how"]].append((told, right))
    for how, cases in spellings.items():
        wrong = [told for told, right in cases if not right]
        yield Line(how, len(cases) - len(wrong), len(cases), 100.0, None, wrong)
