CREATE TABLE alternative_settings (
	device TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	zip_code TEXT COLLATE "C" NOT NULL,
	postmaster TEXT COLLATE "C" NOT NULL,
	permitted_on TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (device)
);

CREATE TABLE anchor_findings (
	number BIGSERIAL NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	device TEXT COLLATE "C" NOT NULL,
	detail TEXT COLLATE "C" NOT NULL,
	found_at TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (kind IN ('ascending fell', 'forked', 'of two providers', 'went back'))
);

CREATE INDEX anchor_findings_device ON anchor_findings (device);

CREATE TABLE anchors (
	device TEXT COLLATE "C" NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	sequence BIGINT NOT NULL,
	ascending_mills BIGINT NOT NULL,
	entry_hash TEXT COLLATE "C" NOT NULL,
	said_at TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (device, provider, sequence),
	CHECK (sequence >= 0 AND ascending_mills >= 0)
);

CREATE TABLE authority (
	number BIGSERIAL NOT NULL CHECK (number = 1),
	name TEXT COLLATE "C" NOT NULL,
	serial BIGINT NOT NULL,
	public_key BYTEA NOT NULL,
	wrapped BYTEA NOT NULL,
	plan_version TEXT COLLATE "C" NOT NULL,
	plan_digest TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (length(public_key) = 65)
);

CREATE TABLE books (
	domain TEXT COLLATE "C" NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (domain)
);

CREATE TABLE certificates (
	serial BIGINT NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	subject TEXT COLLATE "C" NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	public_key BYTEA NOT NULL,
	first_day TEXT COLLATE "C" NOT NULL,
	last_day TEXT COLLATE "C" NOT NULL,
	der BYTEA NOT NULL,
	request_digest TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	end_reason TEXT COLLATE "C",
	ended_on TEXT COLLATE "C",
	final_ascending_mills BIGINT,
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
);

CREATE INDEX ix_certificates_subject ON certificates (subject);

CREATE TABLE destroying (
	record TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (record)
);

CREATE TABLE destruction_certificates (
	number BIGINT NOT NULL,
	record TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	destroyed_at TEXT COLLATE "C" NOT NULL,
	first TEXT COLLATE "C" NOT NULL,
	second TEXT COLLATE "C" NOT NULL,
	method TEXT COLLATE "C" NOT NULL,
	rows BIGINT NOT NULL,
	PRIMARY KEY (number),
	CHECK (rows >= 0)
);

CREATE INDEX ix_destruction_certificates_record ON destruction_certificates (record);

CREATE TABLE device_reports (
	number BIGSERIAL NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	zip_code TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	told_on TEXT COLLATE "C" NOT NULL,
	facts TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number)
);

CREATE INDEX device_reports_of_device ON device_reports (provider, serial);

CREATE TABLE docket_events (
	number BIGSERIAL NOT NULL,
	record TEXT COLLATE "C" NOT NULL,
	duty TEXT COLLATE "C" NOT NULL,
	ordinal BIGINT NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	event TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	by TEXT COLLATE "C" NOT NULL,
	cost_mills BIGINT,
	PRIMARY KEY (number),
	CHECK (event IN ('cancelled', 'missed', 'noted', 'open', 'satisfied', 'satisfied late')),
	CHECK (cost_mills IS NULL OR cost_mills >= 0)
);

CREATE INDEX docket_events_of ON docket_events (record, duty, ordinal);

CREATE TABLE docket_sweeps (
	number BIGSERIAL NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	missed BIGINT NOT NULL,
	PRIMARY KEY (number)
);

CREATE TABLE examinations_due (
	number BIGSERIAL NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	zip_code TEXT COLLATE "C" NOT NULL,
	ground TEXT COLLATE "C" NOT NULL,
	due_on TEXT COLLATE "C" NOT NULL,
	told_on TEXT COLLATE "C" NOT NULL,
	settled_on TEXT COLLATE "C",
	settled_how TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number)
);

CREATE INDEX examinations_due_of_device ON examinations_due (provider, serial);

CREATE INDEX ix_examinations_due_zip_code ON examinations_due (zip_code);

CREATE TABLE export_permissions (
	licence TEXT COLLATE "C" NOT NULL,
	ordinal BIGINT NOT NULL,
	device TEXT COLLATE "C" NOT NULL,
	basis TEXT COLLATE "C" NOT NULL,
	place TEXT COLLATE "C" NOT NULL,
	letter TEXT COLLATE "C" NOT NULL,
	granted_by TEXT COLLATE "C" NOT NULL,
	granted_on TEXT COLLATE "C" NOT NULL,
	until TEXT COLLATE "C",
	PRIMARY KEY (licence, ordinal),
	CHECK (basis IN ('government', 'military', 'other'))
);

