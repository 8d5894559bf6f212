"""The repository keeps its own promises about shape."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_modules_and_functions_stay_small():
    done = subprocess.run(
        [sys.executable, "scripts/check_sizes.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_lock_files_have_hashes_and_no_address():
    for path in (ROOT / "requirements").glob("*.lock"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?:|--index-url|--find-links", text)
        pinned = re.findall(r"^[\w.-]+==", text, re.MULTILINE)
        assert len(pinned) > 10
        assert text.count("--hash=sha256:") >= len(pinned)


def test_start_up_does_not_import_heavy_libraries():
    code = (
        "import sys; from crmmigrate.cli.app import run_app; run_app(['--help']);"
        "heavy = {'polars', 'pyarrow', 'pydantic', 'sqlalchemy', 'phonenumbers', 'babel', 'ruamel.yaml'};"
        "sys.exit(','.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
