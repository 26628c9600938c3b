"""The Postal Service certifies keys, hears what became of them, and tells every verifier."""

from __future__ import annotations

import sqlite3
from base64 import b64encode
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from franking.errors import Refused
from franking.messages.kinds import CertificateRequest
from franking.messages.signing import sign
from franking.postal.books import open_books
from franking.postal.certificates.authority import (
    adopt_plan,
    authority,
    authority_signer,
    back_up_authority,
    drill_restore,
    found_authority,
    restore_authority,
)
from franking.postal.certificates.commands import (
    certificate,
    certificates_of,
    certify_device,
    certify_provider,
    issue_revocation_list,
    publish_trust_list,
)
from franking.postal.certificates.plan import present_plan
from franking.postal.certificates.records import CertificateStatus
from franking.psd.vault.certification import signing_request, verified_certificate
from franking.psd.vault.ecdsa import public_key_object
from franking.psd.vault.port import VaultSigner
from franking.psd.vault.software import SoftwareVault
from franking.rules.permissions import Role
from franking.storage import Actor, Books
from franking.verification.trust_list import EndReason, Status, TrustList
from tests.fixtures_postal import AUTHORITY, NOW, PROVIDER, PostalWorld, postal_world
from tests.fixtures_softhsm import fresh_vault

DEVICE = "FK1A0000000001"
OTHER = "FK1A0000000002"


@pytest.fixture
def world(tmp_path: Path) -> PostalWorld:
    return postal_world(tmp_path)


def officer(books: Books) -> Books:
    return books.acting(Actor("Key Keeper", Role.AUTHORITY_OFFICER))


def asked_for(world: PostalWorld, device: str, key: VaultSigner) -> str:
    """A request issued on another day, for any device with any key."""
    message = CertificateRequest(
        device=device,
        issued_at="1997-06-03T00:00:00Z",
        provider=PROVIDER,
        signing_request=b64encode(signing_request(key)).decode(),
    )
    return sign(message, world.provider)


@pytest.mark.duty("R97-Pre-Key", "R97-502.9(e)")
def test_a_device_certificate_binds_device_key_and_days_under_the_root(world: PostalWorld) -> None:
    key = world.device_key(DEVICE)
    issued = certify_device(world.books, world.signer, world.request(key), NOW)
    facts = verified_certificate(issued.der, public_key_object(world.signer.public_key))
    assert (facts.subject, facts.serial, facts.public_key) == (
        DEVICE,
        issued.serial,
        key.public_key,
    )
    assert (facts.first_day, facts.last_day) == (date(1997, 6, 2), date(2000, 6, 2))
    assert 0 < facts.serial < 2**32


def test_certificates_are_x509_that_others_can_chain(world: PostalWorld) -> None:
    root = x509.load_der_x509_certificate(certificates_of(world.books, AUTHORITY)[0].der)
    issued = x509.load_der_x509_certificate(world.certify(DEVICE).der)
    issued.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not issued.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_the_same_request_gets_the_same_certificate(world: PostalWorld) -> None:
    request = world.request(world.device_key(DEVICE))
    first = certify_device(world.books, world.signer, request, NOW)
    again = certify_device(world.books, world.signer, request, NOW + timedelta(days=1))
    assert again == first
    assert certificates_of(world.books, DEVICE) == [first]


def test_a_key_is_certified_once_for_one_subject(world: PostalWorld) -> None:
    key = world.device_key(DEVICE)
    certify_device(world.books, world.signer, world.request(key), NOW)
    again = asked_for(world, DEVICE, key)
    with pytest.raises(Refused, match="KEY_CERTIFIED_BEFORE"):
        certify_device(world.books, world.signer, again, NOW)


def test_a_request_for_another_device_than_the_key_names_is_refused(world: PostalWorld) -> None:
    request = asked_for(world, OTHER, world.device_key(DEVICE))
    with pytest.raises(Refused, match="SUBJECT_WRONG"):
        certify_device(world.books, world.signer, request, NOW)


@pytest.mark.parametrize("garbage", [b"", b"not a request", bytes(300)])
def test_what_is_no_signing_request_is_refused(world: PostalWorld, garbage: bytes) -> None:
    message = CertificateRequest(
        device=DEVICE,
        issued_at="1997-06-03T00:00:00Z",
        provider=PROVIDER,
        signing_request=b64encode(garbage).decode(),
    )
    for request in (message, msgspec.structs.replace(message, signing_request="!")):
        with pytest.raises(Refused, match="SIGNING_REQUEST_FALSE"):
            certify_device(world.books, world.signer, sign(request, world.provider), NOW)


