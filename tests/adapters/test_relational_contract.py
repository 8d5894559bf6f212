from pathlib import Path

from crmmigrate.adapters.base import Target
from crmmigrate.adapters.registry import open_target
from crmmigrate.testing.contract import TargetContract
from crmmigrate.testing.worlds import small_model, utc_now


class TestRelationalCrm(TargetContract):
    def open(self, folder: Path) -> Target:
        options = {"adapter": "sqlite", "path": "crm.db", "model": small_model(), "clock": utc_now}
        return open_target(options, folder)
