"""What a submission of a model must hold and its tests must prove, by rulebook.

Read from ``approval.yaml``. Remotely reset meters follow the same items and requirements
(39 CFR 501.28(d)); a trait of the model says which of them apply to it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from franking.errors import Refusal
from franking.rules.records import POLICY
from franking.rules.rulebooks import rulebook as named_rulebook

MODEL_NOT_AS_DEFINED = Refusal(
    "MODEL_NOT_AS_DEFINED",
    clause="39 CFR 502.6 (1997)",
    remedy="Submit a product with a PSD and a host that prints a two-dimensional symbol with "
    "readable data and is remotely set, or submit it under the rulebook that it is made for.",
    http_status=422,
)


class Stage(StrEnum):
    """The step of an approval that needs an item."""

    TESTS = "tests"
    TESTED = "tested"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A document or record that a submission holds."""

    name: str
    meaning: str
    clause: str
    stage: Stage
    when: str = ""
    """The trait of models that need it; ``not remote`` is the lack of a trait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What a model must fulfil."""

    id: str
    meaning: str
    clause: str
    when: str = ""
    attested: bool = False
    """A matter of metal and hands: attested by a person, not proven by a planned test."""


def items(rulebook: str, traits: Collection[str]) -> tuple[Item, ...]:
    """The items that a model with ``traits`` needs, in the order in which they are filed.

    Raises:
        Refused: ``RULEBOOK_UNKNOWN``.
    """
    return tuple(each for each in _items(rulebook) if _applies(each.when, traits))


def requirements(rulebook: str, traits: Collection[str]) -> tuple[Requirement, ...]:
    """The requirements that a model with ``traits`` must fulfil.

    Raises:
        Refused: ``RULEBOOK_UNKNOWN``.
    """
    return tuple(each for each in _requirements(rulebook) if _applies(each.when, traits))


def require_as_defined(rulebook: str, traits: Collection[str]) -> None:
    """Whether a model is a device of ``rulebook`` at all (39 CFR 502.6).

    Raises:
        Refused: ``MODEL_NOT_AS_DEFINED``, ``RULEBOOK_UNKNOWN``.
    """
    table = _table(rulebook)
    lacking = [trait for trait in table.get("traits", ()) if trait not in traits]
    if not table or lacking:
        lacks = f"lacks {', '.join(lacking)}" if lacking else "is of a rulebook without models"
        raise MODEL_NOT_AS_DEFINED.because(f"a model submitted under {rulebook} {lacks}")


def specifications(rulebook: str) -> tuple[str, ...]:
    """The specifications whose editions a submission names (39 CFR 502.9).

    Raises:
        Refused: ``RULEBOOK_UNKNOWN``.
    """
    return tuple(_table(rulebook).get("specifications", ()))


def clause_of(rulebook: str) -> str:
    """The clause under which models are approved.

    Raises:
        Refused: ``RULEBOOK_UNKNOWN``.
    """
    return str(_table(rulebook).get("clause", POLICY))


def _applies(when: str, traits: Collection[str]) -> bool:
    lack = when.removeprefix("not ")
    return lack not in traits if lack != when else not when or when in traits


@cache
def _items(rulebook: str) -> tuple[Item, ...]:
    found = _table(rulebook).get("items", {})
    return tuple(
        Item(name=name, **{**entry, "stage": Stage(entry["stage"])})
        for name, entry in found.items()
    )


@cache
def _requirements(rulebook: str) -> tuple[Requirement, ...]:
    found = _table(rulebook).get("requirements", {})
    return tuple(Requirement(id=name, **entry) for name, entry in found.items())


@cache
def _table(rulebook: str) -> dict[str, Any]:
    named_rulebook(rulebook)
    text = files("franking.rules").joinpath("approval.yaml").read_text("utf-8")
    table: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return table.get(rulebook, {})
