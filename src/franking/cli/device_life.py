"""``franking device``, continued: orders, moves and the end of a device's life.

``franking.cli.device`` registers what stands in ``COMMANDS``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import typer

from franking.cli.answer import Answer
from franking.cli.command import Desk
from franking.errors import Refusal
from franking.home import moves, orders
from franking.home.devices import TokenPlace, passphrase_in
from franking.money import format_dollars

Name = Annotated[str, typer.Argument(metavar="DEVICE", help="The device's name in this home.")]
TokenLabel = Annotated[
    str | None, typer.Option("--token", help="Keep the keys in the PKCS#11 token of this label.")
]
TokenLibrary = Annotated[
    Path | None,
    typer.Option("--token-library", help="The token's PKCS#11 library; else SoftHSM2's."),
]
ParcelSecret = Annotated[
    Path, typer.Option(help="A file whose first line is the parcel's passphrase.")
]

ONE_PASSPHRASE_WANTED = Refusal(
    "ONE_PASSPHRASE_WANTED",
    clause="policy",
    remedy="Give either --new-passphrase-file or --remove.",
    http_status=422,
)


class KeyRisk(StrEnum):
    """What a person can report of a device that is not at hand."""

    LOST = "lost"
    STOLEN = "stolen"
    COMPROMISE = "compromise"


def token_place(label: str | None, library: Path | None) -> TokenPlace | None:
    """The token that a person named, if any.

    Raises:
        Refused: ``VAULT_UNREADABLE`` where no library is named and SoftHSM2 is not installed.
    """
    from franking.psd.vault.pkcs11 import softhsm_library

    if label is None:
        return None
    return TokenPlace(library=str(library or softhsm_library()), label=label)


def lock(
    desk: Desk,
    name: Name,
    cause: Annotated[str, typer.Option(help="Why; the same cause unlocks.")] = "ordered",
    clause: Annotated[str, typer.Option(help="The clause it rests on.")] = "39 CFR 502.21(i)",
) -> Answer:
    """Lock the device by a signed order of the provider: it evidences no more."""
    done = orders.lock(desk.home, name, cause=cause, clause=clause)
    return Answer(done, f"{name} is locked: {', '.join(done['locks'])}.")


def unlock(
    desk: Desk,
    name: Name,
    cause: Annotated[str, typer.Option(help="The cause that is gone.")] = "ordered",
) -> Answer:
    """Release one lock by a signed order of the provider; others stay."""
    done = orders.unlock(desk.home, name, cause=cause)
    left = ", ".join(done["locks"])
    return Answer(done, f"{name} is still locked: {left}." if left else f"{name} is unlocked.")


def withdraw(
    desk: Desk,
    name: Name,
    reason: Annotated[str, typer.Option(help="Why it is withdrawn.")] = "no longer wanted",
) -> Answer:
    """Withdraw the device for good: it locks and states its registers, signed (PSD-7)."""
    done = orders.withdraw(desk.home, name, reason=reason)
    return Answer(
        done,
        f"{name} is withdrawn with {format_dollars(done['descending_mills'])} in it.\n"
        f"Next, after examination: franking device clear {name} --examiner NAME",
    )


def clear(
    desk: Desk,
    name: Name,
    examiner: Annotated[str, typer.Option(help="Who examined the withdrawn device.")],
) -> Answer:
    """Clear a withdrawn, examined device: it gives up its value and destroys its key."""
    done = orders.clear(desk.home, name, examiner=examiner)
    return Answer(
        done, f"{name} is cleared; {format_dollars(done['withdrawn_mills'])} were withdrawn."
    )


def roll_over(desk: Desk, name: Name) -> Answer:
    """Give the device its next key and certificate; pieces of the old key stay verifiable."""
    done = orders.roll_over(desk.home, name)
    return Answer(done, f"{name} signs under certificate {done['certificate_serial']} now.")


def report(
    desk: Desk,
    name: Name,
    reason: Annotated[KeyRisk, typer.Option(help="What happened.")],
) -> Answer:
    """Report a device lost, stolen or compromised: the next trust list says so."""
    done = orders.report(desk.home, name, reason=reason.value)
    return Answer(done, f"Certificate {done['certificate_serial']} is reported: {reason.value}.")


def scrap(
    desk: Desk,
    name: Name,
    reason: Annotated[str, typer.Option(help="Why it is scrapped.")],
) -> Answer:
    """End a cleared or examined device for good: only its past can be read."""
    return Answer(orders.scrap(desk.home, name, reason=reason), f"{name} is scrapped.")


def examine(
    desk: Desk,
    name: Name,
    examiner: Annotated[str, typer.Option(help="Who examined it.")],
    finding: Annotated[str, typer.Option(help="What was found.")],
) -> Answer:
    """State what a device holds that cannot speak for itself; its service ends.

    Every verifier is told where its key ended (39 CFR 502.21(j)).
    """
    done = orders.examine(desk.home, name, examiner=examiner, finding=finding)
    return Answer(
        done,
        f"{name} was examined: ascending {format_dollars(done['ascending_mills'])}, "
        f"descending {format_dollars(done['descending_mills'])}.",
    )


def move_out(
    desk: Desk,
    name: Name,
    to: Annotated[Path, typer.Option(metavar="PARCEL", help="The file to leave in.")],
    passphrase_file: ParcelSecret,
) -> Answer:
    """Leave for another computer in a parcel, under a passphrase; here it can only be read."""
    secret = passphrase_in(passphrase_file)
    done = moves.move_out(desk.home, name, parcel=to, secret=secret)
    return Answer(
        done,
        f"{name} left in {to}.\nNext, there: franking device move-in NAME --from {to.name} "
        "--passphrase-file FILE",
    )


def move_in(
    desk: Desk,
    name: Name,
    parcel: Annotated[Path, typer.Option("--from", metavar="PARCEL", help="The file it left in.")],
    passphrase_file: ParcelSecret,
    token: TokenLabel = None,
    token_library: TokenLibrary = None,
) -> Answer:
    """Take in a device that left another computer; it evidences once it was audited here."""
    secret, place = passphrase_in(passphrase_file), token_place(token, token_library)
    done = moves.move_in(desk.home, name, parcel=parcel, secret=secret, token=place)
    return Answer(
        done, f"{name} is here, device {done['device_id']}.\nNext: franking device audit {name}"
    )


def passphrase(
    desk: Desk,
    name: Name,
    new_passphrase_file: Annotated[
        Path | None, typer.Option(help="A file whose first line is the new passphrase or PIN.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Want no passphrase any more.")] = False,
) -> Answer:
    """Change the passphrase over the device's keys, or its token's PIN.

    The former one is in the file that FRANKING_PASSPHRASE_FILE names.
    """
    if remove == (new_passphrase_file is not None):
        raise ONE_PASSPHRASE_WANTED.because("what to protect the keys with is not clear")
    new = None if new_passphrase_file is None else passphrase_in(new_passphrase_file)
    done = moves.change_passphrase(desk.home, name, new=new)
    words = "no passphrase protects" if new is None else "the new passphrase protects"
    return Answer(done, f"From now on {words} the keys of {name}.")


COMMANDS: Mapping[str, Callable[..., Answer]] = MappingProxyType(
    {
        "lock": lock,
        "unlock": unlock,
        "roll-over": roll_over,
        "report": report,
        "withdraw": withdraw,
        "clear": clear,
        "scrap": scrap,
        "examine": examine,
        "move-out": move_out,
        "move-in": move_in,
        "passphrase": passphrase,
    }
)
"""The commands of this module by name, in the order that ``--help`` shows."""
