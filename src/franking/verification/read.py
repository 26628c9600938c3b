"""Reading the two-dimensional symbols of a page, and not giving up at the first try.

A plain read comes first. What it does not settle goes up a ladder of other looks at the same
place: turned (for PDF417), smoothed, enlarged, opened (a print head's streaks), inverted. Who asks
says when a place is settled: a read that checks out settles it; one that does not is worth
something only when a different look gives the same bytes, since skewed PDF417 is misread at times.

Refuses to know what the bytes mean. Safe for bytes of any value, NUL included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import cv2
import msgspec
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from franking.verification.pages import Grey

_MATRIX = zxingcpp.BarcodeFormat.DataMatrix
_STACKED = zxingcpp.BarcodeFormat.PDF417
_LOCAL = zxingcpp.Binarizer.LocalAverage
_GLOBAL = zxingcpp.Binarizer.GlobalHistogram

_PLAIN_PIXELS_MAX = 12_000_000
_LOOK_PIXELS_MAX = 24_000_000
_SIDE_MIN = 16
_CONTRAST_MIN = 16
"""Levels of grey between the lightest and the darkest; below it a page is blank."""
_CANDIDATE_SIDE_MIN = 48
_CANDIDATES_MAX = 8
_MARGIN = 0.25

Settled = Callable[[Sequence["Read"]], bool]
"""Whether these readings of one place are enough."""

Affine = NDArray[np.float64]
"""Two rows of three: from a changed image back to the one before."""


class Box(msgspec.Struct, frozen=True):
    """A rectangle on a page, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def sides(self) -> tuple[float, float]:
        """Width and height."""
        return self.right - self.left, self.bottom - self.top

    def holds(self, other: Box) -> bool:
        """Whether the middle of ``other`` lies in this one."""
        x, y = (other.left + other.right) / 2, (other.top + other.bottom) / 2
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def wider(self, share: float) -> Box:
        """With a margin of ``share`` of the longer side."""
        margin = max(self.sides) * share
        return Box(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """One reading of one symbol."""

    payload: bytes
    symbology: str
    look: str
    """Which look of the ladder gave it."""
    box: Box
    error_correction_left: str
    """Unused error correction, 0 to 1, as text: a first grade of the print."""


class Place(msgspec.Struct, kw_only=True):
    """A place on a page where a symbol is, and everything that was read there."""

    box: Box
    symbology: str
    reads: list[Read]


def read_symbols(pixels: Grey, settled: Settled) -> list[Place]:
    """Every symbol found on a page, from the top down, each with its readings.

    A place without readings is a symbol that was seen and could not be read. The ladder is climbed
    at each place until ``settled`` says so of its readings, or to its end.
    """
    if min(pixels.shape) < _SIDE_MIN or np.ptp(pixels) < _CONTRAST_MIN:
        return []
    places, suspects = _plain_read(pixels)
    seen = _credible(pixels, suspects, places)
    for place in [*places, *seen]:
        _climb(pixels, place, settled)
    if not any(place.reads for place in (*places, *seen)):
        places = _search(pixels, settled)
    found = [place for place in (*places, *seen) if place.reads or _sure(pixels, place, places)]
    return sorted(_distinct(found), key=lambda place: (place.box.top, place.box.left))


def _plain_read(pixels: Grey) -> tuple[list[Place], list[Place]]:
    """What reads at once, and places that only look like a symbol."""
    plain, shrink = _reduced(pixels)
    places: list[Place] = []
    suspects = []
    for barcode in _barcodes(plain, (_MATRIX, _STACKED), errors=True):
        box = _box(barcode, shrink)
        if barcode.valid:
            _file(places, _read(barcode, box, "plain"))
        elif min(box.sides) >= _CANDIDATE_SIDE_MIN:
            suspects.append(Place(box=box, symbology=_name(barcode), reads=[]))
    return places, suspects


def _reduced(pixels: Grey) -> tuple[Grey, Affine]:
    """The page at no more pixels than a plain read takes, and the way back."""
    scale = (_PLAIN_PIXELS_MAX / pixels.size) ** 0.5
    if scale >= 1:
        return pixels, _scaling(1.0)
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), _scaling(1 / scale)


