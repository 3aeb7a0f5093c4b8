/**
 * The loops of src/image for pictures of three channels, 16 bytes at a time, in AssemblyScript. They give, bit for bit, what the
 * functions there give, which say what is computed and why.
 *
 * Pictures lie here as three planes: red, green, blue. A row of a plane takes `pitch` bytes, a multiple of 16, whatever its width;
 * what lies behind its last pixel means nothing. `stride` is the distance from plane to plane. 64 bytes before and after a picture
 * may be read. Nothing is allocated: the caller says where everything lies.
 */

/** The weights of an output sample: groups of 4 taps, each the pairs of upper halves 01 and 23, then those of lower halves. */
const GROUP: usize = 16
/** Weights are upper · 2^11 + lower: as 16-bit numbers, two of them are multiplied and added at once. */
const SPLIT: i32 = 11
const FRACTION: i32 = 22
const HALF: i32 = 1 << 21

@inline
function weighed(upper: v128, lower: v128): v128 {
  const sum = i32x4.add(i32x4.add(i32x4.shl(upper, SPLIT), lower), i32x4.splat(HALF))
  return i32x4.shr_s(sum, FRACTION)
}

/** Resamples rows of packed pixels (3 bytes each) from `source`, `sourcePitch` bytes apart, to `width` pixels in planes. */
export function resampleRows(
  source: usize,
  sourcePitch: usize,
  height: usize,
  target: usize,
  pitch: usize,
  stride: usize,
  width: usize,
  first: usize,
  groups: usize,
  most: usize,
  weights: usize,
): void {
  const pairs = i8x16(0, 3, 1, 4, 2, 5, -1, -1, 6, 9, 7, 10, 8, 11, -1, -1)
  for (let y: usize = 0; y < height; y++) {
    let to = target
    for (let x: usize = 0; x < width; x += 4) {
      let a = i32x4.splat(0)
      let b = a
      let c = a
      let d = a
      for (let k: usize = 0; k < 4; k++) {
        const sample = x + k
        let at = source + 3 * <usize>load<u32>(first + 4 * sample)
        let weight = weights + sample * most * GROUP
        const end = weight + <usize>load<u32>(groups + 4 * sample) * GROUP
        let upper = i32x4.splat(0)
        let lower = upper
        while (weight < end) {
          const pixels = v128.swizzle(v128.load(at), pairs)
          const two = i16x8.extend_low_i8x16_u(pixels)
          const others = i16x8.extend_high_i8x16_u(pixels)
          upper = i32x4.add(upper, i32x4.dot_i16x8_s(two, v128.load_splat<u32>(weight)))
          lower = i32x4.add(lower, i32x4.dot_i16x8_s(two, v128.load_splat<u32>(weight, 8)))
          upper = i32x4.add(upper, i32x4.dot_i16x8_s(others, v128.load_splat<u32>(weight, 4)))
          lower = i32x4.add(lower, i32x4.dot_i16x8_s(others, v128.load_splat<u32>(weight, 12)))
          at += 12
          weight += GROUP
        }
        a = b
        b = c
        c = d
        d = weighed(upper, lower)
      }
      const bytes = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d))
      const planes = v128.swizzle(bytes, i8x16(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, -1, -1, -1, -1))
      v128.store_lane<u32>(to, planes, 0)
      v128.store_lane<u32>(to + stride, planes, 1)
      v128.store_lane<u32>(to + 2 * stride, planes, 2)
      to += 4
    }
    source += sourcePitch
    target += pitch
  }
}

