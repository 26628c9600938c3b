CREATE TABLE adjustments (
	number BIGINT NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	report TEXT COLLATE "C" NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	licensee TEXT COLLATE "C" NOT NULL,
	office TEXT COLLATE "C" NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	addressee TEXT COLLATE "C" NOT NULL,
	fault TEXT COLLATE "C" NOT NULL,
	facts TEXT COLLATE "C" NOT NULL,
	recommended_mills BIGINT NOT NULL,
	basis TEXT COLLATE "C" NOT NULL,
	submitted_on TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	decided_mills BIGINT NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	decided_by TEXT COLLATE "C" NOT NULL,
	decided_on TEXT COLLATE "C",
	PRIMARY KEY (number),
	UNIQUE (provider, report),
	CHECK (status IN ('appealed', 'decided', 'final', 'noted', 'reported'))
);

CREATE INDEX adjustments_by_office ON adjustments (status, office);

CREATE INDEX ix_adjustments_serial ON adjustments (serial);

CREATE TABLE defects (
	number BIGINT NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	office TEXT COLLATE "C" NOT NULL,
	defect TEXT COLLATE "C" NOT NULL,
	told_by TEXT COLLATE "C" NOT NULL,
	told_on TEXT COLLATE "C" NOT NULL,
	retrieve_by TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number)
);

CREATE INDEX defects_of_device ON defects (provider, serial);

CREATE TABLE in_service_differences (
	provider TEXT COLLATE "C" NOT NULL,
	quarter TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	what TEXT COLLATE "C" NOT NULL,
	listed TEXT COLLATE "C" NOT NULL,
	held TEXT COLLATE "C" NOT NULL,
	disposition TEXT COLLATE "C" NOT NULL,
	through TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	disposed_on TEXT COLLATE "C",
	PRIMARY KEY (provider, quarter, number),
	CHECK (what IN ('not in postal records', 'not in the list', 'the records differ'))
);

CREATE TABLE in_service_lists (
	provider TEXT COLLATE "C" NOT NULL,
	quarter TEXT COLLATE "C" NOT NULL,
	closed_on TEXT COLLATE "C" NOT NULL,
	devices BIGINT NOT NULL,
	digest TEXT COLLATE "C" NOT NULL,
	heard_on TEXT COLLATE "C" NOT NULL,
	taken_on TEXT COLLATE "C",
	differences BIGINT NOT NULL,
	PRIMARY KEY (provider, quarter)
);

CREATE TABLE in_service_records (
	provider TEXT COLLATE "C" NOT NULL,
	serial TEXT COLLATE "C" NOT NULL,
	model TEXT COLLATE "C" NOT NULL,
	"user" TEXT COLLATE "C" NOT NULL,
	address TEXT COLLATE "C" NOT NULL,
	in_service_on TEXT COLLATE "C" NOT NULL,
	office_zip TEXT COLLATE "C" NOT NULL,
	held TEXT COLLATE "C" NOT NULL,
	noted_on TEXT COLLATE "C" NOT NULL,
	source TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (provider, serial),
	CHECK (held IN ('in service', 'left'))
);

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

CREATE TABLE missing_device_lists (
	provider TEXT COLLATE "C" NOT NULL,
	month TEXT COLLATE "C" NOT NULL,
	addressee TEXT COLLATE "C" NOT NULL,
	part BIGINT NOT NULL,
	parts BIGINT NOT NULL,
	total_mills BIGINT NOT NULL,
	heard_on TEXT COLLATE "C" NOT NULL,
	lines TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (provider, month, addressee, part)
);

CREATE TABLE piece_cases (
	number BIGINT NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	device TEXT COLLATE "C" NOT NULL,
	ascending_mills BIGINT NOT NULL,
	postage_mills BIGINT NOT NULL,
	source TEXT COLLATE "C" NOT NULL,
	detail TEXT COLLATE "C" NOT NULL,
	opened_on TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	finding TEXT COLLATE "C" NOT NULL,
	closed_by TEXT COLLATE "C" NOT NULL,
	closed_on TEXT COLLATE "C",
	PRIMARY KEY (number),
	CHECK (kind IN ('mailed after refund', 'refund asked after mailing', 'refund asked twice', 'shares value with another piece')),
	CHECK (status IN ('closed', 'open')),
	CHECK ((status = 'closed') = (closed_on IS NOT NULL AND finding <> ''))
);

