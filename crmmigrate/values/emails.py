"""E-mail addresses: syntax as `email-validator` judges it, and what stands around them in a cell."""

import re
from dataclasses import dataclass, replace
from functools import cache
from string import ascii_lowercase, digits

from crmmigrate.values.email_cells import (
    Pieces,
    cut_pieces,
    named_address,
    spoken_address,
    unwrap,
)
from crmmigrate.values.email_domains import is_role, mail_words, meant_domain, provider_of
from crmmigrate.values.email_syntax import normalize_email, refusal_of
from crmmigrate.values.placeholders import is_placeholder

__all__ = [
    "PLACEHOLDER",
    "UNWRAPPED",
    "EmailReading",
    "is_dummy",
    "normalize_email",
    "read_email",
    "repeated_letters",
]


@dataclass(frozen=True, slots=True)
class EmailReading:
    """What was read in a cell; `value` is None when there is no valid address.

    Attributes:
        value: The (first) address in canonical spelling.
        status: As of every outcome.
        codes: Rules that fired, in order.
        message: What a person should know, in one clause.
        confidence: 1.0 for certain.
        alternatives: Further addresses of the cell, or the one that may be meant.
        role: Whether the mailbox belongs to a role.
        provider: `free`, `disposable` or `other`; None without an address.
    """

    value: str | None
    status: str
    codes: tuple[str, ...] = ()
    message: str | None = None
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()
    role: bool = False
    provider: str | None = None

    @property
    def domain(self) -> str | None:
        """Domain of the address."""
        return self.value.rpartition("@")[2] if self.value else None


PLACEHOLDER = "a placeholder, not an address"
UNWRAPPED = 0.95
"""Confidence in an address that something was cut from."""


def read_email(text: str) -> EmailReading:
    """Read the content of an e-mail cell.

    Args:
        text: The cell, already repaired as text.
    """
    cell = text.strip()
    if is_placeholder(cell, tests=True) or is_dummy(cell):
        return EmailReading(None, "invalid", ("STD155",), PLACEHOLDER)
    value = normalize_email(cell)
    if value is not None:
        code = () if value == text else ("STD151",)
        return _remarked(EmailReading(value, "normalised" if code else "unchanged", code))
    if len(cell) > _LONGEST_CELL:
        return EmailReading(None, "invalid", ("STD154",), "far too long for an e-mail address")
    return _read_wrapped(cell)


_LONGEST_CELL = 20_000
"""Characters of a cell in which addresses are looked for; a longer one is a document."""


def _read_wrapped(cell: str) -> EmailReading:
    """Read a cell that is not an address alone."""
    named = named_address(cell)
    found = named[1] if named else unwrap(cell)
    value = normalize_email(found) if found != cell else None
    if value is not None:
        if is_dummy(value):
            return EmailReading(None, "invalid", ("STD155",), PLACEHOLDER)
        message = f"named '{named[0]}'" if named and named[0] else None
        return _remarked(EmailReading(value, "repaired", ("STD153",), message, UNWRAPPED))
    return _read_pieces(cell)


def is_dummy(address: str) -> bool:
    """Tell whether an address was only typed to get past a mandatory field."""
    local, at, domain = address.lower().rpartition("@")
    if not at:
        return False
    name = domain.partition(".")[0]
    if address.lower() in mail_words("dummies") or local in mail_words("no_mailbox"):
        return True
    words = mail_words("no_word")
    return (local in words and name in words) or (local == name and local in repeated_letters())


@cache
def repeated_letters() -> frozenset[str]:
    """Return `a`, `aa` … `999999`: what impatient fingers type."""
    return frozenset(sign * times for sign in ascii_lowercase + digits for times in range(1, 9))


_DIVIDED = re.compile(r"[\s;,|/\\<>()\[\]{}\"＠﹫]")
"""Signs without one of which a cell is one piece."""


def _read_pieces(cell: str) -> EmailReading:
    """Find addresses within brackets or between separators."""
    if not _DIVIDED.search(cell):
        return _invalid(cell, only_dummies=False)
    pieces = cut_pieces(cell)
    read = [normalize_email(piece) or normalize_email(unwrap(piece)) for piece in pieces.addresses]
    real = list(dict.fromkeys(value for value in read if value))
    found = [value for value in real if not is_dummy(value)]
    if not found:
        return _invalid(cell, only_dummies=bool(real))
    several = len(found) > 1
    reading = EmailReading(
        found[0],
        "split" if several else "repaired",
        ("STD152",) if several else ("STD153",),
        None,
        1.0 if several else UNWRAPPED,
        tuple(found[1:]),
    )
    if None in read:
        left = next(p for p, v in zip(pieces.addresses, read, strict=True) if v is None)
        message = f"'{_shortened(left)}' in the cell is no address"
        reading = replace(reading, message=message, confidence=0.7)
    return _remarked(_with_rest(reading, pieces))


