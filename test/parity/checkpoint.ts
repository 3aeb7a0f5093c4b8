/** A checkpoint of the official code, in both formats of PyTorch: everything in it, and what its networks compute. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import * as t from 'io-ts'
import { type Failure, missing } from '../../src/base/failure'
import type { Entry } from '../../src/io/dtype'
import { type OfficialCheckpoint, officialOf, type StateDict } from '../../src/io/torch/official'
import { type StoredTensor, withTorchCheckpoint } from '../../src/io/torchCheckpoint'
import { evaluation, type WeightSpecs } from '../../src/nn/layer'
import { projectionHead, vit } from '../../src/ops/all'
import type { Backbone, ProjectionHead } from '../../src/ops/slots'
import { knownAs } from './alias'
import { type Check, gives, holds, near, same, wrong } from './check'
import { described, type Fixture } from './fixture'
import { HeadDescription, headParameters, headTypes } from './head'
import { images } from './layout'
import { built } from './ops'
import { VitConfig, vitParameters } from './vit'

const Description = t.type({
  config: t.intersection([VitConfig, HeadDescription, t.type({ epoch: t.number })]),
  args: t.intersection([t.UnknownRecord, t.partial({ act_in_head: headTypes.act, norm_in_head: headTypes.norm })]),
  keys: t.type({
    top: t.array(t.string),
    student: t.array(t.string),
    teacher: t.array(t.string),
    ibot_loss: t.array(t.string),
  }),
  shapes: t.record(t.string, t.array(t.number)),
  optimizer: t.type({
    group_params: t.array(t.array(t.number)),
    lr: t.number,
    param_order: t.array(t.string),
    step: t.record(t.string, t.number),
    weight_decay: t.array(t.number),
  }),
})
type Description = t.TypeOf<typeof Description>

const EXACT = { atol: 0, rtol: 0 }

/** All tensors of a checkpoint, by the names that the reference's keys have, wrappers left out. */
interface Content {
  readonly official: OfficialCheckpoint
  readonly tensors: ReadonlyMap<string, Entry>
  readonly steps: ReadonlyMap<number, number>
}

type Read = (tensor: StoredTensor) => TE.TaskEither<Failure, Entry>

const readAll =
  (read: Read) =>
  (tensors: readonly (readonly [string, StoredTensor])[]): TE.TaskEither<Failure, ReadonlyMap<string, Entry>> =>
    pipe(
      tensors,
      TE.traverseSeqArray(([name, tensor]) => TE.map((entry: Entry) => [name, entry] as const)(read(tensor))),
      TE.map((pairs) => new Map(pairs)),
    )

const below = (prefix: string, tensors: StateDict) => [...tensors].map(([name, tensor]) => [`${prefix}${name}`, tensor] as const)

const contentOf = (path: string): TE.TaskEither<Failure, Content> =>
  withTorchCheckpoint(path, ({ value, read }) =>
    pipe(
      TE.fromEither(officialOf(value)),
      TE.mapLeft((why) => missing(why, '')),
      TE.bindTo('official'),
      TE.bind('tensors', ({ official }) =>
        readAll(read)([
          ...below('student/', official.student),
          ...below('teacher/', official.teacher),
          ...below('ibot_loss/', official.losses),
          ...[...(official.optimizer?.moments ?? [])].flatMap(([i, { tensors }]) => below(`optimizer/state.${i}.`, tensors)),
        ]),
      ),
      TE.bind('steps', ({ official }) =>
        pipe(
          [...(official.optimizer?.moments ?? [])],
          TE.traverseSeqArray(([i, { step }]) =>
            typeof step === 'object'
              ? TE.map(({ data }: Entry) => [i, Number(data[0])] as const)(read(step))
              : TE.right([i, step ?? Number.NaN] as const),
          ),
          TE.map((pairs) => new Map(pairs)),
        ),
      ),
    ),
  )

const unwrapped = (names: readonly string[]): readonly string[] => names.map((name) => name.replace(/^module\./, ''))

