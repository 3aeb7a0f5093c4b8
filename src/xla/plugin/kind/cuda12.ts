import type { Wheel } from '../../../wheels/wheel'
import type { PluginKind } from '../kind'

/**
 * The plugin, and of what `jax-cuda12-plugin[with-cuda]` asks for the libraries that it opens: no cuSPARSE, cuSOLVER or
 * NVSHMEM. The run path in it leads to `nvidia/` two folders above, where `ptxas` and libdevice are looked for too.
 */
const LINUX: readonly Wheel[] = [
  {
    file: 'jax_cuda12_pjrt-0.11.2-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 188_235_313,
    sha256: '2133b3afc63307c016ae4980f166b2b3de199759363ead74f7d550eaae953463',
    members: { 'jax_plugins/xla_cuda12/xla_cuda_plugin.so': 497_519_016 },
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

/** For drivers that are too old for CUDA 13. */
export const cuda12: PluginKind<'cuda12'> = {
  name: 'cuda12',
  title: "NVIDIA's GPUs with CUDA 12",
  device: 'gpu',
  package: 'jax-cuda12-pjrt',
  version: '0.11.2',
  file: 'jax_plugins/xla_cuda12/xla_cuda_plugin.so',
  besides: "CUDA's libraries",
  wheels: { 'linux-x64': LINUX },
  glibc: [2, 27],
  driver: { of: 'nvidia', oldest: 525 },
}
