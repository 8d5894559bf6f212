"""The description of EspoCRM against a simulated one: in its own words, rule by rule."""

import json

import polars as pl
import pytest

from crmmigrate.adapters.base import Target
from crmmigrate.adapters.rest import open_espocrm
from crmmigrate.adapters.transport import (
    CredentialsError,
    PermissionMissingError,
    UnknownOutcomeError,
)
from crmmigrate.config.bundled import bundled_path
from crmmigrate.errors import ConfigError
from crmmigrate.testing.contract import operations_frame
from crmmigrate.testing.faults import Fault
from crmmigrate.testing.simulators import Simulator
from crmmigrate.testing.simulators.espocrm import ADMINISTRATOR, API_KEY, SECRET_KEY, EspoCrm
from crmmigrate.testing.worlds import utc_now


class Room:
    """A simulated EspoCRM and the adapter on it."""

    def __init__(self, folder, **crm):
        self.folder = folder
        self.crm = EspoCrm(folder / "espo.db", **crm)
        self.simulator = Simulator(self.crm)
        self.targets = []

    def open(self, **options):
        given = {"adapter": "espocrm", "url": self.simulator.url, "clock": utc_now}
        target = open_espocrm({**given, "api_key": API_KEY, **options}, self.folder)
        self.targets.append(target)
        return target

    def close(self):
        for target in self.targets:
            target.close()
        self.simulator.close()
        self.crm.store.close()


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
    return {"external_id": f"a:contact:x/{number}", "lastName": f"Last {number}", **fields}


def test_is_a_target_that_describes_itself_from_live_metadata(target):
    assert isinstance(target, Target)
    assert target.capabilities.external_id
    catalog = target.describe()
    columns = {c.name: c for c in catalog.dataset("Contact").columns}
    assert columns["accountId"].references == ("Account",)
    assert columns["salutationName"].choices == ("Mr.", "Ms.", "Mrs.", "Dr.")
    assert not columns["lastName"].nullable
    assert columns["firstName"].max_length == 100
    assert columns["createdAt"].read_only
    assert {"phoneNumber", "phoneNumberMobile", "emailAddress"} <= set(columns)
    assert not columns["title"].choices, "suggestions bind nobody"
    hidden = {"id", "cLegacyId", "phoneNumberData", "name", "address", "accountAnyId"}
    assert not hidden & set(columns)
    parent = next(c for c in catalog.dataset("Task").columns if c.name == "parent")
    assert "Opportunity" in parent.references


def test_what_went_in_comes_out(target):
    one = made(
        target,
        "Account",
        **account(
            1,
            name='Ünïcode 株式会社 😀 "q" & <b>',
            type="Customer",
            phoneNumber="+40722123456",
            phoneNumberFax="+40722123457",
            emailAddress="Office@Example.com",
            billingAddressCity="Cluj",
            description="two\nlines",
        ),
    )
    sent = contact(
        1,
        firstName="Ana",
        accountId=f"Account:{one}",
        phoneNumber="+40722000001",
        phoneNumberMobile="+40722000002",
        phoneNumberHome="+40722000003",
        title="CEO",
        doNotCall="true",
    )
    made(target, "Contact", **sent)
    made(
        target,
        "Opportunity",
        external_id="o1",
        name="Deal",
        amount="1234567.89",
        amountCurrency="EUR",
        closeDate="2024-02-29",
        accountId=f"Account:{one}",
        stage="Proposal",
    )
    made(
        target,
        "Task",
        external_id="t1",
        name="Call back",
        parent=f"Account:{one}",
        dateEnd="2024-03-31T02:30:00+02:00",
    )
    (firm,) = found(target, "Account")
    assert firm["name"] == 'Ünïcode 株式会社 😀 "q" & <b>'
    assert (firm["phoneNumber"], firm["phoneNumberFax"]) == ("+40722123456", "+40722123457")
    assert firm["phoneNumberMobile"] is None
    assert firm["emailAddress"] == "Office@Example.com"
    (person,) = found(target, "Contact")
    assert {k: person["_external_id" if k == "external_id" else k] for k in sent} == sent
    (deal,) = found(target, "Opportunity")
    assert (deal["amount"], deal["amountCurrency"]) == ("1234567.89", "EUR")
    assert deal["closeDate"] == "2024-02-29"
    (task,) = found(target, "Task")
    assert task["parent"] == f"Account:{one}"
    assert task["dateEnd"] == "2024-03-31T00:30:00Z"


