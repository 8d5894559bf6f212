"""Read amounts of money with their currency."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.folding import fold, to_ascii_digits
from crmmigrate.values.number_scales import Scale, is_scale, minor_unit, read_scale
from crmmigrate.values.numbers import (
    Figure,
    both_readings,
    narrow_signs,
    read_figure,
    scaled,
    settled,
)
from crmmigrate.values.outcome import BLANK, Outcome, tidy
from crmmigrate.values.placeholders import is_placeholder

__all__ = ["read_currency", "read_money"]

_USUAL: Mapping[str, str] = {
    "$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "円": "JPY",
    "元": "CNY",
    "₩": "KRW",
    "₱": "PHP",
}
"""What a shared sign means where the region's own currency does not write it."""

_SIGNS: Mapping[str, tuple[str, ...]] = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "ARS", "CLP", "COP", "BMD", "BSD", "BBD", "BZD",
          "BND", "KYD", "XCD", "FJD", "GYD", "JMD", "LRD", "NAD", "SRD", "SBD", "TTD", "TWD", "UYU"),
    "kr": ("NOK", "SEK", "DKK", "ISK"), "kr.": ("NOK", "SEK", "DKK", "ISK"),
    "kroner": ("NOK", "DKK"), "kronor": ("SEK",), "kronur": ("ISK",), "kč": ("CZK",), "kcs": ("CZK",), "sk": ("SKK",),
    "£": ("GBP", "EGP", "GIP", "FKP", "SHP", "LBP"), "¥": ("JPY", "CNY"), "￥": ("JPY", "CNY"), "€": ("EUR",),
    "euro": ("EUR",), "euros": ("EUR",), "eur": ("EUR",), "lei": ("RON", "MDL"), "leu": ("RON", "MDL"),
    "rol": ("ROL",), "baht": ("THB",), "บาท": ("THB",), "฿": ("THB",), "rs": ("INR", "PKR", "LKR", "NPR", "MUR"),
    "rs.": ("INR", "PKR", "LKR", "NPR", "MUR"), "₹": ("INR",), "inr": ("INR",), "rupees": ("INR", "PKR", "LKR"),
    "r$": ("BRL",), "reais": ("BRL",), "real": ("BRL",), "zł": ("PLN",), "zl": ("PLN",), "ft": ("HUF",),
    "forint": ("HUF",), "лв": ("BGN",), "лв.": ("BGN",), "грн": ("UAH",), "грн.": ("UAH",), "₴": ("UAH",),
    "руб": ("RUB", "BYN"), "руб.": ("RUB", "BYN"), "р.": ("RUB", "BYN"), "₽": ("RUB",), "₺": ("TRY",), "tl": ("TRY",),
    "₪": ("ILS",), "₫": ("VND",), "đ": ("VND",), "₩": ("KRW", "KPW"), "원": ("KRW",), "円": ("JPY",), "元": ("CNY", "TWD"),
    "us$": ("USD",), "usd": ("USD",), "dollars": ("USD", "CAD", "AUD", "NZD"), "dollar": ("USD", "CAD", "AUD", "NZD"),
    "a$": ("AUD",), "au$": ("AUD",), "c$": ("CAD",), "ca$": ("CAD",), "nz$": ("NZD",), "hk$": ("HKD",), "s$": ("SGD",),
    "nt$": ("TWD",), "mx$": ("MXN",), "pounds": ("GBP", "EGP"), "pound": ("GBP", "EGP"), "stg": ("GBP",),
    "fr": ("CHF", "XOF", "XAF"), "fr.": ("CHF", "XOF", "XAF"), "sfr": ("CHF",), "sfr.": ("CHF",), "francs": ("CHF", "XOF", "XAF"),
    "fcfa": ("XOF", "XAF"), "cfa": ("XOF", "XAF"), "rp": ("IDR",), "rm": ("MYR",), "s/": ("PEN",), "s/.": ("PEN",), "₡": ("CRC",), "₦": ("NGN",), "gh₵": ("GHS",),
    "₵": ("GHS",), "₱": ("PHP", "CUP"), "p": ("BWP",), "r": ("ZAR",), "kn": ("HRK",), "din": ("RSD",), "din.": ("RSD",),
    "дин": ("RSD",), "дин.": ("RSD",), "km": ("BAM",), "yen": ("JPY",), "yuan": ("CNY",), "rmb": ("CNY",), "dh": ("AED", "MAD"),
    "dhs": ("AED", "MAD"), "sr": ("SAR",), "kd": ("KWD",), "jd": ("JOD",), "pln": ("PLN",), "₸": ("KZT",), "₾": ("GEL",),
    "֏": ("AMD",), "ден": ("MKD",), "ден.": ("MKD",), "៛": ("KHR",), "₮": ("MNT",), "₲": ("PYG",), "￦": ("KRW",),
}  # fmt: skip
"""Signs and words of currencies as price lists write them; several codes share some of them."""

