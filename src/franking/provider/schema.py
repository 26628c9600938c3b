"""Where the rooms of the provider's domain put their tables."""

from __future__ import annotations

from sqlalchemy import MetaData

from franking.storage import Schema

SCHEMA = Schema("provider", 1, MetaData())
METADATA = SCHEMA.metadata
