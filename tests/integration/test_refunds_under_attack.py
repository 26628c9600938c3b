"""What somebody tries who wants a refund twice, for another's postage, or by his own decision."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert

from franking.errors import Refused
from franking.messages.refunding import ReimbursementAnswered
from franking.postal.certificates.records import CertificateKind, CertificateStatus
from franking.postal.certificates.tables import CERTIFICATES
from franking.postal.refunds import appealing, paying, ruling
from franking.rules.permissions import Role
from franking.storage import Act, Actor
from tests.fixtures_licensing import FIRST, SECOND
from tests.fixtures_refund_desk import (
    DATABASES,
    DEVICE,
    HEADQUARTERS,
    POSTAGE,
    POSTMASTER,
    TREASURER,
    RefundDesk,
    entry,
    item,
    piece,
    refund_desk,
)

BECAUSE = "the envelopes bear what the request says"


@pytest.fixture(params=DATABASES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> RefundDesk:
    """Two providers and a Postal Service, on both databases."""
    return refund_desk(request.param, tmp_path)


def rule(desk: RefundDesk, number: int, **changed: object) -> int:
    """The postmaster rules; what is granted, in mills."""
    found = ruling.rule_on_items(
        desk.books(POSTMASTER),
        desk.world.signer,
        number,
        because=BECAUSE,
        now=desk.now,
        **changed,  # type: ignore[arg-type]
    )
    return found.granted_mills


def answers(desk: RefundDesk) -> list[bool]:
    """What became of the entries of the last claim."""
    told = desk.told(ReimbursementAnswered)[-1]
    return [each.reimbursed for each in told.entries]


def test_an_item_that_stands_in_a_request_twice_is_refunded_once(desk: RefundDesk) -> None:
    desk.file(item(1), item(1), item(2))
    assert rule(desk, 1) == 2 * POSTAGE


def test_a_piece_is_claimed_once_however_its_number_is_written(desk: RefundDesk) -> None:
    desk.decided(piece(1))
    zeros = entry(1, key=f"piece:{DEVICE}:0{POSTAGE}")
    desk.claimed(entry(1), zeros)
    assert answers(desk) == [True, False]
    desk.claimed(zeros, claim="C-2")
    assert answers(desk) == [False]


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000])
def test_a_number_that_no_register_holds_is_not_reimbursed(desk: RefundDesk, number: str) -> None:
    assert desk.claimed(entry(1, key=f"piece:{DEVICE}:{number}")) == "taken"
    assert answers(desk) == [False]


@pytest.mark.parametrize("other", [DEVICE, DEVICE.lower()])
def test_the_value_of_a_system_is_claimed_once_in_a_claim_or_two(
    desk: RefundDesk, other: str
) -> None:
    first = entry(key=f"value:{DEVICE}:R-000001", amount_mills=5_000)
    second = entry(key=f"value:{other}:R-000002", amount_mills=5_000)
    desk.claimed(first, second)
    assert answers(desk) == [True, False]
    desk.claimed(second, claim="C-2")
    assert answers(desk) == [False]


def certified(desk: RefundDesk, provider: str) -> None:
    """The device is certified for a provider."""
    with desk.world.service.work(desk.now, "scan_mail", on=("device:any",)) as work:
        row = {
            "serial": 7_000,
            "kind": CertificateKind.DEVICE.value,
            "subject": DEVICE,
            "provider": provider,
            "public_key": b"\x04" + bytes(64),
            "first_day": "2008-01-01",
            "last_day": "2011-01-01",
            "der": b"der",
            "request_digest": "digest",
            "status": CertificateStatus.GOOD.value,
        }
        work.write(insert(CERTIFICATES).values(row))
        work.record(Act(record="device:any"))


def test_no_provider_refunds_or_claims_for_the_devices_of_another(desk: RefundDesk) -> None:
    certified(desk, FIRST)
    rival = {"provider": SECOND}
    assert desk.decided(piece(1), **rival).startswith("REFUND_MESSAGE_UNFIT")
    assert desk.forwarded(**rival).startswith("REFUND_MESSAGE_UNFIT")
    value = entry(key=f"value:{DEVICE}:R-000001", amount_mills=5_000)
    desk.claimed(value, **rival)
    (told,) = desk.told(ReimbursementAnswered, SECOND)
    assert [each.because for each in told.entries] == [f"{DEVICE} is of {FIRST}"]
    desk.claimed(value)
    assert answers(desk) == [True]


def test_no_piece_is_larger_than_an_indicium_can_say(desk: RefundDesk) -> None:
    huge = piece(1, ascending_mills=2**25, postage_mills=2**25)
    assert desk.decided(huge).startswith("PIECE_UNFIT")


def test_a_device_is_spelled_in_one_way(desk: RefundDesk) -> None:
    desk.decided(piece(1))
    again = piece(1, device=DEVICE.lower())
    assert desk.decided(again, case="R-000002").startswith("PIECE_UNFIT")


def test_the_day_of_receipt_is_not_moved_to_appeal_after_all(desk: RefundDesk) -> None:
    desk.file(item(1, days_old=90))
    rule(desk, 1)
    postmaster, ruled = desk.books(POSTMASTER), desk.now.date()
    ruling.note_receipt(postmaster, 1, received_on=ruled, now=desk.now)
    desk.later(days=31)
    with pytest.raises(Refused, match="RECEIPT_UNFIT"):
        ruling.note_receipt(postmaster, 1, received_on=desk.now.date(), now=desk.now)


def test_who_hears_an_appeal_neither_filed_it_nor_pays_it(desk: RefundDesk) -> None:
    desk.file(item(1))
    rule(desk, 1, deny={1: "soiled"})
    appealing.file_refund_appeal(
        desk.books(POSTMASTER),
        1,
        letter="It is clean.",
        originals=1,
        filed_by=HEADQUARTERS.name,
        now=desk.now,
    )

    def hear(by: Actor) -> None:
        appealing.decide_refund_appeal(
            desk.books(by), desk.world.signer, 1, grant={1}, because="It is.", now=desk.now
        )

    with pytest.raises(Refused, match="HEARD_BY_ITS_RULER"):
        hear(HEADQUARTERS)
    hear(Actor("Ann Else", Role.POSTAGE_TECHNOLOGY_MANAGER))
    heard = Actor("Ann Else", Role.TREASURY_OFFICER)
    with pytest.raises(Refused, match="PAID_BY_ITS_RULER"):
        paying.issue_check(desk.books(heard), desk.world.signer, 1, now=desk.now)
    paying.issue_check(desk.books(TREASURER), desk.world.signer, 1, now=desk.now)
