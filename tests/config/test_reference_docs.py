"""The reference pages say what the product is now."""

import importlib.util

import pytest


@pytest.fixture(scope="module")
def generator(repository):
    spec = importlib.util.spec_from_file_location(
        "generate_docs", repository / "scripts" / "generate_docs.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_pages_are_fresh(generator):
    stale = [path.name for path, text in generator.pages() if not generator._same(path, text)]
    assert stale == [], "run scripts/generate_docs.py"


def test_a_changed_page_is_noticed(generator, monkeypatch, tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text("old", encoding="utf-8")
    monkeypatch.setattr(generator, "ROOT", tmp_path)
    monkeypatch.setattr(generator, "pages", lambda: iter([(page, "new")]))
    monkeypatch.setattr("sys.argv", ["generate_docs.py", "--check"])
    assert generator.main() == 1
    assert "not fresh: page.md" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["generate_docs.py"])
    assert generator.main() == 0
    assert page.read_text(encoding="utf-8") == "new"


def test_every_object_field_rule_and_command_is_told(generator):
    model, rules, commands = (
        generator.model_page(),
        generator.rules_page(),
        generator.commands_page(),
    )
    for object_type in generator.load_model().objects.values():
        assert f"(`{object_type.name}`)" in model
        for field in object_type.fields.values():
            assert f"| `{field.name}` | {field.type.value} |" in model
            assert field.description, field.name
    for rule in generator.load_rules().values():
        assert f"### {rule.code} {rule.name}" in rules
    assert "## crmmigrate clean" in commands
