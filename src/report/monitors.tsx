/** Monitors in groups, each with a sentence on what is healthy: docs/monitors.md in short. */
import type { VNode } from 'preact'
import type { Chart, Placing } from './chart'
import type { Section } from './charts'
import type { Mark } from './drawing'
import { Facts } from './facts'

interface Known {
  /** The end of the name, after that of a loss; or the name. */
  readonly name: string
  /** What is on the axis. */
  readonly axis: string
  readonly healthy: string
}

interface Group {
  readonly title: string
  readonly known: readonly Known[]
}

/** Of each loss that takes targets from a teacher, or tells classes. */
const OF_A_LOSS: readonly Known[] = [
  {
    name: 'teacherEntropy',
    axis: 'share of ln K',
    healthy:
      'How wide the teacher spreads its bets: healthy well below 1 (at 0.98 and more nothing is learnt) and above 0 (all on one prototype).',
  },
  {
    name: 'studentEntropy',
    axis: 'share of ln K',
    healthy: "The same of the student: healthy above the teacher's, which is sharpened, and falling towards it.",
  },
  {
    name: 'prototypes',
    axis: 'prototypes used',
    healthy:
      'How many prototypes a batch uses: healthy where it stays far above 2, and as a rule grows; it cannot exceed the tokens of a batch.',
  },
  {
    name: 'agreement',
    axis: 'share of tokens',
    healthy:
      'How often student and teacher choose the same prototype: healthy where it rises in the long run, without coming to 1.',
  },
  {
    name: 'center.norm',
    axis: 'norm',
    healthy: 'The length of the centre: healthy where it settles at some size; at 0 the centre does nothing.',
  },
  {
    name: 'center.gap',
    axis: 'norm',
    healthy: 'How far a batch is from the centre: healthy where it stays above 0; at 0 the centre keeps nothing of the past.',
  },
  {
    name: 'accuracy',
    axis: 'share of views',
    healthy: 'How often the right class is the most probable one: healthy where it rises.',
  },
]

const GROUPS: readonly Group[] = [
  {
    title: 'Weights and gradients',
    known: [
      {
        name: 'gradientNorm',
        axis: 'norm',
        healthy:
          'All gradients together, before clipping: healthy where it stays within a range; peaks that grow come before a divergence.',
      },
      {
        name: 'student.movement',
        axis: 'share of ‖θ‖',
        healthy: "A step's length relative to the weights: healthy at 0.005 or less; above 0.02 a training diverges.",
      },
      {
        name: 'teacher.movement',
        axis: 'share of ‖θ‖',
        healthy:
          "The same of the teacher: healthy where it is well below the student's and not 0, and falls as the momentum nears 1.",
      },
      {
        name: 'teacher.distance',
        axis: 'share of ‖θ‖',
        healthy:
          "From teacher to student: healthy where it is many of the student's steps; at less than one the teacher is a copy.",
      },
    ],
  },
  {
    title: 'Features',
    known: [
      {
        name: 'featureRank',
        axis: 'effective rank',
        healthy: 'Directions that the [CLS] features use (RankMe): healthy where it grows or holds; towards 1 they collapse.',
      },
    ],
  },
  {
    title: 'Pictures and batches',
    known: [
      {
        name: 'input.std',
        axis: 'deviation',
        healthy: 'Contrast within a picture: healthy where it is steady, at 0.5 or more; at 0 pictures are blank.',
      },
      {
        name: 'input.spread',
        axis: 'deviation',
        healthy: 'Difference between the pictures of a batch: healthy where it is steady, at 0.5 or more; at 0 all are the same.',
      },
      {
        name: 'input.masked',
        axis: 'share of patches',
        healthy: 'Patches hidden from the student: healthy where it is on average what the masking asks for.',
      },
      {
        name: 'dataWait',
        axis: 'seconds',
        healthy: 'How long a step waits for its batch: healthy near 0; more says that data are slower than steps.',
      },
    ],
  },
]

/** What is known of a monitor, and below which heading it stands. */
const placeOf = (name: string): { readonly title: string; readonly known: Known | undefined } => {
  for (const { title, known } of GROUPS) {
    const found = known.find((one) => one.name === name)
    if (found !== undefined) return { title, known: found }
  }
  const ofLoss = OF_A_LOSS.find((one) => name.endsWith(`.${one.name}`))
  return ofLoss === undefined
    ? { title: 'Others', known: undefined }
    : { title: name.slice(0, -ofLoss.name.length - 1), known: ofLoss }
}

/** What a page says of a monitor; undefined of one that ops of the user's give. */
export const healthyOf = (name: string): string | undefined => placeOf(name).known?.healthy

/** A monitor's chart with what is on its axis. */
const named = (chart: Chart): Chart => ({ ...chart, axis: placeOf(chart.title).known?.axis ?? chart.axis })

/** The monitors of a section below the headings of their groups, in the order of their first ones. */
export const Monitors = ({
  section: { charts, constants },
  marks,
  draw,
}: {
  readonly section: Section
  readonly marks: readonly Mark[]
  readonly draw: (chart: Chart, placing: Placing) => VNode
}): VNode => {
  const titles = [
    ...new Set([...charts.map(({ title }) => title), ...constants.map(([name]) => name)].map((name) => placeOf(name).title)),
  ]
  return (
    <>
      {titles.map((title) => {
        const own = charts.filter((chart) => placeOf(chart.title).title === title)
        const still = constants.filter(([name]) => placeOf(name).title === title)
        return (
          <div key={title}>
            <h3>{title}</h3>
            <div class="charts">
              {own.map((chart) => draw(named(chart), { wide: false, marks, note: healthyOf(chart.title) }))}
            </div>
            {still.length > 0 && (
              <Facts
                rows={still.map(
                  ([name, value]) => [name, [value, healthyOf(name)].filter((text) => text !== undefined).join(' – ')] as const,
                )}
              />
            )}
          </div>
        )
      })}
    </>
  )
}
