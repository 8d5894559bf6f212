"""The vectorised lanes of names, organizations and web addresses say what the scalar readings say."""

from itertools import product

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from crmmigrate.config.regions import load_region_book
from crmmigrate.model.semantic import PARTS as PARTS_OF
from crmmigrate.model.semantic import SemanticType
from crmmigrate.standardize import name_lane, names, organizations
from crmmigrate.standardize.name_lane import read_shapes
from crmmigrate.standardize.name_turns import EVIDENCE
from crmmigrate.standardize.names import read_by_place, standardize_names
from crmmigrate.standardize.organization_lane import read_plain_organizations
from crmmigrate.standardize.organizations import standardize_organizations
from crmmigrate.standardize.outcomes import outcome_frame
from crmmigrate.standardize.urls import standardize_urls
from crmmigrate.values.legal_forms import form_book
from crmmigrate.values.name_words import name_words
from crmmigrate.values.names import read_name, read_parts
from crmmigrate.values.organizations import read_organization
from crmmigrate.values.outcome import BLANK
from crmmigrate.values.urls import read_url


@pytest.fixture(scope="module")
def book():
    return load_region_book()


def written(parts, joint=" "):
    """Texts of one to six parts in three casings."""
    casing = st.sampled_from([str, str, str.upper, str.lower])
    words = st.lists(st.sampled_from(parts), min_size=1, max_size=6)
    return st.builds(lambda ws, case: case(joint.join(ws)), words, casing)


