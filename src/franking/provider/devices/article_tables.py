"""How keys, dies, seals, test impressions and seal costs are stored; the registers for good."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table

from franking.provider.devices.article_records import (
    ARTICLE_TRANSITIONS,
    ArticleKind,
    ArticleState,
)
from franking.provider.schema import METADATA
from franking.storage.columns import (
    WHOLE,
    guard_append_only,
    guard_transitions,
    never_negative,
    one_of,
    optional_text,
    text,
    whole,
)

ARTICLES = Table(
    "articles",
    METADATA,
    text("kind"),
    text("number"),
    text("state"),
    text("source"),
    text("holder"),
    text("device", index=True),
    PrimaryKeyConstraint("kind", "number"),
    one_of("kind", ArticleKind),
    one_of("state", ArticleState),
    CheckConstraint("state <> 'assembled' OR device <> ''"),
    CheckConstraint("state <> 'issued' OR holder <> ''"),
    sqlite_strict=True,
)
guard_transitions(ARTICLES, ARTICLE_TRANSITIONS, column="state")
guard_append_only(ARTICLES, columns=("kind", "number", "source"), permanent=True)

ARTICLE_EVENTS = Table(
    "article_events",
    METADATA,
    Column("event", WHOLE, primary_key=True, autoincrement=True),
    text("kind"),
    text("article"),
    text("at"),
    text("before"),
    text("after"),
    text("holder"),
    text("device"),
    text("place"),
    text("detail"),
    text("receipt"),
    text("witnesses"),
    sqlite_strict=True,
)
Index("article_events_of", ARTICLE_EVENTS.c.kind, ARTICLE_EVENTS.c.article)
guard_append_only(ARTICLE_EVENTS, permanent=True)

TEST_PRINTS = Table(
    "test_prints",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("site"),
    text("day"),
    text("serial"),
    whole("impressions"),
    text("by"),
    CheckConstraint("impressions > 0"),
    sqlite_strict=True,
)
Index("test_prints_of_day", TEST_PRINTS.c.site, TEST_PRINTS.c.day)
guard_append_only(TEST_PRINTS)

TEST_PRINT_DESTRUCTIONS = Table(
    "test_print_destructions",
    METADATA,
    text("site"),
    text("day"),
    text("at"),
    whole("impressions"),
    text("destroyed_by"),
    text("witnessed_by"),
    PrimaryKeyConstraint("site", "day"),
    CheckConstraint("destroyed_by <> witnessed_by"),
    sqlite_strict=True,
)
guard_append_only(TEST_PRINT_DESTRUCTIONS)

SEAL_STATEMENTS = Table(
    "seal_statements",
    METADATA,
    text("reference", primary_key=True),
    text("day"),
    whole("share_mills"),
    optional_text("repaid_at"),
    text("payment"),
    never_negative("share_mills"),
    sqlite_strict=True,
)
guard_append_only(SEAL_STATEMENTS, columns=("reference", "day", "share_mills"))

TABLES = (ARTICLES, ARTICLE_EVENTS, TEST_PRINTS, TEST_PRINT_DESTRUCTIONS, SEAL_STATEMENTS)
