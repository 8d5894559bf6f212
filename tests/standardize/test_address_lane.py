"""The vectorised lane of addresses says what the scalar function says, for every region it reads."""

import random

import polars as pl
import pytest

from crmmigrate.model.semantic import PARTS, SemanticType
from crmmigrate.standardize.address_lane import read_plain_addresses
from crmmigrate.standardize.address_signed import SELDOM, read_signed_texts
from crmmigrate.standardize.addresses import standardize_addresses
from crmmigrate.values.address_patterns import plain_of
from crmmigrate.values.address_validity import validity
from crmmigrate.values.addresses import read_address

NAMES = [
    "Horea", "Unirii", "Victor Hugo", "Saint-Denis", "O'Brien", "Ion I. C. Brătianu", "King", "Sankt Hans",
    "Goethe", "Karl Johans", "de la Paz", "Lima", "Östra", "Nørre", "Łódzka", "St. Louis", "Oak Park", "JFK",
]  # fmt: skip
TOWNS = [
    "Springfield", "Cluj-Napoca", "Bucuresti", "Oslo", "München", "Saint-Étienne", "L'Aquila", "New York", "Roma",
    "Brescia", "St. Ives", "Frankfurt am Main", "Kristiania", "A Coruña", "Żywiec", "OSLO", "iasi", "Satu Mare",
]  # fmt: skip
CODES = {
    "RO": ["400114", "010101"], "NO": ["0154"], "US": ["62704", "60601-1234"], "GB": ["SW1A 1AA", "ox14bj"],
    "DE": ["80331", "01067"], "FR": ["75011"], "CA": ["K1A 0B1", "h2s3l5"], "IT": ["00184"], "ES": ["28013"],
    "NL": ["1012 AB", "1012ab"], "PL": ["00-950"], "SE": ["114 55", "11455"], "DK": ["2100"], "CZ": ["110 00"],
    "BR": ["01310-200"], "IN": ["560001"], "AU": ["2000"], "CH": ["8001"], "PT": ["1100-148"], "HU": ["1051"],
    "TH": ["10110"], "JP": ["100-0005"], "MX": ["06000"],
}  # fmt: skip
PATTERNS = [
    "{s} {n}, {c} {t}", "{n} {s}, {t}, {p} {c}", "{n} {s}\n{t}\n{c}", "{s} nr. {n} bl. 5 ap. 7, {t}, {c}",
    "{n}, {s} {c} {t}", "{s} {n}\n{c} {t}, {l}", "{s}, {n} - Centro, {t} - SP, {c}", "{n} {s} {t} {p} {c}",
    "Flat 2b, {n} {s}, {t}, {c}", "{s} {n} {c}-{t}", "{s} {n} ap. 3 ap. 3, {c} {t}", "{s}, {t}, {c}",
    "{n} {s} Apt. 4B, {t} {p} {c}", "{s}  {n} , {c}  {t} ", "{s} {n}, {c} {t} ({p})", "{n} {s}, {t}-{c}, {l}",
    "{s} {n}, {c} {t}, {w}", "{s} {n}, {t}, {w} {c}", "{s}, {n}, Vila 2ª Seção, {c} {t} / {p}",
    "{n} ถนนสีลม แขวงสีลม {th}", "{n} ถ.สีลม {th} 10110", "{n} ถนนสีลม ต.บางรัก อ.สีลม {th}, {l}",
]  # fmt: skip
TYPES = [
    "Strada {}", "str. {}", "Bd. {}", "{} Street", "{} St.", "N {} Ave NW", "{}straße", "{}str.", "{} gt.", "rue {}",
    "Via {}", "Calle {}", "ul. {}", "{}", "Av. {}", "{}gata", "{} Rd", "R. {}", "{} utca",
]  # fmt: skip


