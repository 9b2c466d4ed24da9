// Loaded into a process with --require: says on stderr where it would have gone, and lets it go nowhere.
const { Socket } = require('node:net')

Socket.prototype.connect = function refuse(...args) {
  const [first] = args.flat()
  const { host, port, path } = typeof first === 'object' && first !== null ? first : { host: args[1], port: first }
  process.stderr.write(`went outside: ${path ?? `${host ?? 'localhost'}:${port}`}\n`)
  this.destroy(new Error('no network'))
  return this
}
