// What a class said to one question: bars for options, a dot for each number, a bar for each pair of ends, drawn years laid
// over one another. Nobody is named, and everything that is data is set as text.
const NS = 'http://www.w3.org/2000/svg'
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function text(tag, cls, value) {
  const node = document.createElement(tag)
  node.className = cls
  if (value !== undefined) node.textContent = value
  return node
}

function svg(parent, tag, attributes, value) {
  const node = document.createElementNS(NS, tag)
  Object.entries(attributes).forEach(([name, of]) => node.setAttribute(name, of))
  if (value !== undefined) node.textContent = value
  parent.append(node)
  return node
}

function bars(host, data) {
  const most = Math.max(1, ...data.bars.map(bar => bar.count))
  while (host.children.length > data.bars.length) host.lastChild.remove()
  data.bars.forEach((bar, at) => {
    let row = host.children[at]
    if (!row) {
      row = text('div', 'bar')
      const track = text('span', 'track')
      track.append(text('i', ''))
      row.append(text('span', 'label'), track, text('b', ''))
      host.append(row)
    }
    row.classList.toggle('right', bar.right)
    row.querySelector('.label').textContent = bar.right ? `✓ ${bar.text}` : bar.text
    row.querySelector('b').textContent = bar.count
    row.querySelector('i').style.width = `${100 * bar.count / most}%`
  })
}

// Round numbers, as many as have room.
function ticks(data, width) {
  const least = (data.high - data.low) / Math.min(6, width / (data.large ? 110 : 70)), ten = 10 ** Math.floor(Math.log10(least))
  const step = ten * [1, 2, 5, 10].find(one => one * ten >= least * 0.999), first = Math.ceil(data.low / step - 0.001)
  return Array.from({ length: Math.floor(data.high / step + 0.001) - first + 1 }, (_, at) => (first + at) * step)
}

function axis(picture, data, width, height, x) {
  svg(picture, 'line', { class: 'axis', x1: x(data.low), x2: x(data.high), y1: height, y2: height })
  for (const value of ticks(data, width)) {
    const anchor = x(value) < 30 ? 'start' : x(value) > width - 30 ? 'end' : 'middle'
    svg(picture, 'line', { class: 'axis', x1: x(value), x2: x(value), y1: height, y2: height + 5 })
    svg(picture, 'text', { class: 'tick', x: x(value), y: height + (data.large ? 26 : 18), 'text-anchor': anchor }, number(value, data))
  }
}

// On a projector few are drawn large, and many still fit.
const grown = (data, least, most, room) => data.large ? Math.max(least, Math.min(most, room / data.values.length)) : 0
const number = (value, data) => value.toLocaleString('en', { minimumFractionDigits: data.decimals, maximumFractionDigits: data.decimals })

function numbers(picture, data, width) {
  const size = grown(data, 11, 20, 240) || 7, step = 2 * size + 2, columns = Math.floor((width - 20) / step)
  const x = value => 10 + (width - 20) * (value - data.low) / (data.high - data.low), stacks = {}
  const places = data.values.map(value => {
    const column = Math.min(columns - 1, Math.floor((value - data.low) / (data.high - data.low) * columns))
    stacks[column] = (stacks[column] || 0) + 1
    return [10 + (column + 0.5) * (width - 20) / columns, stacks[column]]
  })
  const height = Math.max(5, ...Object.values(stacks)) * step + 26
  places.forEach(([at, high], place) => {
    svg(picture, 'circle', { class: 'dot', cx: at, cy: height - (high - 0.5) * step - 2, r: size, style: `--at: ${place}` })
  })
  axis(picture, data, width, height, x)
  if (data.answer !== null) {
    svg(picture, 'line', { class: 'answer', x1: x(data.answer), x2: x(data.answer), y1: 18, y2: height })
    svg(picture, 'text', { class: 'answer', x: x(data.answer), y: 12, 'text-anchor': data.answer > (data.low + data.high) / 2 ? 'end' : 'start' }, `at one seat ${number(data.answer, data)}`)
  }
  return height + 24
}

