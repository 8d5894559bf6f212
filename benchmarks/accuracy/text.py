"""Repair of text: code pages read as others, the cases of ftfy, and clean text that must stay.

Beside the cases of the folder, misreads of all of CLDR's names of territories are made here: unseen
by whoever wrote the rules.
"""

import csv
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import ftfy
from babel import Locale, localedata
from line import Line

from crmmigrate.model.regions import RegionBook
from crmmigrate.values.alphabets import alphabet_of
from crmmigrate.values.knowledge import load_knowledge, word_table
from crmmigrate.values.text import repair_text

MISREAD = ("cp1252", "latin-1", "cp1250", "mac_roman", "cp437")


def measure(folder: Path, book: RegionBook) -> Iterator[Line]:
    """Yield the lines of the table."""
    del book
    with (folder / "text" / "mojibake_cldr.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    utf8 = [(r["input"], r["expected"], r["language"]) for r in rows if r["written"] == "utf-8"]
    pages = [(r["input"], r["expected"], r["language"]) for r in rows if r["written"] != "utf-8"]
    clean = [(r["expected"], r["expected"], r["language"]) for r in rows]
    yield repaired("UTF-8 misread", utf8, 95.0)
    yield repaired("single-byte mix-ups", pages, 80.0)
    yield repaired("clean names stay", clean, 99.9)
    yield of_ftfy(folder / "text" / "ftfy_cases.jsonl")
    names = list(chain.from_iterable(map(names_of, localedata.locale_identifiers())))
    yield repaired("CLDR, all languages, clean", [(n, n, of) for n, of in names], 99.9)
    yield repaired("CLDR, all languages, UTF-8 misread", misread(names), 95.0)
    yield repaired("CLDR, single-byte mix-ups", list(mixed_up(names)), 80.0)


Case = tuple[str, str, str]


def repaired(name: str, cases: list[Case], target: float) -> Line:
    """Count the cases that the repair brings to what was meant."""
    right, wrong = 0, []
    for given, meant, language in cases:
        found = repair_text(given, alphabet_of([language])).value
        right += found == meant
        if found != meant:
            wrong.append(f"{language}: {given!r} → {found!r}, meant {meant!r}")
    peer = sum(
        ftfy.fix_text(given, uncurl_quotes=False) == meant for given, meant, _ in cases[:999]
    )
    return Line(name, right, len(cases), target, peer if len(cases) < 999 else None, wrong)


def of_ftfy(path: Path) -> Line:
    """Count the cases that ftfy passes; what ftfy tidies for typewriters does not count.

    Curly quotes, ligatures, wide letters and blanks are no damage; both sides are brought to one
    form of them before they are compared.
    """
    cases = [json.loads(line) for line in path.open(encoding="utf-8")]
    passing = [case for case in cases if case["expect"] == "pass"]
    wrong = []
    for case in passing:
        found = repair_text(case["input"]).value
        if alike(found) != alike(case["expected"]):
            wrong.append(f"{case['input']!r} → {found!r}, expected {case['expected']!r}")
    return Line("ftfy's own", len(passing) - len(wrong), len(passing), 95.0, len(passing), wrong)


def alike(text: str) -> str:
    """Return a text without the differences that are taste."""
    tidy = ftfy.fix_text(text, fix_encoding=False).replace("\x81", "").replace("\u2800", " ")
    return " ".join(tidy.split())


def names_of(identifier: str) -> list[tuple[str, str]]:
    """Return the names of territories in one language, those beyond ASCII, and the language."""
    locale = Locale.parse(identifier)
    known = word_table(load_knowledge("alphabets")["encodings"])
    if locale.territory or locale.script or locale.language not in known:
        return []
    names = {name for name in locale.territories.values() if not name.isascii()}
    usual = {" ".join(name.split()) for name in names if name.isprintable()}
    return [(name, locale.language) for name in sorted(usual)]


def misread(names: list[tuple[str, str]]) -> list[Case]:
    """Return every tenth name as UTF-8 read in a code page that has all of its bytes."""
    cases = []
    for at, (name, language) in enumerate(names[::10]):
        try:
            cases.append((name.encode().decode(MISREAD[at % len(MISREAD)]), name, language))
        except UnicodeDecodeError:
            continue
    return cases


def mixed_up(names: list[tuple[str, str]]) -> Iterator[Case]:
    """Yield every tenth name as written in its language's code page and read in a western one."""
    pages = word_table(load_knowledge("alphabets")["encodings"])
    for name, language in names[5::10]:
        written = pages[language].split()[0]
        try:
            given = name.encode(written).decode("cp1252")
        except UnicodeError:
            continue
        if given != name:
            yield given, name, language
