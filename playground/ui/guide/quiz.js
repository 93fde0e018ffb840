const ICONS = { right: '✓', second: '✓', returns: '↻', wrong: '·' }

// A mark keeps its element from one drawing to the next: so what was answered is seen to turn.
export default function ({ parentElement, data, setTriggerValue }) {
  const list = parentElement.querySelector('ol')
  data.marks.forEach((mark, at) => {
    let item = list.children[at]
    if (!item) {
      item = document.createElement('li')
      item.append(document.createElement('button'))
      list.append(item)
    }
    const button = item.firstChild, was = button.dataset.state
    button.type = 'button'
    button.className = `${mark.state}${mark.here ? ' here' : ''}${was && was !== mark.state ? ' turned' : ''}`
    button.dataset.state = mark.state
    button.textContent = ICONS[mark.state] || mark.number
    button.title = `${mark.number} ${mark.heading}: ${mark.said}`
    button.setAttribute('aria-label', `Question ${mark.number}, ${mark.heading}, ${mark.said}`)
    if (mark.here) button.setAttribute('aria-current', 'step'); else button.removeAttribute('aria-current')
    button.disabled = mark.state === 'open' && !mark.here
    button.tabIndex = mark.here || (at === 0 && !data.marks.some(one => one.here)) ? 0 : -1  // one stop of the keyboard
    button.onclick = () => setTriggerValue('opened', mark.id)
  })
  list.onkeydown = event => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    const buttons = [...list.querySelectorAll('button:enabled')]
    const next = buttons[buttons.indexOf(event.target.closest('button')) + step]
    if (next) { event.preventDefault(); next.focus() }
  }
}