@pytest.fixture(autouse=True, scope="module")
def rare_shapes():
    """Let shapes take the lane that only one name has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(name_lane, "FEW", 1)
        patch.setattr(names, "LEAST_ROWS", 0)
        yield


NAME_WORDS = (
    "Ana Ion Maria Élodie Jean-Paul Müller Österreich O'Neill O’Brien McDonald Mac Macovei D'Angelo De de van "
    "Van der la Los bin Abdul y e J. A. S. D. B. Popescu, Ionescu Dr Dr. Prof. Mr Frau Sir Don dl ing ing. Jr Jr. "
    "III PhD MD Ma Do Iv Rl Sa Srl Ltd Bank Group and und și & / test Test nan n/a unknown Ştefan Straße IJssel "
    "ijsbrand İbrahim Işık ilhan Иван Петров ИВАНОВА สมชาย ใจดี นายสมชาย ดร. คุณ 王小明 Luis José de-la 1 ' \" (Bob) "
    "X Ng Li N'Golo d'Arc Mary-Ann nAnA MacArthur u. U. CEO - ; c/o Söhne Familie med. h.c. Graf AS von zu Mr.Ion Eheleute Smith Smith-Pop Kovács Иванова "
    "S/O Dott.ssa adm.dir. Peter Andrei Kari Hansen Popescu Kumar ณ นายแพทย์สมชาย"
).split()
NAME_SCHEMA = {"text": pl.String, "_region": pl.String}
REGIONS = ["RO", "US", "GB", "DE", "FR", "NL", "TR", "ES", "HU", "VN", "TH", "NO", "BR", "JP", None]


PARTS = PARTS_OF[SemanticType.PERSON_NAME]


def told(row, name):
    """What a row of a kernel says, to be compared with a scalar reading."""
    return (
        row["value"], row["status"], tuple(row["codes"]), row["message"], row["confidence"],
        tuple(row["alternatives"]), *(row[part] or "" for part in name.__slots__),
    )  # fmt: skip


def read(reading):
    return (
        reading.value, reading.status, reading.codes, reading.message, reading.confidence,
        reading.alternatives, *(getattr(reading.name, part) for part in reading.name.__slots__),
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(written(NAME_WORDS), min_size=30, max_size=30), st.sampled_from(REGIONS))
def test_names(book, texts, region):
    words = name_words(region, book.get(region).name)
    frame = pl.DataFrame({"text": texts, "_region": [region] * len(texts)}, NAME_SCHEMA)
    rows = standardize_names(frame, book, {}).iter_rows(named=True)
    for row, text in zip(rows, texts, strict=True):
        reading = read_name(text, words)
        assert told(row, reading.name) == read(reading), text


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("ANA Ana", "FR"),
        ("MARY-ANN Mary-Ann,[x]", "BE"),
        ("A-B van", "CN"),
        ("นางสาว Ana", "CN"),
        ("田中さん", "UA"),
        ("J.-P. McX & Ana B.", "US"),
        ("s a--b", "PT"),
        ("ᲐᲜᲐ III", "PT"),
        ("ma-Srl Ana", "US"),
        ("Ionescu, Ana Y.", "US"),
        ("Y. Ana Ion", "CN"),
        ("ใจดี 様", "DE"),
        ("s ' N'Golo Luis d' iv", "IL"),
        ("( )", "RO"),
        ("valentine k. bouvet", "FR"),
        ("Kovács Anna", "US"),
        ("Иванова Анна", "RU"),
        ("KOVÁCS ANNA & Bob Smith", "US"),
        ("Kovács Anna, Anna", "US"),
        ("ÖZTÜRK IŞIL", "TR"),
        ("_ สมชาย y. Söhne Luis", "BR"),
        ("Y. SA", "GB"),
        ("Popescu Ion Andrei", "RO"),
        ("popescu i.", "RO"),
        ("Popescu I.", "IN"),
        ("Hansen Kari Anne", "NO"),
        ("Hansen og Kari Anne", "NO"),
        ("Hansen Kari og Ola", "NO"),
        ("POPESCU ION-ANDREI MARIA", "RO"),
        ("García José María", "ES"),
        ("Smith-Pop Ana Maria", "RO"),
        ("de Ana Maria", "FR"),
        ("S/O Ram Kumar", "IN"),
        ("Ravi s/o Ram", "IN"),
        ("Kovács Anna Éva", "US"),
    ],
)
def test_odd_names(book, text, region):
    words = name_words(region, book.get(region).name)
    frame = pl.DataFrame({"text": [text], "_region": [region]})
    row = standardize_names(frame, book, {}).row(0, named=True)
    reading = read_name(text, words)
    assert told(row, reading.name) == read(reading)


@pytest.mark.parametrize(
    "parts", [("X Srl 123", "A-B"), ("Գ van", 'élodie "bob-ijssel -a'), ("İbo", "mcx, a")]
)
def test_odd_names_in_two_columns(book, parts):
    words = name_words("JP", book.get("JP").name)
    frame = pl.DataFrame(
        [(*parts, None, "JP")], ["given", "family", "text", "_region"], orient="row"
    )
    row = standardize_names(frame.cast(pl.String), book, {}).row(0, named=True)
    reading = read_parts(dict(zip(("given", "family"), parts, strict=True)), words)
    assert told(row, reading.name) == read(reading)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(written(NAME_WORDS), written(NAME_WORDS)), min_size=20, max_size=20),
    st.sampled_from(REGIONS),
)
def test_names_in_two_columns(book, names, region):
    words = name_words(region, book.get(region).name)
    frame = pl.DataFrame(names, schema=["given", "family"], orient="row").with_columns(
        text=pl.lit(None, pl.String), _region=pl.lit(region, pl.String)
    )
    rows = standardize_names(frame, book, {}).iter_rows(named=True)
    for row, (given_name, family) in zip(rows, names, strict=True):
        reading = read_parts({"given": given_name, "family": family}, words)
        assert told(row, reading.name) == read(reading), (given_name, family)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("Ana Popescu", "RO"),
        ("JEAN-PAUL MÜLLER", "DE"),
        ("ludwig van beethoven", "DE"),
        ("Juan Pérez Gómez", "MX"),
        ("Mary J. Smith Jr.", "US"),
        ("Prof. Dr. Ana Maria Popescu", "RO"),
        ("Popescu, Ana", "RO"),
        ("Ion & Maria Popescu", "RO"),
        ('Robert "Bob" Smith', "US"),
        ("Nguyễn Văn An", "VN"),
        ("Nagy Anna Mária", "HU"),
        ("นายสมชาย ใจดี", "TH"),
        ("王小明", "CN"),
        ("김철수", "KR"),
        ("佐藤 太郎", "JP"),
        ("Иван Петров", "RU"),
        ("ΓΕΩΡΓΙΟΣ ΠΑΠΑΔΟΠΟΥΛΟΣ", "GR"),
        ("ILKAY YILDIRIM", "TR"),
        ("Sean O'Neill", "IE"),
        ("محمد بن سلمان", "SA"),
    ],
)
def test_common_names_take_the_lane(book, text, region):
    words = name_words(region, book.get(region).name)
    frame = pl.DataFrame({"text": [text], "habit": [0]}, {"text": pl.String, "habit": pl.UInt32})
    assert read_shapes(frame, [words], read_by_place, PARTS).done.all()


def test_each_shape_is_read_once(book):
    texts = [f"{a}a {b}a" for a in "Bab Cod Dag Fun".split() for b in "Gag Han Jog".split()]
    seen = []

    def reader(text, words, sure):
        seen.append((text, sure))
        return read_by_place(text, words, sure)

    words = name_words("US", book.get("US").name)
    frame = pl.DataFrame({"text": texts}).with_columns(habit=pl.lit(0, pl.UInt32))
    read_shapes(frame, [words], reader, PARTS)
    assert len({text for text, _ in seen}) == 1
    assert len(set(seen)) == len(seen) <= len(EVIDENCE)


FIRM_WORDS = (
    "SC.ALFA.SRL SARL SCI EURL บริษัทสยามจำกัด 山田(株) Întreprinderea Individuală SC S.C. Sc Firma AS As SRL Srl S.R.L. S.r.l. Sp. z o.o. Co & Co. Co., KG GmbH Ltd Ltd. Ltd., Limited Inc "
    "Inc. Oy Ab AB Acme, Acme Nord Ö3 L'Oréal A/S ApS d.o.o. s.r.o. Bros. SA S.A. de C.V. PT Pty mbH und Company "
    "Group Foo ÅSE N.V. Holding e.V. von der e.K. Straße LLC PLC VON ООО Рога и Копыта จำกัด บริษัท 株式会社 (Pty) "
    'Łódź Ægir İzmir A.Ş. Ltda SpA S.p.A. 7-Eleven AT&T test n/a - Europe me UK NL (Ltd) "Acme «Рога Копыта» „Nord '
    "Est” (株)ABC 株式会社日本 日本有限公司 X,Inc. t/a J. Mr www.a.ro a@b.ro Sociedad Anónima of the Bank OÜ ou O'NEIL bmw "
    "Bank National Trust Credit Union Branch Sucursala avd. BANK trading Trading (trading as as: as:Joe doing business "
    "do de DA van (Nord) (Moscow.) Attn. К. St. / + and o.o. o Co,Inc Bank,Ltd info@a.ro I II, Ii (VI) ii "
    "élan ŠKODA, d'Été Łódź-Żory ΜΕΤΑΞΑΣ Σ σ ŉa ª1 Ǆ é- 'ø ß ßÖ í SØR şti İı İI Жук-ЖУК а-б ñ’ñ và "
    "u. U. und KG, (konkurs) i.L. i. L. GmbH+Co.KG + (formerly Inc.) in Liquidation konkurs Société Anonyme Comercială （株）山田"
).split()


def plain_organizations(book, texts, region):
    regions = pl.Series([region] * len(texts), dtype=pl.String)
    plain = read_plain_organizations(pl.Series(texts, dtype=pl.String), regions, book)
    parts = PARTS_OF[SemanticType.ORGANIZATION]
    rows = plain.completed(outcome_frame([BLANK] * (~plain.done).sum(), parts))
    return rows.with_columns(done=plain.done)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(written(FIRM_WORDS), min_size=30, max_size=30),
    st.sampled_from([*"RO DE US GB NO FI PL CZ MX AU TR TH FR JP LT".split(), None]),
)
@example(["Nord II Inc.", "NORD II, SRL", "Nord Ii SRL", "Nord II", "Nord I SRL"], "RO")
@example(["Nord II Inc.", "NORD II, SRL", "Nord Ii SRL", "Nord II", "Nord I SRL"], None)
@example(
    [
        "Nord AG (old)",
        "De AG (x)",
        "De AG 7-Eleven NL (x)",
        "Nord, AG (x)",
        "NORD AG (A B)",
        "AG (x)",
        "Nord AG i. L.",
    ],
    "DE",
)
@example(
    [
        "SC Nord SA (old)",
        "SC.ALFA.SRL (x)",
        "SC Nord S. R. L.",
        "Nord Est SA (Sud SA)",
        "NORD S. A. (x)",
    ],
    "RO",
)
@example(["SC.ALFA.SRL NORD 山田(株)", "СЕВЕР, ООО", "„NORD EST” SRL"], "RO")
@example(
    ["Nord GmbH und Co. KG", "Est u. Co KG", "Nord GmbH+Co.KG", "A GmbH & Co. KG u. Co. KG"], "DE"
)
@example(
    ["Nord AS (konkurs)", "Nord AG i.L.", "Est SA in Liquidation", "Nord Inc. (formerly Est Inc.)"],
    "NO",
)
@example(["Nord AG (Est)", "Nord AG (Est", "Nord PLC i. L.", "Nord A.S. under konkurs"], None)
@example(["SARL SARL A/S Oy", "Acme GmbH Bank Co,Inc", "Nord (Moscow.) do Est"], "DE")
def test_organizations(book, texts, region):
    forms = form_book(region, book.get(region).legal_forms)
    column = pl.Series("text", texts)
    plain = plain_organizations(book, texts, region).with_columns(column).filter("done")
    for row in plain.iter_rows(named=True):
        reading = read_organization(row["text"], forms)
        told = [row[part] or "" for part in ("base_name", "legal_form", "legal_form_code")]
        name = reading.name
        said = (row["status"], row["message"], row["confidence"])
        assert [row["value"], *said, *row["codes"], *told] == [
            *(reading.value, reading.status, reading.message, reading.confidence, *reading.codes),
            *(name.base_name, name.legal_form, name.legal_form_code),
        ]


@pytest.mark.parametrize(
    "shape", ["{0} GMBH", "{0} gmbh {1}", "SC {0} SRL", "{1} {0} and Sons Ltd."]
)
@pytest.mark.parametrize("size", [300, 5_000, 200_000])
def test_organizations_with_words_without_end(book, shape, size):
    letters = ("A", "ß", "ŉ", "Ж", "ǰ")  # Some take more bytes in another case.
    texts = [shape.format(letter * size, letter.lower() * 7) for letter in letters] * 3
    forms = form_book("DE", book.get("DE").legal_forms)
    column = pl.Series("text", texts)
    plain = plain_organizations(book, texts, "DE").with_columns(column)
    for row in plain.filter("done").iter_rows(named=True):
        assert row["value"] == read_organization(row["text"], forms).value, row["text"][:40]


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("Nord Wind GmbH", "DE"),
        ("Acme, Inc.", "US"),
        ("Alfa Beta S.R.L.", "RO"),
        ("Foo GmbH & Co. KG", "DE"),
        ("Coffee House", "GB"),
        ("Nordlys AS", "NO"),
    ],
)
def test_common_organizations_take_the_lane(book, text, region):
    assert plain_organizations(book, [text], region)["done"].to_list() == [True]


SCHEMES = st.sampled_from(["", "http://", "https://", "HTTPS://", "ftp://", "http:/", "www."])
HOSTS = st.sampled_from(
    [
        "a.ro",
        "Ex-ample.CO.uk",
        "x_y.com",
        "test.com",
        "test",
        "1.2.3.4",
        "ö.de",
        "xn--a.de",
        "xn--mnchen-3ya.de",
        "b.pdf",
    ]
)
PATHS = st.sampled_from(
    [
        "",
        "/",
        "//",
        "/a/B",
        "/a.",
        "/a b",
        "/%20",
        "/a/../b",
        "/./",
        "/a.PDF",
        ":80",
        ":8080/x",
        "#top",
    ]
)
QUERIES = st.sampled_from(
    ["", "?", "?a=1", "?a=1&b", "?utm_source=x", "?a=1&GCLID=2", "?a&&b", "."]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds("{}{}{}{}".format, SCHEMES, HOSTS, PATHS, QUERIES), min_size=1))
def test_web_addresses(book, texts):
    schema = {"text": pl.String, "_region": pl.String}
    frame = pl.DataFrame({"text": texts, "_region": [None] * len(texts)}, schema=schema)
    for row, text in zip(
        standardize_urls(frame, book, {}).iter_rows(named=True), texts, strict=True
    ):
        reading = read_url(text)
        value = text if reading.value is None else reading.value
        assert (row["value"], row["status"], row["codes"], row["alternatives"]) == (
            *(value, reading.status, list(reading.codes), list(reading.alternatives)),
        )


def test_a_form_in_the_middle_of_a_column_without_capitals(book):
    rows = plain_organizations(book, ["Acme GmbH Berlin"], "DE").filter("done")
    assert rows["value"].to_list() == ["Acme GmbH Berlin"]


@pytest.mark.parametrize("texts", [["x" * 5000], ["@"], [",", ";"], [None], []])
def test_columns_without_a_plain_organization(book, texts):
    schema = {"text": pl.String, "_region": pl.String}
    frame = pl.DataFrame({"text": texts, "_region": ["RO"] * len(texts)}, schema=schema)
    assert standardize_organizations(frame, book, {}).height == len(texts)
    assert not plain_organizations(book, texts, "RO")["done"].any()


def test_a_column_of_many_regions_is_read_as_one(book, monkeypatch):
    texts = [
        "ALFA BETA SRL",
        "alfa beta srl",
        "Alfa, Gmbh",
        None,
        "x" * 300,
        "İLK ŞİRKET A.Ş.",
        "a@b.ro",
    ]
    rows = [(text, region) for text in texts for region in ("RO", "TR", "DE", None)]
    schema = {"text": pl.String, "_region": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    by_one = standardize_organizations(frame, book, {})
    monkeypatch.setattr(organizations, "LEAST_ROWS", 0)
    assert_frame_equal(standardize_organizations(frame, book, {}), by_one)


def test_more_words_and_shapes_than_the_first_table_holds(book):
    letters = "bcdfghjklmnp"
    words = ["".join(w) + "a" for w in product(letters, repeat=4)]
    texts = [f"{a} {b} SRL" for a, b in zip(words[::2], words[1::2], strict=True)]
    texts += [f"Alfa \u201e{word}\u00df{word} Bank\u201d" for word in words[:9000]]
    plain = plain_organizations(book, texts, "RO")
    assert plain["base_name"].head(3).to_list() == ["bbbba bbbca", "bbbda bbbfa", "bbbga bbbha"]
    last = len(words) // 2 - 1
    assert plain["value"][last] == texts[last]