def test_bad_rows_are_alone_and_never_sent_where_we_know_better(room, target):
    rows = [contact(i) for i in range(6)]
    rows[1]["lastName"] = None
    rows[2]["salutationName"] = "Herr"
    rows[3]["firstName"] = "x" * 101
    rows[4]["emailAddress"] = "not an address"
    told = write(target, "Contact", "create", *rows)
    assert [t["status"] for t in told] == ["succeeded", *["rejected"] * 4, "succeeded"]
    assert [(t["error_code"], t["error_field"]) for t in told[1:5]] == [
        ("REQUIRED_FIELD_MISSING", "lastName"),
        ("NOT_IN_PICKLIST", "salutationName"),
        ("TOO_LONG", "firstName"),
        ("INVALID_EMAIL", "emailAddress"),
    ]
    posts = [line for line in room.simulator.log if line[0] == "POST"]
    assert len(posts) == 2


def test_what_only_the_server_knows_is_translated(room, target):
    room.crm.entities["Contact"] = json.loads(json.dumps(room.crm.entities["Contact"]))
    target.describe()
    room.crm.entities["Contact"]["fields"]["title"]["required"] = True
    (told,) = write(target, "Contact", "create", contact(1))
    assert (told["error_code"], told["error_field"]) == ("REQUIRED_FIELD_MISSING", "title")
    (lost,) = write(target, "Contact", "create", contact(2, title="x", accountId="Account:987"))
    assert (lost["error_code"], lost["error_field"]) == ("LINKED_RECORD_MISSING", "accountId")
    deal = {"external_id": "o", "name": "D", "amount": "-1", "closeDate": "2024-01-01"}
    (cheap,) = write(target, "Opportunity", "create", {**deal, "amountCurrency": "EUR"})
    assert (cheap["error_code"], cheap["error_field"]) == ("INVALID_VALUE", "amount")


def test_unknown_fields_are_told_before_they_vanish(target):
    with pytest.raises(ConfigError, match="cannot be filled") as caught:
        write(target, "Contact", "create", contact(1, shoeSize="42", createdAt="2020-01-01"))
    assert len(caught.value.causes) == 2
    assert found(target, "Contact") == []


def test_without_the_field_for_our_keys_nothing_is_written(room):
    room.crm.entities["Contact"] = json.loads(json.dumps(room.crm.entities["Contact"]))
    del room.crm.entities["Contact"]["fields"]["cLegacyId"]
    with pytest.raises(ConfigError, match="no field 'cLegacyId'") as caught:
        write(room.open(), "Contact", "create", contact(1))
    assert "Entity Manager > Contact" in caught.value.hint


def test_create_twice_gives_one_record(room, target):
    first = made(target, "Contact", **contact(1, firstName="first"))
    again = write(target, "Contact", "create", contact(1, firstName="again"), contact(1))
    assert [t["target_id"] for t in again] == [first, first]
    twice = write(target, "Contact", "create", contact(2), contact(2))
    assert len({t["target_id"] for t in twice}) == 1
    assert [r["firstName"] for r in found(target, "Contact")] == ["first", None]


def test_duplicates_are_refused_or_forced(room, target):
    made(target, "Contact", **contact(1, emailAddress="ana@example.com"))
    twin = contact(2, emailAddress="ana@example.com")
    (told,) = write(target, "Contact", "create", twin)
    assert (told["status"], told["error_code"]) == ("rejected", "DUPLICATE_VALUE")
    assert "skip_duplicate_check" in told["message"]
    (forced,) = write(room.open(skip_duplicate_check=True), "Contact", "create", twin)
    assert forced["status"] == "succeeded"


def test_update_writes_changed_fields_only_and_keeps_other_numbers(room, target):
    one = made(target, "Contact", **contact(1, phoneNumber="+401111", phoneNumberFax="+402222"))
    record = room.crm.store.get("Contact", one)
    entries = [*record.fields["phoneNumberData"], {"phoneNumber": "+409999", "type": "Pager"}]
    room.crm.store.change("Contact", one, {**record.fields, "phoneNumberData": entries}, 1e9)
    change = contact(
        1,
        target_id=one,
        changed=["phoneNumberMobile", "phoneNumberFax", "title"],
        phoneNumberMobile="+403333",
        phoneNumberFax=None,
        firstName="not this",
    )
    (told,) = write(target, "Contact", "update", change)
    assert told["status"] == "succeeded"
    (row,) = found(target, "Contact")
    assert (row["phoneNumber"], row["phoneNumberMobile"]) == ("+401111", "+403333")
    assert (row["phoneNumberFax"], row["firstName"]) == (None, None)
    kept = room.crm.store.get("Contact", one).fields["phoneNumberData"]
    assert {"phoneNumber": "+409999", "type": "Pager", "primary": False} in kept


