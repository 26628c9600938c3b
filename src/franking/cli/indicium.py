"""``franking indicium``: what the bytes of an indicium say, believed or not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command
from franking.errors import Refusal
from franking.indicium.profiles import Decoded, decode

app = typer.Typer(help="What the bytes of an indicium say.", no_args_is_help=True)

HEX_UNREADABLE = Refusal(
    "HEX_UNREADABLE",
    clause="policy",
    remedy="Give the bytes as pairs of hexadecimal digits.",
    http_status=422,
)
ONE_SOURCE_WANTED = Refusal(
    "ONE_SOURCE_WANTED",
    clause="policy",
    remedy="Give either a file or --hex.",
    http_status=422,
)
NO_SYMBOL = Refusal(
    "NO_SYMBOL",
    clause="DMM P050.4.2 (1997)",
    remedy="Scan the upper right corner again, flat and at 300 dpi.",
    http_status=422,
)


@command(app, "decode")
def decode_command(
    _: Desk,
    file: Annotated[Path | None, typer.Argument(help="PNG, JPEG, PDF, raw bytes or hex.")] = None,
    hex_digits: Annotated[str | None, typer.Option("--hex", help="The bytes in hex.")] = None,
) -> Answer:
    """Decode an indicium of any known profile, and say what is odd about it.

    Nothing is verified: `franking verify` does that.
    """
    decoded = [decode(payload) for payload in _payloads(file, hex_digits)]
    data = [each.as_json() for each in decoded]
    return Answer(data[0] if len(data) == 1 else data, Group(*map(_picture, decoded)))


def _payloads(file: Path | None, hex_digits: str | None) -> tuple[bytes, ...]:
    if (file is None) == (hex_digits is None):
        raise ONE_SOURCE_WANTED.because("one thing to decode is wanted")
    if file is None:
        return (_bytes_of(hex_digits or ""),)
    from franking.verification.verify import payloads_in

    found = payloads_in(file)
    if not found:
        raise NO_SYMBOL.because(f"no symbol could be read in {file}")
    return found


def _bytes_of(digits: str) -> bytes:
    try:
        return bytes.fromhex(digits)
    except ValueError:
        raise HEX_UNREADABLE.because(f"{digits[:40]!r} is not hexadecimal") from None


def _picture(indicium: Decoded) -> Group:
    present, expected = indicium.signature_present, indicium.signature_expected
    table = facts(f"Profile {indicium.profile.value}", indicium.fields)
    table.add_row(Text("signature", style="dim"), f"{present} of {expected} bytes")
    problems = [Text(f"! {problem}", style="yellow") for problem in indicium.problems]
    return Group(table, *problems)
