"""What every test may rely on: reproducible property tests, one folder and one server a run."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.fixtures_databases import end_run, prepare_run

settings.register_profile(
    "ci", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "soak", max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure(config: pytest.Config) -> None:
    """Make the run's folder, before the workers of a parallel run inherit the environment."""
    if not hasattr(config, "workerinput"):
        prepare_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server and clear the folder when the whole run is over."""
    if not hasattr(config, "workerinput"):
        end_run()
