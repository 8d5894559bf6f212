"""The Odoo adapter, in its own words, against a real Odoo. Every test removes what it has made."""

from contextlib import closing
from pathlib import Path
from uuid import uuid4

import httpx
import polars as pl
import pytest

from crmmigrate.adapters.odoo import OdooCrm, open_native
from crmmigrate.adapters.odoo.client import Account, Client
from crmmigrate.adapters.transport import (
    CredentialsError,
    PermissionMissingError,
    Server,
    Transport,
)
from crmmigrate.errors import ConfigError, ExitCode, UsageError
from crmmigrate.testing.contract import operations_frame


def test_a_company_comes_back_as_it_went_in(crm):
    record = {
        "name": 'Ünïcode 株式会社 😀 "q" \\ %s ;--',
        "is_company": "true",
        "active": "true",
        "street.name": "Main St",
        "street.number": "12",
        "street2": "Floor 5",
        "city": "Boston",
        "zip": "02110",
        "country_id.code": "US",
        "state_id.name": "Massachusetts",
        "category_id.name": "Key account, customer",
        "industry_id.name": "Ropes & Sails",
        "phone": "+1 617 555 0100",
        "website": "https://www.example.com/a?b=c",
        "ref": "K-0815",
        "comment": "first\nsecond <b>",
    }
    crm.create("res.partner", {"external_id": "a", **record})
    found = crm.fetch("res.partner", "a", fields=list(record))["a"]
    assert {name: found[name] for name in record} == record
    assert found["_modified_at"].endswith("Z")


def test_people_keep_their_address_and_companies_theirs(crm):
    full, empty = crm.create(
        "res.partner",
        {"external_id": "full", "name": "Full", "is_company": "true", "city": "Arad"},
        {"external_id": "empty", "name": "Empty", "is_company": "true", "city": None},
    )
    crm.create(
        "res.partner",
        {"external_id": "1", "name": "Own", "parent_id": f"res.partner:{full}", "city": "Brad"},
        {"external_id": "2", "name": "None", "parent_id": f"res.partner:{full}", "city": None},
        {"external_id": "3", "name": "First", "parent_id": f"res.partner:{empty}", "city": "Deva"},
    )
    found = crm.fetch("res.partner", "full", "empty", "1", "2", "3", fields=["city", "parent_id"])
    cities = {name: row["city"] for name, row in found.items()}
    assert cities == {"full": "Arad", "empty": None, "1": "Brad", "2": None, "3": "Deva"}
    assert found["3"]["parent_id"] == f"res.partner:{empty}"


def test_a_new_company_does_not_change_the_address(crm):
    boss = crm.create(
        "res.partner", {"external_id": "a", "name": "A", "is_company": "true", "city": "Arad"}
    )[0]
    one = crm.create("res.partner", {"external_id": "c", "name": "C", "city": "Brad"})[0]
    change = {
        "external_id": "c",
        "target_id": one,
        "changed": ["parent_id"],
        "parent_id": f"res.partner:{boss}",
    }
    assert crm.write("res.partner", "update", change)["status"].to_list() == ["succeeded"]
    assert crm.fetch("res.partner", "c", fields=["city"])["c"]["city"] == "Brad"


def test_bad_rows_are_alone_and_name_their_field(crm):
    rows = [{"external_id": str(i), "name": f"N{i}", "type": "contact"} for i in range(60)]
    bad = {
        7: {"name": None},
        11: {"type": "planet"},
        13: {"country_id.code": "QQ"},
        17: {"user_id": "res.users:987654"},
        19: {"date": "31.02.2024"},
        23: {"is_company": "perhaps"},
        29: {"comment": "a\x00b"},
        31: {"state_id.name": "Nowhere"},
        37: {"user_id": "res.partner:1"},
    }
    told = crm.write("res.partner", "create", *(r | bad.get(i, {}) for i, r in enumerate(rows)))
    refused = told.filter(pl.col("status") == "rejected")
    assert told.height - refused.height == 60 - len(bad)
    numbers = refused["op_id"].str.slice(3).cast(pl.Int64) - 1
    fields = dict(zip(numbers, refused["error_field"], strict=True))
    assert fields == {number: next(iter(values)) for number, values in bad.items()}
    codes = dict(zip(numbers, refused["error_code"], strict=True))
    assert codes[7] == "REQUIRED_FIELD_MISSING"
    assert codes[11] == codes[13] == "NOT_IN_PICKLIST"
    assert codes[17] == "LINKED_RECORD_MISSING"
    assert codes[19] == "INVALID_DATE"
    assert refused["message"].null_count() == 0
    assert len(crm.fetch("res.partner", *map(str, range(60)), fields=["name"])) == 60 - len(bad)


