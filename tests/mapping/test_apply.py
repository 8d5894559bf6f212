"""The mapping kernel: every row in exactly one outcome, batches do not matter."""

import pickle
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmmigrate.config.canonical import load_model
from crmmigrate.config.mapping import read_mappings
from crmmigrate.errors import ConfigError
from crmmigrate.mapping.apply import map_rows
from crmmigrate.mapping.keys import row_key
from crmmigrate.mapping.lookups import build_index, needed_indexes
from crmmigrate.model.mapping import ObjectMapping

MODEL = load_model()
HEAD = "source: erp\ndataset: contacts\nobject: contact\n"
KNOWN = {"erp:account:accounts": pl.Series(["erp:account:accounts/7", "erp:account:accounts/9"])}

MAPPING = (
    HEAD
    + """\
region: {from: country, default: RO}
derive:
  both: "COALESCE(first, '') || ' ' || COALESCE(last, '')"
  shout: "UPPER(both)"
exclude:
  - {rule: total, when: "first = 'TOTAL'", why: sum}
  - {rule: empty, when: "first IS NULL AND last IS NULL", why: nothing in it}
fields:
  name.given: {from: first}
  name.family: {from: last, required: true}
  title: {from: shout}
  status: {from: state, values: {A: active, I: inactive}, on_unmapped: reject}
  gender: {from: sex, values: {F: female, M: male}, on_unmapped: keep}
  language: {from: lang, values: {"": ro, x: null, default: en}}
  account: {lookup: {object: account, dataset: accounts, from: account_id, on_missing: null}}
  lead_source: {const: 12}
  description: {join: {from: [first, last], with: "; "}}
  department: {split: {from: path, on: "/", part: -1}}
ignore: {country_note: no use}
"""
)


def read(tmp_path: Path, text: str) -> ObjectMapping:
    path = tmp_path / "contact.yaml"
    path.write_text(text, encoding="utf-8")
    return read_mappings(path, shown="mappings/contact.yaml")[0]


def rows(records: list[dict[str, object]]) -> pl.DataFrame:
    schema = dict.fromkeys(
        ("id", "first", "last", "state", "sex", "lang", "account_id", "path", "country"), pl.String
    )
    frame = pl.DataFrame(records, schema=schema)
    return frame.with_columns(_row=pl.int_range(2, pl.len() + 2)).with_columns(
        row_key("erp", "contacts", ["id"])
    )


def run(frame: pl.DataFrame, mapping: ObjectMapping, known=KNOWN):
    return map_rows(frame, mapping, MODEL.objects[mapping.object], known)


@pytest.fixture(scope="module")
def mapping(tmp_path_factory) -> ObjectMapping:
    return read(tmp_path_factory.mktemp("mapping"), MAPPING)


def one(mapping: ObjectMapping, **cells: object) -> dict[str, object]:
    frame = rows([{"id": "1", "first": "Ion", "last": "Pop", **cells}])
    found = run(frame, mapping)
    assert found.rows.height == 1, (found.rejected, found.excluded)
    return found.rows.to_dicts()[0]


def codes(record: dict[str, object]) -> list[tuple[str, str]]:
    return [(f["code"], f["field"]) for f in record["_findings"]]


def test_fields_are_filled_from_every_origin(mapping):
    record = one(mapping, path="a/b/sales", lang=" X ", state=" a ", sex="F", account_id="7 ")
    assert record["_key"] == "erp:contact:contacts/1"
    assert record["_row_key"] == "erp:contacts:1"
    assert (record["name"], record["name_given"], record["name_family"]) == (None, "Ion", "Pop")
    assert record["title"] == "ION POP"
    assert (record["status"], record["gender"], record["language"]) == ("active", "female", None)
    assert record["account"] == "erp:account:accounts/7"
    assert (record["lead_source"], record["description"]) == ("12", "Ion; Pop")
    assert record["department"] == "sales"
    assert codes(record) == []


def test_all_canonical_columns_are_there_as_text(mapping):
    found = run(rows([{"id": "1", "last": "Pop"}]), mapping).rows
    assert set(MODEL.objects["contact"].columns) <= set(found.columns)
    assert {found.schema[c] for c in MODEL.objects["contact"].columns} == {pl.String}


