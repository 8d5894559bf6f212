"""What the compiled loops over e-mail cells know: kinds of bytes, words, domains, and their flags."""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.words import START, WordTable, make_table
from crmmigrate.values.email_domains import domain_remarks, mail_words, wrong_endings
from crmmigrate.values.email_syntax import lower_mailboxes
from crmmigrate.values.emails import repeated_letters
from crmmigrate.values.placeholders import placeholder_words

__all__ = [
    "ATEXT",
    "BLANK",
    "BROKEN_HOST",
    "DIGIT",
    "DOUBTFUL",
    "ENDING",
    "GLUED",
    "HOST",
    "HOSTNAME",
    "INTERNATIONAL",
    "LEFT",
    "LETTER",
    "LOWER",
    "MARKS",
    "MISTYPED",
    "NAMED",
    "NOTHING",
    "NO_AT",
    "NO_CELL",
    "NO_HOST",
    "NO_NAME",
    "NUMBER",
    "PAIR",
    "PLAIN",
    "PROVIDER",
    "PROVIDERS",
    "RESERVED",
    "ROLE",
    "SAFE",
    "SLIP",
    "SPOKEN",
    "WORD",
    "WRAPPED",
    "Cells",
    "Known",
    "doubtful_mailboxes",
    "known_words",
    "new_cells",
]  # fmt: skip

ATEXT, HOST, SAFE, LETTER, DIGIT, BLANK, NO_NAME, NO_CELL = (1 << bit for bit in range(8))
"""Kinds of bytes: of a mailbox between dots, of a host between dots, those of a mailbox that mean
nothing to any pattern of wrapped addresses, letters, digits and blanks of ASCII; those that stand in no
display name that a loop reads, and in no cell without an address."""


def _marks() -> NDArray[np.uint8]:
    marks = np.zeros(256, np.uint8)
    for byte in range(128):
        sign = chr(byte)
        marks[byte] |= ATEXT * (sign.isalnum() or sign in "_!#$%&'*+/=?^`{|}~-")
        marks[byte] |= HOST * (sign.isalnum() or sign == "-")
        marks[byte] |= SAFE * (sign.isalnum() or sign in "._+-")
        marks[byte] |= LETTER * sign.isalpha()
        marks[byte] |= DIGIT * sign.isdecimal()
        marks[byte] |= BLANK * (sign in " \t")
        marks[byte] |= NO_NAME * (not sign.isprintable() or sign in '"<>[]')
        marks[byte] |= NO_CELL * (not sign.isprintable() or sign in '"<>@')
    marks[128:] |= NO_CELL
    marks[0xE2] |= NO_NAME  # perhaps a quotation mark
    return marks


MARKS = _marks()

DOUBTFUL, ROLE, LOWER, NOTHING, SPOKEN = 1, 2, 4, 8, 16
"""Flags of words: a mailbox that may mean that there is none, one of a role, one that is written in
lower case; a cell that says nothing; a word for @."""

RESERVED, MISTYPED, PROVIDER, ENDING, NUMBER = 1, 2, 1 << 2, 1 << 8, 1 << 24
"""Parts of what the table says of a host: an ending that never has mail, a domain that is likely mistyped;
place in `PROVIDERS`, number of a wrong ending (up to 16 bits), number of a domain."""

WORD, HOSTNAME = START, START ^ 0x5555
"""What hashes begin with."""

PROVIDERS = ("other", "free", "disposable")

_SPOKEN = ("at", "arroba", "chez", "klammeraffe")


LEFT, PLAIN, WRAPPED, NAMED, PAIR, GLUED, INTERNATIONAL, SLIP, NO_AT, NO_HOST, BROKEN_HOST = range(
    11
)
"""Kinds of cells: for the scalar, an address alone, with something around it, behind a name, two
addresses, behind one word, beyond ASCII, with a slip of the keyboard, without @, without anything behind
the @, without a dot behind it."""


class Cells(NamedTuple):
    """What the first loop finds in every cell.

    Attributes:
        kinds: Kind of each cell, uint8.
        spans: (rows, 8) int16, in bytes from the cell's first: mailbox from and to, domain from and
            to, and of a second address the same, or of a name or word from and to.
        flags: Flags of the mailbox, uint8.
        cased: Bit 1 if the domain has capital letters, 2 if the mailbox has.
        hosts: What the table says of the domain, and the number of its wrong ending; int64.
    """

    kinds: NDArray[np.uint8]
    spans: NDArray[np.int16]
    flags: NDArray[np.uint8]
    cased: NDArray[np.uint8]
    hosts: NDArray[np.int64]


def new_cells(rows: int) -> Cells:
    """Return cells of which nothing is read yet."""
    return Cells(
        np.full(rows, LEFT, np.uint8),
        np.zeros((rows, 8), np.int16),
        np.zeros(rows, np.uint8),
        np.zeros(rows, np.uint8),
        np.zeros(rows, np.int64),
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of words and domains.

    Attributes:
        table: Mailbox, cell or word in lower case, beginning with `WORD` → its flags; domain or
            ending of one in lower case, beginning with `HOSTNAME` → `RESERVED`, the number of a wrong
            ending times `ENDING`, the number of a domain times `NUMBER`, with its provider times
            `PROVIDER` and `MISTYPED`. Numbers count from 1.
        meant: Domain that may be meant, by number of the domain; mostly null.
    """

    table: WordTable
    meant: pl.Series


@cache
def doubtful_mailboxes() -> frozenset[str]:
    """Return mailboxes in lower case that may mean that there is no address."""
    dummies = {address.partition("@")[0] for address in mail_words("dummies")}
    return mail_words("no_mailbox") | mail_words("no_word") | repeated_letters() | dummies


@cache
def known_words() -> Known:
    """Return the table, made once."""
    import email_validator

    remarks = domain_remarks()
    hosts = {
        domain: number * NUMBER + PROVIDERS.index(kind) * PROVIDER + MISTYPED * (meant is not None)
        for number, (domain, (kind, meant)) in enumerate(remarks.items(), 1)
    }
    endings = {ending: number * ENDING for number, ending in enumerate(wrong_endings(), 1)}
    endings |= {name.lower(): RESERVED for name in email_validator.SPECIAL_USE_DOMAIN_NAMES}
    words = [
        (WORD, dict.fromkeys(some, flag))
        for some, flag in (
            (doubtful_mailboxes(), DOUBTFUL),
            (mail_words("roles"), ROLE),
            (lower_mailboxes(), LOWER),
            (placeholder_words(tests=True), NOTHING),
            (_SPOKEN, SPOKEN),
        )
    ]
    meant = [None, *(meant for _, meant in remarks.values())]
    table = make_table((HOSTNAME, hosts), (HOSTNAME, endings), *words)
    return Known(table, pl.Series(meant, dtype=pl.String))
