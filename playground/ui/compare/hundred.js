const SVG = 'http://www.w3.org/2000/svg'
const MARKS = ['var(--st-blue-color)', 'var(--st-orange-color)']
const CELL = { width: 26, height: 33 }
const BODY = {  // the shape says what is true and never changes; colour and filling say what is done
  yes: 'M0 -12.4a4.1 4.1 0 1 1 0 8.2a4.1 4.1 0 1 1 0 -8.2ZM0 -2.6L7.6 12H-7.6Z',
  no: 'M0 -12.4a4.1 4.1 0 1 1 0 8.2a4.1 4.1 0 1 1 0 -8.2ZM-6.6 12V4.6A6.6 6.6 0 0 1 6.6 4.6V12Z',
}
const KIND = (yes, acted) => yes ? (acted ? 'found' : 'missed') : acted ? 'alarm' : 'left'
const NAMES = { found: 'found', missed: 'missed', alarm: 'false alarm', left: 'left alone' }

const clamp = (value, low, high) => Math.min(high, Math.max(low, value))
const whole = value => Math.floor(value + 0.5).toLocaleString('en')
const plain = value => value.toLocaleString('en', { maximumFractionDigits: 6 })

function text(tag, cls, value) {
  const node = document.createElement(tag)
  if (cls) node.className = cls
  node.textContent = value
  return node
}

function shape(tag, cls, attributes = {}) {
  const node = document.createElementNS(SVG, tag)
  if (cls) node.setAttribute('class', cls)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  return node
}

class People {
  constructor(host, tell) {
    this.host = host
    this.tell = tell
    this.find = one => host.querySelector(one)
    this.chosen = -1
    new ResizeObserver(() => this.layout()).observe(host)
    // The server hears of the costs when a person is done with them, never while they move.
    host.addEventListener('focusout', event => { if (!host.contains(event.relatedTarget)) this.done() })
    host.addEventListener('pointerleave', () => { if (!this.pulled) this.done() })
  }

  take(data) {
    this.data = data
    this.costs = { ...(this.costs || data.costs) }
    this.costs.calls = Math.min(this.costs.calls, data.rows)
    this.kept = JSON.stringify(data.costs)
    this.chosen = -1
    this.bestOf = ''
    this.caption()
    this.sides = data.sides.map((side, at) => this.side(side, at))
    this.find('.sides').replaceChildren(...this.sides.map(one => one.node))
    this.legend()
    this.width = 0
    this.layout()
    this.detail()
  }

  done() {
    const said = JSON.stringify(this.costs)
    if (said === this.kept) return
    this.kept = said
    this.tell({ ...this.costs })
  }

  // What is counted: on all rows

  foundBy(side, calls) {
    const points = this.data.sides[side].found
    const at = calls < this.data.rows ? Math.min(calls / this.data.step, points.length - 1) : points.length - 1
    const low = Math.floor(at)
    return points[low] + (points[Math.min(low + 1, points.length - 1)] - points[low]) * (at - low)
  }

  net(side, calls = this.costs.calls) {
    return this.foundBy(side, calls) / this.costs.one_in * this.costs.worth - calls * this.costs.price
  }

  scoreAt(side, calls) {
    const points = this.data.sides[side].scores
    return points[calls < this.data.rows ? Math.min(Math.ceil(calls / this.data.step), points.length - 1) : points.length - 1]
  }

  outcome() {
    const nets = this.data.sides.map((_, side) => this.net(side)), { unit } = this.data.words, [first, second] = this.data.sides
    const nothing = `doing nothing ${nets[0] >= 0 ? 'costs' : 'saves'} ${whole(Math.abs(nets[0]))}${unit}`
    if (nets.length === 1) return ['', nothing]
    const more = whole(Math.abs(nets[1] - nets[0]))
    if (more === '0') return [`${second.word} saves as much as ${first.word}`, `; ${nothing}`]
    return [`${second.word} saves ${more}${unit} ${nets[1] > nets[0] ? 'more' : 'less'} than ${first.word}`, `; ${nothing}`]
  }

