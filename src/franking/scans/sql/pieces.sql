-- seen, noticed -> pieces: what was seen of each piece of the doubtful devices, in all its scans.
SELECT
    device,
    ascending,
    min(ascending - postage) AS low,
    min(dated) AS dated_first,
    max(dated) AS dated_last,
    min(content) < max(content) AS differs,
    max(CASE WHEN tonight THEN 1 ELSE 0 END) = 1 AS tonight,
    count(*) > 1 AND max(CASE WHEN tonight THEN 1 ELSE 0 END) = 1 AS repeated
FROM seen
WHERE device IN (SELECT device FROM noticed WHERE doubtful)
GROUP BY device, ascending
