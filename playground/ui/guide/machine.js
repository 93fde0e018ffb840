// The time machine: a moment is chosen by dragging, by the keys, or by typing it. All of it is here; nobody is asked.
function node(tag, cls, text, ...children) {
  const made = document.createElement(tag)
  if (cls) made.className = cls
  if (text) made.textContent = text
  made.append(...children)
  return made
}

function thingOf(thing) {
  const made = node('li', thing.changed ? 'thing changed' : 'thing', '',
    node('span', 'name', thing.name),
    node('span', 'letter', thing.letter || '–'),
    node('span', 'told', thing.told),
    node('code', 'hash', thing.hash || 'not kept'))
  if (thing.changed) made.append(node('span', 'flag', 'changed'))
  return made
}

const short = instant => instant.slice(0, 16)

// What was live at a moment: the last one that began before it; -1 is before the first.
const at = (moments, instant) => moments.findLastIndex(one => short(one.since) <= instant)

export default function ({ parentElement, data }) {
  const place = parentElement.querySelector('.machine')
  const drawn = JSON.stringify(data)
  if (place.dataset.drawn === drawn) return
  place.dataset.drawn = drawn
  const { moments, now } = data
  const asked = node('input', 'asked')
  asked.type = 'datetime-local'
  asked.max = short(now)
  asked.setAttribute('aria-label', 'A moment, in UTC')
  const slider = node('input', 'slider')
  Object.assign(slider, { type: 'range', min: 0, max: Math.max(moments.length - 1, 0), step: 1 })
  slider.setAttribute('aria-label', 'What was live, from the first release to now')
  const ticks = node('ol', 'ticks', '', ...moments.map((one, number) => {
    const tick = node('li', one.back ? 'back' : '')
    const button = node('button', '', one.version)
    button.type = 'button'
    button.tabIndex = -1
    button.title = one.says
    button.onclick = () => { asked.value = short(one.since); show(number) }
    tick.append(button)
    return tick
  }))
  ticks.setAttribute('aria-hidden', 'true')
  const version = node('span', 'version'), when = node('span', 'when'), why = node('span', 'why')
  const read = node('div', 'read', '', version, node('span', 'words', '', when, why))
  read.setAttribute('aria-live', 'polite')
  const things = node('ul', 'things')
  const show = number => {
    const one = moments[number]
    slider.disabled = moments.length < 2
    slider.value = Math.max(number, 0)
    place.classList.toggle('before', !one)
    for (const [mark, tick] of [...ticks.children].entries()) tick.classList.toggle('on', mark === number)
    version.textContent = one ? one.version : 'nothing'
    when.textContent = one ? one.says.replace(`${one.version} answered`, 'answered') : 'was live yet'
    why.textContent = one ? `${one.back ? 'Rolled back' : 'Released'} by ${one.by}${one.why ? `: ${one.why}` : ''}` : `The first release came on ${moments[0].when}`
    slider.setAttribute('aria-valuetext', one ? one.says : 'before the first release')
    things.replaceChildren(...(one ? one.things : moments[0].things.map(thing => ({ ...thing, letter: '', told: '', hash: '–', changed: false }))).map(thingOf))
  }
  slider.oninput = () => { asked.value = short(moments[slider.value].since); show(Number(slider.value)) }
  asked.oninput = () => asked.value && show(at(moments, asked.value))
  asked.value = short(now)
  place.replaceChildren(
    node('div', 'ask', '', node('label', '', 'What was running at', asked), node('span', 'zone', 'UTC')),
    node('div', 'rail', '', slider, ticks), read, things)
  show(moments.length - 1)
}
