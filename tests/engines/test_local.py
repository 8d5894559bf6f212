"""Processes say the same of the same values, in the same order, as one process does."""

import polars as pl
import pytest

from crmmigrate.engines.local import LocalEngine
from crmmigrate.model.semantic import SemanticType
from crmmigrate.standardize.fields import run_here

NAME = SemanticType.PERSON_NAME


def values(count):
    names = ["Popescu, Ion", "maria IONESCU", "Kari Nordmann"]
    texts = [f"{names[n % 3]} {n}" for n in range(count)]
    schema = {"text": pl.String, "_region": pl.String}
    return pl.DataFrame({"text": texts, "_region": ["RO"] * count}, schema)


@pytest.fixture
def busy(monkeypatch):
    """Send everything to processes from the second call on."""
    monkeypatch.setattr("crmmigrate.engines.local._CALLS_THAT_TELL", 1)
    monkeypatch.setattr("crmmigrate.engines.local._WORTH_STARTING", 0.0)
    monkeypatch.setattr("crmmigrate.engines.local._WORTH_SENDING", 0.0)


@pytest.mark.slow
def test_two_processes_say_what_one_says(book, busy):
    wanted = run_here(NAME, values(25), book, {})
    with LocalEngine(workers=2) as engine:
        calls = [engine.run_kernel(NAME, values(25), book, {}) for _ in range(2)]
        assert engine._pool is not None
    assert all(call.equals(wanted) for call in calls)


@pytest.mark.slow
def test_an_error_in_a_kernel_comes_through(book, busy):
    with LocalEngine(workers=2) as engine:
        engine.run_kernel(NAME, values(4), book, {})
        with pytest.raises(KeyError, match="text"):
            engine.run_kernel(NAME, values(4).drop("text"), book, {})


def test_little_work_stays_in_this_process(book):
    with LocalEngine(workers=2) as engine:
        for _ in range(2):
            engine.run_kernel(NAME, values(10), book, {})
        assert engine._pool is None
        assert engine.run_kernel(NAME, values(0), book, {}).is_empty()


def test_the_first_call_does_not_tell_what_work_costs(book, monkeypatch):
    monkeypatch.setattr("crmmigrate.engines.local._WORTH_STARTING", 0.001)
    monkeypatch.setattr("crmmigrate.engines.local._WORTH_SENDING", 0.0)
    with LocalEngine(workers=2, ahead=1.0) as engine:
        engine._costs[NAME] = [1000.0]
        engine.run_kernel(NAME, values(1), book, {})
        assert engine._pool is None
        assert len(engine._costs[NAME]) == 2
