"""`crmmigrate clean` as a program reads it: names of columns, rows, types, exit codes."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from crmmigrate.cli.app import run_app


@pytest.fixture
def clean(tmp_path, monkeypatch, capsys):
    """Run the command in a folder of its own; return exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = run_app(["clean", *arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def write(name, *lines):
    with Path(name).open("w", encoding="utf-8", newline="") as stream:
        stream.write("".join(f"{line}\n" for line in lines))


def rows(name):
    with Path(name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


PARTS = {
    "phone": ("e164", "type", "extension", "valid"),
    "email": ("valid",),
    "postal_address": (
        *("recipient", "house_number", "street", "unit", "dependent_locality", "locality"),
        *("region", "postal_code", "country"),
    ),
    "person_name": ("prefix", "given", "middle", "family", "suffix", "match_key"),
    "organization": ("base_name", "legal_form", "legal_form_code", "match_key"),
    "money": ("amount", "currency"),
    "date": (),
    "text": (),
}


@pytest.mark.parametrize("kind", PARTS)
def test_columns_of_each_type(clean, kind):
    write("in.csv", "id,x", "1,some text", "2,")
    assert clean("in.csv", "-f", f"x={kind}", "--region", "ro", "-o", "out.csv")[0] == 0
    found = rows("out.csv")
    wanted = {"id", "x", "x_original", "x_findings", *(f"x_{part}" for part in PARTS[kind])}
    assert wanted <= set(found[0])
    assert [row["x_original"] for row in found] == ["some text", ""]
    assert found[0]["x"], "what cannot be read stays"


def test_one_part_is_standardized_under_its_own_name(clean):
    write("in.csv", "street,city", '"Str. Mihai Eminescu nr. 5",CLUJ-NAPOCA')
    for column, part in (("street", "street"), ("city", "locality")):
        clean("in.csv", "-f", f"{column}=postal_address.{part}", "--region", "RO", "-o", "out.csv")
        row = rows("out.csv")[0]
        if column == "street":
            assert row["street"].endswith("Mihai Eminescu")
            assert row["street_house_number"] == "5", "parts stand under the column they came from"
        else:
            assert row["city"] == "Cluj-Napoca"


def test_further_parts_stand_under_the_leading_column(clean):
    write("in.csv", "ext,nr,sum,cur,town,road", '12,0722 123 456,"1.234,50",lei,Iași,Str. Unirii 7')
    clean(
        *("in.csv", "-f", "ext=phone.extension", "-f", "nr=phone.number", "-f", "sum=money.amount"),
        *("-f", "town=postal_address.locality", "-f", "road=postal_address.street"),
        *("--region", "RO", "-o", "out.csv"),
    )
    row = rows("out.csv")[0]
    assert row["nr_e164"] == "+40722123456"
    assert row["nr_valid"] == "true"
    assert row["ext"] == "12"
    assert row["sum"] == "1234.50"
    assert "sum_currency" in row
    assert row["road_house_number"] == "7"
    assert "town_house_number" not in row


def test_text_that_no_part_can_hold_stays_in_its_column(clean):
    write("in.csv", "nr", "one of several words, not a number at all")
    clean("in.csv", "-f", "nr=postal_address.house_number", "--region", "RO", "-o", "out.csv")
    row = rows("out.csv")[0]
    assert row["nr"] == row["nr_original"] == "one of several words, not a number at all"
    assert row["nr_findings"]


def test_a_row_that_says_the_header_again_is_a_row(clean):
    write("in.csv", "name", "Ion Pop", "name", "Ana Pop")
    code, shown, _ = clean("in.csv", "-f", "name=text", "-o", "out.csv")
    assert code == 0
    assert [row["name"] for row in rows("out.csv")] == ["Ion Pop", "name", "Ana Pop"]
    assert shown.startswith("clean: 3 rows\n")


def test_parquet_has_booleans_and_moments_keep_their_fraction(clean):
    moment = datetime(2024, 1, 2, 3, 4, 5, 600, tzinfo=UTC)
    frame = pl.DataFrame(
        {"tel": ["0722 123 456", None], "at": [moment, None], "also": [moment] * 2}
    )
    frame.write_parquet("in.parquet")
    fields = ("-f", "tel=phone", "-f", "at=datetime", "--region", "RO")
    assert clean("in.parquet", *fields, "-o", "out.parquet")[0] == 0
    out = pl.read_parquet("out.parquet")
    assert out.schema["tel_valid"] == pl.Boolean
    assert out["tel_valid"].to_list() == [True, None]
    assert out["at_original"][0] == "2024-01-02T03:04:05.000600+00:00"
    assert clean("in.parquet", *fields, "-o", "out.csv")[0] == 0
    assert rows("out.csv")[0]["tel_valid"] == "true"
    assert rows("out.csv")[0]["also"] == "2024-01-02T03:04:05.000600+00:00"


def test_the_summary_fits_a_terminal(clean):
    names = [f"a rather long column name {i}" for i in range(9)]
    write("in.csv", ",".join(names), ",".join(["0722 123 456"] * 9), ",".join(["x"] * 8))
    fields = [word for name in names for word in ("-f", f"{name}=all_{name}:phone")]
    code, shown, told = clean("in.csv", *fields, "--region", "RO", "-o", "out.csv")
    lines = shown.splitlines() + told.splitlines()
    assert code == 0
    assert len(lines) <= 12
    assert max(map(len, lines)) <= 80


def test_json_is_one_document_also_for_errors(clean):
    write("in.csv", "tel", "0722 123 456")
    assert json.loads(clean("in.csv", "-f", "tel=phone", "-o", "out.csv", "--json")[1])["rows"] == 1
    code, shown, _ = clean("in.csv", "-f", "tel=fone", "-o", "out.csv", "--json")
    assert code == 2
    assert "did you mean 'phone'" in json.loads(shown)["error"]["message"]


def test_cleaning_the_output_again_changes_nothing(clean):
    write(
        *("in.csv", "tel,name,d,firm,amt"),
        '0722.123.456 / 0733 111 222,POPESCU Ion,31.12.2023,S.C. ACME SRL,"1.234,50 lei"',
        "garbage,x,99.99.9999,-,-",
    )
    fields = "-f tel=phone -f name=person_name -f d=date -f firm=organization -f amt=money".split()
    clean("in.csv", *fields, "--region", "RO", "-o", "one.csv")
    clean("one.csv", *fields, "--region", "RO", "-o", "two.csv")
    for one, two in zip(rows("one.csv"), rows("two.csv"), strict=True):
        assert {name: two[name] for name in one} == one


def test_a_blank_line_of_a_single_column_is_a_row(clean):
    write("in.csv", "tel", "0722123456", "", "0722123457")
    assert clean("in.csv", "-f", "tel=phone", "--region", "RO", "-o", "out.csv")[0] == 0
    assert [row["tel"] for row in rows("out.csv")] == ["+40722123456", "", "+40722123457"]


def test_nul_is_taken_out_of_its_cell_and_told(clean):
    write("in.csv", "id,tel", "1,0722\x00123456")
    assert clean("in.csv", "-f", "tel=phone", "--region", "RO", "-o", "out.csv")[0] == 0
    assert rows("out.csv")[0]["tel"] == "+40722123456"
    assert "STD902" in rows("out.csv")[0]["tel_findings"]


def test_the_country_of_an_address_is_that_of_the_file_and_told(clean):
    write("in.csv", "id,a", '1,"Str. Unirii 7, 400001 Cluj-Napoca"')
    done = clean(
        *("in.csv", "-f", "a=postal_address", "--region", "RO", "-o", "out.csv"),
        *("--changes", "log.csv"),
    )
    assert done[0] == 0
    row = rows("out.csv")[0]
    assert row["a_country"] == "RO"
    assert "STD923" in row["a_findings"]
    assert rows("log.csv")[0]["region_from"] == "file default"


def test_an_undone_rule_keeps_the_raw_value_and_is_told(clean):
    write("in.csv", "id,n", "1,POPESCU ion", "2,Ion Popescu")
    done = clean(
        *("in.csv", "-f", "n=person_name", "--region", "RO", "-o", "out.csv"),
        *("--undo-rule", "std202", "--changes", "log.csv"),
    )
    assert done[0] == 0
    assert [row["n"] for row in rows("out.csv")] == ["POPESCU ion", "Ion Popescu"]
    (change,) = rows("log.csv")
    assert (change["status"], change["alternatives"]) == ("left_alone", "Ion Popescu")
    assert change["codes"].endswith("STD920")


def test_names_in_the_phone_column_are_told_as_a_whole_and_stay(clean):
    names = ["Ion Popescu", "Ana Ionescu", "Radu Stan", "Elena Lupu", "Dan Rusu", "Ina Moga"] * 3
    write("in.csv", "id,tel", *(f"{n},{name}" for n, name in enumerate(names)))
    code, out, _ = clean("in.csv", "-f", "tel=phone", "--region", "RO", "-o", "out.csv", "--json")
    assert code == 0
    assert [row["tel"] for row in rows("out.csv")] == names
    assert "STD922" in {finding["code"] for finding in json.loads(out)["findings"]}
    assert "18 of 18 values are no phone" in json.loads(out)["notes"][0]


def test_the_log_has_a_file_of_its_own(clean):
    write("in.csv", "a", "0722123456")
    write("out.csv", "old")
    for log in ("out.csv", "./out.csv", "in.csv", "out.rejected.csv"):
        assert clean("in.csv", "-f", "a=phone", "-o", "out.csv", "--changes", log)[0] == 2
    assert Path("out.csv").read_text("utf-8") == "old\n", "nothing was done"


def test_binary_is_no_type_of_a_cell(clean):
    write("in.csv", "a", "x")
    code, _, err = clean("in.csv", "-f", "a=binary", "-o", "out.csv")
    assert code == 2
    assert "types are address, boolean" in err
    assert "binary," not in err


@pytest.mark.parametrize("word", ["postcode", "name", "company", "address", "city", "zip", "org"])
def test_short_words_for_types(clean, word):
    write("in.csv", "a", "x")
    assert clean("in.csv", "-f", f"a={word}", "-o", "out.csv")[0] == 0
    assert "a_original" in rows("out.csv")[0]


def test_choices_of_a_column(clean):
    write("in.csv", "a,b", "OPEN,1", "foo,2")
    choices = ("--choice", "a=open,won", "--choice", "a=lost")
    assert clean("in.csv", "-f", "a=choice", *choices, "-o", "out.csv")[0] == 0
    assert [row["a"] for row in rows("out.csv")] == ["open", "foo"]
    assert rows("out.csv")[1]["a_findings"] == "STD562"
    code, _, err = clean("in.csv", "-f", "a=choice", "--choice", "b=x", "-o", "out.csv")
    assert code == 2
    assert "'b', which is no field of type choice" in err
    assert clean("in.csv", "-f", "a=choice", "--choice", "a", "-o", "out.csv")[0] == 2


def test_rules_are_undone_by_name(clean):
    write("in.csv", "a", "ION POPESCU")
    for rule in ("person_cased", "std202", "STD202"):
        assert clean("in.csv", "-f", "a=name", "--undo-rule", rule, "-o", "out.csv")[0] == 0
        assert rows("out.csv")[0]["a"] == "ION POPESCU"
    assert clean("in.csv", "-f", "a=name", "--undo-rule", "person_casd", "-o", "x.csv")[0] == 2


def test_a_cell_of_markup_alone_is_told_and_one_of_blanks_is_not(clean):
    write("in.csv", "id,a", "1,<br>", "2,&lt;b&gt;", "3,\u200b", '4,"  "', "5,ok")
    assert clean("in.csv", "-f", "a=text", "-o", "out.csv", "--changes", "log.csv")[0] == 0
    assert [row["a"] for row in rows("out.csv")] == ["", "", "", "", "ok"]
    log = {row["before"]: (row["after"], row["rule"], row["status"]) for row in rows("log.csv")}
    assert log["<br>"] == log["&lt;b&gt;"] == ("", "STD903", "repaired")
    assert log["\u200b"] == ("", "STD902", "repaired")
    assert len(log) == 3


def test_a_missing_column_lists_those_that_are_there(clean):
    write("in.csv", "first,second", "x,y")
    _, _, err = clean("in.csv", "-f", "q=phone", "-o", "out.csv")
    assert "the columns are first, second" in err


def test_what_needs_a_look_is_told_first_and_not_cut(clean):
    values = [
        "03/04/2024",
        "x",
        "13/04/2024",
        "2024-01-02",
        "n/a",
        "01/13/24",
        "45000",
        "0",
        "Mai 3",
    ]
    write("in.csv", "a column with a long name,b", *(f"{value},1" for value in values * 300))
    code, out, _ = clean("in.csv", "-f", "a column with a long name=date", "-o", "out.csv")
    lines = out.splitlines()
    assert code == 0
    assert len(lines) <= 12
    assert max(map(len, lines)) <= 80
    together = " ".join(line.strip() for line in lines[1:3])
    assert "(date): 300 ambiguous," in together
    assert "unchanged" in together
    assert "--changes FILE" in out


def test_more_codes_than_are_shown_are_counted(clean):
    write("in.csv", "a,b", "ION POPESCU,x@", "n/a,", "Müller & Söhne,", "x y (z),", "popescu ion,")
    code, out, _ = clean("in.csv", "-f", "a=name", "-f", "b=email", "-o", "out.csv", "--json")
    codes = len(json.loads(out)["findings"])
    assert code == 0
    assert codes > 3
    _, out, _ = clean("in.csv", "-f", "a=name", "-f", "b=email", "-o", "out.csv")
    assert f"and {codes - 3} more code" in out


def test_a_guessed_encoding_and_new_names_of_columns_are_told(clean):
    Path("in.csv").write_bytes("a,a,b\nSão,1,x\nGröße,2,y\n".encode("cp1252"))
    _, out, _ = clean("in.csv", "-f", "a=text", "-o", "out.csv")
    assert "read as cp1252 (" in out
    assert "renamed a → a_2" in out
