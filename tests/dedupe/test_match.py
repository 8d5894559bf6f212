"""People who are one, and people who are not, among three hundred others."""

import importlib.util
from pathlib import Path

import polars as pl
import pytest

from crmmigrate.dedupe import match
from crmmigrate.dedupe.block import candidate_pairs
from crmmigrate.dedupe.compare import encode_features
from crmmigrate.dedupe.decide import unkept
from crmmigrate.dedupe.explain import explain_pair
from crmmigrate.dedupe.learnt import weights_frame, weights_of
from crmmigrate.dedupe.match import CLUSTERS, PAIRS, match_records
from crmmigrate.errors import UsageError

_SPEC = importlib.util.spec_from_file_location("people", Path(__file__).with_name("people.py"))
people = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(people)
person, frame, rules, clusters_of = people.person, people.frame, people.rules, people.clusters_of

HOME = {
    "address_street": "Storgata",
    "address_house_number": "5",
    "address_locality": "Bergen",
    "address_postal_code": "5003",
    "phone": "+4755123456",
}

SAME = {
    "slip in the name": (
        person("a", "Mihaela", "Ionescu", email="mihaela.ionescu@posta.example", birth_date="1980-02-03"),
        person("b", "Mihaela", "Ionecsu", email="mihaela.ionescu@posta.example"),
    ),
    "names the wrong way round": (
        person("a", "Radu", "Munteanu", mobile="+40722111222", birth_date="1975-05-06"),
        person("b", "Munteanu", "Radu", mobile="+40722111222"),
    ),
    "initial": (
        person("a", "Katherine", "Whitaker", email="kwhitaker@mill.example", **HOME),
        person("b", "K.", "Whitaker", email="kwhitaker@mill.example"),
    ),
    "nickname": (
        person("a", "Robert", "McBride", mobile="+15035550005", **HOME),
        person("b", "Bob", "McBride", mobile="+15035550005"),
    ),
    "another script": (
        person("a", "ศิริพร", "จันทร์งาม", mobile="+66958626116", birth_date="1988-10-02"),
        person("b", "Siriphon", "Channgam", mobile="+66958626116", birth_date="1988-10-02"),
    ),
    "diacritics and case": (
        person("a", "ȘTEFAN", "ȚĂRANU", phone="+40264555666", address_locality="Cluj", birth_date="1961-01-09"),
        person("b", "Stefan", "Taranu", phone="+40264555666", birth_date="1961-01-09"),
    ),
    "day and month swapped": (
        person("a", "Jürgen", "Pfeiffer", birth_date="1966-04-05", email="jp66@post.example"),
        person("b", "Juergen", "Pfeifer", birth_date="1966-05-04", email="jp66@post.example"),
    ),
    "married, same mailbox and birth date": (
        person("a", "Ingeborg", "Nilsen", birth_date="1990-11-30", email="ingeborg.n@nett.example"),
        person("b", "Ingeborg", "Haugland", birth_date="1990-11-30", email="ingeborg.n@nett.example"),
    ),
}  # fmt: skip
OTHER = {
    "household": (person("a", "Anna", "Berg", **HOME), person("b", "Peter", "Berg", **HOME)),
    "brother and sister of like names": (person("a", "Daniel", "Berg", **HOME), person("b", "Daniela", "Berg", **HOME)),
    "twins": (
        person("a", "Liviu", "Dragomir", birth_date="1961-03-02", **HOME),
        person("b", "Livia", "Dragomir", birth_date="1961-03-02", **HOME),
    ),
    "couple with one mailbox": (
        person("a", "Annika", "Kuhn", email="family.kuhn@post.example", birth_date="2000-07-13", **HOME),
        person("b", "Sebastian", "Kuhn", email="family.kuhn@post.example", birth_date="1978-06-11", **HOME),
    ),
    "colleagues of one given name": (
        person("a", "Brigitte", "Kaltenbach", account="erp:account:1", **HOME),
        person("b", "Brigitte", "Thiele", account="erp:account:1", **HOME),
    ),
    "colleagues in two scripts": (
        person("a", "Kazuya", "Ono", account="erp:account:1", **HOME),
        person("b", "裕子", "高橋", account="erp:account:1", **HOME),
    ),
    "namesakes born on other days": (
        person("a", "Luiza", "Vilela", birth_date="1979-02-20", email="luiza.vilela@a.example"),
        person("b", "Luiza", "Vilela", birth_date="1991-10-01", email="luiza.vilela@b.example"),
    ),
    "senior and junior": (
        person("a", "John", "Carter Sr", **HOME) | {"name": "John Carter Sr.", "name_given": None, "name_family": None},
        person("b", "John", "Carter Jr", **HOME) | {"name": "John Carter Jr.", "name_given": None, "name_family": None},
    ),
}  # fmt: skip


