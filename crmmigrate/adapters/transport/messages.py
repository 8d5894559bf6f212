"""What goes over the wire: a request, and the reply to it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

__all__ = ["Params", "Reply", "Request"]

Params = Sequence[tuple[str, str]]
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PROPFIND", "REPORT"})
"""Methods that may be sent twice (RFC 9110 section 9.2.2, RFC 4918, RFC 3253)."""
_TITLE = re.compile(rb"(?is)<title[^>]*>(.{1,200}?)</title>")
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        method: HTTP method.
        path: Path below the address of the server, or a whole URL.
        params: Parameters of the query in order; names may repeat.
        headers: Headers beside those of the transport and its credentials.
        json: Body that is sent as JSON; None for none.
        form: Body that is sent as a form.
        content: Body as bytes.
        repeatable: Whether sending it twice does no more than sending it once. None goes by the
            method. A search by POST may be declared repeatable; a create must not, unless the
            server knows the record by our id.
        expects_json: An answer of 2xx that is no JSON is a fault.
    """

    method: str
    path: str
    params: Params = ()
    headers: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    json: object = None
    form: Mapping[str, str] | None = None
    content: bytes | None = None
    repeatable: bool | None = None
    expects_json: bool = True

    @property
    def may_repeat(self) -> bool:
        """Whether it may be sent again when nobody knows what became of it."""
        return self.method in _REPEATABLE if self.repeatable is None else self.repeatable


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of the server.

    Attributes:
        request: What it answers.
        status: HTTP status.
        headers: With names in lower case.
        content: The body, decompressed.
        attempts: How often the request was sent.
    """

    request: Request
    status: int
    headers: Mapping[str, str]
    content: bytes
    attempts: int = 1

    @property
    def ok(self) -> bool:
        """Whether the server did what was asked."""
        return 200 <= self.status < 300

    @property
    def is_html(self) -> bool:
        """Whether the body is a page for people."""
        told = self.headers.get("content-type", "")
        return "html" in told or self.content[:200].lstrip()[:9].lower() in {b"<!doctype", b"<html"}

    @property
    def title(self) -> str:
        """Title of an HTML page, in one line."""
        found = _TITLE.search(self.content[:20_000])
        return " ".join(found[1].decode("utf-8", "replace").split()) if found else ""

    def json(self) -> Any:  # noqa: ANN401 - whatever the server sends
        """Return the body as JSON.

        Raises:
            ValueError: it is none.
        """
        return json.loads(self.content)

    def json_or_none(self) -> Any:  # noqa: ANN401 - whatever the server sends
        """Return the body as JSON, or None if it is none."""
        try:
            return self.json()
        except ValueError:
            return None

    @property
    def text(self) -> str:
        """The beginning of the body, for messages."""
        return " ".join(self.content[:500].decode("utf-8", "replace").split())
