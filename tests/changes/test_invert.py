import polars as pl

from crmmigrate.changes.invert import EDITED, GONE, INTACT, UNDONE, invert, judge_current
from crmmigrate.model.semantic import SemanticType as Kind

KINDS = {"name": Kind.TEXT, "size": Kind.NUMBER}


def written(*rows):
    names = ["external_id", "action", "changed", "to.name", "was.name", "to.size", "was.size"]
    schema = {n: pl.List(pl.String) if n == "changed" else pl.String for n in names}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def now(*rows):
    return pl.DataFrame(
        list(rows), schema=dict.fromkeys(("_external_id", *KINDS), pl.String), orient="row"
    )


def states(operations, current, **options):
    return dict(
        judge_current(operations, current, KINDS, **options)
        .select("external_id", "state")
        .iter_rows()
    )


def test_undoing_swaps_and_reverses():
    operations = written(
        ("a", "create", [], "A", None, "1", None),
        ("b", "update", ["name"], "B", "old", "2", "2"),
        ("c", "delete", [], None, "C", None, "3"),
    )
    undo = invert(operations, KINDS)
    assert undo["external_id"].to_list() == ["c", "b", "a"]
    assert undo["action"].to_list() == ["create", "update", "purge"]
    assert undo["to.name"].to_list() == ["C", "old", None]
    assert undo["was.name"].to_list() == [None, "B", "A"]


def test_undoing_twice_gives_the_operation_back():
    update = written(("b", "update", ["name"], "B", "old", "2", "2"))
    assert invert(invert(update, KINDS), KINDS).equals(update)


def test_three_way_check_of_creates():
    operations = written(*((k, "create", [], "A", None, "1", None) for k in "abc"))
    current = now(("a", "A", "1.0"), ("b", "A", "2"))
    assert states(operations, current) == {"a": INTACT, "b": EDITED, "c": GONE}


def test_three_way_check_of_updates_looks_at_changed_columns_only():
    operations = written(*((k, "update", ["name"], "new", "old", "1", "1") for k in "abcd"))
    current = now(("a", "new", "77"), ("b", "old", "1"), ("c", "other", "1"))
    assert states(operations, current) == {"a": INTACT, "b": UNDONE, "c": EDITED, "d": GONE}


def test_it_names_the_edited_columns():
    operations = written(("a", "create", [], "A", None, "1", None))
    told = judge_current(operations, now(("a", "B", "1")), KINDS)
    assert told["edited"].to_list() == [["name"]]


def test_restored_columns_count_as_ours_after_a_broken_off_undo():
    operations = written(("a", "create", [], "A", None, "1", None))
    current = now(("a", "A", None))
    assert states(operations, current) == {"a": EDITED}
    assert states(operations, current, either=["size"]) == {"a": INTACT}
