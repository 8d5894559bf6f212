"""What servers answer when something is wrong, each with its class, cause and exit code."""

import re

import httpx
import polars as pl
import pytest
from support.wires import FakeClock, Script

from crmmigrate.adapters.carddav import AddressBook, open_native
from crmmigrate.adapters.carddav.target import Place
from crmmigrate.adapters.carddav.wire import Wire
from crmmigrate.adapters.transport import Server, Transport
from crmmigrate.errors import ConfigError
from crmmigrate.testing.contract import operations_frame

HEAD = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"'
BOOK = (
    "<D:resourcetype><D:collection/><C:addressbook/></D:resourcetype><D:displayname>B</D:displayname>"
    "<C:max-resource-size>900</C:max-resource-size>"
)
CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u\r\nFN:Ana\r\nN:Ana;;;;\r\nEND:VCARD\r\n"
PAGE = httpx.Response(200, html="<html><title>Sign in</title></html>")


def dav(*responses):
    body = "".join(
        f"<D:response><D:href>{href}</D:href><D:propstat><D:prop>{props}</D:prop>"
        f"<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
        for href, props in responses
    )
    return httpx.Response(207, text=f"<D:multistatus {HEAD}>{body}</D:multistatus>")


def refusal(status, name):
    return httpx.Response(status, text=f"<D:error {HEAD}><{name}/></D:error>")


class Book:
    """A server with one card, which answers to writes as it is told."""

    def __init__(self, *writes, reads=None):
        self.writes = Script(*writes)
        self.reads = Script(*reads) if reads else None

    def __call__(self, request):
        if request.method in {"PUT", "DELETE"}:
            return self.writes(request)
        if self.reads:
            return self.reads(request)
        if request.method == "REPORT":
            data = f"<D:getetag>1</D:getetag><C:address-data>{CARD}</C:address-data>"
            return dav(("/b/u.vcf", data))
        return dav(("/b/", BOOK))


def opened(answer, start="/b/", wanted=""):
    clock = FakeClock()
    wire = httpx.MockTransport(answer)
    transport = Transport(Server("https://dav.example.com"), timekeeper=clock.timekeeper, wire=wire)
    return AddressBook(Wire(transport), Place(start, wanted))


def write(book, action="create", **more):
    row = {"external_id": "k", "name": "Ana", **more}
    return book.write("card", action, operations_frame([row])).to_dicts()[0]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx.Response(400, text="Bad Request"), "REFUSED"),
        (httpx.Response(413), "TOO_LONG"),
        (httpx.Response(415), "REFUSED"),
        (httpx.Response(423), "REFUSED"),
        (refusal(403, "C:max-resource-size"), "TOO_LONG"),
        (refusal(403, "C:valid-address-data"), "INVALID_VALUE"),
        (refusal(415, "C:supported-address-data"), "INVALID_VALUE"),
        (refusal(409, "C:no-uid-conflict"), "DUPLICATE_VALUE"),
        (httpx.Response(500, text="cannot digest"), "REFUSED"),
    ],
)
def test_a_refused_card_has_a_code(answer, code):
    told = write(opened(Book(lambda _: answer)))
    assert (told["status"], told["error_code"]) == ("rejected", code)
    assert told["message"]


def test_a_card_that_is_too_large_is_not_sent():
    book = Book(201)
    told = write(opened(book), note="x" * 900)
    assert told["error_code"] == "TOO_LONG"
    assert not book.writes.requests


@pytest.mark.parametrize(
    ("answer", "kind", "exit_code", "says"),
    [
        (401, "CredentialsError", 2, "does not accept our credentials"),
        (403, "PermissionMissingError", 2, "may not write to the address book"),
        (refusal(403, "D:need-privileges"), "PermissionMissingError", 2, "may not write"),
        (409, "ConfigError", 2, "no longer there"),
        (507, "RemoteError", 3, "no room left"),
        (301, "ConfigError", 2, "another address"),
    ],
)
def test_what_concerns_every_card_ends_the_command(answer, kind, exit_code, says):
    with pytest.raises(Exception, match=re.escape(says)) as raised:
        write(opened(Book(answer)))
    assert type(raised.value).__name__ == kind
    assert raised.value.exit_code == exit_code
    assert raised.value.hint


