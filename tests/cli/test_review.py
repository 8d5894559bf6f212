"""`review` and `decide`: what people say about pairs holds in every later run."""

import csv
import json

import polars as pl
import pytest

from crmmigrate.cli.app import run_app

PEOPLE = """\
id,name,email,phone,company,status
1,Ion Popescu,ion.popescu@alfa.example,0722 123 456,1,A
2,I. Popescu,,,1,A
3,Ion Popescu,ion.popescu@alfa.example,0722 123 456,1,A
4,Radu Stan,radu@beta.example,0744 111 222,3,I
5,Radu Stan,radu@beta.example,0744 111 222,3,A
6,Maria Ionescu,maria@mail.example,0744 111 333,3,A
7,Maria Ionescu,mionescu@post.example,0744 111 334,3,A
8,Ana Dan,ana@x.example,,,A
9,A. Dan,dan@y.example,,,A
10,Dan Stanescu,ds@x.example,,,A
11,Stanescu,ds2@y.example,0744 111 334,,A
"""
KEY = "shop:contact:people/{}"


@pytest.fixture
def run(project, capsys, monkeypatch):
    """Run commands in a project whose contacts are partly alike; return code, text, errors."""
    monkeypatch.chdir(project.root)
    project.write("data/people.csv", PEOPLE)

    def command(*arguments):
        code = run_app(list(arguments))
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    assert command("run")[0] == 0
    return command


def clusters(project):
    """Return the contacts that are one record, as sets of their numbers."""
    newest = max((project.root / ".crmmigrate" / "runs").iterdir())
    members = pl.concat(
        [pl.read_parquet(f) for f in newest.glob("dedupe/contact/members-*.parquet")]
    )
    groups = members.group_by("golden_key").agg("_key")["_key"].to_list()
    return {frozenset(int(key.rpartition("/")[2]) for key in group) for group in groups}


def findings(project, code):
    newest = max((project.root / ".crmmigrate" / "runs").iterdir())
    files = newest.glob("dedupe/contact/findings-*.parquet")
    return pl.concat([pl.read_parquet(f) for f in files]).filter(pl.col("code") == code)


def test_a_decision_holds_the_most_alike_apart_and_the_least_together(run, project):
    assert {frozenset({4, 5})} <= clusters(project)
    assert (
        run("decide", KEY.format(4), KEY.format(5), "no_match", "--why", "father and son")[0] == 0
    )
    assert run("decide", KEY.format(1), KEY.format(4), "match")[0] == 0
    assert run("run")[0] == 0
    found = clusters(project)
    assert not any({4, 5} <= group for group in found)
    assert any({1, 4} <= group for group in found)
    text = (project.root / "decisions" / "contact.csv").read_text(encoding="utf-8")
    assert "father and son" in text


def test_the_later_decision_about_a_pair_replaces_the_earlier(run, project):
    run("decide", KEY.format(4), KEY.format(5), "no_match")
    code, out, _ = run("decide", KEY.format(5), KEY.format(4), "match", "--json")
    assert code == 0
    assert json.loads(out)["written"][0]["decisions"] == 1
    run("run")
    assert frozenset({4, 5}) in clusters(project)


def test_decisions_that_contradict_each_other_are_told(run, project):
    run("decide", KEY.format(1), KEY.format(4), "match")
    run("decide", KEY.format(4), KEY.format(2), "match")
    run("decide", KEY.format(1), KEY.format(2), "no_match")
    run("decide", KEY.format(1), KEY.format(99), "match")
    assert run("run")[0] == 0
    assert not any({1, 2} <= group for group in clusters(project))
    assert findings(project, "DUP221").height == 1
    (gone,) = findings(project, "DUP222")["message"]
    assert gone == f"there is no record {KEY.format(99)}"


