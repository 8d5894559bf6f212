"""Draw two records beside each other, and what speaks for and against their being one."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.text import Text

from crmmigrate.cli.render import WIDTH, print_wrapped
from crmmigrate.cli.session import named_run
from crmmigrate.config.project import load_project
from crmmigrate.model.findings import Rule
from crmmigrate.stages.pair import PairReport, explain_records
from crmmigrate.store.workspace import Workspace

__all__ = ["print_pair"]

_BAR = 12
"""Signs of the longest bar."""
_VALUES = 20
_TOLD = 0.05
"""Bits from which a difference can be seen in the figures shown."""


def print_pair(directory: Path, run_id: str, key_a: str, key_b: str, *, as_json: bool) -> None:
    """Explain two records of a run."""
    project = load_project(directory)
    run = named_run(Workspace(project.root), run_id)
    found = explain_records(run, project, key_a, key_b)
    if as_json:
        document = {"version": 1, **asdict(found), "merged": found.merged}
        document["evidence"]["repeated"] = found.evidence.repeated
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    print_wrapped(_lines(found, project.rules))


def _lines(found: PairReport, rules: Mapping[str, Rule]) -> Iterator[Text | str]:
    evidence = found.evidence
    yield Text.assemble((found.object, "bold cyan"), f"  {found.key_a}")
    yield f"{'':{len(found.object)}}  {found.key_b}"
    yield Text.assemble(
        (f"{_outcome(found)}", "bold"),
        f": probability {evidence.probability:.3f}, score {evidence.score:+.1f} bits, matches from {found.threshold:+.1f}",
    )
    longest = max([abs(evidence.prior), *(abs(p["weight"]) for p in evidence.contributions)])
    yield _row("any two records", "", evidence.prior, "", longest)
    for part in evidence.contributions:
        values = f"{_short(part['value_a'])} ~ {_short(part['value_b'])}"
        yield _row(part["feature"], part["level"], part["weight"], values, longest)
    if evidence.repeated <= -_TOLD:
        yield _row("said twice", "", evidence.repeated, "evidence of one group", longest)
    if evidence.veto:
        rule = rules.get(evidence.veto)
        name = f" {rule.name.replace('_', ' ')}: {rule.doc}" if rule else ""
        yield Text.assemble("  veto ", (evidence.veto, "bold red"), name)
    if found.decision:
        why = f" ({found.decision.why})" if found.decision.why else ""
        yield Text.assemble("  decided by a person: ", (found.decision.judgement, "bold"), why)
    yield from _keys(evidence.keys)
    yield Text(f"  run {found.run}; golden record {' and '.join(dict.fromkeys(found.golden))}")


def _outcome(found: PairReport) -> str:
    if found.merged:
        direct = found.judgement == "match"
        return "merged" if direct else "merged by way of other records"
    return "for review" if found.judgement == "review" else "not merged"


def _keys(keys: Mapping[str, str]) -> Iterator[str]:
    if not keys:
        yield "  no blocking key is shared, so they were never compared"
    for name, value in keys.items():
        yield f"  both share the key {name}: {value}"


def _row(name: str, level: str, weight: float, values: str, longest: float) -> Text:
    size = round(_BAR * abs(weight) / longest) if longest else 0
    bar = ("▇" if weight >= 0 else "░") * max(size, 1)
    text = Text.assemble(
        f"  {name:<15.15} {level:<12.12} {weight:+6.1f} ",
        (f"{bar:<{_BAR}}", "green" if weight >= 0 else "red"),
        (f" {values}", "dim"),
    )
    text.truncate(WIDTH, overflow="ellipsis")
    return text


def _short(value: Any) -> str:  # noqa: ANN401 - a cell
    text = " ".join(str(value or "–").split())
    return text if len(text) <= _VALUES else f"{text[: _VALUES - 1]}…"
