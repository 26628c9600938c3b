CREATE TABLE bank_files (
	digest TEXT COLLATE "C" NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C",
	day TEXT COLLATE "C",
	status TEXT COLLATE "C" NOT NULL,
	taken_at TEXT COLLATE "C" NOT NULL,
	items BIGINT NOT NULL,
	deposits_mills BIGINT NOT NULL,
	faults TEXT COLLATE "C" NOT NULL,
	statement TEXT COLLATE "C",
	content BYTEA NOT NULL,
	PRIMARY KEY (digest),
	CHECK (status IN ('set aside', 'taken in')),
	CHECK ((status = 'taken in') = (faults = '[]'))
);

CREATE INDEX bank_files_of_day ON bank_files (day, kind);

CREATE TABLE bank_items (
	digest TEXT COLLATE "C" NOT NULL,
	ordinal BIGINT NOT NULL,
	what TEXT COLLATE "C" NOT NULL,
	reference TEXT COLLATE "C" NOT NULL,
	account TEXT COLLATE "C" NOT NULL,
	amount_mills BIGINT NOT NULL,
	PRIMARY KEY (digest, ordinal)
);

CREATE UNIQUE INDEX bank_items_once ON bank_items (reference, what);

CREATE TABLE bank_originations (
	number BIGINT NOT NULL,
	made_at TEXT COLLATE "C" NOT NULL,
	effective_on TEXT COLLATE "C" NOT NULL,
	debits BIGINT NOT NULL,
	debit_mills BIGINT NOT NULL,
	refunds BIGINT NOT NULL,
	refund_mills BIGINT NOT NULL,
	last_trace BIGINT NOT NULL,
	digest TEXT COLLATE "C" NOT NULL,
	content BYTEA NOT NULL,
	handed_at TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number)
);

CREATE TABLE close_answers (
	ordinal BIGSERIAL NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	by TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (ordinal)
);

CREATE INDEX close_answers_of ON close_answers (day, number);

CREATE TABLE close_differences (
	day TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	about TEXT COLLATE "C" NOT NULL,
	expected_mills BIGINT,
	found_mills BIGINT,
	detail TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (day, number),
	CHECK (kind IN ('a bank file waits, set aside whole', 'an account stands past its limit', 'bank file and ledger differ', 'carried totals and balances differ', 'charged, and not granted so', 'device and ledger differ', 'granted, and not charged so', 'posted as from the bank, and in none of its files', 'posted for a day that was closed', 'registers of a hosted device contradict the ledger', 'the accounts do not sum to zero', 'value in transit is not what was granted and not confirmed', 'what came in is not what is held or spent'))
);

CREATE INDEX ix_close_differences_about ON close_differences (about);

CREATE TABLE closes (
	day TEXT COLLATE "C" NOT NULL,
	before TEXT COLLATE "C",
	through BIGINT NOT NULL,
	through_before BIGINT NOT NULL,
	ended_at TEXT COLLATE "C" NOT NULL,
	closed_at TEXT COLLATE "C" NOT NULL,
	closed_by TEXT COLLATE "C" NOT NULL,
	postings BIGINT NOT NULL,
	content TEXT COLLATE "C" NOT NULL,
	differences BIGINT NOT NULL,
	digest TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (day),
	CHECK ((before IS NULL OR before < day) AND through >= through_before)
);

CREATE TABLE funds_accounts (
	number TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	licensee TEXT COLLATE "C" NOT NULL,
	zip_code TEXT COLLATE "C" NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	opened_on TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	statements TEXT COLLATE "C" NOT NULL,
	method TEXT COLLATE "C" NOT NULL,
	closed_on TEXT COLLATE "C",
	PRIMARY KEY (number),
	CHECK (status IN ('closed', 'locked', 'open')),
	CHECK (statements IN ('each', 'monthly')),
	CHECK (method IN ('ACH credit', 'ACH debit', 'cash', 'check', 'check card', 'credit card', 'debit card', 'wire transfer')),
	CHECK (length(number) = 8),
	UNIQUE (licence)
);

