// The tree of a project, and lines from each folder to the record that it came from. Opening and looking ask nobody.
const SVG = 'http://www.w3.org/2000/svg'
const ICONS = { folder: 'M2.5 5.5h5l2 2h8v8.5h-15z', file: 'M5 2.5h6.5l4 4v11H5z M11.5 2.5v4h4', passed: 'M4 10.5l4 4 8-9',
  failed: 'M5 5l10 10M15 5L5 15' }

function node(tag, cls, text, ...children) {
  const made = document.createElement(tag)
  if (cls) made.className = cls
  if (text) made.textContent = text
  made.append(...children)
  return made
}

function icon(name) {
  const made = document.createElementNS(SVG, 'svg')
  const path = document.createElementNS(SVG, 'path')
  made.setAttribute('viewBox', '0 0 20 20')
  made.setAttribute('class', `icon ${name}`)
  made.setAttribute('aria-hidden', 'true')
  path.setAttribute('d', ICONS[name])
  made.append(path)
  return made
}

function linkTo(source, data, open) {
  const link = node('a', `source ${source.kind}`, '', node('span', 'word', source.word), node('span', 'label', source.label))
  link.href = `${source.page}?${new URLSearchParams({ ...data.address, ...source.query })}`
  link.setAttribute('aria-label', `Open ${source.word} ${source.label}`)
  link.dataset.id = source.id
  link.onclick = event => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
    event.preventDefault()
    open(source.id)
  }
  return link
}

function markOf(row) {
  const mark = node('span', `mark ${row.state}`, row.said)
  if (ICONS[row.state]) mark.prepend(icon(row.state))
  return mark
}

function rowOf(row, data, shown, open) {
  const named = Object.fromEntries(data.sources.map(one => [one.id, one]))
  const from = row.sources.map(id => `${named[id].word} ${named[id].label}`)
  const chips = node('span', 'chips', '', ...row.sources.map(id => {
    const chip = linkTo(named[id], data, open)
    chip.tabIndex = -1
    return chip
  }))
  const made = node('div', `row ${row.folder ? 'folder' : 'file'}`, '',
    node('span', 'fold', row.folder ? '▸' : ''), icon(row.folder ? 'folder' : 'file'),
    node('span', 'name', row.name + (row.folder ? '/' : '')), node('span', 'what', row.what), markOf(row), chips)
  made.style.setProperty('--depth', row.depth)
  made.setAttribute('role', 'treeitem')
  made.setAttribute('aria-level', row.depth + 1)
  if (row.folder) made.setAttribute('aria-expanded', shown.has(row.path))
  made.setAttribute('aria-label', [row.name, row.what, row.said, from.length ? `came from ${from.join(' and ')}` : '']
    .filter(Boolean).join(', '))
  made.dataset.path = row.path
  made.dataset.sources = row.sources.join(' ')
  return made
}

// Draw a line from each row that is seen to each record that it came from.
function lines(box, data) {
  const svg = box.querySelector('svg.lines'), at = svg.getBoundingClientRect()
  if (!at.width) return
  const drawn = []
  for (const row of box.querySelectorAll('.row')) {
    if (row.getAttribute('aria-level') !== '1' && row.classList.contains('folder')) continue
    if (row.getAttribute('aria-expanded') === 'true') continue  // what is in it has lines of its own
    const from = row.getBoundingClientRect()
    for (const id of row.dataset.sources.split(' ').filter(Boolean)) {
      const source = box.querySelector(`.sources [data-id="${CSS.escape(id)}"]`), to = source.getBoundingClientRect()
      const y = from.top + from.height / 2 - at.top, z = to.top + to.height / 2 - at.top
      const path = document.createElementNS(SVG, 'path')
      path.setAttribute('d', `M0 ${y}C${at.width * 0.55} ${y} ${at.width * 0.45} ${z} ${at.width} ${z}`)
      path.setAttribute('class', `line ${source.classList[1]}`)
      path.setAttribute('pathLength', 1)
      path.dataset.from = row.dataset.path
      path.dataset.to = id
      drawn.push(path)
    }
  }
  svg.replaceChildren(...drawn)
}