/** Resamples the columns of one plane to `height` rows. */
export function resampleColumns(
  source: usize,
  target: usize,
  pitch: usize,
  height: usize,
  first: usize,
  groups: usize,
  most: usize,
  weights: usize,
): void {
  for (let y: usize = 0; y < height; y++) {
    const start = source + <usize>load<u32>(first + 4 * y) * pitch
    const begin = weights + y * most * GROUP
    const end = begin + <usize>load<u32>(groups + 4 * y) * GROUP
    for (let x: usize = 0; x < pitch; x += 16) {
      let upper0 = i32x4.splat(0)
      let upper1 = upper0
      let upper2 = upper0
      let upper3 = upper0
      let lower0 = upper0
      let lower1 = upper0
      let lower2 = upper0
      let lower3 = upper0
      let at = start + x
      // Two taps at once: half a group.
      for (let weight = begin; weight < end; weight += GROUP) {
        for (let half: usize = 0; half < 8; half += 4) {
          const one = v128.load(at)
          const other = v128.load(at + pitch)
          at += 2 * pitch
          const left = v128.shuffle<u8>(one, other, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
          const right = v128.shuffle<u8>(one, other, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
          const pixels0 = i16x8.extend_low_i8x16_u(left)
          const pixels1 = i16x8.extend_high_i8x16_u(left)
          const pixels2 = i16x8.extend_low_i8x16_u(right)
          const pixels3 = i16x8.extend_high_i8x16_u(right)
          const high = v128.load_splat<u32>(weight + half)
          const low = v128.load_splat<u32>(weight + half, 8)
          upper0 = i32x4.add(upper0, i32x4.dot_i16x8_s(pixels0, high))
          upper1 = i32x4.add(upper1, i32x4.dot_i16x8_s(pixels1, high))
          upper2 = i32x4.add(upper2, i32x4.dot_i16x8_s(pixels2, high))
          upper3 = i32x4.add(upper3, i32x4.dot_i16x8_s(pixels3, high))
          lower0 = i32x4.add(lower0, i32x4.dot_i16x8_s(pixels0, low))
          lower1 = i32x4.add(lower1, i32x4.dot_i16x8_s(pixels1, low))
          lower2 = i32x4.add(lower2, i32x4.dot_i16x8_s(pixels2, low))
          lower3 = i32x4.add(lower3, i32x4.dot_i16x8_s(pixels3, low))
        }
      }
      const left = i16x8.narrow_i32x4_s(weighed(upper0, lower0), weighed(upper1, lower1))
      const right = i16x8.narrow_i32x4_s(weighed(upper2, lower2), weighed(upper3, lower3))
      v128.store(target + x, i8x16.narrow_i16x8_u(left, right))
    }
    target += pitch
  }
}

/** Takes packed pixels apart into planes. */
export function unpack(
  source: usize,
  sourcePitch: usize,
  target: usize,
  pitch: usize,
  stride: usize,
  width: usize,
  height: usize,
): void {
  for (let y: usize = 0; y < height; y++) {
    let from = source
    for (let x: usize = 0; x < width; x++) {
      store<u8>(target + x, load<u8>(from))
      store<u8>(target + x + stride, load<u8>(from, 1))
      store<u8>(target + x + 2 * stride, load<u8>(from, 2))
      from += 3
    }
    source += sourcePitch
    target += pitch
  }
}

/** Mirrors the rows of one plane. */
export function flip(source: usize, target: usize, pitch: usize, width: usize, height: usize): void {
  const reversed = i8x16(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
  for (let y: usize = 0; y < height; y++) {
    for (let x: usize = 0; x < pitch; x += 16)
      v128.store(target + x, v128.swizzle(v128.load(source + width - 16 - x), reversed))
    source += pitch
    target += pitch
  }
}

/** Replaces each byte of a plane by what a table of 256 says. */
export function point(plane: usize, bytes: usize, table: usize): void {
  const end = plane + bytes
  for (; plane < end; plane += 4) {
    const four = load<u32>(plane)
    store<u8>(plane, load<u8>(table + (four & 0xff)))
    store<u8>(plane, load<u8>(table + ((four >> 8) & 0xff)), 1)
    store<u8>(plane, load<u8>(table + ((four >> 16) & 0xff)), 2)
    store<u8>(plane, load<u8>(table + (four >> 24)), 3)
  }
}

@inline
function lumaOf(redGreen: v128, blueOne: v128): v128 {
  // 19595 R + 38470 G + 7471 B + 2^15, with 2 G and 2 so that the factors fit into 16 bits.
  const weights = i16x8(19595, 19235, 19595, 19235, 19595, 19235, 19595, 19235)
  const others = i16x8(7471, 16384, 7471, 16384, 7471, 16384, 7471, 16384)
  return i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(redGreen, weights), i32x4.dot_i16x8_s(blueOne, others)), 16)
}

@inline
function pairsLow(one: v128, other: v128): v128 {
  return v128.shuffle<u16>(one, other, 0, 8, 1, 9, 2, 10, 3, 11)
}

@inline
function pairsHigh(one: v128, other: v128): v128 {
  return v128.shuffle<u16>(one, other, 4, 12, 5, 13, 6, 14, 7, 15)
}

/** The luma of 8 pixels, from values of 16 bits. */
@inline
function luma8(red: v128, green: v128, blue: v128): v128 {
  const twice = i16x8.shl(green, 1)
  const two = i16x8.splat(2)
  return i16x8.narrow_i32x4_s(
    lumaOf(pairsLow(red, twice), pairsLow(blue, two)),
    lumaOf(pairsHigh(red, twice), pairsHigh(blue, two)),
  )
}

@inline
function luma16(at: usize, stride: usize): v128 {
  const red = v128.load(at)
  const green = v128.load(at + stride)
  const blue = v128.load(at + 2 * stride)
  return i8x16.narrow_i16x8_u(
    luma8(i16x8.extend_low_i8x16_u(red), i16x8.extend_low_i8x16_u(green), i16x8.extend_low_i8x16_u(blue)),
    luma8(i16x8.extend_high_i8x16_u(red), i16x8.extend_high_i8x16_u(green), i16x8.extend_high_i8x16_u(blue)),
  )
}

/** The sum of the luma of all pixels. */
export function lumaSum(planes: usize, pitch: usize, stride: usize, width: usize, height: usize): f64 {
  let total: i64 = 0
  const whole = width & ~15
  const inside = width & 15
  // Ones for the pixels of a row's last 16 bytes.
  const rest = i8x16.lt_u(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(<i8>inside))
  for (let y: usize = 0; y < height; y++) {
    let sums = i32x4.splat(0)
    for (let x: usize = 0; x < whole; x += 16) {
      const sixteen = luma16(planes + x, stride)
      sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(sixteen)))
    }
    if (inside > 0) {
      const some = v128.and(luma16(planes + whole, stride), rest)
      sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(some)))
    }
    total += i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3)
    planes += pitch
  }
  return <f64>total
}