CREATE TABLE funds_advance_days (
	day TEXT COLLATE "C" NOT NULL,
	cover_mills BIGINT NOT NULL,
	advanced_mills BIGINT NOT NULL,
	PRIMARY KEY (day),
	CHECK (advanced_mills >= 0 AND advanced_mills <= cover_mills)
);

CREATE TABLE funds_advance_terms (
	account TEXT COLLATE "C" NOT NULL,
	ordinal BIGINT NOT NULL,
	limit_mills BIGINT NOT NULL,
	agreed_by TEXT COLLATE "C" NOT NULL,
	agreed_on TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (account, ordinal),
	CHECK (limit_mills >= 0)
);

CREATE TABLE funds_advances (
	ordinal BIGINT NOT NULL,
	account TEXT COLLATE "C" NOT NULL,
	amount_mills BIGINT NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (ordinal),
	CHECK (amount_mills > 0)
);

CREATE INDEX ix_funds_advances_account ON funds_advances (account);

CREATE INDEX ix_funds_advances_day ON funds_advances (day);

CREATE TABLE funds_bank_details (
	account TEXT COLLATE "C" NOT NULL,
	ordinal BIGINT NOT NULL,
	routing TEXT COLLATE "C" NOT NULL,
	bank_account TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	authorized_by TEXT COLLATE "C" NOT NULL,
	authorized_on TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (account, ordinal),
	CHECK (authorized_by <> '')
);

CREATE TABLE funds_corrections (
	ordinal BIGINT NOT NULL,
	debit TEXT COLLATE "C" NOT NULL,
	credit TEXT COLLATE "C" NOT NULL,
	amount_mills BIGINT NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	reference TEXT COLLATE "C" NOT NULL,
	proposed_by TEXT COLLATE "C" NOT NULL,
	proposed_on TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	decided_by TEXT COLLATE "C" NOT NULL,
	decided_on TEXT COLLATE "C",
	PRIMARY KEY (ordinal),
	CHECK (status IN ('approved', 'proposed', 'rejected')),
	CHECK (amount_mills > 0),
	CHECK (status <> 'approved' OR (decided_by <> '' AND decided_by <> proposed_by))
);

CREATE TABLE funds_events (
	record TEXT COLLATE "C" NOT NULL,
	ordinal BIGINT NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	by TEXT COLLATE "C" NOT NULL,
	event TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (record, ordinal)
);

CREATE TABLE funds_payments (
	ordinal BIGINT NOT NULL,
	account TEXT COLLATE "C" NOT NULL,
	amount_mills BIGINT NOT NULL,
	method TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	reference TEXT COLLATE "C" NOT NULL,
	sent_on TEXT COLLATE "C",
	received_on TEXT COLLATE "C",
	posted_at TEXT COLLATE "C" NOT NULL,
	file TEXT COLLATE "C" NOT NULL,
	returned_on TEXT COLLATE "C",
	reason TEXT COLLATE "C" NOT NULL,
	settled_on TEXT COLLATE "C",
	PRIMARY KEY (ordinal),
	CHECK (method IN ('ACH credit', 'ACH debit', 'cash', 'check', 'check card', 'credit card', 'debit card', 'wire transfer')),
	CHECK (status IN ('expected', 'in suspense', 'never received', 'on deposit', 'paid after its return', 'returned unpaid')),
	CHECK (amount_mills > 0)
);

CREATE INDEX funds_payments_of ON funds_payments (account, status, ordinal);

CREATE INDEX ix_funds_payments_reference ON funds_payments (reference);

CREATE TABLE funds_plans (
	number BIGSERIAL NOT NULL,
	declared_at TEXT COLLATE "C" NOT NULL,
	content TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number)
);

CREATE TABLE funds_refunds (
	ordinal BIGINT NOT NULL,
	account TEXT COLLATE "C" NOT NULL,
	amount_mills BIGINT NOT NULL,
	asked_at TEXT COLLATE "C" NOT NULL,
	due_at TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	paid_on TEXT COLLATE "C",
	reference TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (ordinal),
	CHECK (status IN ('asked', 'called off', 'ordered', 'paid')),
	CHECK (amount_mills > 0)
);

