"""Languages by name in any language and by ISO 639 code."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from rapidfuzz import fuzz, process

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
        "farsi": "fa", "brazilian": "pt", "swiss german": "gsw", "plattdeutsch": "nds", "low german": "nds",
        "francaise": "fr", "anglaise": "en", "allemande": "de", "espagnole": "es", "italienne": "it", "inglesa": "en",
    }
)  # fmt: skip
"""Names of languages that CLDR calls otherwise (ISO 639-2 lists most as second names)."""

_KINDS = re.compile(
    r"^(?:british|american|uk|us|australian|canadian|irish|indian|simplified|traditional|mexican|european|"
    r"brazilian|latin american|argentinian|argentine|austrian|swiss|belgian) (?=(?:english|chinese|spanish|"
    r"portuguese|french|german|dutch|italian)$)"
)
"""What varieties of a language are called in English."""
_CALLED = re.compile(
    r"^(?:limba|langue|lingua|idioma|lengua|jezyk|jazyk|bahasa|language|ภาษา|اللغة|لغة|שפה) ?(?=..)|"
    r" (?:language|sprache|sprak|sprog|язык|мова|език|nyelv|dili|kieli)$"
)
"""Words for `language` before and behind its name, without accents."""

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
    code = names.get(key) or _NAMES.get(key) or names.get(fold(_BRACKET.sub("", raw)))
    bare = _KINDS.sub("", _CALLED.sub("", key))
    code = code or names.get(bare) or _NAMES.get(bare)
    tag = _TAG.fullmatch(raw)
    guessed = False
    if tag and (len(raw) <= 3 or tag[2] or tag[3]):
        base = tag[1].lower()
        guessed = base in _GUESSED and base not in codes
        found = base if base in codes and base not in {"mo", "iw"} else _OLD.get(base)
        code = found or code
    if code is None:
        return _several(raw) or _unknown(text, raw, key)
    if code == text:
        return Outcome(code, "unchanged")
    if guessed:
        return Outcome(code, "repaired", ("STD513",), f"'{raw}' is a country code", confidence=0.8)
    return Outcome(code, "normalised", ("STD511",))


def _several(raw: str) -> Outcome | None:
    """Read `Romanian/English`: the first is the value, if each is a language."""
    pieces = [piece for piece in _BETWEEN.split(raw) if piece]
    if not 1 < len(pieces) <= _MOST:
        return None
    read = [read_language(piece) for piece in pieces]
    codes = list(dict.fromkeys(one.value or "" for one in read))
    if any(one.status in {"invalid", "split"} for one in read):
        return None
    if len(codes) == 1:
        return Outcome(codes[0], "normalised", ("STD511",))
    message = f"further: {', '.join(codes[1:])}"
    return Outcome(codes[0], "split", ("STD514",), message, alternatives=tuple(codes[1:]))


_BETWEEN = re.compile(r"\s*[,;/|+&]\s*|\s+(?:and|und|et|si|și|og|och|y|e|en)\s+", re.IGNORECASE)
_MOST = 8
"""Languages that one cell may hold."""


def _unknown(text: str | None, raw: str, key: str) -> Outcome:
    names = _known()[0]
    near = process.extract(key, _long_names(), scorer=fuzz.ratio, limit=2, score_cutoff=_SUGGEST)
    meant = tuple(dict.fromkeys(names[name] for name, _, _ in near)) if len(key) >= _LEAST else ()
    message = f"'{raw[:40]}' is no known language"
    message += f"; did you mean '{near[0][0]}' ({meant[0]})?" if meant else ""
    return Outcome(text, "invalid", ("STD512",), message, confidence=0.0, alternatives=meant)


_SUGGEST, _LEAST = 85.0, 5


@lru_cache(maxsize=1)
def _long_names() -> tuple[str, ...]:
    return tuple(name for name in _known()[0] if len(name) >= _LEAST)


@lru_cache(maxsize=1)
def _known() -> tuple[Mapping[str, str], frozenset[str]]:
    text = files("crmmigrate.values").joinpath("data", "language_names.json").read_text("utf-8")
    names: dict[str, list[str]] = json.loads(text)
    return {name: code for code, found in names.items() for name in found}, frozenset(names)
