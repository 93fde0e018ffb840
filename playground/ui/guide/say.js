// Say / don't say: cards from plain records. Copying, covering and uncovering ask nobody; a number opens its screen.
function node(tag, cls, text, ...children) {
  const made = document.createElement(tag)
  if (cls) made.className = cls
  if (text) made.textContent = text
  made.append(...children)
  return made
}

function button(cls, text, act) {
  const made = node('button', cls, text)
  made.type = 'button'
  made.onclick = act
  return made
}

function copier(label, words) {
  const made = button('copy', label, async () => {
    made.textContent = await copied(words) ? 'Copied' : 'Your browser refuses'
    made.focus()
    setTimeout(() => { made.textContent = label }, 2000)
  })
  made.setAttribute('aria-live', 'polite')
  return made
}

function partOf(part, one, open) {
  if (!part.number) return document.createTextNode(part.text)
  if (!one.ready) return node('span', 'gap', part.text)
  const made = button('number', part.text, () => open(one.id))
  made.title = `${part.number}: see it on ${one.place}`
  made.setAttribute('aria-label', `${part.text}, ${part.number}: see it on ${one.place}`)
  return made
}

function sayOf(one, state, open) {
  const said = node('p', 'text', '', ...one.parts.map(part => partOf(part, one, open)))
  const hidden = state.covered && one.ready && !state.shown.has(one.id)
  if (!hidden) return said
  const show = button('cover', 'Say it yourself first, then look', () => {
    state.shown.add(one.id)
    show.replaceWith(said)
    said.tabIndex = -1
    said.focus()
  })
  return show
}

function cardOf(one, state, open) {
  const dont = node('div', 'line dont', '', node('span', 'mark', 'Don’t say'), node('p', 'text', one.dont))
  const say = node('div', 'line say', '', node('span', 'mark', 'Say'), sayOf(one, state, open))
  const foot = node('div', 'foot', '', node('p', 'because', one.ready ? one.because : one.needs))
  foot.append(one.ready ? copier('Copy', one.do) : button('copy', `Go to ${one.place}`, () => open(one.id)))
  const card = node('section', one.ready ? 'card' : 'card waits', '',
    node('header', '', '', node('h4', '', one.title), node('span', 'about', one.about)), dont, say, foot)
  card.setAttribute('aria-label', one.title)
  return card
}

export default function ({ parentElement, data, setTriggerValue }) {
  const place = parentElement.querySelector('.says')
  const state = place.state ||= { covered: false, shown: new Set() }
  const open = id => setTriggerValue('opened', id)
  const draw = () => {
    const ready = data.sentences.filter(one => one.ready)
    const cover = button('toggle', state.covered ? 'Show all' : 'Practise: cover what to say', () => {
      state.covered = !state.covered
      state.shown.clear()
      draw()
      place.querySelector('.toggle').focus()
    })
    cover.setAttribute('aria-pressed', String(state.covered))
    const bar = node('div', 'bar', '', cover)
    if (ready.length) bar.append(copier(`Copy all ${ready.length}`, ready.map(one => `${one.title}\n${one.do}`).join('\n\n')))
    cover.disabled = !ready.length
    place.replaceChildren(bar, ...data.sentences.map(one => cardOf(one, state, open)))
  }
  draw()
}
