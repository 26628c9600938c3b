CREATE TABLE article_events (
	event INTEGER NOT NULL,
	kind TEXT NOT NULL,
	article TEXT NOT NULL,
	at TEXT NOT NULL,
	"before" TEXT NOT NULL,
	"after" TEXT NOT NULL,
	holder TEXT NOT NULL,
	device TEXT NOT NULL,
	place TEXT NOT NULL,
	detail TEXT NOT NULL,
	receipt TEXT NOT NULL,
	witnesses TEXT NOT NULL,
	PRIMARY KEY (event)
)
 STRICT;

CREATE INDEX article_events_of ON article_events (kind, article);

CREATE TABLE articles (
	kind TEXT NOT NULL,
	number TEXT NOT NULL,
	state TEXT NOT NULL,
	source TEXT NOT NULL,
	holder TEXT NOT NULL,
	device TEXT NOT NULL,
	PRIMARY KEY (kind, number),
	CHECK (kind IN ('die', 'key', 'seal', 'setting equipment')),
	CHECK (state IN ('assembled', 'destroyed', 'in hand', 'issued', 'lost', 'recovered', 'removed', 'stolen')),
	CHECK (state <> 'assembled' OR device <> ''),
	CHECK (state <> 'issued' OR holder <> '')
)
 STRICT;

CREATE INDEX ix_articles_device ON articles (device);

CREATE TABLE books (
	domain TEXT NOT NULL,
	version INTEGER NOT NULL,
	PRIMARY KEY (domain)
)
 STRICT;

CREATE TABLE carrier_permissions (
	reference TEXT NOT NULL,
	direction TEXT NOT NULL,
	service TEXT NOT NULL,
	given_by TEXT NOT NULL,
	evidence TEXT NOT NULL,
	first_day TEXT NOT NULL,
	last_day TEXT,
	PRIMARY KEY (reference),
	CHECK (direction IN ('outbound', 'return')),
	CHECK (direction = 'return' OR evidence <> '')
)
 STRICT;

CREATE TABLE component_purchases (
	licence TEXT NOT NULL,
	ordinal INTEGER NOT NULL,
	component TEXT NOT NULL,
	system TEXT NOT NULL,
	clause TEXT NOT NULL,
	basis TEXT NOT NULL,
	sold_on TEXT NOT NULL,
	PRIMARY KEY (licence, ordinal),
	CHECK (component IN ('printer', 'software'))
)
 STRICT;

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

CREATE TABLE device_charges (
	number INTEGER NOT NULL,
	serial TEXT NOT NULL,
	kind TEXT NOT NULL,
	amount_mills INTEGER NOT NULL,
	clause TEXT NOT NULL,
	due_since TEXT NOT NULL,
	paid_at TEXT,
	payment TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (kind IN ('on-site fee', 'residue')),
	CHECK (amount_mills >= 0)
)
 STRICT;

CREATE INDEX ix_device_charges_serial ON device_charges (serial);

CREATE TABLE device_keys (
	public_key BLOB NOT NULL,
	device_id TEXT NOT NULL,
	status TEXT NOT NULL,
	request TEXT NOT NULL,
	request_source TEXT NOT NULL,
	certificate_serial INTEGER,
	rollover_order INTEGER,
	final_ascending_mills INTEGER,
	PRIMARY KEY (public_key),
	CHECK (status IN ('former', 'present', 'requested')),
	CHECK (length(public_key) = 65),
	CHECK (status <> 'present' OR certificate_serial IS NOT NULL),
	UNIQUE (request_source),
	UNIQUE (certificate_serial)
)
 STRICT;

CREATE INDEX ix_device_keys_device_id ON device_keys (device_id);

CREATE TABLE device_messages (
	number INTEGER NOT NULL,
	digest TEXT NOT NULL,
	device_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	text TEXT NOT NULL,
	reply TEXT NOT NULL,
	PRIMARY KEY (number),
	UNIQUE (digest)
)
 STRICT;

CREATE INDEX ix_device_messages_device_id ON device_messages (device_id);

