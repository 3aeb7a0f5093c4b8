/** A value → a plan whose stages fit together, or every problem at once. */
import * as E from 'fp-ts/Either'
import type { Problem } from '../base/failure'
import { decoder, problemsOf, shown } from './decode'
import { nearest } from './nearest'
import { type Plan, RUNNABLE } from './plan'
import { isStage, type Registry } from './registry'
import { type Fact, type StageSpec, stageKind } from './spec'
import { leaf, type Op, op, opBody } from './type'

/** A stage of the document: its place in the list, its definition if the name is known, and the op if it decodes. */
export interface CheckedStage {
  readonly index: number
  readonly spec: StageSpec | undefined
  readonly op: Op<'stage'> | undefined
}

export interface Checked {
  readonly name: string
  readonly stages: readonly CheckedStage[]
  readonly problems: readonly Problem[]
}

export const runName = leaf<string>({
  name: 'name',
  expected: 'a name of letters, digits, `.`, `_` and `-` that starts with a letter or a digit',
  schema: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', maxLength: 100 },
  read: (u) => (typeof u === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(u) ? u : undefined),
})

/** The keys of a pipeline document. */
export const DOCUMENT = { name: runName, pipeline: op(stageKind) } as const

const isMapping = (u: unknown): u is Readonly<Record<string, unknown>> => typeof u === 'object' && u !== null && !Array.isArray(u)

/** Checks a document: its form, each stage by itself, and that each stage has above it what it needs. */
export const checkDocument = (registry: Registry, document: unknown): Checked => {
  if (!isMapping(document)) {
    const message = `expected a mapping with name and pipeline, got ${shown(document)}`
    return { name: '', stages: [], problems: [{ code: 'wrong-value', path: [], at: 'value', message }] }
  }
  const known = Object.keys(DOCUMENT)
  const unknown = Object.keys(document)
    .filter((key) => !known.includes(key))
    .map((key): Problem => {
      const guess = nearest(key, known)
      const suggestion = guess ? `did you mean '${guess}'?` : `known here: ${known.join(', ')}`
      return { code: 'unknown-key', path: [key], at: 'key', message: `unknown key '${key}'`, suggestion }
    })
  // A mistyped key isn't missing too.
  const meant = unknown.flatMap(({ path: [key] }) => nearest(String(key), known) ?? [])
  const absent = known
    .filter((key) => document[key] === undefined && !meant.includes(key))
    .map(
      (key): Problem => ({
        code: 'missing-key',
        path: [],
        at: 'key',
        message: `missing key '${key}'${key === 'name' ? ': what the run is called' : ': the list of stages'}`,
      }),
    )
  const named = document.name === undefined ? E.right('') : decoder(registry, runName).decode(document.name)
  const list = document.pipeline
  const problems = [...unknown, ...absent, ...(E.isLeft(named) ? problemsOf(named.left, ['name']) : [])]
  const name = E.isRight(named) ? String(named.right) : ''
  if (list === undefined) return { name, stages: [], problems }
  if (!Array.isArray(list)) {
    const message = `expected a list of stages, got ${shown(list)}`
    return { name, stages: [], problems: [...problems, { code: 'wrong-value', path: ['pipeline'], at: 'value', message }] }
  }
  const checked = list.map((item, index) => checkStage(registry, item, index))
  const stages = checked.map((c) => c.stage)
  return {
    name,
    stages,
    problems: [...problems, ...checked.flatMap((c) => c.problems), ...checkFacts(registry, stages), ...checkSlots(stages)],
  }
}

