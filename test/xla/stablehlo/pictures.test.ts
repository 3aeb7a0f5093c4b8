/** Operations on pictures, lowered and run, against tfjs on the CPU; gradients against the definition of the adjoint. */
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { elements } from '../../../src/base/shape'
import type { Attributes } from '../../../src/graph/operation'
import type { OperationType } from '../../../src/graph/types'
import { withoutPlugin } from '../plugin'
import { type Case, computed, expectCases, float, int, type Numbers } from './lowering'

/** Numbers that are exact in float32, all of them different, on both sides of 0. */
const some = (shape: readonly number[]): Numbers =>
  float(
    Array.from({ length: elements(shape) }, (_, i) => ((i * 37) % 101) / 8 - 6 + i / 1024),
    shape,
  )

/** Small integers, whose sums of products are exact. */
const whole = (shape: readonly number[]): Numbers =>
  float(
    Array.from({ length: elements(shape) }, (_, i) => ((i * 7) % 11) - 5),
    shape,
  )

const numbersOf = (x: tf.Tensor): Numbers => float(Array.from(x.dataSync()), x.shape)
const tensorOf = ({ values, shape }: Numbers): tf.Tensor => tf.tensor([...values], [...shape], 'float32')

/** What a function of tensors gives. */
const by = (f: (...x: readonly tf.Tensor[]) => tf.Tensor, ...x: readonly Numbers[]): Numbers => {
  const y = tf.tidy(() => f(...x.map(tensorOf)))
  const numbers = numbersOf(y)
  y.dispose()
  return numbers
}

/** What the adjoint of a linear function gives: each number is the product of `dy` with what the function makes of a 1 in its place. */
const adjoint = (f: (x: tf.Tensor) => tf.Tensor, shape: readonly number[], dy: Numbers): Numbers => {
  const size = elements(shape)
  const place = (at: number) =>
    float(
      Array.from({ length: size }, (_, i) => (i === at ? 1 : 0)),
      shape,
    )
  const values = Array.from({ length: size }, (_, at) =>
    by(f, place(at)).values.reduce((sum, value, i) => sum + value * dy.values[i]!, 0),
  )
  return float(values, shape)
}

interface Setting {
  readonly strides?: readonly [number, number]
  readonly dilations?: readonly [number, number]
  /** Given in numbers: at the top, the bottom, the left and the right. */
  readonly padding: 'SAME' | 'VALID' | readonly [number, number, number, number]
}

const attributesOf = ({ strides = [1, 1], dilations = [1, 1], padding }: Setting): Attributes => ({
  strides: { ints: [1, ...strides, 1] },
  dilations: { ints: [1, ...dilations, 1] },
  padding: { string: typeof padding === 'string' ? padding : 'EXPLICIT' },
  data_format: { string: 'NHWC' },
  ...(typeof padding === 'string' ? {} : { explicit_paddings: { ints: [0, 0, ...padding, 0, 0] } }),
})

/** The convolution on pictures that tfjs pads itself, as it takes no strides beside dilations. */
const convolution =
  (depthwise: boolean, { strides = [1, 1], dilations = [1, 1], padding }: Setting) =>
  (x: tf.Tensor, filters: tf.Tensor): tf.Tensor => {
    const pad = typeof padding === 'string' ? (padding.toLowerCase() as 'same' | 'valid') : 'valid'
    const given =
      typeof padding === 'string'
        ? x
        : tf.pad(x, [
            [0, 0],
            [padding[0], padding[1]],
            [padding[2], padding[3]],
            [0, 0],
          ])
    return depthwise
      ? tf.depthwiseConv2d(given as tf.Tensor4D, filters as tf.Tensor4D, [...strides], pad, 'NHWC', [...dilations])
      : tf.conv2d(given as tf.Tensor4D, filters as tf.Tensor4D, [...strides], pad, 'NHWC', [...dilations])
  }

const SETTINGS: readonly Setting[] = [
  { padding: 'VALID' },
  { padding: 'SAME' },
  { padding: 'VALID', strides: [2, 3] },
  { padding: 'SAME', strides: [3, 2] },
  { padding: 'SAME', dilations: [2, 1] },
  { padding: 'VALID', dilations: [1, 2] },
  { padding: [1, 0, 2, 3] },
  { padding: [0, 3, 1, 1], strides: [2, 2] },
]

