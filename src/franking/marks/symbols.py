"""The two-dimensional symbols that carry an indicium's bytes: Data Matrix and PDF417.

Both hold any bytes, NUL included. The size of a symbol depends on the number of bytes only, never
on their values, so that a layout may rely on it; one module is a whole number of printer dots.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import Final

import numpy as np
import zint

from franking.errors import Refusal
from franking.marks.geometry import Drawing, Margins, Modules, Part, fitted

DPI_DEFAULT: Final = 600
"""The resolution that marks are fitted to unless told; 10 dots are 1/60 inch."""

SYMBOL_PAYLOAD_TOO_LONG = Refusal(
    "SYMBOL_PAYLOAD_TOO_LONG",
    clause="39 CFR 502.9(a)",
    remedy="Print fewer bytes, or choose the other symbology.",
    http_status=422,
)

_DATA_MATRIX_MODULE_MIN = 1 / 60
_DATA_MATRIX_QUIET_MODULES = 2  # the specification, ISO/IEC 16022, asks for 1
_PDF417_MODULE_MIN = 1 / 75
_PDF417_QUIET_MODULES = 2  # ISO/IEC 15438
_PDF417_ROW_MODULES = 3  # the lowest row that ISO/IEC 15438 allows

# Data codewords of the square Data Matrix sizes from 10 to 104 modules (ISO/IEC 16022, table 7).
_SQUARES: Final = (
    (10, 3), (12, 5), (14, 8), (16, 12), (18, 18), (20, 22), (22, 30), (24, 36), (26, 44),
    (32, 62), (36, 86), (40, 114), (44, 144), (48, 174), (52, 204), (64, 280), (72, 368),
    (80, 456), (88, 576), (96, 696), (104, 816),
)  # fmt: skip
_BASE256_SHORT_MAX = 249  # longer runs of bytes need a second codeword for their length
_PDF417_BYTES_PER_GROUP, _PDF417_CODEWORDS_PER_GROUP = 6, 5


class Symbology(Enum):
    """The kinds of symbol in which an indicium may be printed."""

    DATA_MATRIX = "datamatrix"
    PDF417 = "pdf417"


def data_matrix(payload: bytes, *, dpi: int = DPI_DEFAULT) -> Drawing:
    """A square Data Matrix (ECC 200) of ``payload``, with a quiet zone of two modules.

    A module is the least whole number of dots at ``dpi`` that makes 1/60 inch.

    Raises:
        Refused: ``SYMBOL_PAYLOAD_TOO_LONG``.
    """
    number = _square_for(len(payload))
    symbol = _encoded(payload, zint.Symbology.DATAMATRIX, option_2=number, option_3=_SQUARE_ONLY)
    size = whole_dots(_DATA_MATRIX_MODULE_MIN, dpi)
    return _as_drawing(symbol, width=size, height=size, quiet=_DATA_MATRIX_QUIET_MODULES * size)


def pdf417(
    payload: bytes, *, dpi: int = DPI_DEFAULT, columns: int = 4, correction_level: int = 4
) -> Drawing:
    """A PDF417 of ``payload`` with ``columns`` data columns, and a quiet zone of two modules.

    A module is the least whole number of dots at ``dpi`` that makes 1/75 inch; a row is three
    modules high. Few columns bear more skew: 4 read up to about 5 degrees, 8 up to about 3.

    Raises:
        Refused: ``SYMBOL_PAYLOAD_TOO_LONG``.
    """
    symbol = _encoded(
        payload,
        zint.Symbology.PDF417,
        option_1=correction_level,
        option_2=columns,
        option_3=_pdf417_rows(len(payload), columns=columns, correction_level=correction_level),
    )
    size = whole_dots(_PDF417_MODULE_MIN, dpi)
    return _as_drawing(
        symbol, width=size, height=_PDF417_ROW_MODULES * size, quiet=_PDF417_QUIET_MODULES * size
    )


def symbol_of(
    payload: bytes, symbology: Symbology, *, dpi: int = DPI_DEFAULT, columns: int = 4
) -> Drawing:
    """``payload`` in the symbology asked for; ``columns`` matters to PDF417 only."""
    if symbology is Symbology.DATA_MATRIX:
        return data_matrix(payload, dpi=dpi)
    return pdf417(payload, dpi=dpi, columns=columns)


def whole_dots(smallest: float, dpi: int) -> float:
    """The least length of a whole number of dots at ``dpi`` that is not below ``smallest``."""
    return math.ceil(smallest * dpi - 1e-6) / dpi


def cells_of(symbol: zint.Symbol) -> bytes:
    """The modules of an encoded symbol, one byte each, row by row."""
    packed = np.asarray(symbol.encoded_data)[: symbol.rows]
    bits = np.unpackbits(packed, axis=1, bitorder="little")[:, : symbol.width]
    return bits.tobytes()


_SQUARE_ONLY = int(zint.DataMatrixOptions.SQUARE)


def _encoded(
    payload: bytes, kind: zint.Symbology, *, option_1: int = -1, option_2: int, option_3: int
) -> zint.Symbol:
    symbol = zint.Symbol()
    symbol.symbology = kind
    symbol.warn_level = zint.WarningLevel.FAIL_ALL
    symbol.option_1, symbol.option_2, symbol.option_3 = option_1, option_2, option_3
    try:
        symbol.encode(payload)
    except RuntimeError as error:
        raise SYMBOL_PAYLOAD_TOO_LONG.because(f"{len(payload)} bytes: {error}") from error
    return symbol


def _as_drawing(symbol: zint.Symbol, *, width: float, height: float, quiet: float) -> Drawing:
    modules = Modules(
        left=0.0,
        top=0.0,
        module_width=width,
        module_height=height,
        columns=symbol.width,
        rows=symbol.rows,
        cells=cells_of(symbol),
    )
    return fitted(Part.of("symbol", modules, quiet=Margins.all_round(quiet)))


def _square_for(length: int) -> int:
    """The number of the least square that holds ``length`` bytes in Base 256."""
    codewords = length + (2 if length <= _BASE256_SHORT_MAX else 3)
    for number, (_, capacity) in enumerate(_SQUARES, start=1):
        if codewords <= capacity:
            return number
    raise SYMBOL_PAYLOAD_TOO_LONG.because(f"{length} bytes do not fit a Data Matrix of an indicium")


def _pdf417_rows(length: int, *, columns: int, correction_level: int) -> int:
    """The rows that ``length`` bytes need in byte compaction, whatever their values."""
    groups, rest = divmod(length, _PDF417_BYTES_PER_GROUP)
    data = 2 + groups * _PDF417_CODEWORDS_PER_GROUP + rest
    total: int = data + 2 ** (correction_level + 1)
    return max(3, -(-total // columns))
