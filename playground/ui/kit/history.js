// One line of time. `data` is drawn once; dragging, zooming and time zones happen here and ask nobody.

const SHAPES = {
  up: 'M1 9L5 1l4 8z', back: 'M9 1v8L1 5z', cross: 'M1.5 1.5l7 7M8.5 1.5l-7 7', diamond: 'M5 .8L9.2 5 5 9.2.8 5z',
  square: 'M1.5 1.5h7v7h-7z', ring: 'M5 1.4a3.6 3.6 0 1 0 .01 0z',
}
const HOLLOW = new Set(['cross', 'diamond', 'ring'])
const SVG = 'http://www.w3.org/2000/svg'
const SNAP = 6  // pixels at which the handle falls onto an event
const ROUND = [1000, 60000, 300000, 900000, 3600000]  // what a dragged moment is rounded to, as close as pixels tell
const LANE = { open: 34, closed: 28 }
const UNITS = ['year', 'month', 'day', 'hour', 'minute']
const BETWEEN_TICKS = { year: 46, month: 40, day: 52, hour: 54, minute: 60 }

function node(tag, cls, text = '') {
  const made = document.createElement(tag)
  made.className = cls
  made.textContent = text
  return made
}

function shape(name, colour) {
  const svg = document.createElementNS(SVG, 'svg')
  const path = document.createElementNS(SVG, 'path')
  svg.setAttribute('viewBox', '0 0 10 10')
  path.setAttribute('d', SHAPES[name])
  path.setAttribute('fill', HOLLOW.has(name) ? 'none' : colour)
  path.setAttribute('stroke', colour)
  path.setAttribute('stroke-width', HOLLOW.has(name) ? '1.8' : '0.8')
  svg.append(path)
  return svg
}

// Time in words and in zones

const formats = new Map()

function fields(t, zone) {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', weekday: 'short', year: 'numeric',
      month: 'short', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' })
    formats.set(zone, format)
  }
  const found = Object.fromEntries(format.formatToParts(t).map(part => [part.type, part.value]))
  return { ...found, month: found.month.slice(0, 3) }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function numbers(t, zone) {
  const f = fields(t, zone)
  return [+f.year, MONTHS.indexOf(f.month), +f.day, +f.hour, +f.minute]
}

function instant(parts, zone) {  // of a local time; a skipped one is the moment after the gap
  const local = Date.UTC(...parts)
  let t = local
  for (let turn = 0; turn < 2; turn += 1) t = local - (Date.UTC(...numbers(t, zone)) - t + t % 60000)
  return t
}

function clockText(t, zone) {
  const f = fields(t, zone)
  const seconds = +f.second ? ':' + f.second.padStart(2, '0') : ''
  if (zone === 'UTC') return `${f.hour.padStart(2, '0')}:${f.minute.padStart(2, '0')}${seconds}`
  const minutes = +f.minute || seconds ? ':' + f.minute.padStart(2, '0') : ''
  return `${+f.hour % 12 || 12}${minutes}${seconds} ${+f.hour < 12 ? 'am' : 'pm'}`
}

function dayText(t, zone, short = false) {
  const f = fields(t, zone)
  return short ? `${f.day} ${f.month}` : `${f.weekday} ${f.day} ${f.month} ${f.year}`
}

const place = zone => zone === 'UTC' ? 'UTC' : zone.split('/').pop().replaceAll('_', ' ')
const whole = (t, zone) => `${dayText(t, zone)}, ${clockText(t, zone)} ${place(zone)}`

// Where things lie: a share of the room is given to the events, evenly; the rest is time

