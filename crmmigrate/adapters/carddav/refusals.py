"""What a CardDAV server means when it does not store a card."""

from dataclasses import dataclass

from crmmigrate.adapters.carddav.wire import CARDDAV, element_of
from crmmigrate.adapters.outcome_frames import Refusal
from crmmigrate.adapters.transport import PermissionMissingError, Reply
from crmmigrate.errors import ConfigError, RemoteError

__all__ = ["Answer", "Meaning", "meaning_of"]


class Meaning:
    """What an answer to a write means."""

    DONE = "done"
    CHANGED = "changed"
    """The card is not, or no longer, what we took it for (412)."""
    TAKEN = "taken"
    """The identifier is that of another card of the book."""
    MISSING = "missing"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and what it means."""

    meaning: str
    refusal: Refusal | None = None


_CONDITIONS = {
    f"{CARDDAV}no-uid-conflict": "DUPLICATE_VALUE",
    f"{CARDDAV}max-resource-size": "TOO_LONG",
    f"{CARDDAV}valid-address-data": "INVALID_VALUE",
    f"{CARDDAV}supported-address-data": "INVALID_VALUE",
}
"""Conditions of RFC 6352 section 6.3.2.1 → our codes."""
_WORDS = {
    "DUPLICATE_VALUE": "another card of the address book has the same UID",
    "TOO_LONG": "the card is larger than the server takes",
    "INVALID_VALUE": "the server does not take this for a card",
}
_SAID = 200


def meaning_of(reply: Reply, host: str) -> Answer:
    """Return what an answer to a PUT or DELETE means.

    Raises:
        PermissionMissingError: our user may not write to the address book.
        ConfigError: the address book is gone.
        RemoteError: the server has no room left.
    """
    status, code = reply.status, _condition(reply)
    if reply.ok:
        return Answer(Meaning.DONE)
    if status == 412:
        return Answer(Meaning.CHANGED)
    if status in {404, 410}:
        return Answer(Meaning.MISSING)
    if not code:
        _raise_for_book(reply, host)
        code = "TOO_LONG" if status == 413 else ""
    if code:
        meaning = Meaning.TAKEN if code == "DUPLICATE_VALUE" else Meaning.REFUSED
        return Answer(meaning, Refusal(code, None, _WORDS[code]))
    says = f"the server does not take the card: HTTP {status} {_said(reply)}".strip()
    return Answer(Meaning.REFUSED, Refusal("REFUSED", None, says, retriable=status == 423))


def _raise_for_book(reply: Reply, host: str) -> None:
    """Raise for what no other card would fare better with."""
    said = [words] if (words := _said(reply)) else []
    if reply.status == 403:
        raise PermissionMissingError(
            "our user may not write to the address book",
            where=host,
            causes=said,
            hint="give it the right to write there, or log in as the owner of the book",
        )
    if reply.status == 409:
        raise ConfigError(
            "the address book is no longer there",
            where=host,
            causes=said,
            hint="make it anew, or give the address of another as the url",
        )
    if reply.status == 507:
        raise RemoteError(
            "the server has no room left",
            where=host,
            causes=said,
            hint="enlarge the quota or remove files there, then run the same command again",
        )


def _condition(reply: Reply) -> str:
    """Return our code of the condition that an error names; empty if it names none we know."""
    tree = element_of(reply)
    names = [] if tree is None else [element.tag for element in tree]
    return next((_CONDITIONS[name] for name in names if name in _CONDITIONS), "")


def _said(reply: Reply) -> str:
    """Return the first words of an answer."""
    return reply.title if reply.is_html else reply.text[:_SAID]
