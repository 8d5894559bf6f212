"""What was changed in the target and in the sources since the last load waits for a decision."""

import csv
import json
import sqlite3

import pytest
from support.small_project import MIGRATION, PEOPLE

from crmmigrate.cli.app import run_app

MARIA, RADU = "shop:contact:people/3", "shop:contact:people/4"


@pytest.fixture
def run(project, capsys, monkeypatch):
    """Run commands in a project that was loaded once."""
    monkeypatch.chdir(project.root)
    monkeypatch.setenv("COLUMNS", "80")

    def command(*arguments):
        code = run_app(list(arguments))
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    assert command("run", "--load")[0] == 0
    return command


@pytest.fixture
def crm(project):
    def query(text, *values):
        with sqlite3.connect(project.root / "crm.db") as connection:
            return connection.execute(text, values).fetchall()

    return query


def edit(crm, **fields):
    """Change Maria's record in the target, as a colleague would."""
    told = ", ".join(f"{name} = ?" for name in fields)
    stamp = "2999-01-01T00:00:00.000000+00:00"
    crm(
        f"UPDATE contact SET {told}, modified_at = '{stamp}' WHERE external_id = '{MARIA}'",
        *fields.values(),
    )


def plan(run):
    code, out, err = run("run", "--json")
    assert code == 0, out + err
    code, out, err = run("plan", "--json")
    assert code == 0, out + err
    return json.loads(out)


def source_changes(project, old="maria@beta.example", new="maria.i@beta.example"):
    assert old in PEOPLE
    project.write("data/people.csv", PEOPLE.replace(old, new))


@pytest.fixture
def both_changed(run, project, crm):
    edit(crm, email="maria.private@client.example")
    source_changes(project)
    return run


def held(facts):
    return {d["key"]: d for d in facts["facts"]["diffs"] if d["action"] == "conflict"}


def value(crm, field="email", key=MARIA):
    return crm(f"SELECT {field} FROM contact WHERE external_id = ?", key)[0][0]


def test_both_sides_changed_is_held_back_with_all_three_values(both_changed, crm):
    run = both_changed
    facts = plan(run)
    counts = facts["facts"]["actions"]["contact"]
    assert (counts["conflict"], counts["update"]) == (1, 0)
    record = held(facts)[MARIA]
    assert record["base"] == {"email": "maria@beta.example"}
    assert record["fields"]["email"] == ["maria.private@client.example", "maria.i@beta.example"]
    line = next(b for b in facts["books"] if b["object"] == "contact")
    assert line["rows_in"] == line["rows_out"] + line["excluded"]
    assert line["excluded"] == 1
    assert {f["code"] for f in facts["findings"]} >= {"PLN521"}
    assert facts["facts"]["pending"] == 0
    assert run("load")[0] == 0
    assert value(crm) == "maria.private@client.example"
    code, out, _ = run("verify", "--json")
    assert code == 0, out
    told = json.loads(out)["facts"]["differences"]
    assert [(d["code"], d["field"], d["key"]) for d in told] == [("VER630", "email", MARIA)]


def test_the_terminal_and_the_files_show_base_theirs_and_ours(both_changed, project):
    run = both_changed
    assert run("run")[0] == 0
    code, out, _ = run("plan", "--html", "plan.html", "--csv", "plan.csv")
    assert code == 0
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert f"! {MARIA}" in lines
    assert "last loaded maria@beta.example" in lines
    assert "theirs maria.private@client.example" in lines
    assert "ours maria.i@beta.example" in lines
    assert "crmmigrate review --conflicts" in " ".join(lines)
    assert max(map(len, out.splitlines())) <= 80
    (row,) = csv.DictReader((project.root / "plan.csv").read_text(encoding="utf-8").splitlines())
    assert (row["action"], row["base"], row["before"], row["after"]) == (
        "conflict", "maria@beta.example", "maria.private@client.example", "maria.i@beta.example"
    )  # fmt: skip
    page = (project.root / "plan.html").read_text(encoding="utf-8")
    for shown in (row["base"], row["before"], row["after"], "Last loaded"):
        assert shown in page
    assert run("plan", "--select", "contact:conflict")[1].count("last loaded") == 1


def test_the_record_is_held_back_as_a_whole_and_the_others_are_written(both_changed, project, crm):
    run = both_changed
    changed = PEOPLE.replace("maria@beta.example,0744 111 222", "maria.i@beta.example,0744 111 333")
    project.write("data/people.csv", changed.replace("radu@beta", "radu.s@beta"))
    facts = plan(run)
    counts = facts["facts"]["actions"]["contact"]
    assert (counts["conflict"], counts["update"]) == (1, 1)
    assert set(held(facts)[MARIA]["fields"]) >= {"email", "phone"}
    assert set(held(facts)[MARIA]["base"]) == {"email"}
    assert run("load")[0] == 0
    assert value(crm, "phone") == "+40744111222"
    assert value(crm, key=RADU) == "radu.s@beta.example"
    # It stays in conflict until somebody has decided: what was loaded last is still the base.
    assert held(plan(run))[MARIA]["base"] == {"email": "maria@beta.example"}


