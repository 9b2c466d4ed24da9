/** Text that tries to leave every place in which a definition's text can stand. */
export const hostile = [
  "it's",
  'back\\slash',
  '$$ $json$ $verify$ $links$',
  '*/ /* -- ;',
  '</script><script>alert(1)</script>',
  '<!-- --> <b>',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it looks like a template, and must not act as one
  '{{ constructor }} {{{ x }}} ${x} {% raw %}',
  '{braces} | pipe',
  '`back` ```ticks```',
  'line\u2028separator\u2029paragraph',
  'שלום right to left',
  'emoji 👩‍👩‍👧‍👦 ä — 田中',
  '"quoted" #hash [link](javascript:alert(1)) *bold* _under_ ~~gone~~ :::tip',
].join(' ')
