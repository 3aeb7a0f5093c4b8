/** `<TrainInTab />`: the place of a page in which pipelines are trained, by what site/tab.ts builds. */
import { useData, withBase } from 'vitepress'
import { defineComponent, h, onBeforeUnmount, onMounted, ref, watch } from 'vue'
import type { Tab } from '../../../browser/tab/page'

export const TrainInTab = defineComponent(() => {
  const { isDark } = useData()
  const place = ref<HTMLElement>()
  const failed = ref(false)
  let tab: Tab | undefined
  let left = false

  onMounted(async () => {
    try {
      // By its whole address: it isn't part of what the site bundles, and its server would ask for a source of that name.
      const { href } = new URL(withBase('/tab/page.js'), location.href)
      const { mount } = await import(/* @vite-ignore */ href)
      if (left) return
      tab = mount(place.value) as Tab
      tab.theme(isDark.value ? 'dark' : 'light')
    } catch {
      failed.value = true
    }
  })
  watch(isDark, (dark) => tab?.theme(dark ? 'dark' : 'light'))
  onBeforeUnmount(() => {
    left = true
    tab?.dispose()
  })

  return () =>
    failed.value
      ? h('p', 'What trains could not be loaded: it takes a browser of the last years, and the site as it was built.')
      : h('div', { ref: place, class: 'train-in-tab' })
})