def _credible(pixels: Grey, suspects: Iterable[Place], places: Sequence[Place]) -> list[Place]:
    """The suspects worth climbing for: all where nothing was read, else those like a symbol."""
    free = [
        suspect
        for suspect in suspects
        if not any(place.box.wider(_MARGIN).holds(suspect.box) for place in places)
    ]
    if places:
        return [suspect for suspect in free if _sure(pixels, suspect, places)]
    return sorted(free, key=lambda place: -min(place.box.sides))[:_CANDIDATES_MAX]


def _sure(pixels: Grey, suspect: Place, places: Sequence[Place]) -> bool:
    """Whether an unread place is a symbol: a PDF417 frame, or like one that was read."""
    if suspect.symbology == _STACKED.name:
        return True
    return any(
        place.symbology == suspect.symbology and _alike(pixels, suspect.box, place.box)
        for place in places
        if place.reads
    )


def _alike(pixels: Grey, suspect: Box, known: Box) -> bool:
    """Whether a box is as large and as dark as that of a symbol."""
    size = max(known.sides)
    if min(suspect.sides) < 0.75 * size or max(suspect.sides) > 1.25 * size:
        return False
    paper = float(np.median(pixels))
    ink = paper - float(_cropped(pixels, known)[0].mean())
    return abs(paper - float(_cropped(pixels, suspect)[0].mean()) - ink) <= 0.25 * ink


def _distinct(places: Iterable[Place]) -> Iterator[Place]:
    """The places without those that lie on another one, the ones with readings first."""
    kept: list[Place] = []
    for place in sorted(places, key=lambda place: not place.reads):
        if not any(other.box.holds(place.box) for other in kept):
            kept.append(place)
            yield place


def _climb(pixels: Grey, place: Place, settled: Settled) -> None:
    """Look again at one place until it is settled."""
    if settled(place.reads):
        return
    crop, corner = _cropped(pixels, place.box.wider(_MARGIN))
    around = place.box.wider(_MARGIN / 2)
    for look in LADDER:
        if place.reads and not look.suits(place.symbology):
            continue
        for read in _look(crop, look, corner):
            if around.holds(read.box):
                place.reads.append(read)
        if settled(place.reads):
            return


def _search(pixels: Grey, settled: Settled) -> list[Place]:
    """Look again at the whole page, since nothing was read."""
    for look in (_WHOLE, *LADDER):
        places: list[Place] = []
        for read in _look(pixels, look, _scaling(1.0)):
            _file(places, read)
        if places:
            for place in places:
                _climb(pixels, place, settled)
            return places
    return []


def _file(places: list[Place], read: Read) -> None:
    for place in places:
        if place.box.holds(read.box):
            place.reads.append(read)
            return
    places.append(Place(box=read.box, symbology=read.symbology, reads=[read]))


def _cropped(pixels: Grey, box: Box) -> tuple[Grey, Affine]:
    height, width = pixels.shape
    left, top = max(0, int(box.left)), max(0, int(box.top))
    crop = pixels[top : min(height, int(box.bottom)), left : min(width, int(box.right))]
    return crop, np.array([[1.0, 0.0, left], [0.0, 1.0, top]])


# The ladder -----------------------------------------------------------------------------------


class Look(msgspec.Struct, frozen=True):
    """One way to look again: what is done to the image, and how it is read then."""

    name: str
    change: Callable[[Grey], tuple[Grey, Affine]]
    formats: tuple[zxingcpp.BarcodeFormat, ...] = (_MATRIX, _STACKED)
    binarizer: zxingcpp.Binarizer = _LOCAL
    enlarges: int = 1

    def suits(self, symbology: str) -> bool:
        """Whether it can read that symbology."""
        return any(form.name == symbology for form in self.formats)


def _look(image: Grey, look: Look, before: Affine) -> Iterator[Read]:
    """What one look at ``image`` reads; ``before`` leads from the image to the page."""
    if image.size * look.enlarges**2 > _LOOK_PIXELS_MAX or min(image.shape) < _SIDE_MIN:
        return
    changed, back = look.change(image)
    for barcode in _barcodes(changed, look.formats, binarizer=look.binarizer):
        yield _read(barcode, _box(barcode, _after(before, back)), look.name)


def _scaling(factor: float) -> Affine:
    return np.array([[factor, 0.0, 0.0], [0.0, factor, 0.0]])


