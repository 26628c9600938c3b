CREATE TABLE alternative_settings (
	device TEXT NOT NULL,
	licence TEXT NOT NULL,
	zip_code TEXT NOT NULL,
	postmaster TEXT NOT NULL,
	permitted_on TEXT NOT NULL,
	PRIMARY KEY (device)
)
 STRICT;

CREATE TABLE anchor_findings (
	number INTEGER NOT NULL,
	kind TEXT NOT NULL,
	provider TEXT NOT NULL,
	device TEXT NOT NULL,
	detail TEXT NOT NULL,
	found_at TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (kind IN ('ascending fell', 'forked', 'of two providers', 'went back'))
)
 STRICT;

CREATE INDEX anchor_findings_device ON anchor_findings (device);

CREATE TABLE anchors (
	device TEXT NOT NULL,
	provider TEXT NOT NULL,
	sequence INTEGER NOT NULL,
	ascending_mills INTEGER NOT NULL,
	entry_hash TEXT NOT NULL,
	said_at TEXT NOT NULL,
	PRIMARY KEY (device, provider, sequence),
	CHECK (sequence >= 0 AND ascending_mills >= 0)
)
 STRICT;

CREATE TABLE authority (
	number INTEGER NOT NULL CHECK (number = 1),
	name TEXT NOT NULL,
	serial INTEGER NOT NULL,
	public_key BLOB NOT NULL,
	wrapped BLOB NOT NULL,
	plan_version TEXT NOT NULL,
	plan_digest TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (length(public_key) = 65)
)
 STRICT;

CREATE TABLE books (
	domain TEXT NOT NULL,
	version INTEGER NOT NULL,
	PRIMARY KEY (domain)
)
 STRICT;

CREATE TABLE certificates (
	serial INTEGER NOT NULL,
	kind TEXT NOT NULL,
	subject TEXT NOT NULL,
	provider TEXT NOT NULL,
	public_key BLOB NOT NULL,
	first_day TEXT NOT NULL,
	last_day TEXT NOT NULL,
	der BLOB NOT NULL,
	request_digest TEXT NOT NULL,
	status TEXT NOT NULL,
	end_reason TEXT,
	ended_on TEXT,
	final_ascending_mills INTEGER,
	PRIMARY KEY (serial),
	CHECK (kind IN ('device', 'provider', 'root')),
	CHECK (status IN ('compromised', 'ended', 'good', 'reported')),
	CHECK (serial BETWEEN 1 AND 4294967295),
	CHECK (length(public_key) = 65),
	CHECK (first_day <= last_day),
	CHECK ((status = 'good') = (end_reason IS NULL)),
	CHECK ((end_reason IS NULL) = (ended_on IS NULL)),
	CHECK (final_ascending_mills IS NULL OR final_ascending_mills >= 0),
	UNIQUE (public_key),
	UNIQUE (request_digest)
)
 STRICT;

CREATE INDEX ix_certificates_subject ON certificates (subject);

CREATE TABLE destroying (
	record TEXT NOT NULL,
	PRIMARY KEY (record)
)
 STRICT;

CREATE TABLE destruction_certificates (
	number INTEGER NOT NULL,
	record TEXT NOT NULL,
	kind TEXT NOT NULL,
	clause TEXT NOT NULL,
	destroyed_at TEXT NOT NULL,
	first TEXT NOT NULL,
	second TEXT NOT NULL,
	method TEXT NOT NULL,
	rows INTEGER NOT NULL,
	PRIMARY KEY (number),
	CHECK (rows >= 0)
)
 STRICT;

CREATE INDEX ix_destruction_certificates_record ON destruction_certificates (record);

CREATE TABLE device_reports (
	number INTEGER NOT NULL,
	provider TEXT NOT NULL,
	serial TEXT NOT NULL,
	licence TEXT NOT NULL,
	zip_code TEXT NOT NULL,
	kind TEXT NOT NULL,
	told_on TEXT NOT NULL,
	facts TEXT NOT NULL,
	PRIMARY KEY (number)
)
 STRICT;

CREATE INDEX device_reports_of_device ON device_reports (provider, serial);

CREATE TABLE docket_events (
	number INTEGER NOT NULL,
	record TEXT NOT NULL,
	duty TEXT NOT NULL,
	ordinal INTEGER NOT NULL,
	at TEXT NOT NULL,
	event TEXT NOT NULL,
	because TEXT NOT NULL,
	"by" TEXT NOT NULL,
	cost_mills INTEGER,
	PRIMARY KEY (number),
	CHECK (event IN ('cancelled', 'missed', 'noted', 'open', 'satisfied', 'satisfied late')),
	CHECK (cost_mills IS NULL OR cost_mills >= 0)
)
 STRICT;

