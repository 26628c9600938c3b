"""Callers of many devices, side by side, share a commit.

``CommitQueue`` does this for one device; here a batch holds the jobs of as many devices as wait.
Who comes while a lane is free leads: it has every device of the batch check, debit
and sign, commits for all of them at once, and releases (PSD-3). Who comes meanwhile waits;
a leader hands its lane to the first who waits. Lanes go side by side, with different devices, so
that one batch is decided while the other reaches the disk.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Final

from franking.clock import instant_text
from franking.errors import InvariantBroken, Refused
from franking.psd.commit_queue import COMMIT_PIECES_MAX
from franking.psd.evidencing import Draft, Job, Outcome, draft_jobs
from franking.psd.hosted_lane import Lane
from franking.psd.hosted_store import HostedDeviceStore
from franking.psd.mechanism import Mechanism, Step
from franking.psd.store import STORE_FAILING

PATIENCE_SECONDS_MAX: Final = 0.001
"""A leader waits no longer than this for callers who were served just now, and may ask again."""
_PATIENCE_SHARE: Final = 0.5
"""Nor longer than this share of what a commit takes."""
_BESIDE_JOBS_MIN: Final = 8
"""A batch goes beside another only with so many jobs."""


class Bell:
    """Wakes one caller; a plain lock, which costs a tenth of ``threading.Event``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def set(self) -> None:
        """Wake the caller, now or when it comes to wait; call it under the queue's mutex."""
        if self._lock.locked():
            self._lock.release()

    def is_set(self) -> bool:
        """Whether the bell was rung and not heard yet."""
        return not self._lock.locked()

    def wait(self, seconds: float = -1) -> bool:
        """Until the bell is rung, or for so many seconds; whether it was rung."""
        return self._lock.acquire(timeout=seconds)


class Seat:
    """One device among those that share commits: the queue of that device's callers."""

    def __init__(
        self,
        commits: SharedCommits,
        mechanism: Mechanism,
        turn: threading.RLock,
        store: HostedDeviceStore,
    ) -> None:
        self.mechanism, self.turn, self.store = mechanism, turn, store
        self.waiting: list[Job] = []
        self.isbusy = False
        self._commits = commits

    def outcomes(self, job: Job) -> list[Outcome]:
        """Wait until the job is done; its outcomes.

        Raises:
            Refused: as serving it raised.
        """
        self._commits.carry_out([(self, job)])
        if job.error is not None:
            raise job.error
        return job.outcomes


class Gathering:
    """Whom a leader waits for: as many callers as there were lately, and a short while only.

    Callers who were served together come back one after the other. Who led the first of them at
    once would make a commit for one piece, while the others wait for the disk twice. Where they
    do not come back fewer are expected from then on. Use it under the queue's mutex.
    """

    def __init__(self) -> None:
        self.waiting = self._under_way = self._around = self._wanted = 0
        self._bell: Bell | None = None
        self.patience = 0.0

    def came(self) -> None:
        """A job came to wait."""
        self.waiting += 1
        if self._bell is not None and self.waiting >= self._wanted:
            self._bell.set()
            self._bell = None

    def begin(self) -> Bell | None:
        """What rings when all are there; ``None`` where they are, or another leader waits."""
        self._wanted = self._around - self._under_way
        if self.waiting >= self._wanted or self._bell is not None:
            return None
        self._bell = Bell()
        return self._bell

    def end(self, *, complete: bool) -> None:
        """The wait is over."""
        self._bell = None
        seen = self.waiting + self._under_way
        self._around = max(seen, self._around - (not complete))

    def left(self, jobs: int) -> None:
        """So many are served now."""
        self.waiting -= jobs
        self._under_way += jobs

    def served(self, jobs: int) -> None:
        """So many have their outcomes."""
        self._under_way -= jobs

    def took(self, seconds: float) -> None:
        """A commit took so long: patience is a share of that."""
        self.patience = min(seconds * _PATIENCE_SHARE, PATIENCE_SECONDS_MAX)


