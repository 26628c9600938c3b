-- troubled -> wanted: troubled pieces, and the witnesses of those that were rolled back.
-- A witness is the piece of a higher register that bears an earlier date.
SELECT
    device, ascending,
    max(differs) AS differs,
    max(before) AS before,
    min(low_after) AS low_after,
    min(earliest_after) AS earliest_after,
    max(repeated) AS repeated,
    max(witness) AS witness
FROM (
    SELECT
        device, ascending, CASE WHEN differs THEN 1 ELSE 0 END AS differs,
        before, low_after, earliest_after,
        CASE WHEN repeated THEN 1 ELSE 0 END AS repeated, 0 AS witness
    FROM troubled
    WHERE tonight OR device IN (SELECT device FROM troubled WHERE tonight)
    UNION ALL
    SELECT
        device, earliest_after % $day, 0,
        CAST(NULL AS bigint), CAST(NULL AS bigint), CAST(NULL AS bigint), 0, 1
    FROM troubled
    WHERE earliest_after < (CAST(dated_last AS bigint) - $days_ahead) * $day
) AS pieces
GROUP BY device, ascending
