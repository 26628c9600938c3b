"""The forms on paper: what stands on them, that it fits, and which answers are refused."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date
from itertools import pairwise

import msgspec
import pytest

from franking.errors import Refused
from franking.forms.custody import Destroyed, DestructionCertificate
from franking.forms.form import Form, Party, PostOfficePlace, Signed, rulebook_named
from franking.forms.inspection import CHECKS
from franking.forms.leasing import LeaseForm
from franking.forms.licensing import ApplicationForm, LicenceForm, postage_steps
from franking.forms.notices import Notice, NoticeKind, wording
from franking.forms.register_record import DayLine, RegisterRecordForm
from franking.forms.setting import SettingReceipt
from franking.forms.specimens import FORMS, SPECIMENS
from franking.marks.geometry import Drawing, Text

DAY = date(1997, 6, 9)
EVERY_FORM = pytest.mark.parametrize("name", sorted(FORMS))
MAILER = Party(name="Hollis & Daughters", address="1200 Capitol Street, Springfield, IL 62701")
ACME = Party(name="Acme Postage Systems, Inc.", address="Shelton, CT 06484")
OFFICE = PostOfficePlace(city="Springfield", state="IL", zip_code="62701")


def lines(page: Drawing) -> list[str]:
    """Every line of text on a page, from the top."""
    return [shape.text for part in page.parts for shape in part.shapes if isinstance(shape, Text)]


def words(form: Form) -> str:
    """All that a form says, in one line."""
    return " ".join(line for page in form.pages() for line in lines(page))


def notice(kind: NoticeKind, **more: object) -> Notice:
    facts = {
        "kind": kind,
        "rulebook": "meter-1995",
        "sent_on": DAY.isoformat(),
        "sender": {"name": "U.S. Postal Service"},
        "addressee": {"name": "Hollis & Daughters"},
        "reason": "It was not presented.",
        **more,
    }
    return Notice.from_json(json.dumps(facts))


def register_record(days: int, **more: object) -> RegisterRecordForm:
    kept = tuple(
        DayLine(on=date(1997, 1 + at // 28, 1 + at % 28), ascending_mills=at, descending_mills=0)
        for at in range(days)
    )
    facts = {"first_day": DAY, "last_day": DAY, "licensee": MAILER, "device": "FK1A0000000001"}
    return RegisterRecordForm(**{"origin": "kept by hand", "lines": kept, **facts, **more})  # type: ignore[arg-type]


@EVERY_FORM
def test_a_form_comes_back_from_its_json_as_it_was(name: str) -> None:
    form = SPECIMENS[name]
    assert type(form).from_json(json.dumps(form.as_json())) == form


@EVERY_FORM
def test_nothing_on_a_form_reaches_over_the_edge_or_over_other_words(name: str) -> None:
    for page in SPECIMENS[name].pages():
        assert page.outside() == ()
        assert all(part.bounds.left > 0.7 and part.bounds.right < 7.8 for part in page.parts)
        for above, below in pairwise(page.parts):
            assert below.bounds.top > above.bounds.top
            assert below.bounds.top > above.bounds.bottom - 0.02, (above.name, below.name)


@EVERY_FORM
def test_every_page_names_its_form_and_clause_and_says_which_page_it_is(name: str) -> None:
    form = SPECIMENS[name]
    pages = form.pages()
    for number, page in enumerate(pages, start=1):
        told = lines(page)
        assert any(form.masthead.number in line for line in told)
        assert f"Page {number} of {len(pages)}" in told
    assert form.masthead.authority in lines(pages[0])


@EVERY_FORM
def test_an_answer_that_no_form_asks_for_is_refused(name: str) -> None:
    answers = {**SPECIMENS[name].as_json(), "favourite_colour": "red"}
    with pytest.raises(Refused, match="favourite_colour"):
        FORMS[name].from_json(json.dumps(answers))


@EVERY_FORM
@pytest.mark.parametrize("text", ["", "[]", "{", '"form"', "\ud800"])
def test_what_is_no_json_object_is_refused(name: str, text: str) -> None:
    with pytest.raises(Refused) as refused:
        FORMS[name].from_json(text.encode("utf-8", errors="surrogatepass"))
    assert refused.value.code == "FORM_UNREADABLE"


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("3601-a", "filed_on", "June 9"),
        ("3601-a", "post_office", {"zip_code": "627"}),
        ("3601-b", "number", ""),
        ("3601-c", "action", "borrowing"),
        ("3601-c", "residue_mills", -1),
        ("3602-a", "lines", [{"on": "1997-06-09", "ascending_mills": 1.5, "descending_mills": 0}]),
        ("3603", "sequence", 0),
        ("3603", "amount_mills", -1),
        ("3603", "way", "by pigeon"),
        ("notice", "kind", "greeting"),
        ("notice", "rulebook", "meter-1895"),
    ],
)
def test_an_answer_of_the_wrong_kind_is_refused_by_its_name(
    name: str, field: str, value: object
) -> None:
    answers = {**SPECIMENS[name].as_json(), field: value}
    with pytest.raises(Refused, match=field):
        FORMS[name].from_json(json.dumps(answers))


def test_letters_that_the_faces_do_not_hold_are_refused() -> None:
    form = msgspec.structs.replace(SPECIMENS["3601-b"], officer="Łucja 李")
    with pytest.raises(Refused) as refused:
        form.pages()
    assert refused.value.code == "TEXT_UNPRINTABLE"


def test_an_endless_word_is_broken_and_never_leaves_its_cell() -> None:
    licensee = Party(name="W" * 400, address="x" * 900)
    form = msgspec.structs.replace(SPECIMENS["3601-b"], licensee=licensee)
    assert all(page.outside() == () for page in form.pages())
    assert words(form).count("W") >= 400


def test_an_answer_that_no_page_can_hold_is_refused_by_its_name() -> None:
    form = msgspec.structs.replace(SPECIMENS["3601-b"], status="endless " * 2000)
    with pytest.raises(Refused, match="Status") as refused:
        form.pages()
    assert refused.value.code == "ANSWER_TOO_LONG"


def test_an_answer_that_is_not_there_is_left_to_be_filled_in_by_hand() -> None:
    form = ApplicationForm(applicant=Party(name="Hollis"), post_office=OFFICE, filed_on=DAY)
    assert "Signature of the applicant" in words(form)
    assert "None" not in words(form)


def test_a_long_record_goes_on_with_its_head_on_every_page() -> None:
    pages = register_record(200).pages()
    assert len(pages) > 2
    for page in pages:
        assert "Ascending" in lines(page)
        assert "FK1A0000000001" in lines(page)
    shown = [line for page in pages for line in lines(page) if line.endswith(", 1997")]
    assert len(shown) == 200 + len([1 for line in shown if " to " in line])


def test_a_record_kept_by_hand_has_empty_lines_and_a_report_none() -> None:
    by_hand, told = register_record(1), register_record(1, origin="from the device's journal")
    assert len(by_hand.pages()[0].parts) > len(told.pages()[0].parts) + 20


def test_a_setting_receipt_shows_the_transaction_and_what_remains() -> None:
    form = SPECIMENS["3603"]
    assert isinstance(form, SettingReceipt)
    told = words(form)
    for amount in (
        "$450.00",
        "$212.50",
        "$1,204.32",
        "$95.68",
        "$545.68",
        "$1,300.00",
        "$1,750.00",
    ):
        assert amount in told
    assert "advanced" not in told


def test_a_setting_receipt_says_what_was_advanced_and_what_is_owed() -> None:
    form = msgspec.structs.replace(
        SPECIMENS["3603"], balance_mills=0, advanced_mills=40_000, before=None
    )
    assert "$40.00 of it were advanced by the manufacturer, and are owed to it." in words(form)
    assert "Registers before" not in words(form)


# 3601-A and 3601-B --------------------------------------------------------------------------


@pytest.mark.duty("R95-Pre-I.B-1")
def test_part_b_asks_for_yearly_postage_in_steps_with_one_at_the_high_volume_line() -> None:
    steps = postage_steps("meter-1995", date(1995, 7, 10))
    assert 12_000_000 in steps
    form = msgspec.structs.replace(SPECIMENS["3601-a"], rulebook="meter-1995")
    assert all(step in words(form) for step in steps.values())


@pytest.mark.duty("R95-Pre-II.C-3")
def test_the_application_threatens_nobody_with_penalties() -> None:
    for rulebook in ("meter-1995", "ibip-1997"):
        said = words(msgspec.structs.replace(SPECIMENS["3601-a"], rulebook=rulebook)).lower()
        assert not any(threat in said for threat in ("penal", "fraudulent statement", "imprison"))


def test_the_application_of_1995_states_the_four_grounds_of_immediate_revocation() -> None:
    said = words(msgspec.structs.replace(SPECIMENS["3601-a"], rulebook="meter-1995"))
    for ground in ("unlawful scheme", "12-month period", "sufficiently controlled", "outside the"):
        assert ground in said


def test_the_license_names_licensee_office_and_devices() -> None:
    form = LicenceForm(
        number="62701-000017",
        licensee=MAILER,
        post_office=OFFICE,
        issued_on=DAY,
        devices=("FK1A0000000001", "FK1A0000000002"),
    )
    said = words(form)
    for told in ("Hollis & Daughters", "Springfield, IL 62701", "FK1A0000000002", "62701-000017"):
        assert told in said


# Leases, notices, inspections, certificates -------------------------------------------------


@pytest.mark.duty("R97-P050.2.5j")
def test_a_lease_holds_the_acknowledgment_of_the_deposit_for_the_licensee_to_sign() -> None:
    lease = LeaseForm(
        lease="L-1",
        lessor=ACME,
        lessee=MAILER,
        licence="62701-000017",
        post_office=OFFICE,
        begins_on=DAY,
        acknowledged=Signed(name="Ruth Hollis", on=DAY),
    )
    said = words(lease)
    assert "Acknowledgment of Deposit Requirement" in said
    assert "upon execution of this Agreement with Acme Postage Systems, Inc., you will" in said
    assert said.index("Ruth Hollis") > said.index("as it may be amended from time to time")


def test_a_meter_that_is_not_set_from_afar_needs_no_acknowledgment() -> None:
    lease = msgspec.structs.replace(SPECIMENS["lease"], remote_setting=False)
    assert "Acknowledgment" not in words(lease)


def known_notices() -> list[tuple[NoticeKind, str]]:
    """Every kind of notice with a rulebook that knows it."""
    known = []
    for kind in NoticeKind:
        for rulebook in ("meter-1995", "ibip-1997"):
            with suppress(Refused):
                wording(kind, rulebook_named(rulebook))
                known.append((kind, rulebook))
    return known


@pytest.mark.parametrize(("kind", "rulebook"), known_notices())
def test_a_notice_states_its_clause_its_reason_and_what_can_be_done(
    kind: NoticeKind, rulebook: str
) -> None:
    letter = notice(kind, rulebook=rulebook, act_by="1997-06-19")
    said = words(letter)
    assert wording(kind, letter.rulebook).clause in said
    assert "It was not presented." in said
    assert "What you can do" in said
    assert "{" not in said


def test_every_kind_of_notice_is_known_to_some_rulebook() -> None:
    assert {kind for kind, _ in known_notices()} == set(NoticeKind)


def test_numbers_of_days_in_a_notice_are_those_of_the_rules() -> None:
    assert "takes effect 10 days after" in words(notice(NoticeKind.REVOCATION))
    assert "within 15 calendar days" in words(notice(NoticeKind.REMOVAL_ORDER))


def test_a_notice_of_another_rulebook_is_refused() -> None:
    with pytest.raises(Refused, match="meter-1995 knows no notice of quality grading"):
        notice(NoticeKind.QUALITY_GRADING).pages()


def test_the_inspection_has_all_seventeen_checks_and_room_for_both_signatures() -> None:
    said = words(SPECIMENS["inspection"])
    assert len(CHECKS) == 17
    assert all(clause in said and check.split()[0] in said for clause, check in CHECKS.items())
    assert "Inspector" in said
    assert "Licensee" in said
    assert len(SPECIMENS["inspection"].pages()) == 1


def test_nobody_signs_a_certificate_of_destruction_twice() -> None:
    with pytest.raises(Refused) as refused:
        DestructionCertificate(
            owner=ACME,
            on=DAY,
            method="melted",
            items=(Destroyed(what="die"),),
            first=Signed(name="Dana Cole", on=DAY),
            second=Signed(name=" dana cole", on=DAY),
        )
    assert refused.value.code == "WITNESSES_NOT_TWO"


@pytest.mark.parametrize(("fraud", "told"), [(True, "is held"), (False, "is transferred")])
def test_a_receipt_says_what_becomes_of_the_postage(fraud: bool, told: str) -> None:
    receipt = msgspec.structs.replace(SPECIMENS["seizure-receipt"], fraud_suspected=fraud)
    assert f"postage in it {told}" in words(receipt)
