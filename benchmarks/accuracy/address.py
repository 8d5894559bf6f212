"""Postal addresses: parts, provinces, postcodes and lines, beside usaddress, pyap and pyap2.

pyap and pyap2 share an import name: pyap is imported here, pyap2 is asked in the environment that
`CRMMIGRATE_PYAP2` names (path of its python); without it, its column is left out.
"""

import csv
import io
import json
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from address_truth import (
    Parts,
    backward_truth,
    composed_truth,
    forward_parts,
    labelled_truth,
    libpostal_truth,
    same,
    sought,
)
from line import Line

from crmmigrate.model.regions import RegionBook, RegionRules
from crmmigrate.values.address_lines import address_lines
from crmmigrate.values.address_towns import is_surely_typed
from crmmigrate.values.address_validity import validity
from crmmigrate.values.addresses import read_address
from crmmigrate.values.outcome import Outcome

ABOVE = ("RO", "NO", "TH", "US", "GB", "CA", "DE", "FR")
CORE = ("house_number", "street", "postal_code", "locality")


def measure(folder: Path, book: RegionBook) -> Iterator[Line]:
    """Yield every line of the table of postal addresses."""
    where = folder / "address"
    yield from _composed(_rows(where / "faker_composed.jsonl"), book)
    yield from _columns(folder, book)
    for name, truth, target in (
        ("usaddress_labelled", labelled_truth, 95.0),
        ("opencage_formatting", backward_truth, 80.0),
        ("libpostal_parser", libpostal_truth, 85.0),
    ):
        rows = [(row, truth(row)) for row in _rows(where / f"{name}.jsonl")]
        yield _line(name, [(r["input"], r["region"], t) for r, t in rows if t], book, target)
    yield _formatted(_rows(where / "opencage_formatting.jsonl"), book)
    yield from _whole(_rows(where / "pyap_full_address.jsonl"), book)


def _rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _composed(rows: list[dict[str, object]], book: RegionBook) -> Iterator[Line]:
    cases: dict[str, list[tuple[str, str, Parts]]] = {}
    for row in rows:
        region = str(row["region"])
        cases.setdefault(region, []).append((str(row["input"]), region, composed_truth(row)))
    for region in ABOVE:
        peer = _peer(cases[region])
        yield _line(f"composed {region}", cases[region], book, 95.0, only=CORE, peer=peer)
    rest = [case for region, found in cases.items() if region not in ABOVE for case in found]
    yield _line("composed, other countries", rest, book, 70.0, only=CORE, peer=_peer(rest))
    every = [case for found in cases.values() for case in found]
    for name, part, target in (("postcode", "postal_code", 98.0), ("province", "region", 95.0)):
        with_part = [case for case in every if case[2].get(part)]
        yield _line(f"composed, {name} alone", with_part, book, target, only=(part,))


def _columns(folder: Path, book: RegionBook) -> Iterator[Line]:
    """Yield lines for columns that hold a postcode or a province alone."""
    path = folder / "region" / "google_subdivisions.csv"
    cases = []
    for row in csv.DictReader(io.StringIO(path.read_text("utf-8"))):
        rules = book.get(row["region"]).address
        forms = {row["name"], row["key"]}
        found = next((p for p in rules.province_list if p.name in forms), None)
        coded = rules.province_style == "code" and found and found.code
        wanted = (coded and found.code) or (found.name if found else row["name"])
        cases += [
            ({"region": written}, row["region"], wanted, row["latin_name"])
            for written in dict.fromkeys((row["name"], row["key"], row["latin_name"]))
            if written
        ]
    wrong = []
    for given, region, wanted, latin in cases:
        got = read_address(given, region, book.get).parts.get("region") or ""
        if got not in {wanted, latin, wanted.casefold()} or not got:
            wrong.append(f"{region} {given['region']!r}: {got!r} for {wanted!r}")
    yield Line("province in a column", len(cases) - len(wrong), len(cases), 95.0, None, wrong)


def _line(
    name: str,
    cases: list[tuple[str, str, Parts]],
    book: RegionBook,
    target: float,
    *,
    only: Iterable[str] = (),
    peer: int | None = None,
) -> Line:
    wrong = []
    for text, region, truth in cases:
        got = {k: v for k, v in read_address({"text": text}, region, book.get).parts.items() if v}
        parts = only or sought(truth)
        bad = [p for p in parts if not same(p, truth, got, book.get(region))]
        if bad:
            wrong.append(f"{region} {text!r}: " + "; ".join(
                f"{p} {got.get(p)!r} for {truth.get(p)!r}" for p in bad))  # fmt: skip
    return Line(name, len(cases) - len(wrong), len(cases), target, peer, wrong)


