const SVG = 'http://www.w3.org/2000/svg'
const GLIDE = 420, FALL = 480    // milliseconds of a slow draw until both dots have moved, and until its mark has fallen
const played = new Set()         // a shuffle plays by itself once; after that it is the person's
const SIGNS = { pass: '✓', fail: '✕', inconclusive: '?' }

const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches
const ease = t => t < 0.5 ? 4 * t * t * t : 1 - (2 - 2 * t) ** 3 / 2
const drop = t => t * t
const clamp = (t, low = 0, high = 1) => Math.min(high, Math.max(low, t))
const mix = (from, to, part) => from + (to - from) * part

function shape(tag, cls, attributes = {}, value) {
  const node = document.createElementNS(SVG, tag)
  node.setAttribute('class', cls)
  for (const [name, one] of Object.entries(attributes)) node.setAttribute(name, one)
  if (value !== undefined) node.textContent = value
  return node
}

/* Round numbers between two ends, as many as there is room for. */
function ticks(low, high, most) {
  const raw = (high - low) / Math.max(most, 1), ten = 10 ** Math.floor(Math.log10(raw))
  const step = [1, 2, 5, 10].find(one => one * ten >= raw) * ten
  const found = []
  for (let at = Math.ceil(low / step); at * step <= high + step * 1e-9; at++) found.push(at * step)
  return { found, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) }
}

const signed = (value, digits) => {
  const text = Math.abs(value).toFixed(digits)
  return Number(text) ? `${value > 0 ? '+' : '−'}${text}` : text
}

/* Piles of marks: each lies on those that fell before it into its column. */
function piled(places, radius, floor) {
  const piles = new Map()
  return places.map(x => {
    const column = Math.round(x / (2 * radius)), level = piles.get(column) ?? 0
    piles.set(column, level + 1)
    return { x: column * 2 * radius, y: floor - radius - level * 2 * radius, level }
  })
}

/* Twenty dots as people count them: those that would overlap stand on each other, in the middle of where they are. */
function stacked(places, radius, floor) {
  const found = []
  for (let from = 0; from < places.length;) {
    let to = from
    while (to < places.length && places[to] < places[from] + 2 * radius) to++
    const x = places.slice(from, to).reduce((sum, one) => sum + one, 0) / (to - from)
    for (let level = 0; level < to - from; level++) found.push({ x, y: floor - radius - level * 2 * radius, level })
    from = to
  }
  return found
}

/* The largest marks whose piles keep within a height. */
function fitting(place, places, floor, room, largest, least) {
  for (let radius = largest; ; radius -= 0.25) {
    const found = place(places, radius, floor)
    const high = Math.max(...found.map(one => one.level + 1)) * 2 * radius
    if (high <= room || radius <= least) return { radius, found }
  }
}

class Luck {
  constructor(host, data) {
    this.host = host
    this.find = one => host.querySelector(one)
    this.play = this.find('.play')
    this.play.onclick = () => this.pressed()
    this.find('.back').onclick = () => { this.move(this.data.line); this.find('.line').focus() }
    const line = this.find('.line')
    line.onkeydown = event => this.key(event)
    line.onpointerdown = event => { line.setPointerCapture(event.pointerId); this.grabbed = this.gainAt(event) - this.line }
    line.onpointermove = event => { if (line.hasPointerCapture(event.pointerId)) this.move(this.gainAt(event) - this.grabbed) }
    line.ondblclick = () => this.move(this.data.line)
    new ResizeObserver(() => this.draw()).observe(this.find('.stage'))
    this.take(data)
  }

  take(data) {
    this.data = data
    const [slow, fast, gather] = data.times, later = data.draws.length - data.slow
    // When each draw begins; the last mark must have fallen before all of them gather.
    this.begins = data.draws.map((_, at) => at < data.slow ? at * slow : data.slow * slow + (at - data.slow) * fast / later)
    this.gathers = data.slow * slow + fast + FALL
    this.ends = this.gathers + gather
    this.line = data.line
    this.time = this.ends
    this.width = 0
    this.still()
    this.draw()
    if (data.plays && !played.has(data.key) && !calm()) this.begin()
  }

