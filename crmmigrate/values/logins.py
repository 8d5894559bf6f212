"""Names to sign in with, made of addresses and of people's names."""

import re

from crmmigrate.values.folding import fold
from crmmigrate.values.match_keys import transliterate

__all__ = ["login_of"]

_OTHER = re.compile(r"[^a-z0-9@._-]+")


def login_of(text: str) -> str | None:
    """Return a name to sign in with in small Latin letters, digits and `. - _ @`.

    Words are parted by points, other signs become `_`; None where no letter or digit is left.
    Doing it twice is the same. The signs are those that EspoCRM takes (`userNameRegularExpression`
    of its settings, without blanks), which are the fewest of all systems here.

    `login_of("Ștefan O'Neill") == "stefan.o_neill"`
    """
    words = [_OTHER.sub("_", _latin(word)).strip("._") for word in text.split()]
    login = ".".join(word for word in words if word)
    return login if re.search("[a-z0-9]", login) else None


def _latin(word: str) -> str:
    """Return a word in small Latin letters; what stands between letters is kept."""
    if word.isascii():
        return word.lower()
    parts = re.split(r"([\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+)", word)
    return "".join(
        part if number % 2 else transliterate(fold(part)).replace(" ", "")
        for number, part in enumerate(parts)
    )