def test_only_a_certified_provider_may_ask(world: PostalWorld) -> None:
    stranger = world.device_key("A Stranger")
    request = world.request(world.device_key(DEVICE), provider=stranger)
    with pytest.raises(Refused, match="PROVIDER_NOT_CERTIFIED"):
        certify_device(world.books, world.signer, request, NOW)
    impostor = SoftwareVault.in_memory()
    false = impostor.open(impostor.generate(PROVIDER).wrapped, PROVIDER)
    request = world.request(world.device_key(DEVICE), provider=false)
    with pytest.raises(Refused, match="MESSAGE_SIGNATURE_FALSE"):
        certify_device(world.books, world.signer, request, NOW)


def test_a_providers_certificate_ends_and_another_key_takes_over(world: PostalWorld) -> None:
    with pytest.raises(Refused, match="PROVIDER_NOT_CERTIFIED"):
        world.certify(DEVICE, NOW.replace(year=2003))
    next_key = world.device_key(PROVIDER)
    certify_provider(
        world.books,
        world.signer,
        name=PROVIDER,
        signing_request=signing_request(next_key),
        now=NOW.replace(year=2001),
    )
    world.provider = next_key
    assert world.certify(DEVICE, NOW.replace(year=2003)).provider == PROVIDER


def test_another_provider_cannot_certify_or_end_this_providers_devices(world: PostalWorld) -> None:
    issued = world.certify(DEVICE)
    rival = world.device_key("A Rival")
    certify_provider(
        world.books, world.signer, name="A Rival", signing_request=signing_request(rival), now=NOW
    )
    with pytest.raises(Refused, match="DEVICE_OF_ANOTHER_PROVIDER"):
        certify_device(
            world.books, world.signer, world.request(world.device_key(DEVICE), provider=rival), NOW
        )
    world.provider = rival
    with pytest.raises(Refused, match="DEVICE_OF_ANOTHER_PROVIDER"):
        world.revoke(issued, "compromise")


def test_a_rollover_has_two_good_certificates_until_the_former_ends(world: PostalWorld) -> None:
    first, second = world.certify(DEVICE), world.certify(DEVICE)
    with pytest.raises(Refused, match="ROLLOVER_UNFINISHED"):
        world.certify(DEVICE)
    world.revoke(first, "rollover", 41_230)
    assert certificate(world.books, first.serial).status is CertificateStatus.ENDED
    assert certificate(world.books, second.serial).status is CertificateStatus.GOOD
    assert world.certify(DEVICE).serial == second.serial + 1


@pytest.mark.parametrize("reason", ["rollover", "withdrawn", "faulted"])
def test_an_end_that_was_read_states_its_final_ascending(world: PostalWorld, reason: str) -> None:
    issued = world.certify(DEVICE)
    with pytest.raises(Refused, match="FINAL_ASCENDING_MISSING"):
        world.revoke(issued, reason)
    with pytest.raises(Refused, match="FINAL_ASCENDING_MISSING"):
        world.revoke(issued, reason, -1)
    ended = world.revoke(issued, reason, 320)
    assert ended.ending is not None
    assert (ended.ending.reason, ended.ending.final_ascending_mills) == (EndReason(reason), 320)


def test_the_same_report_again_changes_nothing_and_another_is_refused(world: PostalWorld) -> None:
    issued = world.certify(DEVICE)
    ended = world.revoke(issued, "withdrawn", 320)
    assert world.revoke(issued, "withdrawn", 320, NOW + timedelta(days=9)) == ended
    with pytest.raises(Refused, match="CERTIFICATE_ENDED_BEFORE"):
        world.revoke(issued, "faulted", 640)


def test_a_lost_device_may_still_prove_stolen_keys(world: PostalWorld) -> None:
    issued = world.certify(DEVICE)
    assert world.revoke(issued, "lost").status is CertificateStatus.REPORTED
    assert world.revoke(issued, "withdrawn", 320).status is CertificateStatus.ENDED
    found = world.revoke(issued, "compromise")
    assert found.status is CertificateStatus.COMPROMISED
    assert found.ending is not None
    assert found.ending.final_ascending_mills == 320


