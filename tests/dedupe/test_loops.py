"""Compiled loops find what expressions find, whatever the values."""

import json
import random
import subprocess
import sys
from hashlib import sha256

import numpy as np
import polars as pl
import pytest
from dedupe.people import crowd, frame, person, rules
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from crmmigrate.compiled import digests
from crmmigrate.compiled.columns import text_column
from crmmigrate.dedupe import block, cluster, cluster_names, evidence, glances
from crmmigrate.dedupe.cluster import components, connect_by_expressions
from crmmigrate.dedupe.compare import compare_by_expressions, compare_by_loops, encode_features
from crmmigrate.dedupe.loops import (  # fmt: skip
    blocks,
    glance,
    groups,
    name_pairs,
    place_pairs,
    plain_pairs,
    reach_pairs,
    shared_words,
)
from crmmigrate.dedupe.loops.blocks import pair_blocks
from crmmigrate.dedupe.loops.letters import ROOM, count_edits, measure_ratio, measure_winkler
from crmmigrate.dedupe.score import Weights
from crmmigrate.dedupe.screen import looks_of

ODD = ("", "é", "Иванов", "王", "x" * 70, "0", "a b c", "\u202eanna", "🙂", "d'Arc", "Ng", "1")


def slipped(rng: random.Random, text: str) -> str:
    """Change some letters, or all."""
    letters = list(text)
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        at = rng.randrange(len(letters) + 1)
        change = rng.randrange(4)
        if change == 0:
            letters.insert(at, rng.choice("aeins04"))
        elif change == 1 and letters:
            letters.pop(min(at, len(letters) - 1))
        elif change == 2 and letters:
            letters[min(at, len(letters) - 1)] = rng.choice("aeins04")
        elif len(letters) > 1:
            at = min(at, len(letters) - 2)
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)


@pytest.fixture(scope="module")
def encoded():
    rng = random.Random(5)
    fields = ("name_given", "name_family", "birth_date", "email", "phone", "mobile", "address_street", "address_house_number", "address_locality", "address_postal_code", "account")  # fmt: skip
    people = crowd(120)
    for at, one in enumerate(crowd(120)):
        again = {f: slipped(rng, one[f] or "0744123456") for f in fields}
        odd = {f: rng.choice(ODD) for f in fields if rng.random() < 0.1}
        turned = (("name_given", "name_family"), ("name_family", "name_given"))[at % 3 == 0]
        again["name_given"], again["name_family"] = (again[f] for f in turned)
        nothing = dict.fromkeys(f for f in fields if rng.random() < 0.05)
        people.append({**one, "_key": f"y{at}", **again, **odd, **nothing})
    names = ("Daniel", "Daniela", "Bill", "William", "J", "Ana Maria", "Andrei", "Andreea")
    people += [person(f"z{at}", name, "Ivanov") for at, name in enumerate(names)]
    people += [person(f"w{at}", name, "Ivanova") for at, name in enumerate(names)]
    several = (
        "Hans",
        "Hans Joachim",
        "Joachim",
        "Hans J",
        "Hans Otto",
        "Jeanmarie",
        "Jean Marie Luc",
        "Jean Mari",
        "J Luc",
        "Bill Lee",
        "William Lee",
        "Ana Li",
        "Li",
        "Daniela Ana",
        "Karl Heintz",
        "Carl Heinz",
    )
    surnames = (
        "Silva Costa",
        "Silva",
        "Costa Silva",
        "Silva Kosta",
        "Al Rawi",
        "Al Ani",
        "Garcia Lopez",
        "Garcia Moreno",
        "de la Cruz",
        "Cruz",
        "Delacruz Ruiz",
        "de la Cruz Ruiz Gil",
        "Hans",
        "Otto Hans",
    )
    people += [
        person(f"v{at}-{to}", name, family)
        for at, name in enumerate(several)
        for to, family in enumerate(surnames)
    ]
    people += [person("u0", "RamiMakhlouf", None), person("u1", "Rami", "Makhlouf")]
    return encode_features(frame(*people), rules())


@pytest.mark.parametrize("name", ["name", "birth_date", "email", "phone", "domain", "address"])
def test_loops_find_what_expressions_find(encoded, name):
    one = encoded[name]
    ids = pl.DataFrame({"v": one.values["_value"]})
    pairs = ids.join(ids, how="cross", suffix="b").filter(pl.col("v") <= pl.col("vb"))
    pairs = pairs.select(va="v", vb="vb").sample(min(pairs.height, 40_000), seed=3)
    found = compare_by_loops(one, pairs)
    assert found is not None
    assert found.equals(compare_by_expressions(one, pairs))
    assert found[found.columns[2]].n_unique() > 1


def test_a_loop_sees_what_arrays_tell(encoded):
    weights = Weights({e: levels for one in encoded.values() for e, levels in one.evidence.items()}, -9.0)  # fmt: skip
    looks = looks_of(encoded, weights)
    rng = np.random.default_rng(4)
    a, b = (rng.integers(0, len(encoded["name"].ids), 5_000, np.uint32) for _ in "ab")
    loops, arrays = glances.look_by_loops(a, b, looks), glances.look_by_arrays(a, b, looks)
    assert np.array_equal(loops[0], arrays[0])
    assert np.array_equal(loops[1], arrays[1])
    assert len(np.unique(arrays[1])) > 3


