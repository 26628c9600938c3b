-- seen, wanted -> clashing: scans of the wanted pieces, with what is wrong of each.
-- related: bits of reasons; repeated: scanned more than once, which a possible journey may explain.
-- A date that is still to come says nothing of the order in which pieces were made.
SELECT
    $seen,
    CAST(
        CASE WHEN differs = 1 OR before > seen.ascending - postage OR low_after < seen.ascending
            THEN $overlap ELSE 0 END
        + CASE WHEN earliest_after < (CAST(dated AS bigint) - $days_ahead) * $day
            AND (reasons & $too_far_ahead) = 0
            THEN $rolled_back ELSE 0 END
    AS bigint) AS related,
    repeated = 1 AS repeated,
    witness = 1 AS witness
FROM seen
JOIN wanted ON seen.device = wanted.device AND seen.ascending = wanted.ascending
