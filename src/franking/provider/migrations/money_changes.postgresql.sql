ALTER TABLE devices ADD COLUMN posted_mills BIGINT;

UPDATE devices SET posted_mills = shown_ascending_mills;

ALTER TABLE devices ALTER COLUMN posted_mills SET NOT NULL;

ALTER TABLE devices ADD CHECK (posted_mills >= 0);

ALTER TABLE resets ADD COLUMN account TEXT COLLATE "C";

UPDATE resets SET account = '';

ALTER TABLE resets ALTER COLUMN account SET NOT NULL;

ALTER TABLE resets DROP CONSTRAINT resets_status_check;

ALTER TABLE resets ADD CHECK (status IN ('closed', 'confirmed', 'examined', 'granted', 'returned'));

UPDATE resets SET status = 'returned' WHERE status = 'closed' AND amount_mills > 0;
