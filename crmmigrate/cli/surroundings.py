"""The process around the command: closed or narrow streams, and signals that ask to stop."""

import io
import os
import signal
import sys
import threading
from dataclasses import dataclass
from types import FrameType

__all__ = ["INTERRUPT", "flush", "leave", "prepare", "silence"]

_STOPS = ("SIGINT", "SIGTERM", "SIGHUP")
_SOON = 0.01
"""Seconds after which an interrupt that got lost is repeated."""


@dataclass
class Interrupt:
    """Remembers that somebody asked the process to stop.

    A library that calls us back may wrap KeyboardInterrupt in an error of its own; then this
    still tells what happened.
    """

    asked: bool = False

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        """Take the signal."""
        self.asked = True
        raise KeyboardInterrupt


INTERRUPT = Interrupt()


def prepare() -> None:
    """Open closed streams on nothing, let narrow ones replace signs, and take signals."""
    _open_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    if "--json" in sys.argv and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    for name in _STOPS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, INTERRUPT)
    sys.unraisablehook = _unraisable


def leave() -> None:
    """Take no more signals: the process is about to end, and its exit code stands."""
    for name in _STOPS:
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, signal.SIG_IGN)


def flush() -> None:
    """Write out what is still held back; nobody may be reading any more."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            silence(stream)


def silence(stream: object = None) -> None:
    """Let whatever is still written to a stream (stdout) go nowhere."""
    target = sys.stdout if stream is None else stream
    if isinstance(target, io.TextIOWrapper):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, target.fileno())
        os.close(nothing)


def _open_closed() -> None:
    """Give the descriptors 0, 1 and 2 a place, so that no file of ours gets their numbers."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115, PTH123 - kept open
            setattr(sys, name, stream)


def _unraisable(unraisable: "sys.UnraisableHookArgs") -> None:
    """Repeat an interrupt that fell into a place where Python can only print it."""
    if INTERRUPT.asked and isinstance(unraisable.exc_value, KeyboardInterrupt):
        # Not at once: raised in here, it would only be printed again.
        again = threading.Timer(_SOON, os.kill, (os.getpid(), signal.SIGINT))
        again.daemon = True
        again.start()
