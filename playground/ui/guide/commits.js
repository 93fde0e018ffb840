// Commits as a small graph, the newest on top: one line for what is merged, one beside it for a branch.
const SVG = 'http://www.w3.org/2000/svg'
const ROW = 30, LANE = 16, LEFT = 10

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

export default function ({ parentElement, data }) {
  const box = parentElement.querySelector('.log'), drawn = JSON.stringify(data)
  if (box.drawn === drawn) return
  box.drawn = drawn
  const x = one => LEFT + one.lane * LANE, y = number => ROW * number + ROW / 2
  const at = Object.fromEntries(data.commits.map((one, number) => [one.sha, number]))
  const known = box.known || new Set(data.commits.map(one => one.sha))
  const svg = shape('svg', { width: LEFT * 2 + LANE, height: ROW * data.commits.length, 'aria-hidden': 'true' })
  data.commits.forEach((one, number) => one.parents.filter(sha => sha in at).forEach(sha => {
    const other = data.commits[at[sha]], top = y(number), bottom = y(at[sha])
    const side = Math.max(one.lane, other.lane)
    const turn = one.lane === other.lane ? `M${x(one)} ${top}V${bottom}`
      : one.lane < other.lane ? `M${x(one)} ${top}C${x(one)} ${top + ROW * 0.6} ${x(other)} ${bottom - ROW * 0.6} ${x(other)} ${bottom}`
        : `M${x(one)} ${top}V${bottom - ROW}C${x(one)} ${bottom - ROW * 0.4} ${x(other)} ${bottom - ROW * 0.6} ${x(other)} ${bottom}`
    svg.append(shape('path', { d: turn, class: `edge lane${side}` }))
  }))
  data.commits.forEach((one, number) => {
    const merge = one.parents.length > 1
    svg.append(shape('circle', { cx: x(one), cy: y(number), r: merge ? 5 : 4.5,
      class: `dot lane${one.lane}${merge ? ' merge' : ''}${known.has(one.sha) ? '' : ' new'}` }))
  })
  const list = node('ol', '', '', ...data.commits.map(one => {
    const item = node('li', known.has(one.sha) ? '' : 'new', '', ...one.refs.map(ref => node('span', 'ref', ref)),
      node('span', 'message', one.message), node('span', 'by', `${one.author} · ${one.sha.slice(0, 7)}`))
    item.title = `${one.message} (${one.author}, ${one.sha.slice(0, 7)})`
    return item
  }))
  list.setAttribute('aria-label', 'Commits, the newest first')
  box.known = new Set(data.commits.map(one => one.sha))
  box.replaceChildren(svg, list)
}