CREATE INDEX docket_events_of ON docket_events (record, duty, ordinal);

CREATE TABLE docket_sweeps (
	number INTEGER NOT NULL,
	at TEXT NOT NULL,
	missed INTEGER NOT NULL,
	PRIMARY KEY (number)
)
 STRICT;

CREATE TABLE examinations_due (
	number INTEGER NOT NULL,
	provider TEXT NOT NULL,
	serial TEXT NOT NULL,
	licence TEXT NOT NULL,
	zip_code TEXT NOT NULL,
	ground TEXT NOT NULL,
	due_on TEXT NOT NULL,
	told_on TEXT NOT NULL,
	settled_on TEXT,
	settled_how TEXT NOT NULL,
	PRIMARY KEY (number)
)
 STRICT;

CREATE INDEX examinations_due_of_device ON examinations_due (provider, serial);

CREATE INDEX ix_examinations_due_zip_code ON examinations_due (zip_code);

CREATE TABLE export_permissions (
	licence TEXT NOT NULL,
	ordinal INTEGER NOT NULL,
	device TEXT NOT NULL,
	basis TEXT NOT NULL,
	place TEXT NOT NULL,
	letter TEXT NOT NULL,
	granted_by TEXT NOT NULL,
	granted_on TEXT NOT NULL,
	until TEXT,
	PRIMARY KEY (licence, ordinal),
	CHECK (basis IN ('government', 'military', 'other'))
)
 STRICT;

CREATE TABLE inbox (
	digest TEXT NOT NULL,
	sender TEXT NOT NULL,
	kind TEXT NOT NULL,
	record TEXT NOT NULL,
	text TEXT NOT NULL,
	heard_at TEXT NOT NULL,
	outcome TEXT NOT NULL,
	PRIMARY KEY (digest)
)
 STRICT;

CREATE INDEX ix_inbox_record ON inbox (record);

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

CREATE TABLE key_drills (
	number INTEGER NOT NULL,
	at TEXT NOT NULL,
	next_by TEXT NOT NULL,
	PRIMARY KEY (number)
)
 STRICT;

CREATE TABLE legal_holds (
	number INTEGER NOT NULL,
	record TEXT NOT NULL,
	because TEXT NOT NULL,
	clause TEXT NOT NULL,
	placed_by TEXT NOT NULL,
	placed_at TEXT NOT NULL,
	lifted_at TEXT,
	PRIMARY KEY (number)
)
 STRICT;

CREATE INDEX ix_legal_holds_record ON legal_holds (record);

CREATE TABLE licence_appeals (
	id TEXT NOT NULL,
	kind TEXT NOT NULL,
	record TEXT NOT NULL,
	rulebook TEXT NOT NULL,
	filed_on TEXT NOT NULL,
	filed_by TEXT NOT NULL,
	letter TEXT NOT NULL,
	against TEXT NOT NULL,
	status TEXT NOT NULL,
	heard_by TEXT NOT NULL,
	decided_on TEXT,
	reason TEXT NOT NULL,
	PRIMARY KEY (id),
	CHECK (kind IN ('postage adjustment', 'refusal', 'revocation')),
	CHECK (status IN ('denied', 'filed', 'sustained')),
	CHECK (heard_by = '' OR heard_by <> against)
)
 STRICT;

CREATE INDEX ix_licence_appeals_record ON licence_appeals (record);

CREATE INDEX ix_licence_appeals_status ON licence_appeals (status);

CREATE TABLE licence_applications (
	id TEXT NOT NULL,
	provider TEXT NOT NULL,
	number TEXT NOT NULL,
	rulebook TEXT NOT NULL,
	data TEXT NOT NULL,
	applicant_key TEXT NOT NULL,
	filed_on TEXT NOT NULL,
	status TEXT NOT NULL,
	decided_by TEXT NOT NULL,
	decided_on TEXT,
	received_on TEXT,
	ground TEXT NOT NULL,
	reason TEXT NOT NULL,
	licence TEXT NOT NULL,
	PRIMARY KEY (id),
	CHECK (status IN ('appealed', 'applied', 'issued', 'refused')),
	CHECK (status <> 'issued' OR licence <> '')
)
 STRICT;

