// The browser remembers whose place this is, and copies the link to it. It never shows anything but text.

const YEAR = 365 * 24 * 3600

function remember(cookie, key) {
  const secure = location.protocol === 'https:' ? '; Secure' : ''
  document.cookie = `${cookie}=${key}; Path=/; SameSite=Lax; Max-Age=${key ? YEAR : 0}${secure}`
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
  if (data.cookie) remember(data.cookie, data.key)
  const box = parentElement.querySelector('.link')
  if (!data.link) return
  const field = box.querySelector('input'), button = box.querySelector('button'), said = box.querySelector('.said')
  const link = new URL(`?${data.link}`, document.baseURI.replace(/[^/]*([?#].*)?$/, ''))
  box.hidden = false
  field.value = link.href
  field.onfocus = () => field.select()
  button.onclick = async () => {
    said.textContent = await copy(field) ? 'Copied' : 'Press Ctrl+C'
    clearTimeout(box.timer)
    box.timer = setTimeout(() => { said.textContent = '' }, 3000)
  }
}
