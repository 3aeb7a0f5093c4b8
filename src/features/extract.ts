/** A run's features of pictures as a file of another program. What was computed is kept as it comes, so that it need not be again. */
import * as fs from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, isLasting, missing, rejected } from '../base/failure'
import { fileFailure } from '../base/fileFailure'
import { isThere } from '../base/isThere'
import { makeFolders } from '../base/makeFolders'
import type { NetworkName } from '../base/networkName'
import { elements } from '../base/shape'
import { turn } from '../base/turn'
import { located } from '../dsl/located'
import type { Registry } from '../dsl/registry'
import type { Backend } from '../engine/backends'
import type { Prepared } from '../engine/computer'
import type { Engine } from '../engine/engine'
import { openEngine } from '../engine/openEngine'
import { guarded } from '../engine/thrown'
import { weightTensors } from '../evaluate/compute'
import { normalized, paddedTo } from '../evaluate/images'
import type { Model } from '../evaluate/model'
import { IMAGES } from '../evaluate/outputs'
import { readModel } from '../evaluate/readModel'
import { EVALUATION_MARGIN, transform } from '../evaluate/transform'
import type { Size } from '../image/crop'
import type { Picture } from '../image/picture'
import type { Source } from '../io/source'
import type { Training } from '../ops/slots'
import { readDesign } from '../program/design'
import { below } from '../program/stateNames'
import { readPipelineIn } from '../store/pipelineFile'
import type { FetchEvent } from '../wheels/events'
import type { FeatureFormat, Labelled } from './format'
import { FEATURE_FORMATS } from './formats'
import type { FormatName } from './names'
import { type TokenChoice, tokenFunction } from './tokens'
import { openUnfinished, type Unfinished } from './unfinished'

export type FeaturesEvent = FetchEvent | { readonly event: 'features'; readonly done: number; readonly total: number }

export interface FeaturesOptions extends TokenChoice {
  readonly to: FormatName
  /** A source as YAML, of pictures of so many channels; by default the run's own. */
  readonly images?: ((channels: 1 | 3) => string) | undefined
  /** The file; by default one in the run's folder, named by what it holds. */
  readonly out?: string | undefined
  /** Height and width of pictures, in pixels; by default those of the global views. */
  readonly size?: Size | undefined
  /** Pictures that are computed together. */
  readonly batch: number
  readonly precision: Training['precision']
  readonly network?: NetworkName | undefined
  readonly backend?: Backend | undefined
  readonly download?: boolean | undefined
  readonly tell: (event: FeaturesEvent) => void
  readonly signal: AbortSignal | undefined
}

export interface Features {
  readonly path: string
  /** The file that tells names and labels, where the format has no room for them. */
  readonly index: string | undefined
  readonly pictures: number
  /** Pictures that couldn't be read, and have no row. */
  readonly damaged: number
  /** Of a row. */
  readonly shape: readonly number[]
  readonly network: NetworkName
  readonly step: number
  readonly usage: string
}

interface Work {
  readonly model: Model
  readonly source: Source
  readonly size: Size
  readonly prepared: Prepared
  readonly options: FeaturesOptions
}

/** What a picture is called, and its class. */
const labelled = ({ path, label, classes }: Source, image: number): Labelled => {
  const own = label(image)
  return { image, name: path?.(image) ?? null, label: own === undefined ? null : (classes[own] ?? null) }
}

/** Rows of prepared pictures, of which there are as many as a batch has or fewer. */
const computed = async ({ model, size, prepared, options: { batch } }: Work, pictures: readonly Picture[]) => {
  // A batch that isn't full would be recorded anew.
  const images = paddedTo(batch, normalized({ ...model.images, size }, pictures))
  const { rows } = await prepared.run({ [IMAGES]: images })
  const shape = rows!.shape.slice(1)
  return { shape, values: rows!.values.subarray(0, pictures.length * elements(shape)) }
}

type Read = readonly { readonly image: number; readonly read: E.Either<Failure, Picture> }[]

const readBatch = async ({ source, options: { batch } }: Work, from: number): Promise<Read> =>
  Promise.all(
    Array.from({ length: Math.min(batch, source.count - from) }, async (_, i) => ({
      image: from + i,
      read: await source.read(from + i),
    })),
  )

