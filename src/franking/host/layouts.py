"""Composes the face of a piece: indicium, facing mark, addresses, barcode, each in its place.

A layout tries a few arrangements of the indicium, in order, and takes the first that breaks no
rule of placement; if none is free of violations the piece is refused with all of them, before
anything is evidenced. The same piece and evidence give the same drawing, always.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from franking.errors import Refusal
from franking.host.designs import Mark, require_design
from franking.host.face import Face, Role, Side
from franking.host.mailpiece import facing_mark, markings, needs_full_date
from franking.host.placement import PLACEMENT_WRONG, Zones, is_lawful, violations, zones
from franking.host.records import CleanAddress, Fim, Mailpiece, Shape, Symbology, System
from franking.host.stocks import Place, Stock, StockKind, require_approved
from franking.indicium.content import CONTENT_BYTES, IndiciumContent, unpack
from franking.marks.evidence import Form, Readable, Style, indicium
from franking.marks.geometry import Drawing, Margins, Part, line_of_text, text_width
from franking.marks.lettering import POINTS_PER_INCH
from franking.marks.lettering import Face as Typeface
from franking.marks.postal_barcodes import fim, intelligent_mail, postnet
from franking.marks.symbols import DPI_DEFAULT
from franking.marks.town_circle import Town

ADDRESS_TOO_WIDE = Refusal(
    "ADDRESS_TOO_WIDE",
    clause="DMM P050.4.2 (1997)",
    remedy="Shorten the line, or choose a wider stock.",
    http_status=422,
)

SHAPE_NOT_OF_STOCK = Refusal(
    "SHAPE_NOT_OF_STOCK",
    clause="DMM P050.1.5 (1997)",
    remedy="Give the shape that a piece of this size has; its price is another.",
    http_status=422,
)
IMB_PREFIX_UNREADABLE = Refusal(
    "IMB_PREFIX_UNREADABLE",
    clause="USPS-B-3200 Rev H",
    remedy="Give barcode ID (2 digits), STID (3) and Mailer ID (6 or 9): 11 or 14 digits in all.",
    http_status=422,
)

_IMB_PREFIX = re.compile(r"[0-9][0-4][0-9]{9}([0-9]{3})?", re.ASCII)
_IMB_DIGITS = 20
_ADDRESS_PT, _RETURN_PT = 11.0, 8.0
_SMALLEST_PT = 7.0
_LEADING = 1.25
_LETTER_UP = 0.93  # of the type size, from the top of a line to its baseline
_BARCODE_LEFT = 4.0  # within the 3-1/2 to 4-1/4 in that are allowed
_BARCODE_UP = 0.40
_BARCODE_OVER_ADDRESS = 0.10
_BELOW_FIM = 0.06
_BESIDE_FIM = 0.04
_WORDS_WIDTH = 1.4
"""How wide the words of a banner are; they must end right of the facing mark."""
_GAP = 0.06
_QUIET_TEXT = Margins.all_round(0.02)
_COLUMNS = (4, 5, 6, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntelligentMail:
    """What the mailer's Intelligent Mail barcodes begin with: barcode ID, STID and Mailer ID."""

    prefix: str
    """Eleven or fourteen digits; the rest of the twenty is the serial number of the piece."""

    def __post_init__(self) -> None:
        if _IMB_PREFIX.fullmatch(self.prefix) is None:
            raise IMB_PREFIX_UNREADABLE.because(f"{self.prefix!r} begins no barcode")

    def tracking(self, serial: int) -> str:
        """The twenty tracking digits of a piece."""
        digits = _IMB_DIGITS - len(self.prefix)
        return f"{self.prefix}{serial % 10**digits:0{digits}d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutSettings:
    """How a mailer's pieces are laid out: on what, in which symbology, for which printer."""

    stock: Stock
    town: Town
    """What the town circle says of the licensing post office."""
    system: System = System.OPEN
    rulebook: str = "ibip-1997"
    symbology: Symbology = Symbology.DATA_MATRIX
    dpi: int = DPI_DEFAULT
    intelligent_mail: IntelligentMail | None = None
    """``None`` gives a POSTNET barcode."""

    def on(self, used: Stock) -> LayoutSettings:
        """The same settings on another stock."""
        return self if used is self.stock else replace(self, stock=used)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """One way to stand the indicium: its form, the columns of a PDF417, and where its top is."""

    form: Form
    columns: int = 4
    top: float
    gap_in: float = _GAP


