CREATE TABLE adjustments (
	number INTEGER NOT NULL,
	provider TEXT NOT NULL,
	report TEXT NOT NULL,
	serial TEXT NOT NULL,
	licence TEXT NOT NULL,
	licensee TEXT NOT NULL,
	office TEXT NOT NULL,
	rulebook TEXT NOT NULL,
	addressee TEXT NOT NULL,
	fault TEXT NOT NULL,
	facts TEXT NOT NULL,
	recommended_mills INTEGER NOT NULL,
	basis TEXT NOT NULL,
	submitted_on TEXT NOT NULL,
	status TEXT NOT NULL,
	decided_mills INTEGER NOT NULL,
	because TEXT NOT NULL,
	decided_by TEXT NOT NULL,
	decided_on TEXT,
	PRIMARY KEY (number),
	UNIQUE (provider, report),
	CHECK (status IN ('appealed', 'decided', 'final', 'noted', 'reported'))
)
 STRICT;

CREATE INDEX adjustments_by_office ON adjustments (status, office);

CREATE INDEX ix_adjustments_serial ON adjustments (serial);

CREATE TABLE defects (
	number INTEGER NOT NULL,
	provider TEXT NOT NULL,
	serial TEXT NOT NULL,
	licence TEXT NOT NULL,
	office TEXT NOT NULL,
	defect TEXT NOT NULL,
	told_by TEXT NOT NULL,
	told_on TEXT NOT NULL,
	retrieve_by TEXT NOT NULL,
	PRIMARY KEY (number)
)
 STRICT;

CREATE INDEX defects_of_device ON defects (provider, serial);

CREATE TABLE in_service_differences (
	provider TEXT NOT NULL,
	quarter TEXT NOT NULL,
	number INTEGER NOT NULL,
	serial TEXT NOT NULL,
	what TEXT NOT NULL,
	listed TEXT NOT NULL,
	held TEXT NOT NULL,
	disposition TEXT NOT NULL,
	through TEXT NOT NULL,
	because TEXT NOT NULL,
	disposed_on TEXT,
	PRIMARY KEY (provider, quarter, number),
	CHECK (what IN ('not in postal records', 'not in the list', 'the records differ'))
)
 STRICT;

CREATE TABLE in_service_lists (
	provider TEXT NOT NULL,
	quarter TEXT NOT NULL,
	closed_on TEXT NOT NULL,
	devices INTEGER NOT NULL,
	digest TEXT NOT NULL,
	heard_on TEXT NOT NULL,
	taken_on TEXT,
	differences INTEGER NOT NULL,
	PRIMARY KEY (provider, quarter)
)
 STRICT;

CREATE TABLE in_service_records (
	provider TEXT NOT NULL,
	serial TEXT NOT NULL,
	model TEXT NOT NULL,
	user TEXT NOT NULL,
	address TEXT NOT NULL,
	in_service_on TEXT NOT NULL,
	office_zip TEXT NOT NULL,
	held TEXT NOT NULL,
	noted_on TEXT NOT NULL,
	source TEXT NOT NULL,
	PRIMARY KEY (provider, serial),
	CHECK (held IN ('in service', 'left'))
)
 STRICT;

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

CREATE TABLE missing_device_lists (
	provider TEXT NOT NULL,
	month TEXT NOT NULL,
	addressee TEXT NOT NULL,
	part INTEGER NOT NULL,
	parts INTEGER NOT NULL,
	total_mills INTEGER NOT NULL,
	heard_on TEXT NOT NULL,
	lines TEXT NOT NULL,
	PRIMARY KEY (provider, month, addressee, part)
)
 STRICT;

CREATE TABLE piece_cases (
	number INTEGER NOT NULL,
	kind TEXT NOT NULL,
	device TEXT NOT NULL,
	ascending_mills INTEGER NOT NULL,
	postage_mills INTEGER NOT NULL,
	source TEXT NOT NULL,
	detail TEXT NOT NULL,
	opened_on TEXT NOT NULL,
	status TEXT NOT NULL,
	finding TEXT NOT NULL,
	closed_by TEXT NOT NULL,
	closed_on TEXT,
	PRIMARY KEY (number),
	CHECK (kind IN ('mailed after refund', 'refund asked after mailing', 'refund asked twice', 'shares value with another piece')),
	CHECK (status IN ('closed', 'open')),
	CHECK ((status = 'closed') = (closed_on IS NOT NULL AND finding <> ''))
)
 STRICT;

