CREATE TABLE bank_files (
	digest TEXT NOT NULL,
	name TEXT NOT NULL,
	kind TEXT,
	day TEXT,
	status TEXT NOT NULL,
	taken_at TEXT NOT NULL,
	items INTEGER NOT NULL,
	deposits_mills INTEGER NOT NULL,
	faults TEXT NOT NULL,
	statement TEXT,
	content BLOB NOT NULL,
	PRIMARY KEY (digest),
	CHECK (status IN ('set aside', 'taken in')),
	CHECK ((status = 'taken in') = (faults = '[]'))
)
 STRICT;

CREATE INDEX bank_files_of_day ON bank_files (day, kind);

CREATE TABLE bank_items (
	digest TEXT NOT NULL,
	ordinal INTEGER NOT NULL,
	what TEXT NOT NULL,
	reference TEXT NOT NULL,
	account TEXT NOT NULL,
	amount_mills INTEGER NOT NULL,
	PRIMARY KEY (digest, ordinal)
)
 STRICT;

CREATE UNIQUE INDEX bank_items_once ON bank_items (reference, what);

CREATE TABLE bank_originations (
	number INTEGER NOT NULL,
	made_at TEXT NOT NULL,
	effective_on TEXT NOT NULL,
	debits INTEGER NOT NULL,
	debit_mills INTEGER NOT NULL,
	refunds INTEGER NOT NULL,
	refund_mills INTEGER NOT NULL,
	last_trace INTEGER NOT NULL,
	digest TEXT NOT NULL,
	content BLOB NOT NULL,
	handed_at TEXT NOT NULL,
	PRIMARY KEY (number)
)
 STRICT;

CREATE TABLE close_answers (
	ordinal INTEGER NOT NULL,
	day TEXT NOT NULL,
	number INTEGER NOT NULL,
	at TEXT NOT NULL,
	"by" TEXT NOT NULL,
	because TEXT NOT NULL,
	PRIMARY KEY (ordinal)
)
 STRICT;

CREATE INDEX close_answers_of ON close_answers (day, number);

CREATE TABLE close_differences (
	day TEXT NOT NULL,
	number INTEGER NOT NULL,
	kind TEXT NOT NULL,
	about TEXT NOT NULL,
	expected_mills INTEGER,
	found_mills INTEGER,
	detail TEXT NOT NULL,
	PRIMARY KEY (day, number),
	CHECK (kind IN ('a bank file waits, set aside whole', 'an account stands past its limit', 'bank file and ledger differ', 'carried totals and balances differ', 'charged, and not granted so', 'device and ledger differ', 'granted, and not charged so', 'posted as from the bank, and in none of its files', 'posted for a day that was closed', 'registers of a hosted device contradict the ledger', 'the accounts do not sum to zero', 'value in transit is not what was granted and not confirmed', 'what came in is not what is held or spent'))
)
 STRICT;

CREATE INDEX ix_close_differences_about ON close_differences (about);

CREATE TABLE closes (
	day TEXT NOT NULL,
	"before" TEXT,
	through INTEGER NOT NULL,
	through_before INTEGER NOT NULL,
	ended_at TEXT NOT NULL,
	closed_at TEXT NOT NULL,
	closed_by TEXT NOT NULL,
	postings INTEGER NOT NULL,
	content TEXT NOT NULL,
	differences INTEGER NOT NULL,
	digest TEXT NOT NULL,
	PRIMARY KEY (day),
	CHECK ((before IS NULL OR before < day) AND through >= through_before)
)
 STRICT;

CREATE TABLE funds_accounts (
	number TEXT NOT NULL,
	licence TEXT NOT NULL,
	licensee TEXT NOT NULL,
	zip_code TEXT NOT NULL,
	rulebook TEXT NOT NULL,
	opened_on TEXT NOT NULL,
	status TEXT NOT NULL,
	statements TEXT NOT NULL,
	method TEXT NOT NULL,
	closed_on TEXT,
	PRIMARY KEY (number),
	CHECK (status IN ('closed', 'locked', 'open')),
	CHECK (statements IN ('each', 'monthly')),
	CHECK (method IN ('ACH credit', 'ACH debit', 'cash', 'check', 'check card', 'credit card', 'debit card', 'wire transfer')),
	CHECK (length(number) = 8),
	UNIQUE (licence)
)
 STRICT;

