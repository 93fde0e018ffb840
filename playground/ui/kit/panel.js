function text(tag, cls, value) {
  const node = document.createElement(tag)
  node.className = cls
  node.textContent = value
  return node
}

// The bar of a narrow screen opens the panel around it; the server need not know.
function bar(place, data) {
  const panel = place.getRootNode().host.closest('.st-key-panel')
  let button = place.querySelector('button')
  if (!button) {
    button = document.createElement('button')
    button.type = 'button'
    button.append(text('span', 'number', ''), text('span', 'words', ''), text('span', 'arrow', ''))
    button.querySelector('.words').append(text('span', 'now', ''), text('span', 'title', ''))
    place.append(button)
  }
  const show = open => {
    panel.toggleAttribute('data-open', open)
    button.setAttribute('aria-expanded', String(open))
  }
  button.querySelector('.number').textContent = data.solved ? '✓' : data.number ?? '⚗'
  button.classList.toggle('solved', data.solved)
  button.querySelector('.now').textContent = data.now
  button.querySelector('.title').textContent = data.title
  button.onclick = () => show(!panel.hasAttribute('data-open'))
  panel.onkeydown = event => { if (event.key === 'Escape' && panel.hasAttribute('data-open')) { show(false); button.focus() } }
  const done = data.waits ? '' : 'yes'
  if (place.dataset.done === '' && done) show(false)  // when a question was answered, the screen is free again
  place.dataset.done = done
  button.classList.toggle('waits', data.waits)
  if (!button.hasAttribute('aria-expanded')) show(false)
}

const SAID = { reached: 'reached', kept: 'holds so far', undone: 'no longer true', broken: 'cannot be checked', open: 'open' }

// A mark keeps its element, so that it fills when its goal is reached.
function goals(place, marks) {
  let drawer = place.querySelector('details')
  if (!drawer) {
    drawer = document.createElement('details')
    const head = document.createElement('summary')
    head.append(text('span', 'dots', ''), text('span', 'count', ''))
    drawer.append(head, document.createElement('ol'))
    place.append(drawer)
  }
  const [dots, count, list] = [drawer.querySelector('.dots'), drawer.querySelector('.count'), drawer.querySelector('ol')]
  const many = state => marks.filter(mark => mark.state === state).length
  const still = many('kept') ? `, ${many('kept')} holds so far` : ''
  count.textContent = `${many('reached')} of ${marks.length - many('kept')} goals${still}`
  while (dots.children.length > marks.length) dots.lastChild.remove()
  marks.forEach((mark, at) => {
    const dot = dots.children[at] || dots.appendChild(text('span', 'dot', ''))
    dot.className = `dot ${mark.state}`
  })
  const told = marks.filter(mark => mark.text)  // before the first guess none is: they would answer it
  list.replaceChildren(...marks.length > told.length ? [text('li', 'open', 'They are listed after your guess.')] : told.map(mark => {
    const item = text('li', mark.state, mark.text)
    item.append(text('span', 'said', `, ${SAID[mark.state]}`))
    return item
  }))
}

function copy(place, words) {
  let button = place.querySelector('button')
  if (!button) {
    button = text('button', '', 'Copy my situation')
    button.type = 'button'
    button.setAttribute('aria-live', 'polite')
    place.append(button)
  }
  button.onclick = async () => {
    button.textContent = await copied(words) ? 'Copied' : 'Your browser refuses'
    button.focus()
    setTimeout(() => { button.textContent = 'Copy my situation' }, 2000)
  }
}

export default function ({ parentElement, data }) {
  const place = name => parentElement.querySelector(name)
  if (data.bar) bar(place('.bar'), data.bar)
  if (data.marks) goals(place('.goals'), data.marks)
  if (data.situation !== undefined) copy(place('.copy'), data.situation)
}
