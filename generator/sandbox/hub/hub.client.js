// What happens while a log is open is put on top of it. Without this script the page shows what was there.
const table = document.querySelector('table[data-live]')
const state = document.querySelector('#live')

if (table && state) {
  const { live, connector = '', status = '' } = table.dataset
  const body = table.tBodies[0]
  const source = new EventSource('/hub/stream')
  source.addEventListener('ready', () => {
    state.textContent = 'Live'
  })
  source.addEventListener('error', () => {
    state.textContent = 'The server is away; trying again …'
  })
  source.addEventListener(live, ({ data }) => {
    const entry = JSON.parse(data)
    const code = entry.connector_code ?? entry.connector
    if ((connector !== '' && connector !== code) || (status !== '' && status !== entry.status)) return
    // A repeated event stands in the log already.
    if (entry.duplicate) return
    body.prepend(live === 'event' ? eventRow(entry) : deliveryRow(entry))
    state.textContent = `Live: ${code} ${entry.event_type ?? entry.status}`
  })
}

function eventRow(entry) {
  return row([
    time(entry.timestamp),
    entry.connector_code,
    link(`/hub/events/${entry.id}`, entry.event_type),
    mark(entry.status),
    entry.message,
    String(entry.payload_size),
  ])
}

function deliveryRow(entry) {
  return row([
    link(`/hub/deliveries/${entry.id}`, time(entry.at)),
    entry.connector,
    `${entry.status} ${entry.answer}`,
    entry.notes.join('; '),
  ])
}

function row(cells) {
  const line = document.createElement('tr')
  for (const content of cells) {
    const cell = document.createElement('td')
    cell.append(content)
    line.append(cell)
  }
  return line
}

function link(href, content) {
  const anchor = document.createElement('a')
  anchor.href = href
  anchor.append(content)
  return anchor
}

function time(text) {
  const element = document.createElement('time')
  element.dateTime = text
  element.textContent = text
  return element
}

function mark(status) {
  const element = document.createElement('span')
  element.className = `status ${status}`
  element.textContent = status
  return element
}
