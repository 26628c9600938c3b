"""From requests to indicia: check, debit, sign, one durable commit, release.

The hot path of the device: one pass plans the debits of a whole batch, one call signs them, one
pass chains the journal entries, one commit makes all of it durable. Laws kept here: PSD-1, PSD-3,
PSD-4. Refusals come in this order: the request does not read; its id was used for another; the
terms of the moment (``franking.psd.terms``); the date of mailing; the postage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from franking.clock import instant_text
from franking.errors import Refusal, Refused
from franking.identifiers import DeviceId
from franking.indicium.content import (
    ALGORITHM_ES256,
    ASCENDING_MILLS_MAX,
    POSTAGE_MILLS_MAX,
    VERSION,
    pack_after,
    pack_prefix,
    zip_number,
)
from franking.money import format_dollars
from franking.psd.journal import seal_pieces
from franking.psd.mechanism import DEVICE_FAULTED, Mechanism, Step
from franking.psd.records import (
    SOFTWARE_ID,
    DeviceState,
    EntryKind,
    Evidence,
    EvidenceRequest,
    Registers,
)
from franking.psd.registers import require_postage
from franking.psd.requests import REQUEST_ID, REQUEST_ID_USED, ReadRequest, RequestReader
from franking.psd.store import Entry
from franking.psd.terms import Terms, terms_of

BELOW_LARGEST_DENOMINATION = Refusal(
    "BELOW_LARGEST_DENOMINATION",
    clause="39 CFR 501.6(c) (1995)",
    remedy="Reset the meter with more postage, then ask again under the same request id.",
)

Outcome = Evidence | Refused


class Wakes(Protocol):
    """Wakes one caller who waits, as ``threading.Event`` does."""

    def set(self) -> None:
        """Wake the caller, now or when it comes to wait."""

    def is_set(self) -> bool:
        """Whether the caller was woken."""

    def wait(self) -> object:
        """Until woken."""


@dataclass(slots=True)
class Job:
    """One caller's requests, waiting to share a commit."""

    requests: Sequence[EvidenceRequest]
    now: datetime
    latest: str
    """The latest accepted time when the caller came: callers who overlap have no order."""
    outcomes: list[Outcome] = field(default_factory=list)
    error: BaseException | None = None
    isdone: bool = False
    woken: Wakes | None = None
    """Set when the job is done, or its caller is to lead; for callers who had to wait."""


class Plan:
    """The debits of a batch before they are signed; registers run along as plain integers."""

    def __init__(self, state: DeviceState, known: Mapping[str, Entry]) -> None:
        registers, standing = state.registers, state.standing
        self._known = known
        self._ascending = registers.ascending_mills
        self._descending = registers.descending_mills
        self._count = registers.piece_count
        self._latest = state.latest_time
        self._reader = RequestReader()
        self._places: dict[str, int] = {}
        self._prefix, self._zip = b"", 0
        if standing.certificate is not None and standing.licence is not None:
            self._prefix, self._zip = _constants(
                standing.device_id, standing.certificate.serial, standing.licence.zip_code
            )
        self.contents: list[bytes] = []
        self.debits: list[tuple[str, int, int, int, str, bytes]] = []
        """Time, ascending, descending, piece count, request id and digest of each."""

    def outcome(self, request: EvidenceRequest, time: str, terms: Terms | Refused) -> Outcome | int:
        """What a request comes to: stored evidence, a refusal, or the place of a debit."""
        try:
            read = self._reader.read(request)
            name = read[0]
            earlier = self._known.get(name)
            if earlier is not None:
                return evidence_again(earlier, read.digest)
            place = self._places.get(name)
            if place is not None:
                _require_same(name, self.debits[place][5], read.digest)
                return place
            if isinstance(terms, Refused):
                return terms
            return self._debit(read, time, terms)
        except Refused as refused:
            return refused

    def _debit(self, read: ReadRequest, time: str, terms: Terms) -> int:
        name, postage, day, destination, rate, digest = read
        if day == 0:
            day = terms.today
        if not terms.first_day <= day <= terms.last_day or day > terms.certificate_end:
            terms.require_date(day)
        ascending, descending = self._ascending + postage, self._descending - postage
        if (
            not 0 < postage <= POSTAGE_MILLS_MAX
            or descending < 0
            or ascending > ASCENDING_MILLS_MAX
            or self._descending < terms.descending_min
        ):
            raise self._postage_refused(postage, terms)
        self.contents.append(
            pack_after(
                self._prefix,
                ascending_mills=ascending,
                postage_mills=postage,
                date_number=day,
                zip_number=self._zip,
                destination_number=destination,
                software_id=SOFTWARE_ID,
                descending_mills=descending,
                rate_category=rate,
            )
        )
        self._ascending, self._descending = ascending, descending
        self._count += 1
        # Callers who overlap may give their moments in any order; journal time never falls.
        if time > self._latest:
            self._latest = time
        place = self._places[name] = len(self.debits)
        self.debits.append((self._latest, ascending, descending, self._count, name, digest))
        return place

    def _postage_refused(self, postage_mills: int, terms: Terms) -> Refused:
        try:
            require_postage(
                postage_mills, ascending_mills=self._ascending, descending_mills=self._descending
            )
        except Refused as refused:
            return refused
        return BELOW_LARGEST_DENOMINATION.because(
            f"{format_dollars(self._descending)} is below the largest denomination,"
            f" {format_dollars(terms.descending_min)}"
        )


