/** A backbone of one's own, from a module: it trains, and what reads a run treats it by what it declares. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { withoutTensorFlow } from '../engine'
import { type Ended, folder, linkIbot, ROOT, start, TINY } from './ibot'

// Each is several processes, one after the other.
vi.setConfig({ testTimeout: 120_000 })

const OWN = TINY.replace('vit: {', 'simpleVit: {')

const place = (): string => {
  const path = folder({
    'own.yaml': OWN,
    'simpleVit.mjs': readFileSync(join(ROOT, 'examples', 'simpleVit.mjs'), 'utf8'),
  })
  linkIbot(path)
  return path
}

test('it trains, has a report and features to look at, and is exported as it is; other libraries have no words for it', async () => {
  expect(OWN).not.toBe(TINY)
  const cwd = place()
  const ibot = (...args: readonly string[]): Promise<Ended> => start(cwd, [...args, '--ops', 'simpleVit.mjs'])

  const run = await ibot('run', 'own.yaml', '--out', 'run')
  expect(run.code, run.stderr).toBe(0)
  const lines = readFileSync(join(cwd, 'run', 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
  expect(lines.map((line) => JSON.parse(line).loss).filter(Number.isFinite)).toHaveLength(4)

  const report = readFileSync(join(cwd, 'run', 'report.html'), 'utf8')
  expect(report).toContain('attention maps show what [CLS] looks at, and simpleVit has no [CLS] token.')
  expect(report).toContain('alt="patches nearest to prototypes,')

  expect(await ibot('view', 'attention', 'run')).toMatchObject({
    code: 3,
    stderr: "error  attention maps show what [CLS] looks at, and simpleVit has no [CLS] token\n  'pca' shows its features.\n",
  })
  expect(await ibot('view', 'pca', 'run')).toMatchObject({ code: 0, stdout: 'run-pca.png\n' })

  const exported = await ibot('export', 'run', '--to', 'safetensors')
  expect(exported.code, exported.stderr).toBe(0)
  expect(existsSync(join(cwd, 'run', 'exports', 'teacher.safetensors'))).toBe(true)
  const refused = await ibot('export', 'run', '--to', 'timm')
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("timm has no network with the backbone 'simpleVit'") })
})

test.skipIf(withoutTensorFlow !== undefined)('its computation is exported, whatever it is', async () => {
  const cwd = place()
  const ibot = (...args: readonly string[]): Promise<Ended> => start(cwd, [...args, '--ops', 'simpleVit.mjs'])
  const run = await ibot('run', 'own.yaml', '--out', 'run', '--backend', 'tensorflow', '--set', 'train.precision=bfloat16')
  expect(run.code, run.stderr).toBe(0)
  const exported = await ibot('export', 'run', '--to', 'onnx')
  expect(exported.code, exported.stderr).toBe(0)
  const refused = await ibot('export', 'run', '--to', 'huggingface')
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("Hugging Face's ViTModel has no network with the backbone 'simpleVit'"),
  })
})

test('its mistakes are told with their places', async () => {
  const cwd = place()
  const checked = await start(cwd, ['check', 'own.yaml', '--ops', 'simpleVit.mjs', '--set', 'simpleVit.width=10'])
  expect(checked.code).toBe(2)
  expect(checked.stderr).toContain('--set:1:17  the width (10) must be a multiple of 4\n')
})
