/** An export from beginning to end: reads a run's network, writes it, and compares what was written with the network. */
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { defect, type Failure, missing } from '../base/failure'
import type { NetworkName } from '../base/networkName'
import { elements } from '../base/shape'
import type { Registry } from '../dsl/registry'
import type { Engine } from '../engine/engine'
import { engineHere, openLibrary } from '../engine/openEngine'
import { failureOf, guarded } from '../engine/thrown'
import { compute } from '../evaluate/compute'
import type { Model } from '../evaluate/model'
import { type ModelOptions, readModel } from '../evaluate/readModel'
import { fileFailure } from '../io/files'
import type { RunEvent } from '../run/events'
import type { FormatOf } from './format'
import { type FormatName, formatOf } from './formats'
import { checked, compared, firstOf, sampleImages } from './parity'
import { inPlace } from './place'

export interface ExportOptions extends ModelOptions {
  readonly to: FormatName
  /** By default a place of the format's below the run's `exports`. */
  readonly out?: string | undefined
  /** Whether TensorFlow's library may be fetched where a format needs it. */
  readonly download: boolean
  readonly tell: (event: RunEvent) => void
  readonly signal?: AbortSignal | undefined
}

export interface Exported {
  readonly path: string
  readonly network: NetworkName
  /** Steps of training. */
  readonly step: number
  /** Numbers in its weights. */
  readonly parameters: number
  /** Bytes of all that was written. */
  readonly bytes: number
  /** The worst difference of an output to the run's network, as a share of its largest value. */
  readonly difference: number
  readonly images: number
  /** A line of code that loads it. */
  readonly usage: string
}

const SAMPLES = 3

/** Bytes of a file, or of all files in a folder. */
const sizeOf = async (path: string): Promise<number> => {
  const found = await fs.stat(path)
  if (!found.isDirectory()) return found.size
  const inside = await Promise.all((await fs.readdir(path)).map((name) => sizeOf(join(path, name))))
  return inside.reduce((sum, bytes) => sum + bytes, 0)
}

/** Writes a model, and compares what was written with it; what differs isn't kept. */
const written = <E extends Engine>(
  format: FormatOf<E>,
  engine: E,
  model: Model,
  { to, run, out = join(run, 'exports', format.path(model)) }: Pick<ExportOptions, 'to' | 'out'> & { readonly run: string },
): TE.TaskEither<Failure, Exported> => {
  const images = sampleImages(model, SAMPLES)
  return pipe(
    TE.Do,
    TE.bind('difference', () =>
      inPlace(out, format.isFolder, (temporary) =>
        pipe(
          TE.Do,
          TE.chainFirst(() => format.write(model, temporary)),
          TE.bind('reference', () => TE.tryCatch(() => compute(engine, model, model.weights, images), failureOf)),
          TE.bind('all', () => format.compute(model, temporary, engine, images)),
          // A single image as well: the number of images isn't fixed.
          TE.bind('one', () => format.compute(model, temporary, engine, firstOf(images))),
          TE.chainEitherK(({ reference, all, one }) =>
            checked(
              [...all, ...one].map((found) => compared(found, reference)),
              to,
            ),
          ),
        ),
      ),
    ),
    TE.bind('bytes', () => TE.tryCatch(() => sizeOf(out), fileFailure(`cannot read ${out}`))),
    TE.map(({ difference, bytes }) => ({
      path: out,
      network: model.which,
      step: model.step,
      parameters: Object.values(model.specs).reduce((sum, { shape }) => sum + elements(shape), 0),
      bytes,
      difference,
      images: SAMPLES,
      usage: format.usage(model, out),
    })),
  )
}

/** A head can be exported only where there is one. */
const withItsHead =
  (run: string) =>
  (model: Model): E.Either<Failure, Model> =>
    model.withHead && model.network.head.prototypes.cls === 0
      ? E.left(missing(`the network of the run in ${run} has no projection head`, "Leave '--with-head' out."))
      : E.right(model)

/** Exports the newest checkpoint of the run in a folder. */
export const exportRun = (registry: Registry, run: string, options: ExportOptions): TE.TaskEither<Failure, Exported> => {
  const { to, download, tell, signal } = options
  return guarded(
    pipe(
      TE.Do,
      TE.bind('format', () => TE.tryCatch(() => formatOf(to), defect)),
      TE.bind('model', () => TE.chainEitherK(withItsHead(run))(readModel(registry, run, options))),
      TE.chain(({ format, model }) =>
        format.needsLibrary
          ? pipe(
              openLibrary({ download, tell, signal }),
              TE.chain((engine) => written(format, engine, model, { ...options, run })),
            )
          : pipe(
              engineHere,
              TE.chain((engine) => written(format, engine, model, { ...options, run })),
            ),
      ),
    ),
  )
}
