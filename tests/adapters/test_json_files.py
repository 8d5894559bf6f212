"""JSON documents and JSON Lines."""

import json

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmmigrate.adapters import json_cursor
from crmmigrate.adapters.batches import RESERVED
from crmmigrate.adapters.registry import open_file
from crmmigrate.errors import UsageError


def test_document_with_nested_values(write_file, read_all):
    path = write_file(
        "a.json",
        '{"meta": {"n": 2}, "data": {"items": [{"id": 12345678901234567890, "p": {"x": 1.10, "l": [1, 2.50, "a"]},'
        ' "ok": true}, {"id": 2, "p": null, "none": ""}, 5]}, "after": [',
    )
    with pytest.raises(UsageError, match=r"lists|not valid"):
        open_file(path).describe()
    frame = read_all(open_file(path, records_path="data.items"))
    assert frame.columns[4:] == ["id", "p.x", "p.l", "ok", "p", "none"]
    assert frame.drop(RESERVED).row(0) == (
        "12345678901234567890",
        "1.10",
        '[1,2.50,"a"]',
        "true",
        None,
        None,
    )
    assert frame["_rejected"].to_list() == [None, None, "EXT109"]
    assert frame["_row"].to_list() == [1, 2, 3]


def test_lines_that_cannot_be_read_are_rejected(write_file, read_all):
    text = '{"id": 1, "n": {"a": "x"}}\n{bad\n\n[1]\n{"id": 2, "z": "\\u0000"}\n{"id": 3}\n'
    path = write_file("a.jsonl", text.encode() + b'{"id": "\xff"}\n')
    frame = read_all(open_file(path))
    found = [r or e for r, e in frame.select("_rejected", "_excluded").rows()]
    assert found == [None, "EXT108", "empty_row", "EXT109", "EXT106", None, "EXT105"]
    assert frame.filter(pl.col("_row") == 2)["_text"].item() == "{bad"


def test_lines_are_recognised_without_their_suffix(write_file, read_all):
    frame = read_all(open_file(write_file("a.json", '{"id": 1}\n{"id": 2}\n')))
    assert frame["id"].to_list() == ["1", "2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ('[{"id": 1}, {"id": ', "not valid JSON"),
        ('[{"id": 1} {"id": 2}]', "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ('{"items": [{"id": 1}]}', "records_path"),
        ("nonsense", "not valid JSON"),
    ],
)
def test_damaged_documents(write_file, text, message):
    with pytest.raises(UsageError) as caught:
        open_file(write_file("a.json", text)).describe()
    assert message in f"{caught.value.message} {caught.value.hint}"


def test_wrong_records_path_names_what_is_there(write_file):
    with pytest.raises(UsageError) as caught:
        open_file(write_file("a.json", '{"rows": []}'), records_path="items").describe()
    assert "rows" in caught.value.hint


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@given(
    st.lists(
        st.dictionaries(st.text("abc", min_size=1, max_size=2), VALUES, max_size=4), max_size=8
    ),
    st.integers(1, 60),
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_documents_are_walked_whatever_the_chunk(tmp_path, records, size):
    path = tmp_path / "g.json"
    path.write_text(
        json.dumps(records, ensure_ascii=False), encoding="utf-8", errors="backslashreplace"
    )
    usual, json_cursor._CHUNK = json_cursor._CHUNK, size
    try:
        with path.open(encoding="utf-8") as stream:
            cursor = json_cursor.JsonCursor(stream)
            cursor.take("[")
            read = []
            while cursor.peek() != "]":
                read.append(json.loads(json_cursor.json_text(cursor.value())))
                if cursor.peek() != "]":
                    cursor.take(",")
    finally:
        json_cursor._CHUNK = usual
    assert read == json.loads(path.read_text("utf-8"))
