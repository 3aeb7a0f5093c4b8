/** MLflow: runs of an experiment, by its REST API (2.0). */
import * as E from 'fp-ts/Either'
import { answered, ask, basic, isTrusted, refused, type Server, webAddress } from './http'
import { inside, isObject, type JsonObject, listIn, textIn } from './json'
import type { Connection, LoggedRun, Logger, Memory, Obstacle, Point, Surroundings } from './logger'
import { metricName, type Separator } from './names'
import { parametersOf } from './parameters'

export interface MlflowSettings {
  /** By default MLFLOW_TRACKING_URI. */
  readonly url: string | undefined
  /** By default MLFLOW_EXPERIMENT_NAME, else `ibot`. */
  readonly experiment: string | undefined
  readonly separator: Separator
}

/** What one request may hold. */
const [PARAMETERS, METRICS] = [100, 1000]
/** Letters. Servers of other versions allow more. */
const [NAME, PARAMETER, TAG] = [250, 500, 5000]

const STATES = { finished: 'FINISHED', failed: 'FAILED', stopped: 'KILLED' } as const

const cut = (text: string, longest: number): string => (text.length <= longest ? text : `${text.slice(0, longest - 1)}…`)

/** A name as MLflow takes it: of letters, digits, `_`, `-`, `.`, blanks and slashes, and as a path no other than it says. */
export const mlflowName = (name: string): string =>
  name
    .replace(/[^\w\-. /]/g, '_')
    .split('/')
    .map((part) => (/^\.{0,2}$/.test(part) ? `_${part}` : part))
    .join('/')
    .slice(0, NAME)

const chunks = <A>(all: readonly A[], size: number): readonly (readonly A[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))

/** Does one after the other, until one fails. */
const inTurn = async <A>(
  all: readonly A[],
  work: (one: A) => Promise<E.Either<Obstacle, unknown>>,
): Promise<E.Either<Obstacle, void>> => {
  for (const one of all) {
    const done = await work(one)
    if (E.isLeft(done)) return done
  }
  return E.right(undefined)
}

const REMEDY = "Name a server that runs: 'mlflow: { url: http://127.0.0.1:5000 }', or MLFLOW_TRACKING_URI."

/** The server that the settings and the surroundings name. */
const serverOf = ({ url: named }: MlflowSettings, { env }: Surroundings): E.Either<Obstacle, Server> => {
  const never = (message: string): E.Either<Obstacle, never> => E.left({ message, remedy: REMEDY, again: 'never' })
  const written = named ?? (env.MLFLOW_TRACKING_URI || undefined)
  if (written === undefined) return never("no server is named, and MLFLOW_TRACKING_URI isn't set")
  const address = webAddress(written)
  if (address === undefined)
    return never(`${named === undefined ? 'MLFLOW_TRACKING_URI' : 'its url'} isn't an address of the web`)
  const trusted = isTrusted(address.url, [env.MLFLOW_TRACKING_URI])
  const secrets = trusted ? env : {}
  // As its own client: a user goes before a token.
  const user = secrets.MLFLOW_TRACKING_USERNAME || address.user
  const password = secrets.MLFLOW_TRACKING_PASSWORD || address.password
  const token = secrets.MLFLOW_TRACKING_TOKEN?.trim()
  const authorization = user !== '' ? basic(user, password) : token ? `Bearer ${token}` : undefined
  return E.right({
    title: 'MLflow',
    url: address.url,
    authorization,
    secrets: [password, token ?? '', authorization ?? ''],
    remedies: {
      unreachable: REMEDY,
      unknown: trusted
        ? 'Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, to what this server knows.'
        : `Set MLFLOW_TRACKING_URI to ${address.url}, too: what the environment holds for a user is sent nowhere that the pipeline alone names.`,
    },
  })
}

const API = '/api/2.0/mlflow'

/** What a server knows of a run. */
interface Known {
  readonly id: string
  /** The newest step of each metric. */
  readonly newest: ReadonlyMap<string, number>
  readonly parameters: ReadonlySet<string>
}

