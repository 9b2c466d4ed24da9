// Lowers the counts of the allow-list to what the files contain: `npm run prose:shrink`. It never raises a total.
import { problemsIn, readAllowList, shrink, writeAllowList } from './allow-list.ts'
import { occurrencesInFile, proseFiles } from './occurrences.ts'

const occurrences = proseFiles().flatMap(occurrencesInFile)
const allowed = readAllowList()
const result = shrink(occurrences, allowed)
if ('allowed' in result) writeAllowList(result.allowed)
else {
  const places = problemsIn(
    occurrences.filter(({ pattern }) => result.risen.includes(pattern.name)),
    allowed,
  ).filter((problem) => /^\S+:\d+ /.test(problem))
  process.stderr.write(`Rewrite one of these first; there are more than the allow-list has:\n${places.join('\n')}\n`)
  process.exitCode = 1
}
