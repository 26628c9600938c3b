"""``franking cases``: what verifying mail made suspect, and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from franking.cli.answer import Answer
from franking.cli.cases_pictures import case_picture, list_picture, taken_words
from franking.cli.command import Desk, command, without_a_name
from franking.cli.progress import shown_while_running
from franking.errors import Refusal
from franking.home.irregularities import open_cases_of_night
from franking.postal.irregularities import commands
from franking.postal.irregularities.opening import Opened
from franking.postal.irregularities.records import IrregularityKind, Outcome, Party
from franking.postal.pieces.records import CaseKind
from franking.rules.permissions import Role
from franking.scans import suspicions

app = typer.Typer(help="Irregularities that verification found: look into them, and settle them.")

CASE_KIND_UNKNOWN = Refusal(
    "CASE_KIND_UNKNOWN",
    clause="policy",
    remedy=f"Choose one of: {', '.join([*IrregularityKind, *CaseKind])}.",
    http_status=422,
)
CASE_FILE_UNREADABLE = Refusal(
    "CASE_FILE_UNREADABLE",
    clause="policy",
    remedy="Name the file of suspicions that franking scans verify wrote beside its verdicts.",
    http_status=422,
)
CASE_NOT_WRITTEN = Refusal(
    "CASE_NOT_WRITTEN",
    clause="policy",
    remedy="Give a place that can be written, and ask again; the case is as it was.",
)
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The number of the case.")]
Everything = Annotated[bool, typer.Option("--all", help="Closed ones too.")]
Kind = Annotated[str, typer.Option(help="Only one kind: copied, cloned, 'rolled back'.")]
Device = Annotated[str, typer.Option(help="Only what is about this device.")]
Limit = Annotated[int, typer.Option(min=1, help="Show so many; --json gives all of them.")]
_SHOWN = 40
_UNSIGNED = (
    "nobody signed this file: have its scans verified here (franking scans verify) before anybody"
    " has to answer for them"
)


@without_a_name(app)
def register(desk: Desk) -> Answer:
    """Look into what verification found: duplicates, clones, rolled-back devices and the rest.

    Without a command, the open cases are listed.
    """
    return _listed(desk, everything=False, kind="", device="", limit=_SHOWN)


@command(app, "list")
def list_cases(
    desk: Desk,
    everything: Everything = False,
    kind: Kind = "",
    device: Device = "",
    limit: Limit = _SHOWN,
) -> Answer:
    """List the cases, oldest first: irregularities, and pieces that were refunded and mailed."""
    return _listed(desk, everything=everything, kind=kind, device=device, limit=limit)


@command(app, "show")
def show(desk: Desk, number: Number) -> Answer:
    """Show a case: its scans, how far they are apart, who may contest it, what was said and done.

    The distances are those of the signed records; write the records with `franking cases evidence`.
    """
    books = desk.postal_books(Role.POSTAL_INSPECTOR)
    found = commands.case_file(books, number)
    records = [commands.record_in(each) for each in found.evidence]
    data: dict[str, Any] = msgspec.to_builtins(found)
    del data["evidence"]
    data["records"] = msgspec.to_builtins(records)
    return Answer(data, case_picture(found, records))


@command(app, "map")
def draw_map(
    desk: Desk,
    number: Number,
    out: Annotated[Path, typer.Option(help="The picture to write, a PNG.")],
) -> Answer:
    """Draw the scans of a case: where on the map, when, and which contradict each other.

    Of several nights the last is drawn.
    """
    from franking.scans.case_map import draw_case  # Matplotlib

    books = desk.postal_books(Role.POSTAL_INSPECTOR)
    record = commands.record_in(commands.signed_records(books, number)[-1])
    pairs = [(each.first, each.second) for each in record.contradictions]
    draw_case(out, f"Case {number}: {record.subject}, {record.kind}", record.scans, pairs)
    data = {"case": number, "file": str(out), "scans": len(record.scans)}
    return Answer(data, f"{len(record.scans)} scans of case {number} are drawn in {out}.")


@command(app, "take")
def take(
    desk: Desk,
    file: Annotated[Path, typer.Argument(help="The suspicions of a night, as JSON.")],
) -> Answer:
    """Open the cases of a night that was verified elsewhere; the same night opens nothing twice.

    Nobody signs such a file: its cases, and their signed records, say whose word they rest on.
    """
    by = desk.actor(Role.POSTAL_INSPECTOR)
    evidence = suspicions.told(_bytes_of(file), by=str(by))
    total = len(evidence.suspicions)
    with shown_while_running(quiet=desk.as_json) as watcher:
        done = 0

        def step(count: int) -> None:
            nonlocal done
            done += count
            watcher.progress("suspicions", done, total)

        opened = open_cases_of_night(desk.home, evidence, by=by, progress=step)
    words = taken_words(opened, evidence.night)
    return Answer(_opened_json(opened), words, warnings=(_UNSIGNED,))


@command(app, "contest")
def contest(
    desk: Desk,
    number: Number,
    party: Annotated[Party, typer.Option("--party", help="Who contests it.")],
    grounds: Annotated[str, typer.Option(help="Why the case is wrong.")],
) -> Answer:
    """Contest a case, as its licensee or provider; the Postal Service owes an answer."""
    books = desk.postal_books(Role.MAILER)
    commands.contest_case(books, number, party=party, grounds=grounds, now=desk.home.now)
    found = commands.case_file(books, number)
    data = {"number": number, "party": party.value, "status": found.line.status}
    return Answer(data, f"Case {number} is contested by the {party}; an answer is owed.")


@command(app, "close")
def close(
    desk: Desk,
    number: Number,
    finding: Annotated[str, typer.Option(help="What was found.")],
    unfounded: Annotated[
        bool, typer.Option("--unfounded", help="Nothing was wrong; else the case is upheld.")
    ] = False,
    never_mailed: Annotated[
        bool,
        typer.Option(
            "--never-mailed", help="Of a refund after mailing: the scan was an error; refund it."
        ),
    ] = False,
) -> Answer:
    """Settle a case with its finding; what was said against it is answered by that."""
    line = commands.close_case(
        desk.postal_books(Role.POSTAL_INSPECTOR),
        number,
        outcome=Outcome.UNFOUNDED if unfounded else Outcome.UPHELD,
        finding=finding,
        never_mailed=never_mailed,
        now=desk.home.now,
    )
    outcome = "unfounded" if unfounded else "upheld"
    words = f"Case {number} about {line.subject} is closed as {outcome}: {finding}"
    return Answer(msgspec.to_builtins(line), words)


@command(app, "evidence")
def evidence_of(
    desk: Desk,
    number: Number,
    out: Annotated[Path, typer.Option(help="The folder to write into; made if it is not there.")],
) -> Answer:
    """Write the signed records of a case, one file a night, and the key to check them with.

    Each is a compact JWS (RFC 7515): whoever has the Postal Service's root key can check it.
    """
    books = desk.postal_books(Role.POSTAL_INSPECTOR)
    kept = commands.signed_records(books, number)
    files = {
        f"case-{number}-{place}-{each.night or 'anchors'}.jws": each.record.encode()
        for place, each in enumerate(kept, start=1)
    }
    files["root.pem"] = desk.home.own_root_key.read_bytes()
    _write_all(out, files)
    data = {"case": number, "folder": str(out), "files": list(files)}
    return Answer(data, f"{len(kept)} signed records of case {number} are in {out}.")


def _listed(desk: Desk, *, everything: bool, kind: str, device: str, limit: int) -> Answer:
    if kind and kind not in {*IrregularityKind, *CaseKind}:
        raise CASE_KIND_UNKNOWN.because(f"there are no cases of kind {kind!r}")
    books = desk.postal_books(Role.POSTAL_INSPECTOR)
    wanted = "".join(device.upper().split())
    lines = commands.list_cases(books, open_only=not everything, kind=kind, device=wanted)
    return Answer(msgspec.to_builtins(lines), list_picture(lines, limit))


def _opened_json(opened: Opened) -> dict[str, Any]:
    return {
        "suspicions": opened.suspicions,
        "cases": [each.number for each in opened.cases],
        "piece_cases": opened.piece_cases,
        "borne_out": opened.borne_out,
        "known": opened.known,
        "findings_only": opened.findings_only,
    }


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CASE_FILE_UNREADABLE.because(f"{file}: {error.strerror}") from error


def _write_all(folder: Path, files: dict[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise CASE_NOT_WRITTEN.because(f"{folder}: {error.strerror}") from error