def _formatted(rows: list[dict[str, object]], book: RegionBook) -> Line:
    """Count the OpenCage cases whose street, town and postcode lines are written exactly."""
    wrong, total = [], 0
    for row in rows:
        region = str(row["region"])
        parts, lines = forward_parts(row)
        if not parts or not lines:
            continue
        total += 1
        got = address_lines(parts, book.get(region))
        if [x.casefold() for x in got] != [x.casefold() for x in lines]:
            wrong.append(f"{region} {got} for {lines}")
    return Line("OpenCage lines", total - len(wrong), total, 97.0, None, wrong)


def _whole(rows: list[dict[str, object]], book: RegionBook) -> Iterator[Line]:
    """Yield how often a text is told to be one whole address or not to be one."""
    for region in ("US", "CA", "GB"):
        cases = [row for row in rows if row["region"] == region]
        wrong = []
        for row in cases:
            outcome = read_address({"text": str(row["input"])}, region, book.get)
            if _is_address(outcome, book.get(region)) != row["is_address"]:
                wrong.append(f"{region} {row['input']!r} {dict(outcome.parts)}")
        yield Line(f"pyap, full addresses {region}", len(cases) - len(wrong), len(cases),
                   100.0 * (_pyap_whole(cases) or 0) / len(cases), _pyap_whole(cases), wrong)  # fmt: skip


def _is_address(outcome: Outcome, rules: RegionRules) -> bool:
    """Tell whether a text is one whole address; a postcode may miss behind a sure street."""
    parts = outcome.parts
    status = validity(outcome.codes)
    if status == "incomplete":
        known = parts.get("house_number") and parts.get("locality") and parts.get("region")
        return bool(known) and is_surely_typed(parts.get("street") or "", rules)
    return status != "not_an_address"


_ASK = """
import json, sys, pyap
for line in sys.stdin:
    text, region = json.loads(line)
    found = [a.as_dict() for a in pyap.parse(text, country=region)] if region in {"US", "CA", "GB"} else []
    print(json.dumps([(a["full_address"], a) for a in found]))
"""


def _pyap(cases: list[tuple[str, str]]) -> list[list[tuple[str, Mapping[str, str]]]] | None:
    python = os.environ.get("CRMMIGRATE_PYAP2")
    if not python:
        return None
    given = "\n".join(map(json.dumps, cases))
    done = subprocess.run(
        [python, "-c", _ASK], input=given, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def _pyap_whole(cases: list[dict[str, object]]) -> int | None:
    answers = _pyap([(str(c["input"]), str(c["region"])) for c in cases])
    if answers is None:
        return None
    return sum(
        bool(found and len(found[0][0]) >= 0.9 * len(str(case["input"]).strip()))
        == case["is_address"]
        for found, case in zip(answers, cases, strict=True)
    )


def _peer(cases: list[tuple[str, str, Parts]]) -> int | None:
    """Count what the best of usaddress and pyap2 reads right."""
    counts = [_count(cases, _by_usaddress)]
    answers = _pyap([(text, region) for text, region, _ in cases])
    if answers is not None:
        found = iter(answers)
        counts.append(_count(cases, lambda _text: _pyap_parts(next(found))))
    return max(counts)


def _count(cases: list[tuple[str, str, Parts]], read: Callable[[str], Mapping[str, str]]) -> int:
    right = 0
    for text, region, truth in cases:
        got = read(text)
        right += all(same(p, truth, got, None) for p in CORE) and bool(region)
    return right


def _pyap_parts(found: list[tuple[str, Mapping[str, str]]]) -> Mapping[str, str]:
    if not found:
        return {}
    parts = found[0][1]
    street = " ".join(parts.get(k) or "" for k in ("street_name", "street_type", "route_id"))
    return {"house_number": parts.get("street_number") or "", "street": street.strip(),
            "postal_code": parts.get("postal_code") or "", "locality": parts.get("city") or ""}  # fmt: skip


def _by_usaddress(text: str) -> Mapping[str, str]:
    import usaddress

    got: dict[str, list[str]] = {}
    for token, label in usaddress.parse(text):
        part = {"AddressNumber": "house_number", "ZipCode": "postal_code", "PlaceName": "locality"}
        name = part.get(label) or ("street" if label.startswith("StreetName") else "")
        got.setdefault(name, []).append(token.strip(","))
    return {name: " ".join(tokens) for name, tokens in got.items()}