const checkStage = (
  registry: Registry,
  item: unknown,
  index: number,
): { readonly stage: CheckedStage; readonly problems: readonly Problem[] } => {
  const decoded = decoder(registry, op(stageKind)).decode(item)
  const keys = isMapping(item) ? Object.keys(item) : [item]
  // Several keys in one item may be as many stages: which, its own problem tells.
  const name = keys.length === 1 && typeof keys[0] === 'string' ? keys[0] : ''
  // A mistyped stage counts as the one that was meant, so that what it gives isn't reported as missing too.
  const found = registry.find(stageKind, name) ?? registry.find(stageKind, nearest(name, registry.names(stageKind)) ?? '')
  const spec = found !== undefined && isStage(found) ? found : undefined
  return E.isRight(decoded)
    ? { stage: { index, spec, op: decoded.right as Op<'stage'> }, problems: [] }
    : { stage: { index, spec, op: undefined }, problems: problemsOf(decoded.left, ['pipeline', index]) }
}

export const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(' or ')
/** The stages that give a fact, by name. */
export const givers = (registry: Registry, fact: Fact): readonly string[] =>
  registry.ops.filter((spec) => isStage(spec) && spec.gives.includes(fact)).map((spec) => spec.name)

/** Each stage has above it the stages that give what it needs, and the whole has what a run needs. */
const checkFacts = (registry: Registry, stages: readonly CheckedStage[]): readonly Problem[] => {
  // An unknown stage might give anything: its own problem comes first.
  if (stages.some((stage) => stage.spec === undefined)) return []
  const problems: Problem[] = []
  const established = new Set<Fact>()
  for (const { index, spec } of stages) {
    for (const fact of spec!.needs) {
      if (established.has(fact)) continue
      const later = stages.find((other) => other.index > index && other.spec!.gives.includes(fact))
      problems.push({
        code: 'missing-fact',
        path: ['pipeline', index, spec!.name],
        at: 'key',
        message: `'${spec!.name}' needs ${fact}, and no stage above it gives that`,
        suggestion: later
          ? `move '${later.spec!.name}' above this line`
          : `add ${quoted(givers(registry, fact))} above this line`,
      })
      established.add(fact)
    }
    for (const fact of spec!.gives) established.add(fact)
  }
  for (const stage of stages) problems.push(...checkMeant(registry, stage, established))
  for (const fact of RUNNABLE) {
    if (established.has(fact)) continue
    problems.push({
      code: 'missing-stage',
      path: ['pipeline'],
      at: 'key',
      message: `nothing gives ${fact}, without which the pipeline can't run`,
      suggestion: `add ${quoted(givers(registry, fact))}`,
    })
  }
  return problems
}

/** Parameters that say something of what no stage of the pipeline is. */
const checkMeant = (registry: Registry, { index, spec, op }: CheckedStage, established: ReadonlySet<Fact>): readonly Problem[] =>
  Object.entries(spec?.onlyWith ?? {}).flatMap(([parameter, fact]) =>
    op === undefined || opBody(op)[parameter] === undefined || fact === undefined || established.has(fact)
      ? []
      : [
          {
            code: 'missing-fact',
            path: ['pipeline', index, spec!.name, parameter],
            at: 'key' as const,
            message: `'${parameter}' means nothing without ${fact}, and no stage gives that`,
            suggestion: `leave it out, or add ${quoted(givers(registry, fact))}`,
          },
        ],
  )

/** A slot that holds one stage isn't filled twice. */
const checkSlots = (stages: readonly CheckedStage[]): readonly Problem[] =>
  stages.flatMap(({ index, spec }): readonly Problem[] => {
    if (spec === undefined || spec.slot.many) return []
    const first = stages.find((other) => other.spec?.slot.name === spec.slot.name)
    return first === undefined || first.index >= index
      ? []
      : [
          {
            code: 'second-stage',
            path: ['pipeline', index, spec.name],
            at: 'key',
            message: `a second ${spec.slot.name}: '${first.spec!.name}' above already is one`,
            suggestion: 'keep one of them',
          },
        ]
  })

/** The plan in a document, or all its problems. */
export const planOf = (registry: Registry, document: unknown): E.Either<readonly Problem[], Plan> => {
  const { name, stages, problems } = checkDocument(registry, document)
  return problems.length > 0
    ? E.left(problems)
    : E.right({ name, pipeline: stages.flatMap((stage) => (stage.op ? [stage.op] : [])) })
}
