"""The acknowledgment of deposit and the deposit ticket, as they are drawn."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from franking.errors import Refused
from franking.forms.depositing import (
    AcknowledgmentForm,
    DepositTicketForm,
    deposit_terms,
    terms_digest,
)
from franking.forms.form import Signed, rulebook_named
from franking.forms.leasing import LeaseForm
from franking.forms.specimens import SPECIMENS
from tests.unit.test_forms import words

DAY = date(1997, 6, 9)
PRESCRIBED = (
    "you represent that you have read the Acknowledgment of Deposit Requirement and are familiar"
    " with its terms. You agree that, upon execution of this Agreement with Acme Postage Systems,"
    " Inc., you will also be bound by all terms and conditions of the Acknowledgment of Deposit"
    " Requirement, as it may be amended from time to time."
)


@pytest.mark.parametrize(
    ("rulebook", "begins"),
    [
        pytest.param(
            "meter-1995",
            "By signing this meter rental agreement,",
            marks=pytest.mark.duty("R95-501.28(b)(3)"),
        ),
        pytest.param(
            "ibip-1997",
            "By signing this product/device lease,",
            marks=pytest.mark.duty("R97-502.26(b)(2)"),
        ),
    ],
)
def test_the_rental_agreement_holds_the_prescribed_words(rulebook: str, begins: str) -> None:
    lease = SPECIMENS["lease"]
    assert isinstance(lease, LeaseForm)
    said = " ".join(
        words(msgspec.structs.replace(lease, rulebook=rulebook_named(rulebook))).split()
    )
    assert f"{begins} {PRESCRIBED}" in said


def test_the_acknowledgment_says_what_is_signed_and_where_it_goes() -> None:
    form = SPECIMENS["acknowledgment"]
    assert isinstance(form, AcknowledgmentForm)
    signed = msgspec.structs.replace(form, signed=Signed(name="Ruth Hollis", on=DAY))
    said = " ".join(words(signed).split())
    for term in deposit_terms("ibip-1997", form.provider):
        assert term in said
    assert said.index("Minneapolis Accounting Service Center") > said.index("Ruth Hollis")


def test_the_digest_changes_with_the_words() -> None:
    digests = {
        terms_digest(book, name) for book in ("meter-1995", "ibip-1997") for name in ("A", "B")
    }
    assert len(digests) == 4
    assert all(len(each) == 64 for each in digests)


@pytest.mark.duty("R95-Pre-IV-3")
def test_a_ticket_is_pre_encoded_and_leaves_the_check_to_be_filled_in() -> None:
    ticket = SPECIMENS["deposit-ticket"]
    assert isinstance(ticket, DepositTicketForm)
    said = words(ticket)
    assert ticket.account in said
    assert "$250.00" in said
    blank = words(msgspec.structs.replace(ticket, checks=()))
    assert ticket.account in blank
    assert "$" not in blank


@pytest.mark.parametrize("answers", [b'{"account": ""}', b"{}", b"[", b'{"amount": 1.5}'])
def test_a_ticket_that_cannot_be_read_is_refused(answers: bytes) -> None:
    with pytest.raises(Refused, match="FORM_UNREADABLE"):
        DepositTicketForm.from_json(answers)
