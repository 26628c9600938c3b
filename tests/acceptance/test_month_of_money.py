"""A month in the life of mailers and their money, at the command line: 200 on SQLite.

On PostgreSQL sixty live through the same events; what their number proves is proven by then.

December 2008: a program of refunds that has just taken effect, a holiday, a Saturday's post. Every
day is closed, and no record of the same money may differ from another on any of them. At the end
an auditor that sees nothing but the exported journal says what every account must hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from franking.money import format_dollars
from franking.rules.calendars import BANKING
from tests.fixtures_cli import Program
from tests.fixtures_databases import DATABASES
from tests.fixtures_stories import prepared

MAILERS: Final = {"sqlite": 200, "postgresql": 60}
FIRST, LAST = date(2008, 12, 1), date(2008, 12, 31)
WAYS = ("ACH debit", "ACH credit", "wire transfer", "check", "cash", "debit card", "credit card")
OFFICES = tuple(f"288{number:02}" for number in range(1, 6))
RSE = ("--as", "manager, retail systems and equipment:Ruth Moss")
ANN, BEA = ("--as", "provider agent:Ann"), ("--as", "provider agent:Bea")
BANKING_DAYS = tuple(
    day
    for day in (FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1))
    if BANKING.is_business_day(day)
)


class Month:
    """The month so far."""

    def __init__(self, program: Program, folder: Path, mailers: int) -> None:
        self.program, self.folder, self.mailers = program, folder, mailers
        self.licences: list[str] = []
        self.accounts: list[str] = []
        self.pieces = 0
        self.kept = ""
        self.spoiled: list[Any] = []
        self.listed: list[Path] = []

    def __call__(self, *arguments: object) -> Any:
        """Run a command; what it answered."""
        return self.program.json(*arguments)

    def mailers_of(self, day: date) -> Iterator[int]:
        """The mailers whose turn it is on a banking day."""
        turn = BANKING_DAYS.index(day)
        return iter(range(turn, self.mailers, len(BANKING_DAYS)))

    def evidence(self, mailer: int, postage: str = "0.42") -> Any:
        """Evidence one piece; what was evidenced."""
        self.pieces += 1
        asked = ("--destination", "20500", "--request-id", f"piece-{self.pieces}")
        return self("device", "evidence", name(mailer), "--postage", postage, *asked)


def name(mailer: int) -> str:
    """What a mailer calls its device."""
    return f"d{mailer}"


def serial(mailer: int) -> str:
    """The ID of a mailer's device."""
    return f"FK1A{mailer + 1:010}"


def nobody_yet(_program: Program) -> None:
    """An empty home."""


