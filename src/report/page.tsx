/** Self-contained HTML pages: all that they show is in them, so that they open anywhere, without a network. */
import type { ComponentChildren, VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import type { Failure } from '../base/failure'

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --dim: #6b7280; --line: #d7dbe0 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --paper: #15181c; --dim: #98a1ad; --line: #3a414a } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto; max-width: 76rem; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2.2rem } h3 { font-size: 1rem }
p.note, figcaption, th { color: var(--dim); font-weight: normal }
figure { margin: 0 } figcaption { font-size: 12px; line-height: 1.35 }
img { display: block; image-rendering: pixelated; max-width: none }
pre { overflow-x: auto; border: 1px solid var(--line); border-radius: 4px; padding: .8rem; font-size: 13px }
table { border-collapse: collapse } th { text-align: left; padding: .15rem 1.2rem .15rem 0; vertical-align: top } td { padding: .15rem 0 }
table.columns td, table.columns th { padding-right: 1.4rem; vertical-align: top }
.wide { overflow-x: auto } .row { display: flex; gap: 12px; padding: 10px 0; border-bottom: 1px solid var(--line) }
.row > figure { flex: none } .picture { position: relative; margin-bottom: 4px } .picture > svg { position: absolute; inset: 0 }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(22rem, 1fr)); gap: 1.2rem }
`

/** A page's text. */
export const page = (title: string, children: ComponentChildren): string =>
  `<!doctype html>\n${renderToString(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <h1>{title}</h1>
        {children}
      </body>
    </html>,
  )}\n`

/** Facts, one a line. */
export const Facts = ({ rows }: { readonly rows: readonly (readonly [string, string])[] }): VNode => (
  <table>
    <tbody>
      {rows.map(([name, value]) => (
        <tr key={name}>
          <th>{name}</th>
          <td>{value}</td>
        </tr>
      ))}
    </tbody>
  </table>
)

/** Why a part of a page is missing. */
export const whyNot = (failure: Failure): string =>
  'message' in failure ? failure.message : 'the pipeline no longer fits together'

/** Sentences, one a line. */
export const Notes = ({ texts }: { readonly texts: readonly string[] }): VNode => (
  <>
    {texts.map((text) => (
      <p class="note" key={text}>
        {text}.
      </p>
    ))}
  </>
)