class Axis {
  constructor(data, view, width, end) {
    const marks = data.marks, now = data.now
    const span = data.spans[view]
    this.marks = marks
    this.width = width
    if (view === 'newest') {
      this.to = end === null ? marks.length : Math.min(Math.max(end, data.newest), marks.length)
      this.from = Math.max(this.to - data.newest, 0)
      this.begin = marks.length ? marks[this.from].at : now
      this.end = this.to === marks.length ? now : marks[this.to].at
    } else {
      const first = marks.length ? marks[0].at : now
      this.end = span && end !== null ? Math.min(end, now) : now
      this.begin = span ? this.end - span : first
      this.from = marks.findIndex(mark => mark.at >= this.begin)
      if (this.from < 0) this.from = marks.length
      this.to = marks.findLastIndex(mark => mark.at <= this.end) + 1
    }
    this.atNow = this.end >= now && this.to === marks.length
    const count = Math.max(this.to - this.from, 0), long = this.end - this.begin
    const inner = width - 14, even = long > 0 ? (count ? data.share : 0) : 1
    this.step = inner * even / (count + 1)
    this.scale = long > 0 ? inner * (1 - even) / long : 0
    this.stops = [{ t: this.begin, x: 0, i: this.from - 1, edge: true }]
    for (let i = this.from; i < this.to; i += 1)
      this.stops.push({ t: marks[i].at, x: this.step * (i - this.from + 1) + this.scale * (marks[i].at - this.begin), i })
    this.stops.push({ t: this.end, x: inner, i: this.to - 1, now: this.atNow, edge: !this.atNow })
  }

  xOf(t) {
    const before = this.stops.findLastIndex(stop => stop.t <= t)
    if (before < 0) return 0
    const a = this.stops[before], b = this.stops[before + 1]
    return !b || b.t <= a.t ? a.x : a.x + (b.x - a.x) * (t - a.t) / (b.t - a.t)
  }

  xOfMark(i) {
    if (i < this.from) return -1
    return i < this.to ? this.stops[i - this.from + 1].x : this.width
  }

  // The moment at a place: {t, i: the last event before it, exact: whether it is that event, now}
  at(x) {
    const last = this.stops.length - 1
    let before = Math.max(this.stops.findLastIndex(stop => stop.x <= x), 0)
    if (before < last && this.stops[before + 1].x - x < Math.min(SNAP, x - this.stops[before].x)) before += 1
    const a = this.stops[before], b = this.stops[before + 1]
    const near = x - a.x <= SNAP || !b || b.t <= a.t
    if (near && !(a.edge && b && b.t > a.t && x > a.x)) return moment(a)
    const t = a.t + (b.t - a.t) * Math.max(x - a.x, 0) / (b.x - a.x)
    const step = ROUND.findLast(step => step <= 4 * (b.t - a.t) / (b.x - a.x)) ?? 1
    const round = Math.round(t / step) * step
    return { t: round > a.t && round < b.t ? round : Math.round(t), i: a.i, exact: false, now: false }
  }
}

const moment = stop => ({ t: stop.t, i: stop.i, exact: !stop.edge && !stop.now, now: Boolean(stop.now) })

function ticks(axis, zone) {
  const placed = [], labels = []
  for (const unit of UNITS) {
    const index = UNITS.indexOf(unit), found = []
    let parts = numbers(axis.begin, zone).slice(0, Math.max(index + 1, 2))
    if (index === 0) parts = [parts[0], 0]
    if (index === 4) parts[4] -= parts[4] % 10
    for (let turn = 0; turn < 420; turn += 1) {
      const t = instant([parts[0], parts[1], parts[2] ?? 1, parts[3] ?? 0, parts[4] ?? 0], zone)
      if (t > axis.end) break
      if (t >= axis.begin) found.push(t)
      parts[index] += index === 4 ? 10 : 1
      if (turn === 419) found.length = 0
    }
    const apart = BETWEEN_TICKS[unit]
    for (const t of found) {
      const x = axis.xOf(t)
      if (x < 4 || x > axis.width - 30 || placed.some(other => Math.abs(other - x) < apart)) continue
      placed.push(x)
      const f = fields(t, zone)
      labels.push({ x, strong: index < 3, text: [f.year, f.month, `${f.day} ${f.month}`][index] ?? clockText(t, zone) })
    }
  }
  return labels
}

