"""What every key vault promises, on keys in a file and on keys in a real SoftHSM2 token."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from franking.errors import InvariantBroken, Refused
from franking.indicium.signature import der_from_raw
from franking.messages.kinds import UnlockOrder
from franking.messages.signing import sign, verify
from franking.psd.vault.certification import signing_request
from franking.psd.vault.ecdsa import ORDER, public_key_object
from franking.psd.vault.port import KeyVault
from franking.psd.vault.software import SoftwareVault
from tests.fixtures_softhsm import fresh_vault

DEVICE = "FK1A0000000001"
OTHER = "FK1A0000000002"


@pytest.fixture(params=["software", "token"], scope="module")
def make_vault(request: pytest.FixtureRequest) -> Callable[[], KeyVault]:
    return cast(
        Callable[[], KeyVault],
        SoftwareVault.in_memory if request.param == "software" else fresh_vault,
    )


@pytest.fixture(scope="module")
def vault(make_vault: Callable[[], KeyVault]) -> KeyVault:
    return make_vault()


def verifies(point: bytes, data: bytes, raw: bytes) -> bool:
    try:
        public_key_object(point).verify(der_from_raw(raw), data, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


@pytest.mark.duty("R97-502.9(b)")
def test_a_generated_key_signs_what_its_public_key_verifies(vault: KeyVault) -> None:
    key = vault.generate(DEVICE)
    raw = vault.open(key.wrapped, DEVICE).sign(b"forty-nine bytes")
    assert len(key.public_key) == 65
    assert len(raw) == 64
    assert verifies(key.public_key, b"forty-nine bytes", raw)
    assert not verifies(key.public_key, b"other bytes", raw)


def test_signatures_always_have_low_s(vault: KeyVault) -> None:
    signer = vault.open(vault.generate(DEVICE).wrapped, DEVICE)
    signatures = signer.sign_many([bytes([n]) for n in range(64)])
    assert all(int.from_bytes(raw[32:]) <= ORDER // 2 for raw in signatures)


def test_many_signatures_come_in_the_order_asked(vault: KeyVault) -> None:
    key = vault.generate(DEVICE)
    asked = [b"one", b"two", b"three"]
    signatures = vault.open(key.wrapped, DEVICE).sign_many(iter(asked))
    assert [verifies(key.public_key, d, s) for d, s in zip(asked, signatures, strict=True)] == [
        True,
        True,
        True,
    ]


def test_every_key_is_another(vault: KeyVault) -> None:
    assert len({vault.generate(DEVICE).public_key for _ in range(5)}) == 5


def test_a_key_does_not_open_under_another_name(vault: KeyVault) -> None:
    key = vault.generate(DEVICE)
    with pytest.raises(Refused, match="VAULT_CANNOT_OPEN"):
        vault.open(key.wrapped, OTHER)


def test_a_key_does_not_open_in_another_vault(
    vault: KeyVault, make_vault: Callable[[], KeyVault]
) -> None:
    key = vault.generate(DEVICE)
    with pytest.raises(Refused, match="VAULT_CANNOT_OPEN"):
        make_vault().open(key.wrapped, DEVICE)


def test_no_altered_byte_of_a_sealed_key_goes_unnoticed(vault: KeyVault) -> None:
    wrapped = vault.generate(DEVICE).wrapped
    for position in range(0, len(wrapped), 9):
        altered = bytearray(wrapped)
        altered[position] ^= 1
        with pytest.raises(Refused, match="VAULT_CANNOT_OPEN"):
            vault.open(bytes(altered), DEVICE)


@pytest.mark.parametrize("garbage", [b"", b"FKS1", b"FKS1K", b"FKS1X" + bytes(60), bytes(130)])
def test_bytes_that_no_vault_sealed_are_refused(vault: KeyVault, garbage: bytes) -> None:
    with pytest.raises(Refused, match="VAULT_CANNOT_OPEN"):
        vault.open(garbage, DEVICE)
    with pytest.raises(Refused, match="VAULT_CANNOT_OPEN"):
        vault.open_secret(garbage, DEVICE)
    with pytest.raises(Refused, match="VAULT_CANNOT_OPEN"):
        vault.open_from_transport(garbage, DEVICE, "a passphrase")


@pytest.mark.parametrize("secret", [b"", b"k" * 32, bytes(range(256)) * 16])
def test_a_secret_comes_back_and_shows_nothing_sealed(vault: KeyVault, secret: bytes) -> None:
    sealed = vault.seal_secret(secret, DEVICE)
    assert vault.open_secret(sealed, DEVICE) == secret
    assert not secret or secret not in sealed
    with pytest.raises(Refused, match="VAULT_CANNOT_OPEN"):
        vault.open_secret(sealed, OTHER)


def test_a_secret_is_not_a_key_and_a_key_is_not_a_secret(vault: KeyVault) -> None:
    with pytest.raises(Refused, match="expected a sealed key, found a secret"):
        vault.open(vault.seal_secret(bytes(97), DEVICE), DEVICE)
    with pytest.raises(Refused, match="expected a sealed secret, found a key"):
        vault.open_secret(vault.generate(DEVICE).wrapped, DEVICE)


def test_a_key_given_up_signs_no_more(vault: KeyVault) -> None:
    signer = vault.open(vault.generate(DEVICE).wrapped, DEVICE)
    signer.sign(b"before")
    signer.forget()
    signer.forget()
    with pytest.raises(InvariantBroken, match="given up"):
        signer.sign(b"after")


def test_a_parcel_brings_the_same_key_back_under_its_passphrase_only(vault: KeyVault) -> None:
    key, secret = vault.generate(DEVICE), vault.seal_secret(b"chain key", DEVICE)
    parcel = vault.seal_for_transport(key.wrapped, DEVICE, "correct horse")
    arrived = vault.open_from_transport(parcel, DEVICE, "correct horse")
    assert verifies(key.public_key, b"x", vault.open(arrived, DEVICE).sign(b"x"))
    with pytest.raises(Refused, match="VAULT_PASSPHRASE_WRONG"):
        vault.open_from_transport(parcel, DEVICE, "battery staple")
    with pytest.raises(Refused, match="VAULT_PASSPHRASE_WRONG"):
        vault.open_from_transport(parcel, OTHER, "correct horse")
    parcel = vault.seal_for_transport(secret, DEVICE, "correct horse")
    assert (
        vault.open_secret(vault.open_from_transport(parcel, DEVICE, "correct horse"), DEVICE)
        == b"chain key"
    )


@pytest.mark.duty("R97-Pre-Key")
def test_a_device_asks_for_a_certificate_with_its_own_key_and_name(vault: KeyVault) -> None:
    key = vault.generate(DEVICE)
    request = x509.load_der_x509_csr(signing_request(vault.open(key.wrapped, DEVICE)))
    assert request.is_signature_valid
    assert request.subject.rfc4514_string() == f"CN={DEVICE}"
    point = request.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    assert point == key.public_key


def test_a_vault_key_signs_messages(vault: KeyVault) -> None:
    key = vault.generate("Franking")
    order = UnlockOrder(device=DEVICE, issued_at="2026-11-21T00:00:00Z", order=1, cause="ordered")
    text = sign(order, vault.open(key.wrapped, "Franking"))
    assert verify(text, UnlockOrder, public_key_object(key.public_key)) == order
