CREATE TABLE article_events (
	event BIGSERIAL NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	article TEXT COLLATE "C" NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	before TEXT COLLATE "C" NOT NULL,
	after TEXT COLLATE "C" NOT NULL,
	holder TEXT COLLATE "C" NOT NULL,
	device TEXT COLLATE "C" NOT NULL,
	place TEXT COLLATE "C" NOT NULL,
	detail TEXT COLLATE "C" NOT NULL,
	receipt TEXT COLLATE "C" NOT NULL,
	witnesses TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (event)
);

CREATE INDEX article_events_of ON article_events (kind, article);

CREATE TABLE articles (
	kind TEXT COLLATE "C" NOT NULL,
	number TEXT COLLATE "C" NOT NULL,
	state TEXT COLLATE "C" NOT NULL,
	source TEXT COLLATE "C" NOT NULL,
	holder TEXT COLLATE "C" NOT NULL,
	device TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (kind, number),
	CHECK (kind IN ('die', 'key', 'seal', 'setting equipment')),
	CHECK (state IN ('assembled', 'destroyed', 'in hand', 'issued', 'lost', 'recovered', 'removed', 'stolen')),
	CHECK (state <> 'assembled' OR device <> ''),
	CHECK (state <> 'issued' OR holder <> '')
);

CREATE INDEX ix_articles_device ON articles (device);

CREATE TABLE books (
	domain TEXT COLLATE "C" NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (domain)
);

CREATE TABLE carrier_permissions (
	reference TEXT COLLATE "C" NOT NULL,
	direction TEXT COLLATE "C" NOT NULL,
	service TEXT COLLATE "C" NOT NULL,
	given_by TEXT COLLATE "C" NOT NULL,
	evidence TEXT COLLATE "C" NOT NULL,
	first_day TEXT COLLATE "C" NOT NULL,
	last_day TEXT COLLATE "C",
	PRIMARY KEY (reference),
	CHECK (direction IN ('outbound', 'return')),
	CHECK (direction = 'return' OR evidence <> '')
);

CREATE TABLE component_purchases (
	licence TEXT COLLATE "C" NOT NULL,
	ordinal BIGINT NOT NULL,
	component TEXT COLLATE "C" NOT NULL,
	system TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	basis TEXT COLLATE "C" NOT NULL,
	sold_on TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (licence, ordinal),
	CHECK (component IN ('printer', 'software'))
);

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

CREATE TABLE device_charges (
	number BIGSERIAL NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	amount_mills BIGINT NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	due_since TEXT COLLATE "C" NOT NULL,
	paid_at TEXT COLLATE "C",
	payment TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (kind IN ('on-site fee', 'residue')),
	CHECK (amount_mills >= 0)
);

CREATE INDEX ix_device_charges_serial ON device_charges (serial);

CREATE TABLE device_keys (
	public_key BYTEA NOT NULL,
	device_id TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	request TEXT COLLATE "C" NOT NULL,
	request_source TEXT COLLATE "C" NOT NULL,
	certificate_serial BIGINT,
	rollover_order BIGINT,
	final_ascending_mills BIGINT,
	PRIMARY KEY (public_key),
	CHECK (status IN ('former', 'present', 'requested')),
	CHECK (length(public_key) = 65),
	CHECK (status <> 'present' OR certificate_serial IS NOT NULL),
	UNIQUE (request_source),
	UNIQUE (certificate_serial)
);

CREATE INDEX ix_device_keys_device_id ON device_keys (device_id);

CREATE TABLE device_messages (
	number BIGSERIAL NOT NULL,
	digest TEXT COLLATE "C" NOT NULL,
	device_id TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	text TEXT COLLATE "C" NOT NULL,
	reply TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	UNIQUE (digest)
);

CREATE INDEX ix_device_messages_device_id ON device_messages (device_id);

