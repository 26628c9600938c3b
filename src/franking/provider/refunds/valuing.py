"""Deciding on the value left in a withdrawn system: settle, credit, or forward (9.3.1)."""

from __future__ import annotations

from dataclasses import replace

from franking.clock import instant_text, parse_instant
from franking.messages.refunding import RefundForwarded
from franking.provider.refunds import decisions, examined, money
from franking.provider.refunds.examined import Examined
from franking.provider.refunds.records import Case, CaseStatus
from franking.provider.refunds.sitting import Sitting, deny
from franking.refunds import payout
from franking.refunds.payout import Outcome
from franking.refunds.records import Basis, EvidenceKind, Payout


def decide_value(sitting: Sitting, case: Case, stated_mills: int | None) -> Case:
    """Settle an examined system in one of three ways: refund or credit, nothing, or collect.

    Raises:
        Refused: ``REFUND_EVIDENCE_MISSING``, ``REFUND_SYSTEM_NOT_EXAMINED``,
            ``REFUND_CHECK_BELOW_FLOOR``, ``REFUND_VALUE_NOT_IN_BOOKS``.
    """
    kinds = sitting.held(case)
    decisions.require_evidence(case, kinds)
    seen = find(sitting, case, stated_mills)
    held = examined.held(sitting.work, case.device, licence=case.licence)
    settlement = payout.settle(
        granted_mills=seen.ascending_mills + seen.unused_mills,
        ascending_mills=seen.ascending_mills,
        recorded_mills=held.amount_mills,
    )
    if not seen.is_documented:
        money.use_the_rest(sitting.work, seen, sitting.now)
    match settlement.outcome:
        case Outcome.COLLECT:
            return _collect(sitting, case, seen, settlement.amount_mills)
        case Outcome.NOTHING:
            return deny(sitting, case, "nothing is left in it")
        case Outcome.REFUND if decisions.is_forwarded(case):
            return forward(sitting, case, seen, settlement.amount_mills)
        case Outcome.REFUND:
            return _refund(sitting, case, seen, settlement.amount_mills)


def find(sitting: Sitting, case: Case, stated_mills: int | None) -> Examined:
    """What the system holds: as examined, or, where documents came, as determined from them.

    Raises:
        Refused: ``REFUND_SYSTEM_NOT_EXAMINED``.
    """
    documented = EvidenceKind.RECONSTRUCTION in sitting.held(case)
    if stated_mills is None or not documented:
        return examined.require_examined(sitting.work, case.device, licence=case.licence)
    known = examined.examined(sitting.work, case.device, licence=case.licence)
    return Examined(
        serial=case.device,
        ascending_mills=known.ascending_mills if known else 0,
        unused_mills=stated_mills,
        on=instant_text(sitting.now),
        examiner=sitting.by,
        finding="determined from documents",
        is_signed=False,
        is_documented=True,
    )


def forward(
    sitting: Sitting,
    case: Case,
    seen: Examined,
    amount_mills: int,
    *,
    cause: str = "",
    caused_by_user: bool = False,
) -> Case:
    """Forward a request to the Postal Service, which pays it or decides it (9.3.1a).

    ``cause`` is that of a fault, as the provider reports it.

    Raises:
        Refused: ``REFUND_CHECK_BELOW_FLOOR``, ``REFUND_VALUE_NOT_IN_BOOKS``.
    """
    _require_payout(case, amount_mills, sitting)
    # The Postal Service pays before it tells: what is not there must not reach it.
    examined.require_held(sitting.work, case.device, amount_mills, licence=case.licence)
    after = replace(
        decisions.moved(case, CaseStatus.FORWARDED),
        amount_mills=amount_mills,
        basis=_basis(seen),
        cause=cause,
        caused_by_user=caused_by_user,
        because=f"{seen.finding}, by {seen.examiner}",
    )
    kept = sitting.keep(case, after, "forwarded")
    sitting.send(_forwarded(sitting, kept, seen), kept)
    return kept


def _refund(sitting: Sitting, case: Case, seen: Examined, amount_mills: int) -> Case:
    """Credit the account, or pay on behalf of the Postal Service: whatever the amount."""
    _require_payout(case, amount_mills, sitting)
    clause = decisions.route_of(case).clause
    ruling = sitting.ruling(
        granted=True, amount_mills=amount_mills, because=seen.finding, clause=clause
    )
    granted = replace(
        decisions.ruled(case, ruling, CaseStatus.PAID),
        basis=_basis(seen),
        settled_on=sitting.now.date(),
    )
    money.take_value(sitting.work, granted, sitting.now)
    money.pay(sitting.work, granted, granted.payout, sitting.now)
    return sitting.keep(case, granted, _PAID[granted.payout])


def _collect(sitting: Sitting, case: Case, seen: Examined, amount_mills: int) -> Case:
    clause = decisions.route_of(case).clause
    because = f"more was used than paid for: {seen.finding}"
    ruling = sitting.ruling(
        granted=False, amount_mills=amount_mills, because=because, clause=clause
    )
    after = decisions.ruled(case, ruling, CaseStatus.COLLECTED)
    after = replace(after, settled_on=sitting.now.date())
    money.collect(sitting.work, after, amount_mills, sitting.now)
    return sitting.keep(case, after, "additional postage collected")


def _require_payout(case: Case, amount_mills: int, sitting: Sitting) -> None:
    route, today = decisions.route_of(case), sitting.now.date()
    payout.require_payout(route, case.payout, amount_mills, case.rulebook, today)


def _basis(seen: Examined) -> Basis:
    return Basis.EXACT if seen.is_signed else Basis.APPROXIMATE


def _forwarded(sitting: Sitting, case: Case, seen: Examined) -> RefundForwarded:
    kinds = sitting.held(case)
    without = decisions.unsupported(case, kinds)
    return RefundForwarded(
        device=case.device,
        issued_at=instant_text(sitting.now),
        sender=sitting.signer.name,
        case=case.id,
        licence=case.licence,
        licensee=case.licensee,
        zip_code=case.zip_code,
        rulebook=case.device_rulebook,
        withdrawn_because=case.withdrawal.value,
        amount_mills=case.amount_mills,
        basis=case.basis.value,
        payout=case.payout.value,
        examined_on=parse_instant(seen.on).astimezone(sitting.now.tzinfo).date().isoformat(),
        examiner=seen.examiner,
        finding=f"{seen.finding}; {without.detail}" if without else seen.finding,
        cause=case.cause,
        caused_by_user=case.caused_by_user,
        documents=sorted(each.value for each in kinds),
    )


_PAID = {
    Payout.CREDIT: "credited to the account",
    Payout.TRANSFER: "transferred",
    Payout.PROVIDER: "paid by the provider",
}