_NAME_CHARS = re.compile(r"[\W\d_]+")
_LONGEST_REST = 200


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_REST else text[: _LONGEST_REST - 1] + "…"


def _with_rest(reading: EmailReading, pieces: Pieces) -> EmailReading:
    """Tell what else the cell says; a lone word before the address may be a part of it.

    A word that the mailbox repeats is the owner's name (Ion Popescu ion.popescu@firma.ro). A comma
    between them may be a slip for a dot (ion,popescu@firma.ro).
    """
    value, rest, glued = reading.value, pieces.rest, pieces.glued
    if not rest or value is None:
        return reading
    told = f"the cell also says '{_shortened(rest)}'"
    message = "; ".join(filter(None, (reading.message, told)))
    reading = replace(reading, message=message)
    mailbox = value.partition("@")[0].lower()
    word = glued.lower()
    if reading.status == "split" or not word or word != glued or " " in rest or word in mailbox:
        return reading
    signs = (".", "", "_") if pieces.sign.isspace() or not pieces.sign else (".",)
    joined = [normalize_email(f"{glued}{sign}{value}") for sign in signs]
    meant = tuple(other for other in joined if other)
    if not meant or not _NAME_CHARS.sub("", word):
        return reading
    codes = (*reading.codes, "STD159")
    return replace(reading, status="ambiguous", codes=codes, confidence=0.5, alternatives=meant)


_SLIPS = (
    (",", "."),
    ("..", "."),
    (" ", ""),
    (";", "."),
    (".@", "@"),
    ("@.", "@"),
    ("@@", "@"),
)


def _invalid(cell: str, *, only_dummies: bool) -> EmailReading:
    """Refuse, with the address that may be meant as an alternative."""
    if only_dummies:
        return EmailReading(None, "invalid", ("STD155",), PLACEHOLDER)
    bare = unwrap(cell)
    spoken = spoken_address(cell)
    if spoken:
        value = normalize_email(spoken[0])
        if value and spoken[1]:
            return _remarked(EmailReading(value, "repaired", ("STD153",), None, 0.85))
        if value:
            return EmailReading(None, "invalid", ("STD154",), f"perhaps {value}", 1.0, (value,))
    for wrong, right in _SLIPS:
        suggestion = normalize_email(bare.replace(wrong, right)) if wrong in bare else None
        if suggestion:
            return EmailReading(
                None, "invalid", ("STD154",), f"perhaps {suggestion}", 1.0, (suggestion,)
            )
    return EmailReading(None, "invalid", ("STD154",), refusal_of(bare or cell))


def _remarked(reading: EmailReading) -> EmailReading:
    """Add what there is to say about mailbox and domain.

    A suggestion is no further address of the cell, so that of a split cell stands in the message.
    """
    local, _, domain = (reading.value or "").rpartition("@")
    provider, role = provider_of(domain), is_role(local)
    meant = meant_domain(domain)
    suggested = f"{local}@{meant}" if meant else _without_apostrophe(local, domain)
    codes = (
        *(("STD156",) if meant else ("STD160",) if suggested else ()),
        *(("STD157",) if role else ()),
        *(("STD158",) if provider == "disposable" else ()),
    )
    message, other = reading.message, reading.alternatives
    if suggested:
        message = f"{message}; perhaps {suggested}" if message else f"perhaps {suggested}"
        other = other if reading.status == "split" else (*other, suggested)
    return EmailReading(
        reading.value,
        reading.status,
        (*reading.codes, *codes),
        message,
        min(reading.confidence, 0.8) if suggested else reading.confidence,
        other,
        role,
        provider,
    )


def _without_apostrophe(local: str, domain: str) -> str | None:
    """Return what may be meant by a mailbox that begins as spreadsheets mark text."""
    if not local.startswith("'"):
        return None
    return normalize_email(f"{local.strip(chr(39))}@{domain}")