def test_update_can_clear_and_needs_a_record(target):
    boss = made(target, "Account", **account(1))
    one = made(target, "Contact", **contact(1, accountId=f"Account:{boss}", firstName="A"))
    change = contact(1, target_id=one, changed=["accountId", "firstName"])
    write(target, "Contact", "update", {**change, "accountId": None, "firstName": None})
    (row,) = found(target, "Contact")
    assert (row["accountId"], row["firstName"]) == (None, None)
    lost = contact(9, target_id="0123", changed=["firstName"], firstName="B")
    (told,) = write(target, "Contact", "update", lost)
    assert told["error_code"] == "RECORD_MISSING"


@pytest.mark.parametrize("admin", [False, True])
def test_delete_is_final_and_a_new_record_takes_its_place(tmp_path, admin):
    room = Room(tmp_path, admin=admin)
    target = room.open()
    one = made(target, "Account", **account(1))
    gone = {"external_id": "a:account:x/1", "target_id": one}
    for _ in range(2):
        (told,) = write(target, "Account", "delete", gone)
        assert told["status"] == "succeeded"
    assert found(target, "Account") == []
    by_id = list(target.fetch("Account", pl.Series([one]), "id", []))
    assert not by_id, "administrators still read deleted records; we do not"
    assert made(target, "Account", **account(1)) != one
    room.close()


def test_purge_refuses_what_is_needed(target):
    one = made(target, "Account", **account(1))
    task = made(target, "Task", external_id="t", name="T", parent=f"Account:{one}")
    person = made(target, "Contact", **contact(1, accountId=f"Account:{one}"))
    purge = {"external_id": "a:account:x/1", "target_id": one}
    for object_, id_ in (("Task", task), ("Contact", person)):
        (told,) = write(target, "Account", "purge", purge)
        assert told["error_code"] == "STILL_REFERENCED"
        write(target, object_, "purge", {"external_id": "x", "target_id": id_})
    (told,) = write(target, "Account", "purge", purge)
    assert told["status"] == "succeeded"


def test_pages_and_changes_are_read_whole(room, target):
    write(target, "Account", "create", *[account(i) for i in range(230)])
    rows = [pl.DataFrame(pl.from_arrow(b)) for b in target.read("Account", ["name"])]
    assert sum(f.height for f in rows) == 230
    assert len(set(pl.concat(rows)["_id"])) == 230
    assert target.describe().dataset("Account").rows == 230
    keys = [f"a:account:x/{i}" for i in range(230)]
    assert len(found(target, "Account", [*keys, "unknown"], ["name"])) == 230
    late = room.crm.store.all("Account")[5]
    room.crm.store.change("Account", late.id, late.fields, 4e9)
    changed = [
        pl.DataFrame(pl.from_arrow(b))
        for b in target.read("Account", ["name"], since="2096-10-02T07:06:40Z")
    ]
    assert pl.concat(changed)["_id"].to_list() == [late.id]


def test_what_the_crm_drops_is_told(target):
    (told,) = write(target, "Contact", "create", contact(1, title="CEO"))
    assert told["status"] == "succeeded"
    assert (told["error_code"], told["error_field"]) == ("STORED_DIFFERENTLY", "title")


def test_ways_to_prove_who_asks(room):
    assert found(room.open(secret_key=SECRET_KEY), "Account") == []
    for wrong in ({"api_key": "wrong-key-wrong-key"}, {"secret_key": "wrong-key-wrong-key"}):
        with pytest.raises(CredentialsError) as caught:
            found(room.open(**wrong), "Account")
        assert caught.value.exit_code == 2
        assert "wrong-key" not in f"{caught.value} {caught.value.causes}"
    with pytest.raises(ConfigError, match="options that prove") as caught:
        room.open(api_key="")
    assert "api_key, secret_key" in caught.value.hint
    with pytest.raises(ConfigError, match="unknown option 'api_kee'"):
        room.open(api_kee="x")


def test_a_missing_permission_stops_the_command(room, target):
    room.crm.forbidden.add("Contact")
    with pytest.raises(PermissionMissingError, match="no permission to create Contact") as caught:
        write(target, "Contact", "create", contact(1))
    assert caught.value.exit_code == 2


def test_a_wrong_path_is_told(room):
    with pytest.raises(ConfigError, match="no API at") as caught:
        found(room.open(url=f"{room.simulator.url}/crm"), "Account")
    assert caught.value.exit_code == 2


