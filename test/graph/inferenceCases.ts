/** Operations of every type with awkward inputs: what comes out of them, and which can't be. */
import { DTYPE, type Dtype } from '../../src/graph/dtype'
import type { Attributes } from '../../src/graph/operation'
import type { OperationType } from '../../src/graph/types'

/** An input: known only when the graph runs, or a constant. */
export interface Input {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly values?: readonly number[]
}

export interface Case {
  readonly inputs: readonly Input[]
  readonly attributes?: Attributes
  /** Refused here, while TensorFlow would say that it is wrong when it runs, or takes what is known only then. */
  readonly isStricter?: true
}

type Shape = readonly number[]

export const fed = (shape: Shape, dtype: Dtype = DTYPE.float32): Input => ({ dtype, shape })
/** A constant vector of integers, or a scalar. */
export const known = (values: readonly number[] | number): Input =>
  typeof values === 'number'
    ? { dtype: DTYPE.int32, shape: [], values: [values] }
    : { dtype: DTYPE.int32, shape: [values.length], values }
const truth = (shape: Shape): Input => fed(shape, DTYPE.bool)
const integers = (shape: Shape): Input => fed(shape, DTYPE.int32)

const of = (...inputs: readonly Input[]): Case => ({ inputs })
const told = (attributes: Attributes, ...inputs: readonly Input[]): Case => ({ inputs, attributes })
const stricter = (one: Case): Case => ({ ...one, isStricter: true })

const DTYPES = [DTYPE.float32, DTYPE.bfloat16, DTYPE.int32, DTYPE.int64, DTYPE.uint8, DTYPE.bool] as const

/** Of one input, whatever its shape and type. */
const one: readonly Case[] = [
  ...[[], [0], [1, 5], [-1, 3], [2, 0, -1, 4]].map((shape) => of(fed(shape))),
  ...DTYPES.map((dtype) => of(fed([2, 3], dtype))),
]

export const PAIRS: readonly (readonly [Shape, Shape])[] = [
  [[], []],
  [[2, 3], []],
  [[], [-1]],
  [[2, 3], [3]],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [[2, 3], [2]],
  [[0], [1]],
  [
    [0, 1],
    [1, 5],
  ],
  [[0], [3]],
  [[-1], [1]],
  [[-1], [4]],
  [[-1], [0]],
  [[-1], [-1]],
  [
    [-1, 1],
    [1, -1],
  ],
  [
    [2, -1, 3],
    [-1, 1],
  ],
  [
    [4, -1],
    [3, -1],
  ],
]

/** Of two inputs that are broadcast to each other. */
const two: readonly Case[] = [
  ...PAIRS.map(([a, b]) => of(fed(a), fed(b))),
  ...DTYPES.map((dtype) => of(fed([2, 1], dtype), fed([3], dtype))),
  of(fed([2]), integers([2])),
]
const bothTrue: readonly Case[] = [...PAIRS.map(([a, b]) => of(truth(a), truth(b))), of(fed([2]), fed([2]))]

const keep = (bool: boolean): Attributes => ({ keep_dims: { bool } })

const AXES: readonly (readonly [Shape, readonly number[] | number])[] = [
  [[2, 3, 4], [1]],
  [[2, 3, 4], -1],
  [
    [2, 3, 4],
    [0, -1],
  ],
  [[2, 3, 4], []],
  [
    [2, -1, 4],
    [0, 1, 2],
  ],
  [[-1, 0], [1]],
  [[2, 3], [2]],
  [[2, 3], [-3]],
  [[], []],
  [[], [0]],
  [
    [2, 3],
    [0, 0],
  ],
  [
    [2, 3],
    [1, -1],
  ],
]

/** Along axes that go or become 1. */
const reduced = (dtype: Dtype): readonly Case[] => [
  ...AXES.flatMap(([shape, axes]) => [true, false].map((isKept) => told(keep(isKept), fed(shape, dtype), known(axes)))),
  ...DTYPES.map((each) => of(fed([2, 3], each), known([1]))),
]
/** Along an axis that stays. */
const along: readonly Case[] = [
  ...[0, 1, -1, -2].map((axis) => of(fed([2, -1]), known(axis))),
  ...[2, -3].map((axis) => stricter(of(fed([2, -1]), known(axis)))),
  of(fed([0]), known(0)),
  stricter(of(fed([]), known(0))),
]
const found: readonly Case[] = [
  ...[0, 1, 2, -1, -3, 3, -4].map((axis) => told({ output_type: { type: DTYPE.int32 } }, fed([2, -1, 4]), known(axis))),
  of(fed([2, 3]), known(1)),
  of(fed([2, 3], DTYPE.int32), known(1)),
]

