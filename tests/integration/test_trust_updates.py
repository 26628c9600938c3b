"""Bringing a trust list up to date, from a folder or a web server, and what may go wrong."""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from franking.errors import Refused
from franking.identifiers import DeviceId
from franking.verification.payload import verify_payload
from franking.verification.reasons import Reason
from franking.verification.trust_list import EndReason, TrustEntry, TrustList, build, status_beside
from franking.verification.trust_publication import INDEX, Index, publish_to, read_index
from franking.verification.trust_source import FolderSource, WebSource, source_at
from franking.verification.trust_update import TrustStore, Way
from franking.verification.verdict import Verdict
from tests.fixtures_verification import NOW, OTHER_KEY, ROOT_KEY, SERIAL, ended, entry, signed, step

ROOT = ROOT_KEY.private_key.public_key()
FLEET = 3_000


def fleet(devices: int = FLEET, **endings: EndReason) -> list[TrustEntry]:
    """So many devices and ours; ``d7=LOST`` for the seventh."""
    ends = {int(name[1:]): ended(reason) for name, reason in endings.items()}
    others = [
        entry(number, device_id=DeviceId("FK", "1A", number), ending=ends.get(number))
        for number in range(1, devices)
    ]
    return [*others, entry(SERIAL, ending=ends.get(SERIAL))]