CREATE INDEX ix_piece_cases_status ON piece_cases (status);

CREATE INDEX piece_cases_of_piece ON piece_cases (device, ascending_mills);

CREATE TABLE piece_sightings (
	number BIGSERIAL NOT NULL,
	device TEXT COLLATE "C" NOT NULL,
	ascending_mills BIGINT NOT NULL,
	postage_mills BIGINT NOT NULL,
	doing TEXT COLLATE "C" NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	source TEXT COLLATE "C" NOT NULL,
	outcome TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (doing IN ('refund', 'scan'))
);

CREATE INDEX piece_sightings_of_piece ON piece_sightings (device, ascending_mills);

CREATE TABLE pieces (
	device TEXT COLLATE "C" NOT NULL,
	ascending_mills BIGINT NOT NULL,
	postage_mills BIGINT NOT NULL,
	fate TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	source TEXT COLLATE "C" NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (device, ascending_mills),
	CHECK (fate IN ('freed', 'mailed', 'refunded')),
	CHECK (postage_mills > 0 AND ascending_mills >= postage_mills)
);

CREATE INDEX ix_pieces_source ON pieces (source);

CREATE TABLE refund_appeals (
	case_number BIGINT NOT NULL,
	filed_on TEXT COLLATE "C" NOT NULL,
	filed_by TEXT COLLATE "C" NOT NULL,
	letter TEXT COLLATE "C" NOT NULL,
	originals BIGINT NOT NULL,
	through TEXT COLLATE "C" NOT NULL,
	addressee TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	forwarded_by TEXT COLLATE "C" NOT NULL,
	forwarded_on TEXT COLLATE "C",
	heard_by TEXT COLLATE "C" NOT NULL,
	decided_on TEXT COLLATE "C",
	sustained BIGINT NOT NULL,
	granted_mills BIGINT NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (case_number),
	CHECK (status IN ('decided', 'filed', 'forwarded')),
	CHECK (originals >= 0 AND granted_mills >= 0)
);

CREATE TABLE refund_cases (
	number BIGINT NOT NULL,
	origin TEXT COLLATE "C" NOT NULL,
	route TEXT COLLATE "C" NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	provider_case TEXT COLLATE "C" NOT NULL,
	device TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	requester TEXT COLLATE "C" NOT NULL,
	capacity TEXT COLLATE "C" NOT NULL,
	office TEXT COLLATE "C" NOT NULL,
	district TEXT COLLATE "C" NOT NULL,
	filed_on TEXT COLLATE "C" NOT NULL,
	asked_mills BIGINT NOT NULL,
	wanted TEXT COLLATE "C" NOT NULL,
	basis TEXT COLLATE "C" NOT NULL,
	cause TEXT COLLATE "C" NOT NULL,
	caused_by_user BIGINT NOT NULL,
	documents TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	granted_mills BIGINT NOT NULL,
	charge_mills BIGINT NOT NULL,
	payout TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	ruled_by TEXT COLLATE "C" NOT NULL,
	ruled_on TEXT COLLATE "C",
	received_on TEXT COLLATE "C",
	final_on TEXT COLLATE "C",
	PRIMARY KEY (number),
	CHECK (origin IN ('forwarded by a provider', 'handed in at a post office', 'ruled on by a provider')),
	CHECK (route IN ('PC Postage with PIC', 'account balance', 'dated PC Postage without PIC', 'dated metered postage', 'undated PC Postage', 'undated metered postage', 'value in a closed PC Postage account', 'value in a faulty system', 'value in a system damaged by disaster', 'value in a withdrawn meter')),
	CHECK (status IN ('appealed', 'awaiting cause report', 'denied', 'filed', 'final', 'granted')),
	CHECK (asked_mills >= 0 AND granted_mills >= 0 AND charge_mills >= 0),
	CHECK (granted_mills <= asked_mills),
	CHECK ((provider = '') = (provider_case = ''))
);

CREATE INDEX ix_refund_cases_device ON refund_cases (device);

CREATE INDEX refund_cases_by_office ON refund_cases (status, office);

