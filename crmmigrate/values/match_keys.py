"""Match keys of names: what all spellings of one name share, for comparing and joining by hand.

Folded (case, accents, signs and blanks gone), transliterated to Latin letters, `&` and its words in
many languages as `and`; of organizations without their legal form, of persons given and family name.
"""

import re
from functools import cache

from crmmigrate.values.folding import fold
from crmmigrate.values.knowledge import load_knowledge

__all__ = ["JOINED", "joiners", "match_key", "transliterate"]

JOINED = " and "


def match_key(name: str | None) -> str | None:
    """Return the match key of an organization's base name, or of a person's given and family name.

    `match_key("Müller & Söhne") == match_key("MULLER und Sohne") == "muller and sohne"`; None where
    nothing is left.
    """
    plain = fold(name or "")
    return _joiner().sub(JOINED, plain if plain.isascii() else transliterate(plain)) or None


def transliterate(folded: str) -> str:
    """Return folded words in Latin letters."""
    from anyascii import anyascii

    # Soft and hard signs, glottal stops: anyascii writes them as apostrophes within words.
    return fold(anyascii(folded).replace("'", "").replace("`", ""))


@cache
def joiners() -> str:
    """Return a pattern of the words for `and` between two words of a folded name."""
    words = {transliterate(word) for word in load_knowledge("organization_words")["joiners"]}
    return f" (?:{'|'.join(sorted(words))}) "


@cache
def _joiner() -> re.Pattern[str]:
    return re.compile(joiners())
