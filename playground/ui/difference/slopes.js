// Answers of two runs: a line for each row from the score of one to that of the other. It asks the server nothing.

const SVG = 'http://www.w3.org/2000/svg'
const HEIGHT = 360, TOP = 26, FOOT = 14, GROWS = 900, NEAR = 26
const played = new Set()  // lines grow once for two runs

const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches
const clamp = t => Math.min(1, Math.max(0, t))
const ease = t => 1 - (1 - t) ** 3

function text(tag, cls, value, ...children) {
  const node = document.createElement(tag)
  if (cls) node.className = cls
  if (value !== undefined && value !== '') node.textContent = value
  node.append(...children)
  return node
}

function shape(tag, cls, attributes = {}) {
  const node = document.createElementNS(SVG, tag)
  if (cls) node.setAttribute('class', cls)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  return node
}

class Slopes {
  constructor(host) {
    this.host = host
    this.ways = text('div', 'ways')
    this.ways.setAttribute('role', 'group')
    this.ways.setAttribute('aria-label', 'Show only')
    this.svg = shape('svg', '', { role: 'listbox', tabindex: 0 })
    this.stage = text('div', 'stage')
    this.stage.append(this.svg)
    this.detail = text('div', 'detail')
    this.detail.setAttribute('aria-live', 'polite')
    host.replaceChildren(this.ways, this.stage, this.detail)
    this.svg.onpointermove = event => this.over(event)
    this.svg.onpointerleave = () => this.mark(this.chosen)
    this.svg.onclick = event => { this.chosen = this.nearest(event); this.mark(this.chosen) }
    this.svg.onkeydown = event => this.key(event)
    new ResizeObserver(() => this.draw()).observe(this.stage)
  }

  take(data, key) {
    this.data = data
    this.way = -1
    this.chosen = -1
    this.width = 0
    this.grown = played.has(key) || calm() ? 1 : 0
    played.add(key)
    this.svg.setAttribute('aria-label', data.label)
    const scores = data.lines.flatMap(line => [line.before.score, line.after.score]).concat(data.thresholds)
    const low = Math.min(...scores), high = Math.max(...scores), pad = (high - low || 1) * 0.04
    this.scale = [Math.max(0, low - pad), Math.min(1, high + pad)]
    this.buttons = data.ways.map((way, number) => {
      const mark = text('i', `mark ${way.up ? 'up' : 'down'}`), made = text('button', 'way', '', mark, text('span', '', way.label))
      made.type = 'button'
      made.onclick = () => this.only(this.way === number ? -1 : number)
      return made
    })
    this.ways.replaceChildren(...this.buttons)
    this.draw()
    this.only(-1)
    if (!this.grown) this.grow()
  }

