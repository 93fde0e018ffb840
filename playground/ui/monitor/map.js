const SVG = 'http://www.w3.org/2000/svg'
const TAKES = 1100, STAGGER = 90          // milliseconds until a mark is where it belongs, and between two of them
const LEAST = 0.003                       // PSI; what is smaller stands at the edge
const TICKS = [0.003, 0.01, 0.03, 0.1, 0.25, 1, 3]
const SIGNS = { quiet: '✓', harmless: '→', silent: '↑', trouble: '↗', bug: '✕', waiting: '…', few: '–' }
const NAMES = { quiet: 'quiet', harmless: 'harmless shift', silent: 'silent harm', trouble: 'real trouble' }
const shown = new Map()                   // what a map is about -> where each of its marks stood last: they move on from there
const ways = new Map()                    // what a map is about -> beside what its months are looked at

const about = data => `${data.workspace} ${data.model}`
const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches
const ease = t => t < 0.5 ? 4 * t * t * t : 1 - (2 - 2 * t) ** 3 / 2
const clamp = (t, low = 0, high = 1) => Math.min(high, Math.max(low, t))
const mix = (from, to, part) => from + (to - from) * part

function shape(tag, cls, attributes = {}, value) {
  const node = document.createElementNS(SVG, tag)
  node.setAttribute('class', cls)
  for (const [name, one] of Object.entries(attributes)) node.setAttribute(name, one)
  if (value !== undefined) node.textContent = value
  return node
}

function text(tag, cls, value) {
  const node = document.createElement(tag)
  node.className = cls
  node.textContent = value
  return node
}

const set = (node, attributes) => { for (const [name, one] of Object.entries(attributes)) node.setAttribute(name, one) }

class HarmMap {
  constructor(host, data, chosen) {
    this.host = host
    this.find = one => host.querySelector(one)
    this.nodes = new Map()
    this.send = chosen
    const svg = this.find('svg')
    this.back = shape('g', 'back')
    this.trail = shape('path', 'trail')
    this.step = shape('path', 'step')
    this.tip = shape('path', 'tip', { d: 'M0 0L-9 -4.2L-9 4.2Z' })
    this.front = shape('g', 'front')
    svg.replaceChildren(fog(), this.back, this.trail, this.step, this.tip, this.front)
    this.find('.rail').onkeydown = event => this.key(event)
    this.buttons = [...host.querySelectorAll('.ways button')]
    for (const button of this.buttons) {
      button.onclick = () => this.turn(button.dataset.way)
      button.onkeydown = event => {
        if (!event.key.startsWith('Arrow')) return
        event.preventDefault()
        this.turn(this.way === 'learned' ? 'before' : 'learned')
        this.buttons.find(one => one.tabIndex === 0).focus()
      }
    }
    new ResizeObserver(() => this.resize()).observe(this.find('.stage'))
    this.take(data)
  }

  take(data) {
    const newest = data.marks.at(-1)?.month
    const moved = this.data && about(this.data) === about(data) && newest !== this.data.marks.at(-1)?.month
    this.data = data
    this.fresh = moved ? newest : ''
    this.looked = data.chosen || newest || ''
    this.turn(ways.get(about(data)) ?? 'learned')
  }

  /* Hold the months beside what the model learned from, or beside the month before: the same marks go there. */
  turn(way) {
    this.way = way
    ways.set(about(this.data), way)
    for (const button of this.buttons) {
      button.setAttribute('aria-checked', String(button.dataset.way === way))
      button.tabIndex = button.dataset.way === way ? 0 : -1
    }
    this.host.dataset.way = way
    this.line = way === 'learned' ? this.data.line : 0
    this.was = shown.get(about(this.data)) ?? new Map()
    this.to = this.span()
    this.from = this.ends ?? this.to
    this.find('.detail').dataset.told = ''
    this.rail()
    this.width = 0
    this.resize()
    this.detail()
  }

  /* Where a month stands, seen this way; the first one has no month before it. */
  at(one) { return one[this.way] ?? { word: 'few', called: 'the first month', psi: null, lost: null, low: null, high: null, guess: null } }

