CREATE TABLE books (
	domain TEXT COLLATE "C" NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (domain)
);

CREATE TABLE closed_days (
	lockbox TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	closed_at TEXT COLLATE "C" NOT NULL,
	closing_cents BIGINT NOT NULL,
	PRIMARY KEY (lockbox, day)
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

CREATE TABLE lockbox_events (
	number BIGINT NOT NULL,
	lockbox TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	amount_cents BIGINT NOT NULL,
	method TEXT COLLATE "C" NOT NULL,
	account TEXT COLLATE "C" NOT NULL,
	reference TEXT COLLATE "C" NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	detail TEXT COLLATE "C" NOT NULL,
	payment BIGINT,
	sent_in BIGINT,
	PRIMARY KEY (number),
	CHECK (kind IN ('changed', 'deposit', 'paid', 'refunded', 'returned', 'transferred')),
	CHECK (amount_cents >= 0)
);

CREATE INDEX lockbox_events_of ON lockbox_events (lockbox, day, kind);

CREATE INDEX lockbox_events_unsent ON lockbox_events (sent_in, lockbox);

CREATE TABLE lockboxes (
	number TEXT COLLATE "C" NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	provider_id TEXT COLLATE "C" NOT NULL,
	bank TEXT COLLATE "C" NOT NULL,
	account TEXT COLLATE "C" NOT NULL,
	post_office_box TEXT COLLATE "C" NOT NULL,
	cutoff TEXT COLLATE "C" NOT NULL,
	transmitted TEXT COLLATE "C" NOT NULL,
	toll_free TEXT COLLATE "C" NOT NULL,
	representative TEXT COLLATE "C" NOT NULL,
	holds_transfers BIGINT NOT NULL,
	PRIMARY KEY (number),
	CHECK (holds_transfers IN (0, 1)),
	CHECK (length(number) = 7),
	UNIQUE (provider)
);

CREATE TABLE originations (
	digest TEXT COLLATE "C" NOT NULL,
	lockbox TEXT COLLATE "C" NOT NULL,
	taken_at TEXT COLLATE "C" NOT NULL,
	entries BIGINT NOT NULL,
	debit_cents BIGINT NOT NULL,
	credit_cents BIGINT NOT NULL,
	PRIMARY KEY (digest)
);

CREATE TABLE payments (
	number BIGINT NOT NULL,
	lockbox TEXT COLLATE "C" NOT NULL,
	method TEXT COLLATE "C" NOT NULL,
	account TEXT COLLATE "C" NOT NULL,
	amount_cents BIGINT NOT NULL,
	payer_name TEXT COLLATE "C" NOT NULL,
	payer_routing TEXT COLLATE "C" NOT NULL,
	payer_account TEXT COLLATE "C" NOT NULL,
	check_number TEXT COLLATE "C" NOT NULL,
	received_at TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	state TEXT COLLATE "C" NOT NULL,
	trace TEXT COLLATE "C" NOT NULL,
	entry_class TEXT COLLATE "C" NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	ordered_as TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (method IN ('ACH credit', 'ACH debit', 'cash', 'check', 'check card', 'credit card', 'debit card', 'wire transfer')),
	CHECK (state IN ('paid', 'presented again', 'received', 'unpaid')),
	CHECK (amount_cents > 0)
);

CREATE INDEX payments_by_order ON payments (lockbox, ordered_as);

CREATE INDEX payments_by_trace ON payments (trace, lockbox);

CREATE TABLE sent_files (
	number BIGINT NOT NULL,
	lockbox TEXT COLLATE "C" NOT NULL,
	recipient TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	content BYTEA NOT NULL,
	made_at TEXT COLLATE "C" NOT NULL,
	delivered_at TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (kind IN ('ACH', 'lockbox', 'statement', 'transfers'))
);

CREATE INDEX sent_files_to ON sent_files (recipient, delivered_at, number);

CREATE TABLE transfers (
	lockbox TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	amount_cents BIGINT NOT NULL,
	made_at TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (lockbox, day),
	CHECK (amount_cents >= 0)
);

CREATE TABLE journal_inputs (
	record TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	salt BYTEA NOT NULL,
	inputs TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (record, number),
	CONSTRAINT inputs_of_a_row FOREIGN KEY(record, number) REFERENCES journal (record, number)
);
