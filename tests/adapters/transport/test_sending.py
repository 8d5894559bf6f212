"""What is sent again, what never is, and what is made of answers; on a wire that is scripted."""

import base64
import hashlib
import hmac
import json
import socket
import ssl
import stat
from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest
from support.wires import START, FakeClock, scripted

from crmmigrate.adapters.transport import (
    CredentialsError,
    FixedHeaders,
    Journal,
    OAuthTokens,
    PermissionMissingError,
    RateHeaders,
    Request,
    RetryPolicy,
    Server,
    Session,
    SessionHeaders,
    SignedRequests,
    ThrottledError,
    Transport,
    UnknownOutcomeError,
    UnreachableError,
    basic_credentials,
)
from crmmigrate.adapters.transport.answers import require_success
from crmmigrate.adapters.transport.pacing import Pacer
from crmmigrate.errors import ConfigError, ExitCode, RemoteError

GET = Request("GET", "/Contact/1")
POST = Request("POST", "/Contact", json={"lastName": "Popescu"})
HTML = httpx.Response(200, html="<html><title>Log in</title></html>")


def reset(_):
    return httpx.ReadError("Connection reset by peer")


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ConnectError("Connection refused"),
        httpx.ConnectTimeout("timed out"),
        httpx.ReadTimeout("timed out"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("Server disconnected"),
        408,
        429,
        500,
        502,
        503,
        504,
    ],
)
def test_a_read_is_sent_again(trouble):
    transport, script, clock = scripted(trouble, trouble, 200)
    reply = transport.send(GET)
    assert (reply.status, reply.attempts, len(script.requests)) == (200, 3, 3)
    assert 1.4 < sum(clock.slept) < 3.1


@pytest.mark.parametrize(
    "trouble",
    [httpx.ReadTimeout("t"), httpx.ReadError("r"), httpx.WriteError("w"), 408, 502, 503, 504],
)
def test_a_write_whose_reply_was_lost_is_not_sent_again(trouble):
    transport, script, _ = scripted(trouble, 200)
    with pytest.raises(UnknownOutcomeError) as caught:
        transport.send(POST)
    assert len(script.requests) == 1
    assert caught.value.exit_code == ExitCode.REMOTE
    assert "Popescu" not in str(caught.value)


@pytest.mark.parametrize("trouble", [httpx.ConnectError("refused"), httpx.ConnectTimeout("t"), 429])
def test_a_write_that_was_surely_not_carried_out_is_sent_again(trouble):
    transport, script, _ = scripted(trouble, 201)
    assert transport.send(POST).status == 201
    assert len(script.requests) == 2


def test_a_write_declared_repeatable_is_sent_again():
    transport, script, _ = scripted(reset, 200)
    search = Request("POST", "/search", json={}, repeatable=True)
    assert transport.send(search).ok
    assert len(script.requests) == 2


def test_a_write_answered_with_500_is_for_the_adapter():
    transport, script, _ = scripted(500)
    assert transport.send(POST).status == 500
    assert len(script.requests) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 422])
def test_refusals_are_for_the_adapter(status):
    transport, script, _ = scripted(status)
    assert transport.send(POST).status == status
    assert len(script.requests) == 1


def test_tries_end():
    transport, script, clock = scripted(503, retry=RetryPolicy(tries=4))
    with pytest.raises(UnreachableError, match="HTTP 503") as caught:
        transport.send(GET)
    assert len(script.requests) == 4
    assert caught.value.where == "crm.example.com"
    assert len(clock.slept) == 3


@pytest.mark.parametrize(
    "header",
    ["7", format_datetime(START + timedelta(seconds=7), usegmt=True)],
    ids=["seconds", "date"],
)
def test_retry_after_is_kept(header):
    wait = httpx.Response(429, headers={"Retry-After": header})
    transport, _, clock = scripted(wait, 201)
    transport.send(POST)
    assert clock.seconds == pytest.approx(7)


def test_a_date_in_retry_after_is_by_the_servers_clock():
    ahead = START + timedelta(hours=1)
    wait = httpx.Response(
        429,
        headers={
            "Date": format_datetime(ahead, usegmt=True),
            "Retry-After": format_datetime(ahead + timedelta(seconds=9), usegmt=True),
        },
    )
    transport, _, clock = scripted(wait, 201)
    transport.send(POST)
    assert clock.seconds == pytest.approx(9)
    assert transport.clock_skew == pytest.approx(3600)


