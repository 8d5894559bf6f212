"""The command `match`: duplicates within one file, or between two."""

from pathlib import Path
from typing import Annotated

import typer

from crmmigrate.cli.options import HERE, JsonOption, ProjectOption

__all__ = ["register"]


def match(
    file: Annotated[Path, typer.Argument(help="File with records: CSV, Excel, JSON, Parquet.")],
    key: Annotated[str, typer.Option("--key", help="Column that identifies a row.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the results.")],
    field: Annotated[
        list[str],
        typer.Option("--field", help="COLUMN=TYPE, COLUMN=TYPE.PART or COLUMN=NAME:TYPE; repeat."),
    ],
    against: Annotated[
        Path | None, typer.Option("--against", help="Second file to find the records of FILE in.")
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="Default region of the values, e.g. RO.")
    ] = None,
    project: ProjectOption = HERE,
    json: JsonOption = False,
) -> None:
    """Find records of the same person or company in a file; needs no project.

    Writes clusters.csv (key, cluster_id, golden) and pairs.csv with the evidence of every pair.

    Example: crmmigrate match people.csv --key id --field name=person_name --field tel=phone -o out
    """
    from crmmigrate.cli.region_rules import regions_of
    from crmmigrate.cli.render import render_reports
    from crmmigrate.stages.match import MatchRequest, match_files

    request = MatchRequest(file, against, key, tuple(field), out, region)
    report = match_files(request, regions_of(project))
    render_reports([report], as_json=json, single=True)


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("match", short_help="Find duplicates in a single file, or two.")(match)
