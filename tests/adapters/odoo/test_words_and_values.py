"""What stands between our text and the cells of Odoo; no server is needed."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.adapters.numbered.values import BadValueError
from crmmigrate.adapters.odoo.external_ids import key_of, name_of
from crmmigrate.adapters.odoo.faults import OdooFault, explain, raise_for_session
from crmmigrate.adapters.odoo.fields import Form, Slot
from crmmigrate.adapters.odoo.rich_text import html_of, text_of
from crmmigrate.adapters.odoo.values import as_kept, from_wire, to_cell
from crmmigrate.adapters.odoo.versions import Version
from crmmigrate.adapters.streets import join_street, split_street
from crmmigrate.adapters.transport import CredentialsError
from crmmigrate.errors import ConfigError, ExitCode, RemoteError

ZONE = ZoneInfo("Europe/Bucharest")
LABELS = {"name": "Name", "parent_id": "Related Company", "login": "Login", "type": "Address Type"}


@given(st.text())
def test_names_stand_for_exactly_one_key(key):
    name = name_of(key)
    assert key_of(name) == key
    assert not set(name) & set(". ,_~")


def test_plain_keys_stay_readable():
    assert name_of("erp:account:accounts/240") == "erp:account:accounts/240"
    assert name_of("a.b_c") == "a=2Eb=5Fc"


@given(st.text(alphabet="ab <>&\n 　é1", max_size=30))
def test_text_survives_rich_text(text):
    shown = text.replace("\u00a0", " ").strip("\n")
    assert text_of(html_of(text)) == shown


def test_rich_text_is_read_as_a_person_does():
    markup = "<div><p>Dear <b>Ana</b>,</p>\n <ul><li>one</li><li>two</li></ul><style>p{}</style>end</div>"
    assert text_of(markup) == "Dear Ana,\none\ntwo\nend"


@pytest.mark.parametrize(
    ("street", "number", "country", "line"),
    [
        ("Strada Lungă", "12", "RO", "Strada Lungă 12"),
        ("Main St", "12", "US", "12 Main St"),
        ("boulevard Voltaire", "3 bis", "FR", "boulevard Voltaire, 3 bis"),
        ("Soi 21", "7", "TH", "7 Soi 21"),
        ("Calea 13 Septembrie", "90", "RO", "Calea 13 Septembrie 90"),
        ("5th Avenue", "90", "US", "5th Avenue, 90"),
        ("Strada 5", "12", "RO", "Strada 5, 12"),
    ],
)
def test_streets_are_joined_and_taken_apart(street, number, country, line):
    assert join_street(street, number, country) == line
    assert split_street(line, country) == (street, number)


@given(
    st.text(alphabet="aB 1,-", min_size=1, max_size=12),
    st.text(alphabet="1234a/- ", min_size=1, max_size=6),
    st.sampled_from(["RO", "US", None]),
)
def test_joining_what_was_taken_apart_changes_nothing(street, number, country):
    line = join_street(street, number, country)
    parts = split_street(line, country)
    assert split_street(join_street(*parts, country), country) == parts


@pytest.mark.parametrize(
    ("form", "text", "cell"),
    [
        (Form.DATETIME, "2024-07-01T10:00:00", "2024-07-01 07:00:00"),
        (Form.DATETIME, "2024-01-01T10:00:00", "2024-01-01 08:00:00"),
        (Form.DATETIME, "2024-07-01T10:00:00.999Z", "2024-07-01 10:00:00"),
        (Form.DATETIME, "2024-07-01T00:30:00+02:00", "2024-06-30 22:30:00"),
        (Form.DATE, "2024-07-01", "2024-07-01"),
        (Form.NUMBER, "1e3", "1000"),
        (Form.NUMBER, "-12.50", "-12.50"),
        (Form.INTEGER, "7.00", "7"),
        (Form.BOOLEAN, "True", "true"),
        (Form.LINK, "res.partner:7", "7"),
        (Form.LINKS, "res.partner:7 res.partner:9", "7,9"),
        (Form.BINARY, b"\x00\xff", "AP8="),
    ],
)
def test_cells(form, text, cell):
    slot = Slot("f", "f", form, "res.partner")
    assert to_cell(slot, text, ZONE) == cell
    kept = as_kept(slot, text, ZONE)
    assert as_kept(slot, kept, ZONE) == kept
    assert kept is not None


@pytest.mark.parametrize(
    ("form", "text", "code"),
    [
        (Form.DATETIME, "31.03.2024", "INVALID_DATETIME"),
        (Form.DATETIME, "0001-01-01T00:00:00", "INVALID_DATETIME"),
        (Form.DATE, "2024-02-30", "INVALID_DATE"),
        (Form.NUMBER, "12 EUR", "INVALID_NUMBER"),
        (Form.NUMBER, "NaN", "INVALID_NUMBER"),
        (Form.INTEGER, "1.5", "INVALID_NUMBER"),
        (Form.INTEGER, "123456789012", "INVALID_NUMBER"),
        (Form.BOOLEAN, "maybe", "INVALID_BOOLEAN"),
        (Form.CHOICE, "leed", "NOT_IN_PICKLIST"),
        (Form.LINK, "res.users:7", "INVALID_LINK"),
        (Form.LINK, "res.partner:0", "INVALID_LINK"),
        (Form.ANY_LINK, "erp:account:1", "INVALID_LINK"),
        (Form.TEXT, "a\x00b", "INVALID_TEXT"),
        (Form.TEXT, "x" * 11, "TOO_LONG"),
    ],
)
def test_values_without_a_cell_are_refused(form, text, code):
    slot = Slot("f", "f", form, "res.partner", ("lead", "opportunity"), size=10)
    with pytest.raises(BadValueError) as caught:
        to_cell(slot, text, ZONE)
    assert caught.value.code == code
    assert as_kept(slot, text, ZONE) == text, "what cannot be stored stays, so that it is told"


def test_near_words_are_suggested():
    slot = Slot("type", "type", Form.CHOICE, choices=("lead", "opportunity"))
    with pytest.raises(BadValueError, match="lead"):
        to_cell(slot, "leed", ZONE)


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        (Form.BOOLEAN, False, "false"),
        (Form.TEXT, False, None),
        (Form.NUMBER, 12.50, "12.5"),
        (Form.NUMBER, 1e20, "100000000000000000000"),
        (Form.NUMBER, 0.0, "0"),
        (Form.INTEGER, 0, "0"),
        (Form.DATETIME, "2024-07-01 07:00:00.123", "2024-07-01T07:00:00Z"),
        (Form.LINK, [7, "Acme"], "res.partner:7"),
        (Form.LINK, 7, "res.partner:7"),
        (Form.LINKS, [9, 7], "res.partner:7 res.partner:9"),
        (Form.HTML, "<p>a<br>b</p>", "a\nb"),
        (Form.BINARY, "AP8=", b"\x00\xff"),
    ],
)
def test_what_is_read(form, value, text):
    assert from_wire(Slot("f", "f", form, "res.partner"), value) == text


@pytest.mark.parametrize(
    ("name", "said", "code", "field"),
    [
        (
            "",
            "Missing required value for the field 'Name' (name)",
            "REQUIRED_FIELD_MISSING",
            "name",
        ),
        (
            "",
            'null value in column "login" violates not-null constraint',
            "REQUIRED_FIELD_MISSING",
            "login",
        ),
        (
            "",
            "Value 'bogus' not found in selection field 'Address Type'",
            "NOT_IN_PICKLIST",
            "type",
        ),
        (
            "builtins.ValueError",
            "Wrong value for res.partner.type: 'bogus'",
            "NOT_IN_PICKLIST",
            "type",
        ),
        (
            "",
            "No matching record found for database id '9' in field 'Related Company'",
            "LINKED_RECORD_MISSING",
            "parent_id",
        ),
        (
            "odoo.exceptions.AccessError",
            "Sorry, you are not allowed to modify this document.",
            "NO_PERMISSION",
            None,
        ),
        (
            "",
            'duplicate key value violates unique constraint "res_users_login_key"\nDETAIL:  Key (login)=(a@b.c) already exists.',
            "DUPLICATE_VALUE",
            "login",
        ),
        (
            "odoo.exceptions.ValidationError",
            "You can not have two users with the same login !",
            "DUPLICATE_VALUE",
            None,
        ),
        (
            "psycopg2.extensions.TransactionRollbackError",
            "could not serialize access due to concurrent update",
            "BUSY",
            None,
        ),
        (
            "odoo.exceptions.MissingError",
            "Record does not exist or has been deleted.",
            "RECORD_MISSING",
            None,
        ),
        ("", "Contacts require a name", "REQUIRED_FIELD_MISSING", "name"),
        ("odoo.exceptions.UserError", "You may not do this on Sundays.", "REFUSED", None),
    ],
)
def test_refusals_are_told_apart(name, said, code, field):
    told = explain(name, said, LABELS)
    assert (told.code, told.field) == (code, field)
    assert told.retriable == (code == "BUSY")
    assert "\n" not in told.message
    assert "a@b.c" not in told.message, "values of the record are left out"


@pytest.mark.parametrize(
    ("name", "said", "error", "code"),
    [
        ("odoo.exceptions.AccessDenied", "Access denied", CredentialsError, ExitCode.USAGE),
        ("werkzeug.exceptions.Unauthorized", "Invalid apikey", CredentialsError, ExitCode.USAGE),
        (
            "psycopg2.OperationalError",
            'FATAL:  database "x" does not exist',
            ConfigError,
            ExitCode.USAGE,
        ),
        ("odoo.http.SessionExpiredException", "Session expired", RemoteError, ExitCode.REMOTE),
    ],
)
def test_what_concerns_the_session_stops_the_command(name, said, error, code):
    with pytest.raises(error) as caught:
        raise_for_session(OdooFault(name, said), "crm.example.com", "x")
    assert caught.value.exit_code == code
    assert caught.value.hint


@pytest.mark.parametrize(
    ("told", "major"),
    [([11, 0, 0, "final", 0, ""], 11), (["saas~17", 2, 0], 17), ("16.0+e", 16), ("saas~18.1", 18)],
)
def test_versions(told, major):
    version = Version.of(told)
    assert version.major == major
    assert version.supported
    assert version.speaks_json2 == (major >= 19)