Batch = list[tuple[Seat, list[Job]]]
"""Devices, each with the jobs that are carried out for it together."""


class SharedCommits:
    """The lanes into a fleet's database, and the devices that wait for one."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._mutex = threading.Lock()
        self._lanes = tuple(lanes)
        self._free = list(lanes)
        self._ready: deque[Seat] = deque()
        """Devices with jobs that wait, and none under way."""
        self._appointed: dict[int, Lane] = {}
        """The lane of a job whose caller is to lead."""
        self._gathering = Gathering()

    def carry_out(self, asked: Sequence[tuple[Seat, Job]]) -> None:
        """Wait until the jobs are done, leading a batch where it is this caller's turn."""
        jobs = [job for _, job in asked]
        if not jobs:
            return
        with self._mutex:
            for seat, job in asked:
                self._queue_up(seat, job)
            if self._ready and self._may_lead():
                self._appointed[id(jobs[0])] = self._free.pop()
        try:
            self._stay(jobs)
        except BaseException:
            self._leave(asked)
            raise

    def _may_lead(self) -> bool:
        """Whether a batch is worth a free lane: alone, or large enough to go beside another.

        Two small batches would wait for the disk twice.
        """
        isalone = len(self._free) == len(self._lanes)
        return isalone or (bool(self._free) and self._gathering.waiting >= _BESIDE_JOBS_MIN)

    def _queue_up(self, seat: Seat, job: Job) -> None:
        seat.waiting.append(job)
        self._gathering.came()
        if not seat.isbusy and len(seat.waiting) == 1:
            self._ready.append(seat)

    def close(self) -> None:
        """Give every connection up."""
        for lane in self._lanes:
            lane.close()

    def _stay(self, jobs: Sequence[Job]) -> None:
        """Until the jobs are done: lead whenever appointed, else wait."""
        bell = Bell()
        while True:
            with self._mutex:
                lane = self._appointment(jobs)
                if lane is None:
                    under_way = [job for job in jobs if not job.isdone]
                    if not under_way:
                        return
                    for job in under_way:
                        job.woken = bell
            if lane is not None:
                self._lead(lane)
            else:
                bell.wait()

    def _appointment(self, jobs: Sequence[Job]) -> Lane | None:
        """The lane that one of these jobs was appointed to."""
        found = (self._appointed.pop(id(job), None) for job in jobs) if self._appointed else ()
        return next((lane for lane in found if lane is not None), None)

    def _leave(self, asked: Sequence[tuple[Seat, Job]]) -> None:
        """Wait no longer: a caller who was interrupted must not be appointed to lead."""
        with self._mutex:
            for seat, job in asked:
                if job in seat.waiting:
                    seat.waiting.remove(job)
                    self._gathering.waiting -= 1
                    if not seat.waiting and seat in self._ready:
                        self._ready.remove(seat)
            while (lane := self._appointment([job for _, job in asked])) is not None:
                self._hand_on(lane)

    def _lead(self, lane: Lane) -> None:
        """Serve those who wait, in one commit; then another leads."""
        self._gather()
        with self._mutex:
            batch = self._next_batch()
        started = time.perf_counter()
        try:
            if batch:
                _serve(lane, batch)
                self._gathering.took(time.perf_counter() - started)
        except BaseException as error:
            _end(batch, error)
            if not isinstance(error, Exception):
                raise
        finally:
            self._let_go(lane, batch)

    def _gather(self) -> None:
        """Wait a moment for the callers who are about to ask again."""
        with self._mutex:
            bell = self._gathering.begin()
        complete = bell is None or bell.wait(self._gathering.patience)
        with self._mutex:
            self._gathering.end(complete=complete)

    def _next_batch(self) -> Batch:
        batch: Batch = []
        pieces = jobs = 0
        while self._ready:
            seat = self._ready[0]
            pieces += sum([len(job.requests) for job in seat.waiting])
            if batch and pieces > COMMIT_PIECES_MAX:
                break
            self._ready.popleft()
            seat.isbusy = True
            jobs += len(seat.waiting)
            batch.append((seat, seat.waiting))
            seat.waiting = []
        self._gathering.left(jobs)
        return batch

    def _let_go(self, lane: Lane, batch: Batch) -> None:
        """Wake the callers whose jobs are done, and one who waits, to lead."""
        with self._mutex:
            for seat, jobs in batch:
                seat.isbusy = False
                self._gathering.served(len(jobs))
                if seat.waiting:
                    self._ready.append(seat)
                for job in jobs:
                    job.isdone = True
                    if job.woken is not None:
                        job.woken.set()
            self._hand_on(lane)

    def _hand_on(self, lane: Lane) -> None:
        self._free.append(lane)
        if not self._ready or not self._may_lead():
            return
        heir = self._ready[0].waiting[0]
        if id(heir) in self._appointed:
            return
        self._appointed[id(heir)] = self._free.pop()
        if heir.woken is not None:
            heir.woken.set()


