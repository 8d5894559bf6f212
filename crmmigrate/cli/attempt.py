"""The command `try`: one value, with every rule that fired."""

from typing import Annotated

import typer

from crmmigrate.cli.options import HERE, JsonOption, ProjectOption

__all__ = ["register"]


def attempt(
    kind: Annotated[
        str,
        typer.Argument(help="phone, email, name, organization, address, date, money, postcode …"),
    ],
    value: Annotated[
        str, typer.Argument(help="The value; may be left out if parts are given.")
    ] = "",
    region: Annotated[
        str | None, typer.Option(help="Region of the value: ISO 3166-1 alpha-2, e.g. RO.")
    ] = None,
    part: Annotated[
        list[str] | None,
        typer.Option("--part", help="PART=VALUE, where parts stand in columns of their own."),
    ] = None,
    choice: Annotated[
        list[str] | None, typer.Option("--choice", help="One of the choices of a choice.")
    ] = None,
    project: ProjectOption = HERE,
    json: JsonOption = False,
) -> None:
    """Standardize one value and show what came of it and which rules fired.

    Example: crmmigrate try phone "0722.123.456/0722123457" --region RO
    """
    from crmmigrate.cli.attempt_view import print_attempt

    print_attempt(kind, value or None, region, part or [], choice or [], project, as_json=json)


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("try", short_help="Standardize one value and show every rule.")(attempt)
