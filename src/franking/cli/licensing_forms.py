"""The forms of licensing, filled in from what the books hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from franking.forms.form import Party, PostOfficePlace, Rulebook, Signed
from franking.forms.leasing import LeaseForm
from franking.forms.licensing import ApplicationForm, LicenceForm
from franking.messages.applications import ApplicationData
from franking.postal.licences.records import Application, Licence
from franking.provider.licensing.records import HeardLicence, Lease


def application_form(application: Application) -> ApplicationForm:
    """PS Form 3601-A as it was filed."""
    data = application.data
    return ApplicationForm(
        rulebook=cast(Rulebook, application.rulebook),
        applicant=_party(data),
        post_office=_place(data),
        kept_at=data.device_location,
        provider=application.provider,
        application_number=application.number,
        filed_on=application.filed_on,
        yearly_postage_above_mills=data.yearly_postage_above_mills,
        signed=Signed(name=data.signed_by, on=date.fromisoformat(data.signed_on)),
    )


def licence_form(licence: Licence, shown: Mapping[str, Any]) -> LicenceForm:
    """PS Form 3601-B as the licence stands; ``shown`` is the view of it."""
    before = f"version {licence.version - 1}" if licence.version > 1 else ""
    return LicenceForm(
        rulebook=cast(Rulebook, licence.rulebook),
        number=licence.number,
        licensee=_party(licence.data),
        post_office=_place(licence.data),
        provider=", ".join(licence.providers),
        issued_on=licence.issued_on,
        verified_on=date.fromisoformat(shown["versions"][-1]["valid_from"]),
        replaces=before,
        status=str(licence.status),
    )


def lease_form(lease: Lease, licence: HeardLicence, provider: str, serial: str) -> LeaseForm:
    """The lease of a device with its acknowledgment of deposit."""
    signed = lease.signatures
    return LeaseForm(
        rulebook=cast(Rulebook, lease.rulebook),
        lease=lease.id,
        lessor=Party(name=provider),
        lessee=Party(name=lease.licensee),
        licence=lease.licence,
        post_office=PostOfficePlace(
            city=licence.city, state=licence.state, zip_code=licence.zip_code
        ),
        serial=serial,
        begins_on=lease.begun_on,
        lockbox=signed.lockbox,
        lessee_signed=Signed(name=signed.signed_by, on=signed.signed_on),
        acknowledged=Signed(name=signed.acknowledged_by, on=signed.acknowledged_on),
    )


def _party(data: ApplicationData) -> Party:
    return Party(name=data.name, address=data.address, telephone=data.telephone)


def _place(data: ApplicationData) -> PostOfficePlace:
    return PostOfficePlace(city=data.city, state=data.state, zip_code=data.zip_code)
