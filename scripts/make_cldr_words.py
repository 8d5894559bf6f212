"""Generate crmmigrate/values/data/*.json from babel's CLDR (Unicode-3.0).

Country names, language names, month, weekday and era words, currency symbols: what the scalar
functions look up. The files are compact and sorted, so that an update shows as a small difference.
"""

import json
import re
from collections import defaultdict
from pathlib import Path

from babel import Locale, localedata
from babel.core import get_global
from ruamel.yaml import YAML

from crmmigrate.values.folding import fold
from crmmigrate.values.outcome import tidy

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "crmmigrate" / "values" / "data"
NOT_COUNTRIES = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"})

MAJOR = (
    "en fr de es it pt nl sv da nb nn fi is pl cs sk hu ro bg ru uk be el tr sr hr sl mk sq et lv lt"
    " ar he fa ur hi bn ta te th vi id ms ja ko zh zh_Hant ca eu gl ga cy mt ka hy az kk uz mn km lo"
    " my ne si ml kn gu mr pa sw af am fil bs sr_Latn uz_Cyrl"
).split()
"""Languages whose names win when a name means two countries."""


def write(name: str, content: object) -> None:
    """Write one data file, one top-level key a line."""
    if isinstance(content, dict):
        rows = [
            f"{json.dumps(k, ensure_ascii=False)}:{json.dumps(v, ensure_ascii=False, separators=(',', ':'))}"
            for k, v in sorted(content.items())
        ]
        text = "{\n" + ",\n".join(rows) + "\n}\n"
    else:
        text = json.dumps(content, ensure_ascii=False) + "\n"
    (TARGET / name).write_text(text, encoding="utf-8")


def locales() -> list[Locale]:
    """Return every language, and script variants, without regional variants."""
    found = []
    for name in localedata.locale_identifiers():
        locale = Locale.parse(name)
        if locale.territory is None and locale.variant is None:
            found.append(locale)
    major = {name: rank for rank, name in enumerate(MAJOR)}
    return sorted(found, key=lambda x: (major.get(str(x), 999), str(x)))


def variants() -> list[Locale]:
    """Return what `locales` leaves out: names as one country or one orthography has them."""
    found = map(Locale.parse, localedata.locale_identifiers())
    return sorted((x for x in found if x.territory or x.variant), key=str)


def countries() -> dict[str, list[str]]:
    """Return {code: [folded names]} of all languages, and {'': conflicts} kept apart."""
    meanings: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for locale in locales() + variants():
        for code, written in locale.territories.items():
            name = fold(tidy(written))
            if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES and name:
                spoken = locale.language if locale.territory or locale.variant else str(locale)
                if spoken not in meanings[name][code]:
                    meanings[name][code].append(spoken)
    names: dict[str, list[str]] = defaultdict(list)
    clashes: dict[str, dict[str, str]] = {}
    for name, codes in meanings.items():
        if len(codes) > 1:
            clashes[name] = {code: " ".join(langs) for code, langs in codes.items()}
        else:
            names[next(iter(codes))].append(name)
    write("country_clashes.json", clashes)
    aliases = YAML(typ="safe").load(TARGET / "country_aliases.yaml")
    for code, others in aliases.items():
        names[code] += [name for name in map(fold, others) if name not in names[code]]
    return {code: sorted(found) for code, found in names.items()}


def iso_codes() -> dict[str, list[str]]:
    """Return {alpha-2: [alpha-3, numeric]} of ISO 3166-1."""
    aliases = get_global("territory_aliases")
    found: dict[str, list[str]] = defaultdict(lambda: ["", ""])
    for alias, codes in aliases.items():
        if len(codes) != 1:
            continue
        if re.fullmatch(r"[A-Z]{3}", alias):
            found[codes[0]][0] = found[codes[0]][0] or alias
        elif re.fullmatch(r"\d{3}", alias):
            found[codes[0]][1] = found[codes[0]][1] or alias
    return dict(found)


def languages() -> dict[str, list[str]]:
    """Return {language code: [folded names]} in all languages, first come first served."""
    seen: dict[str, str] = {}
    names: dict[str, list[str]] = defaultdict(list)
    known = {code for locale in locales()[:1] for code in locale.languages if "_" not in code}
    for locale in locales():
        for code, name in locale.languages.items():
            key = fold(name)
            if (
                code in known
                and key
                and seen.setdefault(key, code) == code
                and key not in names[code]
            ):
                names[code].append(key)
    return {code: sorted(found) for code, found in names.items()}


