"""Commands around a project: init, check, status, schema."""

from pathlib import Path
from typing import Annotated

import typer

from crmmigrate.cli.options import HERE, JsonOption, ProjectOption

__all__ = ["register"]


def init(
    directory: Annotated[Path, typer.Argument(help="Folder of the new project.")] = HERE,
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--source", "-s", help="NAME=FILE or NAME=URL of a legacy system; may be repeated."
        ),
    ] = None,
    region: Annotated[str, typer.Option("--region", help="Default region, e.g. RO.")] = "",
) -> None:
    """Start a project: migration.yaml, and a proposed mapping for each dataset of the sources.

    Example: crmmigrate init shop-migration --source shop=exports/customers.csv --region RO
    """
    from crmmigrate.cli.projects import start_project

    start_project(directory, source or [], region or None)


def check(project: ProjectOption = HERE, json: JsonOption = False) -> None:
    """Check the whole project offline: configuration, mappings, rules, columns. For CI.

    Example: crmmigrate check --json
    """
    from crmmigrate.cli.projects import check_project

    check_project(project, as_json=json)


def status(project: ProjectOption = HERE, json: JsonOption = False) -> None:
    """Show what has run, what is out of date, and what to do next.

    Example: crmmigrate status
    """
    from crmmigrate.cli.projects import show_status

    show_status(project, as_json=json)


def schema(
    kind: Annotated[
        str, typer.Argument(help="migration, mapping, match, survivorship, validate or region.")
    ],
) -> None:
    """Print the JSON Schema of one kind of configuration file, for editors.

    Example: crmmigrate schema mapping > mapping.schema.json
    """
    from crmmigrate.cli.projects import print_schema

    print_schema(kind)


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    for body, short in (
        (init, "Start a project with proposed mappings."),
        (check, "Check the whole project offline, for CI."),
        (status, "Show what has run and what to do next."),
        (schema, "Print the JSON Schema of a kind of file."),
    ):
        app.command(body.__name__, short_help=short)(body)
