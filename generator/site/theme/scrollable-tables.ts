/** Lets the keyboard scroll those tables that are wider than the page, and no others. */
export function watchTables(): void {
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      // The page can have been left since.
      if (target.isConnected) mark(target)
    }
  })
  const seen = new WeakSet<Element>()
  const look = () => {
    for (const box of document.querySelectorAll('.table-box')) {
      if (seen.has(box)) continue
      seen.add(box)
      sizes.observe(box)
    }
  }
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true })
  look()
}

function mark(box: Element): void {
  const isWider = box.scrollWidth > box.clientWidth
  const marks = { tabindex: '0', role: 'region', 'aria-label': nameOf(box) }
  for (const [name, value] of Object.entries(marks)) {
    if (isWider) box.setAttribute(name, value)
    else box.removeAttribute(name)
  }
}

/** `Table 3 under Scopes`: a number, for there can be several tables under one heading, and headings of one name. */
function nameOf(box: Element): string {
  const landmarks = [...document.querySelectorAll('.vp-doc :is(h1, h2, h3, h4), .table-box')]
  const before = landmarks.slice(0, landmarks.indexOf(box))
  const heading = before.findLast((element) => !element.matches('.table-box'))?.firstChild?.textContent ?? ''
  const number = before.filter((element) => element.matches('.table-box')).length + 1
  return `Table ${number}${heading.trim() === '' ? '' : ` under ${heading.trim()}`}`
}
