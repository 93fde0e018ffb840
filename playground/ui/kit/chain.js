const NS = 'http://www.w3.org/2000/svg'
const INPUTS = ['data', 'code', 'config'], MADE = ['run', 'model', 'staging', 'live']
const ICONS = {
  data: '<ellipse cx="10" cy="5" rx="6.5" ry="2.5"/><path d="M3.5 5v10c0 1.4 2.9 2.5 6.5 2.5s6.5-1.1 6.5-2.5V5M3.5 10c0 1.4 2.9 2.5 6.5 2.5s6.5-1.1 6.5-2.5"/>',
  code: '<path d="M7 5.5L2.8 10 7 14.5M13 5.5l4.2 4.5-4.2 4.5"/>',
  config: '<path d="M3 6h8m4 0h2M3 14h2m4 0h8"/><circle cx="13" cy="6" r="2"/><circle cx="7" cy="14" r="2"/>',
  run: '<path d="M6.5 4v12l9-6z"/>',
  model: '<path d="M10 2.8l6.3 3.6v7.2L10 17.2l-6.3-3.6V6.4zM3.9 6.5L10 10l6.1-3.5M10 10v7"/>',
  staging: '<path d="M5 3.5h10v13H5zM7.8 8.2l1.5 1.5 3-3.2M7.8 13h4.4"/>',
  live: '<circle cx="10" cy="10" r="2.2"/><path d="M5.4 14.6a6.5 6.5 0 010-9.2m9.2 0a6.5 6.5 0 010 9.2M2.7 17.2a10.2 10.2 0 010-14.4m14.6 0a10.2 10.2 0 010 14.4"/>',
  notebook: '<path d="M5 3h10.5v14H5zM5 6.2H3.4M5 10H3.4M5 13.8H3.4M8 7h5M8 10h3"/>',
}
const MARKS = { fresh: 'new', running: 'at work', stale: 'stale', failed: 'failed' }
const SAID = { empty: 'not yet', fresh: 'just changed', running: 'running', stale: 'stale', failed: 'failed' }
const FIRST = 'first difference'
const MOVE = 620, WIDE = 688
const views = new WeakMap()
let lastLit = null  // of this browser tab: what was solved before it was opened does not light up

const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches
const isInput = node => INPUTS.includes(node.kind)
const upper = lane => lane === 'live' || lane === 'older'
const middle = box => box.y + box.h / 2

function made(tag, cls, text) {
  const node = document.createElement(tag)
  node.className = cls
  if (text !== undefined) node.textContent = text
  return node
}

function drawn(tag, cls) {
  const node = document.createElementNS(NS, tag)
  node.setAttribute('class', cls)
  return node
}

function icon(kind) {
  const svg = drawn('svg', 'icon')
  svg.setAttribute('viewBox', '0 0 20 20')
  svg.setAttribute('aria-hidden', 'true')
  svg.innerHTML = ICONS[kind] || ''  // of the list above, never of data
  return svg
}

/* Where everything stands: three rows of inputs, then a column for each thing that is made, in the row of its lane. */
function layout(nodes, width, height, large, notebook, phases) {
  const top = large ? 10 : phases ? 18 : 2, area = height - top, x0 = notebook ? width * 0.118 : 0, use = width - x0
  const both = nodes.filter(node => !isInput(node))
  const split = both.some(node => !node.lanes.some(upper)) && both.some(node => node.lanes.every(upper))
  const row = lanes => !split || lanes.length > 1 ? 0.5 : upper(lanes[0]) ? 0.25 : 0.755
  const alone = both.every(node => node.kind === 'run')  // two runs: nothing was made of them, so they have the room
  const boxes = {}, tall = large ? 52 : 24, big = large ? 90 : 38
  INPUTS.forEach((kind, at) => {
    const mine = nodes.filter(node => node.kind === kind), gap = large ? 12 : 8
    const w = use * (large ? 0.322 : alone ? 0.54 : 0.295) / Math.max(mine.length, large ? 1.6 : 1.7) - (mine.length > 1 ? gap / 2 : 0)
    const y = top + area * (at + 0.5) / 3 - tall / 2
    mine.forEach((node, place) => { boxes[node.id] = { x: x0 + place * (w + gap), y, w, h: tall, row: at } })
  })
  const columns = { run: alone ? [0.64, 0.36] : [0.355, 0.118], model: [0.517, 0.112], staging: [0.672, 0.12], live: [0.838, 0.162] }
  both.forEach(node => {
    const [x, w] = columns[node.kind]
    boxes[node.id] = { x: x0 + use * x, y: top + area * row(node.lanes) - big / 2, w: use * w, h: big, row: 1 }
  })
  if (notebook) boxes.notebook = { x: 0, y: top + area / 2 - big / 2, w: width * 0.088, h: big, row: 1 }
  const ends = ['run', 'model', 'staging'].map(kind => x0 + use * (columns[kind][0] + columns[kind][1] + 0.024))
  return { boxes, ends: [Math.max(x0 - 8, 0), ...ends, width], height }
}