CREATE TABLE inbox (
	digest TEXT COLLATE "C" NOT NULL,
	sender TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	record TEXT COLLATE "C" NOT NULL,
	text TEXT COLLATE "C" NOT NULL,
	heard_at TEXT COLLATE "C" NOT NULL,
	outcome TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (digest)
);

CREATE INDEX ix_inbox_record ON inbox (record);

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

CREATE TABLE key_drills (
	number BIGSERIAL NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	next_by TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number)
);

CREATE TABLE legal_holds (
	number BIGINT NOT NULL,
	record TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	placed_by TEXT COLLATE "C" NOT NULL,
	placed_at TEXT COLLATE "C" NOT NULL,
	lifted_at TEXT COLLATE "C",
	PRIMARY KEY (number)
);

CREATE INDEX ix_legal_holds_record ON legal_holds (record);

CREATE TABLE licence_appeals (
	id TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	record TEXT COLLATE "C" NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	filed_on TEXT COLLATE "C" NOT NULL,
	filed_by TEXT COLLATE "C" NOT NULL,
	letter TEXT COLLATE "C" NOT NULL,
	against TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	heard_by TEXT COLLATE "C" NOT NULL,
	decided_on TEXT COLLATE "C",
	reason TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (id),
	CHECK (kind IN ('postage adjustment', 'refusal', 'revocation')),
	CHECK (status IN ('denied', 'filed', 'sustained')),
	CHECK (heard_by = '' OR heard_by <> against)
);

CREATE INDEX ix_licence_appeals_record ON licence_appeals (record);

CREATE INDEX ix_licence_appeals_status ON licence_appeals (status);

CREATE TABLE licence_applications (
	id TEXT COLLATE "C" NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	number TEXT COLLATE "C" NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	data TEXT COLLATE "C" NOT NULL,
	applicant_key TEXT COLLATE "C" NOT NULL,
	filed_on TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	decided_by TEXT COLLATE "C" NOT NULL,
	decided_on TEXT COLLATE "C",
	received_on TEXT COLLATE "C",
	ground TEXT COLLATE "C" NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (id),
	CHECK (status IN ('appealed', 'applied', 'issued', 'refused')),
	CHECK (status <> 'issued' OR licence <> '')
);

CREATE INDEX ix_licence_applications_applicant_key ON licence_applications (applicant_key);

CREATE INDEX ix_licence_applications_status ON licence_applications (status);

CREATE TABLE licences (
	number TEXT COLLATE "C" NOT NULL,
	applicant_key TEXT COLLATE "C" NOT NULL,
	office_zip TEXT COLLATE "C" NOT NULL,
	application TEXT COLLATE "C" NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	issued_on TEXT COLLATE "C" NOT NULL,
	message TEXT COLLATE "C" NOT NULL,
	data TEXT COLLATE "C" NOT NULL,
	version BIGINT NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (length(office_zip) = 5),
	CHECK (version > 0),
	CHECK (status IN ('cancelled', 'issued', 'revocation noticed', 'revoked', 'stayed'))
);

CREATE INDEX ix_licences_applicant_key ON licences (applicant_key);

CREATE INDEX ix_licences_office_zip ON licences (office_zip);

CREATE UNIQUE INDEX one_live_licence ON licences (applicant_key, office_zip) WHERE status IN ('issued', 'revocation noticed', 'stayed');

CREATE TABLE licensing_events (
	record TEXT COLLATE "C" NOT NULL,
	ordinal BIGINT NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	by TEXT COLLATE "C" NOT NULL,
	event TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (record, ordinal)
);

CREATE TABLE models (
	provider TEXT COLLATE "C" NOT NULL,
	model TEXT COLLATE "C" NOT NULL,
	version TEXT COLLATE "C" NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	design TEXT COLLATE "C" NOT NULL,
	system TEXT COLLATE "C" NOT NULL,
	description TEXT COLLATE "C" NOT NULL,
	changes TEXT COLLATE "C" NOT NULL,
	affects TEXT COLLATE "C" NOT NULL,
	submitted_on TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (provider, model, version),
	CHECK (status IN ('approved', 'change requested', 'field test', 'refused', 'revoked', 'submitted', 'suspended', 'tentative', 'tested')),
	CHECK (length(design) = 64)
);

CREATE TABLE obligations (
	record TEXT COLLATE "C" NOT NULL,
	duty TEXT COLLATE "C" NOT NULL,
	ordinal BIGINT NOT NULL,
	owed_by TEXT COLLATE "C" NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	start TEXT COLLATE "C" NOT NULL,
	due TEXT COLLATE "C" NOT NULL,
	opened_at TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	missed_on TEXT COLLATE "C",
	closed_on TEXT COLLATE "C",
	PRIMARY KEY (record, duty, ordinal),
	CHECK (status IN ('cancelled', 'missed', 'open', 'satisfied', 'satisfied late')),
	CHECK (ordinal > 0),
	CHECK (status <> 'missed' OR missed_on IS NOT NULL),
	CHECK ((closed_on IS NULL) = (status IN ('open', 'missed')))
);

