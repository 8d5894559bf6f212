"""Fault schedules against database servers: whatever goes wrong, loads end as if nothing had."""

import os

import pytest
from support.shaken import shake

from crmmigrate.testing.faults import TARGET_FAULTS
from crmmigrate.testing.worlds import World

SCHEDULES = int(os.environ.get("CRMMIGRATE_FAULT_SCHEDULES", "4"))


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_postgresql(postgresql, tmp_path, seed):
    postgresql.renew()
    target = {**postgresql.options(), "options": {"batch_size": 5}}
    assert shake(World(tmp_path, target=target), seed, TARGET_FAULTS).drawn


@pytest.mark.parametrize("seed", range(max(4, SCHEDULES // 5)))
def test_mariadb(mariadb, tmp_path, seed):
    mariadb.renew()
    target = {**mariadb.options(), "options": {"batch_size": 5}}
    assert shake(World(tmp_path, target=target), seed, TARGET_FAULTS).drawn
