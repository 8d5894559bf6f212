"""Delimited text: dialects, headers, damage, and the fast path against the careful one."""

import base64
import csv
import io
import json
import time
import tracemalloc

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crmmigrate.adapters import csv_blocks, text_lines
from crmmigrate.adapters.batches import RESERVED
from crmmigrate.adapters.csv_files import open_source
from crmmigrate.adapters.csv_records import Dialect, split_fields
from crmmigrate.adapters.registry import open_file
from crmmigrate.errors import ConfigError, UsageError


def rows_of(frame: pl.DataFrame) -> list[tuple]:
    good = frame.filter(pl.col("_rejected").is_null() & pl.col("_excluded").is_null())
    return good.drop(RESERVED).rows()


def fates(frame: pl.DataFrame) -> dict[int, str]:
    return {row["_row"]: row["_rejected"] or row["_excluded"] or "row" for row in frame.to_dicts()}


def test_plain_file(write_file, read_all):
    path = write_file("a.csv", 'id,name\n1,Ion\n2,"Popescu, Ana"\n3,\n')
    source = open_file(path)
    frame = read_all(source)
    assert rows_of(frame) == [("1", "Ion"), ("2", "Popescu, Ana"), ("3", None)]
    assert frame["_row"].to_list() == [2, 3, 4]
    facts = dict(source.describe().datasets[0].detected)
    assert facts["delimiter"] == ","
    assert facts["encoding"] == "utf-8 (plain ASCII)"
    assert facts["header_row"] == "1"


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(write_file, read_all, sign, end):
    lines = [["no", "name", "sum"], ["1", "Ion, Ana; x|y", "1,50"], ["2", "Zoë\nB", "2"]]
    text = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if end == "\r" else csv.QUOTE_MINIMAL
    csv.writer(text, delimiter=sign, lineterminator=end, quoting=quoting).writerows(lines)
    frame = read_all(open_file(write_file("a.csv", text.getvalue())))
    assert rows_of(frame) == [tuple(row) for row in lines[1:]]


def test_title_blank_and_repeated_header_rows(write_file, read_all):
    path = write_file(
        "a.csv",
        "Leads of the fair;;\n\nNo;Name;City\n1;Ion;Cluj\n;;\nNo;Name;City\n2;Ana;Iași\n\n",
    )
    frame = read_all(open_file(path))
    assert fates(frame) == {
        1: "title_row",
        2: "empty_row",
        4: "row",
        5: "empty_row",
        6: "repeated_header",
        7: "row",
        8: "empty_row",
    }
    assert frame.filter(pl.col("_row") == 1)["_text"].item() == "Leads of the fair;;"


def test_ragged_rows(write_file, read_all):
    path = write_file("a.csv", "a,b,c\n1,2\n1,2,3,,\n1,2,3,4\n1,2,3\n,,,,\n")
    frame = read_all(open_file(path))
    assert fates(frame) == {2: "EXT101", 3: "row", 4: "EXT102", 5: "row", 6: "empty_row"}
    assert frame.filter(pl.col("_row") == 4)["_text"].item() == "1,2,3,4"


def test_unclosed_quote_does_not_swallow_the_file(write_file, read_all):
    lines = ["id,name,city"] + [f'{i},"N{i}",C{i}' for i in range(500)]
    lines[100] = '99,"broken,C99'
    lines[400] = '399,broken",C399'
    frame = read_all(open_file(write_file("a.csv", "\n".join(lines))))
    bad = {row: fate for row, fate in fates(frame).items() if fate != "row"}
    assert bad == {101: "EXT103"}
    assert len(rows_of(frame)) == 499


def test_unclosed_quote_at_the_end(write_file, read_all):
    frame = read_all(open_file(write_file("a.csv", 'a,b\n1,2\n3,"x\n5,6\n')))
    assert fates(frame) == {2: "row", 3: "EXT103", 4: "row"}


def test_unclosed_quote_in_the_header_is_an_error(write_file):
    with pytest.raises(UsageError, match="column names cannot be read") as caught:
        open_file(write_file("a.csv", 'a,"b\n1,2\n3,4\n')).describe()
    assert caught.value.where.endswith("a.csv:1")


