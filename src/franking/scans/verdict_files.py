"""Files of verdicts, asked by SQL: by summaries of a night, and by lists of its scans."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import duckdb

from franking.errors import Refusal
from franking.verification.reasons import KINDS, Reason

VERDICTS_UNREADABLE = Refusal(
    "VERDICTS_UNREADABLE",
    clause="policy",
    remedy="Give the file that `franking scans verify` wrote, whole; or verify the night again.",
    http_status=422,
)
FINDINGS: Final = [reason.value for reason in Reason if KINDS[reason].is_finding]
"""Names of the reasons that a person has to look at, whatever the verdict."""


@contextmanager
def opened(verdicts: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A session in which a Parquet file of ``VERDICT`` rows is the table ``verdicts``; in UTC.

    Raises:
        Refused: ``VERDICTS_UNREADABLE``, also for whatever is asked of it and cannot be read.
    """
    with closing(duckdb.connect()) as tables:
        try:
            tables.execute("SET TimeZone = 'UTC'")
            tables.read_parquet(str(verdicts)).create_view("verdicts")
            yield tables
        except (duckdb.Error, OSError) as failure:
            told = str(failure).partition("\n")[0]
            raise VERDICTS_UNREADABLE.because(f"{verdicts}: {told}") from failure
