"""The key management plan (39 CFR 502.9(e) and 502.29, 1997): its text, version and digest.

The books of the authority pin the plan they work under. Another text under the same books is
refused until somebody adopts it, so that a change of the rules of keys is an act with a name.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyManagementPlan:
    """A version of the plan."""

    version: str
    digest: str
    """SHA-256 of the file in hex."""
    provisions: tuple[tuple[str, str], ...]
    """Topic and text."""


@cache
def present_plan() -> KeyManagementPlan:
    """The plan that comes with this software."""
    text = files(__package__).joinpath("plan.yaml").read_bytes()
    content = yaml.safe_load(text)
    return KeyManagementPlan(
        version=content["version"],
        digest=hashlib.sha256(text).hexdigest(),
        provisions=tuple((entry["topic"], entry["text"]) for entry in content["provisions"]),
    )
