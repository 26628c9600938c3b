"""Shipments of devices: by registered mail, or by what the Postal Service permits in writing.

39 CFR 501.22(q) of 1995, 502.21(l) of 1997: every shipment, whatever its destination. What a
licensee sends back has its own service: DMM P030.2.10 of 1995, P050.2.9 of 1997.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import insert, select, update

from franking.clock import instant_text
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.provider.devices import notes
from franking.provider.devices.records import DeviceRecord
from franking.provider.devices.shipping_tables import PERMISSIONS, SHIPMENTS, SHIPPED
from franking.rules import RuleSet, at
from franking.storage import Act, Books, Reading, Work

_CLAUSE = "39 CFR 501.22(q) (1995)"

CARRIER_NOT_PERMITTED = Refusal(
    "CARRIER_NOT_PERMITTED",
    clause=_CLAUSE,
    remedy="Send it as the rule names, or record the Postal Service's written permission first.",
    http_status=403,
)
EQUIVALENCE_UNSHOWN = Refusal(
    "EQUIVALENCE_UNSHOWN",
    clause=_CLAUSE,
    remedy="Show that the carrier's security is equal to that of registered mail.",
    http_status=422,
)
SHIPMENT_INCOMPLETE = Refusal(
    "SHIPMENT_INCOMPLETE",
    clause=_CLAUSE,
    remedy="Give the registered or receipt number, the sender, the recipient and the devices.",
    http_status=422,
)
SHIPMENT_KNOWN = Refusal(
    "SHIPMENT_KNOWN",
    clause=_CLAUSE,
    remedy="Check the number: each is used for one shipment.",
)
SHIPMENT_UNKNOWN = Refusal(
    "SHIPMENT_UNKNOWN",
    clause=_CLAUSE,
    remedy="Check the number of the shipment; it is received once.",
    http_status=404,
)


class Direction(StrEnum):
    """Who ships."""

    OUTBOUND = "outbound"
    """The provider, to whatever destination."""
    RETURN = "return"
    """A licensee, back to the provider or the post office."""


_SERVICES = {Direction.OUTBOUND: "outbound_services", Direction.RETURN: "return_services"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """Devices on their way."""

    tracking: str
    """The number of the registered piece, or of its receipt."""
    direction: Direction
    service: str
    sender: str
    recipient: str
    serials: tuple[str, ...]
    carrier: str = "Postal Service"


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierPermission:
    """A written permission to ship otherwise."""

    reference: str
    direction: Direction
    service: str
    given_by: str
    """Who gave it: of returns, the manager of RSE at headquarters."""
    evidence: str
    """How the carrier's security was shown to equal registered mail; required of the provider."""
    first_day: date
    last_day: date | None = None


def permit_carrier(books: Books, permission: CarrierPermission, *, now: datetime) -> None:
    """Record a written permission to use another carrier or service.

    Raises:
        Refused: ``EQUIVALENCE_UNSHOWN``.
    """
    if permission.direction is Direction.OUTBOUND and not permission.evidence.strip():
        raise EQUIVALENCE_UNSHOWN.because(f"for {permission.service}")
    record = record_id("carrier permission", permission.reference)
    with books.work(now, "permit_carrier", on=(record,)) as work:
        last = permission.last_day.isoformat() if permission.last_day else None
        work.write(
            insert(PERMISSIONS).values(
                reference=permission.reference,
                direction=str(permission.direction),
                service=permission.service,
                given_by=permission.given_by,
                evidence=permission.evidence,
                first_day=permission.first_day.isoformat(),
                last_day=last,
            )
        )
        inputs: dict[str, object] = {"service": permission.service, "by": permission.given_by}
        work.record(Act(record=record, clauses=(_CLAUSE,), inputs=inputs))


def ship(books: Books, shipment: Shipment, *, now: datetime) -> None:
    """Send devices; how they may travel is the rule of each of them.

    Raises:
        Refused: ``SHIPMENT_INCOMPLETE``, ``SHIPMENT_KNOWN``, ``DEVICE_NOT_IN_INVENTORY``,
            ``CARRIER_NOT_PERMITTED``.
    """
    _require_complete(shipment)
    records = [record_id("device", serial) for serial in shipment.serials]
    record = record_id("shipment", shipment.tracking)
    with books.work(now, "ship_devices", on=(record, *records)) as work:
        if _find(work, shipment.tracking) is not None:
            raise SHIPMENT_KNOWN.because(f"shipment {shipment.tracking}")
        clause = ""
        for serial in shipment.serials:
            clause = _require_permitted(work, shipment, notes.require(work, serial), now)
            work.write(insert(SHIPPED).values(tracking=shipment.tracking, serial=serial))
            inputs: dict[str, object] = {"shipment": shipment.tracking, "to": shipment.recipient}
            act = Act(record=record_id("device", serial), clauses=(clause,), inputs=inputs)
            work.record(act)
        _write(work, shipment, clause, now)
        work.record(Act(record=record, clauses=(clause,), inputs={"service": shipment.service}))


