"""Names of people of many regions beside nameparser, about one in ten dirty."""

import random

import polars as pl
from faker import Faker
from nameparser import HumanName

from crmmigrate.model.semantic import SemanticType

KERNEL, PEER, TARGET = SemanticType.PERSON_NAME, "nameparser", 30

LOCALES = [
    "en_US",
    "en_US",
    "en_US",
    "en_GB",
    "en_GB",
    "de_DE",
    "de_DE",
    "fr_FR",
    "fr_FR",
    "ro_RO",
    "ro_RO",
    "no_NO",
    "no_NO",
    "th_TH",
    "th_TH",
    "es_ES",
    "es_MX",
    "it_IT",
    "nl_NL",
    "pl_PL",
    "pt_BR",
    "sv_SE",
    "da_DK",
    "fi_FI",
    "cs_CZ",
    "hu_HU",
    "tr_TR",
    "el_GR",
    "ru_RU",
    "uk_UA",
    "bg_BG",
    "ja_JP",
    "zh_CN",
    "ko_KR",
    "vi_VN",
    "ar_EG",
    "he_IL",
    "en_IN",
]
TITLES = {
    "RO": ("Dl.", "Dna", "ing.", "Prof. dr."),
    "DE": ("Herr", "Frau", "Dr.", "Prof. Dr."),
    "FR": ("M.", "Mme", "Dr"),
    "NO": ("Hr.", "Fru", "Dr."),
    "TH": ("นาย", "นางสาว", "คุณ"),
    "ES": ("Sr.", "Sra.", "D."),
    "MX": ("Lic.", "Ing."),
    "IT": ("Dott.", "Avv."),
    "HU": ("Dr.",),
    "CZ": ("Ing.", "Mgr."),
}
SUFFIXES = ("Jr.", "Sr.", "III", "PhD", "MD", "MBA", "Esq.")
NOTES = ("(old contact)", "(do not call)", "- left company", "(CEO)", "ext. 12", "*VIP*")
PLACEHOLDERS = ("n/a", "test", "unknown", "-", "TBD", "Accounts payable")
JOINTS = {"RO": "și", "DE": "und", "FR": "et", "NO": "og", "ES": "y"}


class _Stock:
    """Given and family names of one locale, drawn once."""

    def __init__(self, locale: str) -> None:
        fake = Faker(locale)
        fake.seed_instance(1)
        self.region = locale.split("_")[1]
        self.given = sorted({fake.first_name() for _ in range(600)})
        self.family = sorted({fake.last_name() for _ in range(900)})
        self.family_first = self.region in {"HU", "JP", "CN", "KR", "VN"}


def make(count: int, rng: random.Random) -> pl.DataFrame:
    """Return distinct names of 35 locales in the spellings that exports hold."""
    stocks = {locale: _Stock(locale) for locale in dict.fromkeys(LOCALES)}
    rows: dict[tuple[str, str], None] = {}
    while len(rows) < count:
        stock = stocks[rng.choice(LOCALES)]
        rows[(_dirty if rng.random() < 0.1 else _name)(stock, rng), stock.region] = None
    return pl.DataFrame(list(rows), schema=["text", "_region"], orient="row")


def _plain(stock: _Stock, rng: random.Random) -> str:
    given, family = rng.choice(stock.given), rng.choice(stock.family)
    if stock.region in {"CN", "KR"} and given.isalpha():
        return family + given
    if rng.random() < 0.15:
        given = f"{given} {rng.choice(stock.given)}"
    elif rng.random() < 0.1 and given[0].isascii():
        given = f"{given} {rng.choice('ABCDEFGHJKLMNPRSTW')}."
    if stock.region in {"ES", "MX", "BR"} or rng.random() < 0.03:
        family = f"{family} {rng.choice(stock.family)}"
    elif rng.random() < 0.05:
        family = f"{family}-{rng.choice(stock.family)}"
    return f"{family} {given}" if stock.family_first else f"{given} {family}"


def _name(stock: _Stock, rng: random.Random) -> str:
    name, other = _plain(stock, rng), (rng.choice(stock.given), rng.choice(stock.family))
    title = rng.choice(TITLES.get(stock.region, ("Dr.", "Mr", "Mrs.", "Prof.")))
    spellings = {
        name: 50,
        name.upper(): 16,
        name.lower(): 10,
        f"{other[1]}, {other[0]}": 10,
        f"{other[1].upper()} {other[0]}": 3,
        f"{title}{'' if stock.region == 'TH' else ' '}{name}": 6,
        f"{name}{rng.choice((' ', ', '))}{rng.choice(SUFFIXES)}": 3,
        f"  {name.replace(' ', '  ')} ": 2,
    }
    return rng.choices(list(spellings), list(spellings.values()))[0]


def _dirty(stock: _Stock, rng: random.Random) -> str:
    name, given, family = _plain(stock, rng), rng.choice(stock.given), rng.choice(stock.family)
    joint = rng.choice(("&", "/", JOINTS.get(stock.region, "and")))
    form = rng.choice(("SRL", "GmbH", "Ltd", "Group", "AS", "Inc."))
    values = {
        f"{given} {joint} {name}": 35,
        f"{name} {rng.choice(NOTES)}": 25,
        f'{given} "{rng.choice(stock.given)}" {family}': 10,
        f"{family} {form}": 10,
        f"{given.lower()}.{rng.randrange(10**6)}@example.com": 8,
        f"{name} {rng.randrange(10**5, 10**9)}": 7,
        f"{rng.choice(PLACEHOLDERS)} {rng.choice(('', name))}".strip(): 5,
    }
    return rng.choices(list(values), list(values.values()))[0]


def peer(text: str, region: str | None) -> object:
    """Read one name with nameparser, which knows no regions."""
    del region
    name = HumanName(text)
    return name.title, name.first, name.middle, name.last, name.suffix, name.nickname
