"""The description of SuiteCRM against a simulated one: nothing is spoilt without a word."""

import json

import polars as pl
import pytest

from crmmigrate.adapters.rest import open_suitecrm
from crmmigrate.adapters.rest.finding import own_id
from crmmigrate.adapters.transport import CredentialsError
from crmmigrate.errors import ConfigError
from crmmigrate.testing.contract import operations_frame
from crmmigrate.testing.faults import Fault
from crmmigrate.testing.laboratory import HurriedClock
from crmmigrate.testing.simulators import Simulator
from crmmigrate.testing.simulators.suitecrm import CLIENT_ID, CLIENT_SECRET, SuiteCrm


class Room:
    """A simulated SuiteCRM and the adapter on it."""

    def __init__(self, folder, **crm):
        self.folder = folder
        self.crm = SuiteCrm(folder / "suite.db", **crm)
        self.simulator = Simulator(self.crm)
        self.targets = []

    def open(self, **options):
        given = {"adapter": "suitecrm", "url": self.simulator.url}
        given |= {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        clock = HurriedClock().timekeeper
        target = open_suitecrm({**given, "timekeeper": clock, **options}, self.folder)
        self.targets.append(target)
        return target

    def close(self):
        for target in self.targets:
            target.close()
        self.simulator.close()
        self.crm.store.close()

    def without_our_field(self):
        self.crm.modules = json.loads(json.dumps(self.crm.modules))
        for fields in self.crm.modules.values():
            del fields["legacy_id_c"]


@pytest.fixture
def room(tmp_path):
    found = Room(tmp_path)
    yield found
    found.close()


@pytest.fixture
def target(room):
    return room.open()


def write(target, object_, action, *rows):
    return target.write(object_, action, operations_frame(rows)).to_dicts()


def made(target, object_, **fields):
    (told,) = write(target, object_, "create", fields)
    assert told["status"] == "succeeded", told
    assert told["error_code"] is None, told
    return told["target_id"]


def found(target, object_, keys=None, fields=None):
    wanted = None if keys is None else pl.Series(keys, dtype=pl.String)
    frames = [
        pl.DataFrame(pl.from_arrow(b)) for b in target.fetch(object_, wanted, "external_id", fields)
    ]
    return pl.concat(frames).to_dicts() if frames else []


def account(number, **fields):
    return {"external_id": f"a:account:x/{number}", "name": f"Firm {number}", **fields}


def contact(number, **fields):
    return {"external_id": f"a:contact:x/{number}", "last_name": f"Last {number}", **fields}


def deal(number, **fields):
    given = {"amount": "1", "sales_stage": "Prospecting", "date_closed": "2024-02-29"}
    return {"external_id": f"a:opportunity:x/{number}", "name": f"Deal {number}", **given, **fields}


def test_describes_itself(target):
    catalog = target.describe()
    columns = {c.name: c for c in catalog.dataset("Contacts").columns}
    assert columns["account_id"].references == ("Accounts",)
    assert columns["first_name"].max_length == 100
    assert not columns["last_name"].nullable
    assert "Dr." in columns["salutation"].choices
    assert columns["date_modified"].read_only
    assert not columns["date_entered"].read_only
    calls = {c.name: c for c in catalog.dataset("Calls").columns}
    assert "Leads" in calls["parent"].references
    assert not {"parent_id", "parent_type", "id", "legacy_id_c"} & set(calls)
    assert catalog.dataset("Accounts").rows == 0


def test_what_went_in_comes_out(target):
    one = made(
        target,
        "Accounts",
        **account(1, name='Ünïcode 株式会社 😀 "q"', account_type="Customer", email1="a@b.example"),
    )
    sent = contact(
        1,
        first_name="Ana",
        account_id=f"Accounts:{one}",
        phone_work="+40722000001",
        do_not_call="true",
        birthdate="1912-02-29",
        date_entered="2011-03-31T02:30:00+02:00",
        description='two\nlines, "quoted" & <b>it\'s</b>',
    )
    made(target, "Contacts", **sent)
    made(
        target, "Opportunities", **deal(1, amount="1234567890123.45", account_id=f"Accounts:{one}")
    )
    made(
        target,
        "Calls",
        external_id="c1",
        name="Call",
        parent=f"Accounts:{one}",
        date_start="2024-03-31T00:30:00Z",
    )
    (person,) = found(target, "Contacts")
    assert person["date_entered"] == "2011-03-31T00:30:00Z"
    told = {k: person["_external_id" if k == "external_id" else k] for k in sent}
    assert told == {**sent, "date_entered": "2011-03-31T00:30:00Z"}
    assert person["_id"] == own_id("Contacts", "a:contact:x/1")
    assert found(target, "Opportunities")[0]["amount"] == "1234567890123.45"
    assert found(target, "Calls")[0]["parent"] == f"Accounts:{one}"
    assert found(target, "Accounts")[0]["name"] == 'Ünïcode 株式会社 😀 "q"'


@pytest.mark.parametrize(
    ("object_", "row", "code", "field"),
    [
        ("Contacts", contact(1, last_name=None), "REQUIRED_FIELD_MISSING", "last_name"),
        ("Contacts", contact(1, last_name="x" * 101), "TOO_LONG", "last_name"),
        ("Contacts", contact(1, email1="not an address"), "INVALID_EMAIL", "email1"),
        ("Contacts", contact(1, account_id="Accounts:123"), "LINKED_RECORD_MISSING", "account_id"),
        ("Contacts", contact(1, birthdate="31/12/2024"), "INVALID_DATE", "birthdate"),
        ("Contacts", contact(1, do_not_call="maybe"), "INVALID_BOOLEAN", "do_not_call"),
        ("Opportunities", deal(1, amount="abc"), "INVALID_NUMBER", "amount"),
        ("Opportunities", deal(1, sales_stage="Blah"), "NOT_IN_PICKLIST", "sales_stage"),
        (
            "Calls",
            {"external_id": "c", "name": "C", "date_start": "31/12/2024 10:00"},
            "INVALID_DATETIME",
            "date_start",
        ),
    ],
)
def test_what_would_be_spoilt_is_not_sent(room, target, object_, row, code, field):
    good = {**row, "external_id": "good"}
    good |= {"Contacts": {field: None, "last_name": "L"}, "Opportunities": deal(9)}.get(
        object_, {"date_start": "2024-01-01T00:00:00Z"}
    )
    told = write(target, object_, "create", row, good)
    assert [t["status"] for t in told] == ["rejected", "succeeded"]
    assert (told[0]["error_code"], told[0]["error_field"]) == (code, field)
    assert (
        len([line for line in room.simulator.log if "V8/module" in line[1] and line[0] == "POST"])
        == 1
    )


def test_what_is_spoilt_all_the_same_is_told(room, target):
    target.describe()
    room.crm.modules = json.loads(json.dumps(room.crm.modules))
    room.crm.modules["Contacts"]["first_name"]["len"] = "5"
    (told,) = write(target, "Contacts", "create", contact(1, first_name="Maximiliana"))
    assert told["status"] == "succeeded"
    assert (told["error_code"], told["error_field"]) == ("STORED_DIFFERENTLY", "first_name")


def test_create_twice_gives_one_record(target):
    first = made(target, "Contacts", **contact(1, first_name="first"))
    again = write(target, "Contacts", "create", contact(1, first_name="again"), contact(1))
    assert [t["target_id"] for t in again] == [first, first]
    assert [r["first_name"] for r in found(target, "Contacts")] == ["first"]


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.ERROR_504_AFTER, Fault.ERROR_500_AFTER])
def test_a_lost_reply_makes_no_second_record(room, target, fault):
    target.describe()
    faults = [fault]
    room.simulator.draw = lambda asked: faults.pop() if asked.method == "POST" and faults else None
    (told,) = write(target, "Contacts", "create", contact(1))
    assert told["status"] == ("succeeded" if fault is Fault.ERROR_500_AFTER else "unknown")
    assert len(found(target, "Contacts", ["a:contact:x/1"])) == 1
    assert made(target, "Contacts", **contact(1))
    assert len(room.crm.store.everything()) == 1


