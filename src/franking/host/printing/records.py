"""What a print job is: its template, its pieces, where it stands, and what its prints were.

Frozen values and the tables of allowed transitions; no clock, no storage, no device.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol

from franking.errors import Refused
from franking.host.csv_rows import BadRow
from franking.host.records import Address, MailClass, Mailpiece, Shape, Symbology, System
from franking.host.sheets import NO_OFFSET, Offset
from franking.marks.symbols import DPI_DEFAULT
from franking.psd.records import Evidence, EvidenceRequest, Registers


class EvidenceSource(Protocol):
    """Whatever evidences postage for the host: a postal security device."""

    @property
    def registers(self) -> Registers:
        """The registers as they stand."""

    def evidence_many(
        self, requests: Sequence[EvidenceRequest], now: datetime
    ) -> Sequence[Evidence | Refused]:
        """An answer for each request, in order. The same request gets the same bytes again."""


class JobStatus(StrEnum):
    """Where a print job stands."""

    PLANNED = "planned"
    """Priced and checked; nothing was evidenced."""
    STARTED = "started"
    """Evidence was asked for; some of it may be missing."""
    EVIDENCED = "evidenced"
    """Every good row has its indicium, or a refusal of the device."""
    CONFIRMED = "confirmed"
    """A person said that the print is good; further prints need a reason."""


JOB_TRANSITIONS: Final[dict[JobStatus, frozenset[JobStatus]]] = {
    JobStatus.PLANNED: frozenset({JobStatus.STARTED}),
    JobStatus.STARTED: frozenset({JobStatus.EVIDENCED}),
    JobStatus.EVIDENCED: frozenset({JobStatus.STARTED, JobStatus.CONFIRMED}),
    JobStatus.CONFIRMED: frozenset(),
}
"""An evidenced job starts again when refused pieces are asked for once more."""


class PieceStatus(StrEnum):
    """Where one piece of a job stands."""

    PLANNED = "planned"
    ASKED = "asked"
    """The device was asked and its answer is not in the books yet: ask again first."""
    EVIDENCED = "evidenced"
    REFUSED = "refused"


PIECE_TRANSITIONS: Final[dict[PieceStatus, frozenset[PieceStatus]]] = {
    PieceStatus.PLANNED: frozenset({PieceStatus.ASKED}),
    PieceStatus.ASKED: frozenset({PieceStatus.EVIDENCED, PieceStatus.REFUSED}),
    PieceStatus.REFUSED: frozenset({PieceStatus.ASKED}),
    PieceStatus.EVIDENCED: frozenset(),
}


class ReprintReason(StrEnum):
    """Why pieces of a confirmed print are printed again; the spoiled ones must be destroyed."""

    SPOILED = "spoiled"
    JAMMED = "jammed"
    MISPLACED = "misplaced"
    ILLEGIBLE = "illegible"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTemplate:
    """How a mailer prints a kind of job: stock, class, defaults of the rows, column names."""

    stock: str = "no10"
    symbology: Symbology = Symbology.DATA_MATRIX
    dpi: int = DPI_DEFAULT
    sheet: str = ""
    """The sheet of labels to print on; empty for one piece a page."""
    skip_labels: int = 0
    """How many labels of the first sheet are used already."""
    offset: Offset = NO_OFFSET
    mail_class: MailClass = MailClass.FIRST_CLASS
    shape: Shape = Shape.LETTER
    weight_oz: Decimal = Decimal(1)
    return_address: Address | None = None
    """As it is written; it is put in standard form as the addresses of the list are."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Our name of a field → the column that holds it."""
    cost_centre: str = ""
    imb_prefix: str = ""
    """Barcode ID, STID and Mailer ID of the Intelligent Mail barcode; empty for POSTNET."""
    artwork_id: str = ""
    rulebook: str = "ibip-1997"
    system: System = System.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPiece:
    """A good row of the list, priced."""

    line: int
    request_id: str
    cost_centre: str
    reference: str
    stock: str
    """What this piece is printed on: the row's own stock, else the template's."""
    piece: Mailpiece


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a job will print and cost; nothing is charged for the bad rows."""

    job_id: str
    pieces: tuple[PlannedPiece, ...]
    bad_rows: tuple[BadRow, ...]
    warnings: tuple[str, ...] = ()

    @property
    def total_mills(self) -> int:
        """The postage of all good rows."""
        return sum(planned.piece.price.mills for planned in self.pieces)

    @property
    def by_cost_centre(self) -> dict[str, int]:
        """The postage of each cost centre, in mills."""
        totals: dict[str, int] = {}
        for planned in self.pieces:
            postage = totals.get(planned.cost_centre, 0) + planned.piece.price.mills
            totals[planned.cost_centre] = postage
        return totals


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReport:
    """Where a job stands after a command: counts, money, and every row that did not make it."""

    job_id: str
    status: JobStatus
    evidenced: int
    outstanding: int
    spent_mills: int
    refused: tuple[BadRow, ...]
    bad_rows: tuple[BadRow, ...]
    by_cost_centre: Mapping[str, int]
    prints: int
    """How often the job was printed, reprints included."""
