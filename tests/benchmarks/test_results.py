"""The file of results keeps what was not measured again."""

from __future__ import annotations

from benchmarks.results import INTRODUCTION, measured, put, table, verdict

ORDER = ("one", "two", "three")


def test_a_section_is_put_in_its_place_and_the_others_stay() -> None:
    document = put("", "three", "third\n", ORDER)
    document = put(document, "one", "first\n\n| a |\n", ORDER)

    assert document == f"{INTRODUCTION}\n## one\n\nfirst\n\n| a |\n\n## three\n\nthird\n"
    assert put(document, "three", "third", ORDER) == document


def test_a_section_that_is_measured_again_replaces_what_it_said() -> None:
    document = put(put("", "two", "before", ORDER), "two", "after", ORDER)

    assert document == f"{INTRODUCTION}\n## two\n\nafter\n"


def test_the_section_of_a_case_that_there_is_no_more_goes() -> None:
    assert "gone" not in put(put("", "gone", "text", ("gone",)), "one", "text", ORDER)


def test_a_table_puts_its_figures_to_the_right() -> None:
    rows = [("one", "1"), ("two", "2")]

    assert (
        table(["", "figure"], rows) == "|  | figure |\n| --- | ---: |\n| one | 1 |\n| two | 2 |\n"
    )


def test_a_promise_that_was_not_kept_stands_out() -> None:
    assert verdict("under 200", held=True) == "- held: under 200"
    assert verdict("under 200", held=False) == "- NOT HELD: under 200"


def test_what_was_measured_with_is_named() -> None:
    assert "httpx 0." in measured(["httpx"])
