/** Which weights there are, in which order, and which of them decay. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as t from 'io-ts'
import { pipeline } from '../../src/dsl/plan'
import {
  adamw,
  clsDistillation,
  dataset,
  emaTeacher,
  maskedImageModeling,
  masking,
  projectionHead,
  random,
  randomResizedCrop,
  shapes,
  swin,
  train,
  views,
  vit,
} from '../../src/ops/all'
import { registry } from '../../src/ops/registry'
import { designOf } from '../../src/program/design'
import { type Program, programOf } from '../../src/program/program'
import { knownAs } from './alias'
import { type Check, holds, notBuilt, same } from './check'
import { isDerived } from './encoder'
import { described, type Fixture } from './fixture'
import { HeadDescription, headParameters } from './head'
import { SwinConfig, swinParameters } from './swin'
import { VitConfig, vitParameters } from './vit'

const Group = t.type({
  arch: t.string,
  decay: t.array(t.string),
  no_decay: t.array(t.string),
  not_optimised: t.array(t.string),
  group1_weight_decay: t.literal(0),
  head: HeadDescription,
  shapes: t.record(t.string, t.array(t.number)),
  state_dict_keys: t.array(t.string),
})
const Description = t.type({ config: t.UnknownRecord, groups: t.record(t.string, Group) })
type Group = t.TypeOf<typeof Group>

interface Architecture {
  readonly stage: ReturnType<typeof vit>
  /** Side of the pictures that it is made for. */
  readonly size: number
}

const architecture = (config: unknown): E.Either<unknown, Architecture> =>
  pipe(
    VitConfig.decode(config),
    E.map((found) => ({ stage: vit(vitParameters(found)), size: found.img_size })),
    E.alt(
      (): E.Either<t.Errors, Architecture> =>
        pipe(
          SwinConfig.decode(config),
          E.map((found) => ({ stage: swin(swinParameters(found)), size: found.img_size })),
        ),
    ),
  )

const programFor = ({ stage, size }: Architecture, { head }: Group): Program => {
  const plan = pipe(
    pipeline('groups'),
    dataset(shapes()),
    views({ global: [{ times: 2, augment: randomResizedCrop({ size, scale: [0.5, 1] }) }] }),
    masking(random({ ratio: 0.4 })),
    stage,
    projectionHead(headParameters(head)),
    emaTeacher(),
    clsDistillation(),
    maskedImageModeling(),
    adamw({ lr: 0 }),
    train({ batch: 2, epochs: 1 }),
  )
  const design = designOf(registry, plan)
  if (E.isLeft(design)) throw new RangeError(`the plan is refused: ${JSON.stringify(design.left)}`)
  return programOf(design.right, { batch: 2, stepsPerEpoch: 1, steps: 1 }, 3)
}

const checkGroup = (name: string, group: Group, program: Program): readonly Check[] => {
  const student = Object.keys(program.state).flatMap((full) => /^student\.(.*)/.exec(full)?.[1] ?? [])
  const buffer = /running_|num_batches/
  const weights = student.filter((one) => !buffer.test(one))
  const known = (one: string) => student.includes(one)
  const moved = program.trainable
  return [
    same(`${name}/decay`, moved.filter(program.decays), group.decay),
    same(
      `${name}/no_decay`,
      moved.filter((one) => !program.decays(one)),
      group.no_decay,
    ),
    same(
      `${name}/not_optimised`,
      weights.filter((one) => !moved.includes(one)),
      group.not_optimised,
    ),
    same(
      `${name}/shapes`,
      weights.map((one) => [one, ...program.state[`student.${one}`]!.shape]).toSorted(),
      Object.entries(group.shapes)
        .map(([one, shape]) => [one, ...shape])
        .toSorted(),
    ),
    same(
      `${name}/state_dict_keys`,
      weights,
      group.state_dict_keys.filter((one) => knownAs(one, known) === one && !buffer.test(one)),
    ),
    holds(
      `${name}/aliases`,
      group.state_dict_keys.every((one) => knownAs(one, known) !== undefined || isDerived(one)),
      'a key of the state dict is not in the state',
    ),
  ]
}

export const checkParamGroups = async (fixture: Fixture): Promise<readonly Check[]> => {
  const { config, groups } = described(Description, fixture)
  return Object.entries(groups).flatMap(([name, group]) => {
    const backbone = architecture(config[group.arch])
    return E.isLeft(backbone) ? [notBuilt(name)] : checkGroup(name, group, programFor(backbone.right, group))
  })
}
