"""Commands by which a licence ends: by notice, at once, by giving it up; and removal orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from franking.clock import instant_text
from franking.docket import Obligation, Opening, Swept
from franking.errors import Refusal
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.licensing import RemovalOrdered
from franking.messages.signing import Signer
from franking.postal.licences import rows
from franking.postal.licences.commands import require_licence
from franking.postal.licences.decisions import received, require_receipt
from franking.postal.licences.grounds import (
    LICENCE_NOT_LIVE,
    ground_clause,
    immediate_clause,
    in_effect,
    require_live,
    require_made_out,
    runs_from,
)
from franking.postal.licences.issuing import VERIFY, note, rules_of, tell_standing
from franking.postal.licences.records import (
    METER,
    Facts,
    Ground,
    Licence,
    LicenceStatus,
    RemovalOrder,
    Revocation,
    RevocationStatus,
)
from franking.postal.schema import DISPATCHES, DOCKET
from franking.storage import Books, Reading, Work

TAKES_EFFECT = "revocation takes effect"
APPEAL_REVOCATION = "appeal the revocation"
REMOVE_ALL = "have the devices of an ended licence removed"
REMOVE_NAMED = "remove the device that the Postal Service names"
_SERVICE = "Postal Service"

NOT_A_PROVIDER = Refusal(
    "NOT_A_PROVIDER",
    clause="39 CFR 501.22(m) (1995), 502.21(i) (1997)",
    remedy="Name a provider that the licence was told to: see `franking licence show`.",
    http_status=404,
)


def notice_revocation(
    books: Books,
    signer: Signer,
    number: str,
    ground: Ground,
    facts: Facts,
    now: datetime,
    *,
    rulebook: str = "",
) -> Revocation:
    """Notify licensee and providers in writing why a licence is to be revoked (P030.2.4, P050.2.3).

    ``rulebook`` is that of the device concerned; else the licence's. Noticed on the same ground
    already, that notice stands.

    Raises:
        Refused: ``LICENCE_NOT_FOUND``, ``GROUND_UNKNOWN``, ``GROUND_NOT_MADE_OUT``,
            ``LICENCE_NOT_LIVE``.
    """
    with books.work(now, "notice_revocation", on=(record_id("licence", number),)) as work:
        before = require_licence(work, number)
        standing = pending(work, number)
        if standing is not None and (standing.ground, standing.facts) == (ground, facts.told):
            return standing
        if before.status is not LicenceStatus.ISSUED:
            raise LICENCE_NOT_LIVE.because(f"licence {number} is {before.status}")
        book = rulebook or before.rulebook
        revocation = _revocation(work, before, book, ground, facts, by=books.by.name, now=now)
        after = replace(before, status=LicenceStatus.NOTICED)
        rows.add_revocation(work, revocation)
        rows.change_licence(work, before, after)
        _open_terms(work, revocation, now)
        clause = revocation.clause
        tell_standing(work, signer, after, clause=clause, reason=facts.told, now=now)
        record = record_id("licence", number)
        note(work, record, f"revocation noticed: {ground}", clause, facts.told, books.by.name, now)
    return revocation


def prove_notice_received(
    books: Books, number: str, received_on: date, now: datetime
) -> Revocation:
    """Note when the licensee received the notice: the days to revocation run from it.

    Raises:
        Refused: ``LICENCE_NOT_FOUND``, ``LICENCE_NOT_LIVE`` where no notice is pending,
            ``RECEIPT_NOT_POSSIBLE``.
    """
    record = record_id("licence", number)
    with books.work(now, "prove_notice_received", on=(record,)) as work:
        before = pending(work, number)
        if before is None:
            raise LICENCE_NOT_LIVE.because(f"no revocation of licence {number} is pending")
        require_receipt(received_on, sent_on=before.noticed_on, on=now.date())
        after = replace(before, received_on=received_on)
        if after == before:
            return before
        rows.change_revocation(work, before, after)
        for duty in (TAKES_EFFECT, APPEAL_REVOCATION):
            DOCKET.cancel(work, duty, record=record, now=now, because="receipt was proven")
        _open_terms(work, after, now)
        told = f"received on {received_on}"
        note(work, record, "notice received", after.clause, told, books.by.name, now)
    return after


def revoke_at_once(
    books: Books,
    signer: Signer,
    number: str,
    ground: Ground,
    facts: Facts,
    reason: str,
    now: datetime,
    *,
    rulebook: str = "",
) -> Licence:
    """Revoke immediately, as every applicant of 1995 agreed (P030.2.2).

    ``reason`` says why it can not wait; it is logged. Revoked already, nothing changes.

    Raises:
        Refused: ``NO_IMMEDIATE_REVOCATION``, and as ``notice_revocation``.
    """
    with books.work(now, "revoke_at_once", on=(record_id("licence", number),)) as work:
        before = require_licence(work, number)
        if before.status is LicenceStatus.REVOKED:
            return before
        require_live(before)
        book = rulebook or before.rulebook
        clause = immediate_clause(book, ground, reason)
        earlier = standing_revocation(work, number)
        drafted = _revocation(work, before, book, ground, facts, by=books.by.name, now=now)
        revocation = replace(drafted, clause=clause, immediate=True)
        if earlier is not None:
            rows.change_revocation(
                work, earlier, replace(earlier, status=RevocationStatus.SET_ASIDE)
            )
        rows.add_revocation(work, revocation)
        close_terms(work, number, now, "the licence was revoked at once")
        because = f"{facts.told}; at once because {reason}"
        return put_in_effect(work, signer, before, revocation, because, books.by.name, now)


def cancel_licence(
    books: Books, signer: Signer, number: str, because: str, now: datetime
) -> Licence:
    """Cancel a licence that its holder gives up; all its devices leave service (501.22(m)).

    Raises:
        Refused: ``LICENCE_NOT_FOUND``, ``LICENCE_NOT_LIVE``.
    """
    with books.work(now, "cancel_licence", on=(record_id("licence", number),)) as work:
        return cancelled(work, signer, number, because, books.by.name, now)


def cancelled(
    work: Work, signer: Signer, number: str, because: str, by: str, now: datetime
) -> Licence:
    """Cancel a licence within a unit of work; cancelled already, nothing changes.

    Raises:
        Refused: ``LICENCE_NOT_FOUND``, ``LICENCE_NOT_LIVE``.
    """
    before = require_licence(work, number)
    if before.status is LicenceStatus.CANCELLED:
        return before
    require_live(before)
    after = replace(before, status=LicenceStatus.CANCELLED)
    rows.change_licence(work, before, after)
    clause = removal_clause(before.rulebook)
    close_terms(work, number, now, because)
    _end(work, signer, after, clause=clause, because=because, now=now)
    note(work, record_id("licence", number), "cancelled", clause, because, by, now)
    return after


def put_in_effect(
    work: Work,
    signer: Signer,
    before: Licence,
    revocation: Revocation,
    because: str,
    by: str,
    now: datetime,
) -> Licence:
    """Let a revocation take effect within a unit of work, and tell every provider."""
    after = _revoked(work, signer, before, revocation, because, by, now)
    _end_duties(work, [(after, because)], now)
    if revocation.immediate:
        _open_appeal(work, revocation, now)
    return after


def revoke_unappealed(work: Work, obligations: Sequence[Obligation], swept: Swept) -> None:
    """The consequence of ``revocation takes effect``: nobody appealed in time."""
    revoked: list[tuple[Licence, str]] = []
    for obligation in obligations:
        number = obligation.record.removeprefix("licence:")
        revocation = pending(work, number)
        if revocation is None:
            continue
        before = require_licence(work, number)
        because = f"{revocation.facts}; not appealed by {obligation.due}"
        after = _revoked(work, swept.signer, before, revocation, because, _SERVICE, swept.now)
        revoked.append((after, because))
    _end_duties(work, revoked, swept.now)
    _close_terms(work, [each.number for each, _ in revoked], swept.now, "the licence was revoked")


def let_right_lapse(work: Work, obligations: Sequence[Obligation], swept: Swept) -> None:
    """The consequence of the days to appeal being over: nobody is at fault, the right is gone."""
    because = "nobody appealed in time: the right lapsed"
    for each in obligations:
        DOCKET.cancel(work, each.duty, record=each.record, now=swept.now, because=because)


def order_removal(
    books: Books,
    signer: Signer,
    *,
    device: str,
    licence: str,
    provider: str,
    clause: str,
    because: str,
    now: datetime,
) -> RemovalOrder:
    """Order a provider to remove a device from service; an order that stands is given back.

    Raises:
        Refused: ``LICENCE_NOT_FOUND``, ``NOT_A_PROVIDER``.
    """
    with books.work(now, "order_removal", on=(record_id("device", device),)) as work:
        found = require_licence(work, licence)
        if provider not in found.providers:
            raise NOT_A_PROVIDER.because(f"licence {licence} was not told to {provider!r}")
        orders = rows.removal_orders(work, device)
        if orders and orders[-1].removed_on is None:
            return orders[-1]
        order = RemovalOrder(
            device=device,
            ordinal=len(orders) + 1,
            provider=provider,
            licence=licence,
            clause=clause,
            because=because,
            ordered_on=now.date(),
        )
        rows.add_removal_order(work, order)
        _open_removal(work, order, found.rulebook, now)
        _send_order(work, signer, order, now)
        note(
            work,
            record_id("device", device),
            "removal ordered",
            clause,
            because,
            books.by.name,
            now,
        )
    return order


def pending(books: Reading, number: str) -> Revocation | None:
    """The revocation of a licence that was noticed and is neither stayed nor in effect."""
    found = standing_revocation(books, number)
    return found if found is not None and found.status is RevocationStatus.PENDING else None


def standing_revocation(books: Reading, number: str) -> Revocation | None:
    """The revocation of a licence that is pending or stayed."""
    undecided = (RevocationStatus.PENDING, RevocationStatus.STAYED)
    found = [one for one in rows.revocations_of(books, number) if one.status in undecided]
    return found[-1] if found else None


def close_terms(work: Work, number: str, now: datetime, because: str) -> None:
    """Call off what a notice opened: an appeal came, or the licence ended."""
    _close_terms(work, [number], now, because)


def removal_clause(rulebook: str) -> str:
    """The clause under which all devices of a cancelled licence, or one named, are removed."""
    return "39 CFR 501.22(m) (1995)" if rulebook == METER else "39 CFR 502.21(i) (1997)"


def removal_record(licence: str, provider: str) -> str:
    """The record under which a provider owes the removal of all devices of a licence."""
    return record_id("licence", f"{licence}/{provider}")


def _end(
    work: Work, signer: Signer, licence: Licence, *, clause: str, because: str, now: datetime
) -> None:
    tell_standing(work, signer, licence, clause=clause, reason=because, now=now)
    _end_duties(work, [(licence, because)], now)


def _revoked(
    work: Work,
    signer: Signer,
    before: Licence,
    revocation: Revocation,
    because: str,
    by: str,
    now: datetime,
) -> Licence:
    """The licence as revoked; written, told and noted, but for what it changes on the docket."""
    after, effective = in_effect(before, revocation, now.date())
    rows.change_licence(work, before, after)
    rows.change_revocation(work, revocation, effective)
    clause = revocation.clause
    tell_standing(work, signer, after, clause=clause, reason=because, now=now)
    note(work, record_id("licence", before.number), "revoked", clause, because, by, now)
    return after


def _end_duties(work: Work, ended: Sequence[tuple[Licence, str]], now: datetime) -> None:
    """What licences that ended owe no more, and what their providers owe; each with its reason."""
    records = [record_id("licence", each.number) for each, _ in ended]
    because = ended[0][1] if len(ended) == 1 else "the licence ended"
    DOCKET.cancel_many(work, VERIFY, records=records, now=now, because=because)
    removals = [
        Opening(
            duty=REMOVE_ALL,
            record=removal_record(licence.number, provider),
            owed_by=f"provider:{provider}",
            rulebook=rulebook,
            start=now.date(),
            because=why,
        )
        for licence, why in ended
        for provider, rulebook in rows.providers(work, licence.number)
    ]
    DOCKET.open_many(work, removals, now)


def _close_terms(work: Work, numbers: Sequence[str], now: datetime, because: str) -> None:
    records = [record_id("licence", number) for number in numbers]
    for duty in (TAKES_EFFECT, APPEAL_REVOCATION):
        DOCKET.cancel_many(work, duty, records=records, now=now, because=because)


def _revocation(
    work: Work,
    licence: Licence,
    rulebook: str,
    ground: Ground,
    facts: Facts,
    *,
    by: str,
    now: datetime,
) -> Revocation:
    clause = ground_clause(rulebook, ground)
    require_made_out(
        licence,
        ground,
        facts,
        rules=rules_of(rulebook, now),
        permissions=rows.export_permissions(work, licence.number),
        office_of=rows.offices(work),
    )
    return Revocation(
        licence=licence.number,
        ordinal=len(rows.revocations_of(work, licence.number)) + 1,
        rulebook=rulebook,
        ground=ground,
        clause=clause,
        facts=facts.told,
        immediate=False,
        noticed_on=now.date(),
        noticed_by=by,
    )


def _open_terms(work: Work, revocation: Revocation, now: datetime) -> None:
    DOCKET.open(
        work,
        TAKES_EFFECT,
        record=record_id("licence", revocation.licence),
        owed_by=_SERVICE,
        rulebook=revocation.rulebook,
        start=runs_from(revocation, rules_of(revocation.rulebook, now)),
        now=now,
        because=revocation.facts,
    )
    _open_appeal(work, revocation, now)


def _open_appeal(work: Work, revocation: Revocation, now: datetime) -> None:
    rules = rules_of(revocation.rulebook, now)
    DOCKET.open(
        work,
        APPEAL_REVOCATION,
        record=record_id("licence", revocation.licence),
        owed_by=f"licensee:{revocation.licence}",
        rulebook=revocation.rulebook,
        start=received(revocation.noticed_on, revocation.received_on, rules),
        now=now,
        because=revocation.facts,
    )


def _open_removal(work: Work, order: RemovalOrder, rulebook: str, now: datetime) -> None:
    DOCKET.open(
        work,
        REMOVE_NAMED,
        record=record_id("device", order.device),
        owed_by=f"provider:{order.provider}",
        rulebook=rulebook,
        start=now.date(),
        now=now,
        because=order.because,
    )


def _send_order(work: Work, signer: Signer, order: RemovalOrder, now: datetime) -> None:
    message = RemovalOrdered(
        device=order.device,
        issued_at=instant_text(now),
        sender=POSTAL_SERVICE,
        licence=order.licence,
        clause=order.clause,
        reason=order.because,
    )
    record = record_id("device", order.device)
    DISPATCHES.send(work, message, signer, recipient=order.provider, record=record, now=now)