// The component

function remembered(key) {
  try { return JSON.parse(sessionStorage.getItem(key)) ?? {} } catch { return {} }
}

function remember(key, value) {
  try { sessionStorage.setItem(key, JSON.stringify(value)) } catch { /* a browser that keeps nothing */ }
}

class Line {
  constructor(root) {
    this.root = root
    for (const name of ['box', 'titles', 'stage', 'axis', 'bars', 'later', 'marks', 'handle', 'live', 'time', 'zones',
      'event', 'what', 'more', 'zoom', 'go']) this[name] = root.querySelector('.' + name)
    this.shapeSlot = root.querySelector('.event .shape')
    this.isOpen = false
    this.width = 0
    this.listen()
  }

  show(data, went) {
    this.went = went
    const drawn = JSON.stringify(data)
    if (drawn === this.drawn) return
    const before = this.data
    this.drawn = drawn
    const seen = data.simulated || data.past !== null ? data.now : Math.max(data.now, Date.now())  // walls have clocks
    this.data = { ...data, now: Math.max(seen, data.marks.at(-1)?.at ?? seen) }
    data = this.data
    this.key = 'history.' + data.workspace
    const kept = remembered(this.key)
    this.zone ??= kept.zone ?? 'UTC'
    this.extra ??= kept.extra ?? null
    if (before?.past !== data.past || before?.marks.length !== data.marks.length) {
      this.chosen = false
      this.end = null
    }
    this.root.setAttribute('aria-label', 'History. ' + data.says)
    this.root.classList.toggle('pinned', data.opened)
    this.root.classList.toggle('past', data.past !== null)
    this.stage.setAttribute('aria-label', data.past === null ? 'Moment in history' : 'Moment in history, up to the past on screen')
    this.build()
    if (data.asked !== null && before?.asked !== data.asked) this.go_to(this.momentOf(data.asked))
    else if (!this.pos || this.pos.now || before?.past !== data.past) this.pos = this.nowMoment(kept)
    else this.pos = this.momentOfEvent(this.pos.exact ? data.marks.findIndex(mark => mark.event === this.eventBefore) : -1)
    this.open(data.opened || this.isOpen, false)
  }

  nowMoment(kept) {
    const event = this.data.past === null ? kept?.event : null
    const i = event ? this.data.marks.findIndex(mark => mark.event === event) : -1
    return i >= 0 ? this.momentOfEvent(i) : { t: this.now, i: this.data.marks.length - 1, exact: false, now: true }
  }

  get now() { return this.data.now }

  momentOfEvent(i) {
    if (i < 0 || i >= this.data.marks.length)
      return { t: this.now, i: this.data.marks.length - 1, exact: false, now: true }
    return { t: this.data.marks[i].at, i, exact: true, now: false }
  }

  momentOf(t) {
    if (t >= this.now) return this.momentOfEvent(-1)
    const i = this.data.marks.findLastIndex(mark => mark.at <= t)
    return { t, i, exact: i >= 0 && this.data.marks[i].at === t, now: false }
  }

  // Drawing

  build() {
    const { lanes, marks, shapes } = this.data
    this.titles.replaceChildren(...lanes.map(lane => {
      const title = node('span', 'lane', lane.title)
      title.style.setProperty('--colour', lane.colour)
      return title
    }), node('span', 'lane data', 'data'))
    this.titles.prepend(node('span', 'name', 'History'))
    this.barNodes = lanes.flatMap((lane, number) => lane.bars.map(bar => {
      const drawn = node('span', 'bar')
      drawn.append(node('em', '', bar.label))
      drawn.style.setProperty('--live', lane.colour)
      return { drawn, bar, lane: number, first: marks.findIndex(mark => mark.event === bar.event),
        last: bar.end === null ? null : marks.findIndex(mark => mark.event === bar.end) }
    }))
    this.bars.replaceChildren(...this.barNodes.map(one => one.drawn))
    this.markNodes = marks.map(mark => {
      const drawn = node('i', 'mark ' + mark.kind)
      const [colour, name] = shapes[mark.kind]
      drawn.append(shape(name, mark.kind === 'release' ? lanes[mark.lane]?.colour ?? colour : colour))
      return drawn
    })
    this.marks.replaceChildren(...this.markNodes)
    this.live.replaceChildren(...lanes.map(lane => {
      const row = node('span', 'row')
      row.append(node('b', ''), node('span', 'since'), node('span', 'because'))
      row.style.setProperty('--colour', lane.colour)
      return row
    }))
  }

