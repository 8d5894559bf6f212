"""The Tryton adapter, in its own words, against a real Tryton. Every test removes what it has made."""

from contextlib import closing
from pathlib import Path

import httpx
import polars as pl
import pytest
from servers.native_crm import lent

from crmmigrate.adapters.transport import CredentialsError, PermissionMissingError
from crmmigrate.adapters.tryton import open_native
from crmmigrate.errors import ConfigError, ExitCode
from crmmigrate.testing.contract import operations_frame

CUSTOMER = {
    "name": 'Ünïcode 株式会社 😀 "q" \\ %s ;--',
    "kind": "company",
    "active": "true",
    "address.street_name": "Main St",
    "address.building_number": "12",
    "address.city": "Boston",
    "address.postal_code": "02110",
    "address.country.code": "US",
    "address.subdivision.name": "Massachusetts",
    "delivery.city": "Cambridge",
    "delivery.country.code": "US",
    "categories.name": "Key account, customer",
    "phone": "+1 617 555 0100",
    "phone.home": "+1 617 555 0101",
    "email": "info@example.com",
    "email.other": "sales@example.com",
    "website": "https://www.example.com/a?b=c",
    "identifier": "US-0815",
    "identifier.number": "4711",
    "lang.code": "en",
}


@pytest.fixture
def crm(tryton):
    """The native adapter; at the end the server must be as it was."""
    yield from lent(tryton)


def test_a_company_comes_back_as_it_went_in(crm):
    crm.create("party.party", {"external_id": "a", **CUSTOMER})
    found = crm.fetch("party.party", "a", fields=list(CUSTOMER))["a"]
    assert {name: found[name] for name in CUSTOMER} == CUSTOMER
    assert found["_modified_at"].endswith("Z")


def test_parts_are_changed_cleared_and_added_alone(crm):
    one = crm.create("party.party", {"external_id": "a", **CUSTOMER})[0]
    change = {
        "address.city": "Salem",
        "delivery.city": None,
        "delivery.country.code": None,
        "phone.home": None,
        "mobile": "+1 617 555 0199",
        "identifier": None,
        "categories.name": "customer",
        "kind": "person",
    }
    row = {"external_id": "a", "target_id": one, "changed": list(change), **change}
    assert crm.write("party.party", "update", row)["status"].to_list() == ["succeeded"]
    wanted = CUSTOMER | change
    found = crm.fetch("party.party", "a", fields=list(wanted))["a"]
    assert {name: found[name] for name in wanted} == wanted


def test_people_work_for_companies_and_companies_stay_while_they_do(crm):
    boss = crm.create("party.party", {"external_id": "b", "name": "B", "kind": "company"})[0]
    link = f"party.party:{boss}"
    person = {"external_id": "p", "name": "P", "kind": "person", "relation.employer": link}
    one = crm.create("party.party", person)[0]
    found = crm.fetch("party.party", "p", fields=["kind", "relation.employer"])["p"]
    assert (found["kind"], found["relation.employer"]) == ("person", link)
    told = crm.write("party.party", "purge", {"external_id": "b", "target_id": boss})
    assert told["error_code"].to_list() == ["STILL_REFERENCED"]
    row = {"external_id": "p", "target_id": one, "changed": ["relation.employer"]}
    crm.write("party.party", "update", row | {"relation.employer": None})
    assert (
        crm.fetch("party.party", "p", fields=["relation.employer"])["p"]["relation.employer"]
        is None
    )


def test_archived_parties_are_made_and_changed(crm):
    old = {"external_id": "a", "name": "Old", "active": "false", "phone": "1"}
    one = crm.create("party.party", old)[0]
    row = {"external_id": "a", "target_id": one, "changed": ["name", "phone"]}
    told = crm.write("party.party", "update", row | {"name": "Older", "phone": "2"})
    assert told["status"].to_list() == ["succeeded"], told["message"].to_list()
    found = crm.fetch("party.party", "a", fields=["name", "active", "phone"])["a"]
    assert (found["name"], found["active"], found["phone"]) == ("Older", "false", "2")