CREATE INDEX ix_piece_cases_status ON piece_cases (status);

CREATE INDEX piece_cases_of_piece ON piece_cases (device, ascending_mills);

CREATE TABLE piece_sightings (
	number INTEGER NOT NULL,
	device TEXT NOT NULL,
	ascending_mills INTEGER NOT NULL,
	postage_mills INTEGER NOT NULL,
	doing TEXT NOT NULL,
	at TEXT NOT NULL,
	source TEXT NOT NULL,
	outcome TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (doing IN ('refund', 'scan'))
)
 STRICT;

CREATE INDEX piece_sightings_of_piece ON piece_sightings (device, ascending_mills);

CREATE TABLE pieces (
	device TEXT NOT NULL,
	ascending_mills INTEGER NOT NULL,
	postage_mills INTEGER NOT NULL,
	fate TEXT NOT NULL,
	day TEXT NOT NULL,
	source TEXT NOT NULL,
	provider TEXT NOT NULL,
	PRIMARY KEY (device, ascending_mills),
	CHECK (fate IN ('freed', 'mailed', 'refunded')),
	CHECK (postage_mills > 0 AND ascending_mills >= postage_mills)
)
 STRICT;

CREATE INDEX ix_pieces_source ON pieces (source);

CREATE TABLE refund_appeals (
	case_number INTEGER NOT NULL,
	filed_on TEXT NOT NULL,
	filed_by TEXT NOT NULL,
	letter TEXT NOT NULL,
	originals INTEGER NOT NULL,
	through TEXT NOT NULL,
	addressee TEXT NOT NULL,
	clause TEXT NOT NULL,
	status TEXT NOT NULL,
	forwarded_by TEXT NOT NULL,
	forwarded_on TEXT,
	heard_by TEXT NOT NULL,
	decided_on TEXT,
	sustained INTEGER NOT NULL,
	granted_mills INTEGER NOT NULL,
	because TEXT NOT NULL,
	PRIMARY KEY (case_number),
	CHECK (status IN ('decided', 'filed', 'forwarded')),
	CHECK (originals >= 0 AND granted_mills >= 0)
)
 STRICT;

CREATE TABLE refund_cases (
	number INTEGER NOT NULL,
	origin TEXT NOT NULL,
	route TEXT NOT NULL,
	rulebook TEXT NOT NULL,
	provider TEXT NOT NULL,
	provider_case TEXT NOT NULL,
	device TEXT NOT NULL,
	licence TEXT NOT NULL,
	requester TEXT NOT NULL,
	capacity TEXT NOT NULL,
	office TEXT NOT NULL,
	district TEXT NOT NULL,
	filed_on TEXT NOT NULL,
	asked_mills INTEGER NOT NULL,
	wanted TEXT NOT NULL,
	basis TEXT NOT NULL,
	cause TEXT NOT NULL,
	caused_by_user INTEGER NOT NULL,
	documents TEXT NOT NULL,
	status TEXT NOT NULL,
	granted_mills INTEGER NOT NULL,
	charge_mills INTEGER NOT NULL,
	payout TEXT NOT NULL,
	because TEXT NOT NULL,
	clause TEXT NOT NULL,
	ruled_by TEXT NOT NULL,
	ruled_on TEXT,
	received_on TEXT,
	final_on TEXT,
	PRIMARY KEY (number),
	CHECK (origin IN ('forwarded by a provider', 'handed in at a post office', 'ruled on by a provider')),
	CHECK (route IN ('PC Postage with PIC', 'account balance', 'dated PC Postage without PIC', 'dated metered postage', 'undated PC Postage', 'undated metered postage', 'value in a closed PC Postage account', 'value in a faulty system', 'value in a system damaged by disaster', 'value in a withdrawn meter')),
	CHECK (status IN ('appealed', 'awaiting cause report', 'denied', 'filed', 'final', 'granted')),
	CHECK (asked_mills >= 0 AND granted_mills >= 0 AND charge_mills >= 0),
	CHECK (granted_mills <= asked_mills),
	CHECK ((provider = '') = (provider_case = ''))
)
 STRICT;

