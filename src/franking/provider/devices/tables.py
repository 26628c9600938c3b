"""How the inventory is stored."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table

from franking.provider.devices.records import (
    TRANSITIONS,
    DeviceState,
    Kind,
    Mechanism,
    Occasion,
    Source,
    Title,
)
from franking.provider.devices.service_records import ChargeKind, Facility, FormAction
from franking.provider.schema import METADATA
from franking.storage.columns import (
    WHOLE,
    guard_append_only,
    guard_transitions,
    never_negative,
    one_of,
    optional_text,
    optional_whole,
    text,
    whole,
)

INVENTORY = Table(
    "inventory",
    METADATA,
    text("serial", primary_key=True),
    text("kind"),
    text("rulebook"),
    text("model"),
    text("version"),
    text("state", index=True),
    text("since"),
    text("mechanism"),
    whole("remote"),
    text("title"),
    text("licence", index=True),
    text("lease", index=True),
    text("licensee"),
    text("office"),
    text("place"),
    optional_text("produced_on"),
    optional_text("installed_on"),
    optional_text("scrapped_on"),
    whole("ascending_mills"),
    whole("descending_mills"),
    text("reading_source"),
    optional_text("read_on"),
    one_of("state", DeviceState),
    one_of("kind", Kind),
    one_of("mechanism", Mechanism),
    one_of("title", Title),
    one_of("reading_source", Source),
    never_negative("ascending_mills", "descending_mills"),
    CheckConstraint("remote IN (0, 1)"),
    CheckConstraint("lease = '' OR licence <> ''"),
    CheckConstraint("state <> 'scrapped' OR scrapped_on IS NOT NULL"),
    sqlite_strict=True,
)
guard_transitions(INVENTORY, TRANSITIONS, column="state")
guard_append_only(INVENTORY, columns=("serial", "kind"))

MOVEMENTS = Table(
    "inventory_movements",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("serial"),
    text("at"),
    text("day"),
    text("before"),
    text("after"),
    text("place"),
    text("by"),
    text("because"),
    text("clause"),
    text("source"),
    optional_whole("ascending_mills"),
    one_of("after", DeviceState),
    one_of("source", Source),
    sqlite_strict=True,
)
Index("inventory_movements_of", MOVEMENTS.c.serial, MOVEMENTS.c.number)
guard_append_only(MOVEMENTS)

READINGS = Table(
    "inventory_readings",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("serial"),
    text("at"),
    whole("ascending_mills"),
    whole("descending_mills"),
    optional_whole("piece_count"),
    text("source"),
    text("occasion"),
    text("by"),
    one_of("source", Source),
    one_of("occasion", Occasion),
    never_negative("ascending_mills", "descending_mills"),
    sqlite_strict=True,
)
Index("inventory_readings_of", READINGS.c.serial, READINGS.c.number)
guard_append_only(READINGS)

DENIALS = Table(
    "reset_denials",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("serial"),
    text("cause"),
    text("clause"),
    text("because"),
    text("since"),
    optional_text("lifted_at"),
    text("lifted_because"),
    sqlite_strict=True,
)
Index(
    "reset_denials_standing",
    DENIALS.c.serial,
    DENIALS.c.cause,
    unique=True,
    sqlite_where=DENIALS.c.lifted_at.is_(None),
    postgresql_where=DENIALS.c.lifted_at.is_(None),
)
guard_append_only(DENIALS, columns=("serial", "cause", "clause", "because", "since"))

NEW_INSPECTIONS = Table(
    "new_device_inspections",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("serial", index=True),
    text("at"),
    text("inspector"),
    whole("passed"),
    text("finding"),
    CheckConstraint("passed IN (0, 1)"),
    sqlite_strict=True,
)
guard_append_only(NEW_INSPECTIONS)

FORMS = Table(
    "installation_forms",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("serial", index=True),
    text("action"),
    text("on_day"),
    text("content"),
    text("register_record"),
    one_of("action", FormAction),
    sqlite_strict=True,
)
guard_append_only(FORMS)

CHARGES = Table(
    "device_charges",
    METADATA,
    Column("number", WHOLE, primary_key=True, autoincrement=True),
    text("serial", index=True),
    text("kind"),
    whole("amount_mills"),
    text("clause"),
    text("due_since"),
    optional_text("paid_at"),
    text("payment"),
    one_of("kind", ChargeKind),
    never_negative("amount_mills"),
    sqlite_strict=True,
)
guard_append_only(CHARGES, columns=("serial", "kind", "amount_mills", "clause", "due_since"))

ON_SITE = Table(
    "on_site_places",
    METADATA,
    text("name", primary_key=True),
    text("facility"),
    text("office"),
    text("licence"),
    whole("staffed"),
    one_of("facility", (Facility.LICENSEE, Facility.BRANCH)),
    CheckConstraint("staffed IN (0, 1)"),
    CheckConstraint("facility = 'branch' OR licence <> ''"),
    sqlite_strict=True,
)

ON_SITE_METERS = Table(
    "on_site_meters",
    METADATA,
    text("place"),
    text("serial"),
    PrimaryKeyConstraint("place", "serial"),
    sqlite_strict=True,
)

SHOPS = Table(
    "repair_shops",
    METADATA,
    text("name", primary_key=True),
    text("control"),
    text("registered_on"),
    sqlite_strict=True,
)

MODIFICATIONS = Table(
    "modifications_supplied",
    METADATA,
    text("change"),
    text("serial"),
    text("at"),
    text("by"),
    PrimaryKeyConstraint("change", "serial"),
    sqlite_strict=True,
)
guard_append_only(MODIFICATIONS)

IMPORTS = Table(
    "fleet_imports",
    METADATA,
    text("digest", primary_key=True),
    text("at"),
    whole("devices"),
    sqlite_strict=True,
)
guard_append_only(IMPORTS)

TABLES = (
    INVENTORY,
    MOVEMENTS,
    READINGS,
    DENIALS,
    NEW_INSPECTIONS,
    FORMS,
    CHARGES,
    ON_SITE,
    ON_SITE_METERS,
    SHOPS,
    MODIFICATIONS,
    IMPORTS,
)
