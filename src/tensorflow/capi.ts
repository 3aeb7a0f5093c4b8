/**
 * TensorFlow's C API, as far as it is needed here: c_api.h through a foreign-function interface, with types.
 *
 * The libraries are those of the official Python wheels; nothing is compiled. Pointers are opaque: they are made and
 * taken by these functions only.
 */
import * as E from 'fp-ts/Either'
import { TensorFlowError } from '../base/engineError'
import { type Failure, missing } from '../base/failure'
import { koffi } from '../base/foreign'
import { isTooManyFiles, MORE_FILES } from '../base/handles'
import { keepLoaded } from '../base/keepLoaded'
import { quietly } from '../base/quiet'
import { isTooOld, type Library, OLDEST } from './library/library'

declare const pointer: unique symbol
/** An address in native memory. */
export type Pointer = { readonly [pointer]: true }

/** One output of an operation: TF_Output. */
export interface Output {
  readonly oper: Pointer
  readonly index: number
}

export interface Device {
  readonly name: string
  readonly type: string
  /** Bytes that TensorFlow may use of its memory; 0 where it doesn't know. */
  readonly memory: number
}

/** The functions of c_api.h that are used. Names are theirs without `TF_`. */
export interface Capi {
  readonly NewStatus: () => Pointer
  readonly DeleteStatus: (status: Pointer) => void
  readonly GetCode: (status: Pointer) => number
  readonly Message: (status: Pointer) => string
  readonly Version: () => string
  readonly NewGraph: () => Pointer
  readonly DeleteGraph: (graph: Pointer) => void
  readonly NewOperation: (graph: Pointer, type: string, name: string) => Pointer
  readonly FinishOperation: (description: Pointer, status: Pointer) => Pointer
  readonly AddInput: (description: Pointer, input: Output) => void
  readonly AddInputList: (description: Pointer, inputs: readonly Output[], count: number) => void
  readonly AddControlInput: (description: Pointer, operation: Pointer) => void
  readonly SetAttrType: (description: Pointer, name: string, value: number) => void
  readonly SetAttrBool: (description: Pointer, name: string, value: number) => void
  readonly SetAttrInt: (description: Pointer, name: string, value: bigint) => void
  readonly SetAttrIntList: (description: Pointer, name: string, values: BigInt64Array, count: number) => void
  readonly SetAttrFloat: (description: Pointer, name: string, value: number) => void
  readonly SetAttrString: (description: Pointer, name: string, value: string, length: number) => void
  readonly SetAttrStringList: (
    description: Pointer,
    name: string,
    values: readonly string[],
    lengths: BigUint64Array,
    count: number,
  ) => void
  readonly SetAttrShape: (description: Pointer, name: string, dims: BigInt64Array, rank: number) => void
  readonly SetAttrTensor: (description: Pointer, name: string, value: Pointer, status: Pointer) => void
  readonly GraphGetTensorNumDims: (graph: Pointer, output: Output, status: Pointer) => number
  readonly GraphGetTensorShape: (graph: Pointer, output: Output, dims: BigInt64Array, rank: number, status: Pointer) => void
  readonly OperationOutputType: (output: Output) => number
  readonly OperationNumOutputs: (operation: Pointer) => number
  readonly AllocateTensor: (dtype: number, dims: BigInt64Array, rank: number, bytes: number) => Pointer
  readonly DeleteTensor: (tensor: Pointer) => void
  readonly TensorData: (tensor: Pointer) => Pointer
  readonly TensorByteSize: (tensor: Pointer) => number
  readonly NumDims: (tensor: Pointer) => number
  readonly Dim: (tensor: Pointer, axis: number) => number
  readonly NewSessionOptions: () => Pointer
  readonly DeleteSessionOptions: (options: Pointer) => void
  readonly SetConfig: (options: Pointer, proto: Uint8Array, length: number, status: Pointer) => void
  readonly NewSession: (graph: Pointer, options: Pointer, status: Pointer) => Pointer
  readonly LoadSessionFromSavedModel: (
    options: Pointer,
    noRunOptions: null,
    folder: string,
    tags: readonly string[],
    tagCount: number,
    graph: Pointer,
    noMetaGraph: null,
    status: Pointer,
  ) => Pointer
  readonly GraphOperationByName: (graph: Pointer, name: string) => Pointer | null
  readonly CloseSession: (session: Pointer, status: Pointer) => void
  readonly DeleteSession: (session: Pointer, status: Pointer) => void
  readonly SessionRun: Run & { readonly async: (...args: [...Parameters<Run>, (error: unknown) => void]) => void }
  /** Begins a run that is fed and fetched bit by bit: all that ever will be, and the targets. */
  readonly SessionPRunSetup: (
    session: Pointer,
    inputs: readonly Output[],
    inputCount: number,
    outputs: readonly Output[],
    outputCount: number,
    targets: readonly Pointer[],
    targetCount: number,
    /** Filled with the run. */
    handle: (Pointer | null)[],
    status: Pointer,
  ) => void
  readonly SessionPRun: PartialRun & { readonly async: (...args: [...Parameters<PartialRun>, (error: unknown) => void]) => void }
  readonly DeletePRunHandle: (handle: Pointer) => void
  readonly NewBuffer: () => Pointer
  readonly NewBufferFromString: (bytes: Uint8Array, length: number) => Pointer
  readonly DeleteBuffer: (buffer: Pointer) => void
  readonly SessionListDevices: (session: Pointer, status: Pointer) => Pointer
  readonly DeviceListCount: (list: Pointer) => number
  readonly DeviceListName: (list: Pointer, index: number, status: Pointer) => string
  readonly DeviceListType: (list: Pointer, index: number, status: Pointer) => string
  readonly DeviceListMemoryBytes: (list: Pointer, index: number, status: Pointer) => number
  readonly DeleteDeviceList: (list: Pointer) => void
  readonly GraphToFunction: (
    body: Pointer,
    name: string,
    appendHash: number,
    operations: number,
    noOperations: null,
    inputCount: number,
    inputs: readonly Output[],
    outputCount: number,
    outputs: readonly Output[],
    noNames: null,
    noOptions: null,
    noDescription: null,
    status: Pointer,
  ) => Pointer
  readonly GraphCopyFunction: (graph: Pointer, fn: Pointer, noGradient: null, status: Pointer) => void
  readonly DeleteFunction: (fn: Pointer) => void
}
type PartialRun = (
  session: Pointer,
  handle: Pointer,
  inputs: readonly Output[],
  values: readonly Pointer[],
  inputCount: number,
  outputs: readonly Output[],
  /** Filled with one tensor an output. */
  results: (Pointer | null)[],
  outputCount: number,
  noTargets: readonly Pointer[],
  targetCount: number,
  status: Pointer,
) => void
type Run = (
  session: Pointer,
  options: Pointer | null,
  inputs: readonly Output[],
  values: readonly Pointer[],
  inputCount: number,
  outputs: readonly Output[],
  /** Filled with one tensor an output. */
  results: (Pointer | null)[],
  outputCount: number,
  targets: readonly Pointer[],
  targetCount: number,
  metadata: Pointer | null,
  status: Pointer,
) => void

