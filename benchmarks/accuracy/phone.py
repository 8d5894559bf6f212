"""Phone cells: the library's answer where it reads, and the true number where it misreads."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from line import Line

from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import SemanticType
from crmmigrate.standardize.kinds import KINDS

_ANSWERS = {
    "e164": "e164",
    "type": "type",
    "num_region": "region",
    "ext": "extension",
    "national": "national",
    "international": "international",
    "possible": "possible",
}
"""Column of the files → part of the reading."""


def measure(folder: Path, book: RegionBook) -> Iterator[Line]:
    """Yield what is identical to the library, and the spellings that it misreads."""
    for name in ("examples_all_regions", "libphonenumber_unit_tests"):
        with (folder / f"phone/{name}.csv").open(encoding="utf-8") as stream:
            cases = list(csv.DictReader(stream))
        read = _read([(case["input"], case["region"]) for case in cases], book)
        yield _identical(name, cases, read)
        if "made_from" in cases[0]:
            yield from _spellings(cases, read)
            yield _silent(cases, read)
    lines = (folder / "phone/numbers_in_text.jsonl").read_text("utf-8").splitlines()
    yield _in_text([json.loads(line) for line in lines], book)


def _read(rows: list[tuple[str, str]], book: RegionBook) -> list[dict[str, object]]:
    schema = {"text": pl.String, "_region": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return KINDS[SemanticType.PHONE].standardize(frame, book, {}).to_dicts()


def _identical(name: str, cases: list[dict[str, str]], read: list[dict[str, object]]) -> Line:
    """Compare every part with the library's, where the library reads the number right."""
    wrong, total = [], 0
    for case, row in zip(cases, read, strict=True):
        if case["valid"] != "true" or case.get("made_from", case["e164"]) != case["e164"]:
            continue
        total += 1
        told = {part: str(row[part] or "").lower() for part in _ANSWERS.values()}
        meant = {part: case[column].lower() for column, part in _ANSWERS.items()}
        if told != meant:
            wrong.append(f"{case['input']!r} {case['region']}: {told} not {meant}")
    return Line(f"identical, {name}"[:33], total - len(wrong), total, 100.0, wrong=wrong)


def _spellings(cases: list[dict[str, str]], read: list[dict[str, object]]) -> Iterator[Line]:
    """Count the true number by spelling; the peer is the library's own answer."""
    groups = defaultdict(list)
    for case, row in zip(cases, read, strict=True):
        if not case["spelling"].startswith("one_digit"):
            groups[case["spelling"]].append((case, row))
    for spelling, group in sorted(groups.items()):
        wrong = [
            f"{c['input']!r} {c['region']}: {r['value']}"
            for c, r in group
            if r["e164"] != c["made_from"] or r["valid"] != "true"
        ]
        peer = sum(c["e164"] == c["made_from"] and c["valid"] == "true" for c, _ in group)
        yield Line(spelling, len(group) - len(wrong), len(group), 98.0, peer, wrong)


def _silent(cases: list[dict[str, str]], read: list[dict[str, object]]) -> Line:
    """Count numbers that are valid but not the true one, without a word about it."""
    rows = [
        (c, r)
        for c, r in zip(cases, read, strict=True)
        if not c["spelling"].startswith("one_digit")
    ]
    wrong = [
        f"{c['input']!r} {c['region']}: {r['value']} not {c['made_from']}"
        for c, r in rows
        if r["valid"] == "true" and r["e164"] != c["made_from"] and r["status"] != "ambiguous"
    ]
    return Line("no wrong number silently", len(rows) - len(wrong), len(rows), 100.0, wrong=wrong)


def _in_text(cases: list[dict[str, object]], book: RegionBook) -> Line:
    read = _read([(str(case["input"]), str(case["region"])) for case in cases], book)
    wrong = []
    for case, row in zip(cases, read, strict=True):
        numbers = case["numbers"]
        meant = numbers[0]["e164"] if isinstance(numbers, list) and numbers else None
        if meant is not None and row["e164"] != meant:
            wrong.append(f"{case['input']!r} {case['region']}: {row['value']} not {meant}")
    total = sum(bool(case["numbers"]) for case in cases)
    return Line("first number in running text", total - len(wrong), total, 95.0, wrong=wrong)
