"""One filled-in example of every form: what ``--example`` prints to begin from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from franking.forms.custody import Destroyed, DestructionCertificate, SeizureReceipt
from franking.forms.depositing import AcknowledgmentForm, DepositTicketForm, TicketCheck
from franking.forms.form import Form, Party, PostOfficePlace, Signed
from franking.forms.inspection import InspectionForm, checks_found
from franking.forms.installing import DeviceReading, InstallationForm
from franking.forms.leasing import LeaseForm
from franking.forms.licensing import ApplicationForm, LicenceForm
from franking.forms.notices import Notice, NoticeKind
from franking.forms.refunding import (
    BundleLine,
    EnclosedEvidence,
    RefundManifestForm,
    RefundRequestForm,
)
from franking.forms.register_record import DayLine, RegisterRecordForm
from franking.forms.setting import Registers, SettingReceipt

_DAY = date(1997, 6, 9)
_MAILER = Party(
    name="Hollis & Daughters Printing",
    address="1200 Capitol Street, Springfield, IL 62701",
    telephone="(217) 555-0142",
)
_PROVIDER = Party(
    name="Acme Postage Systems, Inc.",
    address="35 Waterview Drive, Shelton, CT 06484",
    telephone="(203) 555-0100",
)
_POSTAL_SERVICE = Party(
    name="U.S. Postal Service, Licensing Desk",
    address="475 L'Enfant Plaza SW, Washington, DC 20260",
)
_OFFICE = PostOfficePlace(city="Springfield", state="IL", zip_code="62701")
_LICENCE = "62701-000017"
_OWNER, _AGENT = Signed(name="Ruth Hollis", on=_DAY), Signed(name="Dana Cole", on=_DAY)


def _refund_request() -> RefundRequestForm:
    return RefundRequestForm(
        number="R-000003",
        filed_on=date(2009, 2, 2),
        user=_MAILER,
        licence=_LICENCE,
        route="value in a system damaged by disaster",
        clause="DMM 604.9.3.1 (2008)",
        submit_to="your provider",
        decider="provider",
        device="FK1A0000000001",
        amount_mills=59_040,
        payout="credit",
        evidence=(
            EnclosedEvidence(
                what="examination of the withdrawn system",
                clause="DMM 604.9.3.1a (2008)",
                document="by R. Moss, January 30, 2009",
            ),
            EnclosedEvidence(
                what="statement on the cause of the damage", clause="DMM 604.9.3.1 (2008)"
            ),
        ),
        statement="A water main broke in the night of January 12; the office stood under water.",
        attests_no_insurance=True,
        signed=Signed(name="Ruth Hollis", on=date(2009, 2, 2)),
    )


def _refund_manifest() -> RefundManifestForm:
    line = BundleLine(
        device="FK1A0000000001", postage_mills=420, pieces=100, first_date=date(2009, 1, 5)
    )
    return RefundManifestForm(
        number="R-000004",
        on=date(2009, 2, 2),
        user=_MAILER,
        submit_to="your provider, with the items",
        bundles=(
            line,
            line,
            replace(line, pieces=37, bundled=False),
            replace(line, postage_mills=590, pieces=4, bundled=False),
        ),
    )


def _inspection() -> InspectionForm:
    return InspectionForm(
        rulebook="meter-1995",
        serial="0200001234",
        model="Model 5800",
        licence=_LICENCE,
        licensee=_MAILER,
        post_office=_OFFICE,
        on=_DAY,
        inspector="Dana Cole",
        ascending_mills=1_204_320,
        descending_mills=95_680,
        set_total_mills=1_300_000,
        seal="S-88120",
        checks=checks_found(
            irregular={"501.25(b)(7)(ix)": "Descending window cracked at the left"},
            not_applicable={"501.25(b)(7)(i)"},
        ),
        licensee_signed=_OWNER,
    )


def _register_record() -> RegisterRecordForm:
    return RegisterRecordForm(
        device="FK1A0000000001",
        licence=_LICENCE,
        licensee=_MAILER,
        origin="kept by hand",
        first_day=date(1997, 6, 2),
        last_day=_DAY,
        lines=(
            DayLine(
                on=date(1997, 6, 2),
                ascending_mills=0,
                descending_mills=100_000,
                set_mills=100_000,
                note="first setting",
            ),
            DayLine(on=date(1997, 6, 3), ascending_mills=12_480, descending_mills=87_520),
            DayLine(on=_DAY, ascending_mills=40_960, descending_mills=59_040, pieces=128),
        ),
    )


def _setting() -> SettingReceipt:
    return SettingReceipt(
        rulebook="meter-1995",
        serial="0200001234",
        sequence=7,
        on=_DAY,
        at="10:42",
        way="by telephone",
        licence=_LICENCE,
        account="00000179",
        licensee=_MAILER,
        post_office=_OFFICE,
        provider=_PROVIDER.name,
        amount_mills=450_000,
        before=Registers(ascending_mills=1_204_320, descending_mills=95_680),
        balance_mills=212_500,
    )


SPECIMENS: Final[Mapping[str, Form]] = MappingProxyType(
    {
        form.name: form
        for form in (
            ApplicationForm(
                applicant=_MAILER,
                post_office=_OFFICE,
                kept_at="Ground floor office, 1200 Capitol Street",
                provider=_PROVIDER.name,
                application_number="A-000031",
                filed_on=_DAY,
                business="Commercial printing",
                industrial_code="2752",
                yearly_postage_above_mills=6_000_000,
                signed=_OWNER,
            ),
            LicenceForm(
                number=_LICENCE,
                licensee=_MAILER,
                post_office=_OFFICE,
                provider=_PROVIDER.name,
                issued_on=_DAY,
                devices=("FK1A0000000001",),
                officer="Ann Lee",
            ),
            InstallationForm(
                action="replacement",
                on=_DAY,
                licence=_LICENCE,
                licensee=_MAILER,
                post_office=_OFFICE,
                provider=_PROVIDER.name,
                installed=DeviceReading(
                    serial="FK1A0000000002",
                    model="Franking 1",
                    ascending_mills=0,
                    descending_mills=0,
                    source="signed",
                ),
                withdrawn=DeviceReading(
                    serial="FK1A0000000001",
                    model="Franking 1",
                    ascending_mills=40_960,
                    descending_mills=59_040,
                    source="signed",
                ),
                reason="The display of the former device failed",
                register_record_attached=True,
                presented_by=_AGENT,
                checked_by=_AGENT,
            ),
            _register_record(),
            _setting(),
            _inspection(),
            Notice(
                kind=NoticeKind.REVOCATION,
                number="N-000004",
                sent_on=_DAY,
                sender=_POSTAL_SERVICE,
                addressee=_MAILER,
                copies_to=(_PROVIDER.name,),
                licence=_LICENCE,
                reason="The device FK1A0000000001 was neither reset nor audited since March 1.",
                clauses=("DMM P050.2.3b (1997)",),
                act_by=date(1997, 6, 19),
                facts={"Last audit": "March 1, 1997", "Told before": "June 2, 1997"},
                signed_by="Ann Lee",
            ),
            LeaseForm(
                lease="L-000012",
                lessor=_PROVIDER,
                lessee=_MAILER,
                licence=_LICENCE,
                post_office=_OFFICE,
                serial="FK1A0000000001",
                model="Franking 1",
                begins_on=_DAY,
                lockbox="P.O. Box 894757, Los Angeles, CA 90189",
                lessor_signed=_AGENT,
                lessee_signed=_OWNER,
                acknowledged=_OWNER,
            ),
            AcknowledgmentForm(
                account="10000017",
                licensee=_MAILER,
                licence=_LICENCE,
                provider=_PROVIDER.name,
                post_office=_OFFICE,
                addressee="Minneapolis Accounting Service Center",
                lockbox="P.O. Box 894757, Los Angeles, CA 90189",
                signed=_OWNER,
            ),
            DepositTicketForm(
                account="10000017",
                licensee=_MAILER,
                licence=_LICENCE,
                lockbox="P.O. Box 894757, Los Angeles, CA 90189",
                on=_DAY,
                checks=(TicketCheck(number="1042", amount_mills=250_000),),
            ),
            DestructionCertificate(
                rulebook="meter-1995",
                number="D-000002",
                owner=_PROVIDER,
                on=_DAY,
                method="Cut across twice and melted",
                items=(
                    Destroyed(
                        what="Numbered postage die",
                        identity="D-4471",
                        clause="39 CFR 501.17 (1995)",
                    ),
                    Destroyed(what="Key blank", quantity=12, clause="39 CFR 501.22(n) (1995)"),
                ),
                first=_AGENT,
                second=Signed(name="Lou Parker", on=_DAY),
            ),
            SeizureReceipt(
                number="R-000001",
                taken_on=_DAY,
                licensee=_MAILER,
                licence=_LICENCE,
                place="1200 Capitol Street, Springfield, IL 62701",
                serial="FK1A0000000001",
                model="Franking 1",
                ascending_mills=40_960,
                descending_mills=59_040,
                fraud_suspected=False,
                reason="Prints without debit were reported",
                provider=_PROVIDER.name,
                inspector=Signed(name="Lee Marsh", on=_DAY),
            ),
            _refund_request(),
            _refund_manifest(),
        )
    }
)
"""The examples by the name of their form."""

FORMS: Final[Mapping[str, type[Form]]] = MappingProxyType(
    {name: type(form) for name, form in SPECIMENS.items()}
)
"""Every form by its name."""
