"""How errors look: `error:`, the causes, a blank line, `hint:`; a bug goes to a log file."""

import json
import sys
import tempfile
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import typer

from crmmigrate import __version__
from crmmigrate.errors import CrmMigrateError, InternalError, UsageError

__all__ = ["log_bug", "show_error", "show_usage"]


def show_error(exc: Exception, *, as_json: bool) -> None:
    """Write one error to stderr; with `--json` also a document to stdout."""
    where = getattr(exc, "where", None)
    message = getattr(exc, "message", str(exc))
    causes = getattr(exc, "causes", ())
    hint = getattr(exc, "hint", None)
    if as_json:
        document = {
            "version": 1,
            "error": {
                "kind": type(exc).__name__,
                "where": where,
                "message": message,
                "causes": list(causes),
                "hint": hint,
            },
        }
        with suppress(OSError):  # stdout itself may be what has failed
            typer.echo(json.dumps(document, ensure_ascii=False))
    _line("error:", f"{where}: {message}" if where else message, typer.colors.RED)
    for cause in causes:
        typer.echo(f"  {cause}", err=True)
    if hint:
        typer.echo(err=True)
        _line("hint:", hint, typer.colors.CYAN)


def show_usage(exc: Exception, *, as_json: bool) -> None:
    """Write a mistake on the command line the same way."""
    context = getattr(exc, "ctx", None)
    if type(exc).__name__ == "NoArgsIsHelpError" and not as_json:
        typer.echo(str(getattr(exc, "message", exc)), err=True)
        return
    command = context.command_path if context is not None else "crmmigrate"
    message = exc.format_message() if hasattr(exc, "format_message") else str(exc)
    hint = f"see `{command} --help`"
    if type(exc).__name__ == "NoSuchOption" and command.endswith(" try"):
        hint = f"before a value that begins with a dash stands --: {command} money -- -5"
    show_error(UsageError(message.rstrip("."), hint=hint), as_json=as_json)


def log_bug(exc: Exception) -> CrmMigrateError:
    """Write the traceback to a file and return the error that names it."""
    stamp = datetime.now(UTC)
    text = "".join(traceback.format_exception(exc))
    head = f"crmmigrate {__version__}, Python {sys.version}, {stamp.isoformat()}\n"
    handle = tempfile.NamedTemporaryFile(  # noqa: SIM115 - kept for the reader
        "w",
        encoding="utf-8",
        prefix=f"crmmigrate-{stamp:%Y%m%d-%H%M%S}-",
        suffix=".log",
        delete=False,
    )
    with handle as stream:
        stream.write(head + text)
    path = Path(handle.name)
    if isinstance(exc, CrmMigrateError):
        exc.hint = f"{exc.hint or 'please report it'} ({path})"
        return exc
    return InternalError(
        f"a bug in crmmigrate: {type(exc).__name__}",
        hint=f"please report it with the log file {path}; nothing is half-written",
    )


def _line(label: str, text: str, colour: str) -> None:
    typer.echo(f"{typer.style(label, fg=colour, bold=True)} {text}", err=True)