@pytest.mark.parametrize("reason", ["", "retired", "GOOD"])
def test_a_report_needs_a_known_reason(world: PostalWorld, reason: str) -> None:
    with pytest.raises(Refused, match="REVOCATION_REASON_UNKNOWN"):
        world.revoke(world.certify(DEVICE), reason, 0)


def test_reports_on_unknown_certificates_and_on_the_root_are_refused(world: PostalWorld) -> None:
    issued = world.certify(DEVICE)
    with pytest.raises(Refused, match="CERTIFICATE_UNKNOWN"):
        world.revoke(replace(issued, serial=999), "lost")
    with pytest.raises(Refused, match="ROOT_DOES_NOT_END_SO"):
        world.revoke(certificates_of(world.books, AUTHORITY)[0], "compromise")
    with pytest.raises(Refused, match="SUBJECT_WRONG"):
        world.revoke(replace(issued, subject=OTHER), "lost")


@pytest.mark.duty("R97-Pre-Key")
def test_the_trust_list_tells_verifiers_what_became_of_every_key(
    world: PostalWorld, tmp_path: Path
) -> None:
    good, ended, lost = (world.certify(f"FK1A{n:010d}") for n in (1, 2, 3))
    world.revoke(ended, "withdrawn", 41_230)
    world.revoke(lost, "stolen")
    first = publish_trust_list(world.books, world.signer, tmp_path / "trust.list", NOW)
    trusted = TrustList.open(tmp_path / "trust.list", public_key_object(world.signer.public_key))
    assert (trusted.issue.number, trusted.count, first.certificates) == (1, 3, 3)
    found = {serial: trusted.find(serial) for serial in (good.serial, ended.serial, lost.serial)}
    assert [one.status for one in found.values() if one] == [
        Status.GOOD,
        Status.ENDED,
        Status.REPORTED,
    ]
    listed = found[ended.serial]
    assert listed is not None
    assert listed.entry.ending is not None
    assert listed.entry.ending.final_ascending_mills == 41_230
    assert trusted.find(world.provider_certificate.serial) is None
    assert not trusted.is_stale(NOW + timedelta(days=7))
    assert trusted.is_stale(NOW + timedelta(days=8))
    second = publish_trust_list(world.books, world.signer, tmp_path / "trust.list", NOW)
    assert second.number == 2


def test_a_trust_list_that_cannot_be_written_is_not_published(
    world: PostalWorld, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="TRUST_LIST_NOT_WRITTEN"):
        publish_trust_list(world.books, world.signer, tmp_path / "nowhere" / "list", NOW)
    assert publish_trust_list(world.books, world.signer, tmp_path / "list", NOW).number == 1


def test_the_revocation_list_is_signed_and_gives_reasons(world: PostalWorld) -> None:
    ended, bad, good = (world.certify(f"FK1A{n:010d}") for n in (1, 2, 3))
    world.revoke(ended, "rollover", 5)
    world.revoke(bad, "compromise")
    listed = x509.load_der_x509_crl(issue_revocation_list(world.books, world.signer, NOW))
    assert listed.is_signature_valid(public_key_object(world.signer.public_key))
    assert isinstance(listed.signature_hash_algorithm, SHA256)
    reasons = {
        one.serial_number: one.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
        for one in listed
    }
    assert reasons == {ended.serial: "superseded", bad.serial: "keyCompromise"}
    assert good.serial not in reasons
    number = x509.load_der_x509_crl(issue_revocation_list(world.books, world.signer, NOW))
    assert number.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 2


@pytest.mark.duty("R97-502.9(e)")
def test_every_key_ceremony_is_in_the_journal(world: PostalWorld) -> None:
    parcel = back_up_authority(officer(world.books), world.vault, passphrase="vault 7", now=NOW)
    drill = drill_restore(
        officer(world.books), SoftwareVault.in_memory(), parcel, passphrase="vault 7", now=NOW
    )
    assert drill.next_by == date(1998, 6, 2)
    rows = world.books.journal_rows()
    assert [row.command for row in rows] == [
        "found_authority",
        "certify_provider",
        "back_up_authority",
        "drill_restore",
    ]
    assert all("39 CFR 502.9(e) (1997)" in row.clauses for row in rows)
    assert world.books.check_journal().faults == ()


