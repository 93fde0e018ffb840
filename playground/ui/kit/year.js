const SVG = 'http://www.w3.org/2000/svg'
const LEFT = 40, RIGHT = 14, TOP = 22, FOOT = 40, MONTHS = 12
const NARROW = 520  // pixels of width below which a month is one letter

function text(tag, cls, value) {
  const node = document.createElement(tag)
  node.className = cls
  node.textContent = value
  return node
}

function svg(tag, cls, at = {}, value) {
  const node = document.createElementNS(SVG, tag)
  if (cls) node.setAttribute('class', cls)
  Object.entries(at).forEach(([name, one]) => node.setAttribute(name, one))
  if (value !== undefined) node.textContent = value
  return node
}

const button = (cls, value) => Object.assign(text('button', cls, value), { type: 'button' })
const told = number => (number / 1000).toFixed(2)
const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches

function build(box) {
  const head = text('div', 'head', ''), foot = text('div', 'foot', ''), after = text('div', 'after', '')
  head.append(text('output', 'read', ''))
  foot.append(button('go', 'Guess'), button('again', 'Clear'))
  box.append(head, svg('svg', 'picture'), foot, after)
  box.own = Array(MONTHS).fill(null)
  box.at = 0
}

// Where things are, in pixels: the picture is as wide as its place, so that letters keep their size on a phone.
function plan(box, data) {
  const width = Math.max(260, box.clientWidth), height = width < NARROW ? 230 : 300
  const step = (width - LEFT - RIGHT) / MONTHS, tall = height - TOP - FOOT
  return {
    width, height, step,
    x: at => LEFT + step * (at + 1),
    y: number => TOP + (data.high - number) / (data.high - data.low) * tall,
    month: x => Math.min(MONTHS - 1, Math.max(0, Math.round((x - LEFT) / step) - 1)),
    number: y => Math.min(data.high, Math.max(data.low, Math.round(data.high - (y - TOP) / tall * (data.high - data.low)))),
  }
}

// What was drawn, with a value for each month: straight between those that were touched, level after the last.
function line(own, start) {
  const found = own.slice()
  let from = -1, value = start
  for (let at = 0; at < MONTHS; at += 1) {
    if (own[at] === null) continue
    if (value === null) value = own[at]
    for (let between = from + 1; between < at; between += 1) {
      found[between] = Math.round(value + (own[at] - value) * (between - from) / (at - from))
    }
    from = at
    value = own[at]
  }
  return { all: found.map(one => one === null ? value : one), last: from }
}

function axes(picture, data, place) {
  for (let number = data.low; number <= data.high; number += 100) {
    const y = place.y(number)
    picture.append(svg('line', 'grid', { x1: LEFT, x2: place.width - RIGHT, y1: y, y2: y }),
      svg('text', 'tick', { x: LEFT - 8, y: y + 4, 'text-anchor': 'end' }, told(number)))
  }
  picture.append(svg('text', 'unit', { x: 0, y: 10 }, 'AUC'))
  data.months.forEach((one, at) => {
    const name = place.width < NARROW ? one.name[0] : one.name.slice(0, 3)
    picture.append(svg('text', 'tick', { x: place.x(at), y: place.height - FOOT + 18, 'text-anchor': 'middle' }, name))
  })
  if (data.start !== null) {
    const y = place.y(data.start * 1000)
    picture.append(svg('line', 'release', { x1: LEFT, x2: place.width - RIGHT, y1: y, y2: y }),
      svg('circle', 'origin', { cx: LEFT, cy: y, r: 4 }))
    if (data.covered) {
      picture.append(svg('text', 'small', { x: place.width - RIGHT, y: y - 6, 'text-anchor': 'end' }, `at release ${data.start.toFixed(3)}`))
    }
  }
}

const points = pairs => pairs.map(pair => pair.join(',')).join(' ')

