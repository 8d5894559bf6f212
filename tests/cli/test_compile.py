"""Loops are compiled ahead: every kernel runs on made-up values of every type, and pairs are compared."""

import json

import pytest

from crmmigrate.cli.app import run_app
from crmmigrate.model.semantic import SemanticType


@pytest.mark.slow
def test_every_kernel_is_run(capsys):
    assert run_app(["compile", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document["kinds"]) == {"duplicates", *(kind.value for kind in SemanticType)}
    assert document["seconds"] > 0
