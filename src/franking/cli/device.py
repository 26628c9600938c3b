"""``franking device``: make, fund, use, audit and withdraw postal security devices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from franking.cli import device_life
from franking.cli.answer import Answer, facts
from franking.cli.command import Desk, command
from franking.cli.device_life import Name, TokenLabel, TokenLibrary, token_place
from franking.cli.form import Drawn, require_drawable, with_paper
from franking.cli.inventory import show_history
from franking.cli.payment_methods import method_named
from franking.clock import parse_date
from franking.errors import EXIT_BROKEN, EXIT_DONE, Refused
from franking.home import exchange, imprints
from franking.home.devices import device_names
from franking.home.home import Home
from franking.host.records import Symbology
from franking.money import format_dollars, parse_dollars
from franking.psd.records import EvidenceRequest

app = typer.Typer(
    help="Make, fund, use, audit and withdraw postal security devices.", no_args_is_help=True
)

_MONEY = {
    "limit_mills": "limit",
    "ascending_mills": "ascending",
    "descending_mills": "descending",
    "control_total_mills": "control total",
}
_REST = (
    "status",
    "locks",
    "faults",
    "device_id",
    "profile",
    "system",
    "licence",
    "licence_zip",
    "pieces",
    "sequence",
    "journal_head",
    "watchdog_date",
    "certificate_ends",
)


@command(app, "create")
def create(
    desk: Desk,
    name: Name,
    profile: Annotated[str, typer.Option(help="ibip-1997 or meter-1995.")] = "ibip-1997",
    system: Annotated[str, typer.Option(help="open (a computer) or closed (a meter).")] = "open",
    token: TokenLabel = None,
    token_library: TokenLibrary = None,
) -> Answer:
    """Make a device and its key, and enrol it with the provider.

    Keys are sealed under a file in the device's folder, under the passphrase in the file that
    FRANKING_PASSPHRASE_FILE names, or in a PKCS#11 token (its PIN in that file).
    """
    where = token_place(token, token_library)
    made = exchange.create_device(desk.home, name, rulebook=profile, system=system, token=where)
    return Answer(
        made,
        f"Made {name}: device {made['device_id']}, enrolled with the provider.\n"
        f"Next: franking device authorize {name} --zip ZIP",
    )


@command(app, "authorize")
def authorize(
    desk: Desk,
    name: Name,
    zip_code: Annotated[str, typer.Option("--zip", help="ZIP Code of the licensing post office.")],
    city: Annotated[
        str, typer.Option(help='Its city; without it prints say "Mailed From ZIP Code".')
    ] = "",
    state: Annotated[str, typer.Option(help="Its state, two letters.")] = "",
    licensee: Annotated[str, typer.Option(help="Who uses the device.")] = "Mailer of this home",
    address: Annotated[str, typer.Option(help="The licensee's address.")] = "at this post office",
) -> Answer:
    """License the mailer at a post office and authorize the device there (DMM P050.3.1).

    One licence covers all devices of one mailer at one post office.
    """
    applicant = exchange.Applicant(name=licensee, address=address)
    office = exchange.PostOffice(zip_code=zip_code, city=city, state=state)
    done = exchange.authorize(desk.home, name, applicant, office)
    return Answer(
        done,
        f"{name} is {done['status']} under licence {done['licence']}, limit "
        f"{format_dollars(done['limit_mills'])}.\n"
        f"Next: franking device reset {name} --amount 50.00 --pay wire",
    )


@command(app, "history")
def history(
    desk: Desk,
    serial: Annotated[str, typer.Argument(metavar="SERIAL", help="Its serial, or its name here.")],
) -> Answer:
    """Show one device's whole life; each line says whether it was reported or signed."""
    if serial in device_names(desk.home.folder):
        serial = str(desk.home.existing(serial).shown(desk.home.now)["device_id"])
    return show_history(desk, serial)


@command(app, "reset")
def reset(
    desk: Desk,
    name: Name,
    amount: Annotated[str, typer.Option(help="Dollars, such as 50.00.")],
    request_id: Annotated[
        str | None, typer.Option(help="Repeat a reset whose answer was lost, under its id.")
    ] = None,
    pay: Annotated[
        str, typer.Option(help="Pay the amount in first: wire, ACH debit, ACH credit, check …")
    ] = "",
    pdf: Drawn = None,
) -> Answer:
    """Credit the device: signed request, grant and receipt, once, however often repeated.

    It is charged to what the licensee has on deposit; --pdf draws its receipt (PS Form 3603).
    """
    require_drawable(pdf)
    mills, method = parse_dollars(amount), method_named(pay) if pay else None
    done = exchange.reset(desk.home, name, amount_mills=mills, request_id=request_id, pay=method)
    answer = Answer(
        done,
        f"Credited {format_dollars(done['amount_mills'])} in reset {done['sequence']}; "
        f"descending {format_dollars(done['descending_mills'])}, "
        f"ascending {format_dollars(done['ascending_mills'])}; "
        f"{format_dollars(done['balance_mills'])} left on deposit.",
    )
    return with_paper(answer, desk, "3603", f"{done['device_id']}:{done['sequence']}", pdf)


