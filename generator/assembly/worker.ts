// Runs on a thread of its own; see fleet.ts.
import type { Done, Job, Task } from './job.ts'
import { Maker } from './make.ts'

export interface Batch {
  readonly job: Job
  readonly tasks: readonly Task[]
}

let maker: Maker | undefined

/** A thread serves one run: its job is always the same. */
export default async function make({ job, tasks }: Batch): Promise<readonly Done[]> {
  maker ??= new Maker(job)
  const done: Done[] = []
  for (const task of tasks) done.push(await maker.make(task))
  return done
}
