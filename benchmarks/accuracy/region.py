"""Subdivisions of every country by name, Latin name and code."""

import csv
from collections.abc import Iterator
from pathlib import Path

from line import Line

from crmmigrate.model.regions import RegionBook
from crmmigrate.values.subdivisions import read_subdivision


def measure(folder: Path, book: RegionBook) -> Iterator[Line]:
    """Yield one line a kind of spelling: the cell must be read, and what is written is the end."""
    with (folder / "region" / "google_subdivisions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for column in ("key", "name", "latin_name", "iso"):
        given = [(row[column], row["region"]) for row in rows if row[column]]
        wrong = []
        for text, region in given:
            rules = book.get(region).address
            found = read_subdivision(text, rules, region)
            again = read_subdivision(found.value, rules, region)
            if found.status not in {"unchanged", "normalised"} or again.status != "unchanged":
                wrong.append(f"{region}: {text!r} → {found.value!r} {found.status}")
        yield Line(column, len(given) - len(wrong), len(given), 99.0, None, wrong)
