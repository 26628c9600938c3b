-- tonight, marked, judged -> evidence: the scans that suspicions rest on, the foremost of each.
-- One suspicion a device and kind, or a piece and kind; one without an accused of tonight is old.
SELECT $examined, related, tonight, kind, members, pieces, turn
FROM (
    SELECT
        *,
        CAST(row_number() OVER (
            PARTITION BY kind, device, piece
            ORDER BY foremost, ascending, scanned_at NULLS LAST, tonight, file, row
        ) AS bigint) AS turn,
        count(*) OVER (PARTITION BY kind, device, piece) AS members,
        CAST(sum(fresh) OVER (PARTITION BY kind, device, piece) AS bigint) AS pieces,
        max(accused) OVER (PARTITION BY kind, device, piece) AS accused_tonight
    FROM (
        SELECT
            *,
            CASE WHEN lag(ascending) OVER (
                PARTITION BY kind, device, piece ORDER BY ascending
            ) = ascending THEN 0 ELSE 1 END AS fresh
        FROM (
            SELECT
                scans.*, kind,
                CASE WHEN by_piece = 1 THEN ascending ELSE 0 END AS piece,
                CASE WHEN tonight AND ((reasons | related) & mask) <> 0
                    THEN 1 ELSE 0 END AS accused,
                CASE WHEN kind = $kind_rolled_back AND (related & mask) = 0 THEN 0
                    WHEN (related & mask) <> 0 THEN 1 ELSE 2 END AS foremost
            FROM (
                SELECT
                    $tonight, coalesce(marked.related, CAST(0 AS bigint)) AS related,
                    reasons | coalesce(marked.evident, CAST(0 AS bigint)) AS evident,
                    true AS tonight
                FROM tonight
                LEFT JOIN marked ON tonight.file = marked.file AND tonight.row = marked.row
                UNION ALL
                SELECT $examined, related, evident, false AS tonight
                FROM judged
                WHERE NOT tonight AND evident > 0
            ) AS scans
            JOIN (VALUES $kinds) AS kinds (kind, mask, by_piece) ON (evident & mask) <> 0
            WHERE (evident & $suspect) <> 0 AND device IS NOT NULL
                AND CASE WHEN kind = $kind_forged THEN bearing = 2
                    ELSE signed AND (reasons & $other) = 0 END
        ) AS grouped
    ) AS counted
) AS placed
WHERE accused_tonight = 1 AND turn <= $members_max
