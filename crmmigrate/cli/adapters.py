"""Command adapters: which systems can be read and written here."""

import typer

from crmmigrate.cli.options import JsonOption

__all__ = ["register"]


def adapters(json: JsonOption = False) -> None:
    """List the installed adapters: what each reads or writes, and what it can do.

    Plug-ins of other packages are listed, too. Exit code 2 if one of them cannot be loaded.

    Example: crmmigrate adapters
    """
    from crmmigrate.cli.adapter_view import show_adapters

    show_adapters(as_json=json)


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("adapters", short_help="List the installed adapters.")(adapters)
