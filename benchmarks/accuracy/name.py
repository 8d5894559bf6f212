"""People's names: made names of many countries beside nameparser, and labelled names."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from nameparser import HumanName

from crmmigrate.model.regions import RegionBook
from crmmigrate.values.name_words import NameWords, name_words
from crmmigrate.values.names import read_name

from line import Line  # isort: skip

NAMEPARSER = {
    "title": "prefix", "first": "given", "middle": "middle", "last": "family", "suffix": "suffix",
    "nickname": "nickname",
}  # fmt: skip
LABELS = {
    "GivenName": "given", "FirstInitial": "given", "MiddleName": "middle", "MiddleInitial": "middle",
    "Surname": "family", "LastInitial": "family", "PrefixMarital": "", "PrefixOther": "",
    "SuffixGenerational": "", "SuffixOther": "", "Nickname": "",
}  # fmt: skip


def measure(folder: Path, book: RegionBook) -> Iterator[Line]:
    """Yield one line a spelling, one for casing, and one a file of labelled names."""
    names = folder / "name"
    with (names / "faker_people.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for how in dict.fromkeys(row["how"] for row in rows):
        yield _people(how, [row for row in rows if row["how"] == how], book)
    yield _casing([row for row in rows if row["how"].endswith("case")], book)
    yield _nameparser(names / "nameparser_tests.jsonl", name_words(None, book.get(None).name))
    yield _labelled(names / "probablepeople_labelled.jsonl", name_words("US", book.get("US").name))


def _words(row: dict[str, str], book: RegionBook) -> NameWords:
    return name_words(row["region"], book.get(row["region"]).name)


def _people(how: str, rows: list[dict[str, str]], book: RegionBook) -> Line:
    wrong, peer = [], 0
    for row in rows:
        name = read_name(" ".join(row["input"].split()), _words(row, book)).name
        given = " ".join(filter(None, (name.given, name.middle)))
        if (given, name.family) != (row["first"], row["last"]):
            wrong.append(f"{row['input']} ({row['region']}) → {given} | {name.family}")
        other = HumanName(row["input"])
        other.capitalize()
        first = " ".join(filter(None, (other.first, other.middle)))
        peer += (first, other.last) == (row["first"], row["last"])
    return Line(f"people, {how}", len(rows) - len(wrong), len(rows), 97, peer, wrong)


def _casing(rows: list[dict[str, str]], book: RegionBook) -> Line:
    """Count words that are cased right, in whichever part they were put."""
    wrong = []
    for row in rows:
        value = read_name(" ".join(row["input"].split()), _words(row, book)).value
        if sorted(value.split()) != sorted(f"{row['first']} {row['last']}".split()):
            wrong.append(f"{row['input']} ({row['region']}) → {value}")
    return Line("people, casing", len(rows) - len(wrong), len(rows), 99.5, None, wrong)


def _cases(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def _nameparser(path: Path, words: NameWords) -> Line:
    wrong, cases = [], _cases(path)
    for case in cases:
        name = read_name(" ".join(case["input"].split()), words).name
        told = {k: v or "" for k, v in case["expected"].items() if k in NAMEPARSER}
        found = {k: getattr(name, NAMEPARSER[k]) for k in told}
        if any(found[k].casefold() != told[k].casefold() for k in told):
            wrong.append(f"{case['input']} → {found}, told {told}")
    return Line("nameparser's own tests", len(cases) - len(wrong), len(cases), 78, None, wrong)


def _labelled(path: Path, words: NameWords) -> Line:
    """Compare given, middle and family names of the cells with one person."""
    cases = [c for c in _cases(path) if {label for _, label in c["tokens"]} <= set(LABELS)]
    wrong = []
    for case in cases:
        told: defaultdict[str, list[str]] = defaultdict(list)
        for token, label in case["tokens"]:
            told[LABELS[label]].append(token)
        name = read_name(" ".join(case["input"].split()), words).name
        parts = ("given", "middle", "family")
        if any(_bare(getattr(name, part)) != _bare(" ".join(told[part])) for part in parts):
            wrong.append(f"{case['input']} → {name}")
    return Line("probablepeople, one person", len(cases) - len(wrong), len(cases), 92, None, wrong)


def _bare(text: str) -> list[str]:
    words = (word.strip(".,;()'\"“”").casefold() for word in text.split())
    return [word for word in words if word]