  /* It begins when somebody can see it. */
  begin() {
    played.add(this.data.key)
    this.show(0)
    const seen = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return
      seen.disconnect()
      this.run()
    }, { threshold: 0.6 })
    seen.observe(this.find('svg'))
  }

  pressed() {
    if (this.running) { this.still(); this.label() }
    else if (this.time >= this.ends) { this.show(0); this.run() }
    else this.run()
  }

  still() { cancelAnimationFrame(this.frame); this.running = false }

  run() {
    if (calm()) return this.rest()
    this.running = true
    let before = performance.now()
    const tick = now => {
      this.show(clamp(this.time + now - before, 0, this.ends))  // a frame may be older than the click
      before = now
      if (this.time >= this.ends) return this.rest()
      this.frame = requestAnimationFrame(tick)
    }
    this.frame = requestAnimationFrame(tick)
    this.label()
  }

  rest() {
    this.still()
    this.show(this.ends)
  }

  label() {
    const said = this.running ? 'Pause' : this.time >= this.ends ? 'Shuffle again' : this.time ? 'Go on' : 'Shuffle'
    this.play.textContent = said
    this.play.hidden = calm()
    this.host.dataset.at = this.time >= this.ends ? 'rest' : 'play'
    this.host.dataset.running = String(this.running)
  }

  /* Values and gains have axes of their own; more to the right is always better. */
  draw() {
    const width = this.find('.stage').clientWidth, data = this.data
    if (!width || width === this.width) return
    this.width = width
    const narrow = width < 480, side = narrow ? 10 : 16, flip = data.less ? -1 : 1
    const left = clamp(Math.max(...data.names.map(one => one.length)) * 7.5 + 18, narrow ? 52 : 84, width * 0.36)
    const values = [...data.draws, data.measured].flatMap(one => [flip * one[0], flip * one[1]])
    const low = Math.min(...values), spread = Math.max(...values) - low || 1
    this.value = one => left + (flip * one - low + spread * 0.04) / (spread * 1.08) * (width - left - side)
    const [from, to] = data.span, reach = (to - from) * 0.03
    this.gain = one => side + (one - from + reach) / (to - from + 2 * reach) * (width - 2 * side)
    this.back = x => (x - side) / (width - 2 * side) * (to - from + 2 * reach) + from - reach
    const room = narrow ? 96 : 118
    this.rails = [18, 44]
    this.top = 96
    this.floor = this.top + 34 + room
    const height = this.floor + 40
    const places = data.draws.map(one => this.gain(one[2]))
    this.marks = fitting(piled, places, this.floor, room, 5, 2)
    this.dots = fitting(stacked, data.dots.map(this.gain), this.floor, room, 11, 4)
    // Five marks become one dot: those of the five smallest gains the first one, and so on.
    const ranked = data.draws.map((_, at) => at).sort((one, other) => data.draws[one][2] - data.draws[other][2])
    const each = data.draws.length / data.dots.length
    this.home = []
    ranked.forEach((at, rank) => { this.home[at] = Math.floor(rank / each) })
    const svg = this.find('svg')
    svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
    svg.style.height = `${height}px`
    svg.replaceChildren(...this.axes(width, side, left, narrow), ...this.movers())
    const line = this.find('.line')
    line.style.top = `${this.top}px`
    line.style.height = `${this.floor - this.top + 6}px`
    this.show(this.time)
    this.rule()
  }

  axes(width, side, left, narrow) {
    const data = this.data, nodes = [], [live, yours] = data.names
    this.rails.forEach((y, who) => nodes.push(
      shape('text', `who ${who ? 'yours' : 'live'}`, { x: 0, y: y + 4 }, data.names[who]),
      shape('line', 'rail', { x1: left, x2: width - side, y1: y, y2: y })))
    const flip = data.less ? -1 : 1
    const shown = [this.backOfValue(left + 4), this.backOfValue(width - side - 4)].sort((one, other) => one - other)
    const worth = ticks(shown[0], shown[1], narrow ? 3 : 6)
    for (const one of worth.found) nodes.push(
      shape('line', 'tick', { x1: this.value(one), x2: this.value(one), y1: 54, y2: 59 }),
      shape('text', 'number', { x: this.value(one), y: 72, 'text-anchor': 'middle' }, one.toFixed(worth.digits)))
    nodes.push(shape('text', 'metric', { x: 0, y: 72 }, data.metric))
    this.lost = shape('rect', 'lost', { x: 0, y: this.top + 12, height: this.floor - this.top - 12, rx: 4 })
    nodes.push(this.lost)
    const nought = this.gain(0)
    nodes.push(shape('line', 'nought', { x1: nought, x2: nought, y1: this.top + 26, y2: this.floor }),
      shape('line', 'rail', { x1: side, x2: width - side, y1: this.floor, y2: this.floor }))
    const [from, to] = data.span, gains = ticks(from, to, narrow ? 4 : 8)
    for (const one of gains.found) nodes.push(
      shape('line', 'tick', { x1: this.gain(one), x2: this.gain(one), y1: this.floor + 9, y2: this.floor + 14 }),
      shape('text', 'number', { x: this.gain(one), y: this.floor + 27, 'text-anchor': 'middle' }, signed(flip * one, gains.digits)))
    this.ruled = shape('line', 'rule', { x1: this.gain(data.line), x2: this.gain(data.line), y1: this.top + 26, y2: this.floor })
    nodes.push(this.ruled,
      shape('text', 'side', { x: side, y: this.floor + 40 }, `← ${live} ahead`),
      shape('text', 'side', { x: width - side, y: this.floor + 40, 'text-anchor': 'end' }, `${yours} ahead →`))
    return nodes
  }

  backOfValue(x) {
    const at = [this.data.measured[0], this.data.measured[0] + 1].map(this.value)
    return this.data.measured[0] + (x - at[0]) / (at[1] - at[0])
  }

  movers() {
    const [lower, upper] = this.data.ends.map(this.gain), y = this.floor, centre = this.gain(this.data.measured[2])
    const bounds = shape('g', 'bounds')
    bounds.append(shape('line', 'reach', { x1: lower, x2: upper, y1: y, y2: y }),
      ...[lower, upper].map(x => shape('line', 'end', { x1: x, x2: x, y1: y - 6, y2: y + 6 })),
      shape('circle', 'centre', { cx: centre, cy: y, r: 4 }))
    this.bars = ['live', 'yours'].map(who => shape('line', `gap ${who}`))
    this.mains = ['live', 'yours'].map(who => shape('circle', `main ${who}`, { r: 9 }))
    this.nodes = this.data.draws.map(() => shape('circle', 'mark'))
    this.rails.forEach((y, who) => this.mains[who].setAttribute('cy', y))
    return [bounds, ...this.bars, ...this.nodes, ...this.mains]
  }

  /* How many draws have begun at a time, and which one is under way. */
  begun(time) {
    if (time >= this.gathers) return this.begins.length
    let many = 0
    while (many < this.begins.length && this.begins[many] <= time) many++
    return many
  }

  show(time) {
    this.time = time
    this.label()
    if (!this.width) return
    const { draws, measured, slow } = this.data, many = this.begun(time), at = many - 1
    const gathered = ease(clamp((time - this.gathers) / (this.ends - this.gathers)))
    const takes = at < slow ? GLIDE : Math.min(GLIDE, (this.begins[at] - this.begins[at - 1]) * 0.8)
    const part = ease(clamp((time - this.begins[at]) / takes))
    const before = at > 0 ? draws[at - 1] : measured, now = at < 0 ? measured : draws[at]
    const both = [0, 1].map(who => this.value(mix(mix(before[who], now[who], part), measured[who], gathered)))
    this.mains.forEach((node, who) => node.setAttribute('cx', both[who]))
    const yoursAhead = both[1] > both[0]
    this.bars.forEach((bar, who) => {
      const shown = Boolean(who) === yoursAhead, y = this.rails[who]
      bar.style.display = shown ? '' : 'none'
      for (const [name, value] of [['x1', both[0]], ['x2', both[1]], ['y1', y], ['y2', y]]) bar.setAttribute(name, value)
    })
    this.nodes.forEach((node, number) => this.mark(node, number, time, gathered))
    this.count(this.landed(time))
    if (time === 0 || time === this.ends) this.rule()
  }

  /* Marks that have fallen; a count that runs ahead of what is seen would give the end away. */
  landed(time) {
    const wait = number => this.begins[number] + (number < this.data.slow ? GLIDE : 0) + FALL
    return time >= this.gathers ? this.begins.length : this.begins.filter((_, number) => wait(number) <= time).length
  }

  mark(node, number, time, gathered) {
    const gain = this.data.draws[number][2], slot = this.marks.found[number], dot = this.dots.found[this.home[number]]
    const leaves = this.begins[number] + (number < this.data.slow ? GLIDE : 0)
    const part = clamp((time - leaves) / FALL)
    node.style.display = part > 0 || gathered ? '' : 'none'
    const from = { x: this.value(this.data.draws[number][1]), y: this.rails[1] }
    const x = gathered ? mix(slot.x, dot.x, gathered) : mix(from.x, slot.x, ease(part))
    const y = gathered ? mix(slot.y, dot.y, gathered) : mix(from.y, slot.y, drop(part))
    node.setAttribute('cx', x)
    node.setAttribute('cy', y)
    node.setAttribute('r', Math.max(0.5, mix(this.marks.radius, this.dots.radius, gathered) - 1.2))
    this.tone(node, gathered > 0.98 ? this.data.dots[this.home[number]] : gain)
  }

  tone(node, gain) {
    node.setAttribute('class', `mark ${gain > 0 ? 'yours' : 'live'}${gain > this.line ? '' : ' beyond'}`)
  }

  count(many) {
    const [before, number, after] = this.find('.count').children, all = this.data.draws.length
    before.textContent = `${this.data.names[1]} ahead in`
    number.textContent = this.data.draws.slice(0, many).filter(one => one[2] > 0).length
    after.textContent = `of ${many || all}`
    if (!many) number.textContent = '–'
  }

  gainAt(event) { return this.back(event.clientX - this.find('.stage').getBoundingClientRect().left) }

  outcome() {
    const { ends: [lower, upper], ruled, few } = this.data, line = this.line
    if (few) return 'inconclusive'
    if (lower > line) return 'pass'
    return upper < line || (ruled && upper === line && line === 0) ? 'fail' : 'inconclusive'
  }

  asks() {
    const { asked } = this.data, line = this.line
    return (line < 0 ? asked[0] : line > 0 ? asked[2] : asked[1]).replace('{}', this.size())
  }

  /* The line, its words, and what stands on which side of it. */
  rule() {
    const { data, line } = this, x = this.gain(line), handle = this.find('.line'), verdict = this.find('.verdict')
    const outcome = this.outcome(), wins = outcome === 'fail' ? line > 0 : line >= 0
    const word = data.few ? data.words.few : data.words[outcome][Number(wins)]
    const moved = line !== data.line
    handle.style.left = `${x}px`
    this.find('.pill').textContent = this.asks()
    const half = this.find('.pill').offsetWidth / 2
    handle.style.setProperty('--shift', `${clamp(-half, -x, this.width - x - 2 * half)}px`)
    for (const [name, value] of [['valuemin', data.span[0]], ['valuemax', data.span[1]], ['valuenow', line],
      ['valuetext', `${data.names[1]} ${this.asks()}: ${word}`], ['label', 'What is asked: how much may be lost']]) handle.setAttribute(`aria-${name}`, value)
    this.lost.setAttribute('width', Math.max(0, x))
    this.ruled.style.display = moved ? '' : 'none'
    verdict.dataset.word = outcome
    verdict.children[0].textContent = SIGNS[outcome]
    verdict.children[1].textContent = word
    const [said, back] = this.find('.whatif').children
    back.hidden = !moved
    back.textContent = data.ruled ? 'Back to the rule' : 'Back to 0'
    const holds = `${data.draws.filter(one => one[2] > line).length} of ${data.draws.length}`
    const side = line < 0 ? `loses less than ${this.size()}` : line > 0 ? `gains more than ${this.size()}` : 'is ahead'
    said.setAttribute('aria-live', moved ? 'off' : 'polite')  // the slider says itself where it is
    said.textContent = this.time < this.ends ? '' : moved ? `What if? ${data.names[1]} ${side} in ${holds} shuffles.` : data.sentence
  }

  size() {
    const by = Math.abs(this.line)
    return this.line === this.data.line ? String(Number(by.toPrecision(6))) : by.toFixed(this.data.digits)
  }

  move(line) {
    const { span, step } = this.data, [low, high] = span
    const near = Math.abs(line - this.data.line) < step / 2 ? this.data.line : Math.round(line / step) * step
    this.line = clamp(near, low, high) || 0  // minus nought is nought
    this.nodes.forEach((node, number) => this.tone(node, this.time >= this.ends ? this.data.dots[this.home[number]] : this.data.draws[number][2]))
    this.rule()
  }

  key(event) {
    const { span, step } = this.data
    const to = { ArrowLeft: this.line - step, ArrowDown: this.line - step, ArrowRight: this.line + step, ArrowUp: this.line + step,
      PageDown: this.line - 10 * step, PageUp: this.line + 10 * step, Home: span[0], End: span[1], Escape: this.data.line }[event.key]
    if (to === undefined) return
    event.preventDefault()
    this.move(to)
  }
}

export default function ({ parentElement, data }) {
  const host = parentElement.querySelector('.luck'), said = JSON.stringify(data)
  if (!host.luck) host.luck = new Luck(host, data)
  else if (host.said !== said) host.luck.take(data)
  host.said = said
}
