/** Pipelines × report × view × charts × exports: whatever is trained comes to its end, can be looked at, and goes elsewhere or is told why not. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Failure } from '../../src/base/failure'
import type { Plan } from '../../src/dsl/plan'
import { isStage } from '../../src/dsl/registry'
import { opName } from '../../src/dsl/type'
import { openReader } from '../../src/evaluate/openReader'
import type { Reader } from '../../src/evaluate/reader'
import { FORMATS, type FormatName } from '../../src/export/formats'
import { seenPictures } from '../../src/loader/seen'
import { registry } from '../../src/ops/registry'
import { type Backbone, backboneSlot, lossSlot } from '../../src/ops/slots'
import { designOf } from '../../src/program/design'
import type { Metric } from '../../src/program/metric'
import { openPlan } from '../../src/program/openPlan'
import { sectionsOf } from '../../src/report/charts'
import { attentionFigure, componentsFigure, correspondenceFigure, type Figure } from '../../src/report/figures'
import { pairsFor, picturesFor } from '../../src/report/pictures'
import { runReport } from '../../src/report/run'
import { viewsPage } from '../../src/report/viewsPage'
import type { Summary } from '../../src/run/events'
import { runPlan } from '../../src/run/run'
import { readCurves } from '../../src/store/curves'
import { runFolder } from '../../src/store/folder'
import { sheetOf, viewsSheet } from '../../src/view/sheet'
import { withoutTensorFlow } from '../engine'
import { exported } from '../export/folder'
import { NAMES, planIn, smallData, smallNetworks, smallViews, textOf } from './madeSmall'

const backend = withoutTensorFlow === undefined ? 'tensorflow' : 'wasm'

/** What says when something was measured. */
const CLOCKS = ['step', 'epoch', 'seconds']

/** A pipeline in small, by its name and its text. */
type Subject = readonly [name: string, text: string]

/** A shipped pipeline with another backbone. */
const withBackbone = (recipe: string, before: string, backbone: string): Subject => [
  `${recipe} with ${backbone}`,
  textOf(recipe).replace(new RegExp(`- ${before}\\b.*`), `- ${backbone}: {}`),
]

const SUBJECTS: readonly Subject[] = [
  ...NAMES.map((name): Subject => [name, textOf(name)]),
  withBackbone('ibot-vit-s', 'vitSmall', 'vitTiny'),
  ...['swin', 'swinSmall', 'swinBase', 'swinLarge'].map((backbone) => withBackbone('ibot-swin-t7', 'swinTiny', backbone)),
]

const planOf = (text: string) =>
  planIn(text, [
    ...smallNetworks(text),
    ...smallData(text),
    ...smallViews(text),
    // WebAssembly computes in nothing else.
    ...(backend === 'wasm' && text.includes('bfloat16') ? ['train.precision=float32'] : []),
  ])

/** All formats of one network a family; of the others one each, and their weights. */
const ALL = ['ibot-vit-s', 'ibot-swin-t7', 'pixel-regression']
const formatsOf = (name: string): readonly FormatName[] => {
  const able = FORMATS.filter((format) => backend === 'tensorflow' || format === 'safetensors' || format === 'timm')
  if (ALL.includes(name)) return able
  return [...new Set<FormatName>(['safetensors', able[SUBJECTS.findIndex(([one]) => one === name) % able.length]!])]
}

const right = async <A>(task: TE.TaskEither<Failure, A>): Promise<A> => {
  const result = await task()
  if (E.isRight(result)) return result.right
  throw result.left._tag === 'Defect' ? result.left.error : new Error(JSON.stringify(result.left))
}

const backboneOf = (plan: Plan): Backbone => {
  const design = designOf(registry, plan)
  if (E.isLeft(design)) throw new Error(JSON.stringify(design.left))
  return design.right.backbone.meaning
}

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ibot-crossing-'))
})
afterAll(() => rmSync(root, { recursive: true }))

