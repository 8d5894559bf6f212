"""`crmmigrate match` on files."""

import json
from pathlib import Path

import polars as pl
import pytest
import typer

from crmmigrate.cli.match import register
from crmmigrate.errors import CrmMigrateError, UsageError

GIVEN = (
    "Ana",
    "Bogdan",
    "Carmen",
    "Dieter",
    "Erik",
    "Fatima",
    "George",
    "Hanna",
    "Ingrid",
    "Jean",
    "Kenji",
)
FAMILY = (
    "Albescu",
    "Brandt",
    "Costa",
    "Dubois",
    "Eriksen",
    "Fujita",
    "Gupta",
    "Hansen",
    "Ivanov",
    "Jones",
    "Klein",
    "Lopez",
)


def rows(start: int, count: int) -> list[str]:
    return [
        f"{i},{GIVEN[i % 11]} {FAMILY[i * 5 % 12]},07{22000000 + i * 7919},p{i}@host{i % 7}.example"
        for i in range(start, start + count)
    ]


def write(path: Path, *extra: str, start: int = 0, count: int = 120) -> Path:
    path.write_text(
        "\n".join(["id,name,tel,mail", *rows(start, count), *extra]) + "\n", encoding="utf-8"
    )
    return path


def run(*arguments: object) -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    app(["match", *map(str, arguments)], standalone_mode=False)


FIELDS = (
    "--key",
    "id",
    "--field",
    "name=person_name",
    "--field",
    "tel=phone",
    "--field",
    "mail=email",
    "--region",
    "RO",
)


def test_duplicates_in_one_file(tmp_path):
    file = write(
        tmp_path / "p.csv",
        "d1,Popescu Ion,+40 722 999 111,ion.popescu@posta.example",
        "d2,ION POPESCU,0722999111,",
    )
    run(file, *FIELDS, "-o", tmp_path / "out")
    clusters = pl.read_csv(tmp_path / "out" / "clusters.csv", infer_schema=False)
    assert clusters.columns == ["key", "cluster_id", "golden"]
    assert clusters.height == 122
    together = clusters.filter(pl.col("key").is_in(["d1", "d2"]))
    assert together["cluster_id"].n_unique() == 1
    assert dict(together.select("key", "golden").iter_rows()) == {"d1": "true", "d2": "false"}
    assert clusters["cluster_id"].n_unique() == 121
    pairs = pl.read_csv(tmp_path / "out" / "pairs.csv", infer_schema=False)
    assert pairs.columns[:5] == ["key_a", "key_b", "score", "probability", "judgement"]
    top = pairs.row(0, named=True)
    assert {top["key_a"], top["key_b"]} == {"d1", "d2"}
    assert top["judgement"] == "match"
    assert "phone=mobile (+" in top["contributions"]


def test_two_files_pair_only_across(tmp_path):
    one = write(tmp_path / "a.csv", "d1,Popescu Ion,+40 722 999 111,", "d2,Ion Popescu,0722999111,")
    two = write(tmp_path / "b.csv", "1,Ion Popescu,0040722999111,", start=500)
    run(one, "--against", two, *FIELDS, "-o", tmp_path / "out")
    pairs = pl.read_csv(tmp_path / "out" / "pairs.csv", infer_schema=False)
    matches = pairs.filter(pl.col("judgement") == "match").select("key_a", "key_b")
    assert set(matches.iter_rows()) == {("d1", "1"), ("d2", "1")}
    clusters = pl.read_csv(tmp_path / "out" / "clusters.csv", infer_schema=False)
    assert clusters.height == 122 + 121, "every row of both files"
    assert clusters["file"].unique().sort().to_list() == ["a.csv", "b.csv"]
    ones = clusters.filter(pl.col("key") == "1")
    assert ones["cluster_id"].n_unique() == 2, "equal keys of two files are two records"


def test_json_is_one_versioned_document(tmp_path, capsys):
    run(write(tmp_path / "p.csv"), *FIELDS, "-o", tmp_path / "out", "--json")
    document = json.loads(capsys.readouterr().out)
    assert document["version"] == 1
    assert document["facts"]["records"] == 120
    assert document["books"][0]["rows_out"] == document["facts"]["clusters"] == 120


def test_text_is_at_most_a_dozen_lines(tmp_path, capsys):
    run(write(tmp_path / "p.csv"), *FIELDS, "-o", tmp_path / "out")
    assert 3 <= len(capsys.readouterr().out.splitlines()) <= 12


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"file": "missing.csv"}, "missing"),
        ({"key": "nr"}, "no column 'nr'"),
        ({"field": "nam=person_name"}, "no column 'nam'; did you mean 'name'"),
        ({"field": "name=persn"}, "unknown type 'persn'; did you mean 'person'"),
        ({"extra": "7,Ana Pop,,"}, "key '7' stands in rows 9 and 122"),
    ],
)
def test_mistakes(tmp_path, change, message):
    file = write(tmp_path / "p.csv", *([change["extra"]] if "extra" in change else []))
    path = tmp_path / change["file"] if "file" in change else file
    with pytest.raises(UsageError) as caught:
        run(
            path,
            "--key",
            change.get("key", "id"),
            "--field",
            change.get("field", "name=person_name"),
            "-o",
            tmp_path / "out",
        )
    assert message in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_output_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(CrmMigrateError) as caught:
        run(write(tmp_path / "p.csv"), *FIELDS, "-o", tmp_path / "taken" / "out")
    assert caught.value.exit_code == 3
    assert caught.value.hint


def test_row_without_a_key_is_named_by_its_line(tmp_path):
    run(write(tmp_path / "p.csv", ",Solo Person,,"), *FIELDS, "-o", tmp_path / "out")
    assert (
        "#122"
        in pl.read_csv(tmp_path / "out" / "clusters.csv", infer_schema=False)["key"].to_list()
    )
