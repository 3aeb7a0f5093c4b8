/** Whole training runs, step by step: the program that `ibot run` uses, on a fixture's images and masks. */
import * as tf from '@tensorflow/tfjs-core'
import type { HostBatch, InterpreterState } from '../../src/engine/interpreter'
import { tidy } from '../../src/nn/tidy'
import type { Program } from '../../src/program/program'
import { gradientNoise, keyBias, noiseOf } from '../program/invariance'
import { knownAs } from './alias'
import { currentEngine } from './backend'
import { type Check, gives, holds, matches, near, same } from './check'
import { described, type Fixture } from './fixture'
import { images, mask } from './layout'
import { Description, namesOf, type Step, WHO, type Who } from './trainDescription'
import { programOfConfig, type TrainConfig } from './trainPlan'

const EXACT = { atol: 1e-12, rtol: 1e-12 }

const norm = (values: ArrayLike<number>): number => {
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += values[i]! ** 2
  return Math.sqrt(squares)
}

/** The state with both networks' weights from the fixture. */
const firstState = (fixture: Fixture, program: Program): InterpreterState => ({
  ...program.init(0),
  ...Object.fromEntries(
    WHO.flatMap((who) => namesOf(program, who).map((name) => [`${who}.${name}`, fixture.floats(`${who}_init/${name}`)])),
  ),
})

/** The images and masks of a step, as an interpreter takes them. */
const batchOf = async (fixture: Fixture, config: TrainConfig, step: number): Promise<HostBatch> => {
  const upTo = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)
  const joined = (parts: () => readonly tf.Tensor[]) =>
    tidy(() => ({ values: tf.concat([...parts()]).data() as Promise<Float32Array> })).values
  const view = (i: number) => images(fixture, `step${step}/images.${i}`)
  const global = upTo(0, config.global_crops_number)
  const local = upTo(config.global_crops_number, config.local_crops_number)
  const [seen, hidden, ...others] = await Promise.all([
    joined(() => global.map(view)),
    joined(() => global.map((i) => mask(fixture, `step${step}/mask.${i}`))),
    ...(local.length > 0 ? [joined(() => local.map(view))] : []),
  ])
  return { global: seen, local: others, mask: hidden, draws: {} }
}

/** Of logits of all tokens [V·B · (1 + N), K], those of patches [V·B · N, K]. */
const patchesOnly = (logits: tf.Tensor2D, { batch: { global, grid } }: Program): tf.Tensor => {
  const patches = grid.height * grid.width
  return tf.slice(tf.reshape(logits, [global[0], 1 + patches, -1]), [0, 1, 0], [global[0], patches, -1])
}

/** The logits of the first step. */
const checkLogits = (fixture: Fixture, program: Program, state: InterpreterState, host: HostBatch): Promise<readonly Check[]> => {
  const checks: Promise<Check>[] = []
  tf.tidy(() => {
    const tensors = Object.fromEntries(
      Object.entries(program.state).map(([name, { shape }]) => [name, tf.tensor(state[name]!, [...shape])]),
    )
    const batch = {
      global: tf.tensor4d(host.global, [...program.batch.global]),
      local: host.local.map((values, i) => tf.tensor4d(values, [...program.batch.local[i]!])),
      mask: tf.tensor2d(host.mask!, [...program.batch.mask!]),
      rows: undefined,
      draws: {},
    }
    const { outputs: taught } = program.teach!(tensors, batch)
    const studied = program.study(tensors, batch)
    const local = studied.cls.slice(program.batch.views)
    const check = (name: string, value: tf.Tensor) => gives(fixture, `step0/out/${name}`, value)
    checks.push(
      check('teacher_cls', taught.cls),
      check('teacher_patch', tf.reshape(taught.patch().all(), [program.batch.global[0], -1, taught.patch().all().shape[1]])),
      check('student_cls', tf.concat(studied.cls.slice(0, program.batch.views))),
      check('student_patch', patchesOnly(studied.patch().logits, program)),
      ...(local.length > 0 ? [check('student_local_cls', tf.concat([...local]))] : []),
    )
  })
  return Promise.all(checks)
}

