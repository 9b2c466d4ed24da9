/** The site's icon: a plug in a square. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="5" fill="#0b57b3"/><path d="M9 4v5m6-5v5M7 9h10v3a5 5 0 0 1-10 0zm5 8v4" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>`