describe.each(SUBJECTS)('%s, made small', (name, text) => {
  const run = () => join(root, name.replaceAll(/[ /]/g, '-'))
  const backbone = backboneOf(planOf(text))
  const isVit = backbone.architecture({ channels: 3, size: 32 }).family === 'vit'
  const hasHead = text.includes('projectionHead')
  const hasClassifier = text.includes('classifier')
  let summary: Summary
  let reader: Reader
  beforeAll(async () => {
    summary = await right(runPlan(planOf(text), { out: run(), backend }))
    reader = await right(openReader(registry, run(), undefined))
  })

  test('runs to its end', () => {
    expect(summary.steps).toBe(2)
    expect(summary.loss).toSatisfy(Number.isFinite)
    expect(existsSync(join(runFolder(run()).checkpoints, 'step-00000002.safetensors'))).toBe(true)
  })

  test('draws every number that it has measured, each once, under a name that no other has', async () => {
    const { about, metrics } = runFolder(run())
    const declared: readonly Metric[] = JSON.parse(readFileSync(about, 'utf8')).metrics
    const lines: readonly Readonly<Record<string, number>>[] = readFileSync(metrics, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const names = lines.flatMap(({ step, ...values }) => Object.keys(values).map((name) => `${step} ${name}`))
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])

    const measured = new Set(lines.flatMap(Object.keys))
    const sections = sectionsOf(await right(readCurves(metrics, 2)), declared, 2)
    const drawn = sections.flatMap(({ charts, constants }) => [
      ...charts.flatMap((chart) => chart.lines.map(({ name }) => name)),
      ...constants.map(([name]) => name),
    ])
    expect([...drawn].sort()).toEqual([...measured].filter((name) => !CLOCKS.includes(name)).sort())
    expect(new Set(declared.map(({ name }) => name)).size).toBe(declared.length)
    expect(drawn.filter((name) => !declared.some((metric) => metric.name === name))).toEqual([])
  })

  test('has a report with every part, or with the reason why there is none', async () => {
    const page = await right(runReport(registry, run()))
    const headings = [...page.matchAll(/<h([23])>(.*?)<\/h\1>/g)].map(([, , title]) => title)
    for (const title of ['Losses', 'Views and masks', 'Attention', 'Prototypes', 'Pipeline', 'Environment'])
      expect(headings).toContain(title)
    expect(page).toContain(backbone.hasCls ? 'alt="attention maps,' : 'has no [CLS] token.')
    expect(page).toContain(hasHead ? 'alt="patches nearest to prototypes,' : 'has no projection head, and so no prototypes.')
    expect(page).not.toMatch(/can&#39;t be|can't be/)
  })

  test('can be looked at', async () => {
    const seen = await right(seenPictures(await right(openPlan(planOf(text))), 0, 2))
    expect((await viewsSheet(seen.pictures)).width).toBeGreaterThan(100)
    expect(await viewsPage(name, seen)).toContain('global 1 of picture')

    const pictures = await right(picturesFor(reader, 2, expect.fail))
    const drawn = async (figure: TE.TaskEither<Failure, Figure>) => (await sheetOf(await right(figure))).width
    expect(await drawn(componentsFigure(reader, pictures))).toBeGreaterThan(100)
    expect(await drawn(correspondenceFigure(reader, await right(pairsFor(reader, 2, expect.fail)), 4))).toBeGreaterThan(100)
    const attention = attentionFigure(reader, pictures)
    if (backbone.hasCls) expect(await drawn(attention)).toBeGreaterThan(100)
    else
      expect(await attention()).toMatchObject({
        left: { message: expect.stringMatching(/^attention maps show .* no \[CLS\] token$/) },
      })
  })

  test.each(formatsOf(name))('goes to %s, or is told why not', async (to) => {
    const made = await exported(run(), to, { network: undefined })
    const library = { timm: 'timm', huggingface: "Hugging Face's ViTModel" }[to as string]
    if (isVit || library === undefined)
      expect(made).toMatchObject({ network: text.includes('emaTeacher') ? 'teacher' : 'student', step: 2 })
    else expect(made).toBe(`${library} has no network with the backbone '${reader.model.backbone.name}' in this export`)
  })

  test.skipIf(!hasClassifier)('goes elsewhere with its classifier', async () => {
    const made = await exported(run(), 'safetensors', { network: undefined, withHead: true })
    expect(made).toMatchObject({ network: 'student', step: 2 })
  })

  test.skipIf(hasHead || hasClassifier)('has no head to export', async () => {
    expect(await exported(run(), 'safetensors', { network: undefined, withHead: true })).toBe(
      `the network of the run in ${run()} has no projection head`,
    )
  })
})

test('every backbone and every loss is among them', () => {
  const used = new Set(SUBJECTS.flatMap(([, text]) => planOf(text).pipeline.map(opName)))
  const slots: readonly string[] = [backboneSlot.name, lossSlot.name]
  const stages = registry.ops.filter((op) => isStage(op) && slots.includes(op.slot.name))
  expect(stages.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([])
})
