"""Killed at any statement, or asked by two at once: refunded once, paid once, reimbursed once."""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from franking.clock import instant_text
from franking.errors import Refused
from franking.messages.kinds import CertificateRequest
from franking.messages.refunding import PiecesRefunded, ReimbursementAnswered
from franking.messages.signing import sign
from franking.postal.certificates.commands import certify_device
from franking.postal.pieces import commands as pieces
from franking.postal.pieces.records import CaseKind
from franking.postal.refunds import paying, rows, ruling
from franking.postal.refunds.records import CaseStatus
from franking.postal.schema import LEDGER
from franking.psd.vault.certification import signing_request
from franking.psd.vault.software import SoftwareVault
from tests.fixtures_databases import DATABASES
from tests.fixtures_killing import every_kill
from tests.fixtures_licensing import FIRST, PSD, SECOND, START_OF
from tests.fixtures_refund_desk import (
    DEVICE,
    POSTAGE,
    POSTMASTER,
    TREASURER,
    RefundDesk,
    entry,
    item,
    piece,
    refund_desk,
)


@pytest.fixture(params=DATABASES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> RefundDesk:
    return refund_desk(request.param, tmp_path)


def fund(desk: RefundDesk) -> int:
    """What the fund paid."""
    with desk.world.service.reading() as reading:
        return LEDGER.balance(reading, "fund").balance_mills


def killed(desk: RefundDesk, act: Callable[[], object]) -> None:
    """Kill the act at one statement after the other, with no connection shared with the child."""
    desk.world.service.engine.dispose()
    for _ in every_kill(act, every=7):
        desk.world.service.engine.dispose()
    desk.world.service.engine.dispose()


def rule(desk: RefundDesk, number: int = 1) -> None:
    """Rule on a case; ruled on already is well."""
    try:
        ruling.rule_on_items(
            desk.books(POSTMASTER), desk.world.signer, number, because="unused", now=desk.now
        )
    except Refused as refused:
        if refused.code != "REFUND_RULED":
            raise


def pay(desk: RefundDesk) -> None:
    """Pay a case; paid already is well."""
    try:
        paying.issue_check(desk.books(TREASURER), desk.world.signer, 1, now=desk.now)
    except Refused as refused:
        if refused.code != "NOTHING_TO_PAY":
            raise


def test_a_ruling_killed_at_any_statement_refunds_once_and_is_paid_once(desk: RefundDesk) -> None:
    desk.file(item(1), item(2))
    killed(desk, lambda: rule(desk))
    assert desk.case(1).granted_mills == 2 * POSTAGE
    assert pieces.piece_cases(desk.world.service) == []
    killed(desk, lambda: pay(desk))
    assert fund(desk) == desk.case(1).due_mills
    with desk.world.service.reading() as reading:
        assert len(rows.checks_of(reading, 1)) == 1


def test_a_claim_killed_at_any_statement_is_reimbursed_once(desk: RefundDesk) -> None:
    desk.decided(piece(1), piece(2))
    killed(desk, lambda: desk.claimed(entry(1), entry(2)))
    assert fund(desk) == 2 * POSTAGE
    assert len(desk.told(ReimbursementAnswered)) == 1


def at_once(*acts: Callable[[], object]) -> None:
    """Everybody begins together; what the books find busy is asked again."""

    def insist(act: Callable[[], object]) -> None:
        for _ in range(20):
            try:
                act()
            except Refused as refused:
                if refused.code != "BOOKS_BUSY":
                    raise
            else:
                return
        pytest.fail("the books were never free")

    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(insist, act) for act in acts]:
            done.result()


def test_two_desks_that_rule_on_the_same_piece_at_once_refund_it_once(desk: RefundDesk) -> None:
    desk.file(item(1))
    desk.file(item(1))
    at_once(lambda: rule(desk, 1), lambda: rule(desk, 2))
    assert sorted(desk.case(number).granted_mills for number in (1, 2)) == [0, POSTAGE]
    (case,) = pieces.piece_cases(desk.world.service)
    assert case.kind is CaseKind.REFUNDED_TWICE


def test_two_providers_that_refund_the_same_piece_at_once_are_reimbursed_once(
    desk: RefundDesk,
) -> None:
    at_once(
        lambda: desk.decided(piece(1), provider=FIRST),
        lambda: desk.decided(piece(1), provider=SECOND),
    )
    at_once(
        lambda: desk.claimed(entry(1), provider=FIRST),
        lambda: desk.claimed(entry(1), provider=SECOND),
    )
    assert fund(desk) == POSTAGE
    with desk.world.service.reading() as reading:
        granted = [each.granted_mills for each in rows.cases(reading)]
    assert sorted(granted) == [0, POSTAGE]


def certified(desk: RefundDesk) -> None:
    """The first provider had the device certified, long ago."""
    then = START_OF[PSD]
    vault = SoftwareVault.in_memory(random.Random(9).randbytes)
    key = vault.open(vault.generate(DEVICE).wrapped, DEVICE)
    wanted = CertificateRequest(
        device=DEVICE,
        issued_at=instant_text(then),
        provider=FIRST,
        signing_request=b64encode(signing_request(key)).decode(),
    )
    text = sign(wanted, desk.world.first.signer)
    certify_device(desk.world.service, desk.world.signer, text, then)


def test_a_thousand_items_are_told_to_their_provider_in_messages_that_fit(
    tmp_path: Path,
) -> None:
    desk = refund_desk("sqlite", tmp_path)
    certified(desk)
    desk.file(*(item(number) for number in range(1, 1001)))
    rule(desk)
    assert desk.case(1).status is CaseStatus.FINAL
    told = desk.told(PiecesRefunded)
    assert [len(each.pieces) for each in told] == [250] * 4
    assert desk.world.carry() == []
