function node(tag, cls, text, ...children) {
  const made = document.createElement(tag)
  if (cls) made.className = cls
  if (text) made.textContent = text
  made.append(...children)
  return made
}

function card(term, tools) {
  const called = tools.filter(tool => term.elsewhere[tool]).map(tool => {
    const chip = node('li', '', '', node('span', 'tool', tool), node('span', 'name', term.elsewhere[tool]))
    chip.dataset.tool = tool
    return chip
  })
  const made = node('article', '', '',
    node('h3', '', term.word, node('span', 'also', term.also.length ? ` ${term.also.join(', ')}` : '')),
    node('p', 'plain', term.plain), node('p', 'technical', term.technical), node('p', 'business', term.business))
  if (called.length) {
    const list = node('ul', 'elsewhere', '', ...called)
    list.setAttribute('aria-label', 'Elsewhere called')
    made.append(list)
  }
  made.text = [term.word, ...term.also, term.plain, term.technical, ...Object.values(term.elsewhere)].join(' ').toLowerCase()
  made.names = [term.word, ...term.also].join(' ').toLowerCase()
  return made
}

export default function ({ parentElement, data }) {
  const box = parentElement.querySelector('.box'), list = box.querySelector('.list')
  if (list.children.length) return
  const find = box.querySelector('input'), tools = box.querySelector('.tools'), count = box.querySelector('.count')
  list.append(...data.terms.map(term => card(term, data.tools)))

  const show = () => {
    const asked = find.value.trim().toLowerCase(), chosen = box.dataset.tool || ''
    let many = 0
    for (const one of list.children) {
      const called = !chosen || one.querySelector(`[data-tool="${CSS.escape(chosen)}"]`)
      const seen = called && one.text.includes(asked)
      one.hidden = !seen
      one.style.order = asked && one.names.includes(asked) ? 0 : 1  // its own name first, then where it is mentioned
      many += seen ? 1 : 0
      for (const chip of one.querySelectorAll('li')) chip.classList.toggle('lit', chip.dataset.tool === chosen)
    }
    count.textContent = many ? `${many} of ${data.terms.length} words` : 'No such word here.'
  }
  for (const tool of data.tools) {
    const button = node('button', '', tool)
    button.type = 'button'
    button.setAttribute('aria-pressed', 'false')
    button.onclick = () => {
      box.dataset.tool = box.dataset.tool === tool ? '' : tool
      for (const one of tools.children) one.setAttribute('aria-pressed', String(one.textContent === box.dataset.tool))
      show()
    }
    tools.append(button)
  }
  find.oninput = show
  show()
}
