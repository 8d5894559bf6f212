"""The cases that stand in region files hold, and those of a project are run by `check`."""

import shutil

import pytest

from crmmigrate.config.region_cases import read_cases
from crmmigrate.config.regions import load_region_book
from crmmigrate.errors import ConfigError, UsageError
from crmmigrate.stages.region_cases import check_region_files, failed_cases

SEVEN = ("ro", "no", "th", "us", "gb", "de", "fr")


def region_files(repository):
    return sorted((repository / "rules/regions").glob("[!_]*.yaml"))


def test_every_region_file_tells_its_sources_and_has_cases(repository, book):
    for path in region_files(repository):
        assert book.get(path.stem.upper()).sources, path.name
        assert list(read_cases(path)), path.name


def test_the_regions_worked_by_hand_have_cases_of_several_kinds(repository):
    for code in SEVEN:
        kinds = {case.kind for case in read_cases(repository / f"rules/regions/{code}.yaml")}
        assert len(kinds) >= 2, code


def test_all_cases_hold(repository, book):
    failed = [
        problem
        for path in region_files(repository)
        for problem in failed_cases(path.stem.upper(), read_cases(path), book)
    ]
    assert failed == []


def test_a_case_of_a_project_that_does_not_hold_is_told_with_its_line(write_file, tmp_path):
    text = "cases:\n  phone:\n    - ['0722 123 456', '+40722123456']\n    - ['0722', '+40722']\n"
    write_file("rules/regions/ro.yaml", text)
    book = load_region_book(tmp_path)
    assert list(check_region_files(tmp_path, book)) == [
        ("rules/regions/ro.yaml:4", "cases.phone: '0722' gives '0722', not '+40722'")
    ]


def test_check_runs_the_cases(tmp_path, repository, capsys):
    from crmmigrate.cli.projects import check_project

    shutil.copytree(repository / "examples/consolidation", tmp_path / "p")
    rules = tmp_path / "p/rules/regions"
    rules.mkdir(parents=True, exist_ok=True)
    (rules / "ro.yaml").write_text("cases: {phone: [['0722 123 456', '0722']]}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"ro.yaml:1: cases.phone: '0722 123 456' gives"):
        check_project(tmp_path / "p", as_json=False)


def test_every_group_of_rules_knows_its_files(book, write_file, tmp_path):
    rules = book.get("RO")
    assert rules.rule_id("phone.labels") == "RO.phone.labels"
    assert rules.origins["address.street_types"] == ("rules/languages/ro.yaml",)
    write_file("rules/regions/ro.yaml", "phone: {labels: {telefonul: ''}}\n")
    origins = load_region_book(tmp_path).get("RO").origins
    assert origins["phone.labels"][0] == "regions/ro.yaml of the project"


def test_a_project_extends_its_own_and_packaged_files(write_file, tmp_path):
    write_file("rules/regions/_own.yaml", "phone: {extension_words: [post]}\n")
    write_file("rules/regions/md.yaml", "extends: [_own, ro]\nnumber: {currency: MDL}\n")
    rules = load_region_book(tmp_path).get("MD")
    assert {"post", "int"} <= set(rules.phone.extension_words)
    assert (rules.number.currency, rules.letter_repairs["ş"]) == ("MDL", "ș")


def test_a_group_of_rules_is_explained(capsys):
    from crmmigrate.cli.region_view import print_region_rule

    print_region_rule("ro.phone.extension_words", as_json=False)
    out = capsys.readouterr().out
    assert "RO.phone.extension_words" in out
    assert "interior" in out
    assert "from: rules/regions/ro.yaml" in out
    with pytest.raises(UsageError, match=r"did you mean RO.phone.labels"):
        print_region_rule("RO.phone.label", as_json=False)


@pytest.mark.parametrize("code", ["RO", "TH"])
def test_every_group_of_a_region_can_be_explained(book, code, capsys):
    from crmmigrate.cli.region_view import print_region_rule

    for group in book.get(code).origins:
        print_region_rule(f"{code}.{group}", as_json=True)
    assert len(book.get(code).origins) > 10


def test_the_example_of_the_guide_is_right(repository, tmp_path, write_file):
    guide = (repository / "docs/regions.md").read_text(encoding="utf-8")
    write_file("rules/regions/md.yaml", guide.split("```yaml\n")[1].split("```")[0])
    book = load_region_book(tmp_path)
    assert book.get("MD").number.currency == "MDL"
    assert list(check_region_files(tmp_path, book)) == []
