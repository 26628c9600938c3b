-- judged -> met: which scanners of tonight saw the same mail, and whether by possible times.
-- Counted by devices: a clock that is off mistimes everybody's mail, and who copies, that of a few.
-- meetings: devices whose mail both saw; devices: those mistimed, each once a scanner.
SELECT
    scanner, other, count(*) AS meetings, CAST(sum(mistimed) AS bigint) AS mistimed,
    CAST(sum(CASE WHEN mistimed = 1 AND turn = 1 THEN 1 ELSE 0 END) AS bigint) AS devices
FROM (
    SELECT
        scanner, other, max(mistimed) AS mistimed,
        row_number() OVER (
            PARTITION BY device, scanner ORDER BY max(mistimed) DESC, other
        ) AS turn
    FROM (
        SELECT
            device, CASE WHEN tonight THEN scanner END AS scanner, beside AS other,
            CASE WHEN mistimed THEN 1 ELSE 0 END AS mistimed
        FROM judged
        WHERE mistimed IS NOT NULL
        UNION ALL
        SELECT
            device, beside AS scanner, CASE WHEN tonight THEN scanner END AS other,
            CASE WHEN mistimed THEN 1 ELSE 0 END AS mistimed
        FROM judged
        WHERE mistimed IS NOT NULL
    ) AS sides
    WHERE scanner IS NOT NULL AND (other IS NULL OR scanner <> other)
    GROUP BY device, scanner, other
) AS pairs
GROUP BY scanner, other