_NUMBER = re.compile(
    r"(?<![\w.,])[-+−–(]?\s?(?:\d[\d.,'’ʼ_٫٬ ]*\d(?:[eE][+-]?\d{1,2})?|[.,]?\d+(?:[eE][+-]?\d{1,2})?)(?:[.,:]\s?[-–]{1,2}|[.,](?!\w))?",
    re.UNICODE,
)

_BRACKETED = re.compile(r"\(([^()]*\d[^()]*)\)")
_GAP = re.compile(r"(?<=\d)([.,]) (?=\d\d(?!\d))")
_FLOURISH = re.compile(r"(?<=\d)\s?/\s?[-=]")
_SIGN_BETWEEN = re.compile(r"^(\d+) ([€$£]) (\d\d)$")
_WORD_POINT = re.compile(r"(?<=[^\W\d_])\.(?=\d)|(?<=\w/)\.(?=\d)")
_WORD_DIGIT = re.compile(r"(?<=[^\W\d_])(?<!\d[eE])(?=\d)")
_DIGIT_WORD = re.compile(r"(?<=\d)(?=[^\W\d_])(?![eE][+-]?\d{1,2}(?!\d))")
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u097f\u0e31-\u0e3a\u0e47-\u0e4e\u17b4-\u17d3"
)
"""Vowels and accents that belong to the letter before them."""
_OTHER_SIGN = re.compile(rf"([^\w\s.,'’ʼ٫٬()+\-−–:/%{_MARKS}])")
_MINUS_BEFORE = re.compile(r"\s*[-−–]\s*(?=\D*$)")
_MINUS_BETWEEN = re.compile(r"(?<=\S)?\s*[-−–]\s*$")
_MINUS_BEHIND = re.compile(r"\s*\S{0,3}\s*[-−–]\s*")
_MINUS_CURRENCY = re.compile(r"\s?[-−–]\s+(?=[^\d\s]{1,4}\s*$)")
_CREDIT = re.compile(r"(?i)\s*(?:cr|dr)\.?\s*")
_NEGATIVE = r"(?:minus|moins|menos|meno|neg\.?|negative?|negativ)"
_SAID_BEFORE = re.compile(rf"(?i)^\s*{_NEGATIVE}(?![^\W\d_])\s*|(?<![^\W\d_]){_NEGATIVE}\s*$")
_SAID_BEHIND = re.compile(rf"(?i)\s*(?:\([-−–]\)|(?<![^\W\d_]){_NEGATIVE})\s*$")
"""Words and bracketed signs that say that an amount is less than nothing."""
_LEAST_SAID = len("(-)")


def read_money(
    text: str | None, rules: RegionRules, currency: str | None = None, decimal: str | None = None
) -> Outcome:
    """Read one amount.

    Args:
        text: The amount, with or without its currency.
        rules: The region: signs of numbers, and what `kr` or `$` means there.
        currency: Text of a currency column beside it.
        decimal: The decimal sign that other values of the column prove.

    Returns:
        The value is `1234.56 RON`; parts are amount and currency.
    """
    raw = tidy(text)
    if not raw:
        return BLANK
    if (raw[0] == "#" or not any(c.isdecimal() for c in raw)) and is_placeholder(raw):
        return _unread(text, "STD454", "stands for no amount")
    if "%" in raw:
        return _unread(text, "STD455", f"'{raw[:40]}' is a share, no amount")
    sign, figure, around = _split(narrow_signs(to_ascii_digits(raw)), rules, decimal)
    if decimal is None and figure.other and figure.code in {"STD452", "STD453"}:
        figure = _by_currency(figure, _currency_of(around, currency, rules), rules)
    if sign:
        figure = replace(figure, number=_negative(figure.number), other=_negative(figure.other))
    if figure.number is None:
        why = figure.why or f"'{raw[:40]}' is no amount"
        return _unread(text, figure.code or "STD455", why, both_readings(figure))
    return _with_currency(text, figure.number, figure, around, rules, currency)