def _address(rng, region):
    text = rng.choice(PATTERNS).format(
        s=rng.choice(TYPES).format(rng.choice(NAMES)),
        n=rng.choice(["5", "12B", "4-6", "99/1", "7 a", "010", "12345"]),
        c=rng.choice(CODES[region]), t=rng.choice(TOWNS), p=rng.choice(["IL", "NY", "QC", "NSW", "BS", "RM", "SP"]),
        w=rng.choice(["jud. Cluj", "Colima", "Jal.", "Roma", "Nowhere", "Sevilla", "Putumayo"]),
        th=rng.choice(["ตาก", "จ.ตาก", "บางรัก", "บางรัก กรุงเทพมหานคร", "กรุงเทพฯ"]),
        l=rng.choice(["Romania", "Deutschland", "USA", "UK", "Norge", "FR", "Nowhere"]),
    )  # fmt: skip
    return rng.choice([text, text, text, text.upper(), text.lower()])


@pytest.fixture(scope="module")
def mixed():
    rng = random.Random(7)
    rows = [(_address(rng, region), region) for region in CODES for _ in range(150)]
    return pl.DataFrame(rows, schema=["text", "_region"], orient="row").unique(maintain_order=True)


def test_both_lanes_say_the_same(book, mixed):
    table = standardize_addresses(mixed, book, {})
    for (text, region), row in zip(mixed.rows(), table.iter_rows(named=True), strict=True):
        told = read_address({"text": text}, region, book.get)
        parts = {part: row[part] for part in PARTS[SemanticType.POSTAL_ADDRESS][:-1] if row[part]}
        assert row["validity"] == validity(told.codes), (text, region)
        assert parts == {part: said for part, said in told.parts.items() if said}, (text, region)
        assert (row["value"], row["status"], tuple(row["codes"]), row["message"], row["confidence"]) == (
            told.value, told.status, told.codes, told.message, told.confidence,
        ), (text, region)  # fmt: skip


def test_the_lane_reads_much_of_it(book, mixed):
    done = list(read_plain_addresses(mixed.with_row_index("_at"), book))
    assert sum(rows.len() for rows, _ in done) > 250


def test_plans_say_the_same(book, mixed):
    """Each address often enough for a plan, a third of them with other numbers."""
    others = mixed.with_columns(pl.col("text").str.replace("5", "8", literal=True))
    rows = pl.concat([mixed, mixed, others] * 6).with_row_index("_at")
    taken, seen = 0, set()
    for places, table in read_signed_texts(rows, book):
        taken += places.len()
        for at, row in zip(places, table.iter_rows(named=True), strict=True):
            _, text, region = rows.row(at)
            if (text, region) in seen:
                continue
            seen.add((text, region))
            told = read_address({"text": text}, region, book.get)
            parts = {
                part: row[part] for part in PARTS[SemanticType.POSTAL_ADDRESS][:-1] if row[part]
            }
            assert row["validity"] == validity(told.codes), (text, region)
            assert parts == {part: said for part, said in told.parts.items() if said}, (
                text,
                region,
            )
            assert (row["value"], row["status"], tuple(row["codes"]), row["message"], row["confidence"]) == (
                told.value, told.status, told.codes, told.message, told.confidence,
            ), (text, region)  # fmt: skip
    assert taken > rows.height / 2


@pytest.mark.parametrize(
    ("region", "texts", "least"),
    [
        ("MX", [f"Calle {a} {n}, {b} {c}, 06{n} Mérida" for n in (101, 207) for a in ("Luna", "Chile", "Gabón")
                for b in ("Nueva", "Vieja") for c in ("Lesotho", "Fiji", "Roca", "Jordania")], 40),
        ("CA", [f"{n} {s} Road, {t}, QC {c}" for n in (12, 57) for s in ("Smith", "Young", "Baker", "Nash")
                for t in ("Tadoussac", "Sept-Saints") for c in ("H2S3L5", "h2s 3l5", "K1A 0B1")], 40),
        ("HR", [f"{s} {n}{a}, 10000 {t}" for n in (1, 7, 28) for a in ("", "a", "C")
                for s in ("Javorovac", "Remetska", "Opatička") for t in ("Sinj", "Glina")], 40),
    ],
)  # fmt: skip
def test_countries_postcodes_and_letters_share_plans(book, region, texts, least):
    rows = pl.DataFrame({"text": texts * 3, "_region": region}).with_row_index("_at")
    taken = 0
    for places, table in read_signed_texts(rows, book, SELDOM):
        taken += places.len()
        for at, row in zip(places, table.iter_rows(named=True), strict=True):
            told = read_address({"text": texts[at % len(texts)]}, region, book.get)
            assert (row["value"], tuple(row["codes"])) == (told.value, told.codes)
    assert taken / 3 >= least


