-- judged -> met: which scanners of tonight saw the same mail, and whether by possible times.
-- Counted by devices, each once a scanner: a clock that is off mistimes everybody's mail, and who
-- copies, that of a few.
SELECT scanner, other, count(*) AS devices, CAST(sum(mistimed) AS bigint) AS mistimed
FROM (
    SELECT
        device, scanner, max(mistimed) AS mistimed,
        coalesce(max(CASE WHEN mistimed = 1 THEN other END), max(other)) AS other
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
    GROUP BY device, scanner
) AS meetings
GROUP BY scanner, other
