"""Start the command line; every error ends as one clear message and an exit code."""

import os
import sys
from contextlib import suppress

__all__ = ["main"]

_INTERRUPTED = 130


def main() -> None:
    """Run crmmigrate with the arguments of the process."""
    try:
        code = _run()
    except KeyboardInterrupt:  # while modules were loading, or a second time
        sys.stderr.write(
            "error: interrupted\n\nhint: run the same command again; nothing is half-written\n"
        )
        code = _INTERRUPTED
    if code == _INTERRUPTED:
        _leave_at_once()
    sys.exit(code)


def _leave_at_once() -> None:
    """End the process though threads of a library may still be at work.

    All is written and closed by now. To take down a thread in the midst of its work, as the usual
    end of a process does, makes C++ libraries abort: the exit code would be a signal's.
    """
    files = sys.modules.get("crmmigrate.store.files")  # not loaded only to be asked
    if files is not None:
        files.remove_leftovers()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(_INTERRUPTED)


def _run() -> int:
    from crmmigrate.cli.surroundings import leave, prepare

    prepare()
    from crmmigrate.cli.app import run_app

    code = run_app(sys.argv[1:])
    leave()
    return code


if __name__ == "__main__":
    main()
