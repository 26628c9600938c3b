-- tonight, history -> speaking: between what values and dates each device speaks, in each file.
-- Only what a device surely signed, and paid for something: others would cast doubt on honest mail.
SELECT
    device, file, true AS tonight,
    min(ascending - postage) AS low, max(ascending) AS high,
    min(dated) AS dated_first, max(dated) AS dated_last
FROM tonight
WHERE signed AND postage > 0 AND (reasons & $strangers) = 0
GROUP BY device, file
UNION ALL
SELECT
    device, file, false AS tonight,
    min(ascending - postage) AS low, max(ascending) AS high,
    min(dated) AS dated_first, max(dated) AS dated_last
FROM history
WHERE signed AND postage > 0 AND (reasons & $strangers) = 0
GROUP BY device, file
