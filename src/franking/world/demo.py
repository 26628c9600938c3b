"""The demo: one mailer's day, from a licence to ten verified mailpieces and three frauds.

Everything is real and made on the spot: keys, certificates, signed messages, prints, readings.
The clock of its home is simulated, and stands on a day whose prices are all sourced. Each scene
tells what happened as it happens; who shows it is the caller's concern.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from msgspec.structs import replace

from franking.bank.records import Method
from franking.errors import Refusal
from franking.home import exchange, mailings
from franking.home.exchange import Applicant, Evidenced, PostOffice
from franking.home.home import Home, open_home
from franking.home.mailings import Mailing, Printed
from franking.home.settings import create_home
from franking.host.printing.records import JobTemplate
from franking.host.records import Address
from franking.host.render import to_file
from franking.host.tape import bare_indicium
from franking.indicium.content import CONTENT_BYTES, pack, unpack
from franking.money import format_dollars
from franking.psd.records import EvidenceRequest
from franking.verification.payload import Verification
from franking.verification.verify import copies_noted, verify_file

DEVICE, LOST_DEVICE = "front-office", "mail-room"
LIST, PIECES, LABEL, PICTURE, ZPL = (
    "mailing-list.csv",
    "envelopes.pdf",
    "parcel-label.pdf",
    "one-piece.png",
    "parcel-label.zpl",
)
_MARK = "franking-demo.txt"
_CLOCK = "2015-06-15T09:30:00"
_AMOUNT_MILLS = 50_000
_LETTER_MILLS, _RAISED_MILLS = 485, 20_000
_LABEL_LINE, _PICTURE_LINE = 10, 2
_DPI = 300

DEMO_FOLDER_IN_USE = Refusal(
    "DEMO_FOLDER_IN_USE",
    clause="policy",
    remedy="Give another folder: franking demo --dir FOLDER. Only a former demo is replaced.",
)

MAILER = Applicant(name="Larkspur Press", address="12 Haywood Street, Asheville NC 28801")
OFFICE = PostOffice(zip_code="28801", city="Asheville", state="NC")
RETURN_ADDRESS = Address(
    company="Larkspur Press",
    street="12 Haywood Street",
    city="Asheville",
    state="NC",
    zip_code="28801",
)


@dataclass(frozen=True, slots=True)
class Scene:
    """What happened: a title, facts by name, and what to look at."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    verifications: tuple[Verification, ...] = ()


def play(folder: Path) -> Iterator[Scene]:
    """Play the demo in ``folder``, scene by scene; a former demo there is replaced.

    Raises:
        Refused: ``DEMO_FOLDER_IN_USE``.
    """
    _make_room(folder)
    create_home(folder / "home", simulated_clock=True)
    home = open_home(folder / "home", now_text=_CLOCK)
    yield _authorities(home)
    yield _device(home, DEVICE)
    yield _reset(home)
    yield from _print(home, folder)
    yield _verify_prints(home, folder)
    yield from _frauds(home, folder)
    yield _registers(home)


def _make_room(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).exists():
            raise DEMO_FOLDER_IN_USE.because(f"{folder} holds something else than a former demo")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).write_text("Made by franking demo; the next demo replaces this folder.\n")
    source = resources.files("franking.world").joinpath(LIST)
    (folder / LIST).write_bytes(source.read_bytes())


def _authorities(home: Home) -> Scene:
    return Scene(
        "A postal authority, and a provider that it certifies",
        (
            ("authority", home.postal.signer.name),
            ("provider", home.provider.signer.name),
            ("day", f"{home.now:%A, %B %d, %Y} (this home's clock is simulated)"),
        ),
    )


def _device(home: Home, name: str) -> Scene:
    made = exchange.create_device(home, name)
    done = exchange.authorize(home, name, MAILER, OFFICE)
    return Scene(
        f"{MAILER.name} is licensed at {OFFICE.city}, and its device authorized",
        (
            ("licence", done["licence"]),
            ("device", made["device_id"]),
            ("certificate serial", str(done["certificate_serial"])),
            ("limit", format_dollars(done["limit_mills"])),
        ),
    )


def _reset(home: Home) -> Scene:
    done = exchange.reset(home, DEVICE, amount_mills=_AMOUNT_MILLS, pay=Method.WIRE)
    return Scene(
        "The mailer pays by wire, and the device is reset: signed request, grant, receipt",
        (
            ("credited", format_dollars(done["amount_mills"])),
            ("descending register", format_dollars(done["descending_mills"])),
            ("left on deposit", format_dollars(done["balance_mills"])),
        ),
    )


