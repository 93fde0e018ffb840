const SVG = 'http://www.w3.org/2000/svg'
const MARKS = ['var(--st-green-color)', 'var(--st-blue-color)']  // of the lanes of the chain
const CHIPS = 8  // choices that stand side by side; more of them are a list
const TYPING = 350, KEYS = 180  // milliseconds of rest after which the server hears of it

const share = value => `${Math.round(value * 100)}%`
const number = value => value.toLocaleString('en', { maximumFractionDigits: 6 })
const amount = value => Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : number(Number(value.toPrecision(4)))

function text(tag, cls, value = '') {
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

class OneRow {
  constructor(host) {
    this.host = host
    this.form = text('div', 'form')
    this.dials = text('div', 'dials')
    this.verdict = text('p', 'verdict')
    this.log = text('p', 'log')
    this.below = text('p', 'log below')
    const panel = text('aside', 'panel')
    panel.append(this.dials, this.verdict, this.log)
    host.append(panel, this.form, this.below)
  }

  take(data) {
    const before = this.data, other = before?.key !== data.key
    this.data = data
    // What was moved since, or was not heard of yet, stays as it is.
    const still = !this.held && data.sent >= this.sent && JSON.stringify(this.row) === this.told
    if (other || still) {
      Object.assign(this, { row: { ...data.row }, sent: data.sent })
      this.told = JSON.stringify(this.row)
    }
    if (other) this.build()
    if (other || before.sides.length !== data.sides.length) this.gauges()
    this.log.textContent = this.below.textContent = data.log
    this.strips()
    this.show()
  }

  // The server hears of a row once it stands still; while it moves, the answers are here already.
  later(wait) {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.send(), wait)
  }

  send() {
    clearTimeout(this.timer)
    if (JSON.stringify(this.row) === this.told) return
    this.told = JSON.stringify(this.row)
    this.sent += 1
    this.tell({ row: this.row, sent: this.sent })
  }

  set(field, value, wait) {
    this.row[field.name] = value
    this.show()
    if (wait !== undefined) this.later(wait)
  }

  // What is answered to the row as it stands: null where only the server knows.
  moved() { return this.data.fields.filter(field => this.row[field.name] !== this.data.row[field.name]) }

  answer(side) {
    const moved = this.moved()
    if (!side.now) return null
    if (!moved.length) return { now: side.now, was: side.was }
    const [field] = moved, found = side.others[field.name], at = (this.data.points[field.name] || []).indexOf(this.row[field.name])
    return moved.length === 1 && found && at >= 0 ? { now: found[at], was: side.now } : null
  }

  said(answer) {
    const { task, decisions, unit } = this.data
    if (task === 'regression') return `${amount(answer.numbers[0])}${unit ? ` ${unit}` : ''}`
    return `${share(answer.numbers[task === 'multiclass' ? answer.decided : 0])}, ${decisions[answer.decided]}`
  }

  place(value) {
    const [low, high] = this.data.scale
    return Math.min(1, Math.max(0, (value - low) / (high - low || 1)))
  }

  // The form

  build() {
    this.parts = this.data.fields.map(field => field.kind === 'number' ? this.number(field) : this.choice(field))
    this.form.replaceChildren(...this.parts.map(part => part.node))
  }

  frame(field, id) {
    const node = text('div', 'field'), head = text('div', 'head'), label = text(id ? 'label' : 'span', 'label', field.label)
    if (id) label.htmlFor = id
    if (field.unit) label.append(text('small', '', field.unit))
    if (field.meaning) node.title = field.meaning
    const was = text('button', 'was'), note = text('p', 'note')
    was.type = 'button'
    was.onclick = () => { this.set(field, this.data.example[field.name]); this.send() }
    head.append(label, was)
    node.append(head)
    return { node, was, note, field }
  }

  number(field) {
    const id = `box-${this.data.fields.indexOf(field)}`, part = this.frame(field, id), { node } = part
    const track = text('div', 'track'), slide = text('input', 'slide'), box = text('input', 'box')
    part.strip = shape('svg', 'strip', { viewBox: '0 0 100 24', preserveAspectRatio: 'none', 'aria-hidden': 'true' })
    slide.type = 'range'
    slide.min = 0
    slide.setAttribute('aria-label', field.unit ? `${field.label}, ${field.unit}` : field.label)
    box.id = id
    box.inputMode = field.whole ? 'numeric' : 'decimal'
    box.autocomplete = 'off'
    box.placeholder = 'not known'
    slide.onpointerdown = () => { this.held = field }
    slide.onpointerup = slide.onpointercancel = () => { this.held = null; this.send() }
    slide.oninput = () => this.set(field, part.known[Number(slide.value)], this.held ? undefined : KEYS)
    slide.onchange = () => { if (!this.held) this.later(KEYS) }
    box.oninput = () => { const value = this.typed(box, field); if (value !== undefined) this.set(field, value, TYPING) }
    box.onkeydown = event => {
      const by = { ArrowUp: 1, ArrowDown: -1 }[event.key]
      if (event.key === 'Enter') this.send()
      if (!by || !part.known.length) return
      event.preventDefault()
      const at = part.known.findIndex(one => one >= this.row[field.name])
      this.set(field, part.known[Math.min(part.known.length - 1, Math.max(0, (at < 0 ? part.known.length - 1 : at) + by))], KEYS)
    }
    box.onblur = () => { box.value = this.written(this.row[field.name]); this.send() }
    track.append(part.strip, slide)
    if (field.stops.length > 1) node.append(track)
    const foot = text('div', 'foot')
    foot.append(text('span', '', field.stops.length ? number(field.stops[0]) : ''), box)
    if (field.nullable) foot.append(part.none = this.unknown(field))
    foot.append(text('span', 'most', field.stops.length ? number(field.stops.at(-1)) : ''))
    node.append(foot, part.note)
    return Object.assign(part, { slide, box })
  }

  written(value) { return value === null ? '' : String(value) }

  typed(box, field) {
    const raw = box.value.trim().replace(/,/g, ''), value = Number(raw)
    if (!raw) return field.nullable ? null : undefined
    return Number.isFinite(value) && (!field.whole || Number.isInteger(value)) ? value : undefined
  }

  unknown(field) {
    const chip = text('button', 'chip none', 'not known')
    chip.type = 'button'
    chip.onclick = () => { this.set(field, this.row[field.name] === null ? this.data.example[field.name] ?? field.stops[0] ?? null : null); this.send() }
    return chip
  }

  choice(field) {
    const words = field.kind === 'text' || typeof field.stops[0] === 'string'
    const part = this.frame(field, ''), group = text('div', 'chips'), id = `choice-${this.data.fields.indexOf(field)}`
    const options = [...field.stops, ...(field.nullable ? [null] : [])]
    part.chips = []
    if (field.stops.length > CHIPS) {
      part.list = text('select', 'list')
      part.list.setAttribute('aria-label', field.label)
      part.options = options.map(value => { const one = text('option', '', this.named(value)); one.value = JSON.stringify(value); return one })
      part.list.append(...part.options)
      part.list.onchange = () => { this.set(field, JSON.parse(part.list.value)); this.send() }
      group.append(part.list)
    } else {
      group.setAttribute('role', 'radiogroup')
      group.setAttribute('aria-label', field.label)
      part.chips = options.map(value => {
        const chip = text('label', 'chip'), radio = text('input'), answer = text('small')
        radio.type = 'radio'
        radio.name = id
        radio.onchange = () => { this.set(field, value, KEYS) }
        chip.append(radio, text('span', '', this.named(value)), answer)
        return { chip, radio, answer, value }
      })
      group.append(...part.chips.map(one => one.chip))
    }
    if (words) {
      part.box = text('input', 'box other')
      part.box.placeholder = field.stops.length ? '…' : 'not known'
      part.box.maxLength = 200
      part.box.setAttribute('aria-label', field.stops.length ? `${field.label}, another one` : field.label)
      part.box.oninput = () => this.set(field, part.box.value || (field.nullable ? null : field.stops[0] ?? ''), TYPING)
      part.box.onkeydown = event => { if (event.key === 'Enter') this.send() }
      part.box.onblur = () => this.send()
      group.append(part.box)
    }
    part.node.append(group, part.note)
    return part
  }

  named(value) { return value === null ? 'not known' : value === true ? 'yes' : value === false ? 'no' : String(value) }

  // What each value of a field would be answered, drawn where it is chosen

  strips() {
    // One scale for all fields, so that what moves the answer most is seen; as high as the highest of all answers.
    const [low, high] = this.data.scale, at = this.data.task === 'multiclass' ? this.shown() : 0
    const reached = this.data.sides.flatMap(side => [side.threshold ?? low, ...Object.values(side.others).flat().map(answer => answer.numbers[at])])
    this.top = Math.max(...reached, low + (high - low) / 100)
    this.foot = Math.min(low, ...reached)
    for (const part of this.parts) {
      const { field } = part, points = this.data.points[field.name] || field.stops
      part.known = points.filter(value => value !== null)
      if (part.slide) {
        part.slide.max = Math.max(part.known.length - 1, 0)
        this.strip(part)
      }
      for (const one of part.chips || []) {
        const found = this.data.sides[0].others?.[field.name]?.[points.indexOf(one.value)]
        one.answer.textContent = found ? this.short(found) : ''
        one.chip.classList.toggle('yes', Boolean(found) && this.data.task === 'binary' && found.decided === 0)
      }
    }
  }

  short(answer) {
    const { task } = this.data
    return task === 'regression' ? amount(answer.numbers[0]) : share(answer.numbers[task === 'multiclass' ? this.shown() : 0])
  }

  shown() { return this.data.sides[0].now?.decided ?? 0 }  // of several classes, the one that is answered is followed

  strip(part) {
    const many = part.known.length, x = at => many > 1 ? at * 100 / (many - 1) : 50
    const ends = one => [Math.max(0, x(one) - 50 / (many - 1)), Math.min(100, x(one) + 50 / (many - 1))]  // half of the way to its neighbours
    const beside = one => ({ x: ends(one)[0], width: ends(one)[1] - ends(one)[0] })
    const nodes = this.data.sides.flatMap((side, number) => {
      const found = side.others?.[part.field.name]
      if (!found || many < 2) return []
      const at = this.data.task === 'multiclass' ? this.shown() : 0
      const high = value => 22 - 20 * (value - this.foot) / (this.top - this.foot), y = answer => high(answer.numbers[at]).toFixed(2)
      const line = shape('polyline', 'curve', { points: part.known.map((_, one) => `${x(one).toFixed(2)},${y(found[one])}`).join(' ') })
      line.style.stroke = MARKS[number]
      const yes = number || this.data.task !== 'binary' ? [] : part.known.flatMap((_, one) => found[one].decided === 0
        ? [shape('rect', 'yes', { ...beside(one), y: 0, height: 24 })] : [])
      const cut = side.threshold === null ? [] : [shape('line', 'cut', { x1: 0, x2: 100, y1: high(side.threshold), y2: high(side.threshold) })]
      cut.forEach(one => { one.style.stroke = MARKS[number] })
      return [...yes, ...cut, line]
    })
    part.here = shape('line', 'here', { y1: 0, y2: 24 })
    part.strip.replaceChildren(...nodes, part.here)
  }

  // The gauges

  gauges() {
    this.dials.replaceChildren()
    this.sides = this.data.sides.map((side, at) => {
      const node = text('div', 'dial'), name = text('div', 'name'), low = text('div', 'read')
      node.style.setProperty('--mark', MARKS[at])
      const kind = this.data.task === 'multiclass' ? this.bars(side) : this.arc(side)
      const decision = text('p', 'decision'), before = text('p', 'before'), notes = text('div', 'warnings')
      node.append(name, kind.node, low, decision, before, notes)
      this.dials.append(node)
      return { ...kind, node, name, decision, before, notes }
    })
    this.dials.classList.toggle('two', this.sides.length > 1)
  }

  arc() {
    const node = shape('svg', 'arc', { viewBox: '0 0 200 122', role: 'img' }), path = 'M18 104A82 82 0 0 1 182 104'
    const way = (cls, more) => shape('path', cls, { d: path, pathLength: 100, ...more })
    const fill = way('fill'), sweep = way('sweep'), ghost = shape('line', 'ghost', { x1: 4, x2: 34, y1: 104, y2: 104 })
    const needle = shape('line', 'needle', { x1: 6, x2: 34, y1: 104, y2: 104 }), cut = shape('g', 'cut')
    const big = shape('text', 'big', { x: 100, y: 92 }), unit = shape('text', 'unit', { x: 100, y: 110 })
    const ends = [shape('text', 'end', { x: 18, y: 120 }), shape('text', 'end', { x: 182, y: 120 })]
    cut.append(shape('line', '', { x1: 1, x2: 37, y1: 104, y2: 104 }))
    node.append(way('rail'), fill, sweep, cut, ghost, needle, big, unit, ...ends)
    const turn = (one, value) => { one.style.transform = `rotate(${180 * this.place(value)}deg)` }
    return {
      node,
      paint: (side, { now, was }) => {
        const value = now.numbers[0], ghosted = was && was.numbers[0] !== value
        const [from, to] = [100 * this.place(ghosted ? was.numbers[0] : value), 100 * this.place(value)]
        fill.style.strokeDasharray = `${to} 200`
        sweep.style.strokeDasharray = `0 ${Math.min(from, to)} ${Math.abs(to - from)} 200`
        sweep.classList.toggle('less', to < from)
        turn(needle, value)
        turn(ghost, ghosted ? was.numbers[0] : value)
        ghost.classList.toggle('gone', !ghosted)
        cut.classList.toggle('gone', side.threshold === null)
        if (side.threshold !== null) turn(cut, side.threshold)
        big.textContent = this.data.task === 'regression' ? amount(value) : share(value)
        unit.textContent = this.data.unit
        const tell = this.data.task === 'regression' ? amount : share
        ends.forEach((one, at) => { one.textContent = tell(this.data.scale[at]) })
        node.setAttribute('aria-label', `${this.data.about}: ${this.said(now)}${ghosted ? `, before ${this.said(was)}` : ''}`)
      },
    }
  }

  bars() {
    const node = text('div', 'bars')
    const lines = this.data.decisions.map(label => {
      const line = text('div', 'bar'), rail = text('div', 'rail'), fill = text('i', 'fill'), ghost = text('i', 'ghost'), read = text('b')
      rail.append(fill, ghost)
      line.append(text('span', '', label), rail, read)
      node.append(line)
      return { line, fill, ghost, read }
    })
    return {
      node,
      paint: (side, { now, was }) => lines.forEach(({ line, fill, ghost, read }, at) => {
        fill.style.width = share(now.numbers[at])
        ghost.style.left = share((was || now).numbers[at])
        ghost.classList.toggle('gone', !was || was.numbers[at] === now.numbers[at])
        read.textContent = share(now.numbers[at])
        line.classList.toggle('chosen', at === now.decided)
      }),
    }
  }

  // All of it, as it stands

  show() {
    const decided = []
    let waits = false
    this.data.sides.forEach((side, at) => {
      const dial = this.sides[at], found = this.answer(side)
      const { name } = dial
      if (name.dataset.of !== `${side.word} ${side.name}`) {
        name.replaceChildren(...(side.word ? [text('b', '', side.word), ' '] : []), side.word ? side.name : this.data.about)
        name.dataset.of = `${side.word} ${side.name}`
      }
      dial.node.classList.toggle('refused', !side.now)
      dial.notes.replaceChildren(...(found || !side.now ? [...side.warnings, ...(side.refused ? [side.refused] : [])] : []).map(one => text('p', '', one)))
      if (!found) { waits = waits || Boolean(side.now); return }
      dial.paint(side, found)
      const { now, was } = found, ghosted = was && JSON.stringify(was) !== JSON.stringify(now)
      dial.decision.textContent = this.data.task === 'regression' ? '' : this.data.decisions[now.decided]
      dial.decision.classList.toggle('yes', this.data.task === 'binary' && now.decided === 0)
      const cut = side.threshold === null ? [] : [`${this.data.decisions[0]} from ${share(side.threshold)} on`]
      dial.before.replaceChildren(...(ghosted ? [text('span', 'was', `before: ${this.said(was)}`)] : []), ...cut.map(one => text('span', '', one)))
      decided.push(now.decided)
    })
    this.host.classList.toggle('waits', waits)
    this.verdict.textContent = decided.length === 2 && decided[0] !== decided[1] ? 'Here the two decide differently.' : ''
    for (const part of this.parts) this.part(part)
    this.host.dataset.row = JSON.stringify(this.row)
  }

  part({ field, node, slide, box, chips, list, options, was, note, none, here, known }) {
    const value = this.row[field.name], own = this.data.example[field.name], root = this.host.getRootNode()
    const at = known.indexOf(value)
    if (slide) {
      if (at >= 0) slide.value = at
      const near = at >= 0 ? at : known.findIndex(one => one >= value)
      if (at < 0) slide.value = value === null ? known.length >> 1 : near < 0 ? known.length - 1 : near
      slide.setAttribute('aria-valuetext', `${value === null ? 'not known' : number(value)}${this.spoken()}`)
      slide.classList.toggle('idle', value === null)
      const x = known.length > 1 ? Number(slide.value) * 100 / (known.length - 1) : 50
      here?.setAttribute('x1', x)
      here?.setAttribute('x2', x)
      if (root.activeElement !== box || this.typed(box, field) !== value) box.value = this.written(value)
      none?.classList.toggle('on', value === null)
      none?.setAttribute('aria-pressed', value === null)
    }
    for (const one of chips || []) {
      one.radio.checked = one.value === value
      one.chip.classList.toggle('on', one.value === value)
    }
    if (list) {
      const known = options.some(one => one.value === JSON.stringify(value))
      list.value = known ? JSON.stringify(value) : ''
    }
    if (box && !slide) {
      const other = value !== null && !field.stops.includes(value)
      if (root.activeElement !== box) box.value = other ? value : ''
      box.classList.toggle('on', other)
    }
    was.textContent = value === own ? '' : `back to ${typeof own === 'number' ? number(own) : this.named(own)}`
    node.classList.toggle('changed', value !== own)
    note.textContent = this.data.row[field.name] === value ? this.data.beyond[field.name] || '' : ''
  }

  spoken() {
    const found = this.data.sides.map(side => this.answer(side)).filter(Boolean)
    return found.length ? `: ${found.map(one => this.said(one.now)).join('; ')}` : ''
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector('.one-row')
  if (!host.one) host.one = new OneRow(host)
  host.one.tell = value => setTriggerValue('moved', value)
  const said = JSON.stringify(data)
  if (host.said !== said) host.one.take(data)
  host.said = said
}
