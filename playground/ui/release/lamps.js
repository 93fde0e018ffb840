const SVG = 'http://www.w3.org/2000/svg'
const APART = 170                // milliseconds from lamp to lamp
const seen = new Set()           // an answer lights up once
const MARKS = { pass: 'M4.5 10.5l4 4 7.5-9', fail: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
  unknown: 'M7 7.2a3 3 0 1 1 4.3 2.7c-.9.4-1.3 1-1.3 2.1M10 15.3v.1', waiting: 'M10 10v.1' }

const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches
const percent = share => `${(100 * share).toFixed(2)}%`

function text(tag, cls, value) {
  const node = document.createElement(tag)
  node.className = cls
  node.textContent = value
  return node
}

function bulb(outcome) {
  const node = text('span', 'bulb', ''), icon = document.createElementNS(SVG, 'svg'), path = document.createElementNS(SVG, 'path')
  icon.setAttribute('viewBox', '0 0 20 20')
  path.setAttribute('d', MARKS[outcome])
  icon.append(path)
  node.append(icon)
  node.setAttribute('aria-hidden', 'true')
  return node
}

/* The interval against the line: what lies left of the line is more than may be lost. */
function interval({ at, line, measured, sentence }) {
  const node = text('div', 'interval', '')
  const place = (cls, left, width, value = '') => {
    const one = text('span', cls, value)
    one.style.left = percent(left)
    if (width !== null) one.style.width = percent(width)
    node.append(one)
    return one
  }
  node.append(text('span', 'track', ''))
  place('lost', 0, at.line)
  place('nought', at.nought, null)
  place('reach', at.lower, at.upper - at.lower)
  place('bar', at.line, null)
  place('measured', at.measured, null)
  place(`name ${at.line < 0.3 ? 'first' : at.line > 0.7 ? 'last' : ''}`, at.line, null, line)
  place(`much ${at.measured < 0.2 ? 'first' : at.measured > 0.8 ? 'last' : ''}`, at.measured, null, measured)
  node.setAttribute('role', 'img')
  node.setAttribute('aria-label', sentence)
  return node
}

function lamp(one) {
  const item = document.createElement('li')
  item.className = one.outcome
  item.dataset.lamp = one.id
  const word = text('p', 'word', one.said)
  if (one.refuses) word.append(text('small', '', ' · this stands in the way'))
  item.append(bulb(one.outcome), text('p', 'question', one.question), word)
  if (one.interval) item.append(interval(one.interval))
  if (one.sentence) item.append(text('p', 'why', one.sentence))
  return item
}

export default function ({ parentElement, data }) {
  const list = parentElement.querySelector('.lamps'), said = JSON.stringify(data)
  if (list.said === said) return
  list.said = said
  list.replaceChildren(...data.lamps.map(lamp))
  list.setAttribute('aria-label', 'The release check in six questions')
  const slowly = data.fresh && !seen.has(data.key) && !calm()
  seen.add(data.key)
  for (const [at, item] of [...list.children].entries()) {
    if (slowly) setTimeout(() => item.classList.add('on'), 120 + at * APART)
    else item.classList.add('on')
  }
}
