/**
 * The Python wheels that hold TensorFlow's C library, and which files of them are needed. The C API is the same whatever
 * Python a wheel is for; nothing of Python is kept.
 */
import * as E from 'fp-ts/Either'
import { type Failure, missing } from '../../base/failure'
import type { Host } from './host'
import { type Build, VERSION } from './library'

export interface Wheel {
  /** NAME-VERSION-PYTHON-ABI-PLATFORMS.whl, from which pip is told what to download. */
  readonly file: string
  readonly bytes: number
  /** SHA-256 in hexadecimal. */
  readonly sha256: string
  /** The files that are unpacked, with their sizes. */
  readonly members: Readonly<Record<string, number>>
}

/** What makes a library: all members of all wheels, in one folder. */
export interface WheelSet {
  /** Names the folder in the cache. */
  readonly id: string
  readonly build: Build
  readonly version: string
  readonly wheels: readonly Wheel[]
}

/** The sets by platform, processor and build. */
export type WheelTable = Readonly<Record<string, readonly Wheel[]>>

const LINUX: Wheel = {
  file: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
  bytes: 273_829_956,
  sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  members: {
    'tensorflow/libtensorflow_framework.so.2': 65_222_328,
    'tensorflow/libtensorflow_cc.so.2': 788_086_608,
  },
}

const LINUX_ARM: Wheel = {
  file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl',
  bytes: 281_828_020,
  sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
  members: {
    'tensorflow/libtensorflow_framework.so.2': 68_176_664,
    'tensorflow/libtensorflow_cc.so.2': 814_885_544,
  },
}

const MACOS_ARM: Wheel = {
  file: 'tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl',
  bytes: 223_405_849,
  sha256: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
  members: {
    'tensorflow/libtensorflow_framework.2.dylib': 49_452_976,
    'tensorflow/libtensorflow_cc.2.dylib': 691_352_648,
  },
}

/**
 * What `tensorflow[and-cuda]` asks for, without what the library doesn't open (cuRAND, profilers, other languages' faces).
 * The run paths inside the libraries lead from `tensorflow/` to `nvidia/` beside it, and between the folders of the latter.
 */
const LINUX_GPU: readonly Wheel[] = [
  {
    file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    bytes: 572_440_367,
    sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
    members: {
      'tensorflow/libtensorflow_framework.so.2': 162_648_808,
      'tensorflow/libtensorflow_cc.so.2': 1_096_372_272,
    },
  },
  {
    file: 'nvidia_cublas_cu12-12.9.3.13-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 581_217_458,
    sha256: 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
    members: { 'nvidia/cublas/lib/libcublas.so.12': 105_140_976, 'nvidia/cublas/lib/libcublasLt.so.12': 749_169_616 },
  },
  {
    file: 'nvidia_cuda_cupti_cu12-12.9.79-py3-none-manylinux_2_25_x86_64.whl',
    bytes: 10_814_997,
    sha256: '096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f',
    members: { 'nvidia/cuda_cupti/lib/libcupti.so.12': 7_604_800 },
  },
  {
    file: 'nvidia_cuda_nvcc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    bytes: 40_546_229,
    sha256: '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
    members: { 'nvidia/cuda_nvcc/bin/ptxas': 34_931_056, 'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc': 486_168 },
  },
  {
    file: 'nvidia_cuda_nvrtc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    bytes: 89_568_129,
    sha256: '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
    members: {
      'nvidia/cuda_nvrtc/lib/libnvrtc-builtins.so.12.9': 7_202_760,
      'nvidia/cuda_nvrtc/lib/libnvrtc.so.12': 106_244_480,
    },
  },
  {
    file: 'nvidia_cuda_runtime_cu12-12.9.79-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    bytes: 3_493_179,
    sha256: '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
    members: { 'nvidia/cuda_runtime/lib/libcudart.so.12': 741_088 },
  },
  {
    file: 'nvidia_cudnn_cu12-9.28.0.42-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 716_538_495,
    sha256: '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
    members: {
      'nvidia/cudnn/lib/libcudnn.so.9': 137_432,
      'nvidia/cudnn/lib/libcudnn_adv.so.9': 232_904_280,
      'nvidia/cudnn/lib/libcudnn_cnn.so.9': 4_203_992,
      'nvidia/cudnn/lib/libcudnn_engines_precompiled.so.9': 559_964_512,
      'nvidia/cudnn/lib/libcudnn_engines_runtime_compiled.so.9': 48_269_792,
      'nvidia/cudnn/lib/libcudnn_engines_tensor_ir.so.9': 2_099_128,
      'nvidia/cudnn/lib/libcudnn_ext.so.9': 10_492_448,
      'nvidia/cudnn/lib/libcudnn_graph.so.9': 115_563_344,
      'nvidia/cudnn/lib/libcudnn_heuristic.so.9': 96_473_944,
      'nvidia/cudnn/lib/libcudnn_ops.so.9': 92_284_600,
    },
  },
  {
    file: 'nvidia_cufft_cu12-11.4.1.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    bytes: 200_877_592,
    sha256: 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
    members: { 'nvidia/cufft/lib/libcufft.so.11': 291_507_928 },
  },
  {
    file: 'nvidia_cusolver_cu12-11.7.5.82-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 338_117_415,
    sha256: '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
    members: { 'nvidia/cusolver/lib/libcusolver.so.11': 302_024_152 },
  },
  {
    file: 'nvidia_cusparse_cu12-12.5.10.65-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    bytes: 366_465_088,
    sha256: '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
    members: { 'nvidia/cusparse/lib/libcusparse.so.12': 486_556_368 },
  },
  {
    file: 'nvidia_nccl_cu12-2.32.3-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 351_526_311,
    sha256: 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
    members: { 'nvidia/nccl/lib/libnccl.so.2': 473_614_536 },
  },
  {
    file: 'nvidia_nvjitlink_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    bytes: 39_748_338,
    sha256: 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
    members: { 'nvidia/nvjitlink/lib/libnvJitLink.so.12': 95_935_344 },
  },
]

