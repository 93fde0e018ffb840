const COLOURS = ['orange', 'blue', 'green', 'violet', 'red', 'gray']
const SVG = 'http://www.w3.org/2000/svg'
const WAIT = 700, TAKES = 1900  // milliseconds until it moves by itself, and how long that takes
const STAGGER = 1.6             // the last dot leaves when the first has long arrived
const played = new Set()        // a move shows itself once; after that it is the person's

const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches
const colour = column => `var(--st-${COLOURS[column % COLOURS.length]}-color)`
const ease = t => t < 0.5 ? 4 * t * t * t : 1 - (2 - 2 * t) ** 3 / 2
const clamp = t => Math.min(1, Math.max(0, t))

function text(tag, cls, value) {
  const node = document.createElement(tag)
  node.className = cls
  node.textContent = value
  return node
}

function shape(tag, cls, attributes = {}) {
  const node = document.createElementNS(SVG, tag)
  node.setAttribute('class', cls)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  return node
}

/* Slots: in each column first the dots that stay, then those that leave, then those that arrive. A dot that leaves so
   leaves a hole, in which what was sent stays to be seen; no other dot moves. */
function slots(data) {
  const used = data.columns.map(() => 0)
  const take = column => ({ column, place: used[column]++ })
  const stays = dot => dot.now.column === dot.then.column
  const placed = data.dots.map(dot => ({ dot }))
  for (const one of placed) if (stays(one.dot)) one.from = one.to = take(one.dot.now.column)
  for (const one of placed) if (!stays(one.dot)) one.from = take(one.dot.now.column)
  for (const one of placed) if (!stays(one.dot)) one.to = take(one.dot.then.column)
  for (const one of placed) {
    const { sent, now, then } = one.dot
    one.sent = sent.column === now.column ? one.from : sent.column === then.column ? one.to : take(sent.column)
  }
  return { placed, used }
}

/* Where a slot is: piles that stand side by side on a floor; where there is no room for that, bands below each other. */
function geometry(width, used) {
  const narrow = width < 540, many = used.length
  const foot = 46, between = narrow ? 18 : 52
  const stacked = narrow && many > 2
  const each = stacked ? width : (width - between * (many - 1)) / many
  const row = Math.max(4, Math.floor(each / (narrow ? 13 : 19))), step = each / row
  const rows = used.map(count => Math.ceil(count / row))
  const high = Math.max(1, ...rows) * step
  const tops = rows.map((_, column) => rows.slice(0, column).reduce((sum, one) => sum + one * step + foot, 0))
  const left = column => stacked ? 0 : column * (each + between)
  return {
    radius: step * 0.39, step, each, left, stacked,
    height: stacked ? tops.at(-1) + rows.at(-1) * step + foot : high + foot,
    floor: column => stacked ? tops[column] + foot - 6 : high + 5,
    foot: column => stacked ? tops[column] : high + 9,
    at: ({ column, place }) => ({
      x: left(column) + (place % row + 0.5) * step,
      y: stacked ? tops[column] + foot + (Math.floor(place / row) + 0.5) * step
        : high - (Math.floor(place / row) + 0.5) * step,
    }),
  }
}

class Move {
  constructor(host, data, opened) {
    this.host = host
    this.find = one => host.querySelector(one)
    this.opened = opened
    this.t = 0
    this.chosen = -1
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
    this.slots = slots(data)
    this.movers = this.slots.placed.filter(one => one.from !== one.to)
    this.movers.forEach((one, order) => { one.wait = this.movers.length > 1 ? order / (this.movers.length - 1) : 0 })
    this.chosen = -1
    this.end('now', data.now, data.words[0])
    this.end('then', data.then, data.words[1])
    this.find('input').setAttribute('aria-label', `From ${data.now} to ${data.then}`)
    this.find('svg').setAttribute('aria-label', data.sentence)
    this.still()
    this.t = data.rests
    this.width = 0
    this.draw()
    this.detail()
    if (!data.rests && !played.has(data.key)) this.play(data.key)
    else if (!data.rests) this.show(1)
  }

