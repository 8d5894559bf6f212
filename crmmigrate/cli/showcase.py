"""Run the bundled example from end to end."""

import shutil
from pathlib import Path

import typer

from crmmigrate.cli.inspect import print_report
from crmmigrate.cli.session import run_all
from crmmigrate.config.bundled import bundled_path
from crmmigrate.errors import UsageError
from crmmigrate.store.files import storage_errors

__all__ = ["run_demo"]

_LEFT_OUT = ("truth", "make.py", "__pycache__", ".crmmigrate", "crm.db*")


def run_demo(directory: Path) -> None:
    """Copy the example to `directory`, migrate it, verify it and write the report.

    Raises:
        UsageError: the folder exists and holds something else.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UsageError(
            "the folder is not empty",
            where=str(directory),
            hint="name a new one: crmmigrate demo DIR",
        )
    with storage_errors(directory):
        shutil.copytree(
            bundled_path("examples/consolidation"),
            directory,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns(*_LEFT_OUT),
        )
    run_all(directory, load=True)
    typer.echo()
    print_report(directory, None, None, as_json=False)
    typer.echo(f"CRM: {directory / 'crm.db'} (SQLite)")
    typer.echo(f"next: crmmigrate trace erp:contacts:1001 -C {directory}")
