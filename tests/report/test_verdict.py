"""The lights and the verdict say what the figures say."""

import pytest

from crmmigrate.report.contract import (
    DuplicateSection,
    GateLine,
    QualityLine,
    ReconciliationLine,
    StageLine,
    Totals,
)
from crmmigrate.report.verdict import judge, light_up

STAGES = tuple(
    StageLine(stage=s, done=True) for s in ("extract", "validate", "plan", "load", "verify")
)
GATE = GateLine(stage="validate", name="max_rejected", passed=True, limit="2%", actual="0")
QUALITY = QualityLine(
    object="contact",
    field="phone",
    label="Phone",
    type="phone",
    records=10,
    filled=10,
    sound_before=2,
    sound_after=10,
    changed=8,
    flagged=0,
    golden=9,
    golden_filled=9,
)
DUPLICATES = DuplicateSection(
    object="contact",
    records=10,
    golden=9,
    clusters=1,
    cluster_sizes={"2": 1},
    pairs=1,
    matches=1,
    reviews=0,
    match_threshold=1.0,
    review_threshold=1.0,
    histogram=None,
    biggest=(),
    examples=(),
)
FOUND = ReconciliationLine(object="contact", expected=9, found=9, differing=0)
TOTALS = Totals(source_rows=10, records=10, merged=1, loaded=9)


def verdict(
    stages=STAGES, gates=(GATE,), totals=TOTALS, quality=QUALITY, duplicates=DUPLICATES, found=FOUND
):
    lights = light_up(stages, gates, totals, (quality,), (duplicates,), (found,))
    return judge(stages, gates, totals, lights), {light.name: light for light in lights}


def test_all_is_well():
    said, lights = verdict()
    assert {light.state for light in lights.values()} == {"good"}
    assert (said.state, said.title) == ("good", "Done: everything is in the CRM")
    assert said.sentence == (
        "Of 10 records read: 9 in the CRM, 1 merged as duplicates, 0 set aside by rule, 0 rejected."
    )


@pytest.mark.parametrize(
    ("changes", "light", "state"),
    [
        ({"gates": (GATE.model_copy(update={"passed": False}),)}, "Gates", "bad"),
        (
            {"stages": (STAGES[0].model_copy(update={"balanced": False}), *STAGES[1:])},
            "Books",
            "bad",
        ),
        ({"totals": TOTALS.model_copy(update={"unaccounted": 1})}, "Books", "bad"),
        ({"totals": TOTALS.model_copy(update={"failed": 2})}, "Load", "attention"),
        ({"totals": TOTALS.model_copy(update={"pending": 2})}, "Load", "attention"),
        ({"quality": QUALITY.model_copy(update={"sound_after": 9})}, "Data quality", "attention"),
        ({"duplicates": DUPLICATES.model_copy(update={"reviews": 3})}, "Duplicates", "attention"),
        ({"found": FOUND.model_copy(update={"differing": 1})}, "Reconciliation", "attention"),
        (
            {
                "found": FOUND.model_copy(update={"missing": 1}),
                "gates": (GATE.model_copy(update={"stage": "verify", "passed": False}),),
            },
            "Reconciliation",
            "bad",
        ),
    ],
)
def test_one_thing_is_wrong(changes, light, state):
    said, lights = verdict(**changes)
    assert lights[light].state == state
    assert said.state == state


def test_ready_to_load_and_nothing_read():
    planned = (*STAGES[:3], *(StageLine(stage=s, done=False) for s in ("load", "verify")))
    said, lights = verdict(stages=planned, totals=Totals(source_rows=10, records=10, pending=10))
    assert (said.state, said.title, lights["Load"].state) == ("open", "Ready to load", "open")
    assert "10 on their way to the CRM" in said.sentence
    said = judge((), (), Totals(), ())
    assert (said.title, said.sentence) == ("In preparation", "Nothing was read yet.")


def test_a_share_is_never_rounded_up_to_all():
    lines = QUALITY.model_copy(
        update={"filled": 100_000, "sound_before": 99_999, "sound_after": 99_999}
    )
    assert "99.9 % are now; 1 to look at" in verdict(quality=lines)[1]["Data quality"].text