// The signatures name it.
koffi.struct('TF_Output', { oper: 'void *', index: 'int' })

/** Which library exports a function, and its C signature without the prefix of its name. */
const SIGNATURES: Readonly<Record<keyof Capi, readonly ['framework' | 'cc', result: string, parameters: string]>> = {
  NewStatus: ['framework', 'void *', ''],
  DeleteStatus: ['framework', 'void', 'void *'],
  GetCode: ['framework', 'int', 'void *'],
  Message: ['framework', 'const char *', 'void *'],
  Version: ['cc', 'const char *', ''],
  NewGraph: ['cc', 'void *', ''],
  DeleteGraph: ['cc', 'void', 'void *'],
  NewOperation: ['cc', 'void *', 'void *, const char *, const char *'],
  FinishOperation: ['cc', 'void *', 'void *, void *'],
  AddInput: ['cc', 'void', 'void *, TF_Output'],
  AddInputList: ['cc', 'void', 'void *, TF_Output *, int'],
  AddControlInput: ['cc', 'void', 'void *, void *'],
  SetAttrType: ['cc', 'void', 'void *, const char *, int'],
  SetAttrBool: ['cc', 'void', 'void *, const char *, uint8_t'],
  SetAttrInt: ['cc', 'void', 'void *, const char *, int64_t'],
  SetAttrIntList: ['cc', 'void', 'void *, const char *, int64_t *, int'],
  SetAttrFloat: ['cc', 'void', 'void *, const char *, float'],
  SetAttrString: ['cc', 'void', 'void *, const char *, const char *, size_t'],
  SetAttrStringList: ['cc', 'void', 'void *, const char *, const char **, size_t *, int'],
  SetAttrShape: ['cc', 'void', 'void *, const char *, int64_t *, int'],
  SetAttrTensor: ['cc', 'void', 'void *, const char *, void *, void *'],
  GraphGetTensorNumDims: ['cc', 'int', 'void *, TF_Output, void *'],
  GraphGetTensorShape: ['cc', 'void', 'void *, TF_Output, _Out_ int64_t *, int, void *'],
  OperationOutputType: ['cc', 'int', 'TF_Output'],
  OperationNumOutputs: ['cc', 'int', 'void *'],
  AllocateTensor: ['framework', 'void *', 'int, const int64_t *, int, size_t'],
  DeleteTensor: ['framework', 'void', 'void *'],
  TensorData: ['framework', 'void *', 'void *'],
  TensorByteSize: ['framework', 'size_t', 'void *'],
  NumDims: ['framework', 'int', 'void *'],
  Dim: ['framework', 'int64_t', 'void *, int'],
  NewSessionOptions: ['cc', 'void *', ''],
  DeleteSessionOptions: ['cc', 'void', 'void *'],
  SetConfig: ['cc', 'void', 'void *, const void *, size_t, void *'],
  NewSession: ['cc', 'void *', 'void *, void *, void *'],
  LoadSessionFromSavedModel: ['cc', 'void *', 'void *, void *, const char *, const char **, int, void *, void *, void *'],
  GraphOperationByName: ['cc', 'void *', 'void *, const char *'],
  CloseSession: ['cc', 'void', 'void *, void *'],
  DeleteSession: ['cc', 'void', 'void *, void *'],
  SessionRun: [
    'cc',
    'void',
    'void *, void *, TF_Output *, void **, int, TF_Output *, _Inout_ void **, int, void **, int, void *, void *',
  ],
  SessionPRunSetup: ['cc', 'void', 'void *, TF_Output *, int, TF_Output *, int, void **, int, _Out_ void **, void *'],
  SessionPRun: [
    'cc',
    'void',
    'void *, void *, TF_Output *, void **, int, TF_Output *, _Inout_ void **, int, void **, int, void *',
  ],
  DeletePRunHandle: ['cc', 'void', 'void *'],
  NewBuffer: ['framework', 'void *', ''],
  NewBufferFromString: ['framework', 'void *', 'const void *, size_t'],
  DeleteBuffer: ['framework', 'void', 'void *'],
  SessionListDevices: ['cc', 'void *', 'void *, void *'],
  DeviceListCount: ['cc', 'int', 'void *'],
  DeviceListName: ['cc', 'const char *', 'void *, int, void *'],
  DeviceListType: ['cc', 'const char *', 'void *, int, void *'],
  DeviceListMemoryBytes: ['cc', 'int64_t', 'void *, int, void *'],
  DeleteDeviceList: ['cc', 'void', 'void *'],
  GraphToFunction: [
    'cc',
    'void *',
    'void *, const char *, uint8_t, int, void **, int, TF_Output *, int, TF_Output *, const char **, void *, const char *, void *',
  ],
  GraphCopyFunction: ['cc', 'void', 'void *, void *, void *, void *'],
  DeleteFunction: ['cc', 'void', 'void *'],
}

