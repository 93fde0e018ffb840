const SVG = 'http://www.w3.org/2000/svg'
const A_MONTH = 420                        // milliseconds that a month takes in the race
const TOP = 14, FOOT = 10, HIGH = 240
const kept = new Map()                     // what a race is about -> the flags that were set

const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches
const clamp = (t, low, high) => Math.min(high, Math.max(low, t))
const money = value => `${['−', '', '+'][Math.sign(Math.round(value)) + 1]}${Math.abs(Math.round(value)).toLocaleString('en-US')} EUR`

function shape(tag, cls, attributes = {}, value) {
  const node = document.createElementNS(SVG, tag)
  node.setAttribute('class', cls)
  for (const [name, one] of Object.entries(attributes)) node.setAttribute(name, one)
  if (value !== undefined) node.textContent = value
  return node
}

function text(tag, value, lane) {
  const node = document.createElement(tag)
  node.textContent = value
  if (lane) node.dataset.lane = lane
  return node
}

class Race {
  constructor(host) {
    this.host = host
    this.find = one => host.querySelector(one)
    this.find('.go').onclick = () => this.go()
    this.find('.back').onclick = () => { this.flags = new Set(this.data.lanes[0].flags); this.changed() }
    new ResizeObserver(() => this.draw()).observe(this.find('.stage'))
  }

  take(data) {
    this.data = data
    this.about = JSON.stringify([data.months, data.lanes])
    this.flags = new Set(kept.get(this.about) ?? data.lanes[0].flags)
    this.find('.about').textContent = data.about
    this.width = 0
    this.shown = data.months.length
    this.draw()
    this.tell()
    this.go()
  }

  of(lane) { return lane.id === 'yours' ? [...this.flags] : lane.flags }

  /* What was saved against never retraining, by the end of each month; the last model trained before a month decides. */
  saved(lane) {
    const flags = this.of(lane).sort(), { costs, months } = this.data
    let sum = 0
    return [0, ...months.map(({ month }) => sum += costs.start[month] - costs[flags.filter(flag => flag < month).at(-1) ?? 'start'][month])]
  }

  toggle(month) {
    this.flags.has(month) ? this.flags.delete(month) : this.flags.add(month)
    this.changed()
  }

  changed() {
    kept.set(this.about, [...this.flags])
    cancelAnimationFrame(this.tick)
    this.shown = this.data.months.length
    this.tell()
    this.width = 0
    this.draw()
  }

  tell() {
    const ends = this.data.lanes.filter(lane => lane.id !== 'never').map(lane => ({ name: lane.name, saved: this.saved(lane).at(-1) }))
    this.find('.said').textContent = `Saved in ${this.data.months.length} months by deciding better than who never retrains: ` +
      ends.sort((a, b) => b.saved - a.saved).map(one => `${one.name.toLowerCase()} ${money(one.saved)}`).join(', ') + '.'
    this.find('.back').disabled = [...this.flags].sort().join() === [...this.data.lanes[0].flags].sort().join()
  }

  table() {
    const { months, stops, lanes } = this.data, grid = this.find('.flags'), focus = grid.getRootNode().activeElement?.dataset.month
    const cells = [text('i', ''), ...months.map(one => text('i', this.narrow ? one.name[0] : one.name))]
    for (const lane of lanes) {
      cells.push(text('b', lane.name, lane.id))
      for (const { month, title } of months) {
        const set = this.of(lane).includes(month)
        if (lane.id !== 'yours' || !stops.includes(month)) { cells.push(text('span', set ? '⚑' : '', lane.id)); continue }
        const button = text('button', set ? '⚑' : '', lane.id)
        button.type = 'button'
        button.dataset.month = month
        button.setAttribute('aria-pressed', String(set))
        button.setAttribute('aria-label', `Retrain at the end of ${title}`)
        button.onclick = () => this.toggle(month)
        cells.push(button)
      }
    }
    grid.replaceChildren(...cells)
    if (focus) grid.querySelector(`[data-month="${focus}"]`)?.focus()
  }