CREATE TABLE devices (
	device_id TEXT COLLATE "C" NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	system TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	limit_mills BIGINT NOT NULL,
	watchdog_date TEXT COLLATE "C",
	orders BIGINT NOT NULL,
	locks TEXT COLLATE "C" NOT NULL,
	audit_sequence BIGINT NOT NULL,
	reset_sequence BIGINT NOT NULL,
	control_total_mills BIGINT NOT NULL,
	shown_ascending_mills BIGINT NOT NULL,
	shown_descending_mills BIGINT NOT NULL,
	shown_control_total_mills BIGINT NOT NULL,
	shown_piece_count BIGINT NOT NULL,
	shown_reset_sequence BIGINT NOT NULL,
	heard_sequence BIGINT NOT NULL,
	heard_hash TEXT COLLATE "C" NOT NULL,
	heard_at TEXT COLLATE "C" NOT NULL,
	confirmed_sequence BIGINT NOT NULL,
	confirmed_hash TEXT COLLATE "C" NOT NULL,
	suspicion TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (device_id),
	CHECK (status IN ('authorized', 'cleared', 'enrolled', 'faulted', 'in service', 'scrapped', 'withdrawn')),
	CHECK (limit_mills >= 0 AND orders >= 0 AND audit_sequence >= 0 AND reset_sequence >= 0),
	CHECK (control_total_mills >= 0 AND heard_sequence >= 0 AND confirmed_sequence >= 0),
	CHECK (shown_ascending_mills >= 0 AND shown_descending_mills >= 0 AND shown_piece_count >= 0),
	CHECK (shown_ascending_mills + shown_descending_mills = shown_control_total_mills),
	CHECK (length(heard_hash) = 64 AND length(confirmed_hash) = 64),
	CHECK (status <> 'in service' OR licence <> '')
);

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

CREATE TABLE examination_case_events (
	event BIGSERIAL NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	on_day TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (event)
);

CREATE INDEX ix_examination_case_events_serial ON examination_case_events (serial);

CREATE TABLE examination_cases (
	serial TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	zip_code TEXT COLLATE "C" NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	ground TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	noticed_on TEXT COLLATE "C" NOT NULL,
	due_on TEXT COLLATE "C" NOT NULL,
	approached_on TEXT COLLATE "C",
	approached_how TEXT COLLATE "C" NOT NULL,
	closed_on TEXT COLLATE "C",
	PRIMARY KEY (serial, number),
	CHECK (ground IN ('due for the yearly examination', 'not reset in the quarter')),
	CHECK (status IN ('approached again', 'examined', 'noticed', 'referred', 'removal ordered', 'removed')),
	CHECK ((status IN ('examined', 'removed')) = (closed_on IS NOT NULL))
);

CREATE INDEX examination_cases_by_status ON examination_cases (status, due_on);

CREATE UNIQUE INDEX examination_cases_open ON examination_cases (serial) WHERE closed_on IS NULL;

CREATE TABLE examination_notices (
	number BIGSERIAL NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	given_on TEXT COLLATE "C" NOT NULL,
	due_on TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	text TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number)
);

CREATE INDEX ix_examination_notices_serial ON examination_notices (serial);

CREATE TABLE examinations (
	device_id TEXT COLLATE "C" NOT NULL,
	message TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (device_id)
);

CREATE TABLE fleet_imports (
	digest TEXT COLLATE "C" NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	devices BIGINT NOT NULL,
	PRIMARY KEY (digest)
);

CREATE TABLE hosting_anchored (
	device TEXT COLLATE "C" NOT NULL,
	sequence BIGINT NOT NULL,
	ascending_mills BIGINT NOT NULL,
	entry_hash TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (device)
);

CREATE TABLE hosting_reported (
	device TEXT COLLATE "C" NOT NULL,
	sequence BIGINT NOT NULL,
	ascending_mills BIGINT NOT NULL,
	entry_hash TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (device)
);

CREATE TABLE identity (
	number BIGSERIAL NOT NULL CHECK (number = 1),
	name TEXT COLLATE "C" NOT NULL,
	public_key BYTEA NOT NULL,
	wrapped BYTEA NOT NULL,
	postal_key BYTEA NOT NULL,
	certificate BYTEA NOT NULL,
	PRIMARY KEY (number),
	CHECK (length(public_key) = 65 AND length(postal_key) = 65)
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

CREATE TABLE inspections_ahead (
	number BIGSERIAL NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	on_day TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number)
);

