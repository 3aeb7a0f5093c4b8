import type { Wheel } from '../../../wheels/wheel'
import type { PluginKind } from '../kind'

/**
 * The plugin, and of what `jax-cuda13-plugin[with-cuda]` asks for the libraries that it opens: no cuSPARSE, cuSOLVER or
 * NVSHMEM. CUDA is 13.0, so that all drivers for CUDA 13 know it. The run path in the plugin leads to `nvidia/` two folders
 * above, where `ptxas` and libdevice are looked for too.
 */
const LINUX: readonly Wheel[] = [
  {
    file: 'jax_cuda13_pjrt-0.11.2-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 134_162_640,
    sha256: 'e5ff589d43064913bb74027682d89639c7ea48f9f81c2bae6fc75117e913f93e',
    members: { 'jax_plugins/xla_cuda13/xla_cuda_plugin.so': 411_465_856 },
  },
  {
    file: 'nvidia_cublas-13.1.0.3-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 423_133_236,
    sha256: 'ee8722c1f0145ab246bccb9e452153b5e0515fd094c3678df50b2a0888b8b171',
    members: { 'nvidia/cu13/lib/libcublas.so.13': 54_177_976, 'nvidia/cu13/lib/libcublasLt.so.13': 541_595_600 },
  },
  {
    file: 'nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_x86_64.whl',
    bytes: 10_715_597,
    sha256: '4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8',
    members: { 'nvidia/cu13/lib/libcupti.so.13': 4_152_208 },
  },
  {
    file: 'nvidia_cuda_nvcc-13.0.88-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    bytes: 37_384_532,
    sha256: '56fe502eb77625a12f25172caa3cdddb4e4c8ba2c8c17dba44b164761b380f03',
    members: { 'nvidia/cu13/bin/nvlink': 38_140_392, 'nvidia/cu13/bin/ptxas': 37_741_528 },
  },
  {
    file: 'nvidia_cuda_nvrtc-13.0.88-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    bytes: 90_215_200,
    sha256: 'ad9b6d2ead2435f11cbb6868809d2adeeee302e9bb94bcf0539c7a40d80e8575',
    members: { 'nvidia/cu13/lib/libnvrtc-builtins.so.13.0': 4_380_616, 'nvidia/cu13/lib/libnvrtc.so.13': 109_338_064 },
  },
  {
    file: 'nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    bytes: 2_243_632,
    sha256: '7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548',
    members: { 'nvidia/cu13/lib/libcudart.so.13': 704_288, 'nvidia/cu13/lib/libcudart_static.a': 1_361_104 },
  },
  {
    file: 'nvidia_cudnn_cu13-9.19.0.56-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 366_066_321,
    sha256: 'd20e1734305e9d68889a96e3f35094d733ff1f83932ebe462753973e53a572bf',
    members: {
      'nvidia/cudnn/lib/libcudnn.so.9': 129_240,
      'nvidia/cudnn/lib/libcudnn_adv.so.9': 109_169_104,
      'nvidia/cudnn/lib/libcudnn_cnn.so.9': 4_203_904,
      'nvidia/cudnn/lib/libcudnn_engines_precompiled.so.9': 245_391_920,
      'nvidia/cudnn/lib/libcudnn_engines_runtime_compiled.so.9': 29_386_400,
      'nvidia/cudnn/lib/libcudnn_graph.so.9': 4_451_728,
      'nvidia/cudnn/lib/libcudnn_heuristic.so.9': 60_822_040,
      'nvidia/cudnn/lib/libcudnn_ops.so.9': 39_855_888,
    },
  },
  {
    file: 'nvidia_cufft-12.0.0.61-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    bytes: 214_085_489,
    sha256: '6c44f692dce8fd5ffd3e3df134b6cdb9c2f72d99cf40b62c32dde45eea9ddad3',
    members: { 'nvidia/cu13/lib/libcufft.so.12': 286_542_352 },
  },
  {
    file: 'nvidia_nccl_cu13-2.28.9-py3-none-manylinux_2_18_x86_64.whl',
    bytes: 196_493_177,
    sha256: 'e4553a30f34195f3fa1da02a6da3d6337d28f2003943aa0a3d247bbc25fefc42',
    members: { 'nvidia/nccl/lib/libnccl.so.2': 217_995_896 },
  },
  {
    file: 'nvidia_nvjitlink-13.0.88-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    bytes: 40_713_933,
    sha256: '13a74f429e23b921c1109976abefacc69835f2f433ebd323d3946e11d804e47b',
    members: { 'nvidia/cu13/lib/libnvJitLink.so.13': 98_806_736 },
  },
  {
    file: 'nvidia_nvvm-13.0.88-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    bytes: 61_601_415,
    sha256: 'c5f41ffeb6466944a026dfa5317d7d85355c119bbec279205d22f1869d1054e0',
    members: { 'nvidia/cu13/nvvm/libdevice/libdevice.10.bc': 464_132 },
  },
]
const LINUX_ARM: readonly Wheel[] = [
  {
    file: 'jax_cuda13_pjrt-0.11.2-py3-none-manylinux_2_27_aarch64.whl',
    bytes: 128_788_047,
    sha256: '63b55e50e5c2583a25e196ba06b034b63d2b2d8ad4c2f17935652c8d3ad2dd2d',
    members: { 'jax_plugins/xla_cuda13/xla_cuda_plugin.so': 397_287_696 },
  },
  {
    file: 'nvidia_cublas-13.1.0.3-py3-none-manylinux_2_27_aarch64.whl',
    bytes: 542_851_226,
    sha256: 'c86fc7f7ae36d7528288c5d88098edcb7b02c633d262e7ddbb86b0ad91be5df2',
    members: { 'nvidia/cu13/lib/libcublas.so.13': 61_918_408, 'nvidia/cu13/lib/libcublasLt.so.13': 629_929_568 },
  },
  {
    file: 'nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_aarch64.whl',
    bytes: 10_310_827,
    sha256: '796bd679890ee55fb14a94629b698b6db54bcfd833d391d5e94017dd9d7d3151',
    members: { 'nvidia/cu13/lib/libcupti.so.13': 3_850_656 },
  },
  {
    file: 'nvidia_cuda_nvcc-13.0.88-py3-none-manylinux2014_aarch64.manylinux_2_17_aarch64.whl',
    bytes: 32_455_430,
    sha256: 'c7ff28f86a24effdc6c034fa15230c549a273e4771b10a7fec14996f8cf3307f',
    members: { 'nvidia/cu13/bin/nvlink': 31_861_088, 'nvidia/cu13/bin/ptxas': 31_548_264 },
  },
  {
    file: 'nvidia_cuda_nvrtc-13.0.88-py3-none-manylinux2014_aarch64.manylinux_2_17_aarch64.whl',
    bytes: 43_015_449,
    sha256: 'd27f20a0ca67a4bb34268a5e951033496c5b74870b868bacd046b1b8e0c3267b',
    members: { 'nvidia/cu13/lib/libnvrtc-builtins.so.13.0': 4_380_456, 'nvidia/cu13/lib/libnvrtc.so.13': 99_505_944 },
  },
  {
    file: 'nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_aarch64.manylinux_2_17_aarch64.whl',
    bytes: 2_261_060,
    sha256: 'ef9bcbe90493a2b9d810e43d249adb3d02e98dd30200d86607d8d02687c43f55',
    members: { 'nvidia/cu13/lib/libcudart.so.13': 707_752, 'nvidia/cu13/lib/libcudart_static.a': 1_359_902 },
  },
  {
    file: 'nvidia_cudnn_cu13-9.19.0.56-py3-none-manylinux_2_27_aarch64.whl',
    bytes: 433_781_201,
    sha256: '6ed29ffaee1176c612daf442e4dd6cfeb6a0caa43ddcbeb59da94953030b1be4',
    members: {
      'nvidia/cudnn/lib/libcudnn.so.9': 133_120,
      'nvidia/cudnn/lib/libcudnn_adv.so.9': 123_981_496,
      'nvidia/cudnn/lib/libcudnn_cnn.so.9': 2_436_232,
      'nvidia/cudnn/lib/libcudnn_engines_precompiled.so.9': 276_578_824,
      'nvidia/cudnn/lib/libcudnn_engines_runtime_compiled.so.9': 26_297_224,
      'nvidia/cudnn/lib/libcudnn_graph.so.9': 3_728_752,
      'nvidia/cudnn/lib/libcudnn_heuristic.so.9': 57_347_312,
      'nvidia/cudnn/lib/libcudnn_ops.so.9': 43_133_816,
    },
  },
  {
    file: 'nvidia_cufft-12.0.0.61-py3-none-manylinux2014_aarch64.manylinux_2_17_aarch64.whl',
    bytes: 214_053_554,
    sha256: '2708c852ef8cd89d1d2068bdbece0aa188813a0c934db3779b9b1faa8442e5f5',
    members: { 'nvidia/cu13/lib/libcufft.so.12': 283_285_752 },
  },
  {
    file: 'nvidia_nccl_cu13-2.28.9-py3-none-manylinux_2_18_aarch64.whl',
    bytes: 196_561_677,
    sha256: '01c873ba1626b54caa12272ed228dc5b2781545e0ae8ba3f432a8ef1c6d78643',
    members: { 'nvidia/nccl/lib/libnccl.so.2': 219_355_704 },
  },
  {
    file: 'nvidia_nvjitlink-13.0.88-py3-none-manylinux2014_aarch64.manylinux_2_17_aarch64.whl',
    bytes: 38_768_748,
    sha256: 'e931536ccc7d467a98ba1d8b89ff7fa7f1fa3b13f2b0069118cd7f47bff07d0c',
    members: { 'nvidia/cu13/lib/libnvJitLink.so.13': 89_258_944 },
  },
  {
    file: 'nvidia_nvvm-13.0.88-py3-none-manylinux2014_aarch64.manylinux_2_17_aarch64.whl',
    bytes: 59_234_185,
    sha256: 'c4376a291d72d22a315d9d2f69bdae8f8cd83a627f75bad395cee49a0fe65dc1',
    members: { 'nvidia/cu13/nvvm/libdevice/libdevice.10.bc': 464_132 },
  },
]

export const cuda13: PluginKind<'cuda13'> = {
  name: 'cuda13',
  title: "NVIDIA's GPUs with CUDA 13",
  device: 'gpu',
  package: 'jax-cuda13-pjrt',
  version: '0.11.2',
  file: 'jax_plugins/xla_cuda13/xla_cuda_plugin.so',
  besides: "CUDA's libraries",
  wheels: { 'linux-x64': LINUX, 'linux-arm64': LINUX_ARM },
  glibc: [2, 27],
  driver: { of: 'nvidia', oldest: 580 },
}