def test_a_quota_of_a_day_is_told_and_not_waited_for():
    wait = httpx.Response(429, headers={"Retry-After": "40000"})
    transport, script, clock = scripted(wait)
    with pytest.raises(ThrottledError, match="40,000 seconds") as caught:
        transport.send(GET)
    assert (len(script.requests), clock.seconds) == (1, 0)
    assert caught.value.exit_code == ExitCode.REMOTE


def test_the_window_of_the_server_is_waited_for():
    names = RateHeaders("x-ratelimit-remaining", "x-ratelimit-reset")
    used_up = httpx.Response(
        200, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "12"}, json={}
    )
    transport, _, clock = scripted(used_up, 200, pacer=Pacer(names=names))
    transport.send(GET)
    transport.send(GET)
    assert clock.seconds == pytest.approx(12)


def test_the_circuit_opens_probes_and_gives_up():
    transport, script, clock = scripted(httpx.ReadTimeout("t"))
    for _ in range(5):
        with pytest.raises(UnknownOutcomeError):
            transport.send(POST)
    assert transport.breaker.is_open
    before = clock.seconds
    with pytest.raises(UnknownOutcomeError):
        transport.send(POST)
    assert clock.seconds == pytest.approx(before + 5), "waits before the probe"
    with pytest.raises(UnknownOutcomeError):
        transport.send(POST)
    assert clock.seconds == pytest.approx(before + 15), "twice as long after it failed"
    sent = len(script.requests)
    with pytest.raises(UnreachableError, match="times in a row"):
        for _ in range(20):
            with pytest.raises(UnknownOutcomeError):
                transport.send(POST)
    assert len(script.requests) - sent < 10


def test_the_circuit_closes_when_the_probe_succeeds():
    lost = httpx.ReadTimeout("t")
    transport, _, clock = scripted(lost, lost, lost, lost, lost, 200)
    for _ in range(5):
        with pytest.raises(UnknownOutcomeError):
            transport.send(POST)
    assert transport.send(POST).ok
    assert not transport.breaker.is_open
    before = clock.seconds
    assert transport.send(POST).ok
    assert clock.seconds == before


def test_a_token_is_renewed_once():
    tokens = iter(["first", "second", "third"])

    def answer(request):
        if request.url.path.endswith("/token"):
            assert "authorization" not in request.headers
            return httpx.Response(200, json={"access_token": next(tokens), "expires_in": 3600})
        good = request.headers["authorization"] == "Bearer second"
        return httpx.Response(200 if good else 401, json={})

    form = {"grant_type": "client_credentials", "client_id": "a", "client_secret": "s3cr3t-s3cr3t"}
    transport, script, _ = scripted(answer, credentials=OAuthTokens("/token", form))
    assert transport.send(POST).ok
    paths = [r.url.path.rpartition("/")[2] for r in script.requests]
    assert paths == ["token", "Contact", "token", "Contact"]
    assert transport.send(POST).ok
    assert len(script.requests) == 5, "the renewed token is used from then on"


def test_a_token_that_is_refused_again_is_no_token():
    def answer(request):
        token = request.url.path.endswith("/token")
        return httpx.Response(200 if token else 401, json={"access_token": "abc-token-123"})

    form = {"grant_type": "client_credentials", "client_secret": "s3cr3t-s3cr3t"}
    transport, script, _ = scripted(answer, credentials=OAuthTokens("/token", form))
    with pytest.raises(CredentialsError) as caught:
        transport.send(GET)
    assert len(script.requests) == 4
    assert caught.value.exit_code == ExitCode.USAGE
    assert "abc-token" not in f"{caught.value} {caught.value.causes}"


def test_a_token_is_renewed_before_it_ends():
    given = []

    def answer(request):
        if request.url.path.endswith("/token"):
            given.append(request)
            return httpx.Response(200, json={"access_token": f"t{len(given)}", "expires_in": 600})
        return httpx.Response(200, json={"by": request.headers["authorization"]})

    transport, _, clock = scripted(answer, credentials=OAuthTokens("/token", {"client_id": "a"}))
    assert transport.send(GET).json() == {"by": "Bearer t1"}
    clock.sleep(560)
    assert transport.send(GET).json() == {"by": "Bearer t1"}
    clock.sleep(11)
    assert transport.send(GET).json() == {"by": "Bearer t2"}