  end(which, version, words) {
    const button = this.find(`.end.${which}`)
    button.replaceChildren(text('b', '', version), text('small', '', words))
  }

  play(key) {
    played.add(key)
    if (calm()) return this.show(1)
    const seen = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return
      seen.disconnect()
      this.timer = setTimeout(() => this.go(1), WAIT)
    }, { threshold: 0.6 })
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

  draw() {
    const width = this.find('.stage').clientWidth
    if (!width || width === this.width) return
    this.width = width
    const room = this.room = geometry(width, this.slots.used), svg = this.find('svg')
    svg.setAttribute('viewBox', `0 0 ${width} ${room.height}`)
    svg.style.height = `${room.height}px`
    const floors = this.data.columns.map((_, column) => shape('line', 'floor', {
      x1: room.left(column), x2: room.left(column) + room.each, y1: room.floor(column), y2: room.floor(column) }))
    const sent = this.slots.placed.map(one => {
      const { x, y } = room.at(one.sent)
      return shape('circle', 'sent', { cx: x, cy: y, r: room.radius - 0.6 })
    })
    this.nodes = this.slots.placed.map((one, number) => {
      const { who, at, sent, now, then, flips } = one.dot
      const node = shape('circle', `dot${flips ? ' flips' : ''}`, { r: room.radius, role: 'option', id: `dot-${number}` })
      node.dataset.dot = number
      node.setAttribute('aria-label', `${who || 'Row'}, asked ${at}. Sent: ${sent.text}. ${this.data.now}: ${now.text}. `
        + `${this.data.then}: ${then.text}.`)
      return node
    })
    this.thread = shape('path', 'thread')
    this.far = shape('circle', 'ring far', { r: room.radius + 2.5 })
    this.ring = shape('circle', 'ring', { r: room.radius + 2.5 })
    const still = this.nodes.filter((_, number) => this.slots.placed[number].from === this.slots.placed[number].to)
    const moving = this.nodes.filter(node => !still.includes(node))
    svg.replaceChildren(...floors, ...sent, this.thread, ...still, ...moving, this.far, this.ring)
    this.feet = this.data.columns.map((column, number) => {
      const foot = text('div', 'foot', '')
      foot.style.cssText = `left:${room.left(number)}px; top:${room.foot(number)}px; width:${room.each}px`
      foot.append(text('b', '', ''), text('span', '', column.title), text('small', '', ''))
      return foot
    })
    this.find('.feet').replaceChildren(...this.feet)
    this.show(this.t)
  }

  place(one, t) {
    const from = this.room.at(one.from)
    if (one.from === one.to) return { ...from, part: 0 }
    const part = ease(clamp(t * (1 + STAGGER) - one.wait * STAGGER)), to = this.room.at(one.to)
    const lift = Math.min(54, Math.hypot(to.x - from.x, to.y - from.y) * 0.16) * Math.sin(Math.PI * part)
    return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part - lift, part }
  }

  show(t) {
    this.t = t
    this.host.dataset.at = t.toFixed(2)
    const input = this.find('input')
    input.value = Math.round(t * 1000)
    input.setAttribute('aria-valuetext', t < 0.5 ? this.data.now : this.data.then)
    this.find('.end.now').setAttribute('aria-pressed', String(t === 0))
    this.find('.end.then').setAttribute('aria-pressed', String(t === 1))
    if (!this.room) return
    this.slots.placed.forEach((one, number) => {
      const { x, y, part } = this.place(one, t), node = this.nodes[number]
      node.setAttribute('cx', x)
      node.setAttribute('cy', y)
      node.style.fill = colour((part < 0.5 ? one.from : one.to).column)  // a mixture would be grey, which means sent
    })
    this.data.columns.forEach((column, number) => {
      const [count, , more] = this.feet[number].children, change = column.then - column.now
      count.textContent = Math.round(column.now + change * t).toLocaleString('en')
      const gone = change && t === 1 ? `, ${change > 0 ? '+' : '−'}${Math.abs(change).toLocaleString('en')}` : ''
      more.textContent = `of ${this.data.compared.toLocaleString('en')}${gone}`
    })
    this.mark()
  }

  mark() {
    const one = this.slots.placed[this.chosen]
    for (const node of [this.ring, this.far, this.thread]) node.style.display = one ? '' : 'none'
    if (!one) return
    const here = this.place(one, this.t), sent = this.room.at(one.sent)
    const apart = Math.hypot(here.x - sent.x, here.y - sent.y) > 2
    for (const [node, at] of [[this.ring, here], [this.far, sent]]) {
      node.setAttribute('cx', at.x)
      node.setAttribute('cy', at.y)
    }
    this.far.style.display = this.thread.style.display = apart ? '' : 'none'
    this.thread.setAttribute('d', `M${sent.x} ${sent.y}L${here.x} ${here.y}`)
  }

  choose(number) {
    this.chosen = number
    const svg = this.find('svg')
    this.nodes.forEach((node, at) => node.setAttribute('aria-selected', String(at === number)))
    svg.setAttribute('aria-activedescendant', `dot-${number}`)
    this.mark()
    this.detail()
  }

  key(event) {
    const aim = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
    const many = this.nodes.length
    let next = null
    if (!many) return
    if (aim) next = this.chosen < 0 ? 0 : this.near(aim)
    else if (event.key === 'Home') next = 0
    else if (event.key === 'End') next = many - 1
    else if (event.key === 'f' || event.key === 'F') {
      const flips = number => this.slots.placed[number].dot.flips
      for (let step = 1; step <= many && next === null; step++) {
        const number = (this.chosen + step) % many
        if (flips(number)) next = number
      }
    } else if (event.key === 'Enter') this.find('.detail a')?.focus()
    else return
    event.preventDefault()
    if (next !== null) this.choose(next)
  }

  near([dx, dy]) {
    const here = this.place(this.slots.placed[this.chosen], this.t)
    let best = this.chosen, least = Infinity
    this.slots.placed.forEach((one, number) => {
      const at = this.place(one, this.t), along = (at.x - here.x) * dx + (at.y - here.y) * dy
      const aside = Math.abs((at.x - here.x) * dy) + Math.abs((at.y - here.y) * dx)
      if (number !== this.chosen && along > 1 && along + 3 * aside < least) { least = along + 3 * aside; best = number }
    })
    return best
  }

  link(label, what, page, query) {
    const link = text('a', '', label)
    link.href = `${page}?${new URLSearchParams({ ...this.data.address, ...query })}`
    link.onclick = event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
      event.preventDefault()
      this.opened({ what, dot: this.slots.placed[this.chosen].dot.prediction_id })
    }
    return link
  }

  detail() {
    const place = this.find('.detail'), one = this.slots.placed[this.chosen]
    if (!one) return place.replaceChildren(text('p', '', this.data.hint))
    const { dot } = one, who = text('p', 'who', '')
    who.append(text('b', '', dot.who || 'A row without an id'), ` · asked ${dot.at}`)
    const list = document.createElement('dl')
    const line = (label, said, version, link) => {
      const words = text('dd', 'said', said.text), mark = text('i', '', '')
      mark.style.background = label === 'Sent' ? 'var(--st-gray-color)' : colour(said.column)
      words.prepend(mark)
      const last = document.createElement('dd')
      last.append(link)
      list.append(text('dt', '', label), words, text('dd', '', version), last)
    }
    const chain = (label, said) => this.link(`Chain of ${said.version}`, label, 'model',
      { ref: `${this.data.name}@${said.version.replace(/^v/, '')}` })
    line('Sent', dot.sent, `by ${dot.sent.version}, and stays sent`, this.link('Replay it', 'replay', 'predict', { replay: dot.prediction_id }))
    line(this.data.words[0], dot.now, this.data.now, chain('now', dot.now))
    line(this.data.words[1], dot.then, this.data.then, chain('then', dot.then))
    place.replaceChildren(who, list)
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector('.dots')
  const said = JSON.stringify(data)
  if (!host.move) host.move = new Move(host, data, value => setTriggerValue('opened', value))
  else if (host.said !== said) host.move.take(data)
  host.move.opened = value => setTriggerValue('opened', value)
  host.said = said
}
