"""The proxy that misbehaves: what it hands on, and what each fault looks like from our side."""

import httpx
import pytest

from crmmigrate.errors import UsageError
from crmmigrate.testing.faults import PROXY_FAULTS, Fault, Schedule
from crmmigrate.testing.proxy import Upstream
from crmmigrate.testing.simulators import Simulator
from crmmigrate.testing.simulators.server import Answer


class Echo:
    """A server that tells what it was asked, and counts."""

    def __init__(self):
        self.asked = []

    def expire_tokens(self):
        pytest.fail("nobody ends the sessions of this server")

    def answer(self, asked):
        self.asked.append(asked)
        body = asked.body or b"\x00\xff" * 500
        return Answer(207, text=body, headers={"Content-Type": "text/vcard", "ETag": '"7"'})


@pytest.fixture
def way():
    """A server, a proxy before it, and which fault comes next."""
    echo, faults = Echo(), []
    with (
        Simulator(echo) as server,
        Simulator(Upstream(server.url), lambda _: faults.pop() if faults else None) as proxy,
    ):
        yield echo, faults, proxy.url


def test_without_faults_everything_passes_as_it_is(way):
    echo, _, url = way
    path = "/a%2Fb/c%20d/?x=1&x=2&y="
    reply = httpx.request("PROPFIND", url + path, content=b"\x00<a/>", headers={"Depth": "1"})
    assert (reply.status_code, reply.content) == (207, b"\x00<a/>")
    assert reply.headers["etag"] == '"7"'
    assert reply.headers["content-type"] == "text/vcard"
    (asked,) = echo.asked
    assert (asked.method, asked.target, asked.headers["depth"]) == ("PROPFIND", path, "1")


@pytest.mark.parametrize(
    ("fault", "status", "done"),
    [
        (Fault.LOST_REQUEST, None, 0),
        (Fault.LOST_REPLY, None, 1),
        (Fault.RESET_IN_REPLY, None, 1),
        (Fault.DUPLICATE_DELIVERY, 207, 2),
        (Fault.THROTTLED, 429, 0),
        (Fault.THROTTLED_WITH_TIME, 429, 0),
        (Fault.ERROR_502, 502, 0),
        (Fault.ERROR_503, 503, 0),
        (Fault.ERROR_503_SILENT, 503, 0),
        (Fault.ERROR_504, 504, 0),
        (Fault.ERROR_504_AFTER, 504, 1),
        (Fault.PAGE_FOR_PEOPLE, 200, 1),
        (Fault.SLOW_REPLY, 207, 1),
    ],
)
def test_faults_are_what_they_say(way, fault, status, done):
    echo, faults, url = way
    faults.append(fault)
    if status is None:
        with pytest.raises(httpx.TransportError):
            httpx.get(url)
    else:
        reply = httpx.get(url)
        assert reply.status_code == status
        timed = {Fault.THROTTLED_WITH_TIME, Fault.ERROR_503}
        assert ("retry-after" in reply.headers) == (fault in timed)
        assert ("html" in reply.text) == (fault in PAGES)
    assert len(echo.asked) == done
    assert httpx.get(url).status_code == 207, "and the next request passes"


PAGES = {Fault.ERROR_502, Fault.ERROR_503_SILENT, Fault.ERROR_504}
PAGES |= {Fault.ERROR_504_AFTER, Fault.PAGE_FOR_PEOPLE}


def test_every_fault_of_the_way_is_tried_here(way):
    assert len(set(PROXY_FAULTS)) == len(PROXY_FAULTS) == 13
    drawn = Schedule(3, PROXY_FAULTS, share=1.0, most=400)
    assert {drawn.draw() for _ in range(400)} == set(PROXY_FAULTS)


def test_a_server_that_is_away_is_a_bad_gateway():
    with Simulator(Echo()) as server:
        url = server.url
    with Simulator(Upstream(url)) as proxy:
        reply = httpx.get(proxy.url)
    assert reply.status_code == 502
    assert "refused" in reply.text


def test_a_proxy_does_not_pretend_to_end_sessions():
    with pytest.raises(UsageError, match="cannot end the sessions"):
        Upstream("http://127.0.0.1:1").expire_tokens()
