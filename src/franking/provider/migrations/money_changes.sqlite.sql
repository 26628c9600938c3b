CREATE TABLE devices_changed (
	device_id TEXT NOT NULL,
	rulebook TEXT NOT NULL,
	system TEXT NOT NULL,
	status TEXT NOT NULL,
	licence TEXT NOT NULL,
	limit_mills INTEGER NOT NULL,
	watchdog_date TEXT,
	orders INTEGER NOT NULL,
	locks TEXT NOT NULL,
	audit_sequence INTEGER NOT NULL,
	reset_sequence INTEGER NOT NULL,
	control_total_mills INTEGER NOT NULL,
	shown_ascending_mills INTEGER NOT NULL,
	shown_descending_mills INTEGER NOT NULL,
	shown_control_total_mills INTEGER NOT NULL,
	shown_piece_count INTEGER NOT NULL,
	shown_reset_sequence INTEGER NOT NULL,
	heard_sequence INTEGER NOT NULL,
	heard_hash TEXT NOT NULL,
	heard_at TEXT NOT NULL,
	confirmed_sequence INTEGER NOT NULL,
	confirmed_hash TEXT NOT NULL,
	suspicion TEXT NOT NULL,
	posted_mills INTEGER NOT NULL,
	PRIMARY KEY (device_id),
	CHECK (status IN ('authorized', 'cleared', 'enrolled', 'faulted', 'in service', 'scrapped', 'withdrawn')),
	CHECK (limit_mills >= 0 AND orders >= 0 AND audit_sequence >= 0 AND reset_sequence >= 0),
	CHECK (control_total_mills >= 0 AND heard_sequence >= 0 AND confirmed_sequence >= 0),
	CHECK (shown_ascending_mills >= 0 AND shown_descending_mills >= 0 AND shown_piece_count >= 0),
	CHECK (posted_mills >= 0),
	CHECK (shown_ascending_mills + shown_descending_mills = shown_control_total_mills),
	CHECK (length(heard_hash) = 64 AND length(confirmed_hash) = 64),
	CHECK (status <> 'in service' OR licence <> '')
)
 STRICT;

INSERT INTO devices_changed (
  device_id, rulebook, system, status, licence, limit_mills, watchdog_date, orders, locks,
  audit_sequence, reset_sequence, control_total_mills, shown_ascending_mills,
  shown_descending_mills, shown_control_total_mills, shown_piece_count, shown_reset_sequence,
  heard_sequence, heard_hash, heard_at, confirmed_sequence, confirmed_hash, suspicion,
  posted_mills
)
SELECT
  device_id, rulebook, system, status, licence, limit_mills, watchdog_date, orders, locks,
  audit_sequence, reset_sequence, control_total_mills, shown_ascending_mills,
  shown_descending_mills, shown_control_total_mills, shown_piece_count, shown_reset_sequence,
  heard_sequence, heard_hash, heard_at, confirmed_sequence, confirmed_hash, suspicion,
  shown_ascending_mills
FROM devices;

DROP TABLE devices;

ALTER TABLE devices_changed RENAME TO devices;

CREATE TABLE resets_changed (
	device_id TEXT NOT NULL,
	sequence INTEGER NOT NULL,
	amount_mills INTEGER NOT NULL,
	request_digest TEXT NOT NULL,
	grant_text TEXT NOT NULL,
	grant_digest TEXT NOT NULL,
	status TEXT NOT NULL,
	account TEXT NOT NULL,
	PRIMARY KEY (device_id, sequence),
	CHECK (status IN ('closed', 'confirmed', 'examined', 'granted', 'returned')),
	CHECK (sequence > 0),
	CHECK ((grant_text = '' AND amount_mills = 0 AND status = 'closed') OR (grant_text <> '' AND amount_mills > 0)),
	UNIQUE (request_digest)
)
 STRICT;

INSERT INTO resets_changed (
  device_id, sequence, amount_mills, request_digest, grant_text, grant_digest, status,
  account
)
SELECT
  device_id, sequence, amount_mills, request_digest, grant_text, grant_digest, status,
  ''
FROM resets;

DROP TABLE resets;

ALTER TABLE resets_changed RENAME TO resets;

UPDATE resets SET status = 'returned' WHERE status = 'closed' AND amount_mills > 0;
