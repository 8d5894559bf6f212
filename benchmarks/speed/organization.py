"""Names of organizations beside cleanco, its terms prepared once as its documentation advises."""

import random
from collections.abc import Callable

import polars as pl
from cleanco import basename
from faker import Faker

from crmmigrate.model.semantic import SemanticType

KERNEL, PEER, TARGET = SemanticType.ORGANIZATION, "cleanco", 20

LOCALES = {
    "US": ("en_US", 16, "", "Inc|Inc.|LLC|L.L.C.|Corp|Corp.|Corporation|Co.|Company|LP|LLP|Ltd."),
    "GB": ("en_GB", 10, "", "Ltd|Ltd.|Limited|LTD|PLC|plc|LLP|(UK) Ltd|& Co. Ltd"),
    "RO": ("ro_RO", 10, "S.C. |SC ", "SRL|S.R.L.|S.A.|SA|srl|PFA|S.R.L|S. R. L.|SRL-D"),
    "DE": (
        "de_DE",
        10,
        "",
        "GmbH|GmbH & Co. KG|AG|KG|e.K.|mbH|UG (haftungsbeschränkt)|e.V.|GbR|OHG",
    ),
    "FR": ("fr_FR", 8, "SARL |SAS |SCI ", "SARL|SAS|SA|S.A.R.L.|EURL|SNC|S.A.S.|SASU"),
    "NO": ("no_NO", 8, "AS ", "AS|A/S|ASA|ANS|DA|ENK|as|NUF"),
    "TH": ("th_TH", 6, "บริษัท |บริษัท|หจก. |บจก. ", "จำกัด|จำกัด (มหาชน)|Co., Ltd.|Co.,Ltd."),
    "IT": ("it_IT", 4, "", "S.r.l.|SRL|S.p.A.|SPA|s.a.s.|S.n.c."),
    "ES": ("es_ES", 4, "", "S.L.|SL|S.A.|S.L.U.|SA"),
    "NL": ("nl_NL", 3, "", "B.V.|BV|N.V.|VOF"),
    "PL": ("pl_PL", 3, "", "Sp. z o.o.|sp. z o. o.|S.A.|Sp. j.|SP. Z O.O."),
    "CZ": ("cs_CZ", 2, "", "s.r.o.|a.s.|spol. s r.o.|s. r. o."),
    "SE": ("sv_SE", 2, "", "AB|HB|AB (publ)"),
    "FI": ("fi_FI", 2, "Oy ", "Oy|Oyj|Ky|Oy Ab"),
    "RU": ("ru_RU", 3, "ООО |АО |ПАО |ЗАО |ИП ", "ООО"),
    "JP": ("ja_JP", 3, "株式会社|有限会社|(株)", "株式会社|合同会社"),
    "BR": ("pt_BR", 3, "", "Ltda|Ltda.|S.A.|S/A|LTDA|EIRELI|ME"),
    "TR": ("tr_TR", 3, "", "A.Ş.|Ltd. Şti.|LTD. ŞTİ.|San. ve Tic. A.Ş."),
}
"""Region → locale of words, share, forms before a name, forms behind it."""

TRADES = [
    "Group",
    "Holding",
    "Logistics",
    "Consulting",
    "Trading",
    "Services",
    "Transport",
    "Construct",
    "Media",
    "Solutions",
    "Systems",
    "International",
    "Partners",
    "Industries",
    "Bank",
    "Energy",
    "Foods",
    "Hotel",
    "Auto",
    "Impex",
    "Technologies",
    "Design",
    "Studio",
]
ACRONYMS = [
    "IBM",
    "BMW",
    "ABB",
    "KPMG",
    "DHL",
    "NTT",
    "UBS",
    "HSBC",
    "RWE",
    "EDF",
    "BRD",
    "SKF",
    "TUI",
    "LG",
    "HP",
]
DIRT: tuple[Callable[[str], str], ...] = (
    lambda t: f" {t} ",
    lambda t: t.replace(" ", "  ", 1),
    lambda t: f"{t},",
    lambda t: f"„{t}”",
    lambda t: f'"{t}"',
    lambda t: f"{t} (old)",
    lambda t: f"{t} - do not use",
    lambda t: f"{t} / Attn. Billing",
    lambda t: f"{t}\u200b",
    lambda t: f"{t} info@example.com",
    lambda t: f"{t} t/a {t.split(' ')[0]} Shop",
    lambda t: t.encode().decode("cp1252", "replace"),
)


def make(count: int, rng: random.Random) -> pl.DataFrame:
    """Return names of 18 countries: a fifth without form, a sixth in capitals, 3 % dirty."""
    regions = list(LOCALES)
    shares = [LOCALES[region][1] for region in regions]
    words = {region: _words(LOCALES[region][0]) for region in regions}
    chosen = rng.choices(regions, shares, k=count)
    texts = [_name(region, words[region], rng) for region in chosen]
    return pl.DataFrame({"text": texts, "_region": chosen})


def _words(locale: str) -> tuple[list[str], list[str]]:
    """Return family names and places of a country."""
    faker = Faker(locale)
    faker.seed_instance(1)
    names = sorted({faker.last_name() for _ in range(3000)})
    places = sorted({faker.city() for _ in range(1500)})
    return names, places


def _name(region: str, words: tuple[list[str], list[str]], rng: random.Random) -> str:
    _, _, front, behind = LOCALES[region]
    text = _base(words, rng)
    kind = rng.random()
    if kind >= 0.2:
        before = front and rng.random() < (0.7 if region in {"RU", "TH", "JP"} else 0.3)
        if before:
            text = rng.choice(front.split("|")) + text
        if not before or region in {"RO", "TH"}:
            form = rng.choice(behind.split("|"))
            joint = rng.choices((" ", ", ", " ("), (90, 8, 2))[0]
            text = f"{text}{joint}{form}" + (")" if joint == " (" else "")
        if rng.random() < 0.02:
            text = f"{text} {rng.choice(words[1])}"
    case = rng.random()
    text = text.upper() if case < 0.16 else text.lower() if case < 0.19 else text
    return rng.choice(DIRT)(text) if rng.random() < 0.03 else text


def _base(words: tuple[list[str], list[str]], rng: random.Random) -> str:
    names, places = words
    name, other, place = rng.choice(names), rng.choice(names), rng.choice(places)
    trade, number = rng.choice(TRADES), rng.randrange(1, 3000)
    made = "".join(rng.choices(("ka", "lo", "ri", "nex", "ta", "vi", "sol", "mo", "ber"), k=4))
    return rng.choice(
        (
            f"{name} {trade}",
            f"{name} & {other}",
            f"{name} {other} {trade}",
            f"{made.title()}",
            f"{made.title()} {trade}",
            f"{place} {trade} {number}",
            f"{rng.choice(ACRONYMS)} {place} {trade}",
            f"{name}-{other}",
            f"{made.title()} {name} {place}",
            f"{trade} {name} and {other}",
        )
    )


def peer(text: str, region: str | None) -> object:
    """Cut off the legal form with cleanco."""
    del region
    return basename(text)
