"""Nights of scans: read, decoded by column, checked, compared with every night before, judged.

The steps of verification are those of a single piece (``franking.verification.predicates``); the
engines, DuckDB on one machine or Spark on many, run the same SQL text and the same functions of
Arrow batches.
"""
