"""Attacks on files and folders: lists changed under a verifier, vaults, roots, endless files."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from franking.errors import Refused
from franking.home.devices import DevicePlace
from franking.home.root_reading import read_root_key
from franking.messages.signing import public_key_pem
from franking.psd.vault.software import SoftwareVault
from franking.verification import pages
from franking.verification.trust_format import MAGIC, ROW_LAYOUT
from franking.verification.trust_list import EndReason, TrustList, build
from franking.verification.verdict import Verdict
from franking.verification.verify import verify_payload
from tests.fixtures_psd import refuses
from tests.fixtures_verification import (
    NOW,
    OTHER_KEY,
    ROOT_KEY,
    SERIAL,
    ended,
    entry,
    signed,
)


def published(path: Path) -> TrustList:
    """A list of a good certificate and of an ended one, opened as a long-running verifier does."""
    stopped = entry(SERIAL + 1, ending=ended(EndReason.COMPROMISE))
    path.write_bytes(build((entry(), stopped), ROOT_KEY, issued=NOW, next_issue=NOW))
    return TrustList.open(path, ROOT_KEY.private_key.public_key())


def overwritten(path: Path, place: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        file.write(data)


# Trust lists -------------------------------------------------------------------------------------


def test_a_list_that_is_changed_after_it_was_checked_is_not_believed(tmp_path: Path) -> None:
    """Who can write the file cannot slip a key into a verifier that has it open."""
    path = tmp_path / "trust.list"
    trust = published(path)
    assert verify_payload(signed(), trust, NOW).verdict is Verdict.AUTHENTIC
    overwritten(path, len(MAGIC) + 12, OTHER_KEY.public_key[1:])
    trust.find.cache_clear()
    assert verify_payload(signed(OTHER_KEY), trust, NOW).verdict is Verdict.NOT_AUTHENTIC
    assert verify_payload(signed(), trust, NOW).verdict is Verdict.AUTHENTIC


def test_a_revocation_cannot_be_taken_back_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "trust.list"
    trust = published(path)
    overwritten(path, len(MAGIC) + 2 * ROW_LAYOUT.size, b"\0")
    piece = signed(certificate_serial=SERIAL + 1)
    assert verify_payload(piece, trust, NOW).verdict is Verdict.NOT_AUTHENTIC


def test_a_changed_file_is_refused_when_it_is_opened_or_read(tmp_path: Path) -> None:
    path = tmp_path / "trust.list"
    published(path)
    whole = path.read_bytes()
    for place in range(0, len(whole), 5):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(Refused, match="TRUST_LIST_"):
            list(TrustList.open(path, ROOT_KEY.private_key.public_key()).entries())
    for length in (0, 1, 100, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(Refused, match="TRUST_LIST_"):
            TrustList.open(path, ROOT_KEY.private_key.public_key())


@pytest.mark.parametrize("curve", [ec.SECP384R1(), ec.SECP256K1()], ids=lambda curve: curve.name)
def test_a_root_on_another_curve_is_no_root(tmp_path: Path, curve: ec.EllipticCurve) -> None:
    pinned = tmp_path / "root.pem"
    pinned.write_bytes(public_key_pem(ec.generate_private_key(curve).public_key()))
    with refuses("ROOT_KEY_UNREADABLE"):
        read_root_key(pinned)


# Vaults ------------------------------------------------------------------------------------------


def test_of_many_who_make_one_vault_at_once_one_does(tmp_path: Path) -> None:
    """Else the first would seal a root key under a master key that the second replaces."""
    path, together = tmp_path / "vault.json", threading.Barrier(8)
    made: list[SoftwareVault] = []
    told: list[str] = []

    def make() -> None:
        together.wait()
        try:
            made.append(SoftwareVault.create(path))
        except Refused as refused:
            told.append(refused.code)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == ["VAULT_EXISTS"] * 7
    sealed = made[0].generate("root")
    assert SoftwareVault.load(path).open(sealed.wrapped, "root").public_key == sealed.public_key
    assert os.listdir(tmp_path) == ["vault.json"]


def test_a_file_laid_out_for_the_vault_is_not_written_into(tmp_path: Path) -> None:
    """Neither a readable file nor a link to one: the master key would lie in it."""
    trap, path = tmp_path / "trap", tmp_path / "vault.json"
    trap.touch(mode=0o644)
    (tmp_path / "vault.json.new").symlink_to(trap)
    SoftwareVault.create(path).change_passphrase(None, "secret")
    assert trap.read_bytes() == b""
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_new_passphrase_leaves_no_copy_under_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "vault.json"
    vault = SoftwareVault.create(path)
    os.link(path, tmp_path / "vault.json.0123456789abcdef.new")  # killed between its two steps
    vault.change_passphrase(None, "secret")
    assert os.listdir(tmp_path) == ["vault.json"]


def test_a_vault_does_not_show_its_secret(tmp_path: Path) -> None:
    path = tmp_path / "vault.json"
    vault = SoftwareVault.create(path, "open sesame")
    secret = vault._master_key
    with pytest.raises(Refused) as refused:
        SoftwareVault.load(path, "open barley")
    shown = f"{vault!r}{vault}{refused.value!r}{refused.value}{refused.value.as_json()}"
    for word in (secret.hex(), repr(secret), "sesame", "barley"):
        assert word not in shown


# Names and files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "/etc", "a\\b", "a\0b", "a\n", "é", "-x", "a" * 65]
)
def test_a_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    with refuses("DEVICE_NAME_UNFIT"):
        DevicePlace(tmp_path, name)


def test_an_endless_file_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "FILE_BYTES_MAX", 10_000)
    with refuses("IMAGE_TOO_LARGE"):
        pages.file_bytes(Path("/dev/zero"))
