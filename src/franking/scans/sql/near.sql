-- speaking -> near: the files of the history that can say anything of tonight's pieces of a device.
-- Values that meet tonight's, or that lie higher with earlier dates, or lower with later ones. Of
-- most devices the history ends where tonight begins, and need not be read.
SELECT before.device, before.file
FROM speaking AS before
JOIN (
    SELECT
        device, min(low) AS low, max(high) AS high,
        min(dated_first) AS dated_first, max(dated_last) AS dated_last
    FROM speaking
    WHERE tonight
    GROUP BY device
) AS now ON now.device = before.device
WHERE NOT before.tonight
    AND (
        (before.low < now.high AND now.low < before.high)
        OR (now.low < before.high AND now.dated_last > before.dated_first + $days_ahead)
        OR (before.low < now.high AND before.dated_last > now.dated_first + $days_ahead)
    )