CREATE INDEX ix_licence_applications_applicant_key ON licence_applications (applicant_key);

CREATE INDEX ix_licence_applications_status ON licence_applications (status);

CREATE TABLE licences (
	number TEXT NOT NULL,
	applicant_key TEXT NOT NULL,
	office_zip TEXT NOT NULL,
	application TEXT NOT NULL,
	rulebook TEXT NOT NULL,
	issued_on TEXT NOT NULL,
	message TEXT NOT NULL,
	data TEXT NOT NULL,
	version INTEGER NOT NULL,
	status TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (length(office_zip) = 5),
	CHECK (version > 0),
	CHECK (status IN ('cancelled', 'issued', 'revocation noticed', 'revoked', 'stayed'))
)
 STRICT;

CREATE INDEX ix_licences_applicant_key ON licences (applicant_key);

CREATE INDEX ix_licences_office_zip ON licences (office_zip);

CREATE UNIQUE INDEX one_live_licence ON licences (applicant_key, office_zip) WHERE status IN ('issued', 'revocation noticed', 'stayed');

CREATE TABLE licensing_events (
	record TEXT NOT NULL,
	ordinal INTEGER NOT NULL,
	at TEXT NOT NULL,
	"by" TEXT NOT NULL,
	event TEXT NOT NULL,
	clause TEXT NOT NULL,
	because TEXT NOT NULL,
	PRIMARY KEY (record, ordinal)
)
 STRICT;

CREATE TABLE models (
	provider TEXT NOT NULL,
	model TEXT NOT NULL,
	version TEXT NOT NULL,
	rulebook TEXT NOT NULL,
	status TEXT NOT NULL,
	design TEXT NOT NULL,
	system TEXT NOT NULL,
	description TEXT NOT NULL,
	changes TEXT NOT NULL,
	affects TEXT NOT NULL,
	submitted_on TEXT NOT NULL,
	PRIMARY KEY (provider, model, version),
	CHECK (status IN ('approved', 'change requested', 'field test', 'refused', 'revoked', 'submitted', 'suspended', 'tentative', 'tested')),
	CHECK (length(design) = 64)
)
 STRICT;

CREATE TABLE obligations (
	record TEXT NOT NULL,
	duty TEXT NOT NULL,
	ordinal INTEGER NOT NULL,
	owed_by TEXT NOT NULL,
	rulebook TEXT NOT NULL,
	clause TEXT NOT NULL,
	start TEXT NOT NULL,
	due TEXT NOT NULL,
	opened_at TEXT NOT NULL,
	because TEXT NOT NULL,
	status TEXT NOT NULL,
	missed_on TEXT,
	closed_on TEXT,
	PRIMARY KEY (record, duty, ordinal),
	CHECK (status IN ('cancelled', 'missed', 'open', 'satisfied', 'satisfied late')),
	CHECK (ordinal > 0),
	CHECK (status <> 'missed' OR missed_on IS NOT NULL),
	CHECK ((closed_on IS NULL) = (status IN ('open', 'missed')))
)
 STRICT;

CREATE INDEX obligations_by_clause ON obligations (clause, status, due, record, duty, ordinal);

CREATE INDEX obligations_by_day ON obligations (status, due, record, duty, ordinal);

CREATE INDEX obligations_by_debtor ON obligations (owed_by, status, due, record, duty, ordinal);

CREATE UNIQUE INDEX obligations_open_once ON obligations (record, duty) WHERE status = 'open';

CREATE TABLE office_branches (
	zip_code TEXT NOT NULL,
	office_zip TEXT NOT NULL,
	PRIMARY KEY (zip_code),
	CHECK (zip_code <> office_zip)
)
 STRICT;

CREATE TABLE outbox (
	number INTEGER NOT NULL,
	recipient TEXT NOT NULL,
	kind TEXT NOT NULL,
	record TEXT NOT NULL,
	text TEXT NOT NULL,
	sent_at TEXT NOT NULL,
	delivered_at TEXT,
	PRIMARY KEY (number)
)
 STRICT;

CREATE INDEX ix_outbox_delivered_at ON outbox (delivered_at);

CREATE INDEX ix_outbox_record ON outbox (record);

CREATE TABLE postal_examinations (
	number INTEGER NOT NULL,
	provider TEXT NOT NULL,
	serial TEXT NOT NULL,
	licence TEXT NOT NULL,
	examiner TEXT NOT NULL,
	examined_on TEXT NOT NULL,
	ascending_mills INTEGER NOT NULL,
	descending_mills INTEGER NOT NULL,
	log_brought INTEGER NOT NULL,
	findings TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (ascending_mills >= 0 AND descending_mills >= 0)
)
 STRICT;

