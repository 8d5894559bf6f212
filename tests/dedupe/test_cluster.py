"""Connected components and guarded splitting."""

import networkx as nx
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.dedupe.cluster import cluster_records, components

EDGE = {
    "a": pl.UInt32,
    "b": pl.UInt32,
    "score": pl.Float32,
    "veto": pl.String,
    "must": pl.Boolean,
    "hard": pl.Boolean,
}


def edges(*rows: tuple) -> pl.DataFrame:
    return pl.DataFrame(
        [(a, b, score, veto[0] if veto else None, False, False) for a, b, score, *veto in rows],
        schema=EDGE,
        orient="row",
    )


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=30))
def test_components_are_those_of_networkx(pairs):
    graph = nx.Graph()
    graph.add_nodes_from(range(20))
    graph.add_edges_from(pairs)
    labels = components(
        pl.DataFrame(pairs, schema={"a": pl.UInt32, "b": pl.UInt32}, orient="row"), 20
    )
    for group in nx.connected_components(graph):
        assert set(labels.gather(sorted(group))) == {min(group)}


def test_a_long_chain_is_one_component():
    chain = pl.DataFrame(
        {"a": range(4999), "b": range(1, 5000)}, schema={"a": pl.UInt32, "b": pl.UInt32}
    )
    assert components(chain, 5000).max() == 0


def test_all_with_all_stays_whole():
    assert cluster_records(edges((0, 1, 9.0), (1, 2, 9.0), (0, 2, 9.0)), 0.0, 3).to_list() == [
        0,
        0,
        0,
    ]


def test_two_firm_groups_on_a_weak_bridge_are_split():
    found = edges(
        (0, 1, 12.0), (0, 2, 12.0), (1, 2, 12.0), (3, 4, 12.0), (3, 5, 12.0), (4, 5, 12.0), (2, 3, 1.0), (0, 3, -9.0), (1, 4, -9.0)
    )  # fmt: skip
    assert cluster_records(found, 0.0, 6).to_list() == [0, 0, 0, 3, 3, 3]


def test_veto_inside_a_cluster_splits_at_the_weaker_tie():
    found = edges((0, 1, 11.0), (1, 2, 3.0), (0, 2, 12.0, "DUP201"))
    assert cluster_records(found, 0.0, 3).to_list() == [0, 0, 2]


def test_other_members_may_overrule_a_soft_veto_but_not_a_hard_one():
    rows = [(0, 1, 12.0), (0, 2, 12.0), (1, 2, 12.0), (0, 3, 12.0), (1, 3, 12.0)]
    soft = edges(*rows, (2, 3, 12.0, "DUP201"))
    assert cluster_records(soft, 0.0, 4).to_list() == [0, 0, 0, 0]
    hard = soft.with_columns(pl.col("veto").is_not_null().alias("hard"))
    assert len(set(cluster_records(hard, 0.0, 4).to_list())) == 2


def test_a_person_s_word_joins_whatever_the_score():
    found = edges((0, 1, -20.0)).with_columns(pl.lit(value=True).alias("must"))
    assert cluster_records(found, 0.0, 2).to_list() == [0, 0]


def test_a_chain_of_ten_thousand_weak_links_is_no_cluster():
    rows = [(i, i + 1, 0.5) for i in range(9999)]
    labels = cluster_records(edges(*rows), 0.0, 10_000)
    assert labels.value_counts()["count"].max() < 10


def test_a_record_goes_to_its_best_match_even_when_all_ties_are_strong():
    """Two namesakes, and a record without a birth date that shares a mailbox with one of them."""
    scored = pl.DataFrame(
        {
            "a": pl.Series([0, 0, 1], dtype=pl.UInt32),
            "b": pl.Series([1, 2, 2], dtype=pl.UInt32),
            "score": [14.0, 31.0, 20.0],
            "veto": [None, None, "DUP202"],
            "must": [False] * 3,
            "hard": [False] * 3,
        },
        schema_overrides={"veto": pl.String},
    )
    labels = cluster_records(scored, 0.0, 3)
    assert labels[0] == labels[2] != labels[1]