/** Only the first is tested. The others are complete by what their files name, but nobody has run them from here yet. */
export const WHEELS: WheelTable = {
  'linux-x64-cpu': [LINUX],
  'linux-x64-gpu': LINUX_GPU,
  'linux-arm64-cpu': [LINUX_ARM],
  'darwin-arm64-cpu': [MACOS_ARM],
}

/** The oldest GNU C library that the wheels for Linux run on. */
const GLIBC = [2, 27] as const

const hasGlibc = ({ platform, glibc }: Host): boolean => {
  if (platform !== 'linux') return true
  const [major = 0, minor = 0] = (glibc ?? '').split('.').map(Number)
  return major > GLIBC[0] || (major === GLIBC[0] && minor >= GLIBC[1])
}

const INSTEAD = 'Compute without it (--backend wasm), or set IBOT_TENSORFLOW to the folder of a library that runs here.'

/** The wheels for a machine, or why there are none. */
export const wheelsFor = (host: Host, build: Build, table: WheelTable = WHEELS): E.Either<Failure, WheelSet> => {
  const machine = `${host.platform}-${host.arch}`
  const wheels = table[`${machine}-${build}`]
  if (wheels === undefined)
    return E.left(
      build === 'gpu' && table[`${machine}-cpu`] !== undefined
        ? missing(
            `TensorFlow ${VERSION} has no library for GPUs on ${host.platform} ${host.arch}`,
            'Fetch the one for CPUs: ibot setup',
          )
        : missing(`TensorFlow ${VERSION} has no library for ${host.platform} ${host.arch}`, INSTEAD),
    )
  if (!hasGlibc(host))
    return E.left(
      missing(
        `TensorFlow ${VERSION} needs the GNU C library ${GLIBC.join('.')} or newer, and this system has ${host.glibc ?? 'another C library'}`,
        INSTEAD,
      ),
    )
  return E.right({ id: `${VERSION}-${machine}-${build}`, build, version: VERSION, wheels })
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)

/** Bytes of a wheel's members. */
export const unpackedBytes = ({ members }: Wheel): number => sum(Object.values(members))
/** Bytes of all downloads. */
export const downloadBytes = ({ wheels }: WheelSet): number => sum(wheels.map(({ bytes }) => bytes))
/** Bytes that stay on the disk. */
export const libraryBytes = ({ wheels }: WheelSet): number => sum(wheels.map(unpackedBytes))
/** Bytes that the disk must have free: each wheel is removed once it is unpacked. */
export const neededBytes = (set: WheelSet): number => libraryBytes(set) + Math.max(...set.wheels.map(({ bytes }) => bytes))

/** What pip is told, so that it downloads this very file. */
export const pipArguments = ({ file }: Wheel): readonly string[] => {
  const [name, version, , , platforms] = file.replace(/\.whl$/, '').split('-') as [string, string, string, string, string]
  return [
    ...['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'],
    ...platforms.split('.').flatMap((platform) => ['--platform', platform]),
    `${name.replaceAll('_', '-')}==${version}`,
  ]
}
