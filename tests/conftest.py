"""What every test may rely on: reproducible property tests, one PostgreSQL server for the run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.fixtures_databases import FOLDER, prepare_server, stop_server

settings.register_profile(
    "ci", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "soak", max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure(config: pytest.Config) -> None:
    """Name the server's folder, before the workers of a parallel run inherit the environment."""
    if not hasattr(config, "workerinput"):
        prepare_server()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server when the whole run is over."""
    if not hasattr(config, "workerinput") and FOLDER in os.environ:
        stop_server(Path(os.environ.pop(FOLDER)))