def _negative(number: str | None) -> str | None:
    plain = number is None or number.startswith("-") or not number.strip("0.")
    return number if plain else f"-{number}"


def _currency_of(around: str, column: str | None, rules: RegionRules) -> tuple[str, ...]:
    written, _ = _currency_in(around, rules)
    return written or (read_currency(column, rules) if column else ())


def _by_currency(figure: Figure, currencies: tuple[str, ...], rules: RegionRules) -> Figure:
    """Part thousands where the currency has no decimals, and decimals where it has three."""
    pair = sorted(filter(None, (figure.other, figure.number)), key=lambda x: "." not in x)
    if len(currencies) != 1 or "." not in pair[0]:
        return figure
    code, decimal = currencies[0], pair[0]
    group = decimal.replace(".", "")
    digits, cash = _decimals(code)
    if digits == 0:
        return Figure(group, decimal.lstrip("-"), "STD452", f"{code} has no decimals")
    if digits == len("000") and figure.number is None:
        return Figure(decimal, group, "STD452", f"{code} has three decimals")
    thousandths = digits == len("000") and rules.number.decimal != "."
    if (cash == 0 and figure.number != group) or thousandths:
        return Figure(None, decimal, "STD453", f"may be {group} or {decimal} {code}")
    return figure


@lru_cache(maxsize=512)
def _decimals(code: str) -> tuple[int, int]:
    """Return the decimals that a currency has by CLDR, and those that are used in cash."""
    from babel.core import get_global

    known = get_global("currency_fractions")
    digits, _, cash, _ = known.get(code) or known["DEFAULT"]
    return int(digits), int(cash)


def read_currency(text: str, rules: RegionRules) -> tuple[str, ...]:
    """Return the currencies a sign, word or code may mean, settled by the region if it can be."""
    short = text if len(text) <= _LONGEST_NAME else tidy(text)
    return _known_currency(short, rules) if len(short) <= _LONGEST_NAME else ()


_LONGEST_NAME = 80
"""No name of a currency is longer in any language, and what is read is remembered."""


@lru_cache(maxsize=16384)
def _known_currency(text: str, rules: RegionRules) -> tuple[str, ...]:
    raw = tidy(text)
    if raw.upper() in _codes() and len(raw) == 3:
        return (raw.upper(),)
    key = raw.casefold()
    found = (
        _SIGNS.get(key)
        or _SIGNS.get(key.rstrip("."))
        or _names().get(key)
        or _names().get(fold(key))
    )
    if not found:
        return ()
    if rules.number.currency in found:
        return (rules.number.currency,)
    if len(key) == 1 and key.isalpha():
        return ()
    if key in _USUAL and rules.code != "ZZ":
        return (_USUAL[key],)
    return found