def test_a_pair_judged_both_ways_is_not_merged(run, project):
    lines = [f"{KEY.format(4)},{KEY.format(5)},{said}" for said in ("match", "no_match")]
    project.write("decisions/contact.csv", "\n".join(["key_a,key_b,judgement", *lines]))
    assert run("run")[0] == 0
    assert frozenset({4, 5}) not in clusters(project)
    assert findings(project, "DUP221").height == 1


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_review_file_comes_back_with_judgements(run, project, suffix):
    path = project.root / f"review{suffix}"
    code, out, _ = run("review", "contact", "--json", "-o", str(path))
    assert code == 0
    pairs = json.loads(out)["pairs"]
    assert pairs
    assert all(pair["object"] == "contact" for pair in pairs)
    if suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
    else:
        rows = pl.read_excel(path).to_dicts()
    assert [row["key_a"] for row in rows] == [pair["key_a"] for pair in pairs]
    assert not any(row["judgement"] for row in rows)
    assert any(name.startswith("name (") for name in rows[0])
    rows[0]["judgement"] = "Match"
    filled = project.root / "filled.csv"
    pl.DataFrame(rows).write_csv(filled)
    assert run("decide", str(filled))[0] == 0
    assert run("run")[0] == 0
    wanted = {int(rows[0][key].rpartition("/")[2]) for key in ("key_a", "key_b")}
    assert any(wanted <= group for group in clusters(project))
    left = json.loads(run("review", "contact", "--json")[1])["pairs"]
    assert (pairs[0]["key_a"], pairs[0]["key_b"]) not in [(p["key_a"], p["key_b"]) for p in left]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["decide", KEY.format(1), KEY.format(2), "mtch"], "did you mean 'match'?"),
        (["decide", KEY.format(1), KEY.format(1), "match"], "both keys are"),
        (["decide", KEY.format(1), "shop:account:companies/1", "match"], "not two records of one"),
        (["decide", KEY.format(1), KEY.format(2)], "two keys and a judgement"),
        (["decide", "migration.yaml"], "migration.yaml"),
        (["review", "contct"], "did you mean 'contact'?"),
        (["review", "-o", "out.pdf"], "the output is written as"),
    ],
)
def test_what_cannot_be_is_refused(run, arguments, told):
    code, _, err = run(*arguments)
    assert code == 2
    assert told in err


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("contact", "a,b\n1,2\n", "decisions/contact.csv:1"),
        ("contact", "key_a,key_b,judgement\nx,y,maybe\n", "decisions/contact.csv:2"),
        ("contact", "key_a,key_b,judgement\nx,,match\n", "a key is missing"),
        ("contact", "key_a,key_b,judgement\nx,y,match,w,z\n", "more cells than columns"),
        ("contct", "key_a,key_b,judgement\n", "did you mean 'contact'?"),
    ],
)
def test_a_broken_file_of_decisions_is_a_configuration_error(run, project, name, text, told):
    project.write(f"decisions/{name}.csv", text)
    code, _, err = run("check")
    assert code == 2
    assert told in err


def test_two_records_that_were_merged_are_explained(run):
    code, out, _ = run("explain-match", KEY.format(4), KEY.format(5), "--json")
    assert code == 0
    found = json.loads(out)
    evidence = found["evidence"]
    assert found["merged"]
    assert found["judgement"] == "match"
    assert {"name.family", "email", "phone"} <= {c["feature"] for c in evidence["contributions"]}
    told = sum(c["weight"] for c in evidence["contributions"])
    assert evidence["prior"] + told + evidence["repeated"] == pytest.approx(
        evidence["score"], abs=0.1
    )
    assert "phone" in evidence["keys"]
    text = run("explain-match", KEY.format(4), KEY.format(5))[1]
    assert max(map(len, text.splitlines())) <= 80
    assert "both share the key phone" in text


def test_two_records_that_were_never_compared_are_explained_with_what_people_said(run):
    assert run("decide", KEY.format(1), KEY.format(4), "no_match", "--why", "seen both")[0] == 0
    text = run("explain-match", KEY.format(1), KEY.format(4))[1]
    assert "not merged" in text
    assert "never compared" in text
    assert "no_match (seen both)" in text


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ((KEY.format(1), KEY.format(99)), "there is no record"),
        ((KEY.format(1), KEY.format(1)), "not two records"),
        (("a", "b"), "not two records"),
        ((KEY.format(1), "shop:account:companies/1"), "not two records"),
    ],
)
def test_what_cannot_be_explained_is_told(run, keys, told):
    code, _, err = run("explain-match", *keys)
    assert code == 2
    assert told in err


