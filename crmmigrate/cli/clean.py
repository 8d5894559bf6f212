"""The command `clean`: standardize columns of a single file, without a project."""

from pathlib import Path
from typing import Annotated, Any

import typer

from crmmigrate.cli.options import (
    HERE,
    JsonOption,
    MinConfidenceOption,
    ProjectOption,
    UndoRuleOption,
)
from crmmigrate.errors import ExitCode

__all__ = ["register"]

_GATE = int(ExitCode.GATE)
_READING = ("encoding", "delimiter", "quote", "sheet", "header_row", "records_path")
_FIELD_HELP = (
    "COLUMN=TYPE, COLUMN=TYPE.PART or COLUMN=NAME:TYPE; may be repeated. "
    "E.g. Tel=phone, Vorname=person_name.given, mobile=home:phone."
)


FileArgument = Annotated[
    Path, typer.Argument(help="CSV, TSV, Excel, ODS, JSON, JSON Lines or Parquet.")
]
FieldOption = Annotated[list[str], typer.Option("--field", "-f", help=_FIELD_HELP)]
OutputOption = Annotated[
    Path, typer.Option("--output", "-o", help="OUT.csv, OUT.tsv or OUT.parquet.")
]
RegionOption = Annotated[
    str | None, typer.Option(help="Region of all rows: ISO 3166-1 alpha-2, e.g. RO.")
]
RegionColumnOption = Annotated[
    str | None, typer.Option(help="Column with the country of each row, in any spelling.")
]
EncodingOption = Annotated[str | None, typer.Option(help="Encoding, if detected wrong.")]
DelimiterOption = Annotated[str | None, typer.Option(help="Delimiter, if detected wrong.")]
QuoteOption = Annotated[str | None, typer.Option(help='Quoting sign; "" for none.')]
SheetOption = Annotated[str | None, typer.Option(help="Sheet of a workbook; else the first.")]
HeaderOption = Annotated[
    int | None, typer.Option(min=1, help="Line or row of the column names, from 1.")
]
RecordsOption = Annotated[
    str | None, typer.Option(help="Path to the list of records in JSON, e.g. data.items.")
]
DnsOption = Annotated[
    bool,
    typer.Option("--dns", help="Ask the name servers whether the domains of e-mail take mail."),
]
ChangesOption = Annotated[
    Path | None,
    typer.Option(help="Where the change log goes, one row a cell: .csv, .tsv, .parquet, .xlsx."),
]
DateOrderOption = Annotated[
    str | None,
    typer.Option(help="Order of dates written in numbers: dmy, mdy or ymd; else columns prove it."),
]
ChoiceOption = Annotated[
    list[str] | None,
    typer.Option("--choice", help="COLUMN=A,B,C: what a column of type choice may hold."),
]
Excel1904Option = Annotated[
    bool,
    typer.Option("--excel-1904", help="Serial numbers of days count from 1904, as of old Macs."),
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Exit 1 if a row could not be read.")]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command("clean", short_help="Standardize columns of a single file.")(clean)


def clean(
    file: FileArgument,
    field: FieldOption,
    output: OutputOption,
    region: RegionOption = None,
    region_column: RegionColumnOption = None,
    encoding: EncodingOption = None,
    delimiter: DelimiterOption = None,
    quote: QuoteOption = None,
    sheet: SheetOption = None,
    header_row: HeaderOption = None,
    records_path: RecordsOption = None,
    dns: DnsOption = False,
    changes: ChangesOption = None,
    undo_rule: UndoRuleOption = None,
    min_confidence: MinConfidenceOption = None,
    date_order: DateOrderOption = None,
    excel_1904: Excel1904Option = False,
    choice: ChoiceOption = None,
    strict: StrictOption = False,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Standardize columns of one file: phones, names, addresses, dates and more.

    OUT keeps every row and column. A cleaned column holds the standard value; its raw text, parts
    and finding codes stand beside it (COLUMN_original, COLUMN_<part>, COLUMN_findings).

    Example: crmmigrate clean leads.csv --field Phone=phone --region RO -o clean.csv
    """
    given = (encoding, delimiter, quote, sheet, header_row, records_path)
    reading = dict[str, object](zip(_READING, given, strict=True))
    further = _date_options(date_order, excel_1904=excel_1904)
    further |= {"changes": changes, "choices": _choices(choice or [])}
    restraint = undo_rule or [], min_confidence
    rejected = _run(file, field, output, region, region_column, reading, further, restraint,
                    project, dns=dns, as_json=as_json)  # fmt: skip
    if strict and rejected:
        raise typer.Exit(_GATE)


def _run(
    file: Path, fields: list[str], output: Path, region: str | None, region_column: str | None,
    reading: dict[str, object], further: dict[str, Any],
    restraint: tuple[list[str], float | None], project: Path, *, dns: bool, as_json: bool,
) -> int:  # fmt: skip
    """Clean the file, show the report and return how many rows could not be read."""
    from crmmigrate.cli.clean_summary import show_report
    from crmmigrate.cli.progress import choose_progress
    from crmmigrate.cli.region_rules import regions_of
    from crmmigrate.cli.session import wanted_restraint
    from crmmigrate.config.codes import load_rules
    from crmmigrate.stages.clean import CleanRequest, clean_file
    from crmmigrate.stages.mail_servers import ask_name_servers
    from crmmigrate.values.fieldspec import parse_field

    book = regions_of(project)
    request = CleanRequest(
        file,
        tuple(parse_field(text) for text in fields),
        output,
        (region or "").strip().upper() or None,
        region_column,
        {name: value for name, value in reading.items() if value is not None},
        ask_name_servers() if dns else None,
        restraint=wanted_restraint(*restraint),
        **further,
    )
    progress = choose_progress()
    try:
        report = clean_file(request, book, load_rules(), progress)
    finally:
        progress.finish()
    show_report(report, as_json=as_json)
    return report.rejected


def _choices(texts: list[str]) -> dict[str, tuple[str, ...]]:
    """Read `COLUMN=A,B,C`; one column may be given several times."""
    from crmmigrate.errors import UsageError

    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        column, sign, listed = text.partition("=")
        values = tuple(value.strip() for value in listed.split(",") if value.strip())
        if not sign or not column.strip() or not values:
            raise UsageError(
                f"'{text}' is not COLUMN=A,B,C", hint="e.g. --choice status=open,won,lost"
            )
        found[column.strip()] = (*found.get(column.strip(), ()), *values)
    return found


def _date_options(order: str | None, *, excel_1904: bool) -> dict[str, Any]:
    """Return the settings of dates as a request has them."""
    from crmmigrate.errors import UsageError

    if order is not None and order not in _ORDERS:
        raise UsageError(f"unknown order of dates '{order}'", hint="it is dmy, mdy or ymd")
    return {"date_order": order, "date_system": "1904" if excel_1904 else "1900"}


_ORDERS = ("dmy", "mdy", "ymd")
