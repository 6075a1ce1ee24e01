"""A list of recipients is read as the program that wrote it meant it, or it is said why not."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_async.campaigns._errors import BadRows
from smsc_async.campaigns._files import read_csv, read_json_lines
from smsc_async.campaigns._rows import BadRow, FileSource, Slice, columns_of, tabled

SIMPLE = "phone,name\n+79260000001,Анна\n+79260000002,Пётр\n"
COLUMNS = ("phone", "name")
ROWS = [["+79260000001", "Анна"], ["+79260000002", "Пётр"]]


def file(tmp_path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = tmp_path / "list"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def whole(source: FileSource, most: int = 3) -> Slice:
    """Return all slices as one."""
    slices = list(source.slices(most))
    assert all(len(one.rows) + len(one.bad) <= most for one in slices)
    assert len({one.columns for one in slices}) == 1
    return Slice(
        slices[0].columns,
        [line for one in slices for line in one.lines],
        [row for one in slices for row in one.rows],
        [bad for one in slices for bad in one.bad],
    )


def reasons(bad: Sequence[BadRow]) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in bad]


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1251"])
def test_the_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    found = whole(read_csv(file(tmp_path, SIMPLE, encoding)))

    assert found == Slice(COLUMNS, [2, 3], ROWS, [])


@pytest.mark.parametrize("order", ["le", "be"])
def test_a_mark_tells_the_order_of_the_bytes(tmp_path: Path, order: str) -> None:
    path = file(tmp_path, "\ufeff" + SIMPLE, f"utf-16-{order}")

    for encoding in (None, "utf-16", f"utf-16-{order}"):
        assert whole(read_csv(path, encoding=encoding)).rows == ROWS


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "utf-8-sig"])
def test_a_mark_is_no_part_of_the_first_column(tmp_path: Path, encoding: str) -> None:
    path = file(tmp_path, '\ufeff"phone",name\n')

    assert whole(read_csv(path, encoding=encoding)).columns == COLUMNS


def test_one_letter_at_the_end_tells_the_encoding_of_all(tmp_path: Path) -> None:
    body = "phone,name\n" + "+79260000001,Anna\n" * 100_000 + "+79260000002,Пётр\n"

    *_, last = read_csv(file(tmp_path, body, "windows-1251")).slices(1000)

    assert last.rows[-1] == ROWS[1]


def test_an_encoding_that_is_given_is_kept_to(tmp_path: Path) -> None:
    assert whole(read_csv(file(tmp_path, SIMPLE, "koi8-r"), encoding="koi8-r")).rows == ROWS
    with pytest.raises(BadRows, match="no text in utf-8; say its encoding"):
        whole(read_csv(file(tmp_path, SIMPLE, "koi8-r"), encoding="utf-8"))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = file(tmp_path, b"PK\x03\x04\x98\xff")

    for source in (read_csv(path), read_json_lines(path)):
        with pytest.raises(BadRows, match="no text in utf-8 or windows-1251"):
            whole(source)


def test_utf_16_without_a_mark_is_guessed_to_be(tmp_path: Path) -> None:
    path = file(tmp_path, "phone,name\n+7,Anna\n", "utf-16-le")

    with pytest.raises(BadRows, match="UTF-16"):
        whole(read_csv(path))
    assert whole(read_csv(path, encoding="utf-16-le")).columns == COLUMNS


@pytest.mark.parametrize("encoding", ["nonsense", "base64", "rot13"])
def test_an_encoding_that_is_none_is_refused_at_once(encoding: str) -> None:
    for read in (read_csv, read_json_lines):
        with pytest.raises(BadRows, match=encoding):
            read("list", encoding=encoding)


# CSV: the form


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    path = file(tmp_path, SIMPLE.replace(",", delimiter))

    assert whole(read_csv(path)).rows == ROWS
    assert whole(read_csv(path, delimiter=delimiter)).rows == ROWS


def test_the_delimiter_is_what_divides_all_rows_alike(tmp_path: Path) -> None:
    body = "phone;city, street\n+79260000001;Тула, Мира\n+79260000002;Тверь\n"

    found = whole(read_csv(file(tmp_path, body)))

    assert found.columns == ("phone", "city, street")
    assert found.rows == [["+79260000001", "Тула, Мира"], ["+79260000002", "Тверь"]]


def test_a_delimiter_in_quotes_divides_nothing(tmp_path: Path) -> None:
    body = 'phone|"a;b;c;d"\n1|"x;y;z;w"\n'

    assert whole(read_csv(file(tmp_path, body))).columns == ("phone", "a;b;c;d")


def test_a_long_row_where_the_sample_ends_does_not_count(tmp_path: Path) -> None:
    body = f"phone;text\n1;a\n2;{'b,' * 10_000}\n"

    assert whole(read_csv(file(tmp_path, body))).columns == ("phone", "text")


def test_one_column_needs_no_delimiter(tmp_path: Path) -> None:
    found = whole(read_csv(file(tmp_path, "phone\n+79260000001\n\n+79260000002\n")))

    assert found == Slice(("phone",), [2, 4], [["+79260000001"], ["+79260000002"]], [])


def test_a_field_beyond_all_bounds_does_not_keep_the_delimiter_from_being_found(
    tmp_path: Path,
) -> None:
    body = f"phone;text\n1;a\n2;{'b' * 140_000}\n3;c\n"

    found = whole(read_csv(file(tmp_path, body)))

    assert found.rows == [["1", "a"], ["3", "c"]]
    assert [line for line, _ in reasons(found.bad)] == [3]


@pytest.mark.parametrize("delimiter", ["", ",,", "\n", "\r", '"'])
def test_a_delimiter_is_one_character(delimiter: str) -> None:
    with pytest.raises(BadRows, match="delimiter"):
        read_csv("list", delimiter=delimiter)


def test_lines_are_counted_as_an_editor_shows_them(tmp_path: Path) -> None:
    body = (
        'phone,text\r\n1,"a\r\nb\rc\nd"\r\n\r\n2,e\x0bf\x0cg\u2028h\u0085i\r\n3\r\n"4","j\n"\r\n5,k'
    )

    found = whole(read_csv(file(tmp_path, body)))

    assert list(zip(found.lines, found.rows, strict=True)) == [
        (2, ["1", "a\r\nb\rc\nd"]),
        (7, ["2", "e\x0bf\x0cg\u2028h\u0085i"]),
        (9, ["4", "j\n"]),
        (11, ["5", "k"]),
    ]
    assert found.bad == [BadRow(8, "has 1 cells, and there are 2 columns", ["3"])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends_are_read(tmp_path: Path, end: str) -> None:
    assert whole(read_csv(file(tmp_path, SIMPLE.replace("\n", end)))).rows == ROWS


def test_short_and_long_rows_are_bad_and_empty_ones_are_none(tmp_path: Path) -> None:
    body = "phone,name\n\n1\n2,b\n3,c,d\n,,,\n  \n4,e\n"

    found = whole(read_csv(file(tmp_path, body)))

    assert (found.lines, found.rows) == ([4, 8], [["2", "b"], ["4", "e"]])
    assert found.bad == [
        BadRow(3, "has 1 cells, and there are 2 columns", ["1"]),
        BadRow(5, "has 3 cells, and there are 2 columns", ["3", "c", "d"]),
    ]


def test_a_zero_byte_is_a_sign_like_others(tmp_path: Path) -> None:
    found = whole(read_csv(file(tmp_path, "phone,name\n1,a\0b\n2,c\n")))

    assert found.rows == [["1", "a\0b"], ["2", "c"]]


def test_unpaired_marks_of_one_line_make_a_bad_row(tmp_path: Path) -> None:
    body = 'phone,name\n1,"a" b\n2,c "d" e\n3,"f\n'

    found = whole(read_csv(file(tmp_path, body)))

    assert found.rows == [["2", 'c "d" e']]
    assert [(line, "quotation" in why) for line, why in reasons(found.bad)] == [
        (2, True),
        (4, True),
    ]


@pytest.mark.parametrize("most", [1, 2, 5, 100])
def test_a_mark_that_swallows_lines_ends_the_reading(tmp_path: Path, most: int) -> None:
    swallowed = 'phone,name\n1,a\n2,"b\n3,c\n4,"d"\n5,e\n'
    with pytest.raises(BadRows, match="lines 3 to 5 are one row"):
        whole(read_csv(file(tmp_path, swallowed)), most)

    endless = 'phone,name\n1,a\n2,"b\n' + "3,c\n" * 50_000
    with pytest.raises(BadRows, match=r"lines 3 to [0-9]+ are one row"):
        whole(read_csv(file(tmp_path, endless)), most)


@pytest.mark.parametrize("content", ["", "\n", " \n\n", ",,\n", "\ufeff"])
def test_an_empty_file_is_no_list(tmp_path: Path, content: str) -> None:
    with pytest.raises(BadRows, match="empty"):
        whole(read_csv(file(tmp_path, content)))


def test_a_header_alone_is_a_list_of_nobody(tmp_path: Path) -> None:
    assert whole(read_csv(file(tmp_path, "\n phone , name \n"))) == Slice(COLUMNS, [], [], [])


def test_a_header_whose_marks_do_not_pair_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRows, match="line 1, of the header"):
        whole(read_csv(file(tmp_path, '"phone" x,name\n')))


def test_two_columns_do_not_have_one_name(tmp_path: Path) -> None:
    with pytest.raises(BadRows, match="one name: name"):
        whole(read_csv(file(tmp_path, "phone,name,name,,\n")))


def test_a_file_that_is_not_there_is_told_by_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        whole(read_csv(tmp_path / "list"))


LINE_END = re.compile(r"\r\n|\r|\n")
CELL = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8)


@given(
    rows=st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=12),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    most=st.integers(1, 5),
)
def test_what_is_written_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[str]],
    delimiter: str,
    encoding: str,
    most: int,
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([["phone", "name", "text"], *rows])
    path = tmp_path_factory.mktemp("csv") / "list"
    path.write_bytes(text.getvalue().encode(encoding))

    found = whole(read_csv(path, delimiter=delimiter), most)

    assert found.rows == rows
    assert not found.bad
    breaks = [len(LINE_END.findall("\0".join(row))) for row in rows]
    assert found.lines == [2 + at + sum(breaks[:at]) for at in range(len(rows))]


# JSON lines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1251"])
def test_objects_are_read_by_line(tmp_path: Path, encoding: str) -> None:
    body = '\n{"phone": "+79260000001", "name": "Анна"}\r\n\n{"name": "Пётр", "phone": "2"}\n'

    found = whole(read_json_lines(file(tmp_path, body, encoding)))

    assert found == Slice(COLUMNS, [2, 4], [ROWS[0], ["2", "Пётр"]], [])


def test_lines_that_are_no_objects_are_bad(tmp_path: Path) -> None:
    lines = [
        '{"phone": 1, "name": "a"}',
        '{"phone": "2", "name": ',
        '["3", "b"]',
        '{"phone": 4.50, "name": null, "more": {}}',
        '{"phone": "5", "name": ["c"]}',
        '{"phone": "6", "name": true}',
        '{"name": "d"}',
        "7",
    ]

    found = whole(read_json_lines(file(tmp_path, "\n".join(lines))))

    assert found.rows == [["1", "a"], ["4.50", ""], ["", "d"]]
    assert found.lines == [1, 4, 7]
    assert sorted(found.bad) == [
        BadRow(2, "is no JSON object", (lines[1].strip(),)),
        BadRow(3, "is no JSON object", (lines[2],)),
        BadRow(5, "name: is of the kind list; make a text of it", ()),
        BadRow(6, "name: is of the kind bool; make a text of it", ()),
        BadRow(8, "is no JSON object", ("7",)),
    ]


@pytest.mark.parametrize("content", ["phone,name\n1,a\n", "[1]\n", "{}x\n"])
def test_a_file_that_does_not_begin_with_an_object_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(BadRows, match="line 1 is no JSON object"):
        whole(read_json_lines(file(tmp_path, content)))


def test_an_empty_file_has_no_objects(tmp_path: Path) -> None:
    with pytest.raises(BadRows, match="empty"):
        whole(read_json_lines(file(tmp_path, "\n \n")))


@given(st.lists(st.dictionaries(st.sampled_from(["phone", "name"]), CELL), max_size=8))
def test_objects_come_back(
    tmp_path_factory: pytest.TempPathFactory, objects: list[dict[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("json") / "list"
    objects = [{"phone": "1", "name": "a"}, *objects]
    path.write_text("\n".join(map(json.dumps, objects)), "utf-8")

    found = whole(read_json_lines(path))

    assert found.rows == [[row.get("phone", ""), row.get("name", "")] for row in objects]


# Rows of a program


def test_the_first_row_tells_the_columns() -> None:
    assert columns_of({"phone": 1, "name": 2}) == COLUMNS
    assert columns_of(("1", "a")) == ("phone", "text")
    assert columns_of(["1", "a"]) == ("phone", "text")


@pytest.mark.parametrize("first", ["79260000001", 1, None, ("1",), ("1", "a", "b"), {"1", "a"}])
def test_what_is_neither_mapping_nor_pair_is_no_row(first: object) -> None:
    with pytest.raises(BadRows, match="mapping"):
        columns_of(first)


def test_values_are_texts_or_numbers() -> None:
    items = [
        {"phone": 79260000001, "name": "Анна"},
        {"phone": Decimal("1.50"), "name": None},
        {"phone": "2"},
        {"phone": True, "name": "a"},
        {"phone": "3", "name": b"a"},
        ("4", "a"),
    ]

    found = tabled(COLUMNS, range(7, 13), items)

    assert found.rows == [["79260000001", "Анна"], ["1.50", ""], ["2", ""]]
    assert found.lines == [7, 8, 9]
    assert reasons(found.bad) == [
        (10, "phone: is of the kind bool; make a text of it"),
        (11, "name: is of the kind bytes; make a text of it"),
        (12, "is no mapping of columns, as the first row is"),
    ]


def test_pairs_are_a_phone_and_a_text() -> None:
    items = [("1", "a"), ["2", "b"], ("3",), {"phone": "4", "text": "c"}, "56"]

    found = tabled(("phone", "text"), range(1, 6), items)

    assert list(map(list, found.rows)) == [["1", "a"], ["2", "b"], ["4", "c"]]
    assert [row.line for row in found.bad] == [3, 5]