def test_clusters_are_measured_against_truth(run, project):
    truth = project.root / "truth.csv"
    entities = {1: 1, 2: 1, 3: 1, 4: 2, 5: 3, 6: 4, 7: 5, 8: 6, 9: 6, 10: 7, 11: 8}
    truth.write_text(
        "key,entity\n" + "".join(f"{KEY.format(k)},{e}\n" for k, e in entities.items())
    )
    code, out, _ = run("evaluate", "contact", "--truth", str(truth), "--json")
    assert code == 0
    found = json.loads(out)
    assert found["records"] == 11
    assert found["missed"] == {"left for review": 1}
    assert found["wrong"] == {"matched by their own evidence": 2}
    assert found["agreement"]["precision"] == pytest.approx(3 / 5)
    assert found["agreement"]["recall"] == pytest.approx(3 / 4)
    pairs = project.root / "pairs.csv"
    pairs.write_text(
        f"key_a,key_b\n{KEY.format(1)},{KEY.format(2)}\n{KEY.format(2)},{KEY.format(3)}\n"
    )
    by_pairs = json.loads(run("evaluate", "contact", "--truth", str(pairs), "--json")[1])
    assert by_pairs["agreement"]["recall"] == 1
    text = run("evaluate", "contact", "--truth", str(truth))[1]
    assert max(map(len, text.splitlines())) <= 80


def test_a_judged_sample_gives_shares_with_intervals(run, project):
    path = project.root / "sample.csv"
    code, out, _ = run("review", "contact", "--sample", "50", "-o", "sample.csv")
    assert code == 0
    assert "next: crmmigrate evaluate --judged sample.csv" in out
    rows = pl.read_csv(path, infer_schema=False)
    said = pl.when(pl.col("matched") == "yes").then(pl.lit("match")).otherwise(pl.lit("no_match"))
    rows.with_columns(said.alias("judgement")).write_csv(path)
    code, out, _ = run("evaluate", "--judged", str(path), "--json")
    assert code == 0
    found = json.loads(out)
    assert found["judged"] == rows.height
    assert found["precision"]["value"] == found["recall"]["value"] == 1
    assert run("decide", str(path))[0] == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["evaluate"], "which object?"),
        (["evaluate", "contact", "--truth", "data/people.csv"], "the columns key and entity"),
        (["evaluate", "contact", "--truth", "truth.csv"], "no key of this file"),
        (["evaluate", "--judged", "data/people.csv"], "the column judgement is missing"),
        (["evaluate", "--results", "data", "--truth", "truth.csv"], "there is no such file"),
        (["review", "--sample", "10"], "a sample is of one object"),
    ],
)
def test_what_cannot_be_measured_is_told(run, project, arguments, told):
    project.write("truth.csv", "key,entity\nx,1\n")
    code, _, err = run(*arguments)
    assert code == 2
    assert told in err


def test_merges_are_shown_before_they_are_loaded(run, project):
    code, out, _ = run("merges", "contact", "--json", "-n", "10")
    assert code == 0
    found = json.loads(out)
    groups = {}
    for row in found["shown"]:
        groups.setdefault(row["golden_key"], []).append(row)
    assert found["merges"] == len(groups)
    assert found["records"] == sum(len(group) - 1 for group in groups.values())
    assert {
        frozenset(int(r["key"].rpartition("/")[2]) for r in g[1:]) for g in groups.values()
    } == {group for group in clusters(project) if len(group) > 1}
    for golden, *members in groups.values():
        assert golden["role"] == "golden record"
        values = {m["key"]: m for m in members}
        assert golden["name"] == values[golden["name from"]]["name"]
    text = run("merges", "contact")[1]
    assert max(map(len, text.splitlines())) <= 80
    assert run("merges", "contact", "-o", "merges.csv")[0] == 0
    assert pl.read_csv("merges.csv").height == found["merges"] + found["records"]
    assert "which object?" in run("merges")[2]