/** Every channel becomes the luma. */
export function grayscale(planes: usize, stride: usize, bytes: usize): void {
  const end = planes + bytes
  for (; planes < end; planes += 16) {
    const sixteen = luma16(planes, stride)
    v128.store(planes, sixteen)
    v128.store(planes + stride, sixteen)
    v128.store(planes + 2 * stride, sixteen)
  }
}

/** grey + factor · (value - grey), truncated; 4 values as integers. */
@inline
function blend(grey: v128, value: v128, factor: v128): v128 {
  const origin = f32x4.convert_i32x4_s(grey)
  const distance = f32x4.convert_i32x4_s(i32x4.sub(value, grey))
  return i32x4.trunc_sat_f32x4_s(f32x4.add(origin, f32x4.mul(factor, distance)))
}

/** The same of 8 values of 16 bits. */
@inline
function blend8(grey: v128, value: v128, factor: v128): v128 {
  return i16x8.narrow_i32x4_s(
    blend(i32x4.extend_low_i16x8_s(grey), i32x4.extend_low_i16x8_s(value), factor),
    blend(i32x4.extend_high_i16x8_s(grey), i32x4.extend_high_i16x8_s(value), factor),
  )
}

/** Moves the values of each pixel from its luma to `factor` times their distances. */
export function saturation(planes: usize, stride: usize, bytes: usize, factor: f32): void {
  const factors = f32x4.splat(factor)
  const end = planes + bytes
  for (; planes < end; planes += 8) {
    const red = v128.load_ext<u8>(planes)
    const green = v128.load_ext<u8>(planes + stride)
    const blue = v128.load_ext<u8>(planes + 2 * stride)
    const grey = luma8(red, green, blue)
    const first = i8x16.narrow_i16x8_u(blend8(grey, red, factors), blend8(grey, green, factors))
    const last = i8x16.narrow_i16x8_u(blend8(grey, blue, factors), grey)
    v128.store_lane<u64>(planes, first, 0)
    v128.store_lane<u64>(planes + stride, first, 1)
    v128.store_lane<u64>(planes + 2 * stride, last, 0)
  }
}

/** The quotient by 255 of integers up to 2^24, rounded down. */
@inline
function by255(value: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.div(f32x4.convert_i32x4_s(value), f32x4.splat(255)))
}

