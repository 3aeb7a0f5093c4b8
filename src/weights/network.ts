/** A network's weights from any file that is read here, under the names of the official code: `backbone.…` and `head.…`. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import type { NetworkName } from '../base/networks'
import type { Entry } from '../io/dtype'
import { HUGGING_FACE, HUGGING_FACE_SWIN, type NameTable, officialPart, TIMM, timmSwinName } from '../nn/names'
import { withoutRegisterRows } from '../nn/position'
import { type Tensors, tensorsOf, unusable } from './tensors'

export interface Values {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export interface NetworkWeights {
  readonly path: string
  /** Whose names the file has. */
  readonly names: 'official' | 'timm' | 'Hugging Face'
  /** By official names. What the file has besides keeps its own name. */
  readonly weights: ReadonlyMap<string, Values>
}

const BACKBONE = 'backbone.'
const HEAD = 'head.'

/** Prefixes of models that have the backbone as a part. */
const MODELS = /^(?:backbone|encoder|model|vit|swin|visual|trunk|base_model)\./

export const valuesOf = ({ shape, data }: Entry): Values => ({
  shape,
  data: data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number | bigint>, Number),
})

const FLOATS: readonly Entry['dtype'][] = ['F32', 'F64']

/** Tensors stacked along the first axis. */
const stacked = (parts: readonly Values[]): Values => {
  const [first] = parts
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0))
  let at = 0
  for (const part of parts) {
    data.set(part.data, at)
    at += part.data.length
  }
  const rows = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 1), 0)
  return { shape: [rows, ...first!.shape.slice(1)], data }
}

/** Renamed by a table; whatever the table doesn't know, or only a part of, keeps its name. */
const renamed = (tensors: ReadonlyMap<string, Values>, table: NameTable): ReadonlyMap<string, Values> => {
  const whole = new Map<string, Values>()
  const pieces = new Map<string, (readonly [name: string, values: Values] | undefined)[]>()
  for (const [name, values] of tensors) {
    const official = officialPart(table, name)
    if (official === undefined) whole.set(name, values)
    else if (official.parts === 1) whole.set(`${BACKBONE}${official.name}`, values)
    else {
      const own = pieces.get(official.name) ?? Array.from({ length: official.parts }, () => undefined)
      own[official.part] = [name, values]
      pieces.set(official.name, own)
    }
  }
  for (const [name, parts] of pieces) {
    const found = parts.filter((part) => part !== undefined)
    if (found.length === parts.length) whole.set(`${BACKBONE}${name}`, stacked(found.map(([, values]) => values)))
    else for (const [own, values] of found) whole.set(own, values)
  }
  return whole
}

/** Names without the prefix of a model around the backbone, if there is one and it has no head beside it. */
const unwrapped = (tensors: ReadonlyMap<string, Values>): ReadonlyMap<string, Values> => {
  const names = [...tensors.keys()]
  // Hugging Face's own names begin with `encoder.` and `embeddings.`.
  const prefix = names.some((name) => /^(cls_token|patch_embed\.|embeddings\.)/.test(name))
    ? undefined
    : names.map((name) => MODELS.exec(name)?.[0]).find((found) => found !== undefined)
  if (prefix === undefined) return tensors
  return new Map([...tensors].map(([name, values]) => [name.startsWith(prefix) ? name.slice(prefix.length) : name, values]))
}

const isBackbone = (name: string): boolean =>
  /^(cls_token|pos_embed|register_tokens|patch_embed|masked_embed|blocks|layers|norm|fc_norm)\b/.test(name)

/**
 * A network of timm's with register tokens. Its position table has rows for them too, behind that of [CLS], or none but for
 * patches (`no_embed_class`); here it has one for [CLS], and nothing is added to registers.
 */