/** TensorFlow, loaded. */
export interface TensorFlow {
  readonly library: Library
  readonly version: string
  readonly api: Capi
  /** Calls a function that reports by a status; throws what it says is wrong. */
  readonly checked: <A>(call: (status: Pointer) => A) => A
  /** What can compute. */
  readonly devices: () => readonly Device[]
}

// The libraries stay loaded until the process ends: TensorFlow can't be unloaded.
const loaded = new Map<string, TensorFlow>()

/** Loads a library, once; a failure if it isn't one, or is too old. */
export const loadTensorFlow = (library: Library): E.Either<Failure, TensorFlow> => {
  const known = loaded.get(library.cc)
  if (known !== undefined) return E.right(known)
  try {
    const tensorflow = bind(library)
    if (isTooOld(tensorflow.version))
      return E.left(
        missing(
          `TensorFlow ${tensorflow.version} in ${library.folder} is too old: ${OLDEST.join('.')} or newer is needed`,
          "Fetch a newer one with 'ibot setup', or name another by IBOT_TENSORFLOW.",
        ),
      )
    loaded.set(library.cc, tensorflow)
    return E.right(tensorflow)
  } catch (error) {
    return E.left(
      missing(
        `TensorFlow could not be loaded from ${library.folder}: ${error instanceof Error ? error.message : String(error)}`,
        isTooManyFiles(error)
          ? MORE_FILES
          : library.source === 'IBOT_TENSORFLOW'
            ? "Set IBOT_TENSORFLOW to another one, or unset it; or compute with '--backend wasm'."
            : "Fetch it anew with 'ibot setup', or compute with '--backend wasm'.",
      ),
    )
  }
}

