"""Cards without a server: lines, fields, and that what is not meant stays as it is."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.adapters.carddav.cards import Card
from crmmigrate.adapters.carddav.fields import card_fields, settle, write_fields
from crmmigrate.adapters.carddav.lines import (
    clean_text,
    escape,
    join_parts,
    read_lines,
    split_parts,
    unescape,
)
from crmmigrate.adapters.carddav.target import _with_streets

FIELDS = card_fields(["X-TAX-ID"])
FOREIGN = """\
BEGIN:VCARD
VERSION:3.0
PRODID:-//Apple Inc.//macOS 14//EN
N:Ionescu;Maria;;Dr.;
FN:Dr. Maria Ionescu
ORG:Beta\\, SRL;Sales;North
item1.TEL;type=pref:+40 21 1
item1.X-ABLabel:_$!<Main>!$_
TEL;type=CELL;type=VOICE:+40 722 2
TEL;type=WORK;type=VOICE:+40 21 3
TEL;TYPE="work,fax":+40 21 4
TEL;HOME:+40 21 5
EMAIL;type=INTERNET;type=HOME:maria@home.example
EMAIL;type=INTERNET;type=WORK;type=pref:maria@beta.example
item2.ADR;type=HOME:;;Strada Lungă 12;Iași;;700001;România
ADR;TYPE=work:;ap. 4;12 Main St;Boston;MA;02101;US
BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29
X-SOCIALPROFILE;type=twitter;x-user=mi:http\\://twitter.com/mi
X-ODD;P="a;b:c":v\\,w;x
no property at all
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ
CATEGORIES:Clients,Big\\, old
NOTE:one\\ntwo\\;three
   and a folded line
