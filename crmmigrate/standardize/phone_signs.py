"""Signs of phone cells: what a character means where a number is written.

The digits of other scripts, and fullwidth signs, mean what the ASCII ones mean.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.compiler import inner
from crmmigrate.standardize.phone_desk import ZERO

__all__ = [
    "BLANK", "CLOSE", "DASH", "DOT", "HYPHEN", "NBSP", "NINE", "OPEN", "OTHER", "PLUS", "SLASH",
    "read_sign",
]  # fmt: skip

Ints = NDArray[Any]
Text = NDArray[Any]

NINE = 9
"""Signs from 0 to 9 are the digits."""
PLUS, OPEN, CLOSE, BLANK, NBSP, DOT, SLASH, HYPHEN, DASH, OTHER = range(10, 20)


class Sign(NamedTuple):
    """One character.

    Attributes:
        kind: A digit from 0 to 9, or one of the constants of this module.
        width: How many bytes it has.
        plain: Whether it stands as the library and the formats write it.
    """

    kind: int
    width: int
    plain: bool


_ASCII: Ints = np.full(128, OTHER, np.int64)
_ASCII[48:58] = np.arange(10)
for _sign, _kind in zip("+() ./-", (PLUS, OPEN, CLOSE, BLANK, DOT, SLASH, HYPHEN), strict=True):
    _ASCII[ord(_sign)] = _kind

_SCRIPTS: Ints = np.array(
    [
        *(0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xE50, 0xED0, 0x1040, 0x17E0, 0xFF10),
    ],
    np.int64,
)
"""The zeros of Arabic, Persian, Devanagari, Bengali, Thai … and the fullwidth zero."""
_WIDE: Ints = np.array([0xFF0B, 0xFF08, 0xFF09, 0xFF0D, 0xFF0E, 0x3000, 0xFF0F], np.int64)
_WIDE_KINDS: Ints = np.array([PLUS, OPEN, CLOSE, HYPHEN, DOT, BLANK, SLASH], np.int64)


@inner
def _read_point(data: Text, at: int) -> tuple[int, int]:
    """Return a code point beyond ASCII and its width; the text is valid UTF-8."""
    lead = ZERO + data[at]
    if lead < 0xE0:
        return ((lead & 0x1F) << 6) | (data[at + 1] & 0x3F), 2
    if lead < 0xF0:
        high = ((lead & 0x0F) << 12) | (((ZERO + data[at + 1]) & 0x3F) << 6)
        return high | (data[at + 2] & 0x3F), 3
    return 0x10000, 4


@inner
def read_sign(data: Text, at: int) -> Sign:
    """Read the character that begins at a byte."""
    byte = data[at]
    if byte < 128:
        return Sign(_ASCII[byte], 1, True)
    point, width = _read_point(data, at)
    if point == 0xA0 or 0x2010 <= point <= 0x2015:
        return Sign(NBSP if point == 0xA0 else DASH, width, True)
    for zero in _SCRIPTS:
        if zero <= point <= zero + 9:
            return Sign(point - zero, width, False)
    for at_sign in range(len(_WIDE)):
        if point == _WIDE[at_sign]:
            return Sign(_WIDE_KINDS[at_sign], width, False)
    return Sign(OTHER, width, True)
