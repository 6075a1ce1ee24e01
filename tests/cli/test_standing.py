"""What a person is told of a campaign: each state has its words, and nothing is hidden."""

from __future__ import annotations

import io
from decimal import Decimal

import msgspec
import pytest
from rich.console import Console, RenderableType

from smsc_async import Snapshot, Standing
from smsc_async._cli._progress import aside, done, limit, watching
from smsc_async._cli._standing import ROWS, Created, code, priced, summary, whole
from smsc_async.campaigns import Estimate, Progress, Report, RowState, State, Unsettled

REPORT = Report(
    number=3,
    name="[b]autumn",
    standing="done",
    reason="",
    created=1_800_000_000.0,
    spent=Decimal("23.4"),
    rows={RowState.ACCEPTED: 20},
    requests={State.ACCEPTED: 1},
    statuses={},
    in_doubt=0,
    unsettled=(),
    under_way=(),
)
UNSETTLED = Unsettled(
    id="key.7",
    state=State.HELD,
    phones=("+79160000001", "+79160000002"),
    begun=1_800_000_000.0,
    lookups=3,
    resends=1,
    note="the answer [was] lost",
)
DOUBTFUL = msgspec.structs.replace(
    REPORT,
    rows={RowState.ACCEPTED: 18, RowState.HELD: 2},
    statuses={1: 11, 0: 6, 77: 1},
    in_doubt=2,
    unsettled=(UNSETTLED,),
)
PROGRESS = Progress(
    standing="ready",
    rows=2000,
    waiting=900,
    under_way=140,
    accepted=950,
    refused=9,
    in_doubt=1,
    requests=11,
    spent=Decimal(1140),
    balance=None,
    rate=412.4,
    seconds_left=2.2,
    places=14,
)
SEEN = Snapshot(
    in_flight=13,
    lingering=1,
    places=14,
    allowed=14,
    paused=0.0,
    waiting={"interactive": 0, "bulk": 0},
    standing=(),
    meters=(),
)


