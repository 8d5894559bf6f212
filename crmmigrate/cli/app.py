"""The typer app, and the one place where errors become messages and exit codes."""

from collections.abc import Sequence

import typer

from crmmigrate.cli import (
    adapters,
    ahead,
    attempt,
    changes,
    clean,
    connect,
    demo,
    explain,
    failed,
    match,
    project,
    report,
    review,
    stages,
    trace,
)
from crmmigrate.cli.surroundings import INTERRUPT, flush, silence
from crmmigrate.errors import CrmMigrateError, ExitCode, InternalError, InterruptedRunError

__all__ = ["app", "run_app"]

app = typer.Typer(
    name="crmmigrate",
    help=(
        "Move customer data out of legacy systems into a CRM, and clean it on the way.\n\n"
        "Example: crmmigrate init my-migration && cd my-migration && crmmigrate run"
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=True,
)
_COMMANDS = (
    *(
        project,
        adapters,
        connect,
        stages,
        failed,
        clean,
        match,
        review,
        attempt,
        changes,
        trace,
        explain,
        report,
        demo,
    ),
    ahead,
)
for _commands in _COMMANDS:
    _commands.register(app)

_CLICK_ERROR = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")


def _version(value: bool) -> None:
    if value:
        from crmmigrate import __version__

        typer.echo(f"crmmigrate {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    """Move customer data out of legacy systems into a CRM, and clean it on the way."""


def run_app(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; nothing escapes as a traceback."""
    try:
        code = _run(arguments)
        flush()
    except BrokenPipeError:
        silence()
        return int(ExitCode.OK)
    except OSError as exc:  # what was printed could not be written
        return _failed(exc, ())
    return code


def _run(arguments: Sequence[str]) -> int:
    as_json = "--json" in arguments
    try:
        result = app(list(arguments), standalone_mode=False)
    except typer.Exit as exc:
        return int(exc.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        return _interrupted(None, as_json=as_json)
    except SystemExit as exc:
        if isinstance(exc.__context__, BrokenPipeError):
            raise exc.__context__ from None
        return exc.code if isinstance(exc.code, int) else int(ExitCode.USAGE)
    except BrokenPipeError:
        raise
    except Exception as exc:  # noqa: BLE001 - the outermost net
        return _failed(exc, arguments)
    except BaseException as exc:  # noqa: BLE001 - a panic of a library is no Exception
        return _failed(InternalError(f"a library has failed: {type(exc).__name__}"), arguments)
    code = result if isinstance(result, int) else int(ExitCode.OK)
    return _interrupted(None, as_json=as_json) if code == ExitCode.INTERRUPTED else code


def _failed(exc: Exception, arguments: Sequence[str]) -> int:
    from crmmigrate.cli.problems import log_bug, show_error, show_usage

    as_json = "--json" in arguments
    if isinstance(exc, InterruptedRunError) or INTERRUPT.asked:
        return _interrupted(exc, as_json=as_json)
    if isinstance(exc, CrmMigrateError):
        if exc.exit_code == ExitCode.BUG:
            log_bug(exc)
        show_error(exc, as_json=as_json)
        return int(exc.exit_code)
    if isinstance(exc, _CLICK_ERROR):
        show_usage(exc, as_json=as_json)
        return int(ExitCode.USAGE)
    translated = _environment_error(exc)
    if translated is not None:
        show_error(translated, as_json=as_json)
        return int(translated.exit_code)
    show_error(log_bug(exc), as_json=as_json)
    return int(ExitCode.BUG)


def _environment_error(exc: Exception) -> CrmMigrateError | None:
    """Return our error for a full disk or a missing permission met in a library."""
    from pathlib import Path

    from crmmigrate.store.files import as_storage_error

    named = getattr(exc, "filename", None)
    found = as_storage_error(exc, Path(str(named or ".")))
    if found is not None and not named:
        found.where = None
    return found


def _interrupted(exc: Exception | None, *, as_json: bool) -> int:
    from crmmigrate.cli.problems import show_error

    ours = (
        exc
        if isinstance(exc, InterruptedRunError)
        else InterruptedRunError(
            "interrupted", hint="nothing is half-written; run the same command again to go on"
        )
    )
    show_error(ours, as_json=as_json)
    return int(ExitCode.INTERRUPTED)