def test_letters_are_measured_as_rapidfuzz_does():
    rng = random.Random(2)
    room = np.empty(ROOM, np.int32)
    for _ in range(20_000):
        one = "".join(rng.choices("abcd", k=rng.randrange(10)))
        other = slipped(rng, one)
        data = np.frombuffer((one + other + "z").encode(), np.uint8)
        middle, end, most = len(one), len(one) + len(other), rng.randrange(1, 6)
        edits = count_edits(data, 0, middle, middle, end, most, room)
        assert edits == min(OSA.distance(one, other), most + 1), (one, other, most)
        alike = measure_winkler(data, 0, middle, middle, end)
        assert alike == np.float32(JaroWinkler.similarity(one, other)), (one, other)
        if one and other:
            ratio = measure_ratio(data, 0, middle, middle, end, room)
            assert ratio == np.float32(fuzz.ratio(one, other)), (one, other)


@pytest.mark.parametrize("budget", [0, 300, 10**6])
def test_loops_form_the_pairs_that_expressions_form(budget):
    rng = random.Random(8)
    half = 2**32
    keys = [int(rng.paretovariate(0.6)) % 500 * half + rng.randrange(half) for _ in range(3000)]
    keyed = pl.DataFrame({"key": keys, "row": [rng.randrange(900) for _ in keys]}, schema={"key": pl.UInt64, "row": pl.UInt32})  # fmt: skip
    runs = block._runs(keyed)
    most = block._affordable(runs["n"], 60, budget)
    pairs, large = pair_blocks(keyed, 60, budget)
    assert pairs.sort().to_list() == sorted(p for s in block._paired(runs, most) for p in s)
    assert large.equals(runs.filter(pl.col("n") > most).select("key", "row"))
    assert (len(pairs) > 0) == (budget > 0)


def test_first_rows_are_the_same_by_hashes_and_by_joins(monkeypatch):
    rng = random.Random(9)
    rows = pl.DataFrame({c: [rng.choice(("a", "b", "é", None, "")) for _ in range(400)] for c in "xyz"})  # fmt: skip
    slow = evidence.first_rows(rows)
    monkeypatch.setattr(evidence, "LEAST_PAIRS", 0)
    fast = evidence.first_rows(rows)
    assert [s.to_list() for s in fast] == [s.to_list() for s in slow]
    assert len(slow[0]) == rows.n_unique()


def test_a_loop_connects_what_expressions_connect(monkeypatch):
    rng = random.Random(3)
    for edges in (0, 150, 400):
        ends = {side: [rng.randrange(500) for _ in range(edges)] for side in "ab"}
        pairs = pl.DataFrame(ends, schema={"a": pl.UInt32, "b": pl.UInt32})
        slow = connect_by_expressions(pairs, 500)
        monkeypatch.setattr(cluster, "LEAST_PAIRS", 0)
        assert components(pairs, 500).to_list() == slow.to_list()
        assert len(set(slow.to_list())) < 500 or edges == 0


def test_ids_of_clusters_are_the_digests_of_their_smallest_keys(monkeypatch):
    rng = random.Random(6)
    lengths = (0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 500)
    texts = ["".join(rng.choices("aé王🙂-", k=n)) for n in lengths] + ["a" * n for n in range(130)]
    column = text_column(pl.Series(texts))
    digits = digests.digest_texts(column.data, column.offsets).tobytes().decode()
    assert digits == "".join(sha256(text.encode()).hexdigest()[:16] for text in texts)
    slow = cluster_names._ids(pl.Series(texts))
    monkeypatch.setattr(cluster_names, "LEAST_PAIRS", 0)
    assert cluster_names._ids(pl.Series(texts)).to_list() == slow.to_list()


COUNT_SIGNATURES = """
import importlib, json, sys
from crmmigrate.config.bundled import find_rules_file
from crmmigrate.config.matching import load_match_rules
from crmmigrate.dedupe.ahead import compile_loops

compile_loops(load_match_rules(find_rules_file(None, "match/contact.yaml")))
found = {}
for name in sys.argv[1:]:
    module = importlib.import_module(name)
    for loop in vars(module).values():
        own = hasattr(loop, "signatures") and loop.py_func.__module__ == module.__name__
        if own and not loop.targetoptions.get("no_cpython_wrapper"):
            found[f"{name}.{loop.py_func.__name__}"] = len(loop.signatures)
print(json.dumps(found))
"""


def test_machine_code_of_all_loops_is_made_ahead():
    """In a process of its own: other tests may have called a loop with other types before."""
    modules = [
        digests,
        groups,
        blocks,
        glance,
        name_pairs,
        place_pairs,
        plain_pairs,
        reach_pairs,
        shared_words,
    ]
    names = [module.__name__ for module in modules]
    done = subprocess.run(
        [sys.executable, "-c", COUNT_SIGNATURES, *names],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found) > 8
    # Larger data must not need machine code of other types than what was made.
    assert set(found.values()) == {1}, found
