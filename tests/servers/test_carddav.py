"""The native adapter on a real CardDAV server: what other programs do to the same cards."""

from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import httpx
import polars as pl
import pytest
from support.wires import FakeClock

from crmmigrate.adapters.carddav import AddressBook, open_native
from crmmigrate.adapters.carddav.target import Place
from crmmigrate.adapters.carddav.wire import Wire
from crmmigrate.adapters.transport import (
    PermissionMissingError,
    Server,
    Transport,
    basic_credentials,
)
from crmmigrate.testing.contract import operations_frame


class Native:
    """The native adapter with short words."""

    def __init__(self, options):
        self.target = open_native(options, Path())

    def write(self, action, *rows, **types):
        return self.target.write("card", action, operations_frame(rows, **types)).to_dicts()

    def create(self, *rows, **types):
        told = self.write("create", *rows, **types)
        assert all(t["status"] == "succeeded" for t in told), told
        return [t["target_id"] for t in told]

    def rows(self, batches):
        frames = [pl.DataFrame(pl.from_arrow(b)) for b in batches]
        return pl.concat(frames).to_dicts() if frames else []

    def fetch(self, *keys):
        return self.rows(self.target.fetch("card", pl.Series(keys, dtype=pl.String), "external_id"))

    def read(self, since=None):
        return self.rows(self.target.read("card", None, since))


@pytest.fixture
def crm(carddav, book):
    native = Native(carddav.options(book, properties="X-TAX-ID"))
    yield native
    native.target.close()


def test_every_field_survives_the_server(crm):
    fields = crm.target.fields
    values = {
        name: f"{name}, \"q\"; 'n' \\ é株😀\nline"
        for name, field in fields.items()
        if field.column.type == "text" and not field.column.read_only and "street" not in name
    }
    values |= {"kind": "individual", "gender": "F", "birthday": "1912-02-29"}
    values |= {"anniversary": "2000-01-31", "categories": "one, two; three"}
    for address in ("address", "home_address", "other_address"):
        values |= {f"{address}_country": "RO", f"{address}_street_name": "Strada Lungă, bis"}
        values |= {f"{address}_house_number": "12 A"}
    row = {"external_id": "a:contact:x/1", **values, "photo": bytes(range(256))}
    crm.create(row, photo=pl.Binary())
    (found,) = crm.fetch("a:contact:x/1")
    assert {n: found[n] for n in values} == values
    assert found["photo"] == bytes(range(256))
    assert found["other_properties"] is None
    wanted = pl.DataFrame([values])
    assert crm.target.as_stored("card", wanted).to_dicts() == [values]


@pytest.mark.parametrize(
    "text",
    ["a\x00b\x0bc\x1cd\x85e\u2028f\ufeffg", " lead\ttrail ", "\u200e\u202eמשה\u202c", "x" * 300_000,
     "\\n\\,\\;\\\\n", "BEGIN:VCARD\nEND:VCARD\nFN:x", "\r\n\r", '"^n;=,:', "]]>&amp;<x/>"],
)  # fmt: skip
def test_any_text_comes_back_as_foretold(crm, text):
    crm.create({"external_id": "k", "name": "N", "note": text, "X-TAX-ID": text[:500]})
    (found,) = crm.fetch("k")
    wanted = pl.DataFrame([{"note": text, "X-TAX-ID": text[:500]}])
    (told,) = crm.target.as_stored("card", wanted).to_dicts()
    assert {n: found[n] for n in told} == told


def test_a_change_is_merged_into_the_card_of_the_moment(crm, carddav, book):
    (card,) = crm.create({"external_id": "k", "name": "Ana", "phone": "1", "email": "a@b.example"})
    lines = ("VERSION:3.0", f"UID:{card[:-4]}", "FN:Ana", "N:;Ana;;;", "TEL;TYPE=work,voice:1")
    more = ("item1.X-ABDATE;TYPE=pref:2020-01-01", "item1.X-ABLABEL:Met", "NOTE:by hand")
    shelf, copies = crm.target.shelf, type(crm.target.shelf).copies
    meddled = []

    def copies_then_meddle(self, ids):
        found = list(copies(self, ids))
        if not meddled and ids:
            meddled.append(ids)
            carddav.put(f"{book}/{card}", *lines, *more)
        return iter(found)

    shelf.__class__.copies = copies_then_meddle
    try:
        change = {"external_id": "k", "target_id": card, "changed": ["phone"], "phone": "2"}
        told = crm.write("update", change)
    finally:
        shelf.__class__.copies = copies
    assert told[0]["status"] == "succeeded", told
    text = carddav.get(f"{book}/{card}")
    assert meddled
    for line in ("TEL;TYPE=work,voice:2", *more[:2], "NOTE:by hand", "N:;Ana;;;"):
        assert line in text, text


