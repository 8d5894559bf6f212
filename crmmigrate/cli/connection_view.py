"""Body of connect."""

import json
from dataclasses import asdict
from pathlib import Path

import typer
from rich.text import Text

from crmmigrate.cli.render import print_wrapped
from crmmigrate.cli.session import now
from crmmigrate.config.project import load_project
from crmmigrate.errors import ExitCode
from crmmigrate.model.connections import Check, State
from crmmigrate.stages.connect import try_connection

__all__ = ["show_connection"]

_STYLES = {State.OK: "green", State.NOTE: "dim", State.WARNING: "yellow", State.FAILED: "bold red"}


def show_connection(directory: Path, name: str, *, as_json: bool, create_field: bool) -> None:
    """Print each check as it comes, or all as one document; exits 2 if one has failed."""
    checks: list[Check] = []
    project = load_project(directory)
    for check in try_connection(project, name, now, create_field=create_field):
        checks.append(check)
        if not as_json:
            print_wrapped(_lines(check))
    failed = any(c.state is State.FAILED for c in checks)
    if as_json:
        document = {"version": 1, "connection": name, "ok": not failed}
        typer.echo(json.dumps({**document, "checks": [asdict(c) for c in checks]}))
    else:
        typer.echo(
            "next: mend what has failed, then try again" if failed else "next: crmmigrate run"
        )
    if failed:
        raise typer.Exit(int(ExitCode.USAGE))


def _lines(check: Check) -> list[Text]:
    line = Text(f"{check.state.value:8}", style=_STYLES[check.state])
    line.append(f"{check.name}: {check.says}", style="default")
    return [line, Text(f"        {check.hint}", style="dim")] if check.hint else [line]
