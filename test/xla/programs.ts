/** Programs in StableHLO for tests. */

/** w [4], g [4] → w - 0.1 · (the sum of g over all replicas), and its sum. The first argument is donated. */
export const replicatedStep = (replicas: number): string => {
  const group = Array.from({ length: replicas }, (_, i) => i).join(', ')
  return `module @step attributes {mhlo.num_replicas = ${replicas} : i32} {
  func.func public @main(%w: tensor<4xf32> {tf.aliasing_output = 0 : i32}, %g: tensor<4xf32>) -> (tensor<4xf32>, tensor<f32>) {
    %s = "stablehlo.all_reduce"(%g) <{replica_groups = dense<[[${group}]]> : tensor<1x${replicas}xi64>}> ({
      ^bb0(%a: tensor<f32>, %b: tensor<f32>):
        %c = stablehlo.add %a, %b : tensor<f32>
        stablehlo.return %c : tensor<f32>
    }) : (tensor<4xf32>) -> tensor<4xf32>
    %k = stablehlo.constant dense<-0.1> : tensor<4xf32>
    %d = stablehlo.multiply %s, %k : tensor<4xf32>
    %n = stablehlo.add %w, %d : tensor<4xf32>
    %z = stablehlo.constant dense<0.0> : tensor<f32>
    %l = stablehlo.reduce(%n init: %z) applies stablehlo.add across dimensions = [0] : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
    return %n, %l : tensor<4xf32>, tensor<f32>
  }
}`
}

/** x [4, 3], whose rows are shared out, times w [3]: the products, shared out as well, and the sum of all on every device. */
export const shardedProduct = (partitions: number): string => {
  const rows = `{mhlo.sharding = "{devices=[${partitions},1]<=[${partitions}]}"}`
  const all = '{mhlo.sharding = "{replicated}"}'
  return `module @sharded attributes {mhlo.num_partitions = ${partitions} : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%x: tensor<4x3xf32> ${rows}, %w: tensor<3xf32> ${all}) -> (tensor<4x3xf32> ${rows}, tensor<f32> ${all}) {
    %b = stablehlo.broadcast_in_dim %w, dims = [1] : (tensor<3xf32>) -> tensor<4x3xf32>
    %y = stablehlo.multiply %x, %b : tensor<4x3xf32>
    %z = stablehlo.constant dense<0.0> : tensor<f32>
    %l = stablehlo.reduce(%y init: %z) applies stablehlo.add across dimensions = [0, 1] : (tensor<4x3xf32>, tensor<f32>) -> tensor<f32>
    return %y, %l : tensor<4x3xf32>, tensor<f32>
  }
}`
}

/** s [2, 2], x [2, 2] → s · x, which takes the place of s. */
export const product = `module @product {
  func.func public @main(%s: tensor<2x2xf32> {tf.aliasing_output = 0 : i32}, %x: tensor<2x2xf32>) -> tensor<2x2xf32> {
    %y = stablehlo.dot_general %s, %x, contracting_dims = [1] x [0] : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
    return %y : tensor<2x2xf32>
  }
}`

/** x [512, 512] → x · x · … as often as said, each made small again. */
export const longWork = (times: number): string => `module @long {
  func.func public @main(%x: tensor<512x512xf32>) -> tensor<512x512xf32> {
    %zero = stablehlo.constant dense<0> : tensor<i32>
    %one = stablehlo.constant dense<1> : tensor<i32>
    %end = stablehlo.constant dense<${times}> : tensor<i32>
    %r:2 = stablehlo.while(%i = %zero, %v = %x) : tensor<i32>, tensor<512x512xf32>
      cond {
        %c = stablehlo.compare LT, %i, %end : (tensor<i32>, tensor<i32>) -> tensor<i1>
        stablehlo.return %c : tensor<i1>
      } do {
        %n = stablehlo.add %i, %one : tensor<i32>
        %p = stablehlo.dot_general %v, %x, contracting_dims = [1] x [0] : (tensor<512x512xf32>, tensor<512x512xf32>) -> tensor<512x512xf32>
        %t = stablehlo.tanh %p : tensor<512x512xf32>
        stablehlo.return %n, %t : tensor<i32>, tensor<512x512xf32>
      }
    return %r#1 : tensor<512x512xf32>
  }
}`

/** A program that gives back what it is given, plus itself or, for bool, or itself. */
export const doubled = (type: string, dims: readonly number[]): string => {
  const tensor = `tensor<${[...dims, type].join('x')}>`
  return `module @doubled {
  func.func public @main(%x: ${tensor}) -> ${tensor} {
    %y = stablehlo.${type === 'i1' ? 'or' : 'add'} %x, %x : ${tensor}
    return %y : ${tensor}
  }
}`
}