def test_without_our_field_ids_alone_do(room):
    room.without_our_field()
    target = room.open()
    one = made(target, "Accounts", **account(1))
    assert one == own_id("Accounts", "a:account:x/1")
    (row,) = found(target, "Accounts", ["a:account:x/1", "unknown"])
    assert (row["_id"], row["_external_id"]) == (one, "a:account:x/1")
    write(target, "Accounts", "delete", {"external_id": "a:account:x/1", "target_id": one})
    (told,) = write(target, "Accounts", "create", account(1))
    assert (told["status"], told["error_code"]) == ("rejected", "DUPLICATE_VALUE")
    assert "deleted record" in told["message"]


@pytest.mark.parametrize("filters_custom", [True, False])
def test_ids_of_deleted_records_stay_taken(tmp_path, filters_custom):
    room = Room(tmp_path, filters_custom=filters_custom)
    target = room.open()
    one = made(target, "Accounts", **account(1))
    gone = {"external_id": "a:account:x/1", "target_id": one}
    for _ in range(2):
        (told,) = write(target, "Accounts", "delete", gone)
        assert told["status"] == "succeeded"
    assert found(target, "Accounts") == []
    two = made(target, "Accounts", **account(1))
    assert two == own_id("Accounts", "a:account:x/1", 1)
    assert len(found(target, "Accounts", ["a:account:x/1"])) == int(filters_custom)
    room.close()


