"""The command `compile`: machine code for large columns, ahead of the first one."""

import typer

from crmmigrate.cli.options import JsonOption

__all__ = ["register"]


def compile_(json: JsonOption = False) -> None:
    """Compile the loops that read large columns, so that the first large run need not.

    It is done by itself when a column of some thousand distinct values is first read, once a
    machine and version; this does it all at once, in about a minute. The code is kept beside the
    package, or in the user's cache folder where that is read-only.

    Example: crmmigrate compile
    """
    from crmmigrate.cli.compiling import print_compiled

    print_compiled(as_json=json)


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("compile", short_help="Compile for large columns, ahead of the first.")(compile_)