def test_unknown_and_computed_fields_are_refused_before_they_are_sent(crm):
    told = crm.write(
        "res.partner",
        "create",
        {"external_id": "1", "name": "A", "fon": "123"},
        {"external_id": "2", "name": "B", "create_date": "2020-01-01T00:00:00"},
        {"external_id": "3", "name": "C"},
    )
    assert told["error_code"].to_list() == ["UNKNOWN_FIELD", "READ_ONLY_FIELD", None]
    assert told["error_field"].to_list() == ["fon", "create_date", None]


def test_a_create_that_is_repeated_changes_nothing(crm):
    first = crm.create("res.partner", {"external_id": "a", "name": "first"})
    again = crm.create("res.partner", {"external_id": "a", "name": "again"})
    twice = crm.create(
        "res.partner", {"external_id": "b", "name": "one"}, {"external_id": "b", "name": "two"}
    )
    assert first == again
    assert twice[0] == twice[1]
    found = crm.fetch("res.partner", "a", "b", fields=["name"])
    assert [found[k]["name"] for k in "ab"] == ["first", "one"]


def test_updates_write_changed_columns_and_can_clear(crm):
    owner = crm.create(
        "res.users", {"external_id": "u", "name": "U", "login": f"{crm.mark}@x.example"}
    )
    one = crm.create(
        "res.partner",
        {
            "external_id": "a",
            "name": "N",
            "city": "Arad",
            "category_id.name": "vip",
            "user_id": f"res.users:{owner[0]}",
        },
    )[0]
    change = {
        "external_id": "a",
        "target_id": one,
        "changed": ["name", "category_id.name", "user_id"],
        "name": "M",
        "city": "never",
        "category_id.name": None,
        "user_id": None,
    }
    gone = {**change, "external_id": "z", "target_id": "987654"}
    told = crm.write("res.partner", "update", change, gone)
    assert told["status"].to_list() == ["succeeded", "rejected"]
    assert told["error_code"].to_list() == [None, "RECORD_MISSING"]
    found = crm.fetch("res.partner", "a", fields=["name", "city", "category_id.name", "user_id"])[
        "a"
    ]
    shown = [found[n] for n in ("name", "city", "category_id.name", "user_id")]
    assert shown == ["M", "Arad", None, None]


def test_history_keeps_its_dates_and_its_author(crm):
    user = crm.create(
        "res.users", {"external_id": "u", "name": "U", "login": f"{crm.mark}@x.example"}
    )[0]
    one = crm.create("res.partner", {"external_id": "a", "name": "A"})[0]
    record = {
        "subject": "Call",
        "body": "Line 1\n  Line <2> & ä\n",
        "date": "2019-07-01T10:00:00",
        "message_type": "comment",
        "res_id": f"res.partner:{one}",
        "author_id.user": f"res.users:{user}",
    }
    crm.create("mail.message", {"external_id": "n", **record})
    found = crm.fetch("mail.message", "n", fields=list(record))["n"]
    assert found["date"] == "2019-07-01T07:00:00Z"
    assert found["body"] == "Line 1\n  Line <2> & ä"
    assert [found[n] for n in ("res_id", "author_id.user")] == [
        record["res_id"],
        record["author_id.user"],
    ]


def test_attachments_come_back_byte_for_byte(crm):
    one = crm.create("res.partner", {"external_id": "a", "name": "A"})[0]
    content = bytes(range(256)) * 500
    row = {"external_id": "f", "name": "ä b.bin", "datas": content, "res_id": f"res.partner:{one}"}
    crm.create("ir.attachment", row, datas=pl.Binary())
    found = crm.fetch("ir.attachment", "f", fields=["name", "datas", "res_id"])["f"]
    assert found["datas"] == content
    assert found["res_id"] == f"res.partner:{one}"
    told = crm.write(
        "ir.attachment", "create", {"external_id": "g", "name": "g", "res_id": "res.partner:987654"}
    )
    assert told["error_code"].to_list() == ["LINKED_RECORD_MISSING"], "Odoo itself does not look"


