const SVG = 'http://www.w3.org/2000/svg'
const TAKES = 420                          // milliseconds until the day is where it belongs
const HIGH = 19, TOP = 40, FOOT = 22       // pixels: of a row, above the first, below the last
const seen = new Set()                     // what was played once is not played again

const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches
const ease = t => 1 - (1 - t) ** 3
const clamp = (t, low, high) => Math.min(high, Math.max(low, t))

function shape(tag, cls, attributes = {}, value) {
  const node = document.createElementNS(SVG, tag)
  node.setAttribute('class', cls)
  for (const [name, one] of Object.entries(attributes)) node.setAttribute(name, one)
  if (value !== undefined) node.textContent = value
  return node
}

class Staircase {
  constructor(host) {
    this.host = host
    this.find = one => host.querySelector(one)
    const stage = this.find('.stage')
    stage.onpointerdown = event => { stage.setPointerCapture(event.pointerId); this.held = true; this.drag(event) }
    stage.onpointermove = event => { if (this.held) this.drag(event) }
    stage.onpointerup = stage.onpointercancel = () => { this.held = false }
    stage.onkeydown = event => this.key(event)
    new ResizeObserver(() => this.draw()).observe(stage)
  }

  take(data) {
    this.data = data
    this.at = data.stops.length - 1
    this.width = 0
    const told = JSON.stringify(data)
    if (!calm() && !seen.has(told)) { this.shown = 0; this.slow = true } else this.shown = this.day()
    seen.add(told)
    this.draw()
    this.go()
  }

  day() { return this.data.stops[this.at].day }
  x(day) { return this.left + (this.right - this.left) * day / this.data.days }
  y(row) { return TOP + row * HIGH }

  drag(event) {
    const box = this.find('.stage').getBoundingClientRect()
    const day = (event.clientX - box.left - this.left) / (this.right - this.left) * this.data.days
    const gaps = this.data.stops.map(one => Math.abs(one.day - day))
    this.choose(gaps.indexOf(Math.min(...gaps)))
  }

  key(event) {
    const last = this.data.stops.length - 1
    const next = { ArrowLeft: this.at - 1, ArrowDown: this.at - 1, ArrowRight: this.at + 1, ArrowUp: this.at + 1, Home: 0, End: last }[event.key]
    if (next === undefined) return
    event.preventDefault()
    this.choose(clamp(next, 0, last))
  }

  choose(at) {
    if (at === this.at) return
    this.at = at
    this.slow = false
    this.tell()
    this.go()
  }

  draw() {
    const width = this.find('.stage').clientWidth
    if (!this.data || width < 240 || width === this.width) return  // a tab that opens has no room yet
    this.width = width
    const narrow = width < 460, { rows, days, ticks, trainings } = this.data
    this.left = narrow ? 44 : 78
    this.right = width - 8
    const bottom = this.y(rows.length), svg = this.find('svg')
    svg.setAttribute('viewBox', `0 0 ${width} ${bottom + FOOT}`)
    svg.style.height = `${bottom + FOOT}px`
    const clip = shape('clipPath', '', { id: 'stairs-past' })
    this.past = shape('rect', '', { x: 0, y: 0, height: bottom + FOOT, width: 0 })
    clip.append(this.past)
    const ghost = shape('g', 'ghost'), past = shape('g', '', { 'clip-path': 'url(#stairs-past)' })
    this.cells = rows.map((one, row) => {
      const y = this.y(row) + 2, high = HIGH - 4, from = this.x(one.came), known = this.x(one.known), end = this.x(days)
      ghost.append(shape('rect', '', { x: from, y, width: end - from, height: high, rx: 3 }))
      const fog = shape('rect', 'fog', { x: from, y, width: Math.max(0, known - from), height: high })
      const full = shape('rect', 'full', { x: known, y, width: Math.max(0, end - known), height: high, rx: 3 })
      past.append(fog, full)
      if (one.fault) past.append(shape('path', 'cross', { d: `M${from + 4} ${y + 3}l9 9m0 -9l-9 9` }))
      return full
    })
    this.names = rows.map((one, row) => shape('text', 'row', { x: this.left - 8, y: this.y(row) + 14, 'text-anchor': 'end' },
      narrow && !/\d/.test(one.title) ? one.title.slice(0, 3) : one.title))
    const marks = ticks.flatMap(one => [
      shape('line', 'rule', { x1: this.x(one.day), x2: this.x(one.day), y1: TOP - 4, y2: bottom }),
      shape('text', '', { x: this.x(one.day + 15), y: TOP - 9, 'text-anchor': 'middle' }, narrow ? one.name[0] : one.name),
    ])
    this.trained = trainings.map(one => {
      const group = shape('g', `training${one.mine ? ' mine' : ''}`), x = this.x(one.day)
      const at = one.months.map(month => rows.findIndex(row => row.month === month)).filter(row => row >= 0)
      group.append(shape('line', 'stem', { x1: x, x2: x, y1: this.y(Math.min(rows.length, ...at)) + HIGH / 2, y2: bottom + 6 }),
        ...at.map(row => shape('circle', 'dot', { cx: x, cy: this.y(row) + HIGH / 2, r: 4.4 })),
        shape('text', 'version', { x: clamp(x, this.left + 14, this.right - 18), y: bottom + 18, 'text-anchor': 'middle' }, one.version))
      return group
    })
    this.taken = rows.map((_, row) => shape('circle', 'taken', { cy: this.y(row) + HIGH / 2, r: 6 }))
    this.line = shape('line', 'day', { y1: TOP - 4, y2: bottom })
    this.grip = shape('rect', 'grip', { y: 2, width: 78, height: 18, rx: 9 })
    this.today = shape('text', 'today', { y: 15, 'text-anchor': 'middle' })
    svg.replaceChildren(fog(), clip, ...marks, ghost, past, ...this.trained, ...this.names, this.line, ...this.taken, this.grip, this.today)
    this.tell()
    this.place(this.shown)
  }