const mask = (masks: Readonly<Record<string, number>>): Attributes =>
  Object.fromEntries(Object.entries(masks).map(([name, int]) => [`${name}_mask`, { int }]))
export const strided = (
  shape: Shape,
  begin: readonly number[],
  end: readonly number[],
  strides: readonly number[],
  masks: Readonly<Record<string, number>> = {},
): Case => told(mask(masks), fed(shape), known(begin), known(end), known(strides))

const product = (a: boolean, b: boolean): Attributes => ({ transpose_a: { bool: a }, transpose_b: { bool: b } })
const adjoint = (a: boolean, b: boolean): Attributes => ({ adj_x: { bool: a }, adj_y: { bool: b } })

const window = (
  stride: readonly [number, number],
  padding: string,
  {
    dilation = [1, 1],
    explicit,
    ...others
  }: {
    readonly dilation?: readonly [number, number]
    readonly explicit?: readonly number[]
    readonly ksize?: readonly number[]
  } = {},
): Attributes => ({
  strides: { ints: [1, ...stride, 1] },
  padding: { string: padding },
  ...(others.ksize === undefined ? { dilations: { ints: [1, ...dilation, 1] } } : { ksize: { ints: [1, ...others.ksize, 1] } }),
  ...(explicit === undefined ? {} : { explicit_paddings: { ints: [0, 0, ...explicit, 0, 0] } }),
})

const WINDOWS: readonly Attributes[] = [
  window([1, 1], 'SAME'),
  window([2, 3], 'SAME'),
  window([1, 1], 'VALID'),
  window([2, 3], 'VALID'),
  window([1, 1], 'VALID', { dilation: [2, 1] }),
]
const pictures: readonly Shape[] = [
  [2, 7, 9, 3],
  [-1, 8, -1, 3],
]
const convolved = (filter: Shape): readonly Case[] => [
  ...pictures.flatMap((shape) => WINDOWS.map((attributes) => told(attributes, fed(shape), fed(filter)))),
  told(window([2, 1], 'EXPLICIT', { explicit: [1, 2, 0, 3] }), fed([2, 7, 9, 3]), fed(filter)),
  told(window([1, 1], 'VALID'), fed([2, 1, 9, 3]), fed(filter)),
]
const byFilters = (filter: Shape): readonly Case[] => [
  told(window([1, 1], 'SAME'), fed([2, 7, 9, 3]), known(filter), fed([2, 7, 9, 6])),
  told(window([1, 1], 'SAME'), fed([-1, 7, 9, 3]), known(filter), fed([-1, 7, 9, 6])),
]
const byPictures = (filter: Shape): readonly Case[] => [
  told(window([1, 1], 'SAME'), known([2, 7, 9, 3]), fed(filter), fed([2, 7, 9, 6])),
  told(window([2, 2], 'VALID'), known([2, 7, 9, 3]), fed(filter), fed([2, 3, 4, 6])),
]
const pooled: readonly Case[] = [
  ...pictures.flatMap((shape) =>
    [
      window([1, 1], 'SAME', { ksize: [2, 2] }),
      window([2, 3], 'SAME', { ksize: [3, 2] }),
      window([2, 2], 'VALID', { ksize: [3, 2] }),
    ].map((attributes) => told(attributes, fed(shape))),
  ),
  told(window([1, 1], 'VALID', { ksize: [8, 2] }), fed([2, 7, 9, 3])),
]

const PADDINGS: Input = { dtype: DTYPE.int32, shape: [2, 2], values: [1, 0, 2, 3] }

/** Those that hold values, and calls, say themselves what comes out of them; what processes have is no operation of TensorFlow's. */
type Told = Exclude<OperationType, 'Placeholder' | 'Variable' | 'Assign' | 'Call' | 'Const' | 'AllReduce'>