  views() {
    const { spans, marks, newest } = this.data
    const long = this.now - (marks[0]?.at ?? this.now)
    return [...Object.keys(spans).filter(view => spans[view] === null || spans[view] < long),
      ...marks.length > newest ? ['newest'] : []]
  }

  opening() {  // the widest view whose newest events are far enough apart
    const { apart, marks, newest, share, spans } = this.data, room = this.width * share / apart
    return this.views().find(view => {
      const shown = marks.filter(mark => !spans[view] || mark.at >= this.now - spans[view]).length
      return view === 'newest' || (shown + 1 <= room && shown >= Math.min(newest, marks.length))
    }) ?? 'all'
  }

  layout() {
    this.width = this.stage.clientWidth
    if (!this.width || !this.data) return
    if (!this.chosen || !this.views().includes(this.view)) this.view = this.opening()
    this.axisOf = new Axis(this.data, this.view, this.width, this.end ?? null)
    if (!this.inView()) {
      this.aim()
      this.axisOf = new Axis(this.data, this.view, this.width, this.end)
    }
    const { lanes } = this.data, open = this.isOpen, height = open ? LANE.open : LANE.closed
    const inProduction = Math.max(lanes.filter(lane => lane.place === 'production').length, 1)
    const shown = number => open || (lanes[number].place === 'production' || inProduction > lanes.length)
    for (const { drawn, bar, lane, first, last } of this.barNodes) {
      let x = first < 0 ? -1 : this.axisOf.xOfMark(first)
      const to = last === null ? this.width : last < 0 ? -1 : this.axisOf.xOfMark(last)
      const from = Math.max(x, 0)
      const off = to <= 0 || x >= this.width
      const thin = open ? 18 : Math.min(16, 18 / inProduction)
      const top = open ? lane * height + 12 : 10 + lane * thin
      drawn.style.cssText += `;left:${from}px;width:${Math.max(to - from - 1.5, 2)}px;top:${top}px;height:${thin - (open ? 0 : inProduction > 1)}px`
      drawn.classList.toggle('off', off || !shown(lane))
      drawn.classList.toggle('mute', to - from < bar.label.length * 5.8 + 3 || thin < 12)
    }
    this.markNodes.forEach((drawn, i) => {
      const mark = this.data.marks[i], x = this.axisOf.xOfMark(i)
      const lane = mark.lane < 0 ? lanes.length : mark.lane
      drawn.style.cssText += `;transform:translate(${x - 4.5}px, ${open ? lane * height + 2 : 1}px)`
      drawn.classList.toggle('off', x < 0 || x >= this.width || (!open && mark.lane >= 0 && !shown(mark.lane)))
    })
    this.stage.style.height = (open ? lanes.length * height + 16 + 20 : height) + 'px'
    this.axis.replaceChildren(...(open ? ticks(this.axisOf, this.zone) : []).map(tick => {
      const drawn = node('span', tick.strong ? 'strong' : '', tick.text)
      drawn.style.left = tick.x + 'px'
      return drawn
    }))
    this.buildZoom()
    this.read()
  }

