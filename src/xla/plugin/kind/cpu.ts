import type { PluginKind } from '../kind'

/** For tests, and to try several devices on one processor: it makes as many as it is asked for. */
export const cpu: PluginKind<'cpu'> = {
  name: 'cpu',
  title: 'the processor',
  device: 'cpu',
  package: 'xla-cpu-pjrt',
  version: '0.0.1',
  file: 'xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so',
  besides: undefined,
  wheels: {
    'linux-x64': [
      {
        file: 'xla_cpu_pjrt-0.0.1-py3-none-manylinux_2_27_x86_64.whl',
        bytes: 63_461_052,
        sha256: '55837b6b7b47daa717f2d9a5a03563ea0ceaa338d06a81a1e2d3f060d960decc',
        members: { 'xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so': 259_284_552 },
      },
    ],
  },
  glibc: [2, 27],
  driver: undefined,
}
