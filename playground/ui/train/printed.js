// A printed listing: every line is a button. The one that breaks opens what Python said, and how it reads once mended.

function node(tag, cls, text, ...children) {
  const made = document.createElement(tag)
  if (cls) made.className = cls
  if (text) made.textContent = text
  made.append(...children)
  return made
}

function lineOf(text, number, data) {
  const broke = data.broke.find(one => one[0] === number)
  const made = node('li', broke ? 'mended' : data.tried === number ? 'tried' : '')
  if (broke) made.append(node('code', 'was', broke[1]))
  const line = node('button', 'line', '', node('span', 'number', String(number)), node('code', '', text || ' '))
  line.type = 'button'
  line.dataset.line = number
  line.disabled = !data.fault || data.over || !text || Boolean(broke)
  line.setAttribute('aria-label', `Line ${number}: ${text}${broke ? `. Mended. ${broke[2]}` : ''}`)
  made.append(line)
  if (broke) made.append(node('p', 'error', '', node('code', '', broke[2]), node('span', '', broke[3])))
  if (data.tried === number) made.append(node('p', 'runs', 'This line runs.'))
  return made
}

export default function ({ parentElement, data, setTriggerValue }) {
  const box = parentElement.querySelector('.box'), lines = box.querySelector('.lines')
  const drawn = JSON.stringify(data)
  if (box.drawn === drawn) return
  const known = box.known || 0, first = !box.drawn
  box.drawn = drawn
  box.known = data.broke.length
  const on = document.activeElement?.shadowRoot?.activeElement?.dataset?.line
  box.querySelector('header').replaceChildren(node('strong', '', data.file), node('span', '', data.title),
    node('span', `found${data.fault ? '' : ' all'}`, `${data.broke.length} of ${data.faults}`))
  lines.replaceChildren(...data.lines.map((text, number) => lineOf(text, number + 1, data)))
  const asks = box.querySelector('.asks')
  asks.textContent = data.asks
  asks.className = `asks${data.fault ? '' : ' good'}`
  lines.setAttribute('aria-label', data.sentence)
  if (!first && data.broke.length > known) {
    const line = data.broke[data.broke.length - 1][0]
    lines.children[line - 1].classList.add('new')
  }
  if (on) lines.querySelector(`[data-line="${CSS.escape(on)}"]`)?.focus()
  lines.onclick = event => {
    const line = event.target.closest('.line')
    if (line && !line.disabled) setTriggerValue('said', Number(line.dataset.line))
  }
  lines.onkeydown = event => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step) return
    const all = [...lines.querySelectorAll('.line:not(:disabled)')], to = all[all.indexOf(event.target) + step]
    if (to) { event.preventDefault(); to.focus() }
  }
}
