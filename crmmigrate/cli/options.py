"""Options that many commands share."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["ForceOption", "JsonOption", "ProjectOption"]

ProjectOption = Annotated[
    Path,
    typer.Option("--project", "-C", help="Folder with migration.yaml.", show_default="here"),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one versioned JSON document instead of text.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Run even if nothing has changed.")]
HERE = Path()