const withoutRegisterPositions = (weights: ReadonlyMap<string, Values>): ReadonlyMap<string, Values> => {
  const names = [`${BACKBONE}register_tokens`, `${BACKBONE}pos_embed`] as const
  const [tokens, table] = names.map((name) => weights.get(name))
  if (tokens?.shape.length !== 3 || table?.shape.length !== 3) return weights
  const [registers, rows, width] = [tokens.shape[1]!, table.shape[1]!, table.shape[2]!]
  const isSquare = (cells: number): boolean => cells > 0 && Number.isInteger(Math.sqrt(cells))
  if (isSquare(rows - 1 - registers)) {
    const { table: data, rows: added } = withoutRegisterRows(table.data, width, registers)
    return new Map([
      ...weights,
      [names[0], { shape: tokens.shape, data: tokens.data.map((x, i) => x + added[i]!) }],
      [names[1], { shape: [1, rows - registers, width], data }],
    ])
  }
  if (!isSquare(rows)) return weights
  const data = new Float32Array((1 + rows) * width)
  data.set(table.data, width)
  return new Map([...weights, [names[1], { shape: [1, 1 + rows, width], data }]])
}

/** Official names for all that has one. */
export const officialNames = (tensors: ReadonlyMap<string, Values>): Omit<NetworkWeights, 'path'> => {
  const names = [...tensors.keys()]
  if (
    names.some((name) => name.startsWith(`${BACKBONE}cls_token`) || name.startsWith(`${BACKBONE}patch_embed`)) &&
    names.some((name) => name.startsWith(HEAD))
  )
    return { names: 'official', weights: tensors }
  const bare = unwrapped(tensors)
  const isHuggingFace = [...bare.keys()].some((name) => name.startsWith('embeddings.'))
  if (isHuggingFace) {
    const isSwin = [...bare.keys()].some((name) => name.startsWith('encoder.layers.'))
    return { names: 'Hugging Face', weights: renamed(bare, isSwin ? HUGGING_FACE_SWIN : HUGGING_FACE) }
  }
  const isTimm = [...bare.keys()].some((name) => name.endsWith('.ls1.gamma') || name === 'reg_token')
  if (isTimm) return { names: 'timm', weights: withoutRegisterPositions(renamed(bare, TIMM)) }
  const stages = [...bare.keys()].filter((name) => /^layers\.\d+\.downsample\./.test(name))
  if (stages.length > 0 && !stages.some((name) => name.startsWith('layers.0.')))
    return {
      names: 'timm',
      weights: new Map([...bare].map(([name, values]) => [isBackbone(name) ? `${BACKBONE}${timmSwinName(name)}` : name, values])),
    }
  return {
    names: 'official',
    weights: new Map([...bare].map(([name, values]) => [isBackbone(name) ? `${BACKBONE}${name}` : name, values])),
  }
}

/** What the official code computes anew where it isn't read: tables and counters. */
const COMPUTED = /(?:^|\.)(?:relative_position_index|attn_mask|num_batches_tracked|position_ids)$/

const floatsOf = (tensors: Tensors): ReadonlyMap<string, Values> =>
  new Map(
    [...tensors].flatMap(([name, entry]) =>
      COMPUTED.test(name) || !FLOATS.includes(entry.dtype) ? [] : [[name, valuesOf(entry)] as const],
    ),
  )

/** Reads the weights of a network; of the one that is asked for, where a file has both. */
export const readNetwork = (path: string, network: NetworkName): TE.TaskEither<Failure, NetworkWeights> =>
  pipe(
    tensorsOf(path, network),
    TE.map((tensors) => ({ path, ...officialNames(floatsOf(tensors)) })),
    TE.filterOrElse(
      ({ weights }) => [...weights.keys()].some((name) => name.startsWith(BACKBONE)),
      ({ weights }) =>
        unusable(
          path,
          `none of its ${weights.size} weights has a name of a backbone known here (${[...weights.keys()].slice(0, 3).join(', ')}, …)`,
        ),
    ),
  )