def face_of(
    piece: Mailpiece,
    indicium_bytes: bytes,
    settings: LayoutSettings,
    *,
    serial: int = 0,
    advertising: Drawing | None = None,
) -> Face:
    """The face of a piece with its evidence on it.

    Raises:
        Refused: ``PLACEMENT_WRONG`` with every violation of the best arrangement,
            ``STOCK_NOT_APPROVED``, ``DESIGN_NOT_APPROVED``, ``SHAPE_NOT_OF_STOCK``,
            ``ADDRESS_TOO_WIDE``, or what the marks refuse.
    """
    require_approved(settings.stock)
    content = unpack(indicium_bytes[:CONTENT_BYTES])
    readable = _readable(piece, content, settings)
    zone = zones(settings.rulebook, piece.date_of_mailing)
    _require_shape(piece.shape, settings.stock, zone)
    bare = _bare_face(piece, settings, zone, serial=serial)
    arrangement = _arrangement(
        bare, readable, settings, zone, length=len(indicium_bytes), advertising=advertising
    )
    style = _style(settings, arrangement)
    require_design(Mark.INDICIUM, content.device_id, style)
    drawing = indicium(readable, indicium_bytes, style)
    face = _with_indicium(bare, drawing, arrangement, zone)
    return _with_advertising(face, advertising, zone)


def placed_drawing(drawing: Drawing, *, right: float, top: float) -> tuple[Part, ...]:
    """The parts of a drawing whose ink ends at ``right`` and begins at ``top``."""
    box = drawing.bounds
    return drawing.placed(right - box.right, top - box.top)


def block(
    name: str, lines: Iterable[str], place: Place, *, largest_pt: float, face: Typeface
) -> tuple[Part, ...]:
    """Lines of text as one block, in the largest type that fits the width of the place.

    Raises:
        Refused: ``ADDRESS_TOO_WIDE`` where even the smallest type does not fit.
    """
    texts = tuple(lines)
    if not texts:
        return ()
    highest_pt = place.height / len(texts) / _LEADING * POINTS_PER_INCH
    largest_pt = min(largest_pt, highest_pt)
    size = min(_fitting(text, place.width, largest_pt, face) for text in texts)
    step = size * _LEADING / POINTS_PER_INCH
    first = place.top + size * _LETTER_UP / POINTS_PER_INCH
    shapes = (
        line_of_text(text, x=place.left, y=first + index * step, size_pt=size, face=face)
        for index, text in enumerate(texts)
    )
    return (Part.of(name, *shapes, quiet=_QUIET_TEXT),)


def _require_shape(shape: Shape, used: Stock, zone: Zones) -> None:
    """A label or tape says nothing of the piece it is put on; an envelope or card does."""
    size = {"width_in": used.width_in, "height_in": used.height_in}
    wrong = (shape is Shape.CARD and not zone.is_card_size(**size)) or (
        shape is Shape.LETTER and not zone.is_letter_size(**size)
    )
    if wrong and used.kind is StockKind.ENVELOPE:
        raise SHAPE_NOT_OF_STOCK.because(f"a {used.title} is no {shape}")


def _readable(piece: Mailpiece, content: IndiciumContent, settings: LayoutSettings) -> Readable:
    return Readable(
        town=settings.town,
        device_id=content.device_id,
        day=content.date_of_mailing,
        postage_mills=content.postage_mills,
        complete_date=needs_full_date(piece, settings.rulebook),
        marking=" ".join(markings(piece)),
    )


def _bare_face(piece: Mailpiece, settings: LayoutSettings, zone: Zones, *, serial: int) -> Face:
    """The face before the indicium is on it."""
    used = settings.stock
    letter = piece.shape in {Shape.LETTER, Shape.CARD} and used.kind is StockKind.ENVELOPE
    face = Face(
        width_in=used.width_in,
        height_in=used.height_in,
        side=Side.ADDRESS,
        letter_zones=letter
        and zone.is_letter_size(width_in=used.width_in, height_in=used.height_in),
    )
    mark = facing_mark(piece, settings.system)
    if mark is not None:
        face = face.with_element(Role.FIM, _facing_parts(mark, used.width_in, zone))
    face = face.with_element(Role.RETURN_ADDRESS, _return_parts(piece, used))
    if piece.destination is None or used.address is None:
        return face
    return _with_address(face, piece.destination, settings, used.address, serial=serial)


@lru_cache(maxsize=64)
def _facing_parts(mark: Fim, width_in: float, zone: Zones) -> tuple[Part, ...]:
    return placed_drawing(fim(mark.value), right=width_in - zone.fim_bar, top=0.0)


def _return_parts(piece: Mailpiece, used: Stock) -> tuple[Part, ...]:
    if piece.return_address is None or used.return_address is None:
        return ()
    return block(
        "return-address",
        piece.return_address.lines,
        used.return_address,
        largest_pt=_RETURN_PT,
        face=Typeface.REGULAR,
    )


