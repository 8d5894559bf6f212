"""Phone numbers of all regions as an export of a CRM holds them, beside phonenumbers.

Two thirds are numbers in the usual spellings; the others have extensions, labels, notes, two
numbers, signs of spreadsheets, digits of other scripts, or are no numbers at all. `make` draws
from the metadata of phonenumbers itself, so every value is new.
"""

import random

import phonenumbers
import polars as pl
from phonenumbers import PhoneNumberFormat, re_util

from crmmigrate.model.semantic import SemanticType

KERNEL, PEER, TARGET = SemanticType.PHONE, "phonenumbers", 20
re_util.enable_pattern_cache()

_OFTEN = ("RO", "NO", "TH", "US", "GB", "DE", "FR")
_REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
_THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
_KINDS = (0, 1, 1, 1, 0, 3)
_LABELS = ("Tel: ", "Tel. ", "tel ", "Mob: ", "Mobile: ", "Tlf ", "โทร ", "T: ", "Fax: ", "Phone: ")
_NOTES = (" (work)", " (home)", " mobile", " (Maria)", " (mobil)", " office")
_MARKS = (" ext. ", " x", " ext ", " int. ", " ต่อ ", " доб. ", " DW ", " poste ", "#")
_BETWEEN = (" / ", "/", "; ", ", ", " or ", " sau ", "\n", " | ")
_NONE = (
    "n/a",
    "-",
    "none",
    "unknown",
    "0000000000",
    "4.07E+10",
    "see notes",
    "0722 XXX XXX",
    "TBD",
)

_WORDS = ("reception", "call", "Maria", "Popescu", "after", "ask", "hotel", "office", "new", "lost")


def make(count: int, rng: random.Random) -> pl.DataFrame:
    """Return numbers of all regions, half of them of seven, in many spellings."""
    rows = []
    for _ in range(count):
        region = rng.choice(_OFTEN if rng.random() < 0.5 else _REGIONS)
        rows.append((_cell(region, rng), region))
    schema = {"text": pl.String, "_region": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _number(region: str, rng: random.Random) -> phonenumbers.PhoneNumber:
    """Return an example number of the region with its last digits drawn anew."""
    example = phonenumbers.example_number_for_type(region, rng.choice(_KINDS))
    example = example or phonenumbers.example_number(region)
    nsn = phonenumbers.national_significant_number(example)
    drawn = min(6, len(nsn) - 2)
    text = nsn[:-drawn] + "".join(rng.choice("0123456789") for _ in range(drawn))
    return phonenumbers.parse(f"+{example.country_code}{text}", None)


def _spelled(region: str, rng: random.Random) -> str:
    number = _number(region, rng)
    styles = (PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.E164)
    national, international, e164 = (phonenumbers.format_number(number, s) for s in styles)
    spellings = {
        national: 6,
        international: 4,
        e164: 3,
        f"00{e164[1:]}": 2,
        national.replace(" ", rng.choice((".", "-", ""))): 2,
        "".join(filter(str.isdigit, national)): 2,
        e164[1:]: 1,
    }
    return rng.choices(list(spellings), list(spellings.values()))[0]


def _cell(region: str, rng: random.Random) -> str:
    text = _spelled(region, rng)
    cells = {
        text: 66,
        f"{text}{rng.choice(_MARKS)}{rng.randrange(1, 9999)}": 8,
        rng.choice(_LABELS) + text: 7,
        text + rng.choice(_NOTES): 4,
        text + rng.choice(_BETWEEN) + _spelled(region, rng): 4,
        f"'{text}": 1,
        text.translate(_THAI): 1,
        f"{rng.randrange(10**9, 10**11)}.0": 1,
        text[:-1]: 2,
        text + str(rng.randrange(10)): 2,
        rng.choice(_NONE): 2,
        f"{rng.choice(_WORDS)} {rng.choice(_WORDS)}": 1,
        f"{rng.choice(_WORDS)}{rng.randrange(1990, 2010)}@example.com": 0.4,
        f"{rng.choice(_WORDS)} {rng.randrange(1, 99)} {rng.choice(_WORDS)}": 0.4,
        f"{rng.randrange(1, 32)}.{rng.randrange(1, 13)}.{rng.randrange(1950, 2025)}": 0.2,
    }
    return rng.choices(list(cells), list(cells.values()))[0]


def peer(text: str, region: str | None) -> object:
    """Read one number with phonenumbers; None where it raises."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return (
        phonenumbers.format_number(number, PhoneNumberFormat.E164),
        phonenumbers.is_valid_number(number),
        phonenumbers.number_type(number),
    )
