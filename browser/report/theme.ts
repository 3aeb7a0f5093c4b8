/** Light or dark: as the system has it, until somebody says otherwise. */
const KEY = 'ibot-theme'
const THEMES = ['auto', 'light', 'dark'] as const
type Theme = (typeof THEMES)[number]

/** What was chosen before; a browser may keep nothing of a page that is a file. */
const remembered = (): Theme => {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? 'auto'
  } catch {
    return 'auto'
  }
}

const remember = (theme: Theme): void => {
  try {
    localStorage.setItem(KEY, theme)
  } catch {
    // Then it holds until the page is closed.
  }
}

/** Lets a button go from one to the next; `onChange` hears of every change of colours. */
export const switchTheme = (button: HTMLButtonElement, onChange: () => void): void => {
  const apply = (theme: Theme): void => {
    if (theme === 'auto') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme
    button.textContent = `theme: ${theme}`
    button.value = theme
  }
  apply(remembered())
  button.addEventListener('click', () => {
    const next = THEMES[(THEMES.indexOf(button.value as Theme) + 1) % THEMES.length]!
    apply(next)
    remember(next)
    onChange()
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', onChange)
}
