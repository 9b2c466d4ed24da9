import { join } from 'node:path'
import { slug } from 'github-slugger'
import { defineConfig } from 'vitepress'
import { editAddress, sourceOf } from '../edit-link.ts'
import { GUIDE, PAGES, readGuide, readPage, readRegistry, root } from '../guide.ts'
import { publishFiles, servedFiles } from '../guide-files.ts'
import { showBraces } from '../markdown/braces.ts'
import { breakCode } from '../markdown/code-breaks.ts'
import { greetOnHome } from '../markdown/home.ts'
import { boxTables } from '../markdown/tables.ts'
import { menu, sidebar } from '../navigation.ts'
import { repositoryAddress } from '../repository.ts'
import { sections } from '../search.ts'
import { ICON } from '../theme/icon.ts'
import { patchedTheme } from '../theme/theme-patches.ts'

const guide = { registry: readRegistry(), pages: readGuide(), index: readPage('index.md') }
const repository = repositoryAddress(root)

export default defineConfig({
  lang: 'en',
  title: 'HERA connectors',
  description: 'The pre-built connectors of the HERA Integration Runtime.',
  // Pages are the guide as it was generated, and a few that the site has of its own.
  srcDir: '../..',
  srcExclude: ['*.md', '!(generated|generator)/**', 'generated/!(docs)/**', 'generator/!(site)/**'],
  rewrites: { [`${GUIDE}/:path*`]: ':path*', [`${PAGES}/:path*`]: ':path*' },
  vite: {
    plugins: [patchedTheme(), servedFiles(join(root, GUIDE))],
    // The index of the search, and a catalogue of a thousand, are loaded by those pages alone that need them.
    build: { chunkSizeWarningLimit: 4000 },
  },
  // A browser that finds no icon asks for one that is not there.
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(ICON)}` }]],
  markdown: {
    // The theme's own are too pale on its grey.
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    anchor: { slugify: slug },
    config(md) {
      showBraces(md)
      boxTables(md)
      breakCode(md)
      greetOnHome(md)
    },
  },
  themeConfig: {
    nav: menu(guide),
    sidebar: sidebar(guide),
    outline: [2, 3],
    search: {
      provider: 'local',
      options: { detailedView: false, miniSearch: { _splitIntoSections: (_, html) => sections(html) } },
    },
    ...(repository === undefined
      ? {}
      : { editLink: { text: 'Edit the source of this page', pattern: ({ frontmatter }) => frontmatter.edit } }),
  },
  buildEnd: ({ outDir }) => publishFiles(join(root, GUIDE), outDir),
  transformPageData(page) {
    const edit =
      repository === undefined || page.filePath === '' ? undefined : editAddress(repository, sourceOf(page.filePath))
    // VitePress takes a title for Markdown.
    return { title: page.frontmatter.title ?? page.title, frontmatter: { ...page.frontmatter, edit } }
  },
  // VitePress writes a description into the page as it is, but for this way.
  transformHead: ({ description }) => [['meta', { name: 'description', content: description }]],
})