function ends(picture, data, width) {
  const x = value => 10 + (width - 20) * (value - data.low) / (data.high - data.low), step = grown(data, 13, 34, 400) || 9
  const height = Math.max(6, data.values.length) * step + 26
  if (data.answer) {
    svg(picture, 'rect', { class: 'answer', x: x(data.answer[0]), width: Math.max(2, x(data.answer[1]) - x(data.answer[0])), y: 18, height: height - 18 })
    svg(picture, 'text', { class: 'answer', x: (x(data.answer[0]) + x(data.answer[1])) / 2, y: 12, 'text-anchor': 'middle' }, `at one seat ${number(data.answer[0], data)} to ${number(data.answer[1], data)}`)
  }
  data.values.forEach(([low, high], place) => {
    const y = height - (place + 0.6) * step
    svg(picture, 'line', { class: 'ends', x1: x(low), x2: x(high), y1: y, y2: y, style: `--at: ${place}; stroke-width: ${0.55 * step}` })
  })
  axis(picture, data, width, height, x)
  return height + 30
}

function lines(picture, data, width) {
  const left = 44, height = data.large ? 380 : 250
  const x = month => left + (width - left - 12) * month / 11, y = value => 14 + (height - 24) * (data.high - value) / (data.high - data.low)
  for (let part = 0; part <= 3; part++) {
    const value = data.low + (data.high - data.low) * part / 3
    svg(picture, 'line', { class: 'grid', x1: left, x2: width - 12, y1: y(value), y2: y(value) })
    svg(picture, 'text', { class: 'tick', x: left - 8, y: y(value) + 4, 'text-anchor': 'end' }, value.toFixed(2))
  }
  MONTHS.forEach((name, month) => {
    if (width > 520 || month % 3 === 0) svg(picture, 'text', { class: 'tick', x: x(month), y: height + 16, 'text-anchor': 'middle' }, name)
  })
  const points = line => line.map((value, month) => `${x(month)},${y(value)}`).join(' ')
  data.values.forEach((line, place) => svg(picture, 'polyline', { class: 'drawn', points: points(line), pathLength: 1, style: `--at: ${place}; opacity: ${Math.max(0.34, Math.min(0.75, 4 / data.values.length))}` }))
  if (data.values.length > 2) {
    const middle = MONTHS.map((_, month) => data.values.map(line => line[month]).sort((a, b) => a - b)[Math.floor(data.values.length / 2)])
    svg(picture, 'polyline', { class: 'middle', points: points(middle) })
  }
  if (data.answer) {
    svg(picture, 'polyline', { class: 'came', points: points(data.answer), pathLength: 1 })
    data.answer.forEach((value, month) => svg(picture, 'circle', { class: 'came', cx: x(month), cy: y(value), r: data.large ? 5 : 3.5 }))
  }
  return height + 22
}

const DRAWN = { number: numbers, two: ends, line: lines }

function draw(host, data) {
  const width = host.clientWidth
  if (!width || !DRAWN[data.kind]) return
  const signature = JSON.stringify([width, data])
  if (host.signature === signature) return
  const grew = host.signature !== undefined
  host.signature = signature
  const picture = document.createElementNS(NS, 'svg')
  const height = DRAWN[data.kind](picture, data, width)
  picture.setAttribute('viewBox', `0 0 ${width} ${height}`)
  picture.setAttribute('height', height)
  picture.setAttribute('role', 'img')
  picture.setAttribute('aria-label', data.said)
  if (grew) {  // only what is new moves
    const many = host.many || 0
    picture.querySelectorAll('.dot, .ends, .drawn').forEach((node, at) => { if (at < many) node.classList.add('old') })
  }
  host.many = data.values.length
  host.replaceChildren(picture)
}

export default function ({ parentElement, data }) {
  const given = parentElement.querySelector('.given')
  given.classList.toggle('large', data.large)
  if (!given.firstChild) given.append(text('p', 'ask'), text('div', 'picture'), text('div', 'bars'), text('p', 'said'), text('ul', 'key'))
  given.querySelector('.ask').textContent = data.text
  given.querySelector('.said').textContent = data.said
  const picture = given.querySelector('.picture'), shown = Boolean(DRAWN[data.kind])
  picture.hidden = !shown
  given.querySelector('.bars').hidden = shown
  if (shown) draw(picture, data); else bars(given.querySelector('.bars'), data)
  const key = given.querySelector('.key'), named = data.kind === 'line' ? [['drawn', 'drawn by one of you'], ...(data.values.length > 2 ? [['middle', 'the middle of all']] : []), ...(data.answer ? [['came', 'what it came to at one seat']] : [])] : []
  key.replaceChildren(...named.map(([cls, said]) => { const item = text('li', `k-${cls}`); item.append(text('i', ''), text('span', '', said)); return item }))
  if (!given.watch) {
    given.watch = new ResizeObserver(() => draw(picture, given.now))
    given.watch.observe(given)
  }
  given.now = data
}
