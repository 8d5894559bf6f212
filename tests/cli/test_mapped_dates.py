"""What a mapping says about the dates of a source holds against what regions and columns suggest."""

import json

import polars as pl
import pytest

from crmmigrate.cli.app import run_app

PEOPLE = "id,name,born\n1,Ana Pop,03/04/1990\n2,Ion Dan,0\n3,Radu Stan,31000\n"
CONTACT = """\
source: shop
dataset: people
object: contact
fields:
  name: {from: name}
  birth_date: {from: born%s}
ignore: {id: the key}
"""


@pytest.mark.parametrize(
    ("said", "first", "serial"),
    [
        ("", "1990-04-03", "1984-11-14"),
        (", date_order: mdy", "1990-03-04", "1984-11-14"),
        (", date_order: ymd, excel_1904: true", "1990-04-03", "1988-11-15"),
    ],
)
def test_dates_are_read_as_the_mapping_says(project, monkeypatch, capsys, said, first, serial):
    monkeypatch.chdir(project.root)
    project.write("data/people.csv", PEOPLE)
    project.write("mappings/contact.yaml", CONTACT % said)
    for stage in ("extract", "map"):
        assert run_app([stage]) == 0
    capsys.readouterr()
    assert run_app(["standardize", "--json"]) == 0
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert any("dmy: the region writes so" in note for note in notes) == (said == "")
    files = (project.root / ".crmmigrate").glob("runs/*/standardize/contact~*/rows-*.parquet")
    dates = pl.concat([pl.read_parquet(f) for f in files])["birth_date"].to_list()
    assert dates == [first, "0", serial]
