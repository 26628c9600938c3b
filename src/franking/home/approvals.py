"""A model taken through its approval at once, with placeholder papers: to try the rest out.

It uses the same commands and messages as an approval in earnest; only the papers say nothing. A
meter of 1995 is demonstrated as a mechanical one, whose tests need no plan filed 60 days before.
"""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

from franking.errors import Refusal
from franking.home.carrier import carry
from franking.home.home import Home
from franking.messages.approving import EVERY_OFFICE, ModelDescription, traits_of
from franking.postal.models import commands as desk
from franking.postal.models.records import ModelKey, ModelVersion, Occasion
from franking.provider.identity import identity
from franking.provider.models import commands as maker
from franking.rules import at
from franking.rules.approval import items, requirements, specifications
from franking.storage import Books

PLACEHOLDER = "for demonstration only"
_OF_METERS = "meter-1995"

DEMONSTRATION_ONLY = Refusal(
    "DEMONSTRATION_ONLY",
    clause="policy",
    remedy="Make a home with `--simulated-clock`, or take the model through its approval in "
    "earnest: franking model submit.",
)


def demonstrate(
    home: Home, provider: Books, postal: Books, *, model: str, version: str, rulebook: str
) -> ModelVersion:
    """Submit, file, judge and approve a version with placeholder papers.

    Raises:
        Refused: ``DEMONSTRATION_ONLY`` in a home with a real clock; ``MODEL_SUBMITTED``,
            ``MODEL_NOT_AS_DEFINED``.
    """
    if not home.settings.simulated_clock:
        raise DEMONSTRATION_ONLY.because("placeholder papers are not for a home with a real clock")
    described = _described(rulebook)
    design = sha256(f"{PLACEHOLDER} {model} {version}".encode()).hexdigest()
    maker.submit_model(
        provider,
        home.provider.signer,
        model=model,
        version=version,
        rulebook=rulebook,
        design=design,
        description=described,
        now=home.now,
    )
    key = ModelKey(identity(home.provider.books).name, model, version)
    wanted = _papers(home, key, rulebook, described, design)
    _file_all(home, provider, postal, key, wanted)
    if described.has_psd:
        desk.record_inspection(
            postal, key, Occasion.SUBMISSION, good=True, found=PLACEHOLDER, now=home.now
        )
    desk.confirm_tested(postal, key, home.now)
    approved = desk.approve_model(postal, home.postal.signer, key, home.now)
    if "training media" in wanted:
        desk.distribute_media(postal, home.postal.signer, key, [EVERY_OFFICE], home.now)
    carry(home)
    return approved


def _file_all(
    home: Home, provider: Books, postal: Books, key: ModelKey, papers: dict[str, dict[str, Any]]
) -> None:
    """File and judge the papers one after the other, as they build on each other."""
    for item, content in papers.items():
        maker.file_item(
            provider,
            home.provider.signer,
            model=key.model,
            version=key.version,
            item=item,
            title=PLACEHOLDER,
            digest=sha256(PLACEHOLDER.encode()).hexdigest(),
            content=content,
            now=home.now,
        )
        carry(home)
        desk.judge_item(postal, home.postal.signer, key, item, home.now)


def _described(rulebook: str) -> ModelDescription:
    is_meter = rulebook == _OF_METERS
    return ModelDescription(
        title=PLACEHOLDER,
        electronic=not is_meter,
        remote=not is_meter,
        denominations="omni",
        cycles_per_minute=60,
        has_psd=not is_meter,
        has_host=not is_meter,
        prints_symbol=not is_meter,
        dedicated=is_meter,
    )


def _papers(
    home: Home, key: ModelKey, rulebook: str, described: ModelDescription, design: str
) -> dict[str, dict[str, Any]]:
    traits = traits_of(described)
    contents = _contents(home.now.date(), key, rulebook, design)
    return {each.name: contents.get(each.name, {}) for each in items(rulebook, traits)}


def _contents(on: date, key: ModelKey, rulebook: str, design: str) -> dict[str, dict[str, Any]]:
    today = on.isoformat()
    laboratory = {"laboratory": PLACEHOLDER, "standard": "FIPS 140-1", "design": design}
    attested = {each.id: PLACEHOLDER for each in requirements(rulebook, ()) if each.attested}
    return {
        "construction": {"by": PLACEHOLDER, "statements": attested},
        "training media": {
            "families": (key.model,),
            "explains": ("resetting", "special features"),
        },
        "specifications": {"versions": dict.fromkeys(specifications(rulebook), PLACEHOLDER)},
        "test report": {"started_on": today, "ended_on": today, "passed": ()},
        "endurance record": _endurance(on) if rulebook == _OF_METERS else {},
        "laboratory submission": {**laboratory, "accreditation": "NVLAP 0", "sent_on": today},
        "laboratory certificate": {**laboratory, "number": "0", "level": 3, "issued_on": today},
    }


def _endurance(on: date) -> dict[str, Any]:
    rules = at("provider", _OF_METERS, on)
    cycles = rules.whole("endurance_cycles_slow")
    return {
        "cycles": cycles,
        "selections": rules.whole("endurance_selections"),
        "printed_mills": cycles,
        "ascending_before_mills": 0,
        "ascending_after_mills": cycles,
        "credited_mills": cycles,
        "descending_before_mills": 0,
        "descending_after_mills": 0,
        "lockouts_at": (0, cycles // 2, cycles),
    }
