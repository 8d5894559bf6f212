"""Progress on stderr: a bar on a terminal, a plain line now and then elsewhere."""

import sys
from contextlib import suppress
from time import monotonic

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

__all__ = ["Bars", "PlainLines", "choose_progress"]

_EVERY = 10.0
"""Seconds between plain lines."""


class Bars:
    """A rich bar for each piece of work; it disappears when the work is done."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def start(self, label: str, total: int | None) -> None:
        """Begin a bar."""
        self.finish()
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._progress.start()
        self._task = self._progress.add_task(label, total=total)

    def advance(self, rows: int) -> None:
        """Move the bar."""
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task, rows)

    def finish(self) -> None:
        """Take the bar away."""
        if self._progress is not None:
            self._progress.stop()
        self._progress = None


class PlainLines:
    """A line every ten seconds, for logs."""

    def __init__(self) -> None:
        self._label = ""
        self._total: int | None = None
        self._done = 0
        self._told = monotonic()

    def start(self, label: str, total: int | None) -> None:
        """Begin to count."""
        self._label, self._total, self._done, self._told = label, total, 0, monotonic()

    def advance(self, rows: int) -> None:
        """Count, and tell if it is time."""
        self._done += rows
        if monotonic() - self._told >= _EVERY:
            self._told = monotonic()
            of = f" of {self._total:,}" if self._total else ""
            with suppress(OSError):  # nobody may be reading
                sys.stderr.write(f"{self._label}: {self._done:,}{of} rows\n")

    def finish(self) -> None:
        """Forget the count."""
        self._label = ""


def choose_progress() -> Bars | PlainLines:
    """Return bars on a terminal, plain lines elsewhere."""
    return Bars() if sys.stderr.isatty() else PlainLines()
