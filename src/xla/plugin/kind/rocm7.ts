import type { PluginKind } from '../kind'

/** It finds ROCm's libraries in `/opt/rocm`, or in the packages of ROCm's SDK for Python: they aren't fetched. */
export const rocm7: PluginKind<'rocm7'> = {
  name: 'rocm7',
  title: "AMD's GPUs with ROCm 7, which must be installed",
  device: 'gpu',
  package: 'jax-rocm7-pjrt',
  version: '0.11.2',
  file: 'jax_plugins/xla_rocm7/xla_rocm_plugin.so',
  besides: undefined,
  wheels: {
    'linux-x64': [
      {
        file: 'jax_rocm7_pjrt-0.11.2-py3-none-manylinux_2_27_x86_64.whl',
        bytes: 139_991_500,
        sha256: 'f673c6b3ffec3001e259c766ab85415926cfe12f548429f0a41c410b62b0937b',
        members: { 'jax_plugins/xla_rocm7/xla_rocm_plugin.so': 482_734_064 },
      },
    ],
  },
  glibc: [2, 27],
  driver: { of: 'amd' },
}
