"""Where the rooms of the postal domain put their tables."""

from __future__ import annotations

from sqlalchemy import MetaData

from franking.storage import Schema

SCHEMA = Schema("postal", 1, MetaData())
METADATA = SCHEMA.metadata
