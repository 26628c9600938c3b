-- judged, against -> marked: one row for each scan of tonight that its relations say something of.
-- related: reasons against the scan; evident: those, and the reasons that it is evidence of.
SELECT file, row, bit_or(related) AS related, bit_or(evident) AS evident
FROM (
    SELECT file, row, related, evident FROM judged WHERE tonight AND evident > 0
    UNION ALL
    SELECT file, row, related, related AS evident FROM against
) AS said
GROUP BY file, row