def test_stray_quotes_are_read_where_the_fields_are_clear(write_file, read_all):
    path = write_file("a.csv", 'a,b\n"Nord" SRL,1\n"Ion "Nelu" Pop",2\n5" tube,3\n"x, "y" z",1,2\n')
    frame = read_all(open_file(path))
    assert rows_of(frame) == [('"Nord" SRL', "1"), ('Ion "Nelu" Pop', "2"), ('5" tube', "3")]
    assert fates(frame)[5] == "EXT104"


def test_record_over_several_lines(write_file, read_all):
    frame = read_all(open_file(write_file("a.csv", 'a,b\n1,"x\r\ny\n\nz"\n2,q\n')))
    assert rows_of(frame) == [("1", "x\r\ny\n\nz"), ("2", "q")]
    assert frame["_row"].to_list() == [2, 6]


def test_ragged_record_over_several_lines_is_one_rejection(write_file, read_all):
    frame = read_all(open_file(write_file("a.csv", 'a,b,c\n1,"x\ny"\n2,3,4\n')))
    assert fates(frame) == {2: "EXT101", 4: "row"}


def test_nul_stays_in_its_cell_and_undecodable_bytes_reject_only_their_row(write_file, read_all):
    raw = "id,name\n1,Ștefan\n".encode() + b"2,Io\x00n\n3,Bucure\xbati\n" + "4,Țepeș\n".encode()
    frame = read_all(open_file(write_file("a.csv", raw)))
    assert fates(frame) == {2: "row", 3: "row", 4: "EXT105", 5: "row"}
    assert frame.filter(pl.col("_row") == 3)["name"].item() == "Io\x00n"
    assert frame.filter(pl.col("_row") == 4)["_text"].item() == "3,Bucure\\xbati"


def test_a_header_with_half_its_names_is_no_title(write_file, read_all):
    source = open_file(write_file("a.csv", "id,name,,\n1,Ion,a,b\n2,Ana,c,d\n"))
    assert read_all(source)["name"].to_list() == ["Ion", "Ana"]


def test_duplicate_blank_and_reserved_column_names(write_file, read_all):
    source = open_file(write_file("a.csv", "name,name,,_row,name_2\n1,2,3,4,5\n"))
    names = [column.name for column in source.describe().datasets[0].columns]
    assert names == ["name", "name_3", "column_3", "_row_2", "name_2"]
    assert "name → name_3" in dict(source.describe().datasets[0].detected)["renamed"]
    assert rows_of(read_all(source)) == [("1", "2", "3", "4", "5")]


def test_header_only(write_file, read_all):
    source = open_file(write_file("a.csv", "a,b\n"))
    assert read_all(source).height == 0
    assert len(source.describe().datasets[0].columns) == 2


def test_options_go_before_detection(write_file, read_all):
    path = write_file("a.csv", "x;y,z\n1;2,3\n".encode("utf-16"))
    frame = read_all(open_file(path, encoding="utf-16", delimiter=";", no_header=True))
    assert rows_of(frame) == [("x", "y,z"), ("1", "2,3")]
    second = read_all(open_file(write_file("b.csv", "q,w\nname,city\n1,2\n"), header_row=2))
    assert fates(second) == {1: "title_row", 3: "row"}
    assert "name" in second.columns


def test_spreadsheet_announcement_of_the_delimiter(write_file, read_all):
    frame = read_all(open_file(write_file("a.csv", "sep=;\nname;sum\nIon;1,5\n")))
    assert rows_of(frame) == [("Ion", "1,5")]
    assert fates(frame) == {1: "title_row", 3: "row"}


def test_one_column_of_running_text(write_file, read_all):
    path = write_file("a.csv", "address\nStr. Unirii 5, Cluj\nKarl Johans gate 1, Oslo\nno comma\n")
    assert read_all(open_file(path))["address"].to_list()[0] == "Str. Unirii 5, Cluj"
    path = write_file("b.csv", "name\nIon\nAna\n")
    assert rows_of(read_all(open_file(path))) == [("Ion",), ("Ana",)]