CREATE INDEX ix_funds_refunds_account ON funds_refunds (account);

CREATE TABLE ledger_balances (
	account TEXT COLLATE "C" NOT NULL,
	balance_mills BIGINT NOT NULL,
	pending_mills BIGINT NOT NULL,
	floor_mills BIGINT,
	PRIMARY KEY (account),
	CHECK (pending_mills >= 0),
	CHECK (floor_mills IS NULL OR balance_mills - pending_mills >= floor_mills)
);

CREATE TABLE ledger_entries (
	account TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	place BIGINT NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	amount_mills BIGINT NOT NULL,
	balance_after_mills BIGINT,
	PRIMARY KEY (account, number, place),
	CHECK (amount_mills <> 0)
);

CREATE TABLE ledger_postings (
	number BIGSERIAL NOT NULL,
	key TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	state TEXT COLLATE "C" NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	until TEXT COLLATE "C",
	settles BIGINT,
	clause TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	reference TEXT COLLATE "C" NOT NULL,
	transfers TEXT COLLATE "C" NOT NULL,
	closed_at TEXT COLLATE "C",
	closed_because TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (state IN ('expired', 'pending', 'posted', 'voided')),
	CHECK (number > 0 AND (until IS NOT NULL OR state = 'posted')),
	CHECK ((closed_at IS NULL) = (until IS NULL OR state = 'pending')),
	UNIQUE (key)
);

CREATE INDEX ledger_postings_of_day ON ledger_postings (day, number);

CREATE INDEX ledger_postings_pending ON ledger_postings (until) WHERE state = 'pending';

CREATE TABLE ledger_rollups (
	account TEXT COLLATE "C" NOT NULL,
	upto BIGINT NOT NULL,
	balance_mills BIGINT NOT NULL,
	PRIMARY KEY (account, upto)
);

CREATE TABLE mailing_histories (
	serial TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	ascending_mills BIGINT NOT NULL,
	PRIMARY KEY (serial, day),
	CHECK (ascending_mills >= 0)
);

CREATE TABLE malfunction_reports (
	number BIGINT NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	report TEXT COLLATE "C" NOT NULL,
	submitted_on TEXT COLLATE "C" NOT NULL,
	recommended_mills BIGINT NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	decided_mills BIGINT NOT NULL,
	settled_mills BIGINT NOT NULL,
	decisions BIGINT NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (status IN ('closed', 'decided', 'reported', 'settled')),
	CHECK (status <> 'settled' OR settled_mills = decided_mills)
);

CREATE INDEX ix_malfunction_reports_serial ON malfunction_reports (serial);

CREATE TABLE refund_cases (
	number BIGINT NOT NULL,
	route TEXT COLLATE "C" NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	licensee TEXT COLLATE "C" NOT NULL,
	zip_code TEXT COLLATE "C" NOT NULL,
	device TEXT COLLATE "C" NOT NULL,
	device_rulebook TEXT COLLATE "C" NOT NULL,
	system TEXT COLLATE "C" NOT NULL,
	withdrawal TEXT COLLATE "C" NOT NULL,
	returned BIGINT NOT NULL,
	legible BIGINT NOT NULL,
	requester TEXT COLLATE "C" NOT NULL,
	manner TEXT COLLATE "C" NOT NULL,
	payout TEXT COLLATE "C" NOT NULL,
	target TEXT COLLATE "C" NOT NULL,
	filed_on TEXT COLLATE "C" NOT NULL,
	filed_by TEXT COLLATE "C" NOT NULL,
	asked_mills BIGINT NOT NULL,
	amount_mills BIGINT NOT NULL,
	basis TEXT COLLATE "C" NOT NULL,
	cause TEXT COLLATE "C" NOT NULL,
	caused_by_user BIGINT NOT NULL,
	decider TEXT COLLATE "C" NOT NULL,
	decided_by TEXT COLLATE "C" NOT NULL,
	decided_on TEXT COLLATE "C",
	because TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	settled_on TEXT COLLATE "C",
	reference TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (route IN ('PC Postage with PIC', 'account balance', 'dated PC Postage without PIC', 'dated metered postage', 'undated PC Postage', 'undated metered postage', 'value in a closed PC Postage account', 'value in a faulty system', 'value in a system damaged by disaster', 'value in a withdrawn meter')),
	CHECK (status IN ('additional postage collected', 'awaiting the report of the cause', 'denied', 'filed', 'granted', 'paid', 'with the Postal Service')),
	CHECK (system IN ('PC Postage', 'postage meter')),
	CHECK (withdrawal IN ('disaster', 'faulty', 'ordinary')),
	CHECK (requester IN ('anybody else', 'authorized user', 'commercial preparer')),
	CHECK (manner IN ('electronic', 'notice to the provider', 'physical')),
	CHECK (payout IN ('bank', 'check', 'credit', 'post office', 'provider', 'transfer')),
	CHECK (basis IN ('approximate', 'exact')),
	CHECK (asked_mills >= 0 AND amount_mills >= 0),
	CHECK (returned IN (0, 1) AND legible IN (0, 1) AND caused_by_user IN (0, 1)),
	CHECK (status NOT IN ('granted', 'paid', 'denied', 'additional postage collected') OR decided_on IS NOT NULL)
);