def _serve(lane: Lane, batch: Batch) -> None:
    """Carry out the jobs of every device of the batch, in one commit."""
    held = []
    try:
        for seat, _ in batch:
            seat.turn.acquire()
            held.append(seat)
        _store(lane, _drafts(batch))
    finally:
        for seat in held:
            seat.turn.release()


Drafted = list[tuple[Seat, Draft]]


def _drafts(batch: Batch) -> Drafted:
    """What each device would debit, signed; one that cannot stops none of the others."""
    drafts: Drafted = []
    for seat, jobs in batch:
        seat.store.is_sharing = True
        try:
            drafts.append((seat, draft_jobs(seat.mechanism, jobs)))
        except Exception as error:
            _end([(seat, jobs)], error)
        finally:
            seat.store.is_sharing = False
    return drafts


def _store(lane: Lane, drafts: Drafted) -> None:
    """Make what was debited durable, all together, then release it (PSD-3)."""
    debited: list[tuple[Seat, Draft, Step]] = []
    for seat, draft in drafts:
        if draft.step is None:
            draft.release()
        else:
            seat.mechanism.begin()
            debited.append((seat, draft, draft.step))
    if not debited:
        return
    try:
        moved = lane.commit([seat.store.move(step.commit) for seat, _, step in debited])
    except Refused as refused:
        for seat, draft, _ in debited:
            _refuse(seat, draft, refused)
    except InvariantBroken as broken:
        _store_apart(lane, [(seat, draft) for seat, draft, _ in debited], broken)
    else:
        for seat, draft, step in debited:
            if seat.store.device in moved:
                seat.store.took(step.commit)
                seat.mechanism.take(step)
                draft.release()
            else:
                _refuse(seat, draft, _disagreement(seat, draft))


def _disagreement(seat: Seat, draft: Draft) -> Refused:
    """Why the database did not take a device's commit: nothing changed, except that it may fault.

    Taken over by another program, or the registers, their copy and the device's memory disagree.
    """
    try:
        seat.mechanism.compare_copies(instant_text(draft.jobs[0].now))
    except Refused as refused:
        return refused
    return STORE_FAILING.because(f"{seat.store.device}: the commit was not taken")


def _store_apart(lane: Lane, debited: Drafted, broken: InvariantBroken) -> None:
    """A guard refused the commit, and nothing changed: find whose it was, for the others' sake."""
    if len(debited) > 1:
        for each in debited:
            _store(lane, [each])
        return
    for _, draft in debited:
        for job in draft.jobs:
            job.error = broken


def _refuse(seat: Seat, draft: Draft, refused: Refused) -> None:
    seat.mechanism.fail(refused)
    draft.refuse(refused)


def _end(batch: Batch, error: BaseException) -> None:
    """The jobs have this error instead of outcomes."""
    if not isinstance(error, Exception):
        error = STORE_FAILING.because("the program was interrupted")
    for _, jobs in batch:
        for job in jobs:
            job.error = error
