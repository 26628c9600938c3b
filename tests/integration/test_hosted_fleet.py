"""A hosted fleet on both databases: shared commits, one holder at a time, nothing lost."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from franking.errors import InvariantBroken, Refused
from franking.psd.hosted_lane import Lane, Move
from franking.psd.records import Evidence, EvidenceRequest, Status
from franking.psd.store import STORE_FAILING, STORE_FULL
from tests.fixtures_databases import DATABASES
from tests.fixtures_fleet import FUNDED_MILLS, FleetBench, code_of, new_fleet
from tests.fixtures_psd import NOON, refuses

EITHER = pytest.mark.parametrize("database", DATABASES)


class Watched:
    """A lane that notes what it commits, and fails when it is told to."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.sizes: list[int] = []
        self.before: list[BaseException] = []
        """Raised, one at a time, instead of committing."""
        self.after: list[BaseException] = []
        """Raised, one at a time, when the commit is on the disk."""
        self.gate: threading.Event | None = None

    def commit(self, moves: Sequence[Move]) -> frozenset[str]:
        self.sizes.append(len(moves))
        if self.gate is not None:
            self.gate.wait(10)
        if self.before:
            raise self.before.pop()
        moved = self.lane.commit(moves)
        if self.after:
            raise self.after.pop()
        return moved

    def close(self) -> None:
        self.lane.close()


def watch(bench: FleetBench) -> Watched:
    commits = bench.fleet._commits
    (lane,) = commits._lanes
    watched = Watched(lane)
    commits._lanes, commits._free = (watched,), [watched]
    return watched


def sabotage(bench: FleetBench, statement: str) -> None:
    """Change rows past every guard, as a thief with the database would."""
    from franking.psd.hosted_tables import SCHEMA
    from franking.storage.guards import lay_guards, lift_guards

    with bench.fleet._books.engine.connect() as connection, connection.begin():
        lift_guards(connection)
        connection.execute(text(statement))
        lay_guards(connection, SCHEMA.metadata)


@EITHER
@pytest.mark.law("PSD-1", "PSD-4")
@pytest.mark.parametrize("lanes", [1, 2])
def test_callers_of_many_devices_get_a_debit_each(
    database: str, lanes: int, tmp_path: Path
) -> None:
    lanes = 1 if database == "sqlite" else lanes
    bench = new_fleet(database, tmp_path, lanes=lanes)
    asked = [(name, f"p{number}") for number in range(40) for name in bench.names]
    pieces = bench.pieces([*asked, *asked], callers=16)
    assert pieces[: len(asked)] == pieces[len(asked) :]
    for name in bench.names:
        mine = [piece for (of, _), piece in zip(asked, pieces, strict=False) if of == name]
        assert sorted(piece.content.ascending_mills for piece in mine) == list(range(10, 410, 10))
        with bench.fleet.device(name, NOON) as device:
            assert device.registers.descending_mills == FUNDED_MILLS - 400
            assert device.check(NOON) == ()


@EITHER
def test_callers_of_different_devices_share_a_commit(database: str, tmp_path: Path) -> None:
    bench = new_fleet(database, tmp_path, devices=6)
    watched = watch(bench)
    watched.gate = threading.Event()
    ready = bench.fleet._commits._ready

    def let_go() -> None:
        while len(ready) < 5:
            threading.Event().wait(0.001)
        assert watched.gate is not None
        watched.gate.set()

    helper = threading.Thread(target=let_go)
    helper.start()
    bench.pieces([(name, "p") for name in bench.names], callers=6)
    helper.join()
    assert watched.sizes == [1, 5]


@EITHER
@pytest.mark.law("PSD-3")
def test_what_the_disk_refuses_is_not_released_and_not_debited(
    database: str, tmp_path: Path
) -> None:
    bench = new_fleet(database, tmp_path)
    watched = watch(bench)
    watched.before = [STORE_FULL.because("no space left")]
    with refuses("STORE_FULL"):
        bench.piece(bench.names[0], "p1")
    assert bench.piece(bench.names[0], "p1").registers.ascending_mills == 10


@EITHER
@pytest.mark.law("PSD-3", "PSD-4")
def test_a_commit_in_doubt_is_told_by_asking_again(database: str, tmp_path: Path) -> None:
    """The answer of the database was lost: the piece was debited, and is given out once."""
    bench = new_fleet(database, tmp_path)
    watched = watch(bench)
    watched.after = [STORE_FAILING.because("the connection was lost")]
    with refuses("STORE_FAILING"):
        bench.piece(bench.names[0], "p1")
    again = bench.piece(bench.names[0], "p1")
    assert (again.registers.ascending_mills, again.registers.piece_count) == (10, 1)
    assert bench.piece(bench.names[0], "p2").registers.ascending_mills == 20