def test_categories_outlive_a_batch_that_is_halved(crm):
    """What a refused call has carried is carried by the next ones as well."""
    rows = [
        {"external_id": str(i), "name": f"N{i}", "code": f"{crm.mark}{i}"}
        | {"categories.name": "Key account", "kind": "person"}
        for i in range(4)
    ]
    rows[2]["code"] = rows[0]["code"]
    crm.write("party.party", "create", *rows)
    found = crm.fetch("party.party", "0", "1", "3", fields=["categories.name", "kind"])
    told = {(r["categories.name"], r["kind"]) for r in found.values()}
    assert told == {("Key account", "person")}
    assert len(found) == 3


def test_bad_rows_are_alone_and_name_their_field(crm):
    rows = [{"external_id": str(i), "name": f"N{i}"} for i in range(40)]
    bad = {
        3: {"name": None},
        7: {"address.country.code": "QQ"},
        11: {"relation.employer": "party.party:987654"},
        13: {"name": "a\nb"},
        17: {"address.city": "a\x00b"},
        19: {"active": "perhaps"},
        23: {"lang.code": "xx"},
        29: {"fon": "123"},
        31: {"create_date": "2020-01-01T00:00:00"},
    }
    told = crm.write("party.party", "create", *(r | bad.get(i, {}) for i, r in enumerate(rows)))
    refused = told.filter(pl.col("status") == "rejected")
    numbers = refused["op_id"].str.slice(3).cast(pl.Int64) - 1
    fields = dict(zip(numbers, refused["error_field"], strict=True))
    assert fields == {number: next(iter(values)) for number, values in bad.items()}
    codes = dict(zip(numbers, refused["error_code"], strict=True))
    assert codes[3] == "REQUIRED_FIELD_MISSING"
    assert codes[7] == codes[23] == "NOT_IN_PICKLIST"
    assert codes[11] == "LINKED_RECORD_MISSING"
    assert codes[13] == codes[17] == "INVALID_TEXT"
    assert codes[29] == "UNKNOWN_FIELD"
    assert codes[31] == "READ_ONLY_FIELD"
    assert len(crm.fetch("party.party", *map(str, range(40)), fields=["name"])) == 31


def test_what_only_the_server_refuses_is_alone_too(crm):
    rows = [{"external_id": str(i), "name": f"N{i}", "code": f"{crm.mark}{i}"} for i in range(20)]
    rows[13]["code"] = rows[4]["code"]
    told = crm.write("party.party", "create", *rows)
    assert told.filter(pl.col("status") == "rejected")["op_id"].to_list() == ["op.14"]
    assert told["error_code"][13] == "DUPLICATE_VALUE"
    assert told["error_field"][13] == "code"


def test_opportunities_go_through_their_states_and_back(crm):
    party = crm.create("party.party", {"external_id": "a", "name": "A"})[0]
    states = ("lead", "opportunity", "converted", "lost", "cancelled")
    rows = [
        {
            "external_id": state,
            "party": f"party.party:{party}",
            "description": state,
            "state": state,
            "amount": "1234.5",
            "currency.code": "EUR",
            "end_date": "2020-02-29",
            "conversion_probability.percent": "12.5",
        }
        for state in states
    ]
    ids = dict(zip(states, crm.create("sale.opportunity", *rows), strict=True))
    fields = [n for n in rows[0] if n != "external_id"]
    found = crm.fetch("sale.opportunity", *states, fields=fields)
    for row in rows:
        same = set(fields) - ({"end_date"} if row["state"] in {"lost", "cancelled"} else set())
        shown = found[row["external_id"]]
        assert {n: shown[n] for n in same} == {n: row[n] for n in same}
    moves = {"lead": "lost", "opportunity": "lead", "lost": "opportunity", "cancelled": "lead"}
    changes = [
        {
            "external_id": old,
            "target_id": ids[old],
            "changed": ["state", "description"],
            "state": new,
            "description": "moved",
        }
        for old, new in moves.items()
    ]
    told = crm.write("sale.opportunity", "update", *changes)
    assert set(told["status"]) == {"succeeded"}, told["message"].to_list()
    found = crm.fetch("sale.opportunity", *moves, fields=["state", "description"])
    assert {k: r["state"] for k, r in found.items()} == moves
    assert {r["description"] for r in found.values()} == {"moved"}