def test_the_region_comes_from_the_column_then_the_default_and_is_never_guessed(mapping):
    assert one(mapping, country="Norge")["_region"] == "NO"
    assert one(mapping, country=" ")["_region"] == "RO"
    record = one(mapping, country="Atlantis")
    assert (record["_region"], record["_region_raw"]) == (None, "Atlantis")
    assert codes(record) == [("MAP204", "country")]


def test_a_value_outside_the_map_is_kept_or_rejected_as_told(mapping):
    record = one(mapping, sex="D")
    assert record["gender"] == "D"
    assert codes(record) == [("MAP201", "gender")]
    found = run(rows([{"id": "1", "last": "Pop", "state": "Q"}]), mapping)
    assert found.rows.height == 0
    assert found.rejected.select("_key", "code", "field").rows() == [
        ("erp:contact:contacts/1", "MAP205", "status")
    ]
    assert '"state":"Q"' in found.rejected["raw"][0]


def test_blank_and_default_values(mapping):
    assert one(mapping, lang=None)["language"] == "ro"
    assert one(mapping, lang="zz")["language"] == "en"


def test_a_required_value_that_is_missing_rejects_the_row(mapping):
    found = run(rows([{"id": "1", "first": "Ion", "last": " "}]), mapping)
    assert found.rejected["code"].to_list() == ["MAP202"]


def test_the_first_exclude_rule_names_the_reason(mapping):
    found = run(rows([{"id": "1", "first": "TOTAL"}, {"id": "2"}]), mapping)
    assert found.excluded.select("rule", "why").rows() == [
        ("total", "sum"),
        ("empty", "nothing in it"),
    ]


def test_a_dangling_reference_is_told_and_dropped(mapping):
    record = one(mapping, account_id="8")
    assert record["account"] is None
    finding = record["_findings"][0]
    assert (finding["code"], finding["before"], finding["after"]) == ("MAP301", "8", None)


@pytest.mark.parametrize(
    ("missing", "kept", "rejected"), [("flag", "erp:account:accounts/8", 0), ("reject", None, 1)]
)
def test_on_missing(tmp_path, missing, kept, rejected):
    mapping = read(
        tmp_path,
        HEAD
        + "fields:\n  name: {from: first}\n  account: {lookup: {object: account, dataset: accounts, "
        + f"from: account_id, on_missing: {missing}}}}}\n",
    )
    found = run(rows([{"id": "1", "first": "Ion", "account_id": "8"}]), mapping)
    assert found.rejected["code"].to_list() == ["MAP303"] * rejected
    assert found.rows["account"].to_list() == [kept] * (1 - rejected)


def test_a_reference_to_a_row_set_aside_on_purpose_is_left_empty_in_silence(mapping):
    known = {**KNOWN, "erp:account:accounts!excluded": pl.Series(["erp:account:accounts/8"])}
    frame = rows([{"id": i, "last": "Pop", "account_id": i} for i in "678"])
    found = run(frame, mapping, known).rows.to_dicts()
    assert [r["account"] for r in found] == [None, "erp:account:accounts/7", None]
    assert [codes(r) for r in found] == [[("MAP301", "account")], [], []]


def test_a_reference_to_several_objects_takes_the_lookup_whose_condition_holds(tmp_path):
    text = """\
source: erp
dataset: notes
object: note
fields:
  body: {from: text}
  about:
    lookup:
      - {object: contact, dataset: people, from: ref, when: "kind = 'P'"}
      - {object: account, dataset: accounts, from: ref, when: "kind = 'A'"}
"""
    mapping = read(tmp_path, text)
    frame = pl.DataFrame(
        {"id": [1, 2, 3, 4], "text": ["a"] * 4, "ref": [7, 7, 8, 7], "kind": ["P", "A", "A", "?"]}
    ).with_columns(_row=pl.int_range(4), _row_key=pl.format("erp:notes:{}", "id"))
    known = {**KNOWN, "erp:contact:people": pl.Series(["erp:contact:people/7"])}
    found = run(frame, mapping, known).rows
    assert found["about"].to_list() == [
        "erp:contact:people/7",
        "erp:account:accounts/7",
        None,
        None,
    ]
    assert [len(f) for f in found["_findings"]] == [0, 0, 1, 0]


