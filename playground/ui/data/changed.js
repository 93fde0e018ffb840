// Old and new of every changed cell. Drawn once for a pair of versions; the line through the old one is then drawn again.

function node(tag, cls, text, ...children) {
  const made = document.createElement(tag)
  if (cls) made.className = cls
  if (text) made.textContent = text
  made.append(...children)
  return made
}

function heading(column) {
  const bar = node('span', 'bar')
  bar.style.setProperty('--share', column.share)
  bar.setAttribute('aria-hidden', 'true')
  const head = node('th', '', '', node('span', 'label', column.label), node('span', 'count', column.count), bar)
  head.scope = 'col'
  return head
}

function value(tag, text) {
  return node(tag, '', '', node('span', text ? '' : 'missing', text || 'missing'))
}

function pair(cell) {
  if (!cell) return node('td', 'same', '', node('span', 'unseen', 'as before'))
  const arrow = node('span', 'arrow', '→')
  arrow.setAttribute('aria-hidden', 'true')
  return node('td', '', '', node('span', 'pair', '', value('del', cell.before), arrow, value('ins', cell.after)),
    node('span', 'moved', cell.moved))
}

function line(row, number) {
  const name = node('th', 'name', row.name)
  name.scope = 'row'
  const made = node('tr', '', '', name, ...row.cells.map(pair))
  made.style.setProperty('--nth', Math.min(number, 14))
  return made
}

export default function ({ parentElement, data }) {
  const box = parentElement.querySelector('.box'), table = box.querySelector('table')
  const drawn = JSON.stringify(data)
  if (box.drawn === drawn) return
  box.drawn = drawn
  box.setAttribute('aria-label', data.caption)
  const identity = node('th', 'name', data.identity)
  identity.scope = 'col'
  table.replaceChildren(
    node('caption', 'unseen', data.caption),
    node('thead', '', '', node('tr', '', '', identity, ...data.columns.map(heading))),
    node('tbody', '', '', ...data.rows.map(line)))
}
