const MARKS = { solved: '✓', with_hints: '✓', demonstrated: '◦', skipped: '–' }

function text(tag, cls, value) {
  const node = document.createElement(tag)
  node.className = cls
  node.textContent = value
  return node
}

// A stone keeps its element from one drawing to the next: so it can fill instead of being replaced.
function stoneIn(item, stone, data, setTriggerValue) {
  let link = item.querySelector('a')
  if (!link) {
    link = document.createElement('a')
    link.append(text('span', 'stone', ''), text('span', 'title', ''))
    item.append(link)
  }
  item.className = `${stone.state}${stone.here ? ' here' : ''}`
  link.querySelector('.stone').textContent = MARKS[stone.state] || stone.number
  link.querySelector('.title').textContent = stone.title
  link.href = 'guide?' + new URLSearchParams({ ...data.address, stop: stone.id })
  link.title = `${stone.number} ${stone.title} · ${stone.minutes} min · ${stone.said}`
  link.setAttribute('aria-label', `Stop ${stone.number}, ${stone.title}, ${stone.minutes} minutes, ${stone.said}`)
  if (stone.here) link.setAttribute('aria-current', 'step'); else link.removeAttribute('aria-current')
  link.tabIndex = data.small && !stone.here ? -1 : 0  // the small row is one stop of the keyboard; arrows go along it
  link.onclick = event => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
    event.preventDefault()
    setTriggerValue('opened', stone.id)
  }
}

function groupIn(list, phase, at) {
  let group = list.children[at]
  if (!group) {
    group = document.createElement('li')
    const label = text('span', 'phase', '')
    label.append(text('span', 'order', ''), text('span', 'name', ''))
    group.append(document.createElement('ol'), label)
    list.append(group)
  }
  group.querySelector('.order').textContent = at + 1
  group.querySelector('.name').textContent = ` ${phase}`
  group.querySelector('.phase').title = phase
  return group
}

export default function ({ parentElement, data, setTriggerValue }) {
  const list = parentElement.querySelector('ol')
  list.className = data.small ? 'small' : 'full'
  const phases = [...new Set(data.stones.map(stone => stone.phase))]
  list.onkeydown = event => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    const links = [...list.querySelectorAll('a')]
    const next = step && links[links.indexOf(event.target.closest('a')) + step]
    if (next) { event.preventDefault(); next.focus() }
  }
  phases.forEach((phase, at) => {
    const inside = groupIn(list, phase, at).querySelector('ol')
    data.stones.filter(stone => stone.phase === phase).forEach((stone, number) => {
      const item = inside.children[number] || inside.appendChild(document.createElement('li'))
      stoneIn(item, stone, data, setTriggerValue)
    })
    list.children[at].style.setProperty('--stones', inside.children.length)
  })
}