  grow() {
    const seen = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return
      seen.disconnect()
      const begun = performance.now()
      const tick = now => {
        this.grown = clamp((now - begun) / GROWS)
        this.place()
        if (this.grown < 1) this.frame = requestAnimationFrame(tick)
      }
      this.frame = requestAnimationFrame(tick)
    }, { threshold: 0.3 })
    seen.observe(this.svg)
  }

  only(way) {
    this.way = way
    this.buttons.forEach((button, number) => button.setAttribute('aria-pressed', String(number === way)))
    this.nodes.forEach((node, number) => node.classList.toggle('off', way >= 0 && this.data.lines[number].way !== way))
    if (this.chosen >= 0 && !this.shown(this.chosen)) this.chosen = -1
    this.mark(this.chosen)
  }

  shown(number) { return this.way < 0 || this.data.lines[number].way === this.way }

  y(score) {
    const [low, high] = this.scale
    return TOP + (1 - (score - low) / (high - low)) * (HEIGHT - TOP - FOOT)
  }

  draw() {
    const width = this.stage.clientWidth
    if (!this.data || !width || width === this.width) return
    this.width = width
    this.left = width < 480 ? 46 : 92
    this.right = width - this.left
    const { data, svg, left, right } = this
    svg.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`)
    svg.style.height = `${HEIGHT}px`
    const [before, after] = data.thresholds.map(one => this.y(one))
    const area = shape('path', 'above', { d: `M${left} ${TOP} L${right} ${TOP} L${right} ${after} L${left} ${before} Z` })
    const line = shape('path', 'threshold', { d: `M${left - 8} ${before} L${left} ${before} L${right} ${after} L${right + 8} ${after}` })
    const posts = [left, right].map(x => shape('line', 'post', { x1: x, x2: x, y1: TOP - 6, y2: HEIGHT - FOOT + 6 }))
    const said = (x, y, anchor, cls, value) => {
      const node = shape('text', cls, { x, y, 'text-anchor': anchor })
      node.textContent = value
      return node
    }
    const heads = [said(left, 13, 'middle', 'name', data.names[0]), said(right, 13, 'middle', 'name', data.names[1])]
    const ticks = data.thresholds.map((one, side) =>
      said(side ? right + 12 : left - 12, this.y(one) + 4, side ? 'start' : 'end', 'tick', one.toFixed(2)))
    const middle = width / 2
    const zones = [said(middle, TOP + 14, 'middle', 'zone', data.above), said(middle, HEIGHT - FOOT - 4, 'middle', 'zone', data.below)]
    this.nodes = data.lines.map((one, number) => {
      const node = shape('g', one.way < 0 ? 'line stays' : `line flips ${data.ways[one.way].up ? 'up' : 'down'}`, { role: 'option', id: `line-${number}` })
      node.append(shape('path', ''), shape('circle', '', { r: 2.6 }), shape('circle', 'end', { r: 3.4 }))
      node.setAttribute('aria-label', this.said(one))
      return node
    })
    const stays = this.nodes.filter((_, number) => data.lines[number].way < 0)
    this.front = shape('g', 'front')
    svg.replaceChildren(area, ...stays, ...posts, line, ...this.nodes.filter(node => !stays.includes(node)), this.front, ...zones, ...heads, ...ticks)
    this.place()
    if (this.buttons) this.only(this.way)
  }

  place() {
    const { left, right } = this, part = ease(this.grown), x = left + (right - left) * part
    this.nodes.forEach((node, number) => {
      const { before, after } = this.data.lines[number], from = this.y(before.score), to = from + (this.y(after.score) - from) * part
      const [path, first, last] = node.children
      path.setAttribute('d', `M${left} ${from} L${x} ${to}`)
      first.setAttribute('cx', left)
      first.setAttribute('cy', from)
      last.setAttribute('cx', x)
      last.setAttribute('cy', to)
    })
  }

  said(one) {
    return `${one.name}: ${this.data.names[0]} ${one.before.text}, ${this.data.names[1]} ${one.after.text}; ${one.truth}`
  }

  nearest(event) {
    const box = this.svg.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top
    const part = clamp((x - this.left) / (this.right - this.left))
    let best = -1, least = NEAR
    this.data.lines.forEach((one, number) => {
      if (!this.shown(number)) return
      const at = this.y(one.before.score + (one.after.score - one.before.score) * part)
      const far = Math.abs(at - y) + (one.way < 0 ? 8 : 0)  // what flipped is what one looks for
      if (far < least) { least = far; best = number }
    })
    return best
  }

  over(event) { if (event.pointerType === 'mouse') this.mark(this.nearest(event)) }

  key(event) {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key]
    if (event.key === 'Escape') { this.chosen = -1; this.mark(-1); return }
    if (!step) return
    event.preventDefault()
    const order = this.data.lines.map((_, number) => number).filter(number => this.data.lines[number].way >= 0 && this.shown(number))
    if (!order.length) return
    const at = order.indexOf(this.chosen)
    this.chosen = order[at < 0 ? 0 : (at + step + order.length) % order.length]
    this.mark(this.chosen)
  }

  mark(number) {
    this.host.classList.toggle('marking', number >= 0)
    this.nodes.forEach((node, at) => {
      node.classList.toggle('on', at === number)
      node.setAttribute('aria-selected', String(at === number))
    })
    if (number >= 0) this.svg.setAttribute('aria-activedescendant', `line-${number}`)
    else this.svg.removeAttribute('aria-activedescendant')
    this.tell(this.data.lines[number])
  }

  tell(one) {
    const { data } = this
    if (!one) return this.detail.replaceChildren(text('p', 'hint', data.hint))
    const answer = (name, side) => text('div', `side${side.right ? ' right' : ''}`, '', text('small', '', name),
      text('b', '', side.text), text('span', 'verdict', side.right ? '✓ right' : '✗ wrong'))
    const arrow = text('span', 'arrow', '→')
    arrow.setAttribute('aria-hidden', 'true')
    this.detail.replaceChildren(
      text('p', 'who', '', text('b', '', one.name), text('span', '', `in truth ${one.truth}`)),
      text('div', 'sides', '', answer(data.names[0], one.before), arrow, answer(data.names[1], one.after)),
      ...(one.because ? [text('p', 'because', '', text('small', '', 'changed in the data'), text('span', '', one.because))] : []))
  }
}

export default function ({ parentElement, data }) {
  const host = parentElement.querySelector('.slopes')
  const drawn = JSON.stringify(data)
  if (host.drawn === drawn) return
  host.drawn = drawn
  host.slopes = host.slopes || new Slopes(host)
  host.slopes.take(data, drawn)
}
