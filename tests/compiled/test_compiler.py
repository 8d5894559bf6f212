"""Machine code is found again only while all that it was made of is the same."""

import subprocess
import sys

import numpy as np

from crmmigrate.compiled.compiler import compiled, inner
from crmmigrate.compiled.views import uncounted

PROGRAM = """
import sys
sys.path.insert(0, {folder!r})
from crmmigrate import outermost
print(outermost.run(1))
"""
OUTER = """
from crmmigrate.compiled.compiler import compiled
from crmmigrate.innermost import add


@compiled
def run(number):
    return add(number)
"""
INNER = """
from crmmigrate.compiled.compiler import inner


@inner
def add(number):
    return number + {added}
"""


def test_a_change_in_an_imported_module_makes_new_machine_code(tmp_path, monkeypatch):
    package = tmp_path / "crmmigrate"
    package.mkdir()
    (package / "outermost.py").write_text(OUTER, encoding="utf-8")
    program = PROGRAM.format(folder=str(package))
    program = program.replace(
        "from crmmigrate import",
        f"import crmmigrate; crmmigrate.__path__.append({str(package)!r})\nfrom crmmigrate import",
    )
    told = []
    for added in (10, 2000):
        (package / "innermost.py").write_text(INNER.format(added=added), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
        told.append(done.stdout.strip())
    assert told == ["11", "2001"]


@inner
def _double(numbers):
    for at in range(len(numbers)):
        numbers[at] *= 2


@compiled
def _double_uncounted(numbers):
    view = uncounted(numbers)
    _double(view)
    return view.sum()


def test_an_uncounted_array_is_the_same_memory():
    numbers = np.arange(4)
    assert _double_uncounted(numbers) == 12
    assert numbers.tolist() == [0, 2, 4, 6]
