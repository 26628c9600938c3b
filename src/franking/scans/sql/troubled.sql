-- pieces -> troubled: the pieces that something may be wrong with, beside their neighbours.
-- before: ascending of the next lower piece; low_after: the lowest value that a higher piece used;
-- earliest_after: day and ascending, as one number, of the earliest dated of the higher pieces.
-- One order serves all three, downwards: frames that grow from the start are cheap everywhere.
SELECT
    device, ascending, dated_last, differs, scans, scans_tonight, before, low_after, earliest_after
FROM (
    SELECT
        device, ascending, low, dated_last, differs, scans, scans_tonight,
        lead(ascending) OVER (PARTITION BY device ORDER BY ascending DESC) AS before,
        min(low) OVER (
            PARTITION BY device ORDER BY ascending DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS low_after,
        min(dated_first * $day + ascending) OVER (
            PARTITION BY device ORDER BY ascending DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS earliest_after
    FROM pieces
) AS beside
WHERE differs
    OR before > low
    OR low_after < ascending
    OR earliest_after < (dated_last - $days_ahead) * $day
    OR (scans > 1 AND scans_tonight > 0)
