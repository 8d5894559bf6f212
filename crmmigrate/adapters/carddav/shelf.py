"""What stands in an address book: which cards, of which version, and who points to whom."""

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import quote, unquote

from crmmigrate.adapters.carddav.cards import KEY, Card
from crmmigrate.adapters.carddav.discovery import Book
from crmmigrate.adapters.carddav.fields import linked_uids
from crmmigrate.adapters.carddav.wire import CARDDAV, DAV, Found, Wire, path_of

__all__ = ["AT_ONCE", "Copy", "Shelf", "is_own", "own_id", "own_uid", "pieces"]

AT_ONCE = 100
"""Cards in one request; Radicale answers with so many in about half a second."""
_SPACE = uuid.UUID("6f1c6e8e-6d0b-5a44-9a3e-2f6d1f0b7c55")
"""Name space of the identifiers that are made of our external ids (RFC 9562 section 5.5)."""
_OWN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\.vcf")
_LISTED = ("D:getetag", "D:getlastmodified", "D:resourcetype")


def own_uid(key: str, generation: int = 0) -> str:
    """Return the identifier of a card of ours: the same for the same external id, for ever.

    Args:
        key: The external id.
        generation: Above 0 where an earlier card of that key was let go and is no longer ours.
    """
    return str(uuid.uuid5(_SPACE, f"{key}#{generation}" if generation else key))


def own_id(key: str, generation: int = 0) -> str:
    """Return the id of a card of ours: the last part of its path."""
    return f"{own_uid(key, generation)}.vcf"


def is_own(id_: str) -> bool:
    """Return whether a card stands where one of ours would."""
    return _OWN.fullmatch(id_) is not None


@dataclass(frozen=True)
class Copy:
    """A card as it was read.

    Attributes:
        id: Last part of its path, percent-encoded.
        etag: Version of it; empty if the server tells none.
        card: The card.
    """

    id: str
    etag: str
    card: Card


@dataclass(frozen=True, slots=True)
class _Listed:
    etag: str
    modified: str | None


@dataclass(frozen=True, slots=True)
class _Known:
    etag: str
    uid: str
    key: str | None
    links: tuple[str, ...]


