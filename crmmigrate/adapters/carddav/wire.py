"""Requests of WebDAV and CardDAV, and the XML of their answers (RFC 4918, 6352, 6578)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from crmmigrate.adapters.transport import Reply, Request, Transport
from crmmigrate.adapters.transport.answers import require_success
from crmmigrate.errors import ConfigError, RemoteError

__all__ = ["CARDDAV", "DAV", "Found", "Wire", "element_of", "path_of"]

DAV, CARDDAV = "{DAV:}", "{urn:ietf:params:xml:ns:carddav}"
_SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"'
_XML = {"Content-Type": "application/xml; charset=utf-8"}
_CARD = {"Content-Type": "text/vcard; charset=utf-8"}
_NOT_DAV = frozenset({400, 405, 501})
"""How servers answer to methods of WebDAV that they do not know."""


@dataclass(frozen=True)
class Found:
    """One record of an answer.

    Attributes:
        path: Its path, percent-encoded.
        there: Whether the server has it.
        props: Properties with a value, by name in Clark's notation.
    """

    path: str
    there: bool
    props: Mapping[str, ET.Element] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return the text of a property; empty if there is none."""
        told = self.props.get(name)
        return (told.text or "") if told is not None else ""

    def href(self, name: str) -> str:
        """Return the address within a property; empty if there is none."""
        told = self.props.get(name)
        return (told.findtext(f"{DAV}href") or "").strip() if told is not None else ""


@dataclass(frozen=True)
class Wire:
    """Sends requests to one server."""

    transport: Transport

    def find(self, path: str, props: Sequence[str], *, depth: int) -> list[Found]:
        """Return a resource, and what is in it, with some properties.

        Raises:
            ConfigError: there is nothing that speaks WebDAV.
            PermissionMissingError: our user may not look there.
        """
        asked = "".join(f"<{name}/>" for name in props)
        body = f"<D:propfind {_SPACES}><D:prop>{asked}</D:prop></D:propfind>"
        found, _ = self._ask("PROPFIND", path, body, "looking at the address book", depth)
        return found

    def cards(self, book: str, ids: Sequence[str]) -> list[Found]:
        """Return cards of a book; those that are not there say so (RFC 6352 section 8.7)."""
        hrefs = "".join(f"<D:href>{escape(path_of(book + id_))}</D:href>" for id_ in ids)
        body = (
            f"<C:addressbook-multiget {_SPACES}><D:prop><D:getetag/><C:address-data/></D:prop>"
            f"{hrefs}</C:addressbook-multiget>"
        )
        found, _ = self._ask("REPORT", book, body, "reading cards")
        return found

    def changes(self, book: str, token: str) -> tuple[list[Found], str] | None:
        """Return what has changed and been removed since a token, and the next token.

        None if the server no longer knows the token, or has none (RFC 6578 section 3).
        """
        body = (
            f"<D:sync-collection {_SPACES}><D:sync-token>{escape(token)}</D:sync-token>"
            "<D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>"
        )
        reply = self.transport.send(_request("REPORT", book, body))
        if reply.status in {400, 403, 405, 409, 410, 412, 415, 501}:
            return None
        tree = self._tree(reply, "asking what has changed")
        return list(_found(tree)), (tree.findtext(f"{DAV}sync-token") or "").strip()

    def put(self, path: str, text: str, condition: tuple[str, str] | None) -> Request:
        """Return the request that stores a card.

        It may be sent twice: with its condition, the second time changes nothing.

        Args:
            path: Where.
            text: The card.
            condition: `If-None-Match: *` for a new one, `If-Match: <etag>` for one that is there.
        """
        headers = {**_CARD, **dict([condition] if condition else [])}
        return Request(
            "PUT", path, headers=headers, content=text.encode(), repeatable=True, expects_json=False
        )

    def delete(self, path: str) -> Request:
        """Return the request that removes a card."""
        return Request("DELETE", path, repeatable=True, expects_json=False)

    def _ask(
        self, method: str, path: str, body: str, doing: str, depth: int | None = None
    ) -> tuple[list[Found], ET.Element]:
        reply = self.transport.send(_request(method, path, body, depth))
        tree = self._tree(reply, doing)
        return list(_found(tree)), tree

    def _tree(self, reply: Reply, doing: str) -> ET.Element:
        host = self.transport.server.host
        if reply.status in _NOT_DAV:
            raise ConfigError(
                f"the server does not speak CardDAV at {urlsplit(reply.request.path).path}",
                where=host,
                causes=[f"HTTP {reply.status} to {reply.request.method}"],
                hint="give the address of the address book, or of the CardDAV service (docs/carddav.md)",
            )
        require_success(reply, self.transport.server, doing)
        tree = element_of(reply)
        if tree is None or tree.tag != f"{DAV}multistatus":
            what = "a page for people" if reply.is_html else "something that is no answer of WebDAV"
            raise RemoteError(
                f"{doing}: the server answered with {what}",
                where=host,
                causes=[reply.title] if reply.is_html and reply.title else [],
                hint="a log-in page, a proxy or maintenance may be in the way: open the url in a browser",
            )
        return tree


def element_of(reply: Reply) -> ET.Element | None:
    """Return the XML of an answer, or None if it is none.

    An answer that declares entities is none: WebDAV has none, and they can be made to fill the memory.
    """
    if b"<!DOCTYPE" in reply.content or b"<!ENTITY" in reply.content:
        return None
    try:
        return ET.fromstring(reply.content)  # noqa: S314 - entities are refused above
    except ET.ParseError:
        return None


def path_of(address: str) -> str:
    """Return the path of an address, percent-encoded in one way."""
    return quote(unquote(urlsplit(address).path), safe="/")


def _request(method: str, path: str, body: str, depth: int | None = None) -> Request:
    headers = dict(_XML) if depth is None else {**_XML, "Depth": str(depth)}
    text = f'<?xml version="1.0" encoding="utf-8"?>{body}'
    return Request(
        method, path, headers=headers, content=text.encode(), repeatable=True, expects_json=False
    )


def _found(tree: ET.Element) -> Iterator[Found]:
    """Yield the responses of a multistatus (RFC 4918 section 14.16)."""
    for response in tree.iterfind(f"{DAV}response"):
        whole = _status(response)
        props = {
            told.tag: told
            for stat in response.iterfind(f"{DAV}propstat")
            if _status(stat) < 300
            for told in stat.iterfind(f"{DAV}prop/*")
        }
        for href in response.iterfind(f"{DAV}href"):
            yield Found(path_of((href.text or "").strip()), whole < 300, props)


def _status(element: ET.Element) -> int:
    """Return the status that stands in an element; what has none is there."""
    words = (element.findtext(f"{DAV}status") or "").split()
    return int(words[1]) if len(words) > 1 and words[1].isdecimal() else 200
