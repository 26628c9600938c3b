"""How the treasury's oversight is stored, and its rows read and written."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    PrimaryKeyConstraint,
    Table,
    func,
    insert,
    select,
    update,
)

from franking.postal.schema import METADATA
from franking.postal.treasury.oversight_records import (
    ASSESSMENT_TRANSITIONS,
    INSPECTION_TRANSITIONS,
    Assessment,
    AssessmentStatus,
    ConversionStep,
    CostRequest,
    InspectionStatus,
    RecordsInspection,
    StepDone,
    SuppliesOrder,
)
from franking.postal.treasury.rows import columns, record_of
from franking.storage import Reading, Work
from franking.storage.columns import (
    WHOLE,
    guard_append_only,
    guard_transitions,
    one_of,
    optional_text,
    optional_whole,
    text,
    whole,
)

ASSESSMENTS = Table(
    "treasury_assessments",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    text("provider"),
    text("what"),
    text("assessed_on"),
    text("assessor"),
    text("findings"),
    text("status"),
    optional_text("answer_by"),
    whole("suspension_proposed"),
    text("correction"),
    text("deficiency"),
    optional_text("effective_on"),
    text("defense"),
    text("because"),
    one_of("status", AssessmentStatus),
    CheckConstraint("(status = 'clean') = (findings = '[]')"),
    sqlite_strict=True,
)
guard_transitions(ASSESSMENTS, ASSESSMENT_TRANSITIONS)
_ASSESSMENT_STAYS = ("number", "provider", "what", "assessed_on", "assessor", "findings")
guard_append_only(ASSESSMENTS, columns=_ASSESSMENT_STAYS)

COSTS = Table(
    "treasury_cost_requests",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    text("provider"),
    text("asked_on"),
    text("due_on"),
    optional_whole("resetting_mills"),
    optional_whole("conversion_mills"),
    text("told"),
    optional_text("told_on"),
    text("review"),
    text("reviewed_by"),
    optional_text("reviewed_on"),
    sqlite_strict=True,
)
_COSTS_STAY = ("number", "provider", "asked_on", "due_on")
guard_append_only(COSTS, columns=_COSTS_STAY)

STEPS = Table(
    "treasury_conversion_steps",
    METADATA,
    whole("edition"),
    text("step"),
    text("day"),
    PrimaryKeyConstraint("edition", "step"),
    sqlite_strict=True,
)
"""One timetable for all: no row has a provider's name (60 FR 30714)."""
guard_append_only(STEPS)

STEPS_DONE = Table(
    "treasury_steps_done",
    METADATA,
    text("provider"),
    text("step"),
    text("done_on"),
    PrimaryKeyConstraint("provider", "step"),
    sqlite_strict=True,
)
guard_append_only(STEPS_DONE)

INSPECTIONS = Table(
    "treasury_inspections",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    text("provider"),
    text("representatives"),
    text("at"),
    text("facilities"),
    text("records"),
    text("since"),
    text("until"),
    text("announced_on"),
    text("status"),
    text("digest"),
    whole("entries"),
    text("finding"),
    optional_text("closed_on"),
    one_of("status", InspectionStatus),
    sqlite_strict=True,
)
guard_transitions(INSPECTIONS, INSPECTION_TRANSITIONS)
_INSPECTION_STAYS = ("number", "provider", "at", "announced_on")
guard_append_only(INSPECTIONS, columns=_INSPECTION_STAYS)

SUPPLIES = Table(
    "treasury_supplies",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    text("provider"),
    text("account"),
    text("licensee"),
    text("address"),
    text("zip_code"),
    whole("tickets"),
    whole("envelopes"),
    text("wanted_on"),
    text("post_office_box"),
    whole("cost_mills"),
    optional_text("sent_on"),
    CheckConstraint("tickets >= 0 AND envelopes >= 0 AND cost_mills >= 0"),
    sqlite_strict=True,
)
_SUPPLIES_STAY = ("number", "provider", "account", "tickets", "envelopes", "wanted_on")
guard_append_only(SUPPLIES, columns=_SUPPLIES_STAY)

TABLES = (ASSESSMENTS, COSTS, STEPS, STEPS_DONE, INSPECTIONS, SUPPLIES)
_INSPECTION_LISTS = ("representatives", "facilities")


def next_number(books: Reading, table: Table) -> int:
    """The next number of a table's records."""
    row = books.row(select(func.max(table.c.number).label("last")))
    return 1 if row is None or row.last is None else int(row.last) + 1


