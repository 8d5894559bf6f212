"""Options of a connection to a CRM, read from the plain mapping of a project."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crmmigrate.adapters.transport import Timekeeper
from crmmigrate.errors import ConfigError

__all__ = [
    "dataset_tables",
    "positive_option",
    "required_option",
    "text_option",
    "timekeeper_option",
    "zone_option",
]


def text_option(options: Mapping[str, object], name: str) -> str:
    """Return an option without blanks around it; empty where it is not given."""
    value = options.get(name)
    return "" if value is None else str(value).strip()


def required_option(options: Mapping[str, object], name: str, system: str) -> str:
    """Return an option that has to be given.

    Raises:
        ConfigError: it is missing; points to the page about the system.
    """
    value = text_option(options, name)
    if not value:
        raise ConfigError(
            f"{name} is missing", hint=f"see the page about {system} in the documentation"
        )
    return value


def positive_option(options: Mapping[str, object], name: str, default: float) -> float:
    """Return a number above 0.

    Raises:
        ConfigError: it is none.
    """
    try:
        value = float(str(options.get(name, default)))
    except ValueError:
        value = 0.0
    if value <= 0:
        raise ConfigError(f"options.{name} must be a number above 0")
    return value


def zone_option(options: Mapping[str, object], name: str = "time_zone") -> ZoneInfo:
    """Return a time zone, UTC where none is given.

    Raises:
        ConfigError: there is no such zone.
    """
    zone = text_option(options, name) or "UTC"
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            f"options.{name}: '{zone}' is no time zone",
            hint="give its name in the IANA database, e.g. Europe/Bucharest",
        ) from None


def timekeeper_option(options: Mapping[str, object]) -> Timekeeper:
    """Return the clock that the stages hand in, or one that is handed in whole by tests."""
    whole = options.get("timekeeper")
    if isinstance(whole, Timekeeper):
        return whole
    clock = options.get("clock")
    return Timekeeper(cast("Callable[[], datetime]", clock)) if callable(clock) else Timekeeper()


def dataset_tables(options: Mapping[str, object]) -> dict[str, str]:
    """Return dataset → table of the system; its own name where none is told."""
    datasets = options.get("datasets")
    if not isinstance(datasets, Mapping):
        return {}
    return {
        str(name): str(told.get("table") or name) if isinstance(told, Mapping) else str(name)
        for name, told in datasets.items()
    }