  /* The losses that are drawn: all of them, the line, and nothing lost; so many that a usual month moves no axis. */
  span() {
    const every = this.data.marks.map(one => this.at(one)).flatMap(one => [one.low, one.high, one.guess]).filter(one => one !== null)
    return [Math.min(-0.03, ...every) - 0.012, Math.max(this.way === 'learned' ? 0.14 : 0.1, 3 * this.line, ...every) + 0.02]
  }

  resize() {
    const width = this.find('.stage').clientWidth
    if (!width || width === this.width) return
    this.width = width
    this.high = width < 460 ? 300 : 390
    this.frame = { left: width < 460 ? 47 : 52, right: width - 6, top: 6, bottom: this.high - 42 }
    const svg = this.find('svg')
    svg.setAttribute('viewBox', `0 0 ${width} ${this.high}`)
    svg.style.height = `${this.high}px`
    this.ends = this.from
    this.axes()
    this.marks()
    this.go()
  }

  most() { return Math.max(1.6, ...this.data.marks.flatMap(one => [one.learned, one.before]).map(one => (one?.psi ?? 0) * 1.25)) }

  x(psi) {
    const part = Math.log(Math.max(psi, LEAST) / LEAST) / Math.log(this.most() / LEAST)
    return mix(this.frame.left + 14, this.frame.right - 14, clamp(part))
  }

  y(lost) {
    const [low, high] = this.ends
    return mix(this.frame.bottom, this.frame.top, (lost - low) / (high - low))
  }

  axes() {
    const { left, right, top, bottom } = this.frame, [low, high] = this.ends
    const line = this.y(this.line), moved = this.x(this.data.moved), narrow = this.width < 460
    const corners = [['silent', left, top, moved, line], ['trouble', moved, top, right, line],
      ['quiet', left, line, moved, bottom], ['harmless', moved, line, right, bottom]]
    this.corners = corners.map(([word, x1, y1, x2, y2]) => {
      const node = shape('rect', 'corner', { x: x1, y: y1, width: x2 - x1, height: y2 - y1 })
      node.dataset.word = word
      return node
    })
    const names = corners.map(([word, x1, y1, x2, y2]) => {
      const upper = y1 === top, inner = x1 === left
      const node = shape('text', 'corner-name', { x: inner ? x1 + 9 : x2 - 9, y: upper ? y1 + 19 : y2 - 10,
        'text-anchor': inner ? 'start' : 'end' }, NAMES[word])
      node.dataset.word = word
      return node
    })
    const levels = []
    for (let at = Math.ceil(low / 0.05); at * 0.05 <= high; at++) levels.push(at * 0.05)
    const floors = levels.flatMap(at => [
      shape('line', 'grid', { x1: left, x2: right, y1: this.y(at), y2: this.y(at) }),
      shape('text', 'tick', { x: left - 7, y: this.y(at) + 4, 'text-anchor': 'end' }, at.toFixed(2).replace('-', '−')),
    ])
    const ticks = TICKS.filter(at => at < this.most() && !(narrow && [0.003, 0.03].includes(at))).map(at => shape('text', 'tick', { x: this.x(at), y: bottom + 16, 'text-anchor': 'middle' }, String(at)))
    const soft = this.x(0.25)
    const what = narrow ? 'PSI of the feature that moved most' : `how far inputs moved: largest PSI of a feature${this.way === 'learned' ? ', beside what the live model learned from' : ' that is not as the month before'}`
    const harm = shape('text', 'what', { transform: `translate(11 ${(top + bottom) / 2}) rotate(-90)`, 'text-anchor': 'middle' },
      narrow ? `${this.data.metric} lost` : `${this.data.metric} lost ${this.way === 'learned' ? `against ${this.data.against}` : 'since the month before'}`)
    this.back.replaceChildren(...this.corners, ...floors,
      shape('line', 'split', { x1: left, x2: right, y1: line, y2: line }),
      shape('line', 'split', { x1: moved, x2: moved, y1: top, y2: bottom }),
      shape('line', 'split soft', { x1: soft, x2: soft, y1: top, y2: bottom }),
      shape('text', 'note', { x: moved - 6, y: line - 5, 'text-anchor': 'end' }, narrow ? '' : this.line ? `may lose at most ${this.line}` : 'as the month before'),
      ...ticks, ...names, harm,
      shape('text', 'what', { x: (left + right) / 2, y: bottom + 35, 'text-anchor': 'middle' }, what))
  }

