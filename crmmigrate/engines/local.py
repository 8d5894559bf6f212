"""The engine for one machine: in this process, or in one process for each core.

Python code between polars expressions holds the interpreter's lock, so threads do not help it.
Processes are spawned, never forked: polars' own threads do not survive a fork.
"""

import os
import signal
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from time import process_time
from types import TracebackType
from typing import Self

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import SemanticType
from crmmigrate.standardize.fields import run_here

__all__ = ["LocalEngine"]

_WORTH_STARTING = 30.0
"""CPU seconds of one kernel's work ahead from which starting processes pays: each costs some seconds
to load what it needs, and as much memory again as the parent."""
_WORTH_SENDING = 0.4
"""CPU seconds of one kernel call from which sending the values to other processes pays."""
_CALLS_THAT_TELL = 2
_PROGRAM = "crmmigrate"
_THREADS = "POLARS_MAX_THREADS"


@dataclass
class LocalEngine:
    """Run kernels here, or with `workers` processes once there is enough to do.

    What a value of each type costs is learned from the first calls, which run here.

    Attributes:
        workers: Number of processes; 0 is one for each core, inside the command.
        ahead: How many times as many values as in one call are still to come, as far as known.
    """

    workers: int = 0
    ahead: float = 1.0
    _costs: dict[SemanticType, list[float]] = field(default_factory=dict)
    _pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def run_kernel(
        self,
        kind: SemanticType,
        distinct: pl.DataFrame,
        book: RegionBook,
        options: Mapping[str, object],
    ) -> pl.DataFrame:
        """Run the kernel of a type on distinct values; see `Engine`."""
        # The first call also pays for what is made once, so that one call tells nothing.
        costs = self._costs.get(kind, [])
        work = min(costs) * distinct.height if len(costs) >= _CALLS_THAT_TELL else 0.0
        workers = self._available()
        enough = work >= _WORTH_SENDING and (
            self._pool is not None or work * self.ahead >= _WORTH_STARTING
        )
        if workers < 2 or not enough:
            return self._here(kind, distinct, book, options)
        pool = self._pool = self._pool or _start(workers, book)
        size = -(-distinct.height // workers)
        pieces = [(kind, piece, dict(options)) for piece in distinct.iter_slices(size)]
        return pl.concat(pool.map(_run, pieces))

    def _here(
        self,
        kind: SemanticType,
        distinct: pl.DataFrame,
        book: RegionBook,
        options: Mapping[str, object],
    ) -> pl.DataFrame:
        started = process_time()
        outcome = run_here(kind, distinct, book, options)
        if distinct.height:
            cost = (process_time() - started) / distinct.height
            self._costs.setdefault(kind, []).append(cost)
        return outcome

    def _available(self) -> int:
        return self.workers or (os.cpu_count() or 1 if _is_program() else 1)


_RULES: list[RegionBook] = []
"""The rules of regions in a worker: sent once, and one object, so that what was read by them can
be remembered."""


def _start(workers: int, book: RegionBook) -> ProcessPoolExecutor:
    """Start workers that share the cores between them."""
    before = os.environ.get(_THREADS)
    os.environ[_THREADS] = "1"
    try:
        pool = ProcessPoolExecutor(
            workers, mp_context=get_context("spawn"), initializer=_prepare, initargs=(book,)
        )
        pool.submit(_ready).result()
    finally:
        os.environ.pop(_THREADS)
        if before is not None:
            os.environ[_THREADS] = before
    return pool


def _prepare(book: RegionBook) -> None:
    """Take the rules, and let only the parent answer Ctrl-C; it stops the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _RULES[:] = [book]


def _ready() -> None:
    """Do nothing: the first answer tells that the processes are there."""


def _run(piece: tuple[SemanticType, pl.DataFrame, dict[str, object]]) -> pl.DataFrame:
    kind, distinct, options = piece
    return run_here(kind, distinct, _RULES[0], options)


def _is_program() -> bool:
    """Tell whether this is the main process of the command.

    A new process imports the main module again, which in somebody else's script may do anything;
    there, only workers that were asked for by number are started.
    """
    main = sys.modules["__main__"]
    spec = getattr(main, "__spec__", None)
    if spec is not None:
        return str(spec.name).split(".")[0] == _PROGRAM
    return Path(getattr(main, "__file__", None) or "").stem == _PROGRAM