class Publisher:
    """A Postal Service that publishes into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "published"
        self._listed = folder / "newest.list"

    def publish(
        self, entries: list[TrustEntry], number: int, *, recent: int = 60, days: int = 0
    ) -> Index:
        issued = NOW + timedelta(days=days)
        times = {"issued": issued, "next_issue": issued + timedelta(days=7)}
        self._listed.write_bytes(build(entries, ROOT_KEY, number=number, **times))
        return publish_to(self.folder, self._listed, ROOT_KEY, ROOT, recent=recent)

    @property
    def source(self) -> FolderSource:
        return FolderSource(self.folder)

    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> TrustStore:
    return TrustStore(tmp_path / "verifier", ROOT)


def test_the_first_update_brings_the_whole_list_and_the_next_what_changed(
    publisher: Publisher, store: TrustStore
) -> None:
    publisher.publish(fleet(), 1)
    first = store.update(publisher.source)
    index = publisher.publish(fleet(FLEET + 5, d9=EndReason.LOST), 2)
    second = store.update(publisher.source)
    assert (first.way, first.before, first.trust.issue.number) == (Way.WHOLE, None, 1)
    assert (second.way, second.before, second.trust.issue.number) == (Way.DELTA, 1, 2)
    assert second.fetched_bytes < index.whole.bytes / 100
    assert store.path.read_bytes() == (publisher.folder / index.whole.name).read_bytes()
    assert store.update(publisher.source).way is Way.NOTHING_NEW


def test_one_delta_leads_from_every_recent_list_to_the_newest(
    publisher: Publisher, store: TrustStore, tmp_path: Path
) -> None:
    for number in range(1, 6):
        publisher.publish(fleet(FLEET + number, **{f"d{number}": EndReason.STOLEN}), number)
        shutil.copytree(publisher.folder, tmp_path / f"as of {number}")
    for number in range(1, 5):
        behind = TrustStore(tmp_path / f"behind {number}", ROOT)
        behind.update(FolderSource(tmp_path / f"as of {number}"))
        caught_up = behind.update(publisher.source)
        assert (caught_up.way, caught_up.before) == (Way.DELTA, number)
        assert (
            caught_up.trust.count_by_status()
            == store.update(publisher.source).trust.count_by_status()
        )


def test_who_is_too_far_behind_is_brought_the_whole_list(
    publisher: Publisher, store: TrustStore
) -> None:
    publisher.publish(fleet(), 1)
    store.update(publisher.source)
    for number in (2, 3, 4):
        publisher.publish(fleet(), number, recent=2)
    assert store.update(publisher.source).way is Way.WHOLE


def test_the_status_set_alone_tells_of_keys_at_hand_and_nothing_of_later_ones(
    publisher: Publisher, store: TrustStore
) -> None:
    before = [one for one in fleet() if one.certificate_serial != SERIAL]
    publisher.publish(before, 1)
    store.update(publisher.source)
    publisher.publish(fleet(d7=EndReason.LOST), 2, days=6)
    done = store.update(publisher.source, status_only=True)
    trust, later = TrustList.open(store.path, ROOT), NOW + timedelta(days=12)
    assert (done.way, trust.issue.number, trust.issue.keys_number) == (Way.STATUS, 2, 1)
    assert not trust.is_stale(later)
    assert trust.limits(later) == ("of devices certified after list 1 nothing is known",)
    seventh = trust.find(7)
    assert seventh is not None
    assert seventh.entry.ending == ended(EndReason.LOST)
    found = verify_payload(signed(), trust, later)
    assert (found.verdict, Reason.CERTIFICATE_UNKNOWN in found.reasons) == (
        Verdict.UNDETERMINED,
        True,
    )
    assert "is not on trust list 1" in step(found, "certificate").reason
    whole = store.update(publisher.source)
    assert (whole.way, whole.trust.issue.keys_number) == (Way.DELTA, None)
    assert not status_beside(store.path).exists()


def test_a_status_set_does_not_fit_a_list_with_other_certificates(
    publisher: Publisher, store: TrustStore
) -> None:
    publisher.publish(fleet(), 1)
    store.update(publisher.source)
    publisher.publish(fleet()[1:], 2)
    with refused("TRUST_STATUS_NOT_FOR_THIS_LIST"):
        store.update(publisher.source, status_only=True)
    assert store.update(publisher.source).trust.find(1) is None


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(Refused) as found:
        yield
    assert found.value.code == code


def test_an_older_list_is_refused_also_where_the_newer_one_was_taken_away(
    publisher: Publisher, store: TrustStore, tmp_path: Path
) -> None:
    publisher.publish(fleet(), 1)
    shutil.copytree(publisher.folder, tmp_path / "kept")
    publisher.publish(fleet(d8=EndReason.STOLEN), 2)
    store.update(publisher.source)
    for _ in range(2):
        with refused("TRUST_LIST_OLDER"):
            store.update(FolderSource(tmp_path / "kept"))
        with refused("TRUST_LIST_OLDER"):
            store.update(FolderSource(tmp_path / "kept"), status_only=True)
        store.path.unlink(missing_ok=True)
    assert store.update(publisher.source).way is Way.WHOLE


def test_two_lists_of_one_number_are_reported(
    publisher: Publisher, store: TrustStore, tmp_path: Path
) -> None:
    publisher.publish(fleet(), 1)
    store.update(publisher.source)
    other = Publisher(tmp_path / "forger")
    (tmp_path / "forger").mkdir()
    other.publish(fleet(d5=EndReason.LOST), 1)
    with refused("TRUST_LIST_OTHER"):
        store.update(other.source)


def test_a_list_under_another_root_changes_nothing(publisher: Publisher, tmp_path: Path) -> None:
    publisher.publish(fleet(), 1)
    store = TrustStore(tmp_path / "verifier", OTHER_KEY.private_key.public_key())
    with refused("TRUST_LIST_SIGNATURE_FALSE"):
        store.update(publisher.source)
    assert not store.path.exists()


def test_an_index_that_lies_about_the_number_gains_nothing(
    publisher: Publisher, store: TrustStore
) -> None:
    publisher.publish(fleet(), 1)
    index = publisher.folder / INDEX
    index.write_text(index.read_text().replace('"number": 1', '"number": 9'))
    with refused("TRUST_LIST_OTHER"):
        store.update(publisher.source)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[1]",
        "\xff",
        '{"format": "franking-trust-1"}',
    ],
)
def test_what_is_no_index_is_refused(text: str) -> None:
    with refused("TRUST_INDEX_UNREADABLE"):
        read_index(text.encode("latin-1"))


def test_an_index_cannot_name_a_file_elsewhere(publisher: Publisher, store: TrustStore) -> None:
    publisher.publish(fleet(), 1)
    index = publisher.folder / INDEX
    index.write_text(index.read_text().replace("trust-1.list", "../newest.list"))
    with refused("TRUST_INDEX_UNREADABLE"):
        store.update(publisher.source)


def test_a_damaged_delta_costs_the_whole_list_and_nothing_else(
    publisher: Publisher, store: TrustStore
) -> None:
    publisher.publish(fleet(), 1)
    store.update(publisher.source)
    index = publisher.publish(fleet(d9=EndReason.LOST), 2)
    delta = publisher.folder / index.deltas[0].name
    _say_the_digest_of(publisher, delta, delta.read_bytes()[:-1] + b"\0")
    assert store.update(publisher.source).way is Way.WHOLE


def test_a_damaged_copy_at_hand_is_replaced(publisher: Publisher, store: TrustStore) -> None:
    publisher.publish(fleet(), 1)
    store.update(publisher.source)
    store.path.write_bytes(store.path.read_bytes()[:-70])
    assert store.update(publisher.source).way is Way.WHOLE


def test_a_damaged_status_set_at_hand_is_refused_by_name_and_replaced(
    publisher: Publisher, store: TrustStore
) -> None:
    publisher.publish(fleet(), 1)
    store.update(publisher.source)
    publisher.publish(fleet(d9=EndReason.LOST), 2)
    store.update(publisher.source, status_only=True)
    beside = status_beside(store.path)
    beside.write_bytes(beside.read_bytes()[:-3])
    with refused("TRUST_STATUS_UNREADABLE"):
        TrustList.open(store.path, ROOT)
    assert store.update(publisher.source).way is Way.DELTA
    assert TrustList.open(store.path, ROOT).issue.number == 2


def test_a_publication_never_goes_back(publisher: Publisher) -> None:
    publisher.publish(fleet(10), 2)
    for number in (1, 2):
        with refused("TRUST_PUBLICATION_NEWER"):
            publisher.publish(fleet(10), number)


def test_a_publication_keeps_what_the_last_two_name(publisher: Publisher) -> None:
    for number in range(1, 6):
        publisher.publish(fleet(50), number, recent=3)
    assert publisher.names() == {
        INDEX,
        *("trust-4.list", "status-4", "endings-4", "delta-1-4", "delta-2-4", "delta-3-4"),
        *("trust-5.list", "status-5", "endings-5", "delta-2-5", "delta-3-5", "delta-4-5"),
    }


def test_a_source_that_is_not_there_leaves_the_list(
    publisher: Publisher, store: TrustStore
) -> None:
    publisher.publish(fleet(), 1)
    store.update(publisher.source)
    for gone in (FolderSource(publisher.folder / "nowhere"), WebSource("http://127.0.0.1:9/")):
        with refused("TRUST_SOURCE_UNREACHABLE"):
            store.update(gone)
    assert TrustList.open(store.path, ROOT).issue.number == 1


@pytest.mark.parametrize("place", ["ftp://example.org/", "file:///etc", "https://", "http://[::1"])
def test_a_place_of_another_kind_is_refused(place: str) -> None:
    with refused("TRUST_SOURCE_UNFIT"):
        source_at(place)


@contextmanager
def served(folder: Path, answer: Callable[[BaseHTTPRequestHandler, bytes], bytes]) -> Iterator[str]:
    """A web server on loopback; ``answer`` says how much of a file goes out before it hangs up."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = folder / self.path.lstrip("/")
            if not path.is_file():
                self.send_error(404)
                return
            data = path.read_bytes()
            start = int((self.headers["Range"] or "bytes=0-")[len("bytes=") : -1])
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            self.wfile.write(answer(self, data[start:]))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    "place", [f"http://{'a' * 70}.invalid/", "http://127.0.0.1/ü", "http://127.0.0.1/a b"]
)
def test_an_address_that_is_none_is_not_reached(store: TrustStore, place: str) -> None:
    with refused("TRUST_SOURCE_UNREACHABLE"):
        store.update(source_at(place))