// What was drawn, before the guess: what is not touched yet is dashed.
function drawing(box, data, place) {
  const start = data.start === null ? null : Math.round(data.start * 1000)
  const { all, last } = line(box.own, start)
  const picture = box.children[1]
  picture.querySelector('.own')?.remove()
  const group = svg('g', 'own')
  if (last >= 0) {
    const at = all.map((number, month) => [place.x(month), place.y(number)])
    if (start !== null) at.unshift([LEFT, place.y(start)])
    const cut = last + (start === null ? 1 : 2)
    group.append(svg('polyline', 'guess ahead', { points: points(at.slice(cut - 1)) }),
      svg('polyline', 'guess', { points: points(at.slice(0, cut)) }))
  }
  if (last < 0) {
    group.append(svg('text', 'hint', { x: LEFT + (place.width - LEFT) / 2, y: place.y(700), 'text-anchor': 'middle' }, 'press here and draw'))
  }
  picture.append(group)
  const handles = picture.querySelector('.handles')
  picture.append(handles)  // on top of the line
  handles.childNodes.forEach((handle, month) => {
    const drawn = last >= 0, number = drawn ? all[month] : start ?? (data.low + data.high) / 2
    handle.setAttribute('cx', place.x(month))
    handle.setAttribute('cy', place.y(number))
    handle.setAttribute('tabindex', month === box.at ? 0 : -1)
    handle.setAttribute('aria-valuenow', number)
    handle.setAttribute('aria-valuetext', drawn ? told(number) : `not drawn yet, ${told(number)}`)
    handle.classList.toggle('set', box.own[month] !== null)
  })
  const [go, clear] = box.children[2].children
  go.disabled = last < 0
  clear.hidden = last < 0
  box.children[0].children[0].textContent = last < 0
    ? 'Your line, from January to December'
    : `${data.months[box.at].name} ${told(all[box.at])}` + (last < MONTHS - 1 ? `, level after ${data.months[last].name}` : '')
  return all
}

function draw(box, data, place, guessed) {
  const picture = box.children[1]
  const handles = svg('g', 'handles')
  data.months.forEach((one, month) => handles.append(svg('circle', 'handle', {
    r: 7, role: 'slider', 'aria-label': `AUC that you expect in ${one.name}`,
    'aria-valuemin': data.low, 'aria-valuemax': data.high, 'aria-orientation': 'vertical' })))
  picture.append(handles)
  const show = () => drawing(box, data, place)
  const spot = event => {
    const frame = picture.getBoundingClientRect()
    const [x, y] = [(event.clientX - frame.left) * place.width / frame.width, (event.clientY - frame.top) * place.height / frame.height]
    return [place.month(x), place.number(y)]
  }
  // A quick hand skips months; those between two points of one stroke lie on the way.
  const stroke = (month, number) => {
    const from = box.stroke
    if (from) {
      const steps = Math.abs(month - from[0])
      for (let step = 1; step < steps; step += 1) {
        const between = from[0] + step * Math.sign(month - from[0])
        box.own[between] = Math.round(from[1] + (number - from[1]) * step / steps)
      }
    }
    box.own[month] = number
    box.stroke = [month, number]
    box.at = month
    show()
  }
  picture.onpointerdown = event => {
    if (event.button) return
    picture.setPointerCapture(event.pointerId)
    box.stroke = null
    stroke(...spot(event))
    event.preventDefault()
  }
  picture.onpointermove = event => { if (box.stroke) stroke(...spot(event)) }
  picture.onpointerup = picture.onpointercancel = () => { box.stroke = null }
  const focus = month => {
    box.at = Math.min(MONTHS - 1, Math.max(0, month))
    show()
    handles.childNodes[box.at].focus()
  }
  const moves = { ArrowUp: 5, ArrowDown: -5, PageUp: 25, PageDown: -25 }
  const goes = { ArrowRight: 1, ArrowLeft: -1, Home: -MONTHS, End: MONTHS }
  handles.onkeydown = event => {
    if (event.key in moves) {
      const now = Number(handles.childNodes[box.at].getAttribute('aria-valuenow'))
      box.own[box.at] = Math.min(data.high, Math.max(data.low, now + moves[event.key]))
      show()
    } else if (event.key in goes) {
      focus(box.at + goes[event.key])
    } else if (event.key === 'Enter' && !box.children[2].children[0].disabled) {
      box.children[2].children[0].click()
    } else return
    event.preventDefault()
  }
  const [go, clear] = box.children[2].children
  go.onclick = () => guessed(show())
  clear.onclick = () => { box.own.fill(null); box.at = 0; show() }
  show()
}

