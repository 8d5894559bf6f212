"""Command connect: does a migration get in, and may it do there what it must?"""

from typing import Annotated

import typer

from crmmigrate.cli.options import HERE, JsonOption, ProjectOption

__all__ = ["register"]


def connect(
    name: Annotated[str, typer.Argument(help="Name of a source, or target.")] = "target",
    create_field: Annotated[
        bool,
        typer.Option(
            "--create-field", help="Make the field for our record keys where the target lacks it."
        ),
    ] = False,
    project: ProjectOption = HERE,
    json: JsonOption = False,
) -> None:
    """Try a connection: address, credentials, clock, quota, permissions, and what has no place there.

    Nothing is written unless --create-field is given; without it, what that would do is said. Exit
    code 2 if a load could not work.

    Example: crmmigrate connect target --create-field
    """
    from crmmigrate.cli.connection_view import show_connection

    show_connection(project, name, as_json=json, create_field=create_field)


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("connect", short_help="Try the connection to a source or the target.")(connect)