  /* Where a mark belongs: a bar as high as the map as long as nothing is known, then a dot with its interval. */
  target(one) {
    if (one.psi === null) return null
    const known = one.lost !== null
    return {
      psi: one.psi, known: known ? 1 : 0, lost: one.lost ?? this.line,
      high: known ? one.high : this.to[1], low: known ? one.low : this.to[0], seen: 1,
      guess: one.guess ?? 0, guessed: one.guess !== null && !known ? 1 : 0,
    }
  }

  marks() {
    const there = new Map(this.data.marks.map(one => [one.month, one]))
    for (const [month, node] of this.nodes) if (!there.has(month)) { node.group.remove(); this.nodes.delete(month) }
    this.moves = []
    for (const one of this.data.marks) {
      const here = this.at(one), to = this.target(here)
      if (!to) { this.nodes.get(one.month)?.group.remove(); this.nodes.delete(one.month); continue }
      const node = this.nodes.get(one.month) ?? this.made(one.month)
      set(node.group, { class: `mark${this.luck(here)}${one.month === this.fresh ? ' new' : ''}`,
        'data-word': here.word, 'data-known': String(here.lost !== null) })
      node.name.textContent = one.name
      this.front.append(node.group)
      const from = this.was.get(one.month) ?? { ...to, known: 0, high: this.to[1], low: this.to[0], seen: 0, guessed: 0 }
      this.moves.push({ one, node, from, to, at: from })
    }
    this.labels()
    this.choose(this.looked, false)
  }

  luck(here) { return here.lost !== null && here.low <= this.line && here.high >= this.line ? ' luck' : '' }

  made(month) {
    const group = shape('g', 'mark'), node = { group }
    node.halo = shape('circle', 'halo', { r: 15 })
    node.fog = shape('rect', 'fog')
    node.bar = shape('rect', 'bar')
    node.body = shape('path', 'body')
    node.sign = shape('path', 'sign')
    node.guess = shape('path', 'guess', { d: 'M0 -6.5L5 0L0 6.5L-5 0Z' })
    node.name = shape('text', 'name')
    group.append(node.halo, node.fog, node.bar, node.guess, node.body, node.sign, node.name)
    group.dataset.month = month
    group.onpointerenter = () => this.choose(month, false)
    group.onclick = () => this.choose(month, true)
    this.nodes.set(month, node)
    return node
  }

  /* A name stands beside its dot where it hides no other dot or name; from the right, clockwise. */
  labels() {
    this.ends = this.to  // where they will stand
    const taken = this.moves.map(({ to }) => ({ x: this.x(to.psi) - 9, y: this.y(to.lost) - 9, w: 18, h: to.known ? 18 : 0 }))
    const hits = box => taken.some(one => box.x < one.x + one.w && one.x < box.x + box.w && box.y < one.y + one.h && one.y < box.y + box.h)
    for (const move of this.moves) {
      const x = this.x(move.to.psi), y = move.to.known ? this.y(move.to.lost) : this.frame.top + 34
      const spots = move.to.known
        ? [[12, 4, 'start'], [-12, 4, 'end'], [11, 17, 'start'], [11, -9, 'start'], [-11, -9, 'end'], [-11, 17, 'end'], [12, 30, 'start']]
        : [[9, 4, 'start'], [-9, 4, 'end'], [9, 20, 'start'], [9, 36, 'start'], [9, 52, 'start']]
      const box = ([dx, dy, anchor]) => ({ x: x + dx - (anchor === 'end' ? 27 : 0), y: y + dy - 11, w: 27, h: 14 })
      const free = spots.find(spot => !hits(box(spot)) && box(spot).x > this.frame.left && box(spot).x + 27 < this.width) ?? spots[0]
      taken.push(box(free))
      move.label = free
    }
    this.ends = this.from
  }

