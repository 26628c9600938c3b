-- pieces, noticed -> troubled: pieces that something may be wrong with, beside their neighbours.
-- before: ascending of the next lower piece; low_after: the lowest value that a higher piece used;
-- earliest_after: day and ascending, as one number, of the earliest dated of the higher pieces.
-- One order serves all three, downwards: frames that grow from the start are cheap everywhere.
SELECT
    device, ascending, dated_last, differs, repeated, tonight, before, low_after, earliest_after
FROM (
    SELECT
        device, ascending, low, dated_last, differs, repeated, tonight,
        lead(ascending) OVER (PARTITION BY device ORDER BY ascending DESC) AS before,
        min(low) OVER (
            PARTITION BY device ORDER BY ascending DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS low_after,
        min(CAST(dated_first AS bigint) * $day + ascending) OVER (
            PARTITION BY device ORDER BY ascending DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS earliest_after
    FROM pieces
) AS beside
WHERE differs
    OR repeated
    OR before > low
    OR low_after < ascending
    OR earliest_after < (CAST(dated_last AS bigint) - $days_ahead) * $day
UNION ALL
SELECT DISTINCT
    device, ascending, CAST(NULL AS int) AS dated_last, false AS differs, true AS repeated,
    true AS tonight, CAST(NULL AS bigint) AS before, CAST(NULL AS bigint) AS low_after,
    CAST(NULL AS bigint) AS earliest_after
FROM noticed
WHERE again AND NOT EXISTS (
    SELECT 1 FROM pieces WHERE pieces.device = noticed.device
)
