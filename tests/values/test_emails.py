"""E-mail cells: the syntax of email-validator, and what stands around an address."""

import pytest

from crmmigrate.values.emails import normalize_email, read_email


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("ion@firma.ro", "ion@firma.ro", None),
        ("Ion.P@Firma.RO", "Ion.P@firma.ro", "STD151"),
        ("Ion <ion@firma.ro>", "ion@firma.ro", "STD153"),
        ("mailto:ION@Firma.RO", "ION@firma.ro", "STD153"),
        ("ion @ firma.ro", "ion@firma.ro", "STD153"),
        ("ion(at)firma.ro", "ion@firma.ro", "STD153"),
        ("E-mail: a.b@c.de", "a.b@c.de", "STD153"),
        ("ion@müller.de", "ion@müller.de", None),
        ("ion@gmial.com", "ion@gmial.com", "STD156"),
        ("ion@yahoo.con", "ion@yahoo.con", "STD156"),
        ("info@firma.ro", "info@firma.ro", "STD157"),
        ("a@mailinator.com", "a@mailinator.com", "STD158"),
    ],
)
def test_reads(text, value, code):
    reading = read_email(text)
    assert reading.value == value
    assert (code in reading.codes) if code else reading.codes == ()


@pytest.mark.parametrize(
    "text",
    [
        "n/a",
        "x",
        "none@none.com",
        "ion@firma,ro",
        "ion@firma",
        "www.firma.ro",
        ".a@b.de",
        "a" * 5000,
    ],
)
def test_refuses(text):
    assert read_email(text).value is None


def test_several_addresses():
    reading = read_email('"Ion, P" <ion@firma.ro>, "M" <m@firma.ro>')
    assert (reading.value, reading.alternatives) == ("ion@firma.ro", ("m@firma.ro",))
    assert read_email("a@b.de a@b.de").alternatives == ()


def test_slips_are_only_suggested():
    assert read_email("ion@firma,ro").alternatives == ("ion@firma.ro",)
    assert read_email("ion@gmial.com").alternatives == ("ion@gmail.com",)
    assert read_email("ion@mail.com").codes == ()


@pytest.mark.shared
def test_syntax_is_that_of_email_validator(shared_data):
    import csv

    path = shared_data / "standardize/email/email_validator_tests.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert normalize_email(row["input"]) == (row["normalized"] or None), row["input"]


@pytest.mark.parametrize(
    ("text", "value", "status", "message"),
    [
        ("Ion Popescu <ion@firma.ro>", "ion@firma.ro", "repaired", "named 'Ion Popescu'"),
        ("ion@firma.ro <ion@firma.ro>", "ion@firma.ro", "repaired", None),
        ("ion@firma.ro#mailto:ion@firma.ro#", "ion@firma.ro", "repaired", None),
        ("ion@firma.ro (work)", "ion@firma.ro", "repaired", "the cell also says '(work)'"),
        ("ion (at) firma dot ro", "ion@firma.ro", "repaired", None),
        ("ion at firma dot ro", "ion@firma.ro", "repaired", None),
        ("Ion Popescu ion.popescu@firma.ro", "ion.popescu@firma.ro", "repaired", "the cell also says 'Ion Popescu'"),
        ("a@b.de or c@d.de", "a@b.de", "split", None),
        ("1) a@b.de 2) c@d.de", "a@b.de", "split", None),
        ("a@b.de; c@d", "a@b.de", "repaired", "'c@d' in the cell is no address"),
        ("ion popescu@firma.ro", "popescu@firma.ro", "ambiguous", "the cell also says 'ion'"),
    ],
)  # fmt: skip
def test_what_stands_around_is_told(text, value, status, message):
    reading = read_email(text)
    assert (reading.value, reading.status, reading.message) == (value, status, message)


def test_a_lone_word_before_the_address_is_offered_as_part_of_it():
    reading = read_email("ion popescu@firma.ro")
    assert reading.alternatives[:2] == ("ion.popescu@firma.ro", "ionpopescu@firma.ro")
    assert reading.codes == ("STD153", "STD159")


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("sales at acme.com", "sales@acme.com"),
        ("ion@@firma.ro", "ion@firma.ro"),
        ("ion@firma..ro", "ion@firma.ro"),
        ("io n@firma", None),
    ],
)
def test_what_may_be_a_sentence_or_a_slip_is_kept(text, suggested):
    reading = read_email(text)
    assert (reading.value, reading.status) == (None, "invalid")
    assert reading.alternatives == ((suggested,) if suggested else ())


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        ("gmail.co", "gmail.com"),
        ("gmail.ro", "gmail.com"),
        ("hotmal.com", "hotmail.com"),
        ("outlokk.com", "outlook.com"),
        ("aol.con", "aol.com"),
        ("firma.cmo", "firma.com"),
        ("aon.com", None),
        ("yahoo.se", None),
        ("hotmail.it", None),
        ("mail.com", None),
        ("bmw.de", None),
        ("firma.co", None),
    ],
)
def test_typing_errors_of_big_providers(domain, meant):
    reading = read_email(f"ion@{domain}")
    assert reading.value == f"ion@{domain}"
    assert reading.alternatives == ((f"ion@{meant}",) if meant else ())


def test_a_suggestion_is_no_further_address_of_a_split_cell():
    reading = read_email("ion@gmial.com; maria@firma.ro")
    assert reading.alternatives == ("maria@firma.ro",)
    assert reading.message == "perhaps ion@gmail.com"


@pytest.mark.parametrize(
    ("text", "role", "provider"),
    [
        ("ion@firma.ro", False, "other"),
        ("ion@gmail.com", False, "free"),
        ("Vertrieb@firma.de", True, "other"),
        ("info@gmx.de", True, "free"),
        ("ion@mailinator.com", False, "disposable"),
    ],
)
def test_parts(text, role, provider):
    reading = read_email(text)
    assert (reading.role, reading.provider) == (role, provider)
    assert reading.domain == text.rpartition("@")[2]


@pytest.mark.parametrize(
    "text",
    "noemail@firma.ro test@test.ro no@no.no aaa@aaa.com NA@unknown.org x@x.com asdf@asdf.net keine@keine.de".split(),
)
def test_addresses_that_say_there_is_none(text):
    assert read_email(text).codes == ("STD155",)


@pytest.mark.parametrize(
    "text", ["test@firma.ro", "none@gmail.com", "na@firma.ro", "me@example.com"]
)
def test_mailboxes_that_may_be_real_are_kept(text):
    assert read_email(text).value == text


@pytest.mark.parametrize("sign", [",", ";"])
def test_a_comma_before_the_address_may_be_meant_as_a_dot(sign):
    reading = read_email(f"ion{sign}popescu@firma.ro")
    assert (reading.value, reading.status) == ("popescu@firma.ro", "ambiguous")
    assert reading.alternatives == ("ion.popescu@firma.ro",)
    assert "STD159" in reading.codes
    assert read_email("Popescu,ion.popescu@firma.ro").status == "repaired"
    assert read_email("Popescu, ion@firma.ro").status == "repaired"