CREATE INDEX obligations_by_clause ON obligations (clause, status, due, record, duty, ordinal);

CREATE INDEX obligations_by_day ON obligations (status, due, record, duty, ordinal);

CREATE INDEX obligations_by_debtor ON obligations (owed_by, status, due, record, duty, ordinal);

CREATE UNIQUE INDEX obligations_open_once ON obligations (record, duty) WHERE status = 'open';

CREATE TABLE office_branches (
	zip_code TEXT COLLATE "C" NOT NULL,
	office_zip TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (zip_code),
	CHECK (zip_code <> office_zip)
);

CREATE TABLE outbox (
	number BIGSERIAL NOT NULL,
	recipient TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	record TEXT COLLATE "C" NOT NULL,
	text TEXT COLLATE "C" NOT NULL,
	sent_at TEXT COLLATE "C" NOT NULL,
	delivered_at TEXT COLLATE "C",
	PRIMARY KEY (number)
);

CREATE INDEX ix_outbox_delivered_at ON outbox (delivered_at);

CREATE INDEX ix_outbox_record ON outbox (record);

CREATE TABLE postal_examinations (
	number BIGSERIAL NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	examiner TEXT COLLATE "C" NOT NULL,
	examined_on TEXT COLLATE "C" NOT NULL,
	ascending_mills BIGINT NOT NULL,
	descending_mills BIGINT NOT NULL,
	log_brought BIGINT NOT NULL,
	findings TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (ascending_mills >= 0 AND descending_mills >= 0)
);

CREATE INDEX postal_examinations_of_device ON postal_examinations (provider, serial);

CREATE TABLE presentations (
	provider TEXT COLLATE "C" NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	zip_code TEXT COLLATE "C" NOT NULL,
	last_seen_on TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	notified_on TEXT COLLATE "C",
	PRIMARY KEY (provider, serial),
	CHECK (status IN ('current', 'ignored', 'notified'))
);

CREATE TABLE referrals (
	number BIGSERIAL NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	zip_code TEXT COLLATE "C" NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	ground TEXT COLLATE "C" NOT NULL,
	facts TEXT COLLATE "C" NOT NULL,
	last_active_on TEXT COLLATE "C" NOT NULL,
	received_on TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	notified_on TEXT COLLATE "C",
	closed_on TEXT COLLATE "C",
	closed_how TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (ground IN ('no quality mailpiece', 'not audited', 'not examined')),
	CHECK (status IN ('closed', 'notified', 'received')),
	CHECK ((status = 'closed') = (closed_on IS NOT NULL))
);

CREATE INDEX referrals_by_office ON referrals (status, zip_code);

CREATE INDEX referrals_of_device ON referrals (provider, serial);

CREATE TABLE removal_orders (
	device TEXT COLLATE "C" NOT NULL,
	ordinal BIGINT NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	ordered_on TEXT COLLATE "C" NOT NULL,
	removed_on TEXT COLLATE "C",
	PRIMARY KEY (device, ordinal)
);

CREATE INDEX ix_removal_orders_licence ON removal_orders (licence);

CREATE INDEX ix_removal_orders_provider ON removal_orders (provider);

CREATE TABLE retained_records (
	record TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	ended_on TEXT COLLATE "C" NOT NULL,
	keep_until TEXT COLLATE "C",
	destroy_by TEXT COLLATE "C",
	status TEXT COLLATE "C" NOT NULL,
	proposed_by TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (record, kind),
	CHECK (status IN ('destroyed', 'kept', 'proposed for destruction'))
);

CREATE INDEX ix_retained_records_destroy_by ON retained_records (destroy_by);

CREATE TABLE revocation_lists (
	number BIGSERIAL NOT NULL,
	issued_at TEXT COLLATE "C" NOT NULL,
	der BYTEA NOT NULL,
	PRIMARY KEY (number)
);

CREATE TABLE revocations (
	request_digest TEXT COLLATE "C" NOT NULL,
	serial BIGINT NOT NULL,
	request TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (request_digest)
);

CREATE TABLE suspect_devices (
	number BIGINT NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	suspicion TEXT COLLATE "C" NOT NULL,
	opened_by TEXT COLLATE "C" NOT NULL,
	opened_on TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	announced_on TEXT COLLATE "C",
	unannounced_because TEXT COLLATE "C" NOT NULL,
	closed_on TEXT COLLATE "C",
	finding TEXT COLLATE "C" NOT NULL,
	receipt TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (status IN ('examined on site', 'suspected', 'withdrawn')),
	CHECK ((status = 'withdrawn') = (receipt <> '')),
	CHECK (suspicion <> '')
);

