/**
 * The loops of src/cluster/ring: what the values of two members come to, 16 bytes at a time, in AssemblyScript. They give, bit for
 * bit, what the functions there give. `bytes` is a multiple of 16; nothing is allocated: the caller says where everything lies.
 */

/** Adds the other values to the values. */
export function add(values: usize, others: usize, bytes: usize): void {
  const end = values + bytes
  while (values < end) {
    v128.store(values, f32x4.add(v128.load(values), v128.load(others)))
    values += 16
    others += 16
  }
}

/** Adds the other values to the values, and divides what comes of it. */
export function addAndDivide(values: usize, others: usize, bytes: usize, by: f32): void {
  const end = values + bytes
  const divisor = f32x4.splat(by)
  while (values < end) {
    v128.store(values, f32x4.div(f32x4.add(v128.load(values), v128.load(others)), divisor))
    values += 16
    others += 16
  }
}

/** The larger of both, or NaN where one of them is. */
export function max(values: usize, others: usize, bytes: usize): void {
  const end = values + bytes
  while (values < end) {
    v128.store(values, f32x4.max(v128.load(values), v128.load(others)))
    values += 16
    others += 16
  }
}
