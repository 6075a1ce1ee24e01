"""What became of a message, why, and of what kind it is: the service's numbers and our words.

A number that no page gives is let through as it is. Sources: "Message statuses" with its error
codes, and the types of "Transmitting statuses and messages to the Client handler".

Members are whole numbers, so ``Status.DELIVERED == Reason.NO_SUCH_SUBSCRIBER``, and as keys of one
dict they would be one. So each class has a table of words of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, Protocol, TypeVar


class Status(IntEnum):
    """What became of a message; ``english`` and ``russian`` say it in words."""

    NOT_FOUND = -3
    STOPPED = -2
    WAITING = -1
    HANDED_OVER = 0
    DELIVERED = 1
    READ = 2
    EXPIRED = 3
    LINK_CLICKED = 4
    UNDELIVERABLE = 20
    WRONG_NUMBER = 22
    FORBIDDEN = 23
    NO_MONEY = 24
    UNREACHABLE = 25

    @property
    def english(self) -> str:
        """The name in English."""
        return _STATUS_WORDS[self][0]

    @property
    def russian(self) -> str:
        """The name in Russian."""
        return _STATUS_WORDS[self][1]


_STATUS_WORDS: Final[Mapping[Status, tuple[str, str]]] = {
    Status.NOT_FOUND: ("not found", "не найдено"),
    Status.STOPPED: ("stopped", "остановлено"),
    Status.WAITING: ("waiting to be sent", "ожидает отправки"),
    Status.HANDED_OVER: ("handed to the operator", "передано оператору"),
    Status.DELIVERED: ("delivered", "доставлено"),
    Status.READ: ("read", "прочитано"),
    Status.EXPIRED: ("expired", "просрочено"),
    Status.LINK_CLICKED: ("link clicked", "нажата ссылка"),
    Status.UNDELIVERABLE: ("cannot be delivered", "невозможно доставить"),
    Status.WRONG_NUMBER: ("wrong number", "неверный номер"),
    Status.FORBIDDEN: ("forbidden", "запрещено"),
    Status.NO_MONEY: ("no money", "недостаточно средств"),
    Status.UNREACHABLE: ("unreachable number", "недоступный номер"),
}


class Reason(IntEnum):
    """Why a message did not arrive; ``english`` and ``russian`` say it in words."""

    NO_SUCH_SUBSCRIBER = 1
    MAILBOX_FULL = 2
    NO_MAIL_SERVER = 3
    MAILBOX_BLOCKED = 4
    OFFLINE = 6
    NO_SERVICE = 11
    PHONE_FAULT = 12
    SUBSCRIBER_BLOCKED = 13
    NOT_SUPPORTED = 21
    VIRTUAL = 200
    SIM_REPLACED = 219
    QUEUE_FULL = 220
    NO_REPLY = 237
    NO_TEMPLATE = 238
    ADDRESS_FORBIDDEN = 239
    BUSY = 240
    CONVERSION = 241
    ANSWERING_MACHINE = 242
    NO_CONTRACT = 243
    MAILING_FORBIDDEN = 244
    NO_STATUS = 245
    OUTSIDE_HOURS = 246
    DAILY_LIMIT = 247
    NO_ROUTE = 248
    WRONG_FORMAT = 249
    FORBIDDEN_BY_SETTINGS = 250
    NUMBER_LIMIT = 251
    NUMBER_FORBIDDEN = 252
    SPAM = 253
    SENDER_UNKNOWN = 254
    REJECTED = 255

    @property
    def english(self) -> str:
        """The name in English."""
        return _REASON_WORDS[self][0]

    @property
    def russian(self) -> str:
        """The name in Russian."""
        return _REASON_WORDS[self][1]


_REASON_WORDS: Final[Mapping[Reason, tuple[str, str]]] = {
    Reason.NO_SUCH_SUBSCRIBER: ("no such subscriber", "нет такого абонента"),
    Reason.MAILBOX_FULL: ("mailbox full", "почтовый ящик переполнен"),
    Reason.NO_MAIL_SERVER: ("no mail server of the recipient", "нет почтового сервера получателя"),
    Reason.MAILBOX_BLOCKED: ("mailbox blocked", "почтовый ящик заблокирован"),
    Reason.OFFLINE: ("subscriber offline", "абонент не в сети"),
    Reason.NO_SERVICE: ("service not connected", "услуга не подключена"),
    Reason.PHONE_FAULT: ("fault of the phone or the SIM", "сбой телефона или SIM-карты"),
    Reason.SUBSCRIBER_BLOCKED: ("subscriber blocked", "абонент заблокирован"),
    Reason.NOT_SUPPORTED: ("service not supported", "услуга не поддерживается"),
    Reason.VIRTUAL: ("virtual sending", "виртуальная отправка"),
    Reason.SIM_REPLACED: ("SIM replaced lately", "недавно заменена SIM-карта"),
    Reason.QUEUE_FULL: ("queue of the operator full", "переполнена очередь оператора"),
    Reason.NO_REPLY: ("call not answered", "на звонок не ответили"),
    Reason.NO_TEMPLATE: ("no template fits", "нет подходящего шаблона"),
    Reason.ADDRESS_FORBIDDEN: ("IP address forbidden", "запрещённый IP-адрес"),
    Reason.BUSY: ("line busy", "линия занята"),
    Reason.CONVERSION: ("conversion failed", "ошибка преобразования"),
    Reason.ANSWERING_MACHINE: ("answering machine", "автоответчик"),
    Reason.NO_CONTRACT: ("no contract", "нет договора"),
    Reason.MAILING_FORBIDDEN: ("mailing or link forbidden", "запрещена рассылка или ссылка"),
    Reason.NO_STATUS: ("no status came", "статус не пришёл"),
    Reason.OUTSIDE_HOURS: ("outside the allowed hours", "вне разрешённых часов"),
    Reason.DAILY_LIMIT: ("daily limit reached", "достигнут дневной лимит"),
    Reason.NO_ROUTE: ("no route", "нет маршрута"),
    Reason.WRONG_FORMAT: ("wrong format of the number", "неверный формат номера"),
    Reason.FORBIDDEN_BY_SETTINGS: ("number forbidden by settings", "номер запрещён настройками"),
    Reason.NUMBER_LIMIT: ("limit of the number reached", "достигнут лимит на номер"),
    Reason.NUMBER_FORBIDDEN: ("number forbidden", "номер запрещён"),
    Reason.SPAM: ("stopped as spam", "задержано как спам"),
    Reason.SENDER_UNKNOWN: ("sender not registered", "отправитель не зарегистрирован"),
    Reason.REJECTED: ("rejected by the operator", "отклонено оператором"),
}


class MessageType(IntEnum):
    """Of what kind a message is; ``english`` and ``russian`` say it in words."""

    SMS = 0
    FLASH = 1
    BINARY = 2
    WAP_PUSH = 3
    HLR = 4
    PING = 5
    MMS = 6
    CALL = 7
    EMAIL = 8
    VIBER = 10
    SOCIAL = 12

    @property
    def english(self) -> str:
        """The name in English."""
        return _TYPE_WORDS[self][0]

    @property
    def russian(self) -> str:
        """The name in Russian."""
        return _TYPE_WORDS[self][1]


_TYPE_WORDS: Final[Mapping[MessageType, tuple[str, str]]] = {
    MessageType.SMS: ("SMS", "SMS"),
    MessageType.FLASH: ("flash SMS", "flash-SMS"),
    MessageType.BINARY: ("binary SMS", "бинарное SMS"),
    MessageType.WAP_PUSH: ("WAP push", "WAP-push"),
    MessageType.HLR: ("HLR request", "HLR-запрос"),
    MessageType.PING: ("ping SMS", "ping-SMS"),
    MessageType.MMS: ("MMS", "MMS"),
    MessageType.CALL: ("call", "звонок"),
    MessageType.EMAIL: ("e-mail", "электронное письмо"),
    MessageType.VIBER: ("Viber", "Viber"),
    MessageType.SOCIAL: ("social network", "социальная сеть"),
}


# A delivered message may still become read or clicked, a read one clicked; these change no more.
FINAL: Final = frozenset(
    {
        Status.EXPIRED,
        Status.LINK_CLICKED,
        Status.UNDELIVERABLE,
        Status.WRONG_NUMBER,
        Status.FORBIDDEN,
        Status.NO_MONEY,
        Status.UNREACHABLE,
    }
)
OPENED: Final = frozenset({Status.READ, Status.LINK_CLICKED})
ARRIVED: Final = OPENED | {Status.DELIVERED}

# How far a message is that has one of these; all others, unknown numbers too, are under way.
_PROGRESS: Final[Mapping[int, int]] = {
    **dict.fromkeys({*FINAL, Status.DELIVERED}, 1),
    Status.READ: 2,
    Status.LINK_CLICKED: 3,
}

_TYPE_BITS: Final = 0b1111  # of the flag

_N = TypeVar("_N", bound=IntEnum)


def status(number: int) -> Status | int:
    """Return the status of a number; a number that is none stays one."""
    return _known(Status, number)


def progress(number: int) -> int:
    """Return how far a message is: 0 under way, 1 delivered or failed, 2 read, 3 clicked."""
    return _PROGRESS.get(number, 0)


def reason(number: int | None) -> Reason | int | None:
    """Return why a message did not arrive; None if the service gives no reason."""
    return _known(Reason, number) if number else None


def message_type(number: int | None, flag: int | None) -> MessageType | int | None:
    """Return the type that is given, or else the one in the lowest bits of the flag."""
    if number is None and flag is not None:
        number = flag & _TYPE_BITS
    return None if number is None else _known(MessageType, number)


def _known(kind: type[_N], number: int) -> _N | int:
    return next((member for member in kind if member == number), number)


class _Status(Protocol):
    @property
    def status(self) -> int | None: ...


class HasStatus:
    """What can be asked of whatever has the ``status`` of a message, or None."""

    __slots__ = ()

    @property
    def is_delivered(self: _Status) -> bool:
        """Whether the message reached the phone; it may have been read, or its link clicked."""
        return self.status in ARRIVED

    @property
    def is_read(self: _Status) -> bool:
        """Whether the message was opened, or its link."""
        return self.status in OPENED

    @property
    def is_final(self: _Status) -> bool:
        """Whether the status changes no more; a delivered message may still become read."""
        return self.status in FINAL