@pytest.fixture(params=DATABASES)
def month(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Month:
    """The first of December: everybody is licensed, has a device, has paid and reset it."""
    program = prepared(nobody_yet, request.param).copied(tmp_path, monkeypatch)
    return Month(program, tmp_path, MAILERS[request.param])


@pytest.mark.duty(
    "R95-501.28(e)(3)-3", "R95-501.28(e)(4)-1", "R95-501.28(e)(8)-3", "R97-502.26(a)-2"
)
@pytest.mark.duty("R97-Pre-Recon", "R08-9.3.1a-5", "R08-9.3.3b-2")
def test_a_month_of_many_mailers_closes_to_zero_every_day(month: Month) -> None:
    everybody_begins(month)
    for day in BANKING_DAYS[1:]:
        morning(month, day)
        for mailer in month.mailers_of(day):
            an_ordinary_day(month, mailer)
        for event in EVENTS.get(day.day, ()):
            event(month)
    for day in (date(2009, 1, 2), date(2009, 1, 5)):
        morning(month, day)
    what_was_reported(month, what_an_auditor_finds(month))


# Every day ------------------------------------------------------------------------------------


def everybody_begins(month: Month) -> None:
    """Everybody is licensed, has a device authorized, pays one hundred dollars and resets fifty."""
    month("bank", "tend", "--now", "2008-12-01T09:30")
    month("treasury", "deposit", "500.00", "--because=the provider's wire")
    for mailer in range(month.mailers):
        office = ("--zip", OFFICES[mailer % len(OFFICES)], "--city=Asheville", "--state=NC")
        month("device", "create", name(mailer))
        told = month("device", "authorize", name(mailer), *office, "--licensee", f"Mailer {mailer}")
        month.licences.append(told["licence"])
        paid = month("pay", name(mailer), "100.00", "--method", WAYS[mailer % len(WAYS)])
        assert paid["balance_mills"] == 100_000
        month.accounts.append(paid["account"])
        reset = month("device", "reset", name(mailer), "--amount=50.00")
        assert (reset["descending_mills"], reset["balance_mills"]) == (50_000, 50_000)


def morning(month: Month, day: date) -> None:
    """The bank has closed and transferred; duties are swept; every day that has ended is closed."""
    month("bank", "tend", "--now", f"{day}T10:30")
    for domain in ("provider", "postal"):
        assert month("docket", "sweep", "--domain", domain)["stuck"] == []
    closed = month("close")
    assert [each["in_words"] for each in closed] == [[] for _ in closed]
    assert closed[-1]["day"] == (day - timedelta(days=1)).isoformat()
    assert month("treasury", "differences") == []
    assert all(not watch["alarm"] for watch in month("treasury", "transfers"))


def an_ordinary_day(month: Month, mailer: int) -> None:
    """A mailer evidences a piece, pays and resets twenty dollars; what is locked stays so."""
    if mailer < 20:
        return
    month.evidence(mailer)
    month("pay", name(mailer), "20.00", "--method", WAYS[mailer % len(WAYS)])
    month("device", "reset", name(mailer), "--amount=20.00")


# What happens besides ---------------------------------------------------------------------------


def a_check_comes_back(month: Month) -> None:
    """Presented twice, it is unpaid: the account is locked at once, until it is paid in full."""
    paid = month("pay", name(0), "30.00", "--method=check")
    reset = ("device", "reset", name(0), "--amount=5.00")
    assert month("bank", "return", paid["reference"])["state"] == "presented again"
    told(month)
    month(*reset)
    assert month("bank", "return", paid["reference"])["state"] == "unpaid"
    told(month)
    refused = month.program.refused(*reset)
    assert (refused["code"], refused["clause"]) == (
        "FUNDS_ACCOUNT_LOCKED",
        "39 CFR 501.28(e)(8) (1995)",
    )
    month.kept = paid["reference"]


def the_check_is_paid(month: Month) -> None:
    """Only the bank's word unlocks the account."""
    assert month("account", "show", name(0))["returned_mills"] == 30_000
    month("bank", "settle", month.kept)
    told(month)
    month("device", "reset", name(0), "--amount=5.00")


def a_debit_comes_back(month: Month) -> None:
    """An ACH debit that is returned locks the account as a check does."""
    paid = month("pay", name(7), "10.00", "--method=ACH debit")
    month("bank", "return", paid["reference"], "--unpaid")
    told(month)
    assert month("account", "show", name(7))["status"] == "locked"
    month("bank", "settle", paid["reference"])
    told(month)
    assert month("account", "show", name(7))["status"] == "open"


def nobody_knows_an_account(month: Month) -> None:
    """The money is in suspense until two people say whose it is."""
    month("bank", "receive", "99999999", "12.00", "--method=check")
    told(month)
    (waiting,) = month("funds", "payments", "--status=in suspense")
    because = "--because=its check names Mailer 1"
    proposed = month("funds", "assign", waiting["payment"], name(1), because, *ANN)
    own = month.program.refused("funds", "correct", "approve", proposed["correction"], *ANN)
    assert own["code"] == "SECOND_PERSON_NEEDED"
    month("funds", "correct", "approve", proposed["correction"], *BEA)
    assert month("account", "show", name(1))["balance_mills"] == 62_000


def the_provider_advances(month: Month) -> None:
    """Out of its own deposit, up to what was agreed; the next deposit repays it first."""
    reset = ("device", "reset", name(2), "--amount=90.00")
    assert month.program.refused(*reset)["code"] == "INSUFFICIENT_FUNDS"
    month("funds", "agree-advances", name(2), "60.00")
    month(*reset)
    assert month("funds", "advances")["advanced_mills"] == 40_000
    assert month("account", "show", name(2))["owed_mills"] == 40_000
    month("pay", name(2), "100.00")
    after = month("account", "show", name(2))
    assert (after["owed_mills"], after["balance_mills"]) == (0, 60_000)


def an_answer_is_lost(month: Month) -> None:
    """The process dies in a reset, again and again; one reset is charged and credited, once."""
    asked = ("device", "reset", name(3), "--amount=10.00", "--request-id=lost")
    for seconds in (0.02, 0.04, 0.06, 0.08):
        month.program.killed(*asked, after_seconds=seconds)
    done = month(*asked)
    assert (done["descending_mills"], done["balance_mills"]) == (60_000, 40_000)


def a_balance_is_asked_back(month: Month) -> None:
    """The lockbox bank has 48 hours."""
    assert month.program.refused("account", "refund", name(4))["code"] == "NOWHERE_TO_REFUND"
    there = ("--routing=099900027", "--bank-account=44", "--signed-by=Mailer 4")
    month("account", "authorize-debits", name(4), *there)
    assert month("account", "refund", name(4))["amount_mills"] == 50_000
    assert month.program.refused("device", "reset", name(4), "--amount=1.00")["code"] == (
        "INSUFFICIENT_FUNDS"
    )
    orders = month.folder / "orders.ach"
    assert len(month("funds", "send-orders", orders)["refunds"]) == 1


def the_balance_was_paid_back(month: Month) -> None:
    """In time, by the bank's own file."""
    (paid,) = month("funds", "refunds")
    assert (paid["status"], paid["paid_on"]) == ("paid", "2008-12-09")
    assert [each["late"] for each in month("treasury", "refunds")] == [False]


def systems_are_withdrawn(month: Month) -> None:
    """What they hold comes back as credit, as a check, or from the provider for USPS."""
    for mailer, payout in ((5, "credit"), (6, "check"), (8, "provider")):
        month("device", "withdraw", name(mailer))
        asked = ("--device", serial(mailer), "--licence", month.licences[mailer])
        case = month("refund", "file", "--what=unused value", *asked, "--payout", payout)["case"]
        unexamined = month.program.refused("refund", "decide", case)
        assert unexamined["code"] == "REFUND_SYSTEM_NOT_EXAMINED"
        month("device", "clear", name(mailer), "--examiner=Ira Ray")
        assert month("refund", "decide", case)["amount_mills"] == 50_000
    assert month("account", "show", month.accounts[5])["balance_mills"] == 100_000


def pieces_were_spoiled(month: Month) -> None:
    """With tracking, ten days from printing and by the provider; each piece once."""
    month.spoiled = [month.evidence(10, "1.00"), month.evidence(11, "1.00")]
    month("device", "audit", name(10))
    month("device", "audit", name(11))
    month.listed = [spoiled_list(month, mailer) for mailer in (10, 11)]


def on_the_tenth_day(month: Month) -> None:
    """In time; what a provider refunds it claims from the Postal Service, once."""
    case = spoiled(month, 10)
    decided = month("refund", "decide", case)
    assert (decided["status"], decided["amount_mills"]) == ("paid", 1_000)
    again = month("refund", "decide", spoiled(month, 10))
    assert (again["status"], again["amount_mills"]) == ("denied", 0)
    (claimed,) = month("refund", "claim")
    assert claimed["total_mills"] == 51_000
    assert month("refund", "claim") == []


def on_the_eleventh_day(month: Month) -> None:
    """Too late, and the mailer was told so before filing."""
    asked = ("--device", serial(11), "--pic=Delivery Confirmation", "--printed-on=2008-12-05")
    advice = month("refund", "advise", "--what=unused indicia", *asked, "--amount=1.00")
    assert advice["last_day"] == "2008-12-15"
    decided = month("refund", "decide", spoiled(month, 11))
    assert (decided["status"], decided["clause"]) == ("denied", "DMM 604.9.3.3b (2008)")


def a_device_registers_twice(month: Month) -> None:
    """Its redundant memories say what was used; the provider bears what its malfunction cost."""
    month.evidence(15, "10.00")
    month("adjustment", "defect", serial(15), "--defect=debits twice", "--by=Mailer 15")
    assert month.program.refused("device", "reset", name(15), "--amount=1.00")["code"] == (
        "RESET_DENIED"
    )
    month("device", "withdraw", name(15))
    month("device", "clear", name(15), "--examiner=Ira Ray")
    doubted = ("--began=2008-12-09", "--ended=2008-12-09", "--registered=10.00")
    memories = ("--memory=A=5.00/45.00", "--memory=B=5.00/45.00", "--fault=a bad counter")
    papers = ("--document=refund request=letter", "--document=PS Form 3602-A=copy")
    month("adjustment", "report", serial(15), *doubted, *memories, *papers)
    month("adjustment", "decide", 1, "--amount=5.00", "--because=as the memories say", *RSE)
    assert month("adjustment", "show", 1)["status"] == "settled"
    assert month("account", "show", month.accounts[15])["balance_mills"] == 55_000


def an_error_is_corrected(month: Month) -> None:
    """A counter-entry, proposed by one person and approved by another."""
    between = (f"deposits:{month.accounts[12]}", f"deposits:{month.accounts[13]}", "5.00")
    why = ("--because=credited to the wrong account", "--reference=payment of 1 December")
    proposed = month("funds", "correct", "propose", *between, *why, *ANN)
    month("funds", "correct", "approve", proposed["correction"], *BEA)
    assert month("account", "show", name(13))["balance_mills"] == 55_000


def told(month: Month) -> None:
    """The bank tells what happened."""
    month("bank", "transmit")
    month("bank", "deliver")


def spoiled(month: Month, mailer: int) -> str:
    """A request for the piece that a mailer spoiled."""
    listed = month.listed[mailer - 10]
    asked = ("--licence", month.licences[mailer], "--items", listed)
    return str(month("refund", "file", "--what=unused indicia", *asked)["case"])


def spoiled_list(month: Month, mailer: int) -> Path:
    """The list of the piece that a mailer spoiled."""
    piece = month.spoiled[mailer - 10]
    path = month.folder / f"spoiled-{mailer}.csv"
    columns = "device,postage,ascending,date,printed,pic,service"
    row = (
        serial(mailer),
        "1.00",
        format_dollars(piece["ascending_mills"]),
        "2008-12-05",
        "2008-12-05",
        f"91{mailer:020}",
    )
    path.write_text(f"{columns}\n{','.join(row)},Delivery Confirmation\n")
    return path


EVENTS: Final[dict[int, tuple[Callable[[Month], None], ...]]] = {
    2: (a_check_comes_back, nobody_knows_an_account),
    3: (the_provider_advances, an_answer_is_lost),
    4: (the_check_is_paid, systems_are_withdrawn),
    5: (pieces_were_spoiled, a_debit_comes_back),
    8: (a_balance_is_asked_back,),
    9: (a_device_registers_twice,),
    10: (the_balance_was_paid_back,),
    12: (an_error_is_corrected,),
    15: (on_the_tenth_day,),
    16: (on_the_eleventh_day,),
}


# The end of the month ---------------------------------------------------------------------------


def what_an_auditor_finds(month: Month) -> Any:
    """From the exported journal alone: no fault, and the same balances as the books."""
    exported = month.folder / "journal.jsonl"
    month("journal", "export", exported)
    found = month("ledger", "audit", exported)
    assert (found["faults"], found["compared"]) == ([], True)
    return found


def what_was_reported(month: Month, audited: Any) -> None:
    """Days, revenue by ZIP Code and statements add up to what the auditor found."""
    days = month("close", "list", "--from=2008-12-01")
    held = {each["kind"]: closing(each) for each in days[-1]["totals"]}
    assert not_zero(held) == not_zero(audited["totals"])
    granted = sum(
        moved["amount_mills"]
        for day in days
        for moved in day["movements"]
        if moved["kind"] == "grant"
    )
    revenue = month("report", "revenue", "--on=2008-12-15")
    assert [each["zip_code"] for each in revenue["lines"]] == list(OFFICES)
    assert sum(each["amount_mills"] for each in revenue["lines"]) == granted
    for mailer in (2, 4, 12, month.mailers - 1):
        number = month.accounts[mailer]
        lines = month("statement", "show", number, "--month=2008-12")["lines"]
        assert lines[-1]["balance_mills"] == audited["balances"][f"deposits:{number}"]


def not_zero(totals: dict[str, int]) -> dict[str, int]:
    """The kinds of accounts that hold something together."""
    return {kind: mills for kind, mills in totals.items() if mills}


def closing(total: dict[str, int]) -> int:
    """What the accounts of a kind stood at when a day ended."""
    return total["opening_mills"] + total["credits_mills"] - total["debits_mills"]