def test_opportunities_and_events(crm):
    one = crm.create("res.partner", {"external_id": "a", "name": "A"})[0]
    crm.create(
        "crm.lead",
        {
            "external_id": "o",
            "name": "Sale",
            "type": "opportunity",
            "expected_revenue": "1234.5",
            "stage_id.name": "Won",
            "source_id.name": "fair",
            "partner_id": f"res.partner:{one}",
        },
        {"external_id": "p", "name": "Plain", "type": "lead", "expected_revenue": None},
    )
    crm.create(
        "calendar.event",
        {
            "external_id": "e",
            "name": "Visit",
            "start": "2019-07-01T10:00:00",
            "stop": "2019-07-01T11:00:00",
            "res_id": f"res.partner:{one}",
        },
    )
    lost = {"external_id": "l", "name": "Gone", "type": "opportunity", "stage_id.name": "Lost"}
    gone = crm.create("crm.lead", lost)[0]
    assert crm.fetch("crm.lead", "l", fields=["stage_id.name"])["l"]["stage_id.name"] == "Lost"
    again = {
        "external_id": "l",
        "target_id": gone,
        "changed": ["stage_id.name"],
        "stage_id.name": "New",
    }
    crm.write("crm.lead", "update", again)
    back = crm.fetch("crm.lead", "l", fields=["stage_id.name", "active"])["l"]
    assert (back["stage_id.name"], back["active"]) == ("New", "true")
    names = ["expected_revenue", "stage_id.name", "source_id.name"]
    found = crm.fetch("crm.lead", "o", "p", fields=names)
    assert [found["o"][n] for n in names] == ["1234.5", "Won", "fair"]
    assert found["p"]["expected_revenue"] == "0"
    event = crm.fetch("calendar.event", "e", fields=["start", "res_id"])["e"]
    assert event["start"] == "2019-07-01T07:00:00Z"
    assert event["res_id"] == f"res.partner:{one}"
    assert crm.counts()["mail.activity"] == 0, "no to-do for what is long over"


def test_what_is_kept_is_what_comes_back(crm):
    rows = [
        {
            "external_id": "1",
            "name": "A",
            "active": None,
            "is_company": "TRUE",
            "type": None,
            "color": None,
        },
        {
            "external_id": "2",
            "name": "B",
            "active": "false",
            "is_company": None,
            "type": "other",
            "color": "3",
        },
    ]
    crm.create("res.partner", *rows)
    fields = ["name", "active", "is_company", "type", "color"]
    frame = pl.DataFrame(rows).select(fields)
    kept = crm.target.as_stored("res.partner", frame).rows()
    found = crm.fetch("res.partner", "1", "2", fields=fields)
    assert kept == [tuple(found[k][f] for f in fields) for k in "12"]
    assert (
        crm.target.as_stored("res.partner", pl.DataFrame(kept, fields, orient="row")).rows() == kept
    )


def test_users_without_an_address_cannot_sign_in_but_own(crm):
    user = crm.create("res.users", {"external_id": "u", "name": "Nobody", "login": None})[0]
    found = crm.fetch("res.users", "u", fields=["name", "login"])["u"]
    assert (found["name"], found["login"]) == ("Nobody", None)
    crm.create("res.partner", {"external_id": "a", "name": "A", "user_id": f"res.users:{user}"})


def test_a_login_that_is_taken_is_told(crm):
    login = f"{crm.mark}@x.example"
    told = crm.write(
        "res.users",
        "create",
        {"external_id": "1", "name": "A", "login": login},
        {"external_id": "2", "name": "B", "login": login},
        {"external_id": "3", "name": "C", "login": f"c{login}"},
    )
    assert told["status"].to_list() == ["succeeded", "rejected", "succeeded"]
    assert told["error_code"].to_list() == [None, "DUPLICATE_VALUE", None]


def test_what_others_need_stays(crm):
    one = crm.create("res.partner", {"external_id": "a", "name": "A", "is_company": "true"})[0]
    crm.create("res.partner", {"external_id": "c", "name": "C", "parent_id": f"res.partner:{one}"})
    crm.create(
        "mail.message",
        {
            "external_id": "n",
            "body": "b",
            "message_type": "comment",
            "res_id": f"res.partner:{one}",
        },
    )
    purge = {"external_id": "a", "target_id": one}
    assert crm.write("res.partner", "purge", purge)["error_code"].to_list() == ["STILL_REFERENCED"]
    assert (
        crm.fetch("res.partner", "c", fields=["parent_id"])["c"]["parent_id"]
        == f"res.partner:{one}"
    )


def test_a_deleted_record_is_gone_also_when_asked_twice(crm):
    one = crm.create("res.partner", {"external_id": "a", "name": "A"})[0]
    for _ in range(2):
        told = crm.write("res.partner", "delete", {"external_id": "a", "target_id": one})
        assert told["status"].to_list() == ["succeeded"]
    assert crm.fetch("res.partner", "a", fields=["name"]) == {}
    assert crm.create("res.partner", {"external_id": "a", "name": "B"}) != [one]