  read() {  // what the handle says, where it is
    const { marks, lanes, past } = this.data, pos = this.pos, zone = this.zone
    const mark = marks[pos.i], event = mark?.event ?? 0
    this.eventBefore = event
    const x = pos.now ? this.axisOf.stops.at(-1).x : pos.exact ? this.axisOf.xOfMark(pos.i) : this.axisOf.xOf(pos.t)
    const away = x < 0 || x > this.width || (pos.now && !this.axisOf.atNow)
    this.handle.style.transform = `translateX(${x}px)`
    this.handle.classList.toggle('off', away)
    this.later.style.left = Math.min(Math.max(x, 0), this.width) + 'px'
    const live = lanes.map(lane => lane.bars.find(bar => bar.event <= event && (bar.end === null || event < bar.end)))
    for (const one of this.barNodes) one.drawn.classList.toggle('lit', live[one.lane] === one.bar)
    lanes.forEach((lane, number) => {
      const [version, since, because] = this.live.children[number].children, bar = live[number]
      version.textContent = bar ? bar.label : '–'
      since.textContent = bar ? 'since ' + this.near(bar.since, pos.t) : 'nothing live'
      because.textContent = bar ? bar.by + ': ' + (bar.why || 'no reason given') : ''
      this.live.children[number].title = bar ? `${bar.label} ${since.textContent}, ${because.textContent}` : ''
      this.live.children[number].classList.toggle('none', !bar)
    })
    this.time.textContent = (pos.now ? (past === null ? 'Now: ' : 'Then: ') : '') + `${dayText(pos.t, zone)}, ${clockText(pos.t, zone)}`
    const short = `${pos.now ? (past === null ? 'Now' : 'Then') : dayText(pos.t, zone, true) + ', ' + clockText(pos.t, zone)}`
    const first = live.findIndex((_, number) => lanes[number].place === 'production')
    this.root.style.setProperty('--short', JSON.stringify(`${short} · ${live[first]?.label ?? 'nothing live'}`))
    this.shapeSlot.replaceChildren(...pos.exact ? [this.markNodes[pos.i].firstChild.cloneNode(true)] : [])
    const next = marks[pos.i + 1]
    this.what.textContent = pos.exact ? mark.what : pos.now ? this.data.says
      : mark ? `After “${mark.what}”${next ? '' : ', the last event'}` : 'Before the first event'
    this.more.textContent = pos.exact ? [mark.by + (mark.why ? `: “${mark.why}”` : ''), 'event ' + mark.event,
      ...this.data.simulated ? ['on the wall ' + whole(mark.wall, zone)] : []].join(' · ') : ''
    this.event.title = [this.what.textContent, this.more.textContent].filter(Boolean).join('. ')
    const said = live.map((bar, number) => `${lanes[number].title} ${bar ? bar.label : 'nothing'}`).join(', ')
    this.stage.setAttribute('aria-valuemin', 0)
    this.stage.setAttribute('aria-valuemax', marks.length)
    this.stage.setAttribute('aria-valuenow', pos.now ? marks.length : Math.max(pos.i, 0))
    this.stage.setAttribute('aria-valuetext',
      `${pos.now ? (past === null ? 'Now, ' : 'Then, ') : ''}${whole(pos.t, zone)}. ${pos.exact ? mark.what + '. ' : ''}Live: ${said}`)
    this.buildZones()
    this.buildGo()
  }

  near(t, now) {  // the day only where it is another one
    const day = dayText(t, this.zone, true)
    const year = fields(t, this.zone).year === fields(now, this.zone).year ? '' : ' ' + fields(t, this.zone).year
    return `${day}${year}, ${clockText(t, this.zone)}`
  }