def test_a_state_that_cannot_be_is_refused_and_leaves_nothing(crm):
    rows = [
        {"external_id": "w", "description": "w", "state": "won"},
        {"external_id": "o", "description": "o", "state": "opportunity"},
    ]
    told = crm.write("sale.opportunity", "create", *rows)
    assert told["error_code"].to_list() == ["NOT_IN_PICKLIST", "REQUIRED_FIELD_MISSING"]
    assert told["error_field"].to_list() == ["state", "party"]
    assert crm.fetch("sale.opportunity", "w", "o", fields=["state"]) == {}


def test_employees_are_parties_with_a_superior(crm):
    boss = crm.create("company.employee", {"external_id": "b", "name": "Boss", "phone": "1"})[0]
    row = {"external_id": "e", "name": "E", "supervisor": f"company.employee:{boss}"}
    row |= {"start_date": "2020-02-29", "email": "e@example.com", "address.city": "Arad"}
    one = crm.create("company.employee", row)[0]
    fields = [n for n in row if n != "external_id"]
    found = crm.fetch("company.employee", "e", fields=fields)["e"]
    assert {n: found[n] for n in fields} == {n: row[n] for n in fields}
    change = {"external_id": "e", "target_id": one, "changed": ["name", "email"]}
    told = crm.write("company.employee", "update", change | {"name": "F", "email": None})
    assert told["status"].to_list() == ["succeeded"], told["message"].to_list()
    found = crm.fetch("company.employee", "e", fields=["name", "email", "address.city"])["e"]
    assert (found["name"], found["email"], found["address.city"]) == ("F", None, "Arad")


def test_products_and_files_come_back(crm):
    product = {"name": "P", "code": crm.mark, "list_price": "12.5", "categories.name": "Paper"}
    product |= {"active": "false"}
    one = crm.create("product.template", {"external_id": "p", **product})[0]
    found = crm.fetch("product.template", "p", fields=list(product))["p"]
    assert {n: found[n] for n in product} == product
    content = bytes(range(256)) * 10
    about = {"name": "a.bin", "resource": f"product.template:{one}", "data": content}
    crm.create("ir.attachment", {"external_id": "f", **about}, data=pl.Binary())
    found = crm.fetch("ir.attachment", "f", fields=list(about))["f"]
    assert {n: found[n] for n in about} == about


def test_a_product_code_that_is_taken_is_refused_and_the_catalog_says_that_it_would(crm):
    rows = [{"external_id": n, "name": n, "code": crm.mark} for n in "pq"]
    crm.create("product.template", rows[0])
    told = crm.write("product.template", "create", rows[1]).row(0, named=True)
    assert (told["status"], told["error_code"]) == ("rejected", "DUPLICATE_VALUE")
    columns = crm.target.describe().dataset("product.template").columns
    assert next(c for c in columns if c.name == "code").unique


def test_many_products_are_written_in_pieces_that_sqlite_bears(crm):
    rows = [{"external_id": str(i), "name": f"P{i}", "code": f"{crm.mark}{i}"} for i in range(230)]
    assert len(set(crm.create("product.template", *rows))) == 230
    frame = operations_frame([{"external_id": k, "target_id": i} for _, k, i in crm.made], start=1)
    told = crm.target.write("product.template", "purge", frame)
    assert set(told["status"]) == {"succeeded"}
    crm.made.clear()


def test_a_remark_whose_mark_was_lost_is_known_again(crm):
    party = crm.create("party.party", {"external_id": "a", "name": "A"})[0]
    resource = {"resource": f"party.party,{party}", "message": "said"}
    lost = crm.client.call("ir.note", "create", [resource, resource])
    notes = [
        {"external_id": name, "message": "said", "resource": f"party.party:{party}"}
        for name in ("1", "2", "3")
    ]
    made = crm.create("ir.note", *notes)
    assert set(made[:2]) == {str(number) for number in lost}
    assert len(set(made)) == 3
    assert set(crm.fetch("ir.note", "1", "2", "3", fields=[])) == {"1", "2", "3"}


def lose_reply(crm, method, monkeypatch):
    """Have the next reply to a method lost on the way back; the server has done what was asked."""
    wire = crm.client._transport._client
    send, lost = wire.send, []

    def forget(request, **options):
        reply = send(request, **options)
        if f'"{method}"'.encode() in request.content and not lost:
            lost.append(method)
            raise httpx.ReadError("connection reset")
        return reply

    monkeypatch.setattr(wire, "send", forget)
    return lost


