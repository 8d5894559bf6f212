"""Languages by name in any language and by ISO 639 code."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from crmmigrate.values.folding import fold
from crmmigrate.values.outcome import BLANK, Outcome, tidy

__all__ = ["read_language"]

_OLD = MappingProxyType(
    {
        "iw": "he", "in": "id", "ji": "yi", "mo": "ro", "jp": "ja", "cz": "cs", "dk": "da", "gr": "el",
        "se": "sv", "ua": "uk", "kr": "ko", "cn": "zh", "sp": "es", "gb": "en", "us": "en", "br": "pt",
        "ger": "de", "deu": "de", "fre": "fr", "fra": "fr", "eng": "en", "spa": "es", "ita": "it",
        "por": "pt", "rum": "ro", "ron": "ro", "nor": "no", "nob": "nb", "nno": "nn", "swe": "sv",
        "dan": "da", "dut": "nl", "nld": "nl", "tha": "th", "jpn": "ja", "chi": "zh", "zho": "zh",
        "rus": "ru", "ukr": "uk", "pol": "pl", "cze": "cs", "ces": "cs", "slo": "sk", "slk": "sk",
        "hun": "hu", "bul": "bg", "gre": "el", "ell": "el", "tur": "tr", "ara": "ar", "heb": "he",
        "hin": "hi", "kor": "ko", "vie": "vi", "ind": "id", "fin": "fi", "est": "et", "lav": "lv",
        "lit": "lt", "hrv": "hr", "srp": "sr", "slv": "sl", "cat": "ca", "per": "fa", "fas": "fa",
    }
)  # fmt: skip
"""Withdrawn codes, three-letter codes (ISO 639-2), and country codes taken for languages."""

_NAMES = MappingProxyType(
    {
        "flemish": "nl", "vlaams": "nl", "mandarin": "zh", "mandarin chinese": "zh", "castilian": "es",
        "castellano": "es", "moldovan": "ro", "moldavian": "ro", "valencian": "ca", "tagalog": "fil",
        "farsi": "fa", "brazilian portuguese": "pt", "brazilian": "pt", "swiss german": "gsw",
    }
)  # fmt: skip
"""Names of languages that CLDR calls otherwise (ISO 639-2 lists most as second names)."""

_BRACKET = re.compile(r"\s*[(\[][^()\[\]]*[)\]]$")
_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?(?:\.[\w-]+)?")
_GUESSED = frozenset({"jp", "cz", "dk", "gr", "se", "ua", "kr", "cn", "sp", "gb", "us", "br"})


def read_language(text: str | None) -> Outcome:
    """Read a language as its ISO 639 code: `Deutsch`, `ger`, `de-AT`, `română`."""
    raw = tidy(text)
    if not raw:
        return BLANK
    names, codes = _known()
    key = fold(raw)
    code = names.get(key) or names.get(key.removesuffix(" language"))
    code = code or _NAMES.get(key) or names.get(fold(_BRACKET.sub("", raw)))
    tag = _TAG.fullmatch(raw)
    guessed = False
    if tag and (len(raw) <= 3 or tag[2] or tag[3]):
        base = tag[1].lower()
        guessed = base in _GUESSED and base not in codes
        found = base if base in codes and base not in {"mo", "iw"} else _OLD.get(base)
        code = found or code
    if code is None:
        return Outcome(
            text, "invalid", ("STD512",), f"'{raw[:40]}' is no known language", confidence=0.0
        )
    if code == text:
        return Outcome(code, "unchanged")
    if guessed:
        return Outcome(code, "repaired", ("STD513",), f"'{raw}' is a country code", confidence=0.8)
    return Outcome(code, "normalised", ("STD511",))


@lru_cache(maxsize=1)
def _known() -> tuple[Mapping[str, str], frozenset[str]]:
    text = files("crmmigrate.values").joinpath("data", "language_names.json").read_text("utf-8")
    names: dict[str, list[str]] = json.loads(text)
    return {name: code for code, found in names.items() for name in found}, frozenset(names)
