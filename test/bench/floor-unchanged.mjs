// The least that any command does in Node that wants to know whether files are as they were: read their names, and ask
// the file system about each of them: node floor-unchanged.mjs <file with a path a line>
import { lstatSync, readFileSync } from 'node:fs'

const [names = ''] = process.argv.slice(2)
for (const path of readFileSync(names, 'utf8').split('\n')) lstatSync(path)
