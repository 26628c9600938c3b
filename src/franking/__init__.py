"""Franking: an open postage evidencing system.

Prepaid money becomes signed, scannable evidence of postage. Each room of the package has one
concern; ``docs/architecture.md`` shows the rooms and the arrows between them.
"""

__version__ = "0.1.0"
