"""The vectorised lane of e-mail cells says what the scalar reading says, and what the library says."""

import importlib.util
import sys

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.standardize.email_lane import read_column
from crmmigrate.standardize.emails import read_rest, standardize_emails
from crmmigrate.values.emails import read_email


def kernel(texts, book):
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    rows = standardize_emails(frame.with_columns(_region=pl.lit(None, pl.String)), book, {})
    assert rows.height == len(texts)
    return rows.iter_rows(named=True)


def agree(texts, read=read_rest):
    """Compare what the loops say of texts, however few, with the scalar reading."""
    rows = read_column(pl.Series("text", texts, dtype=pl.String), read).iter_rows(named=True)
    for text, row in zip(texts, rows, strict=True):
        if not text.strip():
            assert (row["value"], row["status"]) == (None, "unchanged")
            continue
        reading = read_email(text)
        value = text if reading.value is None else reading.value
        assert (row["value"], row["status"], row["codes"]) == (
            *(value, reading.status),
            list(reading.codes),
        ), text
        assert (row["message"], row["confidence"], row["alternatives"]) == (
            *(reading.message, reading.confidence),
            list(reading.alternatives),
        ), text
        found = reading.value is not None
        role = ("true" if reading.role else "false") if found else None
        assert (row["domain"], row["role"], row["provider"], row["valid"]) == (
            *(reading.domain, role, reading.provider),
            "true" if found else "false",
        ), text


MAILBOXES = (
    "ion ION ion.popescu info Info SALES noreply webmaster test none noemail a x1 o'neil 'ion ștefan джон 山田 jörg+x a_b-c "
    "ion..p .ion ion. i%p /x popescu no-reply"
).split()
DOMAINS = [
    *(
        "firma.ro FIRMA.ro gmail.com gmial.com gmail.ro yahoo.con firma.con mailinator.com müller.de MÜLLER.DE xn--mller-kva.de "
        "test.com none.com a.b.c.co.uk example.test ab--c.de x--y.de firma firma,ro firma..ro -a.de a.1 gmail.com. почта.рф localhost"
    ).split(),
    *("a" * 63 + ".ro", "b" * 64 + ".ro"),
]
AROUND = [
    *(    "{} mailto:{} {}; <{}> {}. E-mail:{} {}?subject=x 'Ion'<{}> [{}] ({}) {}#mailto:{}# {},{} work:{} «{}» {}\u00a0").split(" "),
    '"Popescu, Ion" <{}>', "Ion Popescu <{}>", "Ștefan <{}>", "{} ({})", "{}; {}", "{} / {}", "{},{}", "ion {}", "Ion Ionescu {}",
    "ion,{}", "Ion;{}", "ion, {}", "ion,pop,{}", "{} (work)", "{} <{}>", "{} and {}", "{} ", " {}", "Ion [{}]", "tel 0722 {}", "{}/{}",
]  # fmt: skip

addresses = st.builds("{}@{}".format, st.sampled_from(MAILBOXES), st.sampled_from(DOMAINS))


@st.composite
def cells(draw):
    shape = draw(st.sampled_from(AROUND))
    text = shape.format(*(draw(addresses) for _ in range(shape.count("{}"))))
    change = draw(st.sampled_from(["", "", "", "at", "blank", "upper", "none"]))
    if change == "at":
        return text.replace("@", " (at) ")
    if change == "blank":
        return text.replace("@", " @ ")
    return {"": text, "upper": text.upper(), "none": text.replace("@", "")}[change]


@settings(max_examples=150, deadline=None)
@given(st.lists(cells(), min_size=20, max_size=20))
def test_lanes_agree(texts):
    agree(texts)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40).filter(lambda t: "\x1f" not in t), min_size=5, max_size=5))
def test_lanes_agree_on_any_text(texts):
    agree(texts)


@pytest.mark.parametrize(
    "text",
    [
        "ion.popescu@firma.ro",
        "Ion@Gmail.COM",
        "info@firma.ro",
        "ion@gmial.com",
        "ion@mailinator.com",
        "Ion Popescu <ion@firma.ro>",
        "mailto:ion@firma.ro",
        "ion @ firma.ro",
        "ion@firma.ro; maria@firma.ro",
        "ștefan@firma.ro",
        "ion@müller.de",
        "see website",
        "ion.firma.ro",
        "ion popescu@firma.ro",
        "popescu@firma..ro",
        "popescu@",
        "popescu@firma,ro",
        "popescu@firma-groupro",
        "ion _popescu@firma.ro",
        "popescu@firma.ro (work)",
    ],
)
def test_common_cells_take_the_lane(text):
    def refuse(texts):
        assert texts.to_list() == []
        return read_rest(texts)

    agree([text], refuse)


@pytest.fixture(scope="module")
def random_emails(repository):
    path = repository / "benchmarks/random_emails.py"
    spec = importlib.util.spec_from_file_location("random_emails", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["random_emails"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", [1, 20261125])
def test_random_addresses_are_read_as_the_library_reads_them(random_emails, seed):
    assert list(random_emails.differences(3_000, seed)) == []


def test_the_random_addresses_are_of_both_kinds(random_emails):
    import random

    rng = random.Random(3)
    answers = [
        random_emails.library_answer(random_emails.random_address(rng))[0] for _ in range(999)
    ]
    assert 200 < sum(answer is not None for answer in answers) < 600


HUGE = ["a@b.ro " * 150_000, "@" * 1_000_000, "a" * 1_000_000, "<" * 50_000 + "@", "\x00@\x00", "\u202eion@firma.ro", "💌@💌.ws"]  # fmt: skip


def test_no_cell_is_too_odd(book):
    rows = list(kernel(HUGE, book))
    assert [row["value"] is not None for row in rows] == [True] * len(HUGE)
    assert rows[0]["status"] == "invalid"
    agree([text for text in HUGE if "\x00" not in text])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text("abX01._+-@, '", min_size=1, max_size=14).map(str.strip), min_size=9, max_size=9
    )
)
def test_lanes_agree_on_slips(texts):
    agree(texts)


PIECES = [
    *"ion info Ion @ @ @ firma.ro none < > [ ] ( ) ; , / . : = ? ' - -- at or mail ș “ X Gmail.com e-mail".split(),
    *('"', " ", " ", "\u00a0", "\t", "ion@firma.ro", "maria.x@gmial.com", "zoë@müller.de", "Info@Gmail.con", "x_y@a-b.co.uk"),
]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from(PIECES), min_size=1, max_size=7).map("".join),
        min_size=20,
        max_size=20,
    )
)
def test_lanes_agree_on_pieces_in_any_order(texts):
    agree(texts)


def test_large_columns_take_the_loops(book, monkeypatch):
    texts = [f"ion{number}@Firma.ro" for number in range(3_000)]
    monkeypatch.setattr("crmmigrate.standardize.emails.read_email", None)
    rows = list(kernel([*texts, None], book))
    assert [row["value"] for row in rows] == [*(text.lower() for text in texts), None]
    assert {row["status"] for row in rows[:-1]} == {"normalised"}