CREATE TABLE devices (
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
	PRIMARY KEY (device_id),
	CHECK (status IN ('authorized', 'cleared', 'enrolled', 'faulted', 'in service', 'scrapped', 'withdrawn')),
	CHECK (limit_mills >= 0 AND orders >= 0 AND audit_sequence >= 0 AND reset_sequence >= 0),
	CHECK (control_total_mills >= 0 AND heard_sequence >= 0 AND confirmed_sequence >= 0),
	CHECK (shown_ascending_mills >= 0 AND shown_descending_mills >= 0 AND shown_piece_count >= 0),
	CHECK (shown_ascending_mills + shown_descending_mills = shown_control_total_mills),
	CHECK (length(heard_hash) = 64 AND length(confirmed_hash) = 64),
	CHECK (status <> 'in service' OR licence <> '')
)
 STRICT;

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

CREATE TABLE examination_case_events (
	event INTEGER NOT NULL,
	serial TEXT NOT NULL,
	number INTEGER NOT NULL,
	on_day TEXT NOT NULL,
	status TEXT NOT NULL,
	because TEXT NOT NULL,
	PRIMARY KEY (event)
)
 STRICT;

CREATE INDEX ix_examination_case_events_serial ON examination_case_events (serial);

CREATE TABLE examination_cases (
	serial TEXT NOT NULL,
	number INTEGER NOT NULL,
	licence TEXT NOT NULL,
	zip_code TEXT NOT NULL,
	rulebook TEXT NOT NULL,
	ground TEXT NOT NULL,
	status TEXT NOT NULL,
	noticed_on TEXT NOT NULL,
	due_on TEXT NOT NULL,
	approached_on TEXT,
	approached_how TEXT NOT NULL,
	closed_on TEXT,
	PRIMARY KEY (serial, number),
	CHECK (ground IN ('due for the yearly examination', 'not reset in the quarter')),
	CHECK (status IN ('approached again', 'examined', 'noticed', 'referred', 'removal ordered', 'removed')),
	CHECK ((status IN ('examined', 'removed')) = (closed_on IS NOT NULL))
)
 STRICT;

CREATE INDEX examination_cases_by_status ON examination_cases (status, due_on);

CREATE UNIQUE INDEX examination_cases_open ON examination_cases (serial) WHERE closed_on IS NULL;

CREATE TABLE examination_notices (
	number INTEGER NOT NULL,
	serial TEXT NOT NULL,
	licence TEXT NOT NULL,
	kind TEXT NOT NULL,
	given_on TEXT NOT NULL,
	due_on TEXT NOT NULL,
	clause TEXT NOT NULL,
	text TEXT NOT NULL,
	PRIMARY KEY (number)
)
 STRICT;

CREATE INDEX ix_examination_notices_serial ON examination_notices (serial);

CREATE TABLE examinations (
	device_id TEXT NOT NULL,
	message TEXT NOT NULL,
	PRIMARY KEY (device_id)
)
 STRICT;

CREATE TABLE fleet_imports (
	digest TEXT NOT NULL,
	at TEXT NOT NULL,
	devices INTEGER NOT NULL,
	PRIMARY KEY (digest)
)
 STRICT;

CREATE TABLE hosting_anchored (
	device TEXT NOT NULL,
	sequence INTEGER NOT NULL,
	ascending_mills INTEGER NOT NULL,
	entry_hash TEXT NOT NULL,
	PRIMARY KEY (device)
)
 STRICT;

CREATE TABLE hosting_reported (
	device TEXT NOT NULL,
	sequence INTEGER NOT NULL,
	ascending_mills INTEGER NOT NULL,
	entry_hash TEXT NOT NULL,
	PRIMARY KEY (device)
)
 STRICT;

