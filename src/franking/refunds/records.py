"""What can be asked back, by which route, from whom, with what evidence. Frozen; money in mills.

Refuses to know which route a question takes (``navigator``) and what is eligible (``eligibility``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

RULEBOOK = "refunds-2008"
"""Whose routes these are; value and balances are refunded under 1995 and 1997 as well."""


class Thing(StrEnum):
    """What somebody wants his money back for."""

    VALUE = "unused value"
    """Left in a postage evidencing system that is withdrawn from service."""
    BALANCE = "account balance"
    """On deposit with the lockbox bank."""
    INDICIA = "unused indicia"
    """Printed, and never mailed."""


class System(StrEnum):
    """What kind of system holds the value or printed the indicia."""

    METER = "postage meter"
    """Every postage evidencing system but PC Postage."""
    PC_POSTAGE = "PC Postage"


class Withdrawal(StrEnum):
    """Why a system is withdrawn."""

    ORDINARY = "ordinary"
    FAULTY = "faulty"
    DISASTER = "disaster"
    """Fire, flood, or a similar disaster."""


class Requester(StrEnum):
    """Who asks."""

    AUTHORIZED_USER = "authorized user"
    COMMERCIAL_PREPARER = "commercial preparer"
    """The entity that prepared the mailing for the authorized user."""
    OTHER = "anybody else"


class Manner(StrEnum):
    """How a request is submitted."""

    ELECTRONIC = "electronic"
    PHYSICAL = "physical"
    """With the items bearing the unused postage."""
    NOTICE = "notice to the provider"


class RouteKind(StrEnum):
    """The ways a refund can go."""

    METER_VALUE = "value in a withdrawn meter"
    PC_VALUE = "value in a closed PC Postage account"
    FAULTY_VALUE = "value in a faulty system"
    DISASTER_VALUE = "value in a system damaged by disaster"
    BALANCE = "account balance"
    DATED_METERED = "dated metered postage"
    UNDATED_METERED = "undated metered postage"
    PC_ELECTRONIC = "PC Postage with PIC"
    PC_PHYSICAL = "dated PC Postage without PIC"
    UNDATED_PC = "undated PC Postage"


class Decider(StrEnum):
    """Who grants or denies."""

    POSTMASTER = "postmaster of the local post office"
    BUSINESS_MAIL_ENTRY = "manager, business mail entry, of the district, or written designee"
    PROVIDER = "provider"
    HEADQUARTERS = "Postal Service headquarters"
    LOCKBOX_BANK = "lockbox bank"


class Clock(StrEnum):
    """From which day a limit counts: two different clocks may tick for one indicium."""

    NONE = "no limit of days"
    DATE_SHOWN = "the date shown in the indicium"
    PRINTING = "the day of printing"


class Payout(StrEnum):
    """How the money comes back."""

    CHECK = "check"
    """Issued by the Postal Service; the only payout with a floor."""
    CREDIT = "credit"
    """To the authorized user's account with the provider."""
    TRANSFER = "transfer"
    """To another system of the same user."""
    PROVIDER = "provider"
    """Paid by the provider on behalf of the Postal Service, which reimburses it."""
    BANK = "bank"
    """Paid by the lockbox bank."""
    POST_OFFICE = "post office"
    """For indicia: paid where it was decided; the floor is about value in systems only."""


class Basis(StrEnum):
    """How well the amount is known."""

    EXACT = "exact"
    APPROXIMATE = "approximate"


