"""Run all benchmarks at a size that takes a few minutes: `make bench`."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
RUNS = (
    ("values, beside the libraries", ["speed", "--values", "1000000"]),
    ("the whole stage standardize, beside a plain read and write", ["stage.py"]),
    ("the whole road, beside a plain read and write", ["scale.py", "--contacts", "20000"]),
    ("load, beside a plain executemany", ["load.py", "20000"]),
    ("load, beside COPY into PostgreSQL", ["load.py", "20000", "postgresql"]),
)


def main() -> int:
    """Run one after the other; the data sets with truth need a folder: see match.py."""
    failed = subprocess.run([sys.executable, "-m", "crmmigrate", "compile"], check=False).returncode
    for title, command in RUNS:
        print(f"\n--- {title}: benchmarks/{' '.join(command)}", flush=True)
        failed |= subprocess.run(
            [sys.executable, HERE / command[0], *command[1:]], check=False
        ).returncode
    print("\n--- duplicates: python benchmarks/match.py FOLDER (see its docstring)")
    return failed


if __name__ == "__main__":
    sys.exit(main())
