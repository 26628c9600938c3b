-- seen -> noticed: scans that stand oddly beside the scan of the next lower value of their device.
-- again: of the same piece, one of them tonight. doubtful: other content or shared value, or a date
-- that falls; a device without any has each piece begin where the one before ended or later, and
-- needs no closer look. Most are like that, and one sort finds them.
SELECT device, ascending, again, doubtful
FROM (
    SELECT
        device, ascending,
        before = ascending AND (tonight OR tonight_before) AS again,
        CASE WHEN before = ascending THEN content_before <> content ELSE before > low END
            OR dated_before > dated AS doubtful
    FROM (
        SELECT
            device, ascending, ascending - postage AS low, dated, content, tonight,
            lead(ascending) OVER (PARTITION BY device ORDER BY ascending DESC) AS before,
            lead(dated) OVER (PARTITION BY device ORDER BY ascending DESC) AS dated_before,
            lead(content) OVER (PARTITION BY device ORDER BY ascending DESC) AS content_before,
            lead(tonight) OVER (PARTITION BY device ORDER BY ascending DESC) AS tonight_before
        FROM seen
    ) AS beside
) AS told
WHERE again OR doubtful
