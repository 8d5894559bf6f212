"""A described REST API keeps the contract of targets, against a plain CRM on this machine."""

from pathlib import Path

import pytest

from crmmigrate.adapters.base import Target
from crmmigrate.adapters.rest import open_target
from crmmigrate.testing.contract import TargetContract
from crmmigrate.testing.simulators import PlainCrm, Simulator
from crmmigrate.testing.simulators.plain import PLAIN_OPTIONS, plain_description
from crmmigrate.testing.worlds import small_model, utc_now


class TestPlainCrm(TargetContract):
    @pytest.fixture(autouse=True)
    def _running(self, tmp_path):
        model = small_model()
        folder = tmp_path / "mappings" / "plain"
        folder.mkdir(parents=True)
        (folder / "rest.yaml").write_text(plain_description(model))
        with Simulator(PlainCrm(tmp_path / "plain.db", model)) as self.simulator:
            yield
        self.target.close()

    def open(self, folder: Path) -> Target:
        options = {
            "adapter": "rest",
            "url": self.simulator.url,
            "model": small_model(),
            "clock": utc_now,
            **PLAIN_OPTIONS,
        }
        self.target = open_target(options, folder)
        return self.target