def _with_address(
    face: Face, to: CleanAddress, settings: LayoutSettings, place: Place, *, serial: int
) -> Face:
    parts = block(
        "delivery-address", to.lines, place, largest_pt=_ADDRESS_PT, face=Typeface.REGULAR
    )
    face = face.with_element(Role.ADDRESS, parts)
    barcode = _delivery_barcode(to, settings.intelligent_mail, serial)
    box = barcode.bounds
    if settings.stock.barcode_in_corner:
        left, top = face.width_in - _BARCODE_LEFT, face.height_in - _BARCODE_UP
    else:
        left, top = place.left, parts[0].bounds.top - _BARCODE_OVER_ADDRESS - box.height
    moved = barcode.placed(left - box.left, top - box.top)
    return face.with_element(Role.DELIVERY_BARCODE, moved)


def _delivery_barcode(to: CleanAddress, mailer: IntelligentMail | None, serial: int) -> Drawing:
    if mailer is None:
        return postnet(to.routing_digits)
    return intelligent_mail(mailer.tracking(serial), to.routing_digits)


@lru_cache(maxsize=64)
def _arrangements(symbology: Symbology, zone: Zones) -> tuple[Arrangement, ...]:
    """The ways to stand an indicium, the usual one first.

    Right of the facing mark (it must be narrow); a banner around the facing mark; a banner below.
    """
    high, below = zone.edge_top, zone.fim_height + _BELOW_FIM
    around = zone.fim_left - zone.edge_right - _WORDS_WIDTH + _BESIDE_FIM
    if symbology is Symbology.DATA_MATRIX:
        return (
            Arrangement(form=Form.COLUMN, top=high),
            Arrangement(form=Form.BANNER, top=high, gap_in=around),
            Arrangement(form=Form.COLUMN, top=below),
        )
    gaps = ((high, _GAP), (high, around), (below, _GAP))
    return tuple(
        Arrangement(form=Form.BANNER, columns=columns, top=top, gap_in=gap)
        for top, gap in gaps
        for columns in _COLUMNS
    )


def _arrangement(
    bare: Face,
    readable: Readable,
    settings: LayoutSettings,
    zone: Zones,
    *,
    length: int,
    advertising: Drawing | None,
) -> Arrangement:
    """The first arrangement without a violation, tried with a blank of the same size."""
    tried: list[Face] = []
    for arrangement in _arrangements(settings.symbology, zone):
        blank = _blank(readable, _style(settings, arrangement), length)
        face = _with_indicium(bare, blank, arrangement, zone)
        tried.append(_with_advertising(face, advertising, zone))
        if is_lawful(tried[-1], zone):
            return arrangement
    least = min((violations(face, zone) for face in tried), key=len)
    raise PLACEMENT_WRONG.because(
        f"{settings.symbology.value} on {settings.stock.title}: {'; '.join(map(str, least))}"
    )


@lru_cache(maxsize=256)
def _blank(readable: Readable, style: Style, length: int) -> Drawing:
    """An indicium of the same words over zeros: as large as any of ``length`` bytes."""
    return indicium(readable, bytes(length), style)


def _style(settings: LayoutSettings, arrangement: Arrangement) -> Style:
    return Style(
        symbology=settings.symbology,
        form=arrangement.form,
        dpi=settings.dpi,
        columns=arrangement.columns,
        gap_in=arrangement.gap_in,
    )


def _with_indicium(face: Face, drawing: Drawing, arrangement: Arrangement, zone: Zones) -> Face:
    parts = placed_drawing(drawing, right=face.width_in - zone.edge_right, top=arrangement.top)
    symbol = [part for part in parts if part.name == "symbol"]
    legend = [part for part in parts if part.name != "symbol"]
    return face.with_element(Role.SYMBOL, symbol).with_element(Role.LEGEND, legend)


def _with_advertising(face: Face, advertising: Drawing | None, zone: Zones) -> Face:
    """Advertising art to the left of everything postal, its top at the edge rule."""
    if advertising is None:
        return face
    postal = face.of(Role.SYMBOL, Role.LEGEND, Role.FIM)
    right = min(element.bounds.left for element in postal) - zone.clear
    if face.of(Role.FIM):
        right = min(right, zone.fim_zone(face).left)
    parts = placed_drawing(advertising, right=right, top=zone.edge_top)
    return face.with_element(Role.ADVERTISING, parts)


@lru_cache(maxsize=4096)
def _fitting(text: str, width: float, largest_pt: float, face: Typeface) -> float:
    wide = text_width(text, face, largest_pt)
    size = largest_pt if wide <= width else largest_pt * width / wide
    if size < _SMALLEST_PT:
        raise ADDRESS_TOO_WIDE.because(f"{text!r} does not fit {width} in")
    return size
