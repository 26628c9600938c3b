-- tonight, marked, judged -> evidence: the scans that suspicions rest on, the foremost of each.
-- One suspicion a device and kind, or a piece and kind; one without an accused of tonight is old.
-- Foremost are those that contradict each other, of tonight or with a scan of tonight, and of each
-- piece its first scan. Two sides take turns: a copy and what was seen in earlier nights, a device
-- set back and its witnesses. Pieces that share value stand together when sorted by where they
-- begin, and the earliest dated witness is one against the lowest piece that was set back.
SELECT $examined, related, tonight, kind, members, pieces, turn
FROM (
    SELECT
        *,
        CAST(row_number() OVER (
            PARTITION BY kind, device, piece ORDER BY nth, side
        ) AS bigint) AS turn
    FROM (
        SELECT
            *,
            row_number() OVER (
                PARTITION BY kind, device, piece, side
                ORDER BY
                    fresh DESC, live DESC,
                    CASE WHEN kind = $kind_rolled_back AND side = 0 THEN dated ELSE low END,
                    ascending, scanned_at NULLS LAST, tonight, file, row
            ) AS nth,
            count(*) OVER (PARTITION BY kind, device, piece) AS members,
            CAST(sum(fresh) OVER (PARTITION BY kind, device, piece) AS bigint) AS pieces,
            max(accused) OVER (PARTITION BY kind, device, piece) AS accused_tonight
        FROM (
            SELECT
                *,
                CASE WHEN row_number() OVER (
                    PARTITION BY kind, device, piece, ascending, content
                    ORDER BY scanned_at NULLS LAST, tonight, file, row
                ) = 1 THEN 1 ELSE 0 END AS fresh,
                CASE
                    WHEN kind = $kind_rolled_back AND side = 1 THEN accused
                    WHEN kind = $kind_rolled_back THEN CASE WHEN ascending > min(
                        CASE WHEN accused = 1 THEN ascending END
                    ) OVER (PARTITION BY kind, device, piece) THEN 1 ELSE 0 END
                    WHEN tonight THEN 1
                    WHEN max(CASE WHEN tonight THEN ascending END) OVER (
                        PARTITION BY kind, device, piece ORDER BY low
                    ) > low THEN 1
                    WHEN min(CASE WHEN tonight THEN low END) OVER (
                        PARTITION BY kind, device, piece ORDER BY low DESC
                    ) < ascending THEN 1
                    ELSE 0
                END AS live
            FROM (
                SELECT
                    scans.*, kind, ascending - postage AS low,
                    CASE WHEN by_piece = 1 THEN ascending ELSE 0 END AS piece,
                    CASE WHEN tonight AND ((reasons | related) & mask) <> 0
                        THEN 1 ELSE 0 END AS accused,
                    CASE WHEN kind = $kind_rolled_back AND (related & mask) = 0 THEN 0
                        WHEN kind = $kind_copied AND NOT tonight THEN 0 ELSE 1 END AS side
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
                        WHEN kind = $kind_ended THEN signed AND (reasons & $other) = 0
                        ELSE signed AND (reasons & $strangers) = 0 END
            ) AS grouped
        ) AS counted
    ) AS ranked
) AS placed
WHERE accused_tonight = 1 AND turn <= $members_max