@dataclass(slots=True)
class Draft:
    """The jobs of one device, signed and sealed; what is debited is not durable yet."""

    jobs: Sequence[Job]
    outcomes: list[list[Outcome | int]]
    """Of each job; a number is a place among ``released``."""
    step: Step | None = None
    """What has to become durable first; ``None`` where nothing is debited."""
    released: Sequence[Outcome] = ()

    def release(self) -> None:
        """Give each job its outcomes: the step is durable, or there is none (PSD-3)."""
        released = self.released
        for job, outcomes in zip(self.jobs, self.outcomes, strict=True):
            job.outcomes = [released[one] if isinstance(one, int) else one for one in outcomes]

    def refuse(self, refused: Refused) -> None:
        """The step was refused: nothing was debited, and each piece gets the refusal."""
        self.released = [refused] * len(self.released)
        self.release()


def evidence_jobs(mechanism: Mechanism, jobs: Sequence[Job]) -> None:
    """Carry out the jobs, in order, in one commit; each job gets its outcomes.

    Raises:
        Refused: the store cannot be read; no job has an outcome then.
    """
    draft = draft_jobs(mechanism, jobs)
    if draft.step is not None:
        mechanism.begin()
        try:
            mechanism.store.append(draft.step.commit)
        except Refused as refused:
            mechanism.fail(refused)
            draft.refuse(refused)
            return
        mechanism.take(draft.step)
    draft.release()


def draft_jobs(mechanism: Mechanism, jobs: Sequence[Job]) -> Draft:
    """Check, debit and sign the jobs, in order; nothing is stored, so nothing may be released.

    Raises:
        Refused: the store cannot be read.
    """
    mechanism.require_certain()
    plan = Plan(mechanism.state, _known(mechanism, jobs))
    outcomes = [
        [plan.outcome(request, time, terms) for request in job.requests]
        for job, (time, terms) in zip(jobs, _terms(mechanism, jobs), strict=True)
    ]
    draft = Draft(jobs, outcomes)
    if plan.debits:
        try:
            _sign(mechanism, plan, draft)
        except Refused as refused:
            draft.released = [refused] * len(plan.debits)
    return draft


def request_ids(jobs: Sequence[Job]) -> list[str]:
    """The request ids of the jobs that read as such."""
    return [
        request.request_id
        for job in jobs
        for request in job.requests
        if isinstance(request.request_id, str) and REQUEST_ID.fullmatch(request.request_id)
    ]


def evidence_again(entry: Entry, digest: bytes) -> Evidence:
    """The evidence of a journal entry, for the request it was made for (PSD-4).

    Raises:
        Refused: ``REQUEST_ID_USED``.
    """
    name = str(entry.request_id)
    if entry.kind is not EntryKind.EVIDENCE:
        raise REQUEST_ID_USED.because(f"request id {name} was used for another end: {entry.kind}")
    _require_same(name, entry.request_digest, digest)
    return Evidence(name, entry.content + entry.signature, entry.registers, entry.sequence)


@lru_cache(maxsize=1024)
def _constants(device_id: str, certificate_serial: int, zip_code: str) -> tuple[bytes, int]:
    """The first 14 bytes of every content, and the licensing ZIP Code as a number."""
    device = DeviceId.parse(device_id)
    return pack_prefix(VERSION, ALGORITHM_ES256, certificate_serial, device), zip_number(zip_code)


def _require_same(name: str, stored: bytes, asked: bytes) -> None:
    if stored != asked:
        raise REQUEST_ID_USED.because(f"request id {name} was used with other fields")


def _known(mechanism: Mechanism, jobs: Sequence[Job]) -> dict[str, Entry]:
    """The stored entries of the jobs' request ids, in one query."""
    names = request_ids(jobs)
    found = mechanism.store.requests(names) if names else {}
    return {name: mechanism.authentic(entry) for name, entry in found.items()}


def _terms(mechanism: Mechanism, jobs: Sequence[Job]) -> list[tuple[str, Terms | Refused]]:
    """Time and terms of each job; the registers are compared before any debit (PSD-5)."""
    found: list[tuple[str, Terms | Refused]] = []
    for job in jobs:
        time = instant_text(job.now)
        terms = terms_of(mechanism.state, job.now.date(), time=time, latest=job.latest)
        found.append((time, terms))
    try:
        if any(type(terms) is Terms for _, terms in found):
            mechanism.compare_copies(found[0][0])
        mechanism.require_sound()
    except Refused as refused:
        if refused.code != DEVICE_FAULTED.code:
            raise
        return [(time, refused) for time, _ in found]
    return found


def _sign(mechanism: Mechanism, plan: Plan, draft: Draft) -> None:
    """Sign and seal the debits of a plan: what is to become durable, and what it releases."""
    signatures = mechanism.signer.sign_many(plan.contents)
    state = mechanism.state
    control, resets = state.registers.control_total_mills, state.registers.reset_sequence
    first = state.sequence + 1
    entries = seal_pieces(
        state.head,
        mechanism.mac_key,
        [
            (first + at, time, up, down, control, count, resets, name, digest, content, signature)
            for at, ((time, up, down, count, name, digest), content, signature) in enumerate(
                zip(plan.debits, plan.contents, signatures, strict=True)
            )
        ],
    )
    draft.step = mechanism.step(state, entries)
    draft.released = [
        Evidence(
            name,
            content + signature,
            Registers(
                ascending_mills=up,
                descending_mills=down,
                control_total_mills=control,
                piece_count=count,
                reset_sequence=resets,
            ),
            first + at,
        )
        for at, ((_, up, down, count, name, _), content, signature) in enumerate(
            zip(plan.debits, plan.contents, signatures, strict=True)
        )
    ]