/** A convolution with both of its gradients. */
const convolutionCases = (
  depthwise: boolean,
  shape: readonly number[],
  filterShape: readonly number[],
  setting: Setting,
): readonly Case[] => {
  const name = depthwise ? 'DepthwiseConv2dNative' : 'Conv2D'
  const [x, filters, attributes] = [whole(shape), whole(filterShape), attributesOf(setting)]
  const f = convolution(depthwise, setting)
  const y = by(f, x, filters)
  const dy = whole(y.shape)
  return [
    { type: name, inputs: [x, filters], attributes, gives: [y] },
    {
      type: `${name}BackpropInput`,
      inputs: [int(shape), filters, dy],
      fixed: [0],
      attributes,
      gives: [adjoint((x) => f(x, tensorOf(filters)), shape, dy)],
    },
    {
      type: `${name}BackpropFilter`,
      inputs: [x, int(filterShape), dy],
      fixed: [1],
      attributes,
      gives: [adjoint((filters) => f(tensorOf(x), filters), filterShape, dy)],
    },
  ]
}

const poolAttributes = (size: readonly [number, number], setting: Setting): Attributes => ({
  ...attributesOf(setting),
  ksize: { ints: [1, ...size, 1] },
})

describe.skipIf(withoutPlugin)('operations on pictures by XLA', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu')
  })

  test('Conv2D and its gradients', () =>
    expectCases([
      ...SETTINGS.flatMap((setting) => convolutionCases(false, [2, 7, 6, 2], [3, 2, 2, 3], setting)),
      ...convolutionCases(false, [1, 4, 4, 1], [1, 1, 1, 2], { padding: 'SAME', strides: [2, 2] }),
      ...convolutionCases(false, [2, 8, 8, 3], [4, 4, 3, 5], { padding: 'VALID', strides: [4, 4] }),
    ]))

  test('Conv2D of groups and of channels first', async () => {
    const [x, filters] = [whole([1, 3, 3, 4]), whole([2, 2, 2, 6])]
    const half = (x: tf.Tensor, axis: number, which: number) => tf.split(x, 2, axis)[which]!
    const plain = convolution(false, { padding: 'VALID' })
    const groups = by(
      (x, filters) =>
        tf.concat(
          [0, 1].map((i) => plain(half(x, 3, i), half(filters, 3, i))),
          3,
        ),
      x,
      filters,
    )
    const first = by((x) => tf.transpose(x, [0, 3, 1, 2]), whole([2, 5, 4, 2]))
    const strided = by(convolution(false, { padding: 'SAME', strides: [2, 1] }), whole([2, 5, 4, 2]), whole([3, 2, 2, 3]))
    await expectCases([
      { type: 'Conv2D', inputs: [x, filters], attributes: attributesOf({ padding: 'VALID' }), gives: [groups] },
      {
        type: 'Conv2D',
        inputs: [first, whole([3, 2, 2, 3])],
        attributes: { strides: { ints: [1, 1, 2, 1] }, padding: { string: 'SAME' }, data_format: { string: 'NCHW' } },
        gives: [by((x) => tf.transpose(x, [0, 3, 1, 2]), strided)],
      },
    ])
  })

  test('DepthwiseConv2dNative and its gradients', () =>
    expectCases([
      ...SETTINGS.flatMap((setting) => convolutionCases(true, [2, 7, 6, 3], [3, 2, 3, 2], setting)),
      ...convolutionCases(true, [1, 4, 4, 2], [3, 3, 2, 1], { padding: 'SAME' }),
    ]))

  const POOLS: readonly (readonly [readonly [number, number], Setting])[] = [
    [[2, 2], { padding: 'VALID', strides: [2, 2] }],
    [[3, 2], { padding: 'SAME', strides: [2, 1] }],
    [[3, 3], { padding: 'SAME' }],
    [[2, 3], { padding: 'VALID', strides: [1, 2] }],
    [[1, 1], { padding: 'SAME', strides: [2, 3] }],
  ]

  test('AvgPool leaves what continues the picture out, as does its gradient', () =>
    expectCases(
      POOLS.flatMap(([size, setting]): readonly Case[] => {
        const attributes = poolAttributes(size, setting)
        const pad = (setting.padding as string).toLowerCase() as 'same' | 'valid'
        const f = (x: tf.Tensor) =>
          tf.avgPool(x as tf.Tensor4D, [...size], [...(setting.strides ?? [1, 1])] as [number, number], pad)
        const x = some([2, 5, 7, 2])
        const y = by(f, x)
        return [
          { type: 'AvgPool', inputs: [x], attributes, gives: [y] },
          {
            type: 'AvgPoolGrad',
            inputs: [int(x.shape), some(y.shape)],
            fixed: [0],
            attributes,
            gives: [adjoint(f, x.shape, some(y.shape))],
          },
        ]
      }),
    ))

  test('MaxPool, and its gradient, which goes to the largest', () =>
    expectCases(
      POOLS.flatMap(([size, setting]): readonly Case[] => {
        const attributes = poolAttributes(size, setting)
        const pad = (setting.padding as string).toLowerCase() as 'same' | 'valid'
        const f = (x: tf.Tensor) =>
          tf.maxPool(x as tf.Tensor4D, [...size], [...(setting.strides ?? [1, 1])] as [number, number], pad)
        // Below 0, what continues a picture must not be the largest.
        const x = by((x) => tf.sub(x, 100), some([2, 5, 7, 2]))
        const y = by(f, x)
        const dy = some(y.shape)
        const poolingOptions = { filterSize: [...size], strides: [...(setting.strides ?? [1, 1])], pad }
        const gradient = by(
          (dy, input, output) => tf.engine().runKernel('MaxPoolGrad', { dy, input, output }, poolingOptions) as tf.Tensor,
          dy,
          x,
          y,
        )
        return [
          { type: 'MaxPool', inputs: [x], attributes, gives: [y] },
          { type: 'MaxPoolGrad', inputs: [x, y, dy], attributes, gives: [gradient] },
        ]
      }),
    ))

  test('of equal numbers the first has the gradient', () =>
    expectCases([
      {
        type: 'MaxPoolGrad',
        inputs: [
          float([1, 1, 1, 1, 1, 2, 3, 3, 3], [1, 3, 3, 1]),
          float([1, 2, 3, 3], [1, 2, 2, 1]),
          float([1, 2, 3, 4], [1, 2, 2, 1]),
        ],
        attributes: poolAttributes([2, 2], { padding: 'VALID' }),
        gives: [float([1, 0, 0, 0, 0, 2, 3, 4, 0], [1, 3, 3, 1])],
      },
    ]))

  const SIZES: readonly (readonly [number, number])[] = [
    [7, 3],
    [2, 9],
    [4, 5],
    [1, 1],
  ]
  const WAYS = [
    { align_corners: false, half_pixel_centers: false },
    { align_corners: true, half_pixel_centers: false },
    { align_corners: false, half_pixel_centers: true },
  ]
  const resizeCases = (
    type: Extract<OperationType, 'ResizeBilinear' | 'ResizeNearestNeighbor'>,
    resize: typeof tf.image.resizeBilinear,
  ): readonly Case[] =>
    SIZES.flatMap((size) =>
      WAYS.flatMap(({ align_corners, half_pixel_centers }): readonly Case[] => {
        const attributes = { align_corners: { bool: align_corners }, half_pixel_centers: { bool: half_pixel_centers } }
        const f = (x: tf.Tensor) => resize(x as tf.Tensor4D, [...size] as [number, number], align_corners, half_pixel_centers)
        const x = some([1, 4, 5, 2])
        const y = by(f, x)
        const dy = some(y.shape)
        const isNearest = type === 'ResizeNearestNeighbor'
        return [
          { type, inputs: [x, int(size)], fixed: [1], attributes, gives: [y], within: 1e-5 },
          {
            type: `${type}Grad`,
            inputs: [dy, isNearest ? int([4, 5]) : x],
            fixed: isNearest ? [1] : [],
            attributes,
            gives: [adjoint(f, x.shape, dy)],
            within: 1e-5,
          },
        ]
      }),
    )

  test('ResizeBilinear and its gradient', () => expectCases(resizeCases('ResizeBilinear', tf.image.resizeBilinear)))

  test('ResizeNearestNeighbor and its gradient', () =>
    expectCases(resizeCases('ResizeNearestNeighbor', tf.image.resizeNearestNeighbor)))

  test('integers are resized to floats, or to integers by the nearest', () =>
    expectCases([
      {
        type: 'ResizeBilinear',
        inputs: [int([0, 10], [1, 1, 2, 1]), int([1, 4])],
        fixed: [1],
        gives: [float([0, 5, 10, 10], [1, 1, 4, 1])],
      },
      {
        type: 'ResizeNearestNeighbor',
        inputs: [int([1, 2], [1, 1, 2, 1]), int([1, 4])],
        fixed: [1],
        gives: [int([1, 1, 2, 2], [1, 1, 4, 1])],
      },
    ]))

  test('what is no number stays where it is', async () => {
    const [pooled] = await computed((graph) => [
      graph.one(
        'AvgPool',
        [graph.feed(float([Number.NaN, 1, 2, 3], [1, 1, 4, 1]))],
        float([], [1, 1, 2, 1]),
        poolAttributes([1, 2], { padding: 'VALID', strides: [1, 2] }),
      ),
    ])
    expect(pooled).toEqual([Number.NaN, 2.5])
  })
})