export const CASES: Readonly<Record<Told, readonly Case[]>> = {
  Abs: one,
  Acos: one,
  Acosh: one,
  Add: two,
  AddN: [
    of(fed([2, 3])),
    of(fed([2, -1]), fed([-1, 3]), fed([-1, -1])),
    of(fed([2]), fed([1])),
    of(fed([2]), fed([2, 1])),
    of(fed([]), fed([])),
  ],
  AddV2: two,
  All: [...reduced(DTYPE.bool)],
  Any: [...reduced(DTYPE.bool)],
  ArgMax: found,
  ArgMin: found,
  Asin: one,
  Asinh: one,
  Atan: one,
  Atan2: two,
  Atanh: one,
  AvgPool: pooled,
  AvgPoolGrad: [
    told(window([1, 1], 'VALID', { ksize: [2, 2] }), known([2, 7, 9, 3]), fed([2, 6, 8, 3])),
    told(window([1, 1], 'SAME', { ksize: [2, 2] }), known([2, 7, 9, 3]), fed([-1, 7, 9, 3])),
  ],
  BatchMatMulV2: [
    told(adjoint(false, false), fed([2, 3]), fed([3, 4])),
    told(adjoint(true, false), fed([5, 3, 2]), fed([3, 4])),
    told(adjoint(false, true), fed([5, 1, 2, 3]), fed([6, 4, 3])),
    told(adjoint(true, true), fed([-1, 3, 2]), fed([4, 3])),
    told(adjoint(false, false), fed([-1, 2, -1]), fed([5, -1, 4])),
    told(adjoint(false, false), fed([0, 2, 3]), fed([1, 3, 0])),
    told(adjoint(false, false), fed([2, 2, 3]), fed([3, 3, 4])),
    told(adjoint(false, false), fed([2, 3]), fed([2, 3])),
    told(adjoint(false, false), fed([3]), fed([3, 4])),
  ],
  Cast: DTYPES.flatMap((from) => DTYPES.map((type) => told({ DstT: { type } }, fed([2, -1], from)))),
  Ceil: one,
  ConcatV2: [
    of(fed([2, 3]), fed([2, 4]), known(1)),
    of(fed([2, 3]), fed([-1, 4]), fed([2, 0]), known(-1)),
    of(fed([2, -1]), fed([-1, 4]), known(1)),
    of(fed([2, -1]), fed([-1, 4]), known(0)),
    of(fed([2, 3]), fed([3, 3]), known(1)),
    of(fed([2, 3]), fed([2]), known(0)),
    of(fed([2, 3]), fed([2, 3]), known(2)),
    of(fed([2, 3]), fed([2, 3]), known(-3)),
    of(fed([]), fed([]), known(0)),
  ],
  Conv2D: [...convolved([3, 2, 3, 6]), told(window([1, 1], 'SAME'), fed([2, 7, 9, 4]), fed([3, 2, 3, 6]))],
  Conv2DBackpropFilter: byFilters([3, 2, 3, 6]),
  Conv2DBackpropInput: byPictures([3, 2, 3, 6]),
  Cos: one,
  Cosh: one,
  Cumprod: along,
  Cumsum: along,
  DepthwiseConv2dNative: [...convolved([3, 2, 3, 2]), told(window([1, 1], 'SAME'), fed([2, 7, 9, 4]), fed([3, 2, 3, 2]))],
  DepthwiseConv2dNativeBackpropFilter: byFilters([3, 2, 3, 2]),
  DepthwiseConv2dNativeBackpropInput: byPictures([3, 2, 3, 2]),
  Div: two,
  DivNoNan: two,
  Elu: one,
  EluGrad: [of(fed([2, 3]), fed([2, 3])), of(fed([2, -1]), fed([-1, 3])), of(fed([2]), fed([3])), of(fed([2]), fed([]))],
  Equal: two,
  Erf: one,
  Exp: one,
  ExpandDims: [
    ...[0, 1, 2, -1, -3, 3, -4].map((axis) => of(fed([2, -1]), known(axis))),
    of(fed([]), known(0)),
    of(fed([2]), known([0])),
  ],
  Expm1: one,
  Fill: [
    of(known([2, 3]), fed([])),
    of(known([]), fed([])),
    of(known([2, 0]), fed([], DTYPE.bool)),
    of(integers([2]), fed([])),
    of(known([2]), fed([1])),
    of(known([-1]), fed([])),
  ],
  Floor: one,
  FloorDiv: two,
  FloorMod: two,
  GatherNd: [
    of(fed([2, 3, 4]), integers([5, 2])),
    of(fed([2, 3, 4]), integers([1])),
    of(fed([2, -1]), integers([5, 6, 1])),
    of(fed([2, 3]), integers([5, 0])),
    of(fed([2, 3]), integers([5, 3])),
    of(fed([2]), integers([])),
  ],
  GatherV2: [
    ...[0, 1, -1, -3, 3].map((axis) => of(fed([2, 3, 4]), integers([5, 6]), known(axis))),
    of(fed([2, 3]), integers([]), known(1)),
    of(fed([-1, 3]), integers([-1]), known(0)),
    ...[1, -1].map((int) => told({ batch_dims: { int } }, fed([2, 3, 4]), integers([2, 5]), known(1))),
    told({ batch_dims: { int: 1 } }, fed([2, 3, 4]), integers([2, 5]), known(2)),
    told({ batch_dims: { int: 1 } }, fed([2, 3, 4]), integers([3, 5]), known(1)),
    told({ batch_dims: { int: 1 } }, fed([-1, 3, 4]), integers([2, 5]), known(1)),
    told({ batch_dims: { int: 2 } }, fed([2, 3, 4]), integers([2, 5]), known(1)),
    of(fed([]), integers([2]), known(0)),
  ],
  Greater: two,
  GreaterEqual: two,
  Identity: one,
  IsFinite: one,
  IsInf: one,
  IsNan: one,
  LeakyRelu: one,
  Less: two,
  LessEqual: two,
  Log: one,
  Log1p: one,
  LogicalAnd: bothTrue,
  LogicalNot: one,
  LogicalOr: bothTrue,
  MatMul: [
    told(product(false, false), fed([2, 3]), fed([3, 4])),
    told(product(true, false), fed([3, 2]), fed([3, 4])),
    told(product(false, true), fed([2, 3]), fed([4, 3])),
    told(product(true, true), fed([-1, 2]), fed([4, 3])),
    told(product(false, false), fed([-1, 0]), fed([0, -1])),
    told(product(false, false), fed([2, 3]), fed([2, 3])),
    told(product(false, false), fed([1, 2, 3]), fed([3, 4])),
    ...DTYPES.map((dtype) => told(product(false, false), fed([2, 3], dtype), fed([3, 4], dtype))),
  ],
  Max: reduced(DTYPE.float32),
  MaxPool: pooled,
  MaxPoolGrad: [told(window([1, 1], 'VALID', { ksize: [2, 2] }), fed([2, 7, 9, 3]), fed([2, 6, 8, 3]), fed([2, 6, 8, 3]))],
  Maximum: two,
  Mean: reduced(DTYPE.float32),
  Min: reduced(DTYPE.float32),
  Minimum: two,
  MirrorPad: [
    ...['REFLECT', 'SYMMETRIC'].map((string) => told({ mode: { string } }, fed([4, 5]), PADDINGS)),
    told({ mode: { string: 'REFLECT' } }, fed([-1, 5]), PADDINGS),
    told({ mode: { string: 'REFLECT' } }, fed([4]), PADDINGS),
  ],
  Mul: two,
  Neg: one,
  NotEqual: two,
  OneHot: [
    ...[-1, 0, 1, 2].map((int) => told({ axis: { int } }, integers([2, -1]), known(5), fed([]), fed([]))),
    stricter(told({ axis: { int: 3 } }, integers([2, -1]), known(5), fed([]), fed([]))),
    told({ axis: { int: -1 } }, integers([]), known(0), fed([]), fed([])),
    told({ axis: { int: -1 } }, integers([2]), integers([]), fed([]), fed([])),
    told({ axis: { int: -1 } }, integers([2]), known(-1), fed([]), fed([])),
  ],
  OnesLike: one,
  Pack: [
    ...[0, 1, 2, -1, -3, 3, -4].map((int) => told({ axis: { int } }, fed([2, -1]), fed([-1, 3]))),
    told({ axis: { int: 0 } }, fed([]), fed([])),
    told({ axis: { int: 0 } }, fed([2]), fed([3])),
    told({ axis: { int: 0 } }, fed([2]), fed([2, 1])),
  ],
  PadV2: [
    of(fed([4, 5]), PADDINGS, fed([])),
    of(fed([-1, 0]), PADDINGS, fed([])),
    of(fed([4]), PADDINGS, fed([])),
    of(fed([4, 5, 6]), PADDINGS, fed([])),
    of(fed([4, 5]), { dtype: DTYPE.int32, shape: [2, 2], values: [0, 0, -1, 0] }, fed([])),
  ],
  Pow: two,
  Prod: reduced(DTYPE.float32),
  Range: [
    of(known(0), known(5), known(1)),
    of(known(2), known(7), known(2)),
    of(known(7), known(2), known(-2)),
    of(known(3), known(3), known(1)),
    of(known(5), known(0), known(1)),
    of(known(0), known(5), known(0)),
    of(known(0), integers([]), known(1)),
  ],
  RealDiv: two,
  Reciprocal: one,
  Relu: one,
  Relu6: one,
  Reshape: [
    of(fed([2, 3]), known([3, 2])),
    of(fed([2, 3]), known([-1])),
    of(fed([2, 3]), known([6, -1, 1])),
    of(fed([2, 3]), known([])),
    of(fed([1, 1]), known([])),
    of(fed([]), known([1, 1])),
    of(fed([2, 3]), known([4])),
    of(fed([2, 3]), known([4, -1])),
    of(fed([2, 3]), known([-1, -1])),
    of(fed([0, 3]), known([-1, 3])),
    of(fed([0, 3]), known([0, -1])),
    of(fed([0, 3]), known([0, 7])),
    of(fed([-1, 3]), known([-1])),
    of(fed([-1, 3]), known([-1, 3])),
    of(fed([-1, 3]), known([6])),
    of(fed([-1, 3]), known([4, -1])),
    of(fed([-1, 3]), known([5])),
    of(fed([-1, 4]), known([2, 6])),
    of(fed([2, 3]), integers([2])),
    of(fed([0, -1]), known([5])),
    of(fed([0, -1]), known([0, 3])),
  ],
  ResizeBilinear: [
    of(fed([2, 7, 9, 3]), known([5, 6])),
    of(fed([-1, -1, 9, 3]), known([5, 6])),
    of(fed([2, 7, 9, 3]), integers([2])),
  ],
  ResizeBilinearGrad: [of(fed([2, 5, 6, 3]), fed([2, 7, 9, 3])), of(fed([-1, 5, 6, 3]), fed([2, 7, 9, 3]))],
  ResizeNearestNeighbor: [of(fed([2, 7, 9, 3]), known([5, 6])), of(fed([2, 7, 9, 3], DTYPE.int32), known([5, 6]))],
  ResizeNearestNeighborGrad: [of(fed([2, 5, 6, 3]), known([7, 9])), of(fed([-1, 5, 6, 3]), known([7, 9]))],
  ReverseV2: [
    of(fed([2, -1]), known([0])),
    of(fed([2, -1]), known([-1, 0])),
    of(fed([2, 3]), known([])),
    of(fed([2, 3]), known([2])),
    of(fed([2, 3]), known([0, 0])),
    of(fed([2, 3]), known([1, -1])),
  ],
  Round: one,
  Rsqrt: one,
  ScatterNd: [
    of(integers([5, 1]), fed([5, 3]), known([7, 3])),
    of(integers([5, 2]), fed([5]), known([7, 3])),
    of(integers([-1, 1]), fed([-1, 3]), known([7, 3])),
    of(integers([5, 1]), fed([4, 3]), known([7, 3])),
    of(integers([5, 1]), fed([5, 2]), known([7, 3])),
    of(integers([5, 1]), fed([5, 3]), integers([2])),
  ],
  Select: [
    of(truth([2, 3]), fed([2, 3]), fed([2, 3])),
    of(truth([]), fed([2, 3]), fed([2, 3])),
    of(truth([2]), fed([2, 3]), fed([2, 3])),
    of(truth([3]), fed([2, 3]), fed([2, 3])),
    of(truth([1]), fed([]), fed([])),
    of(truth([2]), fed([2]), fed([2])),
    of(truth([-1]), fed([-1, 3]), fed([2, -1])),
    of(truth([2, -1]), fed([-1, 3]), fed([-1, -1])),
    of(truth([2, 1]), fed([2, 3]), fed([2, 3])),
    of(truth([2]), fed([2, 3]), fed([2, 1])),
    of(fed([2]), fed([2]), fed([2])),
  ],
  Selu: one,
  Sigmoid: one,
  Sign: one,
  Sin: one,
  Sinh: one,
  Size: [told({ out_type: { type: DTYPE.int32 } }, fed([2, -1])), of(fed([0]))],
  Slice: [
    of(fed([4, 5]), known([1, 2]), known([2, -1])),
    of(fed([4, 5]), known([0, 0]), known([-1, -1])),
    of(fed([4, 5]), known([4, 5]), known([-1, 0])),
    stricter(of(fed([4, 5]), known([3, 0]), known([2, 5]))),
    of(fed([4, 5]), known([5, 0]), known([-1, 5])),
    of(fed([4, -1]), known([1, 2]), known([2, -1])),
    of(fed([4, -1]), known([1, 0]), known([2, -1])),
    of(fed([4, -1]), known([1, 2]), known([2, 3])),
    of(fed([4, 5]), integers([2]), known([2, 3])),
    of(fed([4, 5]), integers([2]), known([2, -1])),
    of(fed([4, 5]), known([1, 1]), integers([2])),
    of(fed([4, 5]), known([1]), known([1])),
    of(fed([4]), known([0]), known([-2])),
    stricter(of(fed([4]), known([-1]), known([1]))),
    of(fed([]), known([]), known([])),
  ],
  Softmax: [...one, of(fed([]))],
  Softplus: one,
  SplitV: [
    told({ num_split: { int: 2 } }, fed([5, 3]), known([2, 3]), known(0)),
    told({ num_split: { int: 3 } }, fed([2, 5]), known([2, -1, 0]), known(-1)),
    told({ num_split: { int: 2 } }, fed([-1, 3]), known([2, 3]), known(0)),
    told({ num_split: { int: 2 } }, fed([-1, 3]), known([2, -1]), known(0)),
    told({ num_split: { int: 1 } }, fed([5, 3]), known([5]), known(0)),
    told({ num_split: { int: 2 } }, fed([5, 3]), known([2, 2]), known(0)),
    told({ num_split: { int: 2 } }, fed([5, 3]), known([6, -1]), known(0)),
    told({ num_split: { int: 2 } }, fed([5, 3]), known([2, 3]), known(2)),
  ],
  Sqrt: one,
  Square: one,
  SquaredDifference: two,
  Squeeze: [
    of(fed([1, 2, 1, 3])),
    told({ squeeze_dims: { ints: [0] } }, fed([1, 2, 1, 3])),
    told({ squeeze_dims: { ints: [-2, 0] } }, fed([1, 2, 1, 3])),
    told({ squeeze_dims: { ints: [1] } }, fed([1, 2, 1, 3])),
    told({ squeeze_dims: { ints: [1] } }, fed([1, -1, 3])),
    told({ squeeze_dims: { ints: [4] } }, fed([1, 2, 1, 3])),
    of(fed([1, 1])),
    of(fed([])),
  ],
  StridedSlice: [
    strided([4, 5], [1, 1], [3, 4], [1, 2]),
    strided([4, 5], [-3, 4], [-1, 0], [1, -2]),
    strided([4, 5], [1], [3], [1]),
    strided([4, 5], [0, 0], [0, 0], [1, 1], { begin: 3, end: 3 }),
    strided([4, 5], [0, 0], [0, 0], [-1, 2], { begin: 1, end: 3 }),
    strided([4, 5], [10, -10], [-10, 10], [-1, 3]),
    strided([4, 5], [3, 1], [1, 3], [1, -1]),
    strided([4, 5, 6], [0, 1], [0, 2], [1, 1], { ellipsis: 1 }),
    strided([4, 5, 6], [1, 0, 1], [3, 0, 2], [1, 1, 1], { ellipsis: 2, shrink_axis: 4 }),
    strided([4, 5], [0, 1, 0], [0, 2, 5], [1, 1, 2], { new_axis: 1 }),
    strided([4, 5], [1, 0, 0], [2, 0, 5], [1, 1, 1], { new_axis: 2, shrink_axis: 1 }),
    strided([4, 5], [1, 0], [2, 0], [1, 1], { new_axis: 2, shrink_axis: 3 }),
    strided([4, 5], [1, 0, 0, 0], [2, 0, 0, 0], [1, 1, 1, 1], { ellipsis: 2, new_axis: 8, shrink_axis: 1, end: 4 }),
    strided([4, 5], [-1], [0], [1], { shrink_axis: 1 }),
    strided([4, 5], [4], [5], [1], { shrink_axis: 1 }),
    strided([4, 5], [-5], [5], [1], { shrink_axis: 1 }),
    strided([-1, 5], [0, 0], [2, 0], [1, 1], { end: 2 }),
    strided([-1, 5], [0], [0], [1], { begin: 1, end: 1 }),
    strided([-1, 5], [0], [0], [2], { begin: 1, end: 1 }),
    strided([-1, 5], [0], [-1], [1]),
    strided([-1, 5], [3], [1], [1]),
    strided([-1, 5], [2], [2], [1]),
    strided([-1, 5], [7], [8], [1], { shrink_axis: 1 }),
    strided([-1, 5], [0], [3], [-1]),
    strided([0, 5], [0], [3], [1]),
    strided([4], [0, 0], [1, 1], [1, 1]),
    strided([4], [0], [1], [0]),
    strided([4, 5], [1], [1], [-1], { shrink_axis: 1 }),
    strided([], [], [], []),
    strided([], [0], [0], [1], { new_axis: 1 }),
    stricter(told({}, fed([4, 5]), integers([2]), known([3, 4]), known([1, 1]))),
    stricter(told({ shrink_axis_mask: { int: 1 } }, fed([4, 5]), integers([1]), integers([1]), known([1]))),
  ],
  Sub: two,
  Sum: reduced(DTYPE.float32),
  Tan: one,
  Tanh: one,
  Tile: [
    of(fed([2, 3]), known([2, 1])),
    of(fed([-1, 3]), known([2, 0])),
    of(fed([2, 3]), integers([2])),
    of(fed([]), known([])),
    of(fed([2, 3]), known([2])),
    of(fed([2]), known([-1])),
  ],
  TopKV2: [
    of(fed([2, 5]), known(3)),
    of(fed([-1, 5]), known(0)),
    of(fed([2, 5]), integers([])),
    of(fed([2, -1]), known(3)),
    of(fed([2, 5]), known(6)),
    of(fed([]), known(1)),
  ],
  Transpose: [
    of(fed([2, -1, 4]), known([2, 0, 1])),
    of(fed([2, 3]), known([-1, 0])),
    of(fed([]), known([])),
    of(fed([2, 3]), known([0])),
    of(fed([2, 3]), known([0, 0])),
    of(fed([2, 3]), known([0, 2])),
    stricter(of(fed([2, 3]), integers([2]))),
  ],
  Unpack: [
    ...[0, 1, -1, -3].map((int) => told({ num: { int: [2, 3, 4][int < 0 ? int + 3 : int]! }, axis: { int } }, fed([2, 3, 4]))),
    told({ num: { int: 2 }, axis: { int: 0 } }, fed([-1, 3])),
    told({ num: { int: 3 }, axis: { int: 0 } }, fed([2, 3])),
    told({ num: { int: 2 }, axis: { int: 2 } }, fed([2, 3])),
    told({ num: { int: 0 }, axis: { int: 0 } }, fed([0, 3])),
  ],
  UnsortedSegmentSum: [
    of(fed([5, 3]), integers([5]), known(4)),
    of(fed([5, -1]), integers([5, -1]), known(4)),
    of(fed([-1, 3]), integers([5]), known(0)),
    of(fed([5, 3]), integers([4]), known(4)),
    of(fed([5]), integers([5, 1]), known(4)),
    of(fed([5, 3]), integers([5]), integers([])),
    of(fed([5, 3]), integers([5]), known(-1)),
  ],
  ZerosLike: one,
  _FusedMatMul: [
    told({ ...product(false, true), fused_ops: { strings: ['BiasAdd'] } }, fed([2, 3]), fed([4, 3]), fed([4])),
    told({ ...product(true, false), fused_ops: { strings: ['BiasAdd'] } }, fed([3, -1]), fed([3, -1]), fed([4])),
    told({ ...product(false, false), fused_ops: { strings: ['BiasAdd'] } }, fed([2, 3]), fed([4, 3]), fed([3])),
  ],
}