def _after(outer: Affine, inner: Affine) -> Affine:
    """First ``inner``, then ``outer``."""
    whole = np.vstack([outer, [0.0, 0.0, 1.0]]) @ np.vstack([inner, [0.0, 0.0, 1.0]])
    return np.asarray(whole[:2], np.float64)


def _as_is(image: Grey) -> tuple[Grey, Affine]:
    return image, _scaling(1.0)


def _turned(degrees: float) -> Callable[[Grey], tuple[Grey, Affine]]:
    def turn(image: Grey) -> tuple[Grey, Affine]:
        height, width = image.shape
        there = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        paper = int(np.median(image))
        turned = cv2.warpAffine(
            image, there, (width, height), flags=cv2.INTER_CUBIC, borderValue=paper
        )
        return np.asarray(turned, np.uint8), np.asarray(
            cv2.invertAffineTransform(there), np.float64
        )

    return turn


def _enlarged(factor: int, *, blur: float = 0.0) -> Callable[[Grey], tuple[Grey, Affine]]:
    def enlarge(image: Grey) -> tuple[Grey, Affine]:
        smooth = cv2.GaussianBlur(image, (0, 0), blur) if blur else image
        large = cv2.resize(smooth, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        return np.asarray(large, np.uint8), _scaling(1 / factor)

    return enlarge


def _smoothed(image: Grey) -> tuple[Grey, Affine]:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.8), np.uint8), _scaling(1.0)


def _opened(width: int, height: int) -> Callable[[Grey], tuple[Grey, Affine]]:
    kernel = np.ones((height, width), np.uint8)

    def opening(image: Grey) -> tuple[Grey, Affine]:
        return np.asarray(cv2.morphologyEx(image, cv2.MORPH_OPEN, kernel), np.uint8), _scaling(1.0)

    return opening


def _inverted(image: Grey) -> tuple[Grey, Affine]:
    return 255 - image, _scaling(1.0)


_WHOLE = Look("whole page", _as_is)
LADDER: Final = (
    Look("smoothed", _smoothed),
    *(
        Look(f"turned {degrees:+}°", _turned(degrees), (_STACKED,))
        for degrees in (2.5, -2.5, 5.0, -5.0, 7.5, -7.5)
    ),
    Look("enlarged 2×", _enlarged(2), enlarges=2),
    Look("enlarged 3×", _enlarged(3), enlarges=3),
    Look("enlarged 2×, one threshold", _enlarged(2), binarizer=_GLOBAL, enlarges=2),
    Look("smoothed, enlarged 2×", _enlarged(2, blur=1.0), enlarges=2),
    Look("smoothed, enlarged 3×", _enlarged(3, blur=1.0), enlarges=3),
    Look("opened across", _opened(5, 1), (_MATRIX,)),
    Look("opened down", _opened(1, 5), (_MATRIX,)),
    Look("inverted", _inverted),
)
"""The looks after the plain one, in order."""


# The reader -----------------------------------------------------------------------------------


def _barcodes(
    image: Grey,
    formats: tuple[zxingcpp.BarcodeFormat, ...],
    *,
    binarizer: zxingcpp.Binarizer = _LOCAL,
    errors: bool = False,
) -> list[zxingcpp.Barcode]:
    return list(
        zxingcpp.read_barcodes(
            np.ascontiguousarray(image),
            formats=list(formats),
            try_invert=False,
            binarizer=binarizer,
            return_errors=errors,
        )
    )


def _box(barcode: zxingcpp.Barcode, back: Affine) -> Box:
    position = barcode.position
    points = (
        position.top_left,
        position.top_right,
        position.bottom_right,
        position.bottom_left,
    )
    corners = np.array([(point.x, point.y, 1.0) for point in points]) @ back.T
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return Box(float(left), float(top), float(right), float(bottom))


def _read(barcode: zxingcpp.Barcode, box: Box, look: str) -> Read:
    extra = barcode.extra if isinstance(barcode.extra, dict) else {}
    return Read(
        payload=bytes(barcode.bytes),
        symbology=_name(barcode),
        look=look,
        box=box,
        error_correction_left=str(extra.get("UEC", "")),
    )


def _name(barcode: zxingcpp.Barcode) -> str:
    return str(barcode.format.name)
