-- tonight, marked -> complete: every scan of tonight with all that is said of it.
SELECT $tonight, coalesce(marked.related, CAST(0 AS bigint)) AS related
FROM tonight
LEFT JOIN marked ON tonight.file = marked.file AND tonight.row = marked.row