@pytest.mark.parametrize("policy", ["overwrite", "source_wins"])
def test_a_policy_that_says_ours_writes_and_tells(both_changed, project, crm, policy):
    run = both_changed
    project.write("migration.yaml", MIGRATION + f"policies: {{contact: {{email: {policy}}}}}\n")
    facts = plan(run)
    assert facts["facts"]["actions"]["contact"]["update"] == 1
    assert {f["code"] for f in facts["findings"]} >= {"PLN522"}
    assert run("load")[0] == 0
    assert value(crm) == "maria.i@beta.example"
    assert run("verify")[0] == 0


def test_a_policy_that_says_theirs_keeps(both_changed, project, crm):
    run = both_changed
    project.write("migration.yaml", MIGRATION + "policies: {contact: {email: target_wins}}\n")
    facts = plan(run)
    assert facts["facts"]["actions"]["contact"].get("conflict", 0) == 0
    assert facts["facts"]["kept"] == {"contact": 1}
    assert run("load")[0] == 0
    assert value(crm) == "maria.private@client.example"


def test_hold_is_the_default_and_can_be_named_beside_another_policy(both_changed, project):
    project.write(
        "migration.yaml", MIGRATION + "policies: {contact: {'*': overwrite, email: hold}}\n"
    )
    assert plan(both_changed)["facts"]["actions"]["contact"]["conflict"] == 1


def test_what_only_the_target_has_changed_is_written_over_and_told(run, crm):
    edit(crm, email="maria.private@client.example")
    facts = plan(run)
    assert facts["facts"]["actions"]["contact"]["update"] == 1
    codes = {f["code"]: f["count"] for f in facts["findings"]}
    assert codes["PLN522"] == 1
    assert "PLN521" not in codes


def test_what_only_the_sources_have_changed_is_an_update(run, project):
    source_changes(project)
    facts = plan(run)
    assert facts["facts"]["actions"]["contact"]["update"] == 1
    assert not {f["code"] for f in facts["findings"]} & {"PLN521", "PLN522"}


def test_the_same_change_on_both_sides_is_none(run, project, crm):
    edit(crm, email="maria.i@beta.example")
    source_changes(project)
    assert plan(run)["facts"]["pending"] == 0


def test_another_spelling_of_the_target_is_no_edit(run, project, crm):
    # As a target that writes letters its own way; nobody has changed the record since the load.
    stamp = "2000-01-01T00:00:00.000000+00:00"
    crm(f"UPDATE contact SET email = upper(email), modified_at = '{stamp}'")
    source_changes(project)
    counts = plan(run)["facts"]["actions"]["contact"]
    assert counts["conflict"] == 0
    crm("UPDATE contact SET modified_at = '2999-01-01T00:00:00.000000+00:00'")
    assert plan(run)["facts"]["actions"]["contact"]["conflict"] == 1


def test_what_was_rolled_back_is_no_base(run, project, crm):
    source_changes(project)
    assert run("run", "--load")[0] == 0
    newest = max(p.name for p in (project.root / ".crmmigrate" / "runs").iterdir())
    assert run("rollback", newest, "--yes")[0] == 0
    assert value(crm) == "maria@beta.example"
    edit(crm, email="maria.private@client.example")
    assert held(plan(run))[MARIA]["base"] == {"email": "maria@beta.example"}


def test_a_reference_that_both_sides_have_changed(run, project, crm):
    account = crm("SELECT account_id FROM contact WHERE external_id = ?", RADU)
    assert account == [(None,)]
    other = crm("SELECT id FROM account WHERE external_id = 'shop:account:companies/3'")[0][0]
    crm("UPDATE contact SET account_id = ? WHERE external_id = ?", other, RADU)
    project.write("data/people.csv", PEOPLE.replace("radu@beta.example,,9", "radu@beta.example,,1"))
    record = held(plan(run))[RADU]
    assert record["base"] == {"account": None}
    assert record["fields"]["account"][0] == "shop:account:companies/3"