  go() {
    cancelAnimationFrame(this.tick)
    const { from, to } = this
    const still = move => Object.keys(move.to).every(name => move.to[name] === move.from[name])
    const moving = this.moves.filter(move => !still(move))
    moving.forEach((move, order) => { move.wait = order * STAGGER })
    this.host.dataset.settled = 'false'
    this.glide = time => {
      const part = ease(clamp(time / TAKES))
      this.ends = from.map((end, at) => mix(end, to[at], part))
      if (from.some((end, at) => end !== to[at])) this.axes()
    }
    if (calm() || (!moving.length && from === to)) return this.show(Infinity)
    const begun = performance.now()
    const tick = now => {
      if (this.show(now - begun)) this.tick = requestAnimationFrame(tick)
    }
    this.tick = requestAnimationFrame(tick)
  }

  /* Draw everything as it is so many milliseconds after it began to move; true as long as anything moves. */
  show(time) {
    let moving = time < TAKES
    this.glide(time)
    for (const move of this.moves) {
      const part = ease(clamp((time - (move.wait ?? 0)) / TAKES))
      moving ||= part < 1
      move.at = Object.fromEntries(Object.keys(move.to).map(name => [name, mix(move.from[name], move.to[name], part)]))
      this.place(move)
    }
    shown.set(about(this.data), new Map(this.moves.map(move => [move.one.month, move.at])))
    this.draw()
    if (!moving) {
      for (const move of this.moves) move.from = move.to
      this.from = this.to
      this.was = shown.get(about(this.data))
      this.host.dataset.settled = 'true'
    }
    return moving
  }

  place({ one, node, at, label }) {
    const x = this.x(at.psi), y = this.y(at.lost), fogged = 1 - at.known, arrives = at.seen
    const top = this.y(at.high), bottom = mix(this.frame.top, this.y(at.low), arrives)
    const wide = mix(3, 11, fogged), radius = 7.2 * clamp((at.known - 0.35) / 0.65)
    const bar = { x: x - wide / 2, y: top, width: wide, height: Math.max(0, bottom - top), rx: wide / 2 }
    set(node.fog, { ...bar, opacity: fogged })
    set(node.bar, { ...bar, opacity: 1 - fogged })
    const bug = this.at(one).word === 'bug', foot = mix(bottom - 12, y, at.known), size = bug ? Math.max(radius, 7.5 * arrives) : radius
    const centre = bug ? foot : y
    node.body.setAttribute('d', bug ? `M${x} ${centre - size * 1.35}L${x + size * 1.35} ${centre}L${x} ${centre + size * 1.35}L${x - size * 1.35} ${centre}Z`
      : `M${x - size} ${y}a${size} ${size} 0 1 0 ${2 * size} 0a${size} ${size} 0 1 0 ${-2 * size} 0Z`)
    node.body.style.opacity = size > 0.3 ? 1 : 0
    node.sign.setAttribute('d', bug ? `M${x - 2.6} ${centre - 2.6}L${x + 2.6} ${centre + 2.6}M${x + 2.6} ${centre - 2.6}L${x - 2.6} ${centre + 2.6}` : '')
    node.sign.style.opacity = size > 5 ? 1 : 0
    set(node.guess, { transform: `translate(${x} ${this.y(at.guess)})`, opacity: at.guessed })
    const named = mix(this.frame.top + 34, y, at.known)
    set(node.halo, { cx: x, cy: bug ? centre : named - (fogged > 0.5 ? 4 : 0) })
    set(node.name, { x: x + label[0], y: named + label[1], 'text-anchor': label[2], opacity: arrives })
    node.at = { x, y: bug ? centre : y, known: bug ? 1 : at.known }
  }

  /* The way the months went, and the last step of the one that is looked at. */
  draw() {
    const places = []  // what is not known leads neither up nor down
    for (const { node: { at: { x, y, known } } } of this.moves) places.push({ x, y: mix(places.at(-1)?.y ?? y, y, known) })
    this.trail.setAttribute('d', places.map(({ x, y }, at) => `${at ? 'L' : 'M'}${x} ${y}`).join(''))
    const at = this.moves.findIndex(move => move.one.month === this.looked)
    const [from, to] = at > 0 ? [places[at - 1], places[at]] : []
    this.step.style.display = this.tip.style.display = from ? '' : 'none'
    if (!from) return
    const length = Math.hypot(to.x - from.x, to.y - from.y), gap = Math.min(length / 2, 11)
    const turn = Math.atan2(to.y - from.y, to.x - from.x)
    const end = { x: to.x - gap * Math.cos(turn), y: to.y - gap * Math.sin(turn) }
    this.step.setAttribute('d', `M${from.x} ${from.y}L${end.x} ${end.y}`)
    this.tip.setAttribute('transform', `translate(${end.x} ${end.y}) rotate(${turn * 180 / Math.PI})`)
    if (length < 22) this.step.style.display = this.tip.style.display = 'none'
  }

