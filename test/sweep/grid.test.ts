/** The combinations of a sweep, and the names of their folders. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { combinationsOf, nameOf } from '../../src/sweep/grid'

test('all combinations, the first axis most slowly, by names that say what they are', () => {
  const axes = [
    { path: 'vit.depth', values: ['2', '4'] },
    { path: 'adamw.lr', values: ['0.001', '5e-4'] },
  ]
  expect(combinationsOf(axes).map(({ name }) => name)).toEqual([
    'depth=2,lr=0.001',
    'depth=2,lr=5e-4',
    'depth=4,lr=0.001',
    'depth=4,lr=5e-4',
  ])
})

test('two parameters of one name are named in full', () => {
  expect(nameOf(['clsDistillation.weight', 'maskedImageModeling.weight', 'train.seed'], ['1', '2', '0'])).toBe(
    'clsDistillation.weight=1,maskedImageModeling.weight=2,seed=0',
  )
  expect(nameOf(['views.global[0].times', 'views.local[0].times'], ['1', '2'])).toBe(
    'views.global-0-.times=1,views.local-0-.times=2',
  )
})

test('values that a folder can not be called by are told from each other by a digest', () => {
  expect(nameOf(['masking'], ['{ random: { ratio: 0.3 } }'])).toMatch(/^masking=random-ratio-0\.3-[0-9a-f]{8}$/)
  expect(nameOf(['dataset.root'], ['../x/../../etc'])).toMatch(/^root=x-\.\.-\.\.-etc-[0-9a-f]{8}$/)
  expect(nameOf(['a.b'], ['vitSmall'])).not.toBe(nameOf(['a.b'], ['VitSmall']))
  expect(nameOf(['a.b'], ['-1'])).toBe('b=-1')
})

test('a name is safe on every file system, and of other values it is another one, whatever the case of letters counts for', () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^[aAbB._ -]{0,4}$/),
    fc.string({ minLength: 50, maxLength: 80 }),
  )
  const paths = ['vit.depth', 'adamw.lr', 'a[0].b']
  const values = fc.tuple(value, value, value)
  fc.assert(
    fc.property(values, values, (one, other) => {
      const [name, second] = [nameOf(paths, one), nameOf(paths, other)]
      expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9_.+=,-]*[A-Za-z0-9_+]$/)
      expect(name.length).toBeLessThanOrEqual(180)
      const same = one.every((value, i) => value === other[i])
      expect(name.toLowerCase() === second.toLowerCase()).toBe(same)
      expect(nameOf(paths, one)).toBe(name)
    }),
  )
})