REV:2020-01-01T00:00:00Z
UID:URN:UUID:ABCDEF00-0000-4000-8000-000000000001
END:VCARD
"""


def card(text=FOREIGN):
    return Card.of(text.replace("\n", "\r\n"))


def read(card, *names):
    return tuple(FIELDS[name].read(card) for name in names)


def test_a_foreign_card_is_read():
    maria = card()
    assert maria.uid == "abcdef00-0000-4000-8000-000000000001"
    assert read(maria, "kind", "name", "name_given", "name_family", "name_prefix") == (
        *("individual", "Dr. Maria Ionescu", "Maria", "Ionescu", "Dr."),
    )
    assert read(maria, "company", "department") == ("Beta, SRL", "Sales")
    phones = read(maria, "phone", "mobile", "home_phone", "fax", "other_phone")
    assert phones == ("+40 21 1", "+40 722 2", "+40 21 5", "+40 21 4", "+40 21 3")
    assert read(maria, "email", "other_email") == ("maria@beta.example", "maria@home.example")
    assert read(maria, "home_address_street_name", "home_address_house_number") == (
        *("Strada Lungă", "12"),
    )
    assert read(maria, "address_street_name", "address_house_number") == ("Main St", "12")
    assert read(maria, "birthday", "categories") == ("--02-29", "Clients, Big, old")
    assert read(maria, "note") == ("one\ntwo;three  and a folded line",)
    rest = FIELDS["other_properties"].read(maria).split("\n")
    assert [line.partition(":")[0] for line in rest] == [
        *(
            "item1.X-ABLabel",
            "X-SOCIALPROFILE;type=twitter;x-user=mi",
            'X-ODD;P="a;b',
        ),
        "no property at all",
    ]


WRITABLE = sorted(n for n in FIELDS if not FIELDS[n].column.read_only)
VALUES = {
    "gender": ("M", None),
    "kind": ("org",),
    "name": ("Ana, x; y\nz",),
    "birthday": ("1999-12-31", None),
    "anniversary": ("1999-12-31", None),
    "photo": (b"\x00\xff", None),
    **{n: ("17 B",) for n in WRITABLE if n.endswith("house_number")},
    **{n: ("Nowa",) for n in WRITABLE if n.endswith("street_name")},
}


@pytest.mark.parametrize("name", WRITABLE)
def test_writing_one_field_leaves_all_others(name):
    for value in VALUES.get(name, ("Ana, x; y\nz", None)):
        maria = card()
        before = {n: f.read(maria) for n, f in FIELDS.items()}
        raw = {line.raw for line in maria.lines}
        FIELDS[name].write(maria, value)
        again = Card.of(maria.text)
        after = {n: f.read(again) for n, f in FIELDS.items()}
        expected = {"17 B": ("17 B", None), "Nowa": ("Nowa",)}.get(value, (value,))
        if name == "categories":
            expected = ("Ana, x; y\nz", None)
        assert after[name] in expected, (name, after[name])
        address = next((a for a in ("home_", "other_") if name.startswith(a)), "")
        kin = {f"{address}address_{p}" for p in ("street", "street_name", "house_number")}
        changed = {n for n in FIELDS if before[n] != after[n]} - {name}
        assert not changed - (kin if "address" in name else set()), changed
        assert len(raw - {line.raw for line in again.lines}) <= 2


def test_clearing_the_first_of_two_leaves_the_second_where_it_was():
    maria = card()
    FIELDS["phone"].write(maria, None)
    FIELDS["email"].write(maria, None)
    again = Card.of(maria.text)
    assert read(again, "phone", "other_phone") == (None, "+40 21 3")
    assert read(again, "email", "other_email") == (None, "maria@home.example")


def test_a_name_without_parts_is_kept_as_one():
    cher = Card.new("u", "k")
    FIELDS["name"].write(cher, "Cher, Ltd")
    settle(cher, "")
    assert cher.said("N").startswith("Cher, Ltd")
    assert read(cher, "name_family", "name") == (None, "Cher, Ltd")
    FIELDS["name"].write(cher, "Cher II")
    settle(cher, "Cher, Ltd")
    assert read(Card.of(cher.text), "name_family", "name") == (None, "Cher II")


def test_a_company_has_its_name_where_programs_look_for_it():
    firm = Card.new("u", "k")
    FIELDS["kind"].write(firm, "org")
    FIELDS["name"].write(firm, "Beta; SRL")
    settle(firm, "")
    assert "ORG:Beta\\; SRL" in firm.text
    assert "X-ABSHOWAS:COMPANY" in firm.text
    FIELDS["name"].write(firm, "Gamma")
    settle(firm, "Beta; SRL")
    assert "ORG:Gamma" in firm.text
    assert card("BEGIN:VCARD\nX-ABShowAs:COMPANY\nEND:VCARD").kind == "org"


@given(
    st.sampled_from(["111 Street NW", "Avenida das Americanas 12", "Lungă", "5", "a, b 3", None]),
    st.sampled_from(["8210", "12.890", "12 A", "bis", "1-3", None]),
    st.sampled_from(["CA", "RO", "US", "BR", "România", None]),
    st.sampled_from(["CA", "RO", None]),
)
def test_streets_come_back_as_foretold(street, number, country, country_before):
    values = {"address_street_name": street, "address_house_number": number}
    values["address_country"] = country
    told = Card.new("u", "k")
    if country_before:
        FIELDS["address_country"].write(told, country_before)
        FIELDS["address_street_name"].write(told, "12 Old Road 7")
    write_fields(told, FIELDS, values)
    (wanted,) = _with_streets(
        pl.DataFrame([values], schema=dict.fromkeys(values, pl.String))
    ).to_dicts()
    assert {n: FIELDS[n].read(Card.of(told.text)) for n in values} == wanted


def test_version_4_is_read_and_written_as_such():
    text = (
        "BEGIN:VCARD\nVERSION:4.0\nUID:urn:uuid:x\nFN:Four\nKIND:individual\nBDAY:19850412\n"
        'TEL;VALUE=uri;PREF=1;TYPE="voice,home":tel:+1-555\nTEL;TYPE=cell;PREF=2:+1-556\n'
        "PHOTO:data:image/gif;base64,R0lGODlh\nGENDER:F;she\nEND:VCARD"
    )
    four = card(text)
    assert read(four, "home_phone", "mobile", "birthday", "photo", "gender") == (
        *("+1-555", "+1-556", "1985-04-12", b"GIF89a", "F"),
    )
    FIELDS["home_phone"].write(four, "+1-557")
    FIELDS["gender"].write(four, "M")
    FIELDS["photo"].write(four, b"\xff\xd8\xff\xe0")
    again = Card.of(four.text)
    assert 'TEL;PREF=1;TYPE="voice,home":+1-557' in again.text
    assert "GENDER:M;she" in again.text
    assert FIELDS["photo"].read(again) == b"\xff\xd8\xff\xe0"


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@given(texts)
def test_every_text_survives_but_for_what_cards_cannot_hold(text):
    told = Card.new("u", text)
    FIELDS["note"].write(told, clean_text(text) or None)
    again = Card.of(told.text)
    assert again.said("NOTE") == clean_text(text)
    assert clean_text(clean_text(text)) == clean_text(text)
    assert all(len(line.encode()) <= 75 for line in told.text.split("\r\n"))
    assert unescape(escape(clean_text(text))) == clean_text(text)


@given(st.lists(texts.map(clean_text), min_size=1, max_size=7), st.sampled_from([";", ","]))
def test_parts_survive(parts, separator):
    assert split_parts(join_parts(parts, separator), separator) == parts


@given(st.lists(texts.map(lambda t: clean_text(t).replace("\n", "")), max_size=5))
def test_lines_that_nobody_knows_survive(lines):
    text = "\n".join(["VERSION:3.0", *(f"Z{line}" for line in lines)])
    told = Card.of(text)
    FIELDS["title"].write(told, "x")
    assert [line.text for line in read_lines(told.text)][1:-2] == text.split("\n")