def _with_currency(
    text: str | None, number: str, figure: Figure, around: str, rules: RegionRules,
    column: str | None,
) -> Outcome:  # fmt: skip
    codes = [figure.code] if figure.code else []
    message = figure.why or None
    written, left = _currency_in(around, rules)
    given = read_currency(column, rules) if column else ()
    found = written or given
    if len(found) > 1:
        codes.append("STD461")
        message = f"the currency may be {', '.join(found)}"
    elif (around or column) and not found:
        codes.append("STD462")
        message = f"'{around or column}' is no known currency"
    elif left:
        codes.append("STD463")
        message = f"'{left}' is left out"
    elif given and written and given != written:
        codes.append("STD464")
        message = f"the amount says {written[0]}, the currency column {given[0]}"
    if len(found) > 1 and written:
        parts: dict[str, str | None] = {"amount": number, "currency": None}
        return Outcome(text, "ambiguous", tuple(codes), message, parts, _OPEN, found)
    if not found and any(map(is_scale, around.split())):
        return _unread(text, "STD466", f"'{around[:40]}' may multiply the amount")
    code = found[0] if len(found) == 1 else None
    value = f"{number} {code}" if code else number
    parts = {"amount": number, "currency": code}
    if value == text and not codes:
        return Outcome(value, "unchanged", parts=parts)
    if left and any(map(is_scale, left.split())):
        return _unread(text, "STD466", f"'{left[:40]}' may multiply the amount")
    doubtful = any(c in {"STD462", "STD463", "STD464"} for c in codes)
    status = "repaired" if doubtful or figure.code == "STD457" else "normalised"
    return Outcome(
        value, status, tuple(codes) or ("STD451",), message, parts,
        _OPEN if doubtful or len(found) > 1 else _LIKELY if figure.other else 1.0,
        found if len(found) > 1 else tuple(x for x in (figure.other,) if x),
    )  # fmt: skip


_OPEN = 0.7
"""The amount is sure, its currency is not."""
_LIKELY = 0.9
"""The region says which sign parts thousands; nothing else proves it."""


def _unread(text: str | None, code: str, why: str, alternatives: tuple[str, ...] = ()) -> Outcome:
    status = "ambiguous" if alternatives else "invalid"
    return Outcome(text, status, (code,), why, confidence=0.0, alternatives=alternatives)


def _split(plain: str, rules: RegionRules, decimal: str | None) -> tuple[bool, Figure, str]:
    """Return a sign that stands apart, the figure, and the text around it."""
    known = rules.code != "ZZ"
    bracket = _BRACKETED.fullmatch(plain)
    inner = bracket[1] if bracket else plain
    spaced = _closed(_spaced(inner))
    found = list(_NUMBER.finditer(spaced))
    if len(found) != 1:
        why = "holds several numbers" if found else ""
        return False, Figure(None, code="STD465" if found else "", why=why), inner
    body = found[0][0].strip()
    before, after = spaced[: found[0].start()], spaced[found[0].end() :]
    opened = body.startswith("(")
    sign = bool(bracket) or opened
    body = body.lstrip("(")
    before, after, scale = _size_apart(before, after, rules)
    before, after, apart = _sign_apart(before, after)
    around = " ".join(f"{before} {after.lstrip(')')}".split()).strip(" :;,")
    if scale is not None and scale.power is None:
        why = f"'{scale.word}' may multiply by several numbers"
        return False, Figure(None, code="STD466", why=why), around
    figure = read_figure(body, rules.number, known=known, money=True, decimal=decimal)
    if body.endswith(("-", "–")) and figure.number is None:
        figure = read_figure(
            body.rstrip("-– "), rules.number, known=known, money=True, decimal=decimal
        )
        sign = True
    if scale and scale.power:
        figure = settled(scaled(figure, scale.power), rules.number, decimal)
    figure, around = _of_minor_unit(figure, around, rules)
    return sign or apart, figure, around


def _size_apart(before: str, after: str, rules: RegionRules) -> tuple[str, str, Scale | None]:
    """Cut off the word for the size: behind the digits, or before them (`TEUR 5`, `Mio. € 5`)."""
    if len(read_currency(after.strip(), rules)) == 1:
        return before, after, None
    scale = read_scale(after, rules.languages, _codes())
    if scale is not None:
        return before, scale.rest, scale
    words = before.split()
    for at, word in enumerate(words):
        if len(word) > 2 and len(read_currency(word, rules)) != 1:
            scale = read_scale(word, rules.languages, _codes())
            if scale is not None and scale.rest.strip(".") == scale.rest:
                return " ".join([*words[:at], scale.rest, *words[at + 1 :]]), after, scale
    return before, after, None


def _of_minor_unit(figure: Figure, around: str, rules: RegionRules) -> tuple[Figure, str]:
    """Read `50p` and `50 bani` as a hundredth of the currency, where it is certain which."""
    if figure.number is None or len(read_currency(around, rules)) == 1:
        return figure, around
    units = minor_unit(around, rules.number.currency)
    if not units:
        return figure, around
    part = settled(scaled(figure, -2), rules.number, None)
    if len(units) == 1 and (units[0] == rules.number.currency or len(around) > len("ct.")):
        return replace(part, why=f"'{around}' is a hundredth of {units[0]}"), units[0]
    why = f"'{around}' may be a hundredth of {', '.join(units)}"
    return Figure(None, None, "STD466", why), around


