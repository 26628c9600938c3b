"""The quick way of a device into service: every step that the rules want, in one command.

Application, licence, lease with its acknowledgment of deposit, certificate, check-in, issue,
installation: each is the command that an officer would give, carried as signed messages between
the domains. Cut short anywhere, asking again goes on where it was.
"""

from __future__ import annotations

from typing import Any

from franking.home.carrier import carry
from franking.home.delivery import deliver, settle
from franking.home.home import Home
from franking.home.making import inspect_new
from franking.home.papers.funds import wording_digest
from franking.host.addresses import require_zip_in_use
from franking.messages.applications import ApplicationData
from franking.postal.certificates import commands as certificates
from franking.postal.certificates.records import Certificate
from franking.postal.licences import commands as desk
from franking.postal.licences.decisions import require_complete
from franking.postal.licences.records import Applicant, Licence, PostOffice
from franking.provider.devices import notes, service
from franking.provider.devices.records import DeviceState
from franking.provider.funds.accounts import open_account
from franking.provider.funds.acknowledging import send_acknowledgment
from franking.provider.funds.records import FundsAccount
from franking.provider.licensing import applying, leasing, rows
from franking.provider.licensing.records import Lease, LeaseStatus, Signatures
from franking.provider.resetting import enrolment, ordering
from franking.provider.resetting.lifecycle import STATUS_UNSUITABLE
from franking.psd.device import PostalSecurityDevice
from franking.storage import Books


def authorize(home: Home, name: str, applicant: Applicant, office: PostOffice) -> dict[str, Any]:
    """License the applicant at a post office, lease the device to it, and bring it into service.

    A device that is authorized at that post office stays as it is. The applicant signs the
    application, the lease and its acknowledgment of deposit in its own name.

    Raises:
        Refused: ``STATUS_UNSUITABLE``, what ``license_mailer``, the lease or the device refuse.
    """
    now = home.now
    with home.device(name) as device:
        settle(home.provider, device, now)
        _require_unlicensed_elsewhere(device, office)
        rulebook = device.state.standing.rulebook
        licence = license_mailer(home, applicant, office, rulebook=rulebook)
        if device.state.standing.licence is not None:
            home.postal.publish(now)
        else:
            _bring_into_service(home, device, licence)
        return {"device": name, **device.show(now)}


def license_mailer(
    home: Home, applicant: Applicant, office: PostOffice, *, rulebook: str = "ibip-1997"
) -> Licence:
    """License a mailer at one post office, through the provider (DMM P050.2.1).

    Again, it is the same licence.

    Raises:
        Refused: ``APPLICATION_INCOMPLETE``, ``ZIP_PREFIX_UNKNOWN``, ``ZIP_CONTRADICTS_STATE``,
            ``EARLIER_REVOCATION``, and what transmitting an application is refused for.
    """
    require_complete(applicant, office)
    require_zip_in_use(office.zip_code, state=office.state)
    postal, provider, now = home.postal, home.provider, home.now
    carry(home)
    held = desk.licence_of(postal.books, applicant, office)
    if held is not None and provider.signer.name in held.providers:
        return held
    data = _form(applicant, office, home)
    filed = applying.transmit_application(provider.books, provider.signer, data, rulebook, now)
    carry(home)
    application = f"{provider.signer.name}/{filed.number}"
    licence = desk.issue_application(postal.books, postal.signer, application, now)
    carry(home)
    return licence


def _bring_into_service(home: Home, device: PostalSecurityDevice, licence: Licence) -> None:
    provider, now, serial = home.provider, home.now, str(device.device_id)
    certificate = _certified(home, device)
    _lease(home, serial, licence, device.state.standing.rulebook)
    # Before any order that a later command might carry: a piece may be verified as soon as it is
    # printed.
    home.postal.publish(now)
    order = ordering.authorize(
        provider.books,
        provider.signer,
        device_id=serial,
        certificate=certificate.der,
        licence=licence.number,
        now=now,
    )
    _issue(home, serial)
    deliver(provider, device, order, now)


def _lease(home: Home, serial: str, licence: Licence, rulebook: str) -> None:
    """Place the device under a lease of the licensee; one that stands under it, stays."""
    books, now = home.provider.books, home.now
    with books.reading() as reading:
        record = notes.require(reading, serial)
        standing = [
            each
            for each in rows.leases(reading, licence.number)
            if each.status is LeaseStatus.IN_FORCE and each.rulebook == rulebook
        ]
    if record.lease and record.licence == licence.number:
        return
    lease = standing[-1] if standing else _signed_lease(home, licence, rulebook)
    leasing.lease_device(books, lease.id, serial, now)


def _signed_lease(home: Home, licence: Licence, rulebook: str) -> Lease:
    name, on = licence.applicant.name, home.now.date()
    signatures = Signatures(signed_by=name, signed_on=on, acknowledged_by=name, acknowledged_on=on)
    books = home.provider.books
    lease = leasing.sign_lease(books, licence.number, rulebook, signatures, home.now)
    acknowledge(home, books, open_account(books, licence.number, now=home.now))
    return lease


def acknowledge(home: Home, books: Books, account: FundsAccount) -> str:
    """Send the acknowledgment of deposit that was signed with a lease on; to whom (501.28(b)(2)).

    Raises:
        Refused: ``ACKNOWLEDGMENT_UNSIGNED``.
    """
    signer = home.provider.signer
    digest = wording_digest(account, signer.name)
    return send_acknowledgment(books, signer, account.number, digest=digest, now=home.now)


def _issue(home: Home, serial: str) -> None:
    """Hand the device over, once it is checked in: never before (39 CFR 501.22(e)(1))."""
    books = home.provider.books
    with books.reading() as reading:
        state = notes.require(reading, serial).state
    if state is DeviceState.CHECKED_IN:
        service.issue(books, serial, by=books.by.name, now=home.now)


def _form(applicant: Applicant, office: PostOffice, home: Home) -> ApplicationData:
    return ApplicationData(
        name=applicant.name,
        address=applicant.address,
        zip_code=office.zip_code,
        city=office.city,
        state=office.state,
        signed_by=applicant.name,
        signed_on=home.now.date().isoformat(),
    )


def _require_unlicensed_elsewhere(device: PostalSecurityDevice, office: PostOffice) -> None:
    licence = device.state.standing.licence
    if licence is not None and licence.zip_code != office.zip_code:
        raise STATUS_UNSUITABLE.because(
            f"it is authorized under licence {licence.licence} at {licence.zip_code} already"
        )


def _certified(home: Home, device: PostalSecurityDevice) -> Certificate:
    """The certificate of the device's key; asked for again, it is the same."""
    provider, postal, standing = home.provider, home.postal, device.state.standing
    request = enrolment.enrol_device(
        provider.books,
        provider.signer,
        signing_request=device.certificate_signing_request(home.now),
        rulebook=standing.rulebook,
        system=standing.system,
        now=home.now,
    )
    inspect_new(home, device)
    return certificates.certify_device(postal.books, postal.signer, request, home.now)
