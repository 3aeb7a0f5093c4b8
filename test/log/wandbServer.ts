/**
 * A server that takes what W&B's own client (0.31) was seen to send, and no more: the same requests, inputs and fields, the key in
 * each, and a history whose lines follow one another. What it doesn't know it refuses, and remembers why.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export const KEY = '0123456789abcdef0123456789abcdef01234567'
export const OWNER = 'eva'

type Mapping = Readonly<Record<string, unknown>>
type Row = Readonly<Record<string, number>>

/** A run as the server has it. */
export interface WandbRun {
  readonly id: string
  displayName: string | undefined
  group: string | undefined
  config: Mapping
  tags: readonly string[]
  summary: Mapping
  readonly history: string[]
  exitcode: number | undefined
  complete: boolean
}

export interface WandbServer {
  readonly url: string
  /** By entity, project and name. */
  readonly runs: Map<string, WandbRun>
  /** All that was asked, in its order: an operation of GraphQL, or the file stream. */
  readonly asked: readonly string[]
  /** What was not as its client asks it. */
  readonly faults: readonly string[]
  readonly close: () => Promise<void>
}

/** The inputs of upsertBucket, and the variables that its client has for them. */
const INPUTS: Readonly<Record<string, string>> = {
  id: 'id',
  name: 'name',
  groupName: 'groupName',
  modelName: 'project',
  entityName: 'entity',
  description: 'description',
  displayName: 'displayName',
  notes: 'notes',
  config: 'config',
  commit: 'commit',
  host: 'host',
  debug: 'debug',
  jobProgram: 'program',
  jobRepo: 'repo',
  jobType: 'jobType',
  state: 'state',
  sweep: 'sweep',
  tags: 'tags',
  summaryMetrics: 'summaryMetrics',
}
const UPSERTED = ['id', 'name', 'displayName', 'description', 'config', 'sweepName', 'project', 'entity', 'historyLineCount']
const RESUMED = [
  ...['id', 'name', 'summaryMetrics', 'displayName', 'logLineCount', 'historyLineCount', 'eventsLineCount'],
  ...['historyTail', 'eventsTail', 'config', 'tags', 'notes'],
]

const textOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