CREATE UNIQUE INDEX refund_cases_of_provider ON refund_cases (provider, provider_case) WHERE provider != '';

CREATE TABLE refund_cases_destroyed (
	case_number BIGINT NOT NULL,
	destruction BIGINT NOT NULL,
	PRIMARY KEY (case_number)
);

CREATE TABLE refund_checks (
	number BIGINT NOT NULL,
	case_number BIGINT NOT NULL,
	payee TEXT COLLATE "C" NOT NULL,
	amount_mills BIGINT NOT NULL,
	issued_by TEXT COLLATE "C" NOT NULL,
	issued_on TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (amount_mills > 0)
);

CREATE INDEX ix_refund_checks_case_number ON refund_checks (case_number);

CREATE TABLE refund_claims (
	provider TEXT COLLATE "C" NOT NULL,
	claim TEXT COLLATE "C" NOT NULL,
	claimed_mills BIGINT NOT NULL,
	reimbursed_mills BIGINT NOT NULL,
	answers TEXT COLLATE "C" NOT NULL,
	answered_on TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (provider, claim),
	CHECK (claimed_mills >= 0 AND reimbursed_mills >= 0),
	CHECK (reimbursed_mills <= claimed_mills)
);

CREATE TABLE refund_designations (
	number BIGINT NOT NULL,
	district TEXT COLLATE "C" NOT NULL,
	designee TEXT COLLATE "C" NOT NULL,
	named_by TEXT COLLATE "C" NOT NULL,
	letter TEXT COLLATE "C" NOT NULL,
	since TEXT COLLATE "C" NOT NULL,
	until TEXT COLLATE "C",
	PRIMARY KEY (number)
);

CREATE INDEX ix_refund_designations_district ON refund_designations (district);

CREATE TABLE refund_destructions (
	number BIGINT NOT NULL,
	cases TEXT COLLATE "C" NOT NULL,
	pieces BIGINT NOT NULL,
	amount_mills BIGINT NOT NULL,
	method TEXT COLLATE "C" NOT NULL,
	first TEXT COLLATE "C" NOT NULL,
	second TEXT COLLATE "C" NOT NULL,
	on_day TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (first <> second)
);

CREATE TABLE refund_events (
	number BIGSERIAL NOT NULL,
	case_number BIGINT NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	event TEXT COLLATE "C" NOT NULL,
	by TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number)
);

CREATE INDEX ix_refund_events_case_number ON refund_events (case_number);

CREATE TABLE refund_items (
	case_number BIGINT NOT NULL,
	line BIGINT NOT NULL,
	device TEXT COLLATE "C" NOT NULL,
	ascending_mills BIGINT,
	postage_mills BIGINT NOT NULL,
	item TEXT COLLATE "C" NOT NULL,
	reasons TEXT COLLATE "C" NOT NULL,
	granted BIGINT,
	PRIMARY KEY (case_number, line)
);

CREATE TABLE refund_reimbursed (
	key TEXT COLLATE "C" NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	claim TEXT COLLATE "C" NOT NULL,
	provider_case TEXT COLLATE "C" NOT NULL,
	amount_mills BIGINT NOT NULL,
	on_day TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (key),
	CHECK (amount_mills > 0)
);

CREATE INDEX refund_reimbursed_of_claim ON refund_reimbursed (provider, claim);

CREATE TABLE treasury_acknowledgments (
	provider TEXT COLLATE "C" NOT NULL,
	account TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	licensee TEXT COLLATE "C" NOT NULL,
	zip_code TEXT COLLATE "C" NOT NULL,
	rulebook TEXT COLLATE "C" NOT NULL,
	signed_by TEXT COLLATE "C" NOT NULL,
	signed_on TEXT COLLATE "C" NOT NULL,
	addressee TEXT COLLATE "C" NOT NULL,
	wording_digest TEXT COLLATE "C" NOT NULL,
	received_on TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (provider, account, signed_on)
);

CREATE INDEX ix_treasury_acknowledgments_addressee ON treasury_acknowledgments (addressee);

