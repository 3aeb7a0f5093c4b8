/** Self-contained HTML pages: all that they show is in them, so that they open anywhere, without a network. */
import { createHash } from 'node:crypto'
import type { ComponentChildren, VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { CHART_STYLE, SCRIPT } from './script'
import { STYLE } from './style'

/** A place in the page that is led to from its top. */
export interface Anchor {
  readonly id: string
  readonly title: string
}

/** What a page has beside what it shows. */
export interface Extras {
  /** Whether the page's script is in it, by which its charts answer. */
  readonly script?: boolean
  readonly anchors?: readonly Anchor[]
  /** The page is served, and asks for news after so many milliseconds. */
  readonly watch?: number
}

/**
 * What a browser may do for a page: show what is in it and run the one script that is ours, by its hash. It sends no request,
 * whatever a text from a file contains; a page that is served asks for its own news.
 */
export const policy = ({ script = false, watch }: Extras): string =>
  [
    "default-src 'none'",
    'img-src data:',
    "style-src 'unsafe-inline'",
    ...(script ? [`script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`] : []),
    ...(watch === undefined ? [] : ["connect-src 'self'"]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')

/** What needs the script, which shows it. */
const Tools = (): VNode => (
  <span class="tools" hidden>
    <span class="news" role="status" />
    <label data-charts>
      smoothing <input type="range" min="0" max="0.98" step="0.02" value="0" />
    </label>
    <button type="button" class="whole" data-charts disabled title="charts: drag to zoom, double-click for the whole run">
      whole run
    </button>
    <button type="button" class="theme" title="colours: as the system has them, light or dark" />
  </span>
)

/** A page's text. */
export const page = (title: string, children: ComponentChildren, extras: Extras = {}): string => {
  const { script = false, anchors = [], watch } = extras
  return `<!doctype html>\n${renderToString(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy(extras)} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <style dangerouslySetInnerHTML={{ __html: script ? `${CHART_STYLE}\n${STYLE}` : STYLE }} />
      </head>
      <body data-watch={watch}>
        <h1>{title}</h1>
        {script && (
          <nav class="bar">
            {anchors.map(({ id, title: name }) => (
              <a key={id} href={`#${id}`}>
                {name}
              </a>
            ))}
            <Tools />
          </nav>
        )}
        {children}
        {script && <script type="module" dangerouslySetInnerHTML={{ __html: SCRIPT }} />}
      </body>
    </html>,
  )}\n`
}
