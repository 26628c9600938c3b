CREATE TABLE acknowledgements (
	notice TEXT NOT NULL,
	digest TEXT NOT NULL,
	person TEXT NOT NULL,
	at TEXT NOT NULL,
	PRIMARY KEY (notice, digest, person)
)
 STRICT;

CREATE TABLE address_data (
	name TEXT NOT NULL,
	dated TEXT NOT NULL,
	installed_on TEXT NOT NULL,
	PRIMARY KEY (name, dated)
)
 STRICT;

CREATE TABLE artwork (
	artwork_id TEXT NOT NULL,
	status TEXT NOT NULL,
	title TEXT NOT NULL,
	mailer_name TEXT NOT NULL,
	lines TEXT NOT NULL,
	digest TEXT NOT NULL,
	supplied_by TEXT NOT NULL,
	approval_id TEXT NOT NULL,
	decided_at TEXT NOT NULL,
	reason TEXT NOT NULL,
	PRIMARY KEY (artwork_id),
	CHECK (status IN ('approved', 'draft', 'refused', 'submitted'))
)
 STRICT;

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

CREATE TABLE print_bad_rows (
	job_id TEXT NOT NULL,
	line INTEGER NOT NULL,
	code TEXT NOT NULL,
	clause TEXT NOT NULL,
	detail TEXT NOT NULL,
	remedy TEXT NOT NULL,
	PRIMARY KEY (job_id, line)
)
 STRICT;

CREATE TABLE print_jobs (
	job_id TEXT NOT NULL,
	status TEXT NOT NULL,
	template TEXT NOT NULL,
	town TEXT NOT NULL,
	rows_digest TEXT NOT NULL,
	created_at TEXT NOT NULL,
	total_mills INTEGER NOT NULL,
	PRIMARY KEY (job_id),
	CHECK (total_mills >= 0),
	CHECK (status IN ('confirmed', 'evidenced', 'planned', 'started'))
)
 STRICT;

CREATE TABLE print_pieces (
	job_id TEXT NOT NULL,
	line INTEGER NOT NULL,
	request_id TEXT NOT NULL,
	status TEXT NOT NULL,
	cost_centre TEXT NOT NULL,
	reference TEXT NOT NULL,
	stock TEXT NOT NULL,
	postage_mills INTEGER NOT NULL,
	piece TEXT NOT NULL,
	indicium BLOB,
	refusal TEXT,
	PRIMARY KEY (job_id, line),
	CHECK (line >= 0 AND postage_mills >= 0),
	CHECK (status IN ('asked', 'evidenced', 'planned', 'refused')),
	UNIQUE (request_id)
)
 STRICT;

CREATE TABLE print_runs (
	job_id TEXT NOT NULL,
	run INTEGER NOT NULL,
	kind TEXT NOT NULL,
	reason TEXT NOT NULL,
	at TEXT NOT NULL,
	lines TEXT NOT NULL,
	pieces INTEGER NOT NULL,
	PRIMARY KEY (job_id, run),
	CHECK (kind IN ('print', 'reprint'))
)
 STRICT;

CREATE TABLE register_readings (
	device TEXT NOT NULL,
	number INTEGER NOT NULL,
	day TEXT NOT NULL,
	ascending_mills INTEGER NOT NULL,
	descending_mills INTEGER NOT NULL,
	note TEXT NOT NULL,
	correction TEXT NOT NULL,
	kept_at TEXT NOT NULL,
	PRIMARY KEY (device, number),
	CHECK (ascending_mills >= 0 AND descending_mills >= 0)
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
