"""Read the hand-written words of a country from `words/<cc>.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

__all__ = ["COUNTRIES", "Text", "Words", "load_words"]

COUNTRIES = ("RO", "NO", "TH", "US", "GB", "DE", "FR", "BR", "IN", "JP")


@dataclass(frozen=True)
class Text:
    """A word in the script of its country and in Latin letters."""

    native: str
    latin: str

    @classmethod
    def parse(cls, written: str) -> "Text":
        """Read `native|Latin`; one spelling alone stands for both."""
        native, bar, latin = written.partition("|")
        return cls(native, latin if bar else native)

    def of(self, script: str) -> str:
        """Return the spelling in 'native' or 'latin' script."""
        return self.native if script == "native" else self.latin


@dataclass(frozen=True)
class Words:
    """The words of one country."""

    code: str
    lists: Mapping[str, tuple[str, ...]]
    forms: tuple[tuple[str, ...], ...]
    respell: tuple[tuple[str, ...], ...]
    groups: Mapping[str, tuple[int, ...]]
    facts: Mapping[str, str]
    nicknames: Mapping[str, str]

    def one(self, name: str, rng: Random) -> str:
        """Choose one word of a list."""
        return rng.choice(self.lists[name])

    def text(self, name: str, rng: Random) -> Text:
        """Choose one word of a list, in both scripts."""
        return Text.parse(self.one(name, rng))


def load_words(directory: Path) -> dict[str, Words]:
    """Read all countries, in the order of COUNTRIES."""
    return {code: _read(directory / f"{code.lower()}.toml", code) for code in COUNTRIES}


def _read(path: Path, code: str) -> Words:
    with path.open("rb") as file:
        raw = tomllib.load(file)
    texts = {k: tuple(v) for k, v in raw.items() if isinstance(v, list) and k not in _NESTED}
    return Words(
        code=code,
        lists={k: v for k, v in texts.items() if not k.startswith("groups_")},
        forms=tuple(tuple(form) for form in raw["forms"]),
        respell=tuple(tuple(pair) for pair in raw["respell"]),
        groups={k.removeprefix("groups_"): v for k, v in texts.items() if k.startswith("groups_")},
        facts={k: v for k, v in raw.items() if isinstance(v, str)},
        nicknames=raw["nicknames"],
    )


_NESTED = ("forms", "respell")