def test_a_wrong_client_secret_is_told():
    refusal = httpx.Response(401, json={"error": "invalid_client", "message": "Client failed"})
    form = {"client_secret": "s3cr3t-s3cr3t"}
    transport, _, _ = scripted(refusal, credentials=OAuthTokens("/token", form))
    with pytest.raises(CredentialsError, match="invalid_client: Client failed") as caught:
        transport.send(GET)
    assert caught.value.exit_code == ExitCode.USAGE


def test_a_session_is_got_by_logging_in():
    def log_in(send):
        told = send(Request("POST", "/login", json={"user": "a"})).json()
        return Session({"Authorization": f"Session {told['key']}"})

    def answer(request):
        if request.url.path.endswith("/login"):
            return httpx.Response(200, json={"key": "k1"})
        return httpx.Response(200, json={"by": request.headers["authorization"]})

    transport, _, _ = scripted(answer, credentials=SessionHeaders(log_in, ("pw",)))
    assert transport.send(GET).json() == {"by": "Session k1"}


def test_requests_can_be_signed():
    signed = SignedRequests("X-Hmac-Authorization", "key-1", "secret-1", before="/api/")
    transport, script, _ = scripted(200, credentials=signed)
    transport.send(Request("GET", "/Contact/1", params=[("select", "id")]))
    key, _, digest = base64.b64decode(script.requests[0].headers["x-hmac-authorization"]).partition(
        b":"
    )
    wanted = hmac.new(b"secret-1", b"GET /Contact/1", hashlib.sha256).digest()
    assert (key, digest) == (b"key-1", wanted)


def test_no_secret_is_told():
    secret = "pw with/odd+signs"

    def answer(request):
        return httpx.ReadError(f"broken: {request.headers['authorization']} password={secret}")

    transport, _, _ = scripted(answer, credentials=basic_credentials("ann", secret))
    with pytest.raises(UnreachableError) as caught:
        transport.send(GET)
    token = base64.b64encode(f"ann:{secret}".encode()).decode()
    told = f"{caught.value} {caught.value.causes} {caught.value.hint} {transport.server!r}"
    assert secret not in told
    assert token not in told
    assert "***" in told


def test_the_journal_has_no_values(tmp_path):
    journal = Journal(tmp_path / "log" / "requests.jsonl")
    lost = httpx.ReadTimeout("t")
    transport, _, _ = scripted(200, lost, journal=journal)
    transport.send(Request("GET", "/Contact", params=[("where[0][value]", "ann@example.com")]))
    with pytest.raises(UnknownOutcomeError):
        transport.send(POST)
    text = journal.path.read_text()
    assert "ann" not in text
    assert "Popescu" not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(r["method"], r["path"], r["outcome"]) for r in lines] == [
        ("GET", "/api/Contact?where%5B0%5D%5Bvalue%5D", 200),
        ("POST", "/api/Contact", "timed_out"),
    ]
    assert lines[1]["sent"] == len(json.dumps(POST.json, separators=(",", ":")))
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600


def test_the_journal_is_put_aside_when_it_is_full(tmp_path):
    journal = Journal(tmp_path / "requests.jsonl", largest=400)
    transport, _, _ = scripted(200, journal=journal)
    for _ in range(7):
        transport.send(GET)
    aside = tmp_path / "requests.jsonl.1"
    assert 400 <= aside.stat().st_size < 800
    assert journal.path.stat().st_size < 400


def caused(kind, cause, text):
    def answer(_):
        error = kind(text)
        error.__cause__ = cause
        return error

    return answer