CREATE INDEX ix_refund_cases_device ON refund_cases (device);

CREATE INDEX refund_cases_by_office ON refund_cases (status, office);

CREATE UNIQUE INDEX refund_cases_of_provider ON refund_cases (provider, provider_case) WHERE provider != '';

CREATE TABLE refund_cases_destroyed (
	case_number INTEGER NOT NULL,
	destruction INTEGER NOT NULL,
	PRIMARY KEY (case_number)
)
 STRICT;

CREATE TABLE refund_checks (
	number INTEGER NOT NULL,
	case_number INTEGER NOT NULL,
	payee TEXT NOT NULL,
	amount_mills INTEGER NOT NULL,
	issued_by TEXT NOT NULL,
	issued_on TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (amount_mills > 0)
)
 STRICT;

CREATE INDEX ix_refund_checks_case_number ON refund_checks (case_number);

CREATE TABLE refund_claims (
	provider TEXT NOT NULL,
	claim TEXT NOT NULL,
	claimed_mills INTEGER NOT NULL,
	reimbursed_mills INTEGER NOT NULL,
	answers TEXT NOT NULL,
	answered_on TEXT NOT NULL,
	PRIMARY KEY (provider, claim),
	CHECK (claimed_mills >= 0 AND reimbursed_mills >= 0),
	CHECK (reimbursed_mills <= claimed_mills)
)
 STRICT;

CREATE TABLE refund_designations (
	number INTEGER NOT NULL,
	district TEXT NOT NULL,
	designee TEXT NOT NULL,
	named_by TEXT NOT NULL,
	letter TEXT NOT NULL,
	since TEXT NOT NULL,
	until TEXT,
	PRIMARY KEY (number)
)
 STRICT;

CREATE INDEX ix_refund_designations_district ON refund_designations (district);

CREATE TABLE refund_destructions (
	number INTEGER NOT NULL,
	cases TEXT NOT NULL,
	pieces INTEGER NOT NULL,
	amount_mills INTEGER NOT NULL,
	method TEXT NOT NULL,
	first TEXT NOT NULL,
	second TEXT NOT NULL,
	on_day TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (first <> second)
)
 STRICT;

CREATE TABLE refund_events (
	number INTEGER NOT NULL,
	case_number INTEGER NOT NULL,
	at TEXT NOT NULL,
	event TEXT NOT NULL,
	"by" TEXT NOT NULL,
	because TEXT NOT NULL,
	clause TEXT NOT NULL,
	PRIMARY KEY (number)
)
 STRICT;

CREATE INDEX ix_refund_events_case_number ON refund_events (case_number);

CREATE TABLE refund_items (
	case_number INTEGER NOT NULL,
	line INTEGER NOT NULL,
	device TEXT NOT NULL,
	ascending_mills INTEGER,
	postage_mills INTEGER NOT NULL,
	item TEXT NOT NULL,
	reasons TEXT NOT NULL,
	granted INTEGER,
	PRIMARY KEY (case_number, line)
)
 STRICT;

CREATE TABLE refund_reimbursed (
	"key" TEXT NOT NULL,
	provider TEXT NOT NULL,
	claim TEXT NOT NULL,
	provider_case TEXT NOT NULL,
	amount_mills INTEGER NOT NULL,
	on_day TEXT NOT NULL,
	PRIMARY KEY ("key"),
	CHECK (amount_mills > 0)
)
 STRICT;

CREATE INDEX refund_reimbursed_of_claim ON refund_reimbursed (provider, claim);

CREATE TABLE treasury_acknowledgments (
	provider TEXT NOT NULL,
	account TEXT NOT NULL,
	licence TEXT NOT NULL,
	licensee TEXT NOT NULL,
	zip_code TEXT NOT NULL,
	rulebook TEXT NOT NULL,
	signed_by TEXT NOT NULL,
	signed_on TEXT NOT NULL,
	addressee TEXT NOT NULL,
	wording_digest TEXT NOT NULL,
	received_on TEXT NOT NULL,
	PRIMARY KEY (provider, account, signed_on)
)
 STRICT;

CREATE INDEX ix_treasury_acknowledgments_addressee ON treasury_acknowledgments (addressee);

