CREATE TABLE case_contests (
	number INTEGER NOT NULL,
	case_number INTEGER NOT NULL,
	party TEXT NOT NULL,
	grounds TEXT NOT NULL,
	contested_on TEXT NOT NULL,
	PRIMARY KEY (number),
	CHECK (party IN ('licensee', 'provider')),
	CHECK (grounds <> '')
)
 STRICT;

CREATE INDEX ix_case_contests_case_number ON case_contests (case_number);

CREATE TABLE case_evidence (
	number INTEGER NOT NULL,
	case_number INTEGER NOT NULL,
	kind TEXT NOT NULL,
	subject TEXT NOT NULL,
	night TEXT NOT NULL,
	content TEXT NOT NULL,
	scans INTEGER NOT NULL,
	facts TEXT NOT NULL,
	record TEXT NOT NULL,
	signed_at TEXT NOT NULL,
	PRIMARY KEY (number),
	UNIQUE (subject, kind, night, content),
	CHECK (kind IN ('cloned', 'copied', 'date outside its window', 'device ended', 'device missing', 'forged', 'journal forked', 'refunded yet mailed', 'rolled back', 'short paid', 'value not covered', 'wrong post office')),
	CHECK (scans >= 0)
)
 STRICT;

CREATE INDEX ix_case_evidence_case_number ON case_evidence (case_number);

CREATE TABLE irregularities (
	number INTEGER NOT NULL,
	kind TEXT NOT NULL,
	device TEXT NOT NULL,
	subject TEXT NOT NULL,
	clause TEXT NOT NULL,
	facts TEXT NOT NULL,
	opened_on TEXT NOT NULL,
	contest_by TEXT NOT NULL,
	parties TEXT NOT NULL,
	status TEXT NOT NULL,
	outcome TEXT,
	finding TEXT NOT NULL,
	closed_by TEXT NOT NULL,
	closed_on TEXT,
	PRIMARY KEY (number),
	CHECK (kind IN ('cloned', 'copied', 'date outside its window', 'device ended', 'device missing', 'forged', 'journal forked', 'refunded yet mailed', 'rolled back', 'short paid', 'value not covered', 'wrong post office')),
	CHECK (status IN ('closed', 'contested', 'open')),
	CHECK (outcome IN ('unfounded', 'upheld')),
	CHECK ((status = 'closed') = (closed_on IS NOT NULL AND outcome IS NOT NULL AND finding <> ''))
)
 STRICT;

CREATE INDEX irregularities_of_subject ON irregularities (subject, kind);

CREATE INDEX ix_irregularities_device ON irregularities (device);

CREATE INDEX ix_irregularities_status ON irregularities (status);

CREATE TABLE online_sightings (
	number INTEGER NOT NULL,
	device TEXT NOT NULL,
	ascending_mills INTEGER NOT NULL,
	low_mills INTEGER NOT NULL,
	descending_mills INTEGER NOT NULL,
	dated INTEGER NOT NULL,
	certificate INTEGER NOT NULL,
	content INTEGER NOT NULL,
	scanned_at INTEGER NOT NULL,
	place TEXT NOT NULL,
	operation INTEGER NOT NULL,
	scanner TEXT NOT NULL,
	looks INTEGER NOT NULL,
	quality INTEGER,
	PRIMARY KEY (number),
	CHECK (low_mills >= 0 AND ascending_mills > low_mills)
)
 STRICT;

CREATE INDEX online_sightings_by_beginning ON online_sightings (device, low_mills);

CREATE INDEX online_sightings_by_end ON online_sightings (device, ascending_mills, number);
