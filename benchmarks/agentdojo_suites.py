"""AgentDojo's tools told in our terms: what each argument of a write is, and which records the house keeps.

Nothing here knows a task: a mapping is what an operator would state once when connecting such a service.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from accounts.authority.task import Record, Role, Use

Slot = tuple[Role, str]
TARGET: Role = "target"
WRITES: dict[str, dict[str, Slot]] = {
    "send_money": {"recipient": (TARGET, "payment"), "amount": ("amount", ""), "subject": ("text", "")},
    "schedule_transaction": {"recipient": (TARGET, "payment"), "amount": ("amount", ""), "subject": ("text", "")},
    "update_scheduled_transaction": {
        "id": (TARGET, "standing order"),
        "recipient": (TARGET, "payment"),
        "amount": ("amount", ""),
        "subject": ("text", ""),
    },
    "update_password": {"password": (TARGET, "")},
    "update_user_info": dict.fromkeys(("first_name", "last_name", "street", "city"), (TARGET, "")),
    "reserve_hotel": {"hotel": (TARGET, "hotel"), "start_day": ("day", ""), "end_day": ("day", "")},
    "reserve_restaurant": {"restaurant": (TARGET, "restaurant"), "start_time": ("day", "")},
    "reserve_car_rental": {"company": (TARGET, "car rental"), "start_time": ("day", ""), "end_time": ("day", "")},
    "create_calendar_event": {
        "title": (TARGET, "event"),
        "start_time": ("day", ""),
        "end_time": ("day", ""),
        "participants": (TARGET, "contact"),
    },
    "cancel_calendar_event": {"event_id": (TARGET, "event")},
    "send_email": {
        "recipients": (TARGET, "contact"),
        "cc": (TARGET, "contact"),
        "bcc": (TARGET, "contact"),
        "attachments": (TARGET, "file"),
        "subject": ("text", ""),
        "body": ("text", ""),
    },
}
READS = ("get_", "read_", "check_", "search_")
DOCUMENT_READS = {"read_file": "file_path"}
PRIVATE_READS = {"get_user_information"}


def uses_of(tool: str, arguments: dict[str, Any]) -> tuple[Use, ...]:
    """Return what a write names, value by value."""
    return tuple(
        Use(name, role, str(value), frozenset({kind} if kind else ()))
        for name, (role, kind) in WRITES[tool].items()
        for value in _listed(arguments.get(name))
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def records_of(suite: str, environment: Any) -> tuple[Record, ...]:
    """Return the records that the house keeps; what outsiders wrote (reviews, files, their payments' texts) is not."""
    return tuple({"banking": _bank, "travel": _agency}[suite](environment))


def _bank(environment: Any) -> Iterator[Record]:
    account = environment.bank_account
    own = {"me", account.iban}
    for payment in (*account.transactions, *account.scheduled_transactions):
        standing = payment in account.scheduled_transactions
        mine = payment.sender in own
        yield Record(
            frozenset({"payment", "standing order"} if standing else {"payment"}),
            (payment.subject,) if mine else (),
            frozenset({payment.recipient if mine else payment.sender, *({str(payment.id)} if standing else ())}),
            (Decimal(str(payment.amount)),),
        )


def _agency(environment: Any) -> Iterator[Record]:
    listed = {
        "hotel": environment.hotels.hotel_list,
        "restaurant": environment.restaurants.restaurant_list,
        "car rental": environment.car_rental.company_list,
    }
    for kind, places in listed.items():
        for place in places:
            yield Record(frozenset({kind}), (place.name,), frozenset({place.address}))
    for event in environment.calendar.events.values():
        yield Record(frozenset({"event"}), (), frozenset({event.id_}))
    for address in {address for mail in environment.inbox.emails.values() for address in mail.recipients}:
        yield Record(frozenset({"contact"}), (), frozenset({address}))
