"""What a stage is given to work with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from crmmigrate.config.project import Project
from crmmigrate.store.workspace import Run, Workspace

__all__ = ["Progress", "Silent", "StageContext"]


class Progress(Protocol):
    """Where a stage tells how far it is."""

    def start(self, label: str, total: int | None) -> None:
        """Begin a piece of work of `total` rows (None if unknown)."""
        ...

    def advance(self, rows: int) -> None:
        """Tell that so many more rows are done."""
        ...

    def finish(self) -> None:
        """End the piece of work."""
        ...


class Silent:
    """Progress that tells nobody."""

    def start(self, label: str, total: int | None) -> None:
        """Do nothing."""

    def advance(self, rows: int) -> None:
        """Do nothing."""

    def finish(self) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class StageContext:
    """The project, the run and the surroundings that a stage may not fetch by itself."""

    project: Project
    workspace: Workspace
    run: Run
    clock: Callable[[], datetime]
    progress: Progress = field(default_factory=Silent)
    options: Mapping[str, object] = field(default_factory=dict)