  rail() {
    const beads = this.data.marks.map(one => {
      const here = this.at(one), bead = text('div', `bead${this.luck(here)}`, '')
      bead.setAttribute('role', 'option')
      bead.setAttribute('aria-label', `${one.title}: ${here.called}. ${one.says}`)
      bead.dataset.word = here.word
      bead.dataset.month = one.month
      bead.append(text('i', '', ''), text('span', '', one.name))
      bead.onclick = () => this.choose(one.month, true)
      bead.onpointerenter = () => this.choose(one.month, false)
      return bead
    })
    this.beads = beads
    this.find('.rail').replaceChildren(...beads)
    this.find('.rail').setAttribute('aria-label', `Months. ${this.data.sentence}`)
  }

  /* Look at a month; opened, the rest of the page is about it as well. */
  choose(month, opens) {
    this.looked = month
    const one = this.data.marks.find(mark => mark.month === month)
    for (const bead of this.beads) {
      const here = bead.dataset.month === month
      bead.setAttribute('aria-selected', String(here))
      bead.tabIndex = here ? 0 : -1
    }
    for (const [name, { group }] of this.nodes) group.classList.toggle('here', name === month)
    for (const corner of this.corners ?? []) corner.classList.toggle('here', one && corner.dataset.word === this.at(one).word)
    if (this.moves?.every(move => move.node.at)) this.draw()
    this.detail()
    if (opens && month !== this.data.chosen) this.send(month)
  }

  detail() {
    const one = this.data.marks.find(mark => mark.month === this.looked), box = this.find('.detail')
    box.dataset.word = one ? this.at(one).word : 'waiting'
    if (!one || box.dataset.told === `${one.month}${one.says}${this.data.chosen}`) return
    box.dataset.told = `${one.month}${one.says}${this.data.chosen}`
    const facts = text('dl', '', '')
    for (const [label, value] of one.facts) facts.append(text('dt', '', label), text('dd', '', value))
    const open = text('button', '', one.month === this.data.chosen ? 'Shown below' : 'Look closer')
    open.type = 'button'
    open.disabled = one.month === this.data.chosen
    open.onclick = () => this.choose(one.month, true)
    box.replaceChildren(text('b', 'month', one.title), text('span', 'word', `${SIGNS[this.at(one).word]} ${this.at(one).called}`),
      text('p', '', one.says), facts, open)
  }

  key(event) {
    const at = this.data.marks.findIndex(one => one.month === this.looked), many = this.data.marks.length
    const next = { ArrowLeft: at - 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowDown: at + 1, Home: 0, End: many - 1 }[event.key]
    if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); return this.choose(this.looked, true) }
    if (next === undefined || !many) return
    event.preventDefault()
    this.choose(this.data.marks[clamp(next, 0, many - 1)].month, false)
    this.beads.find(bead => bead.dataset.month === this.looked).focus()
  }
}

/* What is not known: hatched, so that it is no colour's. */
function fog() {
  const defs = shape('defs', ''), pattern = shape('pattern', '', { id: 'fog', width: 6, height: 6,
    patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' })
  const ground = shape('rect', '', { width: 6, height: 6 }), stripe = shape('rect', '', { width: 2.2, height: 6 })
  ground.style.cssText = 'fill: color-mix(in srgb, var(--st-gray-color) 16%, transparent)'
  stripe.style.cssText = 'fill: color-mix(in srgb, var(--st-gray-color) 42%, transparent)'
  pattern.append(ground, stripe)
  defs.append(pattern)
  return defs
}

export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector('.map'), send = month => setTriggerValue('month', month)
  if (!host.drawn) host.drawn = new HarmMap(host, data, send)
  else {
    host.drawn.send = send
    if (JSON.stringify(data) !== JSON.stringify(host.drawn.data)) host.drawn.take(data)
  }
}
