"""Our own vectors: no byte of a format changes unnoticed."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from tools.make_vectors import FOLDER, INDICIA, TRUST_LIST, VECTORS, as_text

from franking.indicium.signature import verify_raw
from franking.verification.trust_list import TrustList


def public_key(text: str) -> EllipticCurvePublicKey:
    return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), bytes.fromhex(text))


@pytest.mark.duty("R97-502.9(a)")
@pytest.mark.parametrize("name", VECTORS)
def test_the_vectors_are_those_that_the_code_makes(name: str) -> None:
    stored = (FOLDER / name).read_text(encoding="utf-8")
    assert stored == as_text(VECTORS[name]()), "run `make vectors` and look at the difference"


def test_the_signatures_of_the_vectors_are_true() -> None:
    vectors = json.loads((FOLDER / INDICIA).read_text(encoding="utf-8"))
    key = public_key(vectors["key"]["public_key"])
    for vector in vectors["vectors"]:
        content, signature = (bytes.fromhex(vector[part]) for part in ("signed", "signature"))
        verify_raw(key, content, signature)


def test_the_trust_list_of_the_vectors_opens_under_its_root() -> None:
    vectors = json.loads((FOLDER / TRUST_LIST).read_text(encoding="utf-8"))
    root = public_key(vectors["root"]["public_key"])
    opened = TrustList(bytes.fromhex(vectors["file"]), root)
    assert [entry.certificate_serial for entry in opened.entries()] == [
        entry["certificate_serial"] for entry in vectors["entries"]
    ]
