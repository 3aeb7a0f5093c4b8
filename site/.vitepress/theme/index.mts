/** VitePress's own theme, how pictures and tables of these docs stand in it, and the place in a page where pipelines are trained. */
import type { Theme } from 'vitepress'
import DefaultTheme from 'vitepress/theme'
import { TrainInTab } from './trainInTab.mjs'
import './style.css'

export default {
  extends: DefaultTheme,
  enhanceApp: ({ app }) => {
    app.component('TrainInTab', TrainInTab)
  },
} satisfies Theme
