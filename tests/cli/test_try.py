"""`try`: one value of every kind, with what was done to it."""

import json

import pytest

from crmmigrate.cli.app import run_app
from crmmigrate.model.semantic import SemanticType


@pytest.fixture
def attempt(capsys):
    def run(*arguments):
        code = run_app(["try", *arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def told(attempt, *arguments):
    code, out, _ = attempt(*arguments, "--json")
    assert code == 0
    return json.loads(out)


def test_a_number_with_a_second_one(attempt):
    found = told(attempt, "phone", "0722.123.456/0722123457", "--region", "ro")
    assert (found["value"], found["status"]) == ("+40722123456", "split")
    assert found["alternatives"] == ["+40722123457"]
    assert "STD102" in [rule["code"] for rule in found["rules"]]


@pytest.mark.parametrize(
    ("kind", "value", "region", "key"),
    [
        ("org", "S.C. Müller & Fiii S.R.L.", "RO", "muller and fiii"),
        ("org", "ООО «Ромашка и Ко»", "RU", "romashka and ko"),
        ("name", "Prof. Ștefan POPESCU", "RO", "stefan popescu"),
        ("name", "Иванов Сергей Петрович", "RU", "sergei ivanov"),
    ],
)
def test_names_have_match_keys(attempt, kind, value, region, key):
    assert told(attempt, kind, value, "--region", region)["parts"]["match_key"] == key


def test_the_text_shows_every_rule_with_its_doc(attempt):
    code, out, _ = attempt("name", "POPESCU  ion", "--region", "RO")
    assert code == 0
    assert "STD202 person cased:" in out
    assert max(map(len, out.splitlines())) <= 80


def test_parts_in_columns_of_their_own(attempt):
    found = told(attempt, "name", "--part", "given=ION", "--part", "family=popescu")
    assert found["parts"]["family"] == "Popescu"


def test_one_part_of_an_address(attempt):
    found = told(attempt, "address.postal_code", "sw1a1aa", "--region", "GB")
    assert found["value"] == found["parts"]["postal_code"] == "SW1A 1AA"


@pytest.mark.parametrize("kind", sorted(set(SemanticType) - {SemanticType.BINARY}))
@pytest.mark.parametrize("value", ["0722 123 456", "\x00", "x" * 5000, "\ud800?", "🙂"])
def test_every_kind_takes_any_value(attempt, kind, value):
    assert attempt(kind, value)[0] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        ["fone", "1"],
        ["phone"],
        ["phone", "1", "--region", "XX"],
        ["phone", "1", "--part", "given=a"],
    ],
)
def test_what_cannot_be_tried_is_told(attempt, wrong):
    code, out, err = attempt(*wrong)
    assert (code, out) == (2, "")
    assert err.startswith("error:")


def test_the_tokens_of_an_address_are_told_with_their_rules(attempt):
    text = "99/1 ถ.สุขุมวิท แขวงคลองเตย เขตคลองเตย กทม 10110"
    found = told(attempt, "postal_address", text, "--region", "TH")
    assert [t["part"] for t in found["tokens"]][:2] == ["house_number", "street"]
    assert found["tokens"][1]["rule"] == "TH.address.street_types"
    assert "tokens" not in [name for name, value in found["parts"].items() if value]
    _, out, _ = attempt("address", text, "--region", "TH")
    assert "TH.address.provinces" in out


def test_a_postcode_is_read_as_a_column_of_postcodes_is(attempt):
    assert told(attempt, "postcode", "sw1a1aa", "--region", "GB")["value"] == "SW1A 1AA"
    found = told(attempt, "postcode", "aaaa", "--region", "MD")
    assert (found["kind"], found["status"], found["confidence"]) == ("postal_code", "invalid", 0.0)


ZORK = "phone: {extension_words: [zork]}\n"


@pytest.fixture
def own_rules(tmp_path):
    """A project whose Romania knows a word of its own."""
    folder = tmp_path / "rules/regions"
    folder.mkdir(parents=True)
    (tmp_path / "migration.yaml").write_text("region: RO\n", "utf-8")
    (folder / "ro.yaml").write_text(ZORK, "utf-8")
    return tmp_path


def test_rules_of_the_project_count(attempt, own_rules, monkeypatch):
    value = ("phone", "0213123456 zork 12", "--region", "RO")
    assert "extension" not in told(attempt, *value)["parts"]
    assert told(attempt, *value, "-C", str(own_rules))["parts"]["extension"] == "12"
    monkeypatch.chdir(own_rules)
    assert told(attempt, *value)["parts"]["extension"] == "12"


@pytest.mark.parametrize(
    "command",
    [
        ["try", "phone", "0213123456", "--region", "RO"],
        ["clean", "a.csv", "-f", "a=phone", "-o", "out.csv"],
        ["match", "a.csv", "--key", "b", "--field", "a=name", "-o", "out"],
    ],
)
def test_broken_rules_of_the_project_stop(own_rules, monkeypatch, capsys, command):
    monkeypatch.chdir(own_rules)
    (own_rules / "a.csv").write_text("a,b\nx,1\n", "utf-8")
    (own_rules / "rules/regions/ro.yaml").write_text(ZORK.replace("words", "wordz"), "utf-8")
    assert run_app(command) == 2
    assert "rules/regions/ro.yaml:1" in capsys.readouterr().err
    assert not (own_rules / "out.csv").exists()


def test_another_folder_must_be_a_project(attempt, tmp_path):
    code, _, err = attempt("phone", "1", "-C", str(tmp_path))
    assert code == 2
    assert "there is no migration.yaml" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("money", "-5"), "before a value that begins with a dash stands --"),
        (("phone", "1", "--region", "UK"), "did you mean 'GB'?"),
        (("phone", "1", "--region", "romania"), "did you mean 'RO'?"),
        (("phone", "1", "--region", "xyz"), "unknown region 'xyz'\n"),
    ],
)
def test_mistakes_on_the_command_line_are_told_with_what_is_meant(attempt, arguments, message):
    code, _, err = attempt(*arguments)
    assert code == 2
    assert message in err


def test_a_sign_that_cannot_be_shown_is_shown_as_its_code(attempt):
    _, out, _ = attempt("text", "a\u200bb\x00")
    assert "a\\u200bb\\x00" in out