  draw() {
    const width = this.find('.stage').clientWidth
    if (!this.data || width < 240 || width === this.width) return  // a tab that opens has no room yet
    this.width = width
    const { months, lanes } = this.data, svg = this.find('svg')
    this.narrow = width < 460
    this.sums = lanes.map(lane => this.saved(lane))
    const low = Math.min(-400, ...this.sums.flat()) * 1.1, high = Math.max(800, ...this.sums.flat()) * 1.1
    this.left = this.narrow ? 92 : 178
    this.right = width - (this.narrow ? 66 : 232)
    this.find('.flags').style.gridTemplateColumns = `${this.left}px repeat(${months.length}, ${(this.right - this.left) / months.length}px)`
    this.table()
    this.x = at => this.left + (this.right - this.left) * at / months.length
    this.y = value => HIGH - FOOT - (HIGH - FOOT - TOP) * (value - low) / (high - low)
    svg.setAttribute('viewBox', `0 0 ${width} ${HIGH}`)
    svg.style.height = `${HIGH}px`
    const step = [250, 500, 1000, 2000, 5000, 10000].find(one => (high - low) / one < 7) ?? 20000, back = []
    for (let at = Math.ceil(low / step); at * step <= high; at++) back.push(
      shape('line', at ? 'rule' : 'zero', { x1: this.left, x2: this.right, y1: this.y(at * step), y2: this.y(at * step) }),
      shape('text', '', { x: this.left - 6, y: this.y(at * step) + 4, 'text-anchor': 'end' }, (Math.round(at * step) || 0).toLocaleString('en-US').replace('-', '−')))
    this.lanes = lanes.map(lane => {
      const group = shape('g', `lane ${lane.id}`)
      group.dataset.lane = lane.id
      const run = shape('path', 'run'), head = shape('circle', 'head', { r: lane.id === 'yours' ? 7 : 5 }), name = shape('text', 'name')
      group.append(run, head, name)
      return { group, run, head, name, lane }
    })
    svg.replaceChildren(...back, ...[...this.lanes].reverse().map(one => one.group))
    this.place(this.shown)
  }

  go() {
    cancelAnimationFrame(this.tick)
    const months = this.data.months.length
    if (calm()) return this.place(this.shown = months)
    this.host.dataset.settled = 'false'
    const begun = performance.now()
    const tick = now => {
      this.place(this.shown = clamp((now - begun) / A_MONTH, 0, months))
      if (this.shown < months) this.tick = requestAnimationFrame(tick)
    }
    this.tick = requestAnimationFrame(tick)
  }

  /* Draw the lanes as they stand so many months into the year; names make room for one another. */
  place(at) {
    this.host.dataset.settled = String(at === this.data.months.length)
    if (!this.lanes) return
    const whole = Math.floor(at)
    const heads = this.lanes.map((one, which) => {
      const sums = this.sums[which], next = sums[Math.min(whole + 1, sums.length - 1)]
      const value = sums[whole] + (next - sums[whole]) * (at - whole)
      const points = [...sums.slice(0, whole + 1).map((sum, month) => [month, sum]), [at, value]]
      one.run.setAttribute('d', points.map(([month, sum], order) => `${order ? 'L' : 'M'}${this.x(month).toFixed(1)} ${this.y(sum).toFixed(1)}`).join(''))
      one.head.setAttribute('cx', this.x(at))
      one.head.setAttribute('cy', this.y(value))
      one.name.textContent = this.narrow ? money(value).replace(' EUR', '') : `${one.lane.name} ${money(value)}`
      return { name: one.name, y: this.y(value) }
    }).sort((a, b) => a.y - b.y)
    heads.forEach((one, order) => { one.at = Math.max(one.y, order ? heads[order - 1].at + 15 : TOP) })
    const over = heads.at(-1).at - (HIGH - FOOT)
    for (let order = heads.length - 1, most = HIGH - FOOT; over > 0 && order >= 0; order--) { heads[order].at = Math.min(heads[order].at, most); most = heads[order].at - 15 }
    for (const one of heads) {
      one.name.setAttribute('x', this.x(at) + 13)
      one.name.setAttribute('y', one.at + 4)
    }
  }
}

export default function ({ parentElement, data }) {
  const host = parentElement.querySelector('.race')
  host.drawn ??= new Race(host)
  if (JSON.stringify(data) !== JSON.stringify(host.drawn.data)) host.drawn.take(data)
}
