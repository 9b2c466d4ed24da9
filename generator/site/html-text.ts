const REFERENCES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Plain text where HTML is expected: the theme takes the labels of its menus for HTML. */
export function htmlText(plain: string): string {
  return plain.replace(/[&<>"]/g, (sign) => REFERENCES[sign] ?? sign)
}
