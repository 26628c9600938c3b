"""Papers of the licensing desk: the application, the license, refusals, revocations, removals."""

from __future__ import annotations

from datetime import date, timedelta

from franking import rules
from franking.forms.form import Party, PostOfficePlace, Signed, printed, rulebook_named
from franking.forms.licensing import ApplicationForm, LicenceForm
from franking.forms.notices import Notice, NoticeKind
from franking.home.papers.unknown import last, required
from franking.messages.applications import ApplicationData
from franking.postal.licences import rows
from franking.postal.licences.records import Licence, Revocation
from franking.rules.calendars import due
from franking.storage import Books

DESK = Party(name="U.S. Postal Service, Centralized Meter Licensing System")


def application_form(books: Books, application_id: str) -> ApplicationForm:
    """PS Form 3601-A as it was filed.

    Raises:
        Refused: ``PAPER_UNKNOWN``.
    """
    with books.reading() as reading:
        found = rows.find_application(reading, application_id)
    one = required(found, f"application {application_id}")
    return ApplicationForm(
        rulebook=rulebook_named(one.rulebook),
        applicant=_party(one.data),
        post_office=_office(one.data),
        kept_at=one.data.device_location,
        provider=one.provider,
        application_number=one.number,
        filed_on=one.filed_on,
        yearly_postage_above_mills=one.data.yearly_postage_above_mills,
        signed=Signed(name=one.data.signed_by, on=date.fromisoformat(one.data.signed_on)),
    )


def refusal_notice(books: Books, application_id: str) -> Notice:
    """The written refusal of an application, with its reason.

    Raises:
        Refused: ``PAPER_UNKNOWN``.
    """
    with books.reading() as reading:
        found = rows.find_application(reading, application_id)
    one = required(found if found and found.ground else None, f"refusal of {application_id}")
    decided_on = one.decided_on or one.filed_on
    appealed = rules.at("provider", one.rulebook, decided_on)["licence_appeal_days"]
    return Notice(
        kind=NoticeKind.APPLICATION_REFUSED,
        rulebook=rulebook_named(one.rulebook),
        number=one.number,
        sent_on=decided_on,
        sender=DESK,
        addressee=_party(one.data),
        copies_to=(one.provider,) if one.provider else (),
        reason=printed(f"{one.ground}: {one.reason}"),
        act_by=due(one.received_on, appealed) if one.received_on else None,
        signed_by=one.decided_by,
    )


def licence_form(books: Books, number: str) -> LicenceForm:
    """PS Form 3601-B of a licence, as it stands.

    Raises:
        Refused: ``PAPER_UNKNOWN``.
    """
    with books.reading() as reading:
        one = required(rows.licence(reading, number), f"licence {number}")
        providers = [name for name, _ in rows.providers(reading, number)]
        versions = rows.versions(reading, number)
    earlier = f"the license as of version {one.version - 1}" if one.version > 1 else ""
    return LicenceForm(
        rulebook=rulebook_named(one.rulebook),
        number=one.number,
        licensee=_party(one.data),
        post_office=_office_of(one),
        provider=", ".join(providers),
        issued_on=one.issued_on,
        verified_on=date.fromisoformat(versions[-1]["valid_from"]) if versions else None,
        replaces=earlier,
        status=one.status.value,
    )


def revocation_notice(books: Books, number: str) -> Notice:
    """The written notice of the latest revocation of a licence.

    Raises:
        Refused: ``PAPER_UNKNOWN``.
    """
    with books.reading() as reading:
        one = required(rows.licence(reading, number), f"licence {number}")
        revoked = last(rows.revocations_of(reading, number), f"revocation of {number}")
        providers = tuple(name for name, _ in rows.providers(reading, number))
    kind = NoticeKind.REVOCATION_AT_ONCE if revoked.immediate else NoticeKind.REVOCATION
    return Notice(
        kind=kind,
        rulebook=rulebook_named(revoked.rulebook),
        number=f"{revoked.licence}/{revoked.ordinal}",
        sent_on=revoked.noticed_on,
        sender=DESK,
        addressee=_party(one.data),
        copies_to=providers,
        licence=number,
        reason=printed(f"{revoked.ground}: {revoked.facts}"),
        clauses=(revoked.clause,),
        act_by=_effective_on(revoked),
        signed_by=revoked.noticed_by,
    )


def removal_order(books: Books, device: str) -> Notice:
    """The latest order to a provider to remove a device.

    Raises:
        Refused: ``PAPER_UNKNOWN``.
    """
    with books.reading() as reading:
        order = last(rows.removal_orders(reading, device), f"order to remove {device}")
        one = required(rows.licence(reading, order.licence), f"licence {order.licence}")
    days = rules.at("provider", one.rulebook, order.ordered_on).whole("revoked_removal_days")
    return Notice(
        kind=NoticeKind.REMOVAL_ORDER,
        rulebook=rulebook_named(one.rulebook),
        sent_on=order.ordered_on,
        sender=DESK,
        addressee=Party(name=order.provider),
        licence=order.licence,
        device=device,
        reason=order.because,
        clauses=(order.clause,),
        act_by=order.ordered_on + timedelta(days=days),
    )


def _effective_on(revoked: Revocation) -> date | None:
    """When it takes effect: known once it did, or once its receipt is proven (P050.2.3)."""
    if revoked.effective_on or revoked.immediate:
        return revoked.effective_on or revoked.noticed_on
    start = revoked.noticed_on if revoked.rulebook == "meter-1995" else revoked.received_on
    term = rules.at("provider", revoked.rulebook, revoked.noticed_on)["revocation_days"]
    return due(start, term) if start else None


def _party(data: ApplicationData) -> Party:
    return Party(name=data.name, address=data.address, telephone=data.telephone)


def _office(data: ApplicationData) -> PostOfficePlace:
    return PostOfficePlace(city=data.city, state=data.state, zip_code=data.zip_code)


def _office_of(one: Licence) -> PostOfficePlace:
    office = one.office
    return PostOfficePlace(city=office.city, state=office.state, zip_code=office.zip_code)
