-- tonight, history -> seen: the scans that can speak of a piece and its device.
-- Only what a device surely signed, and paid for something: others would cast doubt on honest mail.
SELECT $examined, true AS tonight
FROM tonight
WHERE signed AND postage > 0 AND (reasons & $strangers) = 0
UNION ALL
SELECT $examined, false AS tonight
FROM history
WHERE signed AND postage > 0 AND (reasons & $strangers) = 0
