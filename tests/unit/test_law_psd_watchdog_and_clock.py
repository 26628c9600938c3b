"""PSD-6 over every store: no evidence past the watchdog date, and no time before the latest."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from franking.clock import instant_text
from franking.messages import signing
from franking.messages.kinds import AuditReport
from franking.psd.believing import public_key_of
from franking.psd.records import EvidenceRequest
from tests.fixtures_psd import NOON, authorized, new_signer, operational, position, refuses
from tests.fixtures_stores import EVERY_PLACE, PlaceKind

WATCHDOG = datetime(2027, 2, 23, 12, 0, tzinfo=UTC)
"""Three months after ``NOON``."""
PAST = WATCHDOG + timedelta(days=1)


@EVERY_PLACE
@pytest.mark.law("PSD-6")
@pytest.mark.duty("R97-P050.3.4-1", "R95-P030.1.1-1")
def test_evidence_ends_the_day_after_the_watchdog_date(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    assert bench.device.show(NOON)["watchdog_date"] == "2027-02-23"
    bench.piece("last", WATCHDOG)
    assert bench.device.show(WATCHDOG)["locks"] == []
    with refuses("WATCHDOG_EXPIRED", "2027-02-23"):
        bench.piece("late", PAST)
    assert bench.device.show(PAST)["locks"] == ["watchdog"]
    assert bench.device.registers.piece_count == 1


@EVERY_PLACE
@pytest.mark.law("PSD-6")
@pytest.mark.duty("R97-502.24-2", "R97-P050.3.4-1")
def test_an_accepted_audit_renews_the_watchdog(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    report = bench.device.audit(PAST)
    key = public_key_of(bench.device.state.standing.public_key)
    made = signing.verify(report, AuditReport, key)
    assert (made.audit_sequence, made.status, made.faults) == (1, "operational", [])
    assert (made.registers.descending_mills, made.watchdog_date) == (100_000, "2027-02-23")
    assert made.certificate_serial == 1
    with refuses("WATCHDOG_EXPIRED"):
        bench.piece("still-late", PAST)
    bench.device.apply_audit_receipt(bench.outside.audit_receipt(report, PAST), PAST)
    assert bench.piece("renewed", PAST).registers.piece_count == 1
    assert bench.device.show(PAST)["watchdog_date"] == "2027-05-24"


@EVERY_PLACE
@pytest.mark.law("PSD-6")
def test_a_reset_renews_the_watchdog(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    bench.reset(1_000, PAST)
    bench.piece("renewed", PAST)


@EVERY_PLACE
@pytest.mark.law("PSD-6")
def test_no_message_renews_the_watchdog_beyond_the_rule(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    report = bench.device.audit(NOON)
    receipt = bench.outside.audit_receipt(report, NOON, watchdog_date="2030-01-01")
    bench.device.apply_audit_receipt(receipt, NOON)
    assert bench.device.show(NOON)["watchdog_date"] == "2027-02-23"


@EVERY_PLACE
@pytest.mark.law("PSD-6")
def test_the_same_audit_receipt_again_changes_nothing(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    receipt = bench.outside.audit_receipt(bench.device.audit(NOON), NOON)
    bench.device.apply_audit_receipt(receipt, NOON)
    before = bench.device.state
    bench.device.apply_audit_receipt(receipt, PAST)
    assert bench.device.state == before


@EVERY_PLACE
@pytest.mark.law("PSD-6")
def test_another_older_or_foreign_audit_receipt_is_refused(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    old = bench.device.audit(NOON)
    report = bench.device.audit(NOON)
    made, outside = bench.outside.audit_receipt, bench.outside
    before = bench.device.state
    for code, receipt in [
        ("AUDIT_RECEIPT_OLD", made(old, NOON)),
        ("AUDIT_RECEIPT_SKIPPED", made(report, NOON, audit_sequence=3)),
        ("AUDIT_RECEIPT_OF_ANOTHER_REPORT", made(report, NOON, report_digest="00" * 32)),
        ("JOURNAL_NOT_ACKNOWLEDGED", made(report, NOON, acknowledged=position(2, "00" * 32))),
        ("JOURNAL_NOT_ACKNOWLEDGED", made(report, NOON, acknowledged=position(99, "00" * 32))),
        ("JOURNAL_NOT_ACKNOWLEDGED", made(report, NOON, acknowledged=position(0, "01" * 32))),
        ("MESSAGE_FOR_ANOTHER_DEVICE", made(report, NOON, device="FK1A0000000009")),
        ("MESSAGE_SIGNATURE_FALSE", made(report, NOON, by=new_signer("thief"))),
        ("MESSAGE_OF_ANOTHER_KIND", outside.lock(NOON)),
        ("MESSAGE_UNREADABLE", "not a message"),
        ("TIME_UNREADABLE", made(report, NOON, watchdog_date="soon")),
        ("TIME_UNREADABLE", made(report, NOON, corrected_time="now")),
    ]:
        with refuses(code):
            bench.device.apply_audit_receipt(receipt, NOON)
        assert bench.device.state == before
    bench.device.apply_audit_receipt(made(report, NOON), NOON)
    with refuses("AUDIT_RECEIPT_OLD"):
        bench.device.apply_audit_receipt(made(report, NOON + timedelta(seconds=1)), NOON)


@EVERY_PLACE
@pytest.mark.law("PSD-6")
@pytest.mark.parametrize("isrestarted", [False, True])
def test_a_clock_that_was_set_back_is_refused(
    kind: PlaceKind, tmp_path: Path, isrestarted: bool
) -> None:
    place = kind(tmp_path)
    bench = operational(place.create())
    bench.piece("today", NOON + timedelta(days=3))
    if isrestarted:
        bench.device.close()
        bench.power_up(place.open(), NOON)
    for moment in (NOON, NOON + timedelta(days=3) - timedelta(microseconds=1)):
        with refuses("CLOCK_BEHIND"):
            bench.piece("yesterday", moment)
        with refuses("CLOCK_BEHIND"):
            bench.device.request_reset(100, "r2", moment)
        with refuses("CLOCK_BEHIND"):
            bench.device.inspection_imprint("i1", moment)
        with refuses("CLOCK_BEHIND"):
            bench.device.request_rollover(moment)
    bench.piece("on-time", NOON + timedelta(days=3))


@EVERY_PLACE
@pytest.mark.law("PSD-6")
def test_the_same_moment_in_another_place_is_not_earlier(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    honolulu = NOON.astimezone(timezone(timedelta(hours=-10)))
    assert bench.piece("p", honolulu).content.date_of_mailing == date(2026, 11, 23)
    midnight = datetime(2026, 11, 24, 3, tzinfo=UTC).astimezone(timezone(timedelta(hours=-10)))
    assert bench.piece("q", midnight).content.date_of_mailing == date(2026, 11, 23)


@EVERY_PLACE
@pytest.mark.law("PSD-6")
def test_a_refused_request_does_not_move_the_clock(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    with refuses("WATCHDOG_EXPIRED"):
        bench.piece("far-ahead", PAST)
    with refuses("EXCEEDS_DESCENDING"):
        bench.piece("too-dear", NOON + timedelta(days=1), 1_000_000)
    bench.piece("now", NOON)


@EVERY_PLACE
@pytest.mark.law("PSD-6")
@pytest.mark.parametrize(("seconds", "iscorrected"), [(300, True), (301, False)])
def test_only_an_audit_receipt_corrects_the_clock_and_only_so_far(
    kind: PlaceKind, tmp_path: Path, seconds: int, iscorrected: bool
) -> None:
    bench = operational(kind(tmp_path).create())
    ahead = NOON + timedelta(hours=1)
    bench.piece("ahead", ahead)
    right = ahead - timedelta(seconds=seconds)
    report = bench.device.audit(right)
    assert signing.unverified(report, AuditReport).issued_at == instant_text(right)
    receipt = bench.outside.audit_receipt(report, right)
    with refuses("CLOCK_BEHIND"):
        bench.piece("p", right)
    if iscorrected:
        bench.device.apply_audit_receipt(receipt, right)
        assert bench.piece("p", right).registers.piece_count == 2
        with refuses("CLOCK_BEHIND"):
            bench.piece("q", right - timedelta(seconds=1))
    else:
        with refuses("CLOCK_BEYOND_TOLERANCE"):
            bench.device.apply_audit_receipt(receipt, right)
        with refuses("CLOCK_BEHIND"):
            bench.piece("p", right)


@EVERY_PLACE
@pytest.mark.law("PSD-6")
def test_a_receipt_does_not_turn_a_right_clock_back(kind: PlaceKind, tmp_path: Path) -> None:
    bench = operational(kind(tmp_path).create())
    later = NOON + timedelta(minutes=1)
    report = bench.device.audit(NOON)
    slow = bench.outside.audit_receipt(report, NOON - timedelta(minutes=4))
    bench.device.apply_audit_receipt(slow, later)
    with refuses("CLOCK_BEHIND"):
        bench.piece("p", NOON)
    bench.piece("p", later)


@EVERY_PLACE
@pytest.mark.duty("R97-P050.4.7-1", "R97-P050.4.7-2")
@pytest.mark.parametrize(
    ("days", "code"),
    [(-1, "DATE_PAST"), (0, ""), (1, ""), (30, ""), (31, "DATE_TOO_FAR_AHEAD")],
)
def test_the_date_of_mailing_is_today_or_a_little_later(
    kind: PlaceKind, tmp_path: Path, days: int, code: str
) -> None:
    bench = operational(kind(tmp_path).create())
    day = NOON.date() + timedelta(days=days)
    request = EvidenceRequest("p", 320, day)
    if code:
        with refuses(code):
            bench.device.evidence(request, NOON)
    else:
        assert bench.device.evidence(request, NOON).content.date_of_mailing == day


@EVERY_PLACE
def test_nothing_is_dated_after_the_certificate_ends(kind: PlaceKind, tmp_path: Path) -> None:
    place = kind(tmp_path)
    bench = authorized(place.create())
    bench.reset(1_000, NOON)
    request = bench.device.request_rollover(NOON)
    bench.device.apply_rollover(bench.outside.rollover(request, NOON, days=10), NOON)
    last = NOON.date() + timedelta(days=10)
    bench.device.evidence(EvidenceRequest("last", 1, last), NOON)
    with refuses("CERTIFICATE_ENDED", str(last)):
        bench.device.evidence(EvidenceRequest("late", 1, last + timedelta(days=1)), NOON)
    assert "CERTIFICATE_NEAR_END" in {notice.code for notice in bench.device.warnings(NOON)}