/** Computes what is still to be computed. */
const computeAll =
  (work: Work, unfinished: Unfinished): TE.TaskEither<Failure, void> =>
  async () => {
    const { source, size, options } = work
    const { tell, signal, batch } = options
    const prepare = transform({ size, margin: EVALUATION_MARGIN })
    const total = source.count
    let ahead = readBatch(work, unfinished.next)
    for (let from = unfinished.next; from < total; from += batch) {
      tell({ event: 'features', done: from, total })
      const on = await turn(signal)()
      if (E.isLeft(on)) {
        await ahead
        return on
      }
      const read = await ahead
      // The next pictures are decoded while these are computed.
      ahead = readBatch(work, Math.min(total, from + batch))
      const broken = read.flatMap(({ read }) => (E.isLeft(read) && !isLasting(read.left) ? [read.left] : []))[0]
      if (broken !== undefined) return E.left(broken)
      const pictures = read.flatMap(({ read }) => (E.isRight(read) ? [prepare(read.right)] : []))
      const { values } = pictures.length === 0 ? { values: new Float32Array() } : await computed(work, pictures)
      const lines = read.map(({ image, read }) =>
        E.isRight(read)
          ? labelled(source, image)
          : { image, damaged: 'message' in read.left ? read.left.message : 'a mistake in ibot' },
      )
      await unfinished.add(lines, values)
    }
    tell({ event: 'features', done: total, total })
    return E.right(undefined)
  }

const sizeText = ([height, width]: Size): string => `${height}x${width}`

const checkSize = (size: Size, { images: { stride } }: Model): E.Either<Failure, Size> =>
  size.every((side) => side >= stride && side % stride === 0)
    ? E.right(size)
    : E.left(
        missing(
          `pictures of ${size[0]} × ${size[1]} pixels can't be divided into patches of ${stride} × ${stride}`,
          `Use multiples of ${stride}, such as ${size.map((side) => Math.max(1, Math.round(side / stride)) * stride).join('x')}.`,
        ),
      )

const checkPrecision = (
  precision: FeaturesOptions['precision'],
  { name, precisions }: Pick<Engine, 'name' | 'precisions'>,
): E.Either<Failure, void> =>
  precisions.includes(precision)
    ? E.right(undefined)
    : E.left(
        missing(
          `the ${name} backend computes in ${precisions.join(' or ')}, not in ${precision}`,
          `Write '--precision ${precisions[0]}', or choose another '--backend'.`,
        ),
      )

const checkBlocks = ({ blocks, tokens }: TokenChoice, { network, backbone }: Model): E.Either<Failure, void> => {
  const { count, alike } = network.backbone.blocks ?? { count: 1, alike: 1 }
  if (blocks > count)
    return E.left(missing(`'${backbone.name}' has ${count} blocks, and ${blocks} are asked for`, `Take ${count} at most.`))
  return blocks > alike && tokens === 'patch'
    ? E.left(
        missing(
          `the last ${blocks} blocks of '${backbone.name}' don't have the same patches: they are of different stages`,
          `Take ${alike} at most, or '--tokens mean'.`,
        ),
      )
    : E.right(undefined)
}

/** Where a file goes that must not be there yet. */
const freePath = (path: string): TE.TaskEither<Failure, string> =>
  pipe(
    TE.fromTask<boolean, Failure>(() => isThere(path)),
    TE.chain((there) =>
      there
        ? TE.left(
            missing(`${path} exists, and nothing is overwritten`, "Choose another name with '--out', or move the file away."),
          )
        : TE.right(path),
    ),
  )

const pathOf = (run: string, { out, tokens, blocks }: FeaturesOptions, { ending }: FeatureFormat, { step }: Model): string =>
  out === undefined
    ? join(run, 'features', `${tokens}${blocks === 1 ? '' : `-${blocks}`}-step-${step}${ending}`)
    : out.endsWith(ending)
      ? out
      : `${out}${ending}`