def test_a_decision_for_theirs_keeps_the_value_while_both_sides_hold_theirs(
    both_changed, project, crm
):
    run = both_changed
    plan(run)
    code, out, _ = run("review")
    assert code == 0
    assert "1 field in conflict besides" in out
    code, out, _ = run("review", "--conflicts")
    assert code == 0
    assert MARIA in out
    assert "maria.private@client.example" in out
    code, out, err = run("decide", MARIA, "theirs", "--why", "she asked for it")
    assert code == 0, err
    assert "1 choice in conflicts/contact.csv" in out
    kept = (project.root / "conflicts" / "contact.csv").read_text()
    assert "theirs" in kept
    assert "she asked for it" in kept
    assert "@" not in kept
    facts = plan(run)
    assert facts["facts"]["actions"]["contact"]["conflict"] == 0
    assert facts["facts"]["pending"] == 0
    assert {f["code"] for f in facts["findings"]} >= {"PLN523"}
    assert run("load")[0] == 0
    assert value(crm) == "maria.private@client.example"
    code, out, _ = run("verify", "--json")
    assert code == 0, out
    assert [d["code"] for d in json.loads(out)["facts"]["differences"]] == ["VER617"]
    # Another value of ours is another conflict.
    source_changes(project, new="maria.n@beta.example")
    assert plan(run)["facts"]["actions"]["contact"]["conflict"] == 1


def test_a_decision_for_ours_writes_it_and_is_the_base_of_what_follows(both_changed, project, crm):
    run = both_changed
    plan(run)
    assert run("decide", MARIA, "email", "ours")[0] == 0
    assert plan(run)["facts"]["actions"]["contact"]["update"] == 1
    assert run("load")[0] == 0
    assert value(crm) == "maria.i@beta.example"
    assert run("verify")[0] == 0
    assert plan(run)["facts"]["pending"] == 0
    source_changes(project, new="maria.n@beta.example")
    counts = plan(run)["facts"]["actions"]["contact"]
    assert (counts["conflict"], counts["update"]) == (0, 1)


@pytest.mark.parametrize("name", ["conflicts.csv", "conflicts.xlsx"])
def test_a_file_of_conflicts_is_filled_in_and_taken(both_changed, project, crm, name):
    run = both_changed
    plan(run)
    assert run("review", "--conflicts", "-o", name)[0] == 0
    path = project.root / name
    assert path.stat().st_mode & 0o077 == 0
    if name.endswith(".xlsx"):
        from openpyxl import load_workbook

        book = load_workbook(path)
        header = [cell.value for cell in book.active[1]]
        book.active.cell(2, header.index("keep") + 1).value = "Ours"
        book.save(path)
    else:
        (row,) = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        assert row["base"] == "maria@beta.example"
        lines = [",".join(row), ",".join(v or "ours" if k == "keep" else v for k, v in row.items())]
        path.write_text("\n".join(lines) + "\n")
    code, out, err = run("decide", name)
    assert code == 0, err
    assert "contact: 1 taken" in out
    assert plan(run)["facts"]["actions"]["contact"]["update"] == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((MARIA, "mine"), "'mine' cannot be kept"),
        ((MARIA, "phone", "ours"), "'phone' of this record is not in conflict"),
        (("shop:contact:people/1", "ours"), "no conflict of"),
    ],
)
def test_a_decision_about_nothing_is_refused(both_changed, words, says):
    run = both_changed
    plan(run)
    code, _, err = run("decide", *words)
    assert code == 2
    assert says in err


def test_wrong_choices_are_told_with_their_line(run, project):
    project.write("conflicts/contact.csv", "key,field,keep,of\nx:contact:y/1,email,mine,c1\n")
    code, _, err = run("plan")
    assert code == 2
    assert "conflicts/contact.csv:2" in err
    assert "'mine' cannot be kept" in err


def test_the_report_tells_that_somebody_has_to_decide(both_changed, project, crm):
    run = both_changed
    changed = PEOPLE.replace("3,Maria Ionescu,maria@beta", "3,Mariana Grigorescu,maria.i@beta")
    project.write("data/people.csv", changed)
    edit(crm, name="Maria Vasilescu")
    assert set(held(plan(run))[MARIA]["base"]) >= {"name", "email"}
    assert run("load")[0] == 0
    assert run("verify")[0] == 0
    code, out, _ = run("report", "--json")
    assert code == 0
    report = json.loads(out)
    assert report["totals"]["held"] == 1
    assert report["totals"]["unaccounted"] == 0
    assert "1 held back until somebody decides" in report["verdict"]["sentence"]
    (light,) = (light for light in report["lights"] if light["name"] == "Load")
    assert light == {**light, "state": "attention"}
    counts, fields, references = (line["differ"] for line in report["levels"])
    assert (counts, references) == (0, 0)
    assert fields >= 2
    for value in ("Ionescu", "Grigorescu", "Vasilescu", "maria.private"):
        assert value not in out  # values are masked
    code, out, _ = run("trace", MARIA)
    assert "held back (PLN521) by plan" in out