CREATE TABLE treasury_assessments (
	number BIGINT NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	what TEXT COLLATE "C" NOT NULL,
	assessed_on TEXT COLLATE "C" NOT NULL,
	assessor TEXT COLLATE "C" NOT NULL,
	findings TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	answer_by TEXT COLLATE "C",
	suspension_proposed BIGINT NOT NULL,
	correction TEXT COLLATE "C" NOT NULL,
	deficiency TEXT COLLATE "C" NOT NULL,
	effective_on TEXT COLLATE "C",
	defense TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (status IN ('clean', 'closed', 'corrected', 'findings', 'revoked', 'suspended', 'suspension defended', 'suspension noticed')),
	CHECK ((status = 'clean') = (findings = '[]'))
);

CREATE TABLE treasury_balance_refunds (
	provider TEXT COLLATE "C" NOT NULL,
	account TEXT COLLATE "C" NOT NULL,
	licence TEXT COLLATE "C" NOT NULL,
	licensee TEXT COLLATE "C" NOT NULL,
	amount_mills BIGINT NOT NULL,
	requested_at TEXT COLLATE "C" NOT NULL,
	due_at TEXT COLLATE "C" NOT NULL,
	paid_at TEXT COLLATE "C",
	late BIGINT NOT NULL,
	PRIMARY KEY (provider, account, requested_at),
	CHECK (amount_mills > 0)
);

CREATE TABLE treasury_bank_amounts (
	number BIGSERIAL NOT NULL,
	lockbox TEXT COLLATE "C" NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	flow TEXT COLLATE "C" NOT NULL,
	amount_mills BIGINT NOT NULL,
	reference TEXT COLLATE "C" NOT NULL,
	file TEXT COLLATE "C" NOT NULL,
	told_at TEXT COLLATE "C" NOT NULL,
	words TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (flow IN ('balance refunded', 'deposit', 'other', 'returned item', 'returned item paid', 'transfer'))
);

CREATE INDEX treasury_bank_amounts_by_provider ON treasury_bank_amounts (provider, day);

CREATE INDEX treasury_bank_amounts_of_day ON treasury_bank_amounts (lockbox, day);

CREATE TABLE treasury_bank_days (
	lockbox TEXT COLLATE "C" NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	closing_mills BIGINT NOT NULL,
	file TEXT COLLATE "C" NOT NULL,
	told_at TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (lockbox, day)
);

CREATE TABLE treasury_bank_reports (
	number BIGSERIAL NOT NULL,
	digest TEXT COLLATE "C" NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	taken_at TEXT COLLATE "C" NOT NULL,
	lines BIGINT NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (status IN ('set aside', 'taken')),
	CHECK ((status = 'set aside') = (because <> ''))
);

CREATE INDEX ix_treasury_bank_reports_digest ON treasury_bank_reports (digest);

CREATE TABLE treasury_conversion_steps (
	edition BIGINT NOT NULL,
	step TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (edition, step)
);

CREATE TABLE treasury_cost_requests (
	number BIGINT NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	asked_on TEXT COLLATE "C" NOT NULL,
	due_on TEXT COLLATE "C" NOT NULL,
	resetting_mills BIGINT,
	conversion_mills BIGINT,
	told TEXT COLLATE "C" NOT NULL,
	told_on TEXT COLLATE "C",
	review TEXT COLLATE "C" NOT NULL,
	reviewed_by TEXT COLLATE "C" NOT NULL,
	reviewed_on TEXT COLLATE "C",
	PRIMARY KEY (number)
);

CREATE TABLE treasury_deposit_statements (
	provider TEXT COLLATE "C" NOT NULL,
	number BIGINT NOT NULL,
	change_mills BIGINT NOT NULL,
	balance_mills BIGINT NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	booked_on TEXT COLLATE "C" NOT NULL,
	booked_by TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (provider, number),
	CHECK (balance_mills >= 0)
);

CREATE TABLE treasury_differences (
	number BIGSERIAL NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	what TEXT COLLATE "C" NOT NULL,
	ours_mills BIGINT NOT NULL,
	theirs_mills BIGINT NOT NULL,
	words TEXT COLLATE "C" NOT NULL,
	found_on TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	answer TEXT COLLATE "C" NOT NULL,
	settled_by TEXT COLLATE "C" NOT NULL,
	settled_on TEXT COLLATE "C",
	PRIMARY KEY (number),
	CHECK (status IN ('answered', 'open', 'settled')),
	CHECK ((status = 'settled') = (settled_on IS NOT NULL))
);

