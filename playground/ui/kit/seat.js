// The browser remembers whose place this is, and copies the link to it. It never shows anything but text.

const YEAR = 365 * 24 * 3600

function remember(cookie, key, seconds) {
  const secure = location.protocol === 'https:' ? '; Secure' : ''
  document.cookie = `${cookie}=${key}; Path=/; SameSite=Lax; Max-Age=${key ? seconds || YEAR : 0}${secure}`
}

export default function ({ parentElement, data }) {
  if (data.cookie) remember(data.cookie, data.key, data.seconds)
  const box = parentElement.querySelector('.link')
  if (!data.link && !data.join) return
  const field = box.querySelector('input'), button = box.querySelector('button'), said = box.querySelector('.said')
  const link = new URL(data.link ? `?${data.link}` : '.', document.baseURI.replace(/[^/]*([?#].*)?$/, ''))
  if (data.host && ['localhost', '127.0.0.1', '[::1]'].includes(link.hostname)) link.hostname = data.host
  box.hidden = false
  if (data.join) box.querySelector('label').textContent = 'Everybody comes in by'
  field.value = link.href
  field.onfocus = () => field.select()
  button.onclick = async () => {
    const done = await copied(field.value)
    said.textContent = done ? 'Copied' : 'Press Ctrl+C'
    if (!done) field.select()
    clearTimeout(box.timer)
    box.timer = setTimeout(() => { said.textContent = '' }, 3000)
  }
}
