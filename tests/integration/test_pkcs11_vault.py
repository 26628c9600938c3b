"""The PKCS#11 vault on a real SoftHSM2: the token goes away, threads, two processes."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from franking.errors import Refused
from franking.indicium.signature import der_from_raw
from franking.psd.vault.ecdsa import public_key_object
from franking.psd.vault.pkcs11 import Pkcs11Vault, softhsm_library
from franking.psd.vault.software import SoftwareVault
from franking.psd.vault.token import SEALING_LABEL, WRAPPING_LABEL, Token, TokenKeys
from tests.fixtures_softhsm import (
    PIN,
    fresh_token,
    fresh_vault,
    softhsm_folder,
    tokens_carried_off,
)

DEVICE = "FK1A0000000001"


def require_valid(point: bytes, data: bytes, raw: bytes) -> None:
    public_key_object(point).verify(der_from_raw(raw), data, ec.ECDSA(SHA256()))


def test_a_token_that_goes_away_while_signing_refuses_and_recovers_when_it_is_back() -> None:
    vault = fresh_vault()
    key = vault.generate(DEVICE)
    signer = vault.open(key.wrapped, DEVICE)
    require_valid(key.public_key, b"before", signer.sign(b"before"))
    with tokens_carried_off():
        for _ in range(2):
            with pytest.raises(Refused, match="TOKEN_GONE") as refused:
                signer.sign(b"while away")
        assert "Connect the token" in refused.value.remedy
        with pytest.raises(Refused, match="TOKEN_GONE"):
            vault.generate(DEVICE)
        with pytest.raises(Refused, match="TOKEN_GONE"):
            vault.open(key.wrapped, DEVICE)
        with pytest.raises(Refused, match="TOKEN_GONE"):
            vault.seal_secret(b"x", DEVICE)
        with pytest.raises(Refused, match="TOKEN_GONE"):
            vault.change_passphrase(PIN, "97531")
    require_valid(key.public_key, b"after", signer.sign(b"after"))


def test_a_batch_during_which_the_token_goes_away_hands_out_nothing() -> None:
    vault = fresh_vault()
    signer = vault.open(vault.generate(DEVICE).wrapped, DEVICE)
    signer.sign(b"session object is there")
    token, released = vault._token, []

    def sign_then_lose(keys: TokenKeys) -> list[bytes]:
        signed = signer._signed(keys, [bytes(32)] * 3)
        assert len(signed) == 3
        with_keys_gone.enter_context(tokens_carried_off())
        return signed

    with ExitStack() as with_keys_gone, pytest.raises(Refused, match="TOKEN_GONE"):
        released.append(token.use(sign_then_lose))
    assert released == []


def test_a_key_given_up_while_the_token_is_away_is_gone() -> None:
    vault = fresh_vault()
    signer = vault.open(vault.generate(DEVICE).wrapped, DEVICE)
    signer.sign(b"before")
    with tokens_carried_off():
        signer.forget()


def test_threads_share_one_token_without_harm() -> None:
    vaults = [fresh_vault(), fresh_vault()]
    keys = [vault.generate(DEVICE) for vault in vaults]
    signers = [v.open(k.wrapped, DEVICE) for v, k in zip(vaults, keys, strict=True)]
    start = threading.Barrier(6)

    def work(worker: int) -> list[bytes]:
        start.wait()
        mine = [signers[worker % 2].sign(bytes([worker, n])) for n in range(60)]
        vaults[worker % 2].open_secret(vaults[worker % 2].seal_secret(b"s", DEVICE), DEVICE)
        return mine

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(work, range(6)))
    for worker, signatures in enumerate(results):
        for n, raw in enumerate(signatures):
            require_valid(keys[worker % 2].public_key, bytes([worker, n]), raw)


def test_two_processes_sign_with_one_key_at_the_same_time(tmp_path: Path) -> None:
    label = fresh_token()
    vault = Pkcs11Vault.create(softhsm_library(), label=label, pin=PIN)
    key = vault.generate(DEVICE)
    (tmp_path / "wrapped").write_bytes(key.wrapped)
    program = (
        "import sys; from pathlib import Path\n"
        "from franking.psd.vault.pkcs11 import Pkcs11Vault, softhsm_library\n"
        f"vault = Pkcs11Vault.load(softhsm_library(), label={label!r}, pin={PIN!r})\n"
        f"signer = vault.open(Path({str(tmp_path / 'wrapped')!r}).read_bytes(), {DEVICE!r})\n"
        "for n in range(100): print(signer.sign(b'%d' % n).hex())\n"
    )
    environment = {
        "SOFTHSM2_CONF": str(softhsm_folder() / "softhsm2.conf"),
        "PYTHONPATH": str(Path(__file__).parents[2] / "src"),
    }
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    signer = vault.open(key.wrapped, DEVICE)
    for n in range(100):
        require_valid(key.public_key, b"mine %d" % n, signer.sign(b"mine %d" % n))
    for process in running:
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        for n, line in enumerate(output.split()):
            require_valid(key.public_key, b"%d" % n, bytes.fromhex(line))
        assert len(output.split()) == 100


@pytest.mark.duty("R97-502.9(b)")
def test_device_keys_and_token_keys_never_leave_the_token_in_the_clear() -> None:
    vault = fresh_vault()
    signer = vault.open(vault.generate(DEVICE).wrapped, DEVICE)
    signer.sign(b"unwrapped now")

    def readable(keys: TokenKeys) -> list[object]:
        found = []
        for key, secret in (
            (signer._key, pkcs11.Attribute.VALUE),
            (keys.wrapping, pkcs11.Attribute.VALUE),
            (keys.sealing, pkcs11.Attribute.VALUE),
        ):
            try:
                found.append(key[secret])
            except pkcs11.exceptions.AttributeSensitive:
                continue
        return found

    assert vault._token.use(readable) == []


def test_the_wrapping_key_decrypts_nothing_and_the_sealing_key_wraps_nothing() -> None:
    keys = fresh_vault()._token.use(lambda keys: keys)
    allowed = {
        key.label: [
            attribute.name
            for attribute in (
                pkcs11.Attribute.WRAP,
                pkcs11.Attribute.UNWRAP,
                pkcs11.Attribute.ENCRYPT,
                pkcs11.Attribute.DECRYPT,
                pkcs11.Attribute.EXTRACTABLE,
            )
            if key[attribute]
        ]
        for key in (keys.wrapping, keys.sealing)
    }
    assert allowed == {WRAPPING_LABEL: ["WRAP", "UNWRAP"], SEALING_LABEL: ["ENCRYPT", "DECRYPT"]}


def test_a_wrong_pin_is_refused_before_and_after_the_right_one() -> None:
    label = fresh_token()
    with pytest.raises(Refused, match="VAULT_PASSPHRASE_WRONG"):
        Pkcs11Vault.create(softhsm_library(), label=label, pin="00000")
    vault = Pkcs11Vault.create(softhsm_library(), label=label, pin=PIN)
    with pytest.raises(Refused, match="VAULT_PASSPHRASE_WRONG"):
        Pkcs11Vault.load(softhsm_library(), label=label, pin="00000")
    assert vault.generate(DEVICE)


def test_a_changed_pin_is_the_pin_from_then_on() -> None:
    label = fresh_token()
    vault = Pkcs11Vault.create(softhsm_library(), label=label, pin=PIN)
    key = vault.generate(DEVICE)
    with pytest.raises(Refused, match="VAULT_PASSPHRASE_WRONG"):
        vault.change_passphrase("00000", "97531")
    with pytest.raises(Refused, match="before and after"):
        vault.change_passphrase(PIN, None)
    vault.change_passphrase(PIN, "97531")
    with pytest.raises(Refused, match="VAULT_PASSPHRASE_WRONG"):
        Pkcs11Vault.load(softhsm_library(), label=label, pin=PIN)
    again = Pkcs11Vault.load(softhsm_library(), label=label, pin="97531")
    require_valid(key.public_key, b"x", again.open(key.wrapped, DEVICE).sign(b"x"))


def test_a_token_that_is_not_there_or_is_empty_is_refused() -> None:
    softhsm_folder()
    with pytest.raises(Refused, match="TOKEN_GONE"):
        Pkcs11Vault.load(softhsm_library(), label="no such token", pin=PIN)
    with pytest.raises(Refused, match="holds no vault keys"):
        Pkcs11Vault.load(softhsm_library(), label=fresh_token(), pin=PIN)


def test_a_library_that_does_not_load_is_refused() -> None:
    with pytest.raises(Refused, match="VAULT_UNREADABLE"):
        Token(Path("/no/such/library.so"), label="x", pin=PIN)


def test_making_a_vault_again_keeps_its_keys() -> None:
    label = fresh_token()
    key = Pkcs11Vault.create(softhsm_library(), label=label, pin=PIN).generate(DEVICE)
    again = Pkcs11Vault.create(softhsm_library(), label=label, pin=PIN)
    require_valid(key.public_key, b"x", again.open(key.wrapped, DEVICE).sign(b"x"))


def test_a_key_born_in_a_token_never_enters_a_file_and_the_other_way_round() -> None:
    token, software = fresh_vault(), SoftwareVault.in_memory()
    parcel = token.seal_for_transport(token.generate(DEVICE).wrapped, DEVICE, "p")
    with pytest.raises(Refused, match="lives in a token"):
        software.open_from_transport(parcel, DEVICE, "p")
    parcel = software.seal_for_transport(software.generate(DEVICE).wrapped, DEVICE, "p")
    with pytest.raises(Refused, match="not born in a token"):
        token.open_from_transport(parcel, DEVICE, "p")


def test_a_fleet_of_devices_needs_no_room_in_the_token() -> None:
    vault = fresh_vault()
    keys = [vault.generate(f"FK1A{n:010d}") for n in range(20)]
    stored = vault._token.use(
        lambda connected: len(list(connected.session.get_objects({pkcs11.Attribute.TOKEN: True})))
    )
    assert len({key.public_key for key in keys}) == 20
    assert stored == 2
