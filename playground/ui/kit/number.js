const HUNDRED = 100

function text(tag, cls, value) {
  const node = document.createElement(tag)
  node.className = cls
  node.textContent = value
  return node
}

function build(place) {
  const people = text('div', 'people', '')
  people.setAttribute('aria-hidden', 'true')
  const line = document.createElement('input')
  line.type = 'range'
  const read = text('output', 'read', '')
  const button = text('button', 'go', 'Guess')
  button.type = 'button'
  const foot = text('div', 'foot', '')
  foot.append(read, button)
  place.append(people, line, foot)
}

// The figures stay the same ones from the first move to the answer; only what they are changes.
function fill(people, data, count) {
  people.hidden = data.high !== HUNDRED
  while (people.children.length < HUNDRED) {
    const one = text('span', 'one', '')
    one.style.setProperty('--at', people.children.length)
    people.append(one)
  }
  const known = data.answer !== null
  people.childNodes.forEach((one, at) => {
    one.classList.toggle('guessed', count !== null && at < count)
    one.classList.toggle('found', known && at < data.answer)
    one.classList.toggle('edge', known && count !== null && at === count - 1)
  })
}

export default function ({ parentElement, data, setTriggerValue }) {
  const place = parentElement.querySelector('.guess')
  if (!place.firstChild) build(place)
  const [people, line, foot] = place.children
  const [read, button] = foot.children
  line.min = data.low
  line.max = data.high
  line.setAttribute('aria-label', data.ask)
  line.hidden = foot.hidden = data.made
  people.setAttribute('aria-label', data.said)
  if (data.made) { fill(people, data, data.guess); return }
  const show = () => {
    const moved = place.dataset.moved === 'yes'
    read.textContent = moved ? `${Number(line.value).toLocaleString('en')} ${data.unit}` : 'Move the line'
    line.setAttribute('aria-valuetext', `${line.value} ${data.unit}`)
    button.disabled = !moved
    fill(people, data, moved ? Number(line.value) : null)
  }
  if (!place.dataset.moved) { line.value = (data.low + data.high) / 2; place.dataset.moved = 'no' }
  line.oninput = () => { place.dataset.moved = 'yes'; show() }
  line.onkeydown = event => { if (event.key === 'Enter' && !button.disabled) button.click() }
  button.onclick = () => setTriggerValue('guess', Number(line.value))
  show()
}