  // The caption, whose numbers can be pulled

  caption() {
    const place = this.find('.caption')
    this.pulls = {}
    const parts = this.data.words.sentence.split(/(\{\w+\})/).map(part => {
      const name = part.match(/^\{(\w+)\}$/)?.[1]
      if (!name) return part
      return name === 'rows' ? this.data.rows.toLocaleString('en') : this.pull(name)
    })
    this.gain = text('b', 'gain', '')
    this.nothing = text('span', 'nothing', '')
    place.replaceChildren(...parts, this.gain, this.nothing, '.')
  }

  pull(name) {
    const [low, high, step] = this.data.bounds[name], most = high === null ? this.data.rows : high
    const box = text('input', 'pull', '')
    box.inputMode = 'numeric'
    box.setAttribute('role', 'spinbutton')
    box.setAttribute('aria-label', this.data.called[name])
    box.setAttribute('aria-valuemin', low)
    box.setAttribute('aria-valuemax', most)
    box.title = 'Pull to the left or the right, type, or press the arrow keys'
    const set = value => this.set(name, clamp(Math.round(value * 100) / 100, low, most))
    box.onkeydown = event => {
      const by = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key]
      if (by) { event.preventDefault(); set(this.costs[name] + by * step) }
      if (event.key === 'Enter') { this.typed(box, set); this.done() }
    }
    box.onchange = () => this.typed(box, set)
    box.onpointerdown = event => {
      const begun = event.clientX, before = this.costs[name]
      box.setPointerCapture(event.pointerId)
      box.onpointermove = move => {
        const by = Math.round((move.clientX - begun) / (most - low > 500 ? 2 : 6))
        if (!this.pulled && Math.abs(move.clientX - begun) < 4) return
        this.pulled = true
        this.host.classList.add('pulling')
        set(before + by * step)
      }
      box.onpointerup = box.onpointercancel = () => {
        box.onpointermove = null
        this.pulled = false
        this.host.classList.remove('pulling')
      }
    }
    this.pulls[name] = box
    return box
  }

  typed(box, set) {
    const value = Number(box.value.replace(/[^\d.]/g, ''))
    if (box.value.trim() && Number.isFinite(value)) set(value)
    this.show()
  }

  set(name, value) {
    this.costs[name] = name === 'calls' ? Math.round(value) : value
    this.show()
  }

  // The figures

  side(side, at) {
    const node = text('div', 'side', ''), head = text('div', 'head', ''), stage = text('div', 'stage', '')
    node.style.setProperty('--mark', MARKS[at])
    const tells = text('span', 'tells', '')
    const own = text('button', 'own', `its threshold ${plain(side.threshold)}`)
    own.type = 'button'
    own.title = `It says yes to ${side.at_threshold.toLocaleString('en')} of ${this.data.rows.toLocaleString('en')}`
    own.onclick = () => this.set('calls', side.at_threshold)
    head.append(text('i', 'mark', ''), text('b', '', side.word || side.name), text('small', '', side.word ? side.about : ''), own, tells)
    const svg = shape('svg', 'people', { role: 'group' })
    svg.setAttribute('aria-label', `${this.data.words.title}: ${side.name}`)
    const acted = shape('path', 'acted'), line = shape('path', 'line'), grip = shape('circle', 'grip', { r: 7 })
    const from = shape('text', 'from')
    const slide = shape('g', 'slide', { role: 'slider', tabindex: 0, 'aria-valuemin': 0, 'aria-valuemax': this.data.rows })
    slide.setAttribute('aria-label', `How many are ${this.data.words.done}, by ${side.name}`)
    slide.append(line, grip, from)
    slide.onkeydown = event => this.step(event)
    const people = shape('g', 'crowd')
    const nodes = this.data.figures.map((figure, number) => {
      const one = shape('path', 'figure', { d: BODY[figure.positive ? 'yes' : 'no'] })
      one.dataset.person = number
      return one
    })
    people.append(...nodes)
    const ring = shape('rect', 'ring', { rx: 6 })
    svg.append(acted, people, ring, slide)
    svg.onpointerdown = event => {
      svg.setPointerCapture(event.pointerId)
      this.drag = { begun: [event.clientX, event.clientY], person: event.target.dataset.person, moved: false }
    }
    svg.onpointermove = event => {
      if (this.drag) this.move(event, svg)
      else if (event.pointerType === 'mouse' && event.target.dataset.person) this.choose(Number(event.target.dataset.person))
    }
    svg.onpointerup = event => {
      if (this.drag?.moved) this.move(event, svg)
      if (this.drag && !this.drag.moved && this.drag.person) this.choose(Number(this.drag.person))
      slide.focus({ preventScroll: true })
    }
    svg.onlostpointercapture = () => { this.drag = null; this.pulled = false }
    stage.append(svg)
    node.append(head, stage)
    return { node, svg, acted, line, grip, from, slide, nodes, ring, tells, own, at }
  }

  move(event, svg) {
    const { drag } = this, many = this.data.figures.length, { columns, deep, part } = this.room
    if (!drag.moved && Math.hypot(event.clientX - drag.begun[0], event.clientY - drag.begun[1]) < 4) return
    drag.moved = this.pulled = true
    const box = svg.getBoundingClientRect()
    const across = clamp((event.clientX - box.left) / box.width, 0, 1) * columns, column = Math.floor(across)
    const down = clamp((event.clientY - box.top) / (box.height * part), 0, 1)
    this.set('calls', this.callsAt(clamp(column < columns ? column * deep + Math.round(down * deep) : many, 0, many)))
  }

  callsAt(place) { return Math.round(place * this.data.rows / this.data.figures.length) }
  placeAt(calls) { return Math.round(calls * this.data.figures.length / this.data.rows) }

  step(event) {
    const place = this.placeAt(this.costs.calls), most = this.data.figures.length
    const to = { ArrowRight: place + 1, ArrowUp: place + 1, ArrowLeft: place - 1, ArrowDown: place - 1,
      PageUp: place + 10, PageDown: place - 10, Home: 0, End: most }[event.key]
    const by = { n: 1, p: -1 }[event.key]
    if (to !== undefined) this.set('calls', this.callsAt(clamp(to, 0, most)))
    else if (by) this.choose((this.chosen + by + most) % most)
    else return
    event.preventDefault()
  }

  layout() {
    const width = this.sides?.[0]?.svg.clientWidth
    if (!width || width === this.width) return
    this.width = width
    const many = this.data.figures.length
    const columns = Math.min(many, width < 280 ? 10 : width < 900 ? 20 : 25), deep = Math.ceil(many / columns)
    const scale = width / (columns * CELL.width), foot = 22 / scale, high = deep * CELL.height
    this.room = { columns, deep, high, scale, part: high / (high + foot) }
    for (const side of this.sides) {
      side.svg.setAttribute('viewBox', `0 0 ${columns * CELL.width} ${high + foot}`)
      side.nodes.forEach((node, number) => {
        const { x, y } = this.cell(this.data.figures[number].places[side.at])
        node.setAttribute('transform', `translate(${x} ${y})`)
      })
      side.grip.setAttribute('r', 7 / Math.min(scale, 1))  // what is read and held keeps its size where figures shrink
      side.from.style.fontSize = `${11.5 / scale}px`
      for (const [name, value] of Object.entries({ width: CELL.width - 1, height: CELL.height - 1 })) side.ring.setAttribute(name, value)
    }
    this.show()
  }

  cell(place) {
    const { deep } = this.room
    return { x: (Math.floor(place / deep) + 0.5) * CELL.width, y: (place % deep + 0.5) * CELL.height }
  }

  show() {
    if (!this.room) return
    const { calls } = this.costs, { deep, high, columns, scale } = this.room, { words } = this.data
    const place = this.placeAt(calls), column = Math.floor(place / deep), rest = place % deep
    const left = column * CELL.width, jog = rest * CELL.height, right = (column + 1) * CELL.width
    const path = rest ? `M${right} 0V${jog}H${left}V${high}` : `M${left} 0V${high}`
    const [gain, nothing] = this.outcome()
    for (const [name, box] of Object.entries(this.pulls)) {
      const value = plain(this.costs[name])
      if (this.host.getRootNode().activeElement !== box || box.value.replace(/[^\d.]/g, '') !== String(this.costs[name])) box.value = value
      box.style.width = `${Math.max(value.length, 1)}ch`
      box.setAttribute('aria-valuenow', this.costs[name])
      box.setAttribute('aria-valuetext', `${value}: ${gain}${nothing}`)
    }
    this.gain.textContent = gain
    this.nothing.textContent = nothing
    for (const side of this.sides) {
      const found = this.foundBy(side.at, calls), from = this.scoreAt(side.at, calls).toFixed(2)
      side.line.setAttribute('d', path)
      side.acted.setAttribute('d', rest ? `M0 0H${right}V${jog}H${left}V${high}H0Z` : `M0 0H${left}V${high}H0Z`)
      side.grip.setAttribute('cx', left)
      side.grip.setAttribute('cy', high)
      const near = left > columns * CELL.width * 0.7
      side.from.setAttribute('x', left + (near ? -12 : 12) / scale)
      side.from.setAttribute('y', high + 17 / scale)
      side.from.setAttribute('text-anchor', near ? 'end' : 'start')
      side.from.textContent = calls ? `${words.done}: a score from ${from} on` : `nobody is ${words.done}`
      side.slide.setAttribute('aria-valuenow', calls)
      side.slide.setAttribute('aria-valuetext', `${calls.toLocaleString('en')} ${words.done}, finds ${whole(found)} of ${this.data.positives.toLocaleString('en')}. ${gain}${nothing}`)
      side.nodes.forEach((node, number) => {
        const figure = this.data.figures[number]
        node.setAttribute('class', `figure ${KIND(figure.positive, figure.places[side.at] < place)}`)
      })
      side.tells.replaceChildren('finds ', text('b', '', whole(found)), ` of ${this.data.positives.toLocaleString('en')}, `,
        text('b', '', whole(calls - found)), ' in vain')
    }
    this.host.dataset.calls = calls
    this.worth()
    this.mark()
    if (this.chosen >= 0) this.detail()
  }

  // What every number of calls is worth

  worth() {
    const svg = this.find('.worth svg'), width = this.host.clientWidth, high = 84, { rows } = this.data
    const asked = JSON.stringify([this.costs.price, this.costs.one_in, this.costs.worth, width])
    if (this.bestOf !== asked) {
      this.bestOf = asked
      const points = Array.from({ length: 121 }, (_, at) => Math.round(at * rows / 120))
      const nets = this.data.sides.map((_, side) => points.map(calls => this.net(side, calls)))
      const most = Math.max(0, ...nets.flat()), worst = Math.min(0, ...nets.flat()), least = most ? Math.max(worst, -0.6 * most) : worst
      this.scale = { x: calls => calls / rows * (width - 12) + 6, y: net => 7 + (most - net) / (most - least || 1) * (high - 14) }  // what costs a lot goes on below
      const { x, y } = this.scale
      this.bests = nets.map(line => { const at = line.indexOf(Math.max(...line)); return { calls: points[at], net: line[at] } })
      const curves = nets.map((line, side) => {
        const node = shape('path', `curve${side ? ' second' : ''}`, { d: 'M' + line.map((net, at) => `${x(points[at]).toFixed(1)} ${y(net).toFixed(1)}`).join('L') })
        node.style.setProperty('--mark', MARKS[side])
        return node
      })
      const bests = this.bests.map(({ calls, net }, side) => {
        const node = shape('circle', 'best', { r: 4.5, cx: x(calls), cy: y(net) })
        node.style.setProperty('--mark', MARKS[side])
        return node
      })
      this.nowLine = shape('line', 'now', { y1: 0, y2: high })
      this.dots = this.data.sides.map((_, side) => { const dot = shape('circle', 'at', { r: 5 }); dot.style.setProperty('--mark', MARKS[side]); return dot })
      svg.setAttribute('viewBox', `0 0 ${width} ${high}`)
      svg.replaceChildren(shape('line', 'zero', { x1: 6, x2: width - 6, y1: y(0), y2: y(0) }), ...curves, ...bests, this.nowLine, ...this.dots)
      const { unit } = this.data.words
      const told = this.bests.map(({ calls, net }, side) => `${this.data.sides[side].word || 'It'} saves most with ${calls.toLocaleString('en')} ${this.data.words.deeds}: ${whole(net)}${unit}`)
      svg.setAttribute('aria-label', told.join('. '))
      this.find('.axis').replaceChildren(text('span', '', `What each number of ${this.data.words.deeds} is worth; the grey line is doing nothing.`), ...told.map(one => text('span', '', `${one}.`)))
    }
    const { x, y } = this.scale, { calls } = this.costs
    this.nowLine.setAttribute('x1', x(calls))
    this.nowLine.setAttribute('x2', x(calls))
    this.dots.forEach((dot, side) => { dot.setAttribute('cx', x(calls)); dot.setAttribute('cy', y(this.net(side))) })
  }

  // One of them

  choose(number) {
    if (this.chosen === number) return
    this.chosen = number
    this.mark()
    this.detail()
  }

  mark() {
    for (const side of this.sides) {
      const figure = this.data.figures[this.chosen]
      side.ring.style.display = figure ? '' : 'none'
      if (!figure) continue
      const { x, y } = this.cell(figure.places[side.at])
      side.ring.setAttribute('x', x - CELL.width / 2 + 0.5)
      side.ring.setAttribute('y', y - CELL.height / 2 + 0.5)
    }
  }

  detail() {
    const place = this.find('.detail'), figure = this.data.figures[this.chosen], { words } = this.data
    if (!figure) return place.replaceChildren(text('span', '', this.data.hint))
    const cut = this.placeAt(this.costs.calls)
    const told = this.data.sides.flatMap((side, at) => {
      const kind = KIND(figure.positive, figure.places[at] < cut)
      return [' · ', ...(side.word ? [`${side.word}: `] : []), `score ${figure.scores[at].toFixed(2)}, `, text('b', '', NAMES[kind])]
    })
    place.replaceChildren(text('b', '', figure.who), ` ${figure.positive ? words.yes : words.no}`, ...told)
  }

  legend() {
    const { words } = this.data
    const keys = [['found', true, `${words.yes}, ${words.done}: found`], ['missed', true, `${words.yes}, not ${words.done}: missed`],
      ['alarm', false, `${words.no}, ${words.done}: false alarm`], ['left', false, `${words.no}, not ${words.done}: left alone`]]
    this.find('.legend').replaceChildren(...keys.map(([kind, yes, says]) => {
      const key = text('span', '', ''), icon = shape('svg', '', { viewBox: '-10 -14 20 28', 'aria-hidden': 'true' })
      icon.append(shape('path', `figure ${kind}`, { d: BODY[yes ? 'yes' : 'no'] }))
      key.append(icon, says)
      return key
    }))
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector('.hundred')
  const { costs, ...drawn } = data, said = JSON.stringify(drawn)
  const tell = value => setTriggerValue('costs', value)
  if (!host.people) host.people = new People(host, tell)
  host.people.tell = tell
  if (host.said !== said) host.people.take(data)
  host.said = said
}
