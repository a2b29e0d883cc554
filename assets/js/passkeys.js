// Forms with data-passkey ("create" or "get"): fetch what the browser shall ask for, hand that to the browser,
// put its answer into the field `credential`, and send the form as any other. Shown only where that can work.

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const withBytes = (credentials) => (credentials ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));

/** The browser's own reading of such JSON is younger than the browsers that we serve. */
function optionsOf(json) {
  const options = { ...json, challenge: toBytes(json.challenge) };
  if (json.user) options.user = { ...json.user, id: toBytes(json.user.id) };
  if (json.excludeCredentials) options.excludeCredentials = withBytes(json.excludeCredentials);
  if (json.allowCredentials) options.allowCredentials = withBytes(json.allowCredentials);
  return options;
}

const BINARY = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

function jsonOf(credential) {
  const response = {};
  for (const name of BINARY) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
  });
}

class Told extends Error {}

async function ask(form) {
  const fields = new FormData(form);
  fields.delete("kept"); // a long form that waits here to be saved is of no use for this
  const answer = await fetch(form.dataset.options, {
    method: "POST",
    headers: { "X-Passkey": "1" },
    body: new URLSearchParams(fields),
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Told(said.message ?? "The page is too old. Load it again.");
  const publicKey = optionsOf(said);
  return form.dataset.passkey === "create"
    ? navigator.credentials.create({ publicKey })
    : navigator.credentials.get({ publicKey });
}

const SENTENCES = {
  InvalidStateError: "This device has a passkey of yours already. Use another device, or sign in with that one.",
  NotAllowedError: "No passkey was used: it was cancelled, took too long, or there is none here. Try once more.",
  SecurityError: "Passkeys do not work at this address of the site.",
  TypeError: "The site cannot be reached. Try once more when you are connected again.",
};

const sentenceOf = (error) =>
  error instanceof Told ? error.message : (SENTENCES[error.name] ?? "The browser could not use a passkey.");

function prepare(form) {
  form.hidden = false;
  const message = form.querySelector("[data-passkey-message]");
  let busy = false;
  form.addEventListener("submit", async (event) => {
    // What is missing in the form is said by the server, before a passkey is made in vain.
    if (form.elements.credential.value || !form.checkValidity()) return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    message.textContent = "";
    try {
      form.elements.credential.value = jsonOf(await ask(form));
      form.submit();
    } catch (error) {
      message.textContent = sentenceOf(error);
      busy = false;
    }
  });
  window.addEventListener("pageshow", () => {
    form.elements.credential.value = "";
    busy = false;
  });
}

if (window.PublicKeyCredential && navigator.credentials) {
  document.querySelectorAll("form[data-passkey]").forEach(prepare);
  document.querySelectorAll("[data-passkey-missing]").forEach((sentence) => {
    sentence.hidden = true;
  });
}
