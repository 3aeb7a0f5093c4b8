/** What docs/scaling.md shows is true: its stages, commands, scripts, manifests and messages. Its tables: test/bench/scaling.test.ts. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { exitCode, rejected, stopped } from '../../src/base/failure'
import { launchCommand } from '../../src/cli/command/launch'
import { runCommand } from '../../src/cli/command/run'
import { differenceIn } from '../../src/cluster/cards'
import { membershipOf } from '../../src/cluster/environment/membershipOf'
import { slurmPort } from '../../src/cluster/environment/slurm'
import { absentLoss, closedLoss, lossAmong } from '../../src/cluster/watch'
import { readPlan } from '../../src/dsl/read'
import { registry } from '../../src/ops/registry'
import { crossCheck } from '../../src/program/crossCheck'

const ROOT = join(__dirname, '..', '..')
const DOC = readFileSync(join(ROOT, 'docs', 'scaling.md'), 'utf8')
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')

const blocksOf = (language: string, text = DOC): readonly string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block]) => block!)

const SCRIPTS = [...blocksOf('sh'), ...blocksOf('bash')]
const STAGES = blocksOf('yaml').filter((block) => block.startsWith('- '))
const MANIFESTS = blocksOf('yaml')
  .filter((block) => block.startsWith('apiVersion'))
  .map((block) =>
    parseAllDocuments(block, { strict: true }).map((document) => {
      expect([document.errors, document.warnings]).toEqual([[], []])
      return document.toJS() as Manifest
    }),
  )

interface Variable {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string }
    readonly secretKeyRef?: { readonly name: string; readonly key: string }
  }
}

interface PodSpec {
  readonly subdomain?: string
  readonly restartPolicy?: string
  readonly containers: readonly [
    {
      readonly name: string
      readonly command: readonly string[]
      readonly args: readonly [string]
      readonly env: readonly Variable[]
      readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
    },
  ]
  readonly volumes: readonly { readonly name: string }[]
}

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly clusterIP?: string
    readonly selector?: Readonly<Record<string, string>>
    readonly completions?: number
    readonly parallelism?: number
    readonly completionMode?: string
    readonly backoffLimit?: number
    readonly podFailurePolicy?: {
      readonly rules: readonly [{ readonly onExitCodes: { readonly containerName: string; readonly values: readonly number[] } }]
    }
    readonly template?: { readonly spec: PodSpec }
    readonly tfReplicaSpecs?: {
      readonly Worker: {
        readonly replicas: number
        readonly restartPolicy: string
        readonly template: { readonly spec: PodSpec }
      }
    }
  }
}

const manifest = (kind: string): Manifest => {
  const found = MANIFESTS.flat().find((one) => one.kind === kind)
  if (found === undefined) throw new Error(`there is no ${kind}`)
  return found
}
const SERVICE = manifest('Service')
const JOB = manifest('Job')
const JOB_POD = JOB.spec.template!.spec
const WORKER = manifest('TFJob').spec.tfReplicaSpecs!.Worker

/** All variables that a program of ibot reads by name, those of its sources' texts. */
const readIn = (folder: string): ReadonlySet<string> =>
  new Set(
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => [...readFileSync(join(ROOT, folder, file), 'utf8').matchAll(/(?:'|env\.)([A-Z][A-Z_]+[A-Z])\b/g)])
      .map(([, name]) => name!),
  )
const READ = new Set([...readIn('src/cluster/environment'), ...readIn('src/io'), ...readIn('src/cli')])

test.each(STAGES)('its stages take their places in a pipeline: %s', (block) => {
  const stages = parse(block) as readonly Readonly<Record<string, unknown>>[]
  const whole = parse(blocksOf('yaml', README)[0]!) as { readonly pipeline: readonly Readonly<Record<string, unknown>>[] }
  const names = stages.flatMap(Object.keys)
  const places: Readonly<Record<string, string>> = { lars: 'adamw' }
  const replaced = names.map((name) => places[name] ?? name)
  const pipeline = whole.pipeline.map((one) => stages[replaced.indexOf(Object.keys(one)[0]!)] ?? one)
  for (const stage of stages) expect(pipeline).toContain(stage)
  const read = readPlan(
    registry,
    'scaling.yaml',
    stringify({ ...whole, pipeline }),
    { set: ['dataset.shapes.count=2000'] },
    crossCheck(registry),
  )
  expect(E.isRight(read) || read.left).toBe(true)
})

describe('commands', () => {
  /** What is said to `ibot`, word by word, in scripts and in manifests. */
  const commands = [...SCRIPTS, JOB_POD.containers[0].args[0], WORKER.template.spec.containers[0].args[0]]
    .flatMap((script) => script.split('\n'))
    .flatMap((line) => [...line.replace(/ +#.*/, '').matchAll(/\bibot ((?:run|launch) .+)$/g)].map(([, words]) => words!))

  test('there are some', () => {
    expect(commands.length).toBeGreaterThan(8)
  })

  test.each(commands)('ibot %s', (line) => {
    const [name, ...words] = line.trim().split(/\s+/)
    const command = (name === 'run' ? runCommand() : launchCommand())
      .exitOverride()
      .configureOutput({ writeErr: () => undefined })
    expect(() => command.parse(words as string[], { from: 'user' })).not.toThrow()
    expect(command.args.length).toBeLessThanOrEqual(1)
    for (const file of command.args) expect(existsSync(join(ROOT, file)), file).toBe(true)
  })

  test('a mistake in one is noticed', () => {
    const command = runCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => undefined })
    expect(() => command.parse(['x.yaml', '--resme'], { from: 'user' })).toThrow()
  })

  test.each(SCRIPTS)('a shell can read it: %s', (script) => {
    execFileSync('bash', ['-n'], { input: script, stdio: ['pipe', 'ignore', 'pipe'] })
  })

  test('variables that scripts set are those that ibot reads', () => {
    const set = SCRIPTS.flatMap((script) => [...script.matchAll(/\b([A-Z][A-Z_]+)=/g)].map(([, name]) => name!))
    expect(set).toContain('MASTER_ADDR')
    expect(set.filter((name) => name !== 'PATH' && !READ.has(name))).toEqual([])
  })
})

test('the variables that it names are read', () => {
  const named = [...DOC.matchAll(/`([A-Z][A-Z_]+[A-Z])(?:=[^`]*)?`/g)].map(([, name]) => name!)
  expect(named).toContain('SLURM_PROCID')
  expect(named.filter((name) => !READ.has(name))).toEqual([])
})

test('plain ssh: both members are what they should be', () => {
  const script = SCRIPTS.find((one) => one.includes('NODE_RANK=1'))!
  const all = Object.fromEntries([...script.matchAll(/\b([A-Z_]+)=([^\s$]+)/g)].map(([, name, value]) => [name!, value!]))
  for (const rank of [0, 1]) {
    expect(script).toContain(`NODE_RANK=${rank} npx ibot run`)
    expect(membershipOf({ ...all, NODE_RANK: String(rank) }, 'host')).toMatchObject(
      E.right({ rank, size: 2, leader: { host: '10.0.0.1', port: 29_500 } }),
    )
  }
})

test('Slurm: ports are those that it tells', () => {
  const ports = Array.from({ length: 9000 }, (_, job) => [slurmPort(job, 0), slurmPort(job, 15)]).flat()
  expect([Math.min(...ports), Math.max(...ports)]).toEqual([20_000, 28_999])
  expect(DOC).toContain('between 20000 and 28999')
})

describe('Kubernetes', () => {
  const [container] = JOB_POD.containers
  const env = (index: number) =>
    Object.fromEntries(
      container.env.map(({ name, value, valueFrom }) => [
        name,
        value ?? (valueFrom?.fieldRef === undefined ? 'a secret' : String(index)),
      ]),
    )

  test('its variables make each pod a member of its number', () => {
    expect(container.env.filter(({ name }) => !READ.has(name))).toEqual([])
    const { completions, parallelism, completionMode } = JOB.spec
    expect([completionMode, parallelism]).toEqual(['Indexed', completions])
    for (const index of [0, completions! - 1])
      expect(membershipOf(env(index), 'pod')).toMatchObject(E.right({ rank: index, size: completions, source: 'NNODES' }))
  })

  test("the leader's name is that of the first pod, by the headless service", () => {
    expect(env(0).MASTER_ADDR).toBe(`${JOB.metadata.name}-0.${SERVICE.metadata.name}`)
    expect(JOB_POD.subdomain).toBe(SERVICE.metadata.name)
    expect(SERVICE.spec.clusterIP).toBe('None')
    expect(SERVICE.spec.selector).toEqual({ 'job-name': JOB.metadata.name })
  })

  test('the job is given up for failures that no restart mends, and for no others', () => {
    const [{ onExitCodes }] = JOB.spec.podFailurePolicy!.rules
    expect(onExitCodes.containerName).toBe(container.name)
    expect(JOB_POD.restartPolicy).toBe('Never')
    const lasting = [
      exitCode({ _tag: 'Defect', error: 'x' }),
      exitCode(rejected([])),
      exitCode({ _tag: 'Diverged', message: '', remedy: '' }),
    ]
    expect(onExitCodes.values).toEqual(lasting)
    const passing = [exitCode({ _tag: 'Missing', message: '', remedy: '' }), exitCode(stopped('SIGTERM', '', ''))]
    expect(passing).toEqual([3, 143])
    expect(JOB.spec.backoffLimit! % JOB.spec.completions!).toBe(0)
  })

  test('a TFJob makes its workers members by TF_CONFIG', () => {
    // As the operator sets it.
    const worker = Array.from({ length: WORKER.replicas }, (_, i) => `ibot-worker-${i}.default.svc:2222`)
    for (const index of [0, WORKER.replicas - 1]) {
      const config = JSON.stringify({ cluster: { worker }, task: { type: 'worker', index }, environment: 'cloud' })
      expect(membershipOf({ TF_CONFIG: config }, 'pod')).toMatchObject(E.right({ rank: index, size: WORKER.replicas }))
    }
    expect(WORKER.template.spec.containers[0].name).toBe('tensorflow')
    expect(WORKER.template.spec.containers[0].env.filter(({ name }) => !READ.has(name))).toEqual([])
  })

  test.each([
    ['Job', JOB_POD],
    ['TFJob', WORKER.template.spec],
  ] as const)(
    '%s: what is mounted is there, holds what is read and written, and the secret is the one that is made',
    (_, spec) => {
      const [{ env, volumeMounts, args }] = spec.containers
      expect(volumeMounts.map(({ name }) => name)).toEqual(spec.volumes.map(({ name }) => name))
      const paths = [...args[0].matchAll(/(?:^|[ =])(\/[\w/-]+)/gm)].map(([, path]) => path!)
      expect(paths.length).toBeGreaterThan(3)
      expect(paths.filter((path) => !volumeMounts.some(({ mountPath }) => path.startsWith(`${mountPath}/`)))).toEqual([])
      const { name, key } = env.find((one) => one.name === 'IBOT_SECRET')!.valueFrom!.secretKeyRef!
      expect(DOC).toContain(`kubectl create secret generic ${name} --from-literal=${key}=`)
    },
  )
})

test('messages are as members say them', () => {
  const { message } = closedLoss({ name: 'member 1 (node7, pid 8638)', phase: 'step', step: 'step 16' })
  expect(DOC).toContain(`\`${message}\``)
  expect(DOC).toContain(`\`${absentLoss([1], 2, 600_000, undefined).message}\``)
  const member = (rank: number, heard: number) => ({
    ...{ rank, name: `member ${rank} …`, heard, phase: 'batch', phaseSince: 0, step: 'step 16' },
    come: rank === 0 ? { point: 'step 17', since: 0 } : undefined,
  })
  expect(DOC).toContain(`\`${lossAmong([member(0, 61_000), member(1, 61_000)], 61_000, 60_000)?.message}\``)
  expect(lossAmong([member(0, 61_000), member(1, 0)], 61_000, 60_000)?.message).toContain(
    'hangs: nothing was heard of it for 60 s',
  )
  const card = { token: 'a', version: '0.1.0', size: 2, host: 'node7', pid: 1 }
  const of = (rank: number, pipeline: string, version = '0.1.0') => ({ ...card, rank, version, values: { pipeline } })
  const brief = (text: string | undefined): string => text!.replace(/ \(node7, pid 1\)/g, ' …')
  const [first, other] = [of(0, '294d1edf0000000'), of(1, 'e7a2077b0000000')]
  expect(DOC).toContain(`\`${brief(differenceIn([first, other])?.message)}\``)
  expect(DOC).toContain(`\`${brief(differenceIn([of(0, 'a', '0.2.0'), of(1, 'a')])?.message)}\``)
})

test('the files that it names exist', () => {
  const named = [...DOC.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, path]) => path!)
  expect(named.length).toBeGreaterThan(3)
  expect(named.filter((path) => !existsSync(join(ROOT, 'docs', path)))).toEqual([])
})
