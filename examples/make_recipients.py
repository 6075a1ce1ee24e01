"""Make recipients.csv, the list that ``smsc demo`` sends to.

    python examples/make_recipients.py

It is what people export from a spreadsheet: a byte order mark, numbers spelled in every way, some
of them twice, and ten cells that are no number at all. All of it is made up; the last digits of the
numbers are such as no operator gives out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TypeVar

T = TypeVar("T")

ROWS = 2000
DOUBLES = 60
COLUMNS = ("phone", "name", "city", "order", "pickup_code")

BAD_CELLS = (
    "",
    "нет телефона",
    "уточнить у мамы",
    "112",
    "+7 926",
    "+7 9O3 OOO-17-28",  # the letter O
    "7.92600E+10",  # a spreadsheet took it for a quantity
    "+79160001122, +79160003344",
    "+375290001122 / +375290003344",
    "anna@example.com",
)


@dataclass(frozen=True)
class Country:
    """How many of a hundred live there, how they write numbers, and who they are."""

    share: int
    spellings: tuple[str, ...]  # o is the operator; a and b are the last two pairs of digits
    operators: str
    people: tuple[str, ...]  # first names | surnames that go with them
    cities: str


COUNTRIES = (
    Country(
        62,
        ("+7 9{o} 000-{a}-{b}", "8 (9{o}) 000-{a}-{b}", "79{o}000{a}{b}", "89{o}000{a}{b}"),
        "03 05 09 10 16 17 21 26 29 50 61 65 77 85",
        (
            (
                "Анна Мария Елена Ольга Наталья Юлия Светлана Ксения Любовь|"
                "Смирнова Попова Лебедева Новикова Волкова Щербакова Жукова Цветкова Ёлкина"
            ),
            (
                "Алексей Дмитрий Иван Сергей Фёдор Пётр Артём Игорь Лев|"
                "Кузнецов Соколов Козлов Морозов Зайцев Виноградов Цой Щукин Объедков"
            ),
        ),
        "Москва, Санкт-Петербург, Казань, Екатеринбург, Новосибирск, Самара, Тула, Йошкар-Ола",
    ),
    Country(
        14,
        ("+7 7{o} 000 {a} {b}", "8 (7{o}) 000-{a}-{b}", "+77{o}000{a}{b}"),
        "01 02 05 07 47 71 75 77",
        (
            "Айгерим Әсел Гүлнар Динара|Нурланова Жұмабаева Қасымова Оспанова",
            "Ерлан Тимур Нұрлан Бауыржан|Сейтқали Оспанов Әбенов Ким",
        ),
        "Алматы, Астана, Шымкент, Қарағанды",
    ),
    Country(
        8,
        ("+375 {o} 000-{a}-{b}", "375{o}000{a}{b}"),
        "33 44",
        ("Алеся Павел Ирина Максім Зоя|Каваленка Новик Жук Шаўчук Мицкевич",),
        "Минск, Гродно, Брест, Витебск",
    ),
    Country(
        8,
        ("+380 {o} 000 {a} {b}", "380{o}000{a}{b}", "+380 ({o}) 000-{a}-{b}"),
        "50 63 67 68 73 93 96 97",
        ("Оксана Андрій Марія Юрій Соломія|Шевченко Бондаренко Їжак Коваль Ґалаґан",),
        "Київ, Львів, Одеса, Чернівці",
    ),
    Country(
        4,
        ("+49 {o} 000{a}{b}", "+49 {o} 000-{a}-{b}"),
        "160 171 175 176",
        ("Jürgen Katja Björn Sabine|Weiß Großmann Köhler Müller-Lüdenscheidt",),
        "Berlin, München, Köln, Düsseldorf",
    ),
    Country(
        4,
        ("+1 ({o}) 555-01{b}", "+1-{o}-555-01{b}", "1{o}55501{b}"),
        "202 212 303 312 415 503 617 702 808 907",
        ("Emily Michael Grace José|Johnson O'Brien Lee García",),
        "New York, Boston, Portland, Honolulu",
    ),
)


class Draw:
    """Chance that stays the same in every Python: only ``random()`` promises that."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - nothing here is a secret

    def below(self, end: int) -> int:
        """Return a whole number from 0 up to *end*."""
        return int(self._random.random() * end)

    def of(self, things: Sequence[T]) -> T:
        """Return one of *things*."""
        return things[self.below(len(things))]


def made() -> bytes:
    """Return the file."""
    draw = Draw(2026)
    rows: list[tuple[str, ...]] = []
    spellings: list[list[str]] = []
    known: set[str] = set()
    while len(rows) < ROWS - DOUBLES - len(BAD_CELLS):
        written, person = _recipient(draw)
        if (digits := _digits(written[0])) not in known:
            known.add(digits)
            rows.append((draw.of(written), *person))
            spellings.append(written)
    for _ in range(DOUBLES):
        at = draw.below(len(spellings))
        other = draw.of([phone for phone in spellings[at] if phone != rows[at][0]])
        place = at + 1 + draw.below(len(rows) - at)
        rows.insert(place, (other, *rows[at][1:]))
        spellings.insert(place, spellings[at])
    for cell in BAD_CELLS:
        _, person = _recipient(draw)
        rows.insert(draw.below(len(rows)), (cell, *person))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _recipient(draw: Draw) -> tuple[list[str], tuple[str, ...]]:
    """Return the spellings of one number, and the person."""
    country = _country(draw.below(100))
    operator = draw.of(country.operators.split())
    a, b = f"{draw.below(100):02d}", f"{draw.below(100):02d}"
    written = [spelling.format(o=operator, a=a, b=b) for spelling in country.spellings]
    first, last = (draw.of(names.split()) for names in draw.of(country.people).split("|"))
    city = draw.of(country.cities.split(", "))
    order, code = f"{100_000 + draw.below(900_000)}", f"{draw.below(10_000):04d}"
    return written, (f"{first} {last}", city, order, code)


def _country(lot: int) -> Country:
    for country in COUNTRIES:
        lot -= country.share
        if lot < 0:
            return country
    raise AssertionError("the shares make a hundred")


def _digits(phone: str) -> str:
    return "".join(filter(str.isdigit, phone))


if __name__ == "__main__":
    Path(__file__).with_name("recipients.csv").write_bytes(made())
