// Loaded into a process with --require: says on stderr, at its end, what it leaves in the performance timeline.
const perf = require('node:perf_hooks')

let observers = 0
perf.PerformanceObserver = class extends perf.PerformanceObserver {
  observe(options) {
    observers += 1
    super.observe(options)
  }
}
process.on('exit', () => {
  const entries = perf.performance.getEntriesByType('mark').length + perf.performance.getEntriesByType('measure').length
  process.stderr.write(`${entries} entries, ${observers} observers\n`)
})
