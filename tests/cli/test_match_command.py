"""`crmmigrate match` as a program reads it: every row once, small files, poor files, exit codes."""

import csv
from pathlib import Path

import pytest

from crmmigrate.cli.app import run_app

PEOPLE = (
    ("a", "Ion Popescu", "0722123456", "ion@post.example"),
    ("b", "Maria Ionescu", "0733111222", "maria@post.example"),
    ("c", "Andrei Marin", "0744555666", "andrei@post.example"),
    ("d", "Elena Stan", "0755777888", "elena@post.example"),
)
FIELDS = ("--field", "name=person_name", "--field", "tel=phone", "--field", "mail=email")


@pytest.fixture
def match(tmp_path, monkeypatch, capsys):
    """Run the command; return exit code, rows of both files and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = run_app(["match", *arguments, "-o", "out"])
        told = capsys.readouterr().err
        return code, rows("out/clusters.csv"), rows("out/pairs.csv"), told

    return run


def rows(name):
    try:
        with Path(name).open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))
    except FileNotFoundError:
        return []


def write(name, people):
    with Path(name).open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("id", "name", "tel", "mail"), *people])


@pytest.mark.parametrize("size", [1, 2, 4])
@pytest.mark.parametrize(
    "twin",
    [
        ("z", "POPESCU Ion", "+40 722 123 456", "Ion@post.example"),
        ("z", "Ion Popescu", "0722.123.456", ""),
        ("z", "Popescu, Ion", "", "ion@post.example"),
    ],
)
def test_a_handful_of_records_is_enough(match, size, twin):
    write("few.csv", [*PEOPLE[:size], twin])
    code, clusters, pairs, _ = match("few.csv", "--key", "id", *FIELDS, "--region", "RO")
    found = {row["key"]: row["cluster_id"] for row in clusters}
    assert code == 0
    assert found["a"] == found["z"]
    assert len(set(found.values())) == size, "nobody else is merged"
    assert (pairs[0]["key_a"], pairs[0]["key_b"], pairs[0]["judgement"]) == ("a", "z", "match")


@pytest.mark.parametrize(
    "field", ["tel=phone", "mail=email", "id=identifier", "name=text", "tel=number", "name=choice"]
)
def test_one_field_of_any_type_is_enough(match, field):
    write("few.csv", PEOPLE)
    code, clusters, _, told = match("few.csv", "--key", "id", "--field", field, "--region", "RO")
    assert code == 0, told
    assert [row["key"] for row in clusters] == ["a", "b", "c", "d"]


@pytest.mark.parametrize("against", [(), ("--against", "few.csv")])
def test_a_file_with_a_header_only(match, against):
    write("none.csv", [])
    write("few.csv", PEOPLE)
    code, clusters, pairs, _ = match("none.csv", *against, "--key", "id", *FIELDS)
    assert code == 0
    assert len(clusters) == (4 if against else 0)
    assert pairs == []


@pytest.mark.parametrize(
    "person",
    [
        ("", "", ""),
        (" ", "\t", " "),
        ("Test", "", ""),
        ("Test Test", "0722123456", "test@post.example"),
        ("Ion Popescu", "0213101234", "office@post.example"),
    ],
)
def test_what_every_row_holds_merges_nobody(match, person):
    write("many.csv", [(i, *person) for i in range(3_000)])
    code, clusters, _, _ = match("many.csv", "--key", "id", *FIELDS, "--region", "RO")
    assert code == 0
    assert len({row["cluster_id"] for row in clusters}) == 3_000


def test_keys_come_back_as_they_are(match):
    keys = ["007", "ключ é", 'a,"b"', " 5 "]
    write("keys.csv", [(key, *p[1:]) for key, p in zip(keys, PEOPLE, strict=True)])
    assert [row["key"] for row in match("keys.csv", "--key", "id", *FIELDS)[1]] == keys


def test_two_runs_give_the_same_bytes(match, tmp_path):
    write("few.csv", [*PEOPLE, ("z", "Popescu Ion", "0722123456", "")])
    seen = set()
    for _ in range(2):
        match("few.csv", "--key", "id", *FIELDS)
        seen.add(tuple((tmp_path / "out" / n).read_bytes() for n in ("clusters.csv", "pairs.csv")))
    assert len(seen) == 1


def test_an_unknown_region_is_refused(match):
    write("few.csv", PEOPLE)
    code, clusters, _, told = match("few.csv", "--key", "id", *FIELDS, "--region", "ROM")
    assert code == 2
    assert "unknown region 'ROM'" in told
    assert clusters == []


def test_a_default_value_is_told_and_joins_nobody(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    given, family = ("Ion", "Maria", "Andrei", "Elena", "Paul"), ("Popa", "Stan", "Rusu", "Lazar")
    write(
        "default.csv",
        [
            (n, f"{given[n % 5]}{n} {family[n % 4]}", "0213334455", f"user{n}@post.example")
            for n in range(400)
        ],
    )
    code = run_app(["match", "default.csv", "--key", "id", *FIELDS, "--region", "RO", "-o", "out"])
    told = capsys.readouterr().out
    assert code == 0
    assert "DUP223" in told
    assert "tel 400 of 400" in told
    assert {row["golden"] for row in rows("out/clusters.csv")} == {"true"}
