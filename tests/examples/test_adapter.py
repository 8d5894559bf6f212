"""The example of the guide to adapters keeps the contract of targets, and a whole load goes through it."""

import importlib.util
import sys
from pathlib import Path

import pytest

from crmmigrate.adapters import registry
from crmmigrate.testing.contract import TargetContract
from crmmigrate.testing.records import made_up_records
from crmmigrate.testing.worlds import World, small_model, utc_now

ROOT = Path(__file__).resolve().parent.parent.parent


def example():
    path = ROOT / "examples" / "adapter" / "json_folder.py"
    spec = importlib.util.spec_from_file_location("json_folder", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["json_folder"] = module
    spec.loader.exec_module(module)
    return module


class TestJsonFolder(TargetContract):
    def open(self, folder):
        return example().open_target(
            {"path": "crm", "model": small_model(), "clock": utc_now}, folder
        )


del TargetContract


def test_a_world_goes_in_and_out(tmp_path, monkeypatch):
    opener = example().open_target
    usual = registry._open
    monkeypatch.setattr(
        registry,
        "_open",
        lambda o, root: opener(o, root) if o["adapter"] == "json_folder" else usual(o, root),
    )
    records = made_up_records(30, seed=3)
    calm = World(tmp_path / "calm")
    calm.root.mkdir()
    calm.bring(records)
    world = World(tmp_path / "json", target={"adapter": "json_folder", "path": "crm"})
    world.root.mkdir()
    run = world.bring(records)
    assert world.contents() == calm.contents()
    assert world.verify(run).gates[0].passed
    world.rollback(run)
    assert not any(world.contents().values())


@pytest.mark.parametrize("most", [160])
def test_it_stays_short(most):
    lines = (ROOT / "examples" / "adapter" / "json_folder.py").read_text("utf-8").splitlines()
    assert len(lines) <= most