EASTERN = {
    "JP": ["{p}{t}{s}{n}丁目{n}番{m}号{u}", "{p}{t}{s}{n}-{m}{u}", "100-0005 {p}{t}{s}{n}-{m}{u}"],
    "TW": ["100{t}{r}{n}段{m}號{u}", "{t}{r}{n}巷{m}弄{n}號{u}", "{t}{r}{m}號之{n}{u}"],
    "KR": ["{p} {t} {r} {n}-{m} ({q})", "{p} {t} {r} {n} {q} {m}호", "{p} {t} {r} {m} ({q}) {q}"],
}  # fmt: skip
WORDS = {
    "JP": {"p": ["東京都", "神奈川県", "北海道"], "t": ["港区", "横浜市西区", "印旛郡印旛村", "町田市"], "s": ["芝公園", "三島", "函館"],
           "u": ["", " 四番町クレスト12", "東京ビル5階", " 館山ハイツ1号室"]},
    "TW": {"t": ["台北市信義區", "新竹", "南投縣埔里鎮", "彰化縣田中鎮"], "r": ["中山路", "三民路", "奇岩大道"], "u": ["", "6樓", " 大安大樓3樓"]},
    "KR": {"p": ["경기도", "세종특별자치시", "울산광역시"], "t": ["수원시 영통구", "동대문구", "부여군"], "r": ["논현로", "가락11길", "서초대거리"],
           "q": ["역삼동", "영희김읍", "한빛층", "호"]},
}  # fmt: skip


@pytest.mark.parametrize("region", sorted(EASTERN))
def test_eastern_plans_say_the_same(book, region):
    rng = random.Random(3)
    texts = [
        rng.choice(EASTERN[region]).format(
            n=rng.choice(["1", "12"]), m=rng.choice(["3", "45"]),
            **{sign: rng.choice(words) for sign, words in WORDS[region].items()},
        )
        for _ in range(1000)
    ]  # fmt: skip
    rows = pl.DataFrame({"text": texts, "_region": region}).with_row_index("_at")
    taken = 0
    for places, table in read_signed_texts(rows, book, SELDOM):
        taken += places.len()
        for at, row in zip(places, table.iter_rows(named=True), strict=True):
            told = read_address({"text": texts[at]}, region, book.get)
            parts = {p: row[p] for p in PARTS[SemanticType.POSTAL_ADDRESS][:-1] if row[p]}
            assert parts == {p: said for p, said in told.parts.items() if said}, texts[at]
            assert (row["value"], tuple(row["codes"])) == (told.value, told.codes), texts[at]
    assert taken > 100


def test_a_country_that_ends_the_address_is_still_read(book):
    texts = [
        f"Calle Luna {n}, 06{n} Mérida, {c}"
        for n in range(101, 140)
        for c in ("Chile", "Fiji", "Roca")
    ]
    table = standardize_addresses(pl.DataFrame({"text": texts, "_region": "MX"}), book, {})
    told = [read_address({"text": text}, "MX", book.get).parts.get("country") for text in texts]
    assert table["country"].to_list() == told
    assert told[:3] == ["CL", "FJ", None]


@pytest.mark.parametrize("region", sorted(CODES.keys() - {"JP"}))
def test_every_region_that_writes_small_to_large_has_patterns(book, region):
    assert plain_of(book.get(region)) is not None


def test_french_addresses_take_the_lane(book):
    texts = ["70, avenue de Dubois, 17101 Martel", "5 rue Victor Hugo\n75011 Paris"]
    rows = pl.DataFrame({"text": texts, "_region": "FR"}).with_row_index("_at")
    assert sum(at.len() for at, _ in read_plain_addresses(rows, book)) == len(texts)


