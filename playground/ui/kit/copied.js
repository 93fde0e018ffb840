// On a page that came without https a browser has no clipboard for scripts; a selection can still be copied there.
async function copied(words) {
  try {
    await navigator.clipboard.writeText(words)
    return true
  } catch {
    const area = document.createElement('textarea')
    area.value = words
    area.style.cssText = 'position: fixed; opacity: 0'
    document.body.append(area)
    area.select()
    const done = document.execCommand('copy')
    area.remove()
    return done
  }
}