def table(*some: dict) -> pl.DataFrame:
    """The people and the crowd; a whole name where one is given."""
    whole = {one["_key"]: one.get("name") for one in some}
    rest = frame(*({k: v for k, v in one.items() if k != "name"} for one in some))
    return rest.with_columns(
        pl.col("_key").replace_strict(whole, default=None, return_dtype=pl.String).alias("name")
    )


@pytest.mark.parametrize("case", SAME)
def test_same_person_is_found(case):
    assert clusters_of(match_records(table(*SAME[case]), rules()).clusters) == {frozenset("ab")}


@pytest.mark.parametrize("case", OTHER)
def test_other_persons_stay_apart(case):
    assert clusters_of(match_records(table(*OTHER[case]), rules()).clusters) == set()


def test_household_is_told_with_its_code():
    result = match_records(table(*OTHER["household"]), rules())
    told = result.pairs.filter(
        pl.col("key_a").is_in(["a", "b"]) & pl.col("key_b").is_in(["a", "b"])
    )
    assert told["veto"].to_list() == ["DUP201"]
    assert told["judgement"].to_list() == ["no_match"]
    assert result.findings["DUP201"] >= 1


def test_few_records_are_all_compared(monkeypatch):
    home = {"address_street": "Via Lunga", "address_house_number": "17"}
    two = (
        person("a", "Kolya", "Marchetti", birth_date="1981-03-04", email="k.m@one.example", **home),
        person("b", "Nkolya", "Archetti", birth_date="1981-04-03", email="k.m@on.example", **home),
    )
    encoded = encode_features(frame(*two), rules())
    assert not candidate_pairs(encoded, rules()).pairs.is_in([1]).any()
    assert clusters_of(match_records(frame(*two), rules()).clusters) == {frozenset("ab")}
    monkeypatch.setattr(match, "_EVERY", 0)
    assert clusters_of(match_records(frame(*two), rules()).clusters) == set()


def test_results_have_the_declared_schemas():
    result = match_records(table(*SAME["nickname"]), rules())
    assert result.pairs.schema == PAIRS
    assert result.clusters.schema == CLUSTERS
    assert result.clusters["_key"].to_list() == table(*SAME["nickname"])["_key"].to_list()


def test_each_cluster_has_one_golden_record():
    clusters = match_records(table(*SAME["nickname"]), rules()).clusters
    assert clusters.group_by("cluster_id").agg(pl.col("golden").sum())[
        "golden"
    ].unique().to_list() == [1]
    assert clusters.filter(pl.col("_key") == "a")["golden"].item(), "the fuller record is golden"


def test_cluster_id_does_not_depend_on_order_or_others():
    data = table(*SAME["nickname"])
    first = match_records(data, rules()).clusters
    again = match_records(
        data.reverse().head(200).vstack(data.head(2)).unique("_key"), rules()
    ).clusters
    both = [c.filter(pl.col("_key") == "b")["cluster_id"].item() for c in (first, again)]
    assert both[0] == both[1]


