"""JSON-RPC of Tryton on a scripted wire: logging in, and what becomes of answers."""

import json
from base64 import b64decode

import httpx
import pytest
from support.wires import scripted

from crmmigrate.adapters.transport import CredentialsError, ThrottledError, UnknownOutcomeError
from crmmigrate.adapters.tryton.client import Account, Client, Entrance
from crmmigrate.adapters.tryton.faults import TrytonFault, explain
from crmmigrate.errors import ConfigError, ExitCode, RemoteError

ACCOUNT = Account("crm", "mig", "s3cret")
BROKEN = (
    'The value "a\nb" for field "City" in record "Boss, a\nb" of "Party Address" contains '
    "some invalid chars \"'\\n'\"."
)
PAGE = "<!doctype html><title>429 Too Many Requests</title>"


def rpc(result):
    return httpx.Response(200, json={"id": 1, "result": result})


def refusal(*words):
    return httpx.Response(200, json={"id": 1, "error": list(words)})


def page(status, **headers):
    return httpx.Response(status, html=PAGE, headers=headers)


VERSION, LOGIN = rpc("8.2"), rpc([7, "token", None])


def opened(*answers, account=ACCOUNT):
    entrance = Entrance(account)
    transport, script, clock = scripted(*answers, credentials=entrance.credentials())
    return Client(transport, entrance), script, clock


def search(client):
    return client.call("party.party", "search", [], 0, None, None, repeatable=True)


def body(request):
    return json.loads(request.content)


def test_a_session_is_opened_once_and_named_in_every_call():
    client, script, _ = opened(VERSION, LOGIN, VERSION, rpc([1]), rpc([2]))
    assert (search(client), search(client)) == ([1], [2])
    methods = [body(r)["method"] for r in script.requests]
    assert methods.count("common.db.login") == 1
    last = script.requests[-1]
    assert last.url.path.endswith("/crm/rpc/")
    token = last.headers["authorization"].removeprefix("Session ")
    assert b64decode(token) == b"mig:7:token"
    assert set(body(last)) == {"id", "method", "params"}, "else the answer is no JSON-RPC"
    assert body(last)["params"][-1]["language"] == "en", "messages are understood in English"


def test_older_series_are_asked_at_the_root():
    old = rpc("6.0")
    client, script, _ = opened(page(404), old, LOGIN, page(404), rpc([1]))
    assert search(client) == [1]
    assert script.requests[-1].url.path.rstrip("/").endswith("/crm")


def test_a_session_that_has_ended_is_renewed_once():
    client, script, _ = opened(VERSION, LOGIN, VERSION, page(401), VERSION, LOGIN, rpc([1]))
    assert search(client) == [1]
    assert [body(r)["method"] for r in script.requests].count("common.db.login") == 2


def test_a_log_in_that_is_throttled_waits_as_asked():
    throttled = page(429, **{"Retry-After": "42"})
    client, _, clock = opened(VERSION, throttled, LOGIN, VERSION, rpc([1]))
    assert search(client) == [1]
    assert sum(clock.slept) >= 42


def test_a_log_in_that_stays_throttled_says_when_to_come_again():
    client, _, _ = opened(VERSION, page(429, **{"Retry-After": "86400"}))
    with pytest.raises(ThrottledError, match="rate limit") as told:
        search(client)
    assert told.value.exit_code == ExitCode.REMOTE


@pytest.mark.parametrize(
    ("answers", "kind", "says", "code"),
    [
        ((VERSION, page(401)), CredentialsError, "does not know user 'mig'", 2),
        ((VERSION, page(404)), ConfigError, "no database 'crm'", 2),
        ((page(404), page(404)), ConfigError, "which Tryton it is", 2),
        ((rpc("5.8"),), ConfigError, "too old", 2),
        ((VERSION, LOGIN, VERSION, page(400)), RemoteError, "HTTP 400 and no data", 3),
    ],
)
def test_what_keeps_us_out_has_its_exit_code(answers, kind, says, code):
    client, _, _ = opened(*answers)
    with pytest.raises(kind, match=says) as told:
        search(client)
    assert told.value.exit_code == code
    assert "s3cret" not in str(told.value)


def test_a_write_whose_reply_is_no_reply_is_unknown():
    client, _, _ = opened(VERSION, LOGIN, VERSION, page(504))
    with pytest.raises(UnknownOutcomeError):
        client.call("party.party", "create", [{"name": "A"}])


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        (
            'A value is required for field "Name" in record "x "of" y" of "Party".',
            "REQUIRED_FIELD_MISSING",
            "name",
        ),
        (
            BROKEN,
            "INVALID_TEXT",
            "address.city",
        ),
        ("The code on party must be unique.", "DUPLICATE_VALUE", "code"),
        (
            'The value "ROU" for field "Code" in record "x" of "Country" is too long (3 > 2).',
            "TOO_LONG",
            "code",
        ),
        (
            'You are not allowed to modify the field "Name" in record "(1)" of "Note".',
            "READ_ONLY_FIELD",
            "name",
        ),
        ('You are not allowed to access "Party".', "NO_PERMISSION", None),
        ("Something of a module of your own.", "REFUSED", None),
    ],
)
def test_what_tryton_says_becomes_code_and_field(said, code, field):
    client, _, _ = opened(VERSION, LOGIN, VERSION, refusal("UserError", [said, "", None]))
    with pytest.raises(TrytonFault) as told:
        search(client)
    blamed = {("Name", ""): "name", ("City", ""): "address.city", ("Code", ""): "code"}
    refused = explain(told.value, blamed)
    assert (refused.code, refused.field) == (code, field)
    assert "a\nb" not in refused.message, "values are not repeated"


def test_a_conflict_may_be_tried_again():
    client, _, _ = opened(VERSION, LOGIN, VERSION, refusal("ConcurrencyException", "changed"))
    with pytest.raises(TrytonFault) as told:
        search(client)
    assert explain(told.value, {}).retriable