def put_assessment(work: Work, before: Assessment | None, after: Assessment) -> None:
    """Store an assessment, or what became of it, if it still is as decided on."""
    if before is None:
        work.write(insert(ASSESSMENTS).values(columns(after)))
        return
    table = ASSESSMENTS.c
    mine = (table.number == before.number) & (table.status == before.status.value)
    work.write_one(update(ASSESSMENTS).where(mine).values(columns(after, but=_ASSESSMENT_STAYS)))


def find_assessment(books: Reading, number: int) -> Assessment | None:
    """The assessment of that number."""
    row = books.row(select(ASSESSMENTS).where(ASSESSMENTS.c.number == number))
    return None if row is None else record_of(Assessment, row, "findings")


def assessments(books: Reading, *, provider: str = "") -> list[Assessment]:
    """Every assessment, oldest first."""
    query = select(ASSESSMENTS).order_by(ASSESSMENTS.c.number)
    if provider:
        query = query.where(ASSESSMENTS.c.provider == provider)
    return [record_of(Assessment, row, "findings") for row in books.rows(query)]


def put_cost_request(work: Work, before: CostRequest | None, after: CostRequest) -> None:
    """Store a request for costs, what was told, or the review."""
    if before is None:
        work.write(insert(COSTS).values(columns(after)))
        return
    row = columns(after, but=_COSTS_STAY)
    work.write_one(update(COSTS).where(COSTS.c.number == before.number).values(row))


def find_cost_request(books: Reading, number: int) -> CostRequest | None:
    """The request of that number."""
    row = books.row(select(COSTS).where(COSTS.c.number == number))
    return None if row is None else record_of(CostRequest, row)


def cost_requests(books: Reading) -> list[CostRequest]:
    """Every request, oldest first."""
    query = select(COSTS).order_by(COSTS.c.number)
    return [record_of(CostRequest, row) for row in books.rows(query)]


def add_steps(work: Work, steps: list[ConversionStep]) -> None:
    """Keep an edition of the timetable."""
    work.write_many(STEPS, map(columns, steps))


def steps(books: Reading) -> list[ConversionStep]:
    """The steps of the latest edition, by day."""
    query = select(STEPS).where(
        STEPS.c.edition == select(func.max(STEPS.c.edition)).scalar_subquery()
    )
    rows = books.rows(query.order_by(STEPS.c.day, STEPS.c.step))
    return [record_of(ConversionStep, row) for row in rows]


def add_step_done(work: Work, done: StepDone) -> None:
    """Keep that a provider did a step."""
    work.write(insert(STEPS_DONE).values(columns(done)))


def steps_done(books: Reading) -> list[StepDone]:
    """What providers did, by provider."""
    query = select(STEPS_DONE).order_by(STEPS_DONE.c.provider, STEPS_DONE.c.step)
    return [record_of(StepDone, row) for row in books.rows(query)]


def put_inspection(work: Work, before: RecordsInspection | None, after: RecordsInspection) -> None:
    """Store an inspection, or what became of it, if it still is as decided on."""
    if before is None:
        work.write(insert(INSPECTIONS).values(columns(after)))
        return
    table = INSPECTIONS.c
    mine = (table.number == before.number) & (table.status == before.status.value)
    work.write_one(update(INSPECTIONS).where(mine).values(columns(after, but=_INSPECTION_STAYS)))


def find_inspection(books: Reading, number: int) -> RecordsInspection | None:
    """The inspection of that number."""
    row = books.row(select(INSPECTIONS).where(INSPECTIONS.c.number == number))
    return None if row is None else record_of(RecordsInspection, row, *_INSPECTION_LISTS)


def inspections(books: Reading) -> list[RecordsInspection]:
    """Every inspection, oldest first."""
    query = select(INSPECTIONS).order_by(INSPECTIONS.c.number)
    rows = books.rows(query)
    return [record_of(RecordsInspection, row, *_INSPECTION_LISTS) for row in rows]


def put_supplies(work: Work, before: SuppliesOrder | None, after: SuppliesOrder) -> None:
    """Store an order of supplies, or that it was sent."""
    if before is None:
        work.write(insert(SUPPLIES).values(columns(after)))
        return
    waits = (SUPPLIES.c.number == before.number) & SUPPLIES.c.sent_on.is_(None)
    work.write_one(update(SUPPLIES).where(waits).values(columns(after, but=_SUPPLIES_STAY)))


def supplies(books: Reading) -> list[SuppliesOrder]:
    """Every order of supplies, oldest first."""
    query = select(SUPPLIES).order_by(SUPPLIES.c.number)
    return [record_of(SuppliesOrder, row) for row in books.rows(query)]
