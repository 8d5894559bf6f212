"""JSON-RPC and JSON-2 on a scripted wire: what is sent, and what becomes of answers."""

import json

import httpx
import pytest
from support.wires import scripted

from crmmigrate.adapters.odoo.client import Account, Client
from crmmigrate.adapters.odoo.faults import OdooFault
from crmmigrate.adapters.transport import CredentialsError, UnknownOutcomeError
from crmmigrate.errors import ConfigError, RemoteError

ACCOUNT = Account("crm", "mig", "s3cret")
SEARCH = {"domain": [["id", "in", [1]]], "offset": 0, "limit": 5}


def rpc(result):
    return httpx.Response(200, json={"jsonrpc": "2.0", "id": 1, "result": result})


def refusal(name, said):
    error = {"code": 200, "message": "Odoo Server Error", "data": {"name": name, "message": said}}
    return httpx.Response(200, json={"jsonrpc": "2.0", "id": 1, "error": error})


def version(major):
    return rpc(
        {"server_version": f"{major}.0", "server_version_info": [major, 0, 0, "final", 0, ""]}
    )


def opened(*answers, account=ACCOUNT):
    transport, script, _ = scripted(*answers, credentials=Client.credentials(account))
    return Client(transport, account), script


def sent(request):
    return json.loads(request.content)


def test_older_servers_are_asked_by_position():
    client, script = opened(version(16), rpc(2), rpc([1]))
    assert client.call("res.partner", "search", SEARCH, repeatable=True) == [1]
    asked = sent(script.requests[-1])["params"]
    assert asked["service"] == "object"
    assert asked["args"][:5] == ["crm", 2, "s3cret", "res.partner", "search"]
    assert asked["args"][5] == [[["id", "in", [1]]], 0, 5]
    assert asked["args"][6]["context"]["tz"] == "UTC", "else load shifts points in time"
    assert asked["args"][6]["context"]["tracking_disable"] is True


def test_newer_servers_are_asked_by_name():
    client, script = opened(version(19), httpx.Response(200, json=[1]))
    assert client.call("res.partner", "search", SEARCH, repeatable=True) == [1]
    request = script.requests[-1]
    assert request.url.path.endswith("/json/2/res.partner/search")
    assert request.headers["authorization"] == "bearer s3cret"
    assert request.headers["x-odoo-database"] == "crm"
    assert sent(request)["domain"] == [["id", "in", [1]]]
    assert sent(request)["context"]["tz"] == "UTC"


def test_methods_of_records_get_their_ids():
    client, script = opened(version(19), httpx.Response(200, json=True))
    client.call("res.partner", "unlink", {}, ids=[7])
    assert sent(script.requests[-1])["ids"] == [7]


def test_refusals_of_newer_servers_are_the_same():
    body = {"name": "odoo.exceptions.ValidationError", "message": "no", "debug": "Traceback s3cret"}
    client, _ = opened(version(19), httpx.Response(422, json=body))
    with pytest.raises(OdooFault) as caught:
        client.call("res.partner", "create", {"vals_list": [{}]})
    assert caught.value.name.endswith("ValidationError")
    assert "Traceback" not in str(caught.value)


def test_a_refusal_tells_name_and_words_and_no_traceback():
    client, _ = opened(version(11), rpc(1), refusal("odoo.exceptions.UserError", "Not on Sundays"))
    with pytest.raises(OdooFault, match="Not on Sundays") as caught:
        client.call("res.partner", "create", {"vals": {}})
    assert caught.value.name == "odoo.exceptions.UserError"


def test_a_wrong_password():
    client, _ = opened(version(16), rpc(False))
    with pytest.raises(CredentialsError, match="does not know user 'mig'"):
        client.call("res.partner", "search", SEARCH)


def test_a_password_that_changes_in_between():
    client, _ = opened(
        version(16), rpc(2), refusal("odoo.exceptions.AccessDenied", "Access Denied")
    )
    with pytest.raises(CredentialsError) as caught:
        client.call("res.partner", "search", SEARCH)
    assert "s3cret" not in str(caught.value) + "".join(caught.value.causes)


def test_the_only_database_needs_no_name():
    client, script = opened(
        version(16), rpc(["only"]), rpc(2), rpc([]), account=Account("", "m", "k")
    )
    client.call("res.partner", "search", SEARCH)
    assert sent(script.requests[-1])["params"]["args"][0] == "only"


def test_several_databases_must_be_told_apart():
    client, _ = opened(version(16), rpc(["a", "b"]), account=Account("", "m", "k"))
    with pytest.raises(ConfigError, match="a, b"):
        client.call("res.partner", "search", SEARCH)


@pytest.mark.parametrize("told", [{}, {"server_version": "unknown"}, None])
def test_a_server_that_is_no_odoo(told):
    client, _ = opened(rpc(told))
    with pytest.raises(ConfigError, match="which Odoo"):
        _ = client.version


def test_an_odoo_that_is_too_old():
    client, _ = opened(version(10))
    with pytest.raises(ConfigError, match="too old"):
        _ = client.version


def test_a_page_of_maintenance_instead_of_data():
    page = httpx.Response(200, html="<html><title>Down for maintenance</title></html>")
    client, _ = opened(page)
    with pytest.raises(RemoteError) as caught:
        _ = client.version
    assert "maintenance" in "".join(caught.value.causes)


def test_a_lost_reply_to_a_write_is_never_sent_twice():
    client, script = opened(version(16), rpc(2), httpx.ReadTimeout("slow"))
    with pytest.raises(UnknownOutcomeError):
        client.call("res.partner", "load", {"fields": ["id"], "data": [["a.b"]]})
    assert len(script.requests) == 3


def test_a_lost_reply_to_a_question_is_asked_for_again():
    client, _ = opened(version(16), rpc(2), httpx.ReadTimeout("slow"), rpc([4]))
    assert client.call("res.partner", "search", SEARCH, repeatable=True) == [4]