function put(group, node, at, born) {
  node.style.setProperty('--at', at)
  if (born) node.classList.add('born')
  group.append(node)
}

// What became of the months. `from` is how many were there before: the later ones grow.
function reveal(picture, data, place, from) {
  const group = svg('g', 'truth')
  picture.append(group)
  const x = place.x, y = number => place.y(number * 1000)
  const spots = [], drawn = data.guess.map((number, at) => [x(at), place.y(number)])
  if (data.start !== null) { spots.push([LEFT, y(data.start)]); if (drawn.length) drawn.unshift([LEFT, y(data.start)]) }
  if (drawn.length) group.append(svg('polyline', 'guess', { points: points(drawn) }))
  let known = 0, before = null
  data.months.forEach((one, at) => {
    if (one.auc === null) {
      if (one.version) {
        group.append(svg('rect', 'fog', { x: x(at) - 7, y: TOP, width: 14, height: place.height - TOP - FOOT, rx: 7 }))
      }
      return
    }
    const born = known >= from, late = Math.max(0, known - from)
    known += 1
    const spot = [x(at), y(one.auc)], last = spots.at(-1)
    const gap = data.guess.length ? data.guess[at] : null
    if (gap !== null && last) {
      const was = at ? [x(at - 1), place.y(data.guess[at - 1])] : [LEFT, y(data.start)]
      put(group, svg('polygon', 'gap', { points: points([last, spot, [x(at), place.y(gap)], was]) }), late, born)
    }
    if (one.best !== null) {
      if (before) put(group, svg('line', 'best', { x1: before[0], y1: before[1], x2: x(at), y2: y(one.best) }), late, born)
      before = [x(at), y(one.best)]
    }
    if (last) {
      const way = svg('line', 'way', { x1: last[0], y1: last[1], x2: spot[0], y2: spot[1], pathLength: 1 })
      put(group, way, late, born)
    }
    if (one.low !== null) {
      put(group, svg('line', 'reach', { x1: x(at), x2: x(at), y1: y(one.low), y2: y(one.high) }), late, born)
    }
    const dot = svg('circle', 'dot', { cx: spot[0], cy: spot[1], r: 5 })
    dot.append(svg('title', '', {}, one.told))
    put(group, dot, late, born)
    spots.push(spot)
  })
  marks(group, data, place)
  name(group, data, place, known - from)
  return known
}

// Below the months: where inputs moved, where they were wrong, and where another version came.
function marks(group, data, place) {
  const y = place.height - FOOT + 30
  let version = ''
  data.months.forEach((one, at) => {
    if (one.inputs === 'drift' || one.inputs === 'data_error') {
      const mark = one.inputs === 'drift'
        ? svg('path', 'moved', { d: `M${place.x(at)} ${y - 5}l6 10h-12z` })
        : svg('rect', 'wrong', { x: place.x(at) - 4.5, y: y - 4.5, width: 9, height: 9 })
      mark.append(svg('title', '', {}, one.told))
      group.append(mark)
    }
    if (one.version && version && one.version !== version) {
      const x = place.x(at) - place.step / 2
      group.append(svg('line', 'new', { x1: x, x2: x, y1: TOP, y2: place.height - FOOT }),
        svg('text', 'small', { x: x + 4, y: TOP + 8 }, `v${one.version}`))
    }
    version = one.version || version
  })
}

