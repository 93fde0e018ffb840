// The assembly line: a release travels from station to station, and the loop leads what became of it back to the data.
const SVG = 'http://www.w3.org/2000/svg'
const PATHS = { hand: 'M10 3.2a3.3 3.3 0 1 1 0 6.6a3.3 3.3 0 0 1 0-6.6z M3.6 17c.4-3.6 3-5.4 6.4-5.4s6 1.8 6.4 5.4z',
  itself: 'M10 6.8a3.2 3.2 0 1 0 0 6.4a3.2 3.2 0 0 0 0-6.4z M8.9 2.5h2.2l.4 2.1 1.7.7 1.8-1.2 1.5 1.5-1.2 1.8.7 1.7 2.1.4v2.2l-2.1.4-.7 1.7 1.2 1.8-1.5 1.5-1.8-1.2-1.7.7-.4 2.1H8.9l-.4-2.1-1.7-.7-1.8 1.2-1.5-1.5 1.2-1.8-.7-1.7-2.1-.4V9.5l2.1-.4.7-1.7-1.2-1.8 1.5-1.5 1.8 1.2 1.7-.7z',
  open: 'M9 9h2v2H9z' }

function node(tag, cls, text, ...children) {
  const made = document.createElement(tag)
  if (cls) made.className = cls
  if (text) made.textContent = text
  made.append(...children)
  return made
}

function icon(name) {
  const made = document.createElementNS(SVG, 'svg'), path = document.createElementNS(SVG, 'path')
  made.setAttribute('viewBox', '0 0 20 20')
  made.setAttribute('aria-hidden', 'true')
  path.setAttribute('d', PATHS[name])
  path.setAttribute('fill-rule', 'evenodd')
  made.append(path)
  return made
}

function button(cls, text, act) {
  const made = node('button', cls, text)
  made.type = 'button'
  made.onclick = act
  return made
}

function stationOf(one) {
  const kind = one.done ? one.hand ? 'hand' : 'itself' : 'open'
  const said = { hand: 'by hand', itself: 'by itself', open: 'not yet' }[kind]
  return node('li', `station ${kind}`, '', node('span', 'mark', '', icon(kind)), node('span', 'name', one.name),
    node('span', 'how', said), node('span', 'what', one.what), node('span', 'by', [one.by, one.at].filter(Boolean).join(', ')))
}

export default function ({ parentElement, data }) {
  const place = parentElement.querySelector('.assembly')
  const drawn = JSON.stringify(data)
  if (place.dataset.drawn === drawn) return
  place.dataset.drawn = drawn
  clearInterval(place.timer)
  const belt = node('ol', 'belt'), loop = node('div', 'loop'), says = node('p', 'says')
  says.setAttribute('aria-live', 'polite')
  belt.setAttribute('aria-label', 'Stations of the release')
  const still = matchMedia('(prefers-reduced-motion: reduce)')
  const chosen = { trip: null }
  const reach = number => {
    for (const [at, station] of [...belt.children].entries()) station.classList.toggle('on', at <= number)
    belt.parentElement.style.setProperty('--far', Math.min(number / 5, 1))
    loop.classList.toggle('on', number > 5 && chosen.trip.looped)
  }
  const play = () => {
    clearInterval(place.timer)
    if (still.matches) return reach(6)
    let number = 0
    reach(0)
    place.timer = setInterval(() => {
      if (++number > 6 || !place.isConnected) return clearInterval(place.timer)
      reach(number)
    }, 600)
  }
  const choose = (trip, run) => {
    clearInterval(place.timer)
    chosen.trip = trip
    belt.replaceChildren(...trip.stations.map(stationOf))
    loop.className = trip.looped ? 'loop closed' : 'loop'
    loop.replaceChildren(node('span', '', trip.looped ? 'it learned from what became of earlier answers' : 'outcomes lead back here, with the next retraining'))
    says.textContent = trip.says
    for (const one of picks.children) one.setAttribute('aria-pressed', String(one.trip === trip))
    run ? play() : reach(6)
  }
  const picks = node('div', 'picks', '', ...data.trips.map(trip => {
    const made = button('pick', trip.version, () => choose(trip, true))
    made.trip = trip
    return made
  }))
  picks.setAttribute('role', 'group')
  picks.setAttribute('aria-label', 'Release')
  place.replaceChildren(
    node('div', 'bar', '', picks, button('play', 'Send it down the line', play)),
    node('div', 'way', '', belt, loop), says)
  choose(data.trips.at(-1), false)
}
