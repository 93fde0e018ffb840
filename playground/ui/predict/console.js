const SVG = 'http://www.w3.org/2000/svg'

function text(tag, cls, value = '') {
  const node = document.createElement(tag)
  node.className = cls
  node.textContent = value
  return node
}

function shape(tag, cls, attributes) {
  const node = document.createElementNS(SVG, tag)
  node.setAttribute('class', cls)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  return node
}

class Console {
  constructor(host) {
    this.host = host
    this.you = text('div', 'end you')
    this.you.append(text('b', '', 'A program'), text('small', '', 'this button, a shell, a page'))
    this.line = text('div', 'line')
    this.line.setAttribute('aria-hidden', 'true')
    this.there = text('div', 'there')
    this.back = text('div', 'back')
    const svg = shape('svg', 'wire', { viewBox: '0 0 100 20', preserveAspectRatio: 'none' })
    svg.append(shape('path', 'out', { d: 'M0 7H100' }), shape('path', 'in', { d: 'M0 13H100' }))
    this.line.append(svg, this.there, this.back)
    this.server = text('div', 'end server')
    this.lamp = text('span', 'lamp')
    this.url = text('code', 'url')
    this.version = text('b', 'version')
    this.was = text('small', 'was')
    const head = text('div', 'head')
    head.append(this.lamp, this.url)
    this.server.append(head, this.version, this.was)
    this.said = text('p', 'said')
    this.said.setAttribute('role', 'status')
    this.calls = text('ol', 'calls')
    const picture = text('div', 'picture')
    picture.append(this.you, this.line, this.server)
    host.append(picture, this.said, this.calls)
  }

  take(data) {
    const before = this.data, newest = data.called[0]
    this.data = data
    this.host.dataset.state = data.state
    this.url.textContent = { answers: data.url.replace('http://', ''), starts: 'starting', ended: 'ended', none: 'no server' }[data.state]
    this.version.textContent = data.state === 'answers' ? data.version || 'nothing live' : data.model
    this.was.textContent = data.state === 'answers' ? `${data.model}, ${data.environment}` : data.environment
    if (this.said.textContent !== data.said) this.said.textContent = data.said
    this.said.classList.toggle('ended', data.state === 'ended')
    if (before?.version && data.version && before.version !== data.version) this.once(this.server, 'swapped')
    if (data.state !== 'answers') this.there.textContent = this.back.textContent = ''
    this.list(data.called)
    if (newest && before && newest.number > (before.called[0]?.number ?? 0)) this.pulse(newest)
  }

  // There and back in less than a second; the true time stands beside.
  pulse(call) {
    this.there.textContent = 'POST /predict'
    this.back.textContent = `${call.status}, ${call.took}`
    this.line.classList.toggle('refused', !call.ok)
    this.once(this.line, 'sent')
  }

  once(node, cls) {
    node.classList.remove(cls)
    void node.offsetWidth  // begins anew
    node.classList.add(cls)
  }

  list(called) {
    if (JSON.stringify(called) === this.listed) return
    this.listed = JSON.stringify(called)
    this.calls.replaceChildren(...called.map((call, at) => {
      const row = text('li', call.ok ? 'call' : 'call refused'), before = called[at + 1]
      const swapped = before && before.version && call.version && before.version !== call.version
      row.append(text('span', 'number', `${call.number}`), text('span', 'status', `${call.status}`), text('span', 'took', call.took),
        text('span', 'answer', call.answer), text('b', 'by', call.version))
      if (swapped) { row.classList.add('other'); row.append(text('span', 'now', `${call.version} answers now`)) }
      return row
    }))
  }
}

export default function ({ parentElement, data }) {
  const host = parentElement.querySelector('.console')
  if (!host.firstChild) host.console = new Console(host)
  host.console.take(data)
}
