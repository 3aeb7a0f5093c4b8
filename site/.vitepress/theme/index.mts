/** VitePress's own theme, and how pictures and tables of these docs stand in it. */
import DefaultTheme from 'vitepress/theme'
import './style.css'

export default DefaultTheme
