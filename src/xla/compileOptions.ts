/** How a program is compiled, as a serialized CompileOptionsProto (xla/pjrt/proto/compile_options.proto). */
import { bool, double, explicit, field, int32, int64, map, message, repeated, string } from '../base/protobuf'

export interface CompileOptions {
  /** Copies of the program, which compute on data of their own and may exchange values; 1 where it isn't given. */
  readonly replicas?: number
  /** Devices that share one copy, as the program's `mhlo.sharding` says; 1 where it isn't given. */
  readonly partitions?: number
  /** The numbers of the devices [replica][partition]; the plugin chooses where it isn't given. */
  readonly devices?: readonly (readonly number[])[]
  /** Flags of the compiler, by their names: `xla_gpu_autotune_level`. Integers are int64, other numbers double. */
  readonly flags?: Readonly<Record<string, string | boolean | number>>
}

/** No device is preferred. */
const ANY_DEVICE = -1

const DeviceAssignment = message({
  replica_count: field(1, int32),
  computation_count: field(2, int32),
  computation_devices: repeated(3, message({ replica_device_ids: repeated(1, int64) })),
})

const Override = message({
  string_field: explicit(1, string),
  bool_field: explicit(2, bool),
  int_field: explicit(3, int64),
  double_field: explicit(4, double),
})

const Options = message({
  executable_build_options: field(
    3,
    message({
      device_ordinal: field(1, int64),
      num_replicas: field(4, int64),
      num_partitions: field(5, int64),
      use_spmd_partitioning: field(6, bool),
      device_assignment: field(9, DeviceAssignment),
    }),
  ),
  env_option_overrides: map(7, Override),
})

const overrideOf = (value: string | boolean | number) => {
  if (typeof value === 'string') return { string_field: value }
  if (typeof value === 'boolean') return { bool_field: value }
  return Number.isInteger(value) ? { int_field: value } : { double_field: value }
}

const assignmentOf = (devices: readonly (readonly number[])[], partitions: number) => ({
  replica_count: devices.length,
  computation_count: partitions,
  computation_devices: Array.from({ length: partitions }, (_, partition) => ({
    replica_device_ids: devices.map((row) => row[partition]!),
  })),
})

/** Throws a RangeError where `devices` aren't as many as replicas and partitions. */
export const compileOptionsProto = ({ replicas = 1, partitions = 1, devices, flags = {} }: CompileOptions): Uint8Array => {
  if (devices !== undefined && (devices.length !== replicas || devices.some(({ length }) => length !== partitions)))
    throw new RangeError(`devices for ${replicas} replicas of ${partitions} partitions are ${JSON.stringify(devices)}`)
  return Options.encode({
    executable_build_options: {
      device_ordinal: ANY_DEVICE,
      num_replicas: replicas,
      num_partitions: partitions,
      use_spmd_partitioning: partitions > 1,
      ...(devices === undefined ? {} : { device_assignment: assignmentOf(devices, partitions) }),
    },
    env_option_overrides: Object.fromEntries(Object.entries(flags).map(([name, value]) => [name, overrideOf(value)])),
  })
}
