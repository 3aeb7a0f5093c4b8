/** The site of the docs: what is in docs/, with the changelog, the guide for contributors, the benchmarks, pipelines and examples. */
import { existsSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'
import { type DefaultTheme, defineConfig, type MarkdownEnv, type MarkdownOptions } from 'vitepress'
import { PAGES, placeOf } from '../places.js'
import { slug } from '../slug.js'

const ROOT = join(import.meta.dirname, '..', '..')

type Markdown = Parameters<NonNullable<MarkdownOptions['config']>>[0]

/** Links go from file to file, as in a checkout; here each becomes one to the page of that file. What has no page is a mistake. */
const linksBetweenFiles = (md: Markdown): void => {
  md.core.ruler.push('links-between-files', ({ tokens, env }) => {
    const { realPath, path } = env as MarkdownEnv
    const folder = dirname(relative(ROOT, realPath ?? path))
      .split(sep)
      .join('/')
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null
      if (href === null || /^(\w+:|#|\/)/.test(href)) continue
      const [file, anchor] = href.split('#')
      const target = posix.normalize(posix.join(folder, decodeURI(file!)))
      const place = placeOf(target)
      if (place === undefined) throw new Error(`${realPath ?? path}: the site has no page for ${target}`)
      token.attrSet('href', `/${place}${anchor === undefined ? '' : `#${anchor}`}`)
    }
  })
}

/** Pages by their names in docs/; one that isn't there yet is left out. */
const listed = (...pages: readonly (readonly [text: string, page: string])[]): DefaultTheme.SidebarItem[] =>
  pages.filter(([, page]) => existsSync(join(ROOT, 'docs', `${page}.md`))).map(([text, page]) => ({ text, link: `/${page}` }))

const SIDEBAR: DefaultTheme.SidebarItem[] = [
  {
    text: 'Begin',
    items: [
      { text: 'What it is', link: '/' },
      ...listed(
        ['Train in this tab', 'try'],
        ['Tutorial: your own pictures', 'tutorial'],
        ['Concepts', 'concepts'],
        ['What there is', 'scope'],
      ),
    ],
  },
  {
    text: 'Guides',
    items: listed(
      ['Pipelines', 'pipelines'],
      ['Data', 'data'],
      ["The paper's recipes", 'recipes'],
      ['Runs: resume and safety', 'runs'],
      ['Monitors and alarms', 'monitors'],
      ['Evaluation', 'evaluation'],
      ['Fine-tuning', 'fine-tuning'],
      ['Compare and sweep', 'compare'],
      ['Engines', 'engines'],
      ['GPUs', 'gpu'],
      ['Many machines', 'scaling'],
      ['Weights in and out', 'weights'],
      ['Ops of your own', 'own-ops'],
      ['TypeScript', 'typescript'],
    ),
  },
  {
    text: 'Reference',
    items: listed(
      ['Commands', 'commands'],
      ['Operations', 'ops'],
      ['What a run measures', 'metrics'],
      ['Problems and remedies', 'problems'],
      ['Dependencies', 'dependencies'],
    ),
  },
  {
    text: 'Project',
    items: [
      { text: 'Benchmarks', link: '/bench' },
      { text: 'Contributing', link: '/contributing' },
      { text: 'Changelog', link: '/changelog' },
    ],
  },
]

export default defineConfig({
  title: 'ibot',
  description: 'Self-supervised pre-training of vision transformers with iBOT',
  srcDir: '..',
  srcExclude: ['README.md', 'src/**', 'test/**', 'dist*/**', 'runs/**', 'sweeps/**', 'bench/!(README.md)/**'],
  rewrites: { 'docs/:page': ':page', 'site/files/:file(.*)': 'files/:file', ...PAGES },
  vite: { publicDir: join(ROOT, 'site', 'public') },
  // What trains in a page takes the room of what stands beside it.
  transformPageData: ({ relativePath }) => (relativePath === 'try.md' ? { frontmatter: { aside: false } } : undefined),
  markdown: { anchor: { slugify: slug }, config: linksBetweenFiles },
  themeConfig: {
    nav: [
      { text: 'Try it', link: '/try' },
      { text: 'Tutorial', link: '/tutorial' },
      { text: 'Concepts', link: '/concepts' },
      { text: 'Operations', link: '/ops' },
      { text: 'Commands', link: '/commands' },
    ],
    sidebar: SIDEBAR,
    outline: { level: [2, 3] },
    search: { provider: 'local' },
  },
})