/** The server's answers to what is asked of it here. */
const clientOf = (server: Server, signal: AbortSignal) => {
  const post = (path: string, body: JsonObject) => answered(server, { method: 'POST', path: `${API}/${path}`, body }, signal)

  const experimentNamed = async (name: string): Promise<E.Either<Obstacle, string | undefined>> => {
    const path = `${API}/experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`
    const answer = await ask(server, { method: 'GET', path }, signal)
    if (E.isLeft(answer)) return answer
    const { status, body } = answer.right
    if (status < 300) return E.right(textIn(inside(body, 'experiment'), 'experiment_id') ?? '')
    return textIn(body, 'error_code') === 'RESOURCE_DOES_NOT_EXIST' ? E.right(undefined) : E.left(refused(server, answer.right))
  }
  const experiment = async (name: string): Promise<E.Either<Obstacle, string>> => {
    const found = await experimentNamed(name)
    if (E.isLeft(found)) return found
    if (found.right !== undefined) return E.right(found.right)
    const made = await post('experiments/create', { name })
    if (E.isRight(made)) return E.right(textIn(made.right, 'experiment_id') ?? '')
    // Another run may have made it meanwhile.
    const again = await experimentNamed(name)
    return E.isRight(again) && again.right !== undefined ? E.right(again.right) : made
  }
  /** Undefined where it is gone. */
  const run = async (id: string): Promise<E.Either<Obstacle, Known | undefined>> => {
    const answer = await ask(server, { method: 'GET', path: `${API}/runs/get?run_id=${encodeURIComponent(id)}` }, signal)
    if (E.isLeft(answer)) return answer
    const { status, body } = answer.right
    if (textIn(body, 'error_code') === 'RESOURCE_DOES_NOT_EXIST') return E.right(undefined)
    if (status >= 300) return E.left(refused(server, answer.right))
    const found = inside(body, 'run')
    if (textIn(inside(found, 'info'), 'lifecycle_stage') === 'deleted') return E.right(undefined)
    const data = inside(found, 'data')
    return E.right({
      id,
      newest: new Map(listIn(data, 'metrics').map((metric) => [textIn(metric, 'key') ?? '', Number(metric.step)])),
      parameters: new Set(listIn(data, 'params').map((parameter) => textIn(parameter, 'key') ?? '')),
    })
  }
  return { post, experiment, run }
}

type Client = ReturnType<typeof clientOf>

/** The run that was begun before, where it is still there, or a new one. */
const runOn = async (
  { post, run }: Client,
  experiment: string,
  { name, group, facts }: LoggedRun,
  { known, keep }: Memory,
): Promise<E.Either<Obstacle, Known>> => {
  if (isObject(known) && known.experiment === experiment) {
    const found = await run(textIn(known, 'run') ?? '')
    if (E.isLeft(found)) return found
    if (found.right !== undefined) {
      const begun = await post('runs/update', { run_id: found.right.id, status: 'RUNNING' })
      return E.isLeft(begun) ? begun : E.right(found.right)
    }
  }
  const tags = Object.entries({
    'mlflow.source.name': 'ibot',
    ...facts,
    ...(group === undefined ? {} : { 'ibot.sweep': group }),
  }).map(([key, value]) => ({ key, value }))
  const made = await post('runs/create', { experiment_id: experiment, run_name: name, start_time: Date.now(), tags })
  if (E.isLeft(made)) return made
  const id = textIn(inside(made.right, 'run', 'info'), 'run_id') ?? ''
  await keep({ experiment, run: id })
  return E.right({ id, newest: new Map(), parameters: new Set() })
}

const connectionOf = (server: Server, { post }: Client, experiment: string, known: Known, separator: Separator): Connection => {
  const batch = (content: JsonObject) => post('runs/log-batch', { run_id: known.id, ...content })
  const metricsOf = ({ step, time, numbers }: Point) =>
    Object.entries(numbers).flatMap(([name, value]) => {
      const key = mlflowName(metricName(name, separator))
      return step <= (known.newest.get(key) ?? -1) ? [] : [{ key, value, step, timestamp: time }]
    })
  return {
    page: `${server.url}/#/experiments/${experiment}/runs/${known.id}`,
    // One with the same time, step and value is there already, to the server.
    send: (points) => inTurn(chunks(points.flatMap(metricsOf), METRICS), (metrics) => batch({ metrics })),
    mark: ({ step, name, text }) =>
      inTurn([{ key: mlflowName(`alarm.${name}`), value: cut(`after step ${step} ${text}`, TAG) }], (tag) =>
        batch({ tags: [tag] }),
      ),
    end: ({ state }) =>
      inTurn([STATES[state]], (status) => post('runs/update', { run_id: known.id, status, end_time: Date.now() })),
  }
}

/** Logs to MLflow. */
export const mlflowLogger = (settings: MlflowSettings): Logger => ({
  title: 'MLflow',
  every: 2,
  open: async (run, memory, surroundings) => {
    const server = serverOf(settings, surroundings)
    if (E.isLeft(server)) return server
    const client = clientOf(server.right, surroundings.signal)
    const experiment = await client.experiment(settings.experiment ?? (surroundings.env.MLFLOW_EXPERIMENT_NAME || 'ibot'))
    if (E.isLeft(experiment)) return experiment
    const known = await runOn(client, experiment.right, run, memory)
    if (E.isLeft(known)) return known
    // What a run began with can't be replaced there, and isn't.
    const parameters = parametersOf(run.config)
      .map(([name, value]) => ({ key: mlflowName(name), value: cut(value, PARAMETER) }))
      .filter(({ key }) => !known.right.parameters.has(key))
    const told = await inTurn(chunks(parameters, PARAMETERS), (params) =>
      client.post('runs/log-batch', { run_id: known.right.id, params }),
    )
    if (E.isLeft(told)) return told
    return E.right(connectionOf(server.right, client, experiment.right, known.right, settings.separator))
  },
})
