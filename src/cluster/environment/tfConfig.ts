/**
 * TF_CONFIG, as Kubeflow's TFJob, Vertex AI and SageMaker set it: JSON with the addresses of all tasks by their types, and which
 * of them this is. The chief comes first (older systems call it master), then the workers in their order.
 * https://www.tensorflow.org/guide/distributed_training#setting_up_the_tf_config_environment_variable
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as RA from 'fp-ts/ReadonlyArray'
import { attempt } from '../../base/attempt'
import type { Failure } from '../../base/failure'
import { listed } from '../../base/listed'
import type { Membership } from './membership'
import { type Address, addressOf, addressText, complaint, digits, type Env, said, shown, wrong } from './variables'

const NAME = 'TF_CONFIG'
const REMEDY =
  'Set {"cluster": {"worker": ["host:port", …]}, "task": {"type": "worker", "index": 0}} with the same cluster for every member, or unset TF_CONFIG to train in one process.'

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

const bad = (what: string, remedy = REMEDY): E.Either<Failure, never> => wrong(NAME, what, remedy)

/** Types of tasks that lead, of which there may be one. */
const LEADING = ['chief', 'master']
const TRAINING = [...LEADING, 'worker']

interface Task {
  readonly type: string
  readonly index: number
}

interface Place extends Task {
  readonly address: Address
}

/** The addresses of one type. */
const placesOf = (type: string, list: unknown): E.Either<Failure, readonly Place[]> => {
  if (!Array.isArray(list)) return bad(`is wrong: 'cluster.${type}' is no list of addresses`)
  return pipe(
    list as readonly unknown[],
    RA.traverseWithIndex(E.Applicative)((index, one) =>
      pipe(
        typeof one === 'string' ? addressOf(one) : E.left('it is no text'),
        E.bimap(
          (what) => `is wrong: number ${index} of 'cluster.${type}' isn't an address: ${what}`,
          (address): Place => ({ type, index, address }),
        ),
      ),
    ),
    E.mapLeft((what) => complaint(NAME, what, REMEDY)),
  )
}

/** All places in their order. */
const placesIn = (cluster: Fields): E.Either<Failure, readonly Place[]> => {
  const used = Object.keys(cluster).filter((type) => !(Array.isArray(cluster[type]) && cluster[type].length === 0))
  if (used.includes('ps'))
    return bad(
      "has parameter servers ('cluster.ps'), which ibot has no use for: its members hold all weights each",
      'Start the job with a chief and workers, or with workers only.',
    )
  const other = used.filter((type) => !TRAINING.includes(type) && type !== 'evaluator')
  if (other.length > 0)
    return bad(`is wrong: 'cluster' has tasks of the type ${listed(other.map(shown))}; there are chief and worker`)
  return pipe(
    TRAINING.filter((type) => used.includes(type)),
    RA.traverse(E.Applicative)((type) => placesOf(type, cluster[type])),
    E.map(RA.flatten),
    E.chain((places) => {
      if (places.filter(({ type }) => LEADING.includes(type)).length > 1) return bad('is wrong: there is more than one chief')
      const texts = places.map(({ address }) => addressText(address))
      const twice = texts.find((text, i) => texts.indexOf(text) < i)
      return twice === undefined ? E.right(places) : bad(`is wrong: the address ${twice} is there twice`)
    }),
  )
}

const taskIn = (task: unknown): E.Either<Failure, Task> => {
  if (!isFields(task)) return bad("has no 'task', which says what of the cluster this process is")
  const { type, index } = task
  const at = typeof index === 'number' ? index : typeof index === 'string' ? digits(index) : undefined
  if (typeof type !== 'string') return bad("is wrong: 'task' has no 'type'")
  if (type === 'evaluator')
    return bad(
      'makes this process an evaluator, which ibot has no use for: probes of the pipeline are measured by the members',
      'Start the job without an evaluator.',
    )
  if (type === 'ps')
    return bad('makes this process a parameter server, which ibot has no use for', 'Start the job with a chief and workers only.')
  if (at === undefined || !Number.isInteger(at)) return bad("is wrong: 'task' has no 'index', a number counted from 0")
  return E.right({ type, index: at })
}

const rankOf = (places: readonly Place[], { type, index }: Task): E.Either<Failure, number> => {
  const rank = places.findIndex((place) => place.type === type && place.index === index)
  if (rank >= 0) return E.right(rank)
  const there = places.filter((place) => place.type === type).length
  return bad(
    there === 0
      ? `is wrong: this process is a task of the type ${shown(type)}, of which 'cluster' has none`
      : `is wrong: this process is '${type}' ${index}, and 'cluster.${type}' has ${there}, counted from 0`,
  )
}

/** Undefined where it isn't set, or has no cluster, as on services that set it for a single process. */
export const tfMembership = (env: Env, host: string): E.Either<Failure, Membership | undefined> => {
  const text = said(env, NAME)
  if (text === undefined) return E.right(undefined)
  const value = attempt((): unknown => JSON.parse(text))
  if (!isFields(value)) return bad(`is ${value === undefined ? 'not JSON' : 'no JSON object'}: ${shown(text)}`)
  const { cluster = {}, task } = value
  if (!isFields(cluster)) return bad("is wrong: 'cluster' is no object")
  return pipe(
    placesIn(cluster),
    E.chain((places): E.Either<Failure, Membership | undefined> => {
      const [first] = places
      if (first === undefined && task === undefined) return E.right(undefined)
      return pipe(
        taskIn(task),
        E.chain((found): E.Either<Failure, Membership | undefined> => {
          if (first === undefined) return E.right(undefined)
          return pipe(
            rankOf(places, found),
            E.map((rank) => ({ rank, size: places.length, leader: first.address, source: NAME, host, words: NAME })),
          )
        }),
      )
    }),
  )
}
