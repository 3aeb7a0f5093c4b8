/** Weights & Biases: runs of a project, by what its own client sends: GraphQL says what a run is, the file stream takes its history. */
import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import type { Json } from '../dsl/type'
import { answered, basic, isTrusted, refused, type Server, webAddress } from './http'
import { inside, isObject, type JsonObject, textIn } from './json'
import type { Connection, LoggedRun, Logger, Memory, Obstacle, Point, Surroundings } from './logger'
import { metricName, type Separator } from './names'
import { passwordIn } from './netrc'

export interface WandbSettings {
  /** By default WANDB_BASE_URL, else W&B's own. */
  readonly url: string | undefined
  /** By default WANDB_PROJECT, else `ibot`. */
  readonly project: string | undefined
  /** By default WANDB_ENTITY, else that of the key. */
  readonly entity: string | undefined
  readonly group: string | undefined
  readonly tags: readonly string[]
  readonly separator: Separator
}

const HOME = 'https://api.wandb.ai'
/** What its client says of a process that a signal ended. */
const SIGNALLED = 255

const never = (message: string, remedy: string): E.Either<Obstacle, never> => E.left({ message, remedy, again: 'never' })

/** The key for a host: of the environment, where the server is one to be trusted with it, or of the file in which `wandb login` keeps it. */
const keyFor = async (host: string, trusted: boolean, { env, home }: Surroundings): Promise<string | undefined> => {
  if (env.WANDB_API_KEY && trusted) return env.WANDB_API_KEY.trim()
  const files = env.NETRC ? [env.NETRC] : [join(home, '.netrc'), join(home, '_netrc')]
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '')
    const key = passwordIn(text, host)
    if (key !== undefined) return key
  }
  return undefined
}

const serverOf = async ({ url: named }: WandbSettings, surroundings: Surroundings): Promise<E.Either<Obstacle, Server>> => {
  const { env } = surroundings
  const { WANDB_MODE: mode = '' } = env
  if (['offline', 'disabled', 'dryrun'].includes(mode))
    return never(`WANDB_MODE is ${mode}`, "Leave that variable out, or 'wandb' out of the pipeline.")
  const address = webAddress(named ?? (env.WANDB_BASE_URL || HOME))
  if (address === undefined)
    return never(
      `${named === undefined ? 'WANDB_BASE_URL' : 'its url'} isn't an address of the web`,
      `Name a server, such as ${HOME}, or leave it out.`,
    )
  const { url } = address
  const { hostname } = new URL(url)
  const trusted = isTrusted(url, [HOME, env.WANDB_BASE_URL])
  const page = url === HOME ? 'https://wandb.ai/authorize' : `${url}/authorize`
  const key = await keyFor(hostname, trusted, surroundings)
  const remedy = trusted
    ? `Set WANDB_API_KEY to the key that ${page} shows, or let 'wandb login' keep it in ~/.netrc.`
    : `Set WANDB_BASE_URL to ${url}, too: WANDB_API_KEY is sent nowhere that the pipeline alone names.`
  if (key === undefined || key === '') return never(`there is no key for ${hostname}`, remedy)
  const authorization = basic('api', key)
  return E.right({
    ...{ title: 'Weights & Biases', url, authorization, secrets: [key, authorization] },
    remedies: { unreachable: `See whether ${url} can be reached from here.`, unknown: remedy },
  })
}

const RESUME = `query RunResumeStatus($project: String, $entity: String, $name: String!) {
  model(name: $project, entityName: $entity) {
    bucket(name: $name, missingOk: true) { id name summaryMetrics historyLineCount historyTail tags }
  }
}`

const UPSERT = `mutation UpsertBucket($id: String, $name: String, $project: String, $entity: String, $groupName: String, $displayName: String, $config: JSONString, $tags: [String!]) {
  upsertBucket(input: {id: $id, name: $name, modelName: $project, entityName: $entity, groupName: $groupName, displayName: $displayName, config: $config, tags: $tags}) {
    bucket { id name displayName project { name entity { name } } historyLineCount }
    inserted
  }
}`

const parsed = (text: Json | undefined): unknown => {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}

