"""The vectorised lanes of names, organizations and web addresses say what the scalar readings say."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.config.regions import load_region_book
from crmmigrate.standardize.name_lane import read_plain_names
from crmmigrate.standardize.organization_lane import read_plain_organizations
from crmmigrate.standardize.urls import standardize_urls
from crmmigrate.values.legal_forms import form_book
from crmmigrate.values.name_words import name_words
from crmmigrate.values.names import read_name
from crmmigrate.values.organizations import read_organization
from crmmigrate.values.urls import read_url


@pytest.fixture(scope="module")
def book():
    return load_region_book()


def written(parts, joint=" "):
    """Texts of one to six parts in three casings."""
    casing = st.sampled_from([str, str, str.upper, str.lower])
    words = st.lists(st.sampled_from(parts), min_size=1, max_size=6)
    return st.builds(lambda ws, case: case(joint.join(ws)), words, casing)


NAME_WORDS = (
    "Ana Ion Maria Élodie Jean-Paul Müller Österreich O'Neill O’Brien McDonald Mac Macovei D'Angelo De de van "
    "Van der la Los bin Abdul y e J. A. S. D. B. Popescu, Ionescu Dr Dr. Prof. Mr Frau Sir Don dl ing ing. Jr Jr. "
    "III PhD MD Ma Do Iv Rl Sa Srl Ltd Bank Group and und și & / test Test nan n/a unknown Ştefan Straße IJssel "
    "ijsbrand İbrahim Işık ilhan Иван Петров ИВАНОВА สมชาย ใจดี นายสมชาย ดร. คุณ 王小明 Luis José de-la 1 ' \" (Bob) "
    "X Ng Li N'Golo d'Arc Mary-Ann nAnA MacArthur"
).split()
REGIONS = ["RO", "US", "GB", "DE", "FR", "NL", "TR", "ES", "HU", "VN", "TH", "NO", "BR", "JP", None]


@settings(max_examples=60, deadline=None)
@given(st.lists(written(NAME_WORDS), min_size=30, max_size=30), st.sampled_from(REGIONS))
def test_names(book, texts, region):
    words = name_words(region, book.get(region).name)
    frame = pl.DataFrame({"text": texts}).with_row_index("_at")
    for row in frame.join(read_plain_names(frame, words), on="_at").iter_rows(named=True):
        reading = read_name(row["text"], words)
        told = [row[part] or "" for part in ("prefix", "given", "middle", "family")]
        name = reading.name
        assert [row["value"], row["status"], *row["codes"], *told] == [
            *(reading.value, reading.status, *reading.codes),
            *(name.prefix, name.given, name.middle, name.family),
        ]
        assert (name.suffix, name.nickname) == ("", "")


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("Ana Popescu", "RO"),
        ("JEAN-PAUL MÜLLER", "DE"),
        ("ludwig van beethoven", "DE"),
        ("Juan Pérez Gómez", "MX"),
        ("Mary J. Smith", "US"),
        ("Dr. Ana Maria Popescu", "RO"),
        ("Popescu, Ana", "RO"),
        ("Nguyễn Văn An", "VN"),
        ("Nagy Anna Mária", "HU"),
        ("สมชาย ใจดี", "TH"),
        ("Иван Петров", "RU"),
        ("Sean O'Neill", "IE"),
    ],
)
def test_common_names_take_the_lane(book, text, region):
    frame = pl.DataFrame({"_at": [0], "text": [text]})
    assert read_plain_names(frame, name_words(region, book.get(region).name)).height == 1


FIRM_WORDS = (
    "SC S.C. Sc Firma AS As SRL Srl S.R.L. S.r.l. Sp. z o.o. Co & Co. Co., KG GmbH Ltd Ltd. Ltd., Limited Inc "
    "Inc. Oy Ab AB Acme, Acme Nord Ö3 L'Oréal A/S ApS d.o.o. s.r.o. Bros. SA S.A. de C.V. PT Pty mbH und Company "
    "Group Foo ÅSE N.V. Holding e.V. von der e.K. Straße LLC PLC VON ООО Рога и Копыта จำกัด บริษัท 株式会社 (Pty) "
    'Łódź Ægir İzmir A.Ş. Ltda SpA S.p.A. 7-Eleven AT&T test n/a - Europe me UK NL (Ltd) "Acme «Рога Копыта» „Nord '
    "Est” (株)ABC 株式会社日本 日本有限公司 X,Inc. t/a J. Mr www.a.ro a@b.ro Sociedad Anónima of the Bank OÜ ou O'NEIL bmw"
).split()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(written(FIRM_WORDS), min_size=30, max_size=30),
    st.sampled_from(["RO", "DE", "US", "GB", "NO", "FI", "PL", "CZ", "MX", "AU", "TR", "TH", None]),
)
def test_organizations(book, texts, region):
    rules = book.get(region).legal_forms
    forms = form_book(region, rules)
    frame = pl.DataFrame({"text": texts}).with_row_index("_at")
    plain = frame.join(read_plain_organizations(frame, region, rules), on="_at")
    for row in plain.iter_rows(named=True):
        reading = read_organization(row["text"], forms)
        told = [row[part] or "" for part in ("base_name", "legal_form", "legal_form_code")]
        name = reading.name
        assert [row["value"], row["status"], row["confidence"], *row["codes"], *told] == [
            *(reading.value, reading.status, reading.confidence, *reading.codes),
            *(name.base_name, name.legal_form, name.legal_form_code),
        ]


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
    frame = pl.DataFrame({"_at": [0], "text": [text]})
    rules = book.get(region).legal_forms
    assert read_plain_organizations(frame, region, rules).height == 1


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
