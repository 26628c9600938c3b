"""Ways of paying, as people type them."""

from __future__ import annotations

from franking.bank.records import Method
from franking.errors import Refusal

PAYMENT_METHOD_UNKNOWN = Refusal(
    "PAYMENT_METHOD_UNKNOWN",
    clause="39 CFR 501.28(b)(4) (1995), DMM P050.3.2 (1997)",
    remedy=f"Give one of: {', '.join(Method)}; the beginning of one is enough.",
    http_status=422,
)


def method_named(text: str) -> Method:
    """The way of paying that a person means: by its name, or the beginning of it.

    Raises:
        Refused: ``PAYMENT_METHOD_UNKNOWN``, also for the beginning of several.
    """
    said = " ".join(text.replace("-", " ").lower().split())
    named = [each for each in Method if each.value.lower() == said]
    found = named or [each for each in Method if said and each.value.lower().startswith(said)]
    if len(found) != 1:
        raise PAYMENT_METHOD_UNKNOWN.because(f"{text!r} names no way of paying, or several")
    return found[0]