@command(app, "evidence")
def evidence(
    desk: Desk,
    name: Name,
    postage: Annotated[str, typer.Option(help="Dollars, such as 0.78 or 0.239.")],
    request_id: Annotated[
        str, typer.Option(help="Your name for this piece: the same id gives the same bytes.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Draw it: .png, .pdf, .svg, .zpl; .bin or .hex: the bytes.")
    ] = None,
    date: Annotated[str | None, typer.Option(help="Date of mailing; else today.")] = None,
    destination: Annotated[
        str, typer.Option(help="Delivery point: ZIP Code of 5, 9 or 11 digits.")
    ] = "",
    rate_category: Annotated[str, typer.Option(help="At most four characters.")] = "",
    symbology: Annotated[Symbology, typer.Option(help="The 2D symbol.")] = Symbology.DATA_MATRIX,
    dpi: Annotated[
        int, typer.Option(help="Dots per inch of .png and .zpl.", min=72, max=1200)
    ] = 300,
    preview: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be debited, and stop.")
    ] = False,
) -> Answer:
    """Debit the device and sign one indicium; it is released only when it is durable."""
    place = desk.home
    request = EvidenceRequest(
        request_id=request_id,
        postage_mills=parse_dollars(postage),
        date_of_mailing=parse_date(date) if date else None,
        destination=destination.replace("-", ""),
        rate_category=rate_category,
    )
    if out is not None:
        imprints.require_writable(out)
    if preview:
        return _previewed(exchange.preview(place, name, request))
    done = exchange.evidence(place, name, request)
    files = (
        ()
        if out is None
        else imprints.save(done.indicium, done.town, out, symbology=symbology, dpi=dpi)
    )
    data = {**done.as_json(), "files": [str(file) for file in files]}
    return Answer(
        data,
        f"Evidenced {format_dollars(done.postage_mills)}; descending "
        f"{format_dollars(done.descending_mills)}."
        + (f" Written: {', '.join(data['files'])}" if files else f"\n{done.indicium.hex()}"),
        warnings=tuple(f"{each.detail} {each.remedy}" for each in done.warnings),
    )


def _listed(place: Home, name: str) -> dict[str, Any]:
    """One that can not be read hides none of the others."""
    try:
        return exchange.show(place, name)
    except Refused as refused:
        return {"device": name, "refused": refused.as_json()}


def _in_one_line(shown: dict[str, Any]) -> str:
    if "refused" in shown:
        return f"{shown['refused']['code']}: {shown['refused']['detail']}"
    descending = format_dollars(shown["descending_mills"])
    status = "moved out" if shown["moved_to"] else shown["status"]
    return f"{shown['device_id']}  {status}  descending {descending}"


def _previewed(data: dict[str, Any]) -> Answer:
    return Answer(
        data,
        f"Would debit {format_dollars(data['postage_mills'])} dated {data['date_of_mailing']}, "
        f"leaving {format_dollars(data['descending_after_mills'])}. Nothing was done.",
    )


@command(app, "show")
def show(desk: Desk, name: Name) -> Answer:
    """Show the registers and the standing; also of a read-only, busy or faulted device."""
    data = exchange.show(desk.home, name)
    money = {label: format_dollars(data[key] or 0) for key, label in _MONEY.items()}
    plain = {**data, "pieces": str(data["piece_count"])}
    rest = {key.replace("_", " "): _plain(plain.get(key)) for key in _REST}
    warnings = tuple(f"{each['detail']} {each['remedy']}" for each in data["warnings"])
    return Answer(data, facts(f"Device {name}", {**money, **rest}), warnings=warnings)


@command(app, "list")
def list_devices(desk: Desk) -> Answer:
    """List the devices of this home with their registers."""
    place = desk.home
    found = [_listed(place, name) for name in device_names(place.folder)]
    rows = {each["device"]: _in_one_line(each) for each in found}
    return Answer(found, facts("Devices", rows) if rows else "There is no device here yet.")


@command(app, "provider-view")
def provider_view(desk: Desk, name: Name) -> Answer:
    """Show what the provider knows of the device, from messages that the device signed."""
    data = exchange.provider_view(desk.home, name)
    rows = {key.replace("_", " "): _plain(value) for key, value in data.items()}
    return Answer(data, facts(f"The provider's view of {name}", rows))


@command(app, "audit")
def audit(desk: Desk, name: Name) -> Answer:
    """Send the device audit message and take the receipt: renews the watchdog (DMM P050.3.4)."""
    done = exchange.audit(desk.home, name)
    return Answer(done, f"Audited; the next audit or reset is due by {done['watchdog_date']}.")


@command(app, "check")
def check(desk: Desk, name: Name) -> Answer:
    """Run the self-tests and read the whole journal; exits with 1 when anything is wrong."""
    done = exchange.check(desk.home, name)
    findings = done["findings"]
    shown = "\n".join(findings) if findings else f"{name} is sound: {done['entries']} entries read."
    return Answer(done, shown, EXIT_BROKEN if findings else EXIT_DONE)


@command(app, "journal")
def journal(
    desk: Desk,
    name: Name,
    after: Annotated[int, typer.Option(help="Begin after this entry.", min=0)] = 0,
    limit: Annotated[int, typer.Option(help="At most so many entries.", min=1)] = 100,
) -> Answer:
    """List the device's journal: every debit, message and order, each sealed to the one before."""
    found = exchange.journal(desk.home, name, after=after, limit=limit)
    return Answer(found, _journal_table(found) if found else "There are no such entries.")


for _name, _body in device_life.COMMANDS.items():
    command(app, _name)(_body)


def _journal_table(entries: list[dict[str, Any]]) -> Table:
    table = Table("Entry", "Time", "What", "Ascending", "Descending", "Request", box=None)
    for entry in entries:
        money = (format_dollars(entry[f"{each}_mills"]) for each in ("ascending", "descending"))
        request = entry["request_id"] or ""
        table.add_row(str(entry["sequence"]), entry["time"], entry["kind"], *money, Text(request))
    return table


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value or "–")
