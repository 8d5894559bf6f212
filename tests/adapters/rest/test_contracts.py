"""EspoCRM and SuiteCRM keep the contract of targets, through mappings to custom objects."""

import pytest
from support.small_crms import ESPO, SUITE, espo_crm, suite_crm

from crmmigrate.adapters.base import Target
from crmmigrate.adapters.rest import open_target
from crmmigrate.testing.contract import TargetContract
from crmmigrate.testing.simulators import Simulator
from crmmigrate.testing.worlds import small_model, utc_now


class Simulated(TargetContract):
    @pytest.fixture(autouse=True)
    def _running(self, tmp_path):
        crm = self.make(tmp_path)
        self.targets = []
        with Simulator(crm) as self.simulator:
            yield
            for target in self.targets:
                target.close()
        crm.store.close()

    def open(self, folder) -> Target:
        given = {"url": self.simulator.url, "model": small_model(), "clock": utc_now}
        self.targets.append(open_target({**given, **self.options}, folder))
        return self.targets[-1]


class TestEspoCrm(Simulated):
    make, options = staticmethod(espo_crm), ESPO


class TestSuiteCrm(Simulated):
    make, options = staticmethod(suite_crm), SUITE


del Simulated