def test_order_of_records_does_not_matter():
    data = table(*SAME["initial"], *({**p, "_key": p["_key"] + "2"} for p in OTHER["household"]))
    assert clusters_of(match_records(data, rules()).clusters) == clusters_of(
        match_records(data.reverse(), rules()).clusters
    )


def test_decisions_always_hold():
    data = table(*SAME["nickname"])
    apart = pl.DataFrame({"key_a": ["a"], "key_b": ["b"], "judgement": ["no_match"]})
    assert clusters_of(match_records(data, rules(), apart).clusters) == set()
    together = pl.DataFrame({"key_a": ["x001"], "key_b": ["x207"], "judgement": ["match"]})
    assert frozenset({"x001", "x207"}) in clusters_of(
        match_records(data, rules(), together).clusters
    )


def test_nothing_is_merged_on_a_word_that_is_disputed():
    said = pl.DataFrame(
        {"key_a": ["a", "b"], "key_b": ["b", "a"], "judgement": ["match", "no_match"]}
    )
    clusters = match_records(table(*SAME["nickname"]), rules(), said).clusters
    assert frozenset({"a", "b"}) not in clusters_of(clusters)
    assert unkept(said, clusters)["code"].to_list() == ["DUP221"]


def test_contributions_add_up_and_name_values():
    pair = match_records(table(*SAME["nickname"]), rules()).pairs.row(0, named=True)
    told = {c["feature"]: c for c in pair["contributions"]}
    assert told["name.given"]["level"] == "nickname"
    assert {told["phone"]["value_a"], told["phone"]["value_b"]} <= {
        "15035550005",
        "15035550005, 4755123456",
        "4755123456, 15035550005",
    }
    assert told["name.family"]["weight"] > 0


def test_explains_records_that_were_never_paired():
    data = table(*SAME["nickname"])
    result = match_records(data, rules())
    found = explain_pair(data, rules(), result.weights, "a", "x010")
    assert found.score < 0
    assert not found.keys
    assert any(c["level"] == "different" for c in found.contributions)
    with pytest.raises(UsageError, match="no record 'nobody'"):
        explain_pair(data, rules(), result.weights, "a", "nobody")


def test_explains_as_matching_has_scored_with_weights_that_were_kept():
    data = table(*SAME["nickname"])
    result = match_records(data, rules())
    pair = result.pairs.row(0, named=True)
    kept = weights_of(weights_frame(result.weights))
    found = explain_pair(data, rules(), kept, pair["key_a"], pair["key_b"])
    assert found.score == pytest.approx(pair["score"], abs=0.01)
    assert found.keys
    told = sum(c["weight"] for c in found.contributions)
    assert found.prior + told + found.repeated == pytest.approx(found.score, abs=0.1)


def test_sides_pair_only_across():
    data = table(*SAME["nickname"])
    side = pl.Series([0] * data.height, dtype=pl.UInt32)
    assert match_records(data, rules(), side=side).pairs.height == 0


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_few_or_no_records(rows):
    data = table(*SAME["nickname"]).head(rows)
    assert match_records(data, rules()).clusters.height == rows


def test_nothing_known_matches_nothing():
    data = pl.DataFrame(
        {"_key": ["a", "b", "c"], "name": [None, "", "  "]},
        schema={"_key": pl.String, "name": pl.String},
    )
    assert clusters_of(match_records(data, rules()).clusters) == set()


def test_one_value_in_every_row_is_no_evidence():
    data = table(*OTHER["household"]).with_columns(
        pl.lit("+40210000001").alias("phone"), pl.lit("info@firm.example").alias("email")
    )
    assert clusters_of(match_records(data, rules()).clusters) == set()


def test_thousands_of_rows_of_one_name_stay_apart():
    data = pl.DataFrame(
        [person(f"t{i}", "Test", "Test") for i in range(3000)],
        schema=dict.fromkeys(("_key", *people.FIELDS), pl.String),
    )
    result = match_records(data, rules())
    assert clusters_of(result.clusters) == set()
    assert result.compared < 400_000, "an oversized block is refined, not squared"


