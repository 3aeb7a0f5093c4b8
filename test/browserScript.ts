/** What is in browser/report, as one script with the chart library that it uses, and that library's style: what `npm run generate` writes. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildSync, transformSync } from 'esbuild'

const ROOT = join(__dirname, '..')
export const SCRIPT_FILE = 'src/report/script.ts'

const LIBRARY = dirname(require.resolve('uplot/package.json'))

/** The library's licence, which goes with every copy of it: in pages, and in the file that holds the script. */
const notice = (): string => {
  const { name, version } = JSON.parse(readFileSync(join(LIBRARY, 'package.json'), 'utf8'))
  return `/* contains ${name} ${version}:\n${readFileSync(join(LIBRARY, 'LICENSE'), 'utf8').trim()} */`
}

const script = (): string =>
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: [join(ROOT, 'browser', 'report', 'main.ts')],
    bundle: true,
    define: { navigator: 'navigatorOfPage' },
    inject: [join(ROOT, 'browser', 'report', 'navigator.ts')],
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2020',
    charset: 'ascii',
    legalComments: 'none',
    banner: { js: notice() },
  })
    .outputFiles[0]!.text.trim()
    // Nothing in it may end the element in which it stands.
    .replaceAll('</', '<\\/')

const style = (): string =>
  transformSync(readFileSync(join(LIBRARY, 'dist', 'uPlot.min.css'), 'utf8'), { loader: 'css', minify: true }).code.trim()

const constant = (name: string, text: string): string =>
  `export const ${name}: string = Buffer.from(\n  '${Buffer.from(text).toString('base64')}',\n  'base64',\n).toString()\n`

export const scriptText = (): string =>
  `/** browser/report with uPlot, compiled by 'npm run generate': the script of a page, and the style of its charts. */\n${notice()}\n${constant('SCRIPT', script())}${constant('CHART_STYLE', style())}`
