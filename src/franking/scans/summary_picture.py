"""The summary of a night as one picture: outcomes and reasons above, where to look below.

Authentic scans are so many more than others that they are left out of the lower row: a bar there
is what a person has to look at.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from franking.errors import Refusal
from franking.scans.summary import LISTED, Summary, Tally
from franking.verification.reasons import KINDS, Reason
from franking.verification.verdict import Bearing, Verdict

PICTURE_NOT_WRITTEN = Refusal(
    "PICTURE_NOT_WRITTEN",
    clause="policy",
    remedy="Name a file that can be written, in a folder that is there.",
    http_status=422,
)
_GREEN, _AMBER, _RED, _BLUE = "#2a7f4f", "#d9a400", "#b3261e", "#3b6ea5"
_OUTCOMES: Final = {
    Verdict.AUTHENTIC: _GREEN,
    Verdict.UNDETERMINED: _AMBER,
    Verdict.NOT_AUTHENTIC: _RED,
}
_BEARINGS: Final = {Bearing.NONE: _BLUE, Bearing.DOUBT: _AMBER, Bearing.PROOF: _RED}
_ADVERSE: Final = (
    ("not_authentic", "not authentic; a reason that proves it", _RED),
    ("undetermined", "undetermined; a reason for doubt", _AMBER),
    ("noted", "authentic, with a finding; a reason that is only a finding", _BLUE),
)
_REASONS_SHOWN = 14
_TITLE_LETTERS = 60
_FONT_END = "\u0500"
"""The font that comes with the drawing library has Latin, Greek and Cyrillic letters."""
_INCHES, _DOTS_PER_INCH = (13.0, 9.0), 110


def draw(summary: Summary, path: Path, *, title: str) -> None:
    """Draw the summary as a PNG.

    Raises:
        Refused: ``PICTURE_NOT_WRITTEN``.
    """
    figure = Figure(figsize=_INCHES, dpi=_DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    heading = f"{_shortened(title, _TITLE_LETTERS)}: {summary.scans:,} scans"
    figure.suptitle(heading, fontsize=15, fontweight="bold")
    rows = figure.add_gridspec(2, 6)
    _draw_outcomes(figure.add_subplot(rows[0, :2]), summary)
    _draw_reasons(figure.add_subplot(rows[0, 2:]), summary)
    _draw_tallies(figure.add_subplot(rows[1, :2]), "device", summary.devices_seen, summary.devices)
    _draw_tallies(figure.add_subplot(rows[1, 2:4]), "ZIP Code", summary.places_seen, summary.places)
    _draw_tallies(
        figure.add_subplot(rows[1, 4:]), "scanner", summary.scanners_seen, summary.scanners
    )
    _legend(figure)
    try:
        figure.savefig(path, format="png", metadata={"Software": None})
    except OSError as failure:
        raise PICTURE_NOT_WRITTEN.because(f"{path}: {failure.strerror}") from failure


def _draw_outcomes(axes: Any, summary: Summary) -> None:
    counts = [summary.outcomes[verdict.value] for verdict in _OUTCOMES]
    bars = axes.barh([each.value for each in _OUTCOMES], counts, color=list(_OUTCOMES.values()))
    shares = [_share(count, summary.scans) for count in counts]
    _label(axes, bars, [f"{count:,}\n{share}" for count, share in zip(counts, shares, strict=True)])
    _dress(axes, "By outcome", counts)


def _draw_reasons(axes: Any, summary: Summary) -> None:
    shown = list(summary.reasons.items())[:_REASONS_SHOWN]
    left = len(summary.reasons) - len(shown)
    counts = [count for _, count in shown]
    colours = [_BEARINGS[KINDS[Reason(name)].bearing] for name, _ in shown]
    names = [name.replace("_", " ").lower() for name, _ in shown]
    bars = axes.barh(names, counts, color=[_AMBER if each is _RED else each for each in colours])
    proven = [summary.proven.get(name, 0) for name, _ in shown]
    axes.barh(
        names, [n * (each is _RED) for n, each in zip(proven, colours, strict=True)], color=_RED
    )
    _label(axes, bars, [f"{count:,}" for count in counts])
    _dress(axes, f"By reason ({left} more)" if left else "By reason", counts)


def _draw_tallies(axes: Any, what: str, seen: int, tallies: Sequence[Tally]) -> None:
    odd = [each for each in tallies if each.scans > each.authentic or each.noted]
    left = [0] * len(odd)
    for name, _, colour in _ADVERSE:
        widths = [getattr(each, name) for each in odd]
        axes.barh([_shortened(each.name) for each in odd], widths, left=left, color=colour)
        left = [sum(pair) for pair in zip(left, widths, strict=True)]
    for row, (each, end) in enumerate(zip(odd, left, strict=True)):
        axes.text(end, row, f" {end:,} of {each.scans:,}", va="center", fontsize=8)
    _dress(axes, f"By {what}: {seen:,} seen, most adverse first", left)
    if odd:
        axes.set_ylim(max(len(odd), LISTED) - 0.5, -0.5)


def _dress(axes: Any, title: str, counts: Sequence[int]) -> None:
    """Largest on top; room for the labels; no frame that says nothing."""
    axes.set_title(title, loc="left", fontsize=11)
    axes.invert_yaxis()
    axes.set_xlim(0, max(counts, default=0) * 1.35 or 1)
    axes.tick_params(labelsize=8, length=0)
    axes.set_xticks([])
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    if not counts:
        axes.set_yticks([])
        axes.text(0.5, 0.5, "nothing to look at", ha="center", transform=axes.transAxes)


def _label(axes: Any, bars: Any, labels: Sequence[str]) -> None:
    axes.bar_label(bars, labels=labels, padding=4, fontsize=8)


def _legend(figure: Figure) -> None:
    from matplotlib.patches import Patch

    told = [Patch(color=colour, label=label) for _, label, colour in _ADVERSE]
    figure.legend(handles=told, loc="outside lower center", ncols=len(told), frameon=False)


def _share(count: int, of: int) -> str:
    return f"{count / of:.2%}" if of else "none"


def _shortened(name: str, most: int = 20) -> str:
    """In letters that the font has, as long as there is room for; no ``$`` starts a formula."""
    letters = (each if each.isprintable() and each < _FONT_END else "?" for each in name)
    plain = "".join(letters)
    fit = plain if len(plain) <= most else f"{plain[: most - 1]}…"
    return fit.replace("$", r"\$")