class EvidenceKind(StrEnum):
    """What has to come with a request, or with an appeal."""

    WRITTEN_REQUEST = "written request"
    PROOF_OF_USER = "copy of the lease, rental agreement or contract"
    ITEMS = "the items bearing the unused postage"
    ELECTRONIC_REQUEST = "electronic request with the PIC"
    SIGNED_LETTER = "signed letter on why the pieces were not mailed"
    NARRATIVE = "detailed description of the extraordinary circumstances"
    EXAMINATION = "examination of the withdrawn system"
    DEVICE = "the system itself"
    REGISTER_RECORD = "daily register record or system report"
    CAUSE_REPORT = "the provider's report of the cause"
    RECONSTRUCTION = "documents from which the register values are reconstructed"
    STATEMENT_OF_CAUSE = "statement on the cause of the damage"
    NO_INSURANCE = "attestation that nobody else has paid or will be asked to"
    ORIGINALS = "the original indicia"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing that has to be there."""

    kind: EvidenceKind
    clause: str
    required: bool = True
    """Otherwise it may be asked for, or supports the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way a refund goes: who asks whom, how, with what, and who decides."""

    kind: RouteKind
    clause: str
    decider: Decider
    submit_to: str
    manner: Manner
    clock: Clock = Clock.NONE
    limit: str = ""
    """The parameter of the limit, where a clock ticks."""
    requesters: tuple[Requester, ...] = (Requester.AUTHORIZED_USER,)
    evidence: tuple[Evidence, ...] = ()
    payouts: tuple[Payout, ...] = ()
    appeal: str = ""
    """The parameter of the appeal's route; empty where none is told of."""
    charge: bool = False
    """Whether the Postal Service charges for processing."""
    denied_by_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealRoute:
    """How an adverse ruling is appealed: within so many days of its receipt, finally decided."""

    days: int
    through: str
    to: str
    clause: str
    originals: bool = True
    """Whether the original indicia have to come with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody asks the navigator."""

    thing: Thing
    system: System = System.METER
    rulebook: str = ""
    """Of the system, ``meter-1995`` or ``ibip-1997``; decides before 2008."""
    dated: bool = True
    pic: str = ""
    """The service of the PIC (``Delivery Confirmation`` ...); empty without one."""
    withdrawal: Withdrawal = Withdrawal.ORDINARY
    returned: bool = True
    """Whether a damaged system is there to be returned."""
    legible: bool = True
    """Whether its registers are legible and accurate."""
    requester: Requester = Requester.AUTHORIZED_USER
    amount_mills: int = 0
    date_shown: date | None = None
    printed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutOption:
    """A way to be paid, and whether it is open for this amount."""

    payout: Payout
    possible: bool
    clause: str
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Something that stands in the way of a refund, told before anything is filed."""

    code: str
    clause: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What somebody is told before he files."""

    route: Route
    rulebook: str
    """By which the question was answered."""
    on: date
    last_day: date | None
    """``None`` where no clock ticks, or its day is not known."""
    evidence: tuple[Evidence, ...]
    payouts: tuple[PayoutOption, ...]
    amount_mills: int
    charge_mills: int
    """Kept by the Postal Service for processing."""
    appeal: AppealRoute | None
    obstacles: tuple[Obstacle, ...]

    @property
    def refund_mills(self) -> int:
        """What is left after the charge."""
        return max(0, self.amount_mills - self.charge_mills)

    @property
    def is_open(self) -> bool:
        """Whether nothing stands in the way that is known now."""
        return not self.obstacles


class ItemForm(StrEnum):
    """In what an unused indicium is submitted."""

    WHOLE_PIECE = "entire envelope or wrapper"
    CONTAINER_PART = "sufficient part of a large container"
    LOOSE = "loose label or tape"
    PLAIN_PAPER = "self-adhesive label without backing on plain paper"
    DATA = "electronic data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One unused indicium, as it is submitted; the flags say what an examiner sees."""

    device: str
    postage_mills: int
    ascending_mills: int | None = None
    """After the piece; names it for good, where the indicium carries it."""
    date_shown: date | None = None
    printed_on: date | None = None
    pic: str = ""
    """The PIC itself."""
    pic_service: str = ""
    form: ItemForm = ItemForm.WHOLE_PIECE
    complete: bool = True
    legible: bool = True
    valid: bool = True
    """Whether a verifier found it authentic."""
    local_office: bool = True
    """Whether it identifies the local post office and all else that is required."""
    removed: bool = False
    """Whether it was taken off a mailpiece."""
    fastened: bool = False
    """Whether it is stapled, or attached to paper or another medium."""

    @property
    def dated(self) -> bool:
        """Whether the indicium shows a date."""
        return self.date_shown is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why an item is not refunded."""

    code: str
    clause: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An item and every reason against it."""

    item: Item
    reasons: tuple[Reason, ...]

    @property
    def is_eligible(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons
