"""The messages by which a model is brought to approval, and what their filings hold.

A provider submits a version of a model and files items about it; the Postal Service judges each
item, decides, demands more, suspends. Digests are SHA-256 in hex, dates ISO 8601, money mills.
Refuses to know what must be filed and when an item is good: the approval desk decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from franking.messages.kinds import Whole
from franking.messages.receiving import Dispatched


class _Content(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a filing holds beside its document."""


class ModelDescription(_Content, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the maker says that a model is."""

    title: str
    electronic: bool
    remote: bool
    """Value comes by coded or signed input only; no register is set by hand."""
    denominations: str
    """``single``, ``multi`` or ``omni``: what can be printed (39 CFR 501.6(b))."""
    cycles_per_minute: Whole
    faster_base: bool = False
    """Fits a power base of faster models (39 CFR 501.16(a))."""
    has_psd: bool = False
    has_host: bool = False
    prints_symbol: bool = False
    """A two-dimensional symbol together with readable data (39 CFR 502.6)."""
    dedicated: bool = True
    """Does nothing but evidence postage (39 CFR 502.7)."""
    computer_drives: bool = False
    """A computer is interfaced to the unit."""
    fronts_with_address: bool = False
    """The system makes fronts or labels with both the address and the indicium."""
    auxiliary: tuple[str, ...] = ()
    """Equipment without which the model does not work; part of the submission (501.6(j))."""


def traits_of(described: ModelDescription) -> frozenset[str]:
    """The traits by which the rules tell models apart."""
    held = {
        "electronic": described.electronic,
        "remote": described.remote,
        "selects": described.denominations in {"multi", "omni"},
        "psd": described.has_psd,
        "host": described.has_host,
        "symbol": described.prints_symbol,
    }
    return frozenset(trait for trait, holds in held.items() if holds)


class PlannedTest(_Content, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One test of a plan, and the requirements that passing it proves."""

    name: str
    proves: tuple[str, ...]
    parameters: tuple[str, ...]
    equipment: tuple[str, ...]
    procedure: str
    sample_size: Whole
    data_format: str


class SpecialInstrument(_Content, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Test equipment that is special, nonstandard or noncommercial (39 CFR 501.7)."""

    name: str
    description: str
    specifications: str
    drawings: str
    schematics: str
    purpose: str


class TestPlan(_Content, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A detailed test plan (39 CFR 501.7)."""

    tests: tuple[PlannedTest, ...]
    instruments: tuple[SpecialInstrument, ...] = ()


class Fault(_Content, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that failed in a test."""

    part: str
    """``meter`` or ``auxiliary``."""
    what: str
    could_upset_meter: bool = True
    """For auxiliary equipment: whether its failure could cause malfunction of the meter."""


class TestReport(_Content, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the planned tests went."""

    started_on: str
    ended_on: str
    passed: tuple[str, ...]
    """Names of the planned tests that were passed."""
    faults: tuple[Fault, ...] = ()
    cost_mills: Whole = 0


class EnduranceRecord(_Content, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An endurance test (39 CFR 501.16): registers before and after, in mills."""

    cycles: Whole
    selections: Whole
    """Values selected and returned to zero."""
    printed_mills: Whole
    ascending_before_mills: Whole
    ascending_after_mills: Whole
    credited_mills: Whole
    descending_before_mills: Whole
    descending_after_mills: Whole
    lockouts_at: tuple[Whole, ...]
    """After how many cycles the balance lock-out was exercised."""
    faults: tuple[Fault, ...] = ()


class LaboratorySubmission(_Content, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An identical unit given to an accredited laboratory (39 CFR 502.13(c))."""

    laboratory: str
    accreditation: str
    standard: str
    design: str
    sent_on: str


class LaboratoryCertificate(_Content, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the laboratory certified."""

    laboratory: str
    standard: str
    number: str
    level: Whole
    design: str
    issued_on: str


class SpecificationVersions(_Content, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The editions of the specifications that a submission was built to (39 CFR 502.9)."""

    versions: Mapping[str, str]


class Attestations(_Content, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person attests of the construction: requirement and statement."""

    by: str
    statements: Mapping[str, str]


class LotAttestation(_Content, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Production as approved (39 CFR 501.15, 502.17)."""

    lot: str
    quantity: Whole
    design: str
    materials: str
    tooling: str
    attested_by: str


class BreakdownSample(_Content, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Devices taken at random from production and tested to breakdown (39 CFR 501.16)."""

    lot: str
    serials: tuple[str, ...]
    drawn_on: str
    faults: tuple[Fault, ...] = ()


class DemandAnswer(_Content, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was delivered upon a demand of the Postal Service."""

    demand: Whole
    delivered: str


class MediaMaster(_Content, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One master of resetting and inspection media, for one or more families of models."""

    families: tuple[str, ...]
    explains: tuple[str, ...]


CONTENTS: Final[Mapping[str, type[_Content]]] = {
    "test plan": TestPlan,
    "test report": TestReport,
    "endurance record": EnduranceRecord,
    "laboratory submission": LaboratorySubmission,
    "laboratory certificate": LaboratoryCertificate,
    "specifications": SpecificationVersions,
    "construction": Attestations,
    "lot attestation": LotAttestation,
    "breakdown sample": BreakdownSample,
    "demand answer": DemandAnswer,
    "training media": MediaMaster,
}
"""The items whose filing holds more than a document."""


class Approval(StrEnum):
    """How far a version of a model may go."""

    TENTATIVE = "tentative"
    FIELD_TEST = "field test"
    APPROVED = "approved"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    REFUSED = "refused"


# Provider → Postal Service -----------------------------------------------------------------


class ModelSubmitted(Dispatched, frozen=True, kw_only=True):
    """Provider → Postal Service: a version of a model, for approval; ``device`` is empty."""

    model: str
    version: str
    rulebook: str
    design: str
    """Digest of the production drawings and specifications, or of the software."""
    description: ModelDescription
    changes: str = ""
    """The approved version that this one changes."""
    affects: tuple[str, ...] = ()
    """Features and safeguards that the change affects."""


class ModelFiled(Dispatched, frozen=True, kw_only=True):
    """Provider → Postal Service: one item about a version of a model."""

    model: str
    version: str
    item: str
    title: str
    digest: str
    """Of the document; empty where the content is all there is."""
    content: Mapping[str, Any] = msgspec.field(default_factory=dict)


# Postal Service → provider -----------------------------------------------------------------


class ModelItemJudged(Dispatched, frozen=True, kw_only=True):
    """Postal Service → provider: an item was accepted, or is returned with what is missing."""

    model: str
    version: str
    item: str
    accepted: bool
    reasons: tuple[str, ...] = ()


class ModelApproved(Dispatched, frozen=True, kw_only=True):
    """Postal Service → provider: written leave, as far as ``approval`` goes."""

    model: str
    version: str
    rulebook: str
    design: str
    approval: Approval
    system: str
    """``open`` or ``closed``."""
    units: Whole = 0
    """Of a field test: how many devices."""
    until: str = ""
    """Of a field test: its last day."""


class ModelSuspended(Dispatched, frozen=True, kw_only=True):
    """Postal Service → provider: a version is refused, suspended, restored or revoked."""

    model: str
    version: str
    approval: Approval
    because: str
    clause: str
    until: str = ""


class ModelDemanded(Dispatched, frozen=True, kw_only=True):
    """Postal Service → provider: deliver this (39 CFR 501.9, 501.11, 502.11, 502.13)."""

    model: str
    version: str
    demand: Whole
    kind: str
    what: str
    rulebook: str


EVERY_OFFICE: Final = "every"
"""Instead of a ZIP Code: every licensing post office has it."""


class MediaDistributed(Dispatched, frozen=True, kw_only=True):
    """Postal Service → provider: these offices have a copy of the media of a model."""

    model: str
    version: str
    offices: tuple[str, ...]
    """ZIP Codes of licensing post offices, or ``EVERY_OFFICE``."""