@pytest.mark.parametrize(
    ("text", "region", "parts"),
    [
        ("Rua Augusta 45 Consolação 01310200 São Paulo / SP", "BR",
         {"dependent_locality": "Consolação", "locality": "São Paulo"}),
        ("Rua Aurora, 4, Vila Real 2ª Seção, 01310-200 Campos / SP", "BR",
         {"dependent_locality": "Vila Real 2ª Seção", "locality": "Campos"}),
        ("Calle Luna 5 int. 3, Colima, COL 28000", "MX",
         {"region": "Colima", "locality": "Colima", "postal_code": "28000"}),
        ("Str. Horea 5, 400174 Turda, jud. Cluj", "RO", {"region": "Cluj", "locality": "Turda"}),
        ("3 ถนนสีลม แขวงสีลม เขตบางรัก กรุงเทพมหานคร", "TH",
         {"locality": "เขตบางรัก", "dependent_locality": "แขวงสีลม", "postal_code": None}),
        ("12 ถนนสีลม ต.ท่างิ้ว จ.ตาก 63000", "TH", {"locality": None, "region": "ตาก"}),
        ("Avenida Yucatán 5, 06000 Mérida", "MX", {"street": "Avenida Yucatán"}),
        ("12 ถนนสีลม ต.ท่างิ้ว อ.เถิน ลำพูน 51000", "TH", {"region": "ลำพูน"}),
        ("12 ถนนสีลม บ้านเขว้า ชัยภูมิ 36170", "TH",
         {"locality": "บ้านเขว้า", "dependent_locality": None}),
    ],
)  # fmt: skip
def test_provinces_quarters_and_missing_levels_take_the_lane(book, text, region, parts):
    rows = pl.DataFrame({"_at": [0], "text": [text], "_region": [region]})
    [(_, read)] = read_plain_addresses(rows, book)
    told = read_address({"text": text}, region, book.get)
    row = read.row(0, named=True)
    assert {part: row[part] for part in parts} == parts
    assert {part: told.parts.get(part) for part in parts} == parts
    assert (row["value"], row["status"], tuple(row["codes"]), row["message"]) == (
        told.value, told.status, told.codes, told.message,
    )  # fmt: skip


def test_what_is_not_text_alone_goes_the_other_way(book):
    frame = pl.DataFrame(
        {
            "text": ["Strada Horea 3, 400174 Cluj-Napoca", None, None],
            "locality": ["Iași", "Iași", None],
            "_region": ["RO", "RO", "RO"],
        }
    )
    table = standardize_addresses(frame, book, {})
    assert table["locality"].to_list() == ["Iași", "Iași", None]
    assert "STD306" in table["codes"][0]


@pytest.mark.parametrize(
    ("text", "region", "status"),
    [
        ("Strada Horea 3, 400174 Cluj-Napoca", "RO", "valid"),
        ("Strada Horea 3, Cluj-Napoca", "RO", "incomplete"),
        ("12 Main St, Springfield, IL 90210", "US", "inconsistent"),
        ("Storgata 5, 155 Oslo", "NO", "plausible"),
        ("same as above", "RO", "not_an_address"),
    ],
)
def test_an_address_has_one_status(book, text, region, status):
    frame = pl.DataFrame({"text": [text], "_region": [region]})
    assert standardize_addresses(frame, book, {})["validity"].to_list() == [status]


def test_a_postcode_of_another_province_is_told_with_its_province(book):
    frame = pl.DataFrame({"text": ["12 Main St, Springfield, IL 90210"], "_region": ["US"]})
    row = standardize_addresses(frame, book, {}).row(0, named=True)
    assert row["message"] == "90210 is a postcode of CA, not of IL"
    assert (row["region"], row["postal_code"]) == ("IL", "90210")


def test_a_verifier_has_the_last_word_if_there_is_one(book):
    frame = pl.DataFrame(
        {"text": ["Strada Horea 3, 400174 Cluj-Napoca"] * 2, "_region": ["RO", "RO"]}
    )
    asked = []

    def verify(parts):
        asked.append(parts)
        return pl.Series(["inconsistent", None])

    table = standardize_addresses(frame, book, {"verifier": verify})
    assert table["validity"].to_list() == ["inconsistent", "valid"]
    assert asked[0]["_region"].to_list() == ["RO", "RO"]
