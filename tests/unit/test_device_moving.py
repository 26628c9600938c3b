"""Moving a device: it is never usable in two places, and its past moves with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from franking.messages import signing
from franking.messages.kinds import AuditReport
from franking.psd import moving
from franking.psd.device import PostalSecurityDevice
from franking.psd.records import Status
from franking.psd.store import STORE_FAILING
from franking.psd.vault.software import SoftwareVault
from tests.fixtures_psd import NOON, Bench, operational, refuses
from tests.fixtures_stores import EVERY_PLACE, Place, PlaceKind

SECRET = "correct horse battery staple"


def moved(place: Place, parcel: Place, new: Place) -> tuple[Bench, Bench]:
    """A device that was moved: the bench it left, and the bench it came to."""
    old = operational(place.create())
    old.piece("before", NOON)
    leave(old, parcel)
    vault = SoftwareVault.in_memory()
    store = new.create()
    device = PostalSecurityDevice.move_in(parcel.open(), SECRET, store, vault, NOON)
    return old, Bench(device, old.outside, store, vault)


def leave(old: Bench, parcel: Place) -> None:
    """Move out into a parcel, which is then shut."""
    store = parcel.create()
    old.device.move_out(store, SECRET, NOON)
    store.close()


@EVERY_PLACE
@pytest.mark.law("PSD-5")
def test_a_moved_device_works_where_it_came_to_once_audited(
    kind: PlaceKind, tmp_path: Path
) -> None:
    old, new = moved(kind(tmp_path / "a"), kind(tmp_path / "p"), kind(tmp_path / "b"))
    assert new.piece("before", NOON) == old.piece("before", NOON)
    assert new.device.show(NOON)["locks"] == ["moved"]
    with refuses("DEVICE_LOCKED", "moved"):
        new.piece("after", NOON)
    report = new.device.audit(NOON)
    assert signing.unverified(report, AuditReport).locks == ["moved"]
    new.device.apply_audit_receipt(new.outside.audit_receipt(report, NOON), NOON)
    assert new.piece("after", NOON).content.ascending_mills == 640
    assert new.device.check(NOON) == ()


@EVERY_PLACE
@pytest.mark.parametrize("isrestarted", [False, True])
def test_where_it_left_only_its_past_can_be_read(
    kind: PlaceKind, tmp_path: Path, isrestarted: bool
) -> None:
    place = kind(tmp_path / "a")
    old, new = moved(place, kind(tmp_path / "p"), kind(tmp_path / "b"))
    if isrestarted:
        old.device.close()
        old.power_up(place.open(), NOON)
    assert set(old.store.load().keys) == {"journal"}
    assert old.piece("before", NOON) == new.piece("before", NOON)
    outside, device = old.outside, old.device
    asks: list[tuple[str, Callable[[], object]]] = [
        ("DEVICE_MOVED", lambda: old.piece("after", NOON)),
        ("DEVICE_MOVED", lambda: device.audit(NOON)),
        ("DEVICE_MOVED", lambda: device.request_reset(10, "r2", NOON)),
        ("DEVICE_MOVED", lambda: device.request_rollover(NOON)),
        ("DEVICE_MOVED", lambda: device.inspection_imprint("i", NOON)),
        ("DEVICE_MOVED", lambda: device.lock(outside.lock(NOON, order=2), NOON)),
        ("DEVICE_MOVED", lambda: device.withdraw(outside.withdrawal(NOON, order=2), NOON)),
        ("DEVICE_MOVED", lambda: device.close_reset(NOON)),
        ("DEVICE_MOVED", lambda: device.move_out(kind(tmp_path / "q").create(), SECRET, NOON)),
    ]
    for code, ask in asks:
        with refuses(code):
            ask()
    assert device.show(NOON)["moved_to"]


@EVERY_PLACE
def test_a_move_cut_short_leaves_the_old_place_sealed_and_is_done_again(
    kind: PlaceKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = kind(tmp_path / "a")
    old = operational(place.create())

    def power_fails(*_: object) -> None:
        raise STORE_FAILING.because("the power went")

    with monkeypatch.context() as cut:
        cut.setattr(moving, "_write_parcel", power_fails)
        with refuses("STORE_FAILING"):
            old.device.move_out(kind(tmp_path / "p").create(), SECRET, NOON)
    old.device.close()
    old.power_up(place.open(), NOON)
    with refuses("DEVICE_MOVED"):
        old.piece("after", NOON)
    parcel = kind(tmp_path / "p2")
    leave(old, parcel)
    vault, store = SoftwareVault.in_memory(), kind(tmp_path / "b").create()
    device = PostalSecurityDevice.move_in(parcel.open(), SECRET, store, vault, NOON)
    assert device.status is Status.OPERATIONAL
    assert device.registers == old.device.registers


@EVERY_PLACE
def test_a_parcel_needs_its_passphrase(kind: PlaceKind, tmp_path: Path) -> None:
    old = operational(kind(tmp_path / "a").create())
    parcel = kind(tmp_path / "p")
    leave(old, parcel)
    store = kind(tmp_path / "b").create()
    with refuses("VAULT_PASSPHRASE_WRONG"):
        PostalSecurityDevice.move_in(parcel.open(), "wrong", store, SoftwareVault.in_memory(), NOON)
    assert store.load().last_sequence == 0


@EVERY_PLACE
def test_an_altered_parcel_is_not_taken_in(kind: PlaceKind, tmp_path: Path) -> None:
    old = operational(kind(tmp_path / "a").create())
    parcel = kind(tmp_path / "p")
    leave(old, parcel)
    parcel.alter_entry(5, descending_mills=1)
    with refuses("PARCEL_UNREADABLE", "entry 5"):
        PostalSecurityDevice.move_in(
            parcel.open(), SECRET, kind(tmp_path / "b").create(), SoftwareVault.in_memory(), NOON
        )


@EVERY_PLACE
def test_a_device_that_has_not_left_is_no_parcel(kind: PlaceKind, tmp_path: Path) -> None:
    old = operational(kind(tmp_path / "a").create())
    vault = SoftwareVault.in_memory()
    with refuses("PARCEL_UNREADABLE"):
        PostalSecurityDevice.move_in(old.store, SECRET, kind(tmp_path / "b").create(), vault, NOON)
    with refuses("PARCEL_UNREADABLE"):
        PostalSecurityDevice.move_in(
            kind(tmp_path / "c").create(), SECRET, kind(tmp_path / "d").create(), vault, NOON
        )


@EVERY_PLACE
def test_a_device_does_not_move_onto_another(kind: PlaceKind, tmp_path: Path) -> None:
    one, two = operational(kind(tmp_path / "a").create()), kind(tmp_path / "b").create()
    operational(two)
    with refuses("DEVICE_EXISTS"):
        one.device.move_out(two, SECRET, NOON)
    one.piece("still-here", NOON)


@EVERY_PLACE
def test_of_a_parcel_that_arrived_twice_one_is_told_apart(kind: PlaceKind, tmp_path: Path) -> None:
    """Both copies ask for an audit with the same number; the provider can accept one journal."""
    old = operational(kind(tmp_path / "a").create())
    parcel = kind(tmp_path / "p")
    leave(old, parcel)
    benches = []
    for name in ("b", "c"):
        arrived, vault, store = parcel.open(), SoftwareVault.in_memory(), kind(tmp_path / name)
        made = store.create()
        device = PostalSecurityDevice.move_in(arrived, SECRET, made, vault, NOON)
        arrived.close()
        benches.append(Bench(device, old.outside, made, vault))
    one, two = benches
    one.audit(NOON)
    one.piece("p", NOON)
    two.device.audit(NOON)
    receipt = one.outside.audit_receipt(one.device.audit(NOON), NOON)
    two.device.audit(NOON)
    with refuses("AUDIT_RECEIPT_OF_ANOTHER_REPORT"):
        two.device.apply_audit_receipt(receipt, NOON)
    with refuses("DEVICE_LOCKED", "moved"):
        two.piece("p", NOON)
