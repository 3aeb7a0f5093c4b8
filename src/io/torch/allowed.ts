/** What the pickles of PyTorch's checkpoints may name: tensors, the dicts they stand in, the arguments of a run, and numbers. */
import type { Dtype, Half } from '../dtype'

/** The element types of torch's storages, by the names of their classes. */
const STORAGES: Readonly<Record<string, Dtype | Half>> = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
}

/** The element type of a storage's class, on the CPU or a GPU; undefined for another name. */
export const storageDtype = (name: string): Dtype | Half | undefined =>
  Object.entries(STORAGES).find(([storage]) => name === `torch.${storage}` || name === `torch.cuda.${storage}`)?.[1]

/** Every class and function that may be named. */
export const ALLOWED: ReadonlySet<string> = new Set([
  ...Object.keys(STORAGES).flatMap((storage) => [`torch.${storage}`, `torch.cuda.${storage}`]),
  'torch._utils._rebuild_tensor',
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_parameter',
  'torch.Size',
  'collections.OrderedDict',
  'argparse.Namespace',
  'numpy.dtype',
  'numpy.ndarray',
  ...['numpy.core.multiarray', 'numpy._core.multiarray'].flatMap((module) => [`${module}.scalar`, `${module}._reconstruct`]),
  // How older protocols write bytes, sets and objects without arguments.
  '_codecs.encode',
  ...['__builtin__', 'builtins'].flatMap((module) => [`${module}.set`, `${module}.object`]),
  'copy_reg._reconstructor',
  'copyreg._reconstructor',
])
