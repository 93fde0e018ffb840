const SVG = 'http://www.w3.org/2000/svg'
const WAIT = 600, TAKES = 1800   // milliseconds until it moves by itself, and how long that takes
const STAGGER = 0.8              // rows on the right set off later than those on the left
const LEFT = 46, BELOW = 40, AROUND = 10
const played = new Set()         // a move shows itself once; after that it is the person's

const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches
const ease = t => t < 0.5 ? 4 * t * t * t : 1 - (2 - 2 * t) ** 3 / 2
const clamp = t => Math.min(1, Math.max(0, t))

function text(tag, cls, value) {
  const node = document.createElement(tag)
  node.className = cls
  node.textContent = value
  return node
}

function shape(tag, cls, attributes = {}, value) {
  const node = document.createElementNS(SVG, tag)
  node.setAttribute('class', cls)
  for (const [name, one] of Object.entries(attributes)) node.setAttribute(name, one)
  if (value !== undefined) node.textContent = value
  return node
}

const set = (node, attributes) => { for (const [name, one] of Object.entries(attributes)) node.setAttribute(name, one) }

class TwoScores {
  constructor(host, data, opened) {
    this.host = host
    this.find = one => host.querySelector(one)
    this.opened = opened
    this.t = 0
    this.find('input').oninput = event => { this.still(); this.show(event.target.value / 1000) }
    this.find('.end.now').onclick = () => this.go(0)
    this.find('.end.then').onclick = () => this.go(1)
    const svg = this.find('svg')
    svg.onkeydown = event => this.key(event)
    svg.onclick = event => { if (event.target.dataset.dot) this.choose(Number(event.target.dataset.dot)) }
    new ResizeObserver(() => this.draw()).observe(this.find('.stage'))
    this.take(data)
  }

  take(data) {
    this.data = data
    this.chosen = -1
    this.end('now', data.live, 'was heard')
    this.end('then', data.silent, 'was silent')
    this.find('input').setAttribute('aria-label', `From ${data.live} to ${data.silent}`)
    this.find('svg').setAttribute('aria-label', data.sentence)
    for (const one of this.host.querySelectorAll('.known')) one.hidden = !data.dots.some(dot => dot.right)
    for (const one of this.host.querySelectorAll('.known')) one.style.display = one.hidden ? 'none' : ''
    this.find('.corners').replaceChildren(...data.corners.map((corner, place) => this.corner(corner, place)))
    this.still()
    this.t = 0
    this.size = 0
    this.draw()
    this.detail()
    if (played.has(data.key)) this.show(1)
    else this.play(data.key)
  }

  end(which, version, words) {
    this.find(`.end.${which}`).replaceChildren(text('b', '', version), text('small', '', words))
  }

  corner({ title, rows }, place) {
    const line = text('li', ['yes', '', '', 'no'][place], ''), quarter = text('span', 'quarter', '')
    quarter.append(...[0, 1, 2, 3].map(one => text('i', one === place ? 'here' : '', '')))
    line.append(quarter, text('b', '', rows.toLocaleString('en')), text('span', '', title))
    return line
  }