/* The path from one box to another, and its arrow head. */
function pathOf(edge, a, b, shift, blocked, height) {
  if (edge.kind === 'loop') {
    const x1 = a.x + a.w / 2, y1 = a.y + a.h, low = height + 4, down = `M${x1} ${y1} C${x1} ${low} ${x1 - 6} ${low} ${x1 - 24} ${low}`
    if (edge.second) {  // another one stands before it: from below
      const x2 = b.x + b.w * 0.7, y2 = b.y + b.h + 1
      return [`${down} L${x2 + 22} ${low} C${x2 + 4} ${low} ${x2} ${low} ${x2} ${y2}`, `M${x2 - 4} ${y2 + 6} L${x2} ${y2} L${x2 + 4} ${y2 + 6}`]
    }
    const x2 = b.x - 1, y2 = middle(b)
    return [`${down} L14 ${low} C-12 ${low} -14 ${y2} ${x2} ${y2}`, `M${x2 - 5} ${y2 - 4} L${x2} ${y2} L${x2 - 5} ${y2 + 4}`]
  }
  const x2 = b.x - 2, y2 = middle(b) + shift + (edge.input ? (a.row - 1) * Math.min(7, b.h / 7) : 0)
  let x1 = a.x + a.w, y1 = middle(a) + shift, line = `M${x1} ${y1} `
  if (blocked) {  // over the one that stands in its way
    const level = a.y - Math.max(2, a.h * 0.22)
    line = `M${x1 - 30} ${a.y + 3} C${x1 - 20} ${level} ${x1 - 12} ${level} ${x1} ${level} L${blocked.x + blocked.w} ${level} `
    x1 = blocked.x + blocked.w
    y1 = level
  }
  const bend = Math.max(14, (x2 - x1) * 0.5)
  line += `C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`
  return [line, edge.input && a.row !== 1 ? '' : `M${x2 - 5} ${y2 - 4.5} L${x2} ${y2} L${x2 - 5} ${y2 + 4.5}`]
}