FIRMS = {
    "same, legal form and case": (("Codrul Instal S.R.L.", "+40213316355", "str. Avram Iancu 17"), ("CODRUL INSTAL", "+40213316355", "Strada Avram Iancu nr. 17"), True),
    "same, one word more": (("Henry Booth House Wee Wee Center", "+13124710869", "2434 W 71st St"), ("Wee Wee Center", "+13124710869", "2434 W. 71st Street"), True),
    "neighbouring names": (("Nordlys Regnskap AS", "+4722000111", "Storgata 1"), ("Nordlys Rederi AS", "+4777888999", "Havnegata 9"), False),
    "branches": (("Farmacia Catena 12", "+40211111111", "Bd. Unirii 5"), ("Farmacia Catena 14", "+40211111111", "Calea Victoriei 80"), False),
    "numbers in Roman digits": (("Eyes on the Future II", "+17737628045", "1773 W. Lunt"), ("Eyes on the Future", "+17739730771", "1329 W. Loyola"), False),
    "same, a word that is a form elsewhere": (("SCI Trans", "+17738266260", None), ("SCI Trans", "+17738266299", None), True),
    "same, name written apart": (("Chicago Commons PauloFreire", "+17738266260", "1653 W 43rd St"), ("Chicago Commons Paulo Freire", "+17738266260", "1653 W. 43rd Street"), True),
    "members of a group on one switchboard": (("Gads Hill Center Ortega", "+13122511196", "3737 W 51st"), ("Gads Hill Center Orozco", "+13122511196", "4546 W 67th St"), False),
}  # fmt: skip


@pytest.mark.parametrize("case", FIRMS)
def test_firms(case):
    one, other, same = FIRMS[case]
    words = (
        "Alfa",
        "Beta",
        "Delta",
        "Gamma",
        "Kappa",
        "Lambda",
        "Omega",
        "Sigma",
        "Theta",
        "Zeta",
        "Orion",
        "Lyra",
        "Vega",
    )
    trades = ("Construct", "Trans", "Impex", "Agro", "Consult", "Soft", "Farm")
    crowd = [
        (
            f"{words[i % 13]} {trades[i % 7]} {words[i * 5 % 13]} SRL",
            f"+4026{4000000 + i * 7919}",
            f"Strada {words[i % 11]} {i % 90}",
        )
        for i in range(200)
    ]
    columns = ("name", "phone", "billing_address_street")
    data = (
        pl.DataFrame([one, other, *crowd], schema=list(columns), orient="row")
        .with_row_index("i")
        .with_columns(("k" + pl.col("i").cast(pl.String)).alias("_key"))
        .drop("i")
    )
    found = clusters_of(match_records(data, rules("account")).clusters)
    assert (frozenset({"k0", "k1"}) in found) is same


def test_a_name_alone_does_not_join_what_telephone_and_street_hold_apart():
    """A chain has its name at every address, however rare its words are."""
    words = ("Alfa", "Beta", "Delta", "Gamma", "Kappa", "Lambda", "Omega", "Sigma", "Theta", "Zeta")
    firms = [(f"{words[i % 10]}{words[i // 10 % 10]} {words[i // 100]}", f"+4026{4000000 + i * 7919}", f"Strada {words[i % 7]} {i}") for i in range(300)]  # fmt: skip
    firms += [
        ("Hard Rock Cafe Alvorada Tejo", "+13102767605", "8600 Beverly Blvd"),
        ("Hard Rock Cafe Alvorada Tejo", "+12124896565", "221 W 57th St"),
        ("Blue Lagoon Trattoria", "+13102767777", None),
        ("Blue Lagoon Trattoria", None, "12 Quay St"),
    ]
    data = pl.DataFrame(firms, schema=["name", "phone", "billing_address_street"], orient="row")
    data = data.with_columns(pl.int_range(pl.len()).cast(pl.String).alias("_key"))
    found = clusters_of(match_records(data, rules("account")).clusters)
    assert found == {frozenset({"302", "303"})}
