import type { Plugin } from 'vitepress'

type Patch = readonly [before: string, after: string]

/** What VitePress' search says wrongly to assistive technology, and what it says here. */
const PATCHES: Readonly<Record<string, readonly Patch[]>> = {
  // Its name is what it shows; the keys are for the eye.
  'VPNavBarSearchButton.vue': [
    [`:aria-label="translate('button.buttonAriaLabel')"`, `:title="translate('button.buttonAriaLabel')"`],
    ['<span class="DocSearch-Button-Keys">', '<span class="DocSearch-Button-Keys" aria-hidden="true">'],
  ],
  // A box that holds a form is no button but a dialog, and that which is chosen from the list is the link itself.
  'VPLocalSearchBox.vue': [
    ['role="button"\n', 'role="dialog"\n      aria-modal="true"\n'],
    [`:aria-owns="results?.length ? 'localsearch-list' : undefined"`, ''],
    ['aria-expanded="true"\n      aria-haspopup="listbox"', ''],
    [
      'aria-autocomplete="both"',
      'role="combobox"\n            :aria-expanded="results.length > 0"\n            aria-autocomplete="list"',
    ],
    [
      `:id="'localsearch-item-' + index"\n            :aria-selected="selectedIndex === index ? 'true' : 'false'"\n            role="option"`,
      'role="presentation"',
    ],
    [
      `:aria-label="[...p.titles, p.title].join(' > ')"`,
      `:id="'localsearch-item-' + index"\n              :aria-selected="selectedIndex === index ? 'true' : 'false'"\n              role="option"`,
    ],
    ['<kbd :aria-label=', '<kbd role="img" :aria-label='],
    ['<span class="title-icon">', '<span class="title-icon" aria-hidden="true">'],
  ],
}

/** Patches VitePress' theme as it is bundled. The build fails if a patch no longer applies. */
export function patchedTheme(): Plugin {
  return {
    name: 'theme-patches',
    enforce: 'pre',
    transform(code, id) {
      const [, name = ''] = /theme-default\/components\/([^/?]+)$/.exec(id) ?? []
      return PATCHES[name]?.reduce((text, patch) => applyPatch(text, patch, name), code)
    },
  }
}

function applyPatch(text: string, [before, after]: Patch, name: string): string {
  if (!text.includes(before)) throw new Error(`${name} of VitePress has no ${before}: look at what it says now`)
  return text.replaceAll(before, () => after)
}
