/** The rules of the alarms, on made-up monitors. */
import { expect, test } from 'vitest'
import { ALARMS, type Alarm, look, nothingSeen } from '../../src/run/alarms'

type Monitors = Readonly<Record<string, number>>

/** As in a run that learns. */
const SOUND: Monitors = {
  gradientNorm: 5,
  'student.movement': 2e-3,
  'teacher.movement': 1e-3,
  'teacher.distance': 0.05,
  'input.std': 0.9,
  'input.spread': 1,
  'input.masked': 0.15,
  'clsDistillation.teacherEntropy': 0.4,
  'clsDistillation.studentEntropy': 0.5,
  'clsDistillation.prototypes': 20,
  'clsDistillation.agreement': 0.6,
  'clsDistillation.center.norm': 1.4,
  'clsDistillation.center.gap': 0.3,
  'maskedImageModeling.teacherEntropy': 0.5,
  'maskedImageModeling.prototypes': 40,
  'maskedImageModeling.center.norm': 1.1,
  'maskedImageModeling.center.gap': 0.2,
}

/** What a stream of monitors raises. */
const raisedBy = (steps: number, monitors: (step: number) => Monitors, views = 64, seldom = true): readonly Alarm[] => {
  let watch = nothingSeen
  const raised: Alarm[] = []
  for (let step = 1; step <= steps; step++) {
    const looked = look(watch, { step, monitors: monitors(step) }, { views, seldomMasked: seldom })
    watch = looked.watch
    raised.push(...looked.alarms)
  }
  return raised
}
const names = (alarms: readonly Alarm[]) => alarms.map(({ alarm, step }) => `${alarm} at ${step}`)
const spoilt = (change: Monitors) => () => ({ ...SOUND, ...change })

test('a run that learns raises none, nor one whose monitors are not there', () => {
  expect(raisedBy(1000, () => SOUND)).toEqual([])
  expect(raisedBy(1000, () => ({ gradientNorm: 3 }))).toEqual([])
})

test('a run without a teacher raises none of those that look at one, however far it moves', () => {
  const alone: Monitors = { gradientNorm: 5, 'student.movement': 200, 'input.std': 0.9, 'input.spread': 1 }
  expect(names(raisedBy(200, () => alone))).toEqual(['diverging at 20'])
})

const SPOILT: readonly (readonly [string, Monitors])[] = [
  ['constantInputs at 10', { 'input.std': 0 }],
  ['constantInputs at 10', { 'input.spread': 0.001 }],
  ['nothingMasked at 157', { 'input.masked': 0 }],
  ['frozenTeacher at 30', { 'teacher.movement': 0 }],
  ['copiedTeacher at 20', { 'teacher.distance': 0 }],
  ['deadCenter at 20', { 'clsDistillation.center.norm': 0 }],
  ['forgetfulCenter at 20', { 'maskedImageModeling.center.gap': 0 }],
  ['uniformOutputs at 100', { 'clsDistillation.teacherEntropy': 0.999 }],
  ['oneHotOutputs at 30', { 'clsDistillation.prototypes': 1.1 }],
  ['diverging at 20', { 'student.movement': 0.1 }],
]

test.each(SPOILT)('%s, once, where %o', (alarm, change) => {
  expect(names(raisedBy(400, spoilt(change)))).toEqual([alarm])
})

test('there is a spoilt run for every alarm', () => {
  expect(new Set(SPOILT.map(([alarm]) => alarm.split(' ')[0]))).toEqual(new Set(ALARMS))
})

test('what does not hold for long enough in a row raises nothing', () => {
  expect(raisedBy(400, (step) => ({ ...SOUND, 'clsDistillation.prototypes': step % 30 === 0 ? 9 : 1.1 }))).toEqual([])
})

test('that nothing is hidden is no alarm where masks do hide some at other times, nor once they have', () => {
  const unmasked = { ...SOUND, 'input.masked': 0 }
  expect(raisedBy(400, () => unmasked, 64, false)).toEqual([])
  expect(raisedBy(400, (step) => (step === 5 ? SOUND : unmasked))).toEqual([])
  // A small batch holds few views, a large one few steps.
  expect(names(raisedBy(6000, () => unmasked, 2))).toEqual(['nothingMasked at 5000'])
  expect(names(raisedBy(400, () => unmasked, 2048))).toEqual(['nothingMasked at 100'])
})

test('a teacher that has moved before may stand still at the end of its schedule', () => {
  expect(raisedBy(400, (step) => ({ ...SOUND, 'teacher.movement': step > 100 ? 0 : 1e-4 }))).toEqual([])
})

test('teacher and student may both stand still while the learning rate is 0', () => {
  expect(raisedBy(400, spoilt({ 'student.movement': 0, 'teacher.movement': 0, 'teacher.distance': 0 }))).toEqual([])
})

test('of few tokens nobody expects that they use many prototypes', () => {
  expect(raisedBy(400, spoilt({ 'clsDistillation.prototypes': 1.1 }), 8)).toEqual([])
})

test('cause and remedy depend on what is seen', () => {
  const bare = Object.fromEntries(
    Object.entries(spoilt({ 'clsDistillation.prototypes': 1.84 })()).filter(
      ([name]) => !name.startsWith('clsDistillation.center'),
    ),
  )
  expect(raisedBy(30, () => bare)[0]).toEqual({
    alarm: 'oneHotOutputs',
    step: 30,
    message: 'the teacher uses only a few prototypes: a batch uses 1.8 of them (clsDistillation); its target is not centred',
    remedy: "Center the target before it is sharpened: 'target: [center: 0.9, sharpen: 0.04]'; or use sinkhornKnopp.",
  })
  const [centred] = raisedBy(30, spoilt({ 'clsDistillation.prototypes': 1.84, 'maskedImageModeling.prototypes': 1 }))
  expect(centred!.message).toBe(
    'the teacher uses only a few prototypes: a batch uses 1.8 of them (clsDistillation and maskedImageModeling)',
  )
  expect(centred!.remedy).toMatch(/^A larger batch/)
})
