const PAUSE = 350  // milliseconds without a key until the text is reported
const LONGEST = 500  // characters; a longer line is shown without colours, which would take too long to find
const READ_OUT = 5  // problems told to a screen reader
const POINTING = ['pointermove', 'pointerdown']
const KINDS = [
  ['comment', /(?<=^|\s)#.*/y],
  ['key', /(?:"[^"]*"|'[^']*'|[\w.][\w. -]*?)(?=\s*:(?:\s|$))/y],
  ['text', /"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/y],
  ['number', /[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?=[\s,\]}]|$)/y],
  ['word', /(?:true|false|null)(?=[\s,\]}]|$)/y],
  ['sign', /[[\]{},:]|-(?=\s)/y],
  ['plain', /\s+|[^\s#,[\]{}:]+|./y],
]

function element(tag, cls, text = '') {
  const node = document.createElement(tag)
  node.className = cls
  node.textContent = text
  return node
}

function coloured(line) {
  if (line.length > LONGEST) return [document.createTextNode(line)]
  const found = []
  for (let at = 0; at < line.length;) {
    for (const [kind, pattern] of KINDS) {
      pattern.lastIndex = at
      const match = pattern.exec(line)
      if (!match) continue
      found.push(kind === 'plain' ? document.createTextNode(match[0]) : element('span', kind, match[0]))
      at += match[0].length
      break
    }
  }
  return found
}

function build(host) {
  const area = element('textarea', 'input')
  Object.assign(area, { spellcheck: false, autocapitalize: 'off', autocomplete: 'off', wrap: 'off' })
  area.setAttribute('aria-label', 'Config as YAML')
  area.setAttribute('aria-describedby', 'problems keys')
  const parts = { area, gutter: element('div', 'gutter'), shown: element('pre', 'shown'), revision: null, lines: [],
    problems: {}, wait: 0, tabLeaves: false }
  parts.gutter.setAttribute('aria-hidden', 'true')
  parts.shown.setAttribute('aria-hidden', 'true')
  const sheet = element('div', 'sheet')
  const stack = element('div', 'stack')
  stack.append(parts.shown, area)
  sheet.append(parts.gutter, stack)
  parts.said = element('p', 'hidden')
  Object.assign(parts.said, { id: 'problems', role: 'status' })
  const keys = element('p', 'keys', 'Tab indents; Escape, then Tab leaves')
  keys.id = 'keys'
  host.append(sheet, keys, parts.said)
  return parts
}

function draw(parts) {
  const lines = parts.area.value.split('\n')
  lines.forEach((line, at) => {
    const problem = parts.problems[at + 1] || ''
    const same = parts.lines[at] && parts.lines[at].line === line && parts.lines[at].problem === problem
    if (same) return
    const row = element('div', problem ? 'line wrong' : 'line')
    row.append(...coloured(line), '\n')
    const number = element('div', problem ? 'at wrong' : 'at', String(at + 1))
    number.title = problem
    if (parts.lines[at]) {
      parts.shown.children[at].replaceWith(row)
      parts.gutter.children[at].replaceWith(number)
    } else { parts.shown.append(row); parts.gutter.append(number) }
    parts.lines[at] = { line, problem }
  })
  while (parts.lines.length > lines.length) {
    parts.shown.lastChild.remove(); parts.gutter.lastChild.remove(); parts.lines.pop()
  }
}

function insert(area, text) {
  // The old command, because it alone leaves the change to Ctrl+Z.
  if (!document.execCommand('insertText', false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end')
    area.dispatchEvent(new Event('input', { bubbles: true }))
  }
}

function indent(area, back) {
  const { value, selectionStart: from, selectionEnd: to } = area
  if (from === to && !back) return insert(area, '  ')
  const start = value.lastIndexOf('\n', from - 1) + 1
  const block = value.slice(start, to)
  const moved = back ? block.replace(/^ {1,2}/gm, '') : block.replace(/^(?=.)/gm, '  ')
  if (moved === block) return
  const first = moved.split('\n')[0].length - block.split('\n')[0].length
  area.setSelectionRange(start, to)
  if (moved) insert(area, moved); else document.execCommand('delete')
  area.setSelectionRange(Math.max(start, from + first), to + moved.length - block.length)
}

function newLine(area) {
  const before = area.value.slice(area.value.lastIndexOf('\n', area.selectionStart - 1) + 1, area.selectionStart)
  insert(area, '\n' + before.match(/^ */)[0] + (/:\s*(#.*)?$/.test(before) ? '  ' : ''))
}

function pressed(parts, event) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === 'Escape') { parts.tabLeaves = true; return }
  if (event.key === 'Tab' && !parts.tabLeaves) { event.preventDefault(); indent(parts.area, event.shiftKey) }
  if (event.key === 'Enter' && !event.shiftKey) { event.preventDefault(); newLine(parts.area) }
  if (event.key !== 'Shift') parts.tabLeaves = false
}

function wire(parts) {
  const { area } = parts
  const report = () => {
    clearTimeout(parts.wait)
    for (const kind of POINTING) document.removeEventListener(kind, report)
    if (area.value === parts.reported) return
    parts.reported = area.value
    parts.setStateValue('edited', { revision: parts.revision, text: area.value })
  }
  area.oninput = () => {
    draw(parts)
    clearTimeout(parts.wait)
    parts.wait = setTimeout(report, PAUSE)
    // Before any click: a report that leaves together with the click on a link would take the page back.
    for (const kind of POINTING) document.addEventListener(kind, report)
  }
  area.onkeydown = event => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) report(); else pressed(parts, event)
  }
  area.onblur = () => { parts.tabLeaves = false; report() }
  parts.forget = () => {
    clearTimeout(parts.wait)
    for (const kind of POINTING) document.removeEventListener(kind, report)
  }
}

const BUILT = new WeakMap()

export default function ({ parentElement, data, setStateValue }) {
  const host = parentElement.querySelector('.editor')
  if (!BUILT.has(host)) { BUILT.set(host, build(host)); wire(BUILT.get(host)) }
  const parts = BUILT.get(host)
  const { area } = parts
  parts.setStateValue = setStateValue
  if (parts.revision !== data.revision) {
    parts.forget()
    Object.assign(parts, { revision: data.revision, reported: data.text })
    area.value = data.text
  }
  parts.problems = data.problems
  const said = Object.entries(data.problems).slice(0, READ_OUT).map(([line, problem]) => `Line ${line}: ${problem}`).join('\n')
  if (parts.said.textContent !== said) parts.said.textContent = said
  area.setAttribute('aria-invalid', String(Boolean(said)))
  draw(parts)
  return parts.forget
}