def test_a_download_that_breaks_off_goes_on_where_it_stopped(
    publisher: Publisher, store: TrustStore
) -> None:
    index = publisher.publish(fleet(), 1)
    sent: list[int] = []

    def half_of_lists(request: BaseHTTPRequestHandler, data: bytes) -> bytes:
        part = data[: index.whole.bytes // 2 + 1] if request.path.endswith(".list") else data
        sent.append(len(part))
        return part

    with served(publisher.folder, half_of_lists) as address:
        with refused("TRUST_SOURCE_UNREACHABLE"):
            store.update(source_at(address))
        assert not store.path.exists()
        done = store.update(source_at(address))
    assert done.trust.issue.number == 1
    assert done.fetched_bytes < index.whole.bytes
    assert sum(sent) == index.whole.bytes + 2 * (publisher.folder / INDEX).stat().st_size


def test_a_download_that_never_ends_is_cut_and_one_of_something_else_is_dropped(
    publisher: Publisher, store: TrustStore
) -> None:
    publisher.publish(fleet(), 1)

    def rubbish(request: BaseHTTPRequestHandler, data: bytes) -> bytes:
        return data if request.path.endswith(INDEX) else b"x" * len(data)

    with served(publisher.folder, rubbish) as address, refused("TRUST_DOWNLOAD_DAMAGED"):
        store.update(source_at(address))
    with served(publisher.folder, lambda _, data: data) as address:
        assert store.update(source_at(address)).way is Way.WHOLE
        publisher.publish(fleet(d9=EndReason.LOST), 2)
        assert store.update(source_at(address), status_only=True).way is Way.STATUS
        assert store.update(source_at(address)).way is Way.DELTA


def test_two_updates_at_once_do_not_mix(publisher: Publisher, store: TrustStore) -> None:
    publisher.publish(fleet(), 1)

    class Nested(FolderSource):
        def index(self) -> bytes:
            with refused("TRUST_UPDATE_UNDER_WAY"):
                store.update(publisher.source)
            return super().index()

    assert store.update(Nested(publisher.folder)).way is Way.WHOLE


def _say_the_digest_of(publisher: Publisher, path: Path, data: bytes) -> None:
    """Put other bytes in place of a file, and let the index say their digest."""
    index = publisher.folder / INDEX
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    index.write_text(index.read_text().replace(before, hashlib.sha256(data).hexdigest()))
    path.write_bytes(data)