  play(key) {
    played.add(key)
    if (calm()) return this.show(1)
    const seen = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return
      seen.disconnect()
      this.timer = setTimeout(() => this.go(1), WAIT)
    }, { threshold: 0.4 })
    seen.observe(this.find('svg'))
  }

  still() { cancelAnimationFrame(this.frame); clearTimeout(this.timer) }

  go(to) {
    this.still()
    if (calm()) return this.show(to)
    const from = this.t, begun = performance.now(), takes = TAKES * Math.abs(to - from)
    const tick = now => {
      const part = takes ? clamp((now - begun) / takes) : 1
      this.show(from + (to - from) * part)
      if (part < 1) this.frame = requestAnimationFrame(tick)
    }
    this.frame = requestAnimationFrame(tick)
  }

  px(value) { return LEFT + this.share(value) * this.side }
  py(value) { return AROUND + (1 - this.share(value)) * this.side }
  share(value) { return (value - this.data.low) / (this.data.high - this.data.low) }

  draw() {
    const width = Math.floor(this.find('.stage').clientWidth)
    if (width < 160 || width === this.size) return  // not laid out yet
    this.size = width
    this.side = width - LEFT - AROUND
    const svg = this.find('svg'), canvas = this.find('canvas'), high = this.side + AROUND + BELOW
    this.radius = width < 400 ? 4 : 5
    set(svg, { viewBox: `0 0 ${width} ${high}` })
    svg.style.height = `${high}px`
    const ratio = window.devicePixelRatio || 1
    canvas.width = width * ratio
    canvas.height = high * ratio
    this.pen = canvas.getContext('2d')
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    this.nodes = this.data.dots.map((dot, number) => {
      const kind = `dot ${dot.up ? 'yes' : 'no'}${dot.right === 'live' ? ' lost' : ''}`
      const node = shape('circle', kind, { r: this.radius, cx: this.px(dot.x), role: 'option', id: `two-${number}` })
      node.dataset.dot = number
      node.setAttribute('aria-label', `${dot.who || 'Row'}, asked ${dot.at}. ${dot.version}: ${dot.live}. `
        + `${this.data.silent}: ${dot.silent}.${dot.truth ? ` It became: ${dot.truth}.` : ''}`)
      return node
    })
    this.ticks = this.data.dots.map(dot => dot.right === 'silent' ? shape('path', 'tick') : null)
    this.thread = shape('line', 'thread')
    this.ring = shape('circle', 'ring', { r: this.radius + 2.5 })
    svg.replaceChildren(...this.ground(), this.thread, ...this.nodes, ...this.ticks.filter(Boolean), this.ring)
    this.show(this.t)
  }

  ground() {
    const { low, high, cuts, corners, axis, live, silent } = this.data, end = LEFT + this.side, floor = AROUND + this.side
    const parts = []
    this.counts = []
    if (cuts) {
      const x = this.px(cuts[0]), y = this.py(cuts[1])
      const places = [[LEFT, AROUND, x, y, 'yes'], [x, AROUND, end, y, ''], [LEFT, y, x, floor, ''], [x, y, end, floor, 'no']]
      places.forEach(([x1, y1, x2, y2, kind]) => parts.push(shape('rect', `corner ${kind}`, {
        x: x1, y: y1, width: Math.max(0, x2 - x1), height: Math.max(0, y2 - y1) })))
      parts.push(shape('line', 'cut', { x1: x, x2: x, y1: AROUND, y2: floor }), shape('line', 'cut', { x1: LEFT, x2: end, y1: y, y2: y }))
      this.counts = [['yes', LEFT + 10, AROUND + 24, 'start'], ['', end - 10, AROUND + 24, 'end'], ['', LEFT + 10, floor - 12, 'start'],
        ['no', end - 10, floor - 12, 'end']].map(([kind, cx, cy, anchor], place) =>
        ({ rows: corners[place].rows, moves: Boolean(kind), node: shape('text', `count ${kind}`, { x: cx, y: cy, 'text-anchor': anchor }) }))
    }
    parts.push(shape('line', 'equal', { x1: LEFT, y1: floor, x2: end, y2: AROUND }))
    parts.push(shape('rect', 'field', { x: LEFT, y: AROUND, width: this.side, height: this.side, rx: 3 }))
    const digits = high - low > 20 ? 0 : high - low > 2 ? 1 : 2
    for (const part of [0, 0.25, 0.5, 0.75, 1]) {
      const value = (low + (high - low) * part).toFixed(digits)
      parts.push(shape('text', '', { x: LEFT + part * this.side, y: floor + 16, 'text-anchor': part === 0 ? 'start' : part === 1 ? 'end' : 'middle' }, value))
      if (part) parts.push(shape('text', '', { x: LEFT - 6, y: floor - part * this.side + (part === 1 ? 9 : 4), 'text-anchor': 'end' }, value))
    }
    parts.push(shape('text', 'what', { x: LEFT + this.side / 2, y: floor + 34, 'text-anchor': 'middle' }, `${axis}, ${live}`))
    parts.push(shape('text', 'what', { transform: `translate(12 ${AROUND + this.side / 2}) rotate(-90)`, 'text-anchor': 'middle' }, silent))
    return [...parts, ...this.counts.map(one => one.node)]
  }

  height(x, y, t) {
    const part = ease(clamp(t * (1 + STAGGER) - this.share(x) * STAGGER))
    return this.py(x) + (this.py(y) - this.py(x)) * part
  }

  show(t) {
    this.t = t
    this.host.dataset.at = t.toFixed(2)
    const input = this.find('input')
    input.value = Math.round(t * 1000)
    input.setAttribute('aria-valuetext', t < 0.5 ? this.data.live : this.data.silent)
    this.find('.end.now').setAttribute('aria-pressed', String(t === 0))
    this.find('.end.then').setAttribute('aria-pressed', String(t === 1))
    if (!this.pen) return
    this.pen.clearRect(0, 0, this.size, this.size + BELOW)
    this.pen.fillStyle = getComputedStyle(this.find('.key.crowd')).backgroundColor
    for (const [x, y] of this.data.crowd) {
      this.pen.beginPath()
      this.pen.arc(this.px(x), this.height(x, y, t), this.radius * 0.6, 0, 7)
      this.pen.fill()
    }
    this.data.dots.forEach((dot, number) => {
      const cx = this.px(dot.x), cy = this.height(dot.x, dot.y, t)
      this.nodes[number].setAttribute('cy', cy)
      if (this.ticks[number]) this.ticks[number].setAttribute('d', `M${cx - 2.2} ${cy + 0.2}L${cx - 0.6} ${cy + 1.9}L${cx + 2.4} ${cy - 1.8}`)
    })
    const gone = ease(clamp(t))
    for (const one of this.counts) one.node.textContent = Math.round(one.moves ? one.rows * gone : one.rows).toLocaleString('en')
    this.mark()
  }

  mark() {
    const dot = this.data.dots[this.chosen]
    for (const node of [this.ring, this.thread]) node.style.display = dot ? '' : 'none'
    if (!dot) return
    const cx = this.px(dot.x), cy = this.height(dot.x, dot.y, this.t)
    set(this.ring, { cx, cy })
    set(this.thread, { x1: cx, x2: cx, y1: this.py(dot.x), y2: cy })
  }

  choose(number) {
    this.chosen = number
    this.nodes.forEach((node, at) => node.setAttribute('aria-selected', String(at === number)))
    this.find('svg').setAttribute('aria-activedescendant', `two-${number}`)
    this.mark()
    this.detail()
  }

  key(event) {
    const aim = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
    const many = this.nodes.length
    if (!many) return
    let next = null
    if (aim) next = this.chosen < 0 ? 0 : this.near(aim)
    else if (event.key === 'Home') next = 0
    else if (event.key === 'End') next = many - 1
    else if (event.key === 'Enter') this.find('.detail a')?.focus()
    else return
    event.preventDefault()
    if (next !== null) this.choose(next)
  }

  near([dx, dy]) {
    const at = dot => ({ x: this.px(dot.x), y: this.height(dot.x, dot.y, this.t) })
    const here = at(this.data.dots[this.chosen])
    let best = this.chosen, least = Infinity
    this.data.dots.forEach((dot, number) => {
      const there = at(dot), along = (there.x - here.x) * dx + (there.y - here.y) * dy
      const aside = Math.abs((there.x - here.x) * dy) + Math.abs((there.y - here.y) * dx)
      if (number !== this.chosen && along > 0.5 && along + 3 * aside < least) { least = along + 3 * aside; best = number }
    })
    return best
  }

  link(label, what, page, query) {
    const link = text('a', '', label)
    link.href = `${page}?${new URLSearchParams({ ...this.data.address, ...query })}`
    link.onclick = event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
      event.preventDefault()
      this.opened({ what, dot: this.chosen })
    }
    return link
  }

  detail() {
    const place = this.find('.detail'), dot = this.data.dots[this.chosen]
    if (!dot) return place.replaceChildren(text('p', '', this.data.hint))
    const who = text('p', 'who', ''), list = document.createElement('dl'), links = text('p', 'links', '')
    who.append(text('b', '', dot.who || 'A row without an id'), ` · asked ${dot.at}`)
    const line = (label, said) => list.append(text('dt', '', label), text('dd', '', said))
    line(`${dot.version}, heard`, dot.live)
    line(`${this.data.silent}, silent`, dot.silent)
    line('It became', dot.truth ? `${dot.truth}: ${this.data.right[dot.right]}` : 'not known yet')
    const version = said => ({ ref: `${this.data.name}@${said.replace(/^v/, '')}` })
    if (dot.prediction_id) links.append(this.link('Replay it', 'replay', 'predict', { replay: dot.prediction_id }))
    links.append(this.link(`Chain of ${dot.version}`, 'live', 'model', version(dot.version)),
      this.link(`Chain of ${this.data.silent}`, 'silent', 'model', version(this.data.silent)))
    place.replaceChildren(who, list, links)
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector('.two')
  const said = JSON.stringify(data)
  const opened = value => setTriggerValue('opened', value)
  if (!host.two) host.two = new TwoScores(host, data, opened)
  else if (host.said !== said) host.two.take(data)
  host.two.opened = opened
  host.said = said
}
