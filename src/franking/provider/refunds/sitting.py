"""What everybody who decides on a refund needs in his unit of work, and the steps all share."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from franking import rules
from franking.clock import instant_text
from franking.docket.records import Opening
from franking.identifiers import record_id
from franking.messages.dispatch import POSTAL_SERVICE
from franking.messages.receiving import Dispatched
from franking.messages.refunding import RefundDecided, RefundedPiece
from franking.messages.signing import Signer
from franking.provider.refunds import decisions, rows
from franking.provider.refunds.records import APPEAL, Case, CaseStatus, FiledItem, Ruling
from franking.provider.schema import DISPATCHES, DOCKET
from franking.refunds.records import Decider, EvidenceKind
from franking.storage import Work


@dataclass(frozen=True, slots=True)
class Sitting:
    """One unit of work, the person deciding in it, and when."""

    work: Work
    signer: Signer
    by: str
    now: datetime
    decider: Decider = Decider.PROVIDER

    def held(self, case: Case) -> frozenset[EvidenceKind]:
        """The kinds of evidence that came for a case."""
        return frozenset(each.kind for each in rows.evidence_of(self.work, case.number))

    def ruling(self, *, granted: bool, amount_mills: int, because: str, clause: str) -> Ruling:
        """A ruling of today."""
        return Ruling(
            granted=granted,
            amount_mills=amount_mills,
            because=because,
            clause=clause,
            decider=self.decider,
            decided_by=self.by,
            decided_on=self.now.date(),
        )

    def keep(self, before: Case, after: Case, event: str) -> Case:
        """Keep a case as it is now, with the step in its history."""
        rows.change_case(self.work, before, after)
        clause = after.clause or decisions.route_of(after).clause
        because = after.because or after.route.value
        rows.note(self.work, after, event, clause=clause, because=because, by=self.by, now=self.now)
        return after

    def send(self, message: Dispatched, case: Case) -> None:
        """Send a message about a case to the Postal Service."""
        DISPATCHES.send(
            self.work,
            message,
            self.signer,
            recipient=POSTAL_SERVICE,
            record=case.record,
            now=self.now,
        )

    def wait_for_devices(self, serials: Collection[str]) -> None:
        """Decide upon these devices, too: nobody refunds the same piece meanwhile.

        Raises:
            Refused: ``BOOKS_BUSY``.
        """
        for serial in sorted(serials):
            self.work.wait_for(record_id("device", serial))


def deny(sitting: Sitting, case: Case, because: str) -> Case:
    """Deny a case; of indicia the Postal Service is told, to which an appeal goes."""
    clause = decisions.route_of(case).clause
    ruling = sitting.ruling(granted=False, amount_mills=0, because=because, clause=clause)
    after = sitting.keep(case, decisions.ruled(case, ruling, CaseStatus.DENIED), "denied")
    if not case.is_of_value:
        tell_decided(sitting, after, rows.items_of(sitting.work, case.number))
        expect_appeal(sitting, after)
    return after


def expect_appeal(sitting: Sitting, case: Case) -> None:
    """From the ruling's receipt on, the user has 30 days; not proven, it is some days in the mail.

    Policy days of mail, as for licences: 9.2.8 does not say from when its 30 days run.
    """
    today = sitting.now.date()
    mail = rules.whole("provider", "ibip-1997", today, "notice_mail_days")
    owed = Opening(
        duty=APPEAL,
        record=case.record,
        owed_by=f"licensee:{case.licence}",
        rulebook=case.rulebook,
        start=today + timedelta(days=mail),
        because=case.because,
    )
    DOCKET.open_many(sitting.work, [owed], sitting.now)


def tell_decided(sitting: Sitting, case: Case, items: list[FiledItem]) -> None:
    """Tell the Postal Service what was decided of indicia, and which pieces it is about."""
    told = RefundDecided(
        device=items[0].item.device if items else case.device,
        issued_at=instant_text(sitting.now),
        sender=sitting.signer.name,
        case=case.id,
        licence=case.licence,
        licensee=case.licensee,
        zip_code=case.zip_code,
        route=case.route.value,
        granted=case.status is not CaseStatus.DENIED,
        amount_mills=case.amount_mills,
        because=case.because,
        clause=case.clause,
        criteria=f"{case.rulebook} as of {case.filed_on.isoformat()}",
        decided_by=case.decided_by,
        decided_on=sitting.now.date().isoformat(),
        pieces=[piece_of(each) for each in items],
    )
    sitting.send(told, case)


def piece_of(filed: FiledItem) -> RefundedPiece:
    """An item as messages name it."""
    item = filed.item
    return RefundedPiece(
        device=item.device,
        ascending_mills=item.ascending_mills or 0,
        postage_mills=max(0, item.postage_mills),
        date_shown=item.date_shown.isoformat() if item.date_shown else "",
        pic=item.pic,
    )
