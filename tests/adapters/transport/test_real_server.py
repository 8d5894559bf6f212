"""The transport against a real server on this machine, which misbehaves as real ones do."""

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from crmmigrate.adapters.transport import (
    Request,
    RetryPolicy,
    Server,
    Timekeeper,
    TimeOuts,
    Transport,
    UnknownOutcomeError,
    UnreachableError,
)
from crmmigrate.errors import ConfigError

QUICK = RetryPolicy(tries=3, first=0.01)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.seen.append((self.command, self.path, body))
        behaviour = self.server.behaviours.pop(0) if self.server.behaviours else "answer"
        if behaviour == "hang up":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if behaviour == "sleep":
            time.sleep(0.5)
        content = b'{"ok": true, "size": %d}' % len(body)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        cut = behaviour == "cut"
        self.send_header("Content-Length", str(len(content) + (10 if cut else 0)))
        self.end_headers()
        self.wfile.write(content)
        if cut:
            self.close_connection = True

    do_GET = do_POST = do_PUT = handle_any  # noqa: N815 - names that http.server looks for


class QuietServer(ThreadingHTTPServer):
    """Does not print that a client has gone away: here they do so on purpose."""

    daemon_threads = True

    def handle_error(self, *_):
        pass


@pytest.fixture
def server():
    running = QuietServer(("127.0.0.1", 0), Handler)
    running.seen, running.behaviours = [], []
    thread = threading.Thread(target=running.serve_forever, args=(0.01,))
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def transport_to(server, scheme="http", **given):
    given = {"retry": QUICK, "time_outs": TimeOuts(connect=2, read=0.2), **given}
    return Transport(Server(f"{scheme}://127.0.0.1:{server.server_address[1]}", **given))


@pytest.mark.parametrize("trouble", ["hang up", "cut", "sleep"])
def test_a_lost_reply_is_asked_for_again_only_where_that_is_safe(server, trouble):
    server.behaviours[:] = [trouble, "answer", trouble]
    transport = transport_to(server)
    assert transport.send(Request("GET", "/a")).json() == {"ok": True, "size": 0}
    with pytest.raises(UnknownOutcomeError):
        transport.send(Request("POST", "/b", json={"x": 1}))
    transport.close()
    assert [path for _, path, _ in server.seen] == ["/a", "/a", "/b"]


def test_a_megabyte_goes_and_comes(server):
    transport = transport_to(server, time_outs=TimeOuts())
    reply = transport.send(Request("PUT", "/a", content=b"x" * 2**20))
    transport.close()
    assert reply.json()["size"] == 2**20


def test_nobody_listens():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        transport = Transport(Server(url, retry=QUICK))
        with pytest.raises(UnreachableError, match=r"does not take connections \(3 tries\)"):
            transport.send(Request("POST", "/a", json={}))
        transport.close()


def test_a_server_that_comes_back_is_waited_for(server):
    port = server.server_address[1]
    waits = []

    def sleep(seconds):
        waits.append(seconds)
        server.behaviours[:] = ["answer"]

    server.behaviours[:] = ["hang up"] * 9
    transport = Transport(
        Server(f"http://127.0.0.1:{port}", retry=RetryPolicy()), timekeeper=Timekeeper(sleep=sleep)
    )
    assert transport.send(Request("GET", "/a")).ok
    transport.close()
    assert waits


def test_plain_http_where_https_was_expected(server):
    transport = transport_to(server, scheme="https")
    with pytest.raises(ConfigError, match="plain http") as caught:
        transport.send(Request("GET", "/a"))
    transport.close()
    assert caught.value.exit_code == 2


def test_a_host_that_does_not_exist():
    transport = Transport(Server("http://crm.invalid", retry=QUICK))
    with pytest.raises(ConfigError, match="no server of this name"):
        transport.send(Request("GET", "/a"))
    transport.close()


def test_connections_are_kept(server):
    transport = transport_to(server)
    for _ in range(3):
        transport.send(Request("GET", "/a"))
    transport.close()
    assert len(server.seen) == 3
