-- seen, numbers -> kept: what the history keeps of tonight, under the numbers it gave the files.
-- numbers: file as it is of this night, number as it is in the history; others are not kept.
SELECT number AS file, $kept
FROM seen
JOIN numbers ON numbers.file = seen.file
WHERE tonight
