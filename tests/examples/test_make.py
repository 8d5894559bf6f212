"""The data of examples/consolidation: made again by its script, true to its truth."""

import csv
import itertools
import os
import re
import sqlite3
import subprocess
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path
from random import Random

import openpyxl
import phonenumbers
import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "consolidation"
CSV_FILES = (
    "data/shop/customers.csv",
    "data/shop/orders.csv",
    "data/shop/order_lines.csv",
    "truth/contacts.csv",
    "truth/accounts.csv",
)


def make(out: Path, *options: str) -> Path:
    subprocess.run(
        [sys.executable, str(EXAMPLE / "make.py"), "--out", str(out), *options],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "99", "PYTHONDONTWRITEBYTECODE": "1"},
        timeout=60,
    )
    return out


def tables(path: Path) -> dict[str, list[tuple]]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
        return {n: connection.execute(f"SELECT * FROM {n}").fetchall() for (n,) in names.fetchall()}
    finally:
        connection.close()


def records(path: Path, table: str) -> list[dict]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]
    finally:
        connection.close()


def sheet(path: Path) -> list[tuple]:
    book = openpyxl.load_workbook(path)
    return [(s.title, s.merged_cells.ranges, list(s.iter_rows(values_only=True))) for s in book]


def truth(name: str) -> list[dict[str, str]]:
    with (EXAMPLE / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shop(name: str) -> list[list[str]]:
    text = (EXAMPLE / "data/shop" / name).read_bytes().decode("cp1250")
    return list(csv.reader(text.splitlines(), delimiter=";"))


@pytest.fixture(scope="module")
def leads() -> dict[str, dict]:
    rows = list(openpyxl.load_workbook(EXAMPLE / "data/leads.xlsx")["Leads"].values)
    header = rows[3]
    return {str(r[0]): dict(zip(header, r, strict=True)) for r in rows[4:] if isinstance(r[0], int)}


@pytest.fixture(scope="module")
def customers() -> dict[str, dict[str, str]]:
    header, *rows = shop("customers.csv")
    whole = [row for row in rows if len(row) == len(header) and row[0]]
    return {row[0]: dict(zip(header, row, strict=True)) for row in reversed(whole)}


@pytest.fixture(scope="module")
def erp() -> dict[str, list[dict]]:
    path = EXAMPLE / "data/erp.db"
    return {table: records(path, table) for table in ("contacts", "accounts", "invoices", "notes")}


@pytest.fixture(scope="module")
def people(erp, customers, leads) -> dict[tuple[str, str], dict]:
    firms = {row["id"]: row["name"] for row in erp["accounts"]}
    named = [{**row, "company": firms.get(row["account_id"], "")} for row in erp["contacts"]]
    rows = {("erp", str(row["id"])): row for row in named}
    rows |= {("shop", key): row for key, row in customers.items()}
    return rows | {("fair", key): row for key, row in leads.items()}


def entities(name: str) -> dict[str, list[tuple[str, str]]]:
    found = defaultdict(list)
    for row in truth(name):
        found[row["entity_id"]].append((row["source"], row["id"]))
    return found


def fold(text: object) -> str:
    plain = unicodedata.normalize("NFKD", str(text or "")).lower()
    return "".join(c for c in plain if c.isalnum())


def clues(row: dict) -> dict[str, set[str]]:
    """What a reader compares: mailbox, numbers, birth date, house, company, name."""

    def get(*names: str) -> str:
        return " ".join(str(row[n]) for n in names if row.get(n))

    # Digits of any script count: Thai and full-width ones are typed, too.
    phones = re.split(r" / |/ |; |, | sau | or |int|ext|x", get("phone", "mobile", "Phone"))
    numbers = {"".join(str(unicodedata.digit(c)) for c in p if c.isdigit())[-7:] for p in phones}
    birth = get("birth_date", "birthday")
    address = get("street", "postcode", "zip", "Address")
    names = get("first_name", "last_name", "Name").replace(",", " ")
    mail = get("email", "E-mail").strip().lower()
    return {
        "mail": {mail} - {"", "n/a", "-", "noemail@noemail.example"},
        "domain": {mail.partition("@")[2], re.sub(r"^https?://|www\.|/", "", get("Web"))} - {""},
        "phone": {n for n in numbers if len(n) == 7}
        | {re.sub(r"\D", "", get("phone", "Phone"))[:10]},
        "birth": births(birth),
        "address": {fold(w) for w in address.split() if any(c.isdigit() for c in w)} - {""},
        "company": {word for word in map(fold, get("company", "Company").split()) if len(word) > 4},
        "name": {fold(w) for w in names.split() if len(fold(w)) > 1},
    }


def births(text: str) -> set[str]:
    """Read the year of the century, Buddhist or not, with each of the other numbers."""
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    if len(numbers) < 2 or 1900 in numbers or 0 in numbers:
        return set()
    year = max(numbers) if max(numbers) > 99 else numbers[-1]
    common = (year - 543 if year > 2400 else year) % 100
    return {f"{n} of {common}" for n in numbers if n != year}


def test_the_script_makes_the_committed_data_again(tmp_path):
    again = make(tmp_path)
    for name in CSV_FILES:
        assert (again / name).read_bytes() == (EXAMPLE / name).read_bytes(), name
    assert tables(again / "data/erp.db") == tables(EXAMPLE / "data/erp.db")
    assert sheet(again / "data/leads.xlsx") == sheet(EXAMPLE / "data/leads.xlsx")


def test_another_seed_makes_other_data(tmp_path):
    other = make(tmp_path, "--seed", "5")
    assert (other / CSV_FILES[0]).read_bytes() != (EXAMPLE / CSV_FILES[0]).read_bytes()


def test_the_data_stays_small():
    files = [
        p for folder in ("data", "truth") for p in (EXAMPLE / folder).rglob("*") if p.is_file()
    ]
    assert sum(path.stat().st_size for path in files) < 3_000_000


def test_every_person_is_in_the_truth_once(people):
    keys = [(row["source"], row["id"]) for row in truth("contacts")]
    assert len(keys) == len(set(keys))
    rubbish = {k for k, r in people.items() if "first_name" in r and not _is_person(r)}
    assert set(keys) == set(people) - rubbish
    assert 10 <= len(rubbish) <= 20


def _is_person(row: dict) -> bool:
    name = f"{row['first_name'] or ''}{row['last_name'] or ''}"
    return bool(name) and row["first_name"] not in {"TEST", "test"}


def test_every_company_is_in_the_truth_once(erp, customers, leads):
    keys = {(row["source"], row["id"]) for row in truth("accounts")}
    assert len(keys) == len(truth("accounts"))
    expected = {("erp", str(row["id"])) for row in erp["accounts"]}
    expected |= {("shop", key) for key, row in customers.items() if row["company"]}
    expected |= {("fair", key) for key, row in leads.items() if row["Company"]}
    assert keys == expected


@pytest.mark.parametrize("name", ["contacts", "accounts"])
def test_about_a_third_repeats_within_and_across_the_sources(name):
    found = entities(name)
    share = sum(len(keys) > 1 for keys in found.values()) / len(found)
    assert 0.28 <= share <= 0.4
    pairs = [p for keys in found.values() for p in itertools.combinations(keys, 2)]
    kinds = {frozenset((a[0], b[0])) for a, b in pairs}
    assert {frozenset({s}) for s in ("erp", "shop", "fair")} <= kinds
    assert {frozenset({"erp", "shop"}), frozenset({"erp", "fair"})} <= kinds


def test_a_careful_reader_can_tell_each_duplicate(people):
    """Every record shares at least two kinds of clues with another one of the same person."""
    for entity, keys in entities("contacts").items():
        for key in keys if len(keys) > 1 else ():
            own = clues(people[key])
            best = max(_shared(own, clues(people[o])) for o in keys if o != key)
            assert best >= 2, (entity, *[list(people[k].values()) for k in keys])


def _shared(one: dict[str, set[str]], other: dict[str, set[str]]) -> int:
    return sum(bool(one[kind] & other[kind]) for kind in one)


def test_hard_negatives_can_be_told_apart(people):
    """Different persons of one name never share mailbox, mobile and date of birth."""
    entity = {(row["source"], row["id"]): row["entity_id"] for row in truth("contacts")}
    by_name = defaultdict(list)
    for key in entity:
        by_name[tuple(sorted(clues(people[key])["name"]))].append(key)
    namesakes = 0
    for keys in by_name.values():
        for a, b in itertools.combinations(keys, 2):
            if entity[a] == entity[b]:
                continue
            namesakes += 1
            one, other = clues(people[a]), clues(people[b])
            assert not one["mail"] & other["mail"], (people[a], people[b])
    assert namesakes >= 50


def test_households_and_colleagues_share_what_they_share(people):
    entity = {(row["source"], row["id"]): row["entity_id"] for row in truth("contacts")}
    homes, domains = defaultdict(set), defaultdict(set)
    for key, person in entity.items():
        row = people[key]
        if key[0] == "erp" and not row["account_id"] and row["street"] and row["postcode"]:
            homes[fold(row["last_name"]), row["postcode"]].add(person)
        if key[0] == "erp" and row["account_id"]:
            domains[row["email"].partition("@")[2]].add(person)
    assert sum(len(who) > 1 for who in homes.values()) >= 50
    assert sum(len(who) > 3 for domain, who in domains.items() if domain) >= 50


def test_the_mess_is_there(erp, customers, leads):
    text = "\n".join(" ".join(str(v) for v in row.values()) for row in erp["contacts"])
    for mark in ("mob", "int. ", " ext", "ş", "Ã", "n/a", "noemail@", "0000-00-00", "  ", "\u00a0"):
        assert mark in text, mark
    years = [
        m for row in erp["contacts"] for m in re.findall(r"\b25\d\d\b", row["birth_date"] or "")
    ]
    assert len(years) > 50, "Buddhist era"
    assert {"Romania", "România", "RO", "Rumänien"} <= {row["country"] for row in erp["contacts"]}
    assert sum((row["first_name"] or "").isupper() for row in erp["contacts"]) > 50
    names = {row["name"] for row in erp["accounts"]}
    for form in (
        r"^S\.C\. .* S\.R\.L\.$",
        r"[^.] SRL$",
        r" srl$",
        r"^บริษัท",
        r"^株式会社|^㈱|株式会社$",
    ):
        assert any(re.search(form, name) for name in names), form
    accounts = {row["id"] for row in erp["accounts"]}
    assert 3 <= sum(row["account_id"] not in accounts for row in erp["invoices"]) <= 5
    assert sum("," in str(lead["Name"]) for lead in leads.values()) > 20
    assert all(re.fullmatch(r"[\d.]+,\d\d", row["turnover"]) for row in customers.values())


def test_the_shop_files_have_their_faults():
    header, *rows = shop("customers.csv")
    ragged = [row for row in rows if len(row) not in {0, len(header)}]
    assert [row[0] for row in ragged] == ["W29999"]
    assert sum(not any(row) for row in rows) == 3
    numbers = [row[0] for row in rows if len(row) == len(header) and row[0]]
    assert len(numbers) - len(set(numbers)) == 1


def test_the_sheet_has_headings_gaps_and_a_total():
    page = openpyxl.load_workbook(EXAMPLE / "data/leads.xlsx")["Leads"]
    rows = list(page.values)
    assert rows[0][0]
    assert not any(rows[2])
    assert rows[-1][0] == "TOTAL"
    assert any(row[0] == "Hall B" for row in rows)
    assert sum(not any(row) for row in rows[4:]) >= 3
    assert len(page.merged_cells.ranges) >= 5


def test_no_mailbox_is_real(people):
    text = " ".join(str(value) for row in people.values() for value in row.values())
    domains = set(re.findall(r"@([\w.-]+)", text.lower()))
    assert domains
    assert all(domain.endswith(".example") for domain in domains), domains


def test_every_number_is_valid_in_its_country(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLE))
    from maker.invent import Inventor
    from maker.spellings import phone
    from maker.words import load_words
    from maker.world import build_world

    rng = Random(3)
    world = build_world(Inventor(load_words(EXAMPLE / "words"), Random(4)))
    numbers = [(p.code, n) for p in world.private + world.visitors for n in (p.mobile, p.landline)]
    for code, number in numbers + [(c.code, c.phone) for c in world.companies]:
        parsed = phonenumbers.parse(phone(number, rng), code)
        assert phonenumbers.is_valid_number(parsed), (code, number)
        e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        assert e164 == f"+{number.calling}{number.area}{number.rest}"