const bind = (library: Library): TensorFlow => {
  // It is read when the libraries load: oneDNN's kernels whatever the CPU.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '1'
  const [framework, cc] = quietly(
    () => koffi.load(library.framework, { global: true }),
    () => koffi.load(library.cc, { global: true }),
  )
  for (const path of [library.framework, library.cc]) keepLoaded(path)
  const handles = { framework, cc }
  const functions = Object.entries(SIGNATURES).map(([name, [from, result, parameters]]) => [
    name,
    handles[from].func(`${result} TF_${name}(${parameters})`),
  ])
  const api = Object.fromEntries(functions) as Capi
  const status = api.NewStatus()
  const checked: TensorFlow['checked'] = (call) => {
    const result = call(status)
    const code = api.GetCode(status)
    if (code !== 0) throw new TensorFlowError(code, api.Message(status))
    return result
  }
  const tensorflow: TensorFlow = { library, version: api.Version(), api, checked, devices: () => devicesOf(tensorflow) }
  return tensorflow
}

const devicesOf = ({ api, checked }: TensorFlow): readonly Device[] => {
  const graph = api.NewGraph()
  const options = api.NewSessionOptions()
  const session = checked((status) => api.NewSession(graph, options, status))
  try {
    const list = checked((status) => api.SessionListDevices(session, status))
    const devices = Array.from({ length: api.DeviceListCount(list) }, (_, i) => ({
      name: checked((status) => api.DeviceListName(list, i, status)),
      type: checked((status) => api.DeviceListType(list, i, status)),
      memory: Number(checked((status) => api.DeviceListMemoryBytes(list, i, status))),
    }))
    api.DeleteDeviceList(list)
    return devices.filter(({ type }) => !type.startsWith('XLA_'))
  } finally {
    checked((status) => api.CloseSession(session, status))
    checked((status) => api.DeleteSession(session, status))
    api.DeleteSessionOptions(options)
    api.DeleteGraph(graph)
  }
}
