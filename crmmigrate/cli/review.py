"""The commands review, decide, explain-match and evaluate: pairs before a person's eyes."""

from pathlib import Path
from typing import Annotated

import typer

from crmmigrate.cli.options import HERE, JsonOption, ProjectOption, RunOption

__all__ = ["register"]


def review(
    object_: Annotated[str, typer.Argument(metavar="[OBJECT]", help="Only this object.")] = "",
    project: ProjectOption = HERE,
    run: RunOption = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many pairs.")] = 200,
    sample: Annotated[
        int,
        typer.Option("--sample", min=0, help="Draw so many pairs of all probabilities instead."),
    ] = 0,
    conflicts: Annotated[
        bool,
        typer.Option("--conflicts", help="List what both sides have changed since the last load."),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="OUT.csv, .tsv, .parquet or .xlsx, to be filled in."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """List the pairs that matching is not sure of, the most valuable first; or conflicts.

    With -o they are written with both records' fields side by side; fill in the column `judgement`
    (match or no_match), then give the file to `decide`. With --conflicts one row a field: what was
    loaded last, theirs and ours; fill in the column `keep` (ours or theirs).

    Example: crmmigrate review contact -o review.xlsx
    """
    from crmmigrate.cli.conflict_view import print_conflicts
    from crmmigrate.cli.review_view import print_review

    if conflicts:
        print_conflicts(project, run, object_, limit, output, as_json=json)
        return
    print_review(project, run, object_, limit, sample, output, as_json=json)


def decide(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE | KEY_A KEY_B JUDGEMENT | KEY [FIELD] KEEP",
            help="A review file that was filled in; or two record keys and match or no_match; or "
            "a key, perhaps a field, and ours or theirs.",
        ),
    ],
    why: Annotated[str, typer.Option("--why", help="Reason, for whoever reads it later.")] = "",
    project: ProjectOption = HERE,
    json: JsonOption = False,
) -> None:
    """Record what people decided about pairs, or about conflicts; it holds in every later run.

    Decisions stand in decisions/OBJECT.csv of the project, those about conflicts in
    conflicts/OBJECT.csv; a later one about the same pair or field replaces the earlier. Those about
    conflicts hold as long as both sides hold the values they were made about. They take effect with
    the next `crmmigrate run`.

    Example: crmmigrate decide review.xlsx
    """
    from crmmigrate.cli.conflict_view import is_choice, take_choices
    from crmmigrate.cli.review_view import take_decisions

    take = take_choices if is_choice(what) else take_decisions
    take(project, what, why, as_json=json)


def explain_match(
    key_a: Annotated[str, typer.Argument(help="Record key, source:object:dataset/id.")],
    key_b: Annotated[str, typer.Argument(help="Record key of the other.")],
    project: ProjectOption = HERE,
    run: RunOption = "",
    json: JsonOption = False,
) -> None:
    """Draw why two records were merged, or were not: every piece of evidence with its weight.

    Example: crmmigrate explain-match erp:contact:contacts/12 shop:contact:customers/W7
    """
    from crmmigrate.cli.pair_view import print_pair

    print_pair(project, run, key_a, key_b, as_json=json)


def merges(
    object_: Annotated[str, typer.Argument(metavar="[OBJECT]", help="Object of the run.")] = "",
    project: ProjectOption = HERE,
    run: RunOption = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many are listed.")] = 5,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="All of them to OUT.csv, .tsv, .parquet or .xlsx."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Preview merges before they are loaded: golden records, and which record gave each field.

    The least sure merges come first.

    Example: crmmigrate merges contact -o merges.xlsx
    """
    from crmmigrate.cli.merge_view import print_merges

    print_merges(project, run, object_, limit, output, as_json=json)


def evaluate(
    object_: Annotated[str, typer.Argument(metavar="[OBJECT]", help="Object of the run.")] = "",
    truth: Annotated[
        Path | None,
        typer.Option("--truth", help="Table with key and entity; or key_a and key_b, one a pair."),
    ] = None,
    judged: Annotated[
        Path | None, typer.Option("--judged", help="Sample of `review --sample`, filled in.")
    ] = None,
    results: Annotated[
        Path | None, typer.Option("--results", help="Folder that `match` has written, not a run.")
    ] = None,
    project: ProjectOption = HERE,
    run: RunOption = "",
    json: JsonOption = False,
) -> None:
    """Measure how good the duplicates are: as expected, against truth, or by a judged sample.

    Example: crmmigrate evaluate contact --truth known-duplicates.csv
    """
    from crmmigrate.cli.evaluate_view import print_evaluation

    print_evaluation(project, run, object_, results, truth, judged, as_json=json)


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command("review", short_help="List the pairs that a person should judge.")(review)
    app.command("decide", short_help="Record what people decided about pairs.")(decide)
    app.command("explain-match", short_help="Draw why two records are one, or are not.")(
        explain_match
    )
    app.command("evaluate", short_help="Measure how good the duplicates are.")(evaluate)
    app.command("merges", short_help="Preview merges, field by field.")(merges)