def test_backslash_escapes(write_file, read_all):
    path = write_file("a.csv", 'a,b\n"Ion \\"Nelu\\" Pop",1\n"x",2\n"C:\\\\d",3\n')
    assert rows_of(read_all(open_file(path))) == [
        ('Ion "Nelu" Pop', "1"),
        ("x", "2"),
        ("C:\\d", "3"),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "empty"), (b"\n\n  \n", "empty"), (b"\xef\xbb\xbf", "empty"), (b"\0" * 300, "NUL")],
)
def test_files_without_a_table(write_file, content, message):
    with pytest.raises(UsageError, match=message):
        open_file(write_file("a.csv", content)).describe()


def test_files_that_cannot_be_opened(tmp_path, write_file):
    with pytest.raises(UsageError, match="no such file") as caught:
        open_file(tmp_path / "missing.csv")
    assert caught.value.hint
    with pytest.raises(UsageError, match="directory"):
        open_file(tmp_path)
    write_file("data/customers.csv", "a\n1\n")
    source = open_source({"path": "data", "datasets": {"c": {"file": "costumers.csv"}}}, tmp_path)
    with pytest.raises(UsageError) as caught:
        source.describe()
    assert "customers.csv" in caught.value.hint


def test_folder_without_datasets_is_discovered(tmp_path, write_file):
    write_file("data/b.csv", "x\n1\n")
    write_file("data/a.tsv", "x\ty\n1\t2\n")
    catalog = open_source({"path": "data"}, tmp_path).describe()
    assert [d.name for d in catalog.datasets] == ["a", "b"]


def test_unknown_option_dataset_and_field(tmp_path, write_file, read_all):
    write_file("a.csv", "name,city\n1,2\n")
    with pytest.raises(ConfigError, match="did you mean 'delimiter'"):
        open_source({"adapter": "csv", "delimeter": ";"}, tmp_path)
    source = open_source({"datasets": {"a": {"file": "a.csv"}}}, tmp_path)
    with pytest.raises(UsageError, match="no dataset 'b'"):
        read_all(source, "b")
    with pytest.raises(UsageError, match="did you mean 'name'"):
        read_all(source, "a", fields=["nam"])
    assert read_all(source, "a", fields=["city"]).columns == [*RESERVED, "city"]


def test_endless_line_ends_in_bounded_memory(write_file, read_all, monkeypatch):
    monkeypatch.setattr(text_lines, "MAX_RECORD", 100_000)
    path = write_file("a.csv", b"a,b\n1,2\n" + b'"' * 3_000_000 + b"\n3,4\n")
    reader = text_lines.read_blocks(path, "utf-8", 50_000)
    longest = max(sum(map(len, block.lines)) for block in reader)
    assert longest <= 200_000
    monkeypatch.setattr(text_lines, "BLOCK_SIZE", 50_000)
    frame = read_all(open_file(path))
    assert fates(frame) == {2: "row", 3: "EXT107", 4: "row"}
    assert len(frame["_text"][1]) < 3_000


def test_file_of_nothing_but_quotes(write_file):
    with pytest.raises(UsageError, match=r"no text table|cannot be read"):
        open_file(write_file("a.csv", b'"' * 20_000_000)).describe()


