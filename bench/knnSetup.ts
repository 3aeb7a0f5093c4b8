/** What a k-NN program is told: where the features lie, and how they vote. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Backend } from '../src/engine/backends'

export interface KnnVote {
  readonly width: number
  readonly classes: number
  readonly k: number
  readonly temperature: number
  readonly threads: number
}

export interface KnnSetup extends KnnVote {
  /** Folder with bank.f32, queries.f32 (rows of `width` floats of unit length) and their labels in bank.u32, queries.u32. */
  readonly folder: string
  readonly backend: Backend
}

export interface KMeansTask {
  readonly width: number
  readonly clusters: number
  readonly starts: number
  readonly threads: number
}

export interface KMeansSetup extends KMeansTask {
  /** Folder with bank.f32: rows of `width` floats. */
  readonly folder: string
  readonly backend: Backend
}

export interface Features {
  readonly values: Float32Array
  readonly labels: Uint32Array
}

/** Uniform numbers in [-1, 1) from a linear congruential generator: millions of them in no time. */
const numbers = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
}

/** How far a feature is from its class, as a multiple of the class's own length: far enough for votes to go astray. */
const SPREAD = 4

/** Rows around the centres of their classes, each of unit length. */
export const features = (rows: number, width: number, classes: number, seed: number): Features => {
  const centre = numbers(1)
  const centres = Float32Array.from({ length: classes * width }, centre)
  const draw = numbers(seed)
  const values = new Float32Array(rows * width)
  const labels = Uint32Array.from({ length: rows }, (_, row) => row % classes)
  for (let row = 0; row < rows; row++) {
    let squares = 0
    for (let i = 0; i < width; i++) {
      const value = centres[labels[row]! * width + i]! + SPREAD * draw()
      values[row * width + i] = value
      squares += value * value
    }
    const length = Math.sqrt(squares)
    for (let i = 0; i < width; i++) values[row * width + i]! /= length
  }
  return { values, labels }
}

const write = (folder: string, name: string, { values, labels }: Features): void => {
  writeFileSync(join(folder, `${name}.f32`), values)
  writeFileSync(join(folder, `${name}.u32`), labels)
}

export interface KnnSize {
  readonly bank: number
  readonly queries: number
  readonly width: number
  readonly classes: number
}

/** Lays the features of a bank and of queries into a new folder while `use` goes on. */
export const withFeatures = async <A>(
  { bank, queries, width, classes }: KnnSize,
  use: (folder: string) => Promise<A>,
): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), 'ibot-bench-'))
  try {
    write(folder, 'bank', features(bank, width, classes, 2))
    write(folder, 'queries', features(queries, width, classes, 3))
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
