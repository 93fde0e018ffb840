// The browser remembers whose place this is, and copies the link to it. It never shows anything but text.

const YEAR = 365 * 24 * 3600

function remember(cookie, key, seconds) {
  const secure = location.protocol === 'https:' ? '; Secure' : ''
  document.cookie = `${cookie}=${key}; Path=/; SameSite=Lax; Max-Age=${key ? seconds || YEAR : 0}${secure}`
}

// On a page that came without https a browser has no clipboard for scripts; a selection can still be copied there.
async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value)
    return true
  } catch {
    field.select()
    return document.execCommand('copy')
  }
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
    said.textContent = await copy(field) ? 'Copied' : 'Press Ctrl+C'
    clearTimeout(box.timer)
    box.timer = setTimeout(() => { said.textContent = '' }, 3000)
  }
}
