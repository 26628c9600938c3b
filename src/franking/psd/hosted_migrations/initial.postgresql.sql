CREATE TABLE books (
	domain TEXT COLLATE "C" NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (domain)
);

CREATE TABLE destroying (
	record TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (record)
);

CREATE TABLE hosted_checkpoints (
	device TEXT COLLATE "C" NOT NULL,
	sequence BIGINT NOT NULL,
	ascending_mills BIGINT NOT NULL,
	descending_mills BIGINT NOT NULL,
	control_total_mills BIGINT NOT NULL,
	piece_count BIGINT NOT NULL,
	reset_sequence BIGINT NOT NULL,
	head BYTEA NOT NULL,
	mac BYTEA NOT NULL,
	PRIMARY KEY (device, sequence)
);

CREATE TABLE hosted_entries (
	device TEXT COLLATE "C" NOT NULL,
	sequence BIGINT NOT NULL,
	time TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	ascending_mills BIGINT NOT NULL,
	descending_mills BIGINT NOT NULL,
	control_total_mills BIGINT NOT NULL,
	piece_count BIGINT NOT NULL,
	reset_sequence BIGINT NOT NULL,
	request_id TEXT COLLATE "C",
	request_digest BYTEA NOT NULL,
	content BYTEA NOT NULL,
	signature BYTEA NOT NULL,
	previous_hash BYTEA NOT NULL,
	hash BYTEA NOT NULL,
	mac BYTEA NOT NULL,
	PRIMARY KEY (device, sequence)
);

CREATE INDEX hosted_entry_message ON hosted_entries (device, request_digest) WHERE request_id IS NULL;

CREATE UNIQUE INDEX hosted_entry_request ON hosted_entries (device, request_id) WHERE request_id IS NOT NULL;

CREATE TABLE hosted_faults (
	device TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	time TEXT COLLATE "C" NOT NULL,
	finding TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (device, number)
);

CREATE TABLE hosted_keys (
	device TEXT COLLATE "C" NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	wrapped BYTEA NOT NULL,
	PRIMARY KEY (device, name)
);

CREATE TABLE hosted_register_copies (
	device TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	ascending_mills BIGINT NOT NULL,
	descending_mills BIGINT NOT NULL,
	control_total_mills BIGINT NOT NULL,
	piece_count BIGINT NOT NULL,
	reset_sequence BIGINT NOT NULL,
	sequence BIGINT NOT NULL,
	head BYTEA NOT NULL,
	latest_time TEXT COLLATE "C" NOT NULL,
	mac BYTEA NOT NULL,
	PRIMARY KEY (device),
	CHECK (ascending_mills + descending_mills = control_total_mills),
	CHECK (length(head) = 32 AND sequence > 0),
	CHECK (ascending_mills >= 0 AND descending_mills >= 0 AND piece_count >= 0 AND reset_sequence >= 0)
)
 WITH (fillfactor = 50);

CREATE TABLE hosted_registers (
	device TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	ascending_mills BIGINT NOT NULL,
	descending_mills BIGINT NOT NULL,
	control_total_mills BIGINT NOT NULL,
	piece_count BIGINT NOT NULL,
	reset_sequence BIGINT NOT NULL,
	sequence BIGINT NOT NULL,
	head BYTEA NOT NULL,
	latest_time TEXT COLLATE "C" NOT NULL,
	mac BYTEA NOT NULL,
	holder BIGINT NOT NULL,
	is_faulted BIGINT NOT NULL,
	PRIMARY KEY (device),
	CHECK (ascending_mills + descending_mills = control_total_mills),
	CHECK (length(head) = 32 AND sequence > 0),
	CHECK (ascending_mills >= 0 AND descending_mills >= 0 AND piece_count >= 0 AND reset_sequence >= 0)
)
 WITH (fillfactor = 50);

CREATE TABLE hosted_standing_copies (
	device TEXT COLLATE "C" NOT NULL,
	standing BYTEA NOT NULL,
	PRIMARY KEY (device)
);

CREATE TABLE hosted_standings (
	device TEXT COLLATE "C" NOT NULL,
	standing BYTEA NOT NULL,
	PRIMARY KEY (device)
);

CREATE TABLE journal (
	sequence BIGSERIAL NOT NULL,
	record TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	by TEXT COLLATE "C" NOT NULL,
	command TEXT COLLATE "C" NOT NULL,
	clauses TEXT COLLATE "C" NOT NULL,
	digest TEXT COLLATE "C" NOT NULL,
	before TEXT COLLATE "C" NOT NULL,
	hash TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (sequence),
	UNIQUE (record, number),
	CHECK (sequence > 0 AND number > 0),
	CHECK (length(hash) = 64 AND length(before) = 64 AND length(digest) = 64)
);

CREATE TABLE journal_checkpoints (
	number BIGINT NOT NULL,
	upto BIGINT NOT NULL,
	size BIGINT NOT NULL,
	root TEXT COLLATE "C" NOT NULL,
	frontier TEXT COLLATE "C" NOT NULL,
	note TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (number > 0 AND size > 0 AND upto >= size AND length(root) = 64)
);

CREATE TABLE journal_inputs (
	record TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	salt BYTEA NOT NULL,
	inputs TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (record, number),
	CONSTRAINT inputs_of_a_row FOREIGN KEY(record, number) REFERENCES journal (record, number)
);
