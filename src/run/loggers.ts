/** Loggers of a run: they are sent its numbers while it trains, which never waits for them but a few seconds at its end. */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import * as E from 'fp-ts/Either'
import { exitCode, type Failure } from '../base/failure'
import { version } from '../base/version'
import { type Json, type Op, opBody, opName } from '../dsl/type'
import { type Delivery, deliver } from '../log/delivery'
import type { End, LoggedRun, Memory } from '../log/logger'
import type { Design } from '../program/design'
import type { RunFolder } from '../store/folder'
import { loggerMemories } from '../store/loggers'
import type { RunEvent, Summary } from './events'
import { measuredIn } from './measured'

export interface Loggers {
  readonly tell: (event: RunEvent) => void
  /** Sends what is left, and how the run has ended. */
  readonly close: (result: E.Either<Failure, Summary>) => Promise<void>
}

/** The sweep that a run belongs to, by its folder. */
const sweepOf = (path: string): string | undefined => {
  const around = dirname(resolve(path))
  return existsSync(join(around, 'sweep.json')) ? basename(around) : undefined
}

/** Names, each numbered from the second time on. */
const numbered = (names: readonly string[]): readonly string[] =>
  names.map((name, i) => {
    const before = names.slice(0, i).filter((other) => other === name).length
    return before === 0 ? name : `${name}.${before + 1}`
  })

/** All stages with their parameters, but that of the loggers themselves. */
const configOf = ({ plan, log }: Design): Readonly<Record<string, Json>> => {
  const stages = plan.pipeline.filter((op) => op !== log?.op)
  const names = numbered(stages.map(opName))
  return Object.fromEntries(stages.map((op, i) => [names[i]!, opBody(op)]))
}

const runOf = (design: Design, folder: RunFolder, backend: string): LoggedRun => ({
  name: basename(resolve(folder.path)),
  group: sweepOf(folder.path),
  config: configOf(design),
  facts: { 'ibot.version': version, 'ibot.backend': backend, 'ibot.pipeline': design.plan.name },
})

const endOf = (result: E.Either<Failure, Summary>): End => {
  if (E.isRight(result)) return { state: 'finished', exit: 0 }
  return { state: result.left._tag === 'Stopped' ? 'stopped' : 'failed', exit: exitCode(result.left) }
}

const finite = (numbers: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(numbers).filter(([, value]) => Number.isFinite(value)))

/** Begins to log a run to all that its pipeline names. */
export const openLoggers = async (
  { design, span }: { readonly design: Design; readonly span: { readonly steps: number } },
  folder: RunFolder,
  backend: string,
  notify: (message: string) => void,
): Promise<Loggers> => {
  const { meaning: loggers, op } = design.log ?? { meaning: [], op: {} }
  if (loggers.length === 0) return { tell: () => undefined, close: async () => undefined }
  const run = runOf(design, folder, backend)
  const memories = await loggerMemories(folder)
  const names = numbered((opBody(op as Op).to as readonly Op[]).map(opName))
  const deliveries = loggers.map((logger, i): Delivery => {
    const name = names[i]!
    const keep = async (value: Json): Promise<void> => {
      const kept = await memories.keep(name, value)
      if (E.isLeft(kept) && 'message' in kept.left)
        notify(`a run that goes on will be a new one to ${logger.title}: ${kept.left.message}`)
    }
    const surroundings = { env: process.env, home: homedir() }
    // Asked each time: an attempt to begin goes on from what the one before kept.
    const memory: Memory = {
      get known() {
        return memories.known(name)
      },
      keep,
    }
    return deliver({ logger, run, memory, surroundings, notify })
  })
  const measured = measuredIn(span.steps)
  return {
    tell: (event) => {
      if (event.event === 'alarm') {
        const { step, alarm, message, remedy } = event
        for (const one of deliveries) one.mark({ step, name: alarm, text: `${message}. ${remedy}` })
      }
      const told = measured(event)
      if (told === undefined) return
      const epoch = event.event === 'step' ? { epoch: event.epoch } : {}
      const point = { step: told.step, time: Date.now(), numbers: { ...epoch, ...finite(told.numbers) } }
      for (const one of deliveries) one.add(point, event.event === 'probe')
    },
    close: async (result) => {
      await Promise.all(deliveries.map((one) => one.close(endOf(result))))
    },
  }
}
