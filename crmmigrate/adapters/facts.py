"""What an adapter says of itself before it is opened, and the list of all that are installed."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from crmmigrate.adapters.registry import GROUP, load_function
from crmmigrate.errors import CrmMigrateError
from crmmigrate.model.catalog import Capabilities

__all__ = ["Facts", "Installed", "facts_of", "list_installed", "tells"]

_Opener = TypeVar("_Opener", bound=Callable[..., object])
_MARK = "__adapter_facts__"


@dataclass(frozen=True, slots=True)
class Facts:
    """What an adapter says of itself.

    Attributes:
        summary: What it reads or writes, in one line.
        capabilities: Gives what it can do at least; a description or an option may add to it.
    """

    summary: str
    capabilities: Callable[[], Capabilities]


@dataclass(frozen=True, slots=True)
class Installed:
    """One adapter that is installed.

    Attributes:
        name: As `adapter:` names it.
        summary: What it reads or writes; empty if it does not say.
        package: Name and version of the package that brings it.
        capabilities: What it can do; None if it does not say.
        problem: Why it cannot be used; empty if it can.
    """

    name: str
    summary: str
    package: str
    capabilities: Capabilities | None
    problem: str = ""


def tells(
    summary: str, capabilities: Callable[[], Capabilities] = Capabilities
) -> Callable[[_Opener], _Opener]:
    """Return a decorator for the function an entry point names.

    Args:
        summary: What the adapter reads or writes, in one line.
        capabilities: Gives what it can do; by default it can be read, and no more.
    """

    def marked(opener: _Opener) -> _Opener:
        setattr(opener, _MARK, Facts(summary, capabilities))
        return opener

    return marked


def facts_of(opener: Callable[..., object]) -> Facts | None:
    """Return what an adapter says of itself, or None."""
    found = getattr(opener, _MARK, None)
    return found if isinstance(found, Facts) else None


def list_installed() -> list[Installed]:
    """Return all adapters by name; one that cannot be loaded says why."""
    entries = {entry.name: entry for entry in entry_points(group=GROUP)}
    return [_installed(entries[name]) for name in sorted(entries)]


def _installed(entry: EntryPoint) -> Installed:
    package = f"{entry.dist.name} {entry.dist.version}" if entry.dist else ""
    try:
        facts = facts_of(load_function(entry))
        told = facts.capabilities() if facts else None
    except CrmMigrateError as exc:
        return Installed(entry.name, "", package, None, exc.message)
    return Installed(entry.name, facts.summary if facts else "", package, told)
