const SVG = 'http://www.w3.org/2000/svg'
const ICONS = {
  row: 'M4 5h12M4 10h12M4 15h7',
  file: 'M6 3h6l4 4v10H6zM12 3v4h4',
  rest: 'M3 10h5M12 10h5M8 6l-3 4 3 4M12 6l3 4-3 4',
}

function text(tag, cls, value = '') {
  const node = document.createElement(tag)
  node.className = cls
  node.textContent = value
  return node
}

function icon(id) {
  const svg = document.createElementNS(SVG, 'svg'), path = document.createElementNS(SVG, 'path')
  svg.setAttribute('viewBox', '0 0 20 20')
  path.setAttribute('d', ICONS[id])
  svg.append(path)
  return svg
}

function build(door) {
  const row = text('div', 'door'), name = text('div', 'name'), digits = text('div', 'digits')
  name.append(icon(door.id), text('span', '', door.title))
  row.append(name, digits, text('div', 'by'), text('div', 'note'))
  return row
}

// Digits stay the same ones from the first answer on: only what they are changes, so that what is equal lights up.
function show(row, door, data) {
  const [, digits, by, note] = row.children
  row.classList.toggle('asked', door.asked)
  by.textContent = door.version
  note.textContent = door.note
  if (digits.dataset.shown !== door.digits) {
    digits.dataset.shown = door.digits
    digits.replaceChildren(...[...door.digits].map((digit, at) => {
      const one = text('span', 'digit', digit)
      one.style.setProperty('--at', at)
      return one
    }))
  }
  if (!door.digits) digits.replaceChildren(text('span', 'none', door.asked ? 'Guess first: it is covered' : 'not asked yet'))
  const told = data.doors.filter(one => one.digits).length > 1
  digits.querySelectorAll('.digit').forEach((one, at) => {
    one.classList.toggle('lit', told && at < data.equal)
    one.classList.toggle('apart', told && at >= data.equal)
    one.classList.toggle('first', told && at === data.equal)
  })
}

export default function ({ parentElement, data }) {
  const host = parentElement.querySelector('.doors')
  if (!host.firstChild) host.append(text('p', 'about'), ...data.doors.map(build), text('p', 'said'))
  host.setAttribute('aria-label', data.said)
  const [about, ...rest] = host.children, said = rest.pop()
  about.textContent = `${data.customer}: ${data.about}`
  data.doors.forEach((door, at) => show(rest[at], door, data))
  host.classList.toggle('same', data.same === true)
  said.textContent = data.same === true ? `Equal to the last digit: all ${data.doors[0].digits.replace(/\D/g, '').length} of them` : data.said
  said.classList.toggle('differ', data.same === false)
}
