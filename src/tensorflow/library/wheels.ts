/**
 * The Python wheels that hold TensorFlow's C library, and which files of them are needed. The C API is the same whatever
 * Python a wheel is for.
 */
import * as E from 'fp-ts/Either'
import { type Failure, missing } from '../../base/failure'
import { type Glibc, type Host, hasGlibc } from '../../wheels/host'
import type { Wheel, WheelSet } from '../../wheels/wheel'
import { VERSION } from './library'

/** The wheels by platform and processor. */
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

/** Only the first is tested. The others are complete by what their files name, but nobody has run them from here yet. */
export const WHEELS: WheelTable = {
  'linux-x64': [LINUX],
  'linux-arm64': [LINUX_ARM],
  'darwin-arm64': [MACOS_ARM],
}

/** The oldest GNU C library that the wheels for Linux run on. */
const GLIBC: Glibc = [2, 27]

const INSTEAD = 'Compute without it (--backend wasm), or set IBOT_TENSORFLOW to the folder of a library that runs here.'

/** The wheels for a machine, or why there are none. */
export const wheelsFor = (host: Host, table: WheelTable = WHEELS): E.Either<Failure, WheelSet> => {
  const machine = `${host.platform}-${host.arch}`
  const wheels = table[machine]
  if (wheels === undefined)
    return E.left(missing(`TensorFlow ${VERSION} has no library for ${host.platform} ${host.arch}`, INSTEAD))
  if (!hasGlibc(host, GLIBC))
    return E.left(
      missing(
        `TensorFlow ${VERSION} needs the GNU C library ${GLIBC.join('.')} or newer, and this system has ${host.glibc ?? 'another C library'}`,
        INSTEAD,
      ),
    )
  return E.right({
    shelf: 'tensorflow',
    id: `${VERSION}-${machine}-cpu`,
    wheels,
    words: {
      name: "TensorFlow's library",
      announced: `TensorFlow ${VERSION} for CPUs`,
      command: 'ibot setup',
      otherwise:
        "Or set IBOT_TENSORFLOW to the folder 'tensorflow' of an installed Python package, or compute without it: --backend wasm.",
    },
  })
}