CREATE UNIQUE INDEX treasury_differences_once ON treasury_differences (provider, day, what);

CREATE TABLE treasury_inspections (
	number BIGINT NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	representatives TEXT COLLATE "C" NOT NULL,
	at TEXT COLLATE "C" NOT NULL,
	facilities TEXT COLLATE "C" NOT NULL,
	records TEXT COLLATE "C" NOT NULL,
	since TEXT COLLATE "C" NOT NULL,
	until TEXT COLLATE "C" NOT NULL,
	announced_on TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	digest TEXT COLLATE "C" NOT NULL,
	entries BIGINT NOT NULL,
	finding TEXT COLLATE "C" NOT NULL,
	closed_on TEXT COLLATE "C",
	PRIMARY KEY (number),
	CHECK (status IN ('access refused', 'announced', 'done', 'records produced'))
);

CREATE TABLE treasury_lockboxes (
	provider TEXT COLLATE "C" NOT NULL,
	bank TEXT COLLATE "C" NOT NULL,
	routing TEXT COLLATE "C" NOT NULL,
	account TEXT COLLATE "C" NOT NULL,
	title TEXT COLLATE "C" NOT NULL,
	offered_on TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	approval TEXT COLLATE "C" NOT NULL,
	decided_by TEXT COLLATE "C" NOT NULL,
	decided_on TEXT COLLATE "C",
	because TEXT COLLATE "C" NOT NULL,
	timezone TEXT COLLATE "C" NOT NULL,
	cutoff_time TEXT COLLATE "C" NOT NULL,
	transmission_time TEXT COLLATE "C" NOT NULL,
	post_office_box TEXT COLLATE "C" NOT NULL,
	toll_free TEXT COLLATE "C" NOT NULL,
	representative TEXT COLLATE "C" NOT NULL,
	agreed_on TEXT COLLATE "C",
	PRIMARY KEY (routing, account),
	CHECK (status IN ('approved', 'offered', 'refused', 'withdrawn')),
	CHECK ((status = 'approved') <= (approval <> ''))
);

CREATE TABLE treasury_provider_reports (
	number BIGSERIAL NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	part BIGINT NOT NULL,
	parts BIGINT NOT NULL,
	total_mills BIGINT NOT NULL,
	content TEXT COLLATE "C" NOT NULL,
	heard_at TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (part >= 0 AND parts >= 0)
);

CREATE UNIQUE INDEX treasury_provider_reports_once ON treasury_provider_reports (provider, kind, day, part);

CREATE TABLE treasury_steps_done (
	provider TEXT COLLATE "C" NOT NULL,
	step TEXT COLLATE "C" NOT NULL,
	done_on TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (provider, step)
);

CREATE TABLE treasury_supplies (
	number BIGINT NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	account TEXT COLLATE "C" NOT NULL,
	licensee TEXT COLLATE "C" NOT NULL,
	address TEXT COLLATE "C" NOT NULL,
	zip_code TEXT COLLATE "C" NOT NULL,
	tickets BIGINT NOT NULL,
	envelopes BIGINT NOT NULL,
	wanted_on TEXT COLLATE "C" NOT NULL,
	post_office_box TEXT COLLATE "C" NOT NULL,
	cost_mills BIGINT NOT NULL,
	sent_on TEXT COLLATE "C",
	PRIMARY KEY (number),
	CHECK (tickets >= 0 AND envelopes >= 0 AND cost_mills >= 0)
);

CREATE TABLE treasury_transfer_watches (
	lockbox TEXT COLLATE "C" NOT NULL,
	provider TEXT COLLATE "C" NOT NULL,
	banking_day TEXT COLLATE "C" NOT NULL,
	of_day TEXT COLLATE "C" NOT NULL,
	deadline TEXT COLLATE "C" NOT NULL,
	payable_mills BIGINT NOT NULL,
	moved_mills BIGINT NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	because TEXT COLLATE "C" NOT NULL,
	seen_at TEXT COLLATE "C" NOT NULL,
	settled_at TEXT COLLATE "C",
	PRIMARY KEY (lockbox, banking_day),
	CHECK (status IN ('alarm', 'in time', 'moved late'))
);