/** The numbers that a step takes. */
const checkNumbers = (program: Program, it: number, want: Step): readonly Check[] => {
  const got = program.numbers(it)
  return [
    near(`step${it}/lr`, [got['adamw.lr']!], [want.lr], EXACT),
    near(`step${it}/weight_decay`, [got['adamw.weightDecay']!], [want.weight_decay], EXACT),
    near(`step${it}/momentum`, [got['emaTeacher.momentum']!], [want.momentum], EXACT),
    near(`step${it}/teacher_temp`, [got['clsDistillation.temperature']!], [want.teacher_temp], EXACT),
    near(`step${it}/teacher_patch_temp`, [got['maskedImageModeling.temperature']!], [want.teacher_patch_temp], EXACT),
  ]
}

/** What a step reports, and the weights after it. */
const checkStep = (
  fixture: Fixture,
  { config: { clip_grad: clip } }: Description,
  program: Program,
  it: number,
  want: Step,
  metrics: Readonly<Record<string, number>>,
  after: InterpreterState,
): readonly Check[] => {
  const norms = Object.entries(metrics).flatMap(([name, value]) =>
    name.startsWith('norm.') ? [[name.slice('norm.'.length), value] as const] : [],
  )
  const clipped = norms.filter(([, length]) => clip > 0 && clip / (length + 1e-6) < 1)
  const wantedNorms = want.grad_norms_before_clip
  const scalar = (name: 'loss' | 'cls' | 'patch', got: number | undefined) =>
    near(`step${it}/${name}`, [got ?? Number.NaN], [want[name]], fixture.tolerance('scalars'))
  const lengths = (who: Who): readonly Check[] => {
    const wanted = want[`${who}_param_l2_after_step`]
    return [
      same(`names/step${it} ${who}`, namesOf(program, who).toSorted(), Object.keys(wanted).toSorted()),
      ...Object.entries(wanted)
        // Where a part of a weight is rounding noise that AdamW blows up, so is its norm.
        .filter(([name]) => fixture.excluded(`${who}_final/${name}`).length === 0)
        .map(([name, length]) =>
          near(
            `step${it}/${who}_param_l2/${name}`,
            [norm(after[`${who}.${name}`] ?? [])],
            [length],
            fixture.tolerance('param_l2'),
          ),
        ),
    ]
  }
  return [
    scalar('loss', metrics.loss),
    scalar('cls', metrics['clsDistillation.loss']),
    scalar('patch', metrics['maskedImageModeling.loss']),
    ...checkNumbers(program, it, want),
    same(`names/step${it} gradients`, norms.map(([name]) => name).toSorted(), Object.keys(wantedNorms).toSorted()),
    ...norms.map(([name, length]) =>
      near(
        `step${it}/grad_norm/${name}`,
        [length],
        [wantedNorms[name] ?? Number.NaN],
        fixture.tolerance('grad_norms_before_clip'),
      ),
    ),
    same(`step${it}/n_params_with_grad, n_clipped`, [norms.length, clipped.length], [want.n_params_with_grad, want.n_clipped]),
    ...lengths('student'),
    ...lengths('teacher'),
  ]
}

/** A final weight: every element, and its whole change since the beginning. */
const checkFinal = (fixture: Fixture, who: Who, name: string, got: Float32Array): readonly Check[] => {
  const tensorName = `${who}_final/${name}`
  const limit = fixture.tolerance(tensorName).change_rel_l2
  const element = matches(fixture, tensorName, { values: got })
  if (typeof limit !== 'number') return [element]
  const want = fixture.floats(tensorName)
  const first = fixture.floats(`${who}_init/${name}`)
  const counts = (_: number, i: number) => !fixture.excluded(tensorName).some(([from, to]) => i >= from && i < to)
  const off = norm(got.map((value, i) => value - want[i]!).filter(counts))
  const moved = norm(want.map((value, i) => value - first[i]!).filter(counts))
  return [element, { tensor: `${who}_change/${name}`, share: off / moved / limit }]
}

