// The wall of a class: over each stone a dot for each learner, and below a tile for each seat. Only ever text, and a tile
// keeps its element from one look to the next, so that what changes moves.
const MARK = { given: '✓', waiting: '?', '': '' }
const SAYS = { given: 'guess given', waiting: 'guess not given yet', '': '' }
const QUIET = 5 * 60  // seconds without an act after which a tile says for how long

function text(tag, cls, value) {
  const node = document.createElement(tag)
  node.className = cls
  if (value !== undefined) node.textContent = value
  return node
}

function put(parent, selector, value) {
  const node = parent.querySelector(selector)
  if (node.textContent !== value) node.textContent = value
  return node
}

function keyed(list, items, id, make) {
  const known = new Map([...list.children].map(node => [node.dataset.id, node]))
  items.forEach((item, at) => {
    let node = known.get(id(item))
    if (!node) { node = make(item); node.dataset.id = id(item); node.classList.add('new') } else node.classList.remove('new')
    known.delete(id(item))
    if (list.children[at] !== node) list.insertBefore(node, list.children[at] || null)
  })
  known.forEach(node => node.remove())
  return [...list.children]
}

function ago(last) {
  const seconds = last ? (Date.now() - Date.parse(last)) / 1000 : 0
  return seconds > QUIET ? `quiet for ${Math.round(seconds / 60)} min` : ''
}

function path(host, data, pick) {
  keyed(host, data.stops, stop => stop.id, () => {
    const item = text('li', ''), button = text('button', '')
    button.append(text('span', 'dots'), text('span', 'stone'), text('span', 'title'))
    item.append(button)
    return item
  }).forEach((item, at) => {
    const stop = data.stops[at], here = data.tiles.filter(tile => tile.stop === stop.id), button = item.firstChild
    item.className = `${stop.id === data.chosen ? 'chosen' : ''} ${stop.open ? '' : 'closed'}`
    put(button, '.stone', stop.number ? String(stop.number) : 'lab')
    put(button, '.title', stop.title)
    button.title = stop.title
    button.setAttribute('aria-label', `${stop.title}: ${here.length} here, ${stop.behind} behind it${stop.open ? '' : ', closed'}`)
    button.setAttribute('aria-pressed', stop.id === data.chosen)
    button.onclick = () => pick('stop', stop.id)
    const dots = button.querySelector('.dots')
    keyed(dots, here, tile => tile.id, () => text('i', '')).forEach((dot, place) => {
      dot.className = `${here[place].guess} ${dot.classList.contains('new') ? 'new' : ''}`
      dot.title = here[place].name
    })
  })
}

function tiles(host, data, pick) {
  keyed(host, data.tiles, tile => tile.id, () => {
    const item = text('li', ''), button = text('button', 'tile')
    const top = text('span', 'top'), low = text('span', 'low')
    top.append(text('span', 'stone'), text('span', 'name'), text('span', 'mark'))
    low.append(text('span', 'auc'), text('span', 'live'))
    button.append(top, text('span', 'pips'), low, text('span', 'quiet'))
    item.append(button)
    return item
  }).forEach((item, at) => {
    const tile = data.tiles[at], button = item.firstChild, quiet = ago(tile.last)
    const whole = tile.goals > 0 && tile.reached === tile.goals
    button.className = `tile ${tile.guess} ${tile.id === data.picked ? 'picked' : ''} ${quiet || !tile.last ? 'still' : ''} ${whole ? 'solved' : ''} ${tile.trouble ? 'trouble' : ''}`
    put(button, '.stone', whole ? '✓' : tile.number ? String(tile.number) : tile.stop ? '★' : '·')
    put(button, '.name', tile.name).title = tile.name
    put(button, '.mark', MARK[tile.guess]).title = SAYS[tile.guess]
    put(button, '.auc', tile.auc === null ? '' : `AUC ${tile.auc.toFixed(3)}`)
    put(button, '.live', tile.live ? `live ${tile.live}` : '')
    put(button, '.quiet', tile.trouble || (tile.last ? quiet : 'just arrived'))
    const pips = button.querySelector('.pips')
    while (pips.children.length > tile.goals) pips.lastChild.remove()
    while (pips.children.length < tile.goals) pips.append(text('i', ''))
    ;[...pips.children].forEach((pip, number) => { pip.className = number < tile.reached ? 'on' : '' })
    button.setAttribute('aria-label', tile.said)
    button.setAttribute('aria-pressed', tile.id === data.picked)
    button.onclick = () => pick('tile', tile.id)
  })
}

function table(host, rows) {
  host.replaceChildren()
  if (!rows.length) return
  const body = text('table', ''), head = text('tr', '')
  Object.keys(rows[0]).forEach(name => head.append(text('th', '', name)))
  body.append(head)
  rows.forEach(row => {
    const line = text('tr', '')
    Object.values(row).forEach(value => line.append(text('td', '', value === null ? '' : String(value))))
    body.append(line)
  })
  host.append(body)
}

export default function ({ parentElement, data, setTriggerValue }) {
  const wall = parentElement.querySelector('.wall')
  if (!wall.firstChild) {
    const more = text('details', '')
    more.append(text('summary', '', 'Table'), text('div', 'scroll'))
    wall.append(text('p', 'said'), text('ol', 'path'), text('ol', 'tiles'), more)
  }
  const pick = (name, value) => setTriggerValue(name, value)
  put(wall, '.said', data.said)
  path(wall.querySelector('.path'), data, pick)
  tiles(wall.querySelector('.tiles'), data, pick)
  table(wall.querySelector('.scroll'), data.table)
  clearInterval(wall.clock)
  wall.clock = setInterval(() => wall.isConnected ? tiles(wall.querySelector('.tiles'), data, pick) : clearInterval(wall.clock), 30000)
}
