import type { Theme } from 'vitepress'
import DefaultTheme from 'vitepress/theme-without-fonts'
import { watchTables } from '../../theme/scrollable-tables.ts'
import { HomeWelcome } from '../../theme/welcome.ts'
import '../../theme/site.css'

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('HomeWelcome', HomeWelcome)
    if (!import.meta.env.SSR) watchTables()
  },
} satisfies Theme
