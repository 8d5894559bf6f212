"""Body of adapters."""

import json
from collections.abc import Iterator
from dataclasses import asdict

import typer
from rich.text import Text

from crmmigrate.adapters.facts import Installed, list_installed
from crmmigrate.cli.render import print_wrapped
from crmmigrate.errors import ExitCode
from crmmigrate.model.catalog import Capabilities

__all__ = ["show_adapters"]

_OWN = "crmmigrate "
"""Begins the package of the built-in adapters; those of others are named."""


def show_adapters(*, as_json: bool) -> None:
    """Print all installed adapters; exits 2 if one cannot be loaded."""
    installed = list_installed()
    if as_json:
        document = {"version": 1, "adapters": [asdict(adapter) for adapter in installed]}
        typer.echo(json.dumps(document))
    else:
        width = max((len(adapter.name) for adapter in installed), default=0) + 2
        for adapter in installed:
            print_wrapped(_lines(adapter, width))
        typer.echo("next: crmmigrate connect")
    if any(adapter.problem for adapter in installed):
        raise typer.Exit(int(ExitCode.USAGE))


def _lines(adapter: Installed, width: int) -> Iterator[Text]:
    line = Text("  ").append(adapter.name.ljust(width), style="bold")
    if adapter.problem:
        yield line.append(adapter.problem, style="red")
        return
    line.append(adapter.summary or "does not say what it is")
    if not adapter.package.startswith(_OWN):
        line.append(f" ({adapter.package})", style="dim")
    yield line
    if adapter.capabilities:
        yield Text(" " * (width + 2) + _told(adapter.capabilities), style="dim")


def _told(can: Capabilities) -> str:
    """Return what it can do, in words."""
    words = ["source and target" if can.can_write else "source"]
    if can.incremental:
        words.append("reads only what changed")
    if can.external_id:
        words.append("keeps our keys")
    if can.can_delete:
        words.append("deletes and brings back" if can.restores_deleted else "deletes, for good")
    if can.can_write:
        whole = ", all or nothing" if can.atomic_batches else ""
        words.append(f"{can.batch_size:,} records a batch{whole}")
    return "; ".join(words)
