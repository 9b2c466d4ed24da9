// Loaded into the command before it starts: says in a file what a run loaded, of Node and of the command.
const { writeFileSync } = require('node:fs')

process.on('exit', () => {
  const ofNode = process.moduleLoadList
    .filter((entry) => entry.startsWith('NativeModule '))
    .map((entry) => entry.slice(13))
  writeFileSync(process.env.LOADED, JSON.stringify({ ofNode, ofOurs: Object.keys(require.cache) }))
})
