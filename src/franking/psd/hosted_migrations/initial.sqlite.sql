CREATE TABLE books (
	domain TEXT NOT NULL,
	version INTEGER NOT NULL,
	PRIMARY KEY (domain)
)
 STRICT;

CREATE TABLE destroying (
	record TEXT NOT NULL,
	PRIMARY KEY (record)
)
 STRICT;

CREATE TABLE hosted_checkpoints (
	device TEXT NOT NULL,
	sequence INTEGER NOT NULL,
	ascending_mills INTEGER NOT NULL,
	descending_mills INTEGER NOT NULL,
	control_total_mills INTEGER NOT NULL,
	piece_count INTEGER NOT NULL,
	reset_sequence INTEGER NOT NULL,
	head BLOB NOT NULL,
	mac BLOB NOT NULL,
	PRIMARY KEY (device, sequence)
)
 STRICT;

CREATE TABLE hosted_entries (
	device TEXT NOT NULL,
	sequence INTEGER NOT NULL,
	time TEXT NOT NULL,
	kind TEXT NOT NULL,
	ascending_mills INTEGER NOT NULL,
	descending_mills INTEGER NOT NULL,
	control_total_mills INTEGER NOT NULL,
	piece_count INTEGER NOT NULL,
	reset_sequence INTEGER NOT NULL,
	request_id TEXT,
	request_digest BLOB NOT NULL,
	content BLOB NOT NULL,
	signature BLOB NOT NULL,
	previous_hash BLOB NOT NULL,
	hash BLOB NOT NULL,
	mac BLOB NOT NULL,
	PRIMARY KEY (device, sequence)
)
 STRICT;

CREATE INDEX hosted_entry_message ON hosted_entries (device, request_digest) WHERE request_id IS NULL;

CREATE UNIQUE INDEX hosted_entry_request ON hosted_entries (device, request_id) WHERE request_id IS NOT NULL;

CREATE TABLE hosted_faults (
	device TEXT NOT NULL,
	number INTEGER NOT NULL,
	time TEXT NOT NULL,
	finding TEXT NOT NULL,
	PRIMARY KEY (device, number)
)
 STRICT;

CREATE TABLE hosted_keys (
	device TEXT NOT NULL,
	name TEXT NOT NULL,
	wrapped BLOB NOT NULL,
	PRIMARY KEY (device, name)
)
 STRICT;

CREATE TABLE hosted_register_copies (
	device TEXT NOT NULL,
	status TEXT NOT NULL,
	ascending_mills INTEGER NOT NULL,
	descending_mills INTEGER NOT NULL,
	control_total_mills INTEGER NOT NULL,
	piece_count INTEGER NOT NULL,
	reset_sequence INTEGER NOT NULL,
	sequence INTEGER NOT NULL,
	head BLOB NOT NULL,
	latest_time TEXT NOT NULL,
	mac BLOB NOT NULL,
	PRIMARY KEY (device),
	CHECK (ascending_mills + descending_mills = control_total_mills),
	CHECK (length(head) = 32 AND sequence > 0),
	CHECK (ascending_mills >= 0 AND descending_mills >= 0 AND piece_count >= 0 AND reset_sequence >= 0)
)
 STRICT;

CREATE TABLE hosted_registers (
	device TEXT NOT NULL,
	status TEXT NOT NULL,
	ascending_mills INTEGER NOT NULL,
	descending_mills INTEGER NOT NULL,
	control_total_mills INTEGER NOT NULL,
	piece_count INTEGER NOT NULL,
	reset_sequence INTEGER NOT NULL,
	sequence INTEGER NOT NULL,
	head BLOB NOT NULL,
	latest_time TEXT NOT NULL,
	mac BLOB NOT NULL,
	holder INTEGER NOT NULL,
	is_faulted INTEGER NOT NULL,
	PRIMARY KEY (device),
	CHECK (ascending_mills + descending_mills = control_total_mills),
	CHECK (length(head) = 32 AND sequence > 0),
	CHECK (ascending_mills >= 0 AND descending_mills >= 0 AND piece_count >= 0 AND reset_sequence >= 0)
)
 STRICT;

CREATE TABLE hosted_standing_copies (
	device TEXT NOT NULL,
	standing BLOB NOT NULL,
	PRIMARY KEY (device)
)
 STRICT;

CREATE TABLE hosted_standings (
	device TEXT NOT NULL,
	standing BLOB NOT NULL,
	PRIMARY KEY (device)
)
 STRICT;

CREATE TABLE journal (
	sequence INTEGER NOT NULL,
	record TEXT NOT NULL,
	number INTEGER NOT NULL,
	at TEXT NOT NULL,
	"by" TEXT NOT NULL,
	command TEXT NOT NULL,
	clauses TEXT NOT NULL,
	digest TEXT NOT NULL,
	"before" TEXT NOT NULL,
	hash TEXT NOT NULL,
	PRIMARY KEY (sequence),
	UNIQUE (record, number),
	CHECK (sequence > 0 AND number > 0),
	CHECK (length(hash) = 64 AND length(before) = 64 AND length(digest) = 64)
)
 STRICT;

CREATE TABLE journal_checkpoints (
	number INTEGER NOT NULL,
	upto INTEGER NOT NULL,
	size INTEGER NOT NULL,
	root TEXT NOT NULL,
	frontier TEXT NOT NULL,
	note TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (number > 0 AND size > 0 AND upto >= size AND length(root) = 64)
)
 STRICT;

CREATE TABLE journal_inputs (
	record TEXT NOT NULL,
	number INTEGER NOT NULL,
	salt BLOB NOT NULL,
	inputs TEXT NOT NULL,
	PRIMARY KEY (record, number),
	CONSTRAINT inputs_of_a_row FOREIGN KEY(record, number) REFERENCES journal (record, number)
)
 STRICT;