def test_connecting_tells_what_is_there_and_what_is_missing(room):
    told = {c.name: (c.state.value, c.says, c.hint) for c in room.open().connect()}
    assert told["server"][0] == told["clock"][0] == told["record keys"][0] == "ok"
    assert told["Contact"][1].endswith("0 records")
    room.crm.entities = json.loads(json.dumps(room.crm.entities))
    del room.crm.entities["Lead"]["fields"]["cLegacyId"]
    del room.crm.entities["Campaign"]
    told = {c.name: (c.state.value, c.says, c.hint) for c in room.open().connect()}
    assert told["record keys"][0] == "failed"
    assert "Lead" in told["record keys"][1]
    assert "Entity Manager > Lead" in told["record keys"][2]
    assert told["objects"][1] == "not there: Campaign"
    assert room.open().describe().dataset("Campaign") is None
    with pytest.raises(CredentialsError):
        list(room.open(api_key="wrong-key-wrong-key").connect())
    assert not [line for line in room.simulator.log if line[0] != "GET"]


def without_key(room, *entities):
    room.crm.entities = json.loads(json.dumps(room.crm.entities))
    for entity in entities:
        del room.crm.entities[entity]["fields"]["cLegacyId"]


def states(checks):
    return {c.name: c.state.value for c in checks}


@pytest.mark.parametrize("prefixes", [True, False])
def test_an_administrator_makes_the_field_for_our_keys(tmp_path, prefixes):
    room = Room(tmp_path, prefixes=prefixes)
    without_key(room, "Lead", "Contact")
    before = {e: set(d["fields"]) for e, d in room.crm.entities.items()}
    (told,) = [c for c in room.open().connect() if c.name == "record keys"]
    assert "--create-field` makes it as an administrator" in told.hint
    assert {e: set(d["fields"]) for e, d in room.crm.entities.items()} == before, "unasked, nothing"
    user, password = ADMINISTRATOR
    admin = room.open(api_key="", user=user, password=password)
    made = {c.name: c for c in admin.make_key_fields({"Lead": "", "Contact": ""})}
    assert made["Lead.cLegacyId"].says == made["Contact.cLegacyId"].says == "made"
    after = {e: set(d["fields"]) for e, d in room.crm.entities.items()}
    assert {e: after[e] - before[e] for e in after if after[e] != before[e]} == {
        "Lead": {"cLegacyId"},
        "Contact": {"cLegacyId"},
    }, "and nothing is left under another name"
    assert states(admin.connect())["record keys"] == "ok"
    again = [c.says for c in admin.make_key_fields({"Lead": "", "Contact": ""})]
    assert again == ["is there already"] * 2
    room.close()


def test_a_field_whose_making_was_not_answered_is_found_by_the_next_try(room):
    without_key(room, "Lead")
    user, password = ADMINISTRATOR
    admin = room.open(api_key="", user=user, password=password)
    room.simulator.draw = lambda asked: Fault.LOST_REPLY if asked.method == "POST" else None
    with pytest.raises(UnknownOutcomeError):
        list(admin.make_key_fields({"Lead": ""}))
    room.simulator.draw = None
    again = room.open(api_key="", user=user, password=password)
    assert [c.says for c in again.make_key_fields({"Lead": ""})] == ["is there already"]
    assert "legacyId" not in room.crm.entities["Lead"]["fields"]


def test_an_api_user_may_not_make_fields_and_is_told_how(room):
    without_key(room, "Lead")
    (told,) = room.open().make_key_fields({"Lead": ""})
    assert (told.state.value, told.says) == ("failed", "not made: our user may not make fields")
    assert "options user and password" in told.hint
    assert "Entity Manager > Lead" in told.hint


def test_entities_of_ones_own_get_the_field_too(room):
    room.crm.entities |= {"CShop": json.loads(json.dumps(room.crm.entities["Account"]))}
    without_key(room, "CShop")
    place = room.folder / "mappings" / "espocrm"
    place.mkdir(parents=True)
    text = bundled_path("mappings/espocrm/rest.yaml").read_text(encoding="utf-8")
    (place / "rest.yaml").write_text(text + "  CShop: {}\n", encoding="utf-8")
    user, password = ADMINISTRATOR
    (told,) = room.open(api_key="", user=user, password=password).make_key_fields({"CShop": ""})
    assert told.says == "made"
    assert "legacyId" not in room.crm.entities["CShop"]["fields"]


def test_rights_and_quota_are_told_honestly(room):
    room.crm.forbidden.add("Lead")
    told = {c.name: c for c in room.open().connect()}
    assert told["Lead"].says.startswith("our user may not create; ")
    assert told["Lead"].state.value == "warning"
    assert told["Contact"].says.startswith("read, create, write, delete; ")
    assert told["quota"].says.startswith("not told")
    assert told["limit"].says == "a request may have 20 MB (post_max_size of PHP)"
