"""The register of approved designs: every drawing is as approved, and no other is printed."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from franking.errors import Refused
from franking.host import designs
from franking.host.corrections import correction_face, redate_face
from franking.host.designs import (
    Design,
    Mark,
    approved_designs,
    changed_designs,
    design_digest,
    require_design,
    specimens,
)
from franking.host.layouts import face_of
from franking.host.records import Shape, Symbology
from franking.host.specimens import specimen_bytes
from franking.host.test_prints import inspection_face, void_face
from franking.identifiers import DeviceId
from franking.marks import evidence
from franking.marks.evidence import Form, Style
from franking.marks.geometry import Drawing, Text
from tests.fixtures_host import DEVICE_ID, ON, a_piece, indicium_for, settings

IDS = [design.id for design in approved_designs()]
UNAPPROVED = DeviceId("ZZ", "9Z", 1)


def texts(drawing: Drawing, name: str) -> list[str]:
    """The words of one part of a drawing."""
    return [each.text for each in drawing.part(name).shapes if isinstance(each, Text)]


def unapproved_indicium() -> bytes:
    """An indicium of a model that nobody approved."""
    return specimen_bytes(UNAPPROVED, postage_mills=320, on=ON)


@pytest.mark.duty("R97-P050.4.1", "R95-P030.4.1", "R95-501.6(e)-1", "R95-501.6(f)-2")
def test_every_design_is_drawn_as_it_was_approved() -> None:
    assert [str(change) for change in changed_designs()] == []


def test_every_design_has_an_id_of_its_own_an_approval_and_models() -> None:
    assert len(set(IDS)) == len(IDS)
    assert all(design.approval and design.models for design in approved_designs())


@pytest.mark.duty("R95-501.6(e)-1", "R95-501.6(f)-2")
@pytest.mark.parametrize("design", approved_designs(), ids=IDS)
def test_a_design_has_its_elements_with_postmark_serial_and_maker(design: Design) -> None:
    office, mailed_from = specimens(design)[0], specimens(design)[-1]
    assert sorted(office.names()) == list(design.elements)
    assert texts(office, "device-id") == ["FK1A0000000001"]
    postmark = "".join(texts(office, "town-circle"))
    assert all(word in postmark for word in ("SPRINGFIELD", "IL 62701", "JUL 01", "1997"))
    assert "MAILEDFROMZIPCODE" in "".join(texts(mailed_from, "town-circle")).upper().replace(
        " ", ""
    )


@pytest.mark.duty("R97-P050.4.1")
def test_a_changed_drawing_is_found_and_told_what_it_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evidence, "HEADING", ("U.S.", "POST"))
    monkeypatch.setattr(evidence, "_AMOUNT_PT", 16.9)
    changed = {change.design.id: change for change in changed_designs()}
    assert set(changed) == set(IDS)
    assert "FD-I-DC version 1 is not drawn as approved: give" in str(changed["FD-I-DC"])
    assert changed["FD-I-DC"].digest in str(changed["FD-I-DC"])


def test_the_digest_does_not_hang_on_the_cells_of_a_symbol(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(designs, "_SPECIMEN_BYTES", bytes(113))
    assert changed_designs() == ()


def test_each_design_looks_different() -> None:
    assert len({design_digest(design) for design in approved_designs()}) == len(IDS)


@pytest.mark.duty("R97-P050.4.1", "R95-P030.4.1")
def test_an_unapproved_model_prints_nothing() -> None:
    used = settings("no10", Symbology.DATA_MATRIX)
    payload = unapproved_indicium()
    drawings: tuple[Callable[[], object], ...] = (
        lambda: face_of(a_piece(), payload, used),
        lambda: correction_face(payload, used),
        lambda: redate_face(UNAPPROVED, ON, used),
        lambda: void_face(UNAPPROVED, ON, used),
        lambda: inspection_face(payload, used),
    )
    for draw in drawings:
        with pytest.raises(Refused, match="DESIGN_NOT_APPROVED") as refused:
            draw()
        assert "model ZZ9Z" in refused.value.detail


def test_a_form_that_nobody_approved_is_refused() -> None:
    pillar = Style(symbology=Symbology.PDF417, form=Form.COLUMN)
    with pytest.raises(Refused, match="DESIGN_NOT_APPROVED"):
        require_design(Mark.INDICIUM, DEVICE_ID, pillar)
    wide = Style(symbology=Symbology.PDF417, form=Form.BANNER, columns=8)
    assert require_design(Mark.INDICIUM, DEVICE_ID, wide).id == "FD-I-PB"


def test_the_register_holds_every_form_that_a_layout_may_choose() -> None:
    for symbology in Symbology:
        for name, shape in (("no10", Shape.LETTER), ("label-4x3", Shape.PARCEL)):
            piece = a_piece(shape)
            face_of(piece, indicium_for(piece), settings(name, symbology))


def test_a_design_is_plain_data() -> None:
    first = approved_designs()[0]
    assert msgspec.json.decode(msgspec.json.encode(first), type=Design) == first
