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

GATHERING_SECONDS: Final = 0.0
"""Whom the last commit has served is about to ask again: how long to let them join."""


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

    def wait(self) -> None:
        """Until the bell is rung."""
        self._lock.acquire()


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
        self._commits.carry_out(self, job)
        if job.error is not None:
            raise job.error
        return job.outcomes


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
        self._alone = True
        """Whether the last batch had one job: then nobody is waited for."""

    def carry_out(self, seat: Seat, job: Job) -> None:
        """Wait until the job is done, leading a batch where it is this caller's turn."""
        with self._mutex:
            seat.waiting.append(job)
            if not seat.isbusy:
                if len(seat.waiting) == 1:
                    self._ready.append(seat)
                if self._free:
                    self._appointed[id(job)] = self._free.pop()
        try:
            self._stay(job)
        except BaseException:
            self._leave(seat, job)
            raise

    def close(self) -> None:
        """Give every connection up."""
        for lane in self._lanes:
            lane.close()

    def _stay(self, job: Job) -> None:
        """Until the job is done: lead whenever appointed, else wait."""
        while True:
            with self._mutex:
                lane = self._appointed.pop(id(job), None)
                if lane is None:
                    if job.isdone:
                        return
                    bell = job.woken = job.woken or Bell()
            if lane is not None:
                self._lead(lane)
            else:
                bell.wait()

    def _leave(self, seat: Seat, job: Job) -> None:
        """Wait no longer: a caller who was interrupted must not be appointed to lead."""
        with self._mutex:
            if job in seat.waiting:
                seat.waiting.remove(job)
                if not seat.waiting and seat in self._ready:
                    self._ready.remove(seat)
            lane = self._appointed.pop(id(job), None)
            if lane is not None:
                self._hand_on(lane)

    def _lead(self, lane: Lane) -> None:
        """Serve those who wait, in one commit; then another leads."""
        if not self._alone:
            time.sleep(GATHERING_SECONDS)
        with self._mutex:
            batch = self._next_batch()
        try:
            if batch:
                _serve(lane, batch)
        except BaseException as error:
            _end(batch, error)
            if not isinstance(error, Exception):
                raise
        finally:
            self._let_go(lane, batch)

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
        self._alone = jobs < 2
        return batch

    def _let_go(self, lane: Lane, batch: Batch) -> None:
        """Wake the callers whose jobs are done, and one who waits, to lead."""
        with self._mutex:
            for seat, jobs in batch:
                seat.isbusy = False
                if seat.waiting:
                    self._ready.append(seat)
                for job in jobs:
                    job.isdone = True
                    if job.woken is not None:
                        job.woken.set()
            self._hand_on(lane)

    def _hand_on(self, lane: Lane) -> None:
        if not self._ready:
            self._free.append(lane)
            return
        heir = self._ready[0].waiting[0]
        if id(heir) in self._appointed:
            self._free.append(lane)
            return
        self._appointed[id(heir)] = lane
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
