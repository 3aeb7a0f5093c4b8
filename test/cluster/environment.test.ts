/** What the environment says of this process as one of several: every system's variables, and what is wrong with them. */
import * as fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { describe, expect, test } from 'vitest'
import { exitCode } from '../../src/base/failure'
import { expandHosts } from '../../src/cluster/environment/hostList'
import { membershipOf } from '../../src/cluster/environment/membershipOf'
import { slurmPort } from '../../src/cluster/environment/slurm'
import { addressOf, addressText, type Env } from '../../src/cluster/environment/variables'

const of = (env: Env) => membershipOf(env, 'here')
const found = (env: Env) => E.toUnion(of(env))
const message = (env: Env): string => {
  const failure = of(env)
  return E.isLeft(failure) && failure.left._tag === 'Missing' ? failure.left.message : `no failure: ${JSON.stringify(failure)}`
}
const tf = (value: unknown): Env => ({ TF_CONFIG: typeof value === 'string' ? value : JSON.stringify(value) })
const worker = (index: unknown, hosts: unknown = ['a:1', 'b:2', 'c:3']): Env =>
  tf({ cluster: { worker: hosts }, task: { type: 'worker', index } })

const OWN = { IBOT_RANK: '1', IBOT_SIZE: '2', IBOT_LEADER: 'a:1' }
const STEP = {
  ...{ SLURM_PROCID: '3', SLURM_NTASKS: '8', SLURM_STEP_ID: '2', SLURM_JOB_ID: '4711' },
  SLURM_STEP_NODELIST: 'node[003-004]',
}
const TORCH = { WORLD_SIZE: '4', RANK: '3', MASTER_ADDR: 'a', MASTER_PORT: '29500' }
const NODES = { NNODES: '2', NODE_RANK: '1', MASTER_ADDR: '10.0.0.1', MASTER_PORT: '1234' }

test.each<[string, Env]>([
  ['an empty environment', {}],
  ['variables that say nothing', { IBOT_RANK: '', TF_CONFIG: ' ', WORLD_SIZE: '' }],
  ['a secret alone', { IBOT_SECRET: 'x' }],
  ['TF_CONFIG without a cluster', tf({ cluster: {}, task: { type: 'worker', index: 0 } })],
  ['a script of sbatch', { ...STEP, SLURM_STEP_ID: undefined, SLURM_STEPID: undefined, SLURM_PROCID: '0' }],
  ['a script of sbatch whose step has a number', { ...STEP, SLURM_STEP_ID: '4294967291', SLURM_PROCID: '0' }],
  ['an interactive step', { ...STEP, SLURM_STEP_ID: '4294967290' }],
  ['a step by a word', { ...STEP, SLURM_STEP_ID: 'batch' }],
  ['a shell of srun in a larger job', { ...STEP, SLURM_STEP_NUM_TASKS: '1' }],
  ['MASTER_ADDR alone', { MASTER_ADDR: 'a', MASTER_PORT: '1' }],
])('%s says nothing of several processes', (_, env) => {
  expect(of(env)).toEqual(E.right(undefined))
})

describe('each source says who this is', () => {
  test.each<[string, Env, object]>([
    ['ibot launch', OWN, { rank: 1, size: 2, leader: { host: 'a', port: 1 }, source: 'IBOT' }],
    ['IPv6', { ...OWN, IBOT_LEADER: '[fd00::1]:80' }, { leader: { host: 'fd00::1', port: 80 } }],
    ['workers alone', worker(2), { rank: 2, size: 3, leader: { host: 'a', port: 1 }, source: 'TF_CONFIG' }],
    ['an index as text', worker('1'), { rank: 1 }],
    ['a cluster of one', worker(0, ['a:1']), { rank: 0, size: 1 }],
    [
      'a chief before the workers, wherever it stands',
      tf({ cluster: { worker: ['w:1'], ps: [], chief: ['c:2'] }, task: { type: 'worker', index: 0 }, environment: 'cloud' }),
      { rank: 1, size: 2, leader: { host: 'c', port: 2 } },
    ],
    [
      'a master beside an evaluator',
      tf({ cluster: { master: ['c:2'], worker: ['w:1'], evaluator: ['e:1'] }, task: { type: 'master', index: 0 } }),
      { rank: 0, size: 2, leader: { host: 'c', port: 2 } },
    ],
    ['Slurm', STEP, { rank: 3, size: 8, leader: { host: 'node003', port: slurmPort(4711, 2) }, source: 'SLURM' }],
    ['Slurm with a port', { ...STEP, MASTER_PORT: '99' }, { leader: { port: 99 } }],
    ["Slurm's step rather than its job", { ...STEP, SLURM_STEP_NUM_TASKS: '4' }, { size: 4 }],
    ['nodes', NODES, { rank: 1, size: 2, leader: { host: '10.0.0.1', port: 1234 }, source: 'NNODES' }],
    ['torchrun', TORCH, { rank: 3, size: 4, leader: { host: 'a', port: 29500 }, source: 'RANK' }],
    ['torchrun alone', { WORLD_SIZE: '1', RANK: '0' }, { size: 1, leader: { host: 'here', port: 29500 } }],
    ['ours before all others', { ...TORCH, ...STEP, ...worker(0), ...OWN }, { source: 'IBOT' }],
    ['TF_CONFIG before Slurm', { ...TORCH, ...STEP, ...worker(0) }, { source: 'TF_CONFIG' }],
    ['Slurm before torchrun', { ...TORCH, ...STEP }, { source: 'SLURM' }],
  ])('%s', (_, env, expected) => {
    expect(found(env)).toMatchObject({ ...expected, host: 'here' })
  })
})

