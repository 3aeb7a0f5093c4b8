/** `ibot ls` and `ibot cp`: the recipes that come with ibot. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, ROOT, start } from './ibot'

const FILES = readdirSync(join(ROOT, 'pipelines'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'))

test('ls tells all of them, each in words', async () => {
  const { code, stdout, stderr } = await start(folder(), ['ls'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.split('\n')[0]).toMatch(/^name +backbone +data +length +what it is$/)
  expect(stdout).toMatch(
    /^ibot-vit-s +vitSmall +imageFolder data\/imagenet\/train +800 epochs {2}iBOT with ViT-S\/16 on ImageNet-1K$/m,
  )
  expect(stdout).toMatch(/^quickstart +vit +cifar10 train +\d+ steps {2}iBOT on photographs/m)
  const { recipes } = JSON.parse((await start(folder(), ['ls', '--json'])).stdout)
  expect(recipes).toHaveLength(FILES.length)
  for (const { name, path, gist, backbone, data, epochs, steps } of recipes) {
    expect(readFileSync(path, 'utf8'), name).toContain(gist.slice(0, 20))
    expect(gist.length, name).toBeGreaterThan(15)
    expect([backbone, data].every((text) => text.length > 0)).toBe(true)
    expect((epochs === null) !== (steps === null), name).toBe(true)
  }
})

test('cp copies one, its comments with it, and overwrites nothing', async () => {
  const root = folder({ 'recipes/other': '' })
  expect(await start(root, ['cp', 'quickstart'])).toMatchObject({
    code: 0,
    stdout: 'quickstart.yaml\n    ibot check quickstart.yaml\n',
    stderr: '',
  })
  const [own, copy] = [join(ROOT, 'pipelines', 'quickstart.yaml'), join(root, 'quickstart.yaml')].map((path) =>
    readFileSync(path, 'utf8').split('\n'),
  )
  expect(copy!.slice(1)).toEqual(own!.slice(1))
  // The schema is found from where the copy lies.
  expect(JSON.parse(readFileSync(join(root, /schema=(.*)/.exec(copy![0]!)![1]!), 'utf8'))).toHaveProperty('$schema')
  expect(await start(root, ['cp', 'quickstart'])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('quickstart.yaml exists, and nothing is overwritten'),
  })
  expect(await start(root, ['cp', 'transfer-cars', 'recipes'])).toMatchObject({ code: 0 })
  expect(JSON.parse((await start(root, ['cp', 'pipelines/mnist.yaml', 'new/mine.yaml', '--json'])).stdout)).toEqual({
    ok: true,
    recipe: 'mnist',
    file: 'new/mine.yaml',
  })
  expect(readdirSync(join(root, 'recipes')).sort()).toEqual(['other', 'transfer-cars.yaml'])
})

test('another name is refused, and the nearest told', async () => {
  const { code, stderr } = await start(folder(), ['cp', 'quikstart'])
  expect(code).toBe(2)
  expect(stderr).toContain("there is no recipe 'quikstart'")
  expect(stderr).toContain("did you mean 'quickstart'? 'ibot ls' lists them")
})
