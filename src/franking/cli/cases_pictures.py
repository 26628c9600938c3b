"""How cases look to an inspector: the register, one case with its scans, what a night opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from franking.cli.answer import Shown, console, facts
from franking.money import format_dollars
from franking.postal.irregularities.commands import CaseFile, CaseLine
from franking.postal.irregularities.opening import Opened
from franking.postal.irregularities.signed import IrregularityRecord
from franking.scans.suspicions import Seen

_SCANS_SHOWN = 12
_WIDE = 120
"""Letters of a line that a case with its facts needs."""
_MINUTE = len("1997-11-21 23:45")
_HOURS_SHOWN, _DAY_HOURS = 48, 24
_MEANING = {
    "forged": "signatures that the named device did not make",
    "copied": "scans of one piece that no single piece can have had",
    "cloned": "different pieces of the device used up the same value: there are two of it",
    "rolled back": "later dates stand at lower registers: the device was set back",
    "journal forked": "the provider's copy of the device contradicts what it anchored",
    "value not covered": "registers that no reset accounts for",
    "refunded yet mailed": "postage that was refunded as unused, and used",
    "device ended": "mail of a device whose service or key has ended",
    "device missing": "mail of a device that was reported lost or stolen",
    "short paid": "less postage than is due",
    "date outside its window": "dates other than that of deposit",
    "wrong post office": "more than a handful deposited elsewhere than licensed",
}
"""What an inspector is told of each kind, beside its name."""
_DEVICE_IN_DOUBT = frozenset({"cloned", "rolled back", "value not covered", "journal forked"})
_STYLE = {"open": "", "contested": "yellow", "closed": "dim"}


def list_picture(lines: Sequence[CaseLine], limit: int) -> Shown:
    """The register: how many of which kind, then the cases."""
    if not lines:
        return "Nothing has to be looked into."
    is_wide = console().width >= _WIDE
    register = _register if is_wide else _narrow_register
    kinds = Counter(each.kind for each in lines).most_common()
    total = Text(", ".join(f"{count:,} {kind}" for kind, count in kinds), style="bold")
    more = len(lines) - limit
    rest = Text(f"and {more:,} more: --limit, --kind or --device", style="dim")
    return Group(total, register(lines[:limit]), *([rest] if more > 0 else []))


def _register(lines: Sequence[CaseLine]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("Case", "Since", "Status", "Kind", "About"):
        table.add_column(name, no_wrap=True)
    table.add_column("Nights", justify="right")
    table.add_column("Facts", overflow="fold", ratio=1)
    for each in lines:
        nights = str(each.nights) if each.scans else ""
        table.add_row(*_named(each), each.kind, each.subject, nights, _what(each))
    return table


def _narrow_register(lines: Sequence[CaseLine]) -> Table:
    """The facts stand below what the case is about, where they would not fit beside it."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("Case", "Since", "Status"):
        table.add_column(name, no_wrap=True)
    table.add_column("Kind, what it is about, and facts", overflow="fold", ratio=1)
    for each in lines:
        nights = f" ({each.nights} nights)" if each.nights > 1 else ""
        about = f"{each.kind}: {each.subject}{nights}\n{_what(each)}"
        table.add_row(*_named(each), Text(about))
    return table


def _named(line: CaseLine) -> tuple[str, str, Text]:
    status = Text(line.status, style=_STYLE[line.status])
    return str(line.number), line.opened_on.isoformat(), status


def case_picture(found: CaseFile, records: Sequence[IrregularityRecord]) -> Shown:
    """One case: what it is about, what each night bore out, what was said and decided."""
    line = found.line
    about = {
        "about": line.subject,
        "meaning": _MEANING.get(line.kind, "two fates met in one piece"),
        "status": f"{line.status}, since {line.opened_on}",
        "facts": line.facts,
        "rests on": found.clause,
        "may be contested": _contestable(found),
    }
    if line.closed_on:
        about["found"] = f"{line.outcome or 'closed'} on {line.closed_on}: {line.finding}"
    parts: list[RenderableType] = [facts(f"Case {line.number}: {line.kind}", about)]
    for each in found.contests:
        parts.append(Text(f"Contested by the {each.party} on {each.contested_on}: {each.grounds}"))
    for record in records:
        parts += _night(record)
    return Group(*parts, *_next_step(line))