CREATE TABLE identity (
	number INTEGER NOT NULL CHECK (number = 1),
	name TEXT NOT NULL,
	public_key BLOB NOT NULL,
	wrapped BLOB NOT NULL,
	postal_key BLOB NOT NULL,
	certificate BLOB NOT NULL,
	PRIMARY KEY (number),
	CHECK (length(public_key) = 65 AND length(postal_key) = 65)
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

CREATE TABLE inspections_ahead (
	number INTEGER NOT NULL,
	serial TEXT NOT NULL,
	licence TEXT NOT NULL,
	on_day TEXT NOT NULL,
	PRIMARY KEY (number)
)
 STRICT;

CREATE INDEX ix_inspections_ahead_serial ON inspections_ahead (serial);

CREATE TABLE inspector_receipts (
	receipt TEXT NOT NULL,
	serial TEXT NOT NULL,
	licence TEXT NOT NULL,
	inspector TEXT NOT NULL,
	withdrawn_on TEXT NOT NULL,
	reason TEXT NOT NULL,
	ascending_mills INTEGER NOT NULL,
	descending_mills INTEGER NOT NULL,
	fraud_suspected INTEGER NOT NULL,
	replacement_wanted INTEGER NOT NULL,
	replacement TEXT NOT NULL,
	moved_mills INTEGER NOT NULL,
	PRIMARY KEY (receipt),
	CHECK (ascending_mills >= 0 AND descending_mills >= 0 AND moved_mills >= 0),
	CHECK (moved_mills = 0 OR (fraud_suspected = 0 AND replacement <> '')),
	CHECK (moved_mills = 0 OR moved_mills = descending_mills)
)
 STRICT;

CREATE INDEX ix_inspector_receipts_serial ON inspector_receipts (serial);

CREATE TABLE installation_forms (
	number INTEGER NOT NULL,
	serial TEXT NOT NULL,
	action TEXT NOT NULL,
	on_day TEXT NOT NULL,
	content TEXT NOT NULL,
	register_record TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (action IN ('installation', 'replacement', 'withdrawal'))
)
 STRICT;

CREATE INDEX ix_installation_forms_serial ON installation_forms (serial);

CREATE TABLE inventory (
	serial TEXT NOT NULL,
	kind TEXT NOT NULL,
	rulebook TEXT NOT NULL,
	model TEXT NOT NULL,
	version TEXT NOT NULL,
	state TEXT NOT NULL,
	since TEXT NOT NULL,
	mechanism TEXT NOT NULL,
	remote INTEGER NOT NULL,
	title TEXT NOT NULL,
	licence TEXT NOT NULL,
	lease TEXT NOT NULL,
	licensee TEXT NOT NULL,
	office TEXT NOT NULL,
	place TEXT NOT NULL,
	produced_on TEXT,
	installed_on TEXT,
	scrapped_on TEXT,
	ascending_mills INTEGER NOT NULL,
	descending_mills INTEGER NOT NULL,
	reading_source TEXT NOT NULL,
	read_on TEXT,
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
)
 STRICT;

CREATE INDEX ix_inventory_lease ON inventory (lease);

CREATE INDEX ix_inventory_licence ON inventory (licence);

CREATE INDEX ix_inventory_state ON inventory (state);

CREATE TABLE inventory_movements (
	number INTEGER NOT NULL,
	serial TEXT NOT NULL,
	at TEXT NOT NULL,
	day TEXT NOT NULL,
	"before" TEXT NOT NULL,
	"after" TEXT NOT NULL,
	place TEXT NOT NULL,
	"by" TEXT NOT NULL,
	because TEXT NOT NULL,
	clause TEXT NOT NULL,
	source TEXT NOT NULL,
	ascending_mills INTEGER,
	PRIMARY KEY (number),
	CHECK (after IN ('checked in', 'checked out', 'do not use', 'examined', 'in service', 'inspected', 'issued', 'key initialized', 'lost', 'missing', 'produced', 'rebuilt', 'recovered', 'retrieving', 'scrapped', 'seized', 'stolen', 'unleased')),
	CHECK (source IN ('reported', 'signed'))
)
 STRICT;

CREATE INDEX inventory_movements_of ON inventory_movements (serial, number);

CREATE TABLE inventory_readings (
	number INTEGER NOT NULL,
	serial TEXT NOT NULL,
	at TEXT NOT NULL,
	ascending_mills INTEGER NOT NULL,
	descending_mills INTEGER NOT NULL,
	piece_count INTEGER,
	source TEXT NOT NULL,
	occasion TEXT NOT NULL,
	"by" TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (source IN ('reported', 'signed')),
	CHECK (occasion IN ('audit', 'check-in', 'check-out', 'clearing', 'examination', 'inspection', 'intake', 'reset', 'seizure', 'setting')),
	CHECK (ascending_mills >= 0 AND descending_mills >= 0)
)
 STRICT;

CREATE INDEX inventory_readings_of ON inventory_readings (serial, number);

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

CREATE TABLE journal_positions (
	device_id TEXT NOT NULL,
	sequence INTEGER NOT NULL,
	entry_hash TEXT NOT NULL,
	acknowledged INTEGER NOT NULL,
	PRIMARY KEY (device_id, sequence),
	CHECK (length(entry_hash) = 64 AND acknowledged IN (0, 1))
)
 STRICT;

CREATE TABLE key_reports (
	certificate_serial INTEGER NOT NULL,
	reason TEXT NOT NULL,
	message TEXT NOT NULL,
	UNIQUE (certificate_serial, reason)
)
 STRICT;

CREATE TABLE lease_placements (
	lease TEXT NOT NULL,
	ordinal INTEGER NOT NULL,
	device TEXT NOT NULL,
	placed_on TEXT NOT NULL,
	register_log TEXT NOT NULL,
	PRIMARY KEY (lease, ordinal),
	CHECK (register_log IN ('PS Form 3602-A', 'system report'))
)
 STRICT;

CREATE INDEX ix_lease_placements_device ON lease_placements (device);

CREATE TABLE leases (
	id TEXT NOT NULL,
	licence TEXT NOT NULL,
	licensee TEXT NOT NULL,
	rulebook TEXT NOT NULL,
	signed_by TEXT NOT NULL,
	signed_on TEXT NOT NULL,
	acknowledged_by TEXT NOT NULL,
	acknowledged_on TEXT NOT NULL,
	lockbox TEXT NOT NULL,
	begun_on TEXT NOT NULL,
	status TEXT NOT NULL,
	ended_on TEXT,
	clause TEXT NOT NULL,
	because TEXT NOT NULL,
	PRIMARY KEY (id),
	CHECK (status IN ('cancelled', 'ended', 'in force')),
	CHECK (signed_by <> '' AND acknowledged_by <> '')
)
 STRICT;

CREATE INDEX ix_leases_licence ON leases (licence);

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

CREATE TABLE licence_applications (
	number TEXT NOT NULL,
	rulebook TEXT NOT NULL,
	data TEXT NOT NULL,
	applicant TEXT NOT NULL,
	transmitted_on TEXT NOT NULL,
	status TEXT NOT NULL,
	clause TEXT NOT NULL,
	reason TEXT NOT NULL,
	licence TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (status IN ('licensed', 'refused', 'transmitted'))
)
 STRICT;

CREATE INDEX ix_licence_applications_applicant ON licence_applications (applicant);

CREATE TABLE licences (
	number TEXT NOT NULL,
	licensee TEXT NOT NULL,
	zip_code TEXT NOT NULL,
	city TEXT NOT NULL,
	state TEXT NOT NULL,
	status TEXT NOT NULL,
	version INTEGER NOT NULL,
	step INTEGER NOT NULL,
	told_at TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (status IN ('cancelled', 'issued', 'revocation noticed', 'revoked', 'stayed')),
	CHECK (version >= 0 AND step >= 0)
)
 STRICT;

CREATE INDEX ix_licences_licensee ON licences (licensee);

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

CREATE TABLE licensing_removals (
	device TEXT NOT NULL,
	ordinal INTEGER NOT NULL,
	licence TEXT NOT NULL,
	clause TEXT NOT NULL,
	because TEXT NOT NULL,
	ordered_on TEXT NOT NULL,
	reported_on TEXT,
	PRIMARY KEY (device, ordinal)
)
 STRICT;

CREATE INDEX ix_licensing_removals_licence ON licensing_removals (licence);

CREATE TABLE mailer_profiles (
	licence TEXT NOT NULL,
	yearly_postage_mills INTEGER NOT NULL,
	industry_code TEXT NOT NULL,
	high_risk INTEGER NOT NULL,
	source TEXT NOT NULL,
	PRIMARY KEY (licence),
	CHECK (yearly_postage_mills >= 0),
	CHECK (high_risk IN (0, 1))
)
 STRICT;

CREATE TABLE media_offices (
	model TEXT NOT NULL,
	version TEXT NOT NULL,
	zip_code TEXT NOT NULL,
	heard_on TEXT NOT NULL,
	PRIMARY KEY (model, version, zip_code)
)
 STRICT;

CREATE TABLE meter_inspections (
	number INTEGER NOT NULL,
	serial TEXT NOT NULL,
	inspected_on TEXT NOT NULL,
	inspector TEXT NOT NULL,
	signed_by TEXT NOT NULL,
	sheet TEXT NOT NULL,
	irregularities TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (signed_by <> '')
)
 STRICT;

CREATE INDEX ix_meter_inspections_serial ON meter_inspections (serial);

CREATE TABLE modifications_supplied (
	change TEXT NOT NULL,
	serial TEXT NOT NULL,
	at TEXT NOT NULL,
	"by" TEXT NOT NULL,
	PRIMARY KEY (change, serial)
)
 STRICT;

CREATE TABLE new_device_inspections (
	number INTEGER NOT NULL,
	serial TEXT NOT NULL,
	at TEXT NOT NULL,
	inspector TEXT NOT NULL,
	passed INTEGER NOT NULL,
	finding TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (passed IN (0, 1))
)
 STRICT;

CREATE INDEX ix_new_device_inspections_serial ON new_device_inspections (serial);

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

CREATE TABLE on_site_meters (
	place TEXT NOT NULL,
	serial TEXT NOT NULL,
	PRIMARY KEY (place, serial)
)
 STRICT;

CREATE TABLE on_site_places (
	name TEXT NOT NULL,
	facility TEXT NOT NULL,
	office TEXT NOT NULL,
	licence TEXT NOT NULL,
	staffed INTEGER NOT NULL,
	PRIMARY KEY (name),
	CHECK (facility IN ('branch', 'licensee')),
	CHECK (staffed IN (0, 1)),
	CHECK (facility = 'branch' OR licence <> '')
)
 STRICT;

CREATE TABLE orders (
	device_id TEXT NOT NULL,
	number INTEGER NOT NULL,
	kind TEXT NOT NULL,
	text TEXT NOT NULL,
	digest TEXT NOT NULL,
	answer TEXT NOT NULL,
	PRIMARY KEY (device_id, number),
	CHECK (number > 0),
	UNIQUE (digest)
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

CREATE TABLE own_demands (
	number INTEGER NOT NULL,
	model TEXT NOT NULL,
	version TEXT NOT NULL,
	kind TEXT NOT NULL,
	what TEXT NOT NULL,
	answered_on TEXT,
	PRIMARY KEY (number)
)
 STRICT;

CREATE TABLE own_filings (
	number INTEGER NOT NULL,
	model TEXT NOT NULL,
	version TEXT NOT NULL,
	item TEXT NOT NULL,
	title TEXT NOT NULL,
	digest TEXT NOT NULL,
	filed_on TEXT NOT NULL,
	outcome TEXT NOT NULL,
	reasons TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (outcome IN ('accepted', 'filed', 'returned'))
)
 STRICT;

CREATE TABLE own_models (
	model TEXT NOT NULL,
	version TEXT NOT NULL,
	rulebook TEXT NOT NULL,
	leave TEXT NOT NULL,
	design TEXT NOT NULL,
	system TEXT NOT NULL,
	submitted_on TEXT NOT NULL,
	changes TEXT NOT NULL,
	units INTEGER NOT NULL,
	until TEXT,
	because TEXT NOT NULL,
	PRIMARY KEY (model, version),
	CHECK (leave IN ('approved', 'field test', 'refused', 'revoked', 'submitted', 'suspended', 'tentative')),
	CHECK (length(design) = 64)
)
 STRICT;

CREATE TABLE postal_examination_reports (
	number INTEGER NOT NULL,
	serial TEXT NOT NULL,
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

CREATE INDEX ix_postal_examination_reports_serial ON postal_examination_reports (serial);

CREATE TABLE quality_notices (
	number INTEGER NOT NULL,
	serial TEXT NOT NULL,
	licence TEXT NOT NULL,
	kind TEXT NOT NULL,
	given_on TEXT NOT NULL,
	clause TEXT NOT NULL,
	text TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (kind IN ('quality grading', 'resets allowed again', 'resets denied'))
)
 STRICT;

CREATE INDEX ix_quality_notices_serial ON quality_notices (serial);

CREATE TABLE quality_pieces (
	number INTEGER NOT NULL,
	serial TEXT NOT NULL,
	received_on TEXT NOT NULL,
	grade TEXT NOT NULL,
	verdict TEXT NOT NULL,
	ascending_mills INTEGER,
	deficiencies TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (grade IN ('deficient', 'good')),
	CHECK ((grade = 'good') = (deficiencies = '[]'))
)
 STRICT;

CREATE INDEX quality_pieces_of ON quality_pieces (serial, number);

CREATE UNIQUE INDEX quality_pieces_once ON quality_pieces (serial, ascending_mills);

CREATE TABLE remote_examinations (
	number INTEGER NOT NULL,
	serial TEXT NOT NULL,
	reason TEXT NOT NULL,
	asked_on TEXT NOT NULL,
	answered_on TEXT,
	PRIMARY KEY (number)
)
 STRICT;

CREATE INDEX ix_remote_examinations_serial ON remote_examinations (serial);

CREATE TABLE repair_shops (
	name TEXT NOT NULL,
	control TEXT NOT NULL,
	registered_on TEXT NOT NULL,
	PRIMARY KEY (name)
)
 STRICT;

CREATE TABLE reset_denials (
	number INTEGER NOT NULL,
	serial TEXT NOT NULL,
	cause TEXT NOT NULL,
	clause TEXT NOT NULL,
	because TEXT NOT NULL,
	since TEXT NOT NULL,
	lifted_at TEXT,
	lifted_because TEXT NOT NULL,
	PRIMARY KEY (number)
)
 STRICT;

CREATE UNIQUE INDEX reset_denials_standing ON reset_denials (serial, cause) WHERE lifted_at IS NULL;

CREATE TABLE resets (
	device_id TEXT NOT NULL,
	sequence INTEGER NOT NULL,
	amount_mills INTEGER NOT NULL,
	request_digest TEXT NOT NULL,
	grant_text TEXT NOT NULL,
	grant_digest TEXT NOT NULL,
	status TEXT NOT NULL,
	PRIMARY KEY (device_id, sequence),
	CHECK (status IN ('closed', 'confirmed', 'examined', 'granted')),
	CHECK (sequence > 0),
	CHECK ((grant_text = '' AND amount_mills = 0 AND status = 'closed') OR (grant_text <> '' AND amount_mills > 0)),
	UNIQUE (request_digest)
)
 STRICT;

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

CREATE TABLE seal_statements (
	reference TEXT NOT NULL,
	day TEXT NOT NULL,
	share_mills INTEGER NOT NULL,
	repaid_at TEXT,
	payment TEXT NOT NULL,
	PRIMARY KEY (reference),
	CHECK (share_mills >= 0)
)
 STRICT;

CREATE TABLE shipments (
	tracking TEXT NOT NULL,
	direction TEXT NOT NULL,
	service TEXT NOT NULL,
	carrier TEXT NOT NULL,
	sender TEXT NOT NULL,
	recipient TEXT NOT NULL,
	sent_at TEXT NOT NULL,
	clause TEXT NOT NULL,
	received_at TEXT,
	received_by TEXT NOT NULL,
	PRIMARY KEY (tracking),
	CHECK (direction IN ('outbound', 'return'))
)
 STRICT;

CREATE TABLE shipped_devices (
	tracking TEXT NOT NULL,
	serial TEXT NOT NULL,
	PRIMARY KEY (tracking, serial)
)
 STRICT;

CREATE INDEX ix_shipped_devices_serial ON shipped_devices (serial);

CREATE TABLE test_print_destructions (
	site TEXT NOT NULL,
	day TEXT NOT NULL,
	at TEXT NOT NULL,
	impressions INTEGER NOT NULL,
	destroyed_by TEXT NOT NULL,
	witnessed_by TEXT NOT NULL,
	PRIMARY KEY (site, day),
	CHECK (destroyed_by <> witnessed_by)
)
 STRICT;

CREATE TABLE test_prints (
	number INTEGER NOT NULL,
	site TEXT NOT NULL,
	day TEXT NOT NULL,
	serial TEXT NOT NULL,
	impressions INTEGER NOT NULL,
	"by" TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (impressions > 0)
)
 STRICT;

CREATE INDEX test_prints_of_day ON test_prints (site, day);

CREATE TABLE journal_inputs (
	record TEXT NOT NULL,
	number INTEGER NOT NULL,
	salt BLOB NOT NULL,
	inputs TEXT NOT NULL,
	PRIMARY KEY (record, number),
	CONSTRAINT inputs_of_a_row FOREIGN KEY(record, number) REFERENCES journal (record, number)
)
 STRICT;
