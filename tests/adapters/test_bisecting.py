"""Bad rows of an atomic batch are found in few calls, and nothing else is refused."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.adapters.bisecting import WholeRefusal, write_in_halves
from crmmigrate.adapters.outcome_frames import Refusal, succeeded
from crmmigrate.adapters.transport import UnreachableError
from crmmigrate.model.operations import OUTCOME


class Atomic:
    """Takes a batch whole or not at all; names bad rows if it is asked to."""

    def __init__(self, bad, *, names=0):
        self.bad, self.names, self.calls, self.kept = set(bad), names, 0, []

    def __call__(self, batch):
        self.calls += 1
        found = [name for name in batch["op_id"] if name in self.bad]
        if found:
            told = {name: Refusal("TOO_LONG", "name", f"{name} too long") for name in found}
            named = dict(list(told.items())[: self.names])
            return WholeRefusal(Refusal("REFUSED", None, f"first is {found[0]}"), named)
        self.kept += batch["op_id"].to_list()
        return succeeded(batch["op_id"].to_list(), [f"id-{n}" for n in batch["op_id"]])


def operations(count):
    return pl.DataFrame({"op_id": [f"op.{i}" for i in range(count)]}, schema={"op_id": pl.String})


@given(st.integers(0, 300), st.sets(st.integers(0, 299), max_size=12), st.integers(0, 3))
def test_only_bad_rows_are_refused(count, bad, names):
    frame = operations(count)
    system = Atomic([f"op.{i}" for i in bad if i < count], names=names)
    outcomes = write_in_halves(frame, system)
    assert dict(outcomes.schema) == dict(OUTCOME)
    assert outcomes["op_id"].to_list() == frame["op_id"].to_list()
    lost = outcomes.filter(pl.col("status") == "rejected")
    assert set(lost["op_id"]) == system.bad
    assert lost["message"].null_count() == 0
    good = outcomes.filter(pl.col("status") == "succeeded")
    assert good["target_id"].to_list() == [f"id-{n}" for n in good["op_id"]]
    assert sorted(system.kept) == sorted(good["op_id"]), "each good row is written once"
    if count > 1 and not names:
        assert system.calls <= 1 + 2 * len(system.bad) * math.ceil(math.log2(count))


@pytest.mark.parametrize(("bad", "most"), [([], 1), ([0], 21), ([999], 12), ([500], 21)])
def test_one_bad_row_of_a_thousand_takes_few_calls(bad, most):
    system = Atomic([f"op.{i}" for i in bad])
    write_in_halves(operations(1000), system)
    assert system.calls <= most


def test_a_row_alone_has_the_reason_of_its_own():
    outcomes = write_in_halves(operations(8), Atomic(["op.2", "op.5"]))
    told = outcomes.drop_nulls("message")
    assert told["message"].to_list() == ["first is op.2", "first is op.5"]


def test_rows_that_are_named_take_one_call_more():
    system = Atomic(["op.2", "op.5"], names=9)
    outcomes = write_in_halves(operations(100), system)
    assert system.calls == 2
    assert outcomes.drop_nulls("error_field")["op_id"].to_list() == ["op.2", "op.5"]


def test_rows_that_hurt_each_other_only_together():
    """Two equal values of a unique field in one batch: the first goes in, the second does not."""
    kept = []

    def attempt(batch):
        pair = [n for n in batch["op_id"] if n in {"op.1", "op.6"}]
        if len(pair) == 2 or ("op.1" in kept and "op.6" in pair):
            return WholeRefusal(Refusal("DUPLICATE_VALUE", "code", "must be unique"))
        kept.extend(batch["op_id"])
        return succeeded(batch["op_id"].to_list(), batch["op_id"].to_list())

    outcomes = write_in_halves(operations(8), attempt)
    assert outcomes.filter(pl.col("status") == "rejected")["op_id"].to_list() == ["op.6"]
    assert len(kept) == 7


def test_a_server_that_fails_stops_it():
    def attempt(_):
        raise UnreachableError("gone")

    with pytest.raises(UnreachableError):
        write_in_halves(operations(8), attempt)