def test_writing_what_is_there_already_writes_nothing(crm, carddav, book):
    (card,) = crm.create({"external_id": "k", "name": "Ana", "phone": "1"})
    before = carddav.get(f"{book}/{card}")
    change = {"external_id": "k", "target_id": card, "changed": ["phone"], "phone": "1"}
    assert crm.write("update", change)[0]["status"] == "succeeded"
    assert carddav.get(f"{book}/{card}") == before


def test_a_card_that_another_program_has_moved_is_found(crm, carddav, book):
    (card,) = crm.create({"external_id": "k", "name": "Ana"})
    destination = f"{carddav.url}/{book}/elsewhere%20%C3%A9.vcf"
    status, _, _ = carddav.send("MOVE", f"{book}/{card}", Destination=destination)
    assert status == 201
    assert crm.create({"external_id": "k", "name": "Ana"}) == ["elsewhere%20%C3%A9.vcf"]
    (found,) = crm.fetch("k")
    assert (found["_id"], found["_external_id"]) == ("elsewhere%20%C3%A9.vcf", "k")
    boss = {"external_id": "b", "name": "Bob", "manager": f"card:{found['_id']}"}
    crm.create(boss)
    assert crm.fetch("b")[0]["manager"] == "card:elsewhere%20%C3%A9.vcf"
    purge = {"external_id": "k", "target_id": found["_id"]}
    assert crm.write("purge", purge)[0]["error_code"] == "STILL_REFERENCED"
    change = {"external_id": "k", "target_id": found["_id"], "changed": ["phone"], "phone": "2"}
    assert crm.write("update", change)[0]["status"] == "succeeded"
    assert "TEL;TYPE=work,voice:2" in carddav.get(f"{book}/elsewhere%20%C3%A9.vcf")


def test_a_foreign_card_is_read_and_can_be_linked(crm, carddav, book):
    carddav.put(f"{book}/f.vcf", "VERSION:3.0", "UID:not/a uuid@x", "FN:Beta; SRL", "ORG:Beta")
    crm.create({"external_id": "k", "name": "Ana", "employer": "card:f.vcf"})
    (found,) = crm.fetch("k")
    assert (found["employer"], found["company"]) == ("card:f.vcf", "Beta; SRL")
    foreign = next(row for row in crm.read() if row["_id"] == "f.vcf")
    assert (foreign["_external_id"], foreign["uid"]) == (None, "not/a uuid@x")
    change = {"external_id": "k", "target_id": found["_id"], "changed": ["employer"]}
    crm.write("update", {**change, "employer": None})
    (found,) = crm.fetch("k")
    assert (found["employer"], found["company"]) == (None, None)


def claimed(crm, *pairs):
    rows = [{"op_id": f"c{i}", "target_id": t, "external_id": k} for i, (t, k) in enumerate(pairs)]
    schema = dict.fromkeys(("op_id", "target_id", "external_id"), pl.String)
    told = crm.target.claim("card", pl.DataFrame(rows, schema=schema)).to_dicts()
    return [t["error_code"] or t["status"] for t in told]


def test_a_card_of_others_is_claimed_filled_and_let_go_as_it_was(crm, carddav, book):
    foreign = ("VERSION:3.0", "UID:x", "FN:Ana Pop", "N:Pop;Ana;;;", "ORG:Beta (old);IT", "X-P:1")
    carddav.put(f"{book}/f.vcf", *foreign)
    before = carddav.get(f"{book}/f.vcf")
    (firm,) = crm.create({"external_id": "b", "name": "Beta SRL", "kind": "org"})
    assert claimed(crm, ("f.vcf", "k")) == ["succeeded"]
    assert crm.fetch("k")[0]["_id"] == "f.vcf"
    assert crm.create({"external_id": "k", "name": "Ana"}) == ["f.vcf"], "never twice"
    assert claimed(crm, ("f.vcf", "other"), (firm, "k"), ("no.vcf", "n")) == [
        *("DUPLICATE_VALUE", "DUPLICATE_VALUE", "RECORD_MISSING"),
    ]
    change = {"external_id": "k", "target_id": "f.vcf", "changed": ["employer", "phone"]}
    crm.write("update", {**change, "employer": f"card:{firm}", "phone": "1"})
    assert crm.fetch("k")[0]["company"] == "Beta (old)", "a word of somebody else stays"
    crm.write("update", {**change, "employer": None, "phone": None})
    assert claimed(crm, ("f.vcf", None)) == ["succeeded"]
    after = carddav.get(f"{book}/f.vcf")
    lines = [line for line in after.splitlines() if not line.startswith("REV:")]
    assert lines == before.splitlines()
    assert crm.fetch("k") == []


