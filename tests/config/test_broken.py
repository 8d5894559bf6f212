"""Wrong configurations, each with the message it must give."""

import fnmatch
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from crmmigrate.config.project import load_project
from crmmigrate.errors import ConfigError, ExitCode

CASES = sorted((Path(__file__).parents[1] / "broken").glob("*.yaml"))

BASE = {
    "migration.yaml": """\
version: 1
name: trial
sources:
  erp: {adapter: csv, path: data, datasets: {contacts: {file: contacts.csv, key: [id]}, accounts: {file: accounts.csv, key: [id]}}}
target: {adapter: sqlite, path: crm.db}
""",
    "mappings/contact.yaml": """\
source: erp
dataset: contacts
object: contact
fields:
  name: {from: full_name}
""",
}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def told(error: ConfigError) -> list[str]:
    return [str(error), *error.causes]


def test_there_are_cases():
    assert len(CASES) > 40


def test_the_base_is_right(tmp_path):
    write(tmp_path, BASE)
    assert load_project(tmp_path).objects == ("contact",)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_wrong_configuration_is_told(path, tmp_path):
    case = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    write(tmp_path, {**BASE, **case["files"]})
    with pytest.raises(ConfigError) as caught:
        load_project(tmp_path)
    lines = told(caught.value)
    assert len(lines) == len(case["expect"]), lines
    for line, expected in zip(lines, case["expect"], strict=True):
        pattern = expected.replace("[", "[[]")
        assert fnmatch.fnmatchcase(line, pattern), f"{line!r} is not {expected!r}"
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.hint
    assert "hunter2" not in "\n".join([*lines, str(caught.value.hint)])