/** Turns the hues by `turn` of 256 steps. */
export function hue(planes: usize, stride: usize, bytes: usize, turn: i32): void {
  const turns = i32x4.splat(turn)
  const byte = i32x4.splat(255)
  const one = i32x4.splat(1)
  const zero = i32x4.splat(0)
  const end = planes + bytes
  for (; planes < end; planes += 4) {
    const red = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load_zero<u32>(planes)))
    const green = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load_zero<u32>(planes + stride)))
    const blue = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load_zero<u32>(planes + 2 * stride)))
    const most = i32x4.max_s(i32x4.max_s(red, green), blue)
    const least = i32x4.min_s(i32x4.min_s(red, green), blue)
    const range = i32x4.sub(most, least)
    const middle = i32x4.sub(i32x4.add(i32x4.add(red, green), blue), i32x4.add(most, least))

    // The place on the circle in sixths is a whole number plus or minus the middle channel's distance from the largest.
    const redMost = i32x4.eq(red, most)
    const greenMost = v128.andnot(i32x4.eq(green, most), redMost)
    const blueMost = v128.not(v128.or(redMost, greenMost))
    // Whether the channel that comes next on the circle is the least one: then the distance counts the other way.
    const redLeast = i32x4.eq(red, least)
    const greenLeast = i32x4.eq(green, least)
    const blueLeast = i32x4.eq(blue, least)
    const up = v128.or(
      v128.or(v128.and(redMost, v128.andnot(greenLeast, blueLeast)), v128.and(greenMost, blueLeast)),
      v128.and(blueMost, redLeast),
    )
    const base = v128.or(
      v128.or(
        v128.and(redMost, v128.bitselect(i32x4.splat(-1), one, up)),
        v128.and(greenMost, v128.bitselect(one, i32x4.splat(3), up)),
      ),
      v128.and(blueMost, v128.bitselect(i32x4.splat(3), i32x4.splat(5), up)),
    )
    const spread = f32x4.convert_i32x4_s(range)
    const distance = f32x4.div(f32x4.convert_i32x4_s(i32x4.sub(most, middle)), spread)
    const signed = v128.xor(distance, v128.andnot(i32x4.splat(<i32>0x80000000), up))
    const sixths = f32x4.div(f32x4.add(f32x4.convert_i32x4_s(base), signed), f32x4.splat(6))
    const whole = f32x4.add(sixths, v128.and(f32x4.lt(sixths, f32x4.splat(0)), f32x4.splat(1)))
    const before = i32x4.trunc_sat_f32x4_s(f32x4.mul(whole, f32x4.splat(255)))
    const quotient = f32x4.div(spread, f32x4.convert_i32x4_s(most))
    const colourful = i32x4.trunc_sat_f32x4_s(f32x4.mul(quotient, f32x4.splat(255)))

    // Back: six times the hue, as sectors of 255 steps and what is left.
    const hue6 = i32x4.mul(v128.and(i32x4.add(before, turns), byte), i32x4.splat(6))
    const sector = by255(hue6)
    const part = i32x4.sub(hue6, i32x4.mul(sector, byte))
    const odd = i32x4.eq(v128.and(sector, one), one)
    const along = v128.bitselect(part, i32x4.sub(byte, part), odd)
    // Neither is ever halfway between two integers.
    const low = by255(i32x4.add(i32x4.mul(most, i32x4.sub(byte, colourful)), i32x4.splat(127)))
    const share = i32x4.sub(i32x4.splat(65025), i32x4.mul(colourful, along))
    const mid = by255(by255(i32x4.add(i32x4.mul(most, share), i32x4.splat(32512))))

    const sector0 = v128.or(i32x4.eq(sector, zero), i32x4.eq(sector, i32x4.splat(6)))
    const sector1 = i32x4.eq(sector, one)
    const sector2 = i32x4.eq(sector, i32x4.splat(2))
    const sector3 = i32x4.eq(sector, i32x4.splat(3))
    const sector4 = i32x4.eq(sector, i32x4.splat(4))
    const sector5 = i32x4.eq(sector, i32x4.splat(5))
    const newRed = v128.bitselect(most, v128.bitselect(mid, low, v128.or(sector1, sector4)), v128.or(sector0, sector5))
    const newGreen = v128.bitselect(most, v128.bitselect(mid, low, v128.or(sector0, sector3)), v128.or(sector1, sector2))
    const newBlue = v128.bitselect(most, v128.bitselect(mid, low, v128.or(sector2, sector5)), v128.or(sector3, sector4))
    // A grey pixel has no hue.
    const grey = v128.or(i32x4.eq(colourful, zero), i32x4.eq(range, zero))
    const packed = i8x16.narrow_i16x8_u(
      i16x8.narrow_i32x4_s(v128.bitselect(most, newRed, grey), v128.bitselect(most, newGreen, grey)),
      i16x8.narrow_i32x4_s(v128.bitselect(most, newBlue, grey), zero),
    )
    v128.store_lane<u32>(planes, packed, 0)
    v128.store_lane<u32>(planes + stride, packed, 1)
    v128.store_lane<u32>(planes + 2 * stride, packed, 2)
  }
}

