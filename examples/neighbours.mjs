// The nearest neighbours of a picture by the features of a network, which `ibot features RUN --to jsonl` wrote:
// node neighbours.mjs features.jsonl NAME [HOW MANY]
import { readFileSync } from 'node:fs'

const [file, name, count = '5'] = process.argv.slice(2)

const unit = (vector) => {
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}
const cosine = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0)

const pictures = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
  .map(({ name, features }) => ({ name, features: unit(features) }))
const query = pictures.find((picture) => picture.name.endsWith(name))

if (query === undefined) {
  process.stderr.write(`${file} has no picture whose name ends with ${name}\n`)
  process.exitCode = 1
} else {
  const others = pictures.filter((picture) => picture !== query)
  const near = others.map((other) => [cosine(query.features, other.features), other.name]).sort(([a], [b]) => b - a)
  for (const [value, other] of near.slice(0, Number(count))) process.stdout.write(`${value.toFixed(3)} ${other}\n`)
}
