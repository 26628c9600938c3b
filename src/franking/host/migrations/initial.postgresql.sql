CREATE TABLE acknowledgements (
	notice TEXT COLLATE "C" NOT NULL,
	digest TEXT COLLATE "C" NOT NULL,
	person TEXT COLLATE "C" NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (notice, digest, person)
);

CREATE TABLE address_data (
	name TEXT COLLATE "C" NOT NULL,
	dated TEXT COLLATE "C" NOT NULL,
	installed_on TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (name, dated)
);

CREATE TABLE artwork (
	artwork_id TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	title TEXT COLLATE "C" NOT NULL,
	mailer_name TEXT COLLATE "C" NOT NULL,
	lines TEXT COLLATE "C" NOT NULL,
	digest TEXT COLLATE "C" NOT NULL,
	supplied_by TEXT COLLATE "C" NOT NULL,
	approval_id TEXT COLLATE "C" NOT NULL,
	decided_at TEXT COLLATE "C" NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (artwork_id),
	CHECK (status IN ('approved', 'draft', 'refused', 'submitted'))
);

CREATE TABLE books (
	domain TEXT COLLATE "C" NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (domain)
);

CREATE TABLE destroying (
	record TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (record)
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

CREATE TABLE print_bad_rows (
	job_id TEXT COLLATE "C" NOT NULL,
	line BIGINT NOT NULL,
	code TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	detail TEXT COLLATE "C" NOT NULL,
	remedy TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (job_id, line)
);

CREATE TABLE print_jobs (
	job_id TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	template TEXT COLLATE "C" NOT NULL,
	town TEXT COLLATE "C" NOT NULL,
	rows_digest TEXT COLLATE "C" NOT NULL,
	created_at TEXT COLLATE "C" NOT NULL,
	total_mills BIGINT NOT NULL,
	PRIMARY KEY (job_id),
	CHECK (total_mills >= 0),
	CHECK (status IN ('confirmed', 'evidenced', 'planned', 'started'))
);

CREATE TABLE print_pieces (
	job_id TEXT COLLATE "C" NOT NULL,
	line BIGINT NOT NULL,
	request_id TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	cost_centre TEXT COLLATE "C" NOT NULL,
	reference TEXT COLLATE "C" NOT NULL,
	stock TEXT COLLATE "C" NOT NULL,
	postage_mills BIGINT NOT NULL,
	piece TEXT COLLATE "C" NOT NULL,
	indicium BYTEA,
	refusal TEXT COLLATE "C",
	PRIMARY KEY (job_id, line),
	CHECK (line >= 0 AND postage_mills >= 0),
	CHECK (status IN ('asked', 'evidenced', 'planned', 'refused')),
	UNIQUE (request_id)
);

CREATE TABLE print_runs (
	job_id TEXT COLLATE "C" NOT NULL,
	run BIGINT NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	lines TEXT COLLATE "C" NOT NULL,
	pieces BIGINT NOT NULL,
	PRIMARY KEY (job_id, run),
	CHECK (kind IN ('print', 'reprint'))
);

CREATE TABLE register_readings (
	device TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	ascending_mills BIGINT NOT NULL,
	descending_mills BIGINT NOT NULL,
	note TEXT COLLATE "C" NOT NULL,
	correction TEXT COLLATE "C" NOT NULL,
	kept_at TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (device, number),
	CHECK (ascending_mills >= 0 AND descending_mills >= 0)
);

CREATE TABLE journal_inputs (
	record TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	salt BYTEA NOT NULL,
	inputs TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (record, number),
	CONSTRAINT inputs_of_a_row FOREIGN KEY(record, number) REFERENCES journal (record, number)
);
