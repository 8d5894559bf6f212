import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.changes.diff import defer, diff, payload_columns
from crmmigrate.model.semantic import SemanticType as Kind

KINDS = {"name": Kind.TEXT, "size": Kind.NUMBER, "boss": Kind.REFERENCE}


def desired(*rows):
    schema = dict.fromkeys(("external_id", *KINDS), pl.String)
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def current(*rows):
    schema = dict.fromkeys(("_id", "_external_id", *KINDS), pl.String)
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def test_three_actions():
    operations = diff(
        desired(("a", "A", "1", None), ("b", "B", "2.0", "a"), ("c", "C", "3", None)),
        current(("1", "b", "B", "2", "a"), ("2", "c", "old", "3", "b")),
        KINDS,
    )
    assert operations["action"].to_list() == ["create", "unchanged", "update"]
    assert operations["changed"].to_list() == [[], [], ["name", "boss"]]
    assert operations["target_id"].to_list() == [None, "1", "2"]
    update = operations.row(2, named=True)
    assert (update["was.name"], update["to.name"]) == ("old", "C")
    assert (update["was.boss"], update["to.boss"]) == ("b", None)


def test_unchanged_records_carry_no_values():
    operations = diff(desired(("b", "B", "2", None)), current(("1", "b", "B", "2", None)), KINDS)
    row = operations.row(0, named=True)
    assert all(row[f"{side}.{c}"] is None for c in KINDS for side in ("to", "was"))


def test_a_blank_clears_unless_nothing_feeds_the_column():
    there = current(("1", "b", "B", "2", None))
    blank = desired(("b", "B", None, None))
    assert diff(blank, there, KINDS)["changed"].to_list() == [["size"]]
    kept = diff(blank, there, KINDS, keep={"size"})
    assert kept["action"].to_list() == ["unchanged"]
    filled = diff(desired(("b", "B", "9", None)), there, KINDS, keep={"size"})
    assert filled["changed"].to_list() == [["size"]]


def test_deferred_references_go_to_the_second_pass():
    operations = diff(
        desired(
            ("a", "A", "1", "z"), ("b", "B", "2", "z"), ("c", "C", "3", None), ("d", "D", "4", "d")
        ),
        current(("1", "b", "B", "2", None), ("2", "d", "x", "4", "e")),
        KINDS,
    )
    first, second = defer(operations, ["boss"])
    assert first["action"].to_list() == ["create", "update", "create", "update"]
    assert first["to.boss"].to_list()[0] is None
    assert first["changed"].to_list() == [[], [], [], ["name"]]
    assert second["external_id"].to_list() == ["a", "b", "d"]
    assert second["action"].to_list() == ["update"] * 3
    assert second["changed"].to_list() == [["boss"]] * 3
    assert second["to.boss"].to_list() == ["z", "z", "d"]
    assert second["was.boss"].to_list() == [None, None, "e"]
    assert payload_columns(second) == ["boss"]
    assert set(second["pass"]) == {2}


def test_nothing_deferred_leaves_everything():
    operations = diff(desired(("a", "A", "1", "z")), current(), KINDS)
    first, second = defer(operations, [])
    assert first.equals(operations)
    assert second.is_empty()


VALUES = st.sampled_from([None, "", "1", "1.0", "2", "x"])
KEYS = st.sampled_from("abcdef")


@given(
    st.dictionaries(KEYS, st.tuples(VALUES, VALUES, VALUES)),
    st.dictionaries(KEYS, st.tuples(VALUES, VALUES, VALUES)),
)
def test_applying_the_changes_gives_what_was_desired(want, have):
    wanted = desired(*((k, *v) for k, v in want.items()))
    there = current(*((str(i), k, *v) for i, (k, v) in enumerate(have.items())))
    operations = diff(wanted, there, KINDS)
    assert operations["external_id"].to_list() == list(want)
    result = {k: dict(zip(KINDS, v, strict=True)) for k, v in have.items()}
    for row in operations.iter_rows(named=True):
        if row["action"] == "create":
            result[row["external_id"]] = {c: row[f"to.{c}"] for c in KINDS}
        for column in row["changed"]:
            result[row["external_id"]][column] = row[f"to.{column}"]
    after = current(*((k, k, *v.values()) for k, v in result.items()))
    assert set(diff(wanted, after, KINDS)["action"]) <= {"unchanged"}


@given(
    st.dictionaries(KEYS, st.tuples(VALUES, VALUES, VALUES)),
    st.dictionaries(KEYS, st.tuples(VALUES, VALUES, VALUES)),
    st.integers(0, 6),
)
def test_it_is_a_row_kernel(want, have, cut):
    wanted = desired(*((k, *v) for k, v in want.items()))
    there = current(*((str(i), k, *v) for i, (k, v) in enumerate(have.items())))
    whole = diff(wanted, there, KINDS)
    pieces = pl.concat([diff(wanted[:cut], there, KINDS), diff(wanted[cut:], there, KINDS)])
    assert whole.equals(pieces)
