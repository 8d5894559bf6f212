"""Show how good the duplicates of a run, or of a folder of results, are."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import polars as pl
from rich.text import Text

from crmmigrate.cli.render import print_wrapped
from crmmigrate.cli.session import named_run
from crmmigrate.config.project import load_project
from crmmigrate.dedupe.measures import Estimate, harmonic_mean
from crmmigrate.errors import UsageError
from crmmigrate.model.counting import counted
from crmmigrate.stages.evaluate import TruthReport, evaluate_sample, evaluate_truth, expect
from crmmigrate.stages.review import matched_objects
from crmmigrate.store.artifacts import read
from crmmigrate.store.workspace import Workspace

__all__ = ["print_evaluation"]

_TOLD = ("key_a", "key_b", "probability", "judgement", "veto")


def print_evaluation(
    directory: Path,
    run_id: str,
    object_: str,
    results: Path | None,
    truth: Path | None,
    judged: Path | None,
    *,
    as_json: bool,
) -> None:
    """Evaluate and print; with neither truth nor sample, what the probabilities promise."""
    if judged:
        _print_sample(judged, as_json=as_json)
        return
    name, clusters, pairs = _results(results) if results else _of_run(directory, run_id, object_)
    if truth:
        _print_truth(name, evaluate_truth(clusters, pairs, truth), as_json=as_json)
        return
    precision, recall = expect(pairs)
    document = {"version": 1, "of": name, "expected": {"precision": precision, "recall": recall}}
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    print_wrapped([
        Text.assemble(("evaluate  ", "bold"), f"{name}, as its probabilities promise (no truth given)"),
        f"  precision {precision:.3f}  recall {recall:.3f}  F1 {harmonic_mean(precision, recall):.3f}",
        "  Of the pairs that were compared; what no blocking key brought up is not counted.",
        "next: crmmigrate review --sample 200 -o sample.csv, then evaluate --judged sample.csv",
    ])  # fmt: skip


def _of_run(directory: Path, run_id: str, object_: str) -> tuple[str, pl.DataFrame, pl.DataFrame]:
    project = load_project(directory)
    run = named_run(Workspace(project.root), run_id)
    present = matched_objects(run, project, object_)
    if len(present) > 1:
        raise UsageError("which object?", hint=f"name one of: {', '.join(present)}")
    members = read(run.dir, "dedupe", present[0], "members")
    pairs = read(run.dir, "dedupe", present[0], "pairs", list(_TOLD))
    assert members is not None  # noqa: S101 - written by stage dedupe
    assert pairs is not None  # noqa: S101
    return f"{present[0]} of run {run.id}", members.select("_key", "cluster_id"), pairs


def _results(folder: Path) -> tuple[str, pl.DataFrame, pl.DataFrame]:
    """Read what the command match has written."""
    found = []
    for name in ("clusters.csv", "pairs.csv"):
        path = folder / name
        if not path.is_file():
            raise UsageError(
                "there is no such file", where=str(path), hint="name the folder given to match -o"
            )
        found.append(pl.read_csv(path, infer_schema=False, glob=False))
    clusters, pairs = found
    pairs = pairs.select(_TOLD).with_columns(pl.col("probability").cast(pl.Float64))
    return str(folder), clusters.select(pl.col("key").alias("_key"), "cluster_id"), pairs


def _print_truth(name: str, found: TruthReport, *, as_json: bool) -> None:
    agreement = found.agreement
    if as_json:
        document = {"version": 1, "of": name, **asdict(found)}
        document["agreement"] |= {"f1": agreement.f1, "cubed_f1": agreement.cubed_f1}
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    print_wrapped(_truth_lines(name, found))


def _truth_lines(name: str, found: TruthReport) -> Iterator[Text | str]:
    one = found.agreement
    yield Text.assemble(("evaluate  ", "bold"), f"{name}, against the truth")
    yield f"  {counted(found.records, 'record')} with a known entity, {found.unknown:,} without"
    yield f"  {'':10}{'precision':>10}{'recall':>10}{'F1':>10}"
    yield f"  {'pairs':10}{one.precision:10.4f}{one.recall:10.4f}{one.f1:10.4f}"
    yield f"  {'B-cubed':10}{one.cubed_precision:10.4f}{one.cubed_recall:10.4f}{one.cubed_f1:10.4f}"
    for title, kinds in (("true pairs that are apart", found.missed), ("false pairs that are together", found.wrong)):  # fmt: skip
        yield Text(f"  {sum(kinds.values()):,} {title}", style="cyan")
        for kind, count in kinds.items():
            yield f"    {count:>7,}  {kind}"
            for key_a, key_b in found.examples.get(kind, [])[:1]:
                yield Text(f"             e.g. {key_a} and {key_b}", style="dim")


def _print_sample(path: Path, *, as_json: bool) -> None:
    precision, recall, judged = evaluate_sample(path)
    if as_json:
        shares = {"precision": asdict(precision), "recall": asdict(recall)}
        print(json.dumps({"version": 1, "judged": judged, **shares}, indent=1))
        return
    print_wrapped([
        Text.assemble(("evaluate  ", "bold"), f"{path.name}, {counted(judged, 'judged pair')}"),
        f"  precision {_interval(precision)}",
        f"  recall    {_interval(recall)} of the pairs that were compared",
    ])  # fmt: skip


def _interval(share: Estimate) -> str:
    return f"{share.value:.3f}  (95 %: {share.low:.3f} to {share.high:.3f})"
