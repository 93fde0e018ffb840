// The links of a chain: walk along them, choose one. What turns red or green does so from the first one on.
function node(tag, cls, text) {
  const made = document.createElement(tag)
  made.className = cls
  if (text) made.textContent = text
  return made
}

export default function ({ parentElement, data, setTriggerValue }) {
  const box = parentElement.querySelector('.lie')
  if (!box.firstChild) {
    const chain = node('div', 'chain', '')
    chain.setAttribute('role', 'listbox')
    chain.setAttribute('aria-label', 'The events of the copy, each a link')
    const sentence = node('p', 'sentence', '')
    sentence.setAttribute('aria-live', 'polite')
    box.append(sentence, chain, node('div', 'read', ''))
  }
  const [sentence, chain, read] = box.children
  box.dataset.state = data.state
  sentence.textContent = data.sentence
  while (chain.children.length > data.links.length) chain.lastChild.remove()
  while (chain.children.length < data.links.length) {
    const link = node('button', 'link', '')
    link.type = 'button'
    link.setAttribute('role', 'option')
    chain.append(link)
  }
  const first = data.links.findIndex(one => !one.fits || one.lies)
  const told = data.kept && data.kept.tells ? data.kept.event : 0
  const show = at => {
    const one = data.links[at]
    const head = node('span', 'head', `Event ${one.event} · ${one.at}`)
    const mark = node('span', one.fits ? 'hash' : 'hash off', `hash ${one.sha256} ${one.fits ? 'fits' : 'does not fit'}`)
    const parts = [head, mark, node('span', 'said', one.said)]
    if (one.lies) parts.push(node('span', 'tag lies', 'says something else than your history'))
    if (data.kept && data.kept.event === one.event)
      parts.push(node('span', `tag ${data.kept.tells ? 'off' : ''}`, `you kept ${data.kept.sha256} of it`))
    read.replaceChildren(...parts)
  }
  const go = at => {
    const next = chain.children[Math.max(0, Math.min(data.links.length - 1, at))]
    for (const other of chain.children) other.tabIndex = other === next ? 0 : -1
    next.focus()
  }
  data.links.forEach((one, at) => {
    const link = chain.children[at]
    link.style.setProperty('--at', Math.max(0, at - Math.max(0, first)))
    link.classList.toggle('off', !one.fits)
    link.classList.toggle('lies', one.lies)
    link.classList.toggle('release', one.release)
    link.classList.toggle('kept', Boolean(data.kept) && data.kept.event === one.event)
    link.classList.toggle('tells', told === one.event)
    link.classList.toggle('told', first >= 0 && at >= first && one.event <= told)
    link.setAttribute('aria-selected', String(one.event === data.chosen))
    link.setAttribute('aria-label', `Event ${one.event}, ${one.at}: ${one.said}. Hash ${one.fits ? 'fits' : 'does not fit'}.`)
    link.tabIndex = one.event === data.chosen ? 0 : -1
    link.onfocus = link.onpointerenter = () => show(at)
    link.onclick = () => setTriggerValue('chosen', one.event)
    link.onkeydown = event => {
      const step = { ArrowRight: 1, ArrowLeft: -1, Home: -at, End: data.links.length - 1 - at }[event.key]
      if (step !== undefined) { event.preventDefault(); go(at + step) }
    }
  })
  chain.onpointerleave = () => show(chosen())
  const chosen = () => Math.max(0, data.links.findIndex(one => one.event === data.chosen))
  show(chosen())
}
