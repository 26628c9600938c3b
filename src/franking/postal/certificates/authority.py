"""Commands on the root key itself: found it, open it, back it up, try the backup, restore it.

Each is a ceremony of the key management plan: a row of the journal under 39 CFR 502.9(e).
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from franking.errors import Refusal, Refused
from franking.identifiers import record_id
from franking.indicium.signature import verify_raw
from franking.postal.certificates import tables
from franking.postal.certificates.decisions import draft
from franking.postal.certificates.issuing import sign_certificate
from franking.postal.certificates.plan import KeyManagementPlan, present_plan
from franking.postal.certificates.records import (
    Authority,
    Certificate,
    CertificateKind,
    KeyDrill,
)
from franking.postal.schema import DOCKET
from franking.psd.vault.ecdsa import public_key_object
from franking.psd.vault.port import KeyVault, VaultSigner
from franking.rules import RuleSet, at
from franking.rules.calendars import months
from franking.rules.rulebooks import rulebook
from franking.storage import Act, Books, Reading, Work

CLAUSES = ("39 CFR 502.9(e) (1997)", "39 CFR 502.29 (1997)")
_RULEBOOK, _RULEBOOK_BEFORE = "ibip-1997", "meter-1995"
_ROOT_SERIAL = 1
DRILL_DUTY = "root key drill"
_DRILL = b"franking: drill of a restored root key"

AUTHORITY_FOUNDED = Refusal(
    "AUTHORITY_FOUNDED",
    clause=CLAUSES[0],
    remedy="Use the authority that these books hold; a root is made once.",
)
AUTHORITY_MISSING = Refusal(
    "AUTHORITY_MISSING",
    clause=CLAUSES[0],
    remedy="Found the authority first.",
)
KEY_PLAN_CHANGED = Refusal(
    "KEY_PLAN_CHANGED",
    clause=CLAUSES[1],
    remedy="Read the key management plan that came with this software, and adopt it or go back.",
)
BACKUP_OF_ANOTHER_KEY = Refusal(
    "BACKUP_OF_ANOTHER_KEY",
    clause=CLAUSES[0],
    remedy="Find the backup of this authority's root, and make a new backup now.",
)


def found_authority(
    books: Books,
    vault: KeyVault,
    *,
    name: str,
    now: datetime,
    plan: KeyManagementPlan | None = None,
) -> Authority:
    """Make the root key and its own certificate (the key ceremony).

    Raises:
        Refused: ``AUTHORITY_FOUNDED``, ``TOKEN_GONE``.
    """
    plan = plan or present_plan()
    with books.work(now, "found_authority") as work:
        if tables.find_authority(work) is not None:
            raise AUTHORITY_FOUNDED.because("these books have a root already")
        key = vault.generate(name)
        founded = Authority(
            name=name,
            serial=_ROOT_SERIAL,
            public_key=key.public_key,
            wrapped=key.wrapped,
            plan_version=plan.version,
            plan_digest=plan.digest,
        )
        tables.add_authority(work, founded)
        tables.add_certificate(work, _root_certificate(founded, vault, now))
        _expect_drill(work, name, now, because="the root was made")
        work.record(_act("found_authority", name, plan=plan.version, key=key.public_key.hex()))
    return founded


def key_rules(now: datetime) -> RuleSet:
    """The rules of keys on a day: those of the 1997 proposal, and before it our own policy.

    No document gives their numbers, so they are the same under every rulebook.
    """
    open_then = rulebook(_RULEBOOK).opens <= now.date()
    return at("device", _RULEBOOK if open_then else _RULEBOOK_BEFORE, now.date())


def is_founded(books: Books) -> bool:
    """Whether these books hold an authority."""
    with books.reading() as reading:
        return tables.find_authority(reading) is not None


def authority(books: Books) -> Authority:
    """The authority of these books.

    Raises:
        Refused: ``AUTHORITY_MISSING``.
    """
    with books.reading() as reading:
        return require_authority(reading)


def authority_signer(
    books: Books, vault: KeyVault, *, plan: KeyManagementPlan | None = None
) -> VaultSigner:
    """The root key, opened; for the plan that the books pin.

    Raises:
        Refused: ``AUTHORITY_MISSING``, ``KEY_PLAN_CHANGED``, ``VAULT_CANNOT_OPEN``,
            ``TOKEN_GONE``.
    """
    root, present = authority(books), plan or present_plan()
    if root.plan_digest != present.digest:
        raise KEY_PLAN_CHANGED.because(
            f"the books pin version {root.plan_version} of the plan, this is {present.version}"
        )
    return vault.open(root.wrapped, root.name)


def adopt_plan(books: Books, *, now: datetime, plan: KeyManagementPlan | None = None) -> None:
    """Work under another version of the key management plan from now on.

    Raises:
        Refused: ``AUTHORITY_MISSING``.
    """
    plan = plan or present_plan()
    with books.work(now, "adopt_plan") as work:
        root = require_authority(work)
        if root.plan_digest == plan.digest:
            return
        tables.change_authority(work, plan_version=plan.version, plan_digest=plan.digest)
        work.record(_act("adopt_plan", root.name, before=root.plan_version, after=plan.version))


def back_up_authority(books: Books, vault: KeyVault, *, passphrase: str, now: datetime) -> bytes:
    """The root key as a parcel under ``passphrase``, to be kept elsewhere.

    Raises:
        Refused: ``AUTHORITY_MISSING``, ``VAULT_CANNOT_OPEN``, ``TOKEN_GONE``.
    """
    with books.work(now, "back_up_authority") as work:
        root = require_authority(work)
        parcel = vault.seal_for_transport(root.wrapped, root.name, passphrase)
        work.record(_act("back_up_authority", root.name, parcel=_digest(parcel)))
    return parcel


def drill_restore(
    books: Books, spare: KeyVault, parcel: bytes, *, passphrase: str, now: datetime
) -> KeyDrill:
    """Restore the backup into a spare vault, sign with it, check, and throw it away.

    Raises:
        Refused: ``VAULT_PASSPHRASE_WRONG``, ``VAULT_CANNOT_OPEN``, ``BACKUP_OF_ANOTHER_KEY``.
    """
    with books.work(now, "drill_restore") as work:
        root = require_authority(work)
        _restored(root, spare, parcel, passphrase)
        wait = key_rules(now).whole("key_drill_months")
        drill = KeyDrill(at=now, next_by=months(now.date(), wait))
        tables.add_drill(work, drill)
        done, record = "the backup was restored and signed as the root", _record(root.name)
        DOCKET.satisfy(work, DRILL_DUTY, record=record, now=now, because=done)
        _expect_drill(work, root.name, now, because=done)
        work.record(_act("drill_restore", root.name, parcel=_digest(parcel)))
    return drill


def restore_authority(
    books: Books, vault: KeyVault, parcel: bytes, *, passphrase: str, now: datetime
) -> Authority:
    """Put the backed-up root key into ``vault``, and use it there from now on.

    Raises:
        Refused: as ``drill_restore``.
    """
    with books.work(now, "restore_authority") as work:
        root = require_authority(work)
        wrapped = _restored(root, vault, parcel, passphrase)
        tables.change_authority(work, wrapped=wrapped)
        work.record(_act("restore_authority", root.name, parcel=_digest(parcel)))
    return authority(books)


def require_authority(books: Reading) -> Authority:
    """The authority of these books, within a unit of work.

    Raises:
        Refused: ``AUTHORITY_MISSING``.
    """
    found = tables.find_authority(books)
    if found is None:
        raise AUTHORITY_MISSING.because("these books have no root")
    return found


def _root_certificate(founded: Authority, vault: KeyVault, now: datetime) -> Certificate:
    root = draft(
        CertificateKind.ROOT,
        subject=founded.name,
        provider="",
        public_key=founded.public_key,
        serial=founded.serial,
        rules=key_rules(now),
    )
    der = sign_certificate(root, vault.open(founded.wrapped, founded.name))
    return Certificate(
        serial=root.serial,
        kind=root.kind,
        subject=root.subject,
        provider=root.provider,
        public_key=root.public_key,
        first_day=root.first_day,
        last_day=root.last_day,
        der=der,
        request_digest=hashlib.sha256(der).hexdigest(),
    )


def _restored(root: Authority, vault: KeyVault, parcel: bytes, passphrase: str) -> bytes:
    wrapped = vault.open_from_transport(parcel, root.name, passphrase)
    signer = vault.open(wrapped, root.name)
    try:
        verify_raw(public_key_object(root.public_key), _DRILL, signer.sign(_DRILL))
    except Refused as error:
        raise BACKUP_OF_ANOTHER_KEY.because("its key does not sign as this root does") from error
    finally:
        signer.forget()
    return wrapped


def _expect_drill(work: Work, root: str, now: datetime, *, because: str) -> None:
    """Put the next drill on the docket."""
    DOCKET.open(
        work,
        DRILL_DUTY,
        record=_record(root),
        owed_by="Postal Service",
        rulebook=key_rules(now).rulebook,
        start=now.date(),
        now=now,
        because=because,
    )


def _record(root: str) -> str:
    return record_id("authority", root)


def _act(command: str, root: str, **inputs: object) -> Act:
    return Act(command=command, record=_record(root), clauses=CLAUSES, inputs=inputs)


def _digest(parcel: bytes) -> str:
    return hashlib.sha256(parcel).hexdigest()
