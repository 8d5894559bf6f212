"""CRMs on this machine that behave as real ones do, for tests of adapters and of loading."""

from crmmigrate.testing.simulators.plain import PlainCrm
from crmmigrate.testing.simulators.server import Simulator

__all__ = ["PlainCrm", "Simulator"]