const checkParts = (d: Description, { official, tensors, steps }: Content): readonly Check[] => {
  const { optimizer, args = {} } = official
  // The reference lists the teacher's shapes; what only the student has, is measured by itself.
  const shapeOf = (name: string): readonly number[] => d.shapes[name] ?? tensors.get(`student/${name}`)?.shape ?? []
  const shaped = [...tensors].filter(([name]) => /^(student|teacher)\//.test(name))
  return [
    same('names/top', official.parts, d.keys.top),
    same('names/student', [...official.student.keys()], unwrapped(d.keys.student)),
    same('names/teacher', [...official.teacher.keys()], unwrapped(d.keys.teacher)),
    same('names/ibot_loss', [...official.losses.keys()], d.keys.ibot_loss),
    same(
      'names/optimizer',
      (optimizer?.groups ?? []).map(({ weights }) => weights),
      d.optimizer.group_params,
    ),
    same('epoch', [official.epoch], [d.config.epoch]),
    same('args', Object.entries(args).sort(), Object.entries(d.args).sort()),
    ...shaped.map(([name, { shape }]) => same(`shape/${name}`, shape, shapeOf(name.replace(/^\w+\//, '')))),
    near(
      'optimizer/lr',
      (optimizer?.groups ?? []).map(({ options }) => Number(options.lr)),
      d.optimizer.group_params.map(() => d.optimizer.lr),
      EXACT,
    ),
    near(
      'optimizer/weight_decay',
      (optimizer?.groups ?? []).map(({ options }) => Number(options.weight_decay)),
      d.optimizer.weight_decay,
      EXACT,
    ),
    ...d.optimizer.param_order.flatMap((name, i) => {
      // The optimizer keeps nothing of a weight that had no gradient yet, as the last layer while it is frozen.
      const kept = d.optimizer.step[i] !== undefined
      return [
        near(`optimizer/step/${name}`, [steps.get(i) ?? Number.NaN], [d.optimizer.step[i] ?? Number.NaN], EXACT),
        ...['exp_avg', 'exp_avg_sq'].map((moment) =>
          same(
            `shape/optimizer/${name}.${moment}`,
            tensors.get(`optimizer/state.${i}.${moment}`)?.shape ?? ['nothing'],
            kept ? shapeOf(name) : ['nothing'],
          ),
        ),
      ]
    }),
  ]
}

/** The tensors that the reference took out of its own checkpoint: bit by bit. */
const checkRaw = (fixture: Fixture, { tensors }: Content): readonly Check[] =>
  fixture.names
    .filter((name) => name.startsWith('expect/'))
    .map((name) => {
      const entry = tensors.get(name.slice('expect/'.length).replace('/module.', '/'))
      if (entry === undefined) return wrong(name, 'is not in the checkpoint')
      const { shape } = entry
      return same(name, [...shape, ...Array.from(entry.data, Number)], [...fixture.shape(name), ...fixture.floats(name)])
    })

const checkOutputs = (fixture: Fixture, { config, args }: Description, content: Content): Promise<readonly Check[]> => {
  const input = { channels: 3, size: config.img_size } as const
  const pictures = images(fixture, 'in/images')
  const backbone = built<Backbone>(vit.spec, vitParameters(config))
  const heads = built<ProjectionHead>(
    projectionHead.spec,
    headParameters({ act: args.act_in_head, norm: args.norm_in_head, ...config }),
  )
  const read = (who: string) => (name: string) => {
    const entry = content.tensors.get(`${who}/${name}`)
    if (entry === undefined) throw new RangeError(`${who} has no ${name}`)
    return tf.tensor(Float32Array.from(entry.data as Float32Array), [...entry.shape])
  }
  const split = (who: string, tokens: tf.Tensor): Readonly<Record<string, tf.Tensor>> => {
    const [batch, count, width] = tokens.shape as [number, number, number]
    return {
      [`out/${who}/cls`]: tf.reshape(tf.slice(tokens, [0, 0, 0], [batch, 1, width]), [batch, width]),
      [`out/${who}/patch`]: tf.slice(tokens, [0, 1, 0], [batch, count - 1, width]),
    }
  }
  const tokens = (who: 'student' | 'teacher') =>
    backbone[who](input).tokens((name) => read(who)(`backbone.${name}`), pictures, undefined, evaluation)
  const head = heads.teacher(backbone.width)
  const named = (specs: WeightSpecs) => (name: string) => knownAs(name, (one) => one in specs)
  const ours = Object.keys({ ...head.weights, ...head.buffers })
  const lacking = [...content.official.teacher.keys()]
    .filter((name) => name.startsWith('head.'))
    .filter((name) => named({ ...head.weights, ...head.buffers })(name.slice('head.'.length)) === undefined)
  const taught = tokens('teacher')
  const logits = head.apply((name) => read('teacher')(`head.${name}`), taught, evaluation)
  const outputs = {
    ...split('teacher', taught),
    ...split('student', tokens('student')),
    'out/teacher/head_cls': logits.cls,
    'out/teacher/head_patch': logits.patch!,
  }
  return Promise.all([
    holds('names/head', lacking.length === 0, `${lacking.join(', ')} beside ${ours.join(', ')}`),
    ...Object.entries(outputs)
      .filter(([name]) => fixture.names.includes(name))
      .map(([name, value]) => gives(fixture, name, value)),
  ])
}

/** Every check, for the file of this suffix. */
const checkFile = async (fixture: Fixture, file: string): Promise<readonly Check[]> => {
  const description = described(Description, fixture)
  const content = await contentOf(join(fixture.folder, file))()
  if (E.isLeft(content)) return [wrong(file, 'message' in content.left ? content.left.message : JSON.stringify(content.left))]
  return [
    ...checkParts(description, content.right),
    ...checkRaw(fixture, content.right),
    ...(await checkOutputs(fixture, description, content.right)),
  ].map((check) => ({ ...check, tensor: check.tensor.startsWith('out/') ? check.tensor : `${file}: ${check.tensor}` }))
}

export const checkCheckpoint = async (fixture: Fixture): Promise<readonly Check[]> => {
  const files = [`${fixture.name}.pth`, `${fixture.name}_legacy.pth`].filter((file) => existsSync(join(fixture.folder, file)))
  if (files.length === 0) return [wrong('file', `${fixture.name}.pth is missing`)]
  const checks: Check[] = []
  for (const file of files) checks.push(...(await checkFile(fixture, file)))
  return checks
}
