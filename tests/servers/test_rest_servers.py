"""EspoCRM and SuiteCRM that are named by the environment: a life of records, then as it was.

CRMMIGRATE_TEST_ESPOCRM_URL and _KEY name an EspoCRM with the field cLegacyId in Account and Contact;
CRMMIGRATE_TEST_SUITECRM_URL, _CLIENT_ID and _CLIENT_SECRET a SuiteCRM, best with legacy_id_c.
"""

import os
import uuid

import polars as pl
import pytest

from crmmigrate.adapters.rest import open_native
from crmmigrate.testing.contract import operations_frame

SYSTEMS = {
    "espocrm": {"api_key": "KEY"},
    "suitecrm": {"client_id": "CLIENT_ID", "client_secret": "CLIENT_SECRET"},
}
NAMES = {
    "espocrm": ("Account", "Contact", "lastName", "firstName", "accountId", "phoneNumber"),
    "suitecrm": ("Accounts", "Contacts", "last_name", "first_name", "account_id", "phone_work"),
}


@pytest.fixture(params=SYSTEMS)
def system(request, tmp_path):
    prefix = f"CRMMIGRATE_TEST_{request.param.upper()}"
    url = os.environ.get(f"{prefix}_URL")
    if not url:
        pytest.skip(f"SKIPPED LOUDLY: no {request.param} to test with; {prefix}_URL names one")
    given = {n: os.environ.get(f"{prefix}_{s}", "") for n, s in SYSTEMS[request.param].items()}
    target = open_native({"description": request.param, "url": url, **given}, tmp_path)
    yield request.param, target
    target.close()


def found(target, object_, keys):
    frames = target.fetch(object_, pl.Series(keys, dtype=pl.String), "external_id")
    rows = [pl.DataFrame(pl.from_arrow(batch)) for batch in frames]
    return pl.concat(rows).to_dicts() if rows else []


def written(target, object_, action, *rows):
    return target.write(object_, action, operations_frame(rows)).to_dicts()


def test_connecting_finds_everything(system):
    _, target = system
    failed = [c for c in target.connect() if c.state.value == "failed"]
    assert not failed, failed


def test_records_live_and_go(system):
    name, target = system
    firms, people, last, first, account, phone = NAMES[name]
    mark = uuid.uuid4().hex[:12]
    keys = [f"test:{mark}:x/{i}" for i in range(4)]
    (firm,) = written(
        target, firms, "create", {"external_id": keys[0], "name": f'Firm {mark} "ș" 株式会社'}
    )
    assert firm["status"] == "succeeded", firm
    rows = [
        {
            "external_id": key,
            last: f"Popescu {mark} {number}",
            first: "Ana 😀",
            account: f"{firms}:{firm['target_id']}",
            phone: f"+4072212345{number}",
        }
        for number, key in enumerate(keys[1:])
    ]
    bad = {"external_id": f"test:{mark}:x/bad", last: None, first: "No last name"}
    told = written(target, people, "create", *rows, bad)
    assert [t["status"] for t in told] == ["succeeded"] * 3 + ["rejected"], told
    assert not any(t["error_code"] for t in told[:3]), told
    again = written(target, people, "create", *rows)
    assert [t["target_id"] for t in again] == [t["target_id"] for t in told[:3]]
    stored = {r["_external_id"]: r for r in found(target, people, keys[1:])}
    for row in rows:
        shown = {k: stored[row["external_id"]].get(k) for k in row if k != "external_id"}
        assert shown == {k: v for k, v in row.items() if k != "external_id"}
    change = {**rows[0], "target_id": told[0]["target_id"], "changed": [first, phone]}
    (changed,) = written(target, people, "update", {**change, first: "Maria", phone: None})
    assert (changed["status"], changed["error_code"]) == ("succeeded", None)
    (row,) = found(target, people, keys[1:2])
    assert (row[first], row[phone], row[last]) == ("Maria", None, rows[0][last])
    purge = {"external_id": keys[0], "target_id": firm["target_id"]}
    (needed,) = written(target, firms, "purge", purge)
    assert needed["error_code"] == "STILL_REFERENCED"
    gone = [
        {"external_id": k, "target_id": t["target_id"]}
        for k, t in zip(keys[1:], told[:3], strict=True)
    ]
    assert {t["status"] for t in written(target, people, "purge", *gone)} == {"succeeded"}
    assert written(target, firms, "purge", purge)[0]["status"] == "succeeded"
    assert found(target, people, keys[1:]) == []
    assert found(target, firms, keys[:1]) == []