CREATE INDEX ix_refund_cases_device ON refund_cases (device);

CREATE INDEX ix_refund_cases_licence ON refund_cases (licence);

CREATE INDEX refund_cases_by_status ON refund_cases (status, number);

CREATE TABLE refund_claim_entries (
	entry TEXT COLLATE "C" NOT NULL,
	claim TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	amount_mills BIGINT NOT NULL,
	paid_on TEXT COLLATE "C" NOT NULL,
	outcome TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (entry),
	CHECK (amount_mills >= 0)
);

CREATE INDEX ix_refund_claim_entries_claim ON refund_claim_entries (claim);

CREATE INDEX ix_refund_claim_entries_number ON refund_claim_entries (number);

CREATE TABLE refund_claims (
	claim BIGINT NOT NULL,
	sent_on TEXT COLLATE "C" NOT NULL,
	total_mills BIGINT NOT NULL,
	reimbursed_mills BIGINT NOT NULL,
	answered_on TEXT COLLATE "C",
	PRIMARY KEY (claim),
	CHECK (total_mills >= 0 AND reimbursed_mills >= 0),
	CHECK (reimbursed_mills <= total_mills)
);

CREATE TABLE refund_events (
	number BIGINT NOT NULL,
	ordinal BIGINT NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	by TEXT COLLATE "C" NOT NULL,
	event TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number, ordinal)
);

CREATE TABLE refund_evidence (
	number BIGINT NOT NULL,
	ordinal BIGINT NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	document TEXT COLLATE "C" NOT NULL,
	digest TEXT COLLATE "C" NOT NULL,
	on_day TEXT COLLATE "C" NOT NULL,
	by TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number, ordinal)
);

CREATE TABLE refund_items (
	number BIGINT NOT NULL,
	ordinal BIGINT NOT NULL,
	item TEXT COLLATE "C" NOT NULL,
	reasons TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number, ordinal)
);

CREATE TABLE refunded_pieces (
	device TEXT COLLATE "C" NOT NULL,
	ascending_mills BIGINT NOT NULL,
	postage_mills BIGINT NOT NULL,
	case_id TEXT COLLATE "C" NOT NULL,
	by TEXT COLLATE "C" NOT NULL,
	on_day TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (device, ascending_mills)
);

CREATE INDEX ix_refunded_pieces_case_id ON refunded_pieces (case_id);

CREATE TABLE reported_defects (
	number BIGSERIAL NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	licensee TEXT COLLATE "C" NOT NULL,
	office TEXT COLLATE "C" NOT NULL,
	defect TEXT COLLATE "C" NOT NULL,
	reported_by TEXT COLLATE "C" NOT NULL,
	reported_on TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number)
);

CREATE INDEX ix_reported_defects_serial ON reported_defects (serial);

