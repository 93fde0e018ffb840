const MARKS = {
  done: '<path d="M4 10.5l4 4 8-9"/>',
  cached: '<path d="M11 2.5L4.5 11h5l-1 6.5L15.5 9h-5z"/>',
  failed: '<path d="M5 5l10 10M15 5L5 15"/>',
}

function text(tag, cls, value) {
  const node = document.createElement(tag)
  node.className = cls
  node.textContent = value
  return node
}

function markOf(step, number) {
  const mark = text('span', 'mark', '')
  if (MARKS[step.state]) {
    const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    icon.setAttribute('viewBox', '0 0 20 20')
    icon.innerHTML = MARKS[step.state]
    mark.append(icon)
  } else mark.append(text('span', '', step.state === 'running' && step.fraction
    ? Math.round(step.fraction * 100) + '%' : String(number + 1)))
  mark.style.setProperty('--done', step.fraction)
  mark.setAttribute('aria-hidden', 'true')
  return mark
}

export default function ({ parentElement, data }) {
  const list = parentElement.querySelector('ol')
  data.steps.forEach((step, number) => {
    let item = list.children[number]
    if (!item) { item = document.createElement('li'); list.append(item) }
    const drawn = JSON.stringify(step)
    if (item.dataset.drawn === drawn) return  // what turns goes on turning
    item.dataset.drawn = drawn
    item.className = step.state
    item.title = [...new Set([step.name, step.state, step.rows, step.time])].filter(Boolean).join(', ')
    item.setAttribute('aria-label', item.title)
    item.replaceChildren(markOf(step, number), text('span', 'name', step.name),
      text('span', 'fact time', step.time), text('span', 'fact', step.rows))
  })
}