def test_lines_of_single_quotes_take_linear_time(write_file, read_all):
    path = write_file("a.csv", "a,b\n" + '"x\n' * 100_000)
    started = time.perf_counter()
    frame = read_all(open_file(path, quote='"', delimiter=","))
    assert frame.height == 100_000
    assert set(fates(frame).values()) == {"EXT103"}
    assert time.perf_counter() - started < 20


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "big.csv"
    with path.open("w", encoding="utf-8") as stream:
        stream.write("id,name,note\n")
        for index in range(300_000):
            stream.write(f'{index},"Pop, Ion {index}",some words that take a little room {index}\n')
    source = open_file(path)
    tracemalloc.start()
    rows = sum(batch.num_rows for batch in source.read("file"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == 300_000
    assert peak < 120_000_000


def test_batches_are_bounded_and_in_order(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a\n" + "\n".join(map(str, range(120_000))), encoding="utf-8")
    batches = list(open_file(path).read("file"))
    assert max(batch.num_rows for batch in batches) <= 50_000
    values = [int(v) for batch in batches for v in batch.column("a").to_pylist()]
    assert values == list(range(120_000))


CELL = st.text(alphabet="ab,\"\n\r '\\\t;é\x1c\ufeff", max_size=6)
LINE = st.text(alphabet="ab,\"; '\\é\0\x1c\ufeff", max_size=14)
END = st.sampled_from(["\n", "\r\n", "\r"])


def read_both(path, read_all):
    options = {"delimiter": ",", "quote": '"', "escape": "", "header_row": 1, "encoding": "utf-8"}
    fast = open_source({"path": str(path), "datasets": {"f": options}}, path.parent)
    slow = open_source(
        {"path": str(path), "careful": True, "datasets": {"f": options}}, path.parent
    )
    return fast, read_all(fast, "f"), read_all(slow, "f")


@given(st.lists(st.tuples(LINE, END), max_size=40), st.sampled_from([1, 2, 3]), st.integers(3, 90))
@example([('"', "\n"), ("a,b", "\n"), ('x"', "\n")], 2, 7)
@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_line_has_one_place_and_both_paths_agree(tmp_path, read_all, lines, width, size):
    header = ",".join(f"h{i}" for i in range(width))
    text = header + "\n" + "".join(line + end for line, end in lines)
    path = tmp_path / "g.csv"
    path.write_bytes(text.encode())
    fast, quick, careful = read_both(path, read_all)
    assert quick.equals(careful)
    layout = fast._files["f"]
    total = sum(len(block.lines) for block in text_lines.read_blocks(path, "utf-8"))
    accounted = layout.skipped
    for start, count in spans(read_in_blocks(path, layout, size, quick), layout, total):
        assert start == accounted + 1
        accounted += count
    assert accounted == total


def read_in_blocks(path, layout, size, expected):
    """Read with small blocks, which gives the same rows; return their line numbers."""
    tables = []
    reader = text_lines.read_blocks(path, "utf-8", size)
    for block in reader:
        start = min(max(layout.skipped - (block.first - 1), 0), len(block.lines))
        table, end = csv_blocks.read_block(block, start, layout.layout)
        tables.append(pl.from_arrow(table))
        if end < len(block.lines):
            reader.give_back(block, end)
    read = pl.concat(tables)
    assert read.equals(expected) or not (read.height or expected.height)
    return read["_row"].to_list()


def spans(numbers, layout, total):
    """Return each record's first line and number of lines."""
    bounds = [*numbers, total + 1]
    return [(first, bounds[i + 1] - first) for i, first in enumerate(numbers)]


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=30), END)
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_a_csv_writer_writes_is_read_back(tmp_path, read_all, rows, end):
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["h1", "h2", "h3"])
    writer.writerows(rows)
    path = tmp_path / "w.csv"
    path.write_bytes(text.getvalue().encode())
    _, quick, careful = read_both(path, read_all)
    assert quick.equals(careful)
    filled = [tuple(cell or None for cell in row) for row in rows if any(c.strip() for c in row)]
    filled = [row for row in filled if row != ("h1", "h2", "h3")]
    assert rows_of(quick) == filled


@pytest.mark.shared
def test_csv_spectrum(shared_data, tmp_path, read_all):
    for line in (
        (shared_data / "standardize/csv/csv_spectrum.jsonl").read_text("utf-8").splitlines()
    ):
        case = json.loads(line)
        path = tmp_path / case["name"]
        path.write_bytes(base64.b64decode(case["bytes_base64"]))
        frame = read_all(open_file(path)).drop(RESERVED)
        expected = [{k: v or None for k, v in row.items()} for row in case["expected"]]
        assert frame.to_dicts() == expected, case["name"]


@pytest.mark.shared
def test_clevercsv_cases(shared_data):
    """Every case that is no unclosed quote (which is quarantined here) splits the same."""
    checked = 0
    for line in (
        (shared_data / "standardize/csv/clevercsv_parse.jsonl").read_text("utf-8").splitlines()
    ):
        case = json.loads(line)
        dialect = case["dialect"]
        if "delimiter" not in dialect or dialect.get("return_quoted"):
            continue
        own = Dialect(
            dialect["delimiter"], dialect.get("quotechar", ""), dialect.get("escapechar", "")
        )
        text = case["input"]
        first, problem = split_fields(text.rstrip("\r\n"), own)
        if len(case["expected"]) != 1 or problem:
            continue
        assert first == case["expected"][0], case
        checked += 1
    assert checked >= 6
