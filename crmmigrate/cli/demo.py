"""The command `demo`: a whole migration of the bundled example."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]


def demo(
    directory: Annotated[
        Path, typer.Argument(help="Folder to run the demo in; must be new.")
    ] = Path("crmmigrate-demo"),
) -> None:
    """Migrate bundled messy data of three systems into the embedded CRM, and report.

    Example: crmmigrate demo /tmp/demo
    """
    from crmmigrate.cli.showcase import run_demo

    run_demo(directory)


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("demo", short_help="Migrate the bundled example, end to end.")(demo)