def test_update_writes_changed_fields_only_and_can_clear(target):
    one = made(target, "Accounts", **account(1, phone_office="1", email1="a@b.example"))
    change = account(1, target_id=one, changed=["name", "phone_office"], name="M", email1="x@y.zz")
    (told,) = write(target, "Accounts", "update", {**change, "phone_office": None})
    assert told["status"] == "succeeded"
    (row,) = found(target, "Accounts")
    assert (row["name"], row["phone_office"], row["email1"]) == ("M", None, "a@b.example")
    lost = account(9, target_id="0123", changed=["name"])
    (told,) = write(target, "Accounts", "update", lost)
    assert told["error_code"] == "RECORD_MISSING"


def test_purge_refuses_what_is_needed(target):
    one = made(target, "Accounts", **account(1))
    call = made(
        target,
        "Calls",
        external_id="c",
        name="C",
        parent=f"Accounts:{one}",
        date_start="2024-01-01T00:00:00Z",
    )
    purge = {"external_id": "a:account:x/1", "target_id": one}
    (told,) = write(target, "Accounts", "purge", purge)
    assert told["error_code"] == "STILL_REFERENCED"
    write(target, "Calls", "purge", {"external_id": "c", "target_id": call})
    (told,) = write(target, "Accounts", "purge", purge)
    assert told["status"] == "succeeded"


def test_pages_are_read_whole_and_tokens_renewed(room, target):
    write(target, "Accounts", "create", *[account(i) for i in range(205)])
    room.crm.expire_tokens()
    rows = [pl.DataFrame(pl.from_arrow(b)) for b in target.read("Accounts", ["name"])]
    assert len(set(pl.concat(rows)["_id"])) == 205
    assert target.describe().dataset("Accounts").rows == 205
    assert len([line for line in room.simulator.log if line[1] == "Api/access_token"]) == 2


def test_an_unknown_field_is_told(target):
    with pytest.raises(ConfigError, match="cannot be filled"):
        write(target, "Contacts", "create", contact(1, shoe_size="42"))


def test_wrong_credentials(room):
    with pytest.raises(CredentialsError, match="invalid_client") as caught:
        found(room.open(client_secret="wrong-secret"), "Accounts")
    assert caught.value.exit_code == 2
    assert "wrong-secret" not in f"{caught.value} {caught.value.causes}"


def test_fields_cannot_be_made_and_the_way_by_hand_is_told(room):
    room.without_our_field()
    before = json.dumps(room.crm.modules)
    (told,) = room.open().make_key_fields({"Contacts": ""})
    assert (told.state.value, told.says) == (
        "warning",
        "not made: the API of SuiteCRM makes no fields",
    )
    assert "Admin > Studio > Contacts" in told.hint
    assert json.dumps(room.crm.modules) == before


def test_rights_of_modules_are_told(room):
    room.crm.forbidden["Leads"] = {"delete"}
    told = {c.name: c for c in room.open().connect()}
    assert told["Leads"].says.startswith("our user may not delete; ")
    assert told["Contacts"].says.startswith("read, create, write, delete; ")
    assert not told["Users"].says.startswith(("our", "read")), "the API does not list this module"
    assert told["quota"].says.startswith("not told")
