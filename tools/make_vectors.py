"""Our own test vectors, made from the code: ``python -m tools.make_vectors``.

They are for those who write another reader or writer of our indicium: every field in words, the 49
bytes that are signed, the key, and the signature, which is deterministic (RFC 6979). A test
compares them with what is made now, so that no byte of the format changes unnoticed.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from franking.identifiers import DeviceId
from franking.indicium.content import (
    ALGORITHM_ES256,
    VERSION,
    VERSION_EXTENDED,
    IndiciumContent,
    pack,
    pack_extended,
)
from franking.indicium.profiles import decode
from franking.indicium.signature import low_s, raw_from_der
from franking.verification.trust_list import Ending, EndReason, TrustEntry, build

FOLDER = Path(__file__).parent.parent / "tests" / "vectors"
INDICIA, TRUST_LIST = "franking-indicia.json", "franking-trust-list.json"

ORDINARY = IndiciumContent(
    version=VERSION,
    algorithm=ALGORITHM_ES256,
    certificate_serial=700_001,
    device_id=DeviceId("FK", "1A", 1),
    ascending_mills=1_109_490,
    postage_mills=320,
    date_of_mailing=date(1997, 11, 21),
    licensing_zip="02139",
    destination="60601123499",
    software_id=b"FK0001",
    descending_mills=55_900,
    rate_category="FCL",
)
CONTENTS = {
    "an ordinary letter": ORDINARY,
    "no destination": msgspec.structs.replace(ORDINARY, destination="", rate_category=""),
    "a five-digit destination of zeros": msgspec.structs.replace(ORDINARY, destination="00000"),
    "a nine-digit destination": msgspec.structs.replace(ORDINARY, destination="006310012"),
    "with an extension of the customer's": msgspec.structs.replace(
        ORDINARY, version=VERSION_EXTENDED
    ),
    "the least of everything": IndiciumContent(
        version=VERSION,
        algorithm=ALGORITHM_ES256,
        certificate_serial=0,
        device_id=DeviceId("00", "00", 0),
        ascending_mills=1,
        postage_mills=1,
        date_of_mailing=date(1, 1, 1),
        licensing_zip="00000",
        destination="",
        software_id=bytes(6),
        descending_mills=0,
        rate_category="",
    ),
    "the most of everything": IndiciumContent(
        version=VERSION,
        algorithm=ALGORITHM_ES256,
        certificate_serial=2**32 - 1,
        device_id=DeviceId("ZZ", "ZZ", 2**32 - 1),
        ascending_mills=2**40 - 1,
        postage_mills=2**24 - 1,
        date_of_mailing=date(9999, 12, 31),
        licensing_zip="99999",
        destination="99999999999",
        software_id=bytes([255] * 6),
        descending_mills=2**32 - 1,
        rate_category="~~~~",
    ),
}


EXTENSION = b"order 4711"


@dataclass(frozen=True, slots=True)
class VectorKey:
    """A key that everybody knows: never one to believe."""

    name: str

    @property
    def private_key(self) -> EllipticCurvePrivateKey:
        """P-256, its number being the SHA-256 of the name."""
        number = int.from_bytes(hashlib.sha256(self.name.encode()).digest())
        return derive_private_key(number, SECP256R1())

    @property
    def public_key(self) -> bytes:
        """The uncompressed point, 65 bytes."""
        public = self.private_key.public_key()
        return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(self, data: bytes) -> bytes:
        """64 bytes, deterministic, with low s."""
        der = self.private_key.sign(data, ECDSA(SHA256(), deterministic_signing=True))
        return low_s(raw_from_der(der))


DEVICE_KEY, ROOT_KEY = VectorKey("franking vector device"), VectorKey("franking vector root")


def indicia() -> dict[str, Any]:
    """Every content with its bytes and its signature."""
    return {
        "about": "Indicia of profiles franking-1 and franking-2; the key is the SHA-256 of its"
        " name. Made by tools/make_vectors.py.",
        "key": _key_json(DEVICE_KEY),
        "vectors": [_indicium_json(name, content) for name, content in CONTENTS.items()],
    }


def trust_list() -> dict[str, Any]:
    """A list of three certificates: a good one, one that was rolled over, one compromised."""
    entries = [
        _entry(700_001, None),
        _entry(700_002, (EndReason.ROLLOVER, 1_000_000)),
        _entry(700_003, (EndReason.COMPROMISE, None)),
    ]
    data = build(
        entries,
        ROOT_KEY,
        number=12,
        issued=datetime(1997, 11, 20, 12, tzinfo=UTC),
        next_issue=datetime(1997, 11, 27, 12, tzinfo=UTC),
    )
    return {
        "about": "A trust list file; certificate 700001 is of the key of the indicia. Made by"
        " tools/make_vectors.py.",
        "root": _key_json(ROOT_KEY),
        "entries": [_entry_json(entry) for entry in entries],
        "file": data.hex(),
    }


def _key_json(key: VectorKey) -> dict[str, str]:
    return {"name": key.name, "public_key": key.public_key.hex()}


def _indicium_json(name: str, content: IndiciumContent) -> dict[str, Any]:
    extended = content.version == VERSION_EXTENDED
    data = pack_extended(content, EXTENSION) if extended else pack(content)
    payload = data + DEVICE_KEY.sign(data)
    return {
        "name": name,
        "fields": decode(payload).fields,
        "signed": data.hex(),
        "signature": payload[len(data) :].hex(),
    }


def _entry(serial: int, ended: tuple[EndReason, int | None] | None) -> TrustEntry:
    ending = ended and Ending(reason=ended[0], on=date(1997, 11, 1), final_ascending_mills=ended[1])
    return TrustEntry(
        certificate_serial=serial,
        device_id=DeviceId("FK", "1A", serial - 700_000),
        public_key=DEVICE_KEY.public_key,
        valid_from=date(1997, 6, 1),
        valid_to=date(2000, 5, 31),
        ending=ending,
    )


def _entry_json(entry: TrustEntry) -> dict[str, Any]:
    return {
        **msgspec.to_builtins(entry),
        "device_id": str(entry.device_id),
        "public_key": entry.public_key.hex(),
    }


def as_text(vectors: dict[str, Any]) -> str:
    """The vectors as they stand in their file."""
    return json.dumps(vectors, indent=1, ensure_ascii=False) + "\n"


VECTORS = {INDICIA: indicia, TRUST_LIST: trust_list}


def main() -> int:
    """Write every file of vectors."""
    for name, make in VECTORS.items():
        (FOLDER / name).write_text(as_text(make()), encoding="utf-8")
        print(f"wrote {FOLDER / name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
