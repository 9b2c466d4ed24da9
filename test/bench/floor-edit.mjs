// The least that any generator does in Node after one edit: ask the file system about every file, and give each file that
// the edit changes its bytes anew, whole or not at all: node floor-edit.mjs <file with a path a line> <another, of those that change>
import { copyFileSync, lstatSync, readFileSync, renameSync } from 'node:fs'

const [names = '', changed = ''] = process.argv.slice(2)
for (const path of readFileSync(names, 'utf8').split('\n')) lstatSync(path)
for (const path of readFileSync(changed, 'utf8').split('\n')) {
  copyFileSync(path, `${path}.new`)
  renameSync(`${path}.new`, path)
}
