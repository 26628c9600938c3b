"""Cases that nights of scans open: once, signed, contested, closed; on either database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from franking.clock import instant_text
from franking.errors import Refused
from franking.identifiers import record_id
from franking.messages.hosting import HostedHeads, JournalHead
from franking.messages.signing import verify
from franking.postal.anchors.hearing import take_heads
from franking.postal.irregularities import commands
from franking.postal.irregularities.opening import Opened, open_cases
from franking.postal.irregularities.records import ANSWER, LOOK_INTO, Outcome, Party
from franking.postal.irregularities.signed import IrregularityRecord
from franking.postal.pieces.marking import mark_refunded
from franking.postal.pieces.records import Piece
from franking.postal.schema import DOCKET, SCHEMA
from franking.psd.vault.ecdsa import public_key_object
from franking.rules.permissions import Role
from franking.scans.suspicions import NightEvidence, Suspicion, SuspicionKind
from franking.storage import Act, Actor, Books
from franking.verification.reasons import Reason
from tests.fixtures_databases import DATABASES, books_on
from tests.fixtures_postal import PROVIDER, PostalWorld, postal_world
from tests.fixtures_suspicions import DEVICE, MORNING, copied, evidence, seen, suspicion

INSPECTOR = Actor("Ida Noyes", Role.POSTAL_INSPECTOR)
MAILER = Actor("Ann Mailer", Role.MAILER)


@pytest.fixture
def world(tmp_path: Path) -> PostalWorld:
    made = postal_world(tmp_path)
    made.certify(DEVICE)
    return made


def take(world: PostalWorld, *suspicions: Suspicion, night: str = "1997-06-02") -> Opened:
    said = evidence(*suspicions, night=night)
    return open_cases(world.books.acting(INSPECTOR), said, world.signer, MORNING)


def lines(world: PostalWorld, *, open_only: bool = True) -> list[commands.CaseLine]:
    return commands.list_cases(world.books, open_only=open_only)


def record(world: PostalWorld, number: int) -> IrregularityRecord:
    (kept,) = commands.signed_records(world.books, number)
    return verify(kept.record, IrregularityRecord, public_key_object(world.signer.public_key))


def close(world: PostalWorld, number: int, finding: str = "a copier was found") -> None:
    books = world.books.acting(INSPECTOR)
    commands.close_case(books, number, outcome=Outcome.UPHELD, finding=finding, now=MORNING)


def test_a_copied_piece_opens_a_case_that_says_how_far_apart_its_scans_are(
    world: PostalWorld,
) -> None:
    opened = take(world, copied())
    (line,) = lines(world)
    assert [each.number for each in opened.cases] == [line.number]
    assert (line.kind, line.subject) == ("copied", f"{DEVICE}/3200")
    assert line.facts == "2 scans of 1 piece; 2,448 miles and 1.0 hours apart"


def test_the_record_is_signed_and_stands_by_itself(world: PostalWorld) -> None:
    take(world, copied())
    said = record(world, 1)
    assert (said.device, said.case, said.night) == (DEVICE, 1, "1997-06-02")
    assert [scan.place for scan in said.scans] == ["10001", "90001"]
    assert [scan.quality for scan in said.scans] == [62, 62]
    assert said.contradictions[0].hours == 1.0
    assert said.trust_list is not None
    assert (said.trust_list.number, said.trust_list.age_hours) == (12, 30.0)
    assert said.may_contest == [f"licensee: holder of {DEVICE}", f"provider: {PROVIDER}"]
    assert said.contest_by == "1997-07-03"
    assert "DMM P050.5.4 (1997)" in said.clauses
    assert said.files[0].name == "night.parquet"


def test_the_night_taken_in_again_opens_nothing_twice(world: PostalWorld) -> None:
    take(world, copied())
    again = take(world, copied())
    assert (again.cases, again.borne_out, again.known) == ([], [], 1)
    assert len(lines(world)) == 1
    close(world, 1)
    assert take(world, copied()).known == 1, "closed, and still the same night"


def test_the_same_night_judged_later_says_nothing_new(world: PostalWorld) -> None:
    take(world, copied())
    later = msgspec.structs.replace(
        evidence(copied()), judged_at=MORNING + timedelta(days=3), trust_list=15
    )
    assert open_cases(world.books, later, world.signer, MORNING).known == 1


def test_another_night_bears_out_the_case_that_stands(world: PostalWorld) -> None:
    clone = suspicion(SuspicionKind.CLONED, Reason.OVERLAP, seen(), seen(3300, row=1))
    take(world, clone)
    again = suspicion(SuspicionKind.CLONED, Reason.OVERLAP, seen(), seen(3300, row=2))
    more = take(world, again, night="1997-06-03")
    assert (more.cases, more.borne_out) == ([], [1])
    (line,) = lines(world)
    assert (line.nights, line.scans) == (2, 4)
    assert "$0.22 used twice" in line.facts


def test_a_closed_case_stays_closed_and_news_open_another(world: PostalWorld) -> None:
    take(world, copied())
    close(world, 1)
    take(world, copied(seen(), seen(hours=3, place="33101", row=9)), night="1997-06-04")
    assert [each.number for each in lines(world)] == [2]
    assert [each.number for each in lines(world, open_only=False)] == [1, 2]


def test_a_million_members_are_one_case_counted_in_full(world: PostalWorld) -> None:
    members = tuple(seen(hours=each / 100, row=each) for each in range(200))
    many = replace_count(copied(*members), 1_000_000)
    take(world, many)
    said = record(world, 1)
    assert (said.count, len(said.scans)) == (1_000_000, 64)
    assert lines(world)[0].scans == 1_000_000


def replace_count(given: Suspicion, count: int) -> Suspicion:
    return msgspec.structs.replace(given, count=count)


@pytest.mark.duty("R97-P050.5.3b")
@pytest.mark.parametrize(
    ("kind", "reason", "pieces", "cases"),
    [
        (SuspicionKind.WRONG_OFFICE, Reason.WRONG_OFFICE, 20, 0),
        (SuspicionKind.WRONG_OFFICE, Reason.WRONG_OFFICE, 21, 1),
        (SuspicionKind.SHORT_PAID, Reason.SHORT_PAID, 2, 0),
        (SuspicionKind.SHORT_PAID, Reason.SHORT_PAID, 3, 1),
        (SuspicionKind.OUTSIDE_DATE, Reason.DATE_IS_PAST, 2, 0),
        (SuspicionKind.OUTSIDE_DATE, Reason.DATE_IS_PAST, 3, 1),
        (SuspicionKind.DEVICE_MISSING, Reason.DEVICE_STOLEN, 1, 1),
        (SuspicionKind.VALUE_NOT_COVERED, Reason.CONTROL_TOTAL_DIFFERS, 1, 1),
    ],
)
def test_a_handful_stays_a_finding_and_more_open_a_case(
    world: PostalWorld, kind: SuspicionKind, reason: Reason, pieces: int, cases: int
) -> None:
    opened = take(world, suspicion(kind, reason, pieces=pieces, count=pieces))
    assert (len(opened.cases), opened.findings_only) == (cases, 1 - cases)
    assert opened.suspicions == 1


def test_every_kind_of_suspicion_has_a_kind_of_case(world: PostalWorld) -> None:
    every = [suspicion(kind, Reason.SIGNATURE_FALSE, count=50, pieces=50) for kind in SuspicionKind]
    assert len(take(world, *every).cases) == len(SuspicionKind)


def test_what_was_refunded_and_mailed_is_a_case_of_its_piece(world: PostalWorld) -> None:
    piece = Piece(device=DEVICE, ascending_mills=3200, postage_mills=320)
    refund(world.books, piece)
    found = suspicion(SuspicionKind.REFUNDED, Reason.REFUNDED)
    opened = take(world, copied(seen(6400), seen(6400, row=5)), found)
    assert (len(opened.cases), opened.piece_cases) == (1, [2])
    (copy, refunded) = lines(world)
    assert (copy.number, refunded.number) == (1, 2), "one register, one numbering"
    assert refunded.kind == "mailed after refund"
    assert record(world, 2).kind == "refunded yet mailed"
    assert take(world, found).known == 1
    close(world, 2)
    assert take(world, found).known == 1
    assert [each.number for each in lines(world)] == [1]


def test_a_case_about_a_refunded_piece_is_contested_as_any_other(world: PostalWorld) -> None:
    refund(world.books, Piece(device=DEVICE, ascending_mills=3200, postage_mills=320))
    take(world, suspicion(SuspicionKind.REFUNDED, Reason.REFUNDED))
    refuses("GROUNDS_MISSING", lambda: contest(world, Party.LICENSEE, ""))
    refuses("CONTEST_LATE", lambda: contest(world, Party.LICENSEE, "late", days=31))
    contest(world, Party.LICENSEE, "the refund was of another envelope")
    found = commands.case_file(world.books, 1)
    assert [each.grounds for each in found.contests] == ["the refund was of another envelope"]
    assert found.parties[1] == f"provider: {PROVIDER}"
    refuses("FINDING_MISSING", lambda: close(world, 1, " "))
    close(world, 1)
    refuses("PIECE_CASE_CLOSED", lambda: contest(world, Party.PROVIDER, "again"))
    with world.books.reading() as reading:
        answered = DOCKET.standing(reading, record=record_id("case", 1))
    assert [(each.duty, each.status.value) for each in answered] == [(ANSWER, "satisfied")]


def refund(books: Books, piece: Piece) -> None:
    with books.work(MORNING, "scan_mail", on=("refund:1",)) as work:
        mark_refunded(work, [piece], source="refund:1", provider="", now=MORNING)
        work.record(Act(record="refund:1"))


def test_a_case_is_on_the_docket_until_it_is_closed(world: PostalWorld) -> None:
    take(world, copied())
    with world.books.reading() as reading:
        (owed,) = DOCKET.standing(reading, record=record_id("case", 1))
    assert (owed.duty, owed.status.value, owed.due.isoformat()) == (
        LOOK_INTO,
        "open",
        "1997-07-03",
    )
    close(world, 1)
    with world.books.reading() as reading:
        (owed,) = DOCKET.standing(reading, record=record_id("case", 1))
    assert owed.status.value == "satisfied"


def test_a_contested_case_is_owed_an_answer(world: PostalWorld) -> None:
    take(world, copied())
    contest(world, Party.LICENSEE, "it was sent by two carriers")
    assert lines(world)[0].status == "contested"
    contest(world, Party.PROVIDER, "the key never left us")
    found = commands.case_file(world.books, 1)
    assert [each.party for each in found.contests] == [Party.LICENSEE, Party.PROVIDER]
    close(world, 1)
    with world.books.reading() as reading:
        owed = DOCKET.standing(reading, record=record_id("case", 1))
    assert {each.duty: each.status.value for each in owed} == {
        LOOK_INTO: "satisfied",
        ANSWER: "satisfied",
    }


def contest(world: PostalWorld, party: Party, grounds: str, *, days: int = 1) -> None:
    books = world.books.acting(MAILER)
    at = MORNING + timedelta(days=days)
    commands.contest_case(books, 1, party=party, grounds=grounds, now=at)


def test_what_cannot_be_contested_says_why(world: PostalWorld) -> None:
    take(world, copied(device="ZZZZ0000000009"))
    refuses("CONTEST_NOT_YOURS", lambda: contest(world, Party.PROVIDER, "not ours"))
    close(world, 1)
    refuses("CASE_CLOSED", lambda: contest(world, Party.PROVIDER, "not ours"))


def test_a_contest_needs_grounds_and_comes_in_time(world: PostalWorld) -> None:
    take(world, copied())
    refuses("GROUNDS_MISSING", lambda: contest(world, Party.LICENSEE, "  "))
    refuses("CONTEST_LATE", lambda: contest(world, Party.LICENSEE, "late", days=31))
    contest(world, Party.LICENSEE, "on the last day", days=30)


def test_a_case_is_closed_with_a_finding_once(world: PostalWorld) -> None:
    take(world, copied())
    refuses("CASE_FINDING_MISSING", lambda: close(world, 1, " "))
    close(world, 1)
    refuses("CASE_CLOSED", lambda: close(world, 1))
    refuses("CASE_UNKNOWN", lambda: close(world, 7))


def test_a_mailer_opens_and_closes_no_case(world: PostalWorld) -> None:
    mailer = world.books.acting(MAILER)
    said = evidence(copied())
    refuses("NOT_PERMITTED", lambda: open_cases(mailer, said, world.signer, MORNING))


def refuses(code: str, attempt: object) -> None:
    assert callable(attempt)
    with pytest.raises(Refused) as refused:
        attempt()
    assert refused.value.refusal.code == code


def heads(world: PostalWorld, sequence: int, mark: str) -> None:
    """The provider reports where the hosted journal of the device stands."""
    head = JournalHead(
        device=DEVICE, sequence=sequence, ascending_mills=10 * sequence, entry_hash=mark * 32
    )
    at = instant_text(MORNING)
    message = HostedHeads(device="", issued_at=at, sender=PROVIDER, heads=[head])
    with world.books.work(MORNING, "hear_HostedHeads") as work:
        take_heads(work, message, world.signer, MORNING)


def test_a_journal_that_forks_is_a_case_without_any_scan(world: PostalWorld) -> None:
    heads(world, 5, "aa")
    assert lines(world) == []
    for mark in ("bb", "bb", "cc"):
        heads(world, 5, mark)
    heads(world, 4, "aa")
    (line,) = lines(world)
    assert (line.kind, line.subject, line.scans) == ("journal forked", DEVICE, 0)
    assert line.facts == "forked: another entry 5 was anchored before"
    said = [each.facts for each in commands.signed_records(world.books, 1)]
    assert [each.partition(":")[0] for each in said] == ["forked", "went back"]
    close(world, 1)
    heads(world, 5, "bb")
    assert lines(world) == [], "looked into already"


def test_a_night_without_suspicions_opens_nothing(world: PostalWorld) -> None:
    assert take(world) == Opened()


def test_a_night_that_was_cut_short_is_taken_in_again_and_goes_on(world: PostalWorld) -> None:
    night = evidence(*(copied(seen(320 * each), seen(320 * each)) for each in range(1, 601)))

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_cases(world.books, night, world.signer, MORNING, stop)
    begun = len(lines(world))
    assert 0 < begun < 600
    opened = open_cases(world.books, night, world.signer, MORNING)
    assert (opened.known, len(opened.cases)) == (begun, 600 - begun)


@pytest.mark.parametrize("database", DATABASES)
def test_two_clerks_who_take_one_night_in_at_once_open_its_cases_once(
    database: str, tmp_path: Path, world: PostalWorld
) -> None:
    books = books_on(database, SCHEMA, tmp_path, by=INSPECTOR)
    night = evidence(
        *(copied(seen(320 * each), seen(320 * each, hours=1)) for each in range(1, 41))
    )
    with ThreadPoolExecutor(2) as clerks:
        both = [clerks.submit(open_cases, books, night, world.signer, MORNING) for _ in "ab"]
        told = [each.result() for each in both]
    assert sorted((len(each.cases), each.known) for each in told) == [(0, 40), (40, 0)]
    assert len(commands.list_cases(books)) == 40
    assert books.check_journal().faults == ()


def test_progress_counts_every_suspicion(world: PostalWorld) -> None:
    night: NightEvidence = evidence(
        *(copied(seen(320 * each), seen(320 * each, hours=1, row=1)) for each in range(1, 301))
    )
    steps: list[int] = []
    opened = open_cases(world.books, night, world.signer, MORNING, steps.append)
    assert sum(steps) == len(opened.cases) == 300
    assert [each.number for each in opened.cases] == list(range(1, 301))
    assert world.books.check_journal().faults == ()