CREATE TABLE funds_advance_days (
	day TEXT NOT NULL,
	cover_mills INTEGER NOT NULL,
	advanced_mills INTEGER NOT NULL,
	PRIMARY KEY (day),
	CHECK (advanced_mills >= 0 AND advanced_mills <= cover_mills)
)
 STRICT;

CREATE TABLE funds_advance_terms (
	account TEXT NOT NULL,
	ordinal INTEGER NOT NULL,
	limit_mills INTEGER NOT NULL,
	agreed_by TEXT NOT NULL,
	agreed_on TEXT NOT NULL,
	PRIMARY KEY (account, ordinal),
	CHECK (limit_mills >= 0)
)
 STRICT;

CREATE TABLE funds_advances (
	ordinal INTEGER NOT NULL,
	account TEXT NOT NULL,
	amount_mills INTEGER NOT NULL,
	day TEXT NOT NULL,
	at TEXT NOT NULL,
	because TEXT NOT NULL,
	PRIMARY KEY (ordinal),
	CHECK (amount_mills > 0)
)
 STRICT;

CREATE INDEX ix_funds_advances_account ON funds_advances (account);

CREATE INDEX ix_funds_advances_day ON funds_advances (day);

CREATE TABLE funds_bank_details (
	account TEXT NOT NULL,
	ordinal INTEGER NOT NULL,
	routing TEXT NOT NULL,
	bank_account TEXT NOT NULL,
	kind TEXT NOT NULL,
	authorized_by TEXT NOT NULL,
	authorized_on TEXT NOT NULL,
	PRIMARY KEY (account, ordinal),
	CHECK (authorized_by <> '')
)
 STRICT;

CREATE TABLE funds_corrections (
	ordinal INTEGER NOT NULL,
	debit TEXT NOT NULL,
	credit TEXT NOT NULL,
	amount_mills INTEGER NOT NULL,
	because TEXT NOT NULL,
	reference TEXT NOT NULL,
	proposed_by TEXT NOT NULL,
	proposed_on TEXT NOT NULL,
	status TEXT NOT NULL,
	decided_by TEXT NOT NULL,
	decided_on TEXT,
	PRIMARY KEY (ordinal),
	CHECK (status IN ('approved', 'proposed', 'rejected')),
	CHECK (amount_mills > 0),
	CHECK (status <> 'approved' OR (decided_by <> '' AND decided_by <> proposed_by))
)
 STRICT;

