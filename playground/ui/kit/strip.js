const ICONS = {
  data: '<ellipse cx="10" cy="5" rx="6.5" ry="2.5"/><path d="M3.5 5v10c0 1.4 2.9 2.5 6.5 2.5s6.5-1.1 6.5-2.5V5M3.5 10c0 1.4 2.9 2.5 6.5 2.5s6.5-1.1 6.5-2.5"/>',
  config: '<path d="M3 6h8m4 0h2M3 14h2m4 0h8"/><circle cx="13" cy="6" r="2"/><circle cx="7" cy="14" r="2"/>',
  train: '<path d="M6.5 4v12l9-6z"/>',
  check: '<path d="M10 2.5l6.5 2.6v4.4c0 4-2.7 6.7-6.5 8-3.8-1.3-6.5-4-6.5-8V5.1z"/><path d="M7 9.8l2.2 2.2 4-4.2"/>',
  live: '<circle cx="10" cy="10" r="2.2"/><path d="M5.4 14.6a6.5 6.5 0 010-9.2m9.2 0a6.5 6.5 0 010 9.2M2.7 17.2a10.2 10.2 0 010-14.4m14.6 0a10.2 10.2 0 010 14.4"/>',
  monitor: '<path d="M2.5 10.5h3.2l2-5.5 4 10 2.2-4.5h3.6"/>',
}
const STATES = { empty: '', done: '', fresh: 'just changed', running: 'running', stale: 'stale', failed: 'failed' }
const MARKS = { fresh: 'new', running: '…', stale: 'stale', failed: 'failed' }

function text(tag, cls, value) {
  const node = document.createElement(tag)
  node.className = cls
  node.textContent = value
  return node
}

function lineOf(words, environment) {
  const line = text('span', 'line id', words)
  if (environment) {
    const mark = text('span', 'environment', '')
    mark.dataset.icon = environment.icon
    mark.style.color = `var(--st-${environment.colour}-text-color)`
    line.prepend(mark)
  }
  return line
}

export default function ({ parentElement, data, setTriggerValue }) {
  const list = parentElement.querySelector('ol')
  list.className = data.size
  data.boxes.forEach((box, at) => {
    let item = list.children[at]
    if (!item) { item = document.createElement('li'); item.append(document.createElement('a')); list.append(item) }
    const linked = box.state !== 'empty' && (data.boxes[at + 1] || box).state !== 'empty'
    item.className = box.state + (linked ? ' linked' : '') + (data.current === box.page ? ' current' : '')
    item.style.setProperty('--at', at)
    const link = item.firstChild
    link.setAttribute('href', box.page + (Object.keys(box.query).length ? '?' + new URLSearchParams(box.query) : ''))
    link.title = [...box.lines, box.why].filter(Boolean).join('\n')
    const said = [box.label, ...box.lines, box.why, box.state === 'empty' ? 'not yet' : STATES[box.state]]
    link.setAttribute('aria-label', said.filter(Boolean).join(', '))
    if (data.current === box.page) link.setAttribute('aria-current', 'page'); else link.removeAttribute('aria-current')
    const name = text('span', 'name', '')
    name.append(text('span', '', box.label), ...(STATES[box.state] ? [text('span', 'mark', MARKS[box.state])] : []))
    const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    icon.setAttribute('viewBox', '0 0 20 20')
    icon.setAttribute('aria-hidden', 'true')
    icon.innerHTML = ICONS[box.stage] || ''
    name.prepend(icon)
    link.replaceChildren(name, ...box.lines.map((line, row) => lineOf(line, data.environments[box.environments[row]])),
      ...(box.why ? [text('span', 'line why', box.why)] : []))
    link.onclick = event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
      event.preventDefault()
      setTriggerValue('opened', box.stage)
    }
  })
}