function name(group, data, place, late) {
  if (!data.widest) return
  const at = data.months.findIndex(one => one.month === data.widest.month)
  const one = data.months[at], from = place.y(data.guess[at]), to = place.y(one.auc * 1000)
  const left = at > MONTHS / 2
  const label = svg('text', 'named', { x: place.x(at) + (left ? -10 : 10), y: (from + to) / 2 + 4, 'text-anchor': left ? 'end' : 'start' },
    data.widest.gap)
  put(group, label, Math.max(0, late), late > 0)
}

function key(data) {
  const found = text('div', 'key', '')
  const kinds = new Set(data.months.map(one => one.inputs))
  const release = data.start !== null && `at release ${data.start.toFixed(3)}`
  const parts = [[data.guess.length, 'guess', 'your line'],
    [data.known, 'dot', 'live model, with its interval'], [data.known && data.months.some(one => one.best !== null), 'best', 'best possible'],
    [release, 'release', release], [data.months.some(one => one.version && one.auc === null), 'fog', 'not known yet'], [kinds.has('drift'), 'moved', 'inputs moved'],
    [kinds.has('data_error'), 'wrong', 'data bug']]
  parts.filter(([there]) => there).forEach(([, cls, said]) => {
    const one = text('span', '', said)
    one.prepend(text('i', cls, ''))
    found.append(one)
  })
  return found
}

function table(data) {
  const drawer = document.createElement('details'), found = document.createElement('table')
  const row = (tag, cells) => {
    const line = document.createElement('tr')
    line.append(...cells.map(cell => text(tag, '', typeof cell === 'number' ? cell.toFixed(3) : cell ?? '')))
    return line
  }
  const names = Object.keys(data.table[0] ?? {})
  found.append(row('th', names), ...data.table.map(one => row('td', names.map(name => one[name]))))
  const scroll = text('div', 'scroll', '')
  scroll.tabIndex = 0
  scroll.append(found)
  drawer.append(text('summary', '', 'Table'), scroll)
  return drawer
}

export default function ({ parentElement, data, setTriggerValue }) {
  const box = parentElement.querySelector('.year')
  if (!box.firstChild) build(box)
  const [head, picture, foot, after] = box.children
  const paint = from => {
    const place = plan(box, data)
    picture.setAttribute('viewBox', `0 0 ${place.width} ${place.height}`)
    picture.setAttribute('height', place.height)
    picture.replaceChildren()
    axes(picture, data, place)
    if (data.covered) draw(box, data, place, line => setTriggerValue('guess', line))
    else reveal(picture, data, place, still() ? MONTHS : from)
  }
  box.paint = paint
  if (!box.watch) {
    box.watch = new ResizeObserver(() => {
      if (box.clientWidth && box.clientWidth !== box.wide) { box.wide = box.clientWidth; box.paint(MONTHS) }
    })
    box.watch.observe(box)
  }
  const drawn = JSON.stringify(data)
  if (box.drawn === drawn) return
  box.drawn = drawn
  box.wide = box.clientWidth
  box.classList.toggle('covered', data.covered)
  picture.setAttribute('role', data.covered ? 'group' : 'img')
  picture.setAttribute('aria-label', data.said)
  foot.hidden = !data.covered
  if (!data.covered) head.children[0].textContent = data.named
  if (!data.covered) picture.onpointerdown = picture.onpointermove = null
  after.replaceChildren()
  // Only what came while somebody looked grows; whoever opens the page later finds it drawn.
  paint(box.known ?? (box.wasCovered ? 0 : MONTHS))
  box.wasCovered = data.covered
  box.known = data.covered ? undefined : data.known
  if (data.covered) return
  after.append(key(data))
  if (data.known) {
    const again = button('again', 'Play again')
    again.onclick = () => paint(0)
    after.append(again)
  }
  after.append(table(data))
}