def test_a_card_of_ours_that_was_let_go_is_not_taken_for_a_new_one(crm):
    (first,) = crm.create({"external_id": "k", "name": "Ana"})
    assert claimed(crm, (first, None)) == ["succeeded"]
    assert crm.fetch("k") == []
    (second,) = crm.create({"external_id": "k", "name": "Ana again"})
    assert second != first
    assert crm.create({"external_id": "k", "name": "Ana"}) == [second]
    assert [row["name"] for row in crm.fetch("k")] == ["Ana again"]
    assert claimed(crm, (first, "z")) == ["succeeded"]
    assert [row["name"] for row in crm.fetch("z")] == ["Ana"]


def test_a_token_tells_what_has_changed(crm, carddav, book):
    one, two = crm.create({"external_id": "1", "name": "A"}, {"external_id": "2", "name": "B"})
    token = crm.target.token()
    assert crm.read(token) == []
    carddav.put(f"{book}/f.vcf", "VERSION:3.0", "UID:f", "FN:New")
    crm.write("purge", {"external_id": "1", "target_id": one})
    assert [row["_id"] for row in crm.read(token)] == ["f.vcf"]
    changed, gone, after = crm.target.shelf.changed_since(token)
    assert (changed, gone) == (["f.vcf"], [one])
    assert crm.read(after) == []
    forgotten = f"http://radicale.org/ns/sync/{'0' * 64}"
    assert {row["_id"] for row in crm.read(forgotten)} == {"f.vcf", two}, "all, as it is unknown"
    latest = max(row["_modified_at"] for row in crm.read())
    assert "f.vcf" in {row["_id"] for row in crm.read(latest)}
    assert crm.read("2999-01-01T00:00:00Z") == []


def test_the_book_is_found_from_the_service(carddav, book, tmp_path):
    with carddav.book("Andere ä"):
        root = carddav.url.rpartition("/")[0]
        for url in (carddav.url, root):
            for name in ("Andere ä", book):
                target = open_native({**carddav.options(), "url": url, "book": name}, tmp_path)
                assert target.book.name == ("Andere ä" if name != book else "Clients")
                assert target.book.may_write
        assert list(target.connect())


def test_a_user_without_rights_is_told(carddav, tmp_path):
    url = f"{carddav.url.rpartition('/')[0]}/bob/x/"
    with pytest.raises(PermissionMissingError):
        open_native({**carddav.options(), "url": url}, tmp_path).describe()


class Shaky(httpx.BaseTransport):
    """Loses requests on the way there, and replies on the way back."""

    def __init__(self, seed):
        self._wire = httpx.HTTPTransport()
        self._random = Random(seed)
        self.lost = 0

    def handle_request(self, request):
        fate = self._random.random() if request.method in {"PUT", "DELETE"} else 1.0
        if fate < 0.15:
            self.lost += 1
            raise httpx.ReadError("the request was lost")
        answer = self._wire.handle_request(request)
        answer.read()
        if fate < 0.4:
            self.lost += 1
            raise httpx.ReadTimeout("the reply was lost")
        return answer


@pytest.mark.parametrize("seed", range(3))
def test_lost_replies_double_nothing_and_leave_nothing_unknown(carddav, book, seed):
    shaky, clock = Shaky(seed), FakeClock()
    user = basic_credentials(carddav.user, carddav.password)
    address = urlsplit(carddav.url)
    path = f"{address.path}/{book}/"
    server = Server(f"{address.scheme}://{address.netloc}", user, headers={"Accept": "*/*"})
    target = AddressBook(Wire(Transport(server)), Place(path))
    shaken = AddressBook(
        Wire(Transport(server, timekeeper=clock.timekeeper, wire=shaky)), Place(path)
    )
    rows = [{"external_id": f"k{i}", "name": f"N{i}"} for i in range(40)]
    told = shaken.write("card", "create", operations_frame(rows))
    assert set(told["status"]) == {"succeeded"}
    changes = [
        {**row, "target_id": id_, "changed": ["name"], "name": f"M{i}"}
        for i, (row, id_) in enumerate(zip(rows, told["target_id"], strict=True))
    ]
    changed = shaken.write("card", "update", operations_frame(changes))
    assert set(changed["status"]) == {"succeeded"}
    names = [r["name"] for b in target.fetch("card", None, "id", ["name"]) for r in b.to_pylist()]
    assert sorted(names) == sorted(f"M{i}" for i in range(40))
    assert set(shaken.write("card", "purge", operations_frame(changes))["status"]) == {"succeeded"}
    assert target.shelf.ids() == []
    assert shaky.lost > 20
