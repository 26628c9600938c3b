"""Indicia, a trust list and faces to measure with, without a device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from numpy.typing import NDArray

from franking.host.addresses import clean
from franking.host.layouts import LayoutSettings, face_of
from franking.host.mailpiece import Practice, compose
from franking.host.records import Address, MailClass, Mailpiece, Shape
from franking.host.stocks import stock
from franking.identifiers import DeviceId
from franking.indicium.content import ALGORITHM_ES256, VERSION, IndiciumContent, pack
from franking.marks.geometry import Drawing
from franking.marks.symbols import Symbology
from franking.marks.town_circle import licensing_office
from franking.psd.vault.ecdsa import public_key_object
from franking.psd.vault.port import VaultSigner
from franking.psd.vault.software import SoftwareVault
from franking.verification.trust_format import ROW, day_number
from franking.verification.trust_list import write_table

NOW = datetime(1997, 11, 21, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
SERIAL = 700_001
DEVICE = DeviceId("FK", "1A", 1)
STREETS = ("12 Main St", "4 Elm Ave Apt 3", "901 W Broadway", "77 Old Mill Rd", "5 Park Pl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """A device's key and the root of the trust list."""

    device: VaultSigner
    root: VaultSigner

    @property
    def root_public_key(self) -> EllipticCurvePublicKey:
        """What a verifier pins."""
        return public_key_object(self.root.public_key)


def new_keys() -> Keys:
    """Fresh keys of a software vault."""
    vault = SoftwareVault.in_memory()
    return Keys(device=_signer(vault, str(DEVICE)), root=_signer(vault, "root"))


def payloads(signer: VaultSigner, count: int, *, start: int = 1) -> list[bytes]:
    """Signed indicia of 32 cents each, 113 bytes."""
    contents = [pack(content(number)) for number in range(start, start + count)]
    signatures = signer.sign_many(contents)
    return [bytes_ + signature for bytes_, signature in zip(contents, signatures, strict=True)]


def content(number: int) -> IndiciumContent:
    """The content of piece ``number`` of a device credited with $100,000."""
    return IndiciumContent(
        version=VERSION,
        algorithm=ALGORITHM_ES256,
        certificate_serial=SERIAL,
        device_id=DEVICE,
        ascending_mills=320 * number,
        postage_mills=320,
        date_of_mailing=TODAY,
        licensing_zip="60601",
        destination="60601123499",
        software_id=b"FK0001",
        descending_mills=500_000 - 320 * (number % 1500),
        rate_category="FCL",
    )


def write_trust_list(path: Path, keys: Keys, *, devices: int) -> None:
    """A trust list of ``devices`` certificates, with our device among them."""
    with path.open("wb") as out:
        write_table(
            out,
            rows_of(keys.device.public_key, devices),
            {},
            keys.root,
            issued=NOW - timedelta(days=1),
            next_issue=NOW + timedelta(days=6),
        )


def faces(
    keys: Keys, count: int, symbology: Symbology = Symbology.DATA_MATRIX
) -> Iterator[Drawing]:
    """Whole No. 10 faces, each with its own indicium and address, as a print job draws them."""
    settings = LayoutSettings(
        stock=stock("no10"),
        town=licensing_office(city="Chicago", state="IL", zip_code="60601"),
        symbology=symbology,
        dpi=300,
    )
    for number in range(1, count + 1):
        (payload,) = payloads(keys.device, 1, start=number)
        yield face_of(_piece(number), payload, settings, serial=number).drawing()


def _signer(vault: SoftwareVault, name: str) -> VaultSigner:
    return vault.open(vault.generate(name).wrapped, name)


def _piece(number: int) -> Mailpiece:
    street = STREETS[number % len(STREETS)]
    return compose(
        practice=Practice(),
        on=TODAY,
        mail_class=MailClass.FIRST_CLASS,
        shape=Shape.LETTER,
        weight_oz=Decimal(1),
        destination=clean(
            Address(
                name=f"Recipient {number}",
                street=f"{number % 9000 + 1} {street.split(' ', 1)[1]}",
                city="Chicago",
                state="IL",
                zip_code=f"60601-{number % 9000 + 1000}",
            )
        ),
        return_address=clean(Address.of("1 Loop Plaza", "Chicago", "IL", "60601", "A. Sender")),
    )


def rows_of(public_key: bytes, devices: int) -> NDArray[np.void]:
    """The certificates of so many devices, ours among them, as rows of a trust list."""
    rows = np.zeros(devices, ROW)
    first = SERIAL - min(devices // 2, SERIAL - 1)
    rows["certificate_serial"] = np.arange(first, first + devices, dtype=np.uint32)
    random = np.random.default_rng(1997)
    rows["public_key"] = np.frombuffer(random.bytes(devices * 64), "V64")
    devices_of = np.zeros(devices, [("maker", "S2"), ("model", "S2"), ("serial", "<u4")])
    devices_of["maker"], devices_of["model"] = b"FK", b"1A"
    devices_of["serial"] = np.arange(10, 10 + devices, dtype=np.uint32)
    place = SERIAL - first
    devices_of["serial"][place] = DEVICE.serial
    rows["device"] = devices_of.view("V8")
    rows["public_key"][place] = np.frombuffer(public_key[1:], "V64")[0]
    rows["valid_from"] = day_number(date(1997, 1, 1))
    rows["valid_to"] = day_number(date(1999, 12, 31))
    return rows