def _closed(text: str) -> str:
    """Close `36. 24`, `12 € 50` and `500/-`, which write one amount with a gap or a flourish."""
    text = _GAP.sub(r"\1", text)
    text = _FLOURISH.sub("", text) if "/" in text else text
    return _SIGN_BETWEEN.sub(r"\1.\3 \2", text)


def _spaced(text: str) -> str:
    """Part letters and currency signs from the digits they touch: `RON12` → `RON 12`."""
    text = text.replace("،", ",").replace("⹁", ",")
    text = _WORD_POINT.sub(". ", text)
    text = _WORD_DIGIT.sub(" ", text)
    text = _DIGIT_WORD.sub(" ", text)
    return _OTHER_SIGN.sub(r" \1 ", text)


def _sign_apart(before: str, after: str) -> tuple[str, str, bool]:
    """Cut off a sign that stands apart from the digits, or a word for it."""
    said = _SAID_BEFORE.search(before) if len(before) >= _LEAST_SAID else None
    behind = _SAID_BEHIND.search(after) if len(after) >= _LEAST_SAID else None
    if said:
        return before[: said.start()] + before[said.end() :], after, True
    return (before, after[: behind.start()], True) if behind else _mark_apart(before, after)


def _mark_apart(before: str, after: str) -> tuple[str, str, bool]:
    lead = _MINUS_BEFORE.match(before) if before.strip() else None
    if lead and lead.end():
        return before[lead.end() :], after, True
    trail = _MINUS_BETWEEN.search(before)
    if trail and len(before.strip()) <= 6:
        return before[: trail.start()], after, True
    if _MINUS_BEHIND.fullmatch(after) and after.strip():
        return before, after.rstrip(" -−–"), True
    lead_after = _MINUS_CURRENCY.match(after)
    if lead_after:
        return before, after[lead_after.end() :], True
    if _CREDIT.fullmatch(after):
        return before, "", after.strip().casefold().startswith("c")
    return before, after, False


def _currency_in(around: str, rules: RegionRules) -> tuple[tuple[str, ...], str]:
    """Find the currency in the words around an amount; return it and what is left."""
    if not around:
        return (), ""
    whole = read_currency(around.replace(" ", ""), rules) or read_currency(around, rules)
    if whole:
        return whole, ""
    words = around.split()
    for at, word in enumerate(words):
        if len(words) > 1 and len(word) == 3 and word.upper() in _codes() and word.isupper():
            left = " ".join([*words[:at], *words[at + 1 :]])
            return (word,), "" if word in _may_mean(left) else left
    for size in range(min(3, len(words)), 0, -1):
        for start in range(len(words) - size + 1):
            piece = words[start : start + size]
            found = read_currency("".join(piece), rules) or read_currency(" ".join(piece), rules)
            if found:
                return found, " ".join([*words[:start], *words[start + size :]])
    parted = " ".join(re.split(r"[\s,;:/()]+", around)).strip()
    return _currency_in(parted, rules) if parted != around else ((), "")


def _may_mean(sign: str) -> tuple[str, ...]:
    """Return every currency that a sign or word beside a code may mean: `$ 5 CAD`, `50 lei RON`."""
    key = sign.casefold().replace(" ", "").rstrip(".")
    return (sign.upper(), *_SIGNS.get(key, _names().get(key, ())))


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(_data())


@lru_cache(maxsize=1)
def _names() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code, names in _data().items():
        for name in names:
            key = name.casefold()
            if code not in found.get(key, ()):
                found[key] = (*found.get(key, ()), code)
    return found


@lru_cache(maxsize=1)
def _data() -> Mapping[str, list[str]]:
    text = files("crmmigrate.values").joinpath("data", "currencies.json").read_text("utf-8")
    loaded: dict[str, list[str]] = json.loads(text)
    return loaded