CREATE INDEX postal_examinations_of_device ON postal_examinations (provider, serial);

CREATE TABLE presentations (
	provider TEXT NOT NULL,
	serial TEXT NOT NULL,
	licence TEXT NOT NULL,
	zip_code TEXT NOT NULL,
	last_seen_on TEXT NOT NULL,
	status TEXT NOT NULL,
	notified_on TEXT,
	PRIMARY KEY (provider, serial),
	CHECK (status IN ('current', 'ignored', 'notified'))
)
 STRICT;

CREATE TABLE referrals (
	number INTEGER NOT NULL,
	provider TEXT NOT NULL,
	serial TEXT NOT NULL,
	licence TEXT NOT NULL,
	zip_code TEXT NOT NULL,
	rulebook TEXT NOT NULL,
	ground TEXT NOT NULL,
	facts TEXT NOT NULL,
	last_active_on TEXT NOT NULL,
	received_on TEXT NOT NULL,
	status TEXT NOT NULL,
	notified_on TEXT,
	closed_on TEXT,
	closed_how TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (ground IN ('no quality mailpiece', 'not audited', 'not examined')),
	CHECK (status IN ('closed', 'notified', 'received')),
	CHECK ((status = 'closed') = (closed_on IS NOT NULL))
)
 STRICT;

CREATE INDEX referrals_by_office ON referrals (status, zip_code);

CREATE INDEX referrals_of_device ON referrals (provider, serial);

CREATE TABLE removal_orders (
	device TEXT NOT NULL,
	ordinal INTEGER NOT NULL,
	provider TEXT NOT NULL,
	licence TEXT NOT NULL,
	clause TEXT NOT NULL,
	because TEXT NOT NULL,
	ordered_on TEXT NOT NULL,
	removed_on TEXT,
	PRIMARY KEY (device, ordinal)
)
 STRICT;

CREATE INDEX ix_removal_orders_licence ON removal_orders (licence);

CREATE INDEX ix_removal_orders_provider ON removal_orders (provider);

CREATE TABLE retained_records (
	record TEXT NOT NULL,
	kind TEXT NOT NULL,
	rulebook TEXT NOT NULL,
	clause TEXT NOT NULL,
	ended_on TEXT NOT NULL,
	keep_until TEXT,
	destroy_by TEXT,
	status TEXT NOT NULL,
	proposed_by TEXT NOT NULL,
	PRIMARY KEY (record, kind),
	CHECK (status IN ('destroyed', 'kept', 'proposed for destruction'))
)
 STRICT;

CREATE INDEX ix_retained_records_destroy_by ON retained_records (destroy_by);

CREATE TABLE revocation_lists (
	number INTEGER NOT NULL,
	issued_at TEXT NOT NULL,
	der BLOB NOT NULL,
	PRIMARY KEY (number)
)
 STRICT;

CREATE TABLE revocations (
	request_digest TEXT NOT NULL,
	serial INTEGER NOT NULL,
	request TEXT NOT NULL,
	PRIMARY KEY (request_digest)
)
 STRICT;

CREATE TABLE suspect_devices (
	number INTEGER NOT NULL,
	provider TEXT NOT NULL,
	serial TEXT NOT NULL,
	licence TEXT NOT NULL,
	suspicion TEXT NOT NULL,
	opened_by TEXT NOT NULL,
	opened_on TEXT NOT NULL,
	status TEXT NOT NULL,
	announced_on TEXT,
	unannounced_because TEXT NOT NULL,
	closed_on TEXT,
	finding TEXT NOT NULL,
	receipt TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (status IN ('examined on site', 'suspected', 'withdrawn')),
	CHECK ((status = 'withdrawn') = (receipt <> '')),
	CHECK (suspicion <> '')
)
 STRICT;

CREATE INDEX suspect_devices_of_device ON suspect_devices (provider, serial);