def receive(books: Books, tracking: str, *, by: str, now: datetime) -> None:
    """Note that a shipment arrived, and who signed for it.

    Raises:
        Refused: ``SHIPMENT_UNKNOWN``.
    """
    record = record_id("shipment", tracking)
    with books.work(now, "receive_shipment", on=(record,)) as work:
        mine = (SHIPMENTS.c.tracking == tracking) & SHIPMENTS.c.received_at.is_(None)
        received = update(SHIPMENTS).where(mine)
        if not work.write(received.values(received_at=instant_text(now), received_by=by)):
            raise SHIPMENT_UNKNOWN.because(f"no shipment {tracking!r} is on its way")
        work.record(Act(record=record, clauses=(_CLAUSE,), inputs={"by": by}))


def shipments_of(books: Reading, serial: str) -> list[dict[str, object]]:
    """Every shipment of a device, oldest first, as JSON values."""
    joined = select(SHIPMENTS).join(SHIPPED, SHIPPED.c.tracking == SHIPMENTS.c.tracking)
    rows = books.rows(joined.where(SHIPPED.c.serial == serial).order_by(SHIPMENTS.c.sent_at))
    return [dict(row._mapping) for row in rows]


def under_way(books: Reading, *, limit: int = 1000) -> Sequence[dict[str, object]]:
    """Shipments that nobody has signed for yet, oldest first."""
    query = select(SHIPMENTS).where(SHIPMENTS.c.received_at.is_(None))
    rows = books.rows(query.order_by(SHIPMENTS.c.sent_at).limit(limit))
    return [dict(row._mapping) for row in rows]


def _require_complete(shipment: Shipment) -> None:
    words = (shipment.tracking, shipment.sender, shipment.recipient)
    if not all(word.strip() for word in words) or not shipment.serials:
        raise SHIPMENT_INCOMPLETE.because("it lacks its number, a party or its devices")
    if len(set(shipment.serials)) < len(shipment.serials):
        raise SHIPMENT_INCOMPLETE.because("it names a device twice")


def _require_permitted(work: Work, shipment: Shipment, device: DeviceRecord, now: datetime) -> str:
    """The clause under which this device may travel so."""
    rules: RuleSet = at("provider", device.rulebook, now.date())
    named = rules[_SERVICES[shipment.direction]]
    if shipment.service in rules.choices(named.name):
        return named.clause
    reference = _permission(work, shipment, now.date())
    if reference is None:
        raise CARRIER_NOT_PERMITTED.because(
            f"{device.serial} travels by {', '.join(rules.choices(named.name))} ({named.clause}),"
            f" not by {shipment.service}"
        )
    return f"{named.clause}; permission {reference}"


def _permission(books: Reading, shipment: Shipment, on: date) -> str | None:
    table = PERMISSIONS.c
    query = select(table.reference, table.last_day).where(
        table.direction == str(shipment.direction),
        table.service == shipment.service,
        table.first_day <= on.isoformat(),
    )
    rows = books.rows(query.order_by(table.reference))
    standing = [row for row in rows if row.last_day is None or on.isoformat() <= row.last_day]
    return str(standing[0].reference) if standing else None


def _find(books: Reading, tracking: str) -> object | None:
    return books.row(select(SHIPMENTS.c.tracking).where(SHIPMENTS.c.tracking == tracking))


def _write(work: Work, shipment: Shipment, clause: str, now: datetime) -> None:
    work.write(
        insert(SHIPMENTS).values(
            tracking=shipment.tracking,
            direction=str(shipment.direction),
            service=shipment.service,
            carrier=shipment.carrier,
            sender=shipment.sender,
            recipient=shipment.recipient,
            sent_at=instant_text(now),
            clause=clause,
            received_at=None,
            received_by="",
        )
    )
