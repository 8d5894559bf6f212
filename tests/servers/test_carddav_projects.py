"""Whole projects into a real address book by the command line, and out again."""

import csv
import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from support.small_project import ACCOUNT, COMPANIES, CONTACT, MIGRATION, PEOPLE, Project

STAGES = ("extract", "map", "standardize", "dedupe", "validate")
SQLITE = "target: {adapter: sqlite, path: crm.db}"
_RUNS = shutil.ignore_patterns(".crmmigrate", "crm.db*", "consolidation")
KEPT = 8
"""One company of so many is loaded: Radicale looks at all cards of a book for each new one."""


def target(carddav, book, **more):
    """Return the entry `target:`; the password stands in the environment."""
    options = {"user": carddav.user, "password": "${env:CARDDAV_PASSWORD}", **more}
    url = carddav.options(book)["url"]
    return "target: " + json.dumps({"adapter": "carddav", "url": url, "options": options})


def cards(carddav, book):
    """Return the addresses of all cards of a book."""
    body = b'<D:propfind xmlns:D="DAV:"><D:prop><D:getetag/></D:prop></D:propfind>'
    said = carddav.send("PROPFIND", f"{book}/", body, Depth="1")[1]
    return sorted(h.partition("<")[0] for h in said.split("href>") if h.startswith("/"))[1:]


