"""Find the address book: at the address itself, or by the way of RFC 6764 from the service."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from crmmigrate.adapters.carddav.wire import CARDDAV, DAV, Found, Wire, path_of
from crmmigrate.errors import ConfigError

__all__ = ["Book", "find_book"]

_PROPS = (
    *("D:resourcetype", "D:displayname", "D:sync-token", "D:current-user-principal"),
    *("D:current-user-privilege-set", "C:addressbook-home-set", "C:max-resource-size"),
)


@dataclass(frozen=True)
class Book:
    """One address book.

    Attributes:
        address: Path, or whole address where another host has it; ends with a slash.
        name: As people see it.
        largest: Most bytes of a card; None if the server does not tell.
        syncs: Whether it tells what has changed.
        rights: What our user may do, such as `write`; empty if the server does not tell.
    """

    address: str
    name: str
    largest: int | None
    syncs: bool
    rights: frozenset[str]

    @property
    def path(self) -> str:
        """Its path."""
        return path_of(self.address)

    @property
    def may_write(self) -> bool:
        """Whether our user may create and change cards."""
        return not self.rights or bool(self.rights & {"all", "write", "write-content", "bind"})


def find_book(wire: Wire, start: str, wanted: str) -> Book:
    """Return the address book of a name, or the only one.

    Args:
        wire: The server.
        start: Path of the address that was given.
        wanted: Name or last part of the path of the book; may be empty.

    Raises:
        ConfigError: there is none, or there are several and none is named.
    """
    at = _one(wire, start)
    if _is_book(at):
        return _book(at, start)
    books = list(_books(wire, at, start))
    host = wire.transport.server.host
    if not books:
        raise ConfigError(
            "there is no address book at this address, nor can one be found from it",
            where=host,
            hint="make one in your address book program, and give its address as the url (docs/carddav.md)",
        )
    chosen = [b for b in books if not wanted or wanted in {b.name, _last(b)}]
    if len(chosen) == 1:
        return chosen[0]
    names = ", ".join(sorted(f"'{b.name or _last(b)}'" for b in books))
    what = f"no address book is called '{wanted}'" if wanted else "there are several address books"
    raise ConfigError(what, where=host, hint=f"name one as `book` of the connection: {names}")


def _books(wire: Wire, at: Found, start: str) -> Iterator[Book]:
    """Yield the books of our user, or those that stand at the address."""
    principal = at.href(f"{DAV}current-user-principal")
    here = urljoin(start, principal) if principal else start
    owner = _one(wire, _allowed(wire, here)) if principal else at
    home = owner.href(f"{CARDDAV}addressbook-home-set")
    place = _allowed(wire, urljoin(here, home)) if home else here
    for found in wire.find(place, _PROPS, depth=1):
        if _is_book(found):
            yield _book(found, place)


def _one(wire: Wire, address: str) -> Found:
    found = wire.find(address, _PROPS, depth=0)
    return found[0] if found else Found(path_of(address), there=False)


def _allowed(wire: Wire, address: str) -> str:
    """Return an address if it is of the same server or of one of the same owner.

    Our credentials go there, so another owner's is refused.
    """
    host, own = urlsplit(address).hostname or "", urlsplit(wire.transport.server.url).hostname or ""
    if host and host.split(".")[-2:] != own.split(".")[-2:]:
        raise ConfigError(
            f"the server sends us to another host: {host}",
            where=wire.transport.server.host,
            hint="give the address of the address book there as the url of the connection",
        )
    return address


def _is_book(found: Found) -> bool:
    told = found.props.get(f"{DAV}resourcetype")
    return told is not None and told.find(f"{CARDDAV}addressbook") is not None


def _book(found: Found, place: str) -> Book:
    own = urlsplit(place)
    path = f"{found.path.rstrip('/')}/"
    address = f"{own.scheme}://{own.netloc}{path}" if own.netloc else path
    size = found.text(f"{CARDDAV}max-resource-size").strip()
    told = found.props.get(f"{DAV}current-user-privilege-set")
    rights = [] if told is None else [e.tag for e in told.iterfind(f"{DAV}privilege/*")]
    return Book(
        address,
        found.text(f"{DAV}displayname").strip(),
        int(size) if size.isdecimal() and int(size) > 0 else None,
        bool(found.text(f"{DAV}sync-token")),
        frozenset(tag.rpartition("}")[2] for tag in rights),
    )


def _last(book: Book) -> str:
    return book.path.rstrip("/").rpartition("/")[2]
