"""Keys, dies, seals, test impressions and shipments: the provider's registers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, update

from franking.docket.records import ObligationStatus
from franking.errors import InvariantBroken, Refused
from franking.identifiers import record_id
from franking.provider.devices import (
    articles,
    impressions,
    notes,
    removal,
    seals,
    shipping,
)
from franking.provider.devices.article_records import (
    ArticleKind,
    ArticleMove,
    ArticleState,
    Holder,
    HolderKind,
)
from franking.provider.devices.article_tables import ARTICLE_EVENTS
from franking.provider.devices.records import DeviceRecord, DeviceState, Kind
from franking.provider.devices.shipping import CarrierPermission, Direction, Shipment
from tests.fixtures_databases import DATABASES
from tests.fixtures_inventory import (
    MAILER,
    METER,
    OFFICE,
    OFFICER,
    PSD_MODEL,
    SPARE,
    Fleet,
    fleet_on,
)

POST_OFFICE = Holder(kind=HolderKind.POST_OFFICE, name=OFFICE)
REGISTERED = "Registered Mail"
RETURN_RECEIPT = "Priority Mail with Return Receipt for Merchandise"


@pytest.fixture(params=DATABASES)
def fleet(request: pytest.FixtureRequest, tmp_path: Path) -> Fleet:
    return fleet_on(request.param, tmp_path)


def refused(code: str, act: Callable[[], object]) -> str:
    """The facts of the refusal that an act ends in."""
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code == code, caught.value
    return caught.value.detail


def register(fleet: Fleet, kind: ArticleKind, *numbers: str, source: str = "works") -> None:
    articles.register(fleet.acting(OFFICER), kind, numbers, source=source, now=fleet.later())


def put(fleet: Fleet, kind: ArticleKind, number: str, to: ArticleState, **more: object) -> None:
    move = ArticleMove(to=to, **more)  # type: ignore[arg-type]
    articles.move_article(fleet.acting(OFFICER), kind, number, move, now=fleet.later())


def destroy(fleet: Fleet, kind: ArticleKind, number: str, **more: str) -> None:
    people = {"destroyed_by": "A. Reed", "witnessed_by": "B. Shaw", "detail": "sawn through"}
    articles.destroy_article(
        fleet.acting(OFFICER), kind, number, **{**people, **more}, now=fleet.later()
    )


def unaccounted(fleet: Fleet) -> list[str]:
    with fleet.books.reading() as reading:
        return articles.unaccounted_dies(reading)


@pytest.mark.duty("R95-501.17-2")
def test_every_numbered_die_is_in_a_meter_or_proved_destroyed(fleet: Fleet) -> None:
    register(fleet, ArticleKind.DIE, "D1", "D2", "D3")
    fleet.take_in()
    put(fleet, ArticleKind.DIE, "D1", ArticleState.ASSEMBLED, device=METER)
    destroy(fleet, ArticleKind.DIE, "D2")
    assert unaccounted(fleet) == ["D3"]
    refused(
        "ARTICLE_MOVE_UNSUITABLE",
        lambda: put(fleet, ArticleKind.DIE, "D3", ArticleState.ASSEMBLED, device="nowhere"),
    )
    refused("ARTICLE_REGISTERED", lambda: register(fleet, ArticleKind.DIE, "D4", "D1"))
    with fleet.books.reading() as reading:
        assert articles.find(reading, ArticleKind.DIE, "D4") is None


@pytest.mark.duty("R95-501.17-3")
def test_a_die_taken_out_is_reassembled_or_destroyed_before_a_witness(fleet: Fleet) -> None:
    register(fleet, ArticleKind.DIE, "D1")
    fleet.take_in()
    put(fleet, ArticleKind.DIE, "D1", ArticleState.ASSEMBLED, device=METER)

    def scrap() -> DeviceRecord:
        return removal.scrap(fleet.books, METER, by="Works", because="worn", now=fleet.later())

    assert "D1" in refused("DIES_IN_DEVICE", scrap)
    put(fleet, ArticleKind.DIE, "D1", ArticleState.REMOVED)
    assert unaccounted(fleet) == ["D1"]
    refused("TWO_PEOPLE_WANTED", lambda: put(fleet, ArticleKind.DIE, "D1", ArticleState.DESTROYED))
    refused(
        "TWO_PEOPLE_WANTED",
        lambda: destroy(fleet, ArticleKind.DIE, "D1", witnessed_by="a. reed "),
    )
    refused("DETAIL_MISSING", lambda: destroy(fleet, ArticleKind.DIE, "D1", detail=" "))
    destroy(fleet, ArticleKind.DIE, "D1")
    assert unaccounted(fleet) == []
    assert scrap().state is DeviceState.SCRAPPED
    with fleet.books.reading() as reading:
        last = articles.history(reading, ArticleKind.DIE, "D1")[-1]
    assert (last.after, last.witnesses) == ("destroyed", "A. Reed; B. Shaw")


@pytest.mark.duty("R95-501.20-1")
def test_offices_where_meters_are_licensed_and_no_key_is_are_listed(fleet: Fleet) -> None:
    fleet.in_service()
    register(fleet, ArticleKind.KEY, "K1")
    with fleet.books.reading() as reading:
        assert articles.offices_without_keys(reading) == [OFFICE]
    put(fleet, ArticleKind.KEY, "K1", ArticleState.ISSUED, holder=POST_OFFICE, receipt="card 12")
    with fleet.books.reading() as reading:
        assert articles.offices_without_keys(reading) == []


@pytest.mark.duty("R95-501.20-2")
def test_keys_go_to_nobody_whom_the_postal_service_has_not_authorized(fleet: Fleet) -> None:
    register(fleet, ArticleKind.KEY, "K1")
    register(fleet, ArticleKind.SETTING_EQUIPMENT, "E1")
    for kind, number in ((ArticleKind.KEY, "K1"), (ArticleKind.SETTING_EQUIPMENT, "E1")):
        with pytest.raises(Refused, match="HOLDER_UNAUTHORIZED"):
            put(fleet, kind, number, ArticleState.ISSUED)
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        articles.move_article(
            fleet.acting(MAILER),
            ArticleKind.KEY,
            "K1",
            ArticleMove(to=ArticleState.ISSUED, holder=POST_OFFICE),
            now=fleet.later(),
        )


@pytest.mark.duty("R95-501.22(n)-1")
@pytest.mark.duty("R95-501.22(n)-2")
def test_the_key_register_is_permanent_and_tells_losses_and_recoveries(fleet: Fleet) -> None:
    register(fleet, ArticleKind.KEY, "K1")
    desk = Holder(kind=HolderKind.SECTION, name="service desk")
    put(fleet, ArticleKind.KEY, "K1", ArticleState.ISSUED, holder=desk, receipt="card 7")
    refused("DETAIL_MISSING", lambda: put(fleet, ArticleKind.KEY, "K1", ArticleState.LOST))
    put(
        fleet, ArticleKind.KEY, "K1", ArticleState.LOST, place="Springfield", detail="in the street"
    )
    put(fleet, ArticleKind.KEY, "K1", ArticleState.RECOVERED, place="Springfield", detail="found")
    refused("ARTICLE_UNKNOWN", lambda: put(fleet, ArticleKind.KEY, "K9", ArticleState.LOST))
    with fleet.books.reading() as reading:
        told = articles.history(reading, ArticleKind.KEY, "K1")
    assert [(one.after, one.holder, one.receipt, one.place) for one in told] == [
        ("in hand", "", "", ""),
        ("issued", "section service desk", "card 7", ""),
        ("lost", "", "", "Springfield"),
        ("recovered", "", "", "Springfield"),
    ]
    assert [one.at[:10] for one in told] == ["1997-06-02"] * 4
    for statement in (update(ARTICLE_EVENTS).values(detail="x"), delete(ARTICLE_EVENTS)):
        with pytest.raises(InvariantBroken), fleet.books.work(fleet.now, "retrieve_device") as work:
            work.write(statement)


@pytest.mark.duty("R95-501.20-3")
def test_seals_come_from_the_postal_service_and_are_used_once(fleet: Fleet) -> None:
    refused(
        "SEAL_OF_ANOTHER_SOURCE", lambda: register(fleet, ArticleKind.SEAL, "S1", source="works")
    )
    register(fleet, ArticleKind.SEAL, "S1", source="Postal Service")
    for serial in (METER, SPARE):
        fleet.take_in(serial)
        fleet.inspect(serial)
        fleet.lease(serial)
    refused("ARTICLE_UNKNOWN", lambda: fleet.check_in(seal="S2"))
    fleet.check_in(seal="S1")
    refused("ARTICLE_MOVE_UNSUITABLE", lambda: fleet.check_in(SPARE, seal="S1"))
    with fleet.books.reading() as reading:
        seal = articles.find(reading, ArticleKind.SEAL, "S1")
        assert seal is not None
        assert seal.device == METER


@pytest.mark.duty("R95-501.20-4")
@pytest.mark.duty("R95-Pre-I.F")
def test_seal_costs_are_shared_by_installed_base_and_repaid(fleet: Fleet) -> None:
    books, installed = fleet.acting(OFFICER), {"Ours": 300_000, "Theirs": 600_000}

    def take(claimed_mills: int) -> int:
        return seals.take_statement(
            books,
            reference="1997-1",
            maker="Ours",
            cost_mills=90_000_001,
            installed=installed,
            claimed_mills=claimed_mills,
            now=fleet.later(),
        )

    assert "$30,000.00" in refused("SEAL_SHARE_DISPUTED", lambda: take(30_000_001))
    assert take(30_000_000) == 30_000_000
    record = record_id("seal statement", "1997-1")
    assert fleet.duty(seals.DUTY, record).due == date(1997, 7, 2)

    def pay(mills: int) -> None:
        seals.repay(books, reference="1997-1", paid_mills=mills, payment="wire", now=fleet.later())

    refused("SEAL_STATEMENT_UNKNOWN", lambda: pay(1))
    pay(30_000_000)
    assert fleet.duty(seals.DUTY, record).status is ObligationStatus.SATISFIED
    refused("SEAL_STATEMENT_UNKNOWN", lambda: pay(30_000_000))


@given(
    cost_mills=st.integers(0, 10**9),
    counts=st.lists(st.integers(0, 10**6), min_size=1, max_size=6).filter(any),
)
def test_shares_of_seal_costs_add_to_the_mill(cost_mills: int, counts: list[int]) -> None:
    installed = {f"maker {number}": count for number, count in enumerate(counts)}
    shared = seals.shares(cost_mills, installed)
    assert sum(shared.values()) == cost_mills
    for maker, count in installed.items():
        assert abs(shared[maker] - cost_mills * count / sum(counts)) < 1


def test_no_installed_base_no_shares() -> None:
    refused("SEAL_SHARE_DISPUTED", lambda: seals.shares(1000, {"Ours": 0}))


def log(fleet: Fleet, count: int, rulebook: str = "meter-1995") -> None:
    impressions.log_test_prints(
        fleet.books,
        site="works",
        serial=METER,
        impressions=count,
        by="R. Moss",
        rulebook=rulebook,
        now=fleet.later(),
    )


def burn(fleet: Fleet, count: int, **people: str) -> None:
    named = {"destroyed_by": "A. Reed", "witnessed_by": "B. Shaw", **people}
    impressions.destroy_test_prints(
        fleet.books,
        site="works",
        day=date(1997, 6, 2),
        impressions=count,
        **named,
        now=fleet.later(),
    )


@pytest.mark.parametrize(
    "rulebook",
    [
        pytest.param("meter-1995", marks=pytest.mark.duty("R95-501.18")),
        pytest.param("ibip-1997", marks=pytest.mark.duty("R97-502.18")),
    ],
)
def test_test_impressions_are_destroyed_the_same_day(fleet: Fleet, rulebook: str) -> None:
    log(fleet, 12, rulebook)
    log(fleet, 3, rulebook)
    record = record_id("test prints", "works 1997-06-02")
    assert fleet.duty(impressions.DUTY, record).due == date(1997, 6, 2)
    assert "15 were logged" in refused("IMPRESSIONS_UNCOUNTED", lambda: burn(fleet, 14))
    refused("TWO_PEOPLE_WANTED", lambda: burn(fleet, 15, witnessed_by="A. Reed"))
    burn(fleet, 15)
    assert fleet.duty(impressions.DUTY, record).status is ObligationStatus.SATISFIED
    refused("IMPRESSIONS_DESTROYED", lambda: burn(fleet, 15))
    refused("IMPRESSIONS_DESTROYED", lambda: log(fleet, 1, rulebook))


def test_impressions_destroyed_the_next_day_are_late(fleet: Fleet) -> None:
    log(fleet, 1)
    refused("IMPRESSIONS_UNCOUNTED", lambda: log(fleet, 0))
    fleet.later(days=1)
    burn(fleet, 1)
    record = record_id("test prints", "works 1997-06-02")
    late = fleet.duty(impressions.DUTY, record)
    assert late.status is ObligationStatus.SATISFIED_LATE


def ship(fleet: Fleet, tracking: str, service: str, **given: object) -> None:
    known: dict[str, object] = {
        "tracking": tracking,
        "direction": Direction.OUTBOUND,
        "service": service,
        "sender": "Works",
        "recipient": "Acme Bolts",
        "serials": (METER,),
    }
    shipping.ship(
        fleet.books,
        Shipment(**{**known, **given}),  # type: ignore[arg-type]
        now=fleet.later(),
    )


def permit(fleet: Fleet, service: str, direction: Direction, evidence: str = "audit") -> None:
    permission = CarrierPermission(
        reference=f"RSE 97-{direction}",
        direction=direction,
        service=service,
        given_by="manager, RSE",
        evidence=evidence,
        first_day=date(1997, 6, 1),
        last_day=date(1997, 6, 30),
    )
    shipping.permit_carrier(fleet.books, permission, now=fleet.later())


@pytest.mark.duty("R95-501.22(q)-2")
@pytest.mark.duty("R95-501.22(q)-3")
@pytest.mark.duty("R95-Pre-I.E")
def test_meters_travel_by_registered_mail_wherever_they_go(fleet: Fleet) -> None:
    fleet.take_in()
    for recipient in ("Acme Bolts", "our branch in Springfield", "a shop abroad"):
        with pytest.raises(Refused, match=f"CARRIER_NOT_PERMITTED.*{REGISTERED}"):
            ship(fleet, "T1", "Van Lines", recipient=recipient)
    ship(fleet, "R1", REGISTERED)
    refused("SHIPMENT_KNOWN", lambda: ship(fleet, "R1", REGISTERED))
    refused(
        "EQUIVALENCE_UNSHOWN", lambda: permit(fleet, "Van Lines", Direction.OUTBOUND, evidence=" ")
    )
    permit(fleet, "Van Lines", Direction.OUTBOUND)
    ship(fleet, "T1", "Van Lines")
    with fleet.books.reading() as reading:
        clauses = [one["clause"] for one in shipping.shipments_of(reading, METER)]
    assert clauses[0] == "39 CFR 501.22(q) (1995)"
    assert "permission RSE 97-outbound" in str(clauses[1])
    fleet.later(days=60)
    refused("CARRIER_NOT_PERMITTED", lambda: ship(fleet, "T2", "Van Lines"))


@pytest.mark.duty("R97-502.21(l)-2")
def test_psds_travel_by_registered_mail_unless_permitted(fleet: Fleet) -> None:
    fleet.take_in(kind=Kind.PSD, rulebook="ibip-1997", model=PSD_MODEL, remote=True)
    told = refused("CARRIER_NOT_PERMITTED", lambda: ship(fleet, "T1", RETURN_RECEIPT))
    assert "502.21(l)" in told
    permit(fleet, "Van Lines", Direction.OUTBOUND)
    ship(fleet, "T1", "Van Lines")


@pytest.mark.duty("R95-P030.2.10-2")
def test_a_licensee_returns_a_meter_by_registered_mail(fleet: Fleet) -> None:
    fleet.take_in()
    back: dict[str, object] = {"direction": Direction.RETURN, "sender": "Acme Bolts"}
    refused("CARRIER_NOT_PERMITTED", lambda: ship(fleet, "T1", RETURN_RECEIPT, **back))
    ship(fleet, "R1", REGISTERED, **back)
    permit(fleet, "Van Lines", Direction.RETURN, evidence="")
    ship(fleet, "T1", "Van Lines", **back)


@pytest.mark.duty("R97-P050.2.9-2")
def test_a_licensee_returns_a_psd_by_priority_mail_with_return_receipt(fleet: Fleet) -> None:
    fleet.take_in(kind=Kind.PSD, rulebook="ibip-1997", model=PSD_MODEL, remote=True)
    back: dict[str, object] = {"direction": Direction.RETURN, "sender": "Acme Bolts"}
    refused("CARRIER_NOT_PERMITTED", lambda: ship(fleet, "T1", REGISTERED, **back))
    ship(fleet, "P1", RETURN_RECEIPT, **back)


def test_a_shipment_is_signed_for_once_and_names_its_devices(fleet: Fleet) -> None:
    fleet.take_in()
    refused("SHIPMENT_INCOMPLETE", lambda: ship(fleet, "", REGISTERED))
    refused("SHIPMENT_INCOMPLETE", lambda: ship(fleet, "R1", REGISTERED, serials=()))
    refused("SHIPMENT_INCOMPLETE", lambda: ship(fleet, "R1", REGISTERED, serials=(METER, METER)))
    refused("DEVICE_NOT_IN_INVENTORY", lambda: ship(fleet, "R1", REGISTERED, serials=(SPARE,)))
    with fleet.books.reading() as reading:
        assert shipping.under_way(reading) == []
    ship(fleet, "R1", REGISTERED)
    shipping.receive(fleet.books, "R1", by="Acme Bolts", now=fleet.later())
    refused(
        "SHIPMENT_UNKNOWN",
        lambda: shipping.receive(fleet.books, "R1", by="Acme Bolts", now=fleet.later()),
    )
    with fleet.books.reading() as reading:
        assert shipping.under_way(reading) == []
        assert notes.require(reading, METER).state is DeviceState.PRODUCED