def shown(picture: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(picture)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_what_is_in_doubt_is_told_also_where_another_program_may_find_out() -> None:
    report = msgspec.structs.replace(DOUBTFUL, standing="ready")

    told = " ".join(shown(summary(report, owned=True)).split())

    assert "perhaps this one; when it ends, smsc campaign run 3 goes on." in told
    assert "2 rows in doubt" in told
    assert "Another program" not in shown(summary(REPORT, owned=True))


def test_every_state_of_a_row_has_its_words() -> None:
    under_way = msgspec.structs.replace(
        UNSETTLED, state=State.INTENT, phones=("+79160000001",) * 41
    )
    report = msgspec.structs.replace(
        REPORT, rows=dict.fromkeys(RowState, 41), under_way=(under_way,)
    )

    told = shown(summary(report))

    assert set(ROWS) == set(RowState)
    assert told.count(" 41 ") == len(RowState)


def test_what_a_run_finds_out_is_told_apart_from_what_a_person_has_to_settle() -> None:
    lost = msgspec.structs.replace(UNSETTLED, state=State.DOUBT)
    started = msgspec.structs.replace(UNSETTLED, state=State.INTENT, phones=("+79160000003",))
    report = msgspec.structs.replace(
        DOUBTFUL,
        standing="ready",
        rows={RowState.TAKEN: 8, RowState.HELD: 2, RowState.WAITING: 4},
        unsettled=(UNSETTLED, lost),
        under_way=(started,),
        in_doubt=4,
    )

    lines = [" ".join(line.split()) for line in shown(summary(report)).splitlines()]
    lines[-1] = lines[-1].replace("smsc campaign ", "")

    assert "under way 1 a run sends them, or finds out" in lines
    assert "not known 2 perhaps sent, a run finds out" in lines
    assert "in doubt 2 perhaps sent, see the report" in lines
    assert "waiting 9 not sent" in lines, "those in requests that are ready wait, too"
    assert lines[-2:] == [
        "3 rows are not known yet: smsc campaign run 3 finds out.",
        "2 rows in doubt: report 3 names them, resolve ID settles them.",
    ]


def test_no_person_is_asked_to_settle_what_a_run_finds_out() -> None:
    lost = msgspec.structs.replace(UNSETTLED, state=State.DOUBT, phones=("+79160000001",))
    report = msgspec.structs.replace(
        REPORT, standing="paused", rows={RowState.TAKEN: 1}, unsettled=(lost,), in_doubt=1
    )

    told = shown(summary(report))

    assert "1 row is not known yet: smsc campaign run 3 finds out." in told
    assert "smsc campaign resume 3" in told
    assert "resolve" not in told


def test_a_cap_that_was_met_is_not_said_to_go_away_by_going_on() -> None:
    reason = "max_cost is 5, of which 4.8 is spent or set aside, and the next request would cost 1"
    told = shown(summary(msgspec.structs.replace(REPORT, standing="paused", reason=reason)))

    assert "a higher cap needs a new campaign of the rows that wait" in told
    assert "smsc campaign report 3 --to FILE names them" in " ".join(told.split())
    assert "resume" not in told


def test_one_whose_list_was_not_read_is_created_anew() -> None:
    told = shown(summary(msgspec.structs.replace(REPORT, standing="loading", rows={})))

    said = "Its list was not read to the end: create it anew; smsc campaign purge 3 forgets it."
    assert said in " ".join(told.split())


@pytest.mark.parametrize(
    ("standing", "in_doubt", "number", "said"),
    [
        ("done", 0, 0, "Every row is accounted for."),
        ("done", 2, 3, "2 rows in doubt"),
        ("ready", 0, 1, "smsc campaign run 3 goes on"),
        ("paused", 0, 1, "smsc campaign resume 3"),
        ("paused", 2, 3, "2 rows in doubt"),
        ("cancelled", 0, 1, "never sent"),
    ],
)
def test_the_end_of_a_run_has_a_code_and_says_what_to_do(
    standing: str, in_doubt: int, number: int, said: str
) -> None:
    rows = {"accepted": 20, "held": in_doubt}
    report = msgspec.convert(
        msgspec.to_builtins(REPORT) | {"standing": standing, "in_doubt": in_doubt, "rows": rows},
        Report,
    )

    assert code(report) == number
    assert said in " ".join(shown(summary(report)).split())


def test_what_is_in_doubt_is_named_with_all_that_is_known_of_it() -> None:
    told = shown(whole(DOUBTFUL))

    assert "key.7" in told
    assert "+79160000001, +79160000002" in told
    assert "held, 3 look-ups found nothing; 1 resend; the answer [was] lost" in " ".join(
        told.split()
    )
    assert "[b]autumn" in told


def test_deliveries_are_told_by_name_and_an_unknown_one_by_number() -> None:
    told = shown(whole(DOUBTFUL))

    assert "delivered" in told.lower()
    assert "status 77" in told


def test_masked_numbers_show_their_ends_alone() -> None:
    told = shown(whole(DOUBTFUL.masked()))

    assert "+7916***01, +7916***02" in told
    assert "000000" not in told


def test_a_pause_says_why() -> None:
    paused = msgspec.structs.replace(REPORT, standing="paused", reason="the account is [empty]")

    assert "paused the account is [empty]" in " ".join(shown(summary(paused)).split())


def test_a_list_that_was_taken_in_is_told_in_one_line_if_nothing_is_wrong_with_it() -> None:
    good = Created(1, "people", 20, 0, 0, 0, None)
    bad = Created(1, "people", 1, 2, 3, 4, "bad.csv")

    assert good.sentence == "campaign 1: 20 rows to send; smsc campaign run 1 does"
    assert bad.sentence.splitlines()[1:] == [
        "  2 bad: see bad.csv",
        "  3 duplicates",
        "  4 on a stop list",
    ]
    assert Created(1, "people", 0, 0, 1, 0, None).sentence.splitlines() == [
        "campaign 1: no row can be sent",
        "  1 duplicate",
    ]


def test_a_price_of_a_sample_says_so() -> None:
    all_asked = Estimate(cost=Decimal("2.4"), parts=2, rows=2, asked=2, balance=Decimal(7))
    some = msgspec.structs.replace(all_asked, rows=9000, asked=5000)
    dear = msgspec.structs.replace(all_asked, cost=Decimal("7.2"))

    assert priced(all_asked) == "2.4 for 2 parts to 2 rows; left 7"
    assert "by the prices of 5,000 of them" in priced(some)
    assert priced(dear).endswith("left 7, which is too little")


def test_progress_is_told_in_a_line() -> None:
    assert done(PROGRESS) == 959
    assert aside(PROGRESS, limit(SEEN)) == "412 a second, 3 s left, 1 in doubt, 14 of 14 places"


def test_what_a_run_waits_for_stands_in_place_of_the_limit() -> None:
    waiting = msgspec.structs.replace(
        PROGRESS, rate=0.0, seconds_left=None, in_doubt=0, waiting_for="the service to be back"
    )

    assert aside(waiting, "14 of 14 places") == "0 a second, waits for the service to be back"


def test_a_slow_run_is_told_by_the_minute_and_one_that_looks_up_promises_no_end() -> None:
    slow = msgspec.structs.replace(PROGRESS, rate=0.25, in_doubt=0, seconds_left=None)
    looking = msgspec.structs.replace(
        PROGRESS, waiting=0, under_way=0, in_doubt=120, rate=2.0, seconds_left=0.0
    )

    assert aside(slow, "") == "15 a minute, "
    assert aside(looking, "0 of 14 places") == (
        "2 a second, all sent, looking up 120 rows in doubt, 0 of 14 places"
    )


def test_the_rule_that_most_wait_for_is_the_one_in_force() -> None:
    at_once = Standing("14 at once", 20, None)
    hourly, minute = Standing("30 in 1 hour", 2, 900.0), Standing("1 in 60 s", 5, 40.0)
    waiting = Snapshot(
        13, 1, 14, 14, 0.0, {"interactive": 0, "bulk": 27}, (at_once, hourly, minute), ()
    )

    assert limit(waiting) == "14 of 14 places, 5 wait for 1 in 60 s"
    alone = Snapshot(14, 0, 14, 14, 0.0, {"interactive": 1, "bulk": 16}, (at_once,), ())
    assert limit(alone) == "14 of 14 places, 17 wait"
    assert limit(Snapshot(0, 0, 14, 14, 61.5, SEEN.waiting, (), ())) == "nothing starts for 62 s"


def test_a_terminal_shows_a_bar_and_a_line_below_it_while_it_goes() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, highlight=False, width=80)
    with watching(console, "Campaign 3, [b]autumn", lambda: SEEN) as heard:
        heard(PROGRESS)

    assert isinstance(console.file, io.StringIO)
    told = console.file.getvalue()
    assert "Campaign 3, [b]autumn. Ctrl-C" in told
    assert "959 of 2,000" in told


async def test_without_a_terminal_it_is_a_line_now_and_then() -> None:
    console = Console(file=io.StringIO(), width=40)
    with watching(console, "Campaign 3", lambda: SEEN) as heard:
        heard(PROGRESS)
        heard(PROGRESS)

    assert isinstance(console.file, io.StringIO)
    _, line = console.file.getvalue().splitlines()
    assert line == f"959 of 2,000, {aside(PROGRESS, limit(SEEN))}"