CREATE TABLE trust_lists (
	number INTEGER NOT NULL,
	certificates INTEGER NOT NULL,
	issued_at TEXT NOT NULL,
	next_issue_at TEXT NOT NULL,
	digest TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (issued_at < next_issue_at)
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

CREATE TABLE licence_providers (
	licence TEXT NOT NULL,
	provider TEXT NOT NULL,
	rulebook TEXT NOT NULL,
	since TEXT NOT NULL,
	PRIMARY KEY (licence, provider, rulebook),
	FOREIGN KEY(licence) REFERENCES licences (number)
)
 STRICT;

CREATE TABLE licence_revocations (
	licence TEXT NOT NULL,
	ordinal INTEGER NOT NULL,
	rulebook TEXT NOT NULL,
	ground TEXT NOT NULL,
	clause TEXT NOT NULL,
	facts TEXT NOT NULL,
	"immediate" INTEGER NOT NULL,
	noticed_on TEXT NOT NULL,
	noticed_by TEXT NOT NULL,
	received_on TEXT,
	status TEXT NOT NULL,
	effective_on TEXT,
	PRIMARY KEY (licence, ordinal),
	FOREIGN KEY(licence) REFERENCES licences (number),
	CHECK (ground IN ('abroad', 'inactivity', 'no quality mailpieces', 'not presented for examination', 'poor control', 'probable cause', 'unlawful use', 'wrong office')),
	CHECK (status IN ('effective', 'pending', 'set aside', 'stayed')),
	CHECK (immediate IN (0, 1)),
	CHECK (status <> 'effective' OR effective_on IS NOT NULL)
)
 STRICT;

CREATE TABLE licence_versions (
	licence TEXT NOT NULL,
	version INTEGER NOT NULL,
	valid_from TEXT NOT NULL,
	data TEXT NOT NULL,
	because TEXT NOT NULL,
	PRIMARY KEY (licence, version),
	FOREIGN KEY(licence) REFERENCES licences (number)
)
 STRICT;

CREATE TABLE media_copies (
	provider TEXT NOT NULL,
	model TEXT NOT NULL,
	version TEXT NOT NULL,
	zip_code TEXT NOT NULL,
	sent_on TEXT NOT NULL,
	PRIMARY KEY (provider, model, version, zip_code),
	CHECK (length(zip_code) = 5),
	FOREIGN KEY(provider, model, version) REFERENCES models (provider, model, version)
)
 STRICT;

CREATE TABLE model_demands (
	number INTEGER NOT NULL,
	provider TEXT NOT NULL,
	model TEXT NOT NULL,
	version TEXT NOT NULL,
	kind TEXT NOT NULL,
	what TEXT NOT NULL,
	clause TEXT NOT NULL,
	demanded_on TEXT NOT NULL,
	at_providers_cost INTEGER NOT NULL,
	answered_on TEXT,
	delivered TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (kind IN ('additional tests', 'additional units', 'change', 'documents', 'production models')),
	FOREIGN KEY(provider, model, version) REFERENCES models (provider, model, version)
)
 STRICT;

CREATE TABLE model_events (
	number INTEGER NOT NULL,
	provider TEXT NOT NULL,
	model TEXT NOT NULL,
	version TEXT NOT NULL,
	at TEXT NOT NULL,
	event TEXT NOT NULL,
	status TEXT NOT NULL,
	"by" TEXT NOT NULL,
	because TEXT NOT NULL,
	clause TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (status IN ('approved', 'change requested', 'field test', 'refused', 'revoked', 'submitted', 'suspended', 'tentative', 'tested')),
	FOREIGN KEY(provider, model, version) REFERENCES models (provider, model, version)
)
 STRICT;

CREATE TABLE model_filings (
	number INTEGER NOT NULL,
	provider TEXT NOT NULL,
	model TEXT NOT NULL,
	version TEXT NOT NULL,
	item TEXT NOT NULL,
	title TEXT NOT NULL,
	digest TEXT NOT NULL,
	content TEXT NOT NULL,
	filed_on TEXT NOT NULL,
	status TEXT NOT NULL,
	judged_on TEXT,
	reasons TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (status IN ('accepted', 'filed', 'returned')),
	CHECK ((status = 'filed') = (judged_on IS NULL)),
	FOREIGN KEY(provider, model, version) REFERENCES models (provider, model, version)
)
 STRICT;

CREATE TABLE model_inspections (
	number INTEGER NOT NULL,
	provider TEXT NOT NULL,
	model TEXT NOT NULL,
	version TEXT NOT NULL,
	occasion TEXT NOT NULL,
	good INTEGER NOT NULL,
	found TEXT NOT NULL,
	inspected_on TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (occasion IN ('submission', 'suspected security trouble')),
	FOREIGN KEY(provider, model, version) REFERENCES models (provider, model, version)
)
 STRICT;