@dataclass
class Shelf:
    """The cards of one book; what is remembered of each is small."""

    wire: Wire
    book: Book
    _listed: dict[str, _Listed] | None = None
    _known: dict[str, _Known] = field(default_factory=dict)
    _token: str = ""

    def ids(self) -> list[str]:
        """Return the ids of all cards, in order; the server is asked whether there is news."""
        return sorted(self.listing())

    def listing(self) -> Mapping[str, _Listed]:
        """Return all cards, as they are now."""
        if self._listed is not None and self._token:
            told = self.wire.changes(self.book.address, self._token)
            if told is not None and not told[0]:
                return self._listed
        # The token is asked for first: what changes in between is then told the next time.
        self._token = self.token() if self.book.syncs else ""
        found = self.wire.find(self.book.address, _LISTED, depth=1)
        self._listed = {i: _listed(f) for f in found if f.there and (i := self._id(f.path))}
        return self._listed

    def token(self) -> str:
        """Return the token of what is there now; empty if the book has none."""
        found = self.wire.find(self.book.address, ("D:sync-token",), depth=0)
        return found[0].text(f"{DAV}sync-token").strip() if found else ""

    def changed_since(self, token: str) -> tuple[list[str], list[str], str] | None:
        """Return ids of cards that are new or changed, ids of those removed, and the next token."""
        told = self.wire.changes(self.book.address, token)
        if told is None:
            return None
        cards = [(i, f.there) for f in told[0] if (i := self._id(f.path))]
        return [i for i, there in cards if there], [i for i, there in cards if not there], told[1]

    def modified(self, copies: Sequence[Copy]) -> dict[str, str | None]:
        """Return id → when it was last changed, by the server's clock."""
        known = self._listed if self._listed is not None else self.listing()
        if any(c.id not in known or known[c.id].etag != c.etag for c in copies):
            known = self.listing()
        return {c.id: known[c.id].modified if c.id in known else None for c in copies}

    def copies(self, ids: Sequence[str]) -> Iterator[Copy]:
        """Yield the cards of these ids that are there."""
        for some in pieces(ids, AT_ONCE):
            read = {f.path: f for f in self.wire.cards(self.book.address, some) if f.there}
            for id_ in some:
                found = read.get(path_of(self.book.path + id_))
                if found is not None and found.text(f"{CARDDAV}address-data"):
                    yield self._copy(id_, found)

    def owners(self, keys: Sequence[str]) -> dict[str, str]:
        """Return external id → id of the card that bears it, wherever that stands.

        Where one of ours would stand is looked first. For the others all cards are read, once:
        somebody may have moved them, or given our key to a card of theirs.
        """
        places = {own_id(key): key for key in keys}
        found = {
            key: copy.id
            for copy in self.copies(list(places))
            if self.is_ours(copy, key := places[copy.id])
        }
        lost = [key for key in keys if key not in found]
        return found | (self.moved(lost) if lost else {})

    def moved(self, keys: Sequence[str]) -> dict[str, str]:
        """Return external id → id of cards of ours that stand elsewhere than we put them."""
        names, wanted = set(keys), {own_uid(key): key for key in keys}
        found: dict[str, str] = {}
        for id_, known in self._study(self.ids()).items():
            lost = known.key is None and not is_own(id_) and known.uid in wanted
            key = wanted[known.uid] if lost else known.key
            if key in names and key is not None:
                found.setdefault(key, id_)
        return found

    def claimed(self, keys: Sequence[str]) -> dict[str, str]:
        """Return external id → id of cards of others that bear it: they stand where we put none."""
        names = set(keys)
        return {k.key: id_ for id_, k in self._strangers().items() if k.key in names and k.key}

    def is_ours(self, copy: Copy, key: str) -> bool:
        """Return whether a card that stands where ours would is ours.

        A server may drop the line of our key; one that is there with another word, or none, says
        that the card was let go.
        """
        line = copy.card.first(KEY)
        return line is None or copy.card.key == key

    def presumed(self, copy: Copy) -> str | None:
        """Return a word for the key of a card that stands where ours would and bears no line of it."""
        return copy.id if is_own(copy.id) and copy.card.first(KEY) is None else None

    def ids_by_uid(self, uids: Sequence[str]) -> dict[str, str]:
        """Return identifier → id; what is not there is named as if it were ours."""
        listed = self._listed if self._listed is not None else self.listing()
        found = {u: f"{quote(u, safe='')}.vcf" for u in uids}
        lost = [u for u, id_ in found.items() if id_ not in listed]
        if lost:
            elsewhere = {known.uid: id_ for id_, known in self._strangers().items()}
            found |= {u: elsewhere[u] for u in lost if u in elsewhere}
        return found

    def referrers(self, ids: Sequence[str]) -> dict[str, str]:
        """Return id → id of a card that points to it, for those that are pointed to."""
        everything = self._study(self.ids())
        uids = {known.uid: id_ for id_, known in everything.items() if id_ in set(ids)}
        return {
            uids[uid]: other
            for other, known in everything.items()
            for uid in known.links
            if uid in uids and uids[uid] != other
        }

    def _strangers(self) -> dict[str, _Known]:
        """Return the cards that do not stand where one of ours would."""
        return self._study([i for i in self.ids() if not is_own(i)])

    def _study(self, ids: Sequence[str]) -> dict[str, _Known]:
        """Read cards that are not known in their present version, and remember a little of each."""
        listed = self._listed or {}
        new = [
            i
            for i in ids
            if (known := self._known.get(i)) is None
            or known.etag != (listed[i].etag if i in listed else "")
        ]
        for copy in self.copies(new):
            self._known[copy.id] = _studied(copy)
        return {i: self._known[i] for i in ids if i in self._known}

    def _copy(self, id_: str, found: Found) -> Copy:
        text = found.text(f"{CARDDAV}address-data")
        return Copy(id_, found.text(f"{DAV}getetag"), Card.of(text))

    def _id(self, path: str) -> str:
        """Return the last part of the path of a card; empty for what is none."""
        last = path.removeprefix(self.book.path)
        inside = path.startswith(self.book.path) and last and "/" not in last
        return quote(unquote(last), safe="") if inside else ""


def pieces(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Yield values in pieces."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _studied(copy: Copy) -> _Known:
    return _Known(copy.etag, copy.card.uid, copy.card.key, tuple(linked_uids(copy.card)))


def _listed(found: Found) -> _Listed:
    return _Listed(found.text(f"{DAV}getetag"), _moment(found.text(f"{DAV}getlastmodified")))


def _moment(text: str) -> str | None:
    """Return a date of HTTP in ISO 8601."""
    try:
        return parsedate_to_datetime(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (TypeError, ValueError):
        return None
