"""Countries by name in any language, by ISO 3166 code and by common misspelling."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from rapidfuzz.distance import OSA

from crmmigrate.values.folding import fold
from crmmigrate.values.near_names import NameIndex
from crmmigrate.values.outcome import BLANK, Outcome, tidy
from crmmigrate.values.placeholders import is_placeholder

__all__ = [
    "country_cell",
    "country_code",
    "country_name",
    "depends_on_language",
    "names_of_countries",
    "plain_names",
    "read_country",
]

_SPORT = MappingProxyType(
    {
        "alg": "DZ", "bul": "BG", "chi": "CL", "cro": "HR", "den": "DK", "esa": "SV", "fij": "FJ",
        "ger": "DE", "gre": "GR", "gua": "GT", "hai": "HT", "hon": "HN", "iri": "IR", "ksa": "SA",
        "kuw": "KW", "lat": "LV", "mas": "MY", "ned": "NL", "ngr": "NG", "par": "PY", "phi": "PH",
        "por": "PT", "rom": "RO", "rsa": "ZA", "slo": "SI", "sui": "CH", "tpe": "TW", "uae": "AE",
        "uru": "UY", "vie": "VN", "zim": "ZW", "eng": "GB", "sco": "GB", "wal": "GB", "nir": "GB",
        "swe": "SE",
    }
)  # fmt: skip
"""Three letters of the IOC and FIFA where they differ from ISO 3166."""

_CARS = MappingProxyType(
    {
        "d": "DE", "a": "AT", "f": "FR", "i": "IT", "e": "ES", "s": "SE", "n": "NO", "b": "BE",
        "l": "LU", "p": "PT", "h": "HU", "j": "JP", "irl": "IE", "fin": "FI", "slo": "SI",
        "cdn": "CA", "rch": "CL", "rok": "KR", "eak": "KE", "rus": "RU",
    }
)  # fmt: skip
"""Distinguishing signs of vehicles (1968 Vienna convention), once used before postcodes."""

_RESERVED = MappingProxyType(
    {"UK": "GB", "EL": "GR", "DD": "DE", "BU": "MM", "ZR": "CD", "TP": "TL", "FX": "FR", "SF": "FI"}
)
"""Reserved and withdrawn alpha-2 codes with one successor (ISO 3166-1 and 3166-3)."""

_DISSOLVED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "yugoslavia": ("RS", "HR", "SI", "BA", "ME", "MK"),
        "jugoslavija": ("RS", "HR", "SI", "BA", "ME", "MK"),
        "jugoslawien": ("RS", "HR", "SI", "BA", "ME", "MK"),
        "iugoslavia": ("RS", "HR", "SI", "BA", "ME", "MK"),
        "yu": ("RS", "HR", "SI", "BA", "ME", "MK"),
        "yug": ("RS", "HR", "SI", "BA", "ME", "MK"),
        "scg": ("RS", "ME"),
        "serbia and montenegro": ("RS", "ME"),
        "czechoslovakia": ("CZ", "SK"),
        "cehoslovacia": ("CZ", "SK"),
        "tschechoslowakei": ("CZ", "SK"),
        "cs": ("CZ", "SK", "RS", "ME"),
        "ussr": ("RU", "UA", "BY", "KZ"),
        "u s s r": ("RU", "UA", "BY", "KZ"),
        "soviet union": ("RU", "UA", "BY", "KZ"),
        "su": ("RU", "UA", "BY", "KZ"),
        "urss": ("RU", "UA", "BY", "KZ"),
        "netherlands antilles": ("CW", "SX", "BQ"),
        "an": ("CW", "SX", "BQ"),
        "ant": ("CW", "SX", "BQ"),
        "virgin islands": ("VG", "VI"),
        "congo": ("CD", "CG"),
        **dict.fromkeys(("korea", "corea", "coree", "coreea", "koreia", "coreia"), ("KR", "KP")),
    }
)
"""Names of several states, most of them successors of one: never resolved without a person."""

_CALLING = MappingProxyType(
    {
        "20": "EG", "31": "NL", "32": "BE", "36": "HU", "40": "RO", "44": "GB", "48": "PL", "51": "PE",
        "52": "MX", "56": "CL", "60": "MY", "64": "NZ", "84": "VN", "86": "CN", "90": "TR", "92": "PK",
    }
)  # fmt: skip
"""Calling codes (ITU-T E.164) that are also numbers of ISO 3166 of other countries without their zero."""

_AROUND = re.compile(
    r"^(?:the|republic of|kingdom of|state of|republica|republik|republique|repubblica di) | (?:republic|eu|ue|the)$"
)
_FUZZY_LENGTH = 5
_FUZZY_SCORE = 87.0
_FUZZY_MARGIN = 3.0
_FUZZY_LEAST = 80.0
_SLIP_SCORE = 90.0
"""What one slip of the keyboard counts: two letters exchanged, one missing, doubled or wrong."""


def country_code(text: str | None, languages: Sequence[str] = ()) -> str | None:
    """Return the alpha-2 code of a country's name or code; None if it is not exactly one.

    Misspellings count only with `read_country`, which tells that it repaired.
    """
    return _code(text, tuple(languages)) if text else None


@lru_cache(maxsize=16384)
def _code(text: str, languages: tuple[str, ...]) -> str | None:
    raw = tidy(text)
    key = fold(raw)
    codes = _lookup(raw, key, languages) if key else ()
    return codes[0] if len(codes) == 1 else None


@lru_cache(maxsize=16384)
def country_cell(text: str, languages: tuple[str, ...]) -> Outcome | None:
    """Read the country column of an address; misspellings and signs of vehicles count.

    Returns:
        What `read_country` says; None unless it is exactly one country.
    """
    outcome = read_country(text, languages)
    return outcome if outcome.status in {"unchanged", "normalised", "repaired"} else None


def read_country(text: str | None, languages: Sequence[str] = ()) -> Outcome:
    """Read a country.

    Args:
        text: A name in any language, ISO 3166 alpha-2, alpha-3 or numeric, or a misspelling.
        languages: Languages of the region the value comes from; they decide names that mean
            two countries in different languages.
    """
    raw = tidy(text)
    if not raw:
        return BLANK
    key = fold(raw)
    codes = _lookup(raw, key, tuple(languages)) or _dressed(raw, tuple(languages))
    if len(codes) == 1:
        other = _CALLING.get(raw.removesuffix(".0"))
        if other:
            message = f"the number {raw.removesuffix('.0').zfill(3)} of ISO 3166; as a calling code it is {other}"
            return Outcome(
                codes[0], "repaired", ("STD502",), message, confidence=0.6, alternatives=(other,)
            )
        if raw == codes[0]:
            return Outcome(raw, "unchanged" if raw == text else "normalised")
        return Outcome(codes[0], "normalised", ("STD501",))
    if codes:
        message = f"'{raw}' may be {', '.join(codes)}"
        return Outcome(text, "ambiguous", ("STD503",), message, confidence=0.0, alternatives=codes)
    return _unnamed(text, raw, key)


_FLAG = 0x1F1E6
_BRACKETS = "()[]{}<>\"'“”„«»."


def _dressed(raw: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    """Read a flag, alone or beside the name, and a name or code in brackets, quotes or before a full stop."""
    letters = "".join(chr(ord(c) - _FLAG + 65) if 0 <= ord(c) - _FLAG < 26 else c for c in raw)
    plain = letters.strip(_BRACKETS).strip()
    if plain == raw or not fold(plain):
        return ()
    if letters != raw and " " in plain:
        plain = plain.replace(" ", " / ", 1)
    return _lookup(plain, fold(plain), languages)


def _unnamed(text: str | None, raw: str, key: str) -> Outcome:
    if is_placeholder(raw):
        return Outcome(text, "invalid", ("STD505",), "no country is named", confidence=0.0)
    if key in _CARS:
        return Outcome(_CARS[key], "repaired", ("STD502",), f"vehicle code '{raw}'", confidence=0.8)
    return _resembling(text, raw, key)


@lru_cache(maxsize=1)
def _known() -> tuple[Mapping[str, str], Mapping[str, Mapping[str, str]], Mapping[str, str]]:
    data = files("crmmigrate.values") / "data"
    names = json.loads((data / "country_names.json").read_text(encoding="utf-8"))
    clashes = json.loads((data / "country_clashes.json").read_text(encoding="utf-8"))
    iso = json.loads((data / "country_codes.json").read_text(encoding="utf-8"))
    codes = {code.casefold(): code for code in names}
    for code, (three, number) in iso.items():
        if code in names:
            codes |= {key: code for key in (three.casefold(), number) if key}
    by_name = {name: code for code, found in names.items() for name in found}
    return by_name, clashes, codes


@lru_cache(maxsize=1)
def plain_names() -> Mapping[str, str]:
    """Return folded names that mean one country everywhere → code.

    A text of up to three ASCII letters is looked up as a code before.
    """
    names = _known()[0].items()
    return {name: code for name, code in names if name.removeprefix("the ") not in _DISSOLVED}


@lru_cache(maxsize=1)
def names_of_countries() -> Mapping[str, tuple[str, ...]]:
    """Return country → its folded names that mean it everywhere."""
    names: dict[str, list[str]] = {}
    for name, code in plain_names().items():
        names.setdefault(code, []).append(name)
    return {code: tuple(found) for code, found in names.items()}


@lru_cache(maxsize=1)
def _two_meanings() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, _known()[1])))


def depends_on_language(text: str) -> bool:
    """Tell whether `read_country` may answer differently for different languages."""
    return bool(_two_meanings().search(fold(tidy(text))))


@lru_cache(maxsize=65536)
def _lookup(raw: str, key: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    names, clashes, codes = _known()
    if raw.isascii() and raw.replace(".", "", 1).isdecimal():
        number = raw.removesuffix(".0").zfill(3)
        return (codes[number],) if number in codes else ()
    coded = _by_code(raw, key)
    if coded:
        return coded
    if key in names:
        return (names[key],)
    if key in clashes:
        return _by_language(clashes[key], languages)
    return _inside(raw, key, languages)


def _by_code(raw: str, key: str) -> tuple[str, ...]:
    """Read an ISO code, a code of the IOC, or the name of a dissolved state."""
    names, _, codes = _known()
    if len(raw) <= 3 and raw.isascii() and not (raw.istitle() and len(raw) == 3 and key in names):
        found = codes.get(raw.casefold()) or _RESERVED.get(raw.upper()) or _SPORT.get(key)
        if found:
            return (found,)
    return _DISSOLVED.get(key.removeprefix("the "), ())


def _by_language(meanings: Mapping[str, str], languages: tuple[str, ...]) -> tuple[str, ...]:
    for language in languages:
        spoken = tuple(c for c, known in meanings.items() if language in known.split())
        if len(spoken) == 1:
            return spoken
    return tuple(sorted(meanings))


def _inside(raw: str, key: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    """Read `Romania (RO)`, `RO - Romania`, `the Republic of Poland`, `St. Lucia`, `R.O.`."""
    names, _, codes = _known()
    trimmed = _AROUND.sub("", _AROUND.sub("", key))
    if trimmed != key and trimmed in names:
        return _DISSOLVED.get(trimmed) or (names[trimmed],)
    if re.fullmatch(r"(?:[^\W\d_]\.){2,3}", raw) and key.replace(" ", "") in codes:
        return (codes[key.replace(" ", "")],)
    umlauts = re.sub(r"[aou]e", lambda m: m[0][0], key)
    if umlauts != key and len(key) > 5 and umlauts in names:
        return (names[umlauts],)
    saint = re.sub(r"^st ", "saint ", key)
    if saint in names:
        return (names[saint],)
    pieces = [p for p in re.split(r"\s*[()\[\]/|,;:]\s*|\s+[-–]\s+", raw) if p.strip()]
    if len(pieces) > 1:
        found = {c for p in pieces for c in _lookup(p, fold(p), languages) if fold(p)}
        known = all(len(_lookup(p, fold(p), languages)) == 1 for p in pieces)
        if known and len(found) == 1:
            return tuple(found)
    return ()


@lru_cache(maxsize=4096)
def _resembling(text: str | None, raw: str, key: str) -> Outcome:
    names = _known()[0]
    if len(key) >= _FUZZY_LENGTH and not any(c.isdecimal() for c in key):
        best: dict[str, float] = {}
        for name, ratio in _index().find_near(key, _least(len(key))):
            slip = OSA.distance(key, name, score_cutoff=1) <= 1
            score = max(ratio, _SLIP_SCORE) if slip else ratio
            best[names[name]] = max(best.get(names[name], 0.0), score)
        ranked = sorted(best.items(), key=lambda x: (-x[1], x[0]))
        if ranked and ranked[0][1] >= _FUZZY_SCORE:
            close = tuple(c for c, score in ranked if score >= ranked[0][1] - _FUZZY_MARGIN)
            if len(close) == 1:
                confidence = round(ranked[0][1] / 100, 3)
                message = f"'{raw}' is read as {close[0]}"
                return Outcome(close[0], "repaired", ("STD502",), message, confidence=confidence)
            message = f"'{raw}' may be {', '.join(close)}"
            return Outcome(
                text, "ambiguous", ("STD503",), message, confidence=0.0, alternatives=close
            )
    return Outcome(text, "invalid", ("STD504",), f"'{raw}' is no known country", confidence=0.0)


def _least(length: int) -> float:
    """Return the score that a name needs to matter: one slip in six letters scores below 84."""
    return _FUZZY_LEAST if length <= _SHORT else _FUZZY_SCORE - _FUZZY_MARGIN


_SHORT = 6


@lru_cache(maxsize=1)
def _index() -> NameIndex:
    return NameIndex(_known()[0])


def country_name(code: str) -> str | None:
    """Return the English name of a country, folded back to title case by CLDR."""
    from babel import Locale

    return Locale.parse("en").territories.get(code)
