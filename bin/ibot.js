#!/usr/bin/env node

const { existsSync } = require('node:fs')
const { join } = require('node:path')

const root = join(__dirname, '..')
// A checkout has the sources beside this folder; the published package has only what was built of them.
if (existsSync(join(root, 'src'))) {
  const failed = require('./build.js').buildIfStale(root)
  if (failed !== undefined) {
    process.stderr.write(`${failed}\n`)
    process.exit(1)
  }
}
require('../dist/cli/main.js').start(process.argv)