CREATE INDEX ix_inspections_ahead_serial ON inspections_ahead (serial);

CREATE TABLE inspector_receipts (
	receipt TEXT COLLATE "C" NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	inspector TEXT COLLATE "C" NOT NULL,
	withdrawn_on TEXT COLLATE "C" NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	ascending_mills BIGINT NOT NULL,
	descending_mills BIGINT NOT NULL,
	fraud_suspected BIGINT NOT NULL,
	replacement_wanted BIGINT NOT NULL,
	replacement TEXT COLLATE "C" NOT NULL,
	moved_mills BIGINT NOT NULL,
	PRIMARY KEY (receipt),
	CHECK (ascending_mills >= 0 AND descending_mills >= 0 AND moved_mills >= 0),
	CHECK (moved_mills = 0 OR (fraud_suspected = 0 AND replacement <> '')),
	CHECK (moved_mills = 0 OR moved_mills = descending_mills)
);

CREATE INDEX ix_inspector_receipts_serial ON inspector_receipts (serial);

CREATE TABLE installation_forms (
	number BIGSERIAL NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	action TEXT COLLATE "C" NOT NULL,
	on_day TEXT COLLATE "C" NOT NULL,
	content TEXT COLLATE "C" NOT NULL,
	register_record TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (action IN ('installation', 'replacement', 'withdrawal'))
);

CREATE INDEX ix_installation_forms_serial ON installation_forms (serial);

CREATE TABLE inventory (
	serial TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	model TEXT COLLATE "C" NOT NULL,
	version TEXT COLLATE "C" NOT NULL,
	state TEXT COLLATE "C" NOT NULL,
	since TEXT COLLATE "C" NOT NULL,
	mechanism TEXT COLLATE "C" NOT NULL,
	remote BIGINT NOT NULL,
	title TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	lease TEXT COLLATE "C" NOT NULL,
	licensee TEXT COLLATE "C" NOT NULL,
	office TEXT COLLATE "C" NOT NULL,
	place TEXT COLLATE "C" NOT NULL,
	produced_on TEXT COLLATE "C",
	installed_on TEXT COLLATE "C",
	scrapped_on TEXT COLLATE "C",
	ascending_mills BIGINT NOT NULL,
	descending_mills BIGINT NOT NULL,
	reading_source TEXT COLLATE "C" NOT NULL,
	read_on TEXT COLLATE "C",
	PRIMARY KEY (serial),
	CHECK (state IN ('checked in', 'checked out', 'do not use', 'examined', 'in service', 'inspected', 'issued', 'key initialized', 'lost', 'missing', 'produced', 'rebuilt', 'recovered', 'retrieving', 'scrapped', 'seized', 'stolen', 'unleased')),
	CHECK (kind IN ('PSD', 'meter')),
	CHECK (mechanism IN ('electronic', 'mechanical')),
	CHECK (title IN ('Postal Service', 'provider')),
	CHECK (reading_source IN ('reported', 'signed')),
	CHECK (ascending_mills >= 0 AND descending_mills >= 0),
	CHECK (remote IN (0, 1)),
	CHECK (lease = '' OR licence <> ''),
	CHECK (state <> 'scrapped' OR scrapped_on IS NOT NULL)
);

CREATE INDEX ix_inventory_lease ON inventory (lease);

CREATE INDEX ix_inventory_licence ON inventory (licence);

CREATE INDEX ix_inventory_state ON inventory (state);

CREATE TABLE inventory_movements (
	number BIGSERIAL NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	before TEXT COLLATE "C" NOT NULL,
	after TEXT COLLATE "C" NOT NULL,
	place TEXT COLLATE "C" NOT NULL,
	by TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	source TEXT COLLATE "C" NOT NULL,
	ascending_mills BIGINT,
	PRIMARY KEY (number),
	CHECK (after IN ('checked in', 'checked out', 'do not use', 'examined', 'in service', 'inspected', 'issued', 'key initialized', 'lost', 'missing', 'produced', 'rebuilt', 'recovered', 'retrieving', 'scrapped', 'seized', 'stolen', 'unleased')),
	CHECK (source IN ('reported', 'signed'))
);

