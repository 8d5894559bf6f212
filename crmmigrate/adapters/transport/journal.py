"""The journal of requests: what was asked of whom and how long it took; never a value."""

import json
import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock

from crmmigrate.adapters.transport.redaction import bare_path
from crmmigrate.errors import StorageError

__all__ = ["Journal"]

LARGEST = 32 * 2**20
"""Bytes after which a journal is put aside as `.1`, in the place of the one before it."""
_PRIVATE = 0o600


@dataclass
class Journal:
    """Lines of JSON in a file that only its owner can read.

    Attributes:
        path: The file; None keeps no journal.
        largest: Size in bytes after which a new file is begun.
    """

    path: Path | None = None
    largest: int = LARGEST
    _lock: Lock = field(default_factory=Lock, repr=False)

    def record(
        self,
        at: datetime,
        method: str,
        url: str,
        outcome: int | str,
        seconds: float,
        sent: int,
        received: int,
        attempt: int,
    ) -> None:
        """Add one line.

        Args:
            at: When the request was sent.
            method: HTTP method.
            url: Its path is kept, and the names of its parameters.
            outcome: HTTP status, or the kind of fault.
            seconds: Until the answer was there.
            sent: Bytes of the body that was sent.
            received: Bytes of the body that came back.
            attempt: 1 for the first.

        Raises:
            StorageError: the journal cannot be written.
        """
        if self.path is None:
            return
        line = {
            "at": at.isoformat(timespec="milliseconds"),
            "method": method,
            "path": bare_path(url),
            "outcome": outcome,
            "seconds": round(seconds, 4),
            "sent": sent,
            "received": received,
            "attempt": attempt,
        }
        with self._lock:
            self._write(self.path, json.dumps(line, ensure_ascii=True) + "\n")

    def _write(self, path: Path, line: str) -> None:
        try:
            self._append(path, line)
        except OSError as exc:
            why = exc.strerror or type(exc).__name__
            raise StorageError(
                f"the journal of requests cannot be written: {why.lower()}",
                where=str(path),
                hint="free some space and run the same command again; it goes on where it stopped",
            ) from None

    def _append(self, path: Path, line: str) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _PRIVATE)
        try:
            os.write(handle, line.encode())
            full = os.fstat(handle).st_size >= self.largest
        finally:
            os.close(handle)
        if full:
            path.replace(path.with_name(f"{path.name}.1"))
