"""Golden records."""

import polars as pl
import pytest

from crmmigrate.config.bundled import bundled_path
from crmmigrate.config.matching import load_survivorship_rules
from crmmigrate.dedupe.survive import PROVENANCE, merge_clusters
from crmmigrate.model.matching import Strategy, SurvivorshipRules

ROWS = pl.DataFrame(
    {
        "_key": ["erp:c:1", "shop:c:2", "shop:c:3", "erp:c:9"],
        "_source": ["erp", "shop", "shop", "erp"],
        "name": ["I. Pop", "Ion Pop", "Ion Pop", "Solo"],
        "phone": ["+401", "+402", "+402", None],
        "phone_valid": ["false", "true", "true", None],
        "address": [None, "Str. A 1", None, None],
        "address_street": [None, "Str. A 1", "Str. B 22", None],
        "address_locality": ["Cluj", "Iași", None, None],
        "note": ["a", "b", "a", None],
        "size": ["10", "9", None, None],
        "modified_on": ["2020-01-01", "2019-05-05", "2023-09-09", None],
    }
)
CLUSTERS = pl.DataFrame(
    {
        "_key": ROWS["_key"],
        "cluster_id": ["c1", "c1", "c1", "c2"],
        "golden": [True, False, False, True],
    }
)


def merged(strategy: Strategy, field: str, **more: object) -> str | None:
    rules = SurvivorshipRules("contact", fields={field: (strategy,)}, **more)
    golden, _ = merge_clusters(ROWS, CLUSTERS, rules, ["erp", "shop"])
    return golden.filter(pl.col("_key") == "erp:c:1")[field].item()


@pytest.mark.parametrize(
    ("strategy", "field", "value"),
    [
        (Strategy.SOURCE_PRIORITY, "name", "I. Pop"),
        (Strategy.MOST_FREQUENT, "name", "Ion Pop"),
        (Strategy.LONGEST, "name", "Ion Pop"),
        (Strategy.MOST_RECENT, "address_locality", "Cluj"),
        (Strategy.MOST_COMPLETE, "address", "Str. A 1"),
        (Strategy.FIRST_NON_NULL, "note", "a"),
        (Strategy.MIN, "size", "9"),
        (Strategy.MAX, "size", "10"),
        (Strategy.UNION, "note", "a; b"),
    ],
)
def test_strategy(strategy, field, value):
    rows = {"address_locality": "address"}.get(field)
    if rows:
        golden, _ = merge_clusters(
            ROWS.drop("address", "address_street"),
            CLUSTERS,
            SurvivorshipRules("c", fields={field: (strategy,)}),
            [],
        )
        assert golden[field][0] == value
    else:
        assert merged(strategy, field) == value


def test_invalid_value_never_beats_a_valid_one():
    assert merged(Strategy.SOURCE_PRIORITY, "phone") == "+402"


def test_an_address_is_never_mixed_from_two_records():
    golden, _ = merge_clusters(ROWS, CLUSTERS, SurvivorshipRules("contact"), ["erp", "shop"])
    row = golden.row(0, named=True)
    known = {(r["address"], r["address_street"], r["address_locality"]) for r in ROWS.to_dicts()}
    assert (row["address"], row["address_street"], row["address_locality"]) in known


def test_parts_without_a_whole_value_survive_together_too():
    rows = ROWS.drop("address")
    golden, _ = merge_clusters(rows, CLUSTERS, SurvivorshipRules("contact"), ["erp", "shop"])
    row = golden.row(0, named=True)
    assert (row["address_street"], row["address_locality"]) in {
        (r["address_street"], r["address_locality"]) for r in rows.to_dicts()
    }


def test_grouped_fields_come_from_one_record():
    rules = SurvivorshipRules(
        "contact", groups=(("note", "size"),), fields={"note": (Strategy.MOST_RECENT,)}
    )
    golden, _ = merge_clusters(ROWS, CLUSTERS, rules)
    assert golden.select("note", "size").row(0) == ("a", None)


def test_golden_rows_keep_columns_types_and_order():
    golden, provenance = merge_clusters(ROWS, CLUSTERS, SurvivorshipRules("contact"))
    assert golden.schema == ROWS.schema
    assert golden["_key"].to_list() == ["erp:c:1", "erp:c:9"]
    assert provenance.schema == PROVENANCE


def test_provenance_names_the_record_that_gave_each_value():
    golden, provenance = merge_clusters(ROWS, CLUSTERS, SurvivorshipRules("contact"), ["shop"])
    given = dict(provenance.select("field", "key").iter_rows())
    for field in ("name", "phone", "note", "size"):
        value = ROWS.filter(pl.col("_key") == given[field])[field].item()
        assert value == golden[field][0]
    assert set(provenance["golden_key"]) == {"erp:c:1"}, "single records need no provenance"


def test_order_of_records_does_not_matter_where_rules_decide():
    rules = SurvivorshipRules("contact", default=(Strategy.MOST_RECENT,))
    one, _ = merge_clusters(ROWS, CLUSTERS, rules)
    other, _ = merge_clusters(ROWS.reverse(), CLUSTERS.reverse(), rules)
    assert one.sort("_key").equals(other.sort("_key"))


def test_nothing_to_merge():
    golden, provenance = merge_clusters(
        ROWS.tail(1), CLUSTERS.tail(1), SurvivorshipRules("contact")
    )
    assert golden.equals(ROWS.tail(1))
    assert provenance.height == 0


@pytest.mark.parametrize("name", ["account", "contact", "lead"])
def test_packaged_rules_are_read(name):
    rules = load_survivorship_rules(bundled_path(f"rules/survivorship/{name}.yaml"))
    assert rules.object == name
    assert rules.fields["description"][0] is Strategy.UNION


@pytest.mark.parametrize(
    ("part", "flags"),
    [("valid", [None, None, "true"]), ("validity", ["plausible", "incomplete", "valid"])],
)
def test_what_was_found_right_comes_first(part, flags):
    rows = pl.DataFrame(
        {"_key": ["a", "b", "c"], "email": ["x@a", "x@a", "y@b"], f"email_{part}": flags}
    )
    clusters = pl.DataFrame(
        {"_key": ["a", "b", "c"], "cluster_id": ["c"] * 3, "golden": [True, False, False]}
    )
    strategies = (Strategy.VERIFIED, Strategy.MOST_FREQUENT)
    golden, provenance = merge_clusters(
        rows, clusters, SurvivorshipRules("contact", fields={"email": strategies})
    )
    assert golden["email"].to_list() == ["y@b"]
    assert provenance.filter(pl.col("field") == "email")["key"].to_list() == ["c"]
