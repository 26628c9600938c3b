"""The results as a table for a terminal and as ``docs/benchmarks.md``."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import apsw

from benchmarks.measuring import Result

HEADINGS = ("measured", "figure", "beside it", "its figure", "ratio", "target", "")
LIBRARIES = ("cryptography", "apsw", "zint-bindings", "zxing-cpp", "reportlab", "numpy")

Section = tuple[str, str, Sequence[Result]]
"""A benchmark's name, what it does, and its results."""

_SECTION = "\n## "
_PREAMBLE = """\
# Benchmarks

Made by `python -m benchmarks --write`; do not edit by hand. Each figure stands beside what the
same machine does at best, or beside a peer, measured in turns in the same run: read the ratios,
not the figures.
"""


def table(results: Sequence[Result]) -> str:
    """The results in columns, for a terminal."""
    rows = [HEADINGS, *map(_row, results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def page(sections: Sequence[Section], *, earlier: str, order: Sequence[str]) -> str:
    """The whole of ``docs/benchmarks.md``: these sections, and others of the ``earlier`` page."""
    texts = {text.split("\n", 1)[0]: text for text in earlier.split(_SECTION)[1:]}
    texts |= {name: _section(name, about, results) for name, about, results in sections}
    kept = [texts[name].rstrip() + "\n" for name in order if name in texts]
    return _SECTION.join(["\n".join([_PREAMBLE, *_machine()]), *kept])


def machine() -> Mapping[str, str]:
    """What it ran on, as far as it matters to the figures."""
    return {
        "processor": f"{os.cpu_count()} cores, {_processor()}",
        "Python": platform.python_version(),
        "SQLite (apsw)": apsw.sqlite_lib_version(),
        **{name: importlib.metadata.version(name) for name in LIBRARIES},
    }


def _machine() -> Iterator[str]:
    yield "| machine | |"
    yield "|---|---|"
    for name, value in machine().items():
        yield f"| {name} | {value} |"
    yield ""


def _section(name: str, about: str, results: Sequence[Result]) -> str:
    lines = [name, "", f"{about} Measured {datetime.now(UTC):%Y-%m-%d}.", ""]
    lines += ["| " + " | ".join(HEADINGS) + " |", "|---|--:|---|--:|--:|---|---|"]
    lines += ["| " + " | ".join(_row(result)) + " |" for result in results]
    lines += [f"\n{result.name}: {result.note}" for result in results if result.note]
    return "\n".join([*lines, ""])


def _row(result: Result) -> tuple[str, ...]:
    beside = result.beside_figure
    return (
        result.name,
        _figure(result.figure, result.unit),
        result.beside,
        "" if beside is None else _figure(beside, result.unit),
        "" if result.ratio is None else f"{result.ratio:.2f}",
        "" if result.target is None else str(result.target),
        result.verdict,
    )


def _figure(value: float, unit: str) -> str:
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 3
    return f"{value:,.{digits}f} {unit}".strip()


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as lines:
            return next(line for line in lines if line.startswith("model name")).split(": ")[1][:-1]
    except (OSError, StopIteration, IndexError):
        return platform.processor() or platform.machine()