  buildZones() {
    const zones = [...new Set([...this.data.zones, ...this.extra ? [this.extra] : []])]
    if (this.zones.children.length !== zones.length + 1) {
      const choice = node('select', 'zone')
      choice.setAttribute('aria-label', 'Another time zone')
      choice.append(new Option('zone …', ''), ...Intl.supportedValuesOf('timeZone').map(zone => new Option(zone, zone)))
      choice.onchange = () => { if (choice.value) { this.extra = choice.value; this.setZone(choice.value) } }
      this.zones.replaceChildren(...zones.map(zone => {
        const chip = node('button', 'zone')
        chip.type = 'button'
        chip.setAttribute('role', 'radio')
        chip.onclick = () => this.setZone(chip.dataset.zone)
        return chip
      }), choice)
    }
    zones.forEach((zone, number) => {
      const chip = this.zones.children[number]
      chip.dataset.zone = zone
      chip.textContent = `${clockText(this.pos.t, zone)} ${place(zone)}`
      chip.title = whole(this.pos.t, zone)
      chip.setAttribute('aria-checked', zone === this.zone)
    })
    this.zones.lastChild.value = ''
  }

  setZone(zone) {
    this.zone = zone
    this.keep()
    this.layout()
  }

  buildZoom() {
    const views = this.views(), says = { all: 'All', year: 'Year', month: 'Month', day: 'Day', newest: 'Newest' }
    const chosen = this.view + views.join()
    if (this.zoom.dataset.drawn === chosen) return
    this.zoom.dataset.drawn = chosen
    const button = (text, label, act) => {
      const made = node('button', '', text)
      made.type = 'button'
      made.setAttribute('aria-label', label)
      made.onclick = act
      return made
    }
    this.zoom.replaceChildren(...views.length < 2 ? [] : [button('−', 'Zoom out', () => this.zoomBy(-1)), ...views.map(view => {
      const made = button(says[view], `Show ${view === 'newest' ? 'the newest events' : view}`, () => this.zoomTo(view))
      made.setAttribute('aria-pressed', view === this.view)
      return made
    }), button('+', 'Zoom in', () => this.zoomBy(1))])
  }

  buildGo() {
    const { past } = this.data, now = this.pos.now
    const mark = this.pos.exact ? this.data.marks[this.pos.i] : null, drawn = `${past} ${now} ${mark?.decides ? mark.event : ''}`
    if (this.go.dataset.drawn === drawn) return
    this.go.dataset.drawn = drawn
    const button = (text, key, act, cls = '') => {
      const made = node('button', cls, text)
      made.type = 'button'
      made.append(node('kbd', '', key))
      made.onclick = act
      return made
    }
    this.go.replaceChildren(
      ...past === null ? [] : [button('Back to today', 'Esc', () => this.leave())],
      ...mark?.decides ? [button('See the decision', 'D', () => this.decision())] : [],
      ...now ? [] : [button('See everything as it was', 'Enter', () => this.enter(), 'primary')])
  }

  // Moving

  go_to(pos) {
    this.pos = pos
    if (this.axisOf && this.width) this.follow()
    this.keep()
  }

  follow() {  // the view goes where the handle is
    if (this.inView()) this.read()
    else this.layout()
  }

  inView() {
    const { i, t, now } = this.pos, { from, to, begin, end, atNow } = this.axisOf
    if (now) return atNow
    return this.view === 'newest' ? i >= from && i < to : t >= begin && t <= end
  }

  aim() {  // let the view end a little after the handle
    const span = this.data.spans[this.view], { i, t, now } = this.pos
    this.end = now ? null : this.view === 'newest' ? i + 4 : span ? t + span * 0.3 : null
  }

  step(by) {
    const { marks } = this.data, { i, exact, now } = this.pos
    const to = now ? marks.length + by : exact ? i + by : by < 0 ? i : i + 1
    this.go_to(this.momentOfEvent(to < 0 ? 0 : to))
  }

  zoomTo(view) {
    this.view = view
    this.chosen = true
    this.aim()
    this.moving()
    this.layout()
  }

  zoomBy(by) {
    const views = this.views(), next = views[views.indexOf(this.view) + by]
    if (next) this.zoomTo(next)
  }

  moving() {
    this.root.classList.add('moving')
    clearTimeout(this.still)
    this.still = setTimeout(() => this.root.classList.remove('moving'), 320)
  }

