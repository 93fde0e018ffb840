// Five pins of each run. What a letter stands for is said on hover and on focus.

function node(tag, cls, text, ...children) {
  const made = document.createElement(tag)
  if (cls) made.className = cls
  if (text) made.textContent = text
  made.append(...children)
  return made
}

function heading(pin) {
  const head = node('th', pin.first ? 'first' : '', '', node('span', '', pin.name))
  if (pin.first) head.append(node('span', 'flag', 'first difference'))
  head.scope = 'col'
  return head
}

function cell(bar) {
  const look = bar.letter ? { A: 'a', B: 'b' }[bar.letter] || 'c' : 'loose'
  const letter = node('span', `pin ${look}`, bar.letter || '–')
  letter.setAttribute('aria-hidden', 'true')
  const what = [bar.letter ? `${bar.name} ${bar.letter}` : `${bar.name} is not pinned`, bar.told, bar.hash].filter(Boolean)
  const made = node('span', `cell ${bar.name}`, '', letter, node('span', 'told', bar.told), node('span', 'tip', what.join(' · ')))
  made.tabIndex = 0
  made.setAttribute('role', 'img')
  made.setAttribute('aria-label', what.concat(bar.first ? ['first difference'] : []).join(', '))
  return node('td', bar.first ? 'first' : '', '', made)
}

function proven() {
  const made = node('span', 'proven', '✓')
  made.setAttribute('role', 'img')
  made.setAttribute('aria-label', 'proven')
  made.title = 'proven'
  return made
}

export default function ({ parentElement, data }) {
  const table = parentElement.querySelector('table')
  const drawn = JSON.stringify(data)
  if (table.drawn === drawn) return
  table.drawn = drawn
  const several = data.lines.length > 1
  table.className = several ? 'several' : 'alone'
  const corner = node('td', 'run')
  table.replaceChildren(
    node('caption', 'unseen', data.caption),
    node('thead', '', '', node('tr', '', '', ...(several ? [corner] : []), ...data.names.map(heading))),
    node('tbody', '', '', ...data.lines.map((line) => {
      const run = node('th', 'run', line.run)
      run.scope = 'row'
      if (line.proven) run.append(proven())
      return node('tr', '', '', ...(several ? [run] : []), ...line.bars.map(cell))
    })))
}
