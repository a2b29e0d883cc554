// One request that saves one answer.
const PATIENCE = 20000; // milliseconds until a save without a reply counts as not sent
const LONGEST_KEPT_ALIVE = 60000; // bytes; browsers send no more once the page is gone

/** The server's reply; null where there was none that can be read: no connection, or a server that failed. */
export async function send(form, item, fields) {
  const body = new URLSearchParams({
    csrf_token: form.elements.csrf_token.value,
    page: form.elements.page.value,
  });
  for (const [name, value] of Object.entries(fields)) body.set(`${name}_${item}`, value);
  const text = body.toString();
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: text,
      headers: {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Background-Save": "1",
        Accept: "application/json",
      },
      credentials: "same-origin",
      redirect: "error",
      keepalive: text.length < LONGEST_KEPT_ALIVE, // goes through even if the person leaves the page now
      signal: AbortSignal.timeout(PATIENCE),
    });
    const failed = response.status >= 500 && response.status !== 503; // 503: for now, and it may say why
    if (failed || !response.headers.get("Content-Type")?.includes("json")) return null;
    const reply = await response.json();
    return response.status === 503 && reply.state !== "unavailable" ? null : reply;
  } catch {
    return null;
  }
}

const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

export function savedAt(moment) {
  return `Saved ${clock.format(new Date(moment))}`;
}