CREATE TABLE funds_events (
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

CREATE TABLE funds_payments (
	ordinal INTEGER NOT NULL,
	account TEXT NOT NULL,
	amount_mills INTEGER NOT NULL,
	method TEXT NOT NULL,
	status TEXT NOT NULL,
	reference TEXT NOT NULL,
	sent_on TEXT,
	received_on TEXT,
	posted_at TEXT NOT NULL,
	file TEXT NOT NULL,
	returned_on TEXT,
	reason TEXT NOT NULL,
	settled_on TEXT,
	PRIMARY KEY (ordinal),
	CHECK (method IN ('ACH credit', 'ACH debit', 'cash', 'check', 'check card', 'credit card', 'debit card', 'wire transfer')),
	CHECK (status IN ('expected', 'in suspense', 'never received', 'on deposit', 'paid after its return', 'returned unpaid')),
	CHECK (amount_mills > 0)
)
 STRICT;

CREATE INDEX funds_payments_of ON funds_payments (account, status, ordinal);

CREATE INDEX ix_funds_payments_reference ON funds_payments (reference);

CREATE TABLE funds_plans (
	number INTEGER NOT NULL,
	declared_at TEXT NOT NULL,
	content TEXT NOT NULL,
	PRIMARY KEY (number)
)
 STRICT;

CREATE TABLE funds_refunds (
	ordinal INTEGER NOT NULL,
	account TEXT NOT NULL,
	amount_mills INTEGER NOT NULL,
	asked_at TEXT NOT NULL,
	due_at TEXT NOT NULL,
	status TEXT NOT NULL,
	paid_on TEXT,
	reference TEXT NOT NULL,
	PRIMARY KEY (ordinal),
	CHECK (status IN ('asked', 'called off', 'ordered', 'paid')),
	CHECK (amount_mills > 0)
)
 STRICT;

CREATE INDEX ix_funds_refunds_account ON funds_refunds (account);

CREATE TABLE ledger_balances (
	account TEXT NOT NULL,
	balance_mills INTEGER NOT NULL,
	pending_mills INTEGER NOT NULL,
	floor_mills INTEGER,
	PRIMARY KEY (account),
	CHECK (pending_mills >= 0),
	CHECK (floor_mills IS NULL OR balance_mills - pending_mills >= floor_mills)
)
 STRICT;

CREATE TABLE ledger_entries (
	account TEXT NOT NULL,
	number INTEGER NOT NULL,
	place INTEGER NOT NULL,
	day TEXT NOT NULL,
	amount_mills INTEGER NOT NULL,
	balance_after_mills INTEGER,
	PRIMARY KEY (account, number, place),
	CHECK (amount_mills <> 0)
)
 WITHOUT ROWID,
 STRICT;

CREATE TABLE ledger_postings (
	number INTEGER NOT NULL,
	"key" TEXT NOT NULL,
	kind TEXT NOT NULL,
	state TEXT NOT NULL,
	at TEXT NOT NULL,
	day TEXT NOT NULL,
	until TEXT,
	settles INTEGER,
	clause TEXT NOT NULL,
	because TEXT NOT NULL,
	reference TEXT NOT NULL,
	transfers TEXT NOT NULL,
	closed_at TEXT,
	closed_because TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (state IN ('expired', 'pending', 'posted', 'voided')),
	CHECK (number > 0 AND (until IS NOT NULL OR state = 'posted')),
	CHECK ((closed_at IS NULL) = (until IS NULL OR state = 'pending')),
	UNIQUE ("key")
)
 STRICT;

CREATE INDEX ledger_postings_of_day ON ledger_postings (day, number);

CREATE INDEX ledger_postings_pending ON ledger_postings (until) WHERE state = 'pending';

CREATE TABLE ledger_rollups (
	account TEXT NOT NULL,
	upto INTEGER NOT NULL,
	balance_mills INTEGER NOT NULL,
	PRIMARY KEY (account, upto)
)
 STRICT;

CREATE TABLE mailing_histories (
	serial TEXT NOT NULL,
	day TEXT NOT NULL,
	ascending_mills INTEGER NOT NULL,
	PRIMARY KEY (serial, day),
	CHECK (ascending_mills >= 0)
)
 STRICT;

CREATE TABLE malfunction_reports (
	number INTEGER NOT NULL,
	serial TEXT NOT NULL,
	report TEXT NOT NULL,
	submitted_on TEXT NOT NULL,
	recommended_mills INTEGER NOT NULL,
	status TEXT NOT NULL,
	decided_mills INTEGER NOT NULL,
	settled_mills INTEGER NOT NULL,
	decisions INTEGER NOT NULL,
	because TEXT NOT NULL,
	clause TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (status IN ('closed', 'decided', 'reported', 'settled')),
	CHECK (status <> 'settled' OR settled_mills = decided_mills)
)
 STRICT;

CREATE INDEX ix_malfunction_reports_serial ON malfunction_reports (serial);

CREATE TABLE refund_cases (
	number INTEGER NOT NULL,
	route TEXT NOT NULL,
	rulebook TEXT NOT NULL,
	status TEXT NOT NULL,
	licence TEXT NOT NULL,
	licensee TEXT NOT NULL,
	zip_code TEXT NOT NULL,
	device TEXT NOT NULL,
	device_rulebook TEXT NOT NULL,
	system TEXT NOT NULL,
	withdrawal TEXT NOT NULL,
	returned INTEGER NOT NULL,
	legible INTEGER NOT NULL,
	requester TEXT NOT NULL,
	manner TEXT NOT NULL,
	payout TEXT NOT NULL,
	target TEXT NOT NULL,
	filed_on TEXT NOT NULL,
	filed_by TEXT NOT NULL,
	asked_mills INTEGER NOT NULL,
	amount_mills INTEGER NOT NULL,
	basis TEXT NOT NULL,
	cause TEXT NOT NULL,
	caused_by_user INTEGER NOT NULL,
	decider TEXT NOT NULL,
	decided_by TEXT NOT NULL,
	decided_on TEXT,
	because TEXT NOT NULL,
	clause TEXT NOT NULL,
	settled_on TEXT,
	reference TEXT NOT NULL,
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
)
 STRICT;

CREATE INDEX ix_refund_cases_device ON refund_cases (device);

CREATE INDEX ix_refund_cases_licence ON refund_cases (licence);

CREATE INDEX refund_cases_by_status ON refund_cases (status, number);

CREATE TABLE refund_claim_entries (
	entry TEXT NOT NULL,
	claim TEXT NOT NULL,
	number INTEGER NOT NULL,
	amount_mills INTEGER NOT NULL,
	paid_on TEXT NOT NULL,
	outcome TEXT NOT NULL,
	because TEXT NOT NULL,
	PRIMARY KEY (entry),
	CHECK (amount_mills >= 0)
)
 STRICT;

CREATE INDEX ix_refund_claim_entries_claim ON refund_claim_entries (claim);

CREATE INDEX ix_refund_claim_entries_number ON refund_claim_entries (number);

CREATE TABLE refund_claims (
	claim INTEGER NOT NULL,
	sent_on TEXT NOT NULL,
	total_mills INTEGER NOT NULL,
	reimbursed_mills INTEGER NOT NULL,
	answered_on TEXT,
	PRIMARY KEY (claim),
	CHECK (total_mills >= 0 AND reimbursed_mills >= 0),
	CHECK (reimbursed_mills <= total_mills)
)
 STRICT;

CREATE TABLE refund_events (
	number INTEGER NOT NULL,
	ordinal INTEGER NOT NULL,
	at TEXT NOT NULL,
	"by" TEXT NOT NULL,
	event TEXT NOT NULL,
	clause TEXT NOT NULL,
	because TEXT NOT NULL,
	PRIMARY KEY (number, ordinal)
)
 STRICT;

CREATE TABLE refund_evidence (
	number INTEGER NOT NULL,
	ordinal INTEGER NOT NULL,
	kind TEXT NOT NULL,
	document TEXT NOT NULL,
	digest TEXT NOT NULL,
	on_day TEXT NOT NULL,
	"by" TEXT NOT NULL,
	PRIMARY KEY (number, ordinal)
)
 STRICT;

CREATE TABLE refund_items (
	number INTEGER NOT NULL,
	ordinal INTEGER NOT NULL,
	item TEXT NOT NULL,
	reasons TEXT NOT NULL,
	PRIMARY KEY (number, ordinal)
)
 STRICT;

CREATE TABLE refunded_pieces (
	device TEXT NOT NULL,
	ascending_mills INTEGER NOT NULL,
	postage_mills INTEGER NOT NULL,
	case_id TEXT NOT NULL,
	"by" TEXT NOT NULL,
	on_day TEXT NOT NULL,
	PRIMARY KEY (device, ascending_mills)
)
 STRICT;

CREATE INDEX ix_refunded_pieces_case_id ON refunded_pieces (case_id);

CREATE TABLE reported_defects (
	number INTEGER NOT NULL,
	serial TEXT NOT NULL,
	licence TEXT NOT NULL,
	licensee TEXT NOT NULL,
	office TEXT NOT NULL,
	defect TEXT NOT NULL,
	reported_by TEXT NOT NULL,
	reported_on TEXT NOT NULL,
	PRIMARY KEY (number)
)
 STRICT;

CREATE INDEX ix_reported_defects_serial ON reported_defects (serial);

CREATE TABLE reports_filed (
	kind TEXT NOT NULL,
	period TEXT NOT NULL,
	since TEXT NOT NULL,
	until TEXT NOT NULL,
	filed_at TEXT NOT NULL,
	filed_by TEXT NOT NULL,
	lines INTEGER NOT NULL,
	total_mills INTEGER NOT NULL,
	digest TEXT NOT NULL,
	PRIMARY KEY (kind, period),
	CHECK (kind IN ('daily activity', 'financial transactions', 'funds advanced', 'in-service list', 'missing devices', 'postage refunds', 'revenue allocation', 'statements'))
)
 STRICT;

CREATE TABLE reports_list_differences (
	quarter TEXT NOT NULL,
	number INTEGER NOT NULL,
	device TEXT NOT NULL,
	what TEXT NOT NULL,
	listed TEXT NOT NULL,
	held TEXT NOT NULL,
	status TEXT NOT NULL,
	disposition TEXT NOT NULL,
	through TEXT NOT NULL,
	because TEXT NOT NULL,
	disposed_on TEXT,
	PRIMARY KEY (quarter, number),
	CHECK (status IN ('disposed', 'open'))
)
 STRICT;

CREATE INDEX ix_reports_list_differences_device ON reports_list_differences (device);

CREATE TABLE standing_letters (
	kind TEXT NOT NULL,
	reference TEXT NOT NULL,
	content TEXT NOT NULL,
	told_on TEXT NOT NULL,
	status TEXT NOT NULL,
	due_on TEXT,
	answered_on TEXT,
	answer TEXT NOT NULL,
	PRIMARY KEY (kind, reference),
	CHECK (kind IN ('assessment', 'conversion timetable', 'costs wanted', 'deposit tickets and envelopes', 'difference', 'inspection of records', 'lockbox decision', 'report wanted')),
	CHECK (status IN ('answered', 'noted', 'open'))
)
 STRICT;

CREATE TABLE standing_lockbox_terms (
	number INTEGER NOT NULL,
	bank TEXT NOT NULL,
	routing TEXT NOT NULL,
	timezone TEXT NOT NULL,
	cutoff_time TEXT NOT NULL,
	transmission_time TEXT NOT NULL,
	post_office_box TEXT NOT NULL,
	toll_free TEXT NOT NULL,
	representative TEXT NOT NULL,
	since TEXT NOT NULL,
	PRIMARY KEY (number)
)
 STRICT;

CREATE TABLE standing_resetting_holds (
	assessment INTEGER NOT NULL,
	status TEXT NOT NULL,
	deficiency TEXT NOT NULL,
	clause TEXT NOT NULL,
	since TEXT NOT NULL,
	told_on TEXT NOT NULL,
	ended_on TEXT,
	PRIMARY KEY (assessment),
	CHECK (status IN ('defended', 'lifted', 'noticed', 'revoked', 'suspended'))
)
 STRICT;

CREATE TABLE telephone_meters (
	serial TEXT NOT NULL,
	sealed BLOB NOT NULL,
	settings INTEGER NOT NULL,
	total_mills INTEGER NOT NULL,
	misses INTEGER NOT NULL,
	readings INTEGER NOT NULL,
	PRIMARY KEY (serial),
	CHECK (settings >= 0 AND total_mills >= 0 AND misses >= 0 AND readings >= 0)
)
 STRICT;

CREATE TABLE telephone_settings (
	serial TEXT NOT NULL,
	sequence INTEGER NOT NULL,
	amount_mills INTEGER NOT NULL,
	total_mills INTEGER NOT NULL,
	ascending_mills INTEGER NOT NULL,
	descending_mills INTEGER NOT NULL,
	account TEXT NOT NULL,
	caller TEXT NOT NULL,
	told_at TEXT NOT NULL,
	status TEXT NOT NULL,
	PRIMARY KEY (serial, sequence),
	CHECK (status IN ('not taken', 'taken', 'told')),
	CHECK (total_mills >= 0 AND ascending_mills >= 0 AND descending_mills >= 0),
	CHECK (sequence > 0 AND amount_mills > 0)
)
 STRICT;