def spoken() -> dict[str, list[Locale]]:
    """Return every language with its regional variants, the plain language first."""
    found: dict[str, list[Locale]] = {str(locale): [locale] for locale in locales()}
    for name in sorted(localedata.locale_identifiers()):
        locale = Locale.parse(name)
        if locale.territory is not None and locale.variant is None:
            base = "_".join(part for part in (locale.language, locale.script) if part)
            found.setdefault(base, []).append(locale)
    return found


def regions_of(name: str, variants: list[Locale]) -> list[str]:
    """Return where a language is written: by its likely region and by its variants."""
    likely = get_global("likely_subtags").get(name, "").split("_")[-1]
    found = {str(locale.territory) for locale in variants if locale.territory} | {likely}
    return sorted(code for code in found if len(code) == 2)


def calendar_words() -> dict[str, dict[str, object]]:
    """Return month, weekday and day-period words of each language, and of variants that differ."""
    result: dict[str, dict[str, object]] = {}
    for name, variants in spoken().items():
        base = words_of(variants[0])
        if not base["months"]:
            continue
        result[name] = base | {"regions": regions_of(name, variants)}
        for locale in variants[1:]:
            own = words_of(locale)
            fresh = {k: n for k, n in own["months"].items() if base["months"].get(k) != n}
            days = sorted(set(own["days"]) - set(base["days"]))
            if fresh or days:
                result[str(locale)] = {
                    "months": fresh, "days": days, "fillers": [], "periods": {}, "regions": [],
                }  # fmt: skip
    return result


def words_of(locale: Locale) -> dict[str, dict[str, int] | list[str]]:
    """Return the words of one locale."""
    months: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, word in locale.months[context][width].items():
                key = fold(word)
                if key and not key.isdigit() and not re.fullmatch(r"m ?\d+", key):
                    months.setdefault(key, number)
    days = {
        fold(word)
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated", "short")
        for word in locale.days[context].get(width, {}).values()
    }
    periods = {
        fold(locale.day_periods[context][width][half]): half
        for context in locale.day_periods
        for width in locale.day_periods[context]
        for half in ("am", "pm")
        if half in locale.day_periods[context][width]
    }
    patterns = [locale.date_formats[style].pattern for style in ("medium", "long", "full")]
    patterns += [str(value) for value in locale.datetime_formats.values()]
    fillers = {
        fold(word) for pattern in patterns for word in re.findall(r"'([^']+)'", str(pattern))
    }
    fillers |= {
        fold(word) for p in patterns[:3] for word in re.findall(r"[^\W\dA-Za-z_]+", p, re.UNICODE)
    }
    return {
        "months": months,
        "days": sorted(days - {""}),
        "fillers": sorted({x for f in fillers for x in (f, *f.split())} - {""}),
        "periods": {k: v for k, v in sorted(periods.items()) if k},
    }


def currencies() -> dict[str, list[str]]:
    """Return {currency: [symbols and names]}; ambiguous signs come with several codes."""
    found: dict[str, set[str]] = defaultdict(set)
    english = Locale.parse("en")
    for locale in locales():
        for code, symbol in locale.currency_symbols.items():
            if code in english.currencies and symbol != code and len(symbol) <= 12:
                found[code].add(symbol.replace("\u200f", "").replace("\xa0", " ").strip())
        if str(locale) in MAJOR:
            for code, name in locale.currencies.items():
                if code in english.currencies:
                    found[code].add(fold(name))
            for code, forms in locale._data["currency_names_plural"].items():  # noqa: SLF001 - babel has no other way
                if code in english.currencies:
                    found[code].update(fold(form) for form in forms.values())
    return {code: sorted(found.get(code, ())) for code in english.currencies}


def main() -> None:
    """Write all data files."""
    TARGET.mkdir(exist_ok=True)
    write("country_names.json", countries())
    write("country_codes.json", iso_codes())
    write("language_names.json", languages())
    write("calendar_words.json", calendar_words())
    write("currencies.json", currencies())


if __name__ == "__main__":
    main()