def cut(path, key, chosen):
    """Keep chosen rows of a file of the shop; return their keys."""
    with path.open(encoding="windows-1250", newline="") as stream:
        reader = csv.DictReader(stream, delimiter=";")
        rows = [row for place, row in enumerate(reader) if chosen(row, place)]
        names = reader.fieldnames
    with path.open("w", encoding="windows-1250", newline="") as stream:
        writer = csv.DictWriter(stream, names, delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return {row[key] for row in rows}


@pytest.fixture
def consolidation(tmp_path, repository, carddav, book, monkeypatch):
    """An eighth of the consolidation example with an address book as its target."""
    monkeypatch.setenv("CARDDAV_PASSWORD", carddav.password)
    source = repository / "examples" / "consolidation"
    for name in ("data", "mappings"):
        shutil.copytree(source / name, tmp_path / name)
    with closing(sqlite3.connect(tmp_path / "data" / "erp.db")) as erp, erp:
        erp.execute("DELETE FROM accounts WHERE id % ?", (KEPT,))
        erp.execute("DELETE FROM contacts WHERE account_id % ?", (KEPT,))
        erp.execute("DELETE FROM contacts WHERE account_id IS NULL AND id % ?", (KEPT,))
        for table in ("invoice_lines", "invoices", "notes", "attachments"):
            erp.execute(f"DELETE FROM {table}")
    shop = tmp_path / "data" / "shop"
    customers = cut(shop / "customers.csv", "customer_no", lambda row, place: place % KEPT == 0)
    orders = cut(shop / "orders.csv", "order_no", lambda row, _: row["customer_no"] in customers)
    cut(shop / "order_lines.csv", "order_no", lambda row, _: row["order_no"] in orders)
    lines = (source / "migration.yaml").read_text(encoding="utf-8").splitlines()
    told = [target(carddav, book) if line.startswith("target:") else line for line in lines]
    project = Project(tmp_path)
    project.write("migration.yaml", "\n".join(told))
    for stage in STAGES:
        project.cli(stage)
    return project


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A small project that is ready to be planned; made once, and copied."""
    project = Project(tmp_path_factory.mktemp("small"))
    project.write("migration.yaml", MIGRATION)
    project.write("mappings/company.yaml", ACCOUNT)
    project.write("mappings/person.yaml", CONTACT)
    project.write("data/companies.csv", COMPANIES)
    project.write("data/people.csv", PEOPLE)
    for stage in STAGES:
        project.cli(stage)
    return project


@pytest.fixture
def small(prepared, tmp_path, carddav, book, monkeypatch):
    """A copy of the small project, with an address book as its target."""
    monkeypatch.setenv("CARDDAV_PASSWORD", carddav.password)
    shutil.copytree(prepared.root, tmp_path, dirs_exist_ok=True)
    project = Project(tmp_path)
    project.write("migration.yaml", MIGRATION.replace(SQLITE, target(carddav, book)))
    return project


def runs(project):
    return sorted(p.name for p in (project.root / ".crmmigrate" / "runs").iterdir())


def test_the_consolidation_example_goes_in_and_out(consolidation, carddav, book, repository):
    carddav.put(f"{book}/mine.vcf", "VERSION:3.0", "UID:mine", "FN:Own card", "X-OWN:as it was")
    before = carddav.get(f"{book}/mine.vcf")
    plan = json.loads(consolidation.cli("plan", "--json").stdout)
    assert not [f for f in plan["findings"] if f["severity"] == "error"], plan["notes"]
    assert "an address book holds people and companies only" in json.dumps(plan)
    consolidation.cli("load")
    assert len(cards(carddav, book)) > 400
    assert "exactly as they should be" in consolidation.cli("verify").stdout
    assert "nothing to do" in consolidation.cli("plan").stdout
    back_out_of(carddav, book, consolidation.root / "back", repository)
    undone = consolidation.cli("rollback", runs(consolidation)[0], "--yes").stdout
    assert "records were removed" in undone
    assert [c.rpartition("/")[2] for c in cards(carddav, book)] == ["mine.vcf"]
    assert carddav.get(f"{book}/mine.vcf") == before


def back_out_of(carddav, book, folder, repository):
    """Migrate what is in the book into the embedded CRM, by the packaged mapping; links must hold."""
    project = Project(folder)
    ready = repository / "mappings" / "carddav" / "to_canonical.yaml"
    project.write("mappings/carddav.yaml", ready.read_bytes())
    own = json.loads(target(carddav, book).removeprefix("target: "))
    source = {**own, "datasets": {"cards": {"key": ["id"], "modified_at": "modified"}}}
    head = {"version": 1, "name": "back", "region": "RO", "sources": {"carddav": source}}
    whole = {**head, "target": {"adapter": "sqlite", "path": "crm.db"}}
    project.write("migration.yaml", json.dumps(whole))
    for stage in (*STAGES, "plan", "load", "verify"):
        project.cli(stage)
    with closing(sqlite3.connect(folder / "crm.db")) as crm:
        people = crm.execute("SELECT count(*), sum(account_id IS NOT NULL) FROM contact").fetchone()
        firms = crm.execute("SELECT count(*) FROM account").fetchone()[0]
    assert people[0] + firms == len(cards(carddav, book)), "every card, and the one that was there"
    assert people[1] > 200, people


@pytest.mark.shared
def test_chinook_and_northwind_go_in_and_out(
    tmp_path, shared_data, repository, carddav, book, monkeypatch
):
    monkeypatch.setenv("CARDDAV_PASSWORD", carddav.password)
    for name in ("chinook", "northwind"):
        file = shared_data / "legacy" / name / f"{name}.sqlite"
        monkeypatch.setenv(f"{name.upper()}_DB", str(file))
    both = (repository / "examples" / "both" / "migration.yaml").read_text(encoding="utf-8")
    shutil.copytree(repository / "examples", tmp_path, dirs_exist_ok=True, ignore=_RUNS)
    project = Project(tmp_path / "both")
    project.write("migration.yaml", both.replace(SQLITE, target(carddav, book)))
    for stage in (*STAGES, "plan", "load"):
        project.cli(stage)
    assert len(cards(carddav, book)) == 135 + 181
    assert "316 of 316 records" in project.cli("verify").stdout
    assert "nothing to do" in project.cli("plan").stdout
    project.cli("rollback", runs(project)[0], "--yes")
    assert cards(carddav, book) == []


def test_a_change_keeps_what_others_have_written_and_rollback_spares_an_edit(small, carddav, book):
    small.cli("plan")
    small.cli("load")
    maria = next(p for p in names(carddav, book) if "maria@beta" in carddav.get(f"{book}/{p}"))
    text = carddav.get(f"{book}/{maria}").replace("END:VCARD", "X-SPOUSE;X-P=1:Dan\r\nEND:VCARD")
    carddav.send("PUT", f"{book}/{maria}", text.encode(), Content_Type="text/vcard")
    small.write("data/people.csv", PEOPLE.replace("maria@beta", "maria.i@beta"))
    for stage in STAGES:
        small.cli(stage)
    assert "1 to update" in small.cli("plan").stdout
    small.cli("load")
    assert "exactly as they should be" in small.cli("verify").stdout
    now = carddav.get(f"{book}/{maria}")
    assert "maria.i@beta" in now
    assert "X-SPOUSE;X-P=1:Dan" in now
    first, last = runs(small)
    small.cli("rollback", last, "--yes")
    back = carddav.get(f"{book}/{maria}")
    assert "maria@beta" in back
    assert "X-SPOUSE;X-P=1:Dan" in back
    edited = back.replace("END:VCARD", "TITLE:edited by a colleague\r\nEND:VCARD")
    carddav.send("PUT", f"{book}/{maria}", edited.encode(), Content_Type="text/vcard")
    undone = small.cli("rollback", first, "--yes").stdout
    assert "RBK701" in undone
    left = names(carddav, book)
    assert maria in left, "what was edited since stays"
    assert len(left) == 2, "with its company, and nothing else"


def test_what_is_in_the_book_already_is_taken_over_and_let_go(small, carddav, book):
    own = ("VERSION:3.0", "UID:m", "FN:Maria Ionescu", "N:Ionescu;Maria;;;", "X-OWN:1")
    carddav.put(f"{book}/m.vcf", *own, "EMAIL:maria@beta.example", "TEL;TYPE=work:0744 111 222")
    before = carddav.get(f"{book}/m.vcf")
    small.cli("plan")
    small.cli("load")
    assert sum("Maria" in carddav.get(f"{book}/{n}") for n in names(carddav, book)) == 1
    now = carddav.get(f"{book}/m.vcf")
    assert "X-CRMMIGRATE-KEY:" in now
    assert "X-OWN:1" in now
    assert "exactly as they should be" in small.cli("verify").stdout
    small.cli("rollback", runs(small)[0], "--yes")
    assert names(carddav, book) == ["m.vcf"]
    after = carddav.get(f"{book}/m.vcf").splitlines()
    assert [line for line in after if not line.startswith("REV:")] == before.splitlines()


def names(carddav, book):
    return [address.rpartition("/")[2] for address in cards(carddav, book)]


def test_connecting_tells_what_is_there_and_what_has_no_place(small):
    said = " ".join(small.cli("connect").stdout.split())
    for words in (
        "speaks CardDAV",
        "0 cards",
        "rights: read and write",
        "kept in X-CRMMIGRATE-KEY",
        "account: goes to card; no place for",
        "left out: no place for",
        "next: crmmigrate run",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("wrong", "code", "says"),
    [
        ({"password": "wrong"}, 2, "does not accept our credentials"),
        ({"user": ""}, 2, "user is missing"),
        ({"book": "nowhere", "url": ""}, 2, "no address book is called 'nowhere'"),
        ({"url": "nowhere/"}, 2, "there is no API"),
        ({"properties": "TAX"}, 2, "is no name of a property of your own"),
        ({"pasword": "x"}, 2, "did you mean 'password'"),
    ],
)
def test_wrong_settings_end_with_their_code(small, carddav, wrong, code, says):
    text = (small.root / "migration.yaml").read_text(encoding="utf-8")
    own = next(line for line in text.splitlines() if line.startswith("target:"))
    entry = json.loads(own.removeprefix("target: "))
    if "url" in wrong:
        entry["url"] = f"{carddav.url}/{wrong['url']}"
    entry["options"] |= {k: v for k, v in wrong.items() if k != "url"}
    if "password" in wrong:
        small.root.joinpath("secret").write_text(wrong["password"], encoding="utf-8")
        entry["options"]["password"] = "${file:secret}"
    small.write("migration.yaml", text.replace(own, "target: " + json.dumps(entry)))
    done = small.cli("plan", code=code)
    assert says in " ".join(done.stderr.split())