/** Only biases of keys are not compared, and what makes up for it: that they have no gradient. */
const checkExcluded = (fixture: Fixture, end: InterpreterState): readonly Check[] => [
  ...fixture.names
    .filter((name) => fixture.excluded(name).length > 0)
    .map((name) => same(`excluded/${name}`, fixture.excluded(name), [keyBias(name, fixture.floats(name).length)])),
  { tensor: 'excluded/gradients', share: gradientNoise(end, false) / noiseOf(false) },
]

const checkEnd = (fixture: Fixture, program: Program, { steps, adam_step_count: counts }: Description, end: InterpreterState) => {
  const moving = steps.reduce((sum, _, it) => sum + program.numbers(it)['adamw.last.moving']!, 0)
  return [
    ...WHO.flatMap((who) =>
      fixture.names
        .filter((name) => name.startsWith(`${who}_final/`))
        .flatMap((full) => {
          const name = full.slice(`${who}_final/`.length)
          const known = knownAs(name, (one) => `${who}.${one}` in end)
          return known === undefined
            ? [holds(full, false, 'is not in the state')]
            : checkFinal(fixture, who, name, end[`${who}.${known}`]!)
        }),
    ),
    ...fixture.names
      .filter((name) => name.startsWith('adam/'))
      .map((full) => {
        const [, weight, moment] = full.split('/')
        return matches(fixture, full, { values: end[`optimizer.${weight}.${moment}`] ?? [] })
      }),
    ...Object.entries(counts).map(([name, count]) =>
      near(`adam_step_count/${name}`, [name.includes('last_layer') ? moving : steps.length], [count], EXACT),
    ),
  ]
}

/** Which weights the two networks have, and from which of the student's each of the teacher's starts. */
const checkNetworks = (fixture: Fixture, program: Program, d: Description): readonly Check[] => {
  const [student, teacher] = WHO.map((who) => namesOf(program, who)) as [readonly string[], readonly string[]]
  const init = program.init(1)
  const equal = (a: Float32Array, b: Float32Array) => a.length === b.length && a.every((value, i) => value === b[i])
  const starts = teacher.map((name) => {
    // Lengths all start at 1: they come from where their directions come from.
    const [drawn, back] = name.endsWith('weight_g') ? [name.replace(/g$/, 'v'), 'g'] : [name, 'v']
    const own = init[`teacher.${drawn}`]!
    const source = [drawn, ...student].find((one) => student.includes(one) && equal(own, init[`student.${one}`]!))
    const from = source?.replace(/weight_v$/, `weight_${back}`)
    return holds(
      `teacher_start/${name}`,
      from !== undefined && equal(fixture.floats(`teacher_init/${name}`), fixture.floats(`student_init/${from}`)),
      `from ${from}, unlike in the reference`,
    )
  })
  return [
    same('names/both networks', student.filter((name) => teacher.includes(name)).toSorted(), d.names_common.toSorted()),
    same('names/student only', student.filter((name) => !teacher.includes(name)).toSorted(), d.student_only_names.toSorted()),
    same('names/teacher only', teacher.filter((name) => !student.includes(name)).toSorted(), d.teacher_only_names.toSorted()),
    ...starts,
  ]
}

export const checkTrain = async (fixture: Fixture): Promise<readonly Check[]> => {
  const description = described(Description, fixture)
  const program = programOfConfig(description.config)
  const first = firstState(fixture, program)
  const interpreter = await currentEngine().open(program, first)
  const centers = (name: string, state: InterpreterState): readonly Check[] =>
    ['center', 'center2'].map((one) => matches(fixture, `${name}/${one}`, { values: state[`ibot_loss.${one}`]! }))

  const checks = [
    ...checkNetworks(fixture, program, description),
    ...(await checkLogits(fixture, program, first, await batchOf(fixture, description.config, 0))),
  ]
  let state = first
  for (const [it, want] of description.steps.entries()) {
    const metrics = await interpreter.step(await batchOf(fixture, description.config, it), program.numbers(it))
    state = await interpreter.read()
    checks.push(...checkStep(fixture, description, program, it, want, metrics, state), ...centers(`step${it}`, state))
  }
  interpreter.dispose()
  return [
    ...checks,
    ...centers('final', state),
    ...checkEnd(fixture, program, description, state),
    ...checkExcluded(fixture, state),
  ]
}
