CREATE TABLE case_contests (
	number BIGSERIAL NOT NULL,
	case_number BIGINT NOT NULL,
	party TEXT COLLATE "C" NOT NULL,
	grounds TEXT COLLATE "C" NOT NULL,
	contested_on TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	CHECK (party IN ('licensee', 'provider')),
	CHECK (grounds <> '')
);

CREATE INDEX ix_case_contests_case_number ON case_contests (case_number);

CREATE TABLE case_evidence (
	number BIGSERIAL NOT NULL,
	case_number BIGINT NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	subject TEXT COLLATE "C" NOT NULL,
	night TEXT COLLATE "C" NOT NULL,
	content TEXT COLLATE "C" NOT NULL,
	scans BIGINT NOT NULL,
	facts TEXT COLLATE "C" NOT NULL,
	record TEXT COLLATE "C" NOT NULL,
	signed_at TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (number),
	UNIQUE (subject, kind, night, content),
	CHECK (kind IN ('cloned', 'copied', 'date outside its window', 'device ended', 'device missing', 'forged', 'journal forked', 'refunded yet mailed', 'rolled back', 'short paid', 'value not covered', 'wrong post office')),
	CHECK (scans >= 0)
);

CREATE INDEX ix_case_evidence_case_number ON case_evidence (case_number);

CREATE TABLE irregularities (
	number BIGINT NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	device TEXT COLLATE "C" NOT NULL,
	subject TEXT COLLATE "C" NOT NULL,
	clause TEXT COLLATE "C" NOT NULL,
	facts TEXT COLLATE "C" NOT NULL,
	opened_on TEXT COLLATE "C" NOT NULL,
	contest_by TEXT COLLATE "C" NOT NULL,
	parties TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	outcome TEXT COLLATE "C",
	finding TEXT COLLATE "C" NOT NULL,
	closed_by TEXT COLLATE "C" NOT NULL,
	closed_on TEXT COLLATE "C",
	PRIMARY KEY (number),
	CHECK (kind IN ('cloned', 'copied', 'date outside its window', 'device ended', 'device missing', 'forged', 'journal forked', 'refunded yet mailed', 'rolled back', 'short paid', 'value not covered', 'wrong post office')),
	CHECK (status IN ('closed', 'contested', 'open')),
	CHECK (outcome IN ('unfounded', 'upheld')),
	CHECK ((status = 'closed') = (closed_on IS NOT NULL AND outcome IS NOT NULL AND finding <> ''))
);

CREATE INDEX irregularities_of_subject ON irregularities (subject, kind);

CREATE INDEX ix_irregularities_device ON irregularities (device);

CREATE INDEX ix_irregularities_status ON irregularities (status);

CREATE TABLE online_sightings (
	number BIGSERIAL NOT NULL,
	device TEXT COLLATE "C" NOT NULL,
	ascending_mills BIGINT NOT NULL,
	low_mills BIGINT NOT NULL,
	descending_mills BIGINT NOT NULL,
	dated BIGINT NOT NULL,
	certificate BIGINT NOT NULL,
	content BIGINT NOT NULL,
	scanned_at BIGINT NOT NULL,
	place TEXT COLLATE "C" NOT NULL,
	operation BIGINT NOT NULL,
	scanner TEXT COLLATE "C" NOT NULL,
	looks BIGINT NOT NULL,
	quality BIGINT,
	PRIMARY KEY (number),
	CHECK (low_mills >= 0 AND ascending_mills > low_mills)
);

CREATE INDEX online_sightings_by_beginning ON online_sightings (device, low_mills);

CREATE INDEX online_sightings_by_end ON online_sightings (device, ascending_mills, number);