describe('what is wrong or given by half names the variable', () => {
  test.each<[Env, string]>([
    [{ IBOT_RANK: '0' }, 'IBOT_SIZE is not set'],
    [{ ...OWN, IBOT_LEADER: undefined }, 'IBOT_LEADER is not set'],
    [{ ...OWN, IBOT_LEADER: 'a' }, "IBOT_LEADER is wrong: 'a' is not host:port"],
    [{ ...OWN, IBOT_LEADER: 'a:70000' }, "IBOT_LEADER is wrong: 'a:70000' has no port from 1 to 65535"],
    [{ ...OWN, IBOT_LEADER: 'a b:1' }, "IBOT_LEADER is wrong: 'a b:1' names no machine"],
    [{ ...OWN, IBOT_RANK: '2' }, 'IBOT_RANK is 2 and IBOT_SIZE is 2: numbers go from 0 to 1'],
    [{ ...OWN, IBOT_RANK: '-1' }, "IBOT_RANK is '-1', not a number counted from 0"],
    [{ ...OWN, IBOT_SIZE: '0' }, "IBOT_SIZE is '0', not a number of processes from 1 to 65536"],
    [tf('{'), "TF_CONFIG is not JSON: '{'"],
    [tf('[1]'), "TF_CONFIG is no JSON object: '[1]'"],
    [tf({ cluster: { worker: ['a:1'] } }), "TF_CONFIG has no 'task', which says what of the cluster this process is"],
    [tf({ cluster: { worker: ['a:1'] }, task: {} }), "TF_CONFIG is wrong: 'task' has no 'type'"],
    [worker(undefined), "TF_CONFIG is wrong: 'task' has no 'index', a number counted from 0"],
    [worker(3), "TF_CONFIG is wrong: this process is 'worker' 3, and 'cluster.worker' has 3, counted from 0"],
    [
      tf({ cluster: { worker: ['a:1'] }, task: { type: 'chief', index: 0 } }),
      "TF_CONFIG is wrong: this process is a task of the type 'chief', of which 'cluster' has none",
    ],
    [worker(0, ['a:1', 'a:1']), 'TF_CONFIG is wrong: the address a:1 is there twice'],
    [worker(0, 'a:1'), "TF_CONFIG is wrong: 'cluster.worker' is no list of addresses"],
    [worker(0, ['a']), "TF_CONFIG is wrong: number 0 of 'cluster.worker' isn't an address: 'a' is not host:port"],
    [worker(0, ['a:0']), "TF_CONFIG is wrong: number 0 of 'cluster.worker' isn't an address: 'a:0' has no port from 1 to 65535"],
    [tf({ cluster: { chief: ['a:1', 'b:1'] } }), 'TF_CONFIG is wrong: there is more than one chief'],
    [
      tf({ cluster: { worker: ['a:1'], ps: ['b:1'] }, task: { type: 'worker', index: 0 } }),
      "TF_CONFIG has parameter servers ('cluster.ps'), which ibot has no use for: its members hold all weights each",
    ],
    [
      tf({ cluster: { worker: ['a:1'] }, task: { type: 'evaluator', index: 0 } }),
      'TF_CONFIG makes this process an evaluator, which ibot has no use for: probes of the pipeline are measured by the members',
    ],
    [{ ...STEP, SLURM_PROCID: '8' }, 'SLURM_PROCID is 8 and SLURM_NTASKS is 8: numbers go from 0 to 7'],
    [{ ...STEP, SLURM_STEP_NODELIST: 'n[3-1]' }, "SLURM_STEP_NODELIST is 'n[3-1]': the range 3-1 goes down"],
    [{ ...STEP, SLURM_STEP_NODELIST: undefined }, 'SLURM_STEP_NODELIST is not set'],
    [{ ...STEP, SLURM_JOB_ID: undefined }, 'SLURM_JOB_ID is not set'],
    [{ ...STEP, MASTER_PORT: '0' }, "MASTER_PORT is '0', not a port from 1 to 65535"],
    [{ ...NODES, NODE_RANK: undefined }, 'NODE_RANK is not set'],
    [{ ...NODES, NNODES: 'two' }, "NNODES is 'two', not a number of processes from 1 to 65536"],
    [{ ...TORCH, RANK: '4' }, 'RANK is 4 and WORLD_SIZE is 4: numbers go from 0 to 3'],
    [{ ...TORCH, MASTER_ADDR: undefined }, 'MASTER_ADDR is not set'],
    [{ ...TORCH, MASTER_PORT: '99999' }, "MASTER_PORT is '99999', not a port from 1 to 65535"],
    [{ RANK: '\u001b[31m' }, 'WORLD_SIZE is not set'],
    [{ ...TORCH, RANK: '\u001b[31m' }, "RANK is '\\u001b[31m', not a number counted from 0"],
  ])('%j: %s', (env, expected) => {
    expect(message(env)).toBe(expected)
    expect(E.isLeft(of(env)) ? exitCode((of(env) as E.Left<never>).left) : 0).toBe(3)
  })
})