@pytest.mark.parametrize(
    ("model", "method", "row"),
    [
        ("party.party", "model.party.party.create", {"name": "A", "phone": "1"}),
        ("company.employee", "model.party.party.create", {"name": "A", "phone": "1"}),
        ("company.employee", "model.company.employee.create", {"name": "A"}),
        ("product.template", "model.product.template.create", {"name": "A"}),
        ("sale.opportunity", "model.sale.opportunity.create", {"description": "A"}),
        ("ir.attachment", "model.ir.attachment.create", {"name": "A"}),
        ("ir.note", "model.ir.note.create", {"message": "A"}),
        ("ir.note", "model.ir.attachment.create", {"message": "A"}),
    ],
)
def test_a_lost_reply_is_unknown_and_a_second_try_makes_no_second_record(
    crm, monkeypatch, model, method, row
):
    before = crm.counts()[model]
    lost = lose_reply(crm, method, monkeypatch)
    rows = [{"external_id": name, **row} for name in ("1", "2")]
    told = crm.write(model, "create", *rows)
    assert lost == [method]
    assert set(told["status"]) == {"unknown"}
    crm.create(model, *rows)
    assert crm.counts()[model] - before == 2
    assert len(crm.fetch(model, "1", "2", fields=[])) == 2


def test_a_session_that_has_ended_is_renewed(crm):
    crm.create("party.party", {"external_id": "a", "name": "A"})
    credentials = crm.client._transport.server.credentials
    credentials._session = type(credentials._session)({"Authorization": "Session bm90OjE6aXQ="})
    assert crm.fetch("party.party", "a", fields=["name"])["a"]["name"] == "A"


def test_what_changed_since_is_read_parts_included(crm):
    one, two = crm.create(
        "party.party",
        {"external_id": "1", "name": "One", "address.city": "Arad"},
        {"external_id": "2", "name": "Two"},
    )
    since = max(r["_modified_at"] for r in crm.fetch("party.party", "1", "2", fields=[]).values())
    row = {"external_id": "1", "target_id": one, "changed": ["address.city"]}
    crm.write("party.party", "update", row | {"address.city": "Brad"})
    frames = [
        pl.DataFrame(pl.from_arrow(b)) for b in crm.target.read("party.party", ["name"], since)
    ]
    changed = pl.concat(frames)
    assert one in changed["_id"].to_list()
    assert changed.filter(pl.col("_id") == two)["_modified_at"].to_list() in ([], [since])


@pytest.fixture
def limited(crm, tryton):
    """The adapter of a user without groups, who is no administrator."""
    login, password = f"limited-{crm.mark}", "A-long-password-0815"
    company = crm.client.company
    user = {"login": login, "name": "Limited", "password": password, "company": company}
    made = crm.client.call("res.user", "create", [{**user, "companies": [["add", [company]]]}])
    native = open_native(tryton.options(user=login, password=password), Path())
    yield native
    native.close()
    crm.client.call("res.user", "write", made, {"active": False})


def test_a_user_without_rights_is_told_what_is_missing(crm, limited):
    checks = {c.name: c for c in limited.connect()}
    assert "may not read" in checks["sale.opportunity"].says
    assert checks["sale.opportunity"].state.value == "failed"
    assert "no administrator" in checks["remarks and files"].says
    assert limited.describe().dataset("sale.opportunity").rows is None
    for model, row in (("sale.opportunity", {"description": "x"}), ("ir.note", {"message": "x"})):
        frame = operations_frame([{"external_id": crm.key("x"), **row}])
        with pytest.raises(PermissionMissingError) as told:
            limited.write(model, "create", frame)
        assert told.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("wrong", "kind", "code", "says"),
    [
        ({"password": "wrong"}, CredentialsError, ExitCode.USAGE, "does not know user"),
        ({"database": "nowhere"}, ConfigError, ExitCode.USAGE, "no database"),
        ({"company": "Nobody Ltd"}, ConfigError, ExitCode.USAGE, "no company 'Nobody Ltd'"),
    ],
)
def test_wrong_settings_end_with_their_code(tryton, wrong, kind, code, says):
    native = open_native(tryton.options(**wrong), Path())
    with closing(native), pytest.raises(kind, match=says) as told:
        native.describe()
    assert told.value.exit_code == code