def _print(home: Home, folder: Path) -> Iterator[Scene]:
    mailing = Mailing(list_path=folder / LIST, template=_template(), device=DEVICE)
    rehearsal = mailings.rehearse(home, mailing)
    yield Scene(
        f"{rehearsal.pieces} pieces priced from the published list",
        (
            *((f"line {each.line}", f"{each.title}: {format_dollars(each.postage_mills)}")
              for each in rehearsal.prices),
            ("total", format_dollars(rehearsal.total_mills)),
        ),
    )  # fmt: skip
    whole = mailings.print_list(home, mailing, folder / PIECES)
    one = [_PICTURE_LINE]
    mailings.print_list(home, mailing, folder / PICTURE, lines=one)
    for file in (LABEL, ZPL):
        mailings.print_list(home, mailing, folder / file, lines=[_LABEL_LINE])
    yield Scene("Evidenced and printed", tuple(_printed(whole, folder)))


def _printed(done: Printed, folder: Path) -> Iterable[tuple[str, str]]:
    yield "pieces", str(done.pieces)
    yield "postage", format_dollars(done.total_mills)
    yield "descending register", format_dollars(done.descending_mills)
    yield "files", ", ".join((PIECES, LABEL, PICTURE, ZPL))


def _template() -> JobTemplate:
    return JobTemplate(return_address=RETURN_ADDRESS)


def _verify_prints(home: Home, folder: Path) -> Scene:
    found = verify_file(folder / PIECES, home.trust_list(), home.now)
    return Scene(f"{PIECES} rasterised, and every symbol read back", (), found)


def _frauds(home: Home, folder: Path) -> Iterator[Scene]:
    frauds = folder / "frauds"
    frauds.mkdir()
    copy = frauds / "copied.png"
    shutil.copyfile(folder / PICTURE, copy)
    yield Scene(
        "A copied piece: the original and the photocopy, side by side",
        (),
        _verified(home, [folder / PICTURE, copy]),
    )
    genuine = exchange.evidence(home, DEVICE, _request("a-genuine-piece"))
    altered = frauds / "altered.png"
    _draw(_altered(genuine), genuine, altered)
    yield Scene(
        "An altered piece: the amount raised from $0.485 to $20.00",
        (),
        _verified(home, [altered]),
    )
    yield _compromised(home, frauds)


def _compromised(home: Home, frauds: Path) -> Scene:
    _device(home, LOST_DEVICE)
    exchange.reset(home, LOST_DEVICE, amount_mills=_AMOUNT_MILLS, pay=Method.WIRE)
    piece = exchange.evidence(home, LOST_DEVICE, _request("before-the-theft"))
    file = frauds / "revoked.png"
    _draw(piece.indicium, piece, file)
    exchange.report(home, LOST_DEVICE, reason="compromise")
    return Scene(
        "A piece of a revoked key: reported compromised, on the next trust list",
        (),
        _verified(home, [file]),
    )


def _registers(home: Home) -> Scene:
    shown = exchange.show(home, DEVICE)
    ascending, descending = shown["ascending_mills"], shown["descending_mills"]
    return Scene(
        "The registers",
        (
            ("ascending", format_dollars(ascending)),
            ("descending", format_dollars(descending)),
            (
                "control total",
                f"{format_dollars(shown['control_total_mills'])}, all that was ever credited",
            ),
            ("pieces", str(shown["piece_count"])),
        ),
    )


def _request(request_id: str) -> EvidenceRequest:
    return EvidenceRequest(
        request_id=request_id,
        postage_mills=_LETTER_MILLS,
        destination="941332304",
        rate_category="FCLM",
    )


def _altered(genuine: Evidenced) -> bytes:
    """The same bytes with another amount, under the old signature."""
    content, signature = genuine.indicium[:CONTENT_BYTES], genuine.indicium[CONTENT_BYTES:]
    return pack(replace(unpack(content), postage_mills=_RAISED_MILLS)) + signature


def _draw(indicium: bytes, piece: Evidenced, file: Path) -> None:
    to_file.save([bare_indicium(indicium, piece.town, dpi=_DPI)], file, dpi=_DPI)


def _verified(home: Home, files: Iterable[Path]) -> tuple[Verification, ...]:
    listed = home.trust_list()
    return copies_noted(
        tuple(each for file in files for each in verify_file(file, listed, home.now))
    )
