"""Walk through a JSON document without holding the whole of it.

Only one value at a time is decoded; numbers keep the spelling of the file.
"""

import json
from typing import Any, TextIO

__all__ = ["JsonCursor", "JsonError", "NumberText", "decode", "json_text"]

_CHUNK = 1 << 20
_LONGEST = 64 * 1024 * 1024
"""Characters of the longest single record."""


class NumberText(str):
    """A number as it stands in the file: 1.10 stays 1.10, and long keys lose no digit."""

    __slots__ = ()


class JsonError(ValueError):
    """The document is damaged; `position` is in characters from its beginning."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


_DECODER = json.JSONDecoder(
    parse_float=NumberText, parse_int=NumberText, parse_constant=NumberText, strict=False
)


def decode(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Decode one JSON text; raises ValueError (RecursionError if it is nested too deep)."""
    return _DECODER.decode(text)


def json_text(value: object) -> str:
    """Write a value as compact JSON, numbers as they stood in the file."""
    if isinstance(value, NumberText):
        return str(value)
    if isinstance(value, dict):
        inner = (f"{json.dumps(k, ensure_ascii=False)}:{json_text(v)}" for k, v in value.items())
        return "{" + ",".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(json_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


class JsonCursor:
    """A place in a JSON text that is read as it is needed."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._text = ""
        self._at = 0
        self._before = 0
        self._ended = False

    @property
    def position(self) -> int:
        """Characters from the beginning of the document."""
        return self._before + self._at

    def peek(self) -> str:
        """Return the next sign that is no blank, without taking it; '' at the end."""
        while True:
            while self._at < len(self._text):
                sign = self._text[self._at]
                if sign not in " \t\r\n\ufeff":
                    return sign
                self._at += 1
            if not self._more():
                return ""

    def take(self, sign: str) -> None:
        """Go past a sign.

        Raises:
            JsonError: another one stands there.
        """
        found = self.peek()
        if found != sign:
            raise JsonError(f"'{sign}' was expected, not '{found or 'the end'}'", self.position)
        self._at += 1

    def value(self) -> Any:  # noqa: ANN401 - any JSON value
        """Decode the next value.

        Raises:
            JsonError: it is damaged, nested too deep or endless.
        """
        self.peek()
        wanted = _CHUNK
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except ValueError as exc:
                if len(self._text) - self._at > _LONGEST or not self._more(wanted):
                    place = self._before + int(getattr(exc, "pos", self._at))
                    raise JsonError(str(getattr(exc, "msg", exc)), place) from None
                wanted *= 2
            except RecursionError:
                raise JsonError("values are nested too deep", self.position) from None
            else:
                if end == len(self._text) and isinstance(value, NumberText) and self._more():
                    continue
                self._at = end
                return value

    def _more(self, size: int = _CHUNK) -> bool:
        """Read on, dropping what is behind; False at the end of the document."""
        if self._ended:
            return False
        chunk = self._stream.read(size)
        self._ended = not chunk
        self._before += self._at
        self._text, self._at = self._text[self._at :] + chunk, 0
        return bool(chunk)