CREATE INDEX inventory_movements_of ON inventory_movements (serial, number);

CREATE TABLE inventory_readings (
	number BIGSERIAL NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	ascending_mills BIGINT NOT NULL,
	descending_mills BIGINT NOT NULL,
	piece_count BIGINT,
	source TEXT COLLATE "C" NOT NULL,
	occasion TEXT COLLATE "C" NOT NULL,
	by TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (source IN ('reported', 'signed')),
	CHECK (occasion IN ('audit', 'check-in', 'check-out', 'clearing', 'examination', 'inspection', 'intake', 'reset', 'seizure', 'setting')),
	CHECK (ascending_mills >= 0 AND descending_mills >= 0)
);

CREATE INDEX inventory_readings_of ON inventory_readings (serial, number);

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

CREATE TABLE journal_positions (
	device_id TEXT COLLATE "C" NOT NULL,
	sequence BIGINT NOT NULL,
	entry_hash TEXT COLLATE "C" NOT NULL,
	acknowledged BIGINT NOT NULL,
	PRIMARY KEY (device_id, sequence),
	CHECK (length(entry_hash) = 64 AND acknowledged IN (0, 1))
);

CREATE TABLE key_reports (
	certificate_serial BIGINT NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	message TEXT COLLATE "C" NOT NULL,
	UNIQUE (certificate_serial, reason)
);

CREATE TABLE lease_placements (
	lease TEXT COLLATE "C" NOT NULL,
	ordinal BIGINT NOT NULL,
	device TEXT COLLATE "C" NOT NULL,
	placed_on TEXT COLLATE "C" NOT NULL,
	register_log TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (lease, ordinal),
	CHECK (register_log IN ('PS Form 3602-A', 'system report'))
);

CREATE INDEX ix_lease_placements_device ON lease_placements (device);

CREATE TABLE leases (
	id TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	licensee TEXT COLLATE "C" NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	signed_by TEXT COLLATE "C" NOT NULL,
	signed_on TEXT COLLATE "C" NOT NULL,
	acknowledged_by TEXT COLLATE "C" NOT NULL,
	acknowledged_on TEXT COLLATE "C" NOT NULL,
	lockbox TEXT COLLATE "C" NOT NULL,
	begun_on TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	ended_on TEXT COLLATE "C",
	clause TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (id),
	CHECK (status IN ('cancelled', 'ended', 'in force')),
	CHECK (signed_by <> '' AND acknowledged_by <> '')
);

CREATE INDEX ix_leases_licence ON leases (licence);

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

CREATE TABLE licence_applications (
	number TEXT COLLATE "C" NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	data TEXT COLLATE "C" NOT NULL,
	applicant TEXT COLLATE "C" NOT NULL,
	transmitted_on TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (status IN ('licensed', 'refused', 'transmitted'))
);

CREATE INDEX ix_licence_applications_applicant ON licence_applications (applicant);

CREATE TABLE licences (
	number TEXT COLLATE "C" NOT NULL,
	licensee TEXT COLLATE "C" NOT NULL,
	zip_code TEXT COLLATE "C" NOT NULL,
	city TEXT COLLATE "C" NOT NULL,
	state TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	version BIGINT NOT NULL,
	step BIGINT NOT NULL,
	told_at TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (status IN ('cancelled', 'issued', 'revocation noticed', 'revoked', 'stayed')),
	CHECK (version >= 0 AND step >= 0)
);

CREATE INDEX ix_licences_licensee ON licences (licensee);

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

CREATE TABLE licensing_removals (
	device TEXT COLLATE "C" NOT NULL,
	ordinal BIGINT NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	ordered_on TEXT COLLATE "C" NOT NULL,
	reported_on TEXT COLLATE "C",
	PRIMARY KEY (device, ordinal)
);

CREATE INDEX ix_licensing_removals_licence ON licensing_removals (licence);