CREATE TABLE treasury_assessments (
	number INTEGER NOT NULL,
	provider TEXT NOT NULL,
	what TEXT NOT NULL,
	assessed_on TEXT NOT NULL,
	assessor TEXT NOT NULL,
	findings TEXT NOT NULL,
	status TEXT NOT NULL,
	answer_by TEXT,
	suspension_proposed INTEGER NOT NULL,
	correction TEXT NOT NULL,
	deficiency TEXT NOT NULL,
	effective_on TEXT,
	defense TEXT NOT NULL,
	because TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (status IN ('clean', 'closed', 'corrected', 'findings', 'revoked', 'suspended', 'suspension defended', 'suspension noticed')),
	CHECK ((status = 'clean') = (findings = '[]'))
)
 STRICT;

CREATE TABLE treasury_balance_refunds (
	provider TEXT NOT NULL,
	account TEXT NOT NULL,
	licence TEXT NOT NULL,
	licensee TEXT NOT NULL,
	amount_mills INTEGER NOT NULL,
	requested_at TEXT NOT NULL,
	due_at TEXT NOT NULL,
	paid_at TEXT,
	late INTEGER NOT NULL,
	PRIMARY KEY (provider, account, requested_at),
	CHECK (amount_mills > 0)
)
 STRICT;

CREATE TABLE treasury_bank_amounts (
	number INTEGER NOT NULL,
	lockbox TEXT NOT NULL,
	provider TEXT NOT NULL,
	day TEXT NOT NULL,
	flow TEXT NOT NULL,
	amount_mills INTEGER NOT NULL,
	reference TEXT NOT NULL,
	file TEXT NOT NULL,
	told_at TEXT NOT NULL,
	words TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (flow IN ('balance refunded', 'deposit', 'other', 'returned item', 'returned item paid', 'transfer'))
)
 STRICT;

CREATE INDEX treasury_bank_amounts_by_provider ON treasury_bank_amounts (provider, day);

CREATE INDEX treasury_bank_amounts_of_day ON treasury_bank_amounts (lockbox, day);

CREATE TABLE treasury_bank_days (
	lockbox TEXT NOT NULL,
	provider TEXT NOT NULL,
	day TEXT NOT NULL,
	closing_mills INTEGER NOT NULL,
	file TEXT NOT NULL,
	told_at TEXT NOT NULL,
	PRIMARY KEY (lockbox, day)
)
 STRICT;

CREATE TABLE treasury_bank_reports (
	number INTEGER NOT NULL,
	digest TEXT NOT NULL,
	name TEXT NOT NULL,
	status TEXT NOT NULL,
	taken_at TEXT NOT NULL,
	lines INTEGER NOT NULL,
	because TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (status IN ('set aside', 'taken')),
	CHECK ((status = 'set aside') = (because <> ''))
)
 STRICT;

CREATE INDEX ix_treasury_bank_reports_digest ON treasury_bank_reports (digest);

CREATE TABLE treasury_conversion_steps (
	edition INTEGER NOT NULL,
	step TEXT NOT NULL,
	day TEXT NOT NULL,
	PRIMARY KEY (edition, step)
)
 STRICT;

CREATE TABLE treasury_cost_requests (
	number INTEGER NOT NULL,
	provider TEXT NOT NULL,
	asked_on TEXT NOT NULL,
	due_on TEXT NOT NULL,
	resetting_mills INTEGER,
	conversion_mills INTEGER,
	told TEXT NOT NULL,
	told_on TEXT,
	review TEXT NOT NULL,
	reviewed_by TEXT NOT NULL,
	reviewed_on TEXT,
	PRIMARY KEY (number)
)
 STRICT;

CREATE TABLE treasury_deposit_statements (
	provider TEXT NOT NULL,
	number INTEGER NOT NULL,
	change_mills INTEGER NOT NULL,
	balance_mills INTEGER NOT NULL,
	because TEXT NOT NULL,
	booked_on TEXT NOT NULL,
	booked_by TEXT NOT NULL,
	PRIMARY KEY (provider, number),
	CHECK (balance_mills >= 0)
)
 STRICT;

