"""Fixtures that every test may use."""

import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import settings

from crmmigrate.adapters.base import Source
from crmmigrate.model.regions import RegionBook

ROOT = Path(__file__).resolve().parent.parent
NEW_CASES = os.environ.get("CRMMIGRATE_NEW_CASES") == "1"
"""Whether random tests draw new cases, as the nightly run does; else everybody sees the same."""

# No deadline: the first case of a test may compile machine code.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("new", deadline=None)
settings.load_profile("new" if NEW_CASES else "same")


@pytest.fixture(scope="session")
def repository() -> Path:
    """Folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Development data beside the checkout; a loud skip where there is none."""
    path = ROOT.parent / "shared" / "data"
    if not path.is_dir():
        pytest.skip(f"SKIPPED LOUDLY: the development data is missing at {path}")
    return path


@pytest.fixture(scope="session")
def book() -> RegionBook:
    """Packaged rules of all regions."""
    from crmmigrate.config.regions import load_region_book

    return load_region_book()


@pytest.fixture
def write_file(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file into the test's folder and return its path."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture(scope="session")
def read_all() -> Callable[..., pl.DataFrame]:
    """Read a whole dataset as one frame, with the reserved columns."""

    def read(source: Source, dataset: str = "file", **options: object) -> pl.DataFrame:
        batches = list(source.read(dataset, **options))
        frames = [pl.from_arrow(batch) for batch in batches]
        return pl.concat(frames) if frames else pl.DataFrame()

    return read