@EITHER
@pytest.mark.law("PSD-5")
def test_one_altered_device_faults_and_stops_no_other(database: str, tmp_path: Path) -> None:
    bench = new_fleet(database, tmp_path)
    bad, *good = bench.names
    sabotage(
        bench, f"UPDATE hosted_register_copies SET latest_time = 'never' WHERE device = '{bad}'"
    )
    watched = watch(bench)
    watched.gate = threading.Event()
    threading.Timer(0.2, watched.gate.set).start()
    codes: list[str] = []
    callers = [
        threading.Thread(target=lambda: codes.append(code_of(lambda: bench.piece(bad, "p")))),
        *(threading.Thread(target=bench.piece, args=(name, "p")) for name in good),
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert codes == ["DEVICE_FAULTED"]
    with bench.fleet.device(bad, NOON) as device:
        assert device.status is Status.FAULTED
        assert device.registers.piece_count == 0
    for name in good:
        assert bench.piece(name, "p").registers.piece_count == 1


@EITHER
def test_what_breaks_a_guard_stops_no_other_device(database: str, tmp_path: Path) -> None:
    bench = new_fleet(database, tmp_path)
    bad, *good = bench.names
    bench.piece(bad, "p0")
    # A piece that the device does not know of bears the next request id.
    sabotage(
        bench,
        "INSERT INTO hosted_entries SELECT device, 99, time, kind, ascending_mills,"
        " descending_mills, control_total_mills, piece_count, reset_sequence, 'p1',"
        " request_digest, content, signature, previous_hash, hash, mac FROM hosted_entries"
        f" WHERE device = '{bad}' AND request_id = 'p0'",
    )
    watched = watch(bench)
    watched.gate = threading.Event()
    threading.Timer(0.2, watched.gate.set).start()
    done: list[Evidence] = []
    callers = [
        threading.Thread(target=lambda n=name: done.append(bench.piece(n, "p1"))) for name in good
    ]
    for caller in callers:
        caller.start()
    with pytest.raises(InvariantBroken, match="refuses what the device did"):
        bench.piece(bad, "p1")
    for caller in callers:
        caller.join()
    assert [piece.registers.piece_count for piece in done] == [1, 1]


@EITHER
@pytest.mark.law("PSD-1", "PSD-4")
def test_two_programs_never_debit_one_device_from_two_memories(
    database: str, tmp_path: Path
) -> None:
    """Each takes the device over from the other, and goes on where that one stood."""
    bench = new_fleet(database, tmp_path, devices=1)
    (name,) = bench.names
    other = bench.another()
    pieces = []
    for number in range(6):
        fleet = (bench.fleet, other)[number % 2]
        pieces.append(fleet.evidence(name, EvidenceRequest(f"p{number}", 10), NOON))
    assert [piece.registers.ascending_mills for piece in pieces] == list(range(10, 70, 10))
    assert bench.piece(name, "p1") == pieces[1]
    with bench.fleet.device(name, NOON) as device:
        assert device.check(NOON) == ()
    other.close()


@EITHER
def test_a_fleet_keeps_no_more_devices_on_than_it_has_room_for(
    database: str, tmp_path: Path
) -> None:
    bench = new_fleet(database, tmp_path, devices=5)
    small = bench.another(on_max=2)
    for number in range(3):
        for name in bench.names:
            piece = small.evidence(name, EvidenceRequest(f"p{number}", 10), NOON)
            assert piece.registers.piece_count == number + 1
    assert len(small._on) == 2
    small.close()


@EITHER
def test_a_device_that_is_not_there_is_said_so(database: str, tmp_path: Path) -> None:
    bench = new_fleet(database, tmp_path, devices=1)
    with refuses("DEVICE_NOT_THERE", "FK1A0000000009"):
        bench.piece("FK1A0000000009", "p")
    with refuses("REQUEST_UNREADABLE"):
        bench.piece(bench.names[0], "two words")


@EITHER
@pytest.mark.parametrize("name", ['a"b', "a\\b", "a,b", "(a)", "{a}", "NULL", "a'b", "%s", "\\\\x"])
@pytest.mark.law("PSD-4")
def test_any_request_id_is_kept_as_it_is(database: str, name: str, tmp_path: Path) -> None:
    bench = new_fleet(database, tmp_path, devices=1)
    piece = bench.piece(bench.names[0], name)
    bench.fleet.close()
    bench.fleet = bench.another()
    assert bench.piece(bench.names[0], name) == piece
    assert piece.request_id == name


def test_a_server_that_goes_away_refuses_cleanly_and_goes_on(tmp_path: Path) -> None:
    bench = new_fleet("postgresql", tmp_path, devices=2)
    first = bench.piece(bench.names[0], "p1")
    with bench.fleet._books.engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert code_of(lambda: bench.piece(bench.names[0], "p2")) == "STORE_FAILING"
    assert bench.piece(bench.names[0], "p2").registers.ascending_mills == 20
    assert bench.piece(bench.names[0], "p1") == first


def test_one_refused_piece_stops_none_of_the_others(tmp_path: Path) -> None:
    bench = new_fleet("sqlite", tmp_path, devices=1)
    asked = [EvidenceRequest("p1", 10), EvidenceRequest("p2", 0), EvidenceRequest("p3", 10)]
    one, two, three = bench.fleet.evidence_many(bench.names[0], asked, NOON)
    assert isinstance(two, Refused)
    assert isinstance(one, Evidence)
    assert isinstance(three, Evidence)
    assert three.registers.ascending_mills == 20