  /* Say what is known on the day, and mark what a retraining on it would learn from. */
  tell() {
    const stop = this.data.stops[this.at], stage = this.find('.stage')
    this.find('.said').textContent = stop.says
    for (const [name, value] of [['valuemin', 0], ['valuemax', this.data.stops.length - 1], ['valuenow', this.at], ['valuetext', stop.says]]) stage.setAttribute(`aria-${name}`, value)
    if (!this.cells) return
    this.today.textContent = stop.name
    this.data.rows.forEach((one, row) => {
      const takes = stop.takes.includes(one.month)
      this.cells[row].classList.toggle('takes', takes)
      this.cells[row].classList.toggle('bug', one.fault && (one.repaired === null || one.repaired > stop.day))
      this.taken[row].classList.toggle('takes', takes)
      this.names[row].classList.toggle('takes', takes)
    })
  }

  go() {
    cancelAnimationFrame(this.tick)
    const from = this.shown, to = this.day(), takes = this.slow ? 2600 : TAKES
    if (calm() || from === to) return this.place(to)
    this.host.dataset.settled = 'false'
    const begun = performance.now()
    const tick = now => {
      const part = clamp((now - begun) / takes, 0, 1)
      this.place(from + (to - from) * ease(part))
      if (part < 1) this.tick = requestAnimationFrame(tick)
    }
    this.tick = requestAnimationFrame(tick)
  }

  place(day) {
    this.shown = day
    this.host.dataset.settled = String(day === this.day())
    if (!this.line) return
    const x = this.x(day)
    this.past.setAttribute('width', Math.max(0, x))
    this.line.setAttribute('x1', x)
    this.line.setAttribute('x2', x)
    for (const one of this.taken) one.setAttribute('cx', x)
    const middle = clamp(x, this.left - 20, this.right - 39)
    this.grip.setAttribute('x', middle - 39)
    this.today.setAttribute('x', middle)
    this.trained.forEach((group, at) => group.classList.toggle('later', this.data.trainings[at].day > day + 0.01))
  }
}

/* What is not known: hatched, so that it is no colour's. */
function fog() {
  const defs = shape('defs', ''), pattern = shape('pattern', '', { id: 'stairs-fog', width: 6, height: 6,
    patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' })
  const ground = shape('rect', '', { width: 6, height: 6 }), stripe = shape('rect', '', { width: 2.2, height: 6 })
  ground.style.cssText = 'fill: color-mix(in srgb, var(--st-gray-color) 12%, transparent)'
  stripe.style.cssText = 'fill: color-mix(in srgb, var(--st-gray-color) 42%, transparent)'
  pattern.append(ground, stripe)
  defs.append(pattern)
  return defs
}

export default function ({ parentElement, data }) {
  const host = parentElement.querySelector('.stairs')
  host.drawn ??= new Staircase(host)
  if (JSON.stringify(data) !== JSON.stringify(host.drawn.data)) host.drawn.take(data)
}
