/** TensorBoard's events of a run, written beside its metrics while it trains; the training never waits for them. */
import { closeSync, openSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import type { Failure } from '../base/failure'
import { toPng } from '../io/encode'
import { fileFailure } from '../io/files'
import { eventMessage, type SummaryValue, type TfEvent, tfRecord } from '../io/tfevents'
import { seenPictures } from '../loader/seen'
import type { Opened } from '../program/openPlan'
import type { Saved } from '../store/checkpoint'
import type { RunFolder } from '../store/folder'
import { viewsSheet } from '../view/sheet'
import type { RunEvent } from './events'
import { weightHistograms } from './histograms'
import { measuredIn } from './measured'

export interface EventFile {
  /** Takes events to be written; returns at once. */
  readonly write: (step: number, what: TfEvent['what']) => void
  /** Waits until all that was taken is written. */
  readonly close: () => Promise<void>
}

/** A file that wasn't there, named after `base` and a number. Where none can be made, writing to it will tell. */
const newFile = (base: string): string => {
  for (let number = 0; ; number++) {
    const path = `${base}.${number}`
    try {
      closeSync(openSync(path, 'wx'))
      return path
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return path
    }
  }
}

/**
 * A new event file in a folder. TensorBoard reads a folder's files in the order of their names, which begin with the time.
 * What can't be written is told once, and then no more is tried: metrics.jsonl holds the same numbers.
 */
export const newEventFile = (folder: string, lost: (failure: Failure) => void, now: () => number = Date.now): EventFile => {
  const seconds = String(Math.floor(now() / 1000)).padStart(10, '0')
  const path = newFile(join(folder, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}`))
  let waiting: Uint8Array[] = []
  let writing: Promise<void> | undefined
  let broken = false

  const drain = async (): Promise<void> => {
    try {
      while (waiting.length > 0) {
        const records = waiting
        waiting = []
        await appendFile(path, Buffer.concat(records))
      }
    } catch (error) {
      broken = true
      waiting = []
      lost(fileFailure(`cannot write ${path}`)(error))
    }
    writing = undefined
  }
  const write: EventFile['write'] = (step, what) => {
    if (broken) return
    waiting.push(tfRecord(eventMessage({ wallTime: now() / 1000, step, what })))
    writing ??= drain()
  }
  write(0, 'begin')
  return { write, close: async () => writing }
}

/** How many pictures are shown with their views and masks. */
const PICTURES = 8

const scalar = ([tag, value]: readonly [string, number]): SummaryValue => ({ tag, scalar: value })

export interface Board {
  readonly tell: (event: RunEvent) => void
  /** Takes the weights of a checkpoint as histograms. */
  readonly show: (saved: Saved) => Promise<void>
  readonly close: () => Promise<void>
}

/** Writes what a run tells, from `step` on, and first of all what its networks see. */
export const tensorboard = (folder: RunFolder, opened: Opened, step: number, notify: (message: string) => void): Board => {
  const file = newEventFile(folder.path, (failure) =>
    notify(`without events for TensorBoard from here on: ${'message' in failure ? failure.message : String(failure)}`),
  )
  if (step > 0) file.write(step + 1, 'restart')
  const measured = measuredIn(opened.span.steps)
  const shown = showViews(opened, step, file).catch((error: unknown) => notify(`no views for TensorBoard: ${error}`))
  return {
    tell: (event) => {
      const told = measured(event)
      if (told !== undefined) file.write(told.step, Object.entries(told.numbers).map(scalar))
    },
    show: async ({ state, progress }) => file.write(progress.step, await weightHistograms(state)),
    close: async () => {
      await shown
      await file.close()
    },
  }
}

const showViews = async (opened: Opened, step: number, file: EventFile): Promise<void> => {
  const pictures = await seenPictures(opened, step, PICTURES)()
  // Pictures that can't be read are the training's to tell.
  if (E.isLeft(pictures)) return
  const sheet = await viewsSheet(pictures.right.pictures)
  file.write(step, [{ tag: 'views', png: await toPng(sheet), width: sheet.width, height: sheet.height }])
}
