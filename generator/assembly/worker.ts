// Runs on a thread of its own; see fleet.ts.
import { type Failure, failureOf } from '../output/failure.ts'
import type { Done, Job, Task } from './job.ts'
import { Maker } from './make.ts'

export interface Batch {
  readonly job: Job
  readonly tasks: readonly Task[]
}

export type Answer = { readonly done: readonly Done[] } | { readonly failure: Failure }

let maker: Maker | undefined

/** A thread serves one run: its job is always the same. */
export default async function make({ job, tasks }: Batch): Promise<Answer> {
  const done: Done[] = []
  try {
    maker ??= new Maker(job)
    for (const task of tasks) done.push(await maker.make(task))
    return { done }
  } catch (error) {
    return { failure: failureOf(error) }
  }
}
