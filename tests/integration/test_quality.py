"""Mailpieces for quality assurance: read from the print, graded, answered (39 CFR 502.27)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from franking.docket import ObligationStatus
from franking.errors import Refused
from franking.postal.examinations import commands as postal
from franking.postal.examinations.records import ReferralGround
from franking.postal.licences.commands import require_licence
from franking.postal.licences.records import Licence, LicenceStatus
from franking.provider.quality import commands
from franking.provider.quality.grading import GUIDANCE, SEEN
from franking.provider.quality.records import CORRECTED, DENIED, MAILPIECE, Grade, GradedPiece
from franking.rules.permissions import Role
from franking.world.scanner import PALE_AND_SMEARED
from tests.fixtures_databases import DATABASES
from tests.fixtures_examinations import MAKER, Offices, at, licensed, offices_on
from tests.fixtures_prints import as_png, face, grey_dots, payload_of, scanned
from tests.fixtures_verification import DEVICE as DEVICE_ID
from tests.fixtures_verification import trust

DEVICE = str(DEVICE_ID)
SERVICE_FROM = date(1997, 11, 3)
TODAY = "1997-11-21"
DUE, DAY_AFTER = "1998-02-03", "1998-02-04"


@dataclass
class Desk:
    """A provider that evaluates the pieces of one PSD, and the Postal Service beside it."""

    offices: Offices
    licence: Licence
    folder: Path

    def picture(self, piece: int = 0) -> Path:
        """A scan of a clean print of the piece of that number."""
        path = self.folder / f"piece-{piece}.png"
        path.write_bytes(as_png(grey_dots(face(payload_of(piece)), 300)))
        return path

    def unreadable(self) -> Path:
        """A print of which nothing can be read."""
        path = self.folder / "unreadable.png"
        pixels = grey_dots(face(payload_of(0)), 300)
        pixels[:, pixels.shape[1] // 2 :] = 255
        path.write_bytes(as_png(pixels))
        return path

    def receive(self, picture: Path, day: str = TODAY, **more: Any) -> GradedPiece:
        """Evaluate a picture, and carry what follows."""
        maker = self.offices.maker
        piece = commands.receive_mailpiece(
            maker.books,
            maker.signer,
            serial=more.pop("serial", DEVICE),
            picture=picture,
            trust=trust(issued=at(day) - timedelta(days=1)),
            now=at(day),
            **more,
        )
        assert self.offices.carry(day) == []
        return piece

    def overdue(self, day: str = DAY_AFTER) -> None:
        """Sweep, and carry what follows."""
        self.offices.maker.sweep(day)
        assert self.offices.carry(day) == []

    @property
    def told(self) -> list[str]:
        """The kinds of what the licensee was told."""
        shown = commands.quality_view(self.offices.maker.service, DEVICE)["notices"]
        assert isinstance(shown, list)
        return [notice["kind"] for notice in shown]

    def owed(self, duty: str) -> ObligationStatus:
        """How the newest obligation of a duty stands."""
        return self.offices.maker.owed(duty, DEVICE).status


@pytest.fixture(params=DATABASES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    offices = offices_on(request.param, tmp_path)
    licence = licensed(offices)
    offices.maker.add_psd(DEVICE, licence, SERVICE_FROM)
    return Desk(offices, licence, tmp_path)


@pytest.mark.duty("R97-502.27-1", "R97-P050.2.5i")
def test_a_piece_is_due_three_months_after_initialization_and_after_each_piece(
    desk: Desk,
) -> None:
    assert desk.offices.maker.owed(MAILPIECE, DEVICE).due.isoformat() == DUE
    assert desk.receive(desk.picture()).grade is Grade.GOOD
    assert desk.offices.maker.owed(MAILPIECE, DEVICE).due.isoformat() == "1998-02-21"


@pytest.mark.duty("R97-Pre-QA")
def test_the_real_print_is_read_and_a_deficiency_told_to_both(desk: Desk) -> None:
    piece = desk.receive(desk.unreadable())
    assert [each.code for each in piece.deficiencies] == ["ILLEGIBLE"]
    assert desk.told == ["quality grading"]
    (report,) = postal.device_reports(desk.offices.service, provider=MAKER, serial=DEVICE)
    assert report["kind"] == "deficient mailpiece"
    assert desk.owed(MAILPIECE) is ObligationStatus.OPEN


@pytest.mark.duty("R97-Pre-QA")
def test_a_print_that_reads_only_with_effort_is_told_so(desk: Desk) -> None:
    poor = desk.folder / "poor.png"
    pixels = scanned(face(payload_of(1)), PALE_AND_SMEARED, dpi=300, seed=1)
    poor.write_bytes(as_png(pixels))
    piece = desk.receive(poor)
    assert [each.code for each in piece.deficiencies] == ["HARD TO READ"]
    assert piece.verdict == "authentic"


@pytest.mark.duty("R97-502.27-4")
def test_every_deficiency_comes_with_guidance(desk: Desk) -> None:
    piece = desk.receive(desk.picture(), seen=("FIM MISSING", "SMEARED"))
    assert piece.grade is Grade.DEFICIENT
    assert [each.guidance for each in piece.deficiencies] == [
        GUIDANCE["FIM MISSING"],
        GUIDANCE["SMEARED"],
    ]
    shown = commands.quality_view(desk.offices.maker.service, DEVICE)["notices"]
    assert isinstance(shown, list)
    assert GUIDANCE["SMEARED"] in shown[0]["text"]
    assert set(SEEN) <= set(GUIDANCE)


@pytest.mark.duty("R97-502.27-2")
def test_without_a_piece_all_resets_are_denied_and_the_licensee_is_told(desk: Desk) -> None:
    desk.overdue(DUE)
    assert desk.offices.maker.denied_for(DEVICE) == set()
    desk.overdue()
    assert DENIED in desk.offices.maker.denied_for(DEVICE)
    shown = commands.quality_view(desk.offices.maker.service, DEVICE)
    assert isinstance(shown["notices"], list)
    assert "all future resets" in shown["notices"][0]["text"]
    assert shown["resets_denied"] == f"no mailpiece came by {DUE}"


@pytest.mark.duty("R97-502.27-3")
def test_non_compliers_are_told_to_the_postal_service_which_can_revoke(desk: Desk) -> None:
    desk.overdue()
    referrals = postal.open_matters(desk.offices.service)["referrals"]
    number = next(
        each["number"] for each in referrals if each["ground"] == ReferralGround.NO_QUALITY_PIECE
    )
    assert isinstance(number, int)
    officer = desk.offices.acting(Role.LICENSING_OFFICER)
    postal.notify_removal(officer, desk.offices.signer, number=number, now=at(DAY_AFTER))
    with desk.offices.service.reading() as reading:
        assert require_licence(reading, desk.licence.number).status is LicenceStatus.NOTICED


def test_a_good_piece_lifts_the_denial_and_ends_the_referral(desk: Desk) -> None:
    desk.overdue()
    desk.receive(desk.picture(), DAY_AFTER)
    assert DENIED not in desk.offices.maker.denied_for(DEVICE)
    assert desk.told == ["resets denied", "resets allowed again"]
    left = postal.open_matters(desk.offices.service)["referrals"]
    assert ReferralGround.NO_QUALITY_PIECE not in {each["ground"] for each in left}


def test_a_deficient_piece_has_to_be_followed_by_a_better_one(desk: Desk) -> None:
    desk.receive(desk.picture(), seen=("SMEARED",))
    assert desk.owed(CORRECTED) is ObligationStatus.OPEN
    assert desk.offices.maker.denied_for(DEVICE) == set()
    desk.overdue("1998-01-05")
    assert DENIED in desk.offices.maker.denied_for(DEVICE)
    desk.receive(desk.picture(1), "1998-01-06", seen=("LOW CONTRAST",))
    assert DENIED in desk.offices.maker.denied_for(DEVICE)
    desk.receive(desk.picture(2), "1998-01-07")
    assert DENIED not in desk.offices.maker.denied_for(DEVICE)


class TestBadInput:
    def test_one_piece_is_evaluated_once(self, desk: Desk) -> None:
        desk.receive(desk.picture())
        with pytest.raises(Refused, match="PIECE_SENT_BEFORE"):
            desk.receive(desk.picture(), "1997-12-01")

    def test_a_piece_read_with_an_old_trust_list_of_ours(self, desk: Desk) -> None:
        maker = desk.offices.maker
        with pytest.raises(Refused, match="TRUST_LIST_TOO_OLD"):
            commands.receive_mailpiece(
                maker.books,
                maker.signer,
                serial=DEVICE,
                picture=desk.picture(),
                trust=trust(),
                now=at(DUE),
            )

    def test_a_piece_of_another_device(self, desk: Desk) -> None:
        other = "FK1A0000000077"
        desk.offices.maker.add_psd(other, desk.licence, SERVICE_FROM)
        with pytest.raises(Refused, match="PIECE_OF_ANOTHER_DEVICE"):
            desk.receive(desk.picture(), serial=other)

    def test_an_observation_that_nobody_grades(self, desk: Desk) -> None:
        with pytest.raises(Refused, match="OBSERVATION_UNKNOWN"):
            desk.receive(desk.picture(), seen=("UGLY",))

    def test_a_picture_that_is_not_there(self, desk: Desk) -> None:
        with pytest.raises(Refused, match="FILE_UNREADABLE"):
            desk.receive(desk.folder / "nothing.png")

    def test_a_meter_sends_none(self, desk: Desk) -> None:
        desk.offices.maker.add_meter("0100000001", desk.licence)
        with pytest.raises(Refused, match="PSD_ONLY"):
            desk.receive(desk.unreadable(), serial="0100000001")