def taken_words(opened: Opened, night: str) -> str:
    """What became of a night's suspicions, for a person."""
    said = [
        f"Night {night}: {_counted(opened.suspicions, 'suspicion')}.",
        *_numbered("opened", [each.number for each in opened.cases]),
        *_numbered("opened about refunded pieces", opened.piece_cases),
        *_numbered("borne out again", opened.borne_out),
        f"{opened.known:,} known before." if opened.known else "",
        f"{opened.findings_only:,} too small for a case: they stand as findings."
        if opened.findings_only
        else "",
    ]
    return "\n".join(filter(None, said))


def _what(line: CaseLine) -> str:
    """What was found in the end, else what it is about."""
    return f"{line.outcome or 'closed'}: {line.finding}" if line.finding else line.facts


def _night(record: IrregularityRecord) -> Iterator[RenderableType]:
    yield Text()
    title = f"Night {record.night}" if record.scans else "As it was told"
    yield Text(f"{title}: {record.facts}", style="bold")
    if record.scans:
        reasons = ", ".join(each.reason for each in record.reasons)
        yield Text(f"reasons {reasons}{_listed(record)}")
        if record.told_by:
            yield Text(f"told by {record.told_by}", style="yellow")
        yield _scans(record)
    shown = [each for each in record.contradictions if each.second <= _SCANS_SHOWN]
    for said in shown:
        yield Text(f"  scans {said.first} and {said.second}: {said.words}")
    left = record.count - min(len(record.scans), _SCANS_SHOWN)
    if left:
        yield Text(f"  and {left:,} scans more; the signed record lists {len(record.scans)}.")


def _listed(record: IrregularityRecord) -> str:
    used = record.trust_list
    return f"; trust list {used.number}, {_age(used.age_hours)} old" if used else ""


def _age(hours: float) -> str:
    """In hours for two days, then in days."""
    return f"{hours:.0f} hours" if hours < _HOURS_SHOWN else f"{hours / _DAY_HOURS:,.0f} days"


def _scans(record: IrregularityRecord) -> Table:
    from franking.scans.places import name_of  # reads a table of every ZIP Code

    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("No.", justify="right")
    table.add_column("Scanned (UTC)", min_width=_MINUTE)
    table.add_column("Where", overflow="fold")
    table.add_column("Piece, reader, row", overflow="fold")
    for number, scan in enumerate(record.scans[:_SCANS_SHOWN], start=1):
        place = name_of(scan.place) if scan.place else "place not known"
        table.add_row(
            str(number),
            f"{scan.scanned_at:%Y-%m-%d %H:%M}" if scan.scanned_at else "not known",
            Text(_lines((place,), (scan.operation, scan.scanner))),
            Text(_lines((_piece(scan),), (_quality(scan),), (_where(scan, record),))),
        )
    return table


def _lines(*lines: tuple[str, ...]) -> str:
    """What is known, a line for each group of it."""
    return "\n".join(filter(None, (", ".join(filter(None, said)) for said in lines)))


def _piece(scan: Seen) -> str:
    postage, ascending = format_dollars(scan.postage_mills), format_dollars(scan.ascending_mills)
    return f"{postage} at {ascending}, dated {scan.dated}"


def _quality(scan: Seen) -> str:
    looks = f", {_counted(scan.looks, 'look')}" if scan.looks else ""
    return "" if scan.quality is None else f"{scan.quality} % to spare{looks}"


def _where(scan: Seen, record: IrregularityRecord) -> str:
    names = {each.number: each.name for each in record.files}
    if scan.night not in ("", record.night):
        named = f", {names[scan.file]}" if scan.file in names else ""
        return f"night {scan.night}{named}, row {scan.row}"
    return f"{names.get(scan.file, scan.file)}:{scan.row}"


def _next_step(line: CaseLine) -> Iterator[RenderableType]:
    """Taking a suspect device into custody, with a receipt, is the examination's (P050.2.6)."""
    if line.kind in _DEVICE_IN_DOUBT and line.status != "closed":
        yield Text()
        yield Text(
            f"To examine or withdraw the device: franking examination suspect {line.device}",
            style="dim",
        )


def _contestable(found: CaseFile) -> str:
    if not found.parties:
        return "by nobody: no provider had the device certified"
    return f"until {found.contest_by}, by {'; '.join(found.parties)}"


def _numbered(what: str, numbers: Sequence[int]) -> Iterator[str]:
    if numbers:
        first, last = min(numbers), max(numbers)
        which = f"case {first}" if len(numbers) == 1 else f"cases {first} to {last}"
        yield f"{_counted(len(numbers), 'case')} {what} ({which})."


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