CREATE INDEX suspect_devices_of_device ON suspect_devices (provider, serial);

CREATE TABLE trust_lists (
	number BIGSERIAL NOT NULL,
	certificates BIGINT NOT NULL,
	issued_at TEXT COLLATE "C" NOT NULL,
	next_issue_at TEXT COLLATE "C" NOT NULL,
	digest TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (issued_at < next_issue_at)
);

CREATE TABLE journal_inputs (
	record TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	salt BYTEA NOT NULL,
	inputs TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (record, number),
	CONSTRAINT inputs_of_a_row FOREIGN KEY(record, number) REFERENCES journal (record, number)
);

CREATE TABLE licence_providers (
	licence TEXT COLLATE "C" NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	since TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (licence, provider, rulebook),
	FOREIGN KEY(licence) REFERENCES licences (number)
);

CREATE TABLE licence_revocations (
	licence TEXT COLLATE "C" NOT NULL,
	ordinal BIGINT NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	ground TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	facts TEXT COLLATE "C" NOT NULL,
	immediate BIGINT NOT NULL,
	noticed_on TEXT COLLATE "C" NOT NULL,
	noticed_by TEXT COLLATE "C" NOT NULL,
	received_on TEXT COLLATE "C",
	status TEXT COLLATE "C" NOT NULL,
	effective_on TEXT COLLATE "C",
	PRIMARY KEY (licence, ordinal),
	FOREIGN KEY(licence) REFERENCES licences (number),
	CHECK (ground IN ('abroad', 'inactivity', 'no quality mailpieces', 'not presented for examination', 'poor control', 'probable cause', 'unlawful use', 'wrong office')),
	CHECK (status IN ('effective', 'pending', 'set aside', 'stayed')),
	CHECK (immediate IN (0, 1)),
	CHECK (status <> 'effective' OR effective_on IS NOT NULL)
);

CREATE TABLE licence_versions (
	licence TEXT COLLATE "C" NOT NULL,
	version BIGINT NOT NULL,
	valid_from TEXT COLLATE "C" NOT NULL,
	data TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (licence, version),
	FOREIGN KEY(licence) REFERENCES licences (number)
);

CREATE TABLE media_copies (
	provider TEXT COLLATE "C" NOT NULL,
	model TEXT COLLATE "C" NOT NULL,
	version TEXT COLLATE "C" NOT NULL,
	zip_code TEXT COLLATE "C" NOT NULL,
	sent_on TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (provider, model, version, zip_code),
	CHECK (length(zip_code) = 5),
	FOREIGN KEY(provider, model, version) REFERENCES models (provider, model, version)
);

CREATE TABLE model_demands (
	number BIGSERIAL NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	model TEXT COLLATE "C" NOT NULL,
	version TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	what TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	demanded_on TEXT COLLATE "C" NOT NULL,
	at_providers_cost BIGINT NOT NULL,
	answered_on TEXT COLLATE "C",
	delivered TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (kind IN ('additional tests', 'additional units', 'change', 'documents', 'production models')),
	FOREIGN KEY(provider, model, version) REFERENCES models (provider, model, version)
);

CREATE TABLE model_events (
	number BIGSERIAL NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	model TEXT COLLATE "C" NOT NULL,
	version TEXT COLLATE "C" NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	event TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	by TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (status IN ('approved', 'change requested', 'field test', 'refused', 'revoked', 'submitted', 'suspended', 'tentative', 'tested')),
	FOREIGN KEY(provider, model, version) REFERENCES models (provider, model, version)
);

CREATE TABLE model_filings (
	number BIGSERIAL NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	model TEXT COLLATE "C" NOT NULL,
	version TEXT COLLATE "C" NOT NULL,
	item TEXT COLLATE "C" NOT NULL,
	title TEXT COLLATE "C" NOT NULL,
	digest TEXT COLLATE "C" NOT NULL,
	content TEXT COLLATE "C" NOT NULL,
	filed_on TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	judged_on TEXT COLLATE "C",
	reasons TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (status IN ('accepted', 'filed', 'returned')),
	CHECK ((status = 'filed') = (judged_on IS NULL)),
	FOREIGN KEY(provider, model, version) REFERENCES models (provider, model, version)
);

CREATE TABLE model_inspections (
	number BIGSERIAL NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	model TEXT COLLATE "C" NOT NULL,
	version TEXT COLLATE "C" NOT NULL,
	occasion TEXT COLLATE "C" NOT NULL,
	good BIGINT NOT NULL,
	found TEXT COLLATE "C" NOT NULL,
	inspected_on TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (occasion IN ('submission', 'suspected security trouble')),
	FOREIGN KEY(provider, model, version) REFERENCES models (provider, model, version)
);
