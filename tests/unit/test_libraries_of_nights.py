"""The libraries of nights are large: only the commands of nights read them in."""

from __future__ import annotations

import subprocess
import sys

OF_NIGHTS = ("duckdb", "pyarrow", "matplotlib", "zipcodes", "pyspark", "pandas")
WITHOUT_NIGHTS = ("app", "verify", "device", "trust", "cases", "piece", "refund", "docket", "demo")


def test_commands_without_nights_start_without_their_libraries() -> None:
    imports = "; ".join(f"import franking.cli.{name}" for name in WITHOUT_NIGHTS)
    found = f"sorted(set({OF_NIGHTS!r}) & sys.modules.keys())"
    program = f"import sys; {imports}; print(*{found})"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