CREATE TABLE mailer_profiles (
	licence TEXT COLLATE "C" NOT NULL,
	yearly_postage_mills BIGINT NOT NULL,
	industry_code TEXT COLLATE "C" NOT NULL,
	high_risk BIGINT NOT NULL,
	source TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (licence),
	CHECK (yearly_postage_mills >= 0),
	CHECK (high_risk IN (0, 1))
);

CREATE TABLE media_offices (
	model TEXT COLLATE "C" NOT NULL,
	version TEXT COLLATE "C" NOT NULL,
	zip_code TEXT COLLATE "C" NOT NULL,
	heard_on TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (model, version, zip_code)
);

CREATE TABLE meter_inspections (
	number BIGSERIAL NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	inspected_on TEXT COLLATE "C" NOT NULL,
	inspector TEXT COLLATE "C" NOT NULL,
	signed_by TEXT COLLATE "C" NOT NULL,
	sheet TEXT COLLATE "C" NOT NULL,
	irregularities TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (signed_by <> '')
);

CREATE INDEX ix_meter_inspections_serial ON meter_inspections (serial);

CREATE TABLE modifications_supplied (
	change TEXT COLLATE "C" NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	by TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (change, serial)
);

CREATE TABLE new_device_inspections (
	number BIGSERIAL NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	inspector TEXT COLLATE "C" NOT NULL,
	passed BIGINT NOT NULL,
	finding TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (passed IN (0, 1))
);

CREATE INDEX ix_new_device_inspections_serial ON new_device_inspections (serial);

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

CREATE TABLE on_site_meters (
	place TEXT COLLATE "C" NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (place, serial)
);

CREATE TABLE on_site_places (
	name TEXT COLLATE "C" NOT NULL,
	facility TEXT COLLATE "C" NOT NULL,
	office TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	staffed BIGINT NOT NULL,
	PRIMARY KEY (name),
	CHECK (facility IN ('branch', 'licensee')),
	CHECK (staffed IN (0, 1)),
	CHECK (facility = 'branch' OR licence <> '')
);

CREATE TABLE orders (
	device_id TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	text TEXT COLLATE "C" NOT NULL,
	digest TEXT COLLATE "C" NOT NULL,
	answer TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (device_id, number),
	CHECK (number > 0),
	UNIQUE (digest)
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

CREATE TABLE own_demands (
	number BIGINT NOT NULL,
	model TEXT COLLATE "C" NOT NULL,
	version TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	what TEXT COLLATE "C" NOT NULL,
	answered_on TEXT COLLATE "C",
	PRIMARY KEY (number)
);

CREATE TABLE own_filings (
	number BIGSERIAL NOT NULL,
	model TEXT COLLATE "C" NOT NULL,
	version TEXT COLLATE "C" NOT NULL,
	item TEXT COLLATE "C" NOT NULL,
	title TEXT COLLATE "C" NOT NULL,
	digest TEXT COLLATE "C" NOT NULL,
	filed_on TEXT COLLATE "C" NOT NULL,
	outcome TEXT COLLATE "C" NOT NULL,
	reasons TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (outcome IN ('accepted', 'filed', 'returned'))
);

CREATE TABLE own_models (
	model TEXT COLLATE "C" NOT NULL,
	version TEXT COLLATE "C" NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	leave TEXT COLLATE "C" NOT NULL,
	design TEXT COLLATE "C" NOT NULL,
	system TEXT COLLATE "C" NOT NULL,
	submitted_on TEXT COLLATE "C" NOT NULL,
	changes TEXT COLLATE "C" NOT NULL,
	units BIGINT NOT NULL,
	until TEXT COLLATE "C",
	because TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (model, version),
	CHECK (leave IN ('approved', 'field test', 'refused', 'revoked', 'submitted', 'suspended', 'tentative')),
	CHECK (length(design) = 64)
);

CREATE TABLE postal_examination_reports (
	number BIGSERIAL NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	examiner TEXT COLLATE "C" NOT NULL,
	examined_on TEXT COLLATE "C" NOT NULL,
	ascending_mills BIGINT NOT NULL,
	descending_mills BIGINT NOT NULL,
	log_brought BIGINT NOT NULL,
	findings TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (ascending_mills >= 0 AND descending_mills >= 0)
);

CREATE INDEX ix_postal_examination_reports_serial ON postal_examination_reports (serial);

CREATE TABLE quality_notices (
	number BIGSERIAL NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	given_on TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	text TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (kind IN ('quality grading', 'resets allowed again', 'resets denied'))
);

CREATE INDEX ix_quality_notices_serial ON quality_notices (serial);

CREATE TABLE quality_pieces (
	number BIGSERIAL NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	received_on TEXT COLLATE "C" NOT NULL,
	grade TEXT COLLATE "C" NOT NULL,
	verdict TEXT COLLATE "C" NOT NULL,
	ascending_mills BIGINT,
	deficiencies TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (grade IN ('deficient', 'good')),
	CHECK ((grade = 'good') = (deficiencies = '[]'))
);

CREATE INDEX quality_pieces_of ON quality_pieces (serial, number);

CREATE UNIQUE INDEX quality_pieces_once ON quality_pieces (serial, ascending_mills);

CREATE TABLE remote_examinations (
	number BIGSERIAL NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	asked_on TEXT COLLATE "C" NOT NULL,
	answered_on TEXT COLLATE "C",
	PRIMARY KEY (number)
);

CREATE INDEX ix_remote_examinations_serial ON remote_examinations (serial);

CREATE TABLE repair_shops (
	name TEXT COLLATE "C" NOT NULL,
	control TEXT COLLATE "C" NOT NULL,
	registered_on TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (name)
);

CREATE TABLE reset_denials (
	number BIGSERIAL NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	cause TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	since TEXT COLLATE "C" NOT NULL,
	lifted_at TEXT COLLATE "C",
	lifted_because TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number)
);

