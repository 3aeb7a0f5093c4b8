/** Short runs that are logged, for tests. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plan, RunEvent, Runnable } from '../../src/index'
import type { RunOptions } from '../../src/run/events'
import { runPlan } from '../../src/run/run'

/** Trains, and gives what was said besides. */
export const train = async (plan: Plan<Runnable>, options: RunOptions) => {
  const notes: string[] = []
  const result = await runPlan(plan, {
    backend: 'cpu',
    ...options,
    onEvent: (event: RunEvent) => {
      if (event.event === 'note') notes.push(event.message)
      options.onEvent?.(event)
    },
  })()
  return { result, notes }
}

/** Asks a run to stop after a step. */
export const stoppingAt = (step: number): RunOptions => {
  const controller = new AbortController()
  return {
    signal: controller.signal,
    onEvent: (event) => event.event === 'step' && event.step === step && controller.abort('SIGINT'),
  }
}

/** The lines of a run's metrics. */
export const linesOf = (folder: string): readonly Readonly<Record<string, number>>[] =>
  readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
