/** How pages look: on a screen, light or dark, narrow or wide, and on paper. */

const LIGHT = `--ink: #1b1f24; --paper: #fff; --raised: #f6f7f9; --dim: #5b6471; --line: #d9dde3; --accent: #2563eb; --good: #15803d; --alarm: #b45309; --alarm-paper: #fff7e6`
const DARK = `--ink: #e6e8eb; --paper: #15181c; --raised: #1d2228; --dim: #9aa4b1; --line: #353c46; --accent: #7aa7ff; --good: #4ade80; --alarm: #fbbf24; --alarm-paper: #2b2413`

/** The style below an element, whose selector is given, as it is under a condition. */
const styleBelow = (root: (condition?: string) => string): string => `
${root()} { color-scheme: light dark; ${LIGHT} }
@media screen and (prefers-color-scheme: dark) { ${root(':not([data-theme=light])')} { ${DARK} } }
@media screen { ${root('[data-theme=dark]')} { color-scheme: dark; ${DARK} } }
${root('[data-theme=light]')} { color-scheme: light }
* { box-sizing: border-box }
html { scroll-padding-top: 3.5rem }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto; max-width: 80rem; padding: 1.2rem 1.2rem 3rem }
h1 { font-size: 1.5rem; margin: .4rem 0 } h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem } h3 { font-size: 1rem; margin: 1.6rem 0 .3rem }
p { margin: .4rem 0 } p.note, figcaption, th, dt { color: var(--dim); font-weight: normal }
p.note { max-width: 60rem }
a { color: var(--accent); text-decoration: none } a:hover { text-decoration: underline }
figure { margin: 0 } figcaption { font-size: 12px; line-height: 1.35 }
img { display: block; image-rendering: pixelated; max-width: none }
pre { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; padding: .8rem; font-size: 13px; background: var(--raised) }
code { font: 13px/1.5 ui-monospace, monospace; background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: .25rem .5rem; user-select: all; overflow-wrap: anywhere }
table { border-collapse: collapse } th { text-align: left; padding: .15rem 1.2rem .15rem 0; vertical-align: top } td { padding: .15rem 0; overflow-wrap: anywhere }
table.columns td, table.columns th { padding-right: 1.4rem; vertical-align: top }
button, input { font: inherit; accent-color: var(--accent) }
button { color: var(--ink); background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: .1rem .6rem; font-size: 12.5px; cursor: pointer }
button:disabled { opacity: .45; cursor: default } button[aria-pressed=true] { background: var(--accent); color: var(--paper) }
.bar { position: sticky; top: 0; z-index: 9; display: flex; flex-wrap: wrap; gap: .2rem 1rem; align-items: center; background: var(--paper); border-bottom: 1px solid var(--line); padding: .5rem 0; font-size: 13px }
.tools { margin-left: auto; display: flex; flex-wrap: wrap; gap: .3rem .8rem; align-items: center } .tools[hidden], .tools [hidden] { display: none }
.tools label { display: flex; align-items: center; gap: .4rem } .tools input { width: 7rem } .news { color: var(--dim) }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(13.5rem, 45%), 1fr)); gap: .8rem; margin: 1rem 0 }
.tile { border: 1px solid var(--line); border-radius: 8px; background: var(--raised); padding: .6rem .8rem; margin: 0 }
.tile dt { font-size: 12.5px } .tile dd { margin: .1rem 0 0; font-size: 1.25rem; font-variant-numeric: tabular-nums } .tile dd + dd { font-size: 12.5px; color: var(--dim) }
.tile .better { color: var(--good) } .tile .worse { color: var(--alarm) }
.alarm { border-left: 4px solid var(--alarm); background: var(--alarm-paper); padding: .5rem .8rem; border-radius: 0 6px 6px 0; margin: .5rem 0 }
progress { width: 100%; accent-color: var(--accent) }
.wide { overflow-x: auto } figure.wide { grid-column: 1 / -1; overflow: visible }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(30rem, 100%), 1fr)); gap: 1.4rem 1.6rem } .charts > figure { min-width: 0 }
.chart figcaption { display: flex; flex-wrap: wrap; gap: .1rem .8rem; align-items: baseline; font-size: 13px; margin-bottom: .3rem }
.chart figcaption b { color: var(--ink) } .legend { display: contents } .legend output { color: var(--ink); font-variant-numeric: tabular-nums }
.legend [aria-pressed] { cursor: pointer } .legend [aria-pressed=false] { opacity: .4; text-decoration: line-through }
.at { margin-left: auto; font-variant-numeric: tabular-nums } button.log { display: none; padding: 0 .5rem } .answers button.log { display: inline-block }
.chart > p.note { font-size: 12.5px; margin: .2rem 0 0 }
@media screen { .answers > svg { display: none } }
.row { padding: 14px 0; border-bottom: 1px solid var(--line) } .shown { display: flex; flex-wrap: wrap; gap: 12px } .shown > figure { flex: none }
.shown, .looked { overflow-x: auto }
.picture { position: relative; margin-bottom: 4px; width: fit-content } .picture > svg { position: absolute; inset: 0 }
.hide-masks:checked ~ .row .hatched { display: none } .hide-masks + label { font-size: 13px }
.drawn { display: flex; flex-wrap: wrap; gap: .6rem 1.6rem; font-size: 12px; color: var(--dim); margin-top: .4rem } .drawn ol { margin: 0; padding-left: 1.2rem } .drawn > div { max-width: 24rem }
summary { cursor: pointer; font-size: 13px; color: var(--accent) }
.looked { display: flex; flex-wrap: wrap; gap: 16px; padding: 14px 0; border-bottom: 1px solid var(--line) } .looked > figure { flex: none } .heads { flex: 1 1 20rem; display: flex; flex-wrap: wrap; gap: 12px; align-content: flex-start }
.prototype { margin: .8rem 0 } .prototype > div:first-child { font-size: 12.5px; color: var(--dim) } .prototype .shown { gap: 6px }
.heads img { margin-bottom: 3px }
@media print {
  body { max-width: none; padding: 0; font-size: 11pt } .bar, .live, .at, .answers button.log, .hide-masks, .hide-masks + label { display: none !important }
  figure, .row, .looked, .tile, .alarm, tr { break-inside: avoid } h2, h3 { break-after: avoid } .wide { overflow: visible } pre { white-space: pre-wrap } img { max-width: 100%; print-color-adjust: exact }
  details:not([open]) { display: none }
  .charts { grid-template-columns: 1fr 1fr; gap: .8rem } .picture > svg { print-color-adjust: exact }
}
@media (max-width: 40rem) { body { padding: .6rem .7rem 2rem; font-size: 14px } .bar { position: static } .tools { margin-left: 0 } .tile dd { font-size: 1.1rem } }
`

/** Of a page. */
export const STYLE = styleBelow((condition = '') => `:root${condition}`)

/** Of what stands in a page of others, in a shadow tree. */
export const SHADOW_STYLE = styleBelow((condition) => (condition === undefined ? ':host' : `:host(${condition})`))
