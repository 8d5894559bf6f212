"""Try a connection to an address book: server, book, rights, clock, and what it can do."""

from collections.abc import Iterator

from crmmigrate.adapters.carddav.cards import KEY
from crmmigrate.adapters.carddav.discovery import Book
from crmmigrate.adapters.carddav.shelf import Shelf
from crmmigrate.adapters.carddav.wire import Wire
from crmmigrate.adapters.clock_check import check_clock
from crmmigrate.adapters.quota_check import check_quota
from crmmigrate.model.connections import Check, State

__all__ = ["try_connection"]


def try_connection(wire: Wire, book: Book, shelf: Shelf) -> Iterator[Check]:
    """Yield what was found; nothing is changed.

    Raises:
        CrmMigrateError: the server does not let us in.
    """
    yield Check("server", State.OK, f"{wire.transport.server.host} speaks CardDAV")
    count = len(shelf.ids())
    name = f"'{book.name}', " if book.name else ""
    yield Check("address book", State.OK, f"{name}{book.path}, {count:,} cards")
    if book.may_write:
        yield Check(
            "rights", State.OK, "read and write" if book.rights else "the server does not tell"
        )
    else:
        hint = "share the book with our user for writing, or log in as its owner"
        yield Check("rights", State.FAILED, "our user may only read", hint)
    yield check_clock(wire.transport.clock_skew)
    yield check_quota(wire.transport)
    yield Check("record keys", State.OK, f"kept in {KEY}; the UID is made of them")
    if book.syncs:
        yield Check("changes", State.OK, "told by a sync token")
    else:
        yield Check("changes", State.NOTE, "no sync token; the whole list of cards is asked for")
    if book.largest is not None:
        yield Check("size", State.NOTE, f"a card may have {book.largest:,} bytes, photo and all")
