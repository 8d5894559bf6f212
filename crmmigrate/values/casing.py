"""Casing of names: only where a whole name is in capitals or in lower case, never invented."""

import re
from collections.abc import Collection, Sequence
from functools import cache, lru_cache

from crmmigrate.values.knowledge import load_knowledge

__all__ = ["case_name", "is_one_case", "is_roman", "lower_word"]

_TURKIC = frozenset({"TR", "AZ"})
_PIECES = re.compile(r"([-‐‑–'’ʼ`.\s])")
_MAC = re.compile(
    r"^(mac)(adam|alister|arthur|askill|aulay|bain|beth|callum|cormack|cormick|donald|donnell|dougall|dowell|duff|eachern|"
    r"auley|cabe|cann|carthy|cartan|caffrey|clancy|conville|corma[cn]|curdy|dermot|devitt|entee|evoy|feely|garry|guire|"
    r"hale|hugh|inerney|keever|mahon|manus|menamin|nally|nulty|quillan|rory|shane|sweeney|tiernan|veigh|"
    r"ewan|ewen|farlane|gill|gillivray|gowan|gregor|innes|innis|intosh|intyre|isaac|iver|kay|kenna|kenzie|kinnon|kinley|"
    r"lachlan|laine|laren|lean|lellan|lennan|leod|millan|nab|nair|namara|naughton|neil|neill|nicol|pherson|phail|quarrie|"
    r"queen|rae|sween|swain|taggart|tavish|vicar|william)$"
)


_GEORGIAN = re.compile("[ა-ჿ]+")
"""Georgian has no capitals in names; Unicode's capitals are for headlines."""


@lru_cache(maxsize=1 << 14)
def is_one_case(text: str) -> bool:
    """Tell whether a text of more than one cased letter is all capitals or all lower case."""
    if text.isascii():
        return (text.isupper() or text.islower()) and sum(map(str.isalpha, text)) > 1
    if _GEORGIAN.search(text):
        text = _GEORGIAN.sub("", text)
    upper, lower = text.upper(), text.lower()
    if upper == lower or (text not in (upper, lower)):
        return False
    return sum(map(str.isalpha, text)) > 1


def lower_word(word: str, region: str | None) -> str:
    """Return the word in lower case as the region writes it (Turkish I and İ)."""
    if region in _TURKIC and "I" in word:
        word = word.replace("I", "ı") if "İ" in word[1:] else _harmonic(word)
    return word.replace("İ", "i").lower().replace("i\u0307", "i")


def _harmonic(word: str) -> str:
    """Write I as ı or i, for capitals typed on a keyboard without İ.

    A front vowel beside it in the word makes it i. Between back vowels Turkish words have ı, but
    Arabic names have i; they are known by the letters around (-im, -it, -if, C-i-Ca).
    """
    letters = list(word)
    for at, letter in enumerate(letters):
        if letter == "I":
            letters[at] = "i" if _is_front(letters, at) else "ı"
    return "".join(letters)


def _is_front(letters: Sequence[str], at: int) -> bool:
    before = next((c for c in reversed(letters[:at]) if c in _BACK + _FRONT + "ı"), "")
    after = next((c for c in letters[at + 1 :] if c in _BACK + _FRONT), "")
    if after in _FRONT and after:
        return True
    if before in _FRONT and before:
        return True
    rest = "".join(letters[at:])
    if not before:
        return bool(_I_FIRST.match("".join(letters[max(at - 1, 0) :])) or not after) and not (
            _DOTLESS_FIRST.match("".join(letters[max(at - 1, 0) :]))
        )
    if re.search("[BCDFHKMSYZ]R$", "".join(letters[:at])):
        return True
    return before in "Aa" and bool(_I_LAST.fullmatch(rest))


_BACK, _FRONT = "AOUaou", "EÖÜİƏeöüiə"
_I_FIRST = re.compile("(?:[BCDHLMNRSVZ]?I)(?!LG|RM|LDI|ŞI|NCI)[A-ZÇĞŞ]{1,2}A")
"""Beginnings of given names from Arabic and Persian: İbrahim, Bilal, Cihan, Nihat, Sinan."""
_DOTLESS_FIRST = re.compile("[KYÇŞĞ]I|IŞ|ILG|IRM|SILA|SIRMA|HIZ|HIF|TI[NR]")
_I_LAST = re.compile("I[MTFRH]|I[BTR]E?|IYE.*|I(?:[MT])I?")
"""Endings of names from Arabic: İbrahim, Halit, Arif, Nasir."""


def _capital(word: str, region: str | None) -> str:
    if _GEORGIAN.match(word):
        return word
    first = "İ" if word[0] == "i" and region in _TURKIC else word[0].upper()
    if region == "NL" and word.startswith("ij"):
        return "IJ" + word[2:]
    return (first if len(first) == 1 else first[0] + first[1:].lower()) + word[1:]


def case_name(
    text: str, region: str | None = None, particles: Collection[str] = (), *, first: bool = True
) -> str:
    """Write a name that is in one case as names are written.

    Args:
        text: A name all in capitals or all in lower case; anything else comes back as it is.
        region: Its letters (Turkish) and habits (Dutch IJ) are followed.
        particles: Words that stay in lower case, such as `van` and `de la`.
        first: The first word is written with a capital even if it is a particle.
    """
    if not is_one_case(text):
        return text
    words = [lower_word(word, region) for word in text.split(" ")]
    cased = [
        word
        if word in particles and (at or not first) and at < len(words) - 1
        else _case_word(word, region)
        for at, word in enumerate(words)
    ]
    return " ".join(cased)


def _case_word(word: str, region: str | None) -> str:
    if word.rstrip(".") in _numerals():
        return word.upper()
    pieces = _PIECES.split(word)
    cased = []
    for at, piece in enumerate(pieces):
        elided = at + 1 < len(pieces) and pieces[at + 1] in "'’ʼ`"
        behind = at > 1 and pieces[at - 1] in "'’ʼ`"
        if (
            not piece
            or _PIECES.fullmatch(piece)
            or (behind and (len(piece) < 3 or pieces[at - 2] not in _ELIDED))
            or (elided and piece == "d" and region in {"FR", "BE", "CH", "LU", "MC"})
        ):
            cased.append(piece)
        else:
            cased.append(_case_piece(piece, region))
    return "".join(cased)


_ELIDED = frozenset("o d l n m t k c dell dall sant all nell".split())  # noqa: SIM905
"""What stands before an apostrophe that begins a new word: O'Neill, D'Angelo, N'Diaye; not Sa'id."""


def _case_piece(piece: str, region: str | None) -> str:
    if piece.startswith("mc") and len(piece) > 3:
        return "Mc" + _capital(piece[2:], region)
    match = _MAC.match(piece)
    if match:
        return "Mac" + match[2].capitalize()
    return _capital(piece, region)


def is_roman(word: str) -> bool:
    """Tell whether a word is a Roman numeral of I, V and X, in any case."""
    return bool(word) and _ROMAN.fullmatch(word) is not None


_ROMAN = re.compile("X{0,3}(?:IX|IV|V?I{0,3})", re.IGNORECASE | re.ASCII)


@cache
def _numerals() -> frozenset[str]:
    return frozenset(w for w in load_knowledge("name_words")["suffixes"] if set(w) <= set("iv"))