CREATE TABLE reports_filed (
	kind TEXT COLLATE "C" NOT NULL,
	period TEXT COLLATE "C" NOT NULL,
	since TEXT COLLATE "C" NOT NULL,
	until TEXT COLLATE "C" NOT NULL,
	filed_at TEXT COLLATE "C" NOT NULL,
	filed_by TEXT COLLATE "C" NOT NULL,
	lines BIGINT NOT NULL,
	total_mills BIGINT NOT NULL,
	digest TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (kind, period),
	CHECK (kind IN ('daily activity', 'financial transactions', 'funds advanced', 'in-service list', 'missing devices', 'postage refunds', 'revenue allocation', 'statements'))
);

CREATE TABLE reports_list_differences (
	quarter TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	device TEXT COLLATE "C" NOT NULL,
	what TEXT COLLATE "C" NOT NULL,
	listed TEXT COLLATE "C" NOT NULL,
	held TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	disposition TEXT COLLATE "C" NOT NULL,
	through TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	disposed_on TEXT COLLATE "C",
	PRIMARY KEY (quarter, number),
	CHECK (status IN ('disposed', 'open'))
);

CREATE INDEX ix_reports_list_differences_device ON reports_list_differences (device);

CREATE TABLE standing_letters (
	kind TEXT COLLATE "C" NOT NULL,
	reference TEXT COLLATE "C" NOT NULL,
	content TEXT COLLATE "C" NOT NULL,
	told_on TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	due_on TEXT COLLATE "C",
	answered_on TEXT COLLATE "C",
	answer TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (kind, reference),
	CHECK (kind IN ('assessment', 'conversion timetable', 'costs wanted', 'deposit tickets and envelopes', 'difference', 'inspection of records', 'lockbox decision', 'report wanted')),
	CHECK (status IN ('answered', 'noted', 'open'))
);

CREATE TABLE standing_lockbox_terms (
	number BIGSERIAL NOT NULL,
	bank TEXT COLLATE "C" NOT NULL,
	routing TEXT COLLATE "C" NOT NULL,
	timezone TEXT COLLATE "C" NOT NULL,
	cutoff_time TEXT COLLATE "C" NOT NULL,
	transmission_time TEXT COLLATE "C" NOT NULL,
	post_office_box TEXT COLLATE "C" NOT NULL,
	toll_free TEXT COLLATE "C" NOT NULL,
	representative TEXT COLLATE "C" NOT NULL,
	since TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number)
);

CREATE TABLE standing_resetting_holds (
	assessment BIGINT NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	deficiency TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	since TEXT COLLATE "C" NOT NULL,
	told_on TEXT COLLATE "C" NOT NULL,
	ended_on TEXT COLLATE "C",
	PRIMARY KEY (assessment),
	CHECK (status IN ('defended', 'lifted', 'noticed', 'revoked', 'suspended'))
);

CREATE TABLE telephone_meters (
	serial TEXT COLLATE "C" NOT NULL,
	sealed BYTEA NOT NULL,
	settings BIGINT NOT NULL,
	total_mills BIGINT NOT NULL,
	misses BIGINT NOT NULL,
	readings BIGINT NOT NULL,
	PRIMARY KEY (serial),
	CHECK (settings >= 0 AND total_mills >= 0 AND misses >= 0 AND readings >= 0)
);

CREATE TABLE telephone_settings (
	serial TEXT COLLATE "C" NOT NULL,
	sequence BIGINT NOT NULL,
	amount_mills BIGINT NOT NULL,
	total_mills BIGINT NOT NULL,
	ascending_mills BIGINT NOT NULL,
	descending_mills BIGINT NOT NULL,
	account TEXT COLLATE "C" NOT NULL,
	caller TEXT COLLATE "C" NOT NULL,
	told_at TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (serial, sequence),
	CHECK (status IN ('not taken', 'taken', 'told')),
	CHECK (total_mills >= 0 AND ascending_mills >= 0 AND descending_mills >= 0),
	CHECK (sequence > 0 AND amount_mills > 0)
);