def test_a_restored_root_signs_what_the_old_one_signed(world: PostalWorld) -> None:
    parcel = back_up_authority(officer(world.books), world.vault, passphrase="vault 7", now=NOW)
    elsewhere = SoftwareVault.in_memory()
    with pytest.raises(Refused, match="VAULT_CANNOT_OPEN"):
        authority_signer(world.books, elsewhere)
    restore_authority(officer(world.books), elsewhere, parcel, passphrase="vault 7", now=NOW)
    world.signer = authority_signer(world.books, elsewhere)
    issued = world.certify(DEVICE)
    verified_certificate(issued.der, public_key_object(authority(world.books).public_key))


def test_a_false_backup_fails_its_drill(world: PostalWorld, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = postal_world(tmp_path / "other")
    other.vault._random = world.vault._random
    impostor = SoftwareVault.in_memory()
    key = impostor.generate(AUTHORITY)
    parcel = impostor.seal_for_transport(key.wrapped, AUTHORITY, "p")
    with pytest.raises(Refused, match="BACKUP_OF_ANOTHER_KEY"):
        drill_restore(
            officer(world.books), SoftwareVault.in_memory(), parcel, passphrase="p", now=NOW
        )
    with pytest.raises(Refused, match="VAULT_PASSPHRASE_WRONG"):
        drill_restore(
            officer(world.books), SoftwareVault.in_memory(), parcel, passphrase="q", now=NOW
        )


@pytest.mark.duty("R97-502.29")
def test_the_books_pin_the_key_management_plan_until_another_is_adopted(world: PostalWorld) -> None:
    plan = present_plan()
    assert {"generation", "rotation", "backup", "revocation"} <= dict(plan.provisions).keys()
    assert authority(world.books).plan_digest == plan.digest
    changed = replace(plan, version="2", digest="ab" * 32)
    with pytest.raises(Refused, match="KEY_PLAN_CHANGED"):
        authority_signer(world.books, world.vault, plan=changed)
    adopt_plan(world.books, now=NOW, plan=changed)
    adopt_plan(world.books, now=NOW, plan=changed)
    assert authority_signer(world.books, world.vault, plan=changed).name == AUTHORITY
    assert [row.command for row in world.books.journal_rows()].count("adopt_plan") == 1


def test_a_root_is_made_once(world: PostalWorld) -> None:
    with pytest.raises(Refused, match="AUTHORITY_FOUNDED"):
        found_authority(world.books, world.vault, name="Another", now=NOW)


def test_books_without_a_root_certify_nothing(tmp_path: Path) -> None:
    books = open_books(tmp_path / "empty.sqlite")
    with pytest.raises(Refused, match="AUTHORITY_MISSING"):
        authority(books)
    with pytest.raises(Refused, match="AUTHORITY_MISSING"):
        authority_signer(books, SoftwareVault.in_memory())


def test_a_root_in_a_token_does_all_of_it(tmp_path: Path) -> None:
    books, vault = open_books(tmp_path / "postal.sqlite"), fresh_vault()
    found_authority(books, vault, name=AUTHORITY, now=NOW)
    signer = authority_signer(books, vault)
    provider = SoftwareVault.in_memory()
    key = provider.open(provider.generate(PROVIDER).wrapped, PROVIDER)
    issued = certify_provider(
        books, signer, name=PROVIDER, signing_request=signing_request(key), now=NOW
    )
    verified_certificate(issued.der, public_key_object(signer.public_key))
    publish_trust_list(books, signer, tmp_path / "list", NOW)
    assert TrustList.open(tmp_path / "list", public_key_object(signer.public_key)).count == 0
    parcel = back_up_authority(officer(books), vault, passphrase="p", now=NOW)
    drill_restore(officer(books), vault, parcel, passphrase="p", now=NOW)


def test_the_database_itself_keeps_certificates_as_issued(
    world: PostalWorld, tmp_path: Path
) -> None:
    issued = world.certify(DEVICE)
    world.revoke(issued, "compromise")
    publish_trust_list(world.books, world.signer, tmp_path / "list", NOW)
    with sqlite3.connect(tmp_path / "postal.sqlite") as raw:
        for change in (
            "UPDATE certificates SET last_day = '2099-01-01'",
            "UPDATE certificates SET status = 'good', end_reason = NULL, ended_on = NULL"
            " WHERE status = 'compromised'",
            "DELETE FROM certificates",
            "UPDATE certificates SET status = 'ended' WHERE status = 'good'",
            "UPDATE trust_lists SET digest = ''",
        ):
            with pytest.raises(sqlite3.IntegrityError):
                raw.execute(change)
