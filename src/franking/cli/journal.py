"""``franking journal``: sign its head, export it, check an export without the books."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from franking.cli.answer import Answer, facts
from franking.cli.books import KEEPERS, Domain, Sender
from franking.cli.command import Desk, command
from franking.errors import EXIT_BROKEN, EXIT_DONE, Refusal
from franking.home.reconciling import NOTES
from franking.psd.vault.ecdsa import public_key_object
from franking.psd.vault.port import VaultSigner
from franking.storage import Books
from franking.storage.checkpoints import (
    Checkpoint,
    checkpoints,
    prove_consistency,
    require_checkpoint,
    take_checkpoint,
)
from franking.storage.export import export_journal
from franking.storage.export_check import Verify, check_export, verifier

app = typer.Typer(help="What was done to every record, and its proof.", no_args_is_help=True)

EXPORT_UNREADABLE = Refusal(
    "EXPORT_UNREADABLE",
    clause="policy",
    remedy="Give a file that franking journal export wrote, and a public key as PEM.",
    http_status=422,
)
JOURNAL_NOT_WRITTEN = Refusal(
    "JOURNAL_NOT_WRITTEN",
    clause="policy",
    remedy="Give a place that can be written; the journal is as it was.",
)

OfDomain = Annotated[Sender, typer.Option("--domain", help="Whose journal.")]


@command(app, "checkpoint")
def checkpoint(desk: Desk, domain: OfDomain = Sender.PROVIDER) -> Answer:
    """Sign the head over every row. Keep the note away from the books: it tells what they had."""
    books, signer = _opened(desk, domain)
    taken = take_checkpoint(books, signer, desk.home.now)
    folder = desk.home.folder / NOTES
    key = public_key_object(signer.public_key)
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    file = folder / f"{domain}-{taken.number:06}.txt"
    try:
        folder.mkdir(exist_ok=True)
        file.write_text(taken.note, encoding="utf-8")
        (folder / f"{domain}.pem").write_bytes(pem)
    except OSError as error:
        raise JOURNAL_NOT_WRITTEN.because(f"{folder}: {error.strerror}") from error
    data = {**_told(taken), "note": str(file), "key": str(folder / f"{domain}.pem")}
    return Answer(data, facts("Checkpoint", data))


@command(app, "show")
def show(desk: Desk, domain: OfDomain = Sender.PROVIDER) -> Answer:
    """Check the whole journal in its books, and list its checkpoints."""
    books, _ = _opened(desk, domain)
    checked = books.check_journal()
    with books.reading() as reading:
        taken = checkpoints(reading, books.schema.journal, domain)
    data = {
        "rows": checked.entries,
        "head": checked.head,
        "faults": list(checked.faults),
        "checkpoints": [_told(one) for one in taken],
    }
    shown = {
        **data,
        "faults": "; ".join(checked.faults) or "none",
        "checkpoints": ", ".join(f"{one.number} ({one.size} rows, {one.at})" for one in taken)
        or "none",
    }
    return Answer(
        data, facts(f"Journal of the {domain}", shown), _exit_status(list(checked.faults))
    )


@command(app, "export")
def export(
    desk: Desk,
    file: Annotated[Path, typer.Argument(help="Where to: JSON lines.")],
    domain: OfDomain = Sender.PROVIDER,
) -> Answer:
    """Write the journal as lines of JSON, for whoever is to check it."""
    books, _ = _opened(desk, domain)
    lines = 0
    try:
        with books.reading() as reading, file.open("w", encoding="utf-8") as out:
            for line in export_journal(reading, books.schema):
                out.write(line)
                lines += 1
    except OSError as error:
        raise JOURNAL_NOT_WRITTEN.because(f"{file}: {error.strerror}") from error
    data = {"file": str(file), "lines": lines}
    return Answer(data, f"Wrote {lines} lines to {file}.")


@command(app, "verify")
def verify(
    _: Desk,
    export: Annotated[Path, typer.Argument(help="What franking journal export wrote.")],
    key: Annotated[
        Path | None, typer.Option(help="The signer's public key (PEM), to check checkpoints with.")
    ] = None,
) -> Answer:
    """Check an exported journal without any books: every chain, every checkpoint."""
    try:
        checked_with: Verify | None = verifier(key.read_bytes()) if key else None
        with export.open(encoding="utf-8", errors="replace") as lines:
            found = check_export(lines, checked_with)
    except (OSError, ValueError) as error:
        raise EXPORT_UNREADABLE.because(str(error)) from error
    data = {
        "domain": found.domain,
        "rows": found.rows,
        "records": found.records,
        "destroyed": found.destroyed,
        "checkpoints": found.checkpoints,
        "signatures": found.signatures,
        "after_checkpoint": found.after_checkpoint,
        "head": found.head,
        "faults": found.faults,
    }
    shown = {**data, "faults": "\n".join(found.faults) or "none"}
    unchecked = found.checkpoints and checked_with is None
    hint = ("The signatures were not checked: give --key.",) if unchecked else ()
    return Answer(data, facts("Export", shown), _exit_status(found.faults), hint)


@command(app, "prove")
def prove(
    desk: Desk,
    old: Annotated[int, typer.Option("--from", min=1, help="The earlier checkpoint.")],
    new: Annotated[int, typer.Option("--to", min=1, help="The later checkpoint.")],
    domain: OfDomain = Sender.PROVIDER,
) -> Answer:
    """Prove that a later checkpoint holds every row of an earlier one (RFC 6962, 2.1.2)."""
    books, _ = _opened(desk, domain)
    tables = books.schema.journal
    with books.reading() as reading:
        first, last = (require_checkpoint(reading, tables, domain, n) for n in (old, new))
        proof = prove_consistency(reading, tables, old=first, new=last)
    data = {
        "from": _told(first),
        "to": _told(last),
        "proof": [node.hex() for node in proof],
    }
    return Answer(data, "\n".join(data["proof"]) or "The proof is empty: nothing is between them.")


def _opened(desk: Desk, domain: Sender) -> tuple[Books, VaultSigner]:
    office = desk.home.provider if domain is Sender.PROVIDER else desk.home.postal
    return office.books.acting(desk.actor(KEEPERS[Domain(domain)])), office.signer


def _told(taken: Checkpoint) -> dict[str, Any]:
    return {
        "domain": taken.domain,
        "number": taken.number,
        "rows": taken.size,
        "root": taken.root,
        "at": taken.at,
    }


def _exit_status(faults: list[str]) -> int:
    return EXIT_BROKEN if faults else EXIT_DONE