/** What GraphQL answers, or what it complains of: that comes with status 200, too. */
const asked = async (
  server: Server,
  query: string,
  variables: JsonObject,
  signal: AbortSignal,
): Promise<E.Either<Obstacle, JsonObject>> => {
  const body = { query, variables } as JsonObject
  const answer = await answered(server, { method: 'POST', path: '/graphql', body }, signal)
  if (E.isLeft(answer)) return answer
  const { errors } = answer.right
  if (!Array.isArray(errors) || errors.length === 0) return E.right(inside(answer.right, 'data'))
  return E.left({ ...refused(server, { status: 200, body: answer.right }), again: 'never' })
}

/** What is there of a run that goes on. */
interface Known {
  /** Lines of its history. */
  readonly lines: number
  /** The newest of them: its step, -1 before the first, and what it holds. */
  readonly newest: { readonly step: number; readonly names: ReadonlySet<string> }
  readonly summary: JsonObject
  readonly tags: readonly string[]
}

const knownOf = (bucket: JsonObject): Known => {
  const tail = parsed(bucket.historyTail)
  const rows = (Array.isArray(tail) ? tail : []).map(parsed).filter(isObject)
  const step = rows.reduce((newest, row) => Math.max(newest, Number(row._step ?? -1)), -1)
  const names = new Set(rows.filter((row) => row._step === step).flatMap((row) => Object.keys(row)))
  const summary = parsed(bucket.summaryMetrics)
  return {
    lines: Number(bucket.historyLineCount ?? 0),
    newest: { step, names },
    summary: isObject(summary) ? summary : {},
    tags: Array.isArray(bucket.tags) ? (bucket.tags as readonly Json[]).filter((tag) => typeof tag === 'string') : [],
  }
}

/** A name that no other run of the project has. */
const newName = (): string => Array.from({ length: 8 }, () => randomInt(36).toString(36)).join('')

/** Points of the same step as one; they are in the order of their steps. */
const rowsOf = (points: readonly Point[]): readonly Point[] => {
  const rows = new Map<number, Point>()
  for (const point of points) {
    const before = rows.get(point.step)
    rows.set(point.step, before === undefined ? point : { ...before, numbers: { ...before.numbers, ...point.numbers } })
  }
  return [...rows.values()]
}

interface Place {
  readonly entity: string
  readonly project: string
  readonly name: string
}

const connectionOf = (
  server: Server,
  { entity, project, name }: Place,
  known: Known,
  { separator, tags }: WandbSettings,
  signal: AbortSignal,
): Connection => {
  const path = `/files/${[entity, project, name].map(encodeURIComponent).join('/')}/file_stream`
  const began = Date.now()
  const before = Number(known.summary._runtime ?? 0) || 0
  const runtime = (time: number): number => before + (time - began) / 1000
  let { lines, summary } = known
  let marks: readonly string[] = []

  const stream = async (content: JsonObject): Promise<E.Either<Obstacle, void>> =>
    E.Functor.map(await answered(server, { method: 'POST', path, body: content }, signal), () => undefined)
  const summed = (of: JsonObject): JsonObject => {
    const seconds = runtime(Date.now())
    const all = { ...of, _runtime: seconds, _wandb: { runtime: Math.floor(seconds) } }
    return { 'wandb-summary.json': { offset: 0, content: [JSON.stringify(all)] } }
  }
  const numbersOf = ({ step, numbers }: Point): readonly (readonly [string, number])[] =>
    Object.entries(numbers)
      .map(([key, value]) => [metricName(key, separator), value] as const)
      .filter(([key]) => step > known.newest.step || (step === known.newest.step && !known.newest.names.has(key)))
  return {
    page: `${server.url === HOME ? 'https://wandb.ai' : server.url}/${entity}/${project}/runs/${name}`,
    send: async (points) => {
      const rows = rowsOf(points).flatMap((row) => {
        const told = numbersOf(row)
        if (told.length === 0) return []
        return [{ ...Object.fromEntries(told), _step: row.step, _timestamp: row.time / 1000, _runtime: runtime(row.time) }]
      })
      if (rows.length === 0) return E.right(undefined)
      const next: JsonObject = Object.assign({}, summary, ...rows)
      // A line takes the place of one that is there: what is sent twice stands there once.
      const history = { offset: lines, content: rows.map((row) => JSON.stringify(row)) }
      const sent = await stream({ files: { 'wandb-history.jsonl': history, ...summed(next) } as Json & JsonObject })
      if (E.isRight(sent)) {
        lines += rows.length
        summary = next
      }
      return sent
    },
    mark: async ({ step, name: alarm, text }) => {
      const next = { ...summary, [metricName(`alarm.${alarm}`, separator)]: `after step ${step} ${text}` }
      const sent = await stream({ files: summed(next) as Json & JsonObject })
      if (E.isLeft(sent)) return sent
      summary = next
      const all = [...new Set([...known.tags, ...tags, ...marks, `alarm:${alarm}`])]
      const tagged = await asked(server, UPSERT, { name, project, entity, tags: all }, signal)
      if (E.isLeft(tagged)) return tagged
      marks = [...marks, `alarm:${alarm}`]
      return E.right(undefined)
    },
    beat: () => stream({ files: summed(summary) as Json & JsonObject }),
    end: async ({ state, exit }) =>
      stream({
        files: summed(summary) as Json & JsonObject,
        ...{ complete: true, exitcode: state === 'stopped' ? SIGNALLED : exit },
      }),
  }
}

