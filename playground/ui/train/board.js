// Cells of a notebook go into the steps of a pipeline: dragged, or taken and put down by tap or key. Moving asks nobody.

function node(tag, cls, text, ...children) {
  const made = document.createElement(tag)
  if (cls) made.className = cls
  if (text) made.textContent = text
  made.append(...children)
  return made
}

function cardOf(card, taken) {
  const made = node('button', `card ${card.place ? 'placed' : card.tried ? 'tried' : 'loose'}`, '',
    node('span', 'count', `[${card.count}]`), node('code', '', card.code))
  made.type = 'button'
  made.dataset.cell = card.id
  made.draggable = !card.place
  made.setAttribute('aria-pressed', taken === card.id)
  made.setAttribute('aria-label', [`Cell ${card.count}: ${card.code}`, card.place && `in ${card.place}`, card.said]
    .filter(Boolean).join('. '))
  made.title = card.said || card.code
  return made
}

function placeOf([name, takes], cards) {
  const made = node('div', `place ${name}`, '')
  const target = node('button', 'target', '', node('span', 'name', name), node('span', 'takes', takes))
  target.type = 'button'
  target.dataset.place = name
  target.setAttribute('aria-label', `${name}: ${takes}. Put the taken cell here`)
  made.dataset.place = name
  made.append(target, node('div', 'cards', '', ...cards))
  return made
}

export default function ({ parentElement, data, setTriggerValue }) {
  const box = parentElement.querySelector('.box')
  const [tray, places, config, said] = ['.tray', '.places', '.config', '.said'].map(one => box.querySelector(one))
  const drawn = JSON.stringify(data)
  if (box.drawn === drawn) return
  const before = box.seen || {}
  box.drawn = drawn

  // Where each card stands on the screen: what has moved glides from there.
  const where = () => Object.fromEntries([...box.querySelectorAll('.card')].map(one => [one.dataset.cell, one.getBoundingClientRect()]))
  const from = where()

  function draw() {
    const loose = data.cards.filter(card => !card.place)
    tray.replaceChildren(...(loose.length ? loose.map(card => cardOf(card, box.taken))
      : [node('p', 'empty', 'No cell is left over.')]))
    places.replaceChildren(...data.places.map(place =>
      placeOf(place, data.cards.filter(card => card.place === place[0]).map(card => cardOf(card, '')))))
    config.replaceChildren(...data.config.map(line => node('span', `line${line.lit ? ' lit' : ''}`, `${line.text}\n`)))
    box.classList.toggle('taking', Boolean(box.taken))
    box.classList.toggle('whole', !loose.length)
  }

  function say() {
    const taken = data.cards.find(card => card.id === box.taken)
    const last = data.cards.find(card => card.said && JSON.stringify(before[card.id]) !== JSON.stringify(card) && before[card.id])
    if (!taken && last && !last.place) return refuse(last)
    said.className = `said ${!taken && last ? 'good' : ''}`
    said.textContent = taken ? `Cell [${taken.count}] is taken. Where does it go?`
      : last ? `[${last.count}] ${last.said}` : data.sentence
  }

  function refuse(card) {
    said.className = 'said bad'
    said.textContent = `[${card.count}] ${card.said}`
    tray.querySelector(`[data-cell="${CSS.escape(card.id)}"]`)?.classList.add('shaken')
  }

  function glide() {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
    const to = where()
    for (const card of box.querySelectorAll('.card')) {
      const a = from[card.dataset.cell], b = to[card.dataset.cell]
      if (!a || !b || Math.hypot(a.left - b.left, a.top - b.top) < 4) continue
      card.animate([{ transform: `translate(${a.left - b.left}px, ${a.top - b.top}px)` }, { transform: 'none' }],
        { duration: 320, easing: 'cubic-bezier(.2,.8,.3,1)' })
    }
  }

  function take(cell) {
    if (data.over) return
    box.taken = box.taken === cell ? '' : cell
    draw(); say()
    const next = box.taken ? places.querySelector('.target') : tray.querySelector(`[data-cell="${CSS.escape(cell)}"]`)
    if (box.byKey) next?.focus()
  }

  function put(place) {
    if (!box.taken || data.over) return
    const card = data.cards.find(one => one.id === box.taken)
    box.taken = ''
    draw()
    if (card.tried === place) refuse(card)  // it was said before, and nothing has changed
    else {
      said.className = 'said'
      said.textContent = `[${card.count}] goes to ${place}.`
      setTriggerValue('placed', { cell: card.id, place })
    }
  }

  box.onclick = event => {
    const card = event.target.closest('.card'), place = event.target.closest('.place')
    box.byKey = event.detail === 0  // a key pressed it
    if (card && !card.classList.contains('placed')) take(card.dataset.cell)
    else if (place) put(place.dataset.place)
  }
  box.onkeydown = event => {
    const on = event.target
    if (event.key === 'Escape' && box.taken) { box.byKey = true; take(box.taken); return }
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key]
    if (!step) return
    const same = [...box.querySelectorAll(on.classList.contains('target') ? '.target' : '.tray .card')]
    const to = same[same.indexOf(on) + step]
    if (to) { event.preventDefault(); to.focus() }
  }
  box.ondragstart = event => {
    const card = event.target.closest?.('.card')
    if (!card || data.over) return event.preventDefault()
    box.taken = card.dataset.cell
    event.dataTransfer.effectAllowed = 'move'
    event.dataTransfer.setData('text/plain', card.dataset.cell)
    requestAnimationFrame(() => box.classList.add('taking'))
  }
  box.ondragover = event => {
    const place = event.target.closest?.('.place')
    box.querySelectorAll('.over').forEach(one => one !== place && one.classList.remove('over'))
    if (place && box.taken) { event.preventDefault(); place.classList.add('over') }
  }
  box.ondrop = event => {
    const place = event.target.closest?.('.place')
    if (place) { event.preventDefault(); put(place.dataset.place) }
  }
  box.ondragend = () => {
    box.taken = ''
    box.classList.remove('taking')
    box.querySelectorAll('.over').forEach(one => one.classList.remove('over'))
  }

  draw(); say(); glide()
  box.seen = Object.fromEntries(data.cards.map(card => [card.id, card]))
}
