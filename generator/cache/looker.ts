// Runs on a thread of its own; see stamps-of.ts.
import { workerData } from 'node:worker_threads'
import { look } from './look.ts'

const { paths, stamps, blocks } = workerData
look({ paths: paths.split('\n'), stamps, blocks })
