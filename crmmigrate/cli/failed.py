"""The commands `failed` and `retry`: records that were refused, and loading only them again."""

from pathlib import Path
from typing import Annotated

import typer

from crmmigrate.cli.options import HERE, JsonOption, ProjectOption, RunOption

__all__ = ["register"]

_Object = Annotated[str, typer.Option("--object", help="Only this object.")]
_Code = Annotated[str, typer.Option("--code", help="Only refused for this reason, e.g. LOD512.")]


def failed(
    project: ProjectOption = HERE,
    run: RunOption = "",
    object_: _Object = "",
    code: _Code = "",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="OUT.csv, .tsv, .parquet or .xlsx, to be filled in."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """List the records that were refused, grouped by cause, with the nearest right value.

    With -o each of them is written with its field, value and reason, and an empty column
    `correction`; fill it in, then give the file to `retry`.

    Example: crmmigrate failed -o remedy.xlsx
    """
    from crmmigrate.cli.failed_view import print_failed

    print_failed(project, run, object_, code, output, as_json=json)


def retry(
    remedy: Annotated[
        Path | None, typer.Option("--remedy", help="File of `failed -o`, filled in.")
    ] = None,
    project: ProjectOption = HERE,
    object_: _Object = "",
    code: _Code = "",
    json: JsonOption = False,
) -> None:
    """Load again what was refused, and nothing else, with what was corrected.

    Corrections are kept in corrections/OBJECT.csv of the project and hold in every later run.

    Example: crmmigrate retry --remedy remedy.xlsx
    """
    from crmmigrate.cli.failed_view import load_failed

    load_failed(project, remedy, object_, code, as_json=json)


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command("failed", short_help="List what was refused, by cause.")(failed)
    app.command("retry", short_help="Load again only what was refused.")(retry)
