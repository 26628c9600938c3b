"""The fate of every piece: mailed or refunded, once, whoever refunds it and wherever it is scanned.

A piece is named by its device and the ascending register after it. ``decisions`` says what a scan
or a refund finds of the pieces known before, ``commands`` takes scans and settles the cases that
open, ``marking`` is what rooms that refund call in their own units of work. Refuses to know why a
piece is refunded. Law kept here: PIECE-1, a piece is mailed or refunded, once.
"""
