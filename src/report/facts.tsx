/** What pages say in plain text: facts in a table, notes, why something isn't there. */
import type { VNode } from 'preact'
import type { Failure } from '../base/failure'

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
