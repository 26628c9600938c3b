"""The software vault's file, its passphrase, and its deterministic signatures."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from franking.errors import Refused
from franking.psd.vault.ecdsa import ORDER
from franking.psd.vault.software import SoftwareSigner, SoftwareVault

DEVICE = "FK1A0000000001"


@pytest.mark.law("PSD-4")
@pytest.mark.parametrize(
    ("message", "r", "s"),
    [
        (
            b"sample",
            0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716,
            0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8,
        ),
        (
            b"test",
            0xF1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367,
            0x019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083,
        ),
    ],
)
def test_signatures_are_those_of_rfc_6979_with_low_s(message: bytes, r: int, s: int) -> None:
    private = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
    key = ec.derive_private_key(private, ec.SECP256R1())
    raw = SoftwareSigner(key, name=DEVICE, public_key=b"").sign(message)
    assert int.from_bytes(raw[:32]) == r
    assert int.from_bytes(raw[32:]) == min(s, ORDER - s)


@pytest.mark.law("PSD-4")
def test_the_same_content_signed_after_a_restart_gives_the_same_bytes(tmp_path: Path) -> None:
    vault = SoftwareVault.create(tmp_path / "vault")
    wrapped = vault.generate(DEVICE).wrapped
    first = vault.open(wrapped, DEVICE).sign_many([b"a", b"b"])
    signer = SoftwareVault.load(tmp_path / "vault").open(wrapped, DEVICE)
    assert [signer.sign(b"a"), signer.sign(b"b")] == first


def test_a_world_with_a_seed_gets_the_same_keys_again() -> None:
    keys = [SoftwareVault.in_memory(random.Random(7).randbytes).generate(DEVICE) for _ in range(2)]
    assert keys[0] == keys[1]


def test_the_vault_file_is_its_owners_alone(tmp_path: Path) -> None:
    SoftwareVault.create(tmp_path / "vault", "secret words")
    assert (tmp_path / "vault").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["vault"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620])
def test_a_vault_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    SoftwareVault.create(tmp_path / "vault")
    (tmp_path / "vault").chmod(mode)
    with pytest.raises(Refused, match="VAULT_FILE_EXPOSED"):
        SoftwareVault.load(tmp_path / "vault")


def test_a_passphrase_opens_and_nothing_else_does(tmp_path: Path) -> None:
    wrapped = SoftwareVault.create(tmp_path / "vault", "caffè").generate(DEVICE).wrapped
    assert SoftwareVault.load(tmp_path / "vault", "caffe\u0300").open(wrapped, DEVICE)
    for wrong in ("caffe", "", None):
        with pytest.raises(Refused, match="VAULT_PASSPHRASE_WRONG"):
            SoftwareVault.load(tmp_path / "vault", wrong)


def test_a_passphrase_given_to_a_vault_without_one_is_refused(tmp_path: Path) -> None:
    SoftwareVault.create(tmp_path / "vault")
    with pytest.raises(Refused, match="has no passphrase"):
        SoftwareVault.load(tmp_path / "vault", "secret words")


def test_changing_the_passphrase_keeps_every_key(tmp_path: Path) -> None:
    vault = SoftwareVault.create(tmp_path / "vault", "first")
    wrapped = vault.generate(DEVICE).wrapped
    with pytest.raises(Refused, match="VAULT_PASSPHRASE_WRONG"):
        vault.change_passphrase("not first", "second")
    vault.change_passphrase("first", "second")
    with pytest.raises(Refused, match="VAULT_PASSPHRASE_WRONG"):
        SoftwareVault.load(tmp_path / "vault", "first")
    assert SoftwareVault.load(tmp_path / "vault", "second").open(wrapped, DEVICE)
    vault.change_passphrase("second", None)
    assert SoftwareVault.load(tmp_path / "vault").open(wrapped, DEVICE)


def test_the_master_key_is_not_in_a_file_with_a_passphrase(tmp_path: Path) -> None:
    SoftwareVault.create(tmp_path / "open")
    SoftwareVault.create(tmp_path / "closed", "secret words")
    assert set(json.loads((tmp_path / "open").read_text())) == {"format", "master_key"}
    assert set(json.loads((tmp_path / "closed").read_text())) == {"format", "parcel"}


def test_a_vault_is_not_made_over_another(tmp_path: Path) -> None:
    SoftwareVault.create(tmp_path / "vault")
    with pytest.raises(Refused, match="VAULT_EXISTS"):
        SoftwareVault.create(tmp_path / "vault")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not json",
        "[]",
        '{"format": "another"}',
        '{"format": "franking software vault 1", "master_key": "!!!"}',
        '{"format": "franking software vault 1", "master_key": "c2hvcnQ="}',
        '{"format": "franking software vault 1", "key": "c2hvcnQ="}',
        '{"format": "franking software vault 1", "master_key": 7}',
        '{"format": "franking software vault 1", "parcel": []}',
    ],
)
def test_a_damaged_vault_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "vault").write_text(content)
    (tmp_path / "vault").chmod(0o600)
    with pytest.raises(Refused, match="VAULT_UNREADABLE"):
        SoftwareVault.load(tmp_path / "vault")


def test_a_missing_vault_and_an_unwritable_place_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="VAULT_UNREADABLE"):
        SoftwareVault.load(tmp_path / "none")
    with pytest.raises(Refused, match="VAULT_UNREADABLE"):
        SoftwareVault.create(tmp_path / "no folder" / "vault")


def test_a_vault_in_memory_has_no_passphrase_to_change() -> None:
    with pytest.raises(Refused, match="has no file"):
        SoftwareVault.in_memory().change_passphrase(None, "x")
