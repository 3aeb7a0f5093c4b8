/** Names of all operations that a graph may hold. What is said of operations by a table is said of all of these: the compiler looks. */

const HELD = ['Const', 'Placeholder', 'Variable', 'Assign', 'Call'] as const

const BETWEEN_SHARES = ['AllReduce'] as const

const ELEMENTWISE = [
  ...['Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atan2', 'Atanh', 'Add', 'AddN', 'AddV2', 'Cast', 'Ceil', 'Cos', 'Cosh'],
  ...['Div', 'DivNoNan', 'Elu', 'EluGrad', 'Equal', 'Erf', 'Exp', 'Expm1', 'Floor', 'FloorDiv', 'FloorMod', 'Greater'],
  ...['GreaterEqual', 'Identity', 'IsFinite', 'IsInf', 'IsNan', 'LeakyRelu', 'Less', 'LessEqual', 'Log', 'Log1p', 'LogicalAnd'],
  ...['LogicalNot', 'LogicalOr', 'Maximum', 'Minimum', 'Mul', 'Neg', 'NotEqual', 'OnesLike', 'Pow', 'RealDiv', 'Reciprocal'],
  ...['Relu', 'Relu6', 'Round', 'Rsqrt', 'Select', 'Selu', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softplus', 'Sqrt', 'Square'],
  ...['SquaredDifference', 'Sub', 'Tan', 'Tanh', 'ZerosLike'],
] as const

const ALONG_AXES = [
  ...[
    'All',
    'Any',
    'ArgMax',
    'ArgMin',
    'Cumprod',
    'Cumsum',
    'Max',
    'Mean',
    'Min',
    'Prod',
    'ReverseV2',
    'Softmax',
    'Sum',
    'TopKV2',
  ],
] as const

const SHAPES = [
  ...['ConcatV2', 'ExpandDims', 'Fill', 'GatherNd', 'GatherV2', 'MirrorPad', 'OneHot', 'Pack', 'PadV2', 'Range', 'Reshape'],
  ...['ScatterNd', 'Size', 'Slice', 'SplitV', 'Squeeze', 'StridedSlice', 'Tile', 'Transpose', 'Unpack', 'UnsortedSegmentSum'],
] as const

const PRODUCTS = ['BatchMatMulV2', 'MatMul', '_FusedMatMul'] as const

const PICTURES = [
  ...['AvgPool', 'AvgPoolGrad', 'Conv2D', 'Conv2DBackpropFilter', 'Conv2DBackpropInput', 'DepthwiseConv2dNative'],
  ...['DepthwiseConv2dNativeBackpropFilter', 'DepthwiseConv2dNativeBackpropInput', 'MaxPool', 'MaxPoolGrad', 'ResizeBilinear'],
  ...['ResizeBilinearGrad', 'ResizeNearestNeighbor', 'ResizeNearestNeighborGrad'],
] as const

export const OPERATION_TYPES = [
  ...HELD,
  ...BETWEEN_SHARES,
  ...ELEMENTWISE,
  ...ALONG_AXES,
  ...SHAPES,
  ...PRODUCTS,
  ...PICTURES,
] as const

/** The type of an operation: of TensorFlow's name and meaning, but for those that hold values, `Call` and `AllReduce`. */
export type OperationType = (typeof OPERATION_TYPES)[number]
