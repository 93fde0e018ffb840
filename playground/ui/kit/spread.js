const SVG = 'http://www.w3.org/2000/svg'
// Where a lane has its dots; those that lie close stand a little apart.
const WIDTH = 280, EDGE = 14, OWN = 34, SAME = 76, AXIS = 112, APART = 3

function text(tag, cls, value) {
  const node = document.createElement(tag)
  node.className = cls
  node.textContent = value
  return node
}

function svg(tag, cls, at, value) {
  const node = document.createElementNS(SVG, tag)
  node.setAttribute('class', cls)
  Object.entries(at).forEach(([name, one]) => node.setAttribute(name, one))
  if (value !== undefined) node.textContent = value
  return node
}

const place = (data, number) => EDGE + (number - data.low) / (data.high - data.low) * (WIDTH - 2 * EDGE)
const say = (data, number) => (number / 10 ** data.decimals).toFixed(data.decimals)

function build(box) {
  const picture = svg('svg', 'picture', { role: 'img' })
  const ends = text('div', 'ends', '')
  for (const name of ['Lowest', 'Highest']) {
    const end = document.createElement('input')
    end.type = 'range'
    end.dataset.name = name
    ends.append(end)
  }
  const foot = text('div', 'foot', '')
  const button = text('button', 'go', 'Guess')
  button.type = 'button'
  foot.append(text('output', 'read', ''), button)
  const line = text('div', 'line', '')
  line.append(picture, ends)
  box.append(line, foot, text('div', 'after', ''))
}

function axis(picture, data) {
  picture.append(svg('line', 'axis', { x1: EDGE, x2: WIDTH - EDGE, y1: AXIS, y2: AXIS }))
  for (let at = 0; at < 4; at += 1) {
    const number = data.low + at * (data.high - data.low) / 3, x = place(data, number)
    picture.append(svg('line', 'axis', { x1: x, x2: x, y1: AXIS, y2: AXIS + 4 }),
      svg('text', 'tick', { x, y: AXIS + (data.dots.length ? 16 : 24) }, say(data, number)))
  }
}

function band(picture, data, [low, high]) {
  const left = place(data, low)
  picture.querySelector('.band').setAttribute('x', left)
  picture.querySelector('.band').setAttribute('width', Math.max(2, place(data, high) - left))
}

// What the guess was about: the same dots stand on rows of their own first, and then on those that all share.
function reveal(picture, data) {
  const steps = 10 ** data.decimals
  picture.append(svg('text', 'lane', { x: EDGE, y: OWN - 18 }, data.own), svg('text', 'lane', { x: EDGE, y: SAME + 24 }, data.same))
  data.dots.forEach((dot, at) => {
    const [x, to] = [place(data, dot.own * steps), place(data, dot.same * steps)]
    const [y, down] = [OWN, SAME].map(lane => lane + (at - (data.dots.length - 1) / 2) * APART)  // close ones stay apart
    picture.append(svg('line', 'way', { x1: x, y1: y, x2: to, y2: down }), svg('circle', 'ghost', { cx: x, cy: y, r: 4 }))
    const moving = svg('circle', 'dot', { cx: 0, cy: 0, r: 4.5 })
    moving.style.setProperty('--own', `translate(${x}px, ${y}px)`)
    moving.style.setProperty('--same', `translate(${to}px, ${down}px)`)
    moving.style.setProperty('--at', at)
    moving.append(svg('title', '', {}, `${dot.name}: ${dot.own.toFixed(data.decimals)}, then ${dot.same.toFixed(data.decimals)}`))
    picture.append(moving)
  })
}

function play(box) {
  clearTimeout(box.timer)
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  box.classList.remove('moved')
  if (still) box.classList.add('moved')
  else box.timer = setTimeout(() => box.classList.add('moved'), 1500)
}

function table(data) {
  const drawer = document.createElement('details'), found = document.createElement('table')
  const line = (tag, cells) => {
    const row = document.createElement('tr')
    row.append(...cells.map(cell => text(tag, '', cell)))
    return row
  }
  found.append(line('th', ['', data.own, data.same]),
    ...data.dots.map(dot => line('td', [dot.name, dot.own.toFixed(data.decimals), dot.same.toFixed(data.decimals)])))
  drawer.append(text('summary', '', 'Table'), found)
  return drawer
}

export default function ({ parentElement, data, setTriggerValue }) {
  const box = parentElement.querySelector('.spread')
  if (!box.firstChild) build(box)
  const [line, foot, after] = box.children
  const [picture, ends] = line.children
  const [low, high] = ends.children
  const drawn = JSON.stringify(data)
  if (box.drawn === drawn) return
  box.drawn = drawn
  ends.hidden = foot.hidden = data.made
  const known = data.dots.length > 0
  picture.setAttribute('viewBox', known ? `0 0 ${WIDTH} ${AXIS + 20}` : `0 ${AXIS - 24} ${WIDTH} 54`)
  picture.setAttribute('aria-label', data.said)
  picture.replaceChildren(svg('rect', 'band', { y: known ? 22 : AXIS - 14, height: known ? AXIS - 22 : 14, x: 0, width: 0 }))
  axis(picture, data)
  after.replaceChildren()
  if (data.guess) band(picture, data, data.guess)
  if (known) {
    reveal(picture, data)
    const again = text('button', 'again', 'Play again')
    again.type = 'button'
    again.onclick = () => play(box)
    after.append(again, table(data))
    play(box)
  }
  if (data.made) return
  const third = (data.high - data.low) / 3
  const show = () => {
    const values = [Number(low.value), Number(high.value)], moved = box.dataset.moved === 'yes'
    for (const [end, value] of [[low, values[0]], [high, values[1]]]) {
      end.setAttribute('aria-label', `${end.dataset.name} of the five. ${data.ask}`)
      end.setAttribute('aria-valuetext', say(data, value))
    }
    band(picture, data, values)
    foot.children[0].textContent = moved ? `${say(data, values[0])} to ${say(data, values[1])}` : 'Move both ends'
    foot.children[1].disabled = !moved
  }
  for (const end of [low, high]) {
    end.min = data.low
    end.max = data.high
    end.oninput = () => {
      box.dataset.moved = 'yes'
      const other = end === low ? high : low  // they push each other and never cross
      if (Number(low.value) > Number(high.value)) other.value = end.value
      show()
    }
    end.onkeydown = event => { if (event.key === 'Enter' && !foot.children[1].disabled) foot.children[1].click() }
  }
  if (!box.dataset.moved) {
    low.value = Math.round(data.low + third)
    high.value = Math.round(data.high - third)
    box.dataset.moved = 'no'
  }
  foot.children[1].onclick = () => setTriggerValue('guess', [Number(low.value), Number(high.value)])
  show()
}