/** A run of a project, and what the server has of it. */
interface Begun {
  readonly name: string
  readonly bucket: JsonObject
}

/**
 * The run that was begun before, where it is still there. Else a new one: its name is kept before the server hears of it, which
 * gives that of a run that was deleted to no other.
 */
const begunIn = async (
  project: string,
  { known, keep }: Memory,
  find: (name: string) => Promise<E.Either<Obstacle, JsonObject>>,
): Promise<E.Either<Obstacle, Begun>> => {
  if (isObject(known) && known.project === project && typeof known.run === 'string') {
    const found = await find(known.run)
    if (E.isLeft(found)) return found
    const bucket = inside(found.right, 'model', 'bucket')
    if (textIn(bucket, 'id') !== undefined) return E.right({ name: known.run, bucket })
  }
  const name = newName()
  await keep({ project, run: name })
  return E.right({ name, bucket: {} })
}

const configOf = ({ config, facts }: LoggedRun): string =>
  JSON.stringify(Object.fromEntries(Object.entries({ ...config, ibot: facts }).map(([key, value]) => [key, { value }])))

/** Logs to Weights & Biases. */
export const wandbLogger = (settings: WandbSettings): Logger => ({
  title: 'Weights & Biases',
  every: 10,
  open: async (run, memory, surroundings) => {
    const { env, signal } = surroundings
    const opened = await serverOf(settings, surroundings)
    if (E.isLeft(opened)) return opened
    const server = opened.right
    const project = settings.project ?? (env.WANDB_PROJECT || 'ibot')
    const entity = settings.entity ?? (env.WANDB_ENTITY || null)
    const found = await begunIn(project, memory, (name) => asked(server, RESUME, { project, entity, name }, signal))
    if (E.isLeft(found)) return found
    const { name, bucket } = found.right
    const known = knownOf(bucket)
    const variables = {
      ...{ id: textIn(bucket, 'id') ?? null, name, project, entity },
      ...{ groupName: settings.group ?? run.group ?? null, displayName: run.name, config: configOf(run) },
      tags: [...new Set([...known.tags, ...settings.tags])],
    }
    const begun = await asked(server, UPSERT, variables, signal)
    if (E.isLeft(begun)) return begun
    const where = inside(begun.right, 'upsertBucket', 'bucket', 'project')
    const owner = textIn(inside(where, 'entity'), 'name') ?? entity
    if (owner === null) return never(`${server.title} at ${server.url} doesn't say whose run this is`, "Name its 'entity'.")
    const place = { entity: owner, project: textIn(where, 'name') ?? project, name }
    return E.right(connectionOf(server, place, known, settings, signal))
  },
})
