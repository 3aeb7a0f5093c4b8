/** `show`, `explain` and `schema`. */
import { expect, test } from 'vitest'
import { folder, ibot, start, TINY, WITHOUT_TENSORFLOW } from './ibot'

test('show writes out every default', async () => {
  const { code, stdout, stderr } = await ibot('show', 'tiny.yaml', '--set', 'vit.depth=2', '--set', 'name=other')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatchInlineSnapshot(`
    "name: other
    pipeline:
      - dataset: { source: { shapes: { count: 24, size: 8, seed: 0, channels: 3 } } }
      - views:
          global:
            - times: 2
              augment:
                - randomResizedCrop:
                    size: 8
                    scale: [0.08, 1]
                    ratio: [0.75, 1.3333333333333333]
                    interpolation: bicubic
          local:
            - times: 2
              augment:
                - randomResizedCrop:
                    size: 4
                    scale: [0.08, 1]
                    ratio: [0.75, 1.3333333333333333]
                    interpolation: bicubic
          normalize: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
      - masking: { mask: { block: { ratio: [0.5, 0.5], aspect: 0.3 } } }
      - vit:
          patch: 4
          width: 8
          depth: 2
          heads: 2
          mlpRatio: 4
          qkvBias: true
          dropout: 0
          attentionDropout: 0
          dropPath: 0
          layerScale: 0
          registers: 0
          pooling: cls
      - projectionHead:
          output: { shared: { prototypes: 16 } }
          layers: 3
          hidden: 16
          bottleneck: 8
          norm: none
          activation: gelu
          normalizeLastLayer: true
      - emaTeacher: { momentum: { cosine: { from: 0.996, to: 1 } } }
      - clsDistillation:
          weight: { constant: { value: 1 } }
          studentTemperature: 0.1
          target: [center: { momentum: 0.9 }, sharpen: { temperature: { constant: { value: 0.04 } } }]
      - maskedImageModeling:
          weight: { constant: { value: 1 } }
          studentTemperature: 0.1
          target: [center: { momentum: 0.9 }, sharpen: { temperature: { constant: { value: 0.04 } } }]
      - adamw:
          lr:
            piecewise:
              schedules:
                - linear: { from: 0, to: 5e-4, for: 2 steps, per: step }
                - cosine: { from: 5e-4, to: 1e-6 }
          weightDecay: { constant: { value: 0.04 } }
          betas: { first: 0.9, second: 0.999 }
          eps: 1e-8
          clip: 3
          freezeLastLayer: 1 epoch
          layerDecay: 1
          decayEmbeddings: true
      - train:
          batch: 8
          steps: 4
          seed: 0
          repeatedAugmentation: 1
          precision: float32
          device: auto
          devices: auto
          workers: auto
          timeout: 60
          maxBad: 0.01
          onCollapse: warn
      - knn:
          test: { shapes: { count: 12, size: 8, seed: 1, channels: 3 } }
          bank: 20000
          k: [3]
          temperature: 0.07
          feature: cls
    "
  `)
  const cwd = folder({ 'again.yaml': stdout })
  expect((await start(cwd, ['show', 'again.yaml'])).stdout).toBe(stdout)
})

test('show --ts', async () => {
  const { code, stdout } = await ibot('show', 'tiny.yaml', '--ts')
  expect(code).toBe(0)
  expect(stdout.split('\n')[0]).toBe('import {')
  expect(stdout).toContain("\n} from 'ibot'\n\nexport const tiny = pipe(\n  pipeline('tiny'),\n  dataset({")
})

test('show --graph prints the operations of a step, without any library', async () => {
  const { code, stdout, stderr } = await start(
    folder({ 'tiny.yaml': TINY }),
    ['show', 'tiny.yaml', '--graph'],
    WITHOUT_TENSORFLOW,
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^%\d+ = \w*MatMul\(.*\) .*: float32\[.*\]$/m)
  expect(stdout).toMatch(/\n\n[\d,]+ operations: .*\n\d+ variables of [\d,]+ values, inputs rows, .*\n$/)
})

test('show refuses what check refuses', async () => {
  const cwd = folder({ 'p.yaml': TINY.replace('size: 4', 'size: 6') })
  expect((await start(cwd, ['show', 'p.yaml'])).code).toBe(2)
})

test('explain lists all ops by kind', async () => {
  const { code, stdout } = await ibot('explain')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^stage\n/)
  for (const name of ['vit', 'cosine', 'randomResizedCrop', 'block', 'imageFolder'])
    expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
})

test('explain one op', async () => {
  const { code, stdout } = await ibot('explain', 'cosine')
  expect(code).toBe(0)
  expect(stdout).toMatchInlineSnapshot(`
    "cosine: a schedule

      Half a cosine wave from \`from\` towards \`to\`, which it reaches just after its last step.
      to + (from - to) · (1 + cos(π i / n)) / 2, i = 0 … n - 1
      Source: SGDR (arXiv 1608.03983) without restarts; cosine_scheduler of the reference implementation

    Parameters
      name  type                                                       default   meaning
      from  a number or a quantity                                     required  the first value
      to    a number or a quantity                                     required  the value it tends to
      for   a duration: '10 epochs', '500 steps' or '5%' (of the run)  –         how long it takes; by default whatever is left of the run

    YAML
      cosine: { from: 0.996, to: 1 }

    TypeScript
      cosine({ from: 0.996, to: 1 })
    "
  `)
})

test('explain what is not there', async () => {
  expect(await ibot('explain', 'vti')).toEqual({
    code: 2,
    stdout: '',
    stderr: "there is no op or kind 'vti'\n  did you mean 'vit'?\n\n1 problem\n",
  })
})

test('schema is draft-07', async () => {
  const { code, stdout } = await ibot('schema')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#', required: ['name', 'pipeline'] })
})

test('--unset removes a parameter or a stage, --set replaces what it excludes; both may be given several times', async () => {
  const edits = ['--unset', 'knn', '--unset', 'adamw.lr', '--set', 'adamw.lr=1e-3', '--set', 'train.epochs=2']
  const { code, stdout, stderr } = await ibot('show', 'tiny.yaml', ...edits)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).not.toContain('knn')
  expect(stdout).toContain('epochs: 2')
  expect(stdout).not.toContain('steps:')
  const wrong = await ibot('show', 'tiny.yaml', '--unset', 'knm')
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toMatch(/^--unset:1:1 {2}the pipeline has no stage 'knm'\n.*\n.*\n {2}did you mean 'knn'\?/)
})