const NAMES = [
  ...['IBOT_RANK', 'IBOT_SIZE', 'IBOT_LEADER', 'TF_CONFIG', 'SLURM_PROCID', 'SLURM_NTASKS', 'SLURM_STEP_ID', 'SLURM_JOB_ID'],
  ...['SLURM_STEP_NODELIST', 'NNODES', 'NODE_RANK', 'WORLD_SIZE', 'RANK', 'MASTER_ADDR', 'MASTER_PORT'],
]
const values = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc.nat(9).map(String),
  fc.constantFrom('a:1', 'n[1-3]', '[', 'n[1-2', '{"cluster":{"worker":[]}}', '{"task":{}}', '9999999999'),
)
const clusters = fc.record(
  {
    cluster: fc.dictionary(fc.constantFrom('chief', 'worker', 'ps', 'x'), fc.oneof(fc.array(values), fc.anything())),
    task: fc.anything(),
  },
  { requiredKeys: [] },
)

test('whatever the variables hold, it is a membership, nothing, or a failure with a message and a remedy', () => {
  const environments = fc.oneof(
    fc.dictionary(fc.constantFrom(...NAMES), values),
    clusters.map((value) => ({ TF_CONFIG: JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one)) })),
  )
  fc.assert(
    fc.property(environments, (env) => {
      const result = of(env)
      if (E.isLeft(result)) {
        const { left } = result
        return left._tag === 'Missing' && left.message.length > 10 && left.message.length < 300 && left.remedy !== ''
      }
      if (result.right === undefined) return true
      const { rank, size, leader } = result.right
      return rank >= 0 && rank < size && leader.port >= 1 && leader.port <= 65_535 && leader.host !== ''
    }),
    { numRuns: 2000 },
  )
})

test('addresses are read as they are written', () => {
  const hosts = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6())
  fc.assert(
    fc.property(hosts, fc.integer({ min: 1, max: 65_535 }), (host, port) => {
      expect(addressOf(addressText({ host, port }))).toEqual(E.right({ host, port }))
    }),
  )
})

test('ports of Slurm lie where the docs say, and those of a job and the next differ', () => {
  fc.assert(
    fc.property(fc.nat(4_000_000_000), fc.nat(15), (job, step) => {
      const port = slurmPort(job, step)
      expect(port).toBeGreaterThanOrEqual(20_000)
      expect(port).toBeLessThan(29_000)
      expect(slurmPort(job, step + 1)).not.toBe(port)
      expect(slurmPort(job + 1, step)).not.toBe(port)
    }),
  )
})

describe("Slurm's lists of hosts", () => {
  test.each<[string, readonly string[]]>([
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    ['node[001-003,007],gpu-a1', ['node001', 'node002', 'node003', 'node007', 'gpu-a1']],
    ['r[1-2]n[01-02]', ['r1n01', 'r1n02', 'r2n01', 'r2n02']],
    ['n[8-11]', ['n8', 'n9', 'n10', 'n11']],
    ['n[1].domain,m[2-2]-ib', ['n1.domain', 'm2-ib']],
  ])('%s', (list, expected) => {
    expect(expandHosts(list)).toEqual(E.right(expected))
  })

  test.each(['', 'a,', 'n[1', 'n1]', 'n[]', 'n[a-b]', 'n[3-1]', 'n[[1]]', 'n[1-999999999]', 'n[1-300]m[1-300]', 'a b', 'n[1-]'])(
    "'%s' is refused",
    (list) => {
      expect(E.isLeft(expandHosts(list))).toBe(true)
    },
  )

  test('a range has as many hosts as it says, all of one width', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(300), fc.integer({ min: 4, max: 8 }), (from, more, width) => {
        const text = (n: number): string => String(n).padStart(width, '0')
        const hosts = expandHosts(`n[${text(from)}-${text(from + more)}]`)
        expect(hosts).toEqual(E.right(Array.from({ length: more + 1 }, (_, i) => `n${text(from + i)}`)))
      }),
    )
  })

  test('any text is a list or a reason', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[n\d[\],-]*$/)), (text) => void expandHosts(text)))
  })
})