CREATE UNIQUE INDEX reset_denials_standing ON reset_denials (serial, cause) WHERE lifted_at IS NULL;

CREATE TABLE resets (
	device_id TEXT COLLATE "C" NOT NULL,
	sequence BIGINT NOT NULL,
	amount_mills BIGINT NOT NULL,
	request_digest TEXT COLLATE "C" NOT NULL,
	grant_text TEXT COLLATE "C" NOT NULL,
	grant_digest TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (device_id, sequence),
	CHECK (status IN ('closed', 'confirmed', 'examined', 'granted')),
	CHECK (sequence > 0),
	CHECK ((grant_text = '' AND amount_mills = 0 AND status = 'closed') OR (grant_text <> '' AND amount_mills > 0)),
	UNIQUE (request_digest)
);

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

CREATE TABLE seal_statements (
	reference TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	share_mills BIGINT NOT NULL,
	repaid_at TEXT COLLATE "C",
	payment TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (reference),
	CHECK (share_mills >= 0)
);

CREATE TABLE shipments (
	tracking TEXT COLLATE "C" NOT NULL,
	direction TEXT COLLATE "C" NOT NULL,
	service TEXT COLLATE "C" NOT NULL,
	carrier TEXT COLLATE "C" NOT NULL,
	sender TEXT COLLATE "C" NOT NULL,
	recipient TEXT COLLATE "C" NOT NULL,
	sent_at TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	received_at TEXT COLLATE "C",
	received_by TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tracking),
	CHECK (direction IN ('outbound', 'return'))
);

CREATE TABLE shipped_devices (
	tracking TEXT COLLATE "C" NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (tracking, serial)
);

CREATE INDEX ix_shipped_devices_serial ON shipped_devices (serial);

CREATE TABLE test_print_destructions (
	site TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	impressions BIGINT NOT NULL,
	destroyed_by TEXT COLLATE "C" NOT NULL,
	witnessed_by TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (site, day),
	CHECK (destroyed_by <> witnessed_by)
);

CREATE TABLE test_prints (
	number BIGSERIAL NOT NULL,
	site TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	impressions BIGINT NOT NULL,
	by TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (impressions > 0)
);

CREATE INDEX test_prints_of_day ON test_prints (site, day);

CREATE TABLE journal_inputs (
	record TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	salt BYTEA NOT NULL,
	inputs TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (record, number),
	CONSTRAINT inputs_of_a_row FOREIGN KEY(record, number) REFERENCES journal (record, number)
);
