"""Words that multiply a number (`2 mio`, `1,5 mii`, `3 crore`), and names of minor units (`50 bani`).

A word counts only where what it multiplies by is certain in the languages of the region: `mil` is a
thousand in Spanish and a million in Romanian.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

__all__ = ["Scale", "is_scale", "minor_unit", "read_scale"]

_ANYWHERE: Mapping[str, int] = {
    "k": 3, "thousand": 3, "tsd": 3, "m": 6, "mn": 6, "mio": 6, "mln": 6, "million": 6, "millions": 6,
    "bn": 9, "mrd": 9, "mld": 9, "milliard": 9, "lakh": 5, "lakhs": 5, "lac": 5, "lacs": 5,
    "crore": 7, "crores": 7,
}  # fmt: skip
"""What business papers of all countries abbreviate so."""
_OWN: Mapping[str, Mapping[str, int]] = {
    "ro": {"mil": 6, "mie": 3}, "en": {"mil": 6, "b": 9, "billions": 9, "thousands": 3}, "hi": {"cr": 7, "l": 5},
    "ja": {"千": 3, "百": 2, "百万": 6, "千万": 7, "十億": 9, "百億": 10, "千億": 11},
    "zh": {"千": 3, "百": 2, "百万": 6, "千万": 7, "萬": 4, "億": 8, "百萬": 6},
    "nl": {"mio": 6}, "da": {"mia": 9, "mill": 6}, "nb": {"mrd": 9}, "no": {"mill": 6, "tusen": 3},
    "fi": {"milj": 6, "miljoonaa": 6, "tuhatta": 3}, "pl": {"mld": 9}, "fr": {"mille": 3},
}  # fmt: skip
"""Further ones that CLDR has not."""
_JOINED = re.compile(r"(?i)(mio|mrd|mn|bn|md|k|t|m)\.?([a-z]{3}|kr)")
"""`TEUR`, `MNOK`, `tkr`: a letter for the size before the currency."""
_SIZES: Mapping[str, int] = {"t": 3, "k": 3, "m": 6, "mn": 6, "mio": 6, "md": 9, "mrd": 9, "bn": 9}
_WITHOUT_BLANKS = "\u0e00"
_MINOR: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("¢", "cent", "cents"), ("USD", "EUR", "CAD", "AUD", "NZD", "SGD", "HKD", "ZAR")),
    **dict.fromkeys(("ct", "cts"), ("EUR", "CHF")),
    **dict.fromkeys(("p", "pence", "penny"), ("GBP",)), "øre": ("NOK", "DKK"), "öre": ("SEK",),
    **dict.fromkeys(("bani", "ban"), ("RON", "MDL")), "gr": ("PLN",),
    **dict.fromkeys(("grosz", "grosze", "groszy"), ("PLN",)), "kuruş": ("TRY",),
    **dict.fromkeys(("satang", "สตางค์"), ("THB",)), **dict.fromkeys(("paise", "paisa"), ("INR", "PKR", "NPR")),
    **dict.fromkeys(("коп", "копеек"), ("RUB", "BYN", "UAH")), "копійок": ("UAH",),
    **dict.fromkeys(("centimes", "rappen"), ("CHF", "EUR")), "centavos": ("MXN", "BRL", "ARS", "COP", "PHP"),
    "haléřů": ("CZK",), "stotinki": ("BGN",), "стотинки": ("BGN",), "sen": ("MYR",),
}  # fmt: skip
"""Names of a hundredth → currencies that have it."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What stands beside a number and tells its size.

    Attributes:
        power: Power of ten; None where it may be several.
        rest: Text behind it.
        word: The word as it is written.
    """

    power: int | None
    rest: str
    word: str


def read_scale(text: str, languages: Sequence[str], currencies: frozenset[str]) -> Scale | None:
    """Read the word for a size that a text begins with; None if it begins with none.

    Args:
        text: What stands behind (or before) the digits.
        languages: Languages of the region, its main one first; none where it is unknown.
        currencies: Known codes of currencies, for `TEUR`.
    """
    plain = text.lstrip()
    found = re.match(r"[^\s\d.,:;()/+-]+", plain)
    if not found or (len(found[0]) == 3 and found[0].upper() in currencies):
        return None
    word, rest = found[0], plain[found.end() :].removeprefix(".")
    powers = _powers(word.casefold(), tuple(languages))
    if powers:
        return Scale(powers[0] if len(powers) == 1 else None, rest, word)
    joined = _JOINED.fullmatch(word)
    if joined and (joined[2].upper() in currencies or joined[2] == "kr"):
        return Scale(_SIZES[joined[1].casefold()], f"{joined[2]}{rest}", joined[1])
    if word.casefold() in {"t", "md"} and re.match(r"\s?[€$£]", rest):
        certain = word.casefold() == "md" or _joins_thousands(languages)
        return Scale(_SIZES[word.casefold()] if certain else None, rest, word)
    if word[0] >= _WITHOUT_BLANKS:
        return _glued(word, rest, tuple(languages))
    return None


def _joins_thousands(languages: Sequence[str]) -> bool:
    return bool({"de", "sv", "nb", "nn", "no", "da", "fi", "nl"}.intersection(languages))


def _glued(word: str, rest: str, languages: tuple[str, ...]) -> Scale | None:
    """Read `万円` and `ล้านบาท`, where no blank parts size and currency."""
    for end in range(len(word) - 1, 0, -1):
        powers = _powers(word[:end], languages)
        if powers:
            return Scale(powers[0] if len(powers) == 1 else None, word[end:] + rest, word[:end])
    return None


def is_scale(word: str) -> bool:
    """Tell whether a word is one for a size in any language."""
    key = word.strip(".").casefold()
    return key in _ANYWHERE or key in _DOUBTFUL or bool(_powers(key, ()))


_DOUBTFUL = frozenset({"b", "t", "tr", "bil", "tril"})
"""Abbreviations of sizes that differ from language to language, or that are none in some."""


@lru_cache(maxsize=4096)
def _powers(word: str, languages: tuple[str, ...]) -> tuple[int, ...]:
    """Return what a word may multiply by: in the region's languages, else in all."""
    anywhere = {_ANYWHERE[word]} if word in _ANYWHERE else set()
    own = {_words()[x][word] for x in languages if word in _words().get(x, {})} | anywhere
    if own:
        return tuple(sorted(own))
    if len(word) < len("mii") and word.isascii():
        return ()
    return tuple(sorted({words[word] for words in _words().values() if word in words}))


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Mapping[str, int]]:
    source = files("crmmigrate.values") / "data" / "number_scales.json"
    table: dict[str, dict[str, int]] = json.loads(source.read_text(encoding="utf-8"))
    for language, words in _OWN.items():
        table[language] = {**table.get(language, {}), **words}
    return table


def minor_unit(word: str, currency: str) -> tuple[str, ...]:
    """Return the currencies a hundredth of which a word names; one where the region decides.

    Args:
        word: What stands beside the number, e.g. `p`, `bani`, `øre`.
        currency: Currency of the region, '' if unknown.
    """
    found = _MINOR.get(word.strip(". ").casefold(), ())
    if currency in found:
        return (currency,)
    return found
