"""The command `trace`: one record from the source cell to the target field."""

from typing import Annotated

import typer

from crmmigrate.cli.options import HERE, JsonOption, ProjectOption

__all__ = ["register"]


def trace(
    key: Annotated[
        str,
        typer.Argument(help="Row key source:dataset:id, or record key source:object:dataset/id."),
    ],
    project: ProjectOption = HERE,
    run: Annotated[
        str,
        typer.Option(
            "--run", help="Run to look in: its id or the beginning of it; default the newest."
        ),
    ] = "",
    json: JsonOption = False,
) -> None:
    """Follow one record from the source row through every stage to the target.

    Example: crmmigrate trace shop:customers:4711
    """
    from crmmigrate.cli.inspect import print_trace

    print_trace(project, key, run or None, as_json=json)


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("trace", short_help="Follow one record from source to target.")(trace)
