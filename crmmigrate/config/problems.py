"""Gather the mistakes of several files, so that one run tells all of them."""

from dataclasses import dataclass, field

from crmmigrate.errors import ConfigError

__all__ = ["Problems"]

_MOST_SHOWN = 25


@dataclass
class Problems:
    """Mistakes found so far, each with the place it stands at."""

    found: list[tuple[str, str]] = field(default_factory=list)

    def add(self, where: str, message: str) -> None:
        """Note one mistake; the same one is noted once."""
        if (where, message) not in self.found:
            self.found.append((where, message))

    def absorb(self, error: ConfigError) -> None:
        """Note everything an error tells."""
        self.add(error.where or "", error.message)
        for cause in error.causes:
            self.add("", cause)

    def raise_if_any(self, hint: str | None = None) -> None:
        """Raise one error with all mistakes, the first one as its message.

        Raises:
            ConfigError: something was noted.
        """
        if not self.found:
            return
        (where, message), *rest = self.found
        causes = [f"{place}: {text}" if place else text for place, text in rest]
        if len(causes) > _MOST_SHOWN:
            causes = [*causes[:_MOST_SHOWN], f"and {len(causes) - _MOST_SHOWN} more"]
        raise ConfigError(message, where=where or None, causes=causes, hint=hint)
