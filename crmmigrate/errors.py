"""The exceptions that stop a stage, each with a hint and an exit code.

A row never raises: rows yield findings and outcomes. What is raised stops the command::

    CrmMigrateError
    ├── UsageError            2   wrong option, missing or unreadable input file
    │   └── ConfigError       2   migration.yaml, a mapping or a rule file is wrong (file:line)
    ├── GateFailedError       1   the data failed a gate: validation, verify, dead letters
    ├── RemoteError           3   the CRM, the network or the disk failed; safe to run again
    │   └── StorageError      3   no space left, read-only file system
    ├── RefusedError          4   will not do it: unconfirmed, stale or drifted plan
    │   ├── LockHeldError     4   another process works in this workspace
    │   └── CorruptError      4   a ledger or an artifact is damaged
    ├── InternalError        70   a bug in crmmigrate
    │   └── BooksError       70   rows in and rows out do not add up
    └── InterruptedRunError 130   Ctrl-C; says what was finished
"""

from collections.abc import Sequence
from enum import IntEnum

__all__ = [
    "BooksError",
    "ConfigError",
    "CorruptError",
    "CrmMigrateError",
    "ExitCode",
    "GateFailedError",
    "InternalError",
    "InterruptedRunError",
    "LockHeldError",
    "RefusedError",
    "RemoteError",
    "StorageError",
    "UsageError",
]


class ExitCode(IntEnum):
    """What the process returns; see the table in the reference of commands."""

    OK = 0
    GATE = 1
    USAGE = 2
    REMOTE = 3
    REFUSED = 4
    CHANGES = 5
    BUG = 70
    INTERRUPTED = 130


class CrmMigrateError(Exception):
    """Stop the command with one clear message.

    Args:
        message: One sentence without a full stop, in lower case: what is wrong.
        where: File, file:line or source cell the message is about.
        causes: Further lines, shown indented below the message.
        hint: What the reader can do now; else the usual hint of the kind of error.
    """

    exit_code: ExitCode = ExitCode.BUG
    usual_hint: str = "please report it, with the command that you ran"

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        causes: Sequence[str] = (),
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.causes = tuple(causes)
        self.hint = hint or self.usual_hint

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class UsageError(CrmMigrateError):
    """The command line or an input file is wrong."""

    exit_code = ExitCode.USAGE
    usual_hint = "run the command with --help to see what it takes"


class ConfigError(UsageError):
    """A configuration file is wrong; `where` is file:line."""

    usual_hint = "correct the configuration, then run `crmmigrate check`"


class GateFailedError(CrmMigrateError):
    """The stage ran, but the data failed a gate."""

    exit_code = ExitCode.GATE
    usual_hint = "look at the findings with `crmmigrate report`"


class RemoteError(CrmMigrateError):
    """The CRM, the network or the disk failed; running again is safe."""

    exit_code = ExitCode.REMOTE
    usual_hint = "mend the cause and run the same command again; nothing is written twice"


class StorageError(RemoteError):
    """Nothing could be written: no space left or a read-only place."""


class RefusedError(CrmMigrateError):
    """The command will not do this: it would be unsafe."""

    exit_code = ExitCode.REFUSED
    usual_hint = "`crmmigrate status` shows where the project stands"


class LockHeldError(RefusedError):
    """Another process holds the workspace."""


class CorruptError(RefusedError):
    """A ledger or an artifact is damaged or unreadable."""


class InternalError(CrmMigrateError):
    """A bug in crmmigrate."""


class BooksError(InternalError):
    """Rows in and rows out do not add up."""


class InterruptedRunError(CrmMigrateError):
    """The user pressed Ctrl-C."""

    exit_code = ExitCode.INTERRUPTED
    usual_hint = "run the same command again; it goes on where it stopped"
