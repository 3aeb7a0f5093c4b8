import type { PluginKind } from '../kind'

/** The one that JAX 0.11.2 asks for. */
export const tpu: PluginKind<'tpu'> = {
  name: 'tpu',
  title: "Google's TPUs",
  device: 'tpu',
  package: 'libtpu',
  version: '0.0.48',
  file: 'libtpu/libtpu.so',
  besides: undefined,
  wheels: {
    'linux-x64': [
      {
        file: 'libtpu-0.0.48-cp312-cp312-manylinux_2_31_x86_64.whl',
        bytes: 221_394_207,
        sha256: '79a450120c87d72e2e67aa549a75434818af38f666c1d224c228fff9f8a93805',
        members: { 'libtpu/libtpu.so': 683_032_200 },
      },
    ],
  },
  glibc: [2, 31],
  driver: undefined,
}
