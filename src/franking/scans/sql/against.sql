-- tonight, refunds, totals -> against: what the Postal Service's books have against a scan.
SELECT file, row, CAST($refunded AS bigint) AS related
FROM tonight
WHERE EXISTS (
    SELECT 1 FROM refunds
    WHERE refunds.device = tonight.device AND refunds.ascending = tonight.ascending
)
UNION ALL
SELECT file, row, CAST($control_total_differs AS bigint) AS related
FROM tonight
WHERE device IN (SELECT device FROM totals)
    AND NOT EXISTS (
        SELECT 1 FROM totals
        WHERE totals.device = tonight.device
            AND totals.control_total = tonight.ascending + tonight.descending
    )
