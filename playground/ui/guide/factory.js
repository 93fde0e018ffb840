// The software factory: gears that moved turn. Moving one by hand shows what has to be made again; nobody is asked.
const SVG = 'http://www.w3.org/2000/svg'

function node(tag, cls, text, ...children) {
  const made = document.createElement(tag)
  if (cls) made.className = cls
  if (text) made.textContent = text
  made.append(...children)
  return made
}

function shape(tag, attributes) {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  return made
}

function gear(colour) {
  const made = shape('svg', { viewBox: '0 0 24 24', class: 'gear', 'aria-hidden': 'true' })
  made.append(shape('circle', { cx: 12, cy: 12, r: 9, fill: 'none', 'stroke-width': 4, 'stroke-dasharray': '3.53 3.53' }),
    shape('circle', { cx: 12, cy: 12, r: 7.2, fill: 'none', 'stroke-width': 3.4 }))
  made.style.setProperty('--gear', colour)
  return made
}

function chips(part) {
  const shown = part.values.slice(0, 4).map((one, at) => {
    const chip = node('span', at && one.letter ? 'chip later' : one.letter ? 'chip' : 'chip loose', one.letter || '–')
    chip.title = `${one.told}, ${one.runs} ${one.runs === 1 ? 'run' : 'runs'}`
    return chip
  })
  if (part.states > shown.length) shown.push(node('span', 'more', `+${part.states - shown.length}`))
  return node('span', 'chips', '', ...shown)
}

function partOf(part, colour, move) {
  const moved = part.states > 1
  const made = node('button', moved ? 'part moved' : 'part', '', gear(colour),
    node('span', 'words', '', node('span', 'name', part.name), node('span', 'tells', part.tells)), chips(part))
  made.type = 'button'
  made.style.setProperty('--colour', colour)
  made.setAttribute('aria-label', `Move ${part.name}: ${part.states ? `${part.states} so far` : 'none yet'}`)
  made.onclick = () => move(part, made)
  return made
}

// Curves from each part into the first stage, stretched to whatever height the parts have.
function belt(count) {
  const made = shape('svg', { viewBox: '0 0 100 100', preserveAspectRatio: 'none', class: 'belt', 'aria-hidden': 'true' })
  for (let at = 0; at < count; at++) {
    const y = (at + 0.5) * 100 / count
    made.append(shape('path', { d: `M0 ${y} C55 ${y} 45 50 100 50`, 'vector-effect': 'non-scaling-stroke' }))
  }
  return made
}

function stageOf(stage) {
  return node('li', 'stage', '', node('span', 'name', stage.name), node('span', 'said', stage.said), node('span', 'again', 'again'))
}

function rowOf(title, parts, stages, colours, tell) {
  const lines = belt(parts.length)
  const list = node('ol', 'stages', '', ...stages.map(stageOf))
  let timers = []
  const move = (part, pressed) => {
    timers.forEach(clearTimeout)
    for (const one of row.querySelectorAll('.turned, .lit')) one.classList.remove('turned', 'lit')
    void row.offsetWidth  // so that the same gear turns again
    pressed.classList.add('turned')
    lines.children[parts.indexOf(part)].classList.add('lit')
    timers = [...list.children].map((stage, at) => setTimeout(() => stage.classList.add('lit'), 350 + 350 * at))
    tell(part, stages)
  }
  const row = node('div', 'row', '', node('h5', '', title),
    node('div', 'run', '', node('div', 'parts', '', ...parts.map(part => partOf(part, colours[part.name], move))), lines, list))
  return row
}

function told(part, stages) {
  const again = stages.map(stage => stage.name.toLowerCase())
  const all = again.length > 1 ? `${again.slice(0, -1).join(', ')} and ${again.at(-1)}` : again[0]
  const names = part.values.map(one => `${one.letter || '–'} ${one.told}`)
  const here = part.states > 1 ? ` Here it had ${part.states} states: ${names.join(', ')}${part.states > names.length ? ', …' : ''}.`
    : part.states ? ` Here it stayed as it was: ${names[0]}.` : ''
  return `${part.name[0].toUpperCase()}${part.name.slice(1)} moves: ${all} again.${here}`
}

export default function ({ parentElement, data }) {
  const place = parentElement.querySelector('.factory')
  const drawn = JSON.stringify(data)
  if (place.dataset.drawn === drawn) return
  place.dataset.drawn = drawn
  const says = node('p', 'says', 'Press a part to move it.')
  says.setAttribute('aria-live', 'polite')
  const code = data.parts.filter(part => part.name === 'code')
  const app = [{ name: 'Build', said: 'the same code, the same app' }, { name: 'Deploy', said: 'and it is out' }]
  const tell = (part, stages) => { says.textContent = told(part, stages) }
  place.replaceChildren(rowOf('An app', code, app, data.colours, tell), rowOf('Here', data.parts, data.stages, data.colours, tell), says)
}
