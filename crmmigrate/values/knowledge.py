"""Read the knowledge files beside the value functions (`values/data/*.yaml`)."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from ruamel.yaml import YAML

__all__ = ["load_knowledge", "word_table"]


@cache
def load_knowledge(name: str) -> Mapping[str, tuple[str, ...]]:
    """Return the lists of one knowledge file: section → words, in file order.

    Args:
        name: File name without suffix, e.g. `phone_words`.
    """
    text = files("crmmigrate.values").joinpath("data", f"{name}.yaml").read_text("utf-8")
    document = YAML(typ="safe").load(text)
    return MappingProxyType(
        {section: tuple(str(word) for word in words) for section, words in document.items()}
    )


def word_table(words: Iterable[str]) -> Mapping[str, str]:
    """Return `key → value` of words written as `key=value`; a bare word stands for itself."""
    pairs = (word.split("=", 1) if "=" in word else (word, word) for word in words)
    return MappingProxyType({key.strip(): value.strip() for key, value in pairs})
