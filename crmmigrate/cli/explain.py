"""The command `explain`: what a rule does, why, and what to do about a finding."""

from typing import Annotated

import typer

from crmmigrate.cli.options import JsonOption

__all__ = ["register"]


def explain(
    code: Annotated[
        str,
        typer.Argument(
            help="Code or name of a rule, e.g. STD101, or a region's rules, e.g. RO.phone.labels; "
            "'all' lists the codes."
        ),
    ],
    json: JsonOption = False,
) -> None:
    """Explain a rule by its code: why it exists, examples, and what to do.

    Example: crmmigrate explain STD101
    """
    from crmmigrate.cli.inspect import print_rule
    from crmmigrate.cli.region_view import is_region_rule, print_region_rule

    if is_region_rule(code):
        print_region_rule(code, as_json=json)
        return
    print_rule(code, as_json=json)


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("explain", short_help="Explain a rule by its code.")(explain)
