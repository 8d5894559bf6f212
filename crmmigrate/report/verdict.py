"""Say in one sentence and a few lights how the migration stands."""

from collections.abc import Sequence

from crmmigrate.model.counting import counted
from crmmigrate.report.contract import (
    DuplicateSection,
    GateLine,
    Light,
    LightState,
    QualityLine,
    ReconciliationLine,
    StageLine,
    Totals,
    Verdict,
)

__all__ = ["judge", "light_up"]


def light_up(
    stages: Sequence[StageLine],
    gates: Sequence[GateLine],
    totals: Totals,
    quality: Sequence[QualityLine],
    duplicates: Sequence[DuplicateSection],
    reconciliation: Sequence[ReconciliationLine],
) -> tuple[Light, ...]:
    """Return the lights of the summary, in the order of the road."""
    return (
        _books(stages, totals),
        _gates(gates),
        _quality(quality),
        _duplicates(duplicates),
        _load(stages, totals),
        _reconciliation(reconciliation, gates),
    )


def _books(stages: Sequence[StageLine], totals: Totals) -> Light:
    wrong = [line.stage for line in stages if line.done and not line.balanced]
    if wrong or totals.unaccounted:
        text = f"{counted(totals.unaccounted, 'row is', 'rows are')} not accounted for"
        return _light("Books", "bad", f"do not balance in {', '.join(wrong)}" if wrong else text)
    if not totals.source_rows:
        return _light("Books", "open", "nothing was extracted yet")
    return _light(
        "Books",
        "good",
        f"all {counted(totals.source_rows, 'source row is', 'source rows are')} accounted for",
    )


def _gates(gates: Sequence[GateLine]) -> Light:
    failed = [gate for gate in gates if not gate.passed]
    if failed:
        names = ", ".join(gate.name.replace("_", " ") for gate in failed[:3])
        return _light("Gates", "bad", f"{len(failed)} of {len(gates)} failed: {names}")
    if not gates:
        return _light("Gates", "open", "none was checked yet")
    return _light("Gates", "good", f"{len(gates)} of {len(gates)} passed")


def _quality(quality: Sequence[QualityLine]) -> Light:
    filled = sum(line.filled for line in quality)
    flagged = sum(line.filled - line.sound_after for line in quality)
    if not filled:
        return _light("Data quality", "open", "nothing was standardized yet")
    before = sum(line.sound_before for line in quality)
    words = (
        f"{_percent(before, filled)} of the values were in standard form, "
        f"{_percent(filled - flagged, filled)} are now"
    )
    if flagged:
        return _light("Data quality", "attention", f"{words}; {flagged:,} to look at")
    return _light("Data quality", "good", words)


def _duplicates(duplicates: Sequence[DuplicateSection]) -> Light:
    if not duplicates:
        return _light("Duplicates", "open", "nothing was compared yet")
    merged = sum(part.records - part.golden for part in duplicates)
    reviews = sum(part.reviews for part in duplicates)
    if reviews:
        text = f"{merged:,} merged; pairs for a person to decide: {reviews:,}"
        return _light("Duplicates", "attention", text)
    return _light("Duplicates", "good", f"{merged:,} merged; no pair is in doubt")


def _load(stages: Sequence[StageLine], totals: Totals) -> Light:
    if not _has_run(stages, "load"):
        return _light(
            "Load",
            "open",
            f"{counted(totals.pending, 'record waits', 'records wait')} to be loaded",
        )
    if totals.failed or totals.pending:
        text = f"refused by the CRM: {totals.failed:,}; still open: {totals.pending:,}"
        return _light("Load", "attention", text)
    if totals.held:
        waits = counted(totals.held, "record waits", "records wait")
        return _light("Load", "attention", f"{waits} for a decision; crmmigrate review")
    return _light(
        "Load", "good", f"{counted(totals.loaded, 'record is', 'records are')} in the CRM"
    )


def _reconciliation(lines: Sequence[ReconciliationLine], gates: Sequence[GateLine]) -> Light:
    if not lines:
        return _light("Reconciliation", "open", "the CRM was not read back yet")
    missing = sum(line.missing for line in lines)
    differing = sum(line.differing for line in lines)
    if any(gate.stage == "verify" and not gate.passed for gate in gates):
        text = f"{missing:,} missing, {differing:,} differing, not all of them explained"
        return _light("Reconciliation", "bad", text)
    if missing or differing:
        text = f"{missing:,} missing, {differing:,} differing; each is explained"
        return _light("Reconciliation", "attention", text)
    found = sum(line.found for line in lines)
    return _light("Reconciliation", "good", f"{counted(found, 'record')} read back; all agree")


def judge(
    stages: Sequence[StageLine],
    gates: Sequence[GateLine],
    totals: Totals,
    lights: Sequence[Light],
) -> Verdict:
    """Return the verdict: the worst light decides, unless the road is not finished."""
    states = {light.state for light in lights}
    sentence = _sentence(stages, totals)
    if "bad" in states or any(not gate.passed for gate in gates):
        return Verdict(state="bad", title="Not good enough yet", sentence=sentence)
    if not _has_run(stages, "load"):
        ready = _has_run(stages, "plan")
        title = "Ready to load" if ready else "In preparation"
        return Verdict(state="open", title=title, sentence=sentence)
    if totals.failed or totals.pending or "attention" in states:
        return Verdict(state="attention", title="Loaded, with points to look at", sentence=sentence)
    return Verdict(state="good", title="Done: everything is in the CRM", sentence=sentence)


def _sentence(stages: Sequence[StageLine], totals: Totals) -> str:
    if not totals.source_rows:
        return "Nothing was read yet."
    begun = _has_run(stages, "load") or totals.loaded > 0
    parts = [f"{totals.loaded:,} in the CRM"] if begun else []
    if totals.pending or not begun:
        parts.append(
            f"{totals.pending:,} {'not loaded yet' if begun else 'on their way to the CRM'}"
        )
    parts += [
        f"{totals.merged:,} merged as duplicates",
        f"{totals.excluded:,} set aside by rule",
        f"{totals.rejected + totals.failed:,} rejected",
    ]
    if totals.held:
        parts.append(f"{totals.held:,} held back until somebody decides")
    if totals.unmapped:
        parts.append(f"{totals.unmapped:,} not mapped")
    if totals.unaccounted:
        parts.append(f"{totals.unaccounted:,} not accounted for")
    return f"Of {counted(totals.records + totals.unmapped, 'record')} read: {', '.join(parts)}."


def _has_run(stages: Sequence[StageLine], name: str) -> bool:
    return any(line.stage == name and line.done for line in stages)


def _percent(part: int, whole: int) -> str:
    tenths = round(part * 1000 / whole)
    if part < whole:
        tenths = min(tenths, 999)
    return f"{tenths / 10:g} %"


def _light(name: str, state: LightState, text: str) -> Light:
    return Light(name=name, state=state, text=text)