CREATE TABLE treasury_differences (
	number INTEGER NOT NULL,
	provider TEXT NOT NULL,
	day TEXT NOT NULL,
	what TEXT NOT NULL,
	ours_mills INTEGER NOT NULL,
	theirs_mills INTEGER NOT NULL,
	words TEXT NOT NULL,
	found_on TEXT NOT NULL,
	status TEXT NOT NULL,
	answer TEXT NOT NULL,
	settled_by TEXT NOT NULL,
	settled_on TEXT,
	PRIMARY KEY (number),
	CHECK (status IN ('answered', 'open', 'settled')),
	CHECK ((status = 'settled') = (settled_on IS NOT NULL))
)
 STRICT;

CREATE UNIQUE INDEX treasury_differences_once ON treasury_differences (provider, day, what);

CREATE TABLE treasury_inspections (
	number INTEGER NOT NULL,
	provider TEXT NOT NULL,
	representatives TEXT NOT NULL,
	at TEXT NOT NULL,
	facilities TEXT NOT NULL,
	records TEXT NOT NULL,
	since TEXT NOT NULL,
	until TEXT NOT NULL,
	announced_on TEXT NOT NULL,
	status TEXT NOT NULL,
	digest TEXT NOT NULL,
	entries INTEGER NOT NULL,
	finding TEXT NOT NULL,
	closed_on TEXT,
	PRIMARY KEY (number),
	CHECK (status IN ('access refused', 'announced', 'done', 'records produced'))
)
 STRICT;

CREATE TABLE treasury_lockboxes (
	provider TEXT NOT NULL,
	bank TEXT NOT NULL,
	routing TEXT NOT NULL,
	account TEXT NOT NULL,
	title TEXT NOT NULL,
	offered_on TEXT NOT NULL,
	status TEXT NOT NULL,
	approval TEXT NOT NULL,
	decided_by TEXT NOT NULL,
	decided_on TEXT,
	because TEXT NOT NULL,
	timezone TEXT NOT NULL,
	cutoff_time TEXT NOT NULL,
	transmission_time TEXT NOT NULL,
	post_office_box TEXT NOT NULL,
	toll_free TEXT NOT NULL,
	representative TEXT NOT NULL,
	agreed_on TEXT,
	PRIMARY KEY (routing, account),
	CHECK (status IN ('approved', 'offered', 'refused', 'withdrawn')),
	CHECK ((status = 'approved') <= (approval <> ''))
)
 STRICT;

CREATE TABLE treasury_provider_reports (
	number INTEGER NOT NULL,
	provider TEXT NOT NULL,
	kind TEXT NOT NULL,
	day TEXT NOT NULL,
	part INTEGER NOT NULL,
	parts INTEGER NOT NULL,
	total_mills INTEGER NOT NULL,
	content TEXT NOT NULL,
	heard_at TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (part >= 0 AND parts >= 0)
)
 STRICT;

CREATE UNIQUE INDEX treasury_provider_reports_once ON treasury_provider_reports (provider, kind, day, part);

CREATE TABLE treasury_steps_done (
	provider TEXT NOT NULL,
	step TEXT NOT NULL,
	done_on TEXT NOT NULL,
	PRIMARY KEY (provider, step)
)
 STRICT;

CREATE TABLE treasury_supplies (
	number INTEGER NOT NULL,
	provider TEXT NOT NULL,
	account TEXT NOT NULL,
	licensee TEXT NOT NULL,
	address TEXT NOT NULL,
	zip_code TEXT NOT NULL,
	tickets INTEGER NOT NULL,
	envelopes INTEGER NOT NULL,
	wanted_on TEXT NOT NULL,
	post_office_box TEXT NOT NULL,
	cost_mills INTEGER NOT NULL,
	sent_on TEXT,
	PRIMARY KEY (number),
	CHECK (tickets >= 0 AND envelopes >= 0 AND cost_mills >= 0)
)
 STRICT;

CREATE TABLE treasury_transfer_watches (
	lockbox TEXT NOT NULL,
	provider TEXT NOT NULL,
	banking_day TEXT NOT NULL,
	of_day TEXT NOT NULL,
	deadline TEXT NOT NULL,
	payable_mills INTEGER NOT NULL,
	moved_mills INTEGER NOT NULL,
	status TEXT NOT NULL,
	because TEXT NOT NULL,
	seen_at TEXT NOT NULL,
	settled_at TEXT,
	PRIMARY KEY (lockbox, banking_day),
	CHECK (status IN ('alarm', 'in time', 'moved late'))
)
 STRICT;
