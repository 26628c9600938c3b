-- seen -> pieces: what was seen of each piece, in all its scans. It is its device and ascending.
SELECT
    device,
    ascending,
    min(ascending - postage) AS low,
    CAST(min(dated) AS bigint) AS dated_first,
    CAST(max(dated) AS bigint) AS dated_last,
    min(content) < max(content) AS differs,
    count(*) AS scans,
    CAST(count_if(tonight) AS bigint) AS scans_tonight
FROM seen
GROUP BY device, ascending
