"""The engine for one machine: in this process, or in one process for each core.

Python code between polars expressions holds the interpreter's lock, so threads do not help it.
Processes are spawned, never forked: polars' own threads do not survive a fork.
"""

import os
import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import polars as pl

from crmmigrate.engines.base import RowKernel

__all__ = ["LocalEngine"]

_WORTH_PROCESSES = 20_000
"""Rows from which starting processes (about a second each) pays."""
_PIECES = 4
"""A part is cut so that each worker has this many pieces of it, to balance uneven work."""
_SMALLEST = 5_000
_PROGRAM = "crmmigrate"


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Run kernels here, with `workers` processes (0: one for each core, inside the command)."""

    workers: int = 0

    def run_rows(
        self, kernel: RowKernel, frames: Iterable[pl.DataFrame], rows: int
    ) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """Yield each frame with what the kernel made of it; see `Engine`."""
        workers = self.workers or (os.cpu_count() or 1 if _is_program() else 1)
        if workers < 2 or rows < _WORTH_PROCESSES:
            for frame in frames:
                yield frame, kernel(frame)
            return
        pool = ProcessPoolExecutor(
            workers, mp_context=get_context("spawn"), initializer=_leave_interrupts
        )
        try:
            yield from _ordered(pool, kernel, frames, workers)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _ordered(
    pool: ProcessPoolExecutor, kernel: RowKernel, frames: Iterable[pl.DataFrame], workers: int
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Keep the workers busy with the pieces of one frame ahead, and give results in order."""
    waiting: deque[tuple[pl.DataFrame, list[Future[pl.DataFrame]]]] = deque()
    for frame in frames:
        size = max(_SMALLEST, -(-frame.height // (workers * _PIECES)))
        pieces = [*frame.iter_slices(size)] or [frame]
        waiting.append((frame, [pool.submit(kernel, piece) for piece in pieces]))
        if len(waiting) > 1:
            yield _joined(*waiting.popleft())
    while waiting:
        yield _joined(*waiting.popleft())


def _joined(
    frame: pl.DataFrame, futures: list[Future[pl.DataFrame]]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    return frame, pl.concat([future.result() for future in futures])


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


def _leave_interrupts() -> None:
    """Let only the parent answer Ctrl-C; it stops the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
