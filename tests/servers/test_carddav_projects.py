"""Whole projects into a real address book by the command line, and out again."""

import csv
import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from support.small_project import PEOPLE, Project
from support.whole_projects import STAGES, go_in_and_out, migrate_back, retarget
from support.whole_projects import runs_of as runs

KEPT = 8
"""One company of so many is loaded: Radicale looks at all cards of a book for each new one."""


@pytest.fixture
def entry(carddav, book, monkeypatch):
    """The entry `target:`; the password stands in the environment."""
    monkeypatch.setenv("CARDDAV_PASSWORD", carddav.password)
    options = {"user": carddav.user, "password": "${env:CARDDAV_PASSWORD}"}
    return {"adapter": "carddav", "url": carddav.options(book)["url"], "options": options}


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
def consolidation(tmp_path, repository, entry):
    """An eighth of the consolidation example with an address book as its target."""
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
    shutil.copy(source / "migration.yaml", tmp_path)
    project = Project(tmp_path)
    retarget(project, entry)
    for stage in STAGES:
        project.cli(stage)
    return project


@pytest.fixture
def small(examples, tmp_path, entry):
    """The small project, with an address book as its target."""
    return examples.copy("small", tmp_path, entry)


def test_the_consolidation_example_goes_in_and_out(consolidation, carddav, book, entry, repository):
    carddav.put(f"{book}/mine.vcf", "VERSION:3.0", "UID:mine", "FN:Own card", "X-OWN:as it was")

    def back():
        assert len(cards(carddav, book)) > 400
        back_out_of(carddav, book, entry, consolidation.root / "back", repository)

    told = go_in_and_out(
        consolidation,
        lambda: (cards(carddav, book), carddav.get(f"{book}/mine.vcf")),
        back,
    )
    assert "an address book holds people and companies only" in json.dumps(told.plan)


def back_out_of(carddav, book, entry, folder, repository):
    """Migrate what is in the book into the embedded CRM, by the packaged mapping; links must hold."""
    source = {**entry, "datasets": {"cards": {"key": ["id"], "modified_at": "modified"}}}
    with closing(sqlite3.connect(migrate_back(folder, source, repository))) as crm:
        people = crm.execute("SELECT count(*), sum(account_id IS NOT NULL) FROM contact").fetchone()
        firms = crm.execute("SELECT count(*) FROM account").fetchone()[0]
    assert people[0] + firms == len(cards(carddav, book)), "every card, and the one that was there"
    assert people[1] > 200, people


@pytest.mark.shared
def test_chinook_and_northwind_go_in_and_out(tmp_path, examples, entry, carddav, book):
    project = examples.copy("both", tmp_path, entry)
    there = []
    told = go_in_and_out(
        project,
        lambda: cards(carddav, book),
        lambda: there.extend(cards(carddav, book)),
    )
    objects = told.load["facts"]["objects"]
    assert len(there) == sum(c["created"] for c in objects.values()) > 300


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
def test_wrong_settings_end_with_their_code(small, entry, carddav, wrong, code, says):
    url = f"{carddav.url}/{wrong['url']}" if "url" in wrong else entry["url"]
    options = entry["options"] | {k: v for k, v in wrong.items() if k != "url"}
    if "password" in wrong:
        small.write("secret", wrong["password"])
        options["password"] = "${file:secret}"
    retarget(small, {**entry, "url": url, "options": options})
    assert says in " ".join(small.cli("plan", code=code).stderr.split())