@pytest.mark.parametrize(
    ("answer", "kind", "exit_code", "says"),
    [
        (401, "CredentialsError", 2, "does not accept our credentials"),
        (403, "PermissionMissingError", 2, "no permission"),
        (404, "ConfigError", 2, "there is no API"),
        (405, "ConfigError", 2, "does not speak CardDAV"),
        (PAGE, "RemoteError", 3, "a page for people"),
        (httpx.Response(207, text="{}"), "RemoteError", 3, "no answer of WebDAV"),
        (
            httpx.Response(207, text="<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x/>"),
            "RemoteError",
            3,
            "no answer of WebDAV",
        ),
        (httpx.ConnectError("certificate verify failed"), "ConfigError", 2, "certificate"),
        (httpx.ConnectError("[SSL] wrong version number"), "ConfigError", 2, "no safe connection"),
        (503, "UnreachableError", 3, "the server fails"),
        (dav(("/", "<D:resourcetype/>")), "ConfigError", 2, "no address book at this address"),
    ],
)
def test_a_wrong_address_or_server_is_told(answer, kind, exit_code, says):
    with pytest.raises(Exception, match=r"(?s).*") as raised:
        opened(Book(201, reads=[answer])).describe()
    error = raised.value
    assert (type(error).__name__, error.exit_code) == (kind, exit_code)
    assert says in f"{error.message} {error.hint}"


def test_a_card_that_is_changed_again_and_again_is_busy():
    change = {"target_id": "u.vcf", "changed": ["name"], "name": "New"}
    told = write(opened(Book(412)), "update", **change)
    assert (told["status"], told["error_code"], told["retriable"]) == ("rejected", "BUSY", True)


def test_our_version_goes_with_an_update_and_none_with_a_create():
    book = Book(204)
    write(opened(book), "update", target_id="u.vcf", changed=["name"], name="New")
    write(opened(book))
    first, second = book.writes.requests
    assert (first.headers["if-match"], second.headers["if-none-match"]) == ("1", "*")
    assert "FN:New" in first.content.decode()


def test_several_books_must_be_named_and_no_other_host_gets_our_password():
    several = dav(("/", "<D:resourcetype/>"), ("/a/", BOOK), ("/c/", BOOK))
    with pytest.raises(ConfigError, match="several address books"):
        opened(lambda _: several, "/").describe()
    assert opened(lambda _: several, "/", "c").book.path == "/c/"
    away = "<C:addressbook-home-set><D:href>https://evil.example.net/</D:href></C:addressbook-home-set>"
    with pytest.raises(ConfigError, match="another host"):
        opened(lambda _: dav(("/", away)), "/").describe()


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        ({"name": " \x00".strip()}, "REQUIRED_FIELD_MISSING", "name"),
        ({"gender": "X"}, "NOT_IN_PICKLIST", "gender"),
        ({"fone": "1"}, "UNKNOWN_FIELD", "fone"),
        ({"uid": "1"}, "READ_ONLY_FIELD", "uid"),
        ({"employer": "nowhere"}, "LINKED_RECORD_MISSING", "employer"),
    ],
)
def test_what_no_server_would_take_is_not_sent(row, code, field):
    book = Book(201)
    told = write(opened(book), **row)
    assert (told["error_code"], told["error_field"]) == (code, field)
    assert not book.writes.requests


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "user is missing"),
        ({"user": "a", "max_parallel": 0}, "above 0"),
        ({"user": "a", "pasword": "x"}, "did you mean 'password'"),
        ({"user": "a", "properties": "X TAX"}, "no name of a property"),
        ({"user": "a", "url": "dav.example.com"}, "no address of a server"),
    ],
)
def test_wrong_options_are_told(options, says, tmp_path):
    with pytest.raises(ConfigError, match=re.escape(says)):
        open_native({"url": "https://dav.example.com/b/", **options}, tmp_path)


def test_nothing_to_write_is_nothing():
    assert opened(Book(201)).write("card", "create", pl.DataFrame({"op_id": []})).is_empty()
