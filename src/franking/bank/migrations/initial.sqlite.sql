CREATE TABLE books (
	domain TEXT NOT NULL,
	version INTEGER NOT NULL,
	PRIMARY KEY (domain)
)
 STRICT;

CREATE TABLE closed_days (
	lockbox TEXT NOT NULL,
	day TEXT NOT NULL,
	closed_at TEXT NOT NULL,
	closing_cents INTEGER NOT NULL,
	PRIMARY KEY (lockbox, day)
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

CREATE TABLE lockbox_events (
	number INTEGER NOT NULL,
	lockbox TEXT NOT NULL,
	kind TEXT NOT NULL,
	day TEXT NOT NULL,
	at TEXT NOT NULL,
	amount_cents INTEGER NOT NULL,
	method TEXT NOT NULL,
	account TEXT NOT NULL,
	reference TEXT NOT NULL,
	reason TEXT NOT NULL,
	detail TEXT NOT NULL,
	payment INTEGER,
	sent_in INTEGER,
	PRIMARY KEY (number),
	CHECK (kind IN ('changed', 'deposit', 'paid', 'refunded', 'returned', 'transferred')),
	CHECK (amount_cents >= 0)
)
 STRICT;

CREATE INDEX lockbox_events_of ON lockbox_events (lockbox, day, kind);

CREATE INDEX lockbox_events_unsent ON lockbox_events (sent_in, lockbox);

CREATE TABLE lockboxes (
	number TEXT NOT NULL,
	provider TEXT NOT NULL,
	provider_id TEXT NOT NULL,
	bank TEXT NOT NULL,
	account TEXT NOT NULL,
	post_office_box TEXT NOT NULL,
	cutoff TEXT NOT NULL,
	transmitted TEXT NOT NULL,
	toll_free TEXT NOT NULL,
	representative TEXT NOT NULL,
	holds_transfers INTEGER NOT NULL,
	PRIMARY KEY (number),
	CHECK (holds_transfers IN (0, 1)),
	CHECK (length(number) = 7),
	UNIQUE (provider)
)
 STRICT;

CREATE TABLE originations (
	digest TEXT NOT NULL,
	lockbox TEXT NOT NULL,
	taken_at TEXT NOT NULL,
	entries INTEGER NOT NULL,
	debit_cents INTEGER NOT NULL,
	credit_cents INTEGER NOT NULL,
	PRIMARY KEY (digest)
)
 STRICT;

CREATE TABLE payments (
	number INTEGER NOT NULL,
	lockbox TEXT NOT NULL,
	method TEXT NOT NULL,
	account TEXT NOT NULL,
	amount_cents INTEGER NOT NULL,
	payer_name TEXT NOT NULL,
	payer_routing TEXT NOT NULL,
	payer_account TEXT NOT NULL,
	check_number TEXT NOT NULL,
	received_at TEXT NOT NULL,
	day TEXT NOT NULL,
	state TEXT NOT NULL,
	trace TEXT NOT NULL,
	entry_class TEXT NOT NULL,
	reason TEXT NOT NULL,
	ordered_as TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (method IN ('ACH credit', 'ACH debit', 'cash', 'check', 'check card', 'credit card', 'debit card', 'wire transfer')),
	CHECK (state IN ('paid', 'presented again', 'received', 'unpaid')),
	CHECK (amount_cents > 0)
)
 STRICT;

CREATE INDEX payments_by_order ON payments (lockbox, ordered_as);

CREATE INDEX payments_by_trace ON payments (trace, lockbox);

CREATE TABLE sent_files (
	number INTEGER NOT NULL,
	lockbox TEXT NOT NULL,
	recipient TEXT NOT NULL,
	kind TEXT NOT NULL,
	day TEXT NOT NULL,
	name TEXT NOT NULL,
	content BLOB NOT NULL,
	made_at TEXT NOT NULL,
	delivered_at TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (kind IN ('ACH', 'lockbox', 'statement', 'transfers'))
)
 STRICT;

CREATE INDEX sent_files_to ON sent_files (recipient, delivered_at, number);

CREATE TABLE transfers (
	lockbox TEXT NOT NULL,
	day TEXT NOT NULL,
	amount_cents INTEGER NOT NULL,
	made_at TEXT NOT NULL,
	PRIMARY KEY (lockbox, day),
	CHECK (amount_cents >= 0)
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