class View {
  constructor(nav) {
    this.nav = nav
    this.short = made('button', 'short')
    this.short.type = 'button'
    this.shortText = made('span', '')
    this.short.append(this.shortText)
    this.stage = made('div', 'stage')
    this.lines = drawn('svg', 'lines')
    this.lines.setAttribute('aria-hidden', 'true')
    this.list = made('div', 'list')
    this.tip = made('div', 'tip')
    this.tip.hidden = true
    this.tip.setAttribute('aria-hidden', 'true')
    this.aside = made('p', 'aside')
    this.apart = made('a', 'apart')
    this.apart.append(made('b', '', ''), made('span', '', ''))
    this.apart.onclick = event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
      event.preventDefault()
      this.opened('apart')
    }
    this.apart.onmouseenter = this.apart.onfocus = () => this.tell(this.apart, ...this.data.alike ? ['The same model', ['as the one that is live, byte for byte']] : ['What differs', ['between the run that is live and yours']])
    this.apart.onmouseleave = this.apart.onblur = () => { this.tip.hidden = true }
    this.stage.append(this.lines, this.list)
    nav.replaceChildren(this.short, this.stage, this.tip, this.aside)
    this.marks = new Map()  // id of a node -> {el, node, box}
    this.edges = new Map()  // lane and place of an edge -> {el, edge, from, to}
    this.phases = []
    this.short.onclick = () => this.open(!nav.classList.contains('open'))
    nav.onkeydown = event => this.key(event)
    nav.addEventListener('focusout', event => {
      if (event.relatedTarget && !nav.contains(event.relatedTarget)) this.open(false)
    })
    this.watch = new ResizeObserver(() => { if (this.data && this.width !== nav.clientWidth) this.place(false) })
    this.watch.observe(nav)
  }

  open(yes) {
    this.nav.classList.toggle('open', yes)
    this.short.setAttribute('aria-expanded', String(yes))
  }

  show(data, opened) {
    const first = !this.data
    this.data = data
    this.opened = opened
    this.nav.classList.toggle('large', data.large)
    this.nav.classList.toggle('two', data.nodes.every(node => !['live', 'yours'].some(lane => node.lanes.includes(lane))))
    this.aside.textContent = data.sentence
    this.shortText.textContent = data.short
    this.short.setAttribute('aria-label', 'The chain: ' + data.short)
    this.short.setAttribute('aria-expanded', String(this.nav.classList.contains('open')))
    const live = data.nodes.some(node => node.kind === 'live' && node.state !== 'empty')
    this.short.style.setProperty('--dot', live ? 'var(--live)' : data.nodes.some(node => node.state !== 'empty') ? 'var(--yours)' : '')
    this.bands()
    this.reconcile(first)
    this.place(!first && !still())
    if (data.lit && lastLit !== null && data.lit !== lastLit) this.light()
    lastLit = data.lit
  }

  bands() {
    while (this.phases.length < this.data.phases.length) {
      const band = made('button', 'phase')
      band.type = 'button'
      band.append(made('b', ''))
      this.stage.insertBefore(band, this.lines)
      this.phases.push(band)
    }
    this.data.phases.forEach((phase, at) => {
      const band = this.phases[at], goal = `Goal: ${phase.goal}.`, exit = `Behind you with ${phase.exit}${phase.reached ? ': it is.' : '.'}`
      band.classList.toggle('reached', phase.reached)
      band.firstChild.textContent = `${phase.number} ${phase.name}`
      band.setAttribute('aria-label', `Phase ${phase.number}, ${phase.name}. ${goal} ${exit}`)
      band.onmouseenter = band.onfocus = () => this.tell(band, `${phase.number} ${phase.name}`, [goal, exit])
      band.onmouseleave = band.onblur = () => { this.tip.hidden = true }
    })
  }

  reconcile(first) {
    const nodes = [...this.data.nodes], old = new Map(this.marks)
    if (this.data.notebook) nodes.unshift({ id: 'notebook', kind: 'notebook', word: 'notebook', label: this.data.notebook.label, sub: '', letter: '',
      state: 'done', lanes: [], href: this.data.notebook.href, said: `The notebook: ${this.data.notebook.label}`, page: '', hash: '', why: '' })
    this.marks = new Map()
    for (const node of nodes) if (old.has(node.id)) { this.marks.set(node.id, old.get(node.id)); old.delete(node.id) }
    for (const node of nodes) {
      if (!this.marks.has(node.id)) {  // what was not there yet becomes what is there now, where it stands
        const same = [...old].find(([, mark]) => mark.node.kind === node.kind && mark.node.lanes.some(lane => node.lanes.includes(lane))
          && (mark.node.state === 'empty' || node.state === 'empty'))
        if (same) { this.marks.set(node.id, same[1]); old.delete(same[0]) }
        else this.marks.set(node.id, { el: made('a', ''), box: null })
      }
      const mark = this.marks.get(node.id)
      mark.node = node
      this.fill(mark)
    }
    for (const mark of old.values()) this.leave(mark.el)
    const live = nodes.filter(node => node.lanes.some(upper))
    if (live.length) this.marks.get(live[live.length - 1].id).el.classList.add('ends')
    this.list.append(...nodes.map(node => this.marks.get(node.id).el).filter((el, at) => this.list.children[at] !== el))
    const alike = this.data.alike
    this.apart.firstChild.textContent = alike ? '=' : '≠'
    this.apart.lastChild.textContent = alike ? 'the same model, byte for byte' : 'what differs between live and yours'
    this.apart.setAttribute('aria-label', alike ? 'Yours is the model that is live, byte for byte' : 'Everything that differs between live and yours')
    if (this.data.apart) { this.apart.setAttribute('href', this.data.apart); this.list.append(this.apart) } else this.apart.remove()
    const has = nodes.some(node => node.id === this.at)
    if (!has) this.at = nodes[0].id
    for (const [id, mark] of this.marks) mark.el.tabIndex = id === this.at ? 0 : -1
  }

  leave(el) {
    if (still() || this.nav.classList.contains('narrow')) return el.remove()  // in a list it would hold a line open
    el.style.opacity = 0
    el.removeAttribute('href')
    setTimeout(() => el.remove(), 250)
  }

  fill(mark) {
    const { el, node } = mark, { current } = this.data
    const shape = isInput(node) ? 'input' : node.letter ? 'made lettered' : 'made'
    el.className = ['node', node.kind, shape, node.state, node.first ? 'first' : '', ...node.lanes].filter(Boolean).join(' ')
    el.dataset.kind = node.kind
    el.dataset.id = node.id
    el.setAttribute('href', node.href)
    el.setAttribute('aria-label', [node.said, node.lanes.join(' and '), node.state === 'empty' ? '' : SAID[node.state]].filter(Boolean).join(', '))
    if (node.page === current && node.state !== 'empty') el.setAttribute('aria-current', 'page'); else el.removeAttribute('aria-current')
    const what = made('span', 'what'), word = made('span', 'word')
    word.append(icon(node.kind), node.word)
    const under = this.data.large && isInput(node) && node.label, why = node.state === 'empty' ? '' : node.why
    what.append(...(under ? [] : [word]), made('span', 'label', node.label))
    const flag = node.first ? FIRST : MARKS[node.state]
    if (flag) what.append(made('span', 'mark', flag))
    const sub = made('span', 'sub', (under ? node.word + ' · ' : '') + (why || node.sub || node.why))
    const letter = made('span', 'letter' + ({ B: ' b', C: ' c' }[node.letter] || ''), node.letter)
    if (!node.letter) letter.append(icon(node.kind))
    el.replaceChildren(...(isInput(node) || node.letter ? [letter] : []), what, ...(sub.textContent ? [sub] : []))
    const empty = this.data.nodes.every(one => one.state === 'empty')
    el.classList.toggle('greet', empty && node.id !== 'notebook')
    el.style.setProperty('--at', MADE.indexOf(node.kind) + 1)
    el.onclick = event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
      event.preventDefault()
      this.opened(node.id)
    }
    el.onmouseenter = () => this.trace(node.id)
    el.onfocus = () => { this.move(node.id, false); this.trace(node.id) }
    el.onmouseleave = el.onblur = () => this.trace(null)
  }

  place(moving) {
    const { data, nav } = this
    this.width = nav.clientWidth
    const narrow = this.width < WIDE
    nav.classList.toggle('narrow', narrow)
    if (!data.large || !narrow) this.list.style.height = ''
    if (narrow) return void cancelAnimationFrame(this.frame)
    const plan = layout(data.nodes, this.width, data.large ? 244 : 100, data.large, data.notebook, data.phases.length)
    const use = this.width * (data.notebook ? 0.882 : 1)
    this.height = plan.height
    this.phases.forEach((band, at) => {
      band.style.left = `${plan.ends[at] + 2}px`
      band.style.width = `${plan.ends[at + 1] - plan.ends[at] - 4}px`
    })
    const two = ['live', 'yours'].map(lane => data.nodes.find(node => node.kind === 'run' && node.lanes.join() === lane))
    if (data.apart && two.every(Boolean)) {  // beside the two runs, between the arrows that lead on
      const [one, other] = two.map(node => plan.boxes[node.id])
      this.apart.style.left = `${one.x + one.w + use * 0.022}px`
      this.apart.style.top = `${(middle(one) + middle(other)) / 2}px`
    }
    const starts = new Map()
    for (const [id, mark] of this.marks) starts.set(id, mark.box || plan.boxes[id])
    const routes = this.routes(plan)
    const began = performance.now()
    const step = now => {
      const done = moving ? Math.min(1, (now - began) / MOVE) : 1, ease = 1 - (1 - done) ** 3
      const mix = (a, b) => ({ x: a.x + (b.x - a.x) * ease, y: a.y + (b.y - a.y) * ease, w: a.w + (b.w - a.w) * ease,
        h: a.h + (b.h - a.h) * ease, row: b.row })
      for (const [id, mark] of this.marks) {
        mark.box = mix(starts.get(id), plan.boxes[id])
        mark.el.style.transform = `translate(${mark.box.x}px, ${mark.box.y}px)`
        mark.el.style.width = `${mark.box.w}px`
        mark.el.style.height = `${mark.box.h}px`
      }
      for (const route of routes) {
        route.from = mix(route.start[0], plan.boxes[route.edge.from])
        route.to = mix(route.start[1], plan.boxes[route.edge.to])
        const [line, head] = pathOf(route.edge, route.from, route.to, route.shift, route.blocked, plan.height)
        route.el.children[0].setAttribute('d', line)
        route.el.children[1].setAttribute('d', head)
        route.el.children[2].setAttribute('d', line)
        route.el.children[3].setAttribute('d', line)
      }
      if (done < 1) this.frame = requestAnimationFrame(step)
    }
    cancelAnimationFrame(this.frame)
    step(began)
  }

  /* Each lane has a line of its own; what changes where it comes from, or leads to, swings over. */
  routes(plan) {
    const old = this.edges, nodes = new Map(this.data.nodes.map(node => [node.id, node]))
    const all = [...this.data.edges]
    if (this.data.notebook) for (const kind of INPUTS) all.push({ from: 'notebook', to: this.data.nodes.find(node => node.kind === kind).id, kind: 'next', lanes: ['note'] })
    this.edges = new Map()
    for (const edge of all) edge.lanes.forEach((lane, at) => {
      const from = nodes.get(edge.from), to = nodes.get(edge.to), input = !!from && isInput(from)
      const key = [lane, edge.kind === 'next' ? 'came' : edge.kind, input || !from ? edge.from && (from ? from.kind : edge.to) : '', to.kind].join()
      const was = old.get(key), el = was ? was.el : drawn('g', 'edge')
      if (!was) for (const cls of ['line', 'head', 'pulse', 'spark']) {
        const path = drawn('path', cls)
        if (cls === 'pulse') path.setAttribute('pathLength', 100)
        if (cls === 'spark') path.setAttribute('pathLength', 1)
        el.append(path)
      }
      old.delete(key)
      const busy = to.state === 'running' && edge.kind !== 'loop'
      el.setAttribute('class', ['edge', edge.kind, lane, busy ? 'busy' : ''].join(' '))
      if (!el.parentNode) this.lines.append(el)
      const row = plan.boxes[edge.from], blocked = input && Object.entries(plan.boxes).map(([, box]) => box)
        .find(box => box.row === row.row && box.y === row.y && box.h === row.h && box.x > row.x)
      const second = edge.kind === 'loop' && Object.values(plan.boxes).some(box => box.y === plan.boxes[edge.to].y && box.x < plan.boxes[edge.to].x && box.h < 60)
      const shift = edge.lanes.length > 1 ? (at ? 1.7 : -1.7) : 0
      const start = was && was.from ? [was.from, was.to] : [row, plan.boxes[edge.to]]
      this.edges.set(key, { el, edge: { ...edge, input, second }, shift, blocked, start, from: start[0], to: start[1] })
    })
    for (const gone of old.values()) gone.el.remove()
    return [...this.edges.values()]
  }

  above(id) {
    const found = new Set([id]), waiting = [id]
    while (waiting.length) {
      const node = waiting.pop()
      for (const edge of this.data.edges) if (edge.to === node && ['came', 'next'].includes(edge.kind) && !found.has(edge.from)) {
        found.add(edge.from)
        waiting.push(edge.from)
      }
    }
    return found
  }

  trace(id) {
    const on = id === null ? new Set() : this.above(id)
    this.nav.classList.toggle('tracing', id !== null && id !== 'notebook')
    for (const [name, mark] of this.marks) mark.el.classList.toggle('on', on.has(name))
    for (const { el, edge } of this.edges.values()) el.classList.toggle('on', on.has(edge.to) && on.has(edge.from) && edge.kind !== 'loop')
    if (id === null) { this.tip.hidden = true; return }
    const { node, el } = this.marks.get(id)
    this.tell(el, [node.word, node.letter, node.label].filter(Boolean).join(' '), [node.sub, node.state === 'empty' && !node.why ? 'not yet' : ''], node.why, node.hash)
  }

  tell(el, title, lines, why, hash) {
    const tip = this.tip, box = el.getBoundingClientRect(), nav = this.nav.getBoundingClientRect()
    tip.replaceChildren(made('b', '', title), ...lines.filter(Boolean).map(line => made('i', '', line)),
      ...(why ? [made('i', 'why', why)] : []), ...(hash ? [made('code', '', hash.slice(0, 24))] : []))
    tip.hidden = false
    const left = Math.min(Math.max(0, box.left - nav.left + box.width / 2 - tip.offsetWidth / 2), Math.max(0, nav.width - tip.offsetWidth))
    tip.style.left = `${left}px`
    const top = el.classList.contains('phase') ? 20 : box.bottom - nav.top + 7
    tip.style.top = `${top}px`
  }

  /* One stop of the tabulator; the arrow keys go along the chain, and up to the phases. */
  move(id, focus) {
    this.at = id
    for (const [name, mark] of this.marks) mark.el.tabIndex = name === id ? 0 : -1
    for (const band of this.phases) band.tabIndex = -1
    if (focus) this.marks.get(id).el.focus()
  }

  key(event) {
    const ids = [...this.marks.keys()], active = this.nav.getRootNode().activeElement
    if (event.key === 'Escape') { this.open(false); this.trace(null); return }
    const phase = this.phases.indexOf(active), step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (phase >= 0 && (step || event.key === 'ArrowDown')) {
      event.preventDefault()
      if (!step) return this.move(this.at, true)
      this.phases[Math.max(0, Math.min(this.phases.length - 1, phase + step))].focus()
    } else if (active && active.dataset && this.marks.has(active.dataset.id)) {
      const at = ids.indexOf(active.dataset.id)
      if (step || event.key === 'Home' || event.key === 'End') {
        event.preventDefault()
        this.move(step ? ids[Math.max(0, Math.min(ids.length - 1, at + step))] : ids[event.key === 'Home' ? 0 : ids.length - 1], true)
      } else if (event.key === 'ArrowUp' && this.phases.length && !this.nav.classList.contains('narrow')) {
        event.preventDefault()
        this.phases[Math.max(0, MADE.indexOf(active.dataset.kind))].focus()
      }
    }
  }

  light() {
    const order = edge => edge.input ? 0 : MADE.indexOf(this.marks.get(edge.to).node.kind)
    for (const { el, edge } of this.edges.values()) {
      if (edge.kind !== 'came') continue
      el.style.setProperty('--after', `${order(edge) * 150}ms`)
      el.style.setProperty('--for', '150ms')
      this.flash(el, 2600)
    }
    for (const { el, node } of this.marks.values()) {
      if (node.state === 'empty' || node.kind === 'notebook') continue
      el.style.setProperty('--after', `${(MADE.indexOf(node.kind) + 1) * 130}ms`)
      this.flash(el, 2600)
    }
  }

  flash(el, time) {
    el.classList.add('lit')
    setTimeout(() => el.classList.remove('lit'), time)
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  const nav = parentElement.querySelector('.chain')
  if (!views.has(nav)) views.set(nav, new View(nav))
  views.get(nav).show(data, id => setTriggerValue('opened', id))
}
