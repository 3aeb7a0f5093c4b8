/** What the page begins with: the editor, what is asked for, and the place of the report. */
import type { VNode } from 'preact'

export const Shell = ({ text }: { readonly text: string }): VNode => (
  <div class="tab">
    <div class="setup">
      <div>
        <textarea spellcheck={false} aria-label="pipeline" value={text} />
        <pre class="wrong" role="status" hidden />
      </div>
      <div class="side">
        <button type="button" class="start">
          Train
        </button>
        <button type="button" class="stop" disabled>
          Stop
        </button>
        <label>
          computed by
          <select class="on">
            <option value="auto">WebGPU, else WebAssembly</option>
            <option value="wasm">WebAssembly</option>
          </select>
        </label>
        <div class="drop">
          <div class="dropped">Drop a folder of pictures here: its sub-folders are the classes. They stay on this machine.</div>
          <button type="button" class="choose">
            Choose a folder
          </button>
          <input type="file" multiple hidden {...{ webkitdirectory: true }} />
        </div>
        <p class="status" role="status" />
        <ul class="notes" />
        <button type="button" class="weights" disabled>
          Download weights (safetensors)
        </button>
        <button type="button" class="yaml">
          Download pipeline.yaml
        </button>
      </div>
    </div>
    <div class="charts-bar" hidden>
      <label>
        smoothing <input type="range" min="0" max="0.98" step="0.02" value="0" />
      </label>
      <button type="button" class="whole" disabled title="charts: drag to zoom, double-click for the whole run">
        whole run
      </button>
    </div>
    <main />
    <details class="more" hidden>
      <summary>schedules and monitors</summary>
      <div />
    </details>
  </div>
)