// Light what belongs together: a row with its records, or a record with its rows.
function light(box, path, id) {
  const lit = [...box.querySelectorAll('path.line')].filter(one => path ? one.dataset.from === path : one.dataset.to === id)
  box.classList.toggle('looking', lit.length > 0)
  box.querySelectorAll('.lit').forEach(one => one.classList.remove('lit'))
  for (const line of lit) {
    line.classList.add('lit')
    box.querySelector(`.sources [data-id="${CSS.escape(line.dataset.to)}"]`).classList.add('lit')
    box.querySelector(`.row[data-path="${CSS.escape(line.dataset.from)}"]`)?.classList.add('lit')
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  const box = parentElement.querySelector('.box'), tree = box.querySelector('.tree'), list = box.querySelector('.sources')
  const shown = (box.shown ||= new Set())
  const open = id => setTriggerValue('opened', id)
  const drawn = JSON.stringify(data)
  if (box.drawn === drawn) return
  const first = !box.drawn
  box.drawn = drawn

  function draw(focus) {
    const seen = data.rows.filter(row => row.path.split('/').slice(0, -1)
      .every((_, number, parts) => shown.has(parts.slice(0, number + 1).join('/'))))
    tree.replaceChildren(...seen.map(row => rowOf(row, data, shown, open)))
    const rows = [...tree.children]
    const on = rows.find(row => row.dataset.path === (focus || box.on)) || rows[0]
    on.tabIndex = 0
    rows.filter(row => row !== on).forEach(row => { row.tabIndex = -1 })
    lines(box, data)
    if (focus) on.focus()
  }

  function go(row) {
    tree.querySelectorAll('[tabindex="0"]').forEach(one => { one.tabIndex = -1 })
    row.tabIndex = 0
    box.on = row.dataset.path
    row.focus()
  }

  function fold(row, opened) {
    if (!row.classList.contains('folder')) return
    shown[opened ? 'add' : 'delete'](row.dataset.path)
    box.on = row.dataset.path
    draw(row.dataset.path)
  }

  tree.onclick = event => {
    const row = event.target.closest('.row')
    if (row && !event.target.closest('a')) fold(row, !shown.has(row.dataset.path))
  }
  tree.onkeydown = event => {
    const row = event.target.closest('.row'), rows = [...tree.children], at = rows.indexOf(row)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key]
    if (to !== undefined) { if (rows[to]) go(rows[to]) }
    else if (event.key === 'ArrowRight') fold(row, true)
    else if (event.key === 'ArrowLeft') {
      const above = row.dataset.path.split('/').slice(0, -1).join('/')
      if (shown.has(row.dataset.path)) fold(row, false)
      else if (above) go(rows.find(one => one.dataset.path === above))
    }
    else if (event.key === ' ') fold(row, !shown.has(row.dataset.path))
    else if (event.key === 'Enter' && row.dataset.sources) open(row.dataset.sources.split(' ')[0])
    else return
    event.preventDefault()
  }
  const look = event => light(box, event.target.closest('.row')?.dataset.path, event.target.closest('.sources a')?.dataset.id)
  if (first) box.addEventListener('focusin', look)
  box.onmouseover = look
  box.onmouseleave = () => light(box, '', '')
  list.replaceChildren(...data.sources.map(one => node('li', '', '', linkTo(one, data, open))))
  if (data.rows.some(row => row.state === 'running') || data.rows.some(row => row.state === 'failed')) shown.add('tests')
  draw()
  if (first) box.classList.add('fresh')
  box.sized?.disconnect()
  box.sized = new ResizeObserver(() => lines(box, data))
  box.sized.observe(box)
}