export const startWandb = async (): Promise<WandbServer> => {
  const runs = new Map<string, WandbRun>()
  const asked: string[] = []
  const faults: string[] = []
  const check = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault)
  }
  const place = (entity: unknown, project: unknown, name: unknown): string => [entity ?? OWNER, project, name].join('/')

  const upsert = (query: string, variables: Mapping) => {
    const inputs = [...query.slice(0, query.indexOf(') {', query.indexOf('input:'))).matchAll(/(\w+): ?\$(\w+)/g)].filter(
      ([, input]) => input !== 'input',
    )
    check(inputs.length > 0, 'upsertBucket takes nothing')
    for (const [, input, variable] of inputs) check(INPUTS[input!] === variable, `upsertBucket: ${input}: $${variable}`)
    for (const name of Object.keys(variables)) check(query.includes(`$${name}:`), `the variable ${name} isn't declared`)
    for (const field of query.slice(query.indexOf('bucket {')).match(/\w+/g)!)
      check([...UPSERTED, 'bucket', 'inserted'].includes(field), `upsertBucket gives no ${field}`)
    const { id, name, project, entity, displayName, groupName, config, tags } = variables
    check(typeof name === 'string' && /^[a-z0-9]{8}$/.test(name), `the name of a run is ${name}`)
    const key = place(entity, project, name)
    const known = runs.get(key)
    check(id === undefined || id === null || id === known?.id, `a run of another id: ${id}`)
    const run: WandbRun = known ?? {
      ...{ id: `run-${runs.size}`, displayName: undefined, group: undefined, config: {}, tags: [], summary: {}, history: [] },
      ...{ exitcode: undefined, complete: false },
    }
    runs.set(key, run)
    if (typeof displayName === 'string') run.displayName = displayName
    if (typeof groupName === 'string') run.group = groupName
    if (Array.isArray(tags)) run.tags = tags as readonly string[]
    if (typeof config === 'string') {
      run.config = JSON.parse(config) as Mapping
      for (const [one, value] of Object.entries(run.config))
        check(typeof value === 'object' && value !== null && 'value' in value, `config.${one} has no value`)
      run.complete = false
      run.exitcode = undefined
    }
    const owner = { name: project, entity: { name: entity ?? OWNER } }
    const bucket = { id: run.id, name, displayName: run.displayName, project: owner, historyLineCount: run.history.length }
    return { data: { upsertBucket: { bucket, inserted: known === undefined } } }
  }

  const resume = (query: string, { entity, project, name }: Mapping) => {
    for (const field of query.slice(query.indexOf('bucket(')).match(/(?<=\{[^{]*)\b\w+(?=[^}]*\})/g)!)
      check(RESUMED.includes(field), `a bucket has no ${field}`)
    const run = runs.get(place(entity, project, name))
    if (run === undefined) return { data: { model: { bucket: null } } }
    const bucket = {
      ...{ id: run.id, name, tags: run.tags, historyLineCount: run.history.length },
      ...{ summaryMetrics: JSON.stringify(run.summary), historyTail: JSON.stringify(run.history.slice(-1)) },
    }
    return { data: { model: { bucket } } }
  }

  const stream = (run: WandbRun, body: Mapping): void => {
    check(!run.complete, 'lines after the end of a run')
    for (const key of Object.keys(body)) check(['files', 'uploaded', 'complete', 'exitcode'].includes(key), `file stream: ${key}`)
    const files = (body.files ?? {}) as Readonly<Record<string, { readonly offset: number; readonly content: readonly string[] }>>
    for (const [file, { offset, content }] of Object.entries(files)) {
      if (file === 'wandb-summary.json') {
        check(offset === 0 && content.length === 1, 'a summary is one line')
        run.summary = JSON.parse(content[0]!) as Mapping
      } else {
        check(file === 'wandb-history.jsonl', `an unknown file: ${file}`)
        check(offset <= run.history.length, `lines ${offset} on, where there are ${run.history.length}`)
        run.history.splice(offset, content.length, ...content)
        const steps = run.history.map((line) => (JSON.parse(line) as Row)._step!)
        check(
          steps.every((step, i) => i === 0 || step >= steps[i - 1]!),
          `steps go back: ${steps}`,
        )
        for (const line of content)
          check(
            ['_step', '_runtime', '_timestamp'].every((key) => Number.isFinite((JSON.parse(line) as Row)[key])),
            line,
          )
      }
    }
    if (body.complete === true) {
      check(typeof body.exitcode === 'number', 'an end without an exit code')
      run.complete = true
      run.exitcode = body.exitcode as number
    }
  }

  const answer = async (request: IncomingMessage): Promise<readonly [status: number, body: Mapping]> => {
    const text = await textOf(request)
    check(request.headers['content-type'] === 'application/json', `content-type: ${request.headers['content-type']}`)
    if (request.headers.authorization !== `Basic ${Buffer.from(`api:${KEY}`).toString('base64')}`)
      return [401, { errors: [{ message: `user is not logged in: ${request.headers.authorization}` }] }]
    const body = JSON.parse(text) as Mapping
    if (request.url === '/graphql') {
      const { query, variables } = body as { readonly query: string; readonly variables: Mapping }
      const operation = /(?:query|mutation) (\w+)/.exec(query)?.[1]
      asked.push(String(operation))
      if (operation === 'UpsertBucket') return [200, upsert(query, variables)]
      if (operation === 'RunResumeStatus') return [200, resume(query, variables)]
      faults.push(`an unknown operation: ${operation}`)
      return [400, { errors: [{ message: 'unknown operation' }] }]
    }
    const [, key] = /^\/files\/([^/]+\/[^/]+\/[^/]+)\/file_stream$/.exec(request.url!) ?? []
    const run = runs.get(key ?? '')
    asked.push('file_stream')
    if (run === undefined) {
      faults.push(`no such place: ${request.url}`)
      return [404, { error: 'not found' }]
    }
    stream(run, body)
    return [200, { exitcode: null, limits: {} }]
  }

  const server = createServer((request, response) => {
    void answer(request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ runs, asked, faults },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