def test_reading_all_and_what_has_changed(crm):
    ids = crm.create(
        "res.partner",
        *(
            {"external_id": str(i), "name": f"N{i}", "active": "false" if i == 2 else "true"}
            for i in range(5)
        ),
    )
    whole = pl.concat(
        [pl.DataFrame(pl.from_arrow(b)) for b in crm.target.read("res.partner", ["name"])]
    )
    assert set(ids) <= set(whole["_id"]), "archived records too"
    assert whole["_row"].to_list() == list(range(1, whole.height + 1))
    last = whole["_modified_at"].max()
    again = pl.concat(
        [
            pl.DataFrame(pl.from_arrow(b))
            for b in crm.target.read("res.partner", ["name"], since=last)
        ]
    )
    assert set(ids) <= set(again["_id"]), "a record of the same second is read again, not lost"
    people = crm.target.read("res.partner", ["name"], where={"is_company": "true"})
    some = pl.concat([pl.DataFrame(pl.from_arrow(b)) for b in people])
    assert not set(ids) & set(some["_id"])


def test_the_catalog_tells_what_the_server_says(crm):
    partner = crm.target.describe().dataset("res.partner")
    columns = {c.name: c for c in partner.columns}
    assert columns["parent_id"].references == ("res.partner",)
    assert columns["create_date"].read_only
    assert "other" in columns["type"].choices
    assert {"country_id.code", "street.number", "category_id.name"} <= set(columns)


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"password": "wrong"}, CredentialsError, "does not know user"),
        ({"user": "nobody"}, CredentialsError, "does not know user"),
        ({"database": "nowhere"}, ConfigError, "no database 'nowhere'"),
        ({"database": ""}, ConfigError, "database"),
        ({"password": ""}, ConfigError, "key"),
        ({"time_zone": "Mars/Base"}, ConfigError, "time zone"),
    ],
)
def test_wrong_settings_are_told(odoo, wrong, error, says):
    with pytest.raises(error, match=says) as caught:
        open_native({**odoo.options(), **wrong}, Path()).describe()
    assert caught.value.exit_code == ExitCode.USAGE
    assert caught.value.hint
    assert "wrong" not in str(caught.value)


def test_an_unknown_model_is_told(odoo):
    with pytest.raises(UsageError, match="no model"):
        list(open_native(odoo.options(), Path()).fetch("res.partners", None, "id"))


def test_a_missing_permission_is_told(crm, odoo):
    password = uuid4().hex
    login = f"{crm.mark}@x.example"
    user = crm.create("res.users", {"external_id": "u", "name": "U", "login": login})[0]
    client = crm.target._client
    employee = client.call(
        "ir.model.data",
        "search_read",
        {"domain": [["module", "=", "base"], ["name", "=", "group_user"]], "fields": ["res_id"]},
    )
    vals = {"password": password, "groups_id": [[6, 0, [employee[0]["res_id"]]]]}
    client.call("res.users", "write", {"vals": vals}, ids=[int(user)])
    other = open_native({**odoo.options(), "user": login, "password": password}, Path())
    told = other.write(
        "res.partner", "create", operations_frame([{"external_id": crm.key("a"), "name": "A"}])
    )
    assert told["error_code"].to_list() == ["NO_PERMISSION"]
    with pytest.raises(PermissionMissingError, match="may not read") as caught:
        list(other.fetch("crm.lead", None, "id", ["name"]))
    assert caught.value.exit_code == ExitCode.USAGE


class LossyWire(httpx.HTTPTransport):
    """Sends everything, and loses the reply to the first `load`."""

    lost = 0

    def handle_request(self, request):
        answer = super().handle_request(request)
        if b'"load"' in request.content and not self.lost:
            self.lost += 1
            answer.read()
            answer.close()
            raise httpx.ReadTimeout("lost", request=request)
        return answer


def test_a_lost_reply_is_told_and_the_records_are_there_once(crm, odoo):
    account = Account(odoo.database, odoo.user, odoo.password)
    server = Server(odoo.url, credentials=Client.credentials(account))
    with closing(OdooCrm(Client(Transport(server, wire=LossyWire()), account))) as shaky:
        rows = [{"external_id": crm.key(str(i)), "name": f"N{i}"} for i in range(5)]
        told = shaky.write("res.partner", "create", operations_frame(rows))
        assert told["status"].to_list() == ["unknown"] * 5
        assert told["target_id"].null_count() == 5
        again = shaky.write("res.partner", "create", operations_frame(rows))
    assert again["status"].to_list() == ["succeeded"] * 5
    found = crm.fetch("res.partner", *map(str, range(5)), fields=["name"])
    assert sorted(row["_id"] for row in found.values()) == sorted(again["target_id"])
    domain = {"domain": [["name", "in", [row["name"] for row in rows]]]}
    assert crm.target._client.call("res.partner", "search_count", domain) == 5
    crm.made += [
        ("res.partner", row["external_id"], i)
        for row, i in zip(rows, again["target_id"], strict=True)
    ]
