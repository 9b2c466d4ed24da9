// Runs on a thread of its own; see fleet.ts.
import type { Done, Job, Task } from './job.ts'
import { Maker } from './make.ts'

export interface Batch {
  readonly job: Job
  readonly tasks: readonly Task[]
}

/** Why a batch was not done. An error that goes from thread to thread keeps its message alone. */
export interface Failure {
  readonly message: string
  readonly stack: string | undefined
  readonly name: string
  /** Of faults of the machine. */
  readonly code?: string
  readonly path?: string
  /** Of faults that are ours. */
  readonly help?: string
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
    if (!(error instanceof Error)) throw error
    const { message, stack, name } = error
    return { failure: { ...error, message, stack, name } }
  }
}
