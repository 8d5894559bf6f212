"""Files of match rules, and mistakes in them."""

import re
from pathlib import Path

import pytest

from crmmigrate.config.bundled import bundled_path
from crmmigrate.config.codes import load_rules
from crmmigrate.config.matching import load_match_rules, load_survivorship_rules
from crmmigrate.dedupe.compare import encode_features
from crmmigrate.dedupe.keys import KEY_PARTS
from crmmigrate.dedupe.select import fit_rules
from crmmigrate.errors import ConfigError
from crmmigrate.model.semantic import SemanticType

OBJECTS = ("account", "contact", "lead")
GOOD = """version: 1
object: contact
features:
  - {name: name, type: person_name, fields: [name]}
blocking:
  - {name: name, parts: [name.any_order]}
"""


@pytest.mark.parametrize("name", OBJECTS)
def test_packaged_rules_name_known_things(name):
    rules = load_match_rules(bundled_path(f"rules/match/{name}.yaml"))
    kinds = {f.name: f.type for f in rules.features}
    parts = [p for key in rules.blocking for p in key.parts] + list(rules.refine)
    for part in parts:
        feature, _, column = part.partition(".")
        assert column in KEY_PARTS[kinds[feature]], part
    codes = load_rules()
    assert all(veto.code in codes for veto in rules.vetoes)


@pytest.mark.parametrize("name", OBJECTS)
def test_vetoes_and_repeats_name_evidence_and_levels_that_exist(name):
    import polars as pl

    rules = load_match_rules(bundled_path(f"rules/match/{name}.yaml"))
    row = {"_key": "1", "name": "Ana Pop", "company": "Alfa SRL", "birth_date": "1970-01-01", "email": "a@b.example", "phone": "+40722111222",
           "address": "Str. A 1", "billing_address": "Str. A 1", "tax_id": "1234567", "registration_number": "77", "website": "b.example", "account": "x"}  # fmt: skip
    encoded = encode_features(pl.DataFrame([row]), rules)
    levels = {
        n: {level.name for level in found}
        for one in encoded.values()
        for n, found in one.evidence.items()
    }
    wanted = [v.when for v in rules.vetoes] + [u for v in rules.vetoes for u in v.unless]
    wanted += (
        [r.when for r in rules.repeats]
        + [{r.evidence: r.levels} for r in rules.repeats]
        + [rules.personal]
    )
    for mapping in wanted:
        for evidence, names in mapping.items():
            assert set(names) - {"unknown"} <= levels[evidence], (evidence, names)


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        (
            "fields: [name]",
            "feilds: [name]",
            r"contact\.yaml:4: features\.0\.feilds: unknown key; did you mean 'fields'",
        ),
        ("type: person_name", "type: persn", r"contact\.yaml:4: features\.0\.type"),
        (
            "name.any_order",
            "nome.any_order",
            r"contact\.yaml:6: blocking\.0\.parts: unknown feature 'nome'; did you mean 'name'",
        ),
        (
            "fields: [name]}",
            "fields: [name], group: persons}\ngroups: [{name: person}]",
            r"contact\.yaml:4: features\.0\.group: unknown group 'persons'",
        ),
        ("version: 1", "version: 2", r"contact\.yaml:1: version"),
    ],
)
def test_mistakes_are_told_with_file_and_line(tmp_path: Path, wrong, right, message):
    path = tmp_path / "contact.yaml"
    path.write_text(GOOD.replace(wrong, right), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_match_rules(path)
    told = [str(caught.value), *caught.value.causes]
    assert any(re.search(message, line) for line in told), told
    assert caught.value.exit_code == 2


def test_a_project_s_rules_use_the_packaged_vocabulary(tmp_path: Path):
    path = tmp_path / "contact.yaml"
    path.write_text(GOOD + "vocabulary: vocabulary.yaml\n", encoding="utf-8")
    assert load_match_rules(path).vocabulary.nicknames["bob"] == "robert"


def test_unknown_strategy_is_refused(tmp_path: Path):
    path = tmp_path / "s.yaml"
    path.write_text("version: 1\nobject: contact\nfields:\n  name: [longst]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"s\.yaml:4: fields\.name\.0"):
        load_survivorship_rules(path)


def test_rules_are_fitted_to_a_file_by_type():
    base = load_match_rules(bundled_path("rules/match/contact.yaml"))
    kinds = {"who": SemanticType.PERSON_NAME, "home": SemanticType.PHONE, "work": SemanticType.PHONE, "born": SemanticType.DATE,
             "mail": SemanticType.EMAIL, "colour": SemanticType.TEXT, "employer": SemanticType.ORGANIZATION}  # fmt: skip
    features = {f.name: f.fields for f in fit_rules(base, kinds).features if f.fields}
    assert features == {
        "name": ("who",), "birth_date": ("born",), "email": ("mail",), "phone": ("home", "work"), "domain": ("mail",),
        "organization": ("employer",), "colour": ("colour",),
    }  # fmt: skip
