"""Start the command line; every error ends as one clear message and an exit code."""

import sys

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
    sys.exit(code)


def _run() -> int:
    from crmmigrate.cli.surroundings import leave, prepare

    prepare()
    from crmmigrate.cli.app import run_app

    code = run_app(sys.argv[1:])
    leave()
    return code


if __name__ == "__main__":
    main()