@pytest.mark.parametrize(
    ("trouble", "kind", "code", "says"),
    [
        (
            caused(httpx.ConnectError, socket.gaierror(-2, "x"), "Name or service not known"),
            ConfigError,
            2,
            "no server of this name",
        ),
        (
            caused(httpx.ConnectError, ssl.SSLError(1, "x"), "certificate has expired"),
            ConfigError,
            2,
            "has expired",
        ),
        (
            lambda _: httpx.ConnectError("certificate verify failed: Hostname mismatch"),
            ConfigError,
            2,
            "for another host",
        ),
        (lambda _: httpx.ConnectError("Connection refused"), UnreachableError, 3, "connections"),
        (lambda _: httpx.ProxyError("403 Forbidden"), UnreachableError, 3, "proxy"),
        (lambda _: httpx.ReadTimeout("t"), UnreachableError, 3, "in time"),
        (lambda _: HTML, RemoteError, 3, "a page for people"),
        (lambda _: httpx.Response(200, text="{broken"), RemoteError, 3, "no JSON"),
        (lambda _: httpx.Response(401, json={}), CredentialsError, 2, "credentials"),
        (lambda _: httpx.Response(407), CredentialsError, 2, "proxy"),
        (
            lambda _: httpx.Response(301, headers={"Location": "https://x.example/api?t=1"}),
            ConfigError,
            2,
            "https://x.example/api",
        ),
    ],
)
def test_each_trouble_has_its_error(trouble, kind, code, says):
    transport, _, _ = scripted(trouble)
    with pytest.raises(kind, match=says) as caught:
        transport.send(GET)
    assert type(caught.value) is kind
    assert caught.value.exit_code == code
    assert caught.value.hint
    assert caught.value.where == "crm.example.com"


def test_a_host_that_was_met_before_may_come_back():
    gone = caused(httpx.ConnectError, socket.gaierror(-3, "x"), "Temporary failure")
    transport, _, _ = scripted(200, gone, 200)
    transport.send(GET)
    assert transport.send(GET).ok


def test_a_page_in_the_place_of_a_reply_to_a_write_is_no_outcome():
    transport, _, _ = scripted(HTML)
    with pytest.raises(UnknownOutcomeError):
        transport.send(POST)


def test_wrong_clocks_are_told_where_credentials_fail():
    late = format_datetime(START - timedelta(minutes=20), usegmt=True)
    transport, _, _ = scripted(httpx.Response(401, headers={"Date": late}, json={}))
    with pytest.raises(CredentialsError) as caught:
        transport.send(GET)
    assert any("clock is 1,200 seconds ahead" in cause for cause in caught.value.causes)


@pytest.mark.parametrize(
    ("response", "kind", "code"),
    [
        (httpx.Response(403, text=""), PermissionMissingError, 2),
        (httpx.Response(404, json={}), ConfigError, 2),
        (httpx.Response(400, html="<html><title>Nope</title>"), ConfigError, 2),
        (httpx.Response(422, json={"x": 1}), RemoteError, 3),
    ],
)
def test_where_only_success_will_do(response, kind, code):
    transport, _, _ = scripted(response)
    with pytest.raises(kind, match="reading Contact") as caught:
        require_success(transport.send(GET), transport.server, "reading Contact")
    assert caught.value.exit_code == code


@pytest.mark.parametrize("url", ["crm.example.com", "ftp://crm.example.com", "", "https://"])
def test_a_wrong_url_is_told(url):
    with pytest.raises(ConfigError, match="no address"):
        Transport(Server(url))


def test_many_are_sent_in_parallel_and_come_back_in_order():
    def answer(request):
        number = int(request.url.path.rpartition("/")[2])
        return httpx.Response(404 if number == 3 else 200, json={"n": number})

    transport, _, _ = scripted(answer, max_parallel=4)
    found = list(transport.send_all(Request("GET", f"/Contact/{i}") for i in range(20)))
    assert [place for place, _ in found] == list(range(20))
    assert [reply.status for _, reply in found].count(404) == 1
    assert [reply.json()["n"] for _, reply in found] == list(range(20))


def test_an_error_of_one_does_not_stop_the_others():
    def answer(request):
        return httpx.ReadError("r") if request.url.path.endswith("/2") else httpx.Response(200)

    transport, _, _ = scripted(answer, max_parallel=2, headers={"X-A": "b"})
    posts = [Request("POST", f"/Contact/{i}") for i in range(5)]
    found = [type(reply).__name__ for _, reply in transport.send_all(posts)]
    assert found == ["Reply", "Reply", "UnknownOutcomeError", "Reply", "Reply"]


def test_fixed_headers_go_with_each_request():
    transport, script, _ = scripted(200, credentials=FixedHeaders({"X-Api-Key": "k" * 20}))
    transport.send(GET)
    assert script.requests[0].headers["x-api-key"] == "k" * 20
    assert script.requests[0].headers["user-agent"].startswith("crmmigrate/")


def test_the_clock_is_the_one_handed_in():
    clock = FakeClock()
    transport, _, _ = scripted(502, 200, clock=clock)
    transport.send(GET)
    assert clock.slept
