"""A web server on threads that stands for a CRM, and misbehaves as the schedule of faults says."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from crmmigrate.testing.faults import Fault

__all__ = ["Answer", "Asked", "Dialect", "Simulator"]

SLOW = 0.35
"""Seconds that a slow reply takes; tests wait less."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a dialect gets it."""

    method: str
    path: tuple[str, ...]
    params: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes
    target: str = ""
    """Path and query as they were sent."""

    def param(self, name: str, usual: str = "") -> str:
        """Return the first parameter of a name."""
        return next((value for key, value in self.params if key == name), usual)

    def values(self, name: str) -> list[str]:
        """Return all parameters of a name."""
        return [value for key, value in self.params if key == name]

    def json(self) -> dict[str, Any]:
        """Return the body as an object of JSON; an empty one if it is none."""
        try:
            told = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return told if isinstance(told, dict) else {}

    def form(self) -> dict[str, str]:
        """Return the body as a form."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace")))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a dialect answers."""

    status: int = 200
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | bytes | None = None
    cut: bool = False
    """The connection is reset in the middle of the body."""

    @property
    def content(self) -> bytes:
        """The body."""
        if self.text is not None:
            return self.text if isinstance(self.text, bytes) else self.text.encode()
        return b"" if self.json is None else json.dumps(self.json).encode()


class Dialect(Protocol):
    """The rules of one CRM."""

    def answer(self, asked: Asked) -> Answer:
        """Carry out a request."""
        ...

    def expire_tokens(self) -> None:
        """Forget all tokens that were given."""
        ...


Draw = Callable[[Asked], Fault | None]


class Simulator:
    """A CRM that listens on this machine until it is closed.

    Args:
        dialect: Its rules.
        draw: Says which fault befalls a request; None for no faults.
    """

    def __init__(self, dialect: Dialect, draw: Draw | None = None) -> None:
        self.dialect = dialect
        self.draw = draw
        self.log: list[tuple[str, str, int]] = []
        """Method, path and status of what was answered; 0 where the reply was lost."""
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.simulator = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def treat(self, asked: Asked) -> Answer | None:
        """Answer one request, or return None to hang up; faults decide what becomes of it."""
        fault = self.draw(asked) if self.draw else None
        answer = self._disturbed(asked, fault) if fault else self.dialect.answer(asked)
        with self._lock:
            status = answer.status if answer else 0
            self.log.append((asked.method, "/".join(asked.path), status))
        return answer

    def _disturbed(self, asked: Asked, fault: Fault) -> Answer | None:
        if fault is Fault.TOKEN_EXPIRED:
            self.dialect.expire_tokens()
            return self.dialect.answer(asked)
        if fault in _INSTEAD:
            return _INSTEAD[fault]
        answer = self.dialect.answer(asked)
        if fault is Fault.DUPLICATE_DELIVERY:
            return self.dialect.answer(asked)
        if fault is Fault.LOST_REPLY:
            return None
        if fault is Fault.SLOW_REPLY:
            time.sleep(SLOW)
        if fault is Fault.RESET_IN_REPLY:
            return replace(answer, cut=True)
        return _AFTERWARDS.get(fault, answer)


_PAGE = "<html><head><title>Service unavailable</title></head><body>later</body></html>"
_INSTEAD: Mapping[Fault, Answer | None] = {
    Fault.LOST_REQUEST: None,
    Fault.THROTTLED: Answer(429, {"error": "too many requests"}),
    Fault.THROTTLED_WITH_TIME: Answer(429, {"error": "slow down"}, {"Retry-After": "1"}),
    Fault.ERROR_500: Answer(500, {"error": {"message": "deadlock"}}),
    Fault.ERROR_502: Answer(502, text=_PAGE, headers={"Content-Type": "text/html"}),
    Fault.ERROR_503: Answer(503, {"error": "maintenance"}, {"Retry-After": "2"}),
    Fault.ERROR_503_SILENT: Answer(503, text=_PAGE, headers={"Content-Type": "text/html"}),
    Fault.ERROR_504: Answer(504, text=_PAGE, headers={"Content-Type": "text/html"}),
}
"""Nothing is carried out."""
_AFTERWARDS: Mapping[Fault, Answer | None] = {
    Fault.ERROR_500_AFTER: Answer(500, {"error": {"message": "after-save hook failed"}}),
    Fault.ERROR_504_AFTER: Answer(504, text=_PAGE, headers={"Content-Type": "text/html"}),
    Fault.PAGE_FOR_PEOPLE: Answer(200, text=_PAGE, headers={"Content-Type": "text/html"}),
}
"""What was asked is carried out, and the answer does not say so."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    simulator: Simulator

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that have gone away: here they do so on purpose."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet, else each answer waits for an acknowledgement
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server has it
        """Print nothing."""

    def handle_any(self) -> None:
        """Answer a request of any method."""
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = urlsplit(self.path)
        asked = Asked(
            self.command,
            tuple(unquote(piece) for piece in parts.path.strip("/").split("/")),
            parse_qsl(parts.query, keep_blank_values=True),
            {name.lower(): value for name, value in self.headers.items()},
            body,
            self.path,
        )
        answer = self.server.simulator.treat(asked)
        if answer is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        content = answer.content
        if answer.cut:
            self._reset(answer, content)
            return
        self._send(answer, content)

    def _reset(self, answer: Answer, content: bytes) -> None:
        """Send half of an answer, then break the connection off as a crash or a firewall does."""
        self.close_connection = True
        self._send(answer, content[: len(content) // 2], len(content))
        # A socket that does not linger is reset when it is closed.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _send(self, answer: Answer, content: bytes, length: int | None = None) -> None:
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - names of http.server
    do_PROPFIND = do_REPORT = do_MKCOL = do_OPTIONS = handle_any  # noqa: N815 - names of http.server