  keep() {
    remember(this.key, { zone: this.zone, extra: this.extra,
      event: this.pos.exact && this.data.past === null ? this.eventBefore ?? this.data.marks[this.pos.i].event : null })
  }

  open(open, moves = true) {
    open = open || this.data.opened
    if (open !== this.isOpen && moves) this.moving()
    this.isOpen = open
    this.root.classList.toggle('open', open)
    this.layout()
  }

  enter() {
    if (this.pos.now) return
    this.open(false)  // the page is what somebody wants to see now
    this.went(this.pos.exact ? { event: this.data.marks[this.pos.i].event } : { at: new Date(this.pos.t).toISOString() })
  }

  decision() {
    const mark = this.pos.exact ? this.data.marks[this.pos.i] : null
    if (mark?.decides) this.went({ decision: mark.event })
  }

  leave() {
    if (this.data.past !== null) this.went({ event: null, at: null })
  }

  listen() {
    const drag = event => {
      const x = event.clientX - this.stage.getBoundingClientRect().left
      this.next = x
      this.frame ??= requestAnimationFrame(() => {
        this.frame = null
        this.pos = this.axisOf.at(Math.min(Math.max(this.next, 0), this.width))
        this.read()
      })
    }
    this.stage.addEventListener('pointerdown', event => {
      if (event.button) return
      event.preventDefault()
      this.stage.focus({ preventScroll: true })
      this.stage.setPointerCapture(event.pointerId)
      this.root.classList.add('dragging')
      this.open(true)
      drag(event)
    })
    this.stage.addEventListener('pointermove', event => {
      if (this.stage.hasPointerCapture(event.pointerId)) drag(event)
    })
    for (const ends of ['pointerup', 'pointercancel']) this.stage.addEventListener(ends, () => {
      this.root.classList.remove('dragging')
      if (this.data) this.keep()
    })
    this.titles.addEventListener('click', () => { this.stage.focus({ preventScroll: true }); this.open(true) })
    this.live.addEventListener('click', () => { this.stage.focus({ preventScroll: true }); this.open(true) })
    this.root.addEventListener('focusin', () => this.open(true))
    this.root.addEventListener('focusout', event => {
      if (!this.root.contains(event.relatedTarget)) this.open(false)
    })
    this.root.addEventListener('keydown', event => this.press(event))
    document.addEventListener('keydown', event => this.pressElsewhere(event))
    new ResizeObserver(() => { if (this.stage.clientWidth !== this.width) this.layout() })
      .observe(this.stage)
  }

  pressElsewhere(event) {  // Escape leads out of the past from anywhere, unless something else is to be closed with it
    const busy = 'input, textarea, select, [contenteditable], [role=dialog], [role=listbox], [aria-expanded=true]'
    if (event.key !== 'Escape' || event.defaultPrevented || !this.root.isConnected || this.data.past === null) return
    if (!event.composedPath().some(one => one.matches?.(busy) && !one.matches('summary'))
      && !document.querySelector('[role=dialog], [data-baseweb=popover]')) this.leave()
  }

  press(event) {
    const onStage = event.target === this.stage
    const acts = { ArrowLeft: () => this.step(-1), ArrowDown: () => this.step(-1), ArrowRight: () => this.step(1),
      ArrowUp: () => this.step(1), Home: () => this.go_to(this.momentOfEvent(0)), End: () => this.go_to(this.momentOfEvent(-1)),
      '+': () => this.zoomBy(1), '=': () => this.zoomBy(1), '-': () => this.zoomBy(-1), Enter: () => this.enter(), d: () => this.decision() }
    if (event.key === 'Escape') {
      if (this.data.past !== null) this.leave()
      else { this.open(false); this.stage.blur() }
    } else if (onStage && acts[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) acts[event.key]()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector('.history')
  root.line ??= new Line(root)
  root.line.show(data, value => setTriggerValue('went', value))
}