/** Writes what was computed to its place, and removes the rest. */
const finish = (
  { model }: Work,
  unfinished: Unfinished,
  format: FeatureFormat,
  path: string,
  about: Readonly<Record<string, string>>,
): TE.TaskEither<Failure, Features> => {
  // With the file's whole name: those of two formats may hold other pictures.
  const index = format.index ? `${path}.index.jsonl` : undefined
  const temporary = `${path}.unfinished`
  return pipe(
    TE.tryCatch(() => unfinished.rows(about), fileFailure(`cannot read what was computed for ${path}`)),
    TE.chainFirst((rows) => format.write(rows, temporary)),
    TE.chainFirst((rows) =>
      TE.tryCatch(
        async () => {
          if (index !== undefined) {
            const file = await fs.open(index, 'w')
            for await (const some of rows.pictures())
              await file.appendFile(some.map((one) => `${JSON.stringify(one)}\n`).join(''))
            await file.close()
          }
          await fs.rename(temporary, path)
          await unfinished.remove()
        },
        fileFailure(`cannot write ${path}`),
      ),
    ),
    TE.map(({ count, damaged, shape }) => ({
      ...{ path, index, pictures: count, damaged, shape },
      ...{ network: model.which, step: model.step, usage: format.usage(path) },
    })),
    TE.orElseFirstTaskK(() => () => fs.rm(temporary, { force: true })),
  )
}

/** The features of the run in a folder, by its newest checkpoint. */
export const extractFeatures = (registry: Registry, run: string, options: FeaturesOptions): TE.TaskEither<Failure, Features> => {
  const { tell, signal, backend, download, network, images, tokens, blocks, precision, to } = options
  const notify = (message: string) => tell({ event: 'note', message })
  const format = FEATURE_FORMATS[to]
  return guarded(
    pipe(
      TE.Do,
      TE.bind('pipeline', () => readPipelineIn(run)),
      TE.bind('model', () => readModel(registry, run, { network, withHead: false })),
      TE.bind('read', ({ pipeline: { path, text }, model }) =>
        pipe(
          readDesign(registry, path, text, {
            set: images === undefined ? [] : [`dataset=${images(model.images.channels)}`],
          }),
          E.mapLeft(rejected),
          TE.fromEither,
        ),
      ),
      TE.bind('source', ({ read: { design, document } }) =>
        TE.mapLeft(located(document))(design.dataset.meaning(notify, { download })),
      ),
      TE.chainFirstEitherK(({ source, model: { images } }) =>
        source.channels === images.channels
          ? E.right(undefined)
          : E.left(
              missing(
                `${source.name} has ${source.channels} channels, and the network takes ${images.channels}`,
                `Have its pictures converted: channels: ${images.channels}.`,
              ),
            ),
      ),
      TE.bind('size', ({ model }) => TE.fromEither(checkSize(options.size ?? model.images.size, model))),
      TE.chainFirstEitherK(({ model }) => checkBlocks(options, model)),
      TE.bind('path', ({ model }) => freePath(pathOf(run, options, format, model))),
      TE.chainFirst(({ path }) => TE.tryCatch(() => makeFolders(dirname(path)), fileFailure(`cannot make ${dirname(path)}`))),
      TE.bind('engine', () => openEngine({ backend, download, tell, signal })),
      TE.chainFirstEitherK(({ engine }) => checkPrecision(precision, engine)),
      TE.chain(({ model, source, size, path, engine }) => {
        const held = below(model.which, weightTensors(model, model.weights))
        const prepared = engine.prepare(tokenFunction(model, options), held, { precision, often: true })
        const work = { model, source, size, prepared, options }
        const about = {
          ...{ run, network: model.which, step: String(model.step), tokens, blocks: String(blocks), size: sizeText(size) },
          ...{ source: source.name, fingerprint: source.fingerprint, precision },
        }
        return pipe(
          // The shape of a row is that of a picture of nothing.
          TE.fromTask<Awaited<ReturnType<typeof computed>>, Failure>(() => computed(work, [])),
          TE.chain(({ shape }) => openUnfinished(`${path}.unfinished.d`, { ...about, backend: engine.name }, shape)),
          TE.chainFirst((unfinished) =>
            pipe(
              computeAll(work, unfinished),
              TE.orElseFirstTaskK(() => unfinished.close),
            ),
          ),
          TE.chain((unfinished) => finish(work, unfinished, format, path, about)),
          TE.chainFirstIOK(() => prepared.dispose),
          TE.orElseFirstIOK(() => prepared.dispose),
        )
      }),
    ),
  )
}
