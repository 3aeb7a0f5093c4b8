#!/usr/bin/env node

const { existsSync } = require('node:fs')
const { join } = require('node:path')

const root = join(__dirname, '..')
// A checkout has the sources beside this folder; the published package has only what was built of them.
if (existsSync(join(root, 'src'))) {
  const failed = require('./build.js').buildIfStale(root)
  if (failed !== undefined) {
    process.stderr.write(`${failed.text}\n`)
    process.exit(failed.code)
  }
}
require('../dist/cli/main.js').start(process.argv)