def test_a_lookup_by_another_column_wants_exactly_one_record(tmp_path):
    mapping = read(
        tmp_path,
        HEAD
        + "fields:\n  name: {from: first}\n  account: {lookup: {object: account, dataset: accounts, "
        + "from: account_id, by: code}}\n",
    )
    accounts = pl.DataFrame(
        {"_row_key": [f"erp:accounts:{i}" for i in "123"], "code": ["X", "Y", "Y"]}
    )
    indexes = {name: build_index(accounts, one) for name, one in needed_indexes([mapping]).items()}
    frame = rows(
        [{"id": i, "first": "Ion", "account_id": c} for i, c in zip("123", "XYZ", strict=True)]
    )
    found = map_rows(frame, mapping, MODEL.objects["contact"], {}, indexes).rows
    assert found["account"].to_list() == ["erp:account:accounts/1", None, None]
    assert [codes(r) for r in found.to_dicts()] == [
        [],
        [("MAP302", "account")],
        [("MAP301", "account")],
    ]


def test_numbers_find_their_records_whatever_their_type(tmp_path, mapping):
    frame = rows([{"id": "1", "last": "Pop"}]).with_columns(account_id=pl.lit(7.0))
    assert run(frame, mapping).rows["account"].to_list() == ["erp:account:accounts/7"]


def test_bytes_stay_bytes(tmp_path):
    mapping = read(
        tmp_path,
        "source: erp\ndataset: files\nobject: attachment\nfields:\n  file_name: {from: n}\n  content: {from: c}\n",
    )
    frame = pl.DataFrame({"n": ["a", "b"], "c": [b"\xff\x00", b""], "_row": [1, 2]}).with_columns(
        _row_key=pl.format("erp:files:{}", "_row")
    )
    assert run(frame, mapping).rows["content"].to_list() == [b"\xff\x00", None]


def test_an_expression_that_does_not_fit_the_data_is_a_configuration_error(tmp_path):
    mapping = read(
        tmp_path, HEAD + 'fields:\n  name: {from: first}\n  title: {expr: "CAST(first AS INT)"}\n'
    )
    with pytest.raises(
        ConfigError, match=r"mappings/contact.yaml:6: fields.title: the expression fails"
    ):
        run(rows([{"id": "1", "first": "Ion"}]), mapping)


def test_a_missing_column_is_told_with_a_suggestion(tmp_path):
    mapping = read(tmp_path, HEAD + "fields:\n  name: {from: frist}\n")
    with pytest.raises(
        ConfigError, match=r"unknown column 'frist' of erp.contacts; did you mean 'first'"
    ):
        run(rows([{"id": "1"}]), mapping)


def test_a_mapping_can_be_sent_to_another_machine(mapping):
    again = pickle.loads(pickle.dumps(mapping))
    frame = rows([{"id": "1", "last": "Pop"}])
    assert run(frame, again).rows.equals(run(frame, mapping).rows)


def test_no_rows_give_the_same_schema(mapping):
    full, empty = run(rows([{"id": "1", "last": "Pop"}]), mapping), run(rows([]), mapping)
    assert full.rows.schema == empty.rows.schema
    assert full.rejected.schema == empty.rejected.schema
    assert full.excluded.schema == empty.excluded.schema


CELL = st.sampled_from([None, "", " ", "A", "F", "7", "8", "TOTAL", "Q", "x/y", "Norge", "Ün", "'"])
ROW = st.fixed_dictionaries(
    dict.fromkeys(("first", "last", "state", "sex", "lang", "account_id", "path", "country"), CELL)
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(records=st.lists(ROW, max_size=12), cut=st.integers(0, 12))
def test_every_row_has_one_outcome_and_batches_do_not_matter(mapping, records, cut):
    frame = rows([{"id": str(i), **record} for i, record in enumerate(records)])
    whole = run(frame, mapping)
    keys = [f["_row_key"] for f in (whole.rows, whole.rejected, whole.excluded)]
    assert sorted(pl.concat(keys).to_list()) == sorted(frame["_row_key"].to_list())
    one, two = run(frame[:cut], mapping), run(frame[cut:], mapping)
    for name in ("rows", "rejected", "excluded"):
        joined = pl.concat([getattr(one, name), getattr(two, name)])
        assert joined.equals(getattr(whole, name)), name
