"""The stages as commands, and `run` for all of them."""

from pathlib import Path
from typing import Annotated

import typer

from crmmigrate.cli.options import (
    HERE,
    ForceOption,
    JsonOption,
    MinConfidenceOption,
    NewRunOption,
    ProjectOption,
    UndoRuleOption,
)
from crmmigrate.errors import ExitCode

__all__ = ["register"]


def extract(
    project: ProjectOption = HERE, force: ForceOption = False, json: JsonOption = False
) -> None:
    """Read every source into the workspace, unchanged; unreadable rows are quarantined.

    Example: crmmigrate extract
    """
    from crmmigrate.cli.session import run_one

    run_one("extract", project, force=force, as_json=json)


def profile(project: ProjectOption = HERE, json: JsonOption = False) -> None:
    """Look at the extracted columns: fill, distinct values, patterns, likely meaning.

    Example: crmmigrate profile
    """
    from crmmigrate.cli.profile import show_profile

    show_profile(project, as_json=json)


def map_(
    project: ProjectOption = HERE, force: ForceOption = False, json: JsonOption = False
) -> None:
    """Turn source rows into records of the canonical model by the mapping files.

    Example: crmmigrate map
    """
    from crmmigrate.cli.session import run_one

    run_one("map", project, force=force, as_json=json)


def standardize(
    project: ProjectOption = HERE,
    undo_rule: UndoRuleOption = None,
    min_confidence: MinConfidenceOption = None,
    new_run: NewRunOption = False,
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """Clean phones, names, addresses, e-mails, dates … by the rules of each region.

    Example: crmmigrate standardize --undo-rule STD907 --new-run
    """
    from crmmigrate.cli.session import run_one, standardize_options

    options = standardize_options(undo_rule, min_confidence, new_run=new_run)
    run_one("standardize", project, force=force, as_json=json, options=options)


def dedupe(
    project: ProjectOption = HERE, force: ForceOption = False, json: JsonOption = False
) -> None:
    """Find records of the same person or company, and merge them into golden records.

    Example: crmmigrate dedupe
    """
    from crmmigrate.cli.session import run_one

    run_one("dedupe", project, force=force, as_json=json)


def validate(
    project: ProjectOption = HERE, force: ForceOption = False, json: JsonOption = False
) -> None:
    """Check the golden records against the model and the project's rules; exit 1 if a gate fails.

    Example: crmmigrate validate
    """
    from crmmigrate.cli.session import run_one

    run_one("validate", project, force=force, as_json=json)


def plan(
    project: ProjectOption = HERE,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 5 if the plan has changes.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Keep the plan as one file, for `crmmigrate load`."),
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write the plan as a page.")] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write it as CSV, one row a record and field.")
    ] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="Write the same for Excel.")] = None,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", help="Show only this OBJECT, OBJECT:ACTION or KEY; repeatable."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Show all records with all their fields.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Compare with the target, save every create and update, and show them. Writes nothing there.

    A few records of each object are shown, field by field: + is created, ~ updated, & linked,
    - deleted, = stays as it is. --html, --csv and --xlsx write the same for the client.

    Example: crmmigrate plan -o friday.plan --html friday.html --xlsx friday.xlsx
    """
    from crmmigrate.cli.planning import PlanViews, make_plan

    tables = [path for path in (csv, xlsx) if path is not None]
    views = PlanViews(output, select or (), everything, json, html, tables)
    report = make_plan(project, views)
    if detailed_exitcode and report.facts.get("pending"):
        raise typer.Exit(int(ExitCode.CHANGES))


def load(
    project: ProjectOption = HERE,
    run: Annotated[
        str,
        typer.Argument(help="A file of `plan -o`, or a run; the newest run by default."),
    ] = "",
    allow_drift: Annotated[
        bool, typer.Option("--allow-drift", help="Plan records anew that changed since the plan.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Do exactly what the plan says, or refuse. Interrupted? The same command goes on.

    Example: crmmigrate load friday.plan
    """
    from crmmigrate.cli.session import load_file, run_one

    if run and ("." in run or "/" in run or Path(run).is_file()):
        load_file(project, Path(run), as_json=json, allow_drift=allow_drift)
        return
    options: dict[str, object] = {"run_id": run} if run else {}
    run_one("load", project, as_json=json, options={**options, "allow_drift": allow_drift})


def verify(
    project: ProjectOption = HERE,
    sample: Annotated[
        int,
        typer.Option("--sample", min=0, help="Read back so many records of each object at random."),
    ] = 0,
    full: Annotated[bool, typer.Option("--full", help="Read back all records (default).")] = False,
    signed_by: Annotated[
        str, typer.Option("--signed-by", help="Who has looked at the result and signs it off.")
    ] = "",
    folder: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for the reconciliation and all differences."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Read the target back and compare counts, fields and references; exit 1 on a difference.

    Every difference is explained: cut or lower-cased by the target, edited since, kept by a
    policy. The reconciliation (JSON and CSV) tells what both sides hold, and who signed it off.

    Example: crmmigrate verify --full --signed-by "Ana Pop" -o handover/
    """
    from crmmigrate.cli.verify_view import VerifyRequest, verify_load
    from crmmigrate.errors import UsageError

    if full and sample:
        raise UsageError("--full and --sample exclude each other", hint="give one of them")
    verify_load(project, VerifyRequest(sample, signed_by, folder, json))


def rollback(
    run: Annotated[str, typer.Argument(help="Run to undo, by id or its beginning.")],
    project: ProjectOption = HERE,
    select: Annotated[str, typer.Option("--select", help="Only this object.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--plan", help="Only show what would be undone.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: JsonOption = False,
) -> None:
    """Undo a load: delete what it created, restore what it changed, spare what was edited since.

    Example: crmmigrate rollback 20260301T0915 --plan
    """
    from crmmigrate.cli.undo import roll_back

    roll_back(project, run, select=select or None, dry_run=dry_run, yes=yes, as_json=json)


def run_(
    project: ProjectOption = HERE,
    load: Annotated[bool, typer.Option("--load", help="Go on: load the plan and verify.")] = False,
    undo_rule: UndoRuleOption = None,
    min_confidence: MinConfidenceOption = None,
    new_run: NewRunOption = False,
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """Run all stages up to the plan; with --load also load and verify.

    Example: crmmigrate run --load
    """
    from crmmigrate.cli.session import run_all, standardize_options

    options = standardize_options(undo_rule, min_confidence, new_run=new_run)
    run_all(project, load=load, force=force, as_json=json, options=options)


def register(app: typer.Typer) -> None:
    """Add the stage commands to the app."""
    for name, body, short in (
        ("run", run_, "Run all stages up to the plan, or load too."),
        ("extract", extract, "Read every source into the workspace."),
        ("profile", profile, "Look at the columns that were extracted."),
        ("map", map_, "Turn source rows into canonical records."),
        ("standardize", standardize, "Clean phones, names, addresses, dates and more."),
        ("dedupe", dedupe, "Find duplicates and merge them."),
        ("validate", validate, "Check the golden records by the rules."),
        ("plan", plan, "Show and save what a load would write."),
        ("load", load, "Do exactly what the plan says, or refuse."),
        ("verify", verify, "Read the target back and compare."),
        ("rollback", rollback, "Undo a load; spare what was edited since."),
    ):
        app.command(name, short_help=short)(body)