/** One box blur of 16 bytes, whose neighbours are `step` bytes apart: 2 `reach` + 1 equal taps and a lighter one at either end. */
@inline
function boxed(at: usize, step: usize, reach: usize, upper: v128, lower: v128): v128 {
  const before = at - (reach + 1) * step
  let tap = before
  let left = i16x8.splat(0)
  let right = left
  for (let i: usize = 0; i <= 2 * reach; i++) {
    tap += step
    const sixteen = v128.load(tap)
    left = i16x8.add(left, i16x8.extend_low_i8x16_u(sixteen))
    right = i16x8.add(right, i16x8.extend_high_i8x16_u(sixteen))
  }
  const one = v128.load(before)
  const other = v128.load(tap + step)
  const endsLeft = i16x8.add(i16x8.extend_low_i8x16_u(one), i16x8.extend_low_i8x16_u(other))
  const endsRight = i16x8.add(i16x8.extend_high_i8x16_u(one), i16x8.extend_high_i8x16_u(other))
  return i8x16.narrow_i16x8_u(
    i16x8.narrow_i32x4_s(
      boxSum(pairsLow(left, endsLeft), upper, lower),
      boxSum(pairsHigh(left, endsLeft), upper, lower),
    ),
    i16x8.narrow_i32x4_s(
      boxSum(pairsLow(right, endsRight), upper, lower),
      boxSum(pairsHigh(right, endsRight), upper, lower),
    ),
  )
}

/** Weights of a box are upper · 2^12 + lower, in units of 2^-24. */
@inline
function boxSum(pairs: v128, upper: v128, lower: v128): v128 {
  const high = i32x4.shl(i32x4.dot_i16x8_s(pairs, upper), 12)
  return i32x4.shr_u(i32x4.add(i32x4.add(high, i32x4.dot_i16x8_s(pairs, lower)), i32x4.splat(1 << 23)), 24)
}

@inline
function upperOf(inner: i32, outer: i32): v128 {
  return i32x4.splat((inner >> 12) | ((outer >> 12) << 16))
}

@inline
function lowerOf(inner: i32, outer: i32): v128 {
  return i32x4.splat((inner & 0xfff) | ((outer & 0xfff) << 16))
}

/** Repeats the first and the last of `width` bytes for 16 bytes before and behind them. */
@inline
function extend(line: usize, width: usize): void {
  v128.store(line - 16, v128.load_splat<u8>(line))
  v128.store(line + width, v128.load_splat<u8>(line + width - 1))
}

@inline
function blurLine(source: usize, target: usize, width: usize, reach: usize, upper: v128, lower: v128): void {
  extend(source, width)
  for (let x: usize = 0; x < width; x += 16) v128.store(target + x, boxed(source + x, 1, reach, upper, lower))
}

/**
 * Blurs the rows of a plane three times, in place; `reach` is at most 15. `line` and `other` have room for a row with 16 bytes
 * before it and 32 behind it.
 */
export function blurRows(
  plane: usize,
  pitch: usize,
  width: usize,
  height: usize,
  reach: usize,
  inner: i32,
  outer: i32,
  line: usize,
  other: usize,
): void {
  const upper = upperOf(inner, outer)
  const lower = lowerOf(inner, outer)
  for (let y: usize = 0; y < height; y++) {
    memory.copy(line, plane, pitch)
    blurLine(line, other, width, reach, upper, lower)
    blurLine(other, line, width, reach, upper, lower)
    blurLine(line, other, width, reach, upper, lower)
    memory.copy(plane, other, pitch)
    plane += pitch
  }
}

/** Blurs the columns of a plane once. There is room for `reach` + 1 rows before and behind it, which get the first and the last. */
export function blurColumns(source: usize, target: usize, pitch: usize, height: usize, reach: usize, inner: i32, outer: i32): void {
  const upper = upperOf(inner, outer)
  const lower = lowerOf(inner, outer)
  const bytes = height * pitch
  for (let i: usize = 0; i <= reach; i++) {
    memory.copy(source - (i + 1) * pitch, source, pitch)
    memory.copy(source + bytes + i * pitch, source + bytes - pitch, pitch)
  }
  for (let x: usize = 0; x < bytes; x += 16) v128.store(target + x, boxed(source + x, pitch, reach, upper, lower))
}

/** Packs planes into pixels of float32 numbers, looked up in three tables of 256, one a channel. */
export function normalize(planes: usize, pitch: usize, stride: usize, width: usize, height: usize, tables: usize, target: usize): void {
  for (let y: usize = 0; y < height; y++) {
    for (let x: usize = 0; x < width; x++) {
      const at = planes + x
      store<f32>(target, load<f32>(tables + 4 * <usize>load<u8>(at)))
      store<f32>(target, load<f32>(tables + 4 * <usize>load<u8>(at + stride), 1024), 4)
      store<f32>(target, load<f32>(tables + 4 * <usize>load<u8>(at + 2 * stride), 2048), 8)
      target += 12
    }
    planes += pitch
  }
}
