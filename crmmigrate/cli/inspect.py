"""What the commands trace, explain and report do; loaded only when one of them runs."""

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import typer
from rich.text import Text

from crmmigrate.cli.render import print_wrapped
from crmmigrate.cli.session import named_run, now
from crmmigrate.cli.trace_view import trace_lines
from crmmigrate.config.codes import load_rules
from crmmigrate.config.project import load_project
from crmmigrate.errors import UsageError
from crmmigrate.model.findings import Rule
from crmmigrate.report.contract import ReportDocument
from crmmigrate.report.document import write_report
from crmmigrate.stages.trace import trace
from crmmigrate.store.workspace import Workspace

__all__ = ["make_report", "print_report", "print_rule", "print_trace"]

_STYLES = {"error": "bold red", "warning": "bold yellow", "info": "bold"}


def make_report(
    directory: Path, run_id: str | None, out: Path | None
) -> tuple[ReportDocument, Path]:
    """Write the report of a run; the newest one by default."""
    project = load_project(directory)
    return write_report(project, named_run(Workspace(project.root), run_id), now(), out)


def print_report(directory: Path, run_id: str | None, out: Path | None, *, as_json: bool) -> None:
    """Write the report and print its verdict and where it is, or the document itself."""
    document, page = make_report(directory, run_id, out)
    if as_json:
        print(document.model_dump_json(indent=2))
        return
    lights = (f"  {light.state:<10} {light.name}: {light.text}" for light in document.lights)
    print_wrapped([f"{document.verdict.title}. {document.verdict.sentence}", *lights])
    typer.echo(f"report: {page}")


def print_trace(directory: Path, key: str, run_id: str | None, *, as_json: bool) -> None:
    """Print what is known of a key."""
    project = load_project(directory)
    workspace = Workspace(project.root)
    found = trace(workspace, named_run(workspace, run_id), project, key)
    if as_json:
        print(json.dumps(found.to_json(), ensure_ascii=False, indent=2, default=str))
        return
    print_wrapped(trace_lines(found))


def print_rule(code: str, *, as_json: bool) -> None:
    """Print one rule, found by code or name; `all` lists every rule.

    Raises:
        UsageError: there is no such rule.
    """
    rules = load_rules()
    if code == "all":
        _print_list(list(rules.values()), as_json=as_json)
        return
    rule = rules.get(code.upper()) or next((r for r in rules.values() if r.name == code), None)
    if rule is None:
        raise UsageError(
            f"there is no rule '{code}'{_near(code, rules)}",
            hint="list all with: crmmigrate explain all",
        )
    if as_json:
        print(json.dumps({"version": 1, **asdict(rule)}, ensure_ascii=False, indent=2))
        return
    print_wrapped(_rule_lines(rule))


def _rule_lines(rule: Rule) -> Iterator[Text | str]:
    yield Text.assemble((rule.code, _STYLES.get(rule.severity, "")), f" {_title(rule)}")
    yield Text(f"severity: {rule.severity}", style="dim")
    yield ""
    yield rule.doc
    if rule.cases:
        width = min(max(len(before) for before, _ in rule.cases), 34)
        yield from ("", "cases:")
        yield from (f"  {before.ljust(width)}  →  {after}" for before, after in rule.cases)
    if rule.hint:
        yield ""
        yield Text.assemble(("hint: ", "cyan"), rule.hint)


def _near(code: str, rules: Mapping[str, Rule]) -> str:
    names = {**{c: c for c in rules}, **{rule.name: c for c, rule in rules.items()}}
    found = difflib.get_close_matches(code.upper(), rules, n=1, cutoff=0.5)
    found += difflib.get_close_matches(code.lower(), names, n=1, cutoff=0.6)
    if not found:
        return ""
    rule = rules[names[found[0]]]
    return f"; did you mean {rule.code} ({_title(rule)})?"


def _print_list(rules: list[Rule], *, as_json: bool) -> None:
    if as_json:
        document = {"version": 1, "rules": [asdict(rule) for rule in rules]}
        print(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for rule in rules:
        print(f"{rule.code}  {rule.severity:<8} {_title(rule)}")


def _title(rule: Rule) -> str:
    return rule.name.replace("_", " ")
