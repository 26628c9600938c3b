"""A hosted fleet with funded devices, on either database."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from franking.errors import Refused
from franking.identifiers import DeviceId
from franking.psd.hosted_fleet import SERVICE, HostedFleet
from franking.psd.hosted_tables import SCHEMA
from franking.psd.records import DeviceProfile, Evidence, EvidenceRequest
from franking.psd.vault.software import SoftwareVault
from franking.storage import Books, Where
from tests.fixtures_databases import place_on
from tests.fixtures_psd import NOON, Outside

FUNDED_MILLS = 100_000


@dataclass(slots=True)
class FleetBench:
    """A fleet on a bench: its devices hold ``FUNDED_MILLS`` each."""

    where: Where
    vault: SoftwareVault
    fleet: HostedFleet
    names: list[str]

    def another(self, *, on_max: int = 100) -> HostedFleet:
        """The same fleet opened by another program."""
        books = Books.open(self.where, SCHEMA, by=SERVICE)
        return HostedFleet(books, self.vault, on_max=on_max)

    def piece(self, name: str, request_id: str, postage_mills: int = 10) -> Evidence:
        """One indicium."""
        return self.fleet.evidence(name, EvidenceRequest(request_id, postage_mills), NOON)

    def pieces(self, asked: Iterable[tuple[str, str]], callers: int = 8) -> list[Evidence]:
        """An indicium for each device and request id, by callers side by side."""
        with ThreadPoolExecutor(callers) as pool:
            return list(pool.map(lambda one: self.piece(*one), asked))


def new_fleet(database: str, tmp_path: Path, *, devices: int = 3, lanes: int = 1) -> FleetBench:
    """A fleet whose devices are authorized and funded."""
    where = place_on(database, SCHEMA, tmp_path)
    vault = SoftwareVault.in_memory()
    fleet = HostedFleet(Books.open(where, SCHEMA, by=SERVICE), vault, lanes=lanes)
    outside = Outside()
    names = [_fund(fleet, outside, DeviceId("FK", "1A", number + 1)) for number in range(devices)]
    return FleetBench(where, vault, fleet, names)


def _fund(fleet: HostedFleet, outside: Outside, device_id: DeviceId) -> str:
    mine = Outside(outside.provider, outside.postal, device_id)
    device = fleet.create(device_id, DeviceProfile(), mine.trust, NOON)
    request = device.certificate_signing_request(NOON)
    device.authorize(mine.authorization(request, NOON), NOON)
    asked = device.request_reset(FUNDED_MILLS, "reset-1", NOON)
    device.apply_grant(mine.grant(asked, NOON), NOON)
    return str(device_id)


def code_of(ask: Callable[[], object]) -> str:
    """The code that asking is refused with; empty where it is not."""
    try:
        ask()
    except Refused as refused:
        return refused.code
    return ""
