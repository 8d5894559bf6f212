"""Domains are only asked about where it is asked for, each once, and what is unknown is not wrong."""

from dataclasses import replace

import dns.resolver
import polars as pl
import pytest

from crmmigrate.config.codes import load_rules
from crmmigrate.stages import mail_servers
from crmmigrate.stages.clean import CleanRequest, clean_file
from crmmigrate.stages.context import Silent
from crmmigrate.stages.mail_servers import MailServers, ask_name_servers
from crmmigrate.values.fieldspec import parse_field


@pytest.fixture
def request_(write_file, tmp_path):
    path = write_file(
        "in.csv", "id,mail\n1,ion@firma.ro\n2,ana@gone.ro\n3,x@y\n4,Ion@GONE.ro\n5,\n"
    )
    return CleanRequest(path, (parse_field("mail=email"),), tmp_path / "out.csv")


def cleaned(request, book):
    clean_file(request, book, load_rules(), Silent())
    return pl.read_csv(request.output)


def test_domains_without_mail_are_told_and_each_is_asked_for_once(request_, book):
    asked = []

    def ask(domain):
        asked.append(domain)
        return "the domain name gone.ro does not exist" if domain == "gone.ro" else None

    out = cleaned(replace(request_, ask=ask), book)
    assert sorted(asked) == ["firma.ro", "gone.ro"]
    assert out["mail_findings"].to_list() == [None, "STD161", "STD154", "STD151;STD161", None]
    assert out["mail"].to_list()[1] == "ana@gone.ro"


def test_nobody_is_asked_unasked(request_, book, monkeypatch):
    def refuse(*_args, **_options):
        raise AssertionError("asked")

    monkeypatch.setattr(dns.resolver.Resolver, "resolve", refuse)
    monkeypatch.setattr(mail_servers.MailServers, "refusals", refuse)
    assert "STD161" not in ";".join(filter(None, cleaned(request_, book)["mail_findings"]))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (dns.resolver.NXDOMAIN, "the domain name firma.ro does not exist"),
        (dns.resolver.NoNameservers, None),
        (dns.resolver.LifetimeTimeout, None),
    ],
)
def test_what_nobody_answers_is_not_called_wrong(monkeypatch, answer, told):
    def resolve(*_args, **_options):
        if answer is dns.resolver.LifetimeTimeout:
            raise answer(timeout=1, errors=[])
        raise answer

    ask = ask_name_servers()
    monkeypatch.setattr(dns.resolver.Resolver, "resolve", resolve)
    assert ask("firma.ro") == told


def test_answers_are_remembered():
    asked = []
    servers = MailServers(asked.append)
    servers.refusals(["a.ro", "b.ro", "a.ro"])
    servers.refusals(["b.ro", "c.ro"])
    assert sorted(asked) == ["a.ro", "b.ro", "c.ro"]
