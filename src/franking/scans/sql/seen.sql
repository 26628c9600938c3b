-- tonight, history, near -> seen: the scans that can speak of tonight's pieces and their devices.
SELECT $examined, true AS tonight
FROM tonight
WHERE signed AND postage > 0 AND (reasons & $strangers) = 0
UNION ALL
SELECT $history, false AS tonight
FROM history
JOIN near ON near.device = history.device AND near.file = history.file
WHERE signed AND postage > 0 AND (reasons & $strangers) = 0
