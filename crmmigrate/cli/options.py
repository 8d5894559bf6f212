"""Options that many commands share."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "ForceOption",
    "JsonOption",
    "MinConfidenceOption",
    "NewRunOption",
    "ProjectOption",
    "RunOption",
    "UndoRuleOption",
]

ProjectOption = Annotated[
    Path,
    typer.Option("--project", "-C", help="Folder with migration.yaml.", show_default="here"),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one versioned JSON document instead of text.")
]
RunOption = Annotated[
    str, typer.Option("--run", help="Run: its id or the beginning of it; default the newest.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Run even if nothing has changed.")]
UndoRuleOption = Annotated[
    list[str] | None,
    typer.Option(
        "--undo-rule",
        help="Keep raw values that this rule (code or name) would change; repeatable.",
    ),
]
MinConfidenceOption = Annotated[
    float | None,
    typer.Option(
        "--min-confidence", min=0, max=1, help="Keep raw values whose change is less sure."
    ),
]
NewRunOption = Annotated[
    bool, typer.Option("--new-run", help="Keep the newest run, and write into one of its own.")
]
HERE = Path()
